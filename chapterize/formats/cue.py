"""CUE sheet: one track a chapter, ``INDEX 01 mm:ss:ff`` with 75 frames a second.

Minutes exceed 99 in long recordings. A title cannot hold a double quote: it becomes a single one.
The format stores no ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.frames import frames_of, rounding_note
from chapterize.formats.listing import Listing, one_line, refuse_more

__all__ = ["FRAME_RATE", "MAX_TRACKS", "changes", "dumps", "recognises", "scan"]

FRAME_RATE = 75
MAX_TRACKS = 99
"""Track numbers have two digits."""

recognises = re.compile(r"^[ \t]*INDEX[ \t]+\d\d[ \t]+\d+:\d\d:\d\d[ \t]*$", re.M | re.I).search

_UNNAMED = "audio.wav"
_KINDS = {".mp3": "MP3", ".aif": "AIFF", ".aiff": "AIFF"}
_COMMAND = re.compile(r"\s*([A-Za-z]+)(?:\s+(.*?))?\s*")
_FILE = re.compile(r'"([^"]*)".*|(.*?)(?:\s+[A-Za-z0-9]+)?')
_INDEX = re.compile(r"(\d{1,2})\s+(\d{1,5}):(\d{1,2}):(\d{1,2})")


@dataclass
class _Track:
    line: int
    title: str = ""
    start: float | None = None


def dumps(chapters: Chapters, *, media: str | None = None) -> str:
    """The sheet for the file named `media`, or ``audio.wav``.

    Starts are rounded to the nearest frame; `changes` says how far.

    Raises
    ------
    FormatError : more than 99 chapters, two in one frame, or a double quote in the file's name.
    """
    line = _line_of(MAX_TRACKS + 1)
    refuse_more(chapters, MAX_TRACKS, of=" tracks", instead="webvtt", line=line)
    name = one_line(media or _UNNAMED)
    if '"' in name:
        raise FormatError(
            f"the file name {name!r} holds a double quote",
            why="a CUE sheet cannot hold one",
            hint="rename the file",
            line=1,
        )
    parts = [f'FILE "{name}" {_KINDS.get(PurePath(name).suffix.lower(), "WAVE")}\n']
    frames = frames_of(chapters, Fraction(FRAME_RATE), _line_of)
    for number, (chapter, frame) in enumerate(zip(chapters.chapters, frames, strict=False), 1):
        title = one_line(chapter.title).replace('"', "'")
        seconds, ff = divmod(frame, FRAME_RATE)
        parts.append(
            f'  TRACK {number:02d} AUDIO\n    TITLE "{title}"\n'
            f"    INDEX 01 {seconds // 60:02d}:{seconds % 60:02d}:{ff:02d}\n"
        )
    return "".join(parts)


def changes(chapters: Chapters, *, media: str | None = None) -> tuple[str, ...]:
    """What `dumps` rounds and replaces, a sentence each."""
    notes = list(rounding_note(chapters, Fraction(FRAME_RATE)))
    if quoted := sum('"' in title for title in chapters.titles):
        notes.append(
            f"double quotes became single ones in {quoted} of {len(chapters)} titles,"
            " since CUE cannot hold them"
        )
    if media is None:
        notes.append(f"the sheet names {_UNNAMED}; replace it with the name of your recording")
    return tuple(notes)


def scan(text: str) -> Listing:
    """The tracks; performers, pregaps and further indices are left out.

    Raises
    ------
    FormatError : a track without ``INDEX 01``, an unreadable time, or several files.
    """
    tracks: list[_Track] = []
    files: list[str] = []
    notes: tuple[str, ...] = ()
    for line, row in enumerate(text.split("\n"), 1):
        match = _COMMAND.fullmatch(row)
        if match is None:
            continue
        command, value = match[1].upper(), match[2] or ""
        if command == "FILE":
            files.append(_file_name(value))
            if len(files) > 1:
                raise FormatError(
                    "the sheet is for several files",
                    why="the times of each file start at 0",
                    hint="make one sheet for each file",
                    line=line,
                )
        elif command == "TRACK":
            tracks.append(_Track(line))
        elif tracks and command == "PERFORMER":
            notes = ("performers were left out",)
        elif tracks:
            _take(command, value, tracks[-1], line)
    marks = tuple(_mark(track) for track in tracks)
    return Listing(marks, None, notes, media=files[0] or None if files else None)


def _file_name(value: str) -> str:
    match = _FILE.fullmatch(value)
    return (match[1] or match[2] or "").strip() if match else ""


def _take(command: str, value: str, track: _Track, line: int) -> None:
    if command == "TITLE":
        track.title = value[1:-1] if re.fullmatch(r'".*"', value) else value
    elif command == "INDEX":
        match = _INDEX.fullmatch(value)
        if match is None or int(match[3]) >= 60 or int(match[4]) >= FRAME_RATE:
            raise FormatError(
                f"not an index: {value[:40]!r}",
                why="an index looks like 01 12:34:74: minutes, seconds, and 75ths of a second",
                line=line,
            )
        if int(match[1]) == 1:
            frame = (int(match[2]) * 60 + int(match[3])) * FRAME_RATE + int(match[4])
            track.start = frame / FRAME_RATE


def _mark(track: _Track) -> Mark:
    if track.start is None:
        raise FormatError("a track without INDEX 01", why="INDEX 01 is its time", line=track.line)
    return Mark(track.start, track.title.strip(), None, track.line)


def _line_of(number: int) -> int:
    return 3 * number - 1
