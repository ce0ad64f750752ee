"""Evidence, for each run of words, of how near it comes to the title a person would give."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from chapterize.title.runs import LONGEST, Field, Runs
from chapterize.title.tokens import FAR, Ints
from chapterize.title.word_features import Words

__all__ = ["COLUMN", "FEATURES", "add_chapter_evidence", "run_evidence"]

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
"""Words at the ends of a chapter in which one greets or takes leave."""


def run_evidence(field: Field, runs: Runs, words: Words) -> NDArray[np.float64]:
    """Return what is known of each run, shape (n, len(FEATURES)), without its chapter's part."""
    spoken, likely = field.spoken, field.likely
    said = spoken.words
    start, size = runs.start, runs.size
    end = start + size
    last = end - 1
    is_small = spoken.is_stop[said]
    common = words.commonness[said]
    written = [spoken.spelling.get(word, word) for word in spoken.vocabulary]
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
    np.minimum.at(cue, runs.again, spoken.cue[runs.starts])
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
        "offset": np.log1p(spoken.offset[start]),
        "cue": cue,
        "asked": share(spoken.asked[runs.starts]) > 0,
        "opens": share(spoken.is_stop[lone]),
        "closes": share(spoken.is_stop[after]),
        "after_break": share(lone == 0),
        "before_break": share(after == 0),
        "inside": n_small,
        "capitals": total(capital) / size,
        "noun_first": spoken.nouns[said[start]],
        "noun_last": spoken.nouns[said[last]],
        "ending": spoken.endings[said[last]],
        "glue": count / np.maximum(rarest, 1),
        "kind": runs.kind,
        "small": everything - content_sum,
        "common_first": common[start],
        "common_last": common[last],
        "common": total(common) / size,
        "in_sentence": share(spoken.sentence[runs.starts] == 0) > 0,
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
    """The likeliest, the least likely and the least often said of the telling words of each."""
    n = len(runs.start)
    most, least, rarest = np.zeros(n), np.ones(n), np.full(n, np.inf)
    is_small = field.spoken.is_stop[field.spoken.words]
    for step in range(LONGEST):
        place = np.minimum(runs.start + step, len(is_small) - 1)
        telling = (step < runs.size) & ~is_small[place]
        value = field.likely[place]
        most = np.where(telling, np.maximum(most, value), most)
        least = np.where(telling, np.minimum(least, value), least)
        rarest = np.where(telling, np.minimum(rarest, field.said[place]), rarest)
    return most, least, np.where(np.isinf(rarest), 1, rarest)


def _elsewhere(field: Field, runs: Runs, count: Ints) -> NDArray[np.float64]:
    """How often other chapters say the same (as one of their candidates)."""
    ids = field.spoken.words.tolist()
    keys: dict[tuple[int, ...], int] = {}
    same = [
        keys.setdefault(tuple(ids[start : start + size]), len(keys))
        for start, size in zip(runs.start.tolist(), runs.size.tolist(), strict=True)
    ]
    total = np.bincount(same, weights=count)
    # Of a question and a run of the same words, one hides the other; it is no matter.
    return np.asarray(np.maximum(total[same] - count, 0))


def add_chapter_evidence(table: NDArray[np.float64], chapter: Ints, field: Field) -> None:
    """Fill in what is the same for all candidates of a chapter."""
    spoken = field.spoken
    length = np.bincount(spoken.chapter[spoken.words > 0], minlength=spoken.n_chapters)
    best = np.zeros(spoken.n_chapters)
    np.maximum.at(best, spoken.chapter, field.likely)
    left = length[spoken.chapter] - spoken.offset
    greets = spoken.among(*_GREETINGS)[spoken.words] & (spoken.offset < _EDGE)
    leaves = spoken.among(*_FAREWELLS)[spoken.words] & (left <= _EDGE)
    by_chapter: dict[str, NDArray[np.generic]] = {
        "chapter_words": np.log1p(length),
        "length_ratio": np.log1p(length) - np.log1p(length.mean()),
        "n_chapters": np.full(spoken.n_chapters, spoken.n_chapters),
        "is_first": np.arange(spoken.n_chapters) == 0,
        "is_last": np.arange(spoken.n_chapters) == spoken.n_chapters - 1,
        "best": best,
        "question_rate": spoken.question_rate,
        "greeting": np.bincount(spoken.chapter[greets], minlength=spoken.n_chapters),
        "farewell": np.bincount(spoken.chapter[leaves], minlength=spoken.n_chapters),
    }
    for name, values in by_chapter.items():
        table[:, COLUMN[name]] = values[chapter]
    words = np.maximum(length[chapter], 1)
    table[:, COLUMN["offset_share"]] = np.expm1(table[:, COLUMN["offset"]]) / words
    table[:, COLUMN["best_share"]] = table[:, COLUMN["mean"]] / np.maximum(best[chapter], 1e-9)
