"""What the agent says in one run, assembled from its events."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from chapterize.masking import hide
from chapterize.remote import reply
from chapterize.remote.events import Fault, read_events
from chapterize.remote.reply import Reply
from chapterize.remote.request import Waits
from tests.remote.events_streams import frame, kit, plain
from tests.remote.users import FakeUser


def reply_to(*documents: object) -> tuple[Reply, list[str]]:
    """The reply to a stream of these frames, and the texts to show."""
    reply = Reply()
    return reply, [reply.take(event) for event in read_events(map(frame, documents))]


def partial(text: str) -> dict[str, Any]:
    return kit({"text": text}, partial=True)


@pytest.mark.parametrize("n_first", range(1, 26))
@pytest.mark.parametrize("has_full", [True, False])
def test_a_token_in_partial_texts_is_masked_whole_and_shown_once(
    n_first: int, has_full: bool
) -> None:
    token = "Kd83-hslQ_02.xmMz74+bbQ9=="
    hide(token)
    pieces = ("Here: ", token[:n_first], token[n_first:], " is it, K")
    full = [kit({"text": "".join(pieces)})] if has_full else []
    reply, shown = reply_to(*map(partial, pieces), *full)
    assert "".join([*shown, reply.finish()]) == "Here: … is it, K"
    assert reply.text == "Here: … is it, K"


def test_the_start_of_a_token_is_masked_if_the_stream_ends_there() -> None:
    hide("Kd83-hslQ_02.xmMz74+bbQ9==")
    reply, shown = reply_to(partial("It is Kd83-hslQ_0"))
    assert ["".join(shown), reply.finish()] == ["It is ", "…"]


def test_a_full_text_after_its_partials_is_not_shown_twice() -> None:
    reply, shown = reply_to(
        *map(partial, ("Ad", "ded 3", " titles.")), kit({"text": "Added 3 titles."})
    )
    assert shown == ["Ad", "ded 3", " titles.", ""]
    assert reply.text == "Added 3 titles."


@pytest.mark.parametrize(
    ("partials", "fulls", "text"),
    [
        (["Added", " it"], ["Added it, and more."], "Added it, and more."),
        (["Added ", "it. "], ["Added it."], "Added it."),
        (["First.", "Second."], ["First.", "Second."], "First.Second."),
        (["One moment. ", "Done."], ["Done."], "One moment. Done."),
        (["Something"], ["Else"], "SomethingElse"),
        ([], ["Added ", "3 titles", "."], "Added 3 titles."),
        ([], ["One moment.", "Done."], "One moment.\nDone."),
        ([], ["Version 3.", "5 is out"], "Version 3.5 is out"),
        ([], ["请稍等。", "已完成。"], "请稍等。\n已完成。"),
    ],
)
def test_full_texts_continue_where_partials_stopped(
    partials: list[str], fulls: list[str], text: str
) -> None:
    reply, shown = reply_to(*map(partial, partials), *map(plain, fulls))
    assert reply.text == text
    assert "".join(shown).strip() == text


def test_text_after_a_tool_call_starts_a_new_line() -> None:
    call = {"type": "tool_call", "name": "add"}
    reply, shown = reply_to(plain("Let me see … "), call, {"type": "heartbeat"}, plain("done"))
    assert shown == ["Let me see … ", "", "", "\ndone"]
    assert reply.n_tools == 1
    reply, _ = reply_to(partial("Let me see"), call, partial("done"), kit({"text": "done"}), call)
    assert reply.text == "Let me seedone"
    assert reply.n_tools == 2


NOISE = "I encountered a temporary issue while processing. Please try again later."


@pytest.mark.parametrize(
    "noise", [NOISE, f"\n\n{NOISE}", f"Sorry, {NOISE}", "抱歉，我遇到了一个临时问题，请稍后再试。"]
)
def test_noise_after_a_good_answer_is_not_shown(noise: str) -> None:
    reply, shown = reply_to(plain("Added 3 titles."), plain(noise))
    assert shown == ["Added 3 titles.", ""]
    assert reply.text == "Added 3 titles."
    assert reply_to(plain(f"Added 3 titles. {noise.strip()}"))[0].text == "Added 3 titles."


def test_noise_in_pieces_is_not_shown() -> None:
    pieces = [NOISE[at : at + 9] for at in range(0, len(NOISE), 9)]
    reply, shown = reply_to(plain("Done."), *map(partial, pieces), kit({"text": NOISE}))
    assert "".join(shown) == reply.text == "Done."
    reply, shown = reply_to(
        plain("Done."), partial("I en"), partial("joyed it."), plain("I enjoyed it.")
    )
    assert shown == ["Done.", "", "\nI enjoyed it.", ""]
    assert reply.text == "Done.\nI enjoyed it."


def test_noise_that_was_shown_is_not_part_of_the_reply() -> None:
    reply, shown = reply_to(partial("Done. I enc"), partial(NOISE[5:]))
    assert "".join(shown) == f"Done. {NOISE}"
    assert reply.text == "Done."


def test_noise_alone_is_the_answer() -> None:
    reply, shown = reply_to(plain(NOISE))
    assert shown == [NOISE]
    assert reply.text == NOISE


def test_text_that_continues_after_noise_is_kept() -> None:
    assert reply_to(plain(f"Hm. {NOISE}\nIt worked in the end."))[0].text.endswith("in the end.")


def test_out_of_credits_takes_precedence_over_the_first_error() -> None:
    assert reply_to(plain("a"))[0].fault is None
    busy, lost = {"code": 500, "message": "busy"}, {"code": 1002, "message": "lost"}
    assert reply_to(busy, lost)[0].fault == Fault(500, "busy")
    assert reply_to(busy, {"error": {"code": 2001}})[0].fault == Fault(2001, "error 2001")


def test_out_of_credits_is_recognised_in_text() -> None:
    for document in (plain("Error 2001: insufficient credits."), partial("积分不足 (2001)")):
        fault = reply_to(plain("Let me look."), document)[0].fault
        assert fault is not None
        assert fault.code == 2001
    pieces = ("Sorry.", "Error", "2001:", "insufficient", "credits.", "Please", "top", "up.")
    fault = reply_to(*(partial(f"{piece} ") for piece in pieces))[0].fault
    assert fault == Fault(2001, "Error 2001: insufficient credits.")
    reply = Reply()
    for event in read_events([b"data: Error 2001: insufficient credits\n\n"]):
        assert reply.take(event) == ""
    assert reply.fault == Fault(2001, "Error 2001: insufficient credits")
    assert reply_to(plain('Added the title "Top 10 hits of 2001".'))[0].fault is None


def test_work_is_reported_with_the_words_of_the_contract() -> None:
    user = FakeUser()
    clock = reply._Clock(replace(Waits(), report=0.0), user)
    for spent in (150.0, 290.0):
        clock._started = time.monotonic() - spent
        clock.check()
    assert user.shown == ["⏳ Still working… (2 min)", "⏳ Still working… (4 min)"]
