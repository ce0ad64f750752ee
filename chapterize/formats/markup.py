"""The rows of a pasted list without Markdown, HTML, BBCode and wiki markup."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from chapterize.formats.times import TIME

__all__ = ["Row", "has_html", "is_html", "rows_of", "without_markup"]

_LONGEST_ROW = 1000
_TAGS = (
    r"(?:!doctype|html|head|body|article|section|main|p|div|ul|ol|li|dl|dt|dd|br|hr|h[1-6]"
    r"|table|thead|tbody|tr|td|th|blockquote|pre)"
)
_INLINE = r"(?:a|b|i|em|strong|u|s|del|code|kbd|span|font|small|mark|time|sub|sup|img)"
_BLOCK_TAG = re.compile(rf"</?{_TAGS}\b[^<>]*>", re.IGNORECASE)
_INLINE_TAG = re.compile(rf"</?{_INLINE}(?:\s[^<>]*)?/?>", re.IGNORECASE)
_IS_HTML = re.compile(rf"<{_TAGS}\b[^<>]*>|</{_INLINE}>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[dh]\b[^<>]*>", re.IGNORECASE)
_ANCHOR = re.compile(r"<a\s[^<>]*?href\s*=\s*[\"']?([^\"'\s<>]+)[^<>]*>", re.IGNORECASE)
_HIDDEN = re.compile(r"<!--.*?-->|<(script|style|head)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
# YouTube refuses angle brackets: these are the entities that its lists are pasted with.
_PLAIN_ENTITY = re.compile(r"&(?:amp|quot|apos|nbsp|#0?39|#x27);", re.IGNORECASE)

_LINK = re.compile(
    r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]"
    r"\(<?((?=[^()\s]*[:/#.])[^()\s<>]+(?:\([^()\s]*\)[^()\s<>]*)?)>?(?:\s+[\"'(][^()]*[\"')])?\)"
)
_ORG_LINK = re.compile(r"\[\[(\w+:[^\[\]]+)\]\[([^\[\]]+)\]\]")
_SLACK_LINK = re.compile(r"<(\w+://[^<>|\s]+)\|([^<>|]+)>")
_BARE_LINK = re.compile(r"\s*<(\w+:/{1,3}[^<>\s]+)>")
_BBCODE = re.compile(r"\[(b|i|u|s|url|color|size|center|font)(?:=[^\[\]]*)?\](.*?)\[/\1\]", re.I)
_CODE = re.compile(r"(?<![`\\])(`{1,3})(?!`)(.+?)(?<![`\\])\1(?!`)")
_STRONG = re.compile(r"(?<![\w*])(\*{2,3}|~~|==|'{2,5})(?=\S)(.+?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*_\\])(\*|_{1,3})(?=[^\s*_])(.+?)(?<=[^\s\\])\1(?![\w*_])")
_MARKED_TIME = re.compile(rf"(?:[*_`\[]|~~){TIME}[\s:.)–—-]*(?:[*_`]|~~|\]\()")
_IDENTIFIER = re.compile(r"__[a-z0-9]+(?:_[a-z0-9]+)*__")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_CHECKBOX = re.compile(r"^(\s*[-*+]\s+)\[[ xX]\]\s+")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)(?:\s+#+)?\s*$")
_TABLE = re.compile(r"^\s*\|(.*)\|\s*$")
_TIME_CELL = re.compile(rf"[\[(]?({TIME})[\])]?")


@dataclass(frozen=True)
class Row:
    """A row of a list: its line, its text without markup, and the links left out of it."""

    line: int
    text: str
    links: tuple[str, ...] = ()


def is_html(text: str) -> bool:
    """Whether `text` starts like a page or a fragment of HTML, and not like other XML."""
    return bool(re.match(rf"(?:<!--.*?-->\s*)?</?(?:{_TAGS}|{_INLINE})[\s/>]", text, re.I | re.S))


def has_html(text: str) -> bool:
    """Whether `text` is a list, and no page, with HTML in its rows."""
    is_marked = _IS_HTML.search(text) or _PLAIN_ENTITY.search(text)
    return bool(is_marked) and not _BLOCK_TAG.search(text)


def rows_of(text: str, *, keeps_html: bool = False) -> list[Row]:
    """The rows of `text`; longer lines than a row has are running text and are left out."""
    if keeps_html:
        pass
    elif _IS_HTML.search(text):
        text = _without_html(text)
    else:
        text = _PLAIN_ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if "\n" not in text.strip():  # copied out of JSON
        text = text.replace("\\n", "\v")
    rows: list[Row] = []
    plain: list[Row] = []
    n_changed = 0
    for line, whole in enumerate(text.split("\n"), 1):
        for part in whole.split("\v"):
            if len(part) > _LONGEST_ROW:
                continue
            links: list[str] = []
            linked = _without_links(part, links)
            row = _cells(_STRONG.sub(r"\2", linked))
            rows.append(Row(line, row, tuple(links)))
            plain.append(Row(line, _plain(row), tuple(links)))
            n_changed += plain[-1].text != _cells(linked)
    # One asterisk or underscore is markup if times have it, or several rows.
    return plain if n_changed > 1 or _MARKED_TIME.search(text) else rows


def without_markup(text: str) -> str:
    """`text`, which is Markdown, as it is shown."""
    return _plain(_STRONG.sub(r"\2", _without_links(text, [])))


def _without_html(text: str) -> str:
    """`text` without tags: those that end a row become vertical tabs, links Markdown."""
    text = _HIDDEN.sub(lambda found: "\n" * found[0].count("\n"), text)
    text = re.sub(r"<a\s[^<>]*>\s*</a>", "", text, flags=re.IGNORECASE)
    text = _CELL_END.sub(" ", text)
    text = re.sub(r"<t[dh]\b[^<>]*>", " ", text, flags=re.IGNORECASE)
    text = _ANCHOR.sub(lambda found: f"\0{found[1]}\1", text)
    text = re.sub("\0([^\0\1]*)\1([^\0]*?)</a>", r"[\2](\1)", text, flags=re.IGNORECASE | re.DOTALL)
    text = _BLOCK_TAG.sub(lambda found: "\v" + "\n" * found[0].count("\n"), text)
    text = _INLINE_TAG.sub(lambda found: "\n" * found[0].count("\n"), text)
    return html.unescape(text).replace("\xa0", " ")


def _without_links(row: str, found: list[str]) -> str:
    """`row` with the text of its links; their addresses are added to `found`."""

    def markdown(match: re.Match[str]) -> str:
        found.append(match[2])
        return match[1]

    def address_first(match: re.Match[str]) -> str:
        found.append(match[1])
        return match[2]

    def bare(match: re.Match[str]) -> str:
        found.append(match[1])
        return ""

    if "[" in row:
        row = _ORG_LINK.sub(address_first, _LINK.sub(markdown, row))
        row = _CHECKBOX.sub(r"\1", row)
    if "<" in row:
        row = _BARE_LINK.sub(bare, _SLACK_LINK.sub(address_first, row))
    return row


def _plain(row: str) -> str:
    """`row` without emphasis, code marks, escapes and the marks of a heading."""
    row = _HEADING.sub(r"\2", row)
    row = _BBCODE.sub(r"\2", _BBCODE.sub(r"\2", row))
    row = _CODE.sub(lambda found: found[2].strip(), row)
    for _ in range(3):  # emphasis inside emphasis
        before = row
        row = _STRONG.sub(r"\2", row)
        row = _EMPHASIS.sub(lambda m: m[0] if _IDENTIFIER.fullmatch(m[0]) else m[2], row)
        if row == before:
            break
    return _cells(_ESCAPE.sub(r"\1", row))


def _cells(row: str) -> str:
    """A row of a table as a row of a list: its times, then the other cells."""
    match = _TABLE.match(row)
    if match is None:
        return row
    cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", match[1])]
    times = [found[1] for cell in cells if (found := _TIME_CELL.fullmatch(cell))]
    others = [cell for cell in cells if cell and not _TIME_CELL.fullmatch(cell)]
    if times and len(others) > 1 and re.fullmatch(r"#?\d{1,3}\.?", others[0]):
        del others[0]
    if len(times) > 1 and all(map(str.isdecimal, others)):  # frames of a list of scenes
        others = []
    if not times:
        return row
    return f"{' - '.join(times[:2])} {' – '.join(others)}"
