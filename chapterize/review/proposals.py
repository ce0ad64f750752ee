"""The chapters that the page sends, checked and cleaned."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from chapterize.characters import without_invisible
from chapterize.errors import InputError

__all__ = ["Proposal", "clean", "proposals_of", "starts_of"]

_MOST_CHARACTERS = 500
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True)
class Proposal:
    """A chapter as the page sends it: `id` is None if it is new.

    `is_placed` and `is_titled` : its start, and its title, are the program's and not the person's.
    """

    start: float
    title: str | None
    is_locked: bool = False
    id: str | None = None
    is_placed: bool = False
    is_titled: bool = False


def proposals_of(rows: object, gesture: object = None) -> list[Proposal]:
    """The chapters in a request; InputError if they have another form.

    New chapters of the gesture ``count`` are the program's. One without a title gets one later.
    """
    if not isinstance(rows, list):
        raise _malformed("chapters is no list")
    found = []
    for row in rows:
        if not isinstance(row, dict):
            raise _malformed("a chapter is no object")
        start, title, name = row.get("start"), row.get("title"), row.get("id")
        if isinstance(start, bool) or not isinstance(start, int | float):
            raise _malformed("a start is no number of seconds")
        if not 0 <= start < math.inf:
            raise _malformed("a start is no number of seconds")
        if not isinstance(title, str | None) or not isinstance(name, str | None):
            raise _malformed("a title or an id is no text")
        is_ours = gesture == "count" and name is None
        is_locked = row.get("is_locked") is True
        is_titled = is_ours or title is None
        found.append(Proposal(float(start), title, is_locked, name, is_ours, is_titled))
    return found


def starts_of(rows: object) -> list[float]:
    """The starts in a request; InputError if they are no list of seconds."""
    if not isinstance(rows, list):
        raise _malformed("starts is no list")
    return [each.start for each in proposals_of([{"start": start} for start in rows])]


def _malformed(why: str) -> InputError:
    return InputError("the request cannot be read", why=why)


def clean(title: str) -> str:
    """`title` on one line, without what nobody sees and of at most 500 characters."""
    return _CONTROLS.sub(" ", without_invisible(title)).strip()[:_MOST_CHARACTERS]
