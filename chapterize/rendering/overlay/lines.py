"""Break titles into even lines by the widths of their glyphs.

A title that does not fit gets smaller, down to a size that is readable on a phone, then more lines,
then breaks inside words, and is at last shortened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, groupby, pairwise
from operator import itemgetter

from chapterize.rendering.overlay.breaks import (
    ANYWHERE,
    INSIDE_WORDS,
    WORDS,
    Break,
    break_places,
)
from chapterize.rendering.overlay.clusters import clean_title, is_right_to_left
from chapterize.rendering.overlay.emoji import EmojiFace
from chapterize.rendering.overlay.font_cut import Face
from chapterize.rendering.overlay.fonts import FontPlan

__all__ = ["Ink", "Lines", "Room", "fit_lines", "measure"]

_STEP = 0.97
_LARGE = 0.75
"""Fraction of the wanted size down to which a title gets smaller before words are broken."""

_MAX_BREAKS = 120
_LOOSE_ENDS = " \u00a0,.:;–—-(/&、。，：・"


@dataclass(frozen=True)
class Room:
    """Where a title goes, `width` pixels wide.

    It has `size` pixels per em and at most `n_lines`. One that is too long gets smaller, down to
    `smallest`, and then up to `most_lines`.
    """

    width: float
    size: float
    smallest: float
    n_lines: int
    most_lines: int


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


def fit_lines(title: str, fonts: FontPlan, room: Room, language: str | None = None) -> Lines:
    """Fit `title` into `room`; `language` decides on phrases and hyphens, None means unknown."""
    paragraphs = clean_title(title).split("\n")
    if len(paragraphs) > room.most_lines:
        paragraphs = [" ".join(paragraphs)]
    size, texts = _fitted(paragraphs, fonts, room, language)
    is_cut = texts is None
    if texts is None:
        texts = _cut(" ".join(paragraphs), fonts, room, language)
    texts = ["".join(drawn for drawn, _ in fonts.runs(text)) for text in texts]
    inks = [measure(text, fonts) for text in texts]
    pitch = max([1.2, *(a.below + b.above + 0.12 for a, b in pairwise(inks))])
    widths = tuple(ink.width * size for ink in inks)
    above, below = max(0.74, inks[0].above) * size, max(0.2, inks[-1].below) * size
    is_mirrored = is_right_to_left(title)
    return Lines(tuple(texts), widths, size, pitch * size, above, below, is_mirrored, is_cut)


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


def _fitted(
    paragraphs: Sequence[str], fonts: FontPlan, room: Room, language: str | None
) -> tuple[float, list[str] | None]:
    """Pixels per em, and the lines at that size; None if the title does not fit at any."""
    pieces = cache(lambda depth: [_Pieces.of(text, fonts, language, depth) for text in paragraphs])
    few, large = max(room.n_lines, len(paragraphs)), max(_LARGE * room.size, room.smallest)
    for depth, least in (
        *((WORDS, large), (INSIDE_WORDS, large)),
        *((WORDS, room.smallest), (INSIDE_WORDS, room.smallest), (ANYWHERE, room.smallest)),
    ):
        for n_lines in dict.fromkeys((few, room.most_lines)):
            now = room.size
            while now >= least:
                texts = _broken(pieces(depth), room.width / now, n_lines)
                if texts is not None:
                    return now, texts
                now *= _STEP
    return room.smallest, None


def _broken(paragraphs: Sequence[_Pieces], width: float, n_lines: int) -> list[str] | None:
    """The even lines of all paragraphs; None if they are too many or too wide."""
    found: list[str] = []
    for number, paragraph in enumerate(paragraphs):
        left = n_lines - len(found) - (len(paragraphs) - number - 1)
        lines = paragraph.lines(width, left)
        if lines is None:
            return None
        found += lines
    return found


@dataclass(frozen=True)
class _Pieces:
    """A text between the places at which it may be broken; all widths are ems.

    `starts` are the places, with one before the text and one after it. `sums` are the widths of
    the text before each, `ends` the widths of blanks before it less that of its hyphen.
    """

    text: str
    starts: tuple[Break, ...]
    sums: tuple[float, ...]
    ends: tuple[float, ...]

    @classmethod
    def of(cls, text: str, fonts: FontPlan, language: str | None, depth: int) -> _Pieces:
        """Measure `text` between its places of that depth."""
        places = break_places(text, language, depth)[:_MAX_BREAKS]
        starts = (Break(0, 0.0), *places, Break(len(text), 0.0))
        parts = [text[a.at : b.at] for a, b in pairwise(starts)]
        full = [measure(part, fonts).width for part in parts]
        ends = [
            width - measure(part.rstrip() + place.hyphen, fonts).width
            for part, width, place in zip(parts, full, starts[1:], strict=True)
        ]
        return cls(text, starts, (0.0, *accumulate(full)), (0.0, *ends))

    def lines(self, width: float, n_lines: int) -> list[str] | None:
        """The fewest lines that fit into `width`, as even as good places allow.

        Of the possible breaks, those with the least sum of squared widths and costs are chosen.
        """
        if self.sums[-1] > n_lines * (width + max(self.ends)):
            return None
        last = len(self.starts) - 1
        best: dict[int, tuple[float, list[int]]] = {0: (0.0, [0])}
        for _ in range(n_lines):
            reached: dict[int, tuple[float, list[int]]] = {}
            for start, (paid, chosen) in best.items():
                for end in range(start + 1, last + 1):
                    share = (self.sums[end] - self.sums[start] - self.ends[end]) / width
                    cost = paid + share * share + self.starts[end].cost
                    if share <= 1.0 and (end not in reached or cost < reached[end][0]):
                        reached[end] = (cost, [*chosen, end])
            if last in reached:
                return self._drawn(reached[last][1])
            best = reached
        return None

    def _drawn(self, chosen: Sequence[int]) -> list[str]:
        starts = [self.starts[number] for number in chosen]
        return [self.text[a.at : b.at].strip() + b.hyphen for a, b in pairwise(starts)]


def _cut(text: str, fonts: FontPlan, room: Room, language: str | None) -> list[str]:
    """As much of `text` as fits at the smallest size, up to a whole word, and an ellipsis."""
    width = room.width / room.smallest
    for depth in (WORDS, INSIDE_WORDS, ANYWHERE):
        places = [place.at for place in break_places(text, language, depth)]
        low, best = 0, list[str]()
        while low < len(places):
            middle = (low + len(places)) // 2
            shown = f"{text[: places[middle]].rstrip(_LOOSE_ENDS)}…"
            lines = _Pieces.of(shown, fonts, language, depth).lines(width, room.most_lines)
            if lines is None:
                places = places[:middle]
            else:
                best, low = lines, middle + 1
        if best:
            return best
    return ["…"]
