"""Read the agent's prose: lack of credits, closing questions, noise, instructions for an editor."""

from __future__ import annotations

import re
from collections.abc import Callable

from chapterize.masking import blank_secrets

__all__ = [
    "OUT_OF_CREDITS",
    "RULES",
    "closing_question",
    "may_become_noise",
    "out_of_credits",
    "printable",
    "readable",
    "service_code",
    "translate",
    "without_noise",
]

OUT_OF_CREDITS = 2001
_CODES = frozenset({1001, 1002, OUT_OF_CREDITS, 4001, 4002})

_CONTROLS = {code: None for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}
_LONE = re.compile(r"[\ud800-\udfff]")
_NAMED = re.compile(
    r"(?:\A\W*|\berr(?:or)?\W{0,3}(?:code\W{0,3})?|\bcode\W{0,3}|错误码?\W{0,3}|[(\[（])([0-9]{4})(?![0-9])",
    re.I,
)

_NOISE = re.compile(
    r"(?:(?:sorry|apologies|oops|unfortunately|however)\b[^\w\n]{1,3})?(?:but )?"
    r"\bI(?:['’]ve| have)? (?:just )?(?:encountered|ran into|hit) (?:a|some) temporary "
    r"(?:issue|problem|error)[^\n?？]{0,300}\s*\Z"
    r"|(?:(?:抱歉|对不起)[，,\s]*)?我?(?:遇到|出现)了?(?:一个|一些)?(?:临时|暂时)性?的?"
    r"(?:问题|错误)[^\n?？]{0,200}\s*\Z",
    re.I,
)
_NOISE_OPENINGS = (
    *("I encountered a temporary ", "I've encountered a temporary ", "I ran into a temporary "),
    *("Sorry, I encountered a temporary ", "However, I encountered a temporary "),
    *("我遇到了一个临时", "抱歉，我遇到了一个临时"),
)
_TAIL = 2000

_SENTENCE_END = re.compile(r"(?<=[.!?؟])(?=\s)|(?<=[。！？])(?![”’」』）])|\n|[;；]")
_ASKS = re.compile(r".*[?？؟]\W*", re.S)

_QUOTED = re.compile(
    r"\"([^\"\n]{1,300})\"|“([^“”\n]{1,300})”|„([^„“”\n]{1,300})[“”]|«([^«»\n]{1,300})»"
    r"|「([^「」\n]{1,300})」|『([^『』\n]{1,300})』|《([^《》\n]{1,300})》|`([^`\n]{1,300})`"
    r"|‘([^‘’\n]{1,300})’|(?<!\w)'([^'\n]{1,300})'(?!\w)"
)
# Precedes a quotation of a server's message, as opposed to text for the video.
_REPORTING = re.compile(
    r"(?:error|returned|respon\w+(?: with)?|message|says?|said|reads?|错误|提示|返回|显示)\W{0,3}$",
    re.I,
)
_CODE_2001 = re.compile(
    r"(?:\berr(?:or)?|\bcode|\bfehler|错误|错误码|代码|エラー|コード)"
    r"\W{0,3}(?:code|码|代码|コード)?\W{0,3}2001(?!\d|\s*年)",
    re.I,
)
_JSON_2001 = re.compile(
    r"\{[^{}]{0,400}?[\"'](?:code|error_?code)[\"']\s*:\s*[\"']?2001[\"']?\s*[,}]", re.I
)
_LACK = re.compile(
    r"insufficient\s+(?:\w+\s+)?(?:credits?|balance)\b|(?:not|n['’]t\s+have)\s+enough\s+"
    r"(?:\w+\s+)?credits?\b|\b(?:r[au]n(?:ning)?\s+)?out\s+of\s+credits\b"
    r"|\bno\s+(?:more\s+)?credits?\s+(?:left|remain\w*|available)"
    r"|\bcredits?\s+(?:balance\s+)?(?:(?:are|is|were|ha(?:s|ve)\s+been)\s+)?"
    r"(?:exhausted|used\s+up|depleted|insufficient|too\s+low)"
    r"|(?:积分|点数|余额|额度)\s*(?:已经|已|都)?\s*(?:不足|不够|用完|用尽|耗尽)|没有足够的?(?:积分|点数)",
    re.I,
)
_FAILURE = re.compile(
    r"\b(?:cannot|can['’]?t|could\s*n['o’]t|couldn['’]t|could not|unable|fail(?:s|ed|ure)?|"
    r"aborted|rejected|denied|refused|stopped)\b|无法|不能|未能|失败|中止",
    re.I,
)
# The sentence is about content of the timeline, which may mention credits or 2001.
_CONTENT = re.compile(
    r"\b(?:sub)?titles?\b|\btitled\b|\bchapters?\b|\bcaptions?\b|\boverlays?\b|\bheadings?\b"
    r"|\btext\b|\bsegments?\b|\btracks?\b|\bcards?\b|标题|章节|字幕|文字|片段|タイトル|\btitel\b|\bkapitel\b"
    r"|\d:\d\d",
    re.I,
)
# A line of a list or a plan.
_ROW = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)、])\s|->|→|\|")
_SUPPOSING = re.compile(
    r"\b(?:if|when|whenever|before|until|unless|in case|never|won['’]t|how|why|what|about)\b"
    r"|如果|若|万一|怎么|为什么",
    re.I,
)
_PRECEDING = frozenset(
    """sorry error errors unfortunately oops warning notice api request you we your the this account
    user current currently it seems looks like that have has do does don ve re are is there been s t
    but already now""".split()  # noqa: SIM905
)
_PRECEDING_SIGNS = frozenset("抱歉对不起很您你的当前账户账号用户错误提示目前剩余可用已经")


def printable(text: str) -> str:
    """Return `text` as `readable` does, without tokens."""
    return blank_secrets(readable(text))


def readable(text: str) -> str:
    """Return `text` in a form safe for any terminal and any UTF-8 file.

    Control characters other than line breaks and tabs are removed. Surrogate pairs are joined; a
    lone surrogate becomes U+FFFD.
    """
    text = text.translate(_CONTROLS)
    if _LONE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def without_noise(text: str) -> str:
    """Return `text` without a closing "I encountered a temporary issue …"."""
    start = max(0, len(text) - _TAIL)
    found = _NOISE.search(text, start)
    return text[: found.start()].rstrip() if found else text


def may_become_noise(text: str) -> bool:
    """Whether the incomplete `text` may be the start of such a closing sentence."""
    text = text.lstrip()
    return any(text.startswith(opening[: len(text)]) for opening in _NOISE_OPENINGS)


def closing_question(text: str) -> str | None:
    """Return the last sentence if it is a question."""
    tail = text[-_TAIL:]
    for start in reversed([0, *(end.end() for end in _SENTENCE_END.finditer(tail))]):
        closing = tail[start:].strip()
        # An emoji or a bracket after the question mark does not count as a sentence.
        if any(c.isalnum() for c in closing):
            return closing if _ASKS.fullmatch(closing) else None
    return None


def service_code(code: int | None, message: str) -> int | None:
    """Return the service's error code: `code` if it is one, else the one that `message` names.

    A message names a code as in ``Error 2001: …`` or ``(2001)``. One that says in words that the
    credits do not suffice means 2001 too.
    """
    if code in _CODES:
        return code
    named = next((n for n in map(int, _NAMED.findall(message[:_TAIL])) if n in _CODES), None)
    if named is None and _LACK.search(message[:_TAIL]):
        named = OUT_OF_CREDITS
    return named or code


def out_of_credits(text: str) -> str | None:
    """Return the sentence that reports a lack of credits, or None.

    A year, a title in quotes or in a list, and chapters about credits do not count.
    """
    if "2001" not in text and not _LACK.search(text):
        return None
    for found in _JSON_2001.finditer(text):
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if _FAILURE.search(line) or not _CONTENT.search(line):
            return found.group()
    for line in _QUOTED.sub(_unquoted, text).split("\n"):
        if _ROW.search(line) and not _FAILURE.search(line):
            continue
        for sentence in _SENTENCE_END.split(line):
            if _reports_no_credits(sentence):
                return sentence.strip()
    return None


def _unquoted(found: re.Match[str]) -> str:
    """The content of a quoted server message; a space for any other quotation."""
    before = found.string[max(0, found.start() - 40) : found.start()]
    is_whole = found.group() == found.string.strip()
    content = next(group for group in found.groups() if group is not None)
    return content if is_whole or _REPORTING.search(before) else " "


def _reports_no_credits(sentence: str) -> bool:
    has_code = _CODE_2001.search(sentence) is not None
    lack = _LACK.search(sentence)
    if not has_code and lack is None:
        return False
    is_failure = _FAILURE.search(sentence) is not None
    if not is_failure and _CONTENT.search(sentence):
        return False
    if has_code or (lack and re.search(r"(?<!\d)2001(?!\d)", sentence)):
        return True
    if lack is None or _SUPPOSING.search(sentence):
        return False
    return is_failure or _may_precede(sentence[: lack.start()])


def _may_precede(text: str) -> bool:
    """Whether all words of `text` may precede "insufficient credits" in an error message."""
    return all(
        word in _PRECEDING or _PRECEDING_SIGNS.issuperset(word)
        for word in re.findall(r"[^\W\d_]+", text.casefold())
    )


# The agent assumes that its user sees an editor: "click the Export button", "open the media panel",
# "drag the clip". Here a click becomes a request in a message, a panel the status, dragging moving.
_Words = str | Callable[[re.Match[str]], str]
_Rule = tuple[re.Pattern[str], _Words]


def _rule(pattern: str, words: _Words) -> _Rule:
    return re.compile(pattern, re.X | re.I), words


_PLACE = r"""(?:,?\s+(?:located\s+|found\s+)?(?:in|at|on)\s+the\s+
    (?:top|upper|bottom|lower|left|right)
    (?:[-\s](?:left|right))?(?:[-\s](?:hand\s+)?(?:corner|side|toolbar|menu|panel|bar))?
    (?:\s+of\s+(?:the|your)\s+(?:screen|page|window|editor|interface|app))?(?![\w-]))?"""
_PART = r"(?:button|icon|tab|option|link|menu|tool)"
# Part of the match with the verb: "click the “Split” button" is one instruction.
_BUTTON = rf"""(?:on\s+)?(?:(?:the|your|this|that)\s+)?
    (?:["“'‘](?P<quoted>[^"“”'‘’\n]{{1,40}})["”'’](?:\s+{_PART})?
      |\*\*(?P<bold>[^*\n]{{1,40}})\*\*(?:\s+{_PART})?
      |(?P<plain>(?:[\w&+-]+\s+){{1,3}}?){_PART}(?!\w)
      |(?-i:(?P<capital>[A-Z][\w&+-]*(?:\s+[A-Z][\w&+-]*){{0,3}})))"""
_EXPORT_BUTTON = rf"""(?:on\s+)?(?:the\s+)?(?:["“'‘]|\*\*)?(?:export|download)(?!\s+(?-i:[A-Z]))
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
    rules: list[_Rule] = []
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
            _rule(rf"{press}\s+{_EXPORT_BUTTON}{_PLACE}", export),
            _rule(rf"{press}\s+{_BUTTON}{_PLACE}", _ask_for(ask)),
            _rule(rf"{click}\s+(?:on\s+)?(?=(?:the|it|them|your|any|this|that)\b)", f"{ask} for "),
            _rule(rf"{click}(?:\s+(?:here|on))?(?![\w-])(?!\s+(?:track|sound|noise|rate))", ask),
            _rule(rf"{opened}\s+(?:the\s+|your\s+)?(?:[\w-]+\s+){{0,3}}?{_PANELS}s?(?!\w){_PLACE}",
                  look),
            _rule(rf"{preview}\s+(?:\w+\s+){{0,4}}?(?:in|on)\s+(?:the\s+|your\s+)?timeline(?!\w)",
                  summary),
            _rule(rf"{drag}(?![\w-])", move),
        ]  # fmt: skip
    return (
        _rule(rf"the\s+export\s+{_PART}\s+is\b{_PLACE}", "the export is available when you ask"),
        _rule(rf"(?<![\w-])export\s+(?:button|icon|menu){_PLACE}(?!\w)", "export command"),
        *rules,
        _rule(r"(?<![\w-])drop(?=\s+(?:\w+\s+){1,4}?(?:on|onto|into|in)\s+(?:the\s+|your\s+)?"
              r"(?:timeline|track|canvas|editor)\b)", "place"),
        _rule(rf"{_ZH_CLICK}{_ZH_PLACE}[“\"「【]?(?:导出|下载)(?:视频)?[”\"」】]?(?:按钮|图标|键|选项)?",
              "导出视频"),
        _rule(rf"{_ZH_PLACE}[“\"「【]?导出[”\"」】]?(?:按钮|图标|键)", "导出命令"),
        _rule(rf"{_ZH_CLICK}{_ZH_PLACE}(?:[“\"「【](?P<quoted>[^“”\"「」【】\n]{{1,20}})[”\"」】]"
              r"(?:按钮|图标|键|选项)?|(?P<plain>[^\s，。；、！？,.;!?“”\"「」【】]{1,10}?)(?:按钮|图标|键|选项))",
              _say_in_chinese),
        _rule(_ZH_CLICK, "说明"),
        _rule(rf"打开{_ZH_PLACE}[^\s，。；！？,.;!?“”\"「」]{{0,8}}?(?:{_ZH_PANELS})", "查看状态"),
        _rule(r"在?时间[线轴](?:上|中|里)?(?:进行)?预览(?:效果|结果|视频)?"
              r"|预览[^\s，。；！？,.;!?“”\"「」]{0,6}?时间[线轴]", "查看轨道摘要"),
        _rule("(?:用鼠标)?(?:拖拽到|拖动到|拖放到|拖曳到|拖到)", "移到"),
        _rule("(?:用鼠标)?(?:拖入|拖进)", "移入"),
        _rule("(?:用鼠标)?(?:拖拽|拖动|拖放|拖曳)", "移动"),
    )  # fmt: skip


RULES = _rules()
"""What the agent asks for in an editor, and the words for it here: text, or made from the match."""
_QUOTATION = re.compile(
    r"“[^”\n]*”|\"[^\"\n]*\"|‘[^’\n]*’|「[^」\n]*」|『[^』\n]*』|《[^》\n]*》|«[^»\n]*»"
    r"|`[^`\n]*`|(?<!\w)'[^'\n]*'(?!\w)"
)
_MOST_PASSES = 8


def translate(text: str) -> str:
    """Return `text` without instructions for a graphical editor, which the user does not have.

    Quoted text is never an instruction; text without instructions is returned unchanged.
    """
    # A replacement may complete another instruction, but never adds one.
    for _ in range(_MOST_PASSES):
        before, text = text, _one_pass(text)
        if text == before:
            break
    return text


def _one_pass(text: str) -> str:
    """Replace the instructions that start outside quotes; at one position, by the first rule."""
    is_quoted = bytearray(len(text) + 1)
    for quote in _QUOTATION.finditer(text):
        is_quoted[quote.start() : quote.end()] = b"\1" * (quote.end() - quote.start())
    found = [
        (match, words)
        for pattern, words in RULES
        for match in pattern.finditer(text)
        if not is_quoted[match.start()]
    ]
    pieces, position = [], 0
    for match, words in sorted(found, key=lambda pair: pair[0].start()):
        if match.start() >= position:
            new = words if isinstance(words, str) else words(match)
            new = new[0].upper() + new[1:] if match[0][0].isupper() else new
            pieces += [text[position : match.start()], new]
            position = match.end()
    return "".join([*pieces, text[position:]])
