"""Features of each run of words, for predicting its ROUGE-L with a person's title."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chapterize.title.phrases.runs import LONGEST, Field, Runs
from chapterize.title.phrases.tokens import FAR, Ints
from chapterize.title.phrases.word_features import Words

__all__ = ["COLUMN", "FEATURES", "add_chapter_features", "run_features"]

FEATURES = (
    *("size", "content", "sum", "mean", "most", "least", "first", "last", "share_4", "share_2"),
    *("said", "elsewhere", "offset", "offset_share", "cue", "asked", "opens", "closes"),
    *("after_break", "before_break", "inside", "capitals", "noun_first", "noun_last", "ending"),
    *("glue", "kind", "small", "common_first", "common_last", "common", "in_sentence"),
    *("characters", "typical", "typical_best", "typical_said", "name"),
    *("chapter_words", "length_ratio", "n_chapters", "is_first", "is_last", "best", "best_share"),
    *("question_rate", "greeting", "farewell"),
)
COLUMN = {name: number for number, name in enumerate(FEATURES)}
_GREETINGS = (
    *("hello", "hi", "hey", "welcome", "everyone", "everybody", "folks", "guys", "today"),
    *("name", "morning", "afternoon", "evening", "talk", "episode", "show", "podcast", "video"),
)
_FAREWELLS = ("thank", "thanks", "bye", "goodbye", "listening", "watching", "conclude")
_EDGE = 60
"""Words at each end of a chapter in which greetings and farewells are counted."""


def run_features(field: Field, runs: Runs, words: Words) -> NDArray[np.float64]:
    """Return the features of each run, shape (n, len(FEATURES)), except those of its chapter."""
    tokens, likely = field.tokens, field.likely
    said = tokens.words
    start, size = runs.start, runs.size
    end = start + size
    last = end - 1
    is_small = tokens.is_stop[said]
    common = words.commonness[said]
    written = [tokens.spelling.get(word, word) for word in tokens.vocabulary]
    capital = np.array([word != word.lower() for word in written])[said]
    letters = np.array([len(word) for word in written])[said]

    def total(values: NDArray[np.generic]) -> NDArray[np.float64]:
        sums = np.r_[0.0, np.cumsum(values.astype(np.float64))]
        return np.asarray(sums[end] - sums[start])

    most, least, rarest = _extremes(field, runs)
    n_small = total(is_small)
    content = np.maximum(size - n_small, 1)
    content_sum = total(np.where(is_small, 0.0, likely))
    everything = total(likely)
    n = len(start)
    count = np.bincount(runs.again, minlength=n)
    lone = np.r_[0, said[:-1]][runs.starts]
    span = runs.size[runs.again]
    after = np.r_[said, 0][np.minimum(runs.starts + span, len(said))]

    def share(holds: NDArray[np.bool_]) -> NDArray[np.float64]:
        return np.asarray(np.bincount(runs.again, weights=holds, minlength=n) / count)

    cue = np.full(n, FAR)
    np.minimum.at(cue, runs.again, tokens.cue[runs.starts])
    columns: dict[str, NDArray[np.generic]] = {
        "size": size,
        "content": content,
        "sum": everything,
        "mean": content_sum / content,
        "most": most,
        "least": least,
        "first": likely[start],
        "last": likely[last],
        "share_4": 2 * everything / (size + 4),
        "share_2": 2 * everything / (size + 2),
        "said": np.log1p(count),
        "elsewhere": np.log1p(_elsewhere(field, runs, count)),
        "offset": np.log1p(tokens.offset[start]),
        "cue": cue,
        "asked": share(tokens.asked[runs.starts]) > 0,
        "opens": share(tokens.is_stop[lone]),
        "closes": share(tokens.is_stop[after]),
        "after_break": share(lone == 0),
        "before_break": share(after == 0),
        "inside": n_small,
        "capitals": total(capital) / size,
        "noun_first": tokens.nouns[said[start]],
        "noun_last": tokens.nouns[said[last]],
        "ending": tokens.endings[said[last]],
        "glue": count / np.maximum(rarest, 1),
        "kind": runs.kind,
        "small": everything - content_sum,
        "common_first": common[start],
        "common_last": common[last],
        "common": total(common) / size,
        "in_sentence": share(tokens.sentence[runs.starts] == 0) > 0,
        "characters": total(letters) + size - 1,
        "name": np.full(n, -1),
    }
    table = np.zeros((n, len(FEATURES)))
    for name, values in columns.items():
        table[:, COLUMN[name]] = values
    return table


def _extremes(
    field: Field, runs: Runs
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Highest and lowest probability, and lowest count, of the content words of each run."""
    n = len(runs.start)
    most, least, rarest = np.zeros(n), np.ones(n), np.full(n, np.inf)
    is_small = field.tokens.is_stop[field.tokens.words]
    for step in range(LONGEST):
        place = np.minimum(runs.start + step, len(is_small) - 1)
        is_content = (step < runs.size) & ~is_small[place]
        value = field.likely[place]
        most = np.where(is_content, np.maximum(most, value), most)
        least = np.where(is_content, np.minimum(least, value), least)
        rarest = np.where(is_content, np.minimum(rarest, field.said[place]), rarest)
    return most, least, np.where(np.isinf(rarest), 1, rarest)


def _elsewhere(field: Field, runs: Runs, count: Ints) -> NDArray[np.float64]:
    """How often other chapters have the same words as a candidate."""
    ids = field.tokens.words.tolist()
    keys: dict[tuple[int, ...], int] = {}
    same = [
        keys.setdefault(tuple(ids[start : start + size]), len(keys))
        for start, size in zip(runs.start.tolist(), runs.size.tolist(), strict=True)
    ]
    total = np.bincount(same, weights=count)
    # A question and a run of the same words count as one, which makes no difference.
    return np.asarray(np.maximum(total[same] - count, 0))


def add_chapter_features(table: NDArray[np.float64], chapter: Ints, field: Field) -> None:
    """Fill in the features that all candidates of a chapter share."""
    tokens = field.tokens
    length = np.bincount(tokens.chapter[tokens.words > 0], minlength=tokens.n_chapters)
    best = np.zeros(tokens.n_chapters)
    np.maximum.at(best, tokens.chapter, field.likely)
    left = length[tokens.chapter] - tokens.offset
    greets = tokens.among(*_GREETINGS)[tokens.words] & (tokens.offset < _EDGE)
    leaves = tokens.among(*_FAREWELLS)[tokens.words] & (left <= _EDGE)
    by_chapter: dict[str, NDArray[np.generic]] = {
        "chapter_words": np.log1p(length),
        "length_ratio": np.log1p(length) - np.log1p(length.mean()),
        "n_chapters": np.full(tokens.n_chapters, tokens.n_chapters),
        "is_first": np.arange(tokens.n_chapters) == 0,
        "is_last": np.arange(tokens.n_chapters) == tokens.n_chapters - 1,
        "best": best,
        "question_rate": tokens.question_rate,
        "greeting": np.bincount(tokens.chapter[greets], minlength=tokens.n_chapters),
        "farewell": np.bincount(tokens.chapter[leaves], minlength=tokens.n_chapters),
    }
    for name, values in by_chapter.items():
        table[:, COLUMN[name]] = values[chapter]
    words = np.maximum(length[chapter], 1)
    table[:, COLUMN["offset_share"]] = np.expm1(table[:, COLUMN["offset"]]) / words
    table[:, COLUMN["best_share"]] = table[:, COLUMN["mean"]] / np.maximum(best[chapter], 1e-9)
