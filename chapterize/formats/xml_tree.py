"""Read untrusted XML with expat, refusing document type subsets and entities.

So a file can neither expand nor fetch other files. Every fault is a FormatError with its line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from chapterize.errors import FormatError

__all__ = ["FORBIDDEN", "Element", "parse_xml"]

_MAX_DEPTH = 64

FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), " ")
"""Characters that XML 1.0 cannot hold, for `str.translate`: C0 controls, U+FFFE, U+FFFF."""


@dataclass
class Element:
    """An XML element; with a namespace its name is ``URI name``."""

    name: str
    line: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def all(self, name: str) -> list[Element]:
        """All children called `name`."""
        return [child for child in self.children if child.name == name]

    def value(self, name: str, default: str = "") -> str:
        """The text of the first child called `name`."""
        found = self.all(name)
        return found[0].text if found else default

    def walk(self) -> Iterator[Element]:
        """This element and all elements below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def parse_xml(text: str) -> Element:
    """The root element of `text`.

    Raises
    ------
    FormatError : not well formed, entities declared or used, or nested too deeply.
    """
    builder = _Builder()
    try:
        builder.parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        raise FormatError("not well-formed XML", why=why, line=error.lineno) from error
    return builder.holder.children[0]


class _Builder:
    """Builds the tree while expat reads."""

    def __init__(self) -> None:
        self.holder = Element("", 0)
        self._stack = [self.holder]
        self.parser = parser = expat.ParserCreate("utf-8", " ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._add_text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._refuse
        parser.SkippedEntityHandler = self._refuse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._stack) > _MAX_DEPTH:
            raise FormatError("XML nested too deeply", line=self.parser.CurrentLineNumber)
        element = Element(name, self.parser.CurrentLineNumber, attributes)
        self._stack[-1].children.append(element)
        self._stack.append(element)

    def _end(self, _: str) -> None:
        self._stack.pop()

    def _add_text(self, text: str) -> None:
        self._stack[-1].text += text

    def _doctype(self, _: str, __: str | None, ___: str | None, has_subset: int) -> None:
        # A bare document type is harmless: nothing is fetched.
        if has_subset:
            self._refuse()

    def _refuse(self, *_: object) -> None:
        raise FormatError(
            "the XML declares or uses entities",
            why="chapter files never need them, and they can be harmful",
            hint="remove the declarations from the file",
            line=self.parser.CurrentLineNumber,
        )
