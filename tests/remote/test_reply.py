"""What the agent says in one run, put together from its events."""

from __future__ import annotations

from typing import Any

import pytest

from chapterize.remote.events import Fault, read_events
from chapterize.remote.reply import Reply
from tests.remote.events_streams import frame, kit, plain


def heard(*documents: object) -> tuple[Reply, list[str]]:
    """The reply to a stream of these frames, and what it gave to show."""
    reply = Reply()
    return reply, [reply.take(event) for event in read_events(map(frame, documents))]


def partial(text: str) -> dict[str, Any]:
    return kit({"text": text}, partial=True)


def test_a_full_text_behind_its_partials_is_not_shown_twice() -> None:
    reply, shown = heard(
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
def test_full_texts_go_on_where_partials_stopped(
    partials: list[str], fulls: list[str], text: str
) -> None:
    reply, shown = heard(*map(partial, partials), *map(plain, fulls))
    assert reply.text == text
    assert "".join(shown).strip() == text


def test_words_behind_a_tool_begin_a_line_of_their_own() -> None:
    call = {"type": "tool_call", "name": "add"}
    reply, shown = heard(plain("Let me see … "), call, {"type": "heartbeat"}, plain("done"))
    assert shown == ["Let me see … ", "", "", "\ndone"]
    assert reply.n_tools == 1
    reply, _ = heard(partial("Let me see"), call, partial("done"), kit({"text": "done"}), call)
    assert reply.text == "Let me seedone"
    assert reply.n_tools == 2


NOISE = "I encountered a temporary issue while processing. Please try again later."


@pytest.mark.parametrize(
    "noise", [NOISE, f"\n\n{NOISE}", f"Sorry, {NOISE}", "抱歉，我遇到了一个临时问题，请稍后再试。"]
)
def test_noise_behind_a_good_answer_is_not_shown(noise: str) -> None:
    reply, shown = heard(plain("Added 3 titles."), plain(noise))
    assert shown == ["Added 3 titles.", ""]
    assert reply.text == "Added 3 titles."
    assert heard(plain(f"Added 3 titles. {noise.strip()}"))[0].text == "Added 3 titles."


def test_noise_in_pieces_is_not_shown_and_is_not_taken_for_an_answer() -> None:
    pieces = [NOISE[at : at + 9] for at in range(0, len(NOISE), 9)]
    reply, shown = heard(plain("Done."), *map(partial, pieces), kit({"text": NOISE}))
    assert "".join(shown) == reply.text == "Done."
    reply, shown = heard(
        plain("Done."), partial("I en"), partial("joyed it."), plain("I enjoyed it.")
    )
    assert shown == ["Done.", "", "\nI enjoyed it.", ""]
    assert reply.text == "Done.\nI enjoyed it."


def test_noise_that_was_shown_is_not_part_of_the_text() -> None:
    reply, shown = heard(partial("Done. I enc"), partial(NOISE[5:]))
    assert "".join(shown) == f"Done. {NOISE}"
    assert reply.text == "Done."


def test_noise_alone_is_the_answer() -> None:
    reply, shown = heard(plain(NOISE))
    assert shown == [NOISE]
    assert reply.text == NOISE


def test_words_that_go_on_after_noise_are_kept() -> None:
    assert heard(plain(f"Hm. {NOISE}\nIt worked in the end."))[0].text.endswith("in the end.")


def test_the_first_error_is_the_fault_and_out_of_credits_goes_before_it() -> None:
    assert heard(plain("a"))[0].fault is None
    busy, lost = {"code": 500, "message": "busy"}, {"code": 1002, "message": "lost"}
    assert heard(busy, lost)[0].fault == Fault(500, "busy")
    assert heard(busy, {"error": {"code": 2001}})[0].fault == Fault(2001, "error 2001")


def test_out_of_credits_is_heard_as_text_too() -> None:
    for document in (plain("Error 2001: insufficient credits."), partial("积分不足 (2001)")):
        fault = heard(plain("Let me look."), document)[0].fault
        assert fault is not None
        assert fault.code == 2001
    pieces = ("Sorry.", "Error", "2001:", "insufficient", "credits.", "Please", "top", "up.")
    fault = heard(*(partial(f"{piece} ") for piece in pieces))[0].fault
    assert fault == Fault(2001, "Error 2001: insufficient credits.")
    reply = Reply()
    for event in read_events([b"data: Error 2001: insufficient credits\n\n"]):
        assert reply.take(event) == ""
    assert reply.fault == Fault(2001, "Error 2001: insufficient credits")
    assert heard(plain('Added the title "Top 10 hits of 2001".'))[0].fault is None
