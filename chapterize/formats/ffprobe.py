"""What ``ffprobe -show_chapters`` prints as text, INI, CSV or XML; `player_json` reads its JSON."""

from __future__ import annotations

import csv
import re

from chapterize.data import Mark
from chapterize.errors import FormatError
from chapterize.formats.listing import Listing, seconds_at
from chapterize.xml_tree import Element, parse_xml, root_matcher

__all__ = ["recognises_text", "recognises_xml", "scan_text", "scan_xml"]

_CSV = re.compile(r"chapter[,|](?:id=)?-?\d+[,|](?:time_base=)?\d+/\d+[,|]")
_NAMES = ("id", "time_base", "start", "start_time", "end", "end_time", "TAG:title")

_SECTION = re.compile(r"\s*\[(chapters\.chapter\.\d+(?:\.tags)?)\]\s*")
_FLAT = re.compile(r"chapters\.chapter\.(\d+)\.(tags\.)?(\w+)=(.*)")

recognises_text = re.compile(
    rf"(?:[^\n]*\n){{0,400}}?(?:\[CHAPTER\]\nid=|{_CSV.pattern}|\[?chapters\.chapter\.0[].])"
).match
recognises_xml = root_matcher("ffprobe", "ffprobe:ffprobe")


def scan_text(text: str) -> Listing:
    """The chapters in the output of any of ffprobe's writers but those of JSON and XML.

    Raises
    ------
    FormatError : no chapters, or one without a time that can be read.
    """
    marks = []
    section: dict[str, str] | None = None
    opened = 0
    for line, row in enumerate(text.split("\n"), 1):
        if row.strip() == "[CHAPTER]":
            section, opened = {}, line
        elif row.strip() == "[/CHAPTER]" and section is not None:
            marks.append(_mark(section, opened))
            section = None
        elif section is not None:
            name, _, value = row.partition("=")
            section[name.strip()] = value
        elif _CSV.match(row):
            marks.append(_mark(_cells(row), line))
    marks += [_mark(values, line) for line, values in _flat(text).values()]
    if not marks:
        raise FormatError("no chapters found", why="ffprobe prints them with -show_chapters")
    return Listing(tuple(marks))


def _cells(row: str) -> dict[str, str]:
    """The values of a line of ``-of csv``, or of ``-of compact``, which has their names."""
    sign = row[len("chapter")]
    _, *cells = next(csv.reader([row], delimiter=sign))
    if cells[0].startswith("id="):
        return dict(cell.partition("=")[::2] for cell in cells)
    return dict(zip(_NAMES, cells, strict=False))


def _flat(text: str) -> dict[str, tuple[int, dict[str, str]]]:
    """By number, the line and the values of each chapter in ``-of flat`` or ``-of ini``."""
    found: dict[str, tuple[int, dict[str, str]]] = {}
    section = ""
    for line, row in enumerate(text.split("\n"), 1):
        if row.lstrip().startswith("["):
            match = _SECTION.fullmatch(row)
            section = f"{match[1]}." if match else ""
        elif match := _FLAT.fullmatch(section + row.strip()):
            number, is_tag, name, value = match.groups()
            if not section and value[:1] == value[-1:] == '"':
                value = value[1:-1]
            value = re.sub(r"\\(.)", lambda each: {"n": " "}.get(each[1], each[1]), value)
            values = found.setdefault(number, (line, {}))[1]
            values[f"TAG:{name}" if is_tag else name] = value
    return found


def scan_xml(text: str) -> Listing:
    """The chapters in the output of ``-of xml``.

    Raises
    ------
    FormatError : broken or dangerous XML, no chapters, or one without a time that can be read.
    """
    root = parse_xml(text)
    rows = [row for holder in root.all("chapters") for row in holder.all("chapter")]
    if not rows:
        why = "ffprobe prints them with -show_chapters"
        raise FormatError("no chapters in the XML", why=why, line=root.line)
    return Listing(tuple(_mark(_values(row), row.line) for row in rows))


def _values(row: Element) -> dict[str, str]:
    tags = [tag for holder in (row, *row.all("tags")) for tag in holder.all("tag")]
    named = {tag.attributes.get("key", ""): tag.attributes.get("value", "") for tag in tags}
    return {**row.attributes, "TAG:title": named.get("title", named.get("TITLE", ""))}


def _mark(values: dict[str, str], line: int) -> Mark:
    if "start_time" not in values:
        raise FormatError("a chapter without start_time", why="it is its time", line=line)
    end = values.get("end_time", "")
    title = values.get("TAG:title", values.get("TAG:TITLE", values.get("tag:title", "")))
    return Mark(
        seconds_at(values["start_time"], line),
        title.strip(),
        seconds_at(end, line) if end.strip() else None,
        line,
    )
