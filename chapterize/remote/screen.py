"""Rewrite the agent's instructions for a graphical editor so that they hold without one.

The service's agent assumes that the user sees an editor: "click the Export button", "open the media
panel", "drag the clip". Here there is none. A click becomes a request in a message, a panel becomes
the status, dragging becomes moving. Quoted text is never an instruction and stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from chapterize.remote.intent.keywords import Action

__all__ = ["Translation", "translate"]


@dataclass(frozen=True)
class Translation:
    """The rewritten `text`, and the `actions` its instructions stood for, each once, in order."""

    text: str
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class _Rule:
    pattern: re.Pattern[str]
    words: str | Callable[[re.Match[str]], str]
    """The replacement."""
    action: Action


def _rule(pattern: str, words: str | Callable[[re.Match[str]], str], action: Action) -> _Rule:
    return _Rule(re.compile(pattern, re.X | re.I), words, action)


_PLACE = r"""(?:,?\s+(?:located\s+|found\s+)?(?:in|at|on)\s+the\s+
    (?:top|upper|bottom|lower|left|right)
    (?:[-\s](?:left|right))?(?:[-\s](?:hand\s+)?(?:corner|side|toolbar|menu|panel|bar))?
    (?:\s+of\s+(?:the|your)\s+(?:screen|page|window|editor|interface|app))?(?![\w-]))?"""
_PART = r"(?:button|icon|tab|option|link|menu|tool)"
# Part of the match with the verb: "click the “Split” button" is one instruction.
_NAMED = rf"""(?:on\s+)?(?:(?:the|your|this|that)\s+)?
    (?:["“'‘](?P<quoted>[^"“”'‘’\n]{{1,40}})["”'’](?:\s+{_PART})?
      |\*\*(?P<bold>[^*\n]{{1,40}})\*\*(?:\s+{_PART})?
      |(?P<plain>(?:[\w&+-]+\s+){{1,3}}?){_PART}(?!\w)
      |(?-i:(?P<capital>[A-Z][\w&+-]*(?:\s+[A-Z][\w&+-]*){{0,3}})))"""
_EXPORT = rf"""(?:on\s+)?(?:the\s+)?(?:["“'‘]|\*\*)?(?:export|download)(?!\s+(?-i:[A-Z]))
    (?:(?!\w)["”'’]|\*\*)?(?:\s+(?:video\s+)?{_PART})?(?!\w)"""
_PRESS = r"(?<![\w-])(?:(?:double|right|left)[-\s])?(?:click|tap|press)"
_BARE = r"(?<![\w-])(?:(?:double|right|left)[-\s])?click"
# Excludes the noun: "I removed the click at 0:12", "a click track".
_NO_NOUN = r"(?<!\bthe\s)(?<!\ba\s)(?<!\bone\s)(?<!\bmouse\s)(?<!\beach\s)(?<!\bevery\s)"
_PANELS = (
    r"(?:panel|tab|menu|window|sidebar|side\s+bar|drawer|dialog|timeline|library|toolbar|editor)"
)
_ZH_PANELS = "面板|窗口|菜单|选项卡|标签页|侧边栏|侧栏|工具栏|时间线|时间轴|编辑器|素材库|页面|界面"
_ZH_CLICK = "(?:鼠标)?(?:点击|点按|点选|单击|双击|右键点击|右击|轻点|轻触|点一下)(?:一下)?"
_ZH_PLACE = (
    "(?:(?:屏幕|页面|界面|窗口)?(?:左|右|顶部|底部|上方|下方)(?:上|下|侧|边)?(?:角|方|边)?的?)?"
)


def _ask_for(verb: str) -> Callable[[re.Match[str]], str]:
    def words(match: re.Match[str]) -> str:
        name = next(filter(None, match.group("quoted", "bold", "plain", "capital")))
        return f"{verb} for “{name.strip()}”"

    return words


def _say_in_chinese(match: re.Match[str]) -> str:
    return f"说“{next(filter(None, match.group('quoted', 'plain'))).strip()}”"


def _rules() -> tuple[_Rule, ...]:
    """The rules; the first that matches at a position applies, so specific ones come first."""
    rules = []
    for ending, export, ask, look, move in (
        (r"ing", "exporting the video", "asking", "checking the status", "moving"),
        (r"(?:ed)", "exported the video", "asked", "checked the status", "moved"),
        (r"", "export the video", "ask", "check the status", "move"),
    ):
        press, click = (rf"{_NO_NOUN}{verb}p?{ending}" for verb in (_PRESS, _BARE))
        opened = rf"(?<![\w-])(?:open{ending}(?:\s+up)?)"
        drag = rf"(?<![\w-])dragg?{ending}(?:[-\s]+(?:and|&|n)[-\s]+dropp?{ending})?"
        preview = rf"{_NO_NOUN}(?<![\w-])preview{ending}"
        summary = {"ing": "seeing", "": "see"}.get(ending, "saw") + " the track summary"
        rules += [
            _rule(rf"{press}\s+{_EXPORT}{_PLACE}", export, Action.EXPORT),
            _rule(rf"{press}\s+{_NAMED}{_PLACE}", _ask_for(ask), Action.EDIT),
            _rule(rf"{click}\s+(?:on\s+)?(?=(?:the|it|them|your|any|this|that)\b)", f"{ask} for ",
                  Action.EDIT),
            _rule(rf"{click}(?:\s+(?:here|on))?(?![\w-])(?!\s+(?:track|sound|noise|rate))", ask,
                  Action.EDIT),
            _rule(rf"{opened}\s+(?:the\s+|your\s+)?(?:[\w-]+\s+){{0,3}}?{_PANELS}(?!\w){_PLACE}",
                  look, Action.STATE),
            _rule(rf"{preview}\s+(?:\w+\s+){{0,4}}?(?:in|on)\s+(?:the\s+|your\s+)?timeline(?!\w)",
                  summary, Action.STATE),
            _rule(rf"{drag}(?![\w-])", move, Action.EDIT),
        ]  # fmt: skip
    return (
        _rule(rf"the\s+export\s+{_PART}\s+is\b{_PLACE}", "the export is available when you ask",
              Action.EXPORT),
        _rule(rf"(?<![\w-])export\s+(?:button|icon|menu){_PLACE}(?!\w)", "export command",
              Action.EXPORT),
        *rules,
        _rule(r"(?<![\w-])drop(?=\s+(?:\w+\s+){1,4}?(?:on|onto|into|in)\s+(?:the\s+|your\s+)?"
              r"(?:timeline|track|canvas|editor)\b)", "place", Action.EDIT),
        _rule(rf"{_ZH_CLICK}{_ZH_PLACE}[“\"「【]?(?:导出|下载)(?:视频)?[”\"」】]?(?:按钮|图标|键|选项)?",
              "导出视频", Action.EXPORT),
        _rule(rf"{_ZH_PLACE}[“\"「【]?导出[”\"」】]?(?:按钮|图标|键)", "导出命令", Action.EXPORT),
        _rule(rf"{_ZH_CLICK}{_ZH_PLACE}(?:[“\"「【](?P<quoted>[^“”\"「」【】\n]{{1,20}})[”\"」】]"
              r"(?:按钮|图标|键|选项)?|(?P<plain>[^\s，。；、！？,.;!?“”\"「」【】]{1,10}?)(?:按钮|图标|键|选项))",
              _say_in_chinese, Action.EDIT),
        _rule(_ZH_CLICK, "说明", Action.EDIT),
        _rule(rf"打开{_ZH_PLACE}[^\s，。；！？,.;!?“”\"「」]{{0,8}}?(?:{_ZH_PANELS})", "查看状态",
              Action.STATE),
        _rule(r"在?时间[线轴](?:上|中|里)?(?:进行)?预览(?:效果|结果|视频)?"
              r"|预览[^\s，。；！？,.;!?“”\"「」]{0,6}?时间[线轴]", "查看轨道摘要", Action.STATE),
        _rule("(?:用鼠标)?(?:拖拽到|拖动到|拖放到|拖曳到|拖到)", "移到", Action.EDIT),
        _rule("(?:用鼠标)?(?:拖入|拖进)", "移入", Action.EDIT),
        _rule("(?:用鼠标)?(?:拖拽|拖动|拖放|拖曳)", "移动", Action.EDIT),
    )  # fmt: skip


_RULES = _rules()
_QUOTED = re.compile(
    r"“[^”\n]*”|\"[^\"\n]*\"|‘[^’\n]*’|「[^」\n]*」|『[^』\n]*』|《[^》\n]*》|«[^»\n]*»"
    r"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)"
)
_MOST_PASSES = 8


def translate(text: str) -> Translation:
    """Return `text` without instructions for an editor, and the actions they meant; never raises.

    Text without such instructions is returned unchanged. Clicks and drags mean EDIT: the user
    requests the edit in a message.
    """
    actions: list[Action] = []
    # A replacement may complete another instruction, but never adds one.
    for _ in range(_MOST_PASSES):
        text, found = _one_pass(text)
        actions += found
        if not found:
            break
    return Translation(text, tuple(dict.fromkeys(actions)))


def _one_pass(text: str) -> tuple[str, list[Action]]:
    pieces: list[str] = []
    actions: list[Action] = []
    position = 0
    for match, rule in _matches(text):
        if match.start() >= position:
            pieces += [text[position : match.start()], _replacement(rule, match)]
            actions.append(rule.action)
            position = match.end()
    return "".join([*pieces, text[position:]]), actions


def _matches(text: str) -> list[tuple[re.Match[str], _Rule]]:
    """Matches that start outside quotes, in the order of the text, then of the rules."""
    is_quoted = bytearray(len(text) + 1)
    for quote in _QUOTED.finditer(text):
        is_quoted[quote.start() : quote.end()] = b"\1" * (quote.end() - quote.start())
    found = [
        (match, rule)
        for rule in _RULES
        for match in rule.pattern.finditer(text)
        if not is_quoted[match.start()]
    ]
    return sorted(found, key=lambda pair: pair[0].start())


def _replacement(rule: _Rule, match: re.Match[str]) -> str:
    words = rule.words if isinstance(rule.words, str) else rule.words(match)
    return words[0].upper() + words[1:] if match[0][0].isupper() else words
