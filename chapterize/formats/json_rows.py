"""Reading JSON that strangers wrote: every fault becomes a FormatError that says where."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from chapterize.errors import FormatError

__all__ = ["is_number", "load_object", "number_of", "rows_of", "text_of"]


def load_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`.

    Raises
    ------
    FormatError : broken JSON (with its line), NaN or Infinity, nesting without end, no object.
    """
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise FormatError("not JSON", why=error.msg, line=error.lineno) from error
    except (RecursionError, ValueError) as error:
        raise FormatError("not usable JSON", why=str(error)) from error
    if not isinstance(document, dict):
        raise FormatError("not a chapter file", why="the JSON is no object", line=1)
    return document


def rows_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of the list ``chapters``.

    Raises
    ------
    FormatError : there is no such list, or something else than objects in it.
    """
    rows = document.get("chapters")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FormatError("no chapters in the JSON", why='"chapters" must be a list of objects')
    return rows


def number_of(row: dict[str, Any], key: str, number: int) -> float:
    """Seconds under `key` in chapter `number`; FormatError when it is no finite number."""
    value = row.get(key)
    if value is None or not is_number(value):
        raise FormatError(
            f"chapter {number}: {key!r} is {value!r}", why="a time is a number of seconds"
        )
    return float(value)


def text_of(row: dict[str, Any], key: str, number: int) -> str:
    """Text under `key` in chapter `number`; FormatError when it is none."""
    value = row.get(key)
    if not isinstance(value, str):
        raise FormatError(f"chapter {number}: {key!r} is {value!r}", why="a title is text")
    return value


def is_number(value: object) -> bool:
    """Whether `value` is a finite number (true and false are none)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number a time can have")
