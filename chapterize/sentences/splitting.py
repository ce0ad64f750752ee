"""From tokens to sentences: split at marks, cut at silences and lengths, join what is too short."""

from __future__ import annotations

from collections.abc import Sequence

from chapterize.data import Sentence, Transcript
from chapterize.sentences.cuts import PAUSE, cut, join_short, silences
from chapterize.sentences.ends import sentence_ends
from chapterize.sentences.tokens import Token, tokens_of

__all__ = ["resentence", "sentence_tokens"]

# A speaker who is silent for so long has ended the sentence, seconds.
_SILENCE = 3.0
_MOST_WORDS = 25.0
_MOST_WORDS_PUNCTUATED = 60.0
# Fewer terminal marks than this are the dots of abbreviations in a text without punctuation.
_WORDS_PER_MARK = 50.0
_MIN_LENGTH = 0.001


def resentence(transcript: Transcript) -> tuple[Sentence, ...]:
    """The sentences of a transcript, across the borders of its cues.

    They ascend, do not overlap, last a millisecond or more, and their texts together are the
    texts of the cues but for spaces. Starts are those of words where the source times them, else
    interpolated by characters inside the cue. None goes on over a silence of 3 s. A sentence of
    one or two words is joined to the nearer neighbour unless a pause parts them from it.
    """
    return _timed(sentence_tokens(transcript))


def sentence_tokens(transcript: Transcript) -> list[list[Token]]:
    """The tokens of each sentence of `resentence`, with their times; no list is empty."""
    tokens = tokens_of(transcript.cues)
    if not tokens:
        return []
    ends = sentence_ends(tokens)
    total_words = sum(token.words for token in tokens)
    is_punctuated = len(ends) * _WORDS_PER_MARK >= total_words
    most_words = _MOST_WORDS_PUNCTUATED if is_punctuated else _MOST_WORDS
    breaks = sorted({*ends, *silences(tokens, _SILENCE if is_punctuated else PAUSE), len(tokens)})
    pieces: list[tuple[int, int]] = []
    first = 0
    for stop in breaks:
        pieces += cut(tokens, first, stop, most_words)
        first = stop
    return [tokens[a:b] for a, b in join_short(tokens, pieces)]


def _timed(groups: Sequence[Sequence[Token]]) -> tuple[Sentence, ...]:
    """Sentences of the groups, each ending where the next begins at the latest."""
    starts: list[float] = []
    for group in groups:
        start = group[0].start
        starts.append(max(start, starts[-1] + _MIN_LENGTH) if starts else start)
    sentences = []
    for number, group in enumerate(groups):
        start = starts[number]
        end = max(max(token.end for token in group), start + _MIN_LENGTH)
        if number + 1 < len(groups):
            end = min(end, starts[number + 1])
        text = group[0].text + "".join(token.joint + token.text for token in group[1:])
        sentences.append(Sentence(start, end, text))
    return tuple(sentences)
