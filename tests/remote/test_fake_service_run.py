"""What the fake agent reads, does and says, with each switch of the stream."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.fake_service import FakeService, agent
from tests.fake_service.drafts import Piece
from tests.fake_service.frames import QUESTION, TROUBLE
from tests.fake_service.plain_client import PLAN, PlainClient, documents, titles

OPENING = (0, 2000, "Opening")


def received(client: PlainClient) -> tuple[bytes, list[bytes]]:
    """The content of a stream and its pieces, until it ends in any way."""
    pieces: list[bytes] = []
    with client.stream() as response:
        try:
            pieces.extend(response.iter_raw())
        except httpx.TransportError:
            pieces.append(b"")
    return b"".join(pieces), pieces


def test_a_plan_is_read_line_by_line() -> None:
    wish = agent.read_message(f"{PLAN}\n- 01:00:01.500 | Old title")
    assert [(each.start_ms, each.end_ms) for each in wish.titles][1] == (2000, 10_500)
    assert [each.text for each in wish.titles] == ["Opening", "Bees | honey", '"Schluß"']
    assert wish.removals == ((3_601_500, "Old title"),)
    assert (wish.seconds, wish.wants_music, wish.note) == (3, False, "")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("für 5 Sekunden", 5),
        ("每个标题显示 2.5 秒", 2.5),
        ("1080p, 16:9", 4),
        ("2,5 segundos", 2.5),
    ],
)
def test_seconds_are_found_in_any_language(text: str, seconds: float) -> None:
    assert agent.read_message(f"{text}\n{PLAN.splitlines()[1]}").seconds == seconds


def test_a_title_is_moved_not_doubled_and_removed_when_asked() -> None:
    pieces = [Piece("text", "A", 9000, 4000), Piece("text", "A", 50_000, 4000)]
    again = "1. 00:00:08.000 -> 00:00:20.000 | A\n- 00:00:50.000 | A"
    agent.fulfil(agent.read_message(again), pieces, [])
    assert [(each.start_ms, each.length_ms) for each in pieces] == [(8000, 4000)]
    two = "1. 00:00:01.000 -> 00:00:02.000 | B\n2. 00:00:02.000 -> 00:00:03.000 | B"
    agent.fulfil(agent.read_message(two), pieces, [])
    assert [each.text for each in pieces] == ["A", "B", "B"]


def test_other_words_add_music_or_a_note(fake: FakeService, client: PlainClient) -> None:
    client.run("Add calm music, please")
    draft = client.draft()
    assert draft["t"][1]["sg"][0]["m"] == {"name": "Lo-fi", "volume": 0.35}
    client.run("Make the titles larger, but do not add any music")
    assert len(client.draft()["t"]) == 2
    assert "larger" in client.draft()["m"]["notes"][0]


def test_the_plain_dialect_ends_without_a_closing_event(client: PlainClient) -> None:
    kinds = [each["type"] for each in documents(client.run().content)]
    assert kinds == ["text", "tool_call", "tool_result", "heartbeat", "heartbeat", "text"]


def test_the_agent_kit_repeats_its_partial_texts(fake: FakeService, client: PlainClient) -> None:
    fake.switches.dialect = "agent-kit"
    frames = [each for each in documents(client.run().content) if "content" in each]
    parts = [(each.get("partial"), each["content"]["parts"][0]) for each in frames]
    said = [(flag, part["text"]) for flag, part in parts if "text" in part]
    whole = [text for flag, text in said if not flag]
    assert "".join(text for flag, text in said if flag) == "".join(whole)
    assert any("functionCall" in part for _, part in parts)
    fake.switches.dialect = "mixed"
    mixed = documents(client.run("more").content)
    assert {"content" in each for each in mixed} == {True, False}


def test_the_legal_oddities_appear(fake: FakeService, client: PlainClient) -> None:
    fake.switches.set(
        {"crlf": True, "empty_data": True, "comments": True, "unknown_types": True}
        | {"non_json": True, "bom": True, "no_last_blank": True, "split_data": True}
    )
    body = client.run().content
    assert body.startswith(b"\xef\xbb\xbf")
    assert body.count(b"\r\n") == body.count(b"\n")
    assert not body.endswith(b"\n")
    for piece in (b"data:\r\n", b": keep-alive", b"progress_v2", b"data: still working"):
        assert piece in body
    first = body.removeprefix(b"\xef\xbb\xbf").split(b"\r\n\r\n")[0].splitlines()
    assert len(first) > 2
    assert json.loads(b"".join(line[6:] for line in first))["type"] == "text"


def test_characters_are_cut_between_chunks(fake: FakeService, client: PlainClient) -> None:
    fake.switches.cut_utf8 = True
    body, pieces = received(client)
    assert "✓" in body.decode()
    assert any(piece.endswith("✓".encode()[:1]) for piece in pieces)


@pytest.mark.parametrize("shape", ["flat", "nested", "own"])
def test_segments_come_in_three_shapes(fake: FakeService, client: PlainClient, shape: str) -> None:
    fake.switches.set({"segment_shape": shape})
    client.run()
    segment = client.draft()["t"][1]["sg"][1]
    if shape == "flat":
        assert segment == {"st": 2000, "d": 3000, "m": {"text": "Bees | honey"}}
    elif shape == "nested":
        assert segment == {"tr": {"s": 2000, "d": 3000}, "m": {"content": "Bees | honey"}}
    else:
        assert segment["target_timerange"] == {"start": 2000, "duration": 3000}
        assert segment["material"]["label"] == "Bees | honey"


def test_an_edit_may_be_silent(fake: FakeService, client: PlainClient) -> None:
    fake.switches.silent_edits = True
    assert not [each for each in documents(client.run().content) if each["type"] == "text"]
    assert OPENING in titles(client.draft())


def test_the_agent_says_what_the_switches_say(fake: FakeService, client: PlainClient) -> None:
    fake.switches.set({"screen_talk": True, "asks_question": True, "temporary_issue": True})
    text = "".join(each.get("content", "") for each in documents(client.run().content))
    assert "click the Export button" in text
    assert QUESTION in text
    assert text.endswith(TROUBLE)
    fake.switches.answer = "Fertig."
    assert "Fertig." in client.run("noch etwas").text


@pytest.mark.parametrize("moment", ["before", "middle", "end"])
def test_an_edit_is_applied_at_its_moment(
    fake: FakeService, client: PlainClient, moment: str
) -> None:
    fake.switches.set({"edit_moment": moment, "pace": 0.02})
    with client.stream() as response:
        pieces = response.iter_raw()
        next(pieces)
        early = len(titles(fake.draft()))
        list(pieces)
    assert (early > 0) == (moment == "before")
    assert OPENING in titles(fake.draft())


def test_an_edit_may_appear_some_readings_later(fake: FakeService, client: PlainClient) -> None:
    fake.switches.set({"edit_moment": "later", "edit_readings": 2, "unasked_tracks": True})
    fake.switches.unasked_readings = 1
    client.run()
    shown = [[track["tt"] for track in client.draft()["t"]] for _ in range(4)]
    assert shown == [[0], [0], [0, 7], [0, 1, 7]]
    assert "Subscribe for more!" in str(client.draft())


def test_titles_are_misplaced_until_they_are_corrected(
    fake: FakeService, client: PlainClient
) -> None:
    fake.switches.set({"misplaced_by": 2.5, "missing_titles": 1})
    client.run()
    assert [each[0] for each in titles(client.draft())] == [2500, 4500]
    fake.switches.stubborn = True
    client.run(f"{PLAN} Again.")
    assert [each[0] for each in titles(client.draft())] == [2500, 4500]
    fake.switches.stubborn = False
    client.run(f"{PLAN} Please.")
    assert [each[0] for each in titles(client.draft())] == [0, 2000, 10500]


def test_a_stream_may_consist_of_heartbeats(fake: FakeService, client: PlainClient) -> None:
    fake.switches.heartbeats_only = 0.06
    kinds = {each["type"] for each in documents(client.run().content)}
    assert kinds == {"heartbeat"}
    assert OPENING in titles(client.draft())
    fake.switches.heartbeats_only = float("inf")
    with client.stream("and more") as response:
        pieces = response.iter_raw()
        next(pieces)
        fake.switches.heartbeats_only = 0
        list(pieces)


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("how", ["reset", "close", "clean"])
def test_a_stream_is_cut_at_a_byte(
    fake: FakeService, client: PlainClient, how: str, keeps: bool
) -> None:
    fake.switches.set({"cut_stream_at": 33, "cut_how": how, "cut_keeps_edit": keeps})
    body, pieces = received(client)
    assert len(body) == 33
    assert (pieces[-1] == b"") == (how != "clean")
    assert (OPENING in titles(client.draft())) == keeps
    assert len(fake.charges) == 1


def test_an_edit_continues_when_the_client_hangs_up(fake: FakeService, client: PlainClient) -> None:
    fake.switches.pace = 0.01
    with client.stream() as response:
        next(response.iter_raw())
    assert any(titles(client.draft()) for _ in range(2000))
    assert len(fake.charges) == 1


@pytest.mark.parametrize("dialect", ["plain", "agent-kit"])
def test_out_of_credits_is_reported_in_three_ways(
    fake: FakeService, client: PlainClient, dialect: str
) -> None:
    fake.switches.set({"dialect": dialect, "out_of_credits": "sse-error"})
    (error,) = documents(client.run().content)
    assert "2001" in str(error)
    fake.switches.out_of_credits = "sse-text"
    assert "Error 2001" in str(documents(client.run().content)[-1])
    fake.switches.out_of_credits = "http"
    assert client.run().json()["code"] == 2001
    fake.switches.out_of_credits = ""
    fake.credits = 5
    assert client.run().json()["code"] == 2001
    assert (fake.messages, fake.charges, fake.credits) == ([], [], 5)
