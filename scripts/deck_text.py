"""The text of a deck: what is shown and said, in order.

A deck is a Markdown file in ``decks/``. It starts with ``name: value`` lines up to ``---``; then
every line is an event:

``# Heading {flags}``
    A new page. Without a flag it is a slide; ``section``, ``agenda`` and ``cover`` are slides, too.
    ``camera``, ``editor``, ``browser`` and ``montage`` show something else, and their heading only
    names a file or a tab. ``back`` returns to the last page with this heading, ``cont`` continues
    the topic of the page before, and ``plain`` draws the heading but expects none.
``- text``, ``+ text``
    A line of the page, from the start, or built in while the speech goes on. ``||`` starts the
    right column, ``! kind words`` draws a figure.
``== Title``
    A chapter starts with the next sentence.

Everything else is spoken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Deck", "Page", "read_deck"]

_PAGE = re.compile(r"#\s*(.*?)\s*(?:\{(.*)\})?$")
_SENTENCE = re.compile(r"(?<=[.?!])\s+|(?<=[。\uff1f\uff01])")
_ON_SCREEN = frozenset(("editor", "browser"))


@dataclass(eq=False)
class Page:
    """What is on the screen; `lines` grows while the page is built."""

    heading: str
    flags: frozenset[str]
    topic: int
    number: int
    lines: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The kind that should be recognised: slide, screen or camera."""
        if self.flags & _ON_SCREEN:
            return "screen"
        return "camera" if self.flags & {"camera", "montage"} else "slide"

    @property
    def gold_heading(self) -> str | None:
        """The heading that should be read."""
        is_read = self.kind == "slide" and "plain" not in self.flags
        return self.heading or None if is_read else None


@dataclass(frozen=True)
class Deck:
    """`settings` are those of the first lines, `rows` pairs of what happens and its text."""

    name: str
    settings: dict[str, str]
    rows: tuple[tuple[str, str], ...]

    def events(self) -> Iterator[tuple[str, Page | str]]:
        """Yield ``page``, ``build``, ``chapter`` and ``say`` in order."""
        pages: list[Page] = []
        is_new = False
        for kind, text in self.rows:
            if kind == "line":
                pages[-1].lines.append(text)
                continue
            if is_new:
                yield "page", pages[-1]
                is_new = False
            if kind == "page":
                found = _PAGE.match(text)
                heading, flags = (found[1], found[2]) if found else ("", None)
                pages.append(_page(heading, frozenset((flags or "").split()), pages))
                is_new = True
            elif kind == "build":
                pages[-1].lines.append(text)
                yield "build", pages[-1]
            else:
                yield kind, text


def read_deck(path: Path) -> Deck:
    """Parse one deck.

    Raises
    ------
    ValueError : it has no text.
    """
    head, _, body = path.read_text(encoding="utf-8").partition("\n---\n")
    settings = dict(re.findall(r"^(\w+):\s*(.*)$", head, re.MULTILINE))
    rows: list[tuple[str, str]] = []
    for row in filter(None, map(str.strip, body.splitlines())):
        mark, _, rest = row.partition(" ")
        if mark == "#":
            rows.append(("page", row))
        elif mark in ("-", "!", "||"):
            rows.append(("line", row if mark != "-" else rest))
        elif mark == "+":
            rows.append(("build", rest))
        elif mark == "==":
            rows.append(("chapter", rest))
        else:
            rows += [("say", text) for text in _SENTENCE.split(row) if text]
    if not any(kind == "say" for kind, _ in rows):
        raise ValueError(f"{path} has no text")
    return Deck(path.stem, settings, tuple(rows))


def _page(heading: str, flags: frozenset[str], before: list[Page]) -> Page:
    if "back" in flags:
        earlier = next(page for page in reversed(before) if page.heading == heading)
        return Page(heading, earlier.flags | flags, earlier.topic, earlier.number, earlier.lines)
    topic = before[-1].topic if "cont" in flags else len(before)
    return Page(heading, flags, topic, len(before) + 1)
