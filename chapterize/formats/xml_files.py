"""XML chapter files: Matroska, as mkvmerge and mkvextract use it, and Podlove Simple Chapters.

Two more are only read: the text stream of MP4Box, for Apple's chapter tools, and ChapterGrabber's.
"""

from __future__ import annotations

import re
from fractions import Fraction
from xml.sax.saxutils import escape, quoteattr

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, nested, one_line, seconds_at
from chapterize.timecode import format_timestamp
from chapterize.xml_tree import FORBIDDEN, Element, parse_xml, root_matcher

__all__ = [
    "NAMESPACE",
    "dumps_matroska",
    "dumps_podlove",
    "recognises_grabber",
    "recognises_podlove",
    "recognises_text_stream",
    "scan_grabber",
    "scan_matroska",
    "scan_podlove",
    "scan_text_stream",
]

NAMESPACE = "http://podlove.org/simple-chapters"
"""The XML namespace of Podlove Simple Chapters."""

_STARTS, _ENDS = (("ChapterTimeStart",), ("ChapterTimeEnd",))
_NANOSECOND = Fraction(1, 1_000_000_000)
_MOST_SECONDS = 360_000
"""A hundred hours."""
_UNITS = {"s": Fraction(1), "ms": Fraction(1, 1000), "us": Fraction(1, 10**6), "ns": _NANOSECOND}
_WITH_UNIT = re.compile(r"\s*(\d{1,20}(?:\.\d{1,9})?)\s*(s|ms|us|ns)?\s*", re.IGNORECASE)
_NO_LENGTH = 0.002
"""Seconds: an empty sample that comes so soon is only the end of the file."""
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
    """The atoms of the default edition, or of the first visible one, with nested atoms flattened.

    If the first child of an atom starts with it, they become one chapter, ``Part: Chapter``. The
    first of several languages is used. Hidden and disabled atoms are left out. Notes report all
    of this.

    Raises
    ------
    FormatError : broken or dangerous XML, another root, an ordered edition, or unreadable times.
    """
    root = parse_xml(text)
    if root.local != "Chapters":
        why = "Matroska chapters start with <Chapters>"
        raise FormatError(f"the XML is a <{root.local}>", why=why, line=root.line)
    editions = root.all("EditionEntry")
    if not editions:
        return Listing(())
    shown = [e for e in editions if _flag(e, "EditionFlagHidden") != "1"] or editions
    chosen = next((e for e in shown if _flag(e, "EditionFlagDefault") == "1"), shown[0])
    if _flag(chosen, "EditionFlagOrdered") == "1":
        why = "its times are a playlist, not positions on the player's clock"
        raise FormatError("an ordered edition", why=why, line=chosen.line)
    notes: list[str] = []
    if len(editions) > 1:
        notes.append(f"{len(editions) - 1} other editions were left out")
    marks = _flatten(chosen, _whole_unit(chosen), notes)
    return Listing(tuple(marks), None, tuple(dict.fromkeys(notes)))


def _whole_unit(edition: Element) -> Fraction:
    """The unit of times that are whole numbers: nanoseconds, as in the container, or seconds.

    Raises
    ------
    FormatError : the largest of them is between a hundred hours and a second.
    """
    times = [each for each in edition.walk() if each.local in (*_STARTS, *_ENDS)]
    whole = [each for each in times if re.fullmatch(r"\s*\d{1,20}\s*", each.text)]
    latest = max(whole, key=lambda each: int(each.text), default=None)
    if latest is None or int(latest.text) < _MOST_SECONDS:
        return Fraction(1)
    if int(latest.text) < 1 / _NANOSECOND:
        raise FormatError(
            f"the time {latest.text.strip()} has no unit",
            why="it is too late for seconds, and too early for nanoseconds",
            hint="write it like 00:06:40.250",
            line=latest.line,
        )
    return _NANOSECOND


def _flatten(parent: Element, unit: Fraction, notes: list[str]) -> list[Mark]:
    marks: list[Mark] = []
    for atom in parent.all("ChapterAtom"):
        if _flag(atom, "ChapterFlagHidden") == "1" or _flag(atom, "ChapterFlagEnabled") == "0":
            notes.append("hidden chapters were left out")
            continue
        mark = _atom_mark(atom, unit, notes)
        if atom.all("ChapterAtom"):
            notes.append("nested chapters were flattened")
            marks += nested(mark, _flatten(atom, unit, notes))
        else:
            marks.append(mark)
    return marks


def _flag(element: Element, name: str) -> str:
    return element.value(name).strip()


def _atom_mark(atom: Element, unit: Fraction, notes: list[str]) -> Mark:
    start, end = (
        next((_atom_time(time, unit) for time in atom.all(*names)), None)
        for names in (_STARTS, _ENDS)
    )
    if start is None:
        raise FormatError("a chapter without <ChapterTimeStart>", line=atom.line)
    displays = atom.all("ChapterDisplay")
    if len(displays) > 1:
        notes.append("the first of several languages was used")
    title = displays[0].value("ChapterString", "ChapString") if displays else ""
    return Mark(start, title, end, atom.line)


def _atom_time(time: Element, unit: Fraction) -> float | None:
    """The time in an element; also a number with a unit, as mkvmerge takes it. None: empty."""
    match = _WITH_UNIT.fullmatch(time.text)
    if match and (match[2] or "." not in match[1]):
        return float(Fraction(match[1]) * (_UNITS[match[2].lower()] if match[2] else unit))
    return seconds_at(time.text, time.line) if time.text.strip() else None


recognises_text_stream = root_matcher("TextStream")
recognises_grabber = root_matcher("chapterInfo", "chapters")


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


def scan_text_stream(text: str) -> Listing:
    """The samples of a ``<TextStream>``; one without text ends the chapter before it.

    Raises
    ------
    FormatError : broken or dangerous XML, another root, or unreadable times.
    """
    root = parse_xml(text)
    if root.local != "TextStream":
        raise FormatError(f"the XML is a <{root.local}>", why="it must be a <TextStream>", line=1)
    marks: list[Mark] = []
    for sample in root.all("TextSample"):
        if "sampleTime" not in sample.attributes:
            raise FormatError("a <TextSample> without sampleTime", line=sample.line)
        start = seconds_at(sample.attributes["sampleTime"], sample.line)
        title = " ".join((sample.attributes.get("text") or sample.text).split())
        if title or not marks:
            marks.append(Mark(start, title, None, sample.line))
        elif start - marks[-1].start > _NO_LENGTH:
            last = marks[-1]
            marks[-1] = Mark(last.start, last.title, start, last.line)
    return Listing(tuple(marks))


def scan_grabber(text: str) -> Listing:
    """The chapters of a ``<chapterInfo>``, as ChapterGrabber writes it, or of a ``<chapters>``.

    The latter is that of Apple's ChapterTool, or of Podlove without its namespace.

    Raises
    ------
    FormatError : broken or dangerous XML, another root, or unreadable times.
    """
    root = parse_xml(text)
    if root.local not in ("chapterInfo", "chapters"):
        raise FormatError(f"the XML is a <{root.local}>", why="it must be a <chapterInfo>", line=1)
    holders = root.all("chapters") if root.local == "chapterInfo" else [root]
    marks = [_grabbed(row) for each in holders for row in each.all("chapter")]
    length = next((each.value("duration").strip() for each in root.all("source")), "")
    return Listing(tuple(marks), seconds_at(length, root.line) if length else None)


def _grabbed(row: Element) -> Mark:
    values = {key.lower(): value.strip() for key, value in row.attributes.items()}
    start = next((values[key] for key in ("time", "start", "starttime") if values.get(key)), None)
    if start is None:
        raise FormatError("a chapter without time", why="time is its start", line=row.line)
    title = values.get("name") or values.get("title") or row.value("title", "name").strip()
    return Mark(seconds_at(start, row.line), title, None, row.line)
