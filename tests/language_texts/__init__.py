"""Talks in several languages, written for the tests, with reference chapters."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from chapterize.data import Cue

__all__ = ["LANGUAGES", "Talk", "read_short", "read_talk"]

LANGUAGES = ("de", "es", "ja", "zh")

_FOLDER = Path(__file__).parent
_SPACELESS = frozenset({"ja", "zh"})
_MARKS = ',.;:!?¿¡„“”"«»—–，。、；：！？「」『』'
# Spoken characters per second; a Chinese or Japanese character carries more than a letter.
_PACE = {"ja": 6.0, "zh": 4.5, "ko": 6.0}
_PAUSE = 0.3


@dataclass(frozen=True)
class Talk:
    """`topics` : for each chapter its title and its sentences."""

    language: str
    topics: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def titles(self) -> tuple[str, ...]:
        return tuple(title for title, _ in self.topics)

    @property
    def text(self) -> str:
        return " ".join(sentence for _, sentences in self.topics for sentence in sentences)

    def arranged(self, seed: int) -> Talk:
        """The topics in random order and of different lengths, so that even spacing is wrong."""
        dice = random.Random(seed)
        topics = dice.sample(self.topics, len(self.topics))
        lengths = [dice.choice((3, 4, 6, len(lines), len(lines))) for _, lines in topics]
        return Talk(
            self.language,
            tuple((t, lines[:n]) for (t, lines), n in zip(topics, lengths, strict=True)),
        )

    def cues(self) -> tuple[Cue, ...]:
        """One cue per sentence, as long as it takes to speak it."""
        pace = _PACE.get(self.language, 15.0)
        found: list[Cue] = []
        at = 0.0
        for _, sentences in self.topics:
            for sentence in sentences:
                end = at + len(sentence) / pace
                found.append(Cue(at, end, sentence))
                at = end + _PAUSE
        return tuple(found)

    def bare_cues(self, n_characters: int | None = None) -> tuple[Cue, ...]:
        """The same without punctuation and capitals, cut anywhere, like automatic captions."""
        size = n_characters or (15 if self.language in _SPACELESS else 42)
        spoken = [letter for cue in self.cues() for letter in _bare(cue, self.language)]
        found = []
        first = 0
        while first < len(spoken):
            stop = min(first + size, len(spoken))
            # Cut between words, but anywhere in a sentence.
            while self.language not in _SPACELESS and stop < len(spoken):
                if spoken[stop - 1][0] == " ":
                    break
                stop += 1
            part = spoken[first:stop]
            found.append(Cue(part[0][1], part[-1][1] + 0.05, "".join(c for c, _ in part).strip()))
            first = stop
        return tuple(cue for cue in found if cue.text)

    def starts(self) -> tuple[float, ...]:
        """Times in seconds at which the chapters start."""
        starts = [cue.start for cue in self.cues()]
        found, at = [], 0
        for _, sentences in self.topics:
            found.append(starts[at])
            at += len(sentences)
        return tuple(found)


def _bare(cue: Cue, language: str) -> list[tuple[str, float]]:
    """Each character that is kept, with the time at which it is spoken."""
    step = (cue.end - cue.start) / max(1, len(cue.text))
    kept = [(c.lower(), cue.start + i * step) for i, c in enumerate(cue.text) if c not in _MARKS]
    return kept if language in _SPACELESS else [*kept, (" ", cue.end)]


def read_talk(language: str) -> Talk:
    """The talk in ``<language>.md``: one heading per chapter, one sentence per line."""
    topics: list[tuple[str, list[str]]] = []
    for line in (_FOLDER / f"{language}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            topics.append((line[3:], []))
        elif line and not line.startswith("# "):
            topics[-1][1].append(line)
    return Talk(language, tuple((title, tuple(lines)) for title, lines in topics))


def read_short() -> dict[str, tuple[str, ...]]:
    """A few sentences on two topics for each language; ``a+b`` mixes two languages."""
    found: dict[str, list[str]] = {}
    for line in (_FOLDER / "short.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            lines = found.setdefault(line[3:], [])
        elif line and not line.startswith("# "):
            lines.append(line)
    return {language: tuple(sentences) for language, sentences in found.items()}
