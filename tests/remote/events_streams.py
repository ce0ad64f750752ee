"""Event streams for the tests: valid, odd, broken, and cut anywhere, from a seeded generator."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from typing import Any

N_STREAMS = int(os.environ.get("CHAPTERIZE_FUZZ", "400"))
"""Number of streams of each fuzzing test; the parser must survive 100000."""

_TEXTS = [
    *("Done.", " titles", "Added 3 titles ✓", "已添加标题", "積分不足 (2001)", "日本語のタイトル"),
    *(
        "👩‍👩‍👧 emoji",
        "שלום",
        "a\nb",
        "\r\n",
        "",
        " ",
        "\ud83d",
        "\x1b[31m",
        "nmv_usr_0a1b2c",
        "Why? ",
    ),
    *("Error 2001: insufficient credits", "I encountered a temporary issue. Try again.", "\u2028"),
]
_ODD: list[Any] = [
    *(None, True, 0, -1, 2001, "2001", 1e400, float("nan"), 10**30, 3.5, "", "text", [], {}, [[]]),
    *([{}], {"parts": 3}, {"parts": [None, 1, "a", {"text": 5}]}, {"code": "2001"}, "x" * 3000),
]
_KEYS = [
    *("type", "content", "parts", "text", "partial", "error", "code", "message", "role", "name"),
    *("functionCall", "functionResponse", "errorMessage", "success", "thought"),
]
_SCRAPS = [
    *(b"\n", b"\r", b"\r\n", b"\n\n", b"data:", b"data: ", b"data", b": ping\n", b"id: 7\n"),
    *(
        b"event: x\n",
        b"retry: 99999999999999999999\n",
        b"\xef\xbb\xbf",
        b"\xf0\x9f",
        b"\xff",
        b"\0",
    ),
    *(b"{", b"}", b'"', b"[" * 2000, b'{"a":' * 1500, b"9" * 5000, b"NaN", b'"\\ud800"', b"[DONE]"),
    *(
        b"data: {}\n\n",
        b'{"code":2001}\n',
        "…".encode(),
        b"\xe2\x80\xa8",
        b"\x85",
        b"\x0b",
        b"\x0c",
    ),
]


def frame(document: object) -> bytes:
    """One frame as the service writes it."""
    return f"data: {json.dumps(document, ensure_ascii=False)}\n\n".encode("utf-8", "replace")


def plain(text: str) -> dict[str, Any]:
    return {"type": "text", "content": text}


def kit(*parts: object, **more: object) -> dict[str, Any]:
    return {"content": {"parts": list(parts), "role": "model"}, **more}


def document(rng: random.Random) -> Any:
    """An event of either dialect, sometimes with a value that does not belong there."""
    text = rng.choice(_TEXTS)
    made: dict[str, Any] = rng.choice(
        (
            plain(text),
            kit({"text": text}, partial=rng.random() < 0.5),
            kit({"text": text}, {"functionCall": {"name": "add", "args": {}}}),
            kit({"functionResponse": {"name": "add", "response": {}}}),
            {"type": "tool_call", "name": "add", "args": {"text": text}},
            {"type": "tool_result", "name": "add", "result": text},
            {"type": "heartbeat"},
            {"type": "error", "code": 2001, "message": text},
            {"error": text},
            {"code": 1002, "message": text, "data": None},
            {"type": text},
        )
    )
    for _ in range(rng.choice((0, 0, 0, 1, 2))):
        made[rng.choice(_KEYS)] = rng.choice((*_ODD, *_TEXTS))
    return rng.choice(_ODD) if rng.random() < 0.05 else made


def stream(rng: random.Random) -> bytes:
    """Frames in any legal or nearly legal spelling, with scraps between them."""
    pieces: list[bytes] = [b"\xef\xbb\xbf"] if rng.random() < 0.1 else []
    for _ in range(rng.randrange(8)):
        indent = rng.choice((None, None, None, 1))
        text = json.dumps(document(rng), ensure_ascii=rng.random() < 0.3, indent=indent)
        lines = [f"data:{rng.choice(('', ' '))}{line}" for line in text.split("\n")]
        end = rng.choice(("\n", "\n", "\r\n", "\r"))
        pieces.append(f"{end.join(lines)}{end}{end}".encode("utf-8", "surrogatepass"))
        if rng.random() < 0.3:
            pieces.append(rng.choice(_SCRAPS))
    return b"".join(pieces)


def mutated(rng: random.Random, whole: bytes) -> bytes:
    """`whole` with bytes changed, removed, repeated or inserted, or its end cut off."""
    content = bytearray(whole)
    for _ in range(rng.choice((0, 1, 1, 2, 5, 20))):
        at = rng.randrange(len(content) + 1)
        match rng.randrange(5):
            case 0:
                content[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del content[at : at + rng.randrange(1, 20)]
            case 2:
                content[at:at] = content[at : at + rng.randrange(1, 40)]
            case 3:
                content[at:at] = rng.choice(_SCRAPS)
            case _:
                del content[max(at, len(content) - 30) :]
    return bytes(content)


def cut(rng: random.Random, whole: bytes) -> list[bytes]:
    """The same bytes in pieces, some of them empty."""
    if rng.random() < 0.2:
        return [whole[at : at + 1] for at in range(len(whole))]
    ends = sorted(rng.randrange(len(whole) + 1) for _ in range(rng.randrange(12)))
    return [whole[a:b] for a, b in zip([0, *ends], [*ends, len(whole)], strict=True)]


def cut_at(whole: bytes, places: Sequence[int]) -> list[bytes]:
    """The same bytes, cut at `places`, which may lie anywhere and in any order."""
    ends = sorted(place % (len(whole) + 1) for place in places)
    return [whole[a:b] for a, b in zip([0, *ends], [*ends, len(whole)], strict=True)]
