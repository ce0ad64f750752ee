"""Text and headings in Markdown."""

from __future__ import annotations

import re

from chapterize.timecode import format_clock

__all__ = ["literal", "timed_heading"]

# What has a meaning in CommonMark or in its common extensions: anywhere, or at the start of a line.
_MARKUP = re.compile(r"[\\`*_\[\]<>&|~$^=#]|(?<=www)\.|:(?=//)|^[-+:]|^\d{1,9}[.)]")


def literal(text: str) -> str:
    """`text` on one line, shown by Markdown as it is."""
    return _MARKUP.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], " ".join(text.split()))


def timed_heading(start: float, title: str, address: str | None) -> str:
    """A heading of the second level with a time, linked to `address` if there is one."""
    time = format_clock(start)
    return f"## {f'[{time}]({address})' if address else time} {literal(title)}"
