"""What is kept of a list of chapters, and what several lists say about the next one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import ClassVar

from chapterize.data import Chapters
from chapterize.errors import InputError
from chapterize.profiles.titles import case_of, in_title_case, introduction, is_introduction

__all__ = ["MOST_LISTS", "Habit", "KeptList", "Profile", "habit_of"]

WITHIN = 0.30
"""Standard deviation of the logarithm of the count among the videos of one person."""

BETWEEN = 0.45
"""Standard deviation of the mean of that logarithm among persons. See models/boundary.md."""

MOST_LISTS = 200
"""Lists in a profile; the oldest are dropped."""

_MOST_RATIO = math.log(8)
"""One list counts as at most eight times finer or coarser than usual."""

_ENOUGH = 2
_MOST_SHARE = 0.6
"""A habit in titles needs this many lists, and this share of all."""

_ID_DIGITS = 12
_LEAST = 0.001  # minutes


def habit_of(ratios: Sequence[float]) -> tuple[float, float]:
    """The expected logarithm of the next ratio, and its standard deviation.

    `ratios` : of each earlier list, the logarithm of its number of chapters over the usual number.
    The expectation is that of a normal prior for persons, around 0, and normal videos of a person.
    """
    precision = len(ratios) / WITHIN**2 + 1 / BETWEEN**2
    return sum(ratios) / WITHIN**2 / precision, math.sqrt(WITHIN**2 + 1 / precision)


@dataclass(frozen=True, slots=True)
class KeptList:
    """What is kept of the chapters of one video: numbers only.

    `id` : hex digits of the hash of the file's content, so that each video counts once.
    `median_minutes` : length of the median chapter. `words` : of the median title. `case` : as
    `case_of`. `introduction` : whether the first title is "Introduction", in any language.
    """

    id: str
    chapters: int
    minutes: float
    median_minutes: float
    words: int
    case: str
    introduction: bool

    CASES: ClassVar[tuple[str, ...]] = ("title", "sentence", "mixed")

    @staticmethod
    def id_of(fingerprint: str) -> str:
        """The id of the file with this fingerprint."""
        return fingerprint[:_ID_DIGITS]

    @classmethod
    def of(cls, chapters: Chapters, fingerprint: str) -> KeptList:
        """What is kept of `chapters` of a file with this fingerprint.

        Raises
        ------
        InputError : there are fewer than two chapters.
        """
        if len(chapters) < 2:
            raise InputError(
                "there is only one chapter",
                why="it says nothing about how finely you cut",
                hint="learn from a list of two or more",
            )
        titles = [title for title in chapters.titles if title.strip()]
        lengths = [each.end - each.start for each in chapters.chapters]
        return cls(
            id=cls.id_of(fingerprint),
            chapters=len(chapters),
            minutes=max(_LEAST, round(chapters.duration / 60, 3)),
            median_minutes=max(_LEAST, round(median(lengths) / 60, 3)),
            words=round(median(len(title.split()) for title in titles or [""])),
            case=case_of(titles),
            introduction=is_introduction(chapters.titles[0]),
        )


@dataclass(frozen=True)
class Habit:
    """What a profile says about one video.

    Parameters
    ----------
    lists : number of lists it was learned from.
    offset, spread : as of `habit_of`. granularity : one that was chosen before, or None.
    has_introduction : the first chapter is called so. case : of titles, or None.
    path, name, is_like : of the profile. note : what a draft said about it.
    """

    lists: int
    offset: float
    spread: float
    granularity: str | None = None
    has_introduction: bool = False
    case: str | None = None
    path: Path | None = None
    name: str | None = None
    is_like: bool = False
    note: str = ""

    @property
    def n_lists(self) -> str:
        """The number of lists, in words; empty without any."""
        return {0: "", 1: "1 earlier list"}.get(self.lists, f"{self.lists} earlier lists")

    def titles(
        self, titles: Sequence[str], language: str | None, *, are_phrases: bool = True
    ) -> tuple[str, ...]:
        """`titles` as this person writes them; `are_phrases` : the built-in ones."""
        found = list(titles)
        if self.case == "title" and are_phrases and (language or "en").startswith("en"):
            found = [in_title_case(title) for title in found]
        first = introduction(language) if self.has_introduction and len(found) > 1 else None
        if first is not None and first not in found:
            found[0] = first
        return tuple(found)


@dataclass(frozen=True)
class Profile:
    """What was learned from several lists, the newest last.

    `granularity` is what a person chose since the last list. `path` is where the profile is stored,
    and `name` what the person calls it. With `is_like`, it is one list, of the file `path`. These
    three are not stored.
    """

    lists: tuple[KeptList, ...] = ()
    granularity: str | None = None
    path: Path | None = None
    name: str | None = None
    is_like: bool = False

    @property
    def key(self) -> str:
        """What the profile is called; of a single list, what it says."""
        return f"like {self.lists}" if self.is_like else f"profile {self.name or self.path}"

    def with_lists(self, new: Sequence[KeptList]) -> Profile:
        """The profile after `new` lists, which replace earlier ones of the same videos.

        A granularity that was chosen before is dropped: it would count twice.
        """
        if not new:
            return self
        newest = {each.id: each for each in new}
        kept = [each for each in self.lists if each.id not in newest]
        return replace(self, lists=(*kept, *newest.values())[-MOST_LISTS:], granularity=None)

    def without(self, ids: Collection[str]) -> Profile:
        """The profile without the lists of some videos."""
        return replace(self, lists=tuple(each for each in self.lists if each.id not in ids))

    def habit(self, usual: Callable[[float], float]) -> Habit:
        """What the lists say together; `usual` gives the usual number for a length in seconds."""
        ratios = [
            math.log(each.chapters / max(usual(each.minutes * 60), 1.0)) for each in self.lists
        ]
        bounded = [min(max(each, -_MOST_RATIO), _MOST_RATIO) for each in ratios]
        offset, spread = habit_of(bounded)
        return Habit(
            lists=len(self.lists),
            offset=offset,
            spread=spread,
            granularity=self.granularity,
            has_introduction=self._is_habit([each.introduction for each in self.lists], True),
            case=next((c for c in ("title", "sentence") if self._is_habit(self._cases, c)), None),
            path=self.path,
            name=self.name,
            is_like=self.is_like,
        )

    @property
    def words(self) -> int | None:
        """Words of the median title; None without lists."""
        return round(median(each.words for each in self.lists)) if self.lists else None

    @property
    def _cases(self) -> list[str]:
        return [each.case for each in self.lists]

    def _is_habit(self, seen: Sequence[object], wanted: object) -> bool:
        n = Counter(seen)[wanted]
        return n >= _ENOUGH and n >= _MOST_SHARE * len(seen)
