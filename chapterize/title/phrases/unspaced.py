"""Phrases of languages without spaces: Japanese, Chinese, Thai, Lao, Khmer, Burmese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from chapterize.language import find_cue_words
from chapterize.title.phrases.grammar import Grammar
from chapterize.title.phrases.ranking import CUED, Candidates, Phrase, Speech

__all__ = ["unspaced_speech"]

_JAPANESE_RUN = re.compile(r"[一-鿿々]+|[ァ-ヺー]+|[A-Za-z0-9][A-Za-z0-9.+#-]*")
_MARKS = r"\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc\u0ec6-\u0ece\u102b-\u103e\u17b4-\u17d3"
_SAME_SCRIPT = re.compile(rf"[A-Za-z][A-Za-z0-9.+#-]*|(?:[^\W\dA-Za-z_]|[{_MARKS}])+")
# The smallest unit: a consonant with the vowels around it in Thai, otherwise one character.
_CLUSTER = re.compile(rf"[\u0e40-\u0e44\u0ec0-\u0ec4]?.[{_MARKS}]*")
_LOOSE = {"zh": "是在我你他她它们這这那很就也都和跟与把被着过说要会能有不个一"}
_RUN_CHARACTERS = 12
_RUN_CLUSTERS = {"zh": 6, "ja": 6}
_MOST_CLUSTERS = 8


def unspaced_speech(chapters: Sequence[Sequence[str]], grammar: Grammar) -> Speech:
    """Candidate phrases of each chapter."""
    found = []
    for sentences in chapters:
        phrases = _kept_phrases(sentences, grammar)
        found.append(Candidates([p.words[0] for p in phrases for _ in range(p.count)], phrases))
    return Speech(found, {}, {}, {})


def _kept_phrases(sentences: Sequence[str], grammar: Grammar) -> list[Phrase]:
    cut = _japanese_runs if grammar.language == "ja" else _character_runs
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    announced: set[str] = set()
    whole: set[str] = set()
    for index, sentence in enumerate(sentences):
        runs = list(cut(sentence, grammar))
        names = [run for run, _ in runs]
        counts.update(names)
        for run in names:
            first.setdefault(run, index)
        whole.update(run for run, is_whole in runs if is_whole)
        if index < CUED and find_cue_words(sentence, grammar.language):
            announced.update(names)
    longest = _RUN_CLUSTERS.get(grammar.language or "", _MOST_CLUSTERS)
    return [
        Phrase(
            (run,),
            first[run],
            counts[run],
            run in announced,
            fullness=min(1.0, len(_CLUSTER.findall(run)) / longest),
        )
        for run in (*(run for run in first if run in whole), *_unbroken(counts, whole))
    ]


def _japanese_runs(sentence: str, grammar: Grammar) -> Iterator[tuple[str, bool]]:
    """Runs of kanji, katakana or Latin letters, and neighbouring runs, also across one の.

    Hiragana is mostly grammar, so words end where the script changes.
    """
    runs = list(_JAPANESE_RUN.finditer(sentence))
    for index, first in enumerate(runs):
        if first.group() in grammar.edge:
            continue
        end = first.end()
        for last in runs[index : index + 4]:
            between = sentence[end : last.start()] if last is not first else ""
            if between not in {"", "の"} or last.group() in grammar.edge:
                break
            end = last.end()
            text = sentence[first.start() : end]
            if (
                2 <= len(text) <= _RUN_CHARACTERS
                and not text[0].isdigit()
                and not (len(last.group()) == 1 and between == "の")
            ):
                yield text, True


def _character_runs(sentence: str, grammar: Grammar) -> Iterator[tuple[str, bool]]:
    """All runs of characters between stop words and marks; True if the run is all of it."""
    loose = _LOOSE.get(grammar.language or "", "")
    longest = _RUN_CLUSTERS.get(grammar.language or "", _MOST_CLUSTERS)
    for piece in _stop_pattern(grammar).split(sentence):
        for match in _SAME_SCRIPT.finditer(piece):
            text = match.group()
            if text[0].isascii():
                yield text, len(text) > 1
                continue
            clusters = _CLUSTER.findall(text)
            for start, first in enumerate(clusters):
                if first in loose:
                    continue
                for end in range(start + 1, min(len(clusters), start + longest)):
                    if clusters[end] not in loose:
                        fills = start == 0 and end == len(clusters) - 1
                        yield "".join(clusters[start : end + 1]), fills


# Building the pattern takes 0.4 ms, and every sentence needs it.
@cache
def _stop_pattern(grammar: Grammar) -> re.Pattern[str]:
    # Most single characters are often parts of other words, so only a few of them separate.
    shortest = 2 if grammar.language == "zh" else 4
    words = sorted((w for w in grammar.edge if len(w) >= shortest), key=lambda w: (-len(w), w))
    return re.compile(
        rf"(?:{'|'.join([*map(re.escape, words), '[的了吗嗎呢吧啊嘛]'])})(?![{_MARKS}])"
    )


def _unbroken(counts: Counter[str], whole: set[str]) -> list[str]:
    """Runs said at least twice that are not always part of the same longer run."""
    repeated = {run: count for run, count in counts.items() if count > 1}
    broken = {
        part
        for run, count in repeated.items()
        for part in (run[:-1], run[1:])
        if repeated.get(part) == count
    }
    return [run for run in repeated if run not in broken and run not in whole]
