"""One line of a corpus: its fields, checked one by one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, overload

from chapterize.errors import FormatError

__all__ = ["Row"]

_LONGEST = 1e8
"""Seconds, three years: a time beyond it is a mistake."""

_FEWEST_UNITS = 2


class Row:
    """A parsed line; every method raises FormatError, which names file, line and document."""

    def __init__(self, fields: Mapping[str, Any], path: Path, line: int) -> None:
        self._fields = fields
        self._path = path
        self._line = line

    @classmethod
    def parse(cls, text: str, path: Path, line: int) -> Row:
        """The row that `text` holds."""
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            what = getattr(error, "msg", None) or str(error)
            row = cls({}, path, line)
            raise row.fault("no JSON", why=f"{what[:80]}", hint="one JSON object a line") from error
        row = cls(fields if isinstance(fields, dict) else {}, path, line)
        if not isinstance(fields, dict):
            raise row.fault("not a document", why="the line is no JSON object")
        return row

    def fault(self, what: str, *, why: str = "", hint: str = "") -> FormatError:
        """An error about this line, to be raised."""
        name = self._fields.get("id")
        if isinstance(name, str):
            what = f"document {name[:60]!r}: {what}"
        return FormatError(
            f"{self._path}: {what}",
            why=why,
            hint=hint or "mend the line or take it out",
            line=self._line,
        )

    @overload
    def text(self, key: str) -> str: ...
    @overload
    def text(self, key: str, default: str) -> str: ...
    @overload
    def text(self, key: str, default: None) -> str | None: ...
    def text(self, key: str, default: str | None = "") -> str | None:
        """The text called `key`; without `default` it must be there and not be blank."""
        value = self._fields.get(key)
        if value is None and default != "":
            return default
        if not isinstance(value, str) or not value.strip():
            raise self.fault(f"no {key}", why=f"{key} is a text that is not blank")
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.fault(
                f"the {key} cannot be written", why="it holds half of a character"
            ) from error
        return value

    def units(self) -> tuple[list[str], list[float], list[float | None]]:
        """Texts, starts and ends of the units; starts and ends are empty where there are none."""
        units = self._fields.get("units")
        if not isinstance(units, list) or not all(isinstance(unit, dict) for unit in units):
            raise self.fault("no units", why="units is a list of objects with start, end and text")
        if len(units) < _FEWEST_UNITS:
            raise self.fault(
                f"{len(units)} unit" + "s" * (len(units) != 1),
                why="there is nothing to divide in fewer than two",
            )
        for number, unit in enumerate(units):
            if not isinstance(unit.get("text"), str):
                raise self.fault(f"unit {number} has no text")
        texts = [_whole(unit["text"]) for unit in units]
        starts = [self._seconds(unit, "start", number) for number, unit in enumerate(units)]
        ends = [self._seconds(unit, "end", number) for number, unit in enumerate(units)]
        if all(start is None for start in starts):
            if any(end is not None for end in ends):
                raise self.fault("units that end and never start", why="they have an end alone")
            return texts, [], []
        return texts, self._ascending(starts, ends), ends

    def _ascending(self, starts: list[float | None], ends: list[float | None]) -> list[float]:
        times = [start for start in starts if start is not None]
        if len(times) < len(starts):
            raise self.fault(
                f"unit {starts.index(None)} has no start",
                why="other units have one",
                hint="give every unit its start, or none",
            )
        for number, (before, after) in enumerate(pairwise(times), 1):
            if after < before:
                raise self.fault(
                    f"unit {number} starts at {after:g} s", why=f"the one before it at {before:g} s"
                )
        for number, (start, end) in enumerate(zip(times, ends, strict=True)):
            if end is not None and end < start:
                raise self.fault(
                    f"unit {number} ends at {end:g} s", why=f"it starts at {start:g} s"
                )
        return times

    def duration(self) -> float | None:
        """Seconds, None where the line gives none."""
        value = self._seconds(self._fields, "duration", None)
        if value == 0.0:
            raise self.fault("a duration of 0 s", why="it must be above 0, or not be given")
        return value

    def boundaries(self, n_units: int) -> tuple[int, ...]:
        """The unit indices at which chapters begin, 0 first."""
        values = self._fields.get("boundaries")
        if not isinstance(values, list) or not values:
            raise self.fault("no boundaries", why="boundaries is a list of unit indices, 0 first")
        for value in values:
            if isinstance(value, bool) or not isinstance(value, int):
                raise self.fault(f"the boundary {value!r}", why="it is no unit index")
            if not 0 <= value < n_units:
                raise self.fault(
                    f"the boundary {value}", why=f"the units are numbered 0 to {n_units - 1}"
                )
        if values[0] != 0:
            raise self.fault(
                f"the first boundary is {values[0]}", why="the first chapter begins at 0"
            )
        for before, after in pairwise(values):
            if after <= before:
                raise self.fault(f"the boundary {after} follows {before}", why="they must ascend")
        return tuple(values)

    def titles(self, n_chapters: int) -> tuple[str | None, ...]:
        """One for each chapter, None where it has none; all None where the line has no titles."""
        values = self._fields.get("titles")
        if values is None:
            return (None,) * n_chapters
        if not isinstance(values, list) or len(values) != n_chapters:
            n_titles = len(values) if isinstance(values, list) else 0
            raise self.fault(
                f"{n_titles} titles for {n_chapters} chapters",
                why="there is one for each boundary, null where a chapter has none",
            )
        for value in values:
            if value is not None and not isinstance(value, str):
                raise self.fault(f"the title {value!r}", why="a title is a text or null")
        return tuple(value if value is None else _whole(value) for value in values)

    def _seconds(self, fields: Mapping[str, Any], key: str, unit: int | None) -> float | None:
        value = fields.get(key)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        # The comparison is false for NaN, too.
        if is_number and 0.0 <= value <= _LONGEST:
            return float(value)
        place = "" if unit is None else f" of unit {unit}"
        raise self.fault(
            f"the {key}{place} is {str(value)[:20]}",
            why="it is a number of seconds, 0 or more, or null",
        )


def _whole(text: str) -> str:
    """`text` with a question mark for each half of a character, which no output can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
