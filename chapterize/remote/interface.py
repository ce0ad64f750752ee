"""What the agent asks its user to do in an editor, and which of it the program can do instead.

The agent assumes that its user sees an editor: "click Export", "open the media panel", "preview it
in the timeline". `wording.translate` rewords that for a terminal; here it is found by the same
rules, so that it can be done.
"""

from __future__ import annotations

import enum
import re

from chapterize.remote.intent_keywords import QUOTED
from chapterize.remote.wording import RULES

__all__ = ["Wish", "wishes"]


class Wish(enum.Enum):
    """An act in an editor that stands for one of ours."""

    EXPORT = "export"
    """Click the Export button: render and download."""
    STATE = "state"
    """Open a panel: read the state."""
    SUMMARY = "summary"
    """Preview in the timeline: the summary of the tracks."""
    MOVE = "move"
    """Drag or drop: an edit, which is sent as a message."""


# By the words of `wording.RULES`. Instructions only: "I opened the panel" asks for nothing.
_WISHES = {
    **dict.fromkeys(("export the video", "exporting the video", "export command"), Wish.EXPORT),
    **dict.fromkeys(("导出视频", "导出命令"), Wish.EXPORT),
    **dict.fromkeys(("check the status", "checking the status", "查看状态"), Wish.STATE),
    **dict.fromkeys(("see the track summary", "seeing the track summary"), Wish.SUMMARY),
    **dict.fromkeys(("查看轨道摘要",), Wish.SUMMARY),
    **dict.fromkeys(("move", "moving", "place", "移到", "移入", "移动"), Wish.MOVE),
}
_NEGATED = re.compile(
    r"(?:\b(?:do not|don['’]t|never|no need to|without|not|cannot|can['’]t|no|need(?:n['’]t)?"
    r" not)\s+(?:\w+\s+){0,2}|(?:不要|不用|无需|不必|别|请勿|没有)[^\s，。；！？,.;!?]{0,3})$",
    re.I,
)
_BEFORE = 40


def wishes(text: str) -> tuple[Wish, ...]:
    """Return what `text` asks for, each once, in the order of the text.

    Quoted text asks for nothing, but a quoted name of a button belongs to the instruction: click
    the “Export” button.
    """
    quoted = [quote.span() for quote in QUOTED.finditer(text)]
    found: dict[Wish, int] = {}
    for pattern, words in RULES:
        if not isinstance(words, str) or words not in _WISHES:
            continue
        wish = _WISHES[words]
        for match in pattern.finditer(text):
            start = match.start()
            is_quoted = any(a <= start < b for a, b in quoted)
            if not is_quoted and not _NEGATED.search(text, max(0, start - _BEFORE), start):
                found[wish] = min(start, found.get(wish, start))
                break
    return tuple(sorted(found, key=found.__getitem__))
