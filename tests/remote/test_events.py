"""Both dialects of the event stream, every legal oddity, and any bytes at all."""

from __future__ import annotations

import itertools
import json
import os
import random
import secrets
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.remote.events import (
    MOST_FRAME_BYTES,
    Event,
    Fault,
    Heartbeat,
    Text,
    ToolCall,
    ToolResult,
    Unparsed,
    read_events,
)
from chapterize.remote.reply import Reply
from tests.remote.events_streams import (
    N_STREAMS,
    cut,
    cut_at,
    frame,
    kit,
    mutated,
    plain,
    stream,
)

N_EXAMPLES = int(os.environ.get("CHAPTERIZE_FUZZ", "200"))

DONE = b'data: {"type": "text", "content": "Done \xe2\x9c\x93"}\n\n'
SAID = Text("Done ✓")


def read(*chunks: bytes) -> list[Event]:
    return list(read_events(chunks))


@pytest.mark.parametrize(
    ("document", "other", "events"),
    [
        (plain("Done"), kit({"text": "Done"}), [Text("Done")]),
        ({**plain("Do"), "partial": True}, kit({"text": "Do"}, partial=True), [Text("Do", True)]),
        (
            {"type": "tool_call", "name": "add", "args": {"a": [1]}},
            kit({"functionCall": {"name": "add", "args": {"a": [1]}}}),
            [ToolCall()],
        ),
        (
            {"type": "tool_result", "name": "add", "result": {"code": 2001}},
            kit({"functionResponse": {"name": "add", "response": {"code": 2001}}}),
            [ToolResult()],
        ),
        ({"type": "heartbeat"}, kit(), [Heartbeat()]),
        ({"type": "error", "message": "no"}, {"error": "no"}, [Fault(None, "no")]),
        (
            {"type": "error", "code": 2001, "message": "no"},
            {"code": 2001, "message": "no", "data": None},
            [Fault(2001, "no")],
        ),
    ],
)
def test_both_dialects_yield_the_same_events(
    document: Any, other: Any, events: list[Event]
) -> None:
    assert read(frame(document)) == events
    assert read(frame(other)) == events


def test_dialects_mix_within_one_stream() -> None:
    frames = [plain("a"), kit({"text": "b"}), {"type": "heartbeat"}, kit({"text": "c"})]
    assert read(*map(frame, frames)) == [Text("a"), Text("b"), Heartbeat(), Text("c")]


def test_the_parts_of_a_frame_are_events_in_order() -> None:
    parts = kit(
        {"text": "I add it."},
        {"functionCall": {"name": "add"}},
        {"function_response": {"name": "add"}},
        {"text": ""},
        {"inlineData": {}},
        {"text": "Done."},
    )
    assert read(frame(parts)) == [
        Text("I add it."),
        ToolCall(),
        ToolResult(),
        Text("Done."),
    ]


def test_thoughts_and_our_own_message_are_not_text() -> None:
    thought = kit({"text": "The user wants titles", "thought": True}, {"text": "Done."})
    own = {"content": {"parts": [{"text": "add titles"}], "role": "user"}}
    assert read(frame(thought), frame(own)) == [Text("Done."), Heartbeat()]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ({"error": "2001: insufficient credits"}, Fault(2001, "2001: insufficient credits")),
        ({"error": "Error 1002: no such session"}, Fault(1002, "Error 1002: no such session")),
        ({"error": {"code": 2001, "message": "empty"}}, Fault(2001, "empty")),
        ({"error": {"code": "1001"}}, Fault(1001, "error 1001")),
        ({"error": 2001}, Fault(2001, "error 2001")),
        ({"error": True}, Fault(None, "error")),
        ({"code": 2001}, Fault(2001, "error 2001")),
        ({"code": 2001.0, "message": "no"}, Fault(2001, "no")),
        ({"code": 500, "message": "积分不足"}, Fault(2001, "积分不足")),
        ({"code": 500, "message": "busy"}, Fault(500, "busy")),
        ({"success": False, "data": None}, Fault(None, "error")),
        ({"success": False, "error": "out of credits"}, Fault(2001, "out of credits")),
        ({"type": "error"}, Fault(None, "error")),
        ({"type": "error", "content": "broke"}, Fault(None, "broke")),
        ({"errorCode": "OTHER", "errorMessage": "broke"}, Fault(None, "broke")),
        ({"error": "segment 4001 is too short"}, Fault(None, "segment 4001 is too short")),
    ],
)
def test_errors_are_found_in_every_envelope(document: Any, fault: Fault) -> None:
    assert read(frame(document)) == [fault]


@pytest.mark.parametrize(
    ("document", "event"),
    [
        ({"code": 0, "message": "ok"}, Unparsed('{"code": 0, "message": "ok"}')),
        ({"code": 200}, Unparsed('{"code": 200}')),
        ({"error": "", "code": None, **plain("a")}, Text("a")),
        ({"error": None, **kit({"text": "a"})}, Text("a")),
        ({"type": "progress", "percent": 4}, Unparsed('{"type": "progress", "percent": 4}')),
        ({"type": "text", "content": 5}, Unparsed('{"type": "text", "content": 5}')),
        ({"type": "text", "content": None}, Heartbeat()),
        ({"type": ["text"], "content": "a"}, Unparsed('{"type": ["text"], "content": "a"}')),
        ({"content": {"parts": "abc"}}, Heartbeat()),
        ({"content": {"parts": [7, {"text": ["a"]}, {"text": "b"}]}}, Unparsed("int")),
        ({"content": {"parts": [{"functionCall": "add"}]}}, Heartbeat()),
        ({"type": "tool_call", "name": {"a": 1}}, ToolCall()),
        ({"content": None, "turnComplete": True}, Heartbeat()),
        ({"code": True, "content": None}, Heartbeat()),
        ({"code": 10**30}, Unparsed(json.dumps({"code": 10**30}))),
        ({}, Heartbeat()),
        ([], Unparsed("[]")),
        ("hello", Unparsed('"hello"')),
        (None, Unparsed("null")),
    ],
)
def test_wrong_types_are_survived_at_every_level(document: Any, event: Event) -> None:
    assert read(frame(document))[0] == event


@pytest.mark.parametrize("data", ["NaN", "1e999", '{"code": NaN}', '{"code": 1e999}', "[DONE]"])
def test_odd_json_and_other_text_is_unparsed(data: str) -> None:
    assert read(f"data: {data}\n\n".encode(), DONE) == [Unparsed(data), SAID]


@pytest.mark.parametrize("start", ["[" * 100_000, '{"a":' * 100_000, "9" * 100_000])
def test_json_that_is_too_deep_is_unparsed(start: str) -> None:
    events = read(f"data: {start}\n\n".encode(), DONE)
    assert events == [Unparsed(start[:200]), SAID]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_kind_of_line_end_is_recognised(end: str) -> None:
    lines = ["data: {", 'data: "type": "text",', 'data: "content": "ab"}', "", ": still here"]
    lines += ["", "data:", "", "data", "", "", "", "id: 5", "", "event: ping", ""]
    whole = end.join([*lines, ""]).encode()
    expected = [Text("ab"), *[Heartbeat()] * 4]
    assert read(whole) == expected
    assert read(*(whole[at : at + 1] for at in range(len(whole)))) == expected


def test_combinations_of_line_ends_do_not_depend_on_the_chunks() -> None:
    for pieces in itertools.product((b"data:1", b"\r", b"\n"), repeat=6):
        whole = b"".join(pieces)
        expected = read(whole.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
        assert read(whole) == expected, pieces
        assert read(*pieces) == expected, pieces
        assert read(*pieces[:3], b"", b"".join(pieces[3:])) == expected, pieces


def test_a_comment_within_a_frame_does_not_break_it() -> None:
    assert read(b'data: {"type": "text",\n: ping\nid: 5\ndata: "content": "a"}\n\n') == [Text("a")]


def test_a_frame_is_read_as_soon_as_it_is_complete() -> None:
    seen: list[int] = []

    def chunks() -> Iterator[bytes]:
        for number, chunk in enumerate([DONE[:9], DONE[9:-2] + b"\r\r", b": ping\n", b"data"]):
            yield chunk
            seen.append(number)

    events = read_events(chunks())
    assert next(events) == SAID
    assert seen == [0]
    assert next(events) == Heartbeat()
    assert seen == [0, 1]


def test_the_last_frame_needs_no_blank_line_and_a_torn_one_is_unparsed() -> None:
    assert read(DONE.rstrip()) == [SAID]
    assert read(DONE, DONE[:20]) == [SAID, Unparsed('{"type": "text')]
    assert read(DONE[:-6]) == [Unparsed('{"type": "text", "content": "Done \ufffd')]


def test_a_character_cut_in_two_is_one_character() -> None:
    at = DONE.index(b"\xe2") + 1
    assert read(DONE[:at], b"", DONE[at:]) == [SAID]


def test_a_byte_order_mark_is_removed_only_at_the_start() -> None:
    assert read(b"\xef", b"\xbb", b"\xbf" + DONE) == [SAID]
    assert read(b"\xef\xbb\xbf") == []
    marked = DONE.replace(b"Done", b"\xef\xbb\xbfDone")
    assert read(marked) == [Text("\ufeffDone ✓")]


def test_lines_outside_any_frame_are_not_lost() -> None:
    events = read(b'{"code": 2001, "message": "empty"}\n', b"Service unavailable\r\n", DONE)
    assert events == [Fault(2001, "empty"), Unparsed("Service unavailable"), SAID]


def test_surrogates_and_control_characters_become_printable() -> None:
    (event,) = read(
        b'data: {"type":"text","content":"\\ud83d\\ude00 \\ud83d \\u001b[2J\\r\\n"}\n\n'
    )
    assert event == Text("😀 \ufffd [2J\n")
    (event,) = read(b'data: {"error": "\\udc00"}\n\n')
    assert event == Fault(None, "\ufffd")


def test_no_event_contains_a_token() -> None:
    token = f"nmv_usr_{secrets.token_hex(60)}"
    documents = [
        *(plain(token), kit({"text": f"a {token}."}), {"error": f"bad {token}"}, {"code": 7}),
        *({"type": "tool_call", "name": token}, {"type": token}, "x" * 150 + token),
    ]
    events = read(*map(frame, documents), f"data: {token}\n\n{token}\n".encode())
    assert len(events) == len(documents) + 2
    assert token[8:20] not in repr(events)


def test_a_huge_frame_is_unparsed_and_uses_bounded_memory() -> None:
    def chunks() -> Iterator[bytes]:
        yield b'data: {"type": "text", "content": "'
        for _ in range(500):
            yield b"x" * 100_000
        yield b'"}\n\n' + DONE
        for _ in range(500):
            yield b"data: " + b"y" * 100_000 + b"\n"
        yield b"\n" + DONE

    tracemalloc.start()
    events = list(read_events(chunks()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [type(event) for event in events] == [Unparsed, Text, Unparsed, Text]
    assert peak < 6 * MOST_FRAME_BYTES


def test_the_longest_frame_is_read_and_a_longer_one_never_as_json() -> None:
    empty = b'data: {"type": "text", "content": ""}'
    longest = empty.replace(b'""', b'"%s"' % (b"x" * (MOST_FRAME_BYTES - len(empty))))
    assert read(longest + b"\n\n") == [Text("x" * (MOST_FRAME_BYTES - len(empty)))]
    longer = b'data: {"error": 2001}\n' + b"data: " + b" " * MOST_FRAME_BYTES + b"\n\n"
    (event,) = read(longer)
    assert isinstance(event, Unparsed)
    assert '{"error": 2001}' in event.text


def test_an_error_of_the_chunks_passes_through_after_the_events() -> None:
    def chunks() -> Iterator[bytes]:
        yield DONE
        raise ConnectionResetError

    events = read_events(chunks())
    assert next(events) == SAID
    with pytest.raises(ConnectionResetError):
        next(events)


def texts_of(events: list[Event]) -> tuple[object, ...]:
    reply = Reply()
    shown = "".join(map(reply.take, events))
    return shown, reply.text, reply.question, reply.fault, reply.n_tools


def assert_sound(whole: bytes, chunks: list[bytes]) -> None:
    assert b"".join(chunks) == whole
    events = read(whole)
    assert read(*chunks) == events
    assert texts_of(events) == texts_of(read(*chunks))
    json.dumps(repr(events)).encode()
    for event in events:
        if isinstance(event, Text | Fault):
            (event.text if isinstance(event, Text) else event.message).encode()
        if isinstance(event, Unparsed):
            assert len(event.text.encode()) <= 800


SCRAPS = st.sampled_from(
    (
        *(b"data:", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b":", b"id: 1\n", b"event: x\n"),
        *(b"\xef\xbb\xbf", b"\xf0\x9f\x98\x80", b"\xe2\x9c", b"{", b"}", b'"', b"[[[[", b"2001"),
        *(b'{"type":"text","content":"', b'"}\n\n', b'{"error":', b"\\ud83d", DONE),
        frame(kit({"text": "é"})),
    )
)
PLACES = st.lists(st.integers(0, 2000), max_size=12)


@settings(max_examples=N_EXAMPLES, deadline=None)
@given(st.binary(max_size=300), PLACES)
def test_any_bytes_are_read_the_same_however_they_are_cut(whole: bytes, places: list[int]) -> None:
    assert_sound(whole, cut_at(whole, places))


@settings(max_examples=N_EXAMPLES, deadline=None)
@given(st.lists(SCRAPS, max_size=30).map(b"".join), PLACES)
def test_scraps_of_streams_are_read_the_same_however_they_are_cut(
    whole: bytes, places: list[int]
) -> None:
    assert_sound(whole, cut_at(whole, places))
    assert_sound(whole, [whole[at : at + 1] for at in range(len(whole))])


def test_mutated_streams_are_read_the_same_however_they_are_cut() -> None:
    kinds: set[type[Event]] = set()
    for seed in range(N_STREAMS):
        rng = random.Random(seed)
        whole = mutated(rng, stream(rng))
        try:
            assert_sound(whole, cut(rng, whole))
        except Exception as error:
            raise AssertionError(f"stream of seed {seed}: {whole!r}") from error
        if seed < 400:
            kinds |= set(map(type, read(whole)))
    assert kinds == {Text, ToolCall, ToolResult, Heartbeat, Fault, Unparsed}
