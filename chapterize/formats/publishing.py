"""Lists for people and simple tools: Markdown, show notes, and the text file of mp4chaps."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, one_line, seconds_at
from chapterize.formats.markup import without_markup
from chapterize.markdown import literal, timed_heading
from chapterize.timecode import format_clock, format_timestamp

__all__ = [
    "dumps_markdown",
    "dumps_mp4chaps",
    "dumps_show_notes",
    "recognises_markdown",
    "scan_markdown",
]

_YOUTUBE = re.compile(r"(?:[\w-]+\.)*(?:youtube(?:-nocookie)?\.com|youtu\.be)", re.IGNORECASE)
_CLOSING = {ord(sign): quote(sign) for sign in "()<> \\"}
"""What ends a link."""
_HEADING = re.compile(
    r"#{1,6}\s+[*_`]{0,3}(?:\[[*_`]{0,3}(?P<linked>[\d:.]+)[*_`]{0,3}\]\([^()\s]*\)"
    r"|(?P<time>\d[\d:.]*:\d\d))[*_`]{0,3}(?:\s+(?P<title>.*?)(?:\s+#+\s*)?)?"
)
recognises_markdown = re.compile(
    r"(?:[^\n]*\n){0,40}?#{1,6} (?:\[\d+:\d\d(?::\d\d)?\]\(|\d+:\d\d(?::\d\d)? )"
).match


def dumps_mp4chaps(chapters: Chapters) -> str:
    """``hh:mm:ss.mmm Title``, one line a chapter: mp4chaps reads it as ``NAME.chapters.txt``."""
    rows = zip(chapters.starts, chapters.titles, strict=True)
    return "".join(f"{format_timestamp(start)} {one_line(title)}\n" for start, title in rows)


def dumps_show_notes(chapters: Chapters) -> str:
    """``(00:00) Title``, one line a chapter, as podcast apps link times in a description.

    Raises
    ------
    FormatError : two chapters in one second, or an empty title; the error names the line.
    """
    lines: list[str] = []
    for number, chapter in enumerate(chapters.chapters, 1):
        time, title = format_clock(chapter.start), one_line(chapter.title)
        if not title:
            raise FormatError("a chapter has no title", why="each line needs one", line=number)
        lines.append(f"({'0' if time.index(':') == 1 else ''}{time}) {title}\n")
        if len(lines) > 1 and lines[-2].split(")")[0] == lines[-1].split(")")[0]:
            raise FormatError(
                f"{title!r} starts in the same second as the chapter before it",
                why="show notes count in whole seconds",
                hint="merge the two",
                line=number,
            )
    return "".join(lines)


def dumps_markdown(
    chapters: Chapters, *, media: str | None = None, address: str | None = None
) -> str:
    """A heading for each chapter; its time links to `address`, else to the file named `media`.

    No character of a title acts as markup.
    """
    blocks = [f"# {literal(media.rpartition('.')[0] or media)}"] if media else []
    for chapter in chapters.chapters:
        link = None
        if address is not None:
            link = _at(address, chapter.start)
        elif media:
            link = f"{quote(media)}#t={chapter.start:.10g}"
        blocks.append(timed_heading(chapter.start, one_line(chapter.title), link))
    return "\n\n".join(blocks) + "\n"


def scan_markdown(text: str) -> Listing:
    """The headings that start with a time, as `dumps_markdown` writes them.

    Raises
    ------
    FormatError : no such heading, or a time that cannot be.
    """
    marks = []
    for line, row in enumerate(text.split("\n"), 1):
        if len(row) < 10_000 and (match := _HEADING.fullmatch(row)):
            start = seconds_at(match["linked"] or match["time"], line)
            marks.append(Mark(start, without_markup((match["title"] or "").strip()), None, line))
    if not marks:
        why = "a chapter is a heading that starts with its time"
        raise FormatError("no chapters found", why=why, hint="write it like ## 1:02 Title")
    return Listing(tuple(marks))


def _at(address: str, start: float) -> str:
    """A web address at a time, as YouTube or as Media Fragments write it."""
    parts = urlsplit(address.translate(_CLOSING))
    if _YOUTUBE.fullmatch(parts.hostname or ""):
        kept = [each for each in parts.query.split("&") if each and not each.startswith("t=")]
        return parts._replace(query="&".join([*kept, f"t={int(start)}s"]), fragment="").geturl()
    return parts._replace(fragment=f"t={start:.10g}").geturl()
