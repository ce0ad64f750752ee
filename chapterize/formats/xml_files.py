"""XML chapter files: Matroska, as mkvmerge and mkvextract use it, and Podlove Simple Chapters."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, one_line, seconds_at
from chapterize.formats.xml_tree import FORBIDDEN, Element, parse_xml
from chapterize.timecode import format_timestamp, to_ms

__all__ = [
    "NAMESPACE",
    "dumps_matroska",
    "dumps_podlove",
    "recognises_podlove",
    "scan_matroska",
    "scan_podlove",
]

NAMESPACE = "http://podlove.org/simple-chapters"
"""The XML namespace of Podlove Simple Chapters."""

_REFERENCES = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def dumps_matroska(chapters: Chapters) -> str:
    """One edition with one atom for each chapter, of undetermined language.

    Titles keep line breaks, as character references. XML cannot hold other control characters:
    they become spaces.
    """
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<Chapters>\n  <EditionEntry>\n']
    for number, chapter in enumerate(chapters.chapters, 1):
        title = chapter.title.translate(FORBIDDEN)
        parts.append(
            "    <ChapterAtom>\n"
            f"      <ChapterUID>{number}</ChapterUID>\n"
            f"      <ChapterTimeStart>{format_timestamp(chapter.start, digits=9)}"
            "</ChapterTimeStart>\n"
            f"      <ChapterTimeEnd>{format_timestamp(chapter.end, digits=9)}</ChapterTimeEnd>\n"
            "      <ChapterDisplay>\n"
            f"        <ChapterString>{escape(title, _REFERENCES)}</ChapterString>\n"
            "        <ChapterLanguage>und</ChapterLanguage>\n"
            "      </ChapterDisplay>\n"
            "    </ChapterAtom>\n"
        )
    parts.append("  </EditionEntry>\n</Chapters>\n")
    return "".join(parts)


def scan_matroska(text: str) -> Listing:
    """The atoms of the default edition, or of the first one, with nested atoms flattened.

    If the first child of an atom starts with it, they become one chapter, ``Part: Chapter``. The
    first of several languages is used. Hidden and disabled atoms are left out. Notes report all
    of this.

    Raises
    ------
    FormatError : broken or dangerous XML, another root, an ordered edition, or unreadable times.
    """
    root = parse_xml(text)
    if root.name != "Chapters":
        why = "Matroska chapters start with <Chapters>"
        raise FormatError(f"the XML is a <{root.name}>", why=why, line=root.line)
    editions = root.all("EditionEntry")
    if not editions:
        return Listing(())
    chosen = next((e for e in editions if e.value("EditionFlagDefault") == "1"), editions[0])
    if chosen.value("EditionFlagOrdered") == "1":
        why = "its times are a playlist, not positions on the player's clock"
        raise FormatError("an ordered edition", why=why, line=chosen.line)
    notes: list[str] = []
    if len(editions) > 1:
        notes.append(f"{len(editions) - 1} other editions were left out")
    marks = _flatten(chosen, notes)
    return Listing(tuple(marks), None, tuple(dict.fromkeys(notes)))


def _flatten(parent: Element, notes: list[str]) -> list[Mark]:
    marks: list[Mark] = []
    for atom in parent.all("ChapterAtom"):
        if atom.value("ChapterFlagHidden") == "1" or atom.value("ChapterFlagEnabled") == "0":
            notes.append("hidden chapters were left out")
            continue
        mark = _atom_mark(atom, notes)
        children = atom.all("ChapterAtom")
        if not children:
            marks.append(mark)
            continue
        notes.append("nested chapters were flattened")
        inner = _flatten(atom, notes)
        if inner and to_ms(inner[0].start) == to_ms(mark.start):
            joined = f"{mark.title}: {inner[0].title}" if mark.title else inner[0].title
            inner[0] = Mark(inner[0].start, joined, inner[0].end, inner[0].line)
        else:
            first_end = inner[0].start if inner else mark.end
            marks.append(Mark(mark.start, mark.title, first_end, mark.line))
        marks += inner
    return marks


def _atom_mark(atom: Element, notes: list[str]) -> Mark:
    start, end = (
        next((seconds_at(time.text, time.line) for time in atom.all(f"ChapterTime{name}")), None)
        for name in ("Start", "End")
    )
    if start is None:
        raise FormatError("a chapter without <ChapterTimeStart>", line=atom.line)
    displays = atom.all("ChapterDisplay")
    if len(displays) > 1:
        notes.append("the first of several languages was used")
    title = displays[0].value("ChapterString") if displays else ""
    return Mark(start, title, end, atom.line)


def recognises_podlove(text: str) -> bool:
    """Whether `text` is XML in the namespace of Podlove, and not that of Matroska with a note."""
    return text.startswith("<") and NAMESPACE in text and not re.search(r"<Chapters[\s>]", text)


def dumps_podlove(chapters: Chapters) -> str:
    """A document of its own, one line a chapter, titles on one line; no ends are stored."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        f'<psc:chapters version="1.2" xmlns:psc="{NAMESPACE}">\n',
    ]
    for chapter in chapters.chapters:
        title = one_line(chapter.title.translate(FORBIDDEN))
        parts.append(
            f'  <psc:chapter start="{format_timestamp(chapter.start)}" title={quoteattr(title)}/>\n'
        )
    parts.append("</psc:chapters>\n")
    return "".join(parts)


def scan_podlove(text: str) -> Listing:
    """The chapters of ``<psc:chapters>``, alone or inside the feed of one episode.

    Links and images are left out.

    Raises
    ------
    FormatError : broken or dangerous XML, no list of chapters or several, or unreadable times.
    """
    root = parse_xml(text)
    lists = [element for element in root.walk() if _is_podlove(element, "chapters")]
    if not lists:
        raise FormatError(
            "no <psc:chapters> in the XML", why=f"their namespace is {NAMESPACE}", line=root.line
        )
    if len(lists) > 1:
        raise FormatError(
            f"{len(lists)} lists of chapters",
            why="this looks like a feed of several episodes",
            hint="keep one <psc:chapters> in the file",
            line=lists[1].line,
        )
    rows = [element for element in lists[0].children if _is_podlove(element, "chapter")]
    has_more = any(row.attributes.get(key) for row in rows for key in ("href", "image"))
    notes = ("links and images of the chapters were left out",) if has_more else ()
    return Listing(tuple(_podlove_mark(row) for row in rows), None, notes)


def _is_podlove(element: Element, name: str) -> bool:
    namespace, _, local = element.name.rpartition(" ")
    return local == name and namespace.rstrip("/") == NAMESPACE


def _podlove_mark(row: Element) -> Mark:
    if "start" not in row.attributes:
        raise FormatError("a chapter without start", why="start is its time", line=row.line)
    start = seconds_at(row.attributes["start"], row.line)
    return Mark(start, row.attributes.get("title", "").strip(), None, row.line)
