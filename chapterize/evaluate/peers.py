"""Methods that any chapter finder is compared with: three trivial ones, three from the literature.

Each takes a text and a number of chapters and returns the unit indices at which they begin, 0
first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["N_RANDOM", "PEERS", "Division", "Text", "tiling_depths"]

Floats = NDArray[np.float64]
Division = tuple[int, ...]

N_RANDOM = 10
"""Random divisions of each document, whose scores are averaged."""

_DIP_WINDOW = 10
"""Units on each side of a gap whose mean vectors are compared; of the values from 3 to 30, about
the best on training documents of five sources."""

_TILING_APART = 4
"""Minimum distance in gaps between two boundaries of TextTiling, as in nltk."""

_BLOCK_WORDS = 20
_BLOCKS = 10
"""Words in a block and blocks in a window, nltk's defaults."""

_DROPPED = re.compile(r"[^a-z\-' \n\t]")
"""Characters that nltk removes before it splits words: it supports the English alphabet only."""


@dataclass(frozen=True)
class Text:
    """A text to divide.

    `units` : n texts. `starts` : shape (n,), seconds, ascending. `vectors` : shape (n, d), unit
    rows. `id` is the seed of random divisions.
    """

    id: str
    units: tuple[str, ...]
    starts: Floats
    duration: float
    vectors: NDArray[np.float32]
    stop_words: frozenset[str] = frozenset()


def none(text: Text, count: int) -> tuple[Division, ...]:
    """One chapter, whatever the count."""
    return ((0,),)


def even(text: Text, count: int) -> tuple[Division, ...]:
    """Chapters of equal length in seconds, each at the unit that starts nearest."""
    n = len(text.units)
    count = min(count, n)
    wanted = text.duration * np.arange(count) / count
    after = np.clip(np.searchsorted(text.starts, wanted), 1, n - 1)
    is_before = wanted - text.starts[after - 1] <= text.starts[after] - wanted
    places = [0]
    for number, place in enumerate((after - is_before).tolist()[1:], 1):
        places.append(min(max(place, places[-1] + 1), n - count + number))
    return (tuple(places),)


def random(text: Text, count: int) -> tuple[Division, ...]:
    """`N_RANDOM` divisions at random units; the same document gives the same divisions."""
    n = len(text.units)
    digest = hashlib.sha256(text.id.encode("utf-8")).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    drawn = (rng.choice(n - 1, min(count, n) - 1, replace=False) + 1 for _ in range(N_RANDOM))
    return tuple((0, *sorted(places.tolist())) for places in drawn)


def text_tiling(text: Text, count: int) -> tuple[Division, ...]:
    """TextTiling (Hearst 1997) by nltk: the gaps with the highest depth scores.

    nltk places gaps between blocks of words; each is moved to the nearest unit. Gaps keep nltk's
    minimum distance, unless that leaves too few.
    """
    depths, gap_units = tiling_depths(text.units, text.stop_words)
    chosen: list[int] = []
    units = {0}
    for apart in (_TILING_APART, 1):
        for gap in np.argsort(-depths, kind="stable").tolist():
            if len(units) >= count:
                break
            is_apart = all(abs(gap - other) >= apart for other in chosen)
            if is_apart and gap_units[gap] not in units:
                chosen.append(gap)
                units.add(int(gap_units[gap]))
    return (tuple(sorted(units)),)


def dips(text: Text, count: int) -> tuple[Division, ...]:
    """The deepest dips of similarity, as in BertSeg (Solbiati et al. 2021).

    The similarity at a gap is the cosine of the mean vectors of `_DIP_WINDOW` units before and
    after it. Local minima come first, ordered by their depth below the peaks on both sides.
    """
    similarity = _similarity(text.vectors)
    depths = _depths(similarity)
    padded = np.concatenate([[np.inf], similarity, [np.inf]])
    is_dip = (similarity <= padded[:-2]) & (similarity < padded[2:])
    order = np.lexsort((np.arange(len(depths)), -depths, ~is_dip))
    places = order[: min(count, len(text.units)) - 1] + 1
    return ((0, *sorted(places.tolist())),)


def change_points(text: Text, count: int) -> tuple[Division, ...]:
    """Kernel change points of the unit vectors (Arlot, Celisse and Harchaoui 2019) by ruptures.

    Exact: the least squared error within segments. For unit rows the linear kernel is the cosine.
    """
    count = min(count, len(text.units))
    if count < 2:
        return ((0,),)
    from ruptures import KernelCPD

    model = KernelCPD(kernel="linear", min_size=1).fit(text.vectors)
    return ((0, *model.predict(n_bkps=count - 1)[:-1]),)


Peer = Callable[[Text, int], tuple[Division, ...]]

PEERS: Mapping[str, Peer] = {
    "none": none,
    "even": even,
    "random": random,
    "text tiling": text_tiling,
    "dips": dips,
    "change points": change_points,
}
"""Every peer by its name; if it returns several divisions, their scores are averaged."""


def _similarity(vectors: NDArray[np.float32]) -> Floats:
    """Cosine between the windows before and after each gap, shape (n - 1,); 0.0 without words."""
    n = len(vectors)
    sums = np.vstack([np.zeros(vectors.shape[1]), np.cumsum(vectors, axis=0, dtype=np.float64)])
    gaps = np.arange(1, n)
    before = sums[gaps] - sums[np.maximum(gaps - _DIP_WINDOW, 0)]
    after = sums[np.minimum(gaps + _DIP_WINDOW, n)] - sums[gaps]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    products: Floats = np.einsum("ij,ij->i", before, after)
    similarity: Floats = np.divide(products, norms, out=np.zeros(n - 1), where=norms > 1e-12)
    return similarity


def _depths(similarity: Floats) -> Floats:
    """How far each gap is below the nearest peak on its left and on its right, summed."""

    def climb(values: list[float]) -> list[float]:
        peaks: list[float] = []
        for number, value in enumerate(values):
            is_downhill = number > 0 and values[number - 1] >= value
            peaks.append(peaks[-1] if is_downhill else value)
        return peaks

    values = similarity.tolist()
    left, right = climb(values), climb(values[::-1])[::-1]
    depths: Floats = np.array(left) + np.array(right) - 2 * similarity
    return depths


def tiling_depths(units: Sequence[str], stop_words: Set[str]) -> tuple[Floats, NDArray[np.intp]]:
    """Depth scores of nltk's TextTilingTokenizer, and the unit nearest to each of its gaps.

    Each unit is passed as a paragraph. The stop words are passed too, so nltk downloads nothing.
    Distances are counted in words. Both results have shape (n_gaps,), which is 0 if there is too
    little text in Latin letters; depth scores are 0.0 or more.
    """
    texts = [_DROPPED.sub("", " ".join(unit.lower().split())) for unit in units]
    n_words = np.cumsum([0, *(len(re.findall(r"\w+", text)) for text in texts)])
    text = "\n\n".join(texts)
    tokenizer = _tokenizer(stop_words, len(text))
    try:
        depths = np.asarray(tokenizer.tokenize(text)[2], dtype=np.float64)
    except (ValueError, ZeroDivisionError, IndexError):
        # nltk raises these if the text is too short or has no Latin letters.
        return np.zeros(0), np.zeros(0, dtype=np.intp)
    words = (np.arange(len(depths)) + 1) * _BLOCK_WORDS
    nearest = np.abs(n_words[:-1][None, :] - words[:, None]).argmin(axis=1)
    return depths, nearest


def _tokenizer(stop_words: Set[str], n_characters: int) -> Any:
    from nltk.tokenize.texttiling import TextTilingTokenizer

    class FastTiling(TextTilingTokenizer):  # type: ignore[misc]
        """nltk's own, with its block comparison in numpy: nltk's takes 10 s for an hour of text."""

        MAX_TEXT_LEN = n_characters + 1

        def _block_comparison(self, tokseqs: Any, token_table: Any) -> list[float]:
            return _compare_blocks(len(tokseqs), token_table, self.k)

    return FastTiling(w=_BLOCK_WORDS, k=_BLOCKS, stopwords=stop_words, demo_mode=True)


def _compare_blocks(n_blocks: int, token_table: Any, most: int) -> list[float]:
    """Cosine of the word counts in the windows before and after each gap between blocks."""
    counts = np.zeros((n_blocks + 1, len(token_table)))
    for column, entry in enumerate(token_table.values()):
        for block, count in entry.ts_occurences:
            counts[block + 1, column] = count
    sums = np.cumsum(counts, axis=0, out=counts)
    scores = []
    n_gaps = n_blocks - 1
    for gap in range(n_gaps):
        # The windows shrink towards both ends, as in nltk.
        width = gap + 1 if gap < most - 1 else most if gap <= n_gaps - most else n_gaps - gap
        before = sums[gap + 1] - sums[gap + 1 - width]
        after = sums[gap + 1 + width] - sums[gap + 1]
        size = np.sqrt((before @ before) * (after @ after))
        scores.append(float(before @ after / size) if size else 0.0)
    return scores
