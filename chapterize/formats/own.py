"""The project's own JSON: canonical and lossless; the JSON of ``draft --json`` is read as well.

``{"schema": "chapterize.chapters/1", "duration": s, "chapters": [{"start", "end", "title"}]}``.
Titles come through as they are, line breaks included.
"""

from __future__ import annotations

import json
from pathlib import PureWindowsPath

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.json_rows import is_number, load_object, number_of, rows_of, text_of
from chapterize.formats.listing import Listing, Parsed, checked_title, tile

__all__ = ["DRAFT_SCHEMA", "SCHEMA", "dumps", "loads", "scan"]

SCHEMA = "chapterize.chapters/1"
DRAFT_SCHEMA = "chapterize.draft/1"


def dumps(chapters: Chapters) -> str:
    """The canonical text, one chapter a line; ends with a line break.

    Raises
    ------
    FormatError : a title that no UTF-8 file can hold.
    """
    rows = [
        json.dumps(
            {"start": c.start, "end": c.end, "title": checked_title(c.title, number)},
            ensure_ascii=False,
        )
        for number, c in enumerate(chapters.chapters, 1)
    ]
    body = ",\n    ".join(rows)
    return (
        f'{{\n  "schema": "{SCHEMA}",\n  "duration": {json.dumps(chapters.duration)},\n'
        f'  "chapters": [\n    {body}\n  ]\n}}\n'
    )


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from own or draft JSON; see `listing.tile` for errors and what is mended."""
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The rows as they stand.

    Raises
    ------
    FormatError : not JSON, another schema, or a row without start and title.
    """
    document = load_object(text)
    schema = document.get("schema")
    if schema not in (SCHEMA, DRAFT_SCHEMA):
        raise FormatError(
            f"unknown schema {schema!r}",
            why=f"this version reads {SCHEMA} and {DRAFT_SCHEMA}",
            hint="if it is another kind of JSON, chapterize convert --from makes one of it",
        )
    holder = document if schema == SCHEMA else document.get("media")
    stated = holder.get("duration") if isinstance(holder, dict) else None
    if stated is not None and not is_number(stated):
        raise FormatError(f"the duration is {stated!r}", why="a duration is a number of seconds")
    marks = tuple(
        Mark(
            number_of(row, "start", number),
            text_of(row, "title", number),
            number_of(row, "end", number) if row.get("end") is not None else None,
        )
        for number, row in enumerate(rows_of(document), 1)
    )
    rate = holder.get("frame_rate") if isinstance(holder, dict) and holder is not document else None
    return Listing(
        marks,
        None if stated is None else float(stated),
        frame_rate=float(rate) if is_number(rate) and isinstance(rate, int | float) else None,
        media=_media_name(holder) if schema == DRAFT_SCHEMA else None,
    )


def _media_name(media: object) -> str | None:
    """The name of the recording that a draft was made of; None for captions alone."""
    if not isinstance(media, dict):
        return None
    is_recording = bool(media.get("has_video")) or media.get("audio_start") is not None
    path = media.get("path")
    # The draft may come from another system; Windows' rules take both kinds of slashes.
    return PureWindowsPath(path).name or None if is_recording and isinstance(path, str) else None
