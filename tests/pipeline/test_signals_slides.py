"""Slides are read once for each content and reader, where the options allow it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

import chapterize.pipeline.options
import chapterize.pipeline.signals
from chapterize.cache import Cache
from chapterize.data import Signals, Slide, TextLine, Transcript
from chapterize.errors import EngineError, InputError, MissingDependency
from chapterize.media import open_media
from chapterize.pipeline import Engines, Options, make_draft
from chapterize.pipeline.run import Run
from chapterize.pipeline.signals import signals_of
from chapterize.slides import StretchOptions
from tests.conftest import H264, MakeMedia
from tests.fakes import ScriptedReader

WORDS = Transcript((), "given")
LINES = [
    (
        TextLine(f"Topic {name}", 0.05, 0.05, 0.4, 0.08),
        TextLine(f"about {name}", 0.05, 0.3, 0.4, 0.05),
    )
    for name in ("ropes", "boats", "fish")
]


@pytest.fixture
def deck(make_media: MakeMedia) -> Path:
    """Three slides of 20 s, then the first again."""
    box = "drawbox=x={0}:y=20:w=160:h=30:color=black:t=fill:enable='{1}'"
    boxes = ((20, "lt(t,20)+gte(t,60)"), (120, "between(t,20,39.99)"), (70, "between(t,40,59.99)"))
    graph = "color=white:s=320x180:r=5:d=80," + ",".join(box.format(*each) for each in boxes)
    return make_media("deck.mp4", "-f", "lavfi", "-i", graph, *H264, "-g", "25")


def reader_of(*answers: tuple[TextLine, ...] | Exception) -> ScriptedReader:
    reader = ScriptedReader()
    reader.enqueue(*answers)
    return reader


def signals(
    path: Path, reader: ScriptedReader | None, slides: str = "auto", progress: Any = None
) -> tuple[Signals, list[str]]:
    run = Run(Options(slides=slides), Engines(reader=reader), progress)
    return signals_of(open_media(path), WORDS, True, run), run.notes


def spans(pages: tuple[Slide, ...]) -> list[tuple[float, float, str | None, int]]:
    return [(page.start, page.end, page.heading, page.topic) for page in pages]


def test_each_slide_is_read_once(deck: Path) -> None:
    reader = reader_of(*LINES)
    found, notes = signals(deck, reader)
    assert spans(found.pages) == [
        (0.0, 20.0, "Topic ropes", 0),
        (20.0, 40.0, "Topic boats", 1),
        (40.0, 60.0, "Topic fish", 2),
        (60.0, 80.0, "Topic ropes", 0),
    ]
    assert found.slides == (20.0, 40.0, 60.0)
    assert reader.history == [(180, 320, 3)] * 3
    assert notes == []


def test_a_copy_is_not_read_again(deck: Path, tmp_path: Path) -> None:
    first, _ = signals(deck, reader_of(*LINES))
    reader = ScriptedReader()
    copy = Path(shutil.copy(deck, tmp_path / "other.mp4"))
    assert signals(copy, reader) == (first, [])
    assert reader.history == []


def test_another_reader_reads_again(deck: Path) -> None:
    signals(deck, reader_of(*LINES))
    other = ScriptedReader("scripted in German")
    assert {page.heading for page in signals(deck, other)[0].pages} == {None}
    assert len(other.history) == 3


def test_a_damaged_entry_is_read_again(deck: Path) -> None:
    first, _ = signals(deck, reader_of(*LINES))
    cache = Cache()
    damaged: tuple[Any, ...] = ([1], [[0.0, 1.0]], [["x", 1.0, "slide", 0, []]], {}, None)
    for path in (cache.folder / "results").iterdir():
        for stored in damaged:
            cache.put(path.stem, stored)
            assert signals(deck, reader_of(*LINES))[0].pages == first.pages


def test_without_slides_nothing_is_read(deck: Path) -> None:
    reader = ScriptedReader()
    found, _ = signals(deck, reader, "off")
    assert found.pages == ()
    assert found.slides == (20.0, 40.0, 60.0)
    assert reader.history == []


def test_without_the_extra_slides_are_not_read(deck: Path) -> None:
    assert signals(deck, None)[0].pages == ()


def test_on_needs_the_extra_and_fails_before_the_work(
    deck: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(language: str | None) -> None:
        raise MissingDependency("rapidocr", install="pip install 'chapterize-video[slides]'")

    monkeypatch.setattr(chapterize.pipeline.options, "SlideReader", refuse)
    monkeypatch.setattr("chapterize.pipeline.drafting.read", lambda *_: pytest.fail("too late"))
    with pytest.raises(MissingDependency):
        make_draft(deck, Options(slides="on"))


def test_another_value_is_refused() -> None:
    with pytest.raises(InputError, match="slides is 'maybe'"):
        Options(slides="maybe")


def test_a_reader_that_fails_is_reported(deck: Path) -> None:
    failing = EngineError("the text of a slide cannot be read", why="no memory")
    found, notes = signals(deck, reader_of(LINES[0], failing))
    assert found.pages == ()
    assert found.slides == (20.0, 40.0, 60.0)
    assert notes == ["The slides were not read: the text of a slide cannot be read: no memory."]
    with pytest.raises(EngineError):
        signals(deck, reader_of(failing), "on")


def test_slides_without_text_are_reported_if_they_must_be_read(deck: Path) -> None:
    assert signals(deck, ScriptedReader())[1] == []
    assert signals(deck, ScriptedReader(), "on")[1] == ["No text was found on slides in deck.mp4."]


def test_slides_in_a_script_that_cannot_be_read_are_reported(deck: Path) -> None:
    reader = ScriptedReader()
    run = Run(Options(), Engines(reader=reader))
    found = signals_of(open_media(deck), Transcript((), "given", "ru"), True, run)
    assert (found.pages, found.slides) == ((), (20.0, 40.0, 60.0))
    assert run.notes == ["Slides in Russian cannot be read; only their times are used."]
    assert reader.history == []


def test_only_the_longest_of_too_many_slides_are_read(
    deck: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = StretchOptions(most=2)
    monkeypatch.setattr(chapterize.pipeline.signals, "StretchOptions", lambda: few)
    reader = reader_of(*LINES)
    found, notes = signals(deck, reader)
    assert notes == ["Only the 2 longest of 3 slides in deck.mp4 were read."]
    assert len(reader.history) == 2
    assert [bool(page.lines) for page in found.pages] == [True, True, False, True]


def test_burnt_in_subtitles_are_reported(deck: Path) -> None:
    said = [
        (TextLine(text, 0.3, 0.88, 0.4, 0.05),) for text in ("so this", "is the rope", "of a boat")
    ]
    _, notes = signals(deck, reader_of(*said))
    assert notes == ["deck.mp4 has burnt-in subtitles; they are not taken for slides."]
    assert signals(deck, ScriptedReader())[1] == notes


def test_progress_of_reading_ends_at_one(deck: Path) -> None:
    reported: list[tuple[str, float]] = []
    signals(deck, reader_of(*LINES), progress=lambda *each: reported.append(each))
    read = [fraction for stage, fraction in reported if stage == "reading slides"]
    assert read == [0.0, pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0]


def test_an_interrupted_reading_is_not_stored(deck: Path) -> None:
    reader = ScriptedReader()

    def stop(stage: str, fraction: float) -> None:
        if stage == "reading slides" and fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        signals(deck, reader, progress=stop)
    assert [page.heading for page in signals(deck, reader_of(*LINES))[0].pages][:2] == [
        "Topic ropes",
        "Topic boats",
    ]


def test_a_draft_has_the_slides(deck: Path) -> None:
    draft = make_draft(deck, transcript=WORDS, engines=Engines(reader=reader_of(*LINES)))
    assert {page.heading for page in draft.signals.pages} == {
        "Topic ropes",
        "Topic boats",
        "Topic fish",
    }
