"""Split tokens into sentences: at marks, at silences and by length; join what is too short."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf

from chapterize.data import Sentence, Transcript
from chapterize.sentences.ends import sentence_ends
from chapterize.sentences.tokens import Token, joined, silences, strictly, tokens_of

__all__ = ["BREAKS_OFF", "OPEN_ENDED", "resentence", "sentence_tokens"]

_Spans = list[tuple[int, int]]  # half-open ranges of token indices

_SILENCE = 3.0  # seconds of silence that end any sentence
_MOST_WORDS = 25.0
_MOST_WORDS_PUNCTUATED = 60.0
# Text with fewer terminal marks has no punctuation: the marks are dots of abbreviations.
_WORDS_PER_MARK = 50.0
_MIN_LENGTH = 0.001
_PAUSE = 1.2  # seconds of silence that end a sentence in text without punctuation
_AIM_WORDS = 17.0
_MOST_WORDS_OF_CUE = 32.0
_FEWEST_WORDS = 3.0
_JOINED_WORDS = 40.0
BREAKS_OFF = (",", ";", ":", "、", "，", "–", "—")
# fmt: off
# Words that often start a sentence, and the score that each adds to a cut before it.
_OPENING = {
    **dict.fromkeys("""so now okay ok alright next anyway well finally let's lets first second third
        lastly however meanwhile moving today also jetzt nun zunächst danach übrigens entonces
        ahora bueno luego primero alors maintenant donc bon ensuite voilà allora quindi adesso
        então agora итак теперь сейчас значит""".split(), 1.2),  # noqa: SIM905
    **dict.fromkeys("""and but then because if when what why how i we you they it this that there
        or und aber dann weil wenn ich wir das y pero porque si cuando et mais parce quand je nous
        e ma perché mas porque и но а потому если когда я мы""".split(), 0.5),  # noqa: SIM905
}
# A sentence does not end with these words.
OPEN_ENDED = frozenset("""
the a an of to in for with from by my your our his her their is are was were be and or but that
very some any this these those into about as at on if when because der die das ein eine den dem
und oder zu mit von für im el la los las un una de que y o con para por en le les des du et ou à
dans pour il lo gli di e del della os as do da и в на с не
""".split())  # noqa: SIM905
# fmt: on


def resentence(transcript: Transcript) -> tuple[Sentence, ...]:
    """Sentences of a transcript, joined across cues.

    They ascend, do not overlap, last at least a millisecond, and contain all the text of the cues,
    spaces aside. They start at word times if the source has them, else at times interpolated by
    characters within the cue. A silence of 3 s always ends a sentence. A sentence of one or two
    words joins its nearer neighbour unless a pause separates them.
    """
    groups = sentence_tokens(transcript)
    starts = strictly((group[0].start for group in groups), _MIN_LENGTH)
    sentences = []
    for group, (start, following) in zip(groups, pairwise([*starts, inf]), strict=True):
        end = max(start + _MIN_LENGTH, *(token.end for token in group))
        sentences.append(Sentence(start, min(end, following), joined(group)))
    return tuple(sentences)


def sentence_tokens(transcript: Transcript) -> list[list[Token]]:
    """The tokens of each sentence of `resentence`; no list is empty."""
    tokens = tokens_of(transcript.cues)
    if not tokens:
        return []
    ends = sentence_ends(tokens)
    total_words = sum(token.words for token in tokens)
    is_punctuated = len(ends) * _WORDS_PER_MARK >= total_words
    most_words = _MOST_WORDS_PUNCTUATED if is_punctuated else _MOST_WORDS
    breaks = sorted({*ends, *silences(tokens, _SILENCE if is_punctuated else _PAUSE), len(tokens)})
    pieces: _Spans = []
    first = 0
    for stop in breaks:
        pieces += _cut(tokens, first, stop, most_words)
        first = stop
    return [tokens[a:b] for a, b in _join_short(tokens, pieces)]


def _cut(
    tokens: Sequence[Token], first: int, stop: int, most_words: float
) -> list[tuple[int, int]]:
    """Divide [first, stop) into parts of at most about `most_words` words."""
    remaining = sum(token.words for token in tokens[first:stop])
    parts: _Spans = []
    while remaining > most_words:
        at = _best_cut(tokens, first, stop, remaining)
        if at is None:
            break
        parts.append((first, at))
        remaining -= sum(token.words for token in tokens[first:at])
        first = at
        most_words = _MOST_WORDS
    return [*parts, (first, stop)]


def _best_cut(
    tokens: Sequence[Token], first: int, stop: int, remaining: float, *, anywhere: bool = False
) -> int | None:
    """Index of the token at which the part that starts at `first` should end.

    Prefers a token with a known time or one after a comma. If there is none near enough, a single
    cue is too long, and any token will do.
    """
    best, best_score = None, -inf
    words = 0.0
    for index in range(first + 1, stop):
        before, after = tokens[index - 1], tokens[index]
        words += before.words
        if words > _MOST_WORDS and (best is not None or words > _MOST_WORDS_OF_CUE):
            break
        if words < _FEWEST_WORDS or remaining - words < _FEWEST_WORDS:
            continue
        if anywhere or after.is_timed or before.text.endswith(BREAKS_OFF):
            score = _cut_score(before, after, words)
            if score > best_score:
                best, best_score = index, score
    if best is None and not anywhere:
        return _best_cut(tokens, first, stop, remaining, anywhere=True)
    return best


def _cut_score(before: Token, after: Token, words: float) -> float:
    score = -0.5 * ((words - _AIM_WORDS) / 8.0) ** 2
    score += 2.5 * min(max(after.start - before.end, 0.0), 1.5)
    last = before.text.casefold()
    # Of two such words, as in "okay now", the first one starts the sentence.
    score += _OPENING.get(after.text.casefold().rstrip(",.!?"), 0.0) - _OPENING.get(last, 0.0)
    if last.endswith(BREAKS_OFF):
        return score + 0.8
    return score - (1.2 if last in OPEN_ENDED else 0.0)


def _join_short(
    tokens: Sequence[Token], pieces: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Join pieces of one or two words to the nearer neighbour, unless a pause is between them."""
    lengths = [sum(token.words for token in tokens[a:b]) for a, b in pieces]
    joined_pieces: _Spans = []
    n_words: list[float] = []
    carried: int | None = None  # start of a short piece that joins the next one
    carried_words = 0.0
    for number, (first, stop) in enumerate(pieces):
        words = lengths[number]
        if carried is not None:
            first, words = carried, words + carried_words
            carried = None
        if words < _FEWEST_WORDS:
            before = tokens[first].start - tokens[first - 1].end if n_words else _PAUSE
            after = tokens[stop].start - tokens[stop - 1].end if stop < len(tokens) else _PAUSE
            # Prefer the next sentence: a short one usually introduces it.
            if after < _PAUSE and after <= before and lengths[number + 1] + words <= _JOINED_WORDS:
                carried, carried_words = first, words
                continue
            if before < _PAUSE and n_words[-1] + words <= _JOINED_WORDS:
                first, words = joined_pieces.pop()[0], words + n_words.pop()
        joined_pieces.append((first, stop))
        n_words.append(words)
    return joined_pieces
