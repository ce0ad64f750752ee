"""One line of a corpus, with a check of each field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, overload

from chapterize.errors import FormatError

__all__ = ["Row"]

_LONGEST = 1e8
"""Seconds, about three years; a longer time is a mistake."""

_FEWEST_UNITS = 2


class Row:
    """A parsed line; every method may raise a FormatError that names file, line and document."""

    def __init__(self, fields: Mapping[str, Any], path: Path, line: int) -> None:
        self._fields = fields
        self._path = path
        self._line = line

    @classmethod
    def parse(cls, text: str, path: Path, line: int) -> Row:
        """Parse a line."""
        row = cls({}, path, line)
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            what = getattr(error, "msg", None) or str(error)
            raise row.fault(
                "not JSON", why=f"{what[:80]}", hint="give one JSON object per line"
            ) from error
        if not isinstance(fields, dict):
            raise row.fault("not a document", why="the line is not a JSON object")
        return cls(fields, path, line)

    def fault(self, what: str, *, why: str = "", hint: str = "") -> FormatError:
        """An error about this line, for the caller to raise."""
        name = self._fields.get("id")
        if isinstance(name, str):
            what = f"document {name[:60]!r}: {what}"
        return FormatError(
            f"{self._path}: {what}",
            why=why,
            hint=hint or "correct the line or remove it",
            line=self._line,
        )

    @overload
    def text(self, key: str) -> str: ...
    @overload
    def text(self, key: str, default: str) -> str: ...
    @overload
    def text(self, key: str, default: None) -> str | None: ...
    def text(self, key: str, default: str | None = "") -> str | None:
        """The text `key`; without a `default` it is required and must not be blank."""
        value = self._fields.get(key)
        if value is None and default != "":
            return default
        if not isinstance(value, str) or not value.strip():
            raise self.fault(f"no {key}", why=f"{key} must be a text that is not blank")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.fault(
                f"the {key} cannot be written", why="it has a lone surrogate"
            ) from error
        return value

    def units(self) -> tuple[list[str], list[float], list[float | None]]:
        """Texts, starts and ends of the units; starts and ends are empty without times."""
        units = self._fields.get("units")
        if not isinstance(units, list) or not all(isinstance(unit, dict) for unit in units):
            raise self.fault(
                "no units", why="units must be a list of objects with start, end and text"
            )
        if len(units) < _FEWEST_UNITS:
            raise self.fault(
                f"{len(units)} unit" + "s" * (len(units) != 1), why="a document needs at least two"
            )
        for number, unit in enumerate(units):
            if not isinstance(unit.get("text"), str):
                raise self.fault(f"unit {number} has no text")
        texts = [_encodable(unit["text"]) for unit in units]
        starts = [self._seconds(unit, "start", number) for number, unit in enumerate(units)]
        ends = [self._seconds(unit, "end", number) for number, unit in enumerate(units)]
        if all(start is None for start in starts):
            if any(end is not None for end in ends):
                raise self.fault("units without a start", why="some have an end but no start")
            return texts, [], []
        return texts, self._ascending(starts, ends), ends

    def _ascending(self, starts: list[float | None], ends: list[float | None]) -> list[float]:
        times = [start for start in starts if start is not None]
        if len(times) < len(starts):
            raise self.fault(
                f"unit {starts.index(None)} has no start",
                why="other units have one",
                hint="give every unit a start, or none",
            )
        for number, (before, after) in enumerate(pairwise(times), 1):
            if after < before:
                raise self.fault(
                    f"unit {number} starts at {after:g} s",
                    why=f"the unit before it starts at {before:g} s",
                )
        for number, (start, end) in enumerate(zip(times, ends, strict=True)):
            if end is not None and end < start:
                raise self.fault(
                    f"unit {number} ends at {end:g} s", why=f"it starts at {start:g} s"
                )
        return times

    def duration(self) -> float | None:
        """Seconds, or None if the line has no duration."""
        value = self._seconds(self._fields, "duration", None)
        if value == 0.0:
            raise self.fault("a duration of 0 s", why="it must be above 0, or absent")
        return value

    def boundaries(self, n_units: int) -> tuple[int, ...]:
        """The unit indices at which chapters begin, 0 first."""
        values = self._fields.get("boundaries")
        if not isinstance(values, list) or not values:
            raise self.fault(
                "no boundaries", why="boundaries must be a list of unit indices, 0 first"
            )
        for value in values:
            if isinstance(value, bool) or not isinstance(value, int):
                raise self.fault(f"the boundary {value!r}", why="it is not a unit index")
            if not 0 <= value < n_units:
                raise self.fault(
                    f"the boundary {value}", why=f"the units are numbered 0 to {n_units - 1}"
                )
        if values[0] != 0:
            raise self.fault(f"the first boundary is {values[0]}", why="it must be 0")
        for before, after in pairwise(values):
            if after <= before:
                raise self.fault(f"the boundary {after} follows {before}", why="they must ascend")
        return tuple(values)

    def titles(self, n_chapters: int) -> tuple[str | None, ...]:
        """One for each chapter, None if it has none; all None if the line has no titles."""
        values = self._fields.get("titles")
        if values is None:
            return (None,) * n_chapters
        if not isinstance(values, list) or len(values) != n_chapters:
            n_titles = len(values) if isinstance(values, list) else 0
            raise self.fault(
                f"{n_titles} titles for {n_chapters} chapters",
                why="each boundary needs one, null for a chapter without a title",
            )
        for value in values:
            if value is not None and not isinstance(value, str):
                raise self.fault(f"the title {value!r}", why="a title must be a text or null")
        return tuple(value if value is None else _encodable(value) for value in values)

    def _seconds(self, fields: Mapping[str, Any], key: str, unit: int | None) -> float | None:
        value = fields.get(key)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # Also false for NaN.
        if is_number and 0.0 <= value <= _LONGEST:
            return float(value)
        place = "" if unit is None else f" of unit {unit}"
        raise self.fault(
            f"the {key}{place} is {str(value)[:20]}",
            why="it must be a number of seconds, 0 or more, or null",
        )


def _encodable(text: str) -> str:
    """`text` with a question mark for each lone surrogate, which UTF-8 cannot encode."""
    return text.encode("utf-8", "replace").decode("utf-8")
