"""Chapter lists in the JSON of players, podcast hosts, audiobook shops, editors and ffprobe.

They differ in the names of a few keys, in units, and in how deep the list is. Some of them are
ffprobe's ``-show_chapters``, yt-dlp's ``.info.json``, Podlove, Podigee, Auphonic, Apple's HLS
chapters, Audible and Audnexus, Audiobookshelf, Plex, Jellyfin and Emby, Bilibili, Twitch,
AssemblyAI, LosslessCut's project (``.llc``), SceneCut, and Kdenlive's guides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import PureWindowsPath
from typing import Any

from chapterize.data import Mark
from chapterize.errors import FormatError
from chapterize.formats.frames import FrameClock, known_rate
from chapterize.formats.json_tree import is_number
from chapterize.formats.listing import Listing, nested, numbered_scenes
from chapterize.timecode import parse_time

__all__ = ["Rows", "has_list", "scan"]

_MOST_NESTED = 12

# Keys are compared in lower case and without - and _; the first one that a row has counts.
_LISTS = (
    *("chapters", "chapter", "chaptermarks", "cutsegments", "scenes", "markers", "bookmarks"),
    *("viewpoints", "guides", "haspart"),
)
_PLAIN_LISTS = ("", "data", "items")
_MS, _TICK = Fraction(1, 1000), Fraction(1, 10_000_000)
_STARTS: Mapping[str, Fraction] = {
    **dict.fromkeys(("startoffsetms", "startms", "starttimems", "startmillis"), _MS),
    **dict.fromkeys(("starttimeoffset", "timerangestartmillis", "timems", "offsetms"), _MS),
    **dict.fromkeys(("positionmilliseconds", "positionms", "startsat"), _MS),
    "startpositionticks": _TICK,
    **dict.fromkeys(("startoutputsec", "startoutput", "startsec", "starttime"), Fraction(1)),
    **dict.fromkeys(("startseconds", "positionseconds", "startoffsetsec", "start"), Fraction(1)),
    **dict.fromkeys(("startoffset", "timestamp", "timecode", "time", "from"), Fraction(1)),
    **dict.fromkeys(("position", "offset", "begin"), Fraction(1)),
}
_ENDS: Mapping[str, Fraction] = {
    **dict.fromkeys(("endoffsetms", "endms", "endtimems", "endmillis"), _MS),
    **dict.fromkeys(("endtimeoffset", "timerangeendmillis"), _MS),
    **dict.fromkeys(("endtime", "endseconds", "endsec", "endoffset", "end", "to"), Fraction(1)),
}
_LENGTHS: Mapping[str, Fraction] = {
    **dict.fromkeys(("lengthms", "durationms", "durationmilliseconds", "runtimelengthms"), _MS),
    **dict.fromkeys(
        ("duration", "durationseconds", "durationsec", "runtimelengthsec"), Fraction(1)
    ),
}
_FRAMES = ("pos", "startframe", "frame")
_TITLES = (
    *("title", "titles", "name", "label", "gist", "headline", "content", "tag", "chaptertitle"),
    *("description", "comment"),
)
_EXTRAS = ("img", "image", "images", "url", "href", "link", "location")
_WORDED = re.compile(
    r"(?:PT)?(?=\d)(?:(\d{1,4})\s*h\s*)?(?:(\d{1,4})\s*m\s*)?(?:(\d{1,9}(?:\.\d{1,9})?)\s*s)?",
    re.IGNORECASE,
)


has_list = re.compile(
    r"""['"]?(?:chapters?|chapter[_-]?marks|cutSegments|scenes|markers|bookmarks|view_points|hasPart)['"]?"""
    r"\s*:\s*\[\s*\{",
    re.IGNORECASE,
).search
"""Finds a list in JSON that has the name of one of chapters."""


@dataclass
class Rows:
    """Reads rows of one list; `clock` counts their frames, `notes` collects what was left out."""

    clock: FrameClock
    notes: list[str] = field(default_factory=list)
    may_miss_start: bool = False

    def mark(self, row: Mapping[str, Any], number: int) -> Mark:
        """The chapter in a row, which is the one of this `number`.

        Raises
        ------
        FormatError : the row has no time, or one that cannot be read.
        """
        plain = {_bare(key): value for key, value in row.items() if value not in (None, "")}
        if any(plain.get(key) for key in _EXTRAS):
            self.notes.append("images and links of the chapters were left out")
        start = self._first(plain, _STARTS, number)
        if start is None:
            start = self._frame(plain, number)
        end = self._first(plain, _ENDS, number)
        if end is None and (length := self._first(plain, _LENGTHS, number)) is not None:
            end = start + length if length > 0 else None
        return Mark(start, self._title(plain, number), end)

    def _first(
        self, row: Mapping[str, Any], keys: Mapping[str, Fraction], number: int
    ) -> float | None:
        for key, unit in keys.items():
            if key in row:
                if key in ("start", "end"):
                    unit = _ticks(row, number) or unit
                return self._seconds(row[key], unit, f"chapter {number}: {key!r}")
        return None

    def _seconds(self, value: object, unit: Fraction, what: str) -> float:
        if is_number(value):
            return float(value * unit)
        if isinstance(value, str):
            text = value.strip()
            if unit != 1 and re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", text):
                return float(Fraction(text) * unit)
            if (match := _WORDED.fullmatch(text)) and not text[-1].isdigit():
                hours, minutes, seconds = (float(part or 0) for part in match.groups())
                return hours * 3600 + minutes * 60 + seconds
            if (counted := self.clock.seconds(text)) is not None:
                return counted
            try:
                return parse_time(text)
            except FormatError as error:
                raise FormatError(f"{what} is {value[:40]!r}", why=error.why) from error
        raise FormatError(f"{what} is {value!r}"[:100], why="a time is a number of seconds")

    def _frame(self, row: Mapping[str, Any], number: int) -> float:
        frame = next((row[key] for key in _FRAMES if key in row), None)
        if is_number(frame) and frame >= 0:
            return self.clock.at(int(frame))
        if self.may_miss_start:
            return 0.0
        raise FormatError(f"chapter {number} has no time", why="no key of it is known as a start")

    def _title(self, row: Mapping[str, Any], number: int) -> str:
        for key in _TITLES:
            if key not in row:
                continue
            value = row[key]
            if key == "titles" and isinstance(value, list):
                if len(value) > 1:
                    self.notes.append("the first of several languages was used")
                value = value[0] if value else ""
            if (text := _text_in(value)) is None:
                raise FormatError(f"chapter {number}: {key!r} is {value!r}"[:100], why="it is text")
            return text.strip()
        tags = row.get("tags")
        found = tags.get("title", tags.get("TITLE")) if isinstance(tags, dict) else None
        return found.strip() if isinstance(found, str) else ""


def scan(document: object, clock: FrameClock | None = None) -> Listing:
    """The rows of the one list of chapters in a JSON value.

    Chapters inside chapters are flattened. `clock` is for lists that count frames.

    Raises
    ------
    FormatError : there is no list of chapters or more than one, or a row cannot be read.
    """
    lists = list(_lists_in(document, "", 0))
    filled = [found for found in lists if found[1]]
    if not filled:
        why = "an empty list" if lists else "no list has rows with a time and a title"
        hint = "give a file with a list of chapters, each with its time and title"
        raise FormatError("no chapters in the JSON", why=why, hint=hint)
    if len(filled) > 1:
        raise FormatError(
            f"{len(filled)} lists of chapters in the JSON",
            why="this looks like several recordings",
            hint="keep one list in the file",
        )
    [(name, rows)] = filled
    facts = _facts(document)
    rate = (clock.rate if clock else None) or known_rate(facts.get("fps") or 0)
    reader = Rows(FrameClock(rate), may_miss_start=name == "cutsegments")
    marks = _flat(rows, reader)
    if name == "scenes" and not any(mark.title for mark in marks):
        marks = numbered_scenes(marks)
    return Listing(
        tuple(marks),
        facts.get("duration"),
        tuple(dict.fromkeys((*reader.notes, *reader.clock.notes))),
        frame_rate=facts.get("fps"),
        media=_media(document),
    )


def _lists_in(value: object, key: str, depth: int) -> Iterator[tuple[str, Sequence[Any]]]:
    """Each list that has the name or the rows of a list of chapters, and its name."""
    if depth > _MOST_NESTED:
        return
    if isinstance(value, list):
        rows = [_unwrapped(row) for row in value]
        starts = [isinstance(row, dict) and _has(row, (*_STARTS, *_FRAMES)) for row in rows]
        is_plain = key in _PLAIN_LISTS and all(starts)
        is_plain = is_plain and all(_has(row, (*_TITLES, "tags")) for row in rows)
        is_named = key in _LISTS and (any(starts) or key == "cutsegments" or not rows)
        if (is_plain and rows) or is_named:
            yield key, rows
            return
        for row in value:
            yield from _lists_in(row, "row", depth + 1)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _lists_in(inner, _bare(name), depth + 1)


def _unwrapped(row: object) -> object:
    """The object inside an object with one key, as ``{"chapterRenderer": {...}}``."""
    if isinstance(row, dict) and len(row) == 1:
        [inner] = row.values()
        return inner if isinstance(inner, dict) else row
    return row


def _flat(rows: Sequence[Any], reader: Rows, depth: int = 0) -> list[Mark]:
    if depth > _MOST_NESTED:
        raise FormatError(
            "chapters nested too deeply", why=f"at most {_MOST_NESTED} levels are read"
        )
    marks: list[Mark] = []
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise FormatError(f"chapter {number} is {row!r}"[:100], why="it must be an object")
        mark = reader.mark(row, number)
        inner = row.get("chapters")
        if isinstance(inner, list) and inner:
            reader.notes.append("nested chapters were flattened")
            marks += nested(mark, _flat(inner, reader, depth + 1))
        else:
            marks.append(mark)
    return marks


def _facts(document: object) -> dict[str, float]:
    """The duration (seconds) and the frame rate that the document states."""
    found: dict[str, float] = {}
    holders = [document]
    if isinstance(document, dict):
        holders += [document.get(key) for key in ("format", "source", "episode", "chapter_info")]
        content = document.get("content_metadata")
        holders.append(content.get("chapter_info") if isinstance(content, dict) else None)
    for holder in holders:
        if not isinstance(holder, dict):
            continue
        plain = {_bare(key): value for key, value in holder.items()}
        reader = Rows(FrameClock())
        for key, unit in _LENGTHS.items():
            if plain.get(key) not in (None, "") and "duration" not in found:
                length = reader._seconds(plain[key], unit, f"the {key}")
                found |= {"duration": length} if length > 0 else {}
        for key in ("fps", "framerate"):
            if is_number(plain.get(key)):
                found.setdefault("fps", float(plain[key]))
    return found


def _media(document: object) -> str | None:
    """The name of the media file that LosslessCut states."""
    name = document.get("mediaFileName") if isinstance(document, dict) else None
    return PureWindowsPath(name).name or None if isinstance(name, str) else None


def _ticks(row: Mapping[str, Any], number: int) -> Fraction | None:
    """The unit of start and end where the row has one: ffprobe's time base, or milliseconds."""
    if {"gist", "headline"} <= row.keys():
        return _MS  # AssemblyAI
    base = row.get("timebase")
    if base is None:
        return None
    match = re.fullmatch(r"\s*(\d{1,10})/(\d{1,10})\s*", base) if isinstance(base, str) else None
    if match is None or not int(match[1]) or not int(match[2]):
        raise FormatError(f"chapter {number}: 'time_base' is {base!r}", why="it looks like 1/1000")
    return Fraction(int(match[1]), int(match[2]))


def _text_in(value: object) -> str | None:
    """Text, alone or inside an object as ``{"title": text}`` and ``{"runs": [{"text": text}]}``."""
    for _ in range(4):
        if isinstance(value, dict):
            known = ("title", "text", "simpleText", "value", "runs")
            value = next((value[key] for key in known if key in value), None)
        elif isinstance(value, list) and value:
            value = value[0]
    return value if isinstance(value, str) else None


def _has(row: object, keys: Sequence[str]) -> bool:
    return isinstance(row, dict) and not {_bare(key) for key in row}.isdisjoint(keys)


def _bare(key: str) -> str:
    return key.casefold().replace("_", "").replace("-", "")
