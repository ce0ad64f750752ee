"""WebVTT chapters: one cue a chapter, titles on one line with ``& < >`` escaped."""

from __future__ import annotations

import html
import re

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, one_line, seconds_at
from chapterize.formats.speech import refuse_speech
from chapterize.timecode import format_timestamp

__all__ = ["dumps", "recognises", "scan"]

recognises = re.compile("WEBVTT").match

# What says that the cues are chapters: our own note, and the header of some programs.
_CHAPTERS = re.compile(r"^(?:NOTE chapters|Kind:\s*chapters)\s*$", re.IGNORECASE | re.MULTILINE)
_HEADER = re.compile(r"WEBVTT(?:[ \t].*)?")
_TIMING = re.compile(r"\s*(\S+)[ \t]+-->[ \t]+(\S+)(?:[ \t].*)?")
_TIME = re.compile(r"(?:\d{2,4}:)?[0-5]\d:[0-5]\d\.\d{3}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_TAG = re.compile(r"<[^<>]*>")


def dumps(chapters: Chapters) -> str:
    """One cue for each chapter; an empty title is an empty cue."""
    # The note keeps chapterize from reading the file as captions of the video next to it.
    parts = ["WEBVTT\n\nNOTE chapters\n"]
    for number, chapter in enumerate(chapters.chapters, 1):
        title = html.escape(one_line(chapter.title), quote=False)
        times = f"{format_timestamp(chapter.start)} --> {format_timestamp(chapter.end)}"
        parts.append(f"\n{number}\n{times}\n{title}\n")
    return "".join(parts)


def scan(text: str) -> Listing:
    """The cues without tags; notes, styles and regions are skipped.

    Raises
    ------
    FormatError : no ``WEBVTT`` at the top, a cue with unreadable times, or captions.
    """
    lines = text.split("\n")
    if not _HEADER.fullmatch(lines[0].rstrip()):
        raise FormatError("not WebVTT", why="the first line must be WEBVTT", line=1)
    marks = []
    index = 1
    while index < len(lines):
        if "-->" not in lines[index]:
            index += 1
            continue
        line = index + 1
        start, end = _times(lines[index], line)
        payload = []
        index += 1
        while index < len(lines) and lines[index].strip() and "-->" not in lines[index]:
            payload.append(lines[index])
            index += 1
        bare = _TAG.sub("", " ".join(payload))
        title = _ENTITY.sub(lambda found: html.unescape(found[0]), bare)
        marks.append(Mark(start, title.strip(), end, line))
    if not _CHAPTERS.search(text):
        refuse_speech(marks)
    return Listing(tuple(marks))


def _times(row: str, line: int) -> tuple[float, float]:
    match = _TIMING.fullmatch(row)
    if match is None or not all(_TIME.fullmatch(part) for part in match.groups()):
        raise FormatError(
            f"not a cue timing: {row.strip()[:60]!r}",
            why="times look like 00:01:02.345 --> 00:02:00.000",
            line=line,
        )
    start, end = (seconds_at(part, line) for part in match.groups())
    if end < start:
        raise FormatError("a cue ends before it starts", line=line)
    return start, end
