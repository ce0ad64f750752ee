"""Podlove Simple Chapters: ``<psc:chapters>``, alone or inside the feed of one episode.

Titles are written on one line, since podcast players show one. The format gives no ends.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import (
    Listing,
    Parsed,
    checked_title,
    one_line,
    seconds_at,
    tile,
)
from chapterize.formats.xml_tree import FORBIDDEN, Element, parse_xml
from chapterize.timecode import format_timestamp

__all__ = ["NAMESPACE", "dumps", "loads", "scan"]

NAMESPACE = "http://podlove.org/simple-chapters"


def dumps(chapters: Chapters) -> str:
    """A document of its own, one line for each chapter."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<psc:chapters version="1.2" xmlns:psc="{NAMESPACE}">\n',
    ]
    for number, chapter in enumerate(chapters.chapters, 1):
        title = one_line(checked_title(chapter.title, number).translate(FORBIDDEN))
        parts.append(
            f'  <psc:chapter start="{format_timestamp(chapter.start)}" title={quoteattr(title)}/>\n'
        )
    parts.append("</psc:chapters>\n")
    return "".join(parts)


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from the XML; see `listing.tile` for errors and what is mended."""
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The chapters as they stand; links and pictures are left out.

    Raises
    ------
    FormatError : broken or dangerous XML, no list of chapters or several, unreadable times.
    """
    root = parse_xml(text)
    lists = [element for element in root.walk() if _is(element, "chapters")]
    if not lists:
        raise FormatError(
            "no <psc:chapters> in the XML", why=f"their namespace is {NAMESPACE}", line=root.line
        )
    if len(lists) > 1:
        raise FormatError(
            f"{len(lists)} lists of chapters",
            why="this looks like a feed, and it cannot be told which episode is meant",
            hint="keep one <psc:chapters> in the file",
            line=lists[1].line,
        )
    rows = [element for element in lists[0].children if _is(element, "chapter")]
    has_more = any(row.attributes.get(key) for row in rows for key in ("href", "image"))
    notes = ("links and pictures of the chapters were left out",) if has_more else ()
    return Listing(tuple(_mark(row) for row in rows), None, notes)


def _is(element: Element, name: str) -> bool:
    namespace, _, local = element.name.rpartition(" ")
    return local == name and namespace.rstrip("/") == NAMESPACE


def _mark(row: Element) -> Mark:
    if "start" not in row.attributes:
        raise FormatError("a chapter without start", why="start is its time", line=row.line)
    start = seconds_at(row.attributes["start"], row.line)
    return Mark(start, row.attributes.get("title", "").strip(), None, row.line)
