"""The order of stages, on synthesised media and with scripted engines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chapterize.data import Cue
from chapterize.errors import EngineError, InputError
from chapterize.fingerprint import file_fingerprint
from chapterize.hub import Download
from chapterize.pipeline import Engines, Options, make_draft
from chapterize.segment import SegmentOptions
from chapterize.transcribe import WhisperTranscriber
from tests.conftest import H264, MakeMedia
from tests.fake_hub import use_store
from tests.fakes import ScriptedTitler, ScriptedTranscriber
from tests.synthetic_audio import noise
from tests.texts import TOPICS, cues, write_srt
from tests.transcribe.scripted import ScriptedRecogniser, find_sound, loader, say

THREE = Options(segment=SegmentOptions(count=3))


def not_asked(wanted: Download) -> bool:
    pytest.fail(f"asked about {wanted.name}")


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    return write_srt(tmp_path / "talk.srt", cues())


def test_captions_alone_are_divided_where_the_topic_changes(captions: Path) -> None:
    draft = make_draft(captions, THREE)
    assert draft.media.container == "captions"
    assert draft.media.duration == pytest.approx(119.5)
    assert draft.transcript.source == "captions:file"
    assert draft.transcript.language == "en"
    assert [round(c.start) for c in draft.chapters.chapters] == [0, 40, 80]
    assert draft.n_sentences == sum(map(len, TOPICS))


def test_a_chapter_carries_its_confidence_and_evidence(captions: Path) -> None:
    second = make_draft(captions, THREE).chapters.chapters[1]
    assert second.confidence is not None
    assert 0.0 < second.confidence < 1.0
    assert second.evidence is not None
    assert second.evidence.cue_words
    assert second.evidence.topic_drop > 0.0


def test_a_sidecar_has_priority_over_speech_recognition(tmp_path: Path, video_mp4: Path) -> None:
    video = tmp_path / "talk.mp4"
    shutil.copy(video_mp4, video)
    write_srt(tmp_path / "talk.en.srt", (Cue(0.0, 1.5, "Hello and welcome to this talk."),))
    transcriber = ScriptedTranscriber()
    draft = make_draft(video, engines=Engines(transcriber=transcriber))
    assert draft.transcript.source == "captions:sidecar"
    assert transcriber.history == []


def test_a_sidecar_that_cannot_be_read_is_reported(tmp_path: Path, video_mp4: Path) -> None:
    video = tmp_path / "talk.mp4"
    shutil.copy(video_mp4, video)
    (tmp_path / "talk.srt").write_bytes(bytes(range(256)) * 4)
    transcriber = ScriptedTranscriber()
    transcriber.enqueue()
    draft = make_draft(video, engines=Engines(transcriber=transcriber))
    assert [note for note in draft.notes if note.startswith("talk.srt is ignored: ")]
    assert len(transcriber.history) == 1


def test_embedded_captions_have_priority_over_speech_recognition(
    video_mkv_with_subtitles: Path,
) -> None:
    transcriber = ScriptedTranscriber()
    draft = make_draft(video_mkv_with_subtitles, engines=Engines(transcriber=transcriber))
    assert draft.transcript.source == "captions:embedded"
    assert transcriber.history == []


def test_captions_none_recognises_all_the_audio(video_mkv_with_subtitles: Path) -> None:
    transcriber = ScriptedTranscriber()
    transcriber.enqueue(Cue(0.2, 1.0, "Hello there, my friends."))
    draft = make_draft(
        video_mkv_with_subtitles,
        Options(captions="none", language="en"),
        engines=Engines(transcriber=transcriber),
    )
    (request,) = transcriber.history
    assert request.seconds == pytest.approx(draft.media.duration, abs=0.2)
    assert request.language == "en"
    assert draft.transcript.source == "whisper:scripted"


def test_no_speech_is_one_chapter_named_after_the_file(tmp_path: Path, video_mp4: Path) -> None:
    video = tmp_path / "Ein Tag in 東京.mp4"
    shutil.copy(video_mp4, video)
    transcriber = ScriptedTranscriber()
    transcriber.enqueue()
    draft = make_draft(video, engines=Engines(transcriber=transcriber))
    assert [c.title for c in draft.chapters.chapters] == ["Ein Tag in 東京"]
    assert draft.n_sentences == 0
    assert draft.notes == (
        "No speech was found in Ein Tag in 東京.mp4: there is one chapter, named after the file.",
    )


@pytest.mark.slow
def test_a_recording_without_speech_is_divided_at_its_slides_with_a_note(
    make_media: MakeMedia,
) -> None:
    """-f lavfi -i testsrc2=40 s, black=40 s, testsrc=40 s, one after the other, and silence"""
    slides = "testsrc2=size=160x90:rate=5:duration=40[a];color=black:size=160x90:rate=5:duration=40"
    slides += "[b];testsrc=size=160x90:rate=5:duration=40[c];[a][b][c]concat=n=3"
    video = make_media(
        "slides.mp4", "-f", "lavfi", "-i", slides, "-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono",
        "-shortest", *H264, "-c:a", "aac",
    )  # fmt: skip
    transcriber = ScriptedTranscriber()
    transcriber.enqueue()
    draft = make_draft(video, THREE, engines=Engines(transcriber=transcriber))
    assert [round(start) for start in draft.chapters.starts] == [0, 40, 80]
    assert draft.notes == (
        "No speech was found in slides.mp4: the chapters come from slide changes.",
    )


@pytest.mark.slow
def test_a_language_may_be_typed_as_a_name_and_an_unknown_one_is_refused() -> None:
    assert Options(language="Deutsch").language == "de"
    assert Options(language="pt-BR").language == "pt"
    with pytest.raises(InputError, match="unknown language 'Germn'"):
        Options(language="Germn")


def test_a_language_that_whisper_does_not_know_is_refused_before_any_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video_mp4: Path, captions: Path
) -> None:
    use_store(tmp_path / "hub", monkeypatch)
    klingon = Options(language="Klingon", on_download=not_asked)
    with pytest.raises(InputError, match="no speech model knows Klingon"):
        make_draft(video_mp4, klingon)
    assert make_draft(captions, klingon).transcript.language == "tlh"


def test_offline_without_a_model_says_so_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video_mp4: Path
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    notes: list[str] = []
    draft = make_draft(video_mp4, Options(offline=True), on_note=notes.append)
    assert draft.transcript.source == "none"
    assert notes[0] == (
        "The chapters come from pauses and slide changes only. For real titles, put "
        f"{video_mp4.stem}.srt next to {video_mp4.name}, or "
        'run "chapterize models pull small" (487 MB).'
    )
    assert tuple(notes) == draft.notes


def test_a_download_that_is_refused_leaves_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video_mp4: Path
) -> None:
    use_store(tmp_path / "hub", monkeypatch)
    asked: list[Download] = []

    def refuse(wanted: Download) -> bool:
        asked.append(wanted)
        return False

    draft = make_draft(video_mp4, Options(model="base", on_download=refuse))
    assert [(each.name, each.megabytes) for each in asked] == [("base", 148)]
    assert draft.transcript.source == "none"
    (note,) = (note for note in draft.notes if "base" in note)
    assert note.startswith("The chapters come from pauses and slide changes only.")
    assert note.endswith('or run "chapterize models pull base" (148 MB).')
    assert not any(note.startswith("Downloading") for note in draft.notes)


def test_offline_nobody_is_asked_about_a_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video_mp4: Path
) -> None:
    use_store(tmp_path / "hub", monkeypatch)
    draft = make_draft(video_mp4, Options(offline=True, on_download=not_asked))
    assert draft.transcript.source == "none"


def test_where_downloads_are_forbidden_nobody_is_asked_about_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video_mp4: Path
) -> None:
    use_store(tmp_path / "hub", monkeypatch)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    draft = make_draft(video_mp4, Options(on_download=not_asked))
    assert any("HF_HUB_OFFLINE is set, which forbids downloads" in note for note in draft.notes)


def test_a_mistyped_model_folder_is_an_error_and_no_download(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video_mp4: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models" / "small").mkdir(parents=True)
    with pytest.raises(EngineError, match="the folder models/smal does not exist") as caught:
        make_draft(video_mp4, Options(model="models/smal", on_download=not_asked))
    assert "models/small" in caught.value.hint


def test_without_a_model_the_transcript_of_an_earlier_run_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video_mp4: Path
) -> None:
    use_store(tmp_path / "hub", monkeypatch)
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("chapterize.transcribe.windows.find_speech", find_sound)
    monkeypatch.setattr(WhisperTranscriber, "fetch", lambda self, **_: tmp_path)
    recogniser = ScriptedRecogniser()
    recogniser.enqueue(say("what was said", 0, 2))
    base = WhisperTranscriber("base", device="cpu", load=loader(recogniser))
    fingerprint = file_fingerprint(video_mp4)
    kept = base.transcribe([noise(3)], duration=3.0, media_fingerprint=fingerprint)
    draft = make_draft(video_mp4, Options(offline=True, device="cpu"))
    assert draft.transcript.cues == kept.cues
    assert draft.notes[0] == (
        "The speech model small is not on this disk. Using the transcript that an earlier run made "
        "with base."
    )


def test_a_model_asked_for_by_name_and_missing_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, video_mp4: Path
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(EngineError):
        make_draft(video_mp4, Options(offline=True, model="small"))


def test_a_video_without_audio_is_divided_at_its_slide_changes(video_only_mp4: Path) -> None:
    draft = make_draft(video_only_mp4)
    assert draft.transcript.source == "none"
    assert any("no audio track" in note for note in draft.notes)
    assert len(draft.chapters) >= 1


@pytest.mark.slow
def test_a_sentence_model_to_be_downloaded_is_announced_before(
    captions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []

    def download(*_: object, **__: object) -> None:
        raise EngineError("no network", why=notes[-1])

    monkeypatch.setattr("chapterize.hub.download", download)
    with pytest.raises(EngineError, match="Downloading the sentence model no/such"):
        make_draft(captions, Options(embedder="no/such"), on_note=notes.append)


def test_titles_are_asked_for_the_sentences_of_each_chapter(captions: Path) -> None:
    titler = ScriptedTitler()
    draft = make_draft(captions, THREE, engines=Engines(titler=titler))
    assert [chapter.title for chapter in draft.chapters.chapters] == ["T1", "T2", "T3"]
    assert titler.history == [[list(topic) for topic in TOPICS]]


def test_every_count_is_available_without_a_second_run(captions: Path) -> None:
    solutions = make_draft(captions).boundaries.solutions
    assert set(solutions) >= set(range(1, 5))
    assert all(len(at) == count for count, at in solutions.items())


@pytest.mark.slow
def test_the_same_file_gives_the_same_draft(captions: Path) -> None:
    first, second = make_draft(captions), make_draft(captions)
    assert first.chapters == second.chapters


def test_timings_name_the_stages(captions: Path) -> None:
    timings = make_draft(captions).timings
    stages = {"captions", "sentences", "load", "vectors", "segment", "titles", "total"}
    assert stages <= set(timings)
    assert timings["total"] >= max(v for k, v in timings.items() if k != "total")


def test_a_missing_caption_file_is_an_input_error(tmp_path: Path, video_mp4: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        make_draft(video_mp4, Options(captions=tmp_path / "nowhere.srt"))
