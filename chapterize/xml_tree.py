"""Read untrusted XML with expat, refusing document type subsets and entities.

So a file can neither expand nor fetch other files. Every fault is a FormatError with its line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from chapterize.errors import FormatError

__all__ = ["FORBIDDEN", "Element", "parse_xml", "root_matcher"]

_MAX_DEPTH = 64

FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), " ")
"""Characters that XML 1.0 cannot hold, for `str.translate`: C0 controls, U+FFFE, U+FFFF."""


@dataclass
class Element:
    """An XML element; with a namespace its name is ``URI name``, and `local` is without it."""

    name: str
    line: int
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    children: list[Element] = field(default_factory=list)
    parts: list[Element | str] = field(default_factory=list)
    """Text and children in document order."""

    @property
    def local(self) -> str:
        """The name without namespace."""
        return self.name.rpartition(" ")[2]

    def all(self, *names: str) -> list[Element]:
        """All children with one of these names, in any namespace."""
        return [child for child in self.children if child.local in names]

    def value(self, *names: str) -> str:
        """The text of the first child with one of these names; empty if there is none."""
        return next((child.text for child in self.all(*names)), "")

    def walk(self) -> Iterator[Element]:
        """This element and all elements below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def root_matcher(*names: str) -> Callable[[str], object]:
    """What tells whether the root of an XML text has one of these names."""
    prolog = r"(?>\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>)*+"
    return re.compile(rf"{prolog}<(?:[\w.-]+:)?(?:{'|'.join(names)})[\s/>]", re.DOTALL).match


def parse_xml(text: str) -> Element:
    """The root element of `text`.

    Raises
    ------
    FormatError : not well formed, entities declared or used, or nested too deeply.
    """
    root = Element("", 0)
    parser = _parser(root)
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        raise FormatError("not well-formed XML", why=why, line=error.lineno) from error
    return root.children[0]


def _parser(root: Element) -> expat.XMLParserType:
    """A parser that adds the tree below `root`."""
    parser = expat.ParserCreate("utf-8", " ")
    stack = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > _MAX_DEPTH:
            raise FormatError("XML nested too deeply", line=parser.CurrentLineNumber)
        stack.append(Element(name, parser.CurrentLineNumber, attributes))
        stack[-2].children.append(stack[-1])
        stack[-2].parts.append(stack[-1])

    def add_text(text: str) -> None:
        stack[-1].text += text
        stack[-1].parts.append(text)

    def refuse(*_: object) -> None:
        raise FormatError(
            "the XML declares or uses entities",
            why="chapter and caption files never need them, and they can be harmful",
            hint="remove the declarations from the file",
            line=parser.CurrentLineNumber,
        )

    def doctype(name: str, system: str | None, public: str | None, has_subset: int) -> None:
        # A bare document type is harmless: nothing is fetched.
        if has_subset:
            refuse()

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: stack.pop()
    parser.CharacterDataHandler = add_text
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = parser.SkippedEntityHandler = refuse
    return parser
