"""JSON chapter files: the project's own, which is lossless, and Podcasting 2.0.

Own JSON is ``{"schema": "chapterize.chapters/1", "duration": s, "chapters": [{"start", "end",
"title"}]}``. It keeps titles unchanged, line breaks included. The JSON of ``draft --json`` is read
as well, and that of other programs, by `player_json`. Podcasting 2.0 chapters
(``application/json+chapters``, version 1.2.0) have titles of one line.
"""

from __future__ import annotations

import json
import re
from pathlib import PureWindowsPath
from typing import Any

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats import player_json
from chapterize.formats.frames import FrameClock
from chapterize.formats.json_tree import is_number, parse_json, parse_object
from chapterize.formats.listing import Listing, one_line
from chapterize.formats.player_json import Rows

__all__ = [
    "dumps_json",
    "dumps_podcast",
    "recognises_json",
    "recognises_podcast",
    "scan_json",
    "scan_podcast",
]

_SCHEMA = "chapterize.chapters/1"
_DRAFT_SCHEMA = "chapterize.draft/1"
_OWN = re.compile(r'"schema"\s*:\s*"chapterize\.')
_OBJECTS = re.compile(r"\[\s*\{")
_PODCAST_VERSION = "1.2.0"


def recognises_json(text: str) -> bool:
    """Whether `text` is a list of objects, or JSON with a list of chapters or with our schema."""
    if text[:1] != "{":
        return bool(_OBJECTS.match(text))
    is_foreign = '"startTime"' in text or '"OTIO_SCHEMA"' in text
    return bool(_OWN.search(text) or (not is_foreign and player_json.has_list(text)))


def recognises_podcast(text: str) -> bool:
    """Whether `text` is JSON with the times of Podcasting 2.0."""
    return text.startswith("{") and '"startTime"' in text


def dumps_json(chapters: Chapters) -> str:
    """Own JSON, one chapter a line, with a final line break."""
    rows = [{"start": c.start, "end": c.end, "title": c.title} for c in chapters.chapters]
    body = ",\n    ".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return (
        f'{{\n  "schema": "{_SCHEMA}",\n  "duration": {json.dumps(chapters.duration)},\n'
        f'  "chapters": [\n    {body}\n  ]\n}}\n'
    )


def scan_json(text: str, clock: FrameClock | None = None) -> Listing:
    """The rows of own JSON, of a draft, or of a list that `player_json` knows.

    Raises
    ------
    FormatError : not JSON, an unknown schema, or a row without start and title.
    """
    document = parse_json(text)
    schema = document.get("schema") if isinstance(document, dict) else None
    if not isinstance(schema, str) or not schema.startswith("chapterize."):
        return player_json.scan(document, clock)
    if schema not in (_SCHEMA, _DRAFT_SCHEMA):
        raise FormatError(
            f"unknown schema {schema!r}",
            why=f"this version reads {_SCHEMA} and {_DRAFT_SCHEMA}",
            hint="a newer version of chapterize may read it",
        )
    is_draft = schema == _DRAFT_SCHEMA
    holder = document.get("media") if is_draft else document
    holder = holder if isinstance(holder, dict) else {}
    stated, rate = holder.get("duration"), holder.get("frame_rate") if is_draft else None
    if stated is not None and not is_number(stated):
        raise FormatError(f"the duration is {stated!r}", why="a duration is a number of seconds")
    marks = tuple(
        Mark(
            _number_of(row, "start", number),
            _text_of(row, "title", number),
            _number_of(row, "end", number) if row.get("end") is not None else None,
        )
        for number, row in enumerate(_rows_of(document), 1)
    )
    return Listing(
        marks,
        None if stated is None else float(stated),
        frame_rate=float(rate) if is_number(rate) else None,
        media=_media_name(holder) if is_draft else None,
    )


def _media_name(media: dict[str, Any]) -> str | None:
    """The name of the recording that was drafted; None for captions alone."""
    is_recording = bool(media.get("has_video")) or media.get("audio_start") is not None
    path = media.get("path")
    # The draft may come from another system; Windows paths accept both kinds of slashes.
    return PureWindowsPath(path).name or None if is_recording and isinstance(path, str) else None


def dumps_podcast(chapters: Chapters) -> str:
    """Podcasting 2.0 JSON; every chapter has its end, so the duration is kept."""
    rows = [
        {"startTime": _short(c.start), "title": one_line(c.title), "endTime": _short(c.end)}
        for c in chapters.chapters
    ]
    document = {"version": _PODCAST_VERSION, "chapters": rows}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def scan_podcast(text: str) -> Listing:
    """The rows of Podcasting 2.0 JSON, without silent chapters (``toc: false``) and links.

    Raises
    ------
    FormatError : not JSON, a version other than 1.x, or a row without a start.
    """
    document = parse_object(text)
    version = document.get("version", _PODCAST_VERSION)
    if not re.match(r"1(?:\.|$)", str(version)):
        raise FormatError(f"version {version!r}", why="only versions 1.x can be read")
    rows = _rows_of(document)
    shown = [(number, row) for number, row in enumerate(rows, 1) if row.get("toc") is not False]
    notes = []
    if silent := len(rows) - len(shown):
        notes.append(f"{silent} silent chapters (toc: false) were left out")
    if any(row.get(key) for _, row in shown for key in ("img", "url", "location")):
        notes.append("images, links and places of the chapters were left out")
    marks = tuple(_podcast_mark(row, number) for number, row in shown)
    return Listing(marks, None, tuple(notes))


def _podcast_mark(row: dict[str, Any], number: int) -> Mark:
    wanted = {key: row.get(key) for key in ("startTime", "title", "endTime")}
    return Rows(FrameClock()).mark(wanted, number)


def _short(seconds: float) -> int | float:
    return int(seconds) if seconds == int(seconds) else seconds


def _rows_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    rows = document.get("chapters")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FormatError("no chapters in the JSON", why='"chapters" must be a list of objects')
    return rows


def _number_of(row: dict[str, Any], key: str, number: int) -> float:
    value = row.get(key)
    if not is_number(value):
        what = f"chapter {number}: {key!r} is {value!r}"
        raise FormatError(what, why="a time is a number of seconds")
    return float(value)


def _text_of(row: dict[str, Any], key: str, number: int) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise FormatError(f"chapter {number}: {key!r} is {value!r}", why="a title is text")
    return value
