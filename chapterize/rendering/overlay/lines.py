"""Break titles into even lines by the widths of their glyphs; shrink them, then shorten them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations, groupby, pairwise
from operator import itemgetter

from chapterize.rendering.overlay.clusters import (
    clean_title,
    clusters,
    is_colour_emoji,
    is_right_to_left,
)
from chapterize.rendering.overlay.emoji import EmojiFace
from chapterize.rendering.overlay.font_cut import Face
from chapterize.rendering.overlay.fonts import FontPlan

__all__ = ["Ink", "Lines", "fit_lines", "measure"]

_SMALLEST = 0.62
"""Fraction of the wanted size below which a title is shortened, as it would be unreadable."""

_STEP = 0.94
_MAX_BREAKS = 60
_NOT_FIRST = frozenset(
    "、。，．・：；？！）」』】〕〉》ー々ゝヽぁぃぅぇぉっゃゅょァィゥェォッャュョ,.!?:;)]}%…”’»"
)
_NOT_LAST = frozenset("（「『【〔〈《([{“‘«")
_WIDE = ("CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "IDEOGRAPHIC", "HALFWIDTH")
_DASHES = frozenset("-–—/")


@dataclass(frozen=True)
class Ink:
    """The extent of a line in ems: its advance, and the ink above and below the baseline."""

    width: float
    above: float
    below: float


@dataclass(frozen=True)
class Lines:
    """A title in lines; lengths in pixels. `size` is one em, `pitch` the distance of baselines.

    `above` and `below` are the ink above the first and below the last baseline.
    """

    texts: tuple[str, ...]
    widths: tuple[float, ...]
    size: float
    pitch: float
    above: float
    below: float
    is_right_to_left: bool = False
    is_cut: bool = False

    @property
    def width(self) -> float:
        """Width of the widest line."""
        return max(self.widths)

    @property
    def height(self) -> float:
        """Height from the top of the first line's ink to the bottom of the last line's."""
        return self.above + self.pitch * (len(self.texts) - 1) + self.below


def fit_lines(title: str, fonts: FontPlan, *, size: float, width: float, n_lines: int) -> Lines:
    """Fit `title` into `n_lines` lines of `width` pixels, at `size` pixels per em or smaller."""
    paragraphs = clean_title(title).split("\n")
    if len(paragraphs) > n_lines:
        paragraphs = [" ".join(paragraphs)]
    drawn = ["".join(text for text, _ in fonts.runs(line)) for line in paragraphs]
    now, texts = size, _broken(drawn, fonts, width / size, n_lines)
    while texts is None and now * _STEP >= size * _SMALLEST:
        now *= _STEP
        texts = _broken(drawn, fonts, width / now, n_lines)
    is_cut = texts is None
    texts = texts or _cut(" ".join(drawn), fonts, width / now, n_lines)
    inks = [measure(text, fonts) for text in texts]
    pitch = max([1.2, *(a.below + b.above + 0.12 for a, b in pairwise(inks))])
    widths = tuple(ink.width * now for ink in inks)
    above, below = max(0.74, inks[0].above) * now, max(0.2, inks[-1].below) * now
    is_mirrored = is_right_to_left(title)
    return Lines(texts, widths, now, pitch * now, above, below, is_mirrored, is_cut)


def measure(text: str, fonts: FontPlan) -> Ink:
    """Measure one line, shaped as libass shapes it."""
    width, above, below = 0.0, 0.0, 0.0
    for run, face in fonts.runs(text):
        if isinstance(face, EmojiFace):
            width, above, below = width + face.width, max(above, face.above), max(below, face.below)
            continue
        for part in _by_script(run):
            ink = _shape(part, face)
            width, above, below = width + ink.width, max(above, ink.above), max(below, ink.below)
    return Ink(width, above, below)


@lru_cache(maxsize=4096)  # breaking 35 titles into lines shapes 158 texts 4,100 times: 0.25 s
def _shape(text: str, face: Face) -> Ink:
    import uharfbuzz

    font = uharfbuzz.Font(uharfbuzz.Face(face.data))
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(font, buffer)
    above, below = 0, 0
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        extents = font.get_glyph_extents(info.codepoint)
        if extents is not None:
            above = max(above, place.y_offset + extents.y_bearing)
            below = max(below, -(place.y_offset + extents.y_bearing + extents.height))
    em = font.face.upem
    width = sum(place.x_advance for place in buffer.glyph_positions)
    return Ink(width / em, above / em, below / em)


def _by_script(text: str) -> Iterator[str]:
    """Yield the runs of one script; marks and spaces belong to the character before them."""
    from fontTools.unicodedata import script

    def joined(last: str, own: str) -> str:
        return last if own in ("Zyyy", "Zinh") else own

    scripts = accumulate(map(script, text), joined)
    for _, run in groupby(zip(text, scripts, strict=True), key=itemgetter(1)):
        yield "".join(character for character, _ in run)


def _broken(
    paragraphs: Sequence[str], fonts: FontPlan, width: float, n_lines: int
) -> tuple[str, ...] | None:
    """The even lines of all paragraphs; None if they are too many or too wide."""
    found: list[str] = []
    for number, paragraph in enumerate(paragraphs):
        left = n_lines - len(found) - (len(paragraphs) - number - 1)
        lines = _evenly(paragraph, fonts, width, left)
        if lines is None:
            return None
        found += lines
    return tuple(found)


def _evenly(text: str, fonts: FontPlan, width: float, n_lines: int) -> list[str] | None:
    """The fewest lines that fit, broken so that the widest is as narrow as possible."""
    if measure(text, fonts).width <= width:
        return [text]
    ends = [0, *_break_places(text), len(text)]
    pieces = [text[a:b] for a, b in pairwise(ends)]
    bare = [measure(piece.rstrip(), fonts).width for piece in pieces]
    full = [measure(piece, fonts).width for piece in pieces]
    sums = [0.0, *accumulate(full)]
    for count in range(2, n_lines + 1):
        best: tuple[int, ...] | None = None
        narrowest = width
        for cuts in combinations(range(1, len(pieces)), count - 1):
            spans = pairwise((0, *cuts, len(pieces)))
            widest = max(sums[b - 1] - sums[a] + bare[b - 1] for a, b in spans)
            if widest <= narrowest:
                best, narrowest = (0, *cuts, len(pieces)), widest
        if best is not None:
            return [text[ends[a] : ends[b]].strip() for a, b in pairwise(best)]
    return None


def _break_places(text: str) -> list[int]:
    """The indices at which a line may start."""
    places, at = [], 0
    for before, after in pairwise(clusters(text)):
        at += len(before)
        if after.isspace() or after[0] in _NOT_FIRST or before[-1] in _NOT_LAST:
            continue
        if _is_katakana(before) and _is_katakana(after):
            continue  # probably inside a loanword
        is_dash = before in _DASHES and not after[0].isdigit()
        are_emoji = is_colour_emoji(before) and is_colour_emoji(after)
        if before.isspace() or is_dash or are_emoji or _is_wide(before) or _is_wide(after):
            places.append(at)
    return places[:_MAX_BREAKS]


def _is_wide(cluster: str) -> bool:
    """Whether its script has no spaces between words, so that lines break anywhere."""
    return unicodedata.name(cluster[0], "").partition(" ")[0].startswith(_WIDE)


def _is_katakana(cluster: str) -> bool:
    return "\u30a1" <= cluster[0] <= "\u30fe"


def _cut(text: str, fonts: FontPlan, width: float, n_lines: int) -> tuple[str, ...]:
    """As much of `text` as fits, broken inside words if necessary, and an ellipsis."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < n_lines:
        is_last = len(lines) == n_lines - 1
        head = _filled(rest, fonts, width, "…" if is_last else "")
        rest = rest[len(head) :].lstrip()
        lines.append(f"{head.rstrip()}…" if is_last and rest else head.rstrip())
    return tuple(lines)


def _filled(text: str, fonts: FontPlan, width: float, ending: str) -> str:
    """The longest prefix that fits in one line; at least one character."""
    if measure(text, fonts).width <= width:
        return text
    pieces = clusters(text)
    low, high = 1, len(pieces)
    while low < high:
        middle = (low + high + 1) // 2
        fits = measure("".join(pieces[:middle]).rstrip() + ending, fonts).width <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    head = "".join(pieces[:low])
    places = [place for place in _break_places(text) if place <= len(head)]
    return text[: places[-1]] if places and places[-1] > len(head) * 0.5 else head
