"""Vectors for languages that the built-in table does not know.

Repetition can be seen without a dictionary: the first characters of a word approximate its stem,
and character n-grams cover compounds and scripts without spaces.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.data import FloatArray, OnProgress
from chapterize.vectors.rows import SIGN, STAGE, WORD, encodable, unit

__all__ = ["LexicalEmbedder"]

_GRAM_COLUMNS = 512
_STEM_COLUMNS = 256
_GRAMS = (2, 3, 4)
_STEM = 6
"""Characters at the start of a word that approximate its stem."""

# Characters; shorter words are mostly articles. Scripts without capitals have shorter words.
_SHORTEST_WORD = 4
_SHORTEST_WORD_WITHOUT_CASE = 3
_UNSPACED_GRAMS = (1, 2, 3)

_COMMONEST = 0.15
"""Fraction of the texts above which a feature is taken for grammar, not topic."""

_BLOCK = 2048

_Counts = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]


class LexicalEmbedder:
    """Hashed word stems and character n-grams, weighted by their rarity in the texts.

    Vectors are comparable only with those of the same call, unlike those of other embedders.
    """

    fingerprint = "lexical/1"
    n_dimensions = _GRAM_COLUMNS + _STEM_COLUMNS

    def embed(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> FloatArray:
        """Return one unit row for each text, shape (n_texts, n_dimensions), float32.

        A text that shares no feature with another one gives a row of zeros.
        """
        words = _Words()
        blocks = []
        for start in range(0, len(texts), _BLOCK):
            blocks.append(words.count(texts[start : start + _BLOCK]))
            if on_progress:
                on_progress(STAGE, min(1.0, (start + _BLOCK) / len(texts)))
        weights = words.weights(len(texts), blocks)
        columns = np.array(words.columns, dtype=np.intp)
        vectors = np.zeros((len(texts), self.n_dimensions), dtype=np.float32)
        for number, (rows, features, counts) in enumerate(blocks):
            block = vectors[number * _BLOCK : (number + 1) * _BLOCK]
            cells = rows * self.n_dimensions + columns[features]
            values = np.sqrt(counts) * weights[features]
            block += np.bincount(cells, values, block.size).reshape(block.shape)
        # A word has about ten n-grams and one stem; at unit length, both kinds weigh the same.
        unit(vectors[:, :_GRAM_COLUMNS])
        unit(vectors[:, _GRAM_COLUMNS:])
        return unit(vectors)


class _Words:
    """The features of each distinct word, computed once and numbered.

    `columns` and `signs` : by feature, the column it is added to and its sign.
    """

    def __init__(self) -> None:
        self.columns: list[int] = []
        self.signs: list[float] = []
        self._numbers: dict[tuple[bool, str], int] = {}
        self._features: dict[str, list[int]] = {}

    def count(self, texts: Sequence[str]) -> _Counts:
        """For each text and each of its features: the row, the feature and the count."""
        found = [self._of_text(text) for text in texts]
        n_of = np.array([len(one) for one in found], dtype=np.intp)
        flat = np.fromiter((f for one in found for f in one), dtype=np.intp, count=n_of.sum())
        pairs = np.repeat(np.arange(len(texts)), n_of) * (len(self.columns) + 1) + flat
        pairs, counts = np.unique(pairs, return_counts=True)
        return (*np.divmod(pairs, len(self.columns) + 1), counts)

    def weights(self, n_texts: int, blocks: Sequence[_Counts]) -> NDArray[np.float64]:
        """The weight of each feature, with its sign; shape (n_features,)."""
        spread = np.zeros(len(self.columns))
        for _, features, _ in blocks:
            spread += np.bincount(features, minlength=len(spread))
        # A feature of one text connects nothing; one of nearly all texts separates nothing.
        is_useful = (spread > 1) & (spread <= max(3.0, _COMMONEST * n_texts))
        rarity = np.log((1 + n_texts) / np.maximum(spread, 1))
        weights: NDArray[np.float64] = np.where(is_useful, rarity, 0.0) * np.array(self.signs)
        return weights

    def _of_text(self, text: str) -> list[int]:
        found: list[int] = []
        for word in WORD.findall(unicodedata.normalize("NFKC", encodable(text)).casefold()):
            if word not in self._features:
                self._features[word] = [self._number(one) for one in _features(word)]
            found += self._features[word]
        return found

    def _number(self, feature: tuple[bool, str]) -> int:
        number = self._numbers.setdefault(feature, len(self.columns))
        if number == len(self.columns):
            column, sign = _place(feature)
            self.columns.append(column)
            self.signs.append(sign)
        return number


def _features(word: str) -> Iterator[tuple[bool, str]]:
    """The stem (True) and n-grams (False) of a word; n-grams include marks for the word's ends."""
    if SIGN.search(word):
        sizes = _UNSPACED_GRAMS
    elif len(word) >= _SHORTEST_WORD or (
        len(word) >= _SHORTEST_WORD_WITHOUT_CASE and word == word.upper()
    ):
        yield True, word[:_STEM]
        word, sizes = f"<{word}>", _GRAMS
    else:
        return
    for size in sizes:
        for at in range(len(word) - size + 1):
            yield False, word[at : at + size]


def _place(feature: tuple[bool, str]) -> tuple[int, float]:
    """Column and sign of a feature, the same in every run."""
    is_stem, text = feature
    digest = zlib.crc32(text.encode())
    first, n_columns = (_GRAM_COLUMNS, _STEM_COLUMNS) if is_stem else (0, _GRAM_COLUMNS)
    return first + (digest >> 1) % n_columns, 1.0 if digest & 1 else -1.0
