"""Parts of speech of English words, from a linear classifier; models/tagger.md describes it."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from chapterize.weights import artefact, reading

__all__ = ["BREAK", "TAGS", "Tagger", "word_features"]

TAGS = "nmjvdpowkcfbgetriPsx"
"""One letter a tag: noun, name (m), adjective (j), adverb (v), determiner, pronoun, possessive
pronoun (o), question word, number (k), conjunction, finite verb, base form, gerund, participle (e),
to, particle (r), interjection, preposition (P), word with a possessive 's (s), other (x).
"""
BREAK = "."
"""The tag of "", which no phrase spans."""
_FILE = "tagger.npz"
_EDGE = "<s>"
_DOUBTFUL, _DOUBTFUL_VERB, _SURE = 40, 100, 160
"""How much higher the score of a noun is than that of a verb: in doubt, in doubt for a word in -s
that is more often a verb, and surely a noun. Of 22 words under 30 after a noun, 15 were verbs.
"""
_LOWER, _CAPITAL, _UPPER, _DIGIT, _FIRST_CAPITAL = range(1, 6)
# Words that a noun phrase cannot contain, whatever the classifier takes them for.
_FIXED = {
    word: letter
    for letter, words in {
        "i": "um uh yeah yes okay ok hmm mm mhm mm-hmm uh-huh huh oh ah er hey hi hello wow well "
        "right bye gonna wanna gotta please yep nope ya em kinda sorta",
        "p": "something anything everything nothing someone anyone everyone everybody anybody "
        "somebody one ones stuff mine yours",
        "v": "so most just also",
    }.items()
    for word in words.split()
}

Integers = NDArray[np.int32]


class Tagger:
    """Tags words by a window of five words, without looking at other tags.

    Parameters
    ----------
    weights : int8, shape (2 ** n, len(TAGS)).

    Raises
    ------
    EngineError : the shipped file is missing or damaged.
    """

    def __init__(self, weights: NDArray[np.int8] | None = None) -> None:
        self._weights = _shipped() if weights is None else weights

    def tag(self, sentences: Sequence[Sequence[str]]) -> list[str]:
        """Return one string for each sentence, with one letter of TAGS, or BREAK, for each word."""
        return self._letters(sentences, self._scores(sentences)[0])

    def tag_carefully(self, sentences: Sequence[Sequence[str]]) -> list[str]:
        """Like `tag`, but "shines" in "flame shines" is a verb if it is nowhere clearly a noun.

        It is one after a determiner, an adjective or a preposition, before a finite verb, with a
        high score, or if it is said twice after the same word.
        """
        scores, alone = self._scores(sentences)
        tags = self._letters(sentences, scores)
        margins = zip(_noun_margins(scores), _noun_margins(alone), strict=True)
        nouns: set[str] = set()
        doubtful: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for place, (sentence, letters) in enumerate(zip(sentences, tags, strict=True)):
            for at, (word, letter) in enumerate(zip(sentence, letters, strict=True)):
                margin, of_word = next(margins) if word else (0, 0)
                before, low = letters[at - 1] if at else BREAK, word.lower()
                limit = _DOUBTFUL_VERB if of_word < 0 and low[-1:] == "s" else _DOUBTFUL
                if letter != "n":
                    continue
                if margin >= _SURE or before in "dojP" or letters[at + 1 : at + 2] == "f":
                    nouns.add(low)
                elif before in "nm" and margin < limit:
                    doubtful.setdefault((sentence[at - 1].lower(), low), []).append((place, at))
        for (_, word), places in doubtful.items():
            if word not in nouns and len(places) == 1:
                place, at = places[0]
                tags[place] = tags[place][:at] + "f" + tags[place][at + 1 :]
        return tags

    def _scores(self, sentences: Sequence[Sequence[str]]) -> tuple[Integers, Integers]:
        """The scores of the tags of each word, and the part that is for the word alone."""
        rows = word_features(sentences, len(self._weights))
        alone = self._weights[rows[:, 0]].astype(np.int32)
        return self._weights[rows].sum(axis=1, dtype=np.int32), alone

    @staticmethod
    def _letters(sentences: Sequence[Sequence[str]], scores: Integers) -> list[str]:
        letters = iter(scores.argmax(axis=1).tolist())
        return ["".join(_letter(word, letters) for word in sentence) for sentence in sentences]


def _noun_margins(scores: Integers) -> list[int]:
    """How much higher the score of a noun is than that of a verb."""
    noun, finite, base = (scores[:, TAGS.index(letter)] for letter in "nfb")
    return list((noun - np.maximum(finite, base)).tolist())


def _letter(word: str, found: Iterator[int]) -> str:
    if not word:
        return BREAK
    letter = TAGS[next(found)]
    # "T. rex" and "F. Kennedy" are read as one word.
    return "m" if ". " in word else _FIXED.get(word.lower(), letter)


def _shipped() -> NDArray[np.int8]:
    path = artefact(_FILE)
    with reading("the tagger", path):
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
            weights: NDArray[np.int8] = arrays["weights"]
        size = len(weights)
        if weights.dtype != np.int8 or weights.shape != (size, len(TAGS)) or size & (size - 1):
            raise ValueError(f"weights of shape {weights.shape} do not fit")
    return weights


def word_features(sentences: Sequence[Sequence[str]], n_rows: int) -> Integers:
    """Return the rows of the weights that each word adds up, shape (n_words, 19).

    Breaks ("") are context of the words, but have no rows. `n_rows` is a power of two.
    """
    flat, shapes = [_EDGE, _EDGE], [0, 0]
    for sentence in sentences:
        flat += [*sentence, _EDGE, _EDGE]
        shapes += [*(_shape(word, place) for place, word in enumerate(sentence)), 0, 0]
    ids: dict[str, int] = {}
    index = np.array([ids.setdefault(word.lower(), len(ids)) for word in flat])
    distinct = list(ids)

    def hashed(part: Callable[[str], str]) -> NDArray[np.uint64]:
        codes = [zlib.crc32(part(word).encode("utf-8", "surrogatepass")) for word in distinct]
        return np.asarray(np.array(codes, dtype=np.uint64)[index])

    word, ending = hashed(str), hashed(lambda word: word[-3:])
    shape = np.array(shapes, dtype=np.uint64)
    before, after = np.roll(word, 1), np.roll(word, -1)
    columns = [
        _mixed(word, 1), _mixed(before, 2), _mixed(after, 3),
        _mixed(np.roll(word, 2), 4), _mixed(np.roll(word, -2), 5),
        _mixed(_mixed(before, 6) + word, 7), _mixed(_mixed(word, 8) + after, 9),
        _mixed(_mixed(before, 20) + after, 21),
        _mixed(hashed(lambda word: word[-2:]), 10), _mixed(ending, 11),
        _mixed(hashed(lambda word: word[-4:]), 12), _mixed(hashed(lambda word: word[:2]), 13),
        _mixed(shape, 14),
        _mixed(np.roll(shape, 1) * np.uint64(8) + np.roll(shape, -1) + shape * np.uint64(64), 15),
        _mixed(np.roll(ending, 1), 16), _mixed(np.roll(ending, -1), 17),
        _mixed(_mixed(np.roll(ending, 1), 18) + ending, 19),
        _mixed(_mixed(ending, 22) + np.roll(ending, -1), 23),
        _mixed(_mixed(ending, 24) + shape, 25),
    ]  # fmt: skip
    is_word = np.array([word not in ("", _EDGE) for word in flat])
    rows = np.stack(columns, axis=1)[is_word] & np.uint64(n_rows - 1)
    return np.asarray(rows, dtype=np.int32)


def _mixed(values: NDArray[np.uint64], role: int) -> NDArray[np.uint64]:
    """Spread values over all bits, differently for each role (the finaliser of splitmix64)."""
    mixed = (values + np.uint64(role)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return mixed


def _shape(word: str, place: int) -> int:
    if not word:
        return 0
    if word.isupper() and len(word) > 1:
        return _UPPER
    if word[:1].isupper():
        return _CAPITAL if place else _FIRST_CAPITAL
    return _DIGIT if any(map(str.isdigit, word)) else _LOWER
