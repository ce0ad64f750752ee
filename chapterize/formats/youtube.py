"""The list under a YouTube video: ``0:00 Title``, one chapter a line.

Times are whole seconds, rounded down. This module refuses what cannot be written;
`chapterize.check` reports what YouTube would not show, such as too few or too short chapters.
"""

from __future__ import annotations

from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats.listing import one_line
from chapterize.formats.rows import NEEDS_DASH
from chapterize.timecode import format_clock

__all__ = ["MAX_BYTES", "dumps"]

MAX_BYTES = 5000
"""The longest description YouTube accepts, in bytes."""


def dumps(chapters: Chapters) -> str:
    """One line for each chapter, with a final line break.

    Raises
    ------
    FormatError : two chapters in one second, an empty title, ``<`` or ``>`` in a title, or more
        than 5000 bytes in total; the error names the line.
    """
    lines: list[str] = []
    size, second_before = 0, -1
    for number, chapter in enumerate(chapters.chapters, 1):
        title = one_line(chapter.title)
        _refuse(title, number)
        second = int(round(chapter.start * 1000) // 1000)
        if second == second_before:
            raise FormatError(
                f"{title!r} starts in the same second as the chapter before it",
                why="YouTube counts in whole seconds",
                hint="merge the two (chapterize check --for youtube --fix does)",
                line=number,
            )
        second_before = second
        dash = "- " if NEEDS_DASH.match(title) else ""
        lines.append(f"{format_clock(chapter.start)} {dash}{title}\n")
        size += len(lines[-1].encode("utf-8"))
        if size > MAX_BYTES + 1:  # without the final line break
            raise FormatError(
                f"the list exceeds {MAX_BYTES} bytes",
                why="YouTube accepts no longer description",
                hint="shorten the titles (chapterize check --for youtube --fix does)",
                line=number,
            )
    return "".join(lines)


def _refuse(title: str, number: int) -> None:
    if not title:
        why = "YouTube needs a title in every line"
        raise FormatError("a chapter has no title", why=why, line=number)
    if "<" in title or ">" in title:
        raise FormatError(
            f"{title!r} holds < or >",
            why="YouTube accepts no angle brackets in a description",
            hint="remove them (chapterize check --for youtube --fix does)",
            line=number,
        )
