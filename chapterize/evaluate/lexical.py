"""nltk's TextTiling, as far as its depth scores."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["tiling_depths"]

_BLOCK_WORDS = 20
_BLOCKS = 10
"""Words in a block and blocks in a window, as nltk has them by default."""

_DROPPED = re.compile(r"[^a-z\-' \n\t]")
"""What nltk removes before it looks for words: it knows the English alphabet alone."""


def tiling_depths(
    units: Sequence[str], stop_words: Set[str]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Depth scores of nltk's TextTilingTokenizer and the unit nearest to each of its gaps.

    Each unit is given as a paragraph, and the stop words are given, so that nothing is downloaded.

    Returns
    -------
    depths : shape (n_gaps,), 0.0 or more; none where there is too little text in Latin letters.
    gap_units : shape (n_gaps,), the index of the unit that starts nearest, in words.
    """
    texts = [_DROPPED.sub("", " ".join(unit.lower().split())) for unit in units]
    n_words = np.cumsum([0, *(len(re.findall(r"\w+", text)) for text in texts)])
    text = "\n\n".join(texts)
    tokenizer = _tokenizer(stop_words, len(text))
    try:
        depths = np.asarray(tokenizer.tokenize(text)[2], dtype=np.float64)
    except (ValueError, ZeroDivisionError, IndexError):
        # Its ways to say that the text is too short, or all of it dropped.
        return np.zeros(0), np.zeros(0, dtype=np.intp)
    words = (np.arange(len(depths)) + 1) * _BLOCK_WORDS
    nearest = np.abs(n_words[:-1][None, :] - words[:, None]).argmin(axis=1)
    return depths, nearest


def _tokenizer(stop_words: Set[str], n_characters: int) -> Any:
    from nltk.tokenize.texttiling import TextTilingTokenizer

    class FastTiling(TextTilingTokenizer):  # type: ignore[misc]
        """nltk's own, with the same block comparison in numpy: an hour takes it ten seconds."""

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
        # The windows shrink towards both ends as nltk's do.
        width = gap + 1 if gap < most - 1 else most if gap <= n_gaps - most else n_gaps - gap
        before = sums[gap + 1] - sums[gap + 1 - width]
        after = sums[gap + 1 + width] - sums[gap + 1]
        size = np.sqrt((before @ before) * (after @ after))
        scores.append(float(before @ after / size) if size else 0.0)
    return scores
