"""Where to cut text that does not say where its sentences end, and what to join again."""

from __future__ import annotations

from collections.abc import Sequence

from chapterize.sentences.tokens import Token

__all__ = ["BREAKS_OFF", "OPEN_ENDED", "PAUSE", "cut", "join_short", "silences"]

# A breath long enough to end a sentence where no mark does, in seconds.
PAUSE = 1.2
_AIM_WORDS = 17.0
_MOST_WORDS = 25.0
_MOST_WORDS_OF_CUE = 32.0
_FEWEST_WORDS = 3.0
_JOINED_WORDS = 40.0
BREAKS_OFF = (",", ";", ":", "、", "，", "–", "—")
# fmt: off
# Words that open a thought, and what each is worth when a cut before it is considered.
_OPENING = {
    **dict.fromkeys("""so now okay ok alright next anyway well finally let's lets first second third
        lastly however meanwhile moving today also jetzt nun zunächst danach übrigens entonces
        ahora bueno luego primero alors maintenant donc bon ensuite voilà allora quindi adesso
        então agora итак теперь сейчас значит""".split(), 1.2),  # noqa: SIM905
    **dict.fromkeys("""and but then because if when what why how i we you they it this that there
        or und aber dann weil wenn ich wir das y pero porque si cuando et mais parce quand je nous
        e ma perché mas porque и но а потому если когда я мы""".split(), 0.5),  # noqa: SIM905
}
# After these a thought is not over.
OPEN_ENDED = frozenset("""
the a an of to in for with from by my your our his her their is are was were be and or but that
very some any this these those into about as at on if when because der die das ein eine den dem
und oder zu mit von für im el la los las un una de que y o con para por en le les des du et ou à
dans pour il lo gli di e del della os as do da и в на с не
""".split())  # noqa: SIM905
# fmt: on


def silences(tokens: Sequence[Token], shortest: float) -> list[int]:
    """Indices of the tokens before which nobody speaks for `shortest` seconds or more."""
    return [
        index
        for index in range(1, len(tokens))
        if tokens[index].start - tokens[index - 1].end >= shortest
    ]


def cut(tokens: Sequence[Token], first: int, stop: int, most_words: float) -> list[tuple[int, int]]:
    """[first, stop) in parts of at most about `most_words` words."""
    remaining = sum(token.words for token in tokens[first:stop])
    parts: list[tuple[int, int]] = []
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
    """Where to end the part that begins at `first`.

    At a known time or a comma if there is one near enough, else anywhere: then it is a cue that
    is too long by itself.
    """
    best: int | None = None
    best_score = float("-inf")
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
    # Of two openers, as in "okay now", it is the first that opens.
    score += _OPENING.get(after.text.casefold().rstrip(",.!?"), 0.0) - _OPENING.get(last, 0.0)
    if last.endswith(BREAKS_OFF):
        return score + 0.8
    return score - (1.2 if last in OPEN_ENDED else 0.0)


def join_short(tokens: Sequence[Token], pieces: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pieces of one or two words joined to the nearer neighbour, unless a pause is between."""
    lengths = [sum(token.words for token in tokens[a:b]) for a, b in pieces]
    joined: list[tuple[int, int]] = []
    n_words: list[float] = []
    carried: int | None = None  # where a short piece began that goes to the next one
    carried_words = 0.0
    for number, (first, stop) in enumerate(pieces):
        words = lengths[number]
        if carried is not None:
            first, words = carried, words + carried_words
            carried = None
        if words >= _FEWEST_WORDS:
            joined.append((first, stop))
            n_words.append(words)
            continue
        before = tokens[first].start - tokens[first - 1].end if joined else PAUSE
        after = tokens[stop].start - tokens[stop - 1].end if stop < len(tokens) else PAUSE
        # The next sentence is preferred: a short one mostly leads in.
        if after < PAUSE and after <= before and lengths[number + 1] + words <= _JOINED_WORDS:
            carried, carried_words = first, words
        elif before < PAUSE and n_words[-1] + words <= _JOINED_WORDS:
            joined[-1] = (joined[-1][0], stop)
            n_words[-1] += words
        else:
            joined.append((first, stop))
            n_words.append(words)
    return joined
