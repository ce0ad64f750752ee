"""What any chapter finder is compared with: three that look at nothing, three from the literature.

Each takes a text and a count of chapters and returns unit indices at which they begin, 0 first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chapterize.evaluate.lexical import tiling_depths

__all__ = ["N_RANDOM", "PEERS", "Division", "Text"]

Floats = NDArray[np.float64]
Division = tuple[int, ...]

N_RANDOM = 10
"""Random divisions of each document, whose scores are averaged."""

_DIP_WINDOW = 10
"""Units on either side of a gap whose mean vectors are compared: of 3 to 30 about the best on
training documents of five sources."""

_TILING_APART = 4
"""Gaps between two boundaries of TextTiling, as nltk keeps them apart."""


@dataclass(frozen=True)
class Text:
    """What there is to divide.

    `units` : n texts. `starts` : shape (n,), seconds, ascending. `vectors` : shape (n, d), unit
    rows. `id` seeds what is random.
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
    """`N_RANDOM` divisions at units drawn by chance, the same ones for the same document."""
    n = len(text.units)
    digest = hashlib.sha256(text.id.encode("utf-8")).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    drawn = (rng.choice(n - 1, min(count, n) - 1, replace=False) + 1 for _ in range(N_RANDOM))
    return tuple((0, *sorted(places.tolist())) for places in drawn)


def text_tiling(text: Text, count: int) -> tuple[Division, ...]:
    """TextTiling (Hearst 1997) by nltk: the deepest valleys of its depth scores.

    nltk places its gaps between blocks of words; each goes to the nearest unit. Gaps are kept as
    far apart as nltk keeps its own, and nearer only when there are not enough.
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
    """The deepest dips of likeness, as BertSeg takes them (Solbiati et al. 2021).

    The likeness of a gap is the cosine of the mean vectors of `_DIP_WINDOW` units before and after
    it; local minima go first, by their depth below the peaks on both sides.
    """
    likeness = _likeness(text.vectors)
    depths = _depths(likeness)
    padded = np.concatenate([[np.inf], likeness, [np.inf]])
    is_dip = (likeness <= padded[:-2]) & (likeness < padded[2:])
    order = np.lexsort((np.arange(len(depths)), -depths, ~is_dip))
    places = order[: min(count, len(text.units)) - 1] + 1
    return ((0, *sorted(places.tolist())),)


def change_points(text: Text, count: int) -> tuple[Division, ...]:
    """Kernel change points of the unit vectors (Arlot, Celisse and Harchaoui 2019) by ruptures.

    Exact: the least squared error within segments. With unit rows the linear kernel is the cosine.
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
"""Every peer by its name; the scores of several divisions are averaged."""


def _likeness(vectors: NDArray[np.float32]) -> Floats:
    """Cosine between the windows before and after every gap, shape (n - 1,); 0.0 without words."""
    n = len(vectors)
    sums = np.vstack([np.zeros(vectors.shape[1]), np.cumsum(vectors, axis=0, dtype=np.float64)])
    gaps = np.arange(1, n)
    before = sums[gaps] - sums[np.maximum(gaps - _DIP_WINDOW, 0)]
    after = sums[np.minimum(gaps + _DIP_WINDOW, n)] - sums[gaps]
    norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    products: Floats = np.einsum("ij,ij->i", before, after)
    likeness: Floats = np.divide(products, norms, out=np.zeros(n - 1), where=norms > 1e-12)
    return likeness


def _depths(likeness: Floats) -> Floats:
    """How far each gap lies below the nearest peak on its left and on its right, summed."""

    def climb(values: list[float]) -> list[float]:
        peaks: list[float] = []
        for number, value in enumerate(values):
            is_downhill = number > 0 and values[number - 1] >= value
            peaks.append(peaks[-1] if is_downhill else value)
        return peaks

    values = likeness.tolist()
    left, right = climb(values), climb(values[::-1])[::-1]
    depths: Floats = np.array(left) + np.array(right) - 2 * likeness
    return depths
