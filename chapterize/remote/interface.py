"""What the agent asks its user to do in an editor, and which of it the program can do instead.

The agent assumes that its user sees an editor: "click Export", "open the media panel", "preview it
in the timeline". `wording.translate` rewords that for a terminal; here it is found, so that it can
be done.
"""

from __future__ import annotations

import enum
import re

from chapterize.remote.intent_keywords import QUOTED
from chapterize.remote.wording import PANELS, ZH_PANELS

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


_QUOTE = r"[\"'“”‘’「」『』*【】]*"

# Instructions only: "I opened the panel" and "I exported it" ask for nothing.
_PATTERNS = {
    Wish.EXPORT: re.compile(
        rf"""(?<![\w-])(?:click|tap|press|hit|use|choose|select)(?:ing)?\s+(?:on\s+)?(?:the\s+)?{_QUOTE}
          (?:export|download)(?:\s+video)?(?!\w){_QUOTE}
        |(?<![\w-])export{_QUOTE}\s+(?:button|icon)(?!\w)
        |(?:点击|点按|单击|双击|轻点|点一下|按下?)[^\s，。；！？,.;!?]{{0,8}}?(?:导出|下载)
        |导出{_QUOTE}(?:按钮|图标|键)""",
        re.I | re.X,
    ),
    Wish.STATE: re.compile(
        rf"""(?<![\w-])open(?:ing)?\s+(?:up\s+)?(?:the\s+|your\s+)?(?:[\w-]+\s+){{0,3}}?{PANELS}s?(?!\w)
        |打开[^\s，。；！？,.;!?]{{0,10}}?(?:{ZH_PANELS})""",
        re.I | re.X,
    ),
    Wish.SUMMARY: re.compile(
        r"""(?<![\w-])preview(?:ing)?\s+(?:[\w-]+\s+){0,4}?(?:in|on)\s+(?:the\s+|your\s+)?timeline(?!\w)
        |在?时间[线轴](?:上|中|里)?(?:进行)?预览|预览[^\s，。；！？,.;!?]{0,6}?时间[线轴]""",
        re.I | re.X,
    ),
    Wish.MOVE: re.compile(
        r"""(?<![\w-])drag(?:ging)?(?![\w-])|(?<![\w-])drag[-\s]and[-\s]drop(?!\w)
        |(?<![\w-])drop(?=\s+(?:\w+\s+){1,4}?(?:on|onto|into|in)\s+(?:the\s+|your\s+)?
          (?:timeline|track|canvas|editor)\b)
        |拖拽|拖动|拖放|拖曳|拖到|拖入|拖进""",
        re.I | re.X,
    ),
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
    for wish, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            start = match.start()
            is_quoted = any(a <= start < b for a, b in quoted)
            if not is_quoted and not _NEGATED.search(text, max(0, start - _BEFORE), start):
                found[wish] = start
                break
    return tuple(sorted(found, key=found.__getitem__))
