"""Word times: estimate them, and align them with cleaned text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf

from chapterize.data import Word

__all__ = ["align_words", "spoken_length", "spread_words", "words_from_starts"]

# Characters after the expected place in which a word is searched.
_REACH = 24


def spoken_length(text: str) -> float:
    """Upper bound on the seconds that `text` takes when spoken at an ordinary pace.

    Some sources give only the start of a word; without this bound every pause would belong to the
    word before it.
    """
    return 0.25 + 0.08 * len(text)


def words_from_starts(pieces: Sequence[tuple[float, str]], end: float) -> list[Word]:
    """Words of `pieces`, which are (start, text) in order; the last one ends by `end`."""
    words: list[Word] = []
    limits = [start for start, _ in pieces[1:]] + [end]
    for (start, text), limit in zip(pieces, limits, strict=True):
        tokens = text.split()
        if not tokens:
            continue
        stop = max(start, min(limit, start + spoken_length(text.strip())))
        if len(tokens) == 1:
            words.append(Word(start, stop, tokens[0]))
        else:
            words += spread_words(text, start, stop)
    return words


def spread_words(text: str, start: float, end: float) -> list[Word]:
    """Words of `text`, with times in proportion to their characters."""
    tokens = text.split()
    rate = (end - start) / max(1, sum(map(len, tokens)))
    words = []
    for token in tokens:
        stop = start + rate * len(token)
        words.append(Word(start, stop, token))
        start = stop
    return words


def align_words(text: str, words: Sequence[Word], start: float) -> tuple[Word, ...]:
    """Align `words` with `text`, a cleaned form of the text they come from.

    The texts of the result add up to `text`, spaces aside: words that are not found are dropped,
    characters between words join the word before them, and text before the first word starts at
    `start`. Empty if fewer than half of the words are found. Times ascend.
    """
    if " ".join([word.text for word in words]) == text and _ascends(words):
        return tuple(words)
    places: list[tuple[int, Word]] = []
    position = 0
    for word in words:
        at = text.find(word.text, position, position + len(word.text) + _REACH)
        if at < 0 or _splits_word(text, at, position):
            continue
        places.append((at, word))
        position = at + len(word.text)
    if len(places) * 2 < len(words) or not places:
        return ()
    first_at, first = places[0]
    if text[:first_at].strip():
        places.insert(0, (0, Word(min(start, first.start), first.start, "")))
    aligned: list[Word] = []
    latest = min(start, first.start)
    for (at, word), (stop, _) in pairwise([*places, (len(text), first)]):
        latest = max(word.start, latest)
        aligned.append(Word(latest, max(latest, word.end), text[at:stop].strip()))
    limits = [*(word.start for word in aligned[1:]), inf]
    return tuple(
        Word(word.start, min(word.end, limit), word.text)
        for word, limit in zip(aligned, limits, strict=True)
    )


def _splits_word(text: str, at: int, position: int) -> bool:
    if at == position or not text[at - 1].isalnum() or not text[at].isalnum():
        return False
    return text[at].isascii() or text[at - 1].isascii()


def _ascends(words: Sequence[Word]) -> bool:
    return all(before.start <= before.end <= after.start for before, after in pairwise(words))
