"""Another number of chapters from a finished draft."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Cue, Signals, Slide, TextLine, Transcript
from chapterize.errors import EngineError, InputError
from chapterize.media import open_media
from chapterize.pipeline import Draft, Engines, Options, draft_json, make_draft
from chapterize.segment import BoundaryModel, SegmentOptions
from chapterize.weights import artefact
from tests.conftest import H264, MakeMedia
from tests.fakes import ScriptedTitler
from tests.texts import TOPICS, cues, write_srt


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return make_draft(write_srt(tmp_path / "talk.srt", cues()))


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_another_count_gives_what_a_second_run_would_give(
    draft: Draft, tmp_path: Path, count: int
) -> None:
    again = make_draft(tmp_path / "talk.srt", Options(segment=SegmentOptions(count=count)))
    quick = draft.with_count(count)
    assert quick.boundaries.chosen == count
    assert quick.chapters.starts == again.chapters.starts
    assert quick.chapters.titles == again.chapters.titles
    assert [c.confidence for c in quick.chapters.chapters] == [
        c.confidence for c in again.chapters.chapters
    ]
    assert [c.evidence for c in quick.chapters.chapters[1:]] == [
        c.evidence for c in again.chapters.chapters[1:]
    ]
    assert quick.boundaries.granularities == again.boundaries.granularities


def test_another_count_keeps_the_boundary_model_of_the_draft(tmp_path: Path) -> None:
    model = BoundaryModel.load(artefact("boundary.npz"))
    model.confidence = {name: each * 0.5 for name, each in model.confidence.items()}
    write_srt(tmp_path / "talk.srt", cues())
    first, again = (
        make_draft(tmp_path / "talk.srt", Options(segment=SegmentOptions(count=count, model=model)))
        for count in (2, 3)
    )
    assert first.with_count(3).chapters == again.chapters


def test_another_count_leaves_the_draft_as_it_was(draft: Draft) -> None:
    before = draft.chapters
    draft.with_count(2)
    assert draft.chapters == before


def test_another_count_drops_the_note_about_other_counts(draft: Draft) -> None:
    assert any("--granularity" in note for note in draft.notes)
    assert not any("--granularity" in note for note in draft.with_count(2).notes)


@pytest.mark.parametrize("name", ["fine", "normal", "coarse"])
def test_another_granularity_gives_what_a_second_run_would_give(
    draft: Draft, tmp_path: Path, name: str
) -> None:
    options = SegmentOptions(granularity=name)
    again = make_draft(tmp_path / "talk.srt", Options(segment=options))
    quick = draft.with_granularity(name)
    assert quick.chapters == again.chapters
    assert quick.boundaries.granularity == again.boundaries.granularity
    assert quick.boundaries.granularities == draft.boundaries.granularities
    assert quick.with_granularity("normal").chapters == draft.chapters


def test_another_granularity_must_be_known(draft: Draft) -> None:
    with pytest.raises(InputError, match="no granularity 'huge'"):
        draft.with_granularity("huge")


def test_another_count_uses_no_engine_but_the_titler(draft: Draft) -> None:
    titler = ScriptedTitler()
    assert draft.with_count(2, titler=titler).chapters.titles == ("T1", "T2")
    assert len(titler.history) == 1


def test_untitled_chapters_are_numbered_in_the_language_of_the_transcript(draft: Draft) -> None:
    assert draft.with_count(2, titled=False).chapters.titles == ("Chapter 1", "Chapter 2")


def test_a_count_that_is_not_possible_is_an_error_that_names_the_range(draft: Draft) -> None:
    with pytest.raises(InputError, match="999 chapters are not possible here") as caught:
        draft.with_count(999)
    assert (
        caught.value.why
        == f"there are solutions for 1 to {max(draft.boundaries.solutions)} chapters"
    )


@pytest.mark.slow
def test_without_words_another_count_has_numbered_chapters(slides_draft: Draft) -> None:
    assert slides_draft.n_sentences == 0
    assert slides_draft.with_count(3).chapters.titles == ("Chapter 1", "Chapter 2", "Chapter 3")
    assert slides_draft.with_count(1).chapters.titles == (slides_draft.media.path.stem,)


@pytest.mark.slow
def test_a_draft_has_the_slide_changes_that_were_found(slides_draft: Draft) -> None:
    assert [round(at) for at in slides_draft.signals.slides] == [40, 80]
    assert slides_draft.with_count(1).signals == slides_draft.signals


@pytest.fixture
def slides_draft(make_media: MakeMedia) -> Draft:
    """-f lavfi -i testsrc2=40 s, black=40 s, testsrc=40 s, one after the other, without audio"""
    slides = "testsrc2=size=160x90:rate=5:duration=40[a];color=black:size=160x90:rate=5:duration=40"
    slides += "[b];testsrc=size=160x90:rate=5:duration=40[c];[a][b][c]concat=n=3"
    return make_draft(make_media("slides.mp4", "-f", "lavfi", "-i", slides, *H264))


def test_a_given_transcript_is_used_and_no_speech_is_recognised(video_mp4: Path) -> None:
    mine = Transcript((Cue(1.0, 1.5, "And that is all."), Cue(0.0, 0.9, "Hello and welcome.")))
    draft = make_draft(video_mp4, transcript=mine)
    assert draft.transcript.source == "given"
    assert [cue.text for cue in draft.transcript.cues] == ["Hello and welcome.", "And that is all."]
    assert [s.text for s in draft.sentences] == ["Hello and welcome.", "And that is all."]


def test_a_given_transcript_is_divided_like_the_same_captions(draft: Draft, tmp_path: Path) -> None:
    given = make_draft(tmp_path / "talk.srt", transcript=Transcript(cues()))
    assert given.chapters == draft.chapters
    assert given.n_sentences == sum(map(len, TOPICS))


@pytest.mark.parametrize(
    ("start", "end"), [(-1.0, 1.0), (2.0, 1.0), (0.0, float("inf")), (float("nan"), 1.0)]
)
def test_impossible_times_in_a_given_transcript_are_an_error(
    video_mp4: Path, start: float, end: float
) -> None:
    with pytest.raises(InputError, match="cue 1 of the transcript goes from"):
        make_draft(video_mp4, transcript=Transcript((Cue(start, end, "Hello."),)))


def test_a_transcript_of_another_video_is_an_error(video_mp4: Path) -> None:
    with pytest.raises(InputError, match="the transcript does not belong to"):
        make_draft(video_mp4, transcript=Transcript((Cue(5000.0, 5001.0, "Hello."),)))


def test_an_opened_file_is_not_opened_again(
    video_mp4: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    media = open_media(video_mp4)
    monkeypatch.setattr("chapterize.pipeline.words.open_media", lambda path: pytest.fail("opened"))
    draft = make_draft(media, transcript=Transcript((Cue(0.0, 0.9, "Hello and welcome."),)))
    assert draft.media is media


def test_a_failing_titler_is_the_callers_to_handle(draft: Draft) -> None:
    class Failing:
        fingerprint = "failing"

        def title(self, chapters_text: object, *, language: str | None) -> tuple[str, ...]:
            raise EngineError("no titles today")

    with pytest.raises(EngineError, match="no titles today"):
        draft.with_count(2, titler=Failing())
    assert make_draft(draft.media.path, engines=Engines()).chapters == draft.chapters


def test_the_json_has_the_slides_with_their_text(draft: Draft) -> None:
    assert draft_json(draft)["slides"] == []
    line = TextLine("Cold loaves", 0.1, 0.1, 0.5, 0.1)
    pages = (Slide(0.0, 12.3456, "slide", (line,), "Cold loaves"), Slide(12.3456, 60.0, "camera"))
    shown = draft_json(replace(draft, signals=Signals(pages=pages)))["slides"]
    assert shown == [
        {
            "time": 0.0,
            "end": 12.346,
            "kind": "slide",
            "heading": "Cold loaves",
            "lines": ["Cold loaves"],
        },
        {"time": 12.346, "end": 60.0, "kind": "camera", "heading": None, "lines": []},
    ]
