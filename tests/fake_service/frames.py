"""What the agent does in one run, and its bytes in either dialect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fake_service.switches import Switches

TROUBLE = "I encountered a temporary issue while processing. Please try again later."
QUESTION = "Shall I also add a short intro?"
SCREEN_TALK = (
    "The titles are on the timeline. Open the Text panel to see them, "
    "preview in timeline, then click the Export button."
)
_WORDS = "Done – the titles are in place ✓"


@dataclass(frozen=True)
class Act:
    """One step of the agent. `text` is the text, the tool's name, or the error's message."""

    kind: Literal["say", "call", "result", "beat", "error"]
    text: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def script(switches: Switches) -> list[Act]:
    """The steps of an edit in their usual order: text, tool, heartbeats, then text or nothing."""
    tools = [
        Act("call", "add_text_segments", {"track": 7, "count": 3}),
        Act("result", "add_text_segments", {"ok": True}),
    ]
    beats = [Act("beat")] * switches.n_heartbeats
    if switches.silent_edits:
        return [*tools, *beats]
    last = switches.answer or (SCREEN_TALK if switches.screen_talk else _WORDS)
    if switches.asks_question:
        last = f"{last} {QUESTION}"
    said = [Act("say", "Let me look at your chapters … "), *tools, *beats, Act("say", last)]
    return [*said, Act("say", f"\n\n{TROUBLE}")] if switches.temporary_issue else said


def refusal(how: str) -> list[Act]:
    """Out of credits, as an error event or as text."""
    if how == "sse-error":
        return [Act("error", "insufficient credits", {"code": 2001})]
    return [Act("say", "Error 2001: insufficient credits. Please top up to continue.")]


def encode(acts: Sequence[Act], switches: Switches) -> list[bytes]:
    """One entry per frame, in the dialect and with the oddities of the switches."""
    frames = [b"\xef\xbb\xbf"] if switches.bom else []
    for at, act in enumerate(acts):
        is_kit = switches.dialect == "agent-kit" or (switches.dialect == "mixed" and at % 2 == 1)
        frames += [_frame(each, switches) for each in (_kit(act) if is_kit else _plain(act))]
        frames += _oddities(switches)
    if frames and switches.no_last_blank:
        frames[-1] = frames[-1].rstrip(b"\r\n")
    return frames


def _plain(act: Act) -> Iterator[dict[str, Any]]:
    if act.kind == "say":
        yield {"type": "text", "content": act.text}
    elif act.kind == "call":
        yield {"type": "tool_call", "name": act.text, "args": act.details}
    elif act.kind == "result":
        yield {"type": "tool_result", "name": act.text, "result": act.details}
    elif act.kind == "beat":
        yield {"type": "heartbeat"}
    else:
        yield {"type": "error", **act.details, "message": act.text}


def _kit(act: Act) -> Iterator[dict[str, Any]]:
    if act.kind == "say":
        third = max(1, len(act.text) // 3)
        for start in range(0, len(act.text), third):
            yield _content({"text": act.text[start : start + third]}) | {"partial": True}
        yield _content({"text": act.text}) | {"partial": False, "turnComplete": True}
    elif act.kind == "call":
        yield _content({"functionCall": {"name": act.text, "args": act.details}})
    elif act.kind == "result":
        yield _content({"functionResponse": {"name": act.text, "response": act.details}})
    elif act.kind == "beat":
        yield {"type": "heartbeat"}
    else:
        yield {"error": f"{act.details.get('code', '')}: {act.text}"}


def _content(part: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"parts": [part], "role": "model"}, "author": "nemo_agent"}


def _frame(document: dict[str, Any], switches: Switches) -> bytes:
    indent = 1 if switches.split_data else None
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return _lines([f"data: {line}" for line in text.split("\n")], switches)


def _lines(lines: list[str], switches: Switches) -> bytes:
    end = "\r\n" if switches.crlf else "\n"
    return (end.join(lines) + end + end).encode()


def _oddities(switches: Switches) -> Iterator[bytes]:
    if switches.empty_data:
        yield _lines(["data:"], switches)
    if switches.comments:
        yield _lines([": keep-alive"], switches)
    if switches.unknown_types:
        yield _frame({"type": "progress_v2", "percent": 40}, switches)
    if switches.non_json:
        yield _lines(["data: still working on it"], switches)


def heartbeat(switches: Switches) -> bytes:
    return _frame({"type": "heartbeat"}, switches)


def cut_inside_characters(frame: bytes) -> list[bytes]:
    """The frame in pieces; each but the last ends inside a character."""
    pieces, start = [], 0
    for at in range(1, len(frame)):
        if frame[at] & 0xC0 == 0x80 and frame[at - 1] >= 0xC0:
            pieces.append(frame[start:at])
            start = at
    return [*pieces, frame[start:]]
