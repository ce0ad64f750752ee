"""Read untrusted JSON, and the JSON5 that LosslessCut writes.

Every fault is a FormatError: broken syntax (with its line), NaN and Infinity, numbers that no
float holds, endless nesting, and a key that appears twice in one object.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any, NoReturn, TypeGuard

from chapterize.errors import FormatError

__all__ = ["is_number", "parse_json", "parse_object"]

_COMMENT = r"//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/"
_TOKEN = re.compile(
    rf"(?P<quoted>\"(?:[^\"\\\n]|\\.)*\")|(?P<single>'(?:[^'\\\n]|\\.)*')|(?P<comment>{_COMMENT})"
    r"|(?P<name>[A-Za-z_$][\w$]*)|(?P<comma>,(?=(?:\s|" + _COMMENT + r")*[\]}]))"
    r"|(?P<rest>[\d.][\w.+-]*|[\s\S])"
)
_ESCAPED_QUOTE = re.compile(r"\\(?:\n|')|\"|\\[\s\S]")
_CONSTANTS = ("true", "false", "null", "NaN", "Infinity")


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`.

    Raises
    ------
    FormatError : as `parse_json`, or another value than an object.
    """
    document = parse_json(text)
    if not isinstance(document, dict):
        raise FormatError("not a chapter file", why="the JSON is not an object", line=1)
    return document


def parse_json(text: str) -> Any:
    """The value in `text`; JSON5 is read if its keys are not quoted.

    Raises
    ------
    FormatError : see above.
    """
    if re.match(r"\s*\{\s*(?:[A-Za-z_$]|'|//|/\*)", text):
        text = _as_json(text)
    try:
        return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise FormatError("not JSON", why=error.msg, line=error.lineno) from error
    except (RecursionError, ValueError) as error:
        raise FormatError("not usable JSON", why=str(error)) from error


def is_number(value: object) -> TypeGuard[float]:
    """Whether `value` is a finite number; True and False are not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _as_json(text: str) -> str:
    """JSON from JSON5: bare keys, single quotes, comments and final commas; lines stay."""
    return _TOKEN.sub(_replaced, text)


def _replaced(token: re.Match[str]) -> str:
    found = token[0]
    if token.lastgroup == "single":
        inside = _ESCAPED_QUOTE.sub(
            lambda match: {"\\'": "'", '"': '\\"', "\\\n": ""}.get(match[0], match[0]), found[1:-1]
        )
        return f'"{inside}"'
    if token.lastgroup == "name" and found not in _CONSTANTS:
        return f'"{found}"'
    if token.lastgroup == "comment":
        return "\n" * found.count("\n")
    return "" if token.lastgroup == "comma" else found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice[:40]!r} appears twice in one object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a time")
