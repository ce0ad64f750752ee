"""Matroska chapter XML, as mkvmerge and mkvextract use it.

Titles keep line breaks (as character references); other control characters, which XML cannot
hold, become spaces. Read by expat with document type subsets and entities refused, so a file can
neither grow nor reach for others.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, Parsed, checked_title, seconds_at, tile
from chapterize.formats.xml_tree import FORBIDDEN, Element, parse_xml
from chapterize.timecode import format_timestamp, to_ms

__all__ = ["dumps", "loads", "scan"]

_REFERENCES = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def dumps(chapters: Chapters) -> str:
    """One edition with one atom for each chapter, language undetermined."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n<Chapters>\n  <EditionEntry>\n']
    for number, chapter in enumerate(chapters.chapters, 1):
        title = checked_title(chapter.title, number).translate(FORBIDDEN)
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


def loads(text: str, *, duration: float | None = None) -> Parsed:
    """Chapters from the XML; see `listing.tile` for errors and what is mended."""
    return tile(scan(text), duration)


def scan(text: str) -> Listing:
    """The atoms of the default edition (else the first), nested ones laid flat.

    An atom whose first child begins with it gives the child's title with its own before it,
    ``Part: Chapter``. Of several languages the first is taken. Hidden and disabled atoms are left
    out; notes say so.

    Raises
    ------
    FormatError : broken or dangerous XML, another root, an ordered edition, unreadable times.
    """
    root = parse_xml(text)
    if root.name != "Chapters":
        raise FormatError(
            f"the XML is a <{root.name}>",
            why="Matroska chapters begin with <Chapters>",
            line=root.line,
        )
    editions = root.all("EditionEntry")
    if not editions:
        return Listing(())
    chosen = next((e for e in editions if e.value("EditionFlagDefault") == "1"), editions[0])
    if chosen.value("EditionFlagOrdered") == "1":
        raise FormatError(
            "an ordered edition",
            why="its times are a play list, not places on the player's clock",
            line=chosen.line,
        )
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
        mark = _mark(atom, notes)
        children = atom.all("ChapterAtom")
        if not children:
            marks.append(mark)
            continue
        notes.append("nested chapters were laid flat")
        inner = _flatten(atom, notes)
        begins_together = bool(inner) and to_ms(inner[0].start) == to_ms(mark.start)
        if begins_together:
            joined = f"{mark.title}: {inner[0].title}" if mark.title else inner[0].title
            inner[0] = Mark(inner[0].start, joined, inner[0].end, inner[0].line)
        else:
            first_end = inner[0].start if inner else mark.end
            marks.append(Mark(mark.start, mark.title, first_end, mark.line))
        marks += inner
    return marks


def _mark(atom: Element, notes: list[str]) -> Mark:
    start, end = (atom.all(f"ChapterTime{name}") for name in ("Start", "End"))
    if not start:
        raise FormatError("a chapter without <ChapterTimeStart>", line=atom.line)
    displays = atom.all("ChapterDisplay")
    if len(displays) > 1:
        notes.append("of several languages the first was taken")
    title = displays[0].value("ChapterString") if displays else ""
    return Mark(_seconds(start[0]), title, _seconds(end[0]) if end else None, atom.line)


def _seconds(element: Element) -> float:
    return seconds_at(element.text, element.line)
