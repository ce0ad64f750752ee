"""The titler of the page: loaded when needed, and unloaded when idle."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from chapterize.data import Sentence, Signals, Slide
from chapterize.errors import InputError
from chapterize.pipeline import Draft
from chapterize.review import titling as module
from chapterize.review.titling import Titling


class CountedTitler:
    """Counts how often it was made, and how much it was given to read."""

    made = 0
    read: list[int]

    def __init__(self) -> None:
        type(self).made += 1
        type(self).read = []

    def title(self, texts: list[list[str]], *, language: str | None) -> tuple[str, ...]:
        return tuple(f"T{n}" for n in range(len(texts)))

    def suggest(
        self, texts: list[list[str]], number: int, *, language: str | None, most: int
    ) -> tuple[str, ...]:
        self.read.append(sum(map(len, texts)))
        return (f"{number} of {len(texts)}",)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> type[CountedTitler]:
    CountedTitler.made = 0
    monkeypatch.setattr(module, "KeyphraseTitler", CountedTitler)
    return CountedTitler


def test_the_titler_is_loaded_once_and_unloaded_when_idle(
    draft: Draft, counted: type[CountedTitler]
) -> None:
    titling = Titling(draft, idle=0.3)
    assert counted.made == 0
    assert titling.titles([0, 50]) == ["T0", "T1"]
    titling.titles([0, 50, 90])
    assert counted.made == 1
    deadline = time.monotonic() + 10
    while titling._titler is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    titling.titles([0])
    assert counted.made == 2


def test_requests_at_the_same_time_share_one_titler(
    draft: Draft, counted: type[CountedTitler]
) -> None:
    titling = Titling(draft)
    threads = [threading.Thread(target=titling.titles, args=([0, 50],)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted.made == 1


def test_impossible_starts_are_an_error(draft: Draft, counted: type[CountedTitler]) -> None:
    for starts in ([], [0, 0], [0, 999]):
        with pytest.raises(InputError):
            Titling(draft).titles(starts)
    assert counted.made == 0


def test_suggestions_of_a_long_talk_read_only_what_is_near(
    draft: Draft, counted: type[CountedTitler]
) -> None:
    n = 20_000
    said = tuple(Sentence(i * 1.8, i * 1.8 + 1.0, "A word.") for i in range(n))
    media = replace(draft.media, duration=36_000.0)
    starts = (np.arange(n) * 1.8).astype(np.float64)
    long_draft = replace(
        draft,
        media=media,
        sentences=said,
        boundaries=replace(draft.boundaries, starts=starts),
    )
    titling = Titling(long_draft)
    others = [i * 180.0 for i in range(200)]
    assert titling.suggest(1800.0, 1980.0, others) == ["5 of 11"]
    titling.suggest(0.0, 36_000.0, [0.0])
    titling.suggest(0.0, 180.0, others)
    titling.suggest(35_820.0, 36_000.0, others)
    assert max(counted.read) <= 1000
    assert min(counted.read) >= 500


def test_the_heading_of_a_slide_is_the_title_and_the_first_suggestion(draft: Draft) -> None:
    pages = (
        Slide(0.0, 50.0, heading="Bread", topic=0),
        Slide(50.0, 90.0, heading="2. Nothing but flour", topic=1),
    )
    slides = Titling(replace(draft, signals=Signals(pages=pages)))
    assert slides.titles([0, 50])[1] == "Nothing but flour"
    plain = Titling(draft).suggest(50, draft.media.duration, [0, 50])
    found = slides.suggest(50, draft.media.duration, [0, 50])
    assert found == ["Nothing but flour", *plain][:5]
