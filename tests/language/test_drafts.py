"""Drafts in languages that the built-in table does not know."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import pytest

from chapterize.data import Cue
from chapterize.evaluate import f1, tiou_f1
from chapterize.pipeline import Draft, Engines, Options, make_draft
from chapterize.segment import SegmentOptions
from chapterize.title import numbered_titles
from chapterize.vectors import StaticEmbedder
from tests.fakes import ScriptedTitler
from tests.language_texts import LANGUAGES, Talk, read_short, read_talk
from tests.texts import write_srt

pytestmark = pytest.mark.slow

TOLERANCE = 10.0
N_ARRANGEMENTS = 24
N_DRAWS = 40
SCRIPTS = {
    "de": "A-Za-zÄÖÜäöüß", "es": "A-Za-zÁÉÍÓÚÑáéíóúñü", "ja": "぀-ヿ一-鿿々ー", "zh": "一-鿿",
    "ko": "가-힣", "th": "฀-๿", "ar": "؀-ۿ", "hi": "ऀ-ॿ", "ru": "Ѐ-ӿ",
}  # fmt: skip
SHORT = read_short()


@dataclass
class Scores:
    """F1 within ten seconds and tIoU-F1 of several drafts."""

    f1: list[float] = field(default_factory=list)
    tiou: list[float] = field(default_factory=list)

    def add(self, gold: tuple[float, ...], found: tuple[float, ...], duration: float) -> None:
        self.f1.append(f1(gold, found, TOLERANCE))
        self.tiou.append(tiou_f1(gold, found, duration))


@pytest.fixture(scope="module")
def table() -> StaticEmbedder:
    return StaticEmbedder()


def spoken(talk: Talk, is_bare: bool) -> tuple[Cue, ...]:
    return talk.bare_cues() if is_bare else talk.cues()


def drafted(folder: Path, cues: tuple[Cue, ...], count: int | None = None) -> Draft:
    return make_draft(
        write_srt(folder / "talk.srt", cues), Options(segment=SegmentOptions(count=count))
    )


def check_chapters(draft: Draft) -> None:
    """The chapters tile the talk, and each has its own title."""
    chapters = draft.chapters.chapters
    assert chapters[0].start == 0.0
    assert chapters[-1].end == pytest.approx(draft.media.duration, abs=0.001)
    assert [c.end for c in chapters[:-1]] == [c.start for c in chapters[1:]]
    assert all(c.title.strip() for c in chapters)
    assert len(set(draft.chapters.titles)) == len(chapters)


@pytest.mark.parametrize("is_bare", [False, True], ids=["sentences", "without marks"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_chapters_match_the_reference_better_than_even_and_random_ones(
    language: str, is_bare: bool, tmp_path: Path, table: StaticEmbedder
) -> None:
    ours, even, drawn = Scores(), Scores(), Scores()
    engines = Engines(embedder=table, titler=ScriptedTitler())
    for seed in range(N_ARRANGEMENTS):
        talk = read_talk(language).arranged(seed)
        gold, n = talk.starts(), len(talk.topics)
        path = write_srt(tmp_path / "talk.srt", spoken(talk, is_bare))
        draft = make_draft(path, Options(segment=SegmentOptions(count=n)), engines=engines)
        duration = draft.media.duration
        assert draft.transcript.language == language
        ours.add(gold, draft.chapters.starts, duration)
        even.add(gold, tuple(i * duration / n for i in range(n)), duration)
        dice = random.Random(seed)
        for _ in range(N_DRAWS):
            marks = sorted(dice.uniform(0.0, duration) for _ in range(n - 1))
            drawn.add(gold, (0.0, *marks), duration)
    assert mean(ours.f1) > mean(drawn.f1) + 0.10
    assert mean(ours.tiou) > mean(drawn.tiou) + 0.12
    assert mean(ours.tiou) > mean(even.tiou)
    # Without marks, sentences may start some seconds off, and even spacing is sometimes right by
    # chance.
    assert is_bare or mean(ours.f1) > mean(even.f1)


@pytest.mark.parametrize("is_bare", [False, True], ids=["sentences", "without marks"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_count_and_titles_are_plausible(language: str, is_bare: bool, tmp_path: Path) -> None:
    talk = read_talk(language)
    draft = drafted(tmp_path, spoken(talk, is_bare))
    check_chapters(draft)
    assert draft.transcript.language == language
    assert 0.4 <= len(draft.chapters) / len(talk.topics) <= 2.5
    for title in draft.chapters.titles:
        letters = [c for c in title if c.isalpha()]
        assert sum(bool(re.match(f"[{SCRIPTS[language]}]", c)) for c in letters) > len(letters) / 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_are_words_of_the_talk_and_not_numbers(language: str, tmp_path: Path) -> None:
    talk = read_talk(language)
    titles = drafted(tmp_path, talk.cues(), len(talk.topics)).chapters.titles
    assert not set(titles) & set(numbered_titles(len(titles), language))
    text = talk.text.casefold()
    words = [word for title in titles for word in re.findall(r"\w{4,}", title.casefold())]
    assert sum(word in text for word in words) >= 0.8 * len(words)


@pytest.mark.parametrize("is_bare", [False, True], ids=["sentences", "without marks"])
@pytest.mark.parametrize("language", sorted(SHORT))
def test_short_talks_in_any_language_are_divided_and_titled(
    language: str, is_bare: bool, tmp_path: Path
) -> None:
    talk = Talk("ja" if language in ("th", "ja+en") else language, (("", SHORT[language]),))
    draft = drafted(tmp_path, spoken(talk, is_bare), 2)
    check_chapters(draft)
    assert len(draft.chapters) == 2
    if language in SCRIPTS:
        # A few sentences may not distinguish languages that share a script.
        assert draft.transcript.language in (language, None)
        pattern = f"[{SCRIPTS[language]}]"
        assert all(re.search(pattern, title) for title in draft.chapters.titles)


def test_a_talk_in_many_languages_is_divided_where_they_change(tmp_path: Path) -> None:
    cues: list[Cue] = []
    starts = []
    for language in LANGUAGES:
        shift = cues[-1].end + 0.3 if cues else 0.0
        starts.append(shift)
        talk = read_talk(language)
        one = Talk(language, talk.topics[:1])
        cues += [Cue(c.start + shift, c.end + shift, c.text) for c in one.cues()]
    draft = drafted(tmp_path, tuple(cues), len(LANGUAGES))
    check_chapters(draft)
    assert f1(starts, draft.chapters.starts, TOLERANCE) >= 0.6


@pytest.mark.parametrize("language", ["ja", "zh"])
def test_long_cues_without_a_mark_or_space_are_divided(language: str, tmp_path: Path) -> None:
    draft = drafted(tmp_path, read_talk(language).bare_cues(90), 4)
    check_chapters(draft)
    assert len(draft.chapters) == 4
