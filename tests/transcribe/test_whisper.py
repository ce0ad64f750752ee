from __future__ import annotations

import logging
import shutil
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chapterize.cache import Cache
from chapterize.data import Transcript
from chapterize.errors import EngineError, MediaError
from chapterize.hub import Model
from chapterize.transcribe import Device, WhisperTranscriber, chunks, whisper
from tests.fake_hub import use_store
from tests.tiny_whisper import LANGUAGES
from tests.transcribe.scripted import (
    RATE,
    ScriptedRecogniser,
    Sound,
    babble,
    enqueue_lines,
    hum,
    in_blocks,
    run,
    say,
    untouched,
)

RECORDINGS = Path(__file__).parents[3] / "shared" / "media"


def test_a_real_model_hears_words_in_order_and_says_nothing(
    tiny_whisper: Path, cache: Cache, capfd: pytest.CaptureFixture[str]
) -> None:
    sound = np.concatenate([hum(1), babble(30), hum(3), babble(10, seed=1)])
    seconds = len(sound) / RATE
    heard: list[tuple[str, float]] = []
    transcriber = WhisperTranscriber(tiny_whisper, device="cpu", offline=True, cache=cache)
    transcript = transcriber.transcribe(
        in_blocks(sound), duration=seconds, on_progress=lambda *news: heard.append(news)
    )
    assert transcript.source == "whisper:tiny 100% 日本語"
    assert transcript.language in LANGUAGES
    assert transcript.cues
    words = [word for cue in transcript.cues for word in cue.words]
    assert words
    assert all(0.0 <= cue.start <= cue.end <= seconds for cue in transcript.cues)
    assert all(
        cue.start <= word.start <= word.end <= cue.end and word.text == word.text.strip()
        for cue in transcript.cues
        for word in cue.words
    )
    assert {type(time) for word in words for time in (word.start, word.end)} == {float}
    assert heard[-1] == ("recognising speech", 1.0)
    assert capfd.readouterr() == ("", "")


def test_a_real_model_finds_no_speech_in_hum(tiny_whisper: Path, cache: Cache) -> None:
    transcript = run(WhisperTranscriber(tiny_whisper, device="cpu", cache=cache), 12.0)
    assert transcript == Transcript((), "whisper:tiny 100% 日本語", None)


def test_a_real_model_refuses_a_language_it_does_not_know(
    tiny_whisper: Path, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    transcriber = WhisperTranscriber(tiny_whisper, device="cpu", cache=cache)
    with caplog.at_level(logging.DEBUG), pytest.raises(EngineError, match="'xx'") as caught:
        run(transcriber, 2.0, language="xx")
    assert "--language" in caught.value.hint


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
def test_a_real_recording_goes_through(tiny_whisper: Path, cache: Cache) -> None:
    from faster_whisper import decode_audio

    sound = decode_audio(str(RECORDINGS / "jfk.flac"))
    transcriber = WhisperTranscriber(tiny_whisper, device="cpu", cache=cache)
    transcript = transcriber.transcribe(in_blocks(sound), duration=len(sound) / RATE, language="en")
    assert transcript.language == "en"
    assert sum(len(cue.words) for cue in transcript.cues) > 1


def test_times_of_later_chunks_are_those_of_the_file(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    enqueue_lines(recogniser, 4)
    transcript = run(scripted)
    asked = [call.seconds for call in recogniser.history]
    assert len(asked) == 4
    assert sum(asked) == pytest.approx(35.0)
    begins = [sum(asked[:i]) for i in range(4)]
    assert [cue.start for cue in transcript.cues[::2]] == pytest.approx([b + 1 for b in begins])
    assert transcript.cues[2].words[0].start == pytest.approx(begins[1] + 1)


def test_the_pipeline_is_asked_for_words_and_time_stamps(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    run(scripted, 5.0)
    asked = recogniser.history[0].options
    assert asked["word_timestamps"] is True
    assert asked["without_timestamps"] is False
    assert asked["vad_filter"] is True
    assert asked["condition_on_previous_text"] is False
    assert asked["language"] is None


def test_the_language_of_the_first_speech_is_that_of_the_file(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    recogniser.language = "de"
    recogniser.enqueue()
    recogniser.enqueue(say("guten Tag", 1, 2))
    recogniser.enqueue(say("und so weiter", 1, 2))
    transcript = run(scripted)
    assert [call.options["language"] for call in recogniser.history] == [None, None, "de", "de"]
    assert transcript.language == "de"


@pytest.mark.parametrize(
    ("asked", "code", "given"), [("pt-BR", "pt", "pt"), ("EN", "en", "en"), ("jv", "jw", "jv")]
)
def test_a_language_that_was_named_is_used_as_whisper_calls_it(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, asked: str, code: str, given: str
) -> None:
    recogniser.enqueue(say("a b", 1, 2))
    assert run(scripted, 5.0, language=asked).language == given
    assert recogniser.history[0].options["language"] == code


def test_a_model_that_knows_only_english_says_so(
    scripted: WhisperTranscriber,
    recogniser: ScriptedRecogniser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = recogniser.transcribe

    def english_only(audio: Sound, **options: Any) -> Any:
        return real(audio, **{**options, "language": "en"})

    monkeypatch.setattr(recogniser, "transcribe", english_only)
    recogniser.enqueue(say("good day", 1, 2))
    transcript = run(scripted, 5.0, language="de")
    assert transcript.language == "en"
    assert transcript.notes == ("This model knows only 'en', so 'de' was not used.",)


def test_nothing_lies_after_the_end_of_the_file(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(
        say("the end", 3.0, 9.0), say("thanks for watching", 4.9, 7.0), say("bye", 8, 9)
    )
    transcript = scripted.transcribe(in_blocks(hum(5.0)), duration=4.5)
    assert [(cue.start, cue.end) for cue in transcript.cues] == [(3.0, 4.5)]
    assert transcript.notes == ("Dropped 2 recognised lines after the end of the sound.",)


def test_a_loop_over_two_chunks_is_dropped_and_counted(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(say("so", 1, 2), say("Thank you.", 3, 4), say("thank you", 5, 6))
    recogniser.enqueue(say("Thank you!", 1, 2), say("on we go", 3, 4))
    transcript = run(scripted, 15.0)
    assert [cue.text for cue in transcript.cues] == ["so", "Thank you.", "on we go"]
    assert transcript.notes == ("Dropped 2 recognised lines that only repeated what came before.",)


def test_progress_rises_to_the_end(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    enqueue_lines(recogniser, 4)
    heard: list[float] = []
    run(scripted, on_progress=lambda stage, fraction: heard.append(fraction))
    assert heard == sorted(heard)
    assert len(heard) == 12
    assert heard[-1] == pytest.approx(1.0)


def test_memory_does_not_grow_with_the_length(
    scripted: WhisperTranscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "_find_speech", lambda sound: [])

    def peak(minutes: int) -> int:
        blocks = (np.zeros(30 * RATE, np.float32) for _ in range(2 * minutes))
        tracemalloc.start()
        try:
            scripted.transcribe(blocks, duration=60.0 * minutes)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(60) < 1.2 * peak(3)


def test_offline_never_downloads(
    monkeypatch: pytest.MonkeyPatch, cache: Cache, tmp_path: Path
) -> None:
    use_store(tmp_path, monkeypatch)
    monkeypatch.setattr("chapterize.hub.download", lambda *_, **__: pytest.fail("downloaded"))
    transcriber = WhisperTranscriber("small", device="cpu", offline=True, cache=cache)
    with pytest.raises(EngineError, match="small is not on this disk") as caught:
        transcriber.transcribe(untouched(), duration=1.0)
    assert "--offline" in caught.value.hint


def test_a_model_that_is_not_on_the_disk_is_downloaded_once(
    monkeypatch: pytest.MonkeyPatch,
    tiny_whisper: Path,
    cache: Cache,
    recogniser: ScriptedRecogniser,
    tmp_path: Path,
) -> None:
    use_store(tmp_path, monkeypatch)
    asked: list[str] = []

    def download(model: Model, **_: object) -> Path:
        asked.append(model.name)
        return tiny_whisper

    monkeypatch.setattr("chapterize.hub.download", download)
    loaded: list[Path] = []

    def load(folder: Path, device: Device) -> ScriptedRecogniser:
        loaded.append(folder)
        return recogniser

    transcriber = WhisperTranscriber("small", device="cpu", cache=cache, load=load)
    assert run(transcriber, 2.0).source == "whisper:small"
    run(transcriber, 2.0)
    assert asked == ["small"]
    assert loaded == [tiny_whisper]


def test_a_gpu_that_fails_to_load_gives_way_to_the_processor(
    monkeypatch: pytest.MonkeyPatch,
    tiny_whisper: Path,
    cache: Cache,
    recogniser: ScriptedRecogniser,
) -> None:
    monkeypatch.setattr(whisper, "choose_device", lambda wanted: Device("cuda"))
    tried: list[str] = []

    def load(folder: Path, device: Device) -> ScriptedRecogniser:
        tried.append(device.name)
        if device.name == "cuda":
            raise EngineError("cannot load", why="CUDA out of memory")
        return recogniser

    transcriber = WhisperTranscriber(tiny_whisper, cache=cache, load=load)
    assert run(transcriber, 2.0).notes == ("The GPU is not used: CUDA out of memory.",)
    asked_for = WhisperTranscriber(tiny_whisper, device="cuda", cache=cache, load=load)
    with pytest.raises(EngineError, match="CUDA out of memory"):
        run(asked_for, 2.0)
    assert tried == ["cuda", "cpu", "cuda"]


def test_a_broken_folder_is_an_error_before_any_sound_is_read(tmp_path: Path, cache: Cache) -> None:
    (tmp_path / "model.bin").write_bytes(b"x")
    transcriber = WhisperTranscriber(tmp_path, device="cpu", cache=cache)
    with pytest.raises(EngineError, match=r"config\.json, tokenizer\.json, .* missing"):
        transcriber.transcribe(untouched(), duration=1.0, media_fingerprint="f")


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (RuntimeError("CUDA failed with error out of memory\nat x.cc:1"), "--device cpu"),
        (MemoryError(), "smaller model"),
        (IndexError("list index out of range"), "another model"),
    ],
)
def test_a_recogniser_that_fails_is_an_error_with_a_hint(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, error: Exception, hint: str
) -> None:
    def fail(chunk: int) -> None:
        raise error

    recogniser.before = fail
    with pytest.raises(EngineError, match="recognition with the model") as caught:
        run(scripted, 2.0)
    assert hint in caught.value.hint
    assert caught.value.why
    assert "\n" not in caught.value.why
    assert caught.value.__cause__ is error


def test_errors_of_the_sound_and_of_the_listener_pass_through(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    def broken() -> Iterator[Sound]:
        yield hum(1)
        raise MediaError("the file ends early")

    with pytest.raises(MediaError):
        scripted.transcribe(broken(), duration=2.0)

    def stop(stage: str, fraction: float) -> None:
        raise ZeroDivisionError

    recogniser.enqueue(say("a", 0, 1))
    with pytest.raises(ZeroDivisionError):
        run(scripted, 2.0, on_progress=stop)


def test_the_fingerprint_follows_the_weights_and_not_the_place(
    tiny_whisper: Path, tmp_path: Path
) -> None:
    twin = Path(shutil.copytree(tiny_whisper, tmp_path / tiny_whisper.name))
    first = WhisperTranscriber(tiny_whisper).fingerprint
    assert WhisperTranscriber(twin).fingerprint == first
    with (twin / "model.bin").open("r+b") as weights:
        weights.write(b"!")
    assert WhisperTranscriber(twin).fingerprint != first
    assert WhisperTranscriber("small").fingerprint == "whisper:small"
