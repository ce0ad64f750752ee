"""The menu of a file in MediaInfo's JSON and XML; `text_lists` reads its text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chapterize.data import Mark
from chapterize.errors import FormatError
from chapterize.formats.json_tree import parse_json
from chapterize.formats.listing import Listing
from chapterize.xml_tree import parse_xml

__all__ = ["recognises", "scan"]

_MOST_NESTED = 12
_ROW = re.compile(r"_?(\d{2,4})_([0-5]\d)_([0-5]\d)_?[._]?(\d{3})")
_LANGUAGE = re.compile(r"(?:[a-z]{2,3}(?:-[A-Za-z]{2,4})?)?:(?=\S)")
_SEVERAL = re.compile(r" - (?=[a-z]{2,3}:\S)")
_MENU = re.compile(r"""(?:"@type"|type)\s*[:=]\s*"Menu\"""", re.IGNORECASE)


def recognises(text: str) -> bool:
    """Whether `text` is JSON or XML of MediaInfo with a menu."""
    is_mediainfo = text[:1] in "{[<" and ("mediaarea" in text or '"@type"' in text)
    return is_mediainfo and bool(_MENU.search(text))


def scan(text: str) -> Listing:
    """The chapters of the menu, in the first of its languages.

    Raises
    ------
    FormatError : broken JSON or XML, or no chapters.
    """
    if text.lstrip().startswith("<"):
        rows = [(each.local, each.text) for each in parse_xml(text).walk()]
    else:
        rows = list(_pairs(parse_json(text)))
    marks = []
    has_more = False
    for name, value in rows:
        if match := _ROW.fullmatch(name):
            hours, minutes, seconds, ms = map(int, match.groups())
            first, *others = _SEVERAL.split(_LANGUAGE.sub("", value.strip(), count=1))
            has_more = has_more or bool(others)
            start = (hours * 60 + minutes) * 60 + seconds + ms / 1000
            marks.append(Mark(start, first.strip()))
    if not marks:
        raise FormatError("no chapters found", why="MediaInfo lists them under Menu")
    return Listing(
        tuple(marks), None, ("the first of several languages was used",) if has_more else ()
    )


def _pairs(value: object, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every key with a text, wherever it is."""
    if depth > _MOST_NESTED:
        return
    if isinstance(value, dict):
        yield from ((key, text) for key, text in value.items() if isinstance(text, str))
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for each in inner:
        yield from _pairs(each, depth + 1)
