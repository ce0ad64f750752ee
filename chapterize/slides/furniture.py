"""Lines that are not what a slide says: footers, page numbers, logos, menus, subtitles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from statistics import median

from chapterize.data import Slide, TextLine

__all__ = ["body_lines", "is_alike", "is_screen", "key_of", "subtitled"]

_ALIKE = 0.85  # ratio of matching characters from which two readings are of one text
_EDGE = 0.12  # height of the bands at the top and bottom in which furniture is, of the frame
_SUBTITLES = 0.72  # below this, of the frame, subtitles are burnt in
_SURE = 0.5  # confidence below which a line is noise

_PAGE = re.compile(
    r"(?:p(?:age|\.)?|seite|s\.|slide|folie|第)?\s*\d{1,4}\s*(?:(?:/|\||-|–|of|von|de|sur)\s*\d{1,4})?\s*页?",
    re.IGNORECASE,
)
_MENU = re.compile(
    r"\b(?:file|edit|view|help|window|tools|selection|insert|terminal|run|go|format|cell|kernel"
    r"|history|bookmarks|datei|bearbeiten|ansicht|hilfe|fenster|extras|einfügen|auswahl|fichier"
    r"|édition|affichage|aide|outils|archivo|editar|ver|ayuda|herramientas)\b|文件|编辑|查看|帮助|窗口"
)
_ADDRESS = re.compile(r"https?:|localhost[:/]|\b[\w-]+\.[a-z]{2,6}/\S*", re.IGNORECASE)
_CODE = re.compile(
    r"[;{}]\s*$|^\s*(?:def|class|import|from|return|if|for|while|with|const|let|var|func|fn|pub"
    r"|public|private|static|#include|using|package|elif|else|try|except|async|await)\b.*[:;(){}=.]"
    r"|^\s*(?:import|from|return)\s+\w+|\w\(.*\)\s*[:;,]?\s*$|[\w\])]\s*[-+*/|&!<>=]?=\s*[\w\"'(\[{]"
    r"|=>|->|::|^\s*(?://|#!|/\*|\$ |>>> )|</?\w+[^>]*>"
)


def key_of(text: str, *, digits: bool = True) -> str:
    """Letters and digits of `text` in lower case; with ``digits=False``, every number is 0."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    if not digits:
        folded = re.sub(r"\d+", "0", folded)
    return "".join(character for character in folded if character.isalnum())


def is_alike(one: str, other: str) -> bool:
    """Whether two keys differ by no more than errors in reading; numbers must be equal."""
    if one == other or not (one and other):
        return one == other
    if re.findall(r"\d+", one) != re.findall(r"\d+", other):
        return False
    if abs(len(one) - len(other)) > (1 - _ALIKE) * (len(one) + len(other)):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def body_lines(slides: Sequence[Slide]) -> list[tuple[TextLine, ...]]:
    """For each of `slides`, its lines without furniture, from top to bottom.

    Furniture is what recurs at the same place of different slides, near an edge or on most of them,
    and page numbers and small print at the lower edge.
    """
    rows = [tuple(line for line in slide.lines if _is_legible(line)) for slide in slides]
    distinct = list(dict.fromkeys(lines for lines in rows if lines))
    hidden = _recurring(distinct)
    if _is_subtitled(distinct, hidden):
        hidden |= {id(line) for lines in distinct for line in lines if _is_subtitle(line)}
    by_lines = {
        lines: _whole_lines([line for line in lines if id(line) not in hidden])
        for lines in distinct
    }
    return [by_lines.get(lines, ()) for lines in rows]


def _whole_lines(parts: Sequence[TextLine]) -> tuple[TextLine, ...]:
    """`parts`, with the words of one line that were read apart as one."""
    lines: list[TextLine] = []
    for part in sorted(parts, key=lambda line: line.x):
        before = next((i for i, line in enumerate(lines) if _continues(line, part)), None)
        if before is None:
            lines.append(part)
            continue
        line = lines[before]
        top, low = min(line.y, part.y), max(line.y + line.height, part.y + part.height)
        width = max(line.width, part.x + part.width - line.x)
        confidence = min(line.confidence, part.confidence)
        text = f"{line.text} {part.text}"
        lines[before] = TextLine(text, line.x, top, width, low - top, confidence)
    return tuple(sorted(lines, key=lambda line: (line.y, line.x)))


def _continues(line: TextLine, part: TextLine) -> bool:
    """Whether `part` is right of `line`, no further than a space, in the same size."""
    gap = part.x - line.x - line.width
    is_level = abs(_middle(line) - _middle(part)) < 0.25 * line.height
    is_near = -0.5 * line.height < gap < 0.4 * line.height
    return is_level and is_near and abs(part.height / line.height - 1) < 0.3


def _recurring(distinct: Sequence[tuple[TextLine, ...]]) -> set[int]:
    """The identities of lines that are furniture, except for subtitles."""
    clusters = _clusters(distinct)
    found = {id(line) for lines in clusters if _is_furniture(lines, distinct) for line in lines}
    return found | {id(line) for lines in distinct for line in lines if _is_small_print(line)}


def _is_legible(line: TextLine) -> bool:
    """Whether a reader was sure of a line, and it is not rotated."""
    is_upright = line.height <= 2 * line.width or len(line.text) <= 2
    return line.confidence >= _SURE and is_upright and bool(line.text.strip())


def _middle(line: TextLine) -> float:
    return line.y + line.height / 2


def _is_edge(line: TextLine) -> bool:
    return not _EDGE < _middle(line) < 1 - _EDGE


def _is_small_print(line: TextLine) -> bool:
    if _is_edge(line) and _PAGE.fullmatch(line.text.strip()):
        return True
    return _middle(line) > 0.92 and line.height < 0.05


def _clusters(distinct: Sequence[tuple[TextLine, ...]]) -> list[list[TextLine]]:
    """Lines of different slides with the same text at the same height.

    At the lower edge, numbers may differ, and letters that were misread; elsewhere, headings do.
    """
    clusters: dict[tuple[str, int], list[TextLine]] = {}
    for lines in distinct:
        for line in lines:
            is_low = _middle(line) > 1 - _EDGE
            key, place = key_of(line.text, digits=not is_low), round(_middle(line) * 40)
            names = [(key, place), (key, place - 1), (key, place + 1)]
            name = next((each for each in names if each in clusters), None)
            if name is None and is_low:
                near = [each for each in clusters if abs(each[1] - place) < 2]
                name = next((each for each in near if is_alike(each[0], key)), None)
            clusters.setdefault(name or names[0], []).append(line)
    return list(clusters.values())


def _is_furniture(found: Sequence[TextLine], distinct: Sequence[tuple[TextLine, ...]]) -> bool:
    """Whether lines with the same text at the same place are furniture."""
    share = len(found) / len(distinct)
    first = found[0]
    if _middle(first) > 1 - _EDGE:
        return len(found) >= 2
    if len(found) >= 4 and share >= 0.5:
        return True
    if _middle(first) < _EDGE and len(found) >= 3:
        # A heading is among the largest lines of its slide.
        members = {id(line) for line in found}
        tallest = [
            max(line.height for line in lines)
            for lines in distinct
            if any(id(line) in members for line in lines)
        ]
        return share >= 0.25 and first.height <= 0.75 * median(tallest)
    return False


def _is_subtitle(line: TextLine) -> bool:
    return _middle(line) > _SUBTITLES and abs(line.x + line.width / 2 - 0.5) < 0.1


def _is_subtitled(distinct: Sequence[tuple[TextLine, ...]], hidden: set[int]) -> bool:
    """Whether most slides have a line in the middle of the lower part, of the same height."""
    heights = [
        line.height
        for lines in distinct
        for line in lines[-1:]
        if _is_subtitle(line) and id(line) not in hidden
    ]
    if len(heights) < max(3, 0.6 * len(distinct)):
        return False
    return sum(abs(each / median(heights) - 1) < 0.2 for each in heights) >= 0.8 * len(heights)


def subtitled(slides: Sequence[Slide]) -> bool:
    """Whether subtitles are burnt in: into most slides, or camera video, as its only text."""
    rows = [tuple(line for line in slide.lines if _is_legible(line)) for slide in slides]
    distinct = list(dict.fromkeys(lines for lines in rows if lines))
    alone = [
        slide
        for slide, lines in zip(slides, rows, strict=True)
        if slide.kind == "camera" and lines and all(map(_is_subtitle, lines))
    ]
    return bool(alone) or _is_subtitled(distinct, _recurring(distinct))


def is_screen(lines: Sequence[TextLine]) -> bool:
    """Whether all lines of a frame are those of a program: a menu, an address bar, an editor."""
    sure = [line for line in lines if _is_legible(line)]
    if not sure:
        return False
    top = [line for line in sure if _middle(line) < _EDGE and line.height < 0.05]
    menus = {name for line in top for name in _MENU.findall(line.text.casefold())}
    if len(menus) >= 3 or any(_ADDRESS.search(line.text) for line in top):
        return True
    heights = sorted(line.height for line in sure)
    usual, tallest = median(heights), heights[-1]
    if tallest >= 1.5 * usual and any(line.height == tallest and line.y < 0.3 for line in sure):
        return False
    n_code = sum(bool(_CODE.search(line.text)) for line in sure)
    if len(sure) >= 4 and n_code >= 0.5 * len(sure):
        return True
    return len(sure) >= 25 and usual < 0.03
