"""Rows of a chapter file."""

from __future__ import annotations

from chapterize.data import Mark


def marks(*rows: tuple[float, str]) -> list[Mark]:
    """One row per line, without ends."""
    return [Mark(start, title, None, line) for line, (start, title) in enumerate(rows, 1)]
