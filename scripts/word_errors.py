"""Word error rate: how much a recognised text differs from the spoken one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_NOT_WORDS = re.compile(r"[^\w']+")


@dataclass(frozen=True)
class WordErrors:
    """Counts over `n_words` spoken words; `lost_in_a_row` is the longest run of lost words.

    Lost words are deletions and invented ones insertions, in the usual terms.
    """

    n_words: int
    substituted: int
    lost: int
    invented: int
    lost_in_a_row: int

    @property
    def rate(self) -> float:
        """Word error rate: the number of errors divided by the number of spoken words."""
        return (self.substituted + self.lost + self.invented) / self.n_words

    def __str__(self) -> str:
        return (
            f"word error rate {self.rate:.1%} ({self.substituted} of {self.n_words} words wrong, "
            f"{self.lost} lost, {self.invented} invented)"
        )


def word_errors(spoken: str, recognised: str) -> WordErrors:
    """Compare two texts word by word, ignoring case and punctuation."""
    from rapidfuzz.distance import Levenshtein

    reference, hypothesis = _words(spoken), _words(recognised)
    edits = Levenshtein.editops(reference, hypothesis)
    lost = [edit.src_pos for edit in edits if edit.tag == "delete"]
    return WordErrors(
        len(reference),
        sum(edit.tag == "replace" for edit in edits),
        len(lost),
        sum(edit.tag == "insert" for edit in edits),
        _longest_run(lost),
    )


def _words(text: str) -> list[str]:
    return _NOT_WORDS.sub(" ", text.replace("’", "'").casefold()).split()


def _longest_run(positions: Sequence[int]) -> int:
    longest = run = 0
    for i, position in enumerate(positions):
        run = run + 1 if i and position == positions[i - 1] + 1 else 1
        longest = max(longest, run)
    return longest
