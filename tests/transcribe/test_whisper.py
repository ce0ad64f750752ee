"""Transcripts by faster-whisper: options, devices, models and errors."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.cache import Cache
from chapterize.data import Transcript
from chapterize.errors import EngineError, MediaError
from chapterize.hub import Model
from chapterize.transcribe import Device, WhisperOptions, WhisperTranscriber, whisper
from tests.fake_hub import use_store
from tests.synthetic_audio import RATE, Audio, joined, noise, silence, synthetic_voice
from tests.tiny_whisper import LANGUAGES
from tests.transcribe.scripted import (
    ONE,
    ScriptedRecogniser,
    loader,
    recite,
    run,
    say,
    untouched,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LECTURE = ROOT / "tests" / "data" / "lecture.mp4"


def test_a_real_model_returns_words_in_order_and_prints_nothing(
    tiny_whisper: Path, cache: Cache, capfd: pytest.CaptureFixture[str]
) -> None:
    audio = joined(silence(1), synthetic_voice(12), silence(3), synthetic_voice(5, seed=1))
    seconds = len(audio) / RATE
    reports: list[tuple[str, float]] = []
    transcriber = WhisperTranscriber(
        tiny_whisper,
        device="cpu",
        offline=True,
        options=WhisperOptions(beam_size=1),
        cache=cache,
    )
    transcript = run(transcriber, audio, on_progress=lambda *report: reports.append(report))
    assert transcript.source == "whisper:tiny 100% 日本語"
    assert transcript.language in LANGUAGES
    words = [word for cue in transcript.cues for word in cue.words]
    assert words
    assert all(0.0 <= cue.start <= cue.end <= seconds for cue in transcript.cues)
    assert all(
        cue.start <= word.start <= word.end <= cue.end and word.text == word.text.strip()
        for cue in transcript.cues
        for word in cue.words
    )
    assert {type(time) for word in words for time in (word.start, word.end)} == {float}
    assert reports[-1] == ("recognising speech", 1.0)
    assert capfd.readouterr() == ("", "")


def test_a_real_model_finds_no_speech_in_noise(tiny_whisper: Path, cache: Cache) -> None:
    transcript = run(WhisperTranscriber(tiny_whisper, device="cpu", cache=cache), noise(12, 0.001))
    assert transcript == Transcript((), "whisper:tiny 100% 日本語", None)


def test_a_real_model_rejects_an_unsupported_language(
    tiny_whisper: Path, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    transcriber = WhisperTranscriber(tiny_whisper, device="cpu", cache=cache)
    with caplog.at_level(logging.DEBUG), pytest.raises(EngineError, match="'xx'") as caught:
        run(transcriber, synthetic_voice(5), language="xx")
    assert "--language" in caught.value.hint


def test_a_real_recording_is_transcribed(tiny_whisper: Path, cache: Cache) -> None:
    from faster_whisper import decode_audio

    audio = decode_audio(str(LECTURE))[: 11 * RATE]
    transcriber = WhisperTranscriber(tiny_whisper, device="cpu", cache=cache)
    transcript = run(transcriber, audio, language="en")
    assert transcript.language == "en"
    assert sum(len(cue.words) for cue in transcript.cues) > 1


@pytest.mark.parametrize(
    ("asked", "code", "result"), [("pt-BR", "pt", "pt"), ("EN", "en", "en"), ("jv", "jw", "jv")]
)
def test_a_language_set_by_the_user_is_passed_as_whispers_code(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, asked: str, code: str, result: str
) -> None:
    recogniser.enqueue(say("a b", 1, 2))
    assert run(scripted, noise(5), language=asked).language == result
    assert recogniser.history[0].language == code


def test_options_reach_the_recogniser(
    tiny_whisper: Path, recogniser: ScriptedRecogniser, cache: Cache, plain_speech: None
) -> None:
    options = WhisperOptions(beam_size=2, batch_size=3, voice=replace(ONE.voice, min_pause=0.7))
    transcriber = WhisperTranscriber(
        tiny_whisper, device="cpu", options=options, cache=cache, load=loader(recogniser)
    )
    run(transcriber, joined(*(p for i in range(4) for p in (noise(20, seed=i), silence(2)))))
    assert [len(asked.windows) for asked in recogniser.history] == [3, 1]
    assert recogniser.history[0].beam_size == 2


def test_less_memory_means_one_window_at_a_time_and_the_same_transcript(
    tiny_whisper: Path, recogniser: ScriptedRecogniser, cache: Cache, plain_speech: None
) -> None:
    options = WhisperOptions(batch_size=3)
    transcriber = WhisperTranscriber(
        tiny_whisper, device="cpu", options=options, cache=cache, load=loader(recogniser)
    )
    transcriber.use_less_memory()
    audio = joined(*(p for i in range(4) for p in (noise(20, seed=i), silence(2))))
    transcript = run(transcriber, audio, media_fingerprint="f")
    assert {len(call.seconds) for call in recogniser.history} == {1}
    other = WhisperTranscriber(tiny_whisper, device="cpu", options=options, cache=cache)
    assert other.recall("f") == transcript


def test_offline_forbids_downloads(
    monkeypatch: pytest.MonkeyPatch, cache: Cache, tmp_path: Path
) -> None:
    use_store(tmp_path, monkeypatch)
    monkeypatch.setattr("chapterize.hub.download", lambda *_, **__: pytest.fail("downloaded"))
    transcriber = WhisperTranscriber("small", device="cpu", offline=True, cache=cache)
    with pytest.raises(EngineError, match="small is not on this disk") as caught:
        transcriber.transcribe(untouched(), duration=1.0)
    assert "--offline" in caught.value.hint


def test_a_missing_model_is_downloaded_and_loaded_once(
    monkeypatch: pytest.MonkeyPatch,
    tiny_whisper: Path,
    cache: Cache,
    recogniser: ScriptedRecogniser,
    tmp_path: Path,
) -> None:
    use_store(tmp_path, monkeypatch)
    downloaded: list[str] = []

    def download(model: Model, **_: object) -> Path:
        downloaded.append(model.name)
        return tiny_whisper

    monkeypatch.setattr("chapterize.hub.download", download)
    loaded: list[Path] = []

    def load(folder: Path, device: Device) -> ScriptedRecogniser:
        loaded.append(folder)
        return recogniser

    transcriber = WhisperTranscriber("small", device="cpu", cache=cache, load=load)
    assert run(transcriber, silence(2)).source == "whisper:small"
    run(transcriber, silence(2))
    assert downloaded == ["small"]
    assert loaded == [tiny_whisper]


def test_loading_is_reported_repeatedly(
    tiny_whisper: Path, cache: Cache, recogniser: ScriptedRecogniser
) -> None:
    def load(folder: Path, device: Device) -> ScriptedRecogniser:
        time.sleep(0.7)
        return recogniser

    stages: list[str] = []
    transcriber = WhisperTranscriber(tiny_whisper, device="cpu", cache=cache, load=load)
    run(transcriber, silence(2), on_progress=lambda stage, fraction: stages.append(stage))
    assert stages.count("loading the speech model tiny 100% 日本語") >= 3


def test_if_loading_on_the_gpu_fails_the_cpu_is_used_with_a_note(
    monkeypatch: pytest.MonkeyPatch,
    tiny_whisper: Path,
    cache: Cache,
    recogniser: ScriptedRecogniser,
) -> None:
    monkeypatch.setattr(whisper, "choose_device", lambda wanted: Device("cuda"))

    def load(folder: Path, device: Device) -> ScriptedRecogniser:
        if device.name == "cuda":
            raise EngineError("cannot load", why="the driver is too old")
        return recogniser

    notes: list[str] = []
    transcriber = WhisperTranscriber(tiny_whisper, cache=cache, load=load)
    run(transcriber, silence(2), on_note=notes.append)
    assert notes == ["The GPU is not used: the driver is too old."]
    requested = WhisperTranscriber(tiny_whisper, device="cuda", cache=cache, load=load)
    with pytest.raises(EngineError, match="the driver is too old"):
        run(requested, silence(2))


def test_a_broken_folder_is_an_error_before_any_audio_is_read(tmp_path: Path, cache: Cache) -> None:
    (tmp_path / "model.bin").write_bytes(b"x")
    transcriber = WhisperTranscriber(tmp_path, device="cpu", cache=cache)
    with pytest.raises(EngineError, match=r"config\.json, tokenizer\.json, .* missing"):
        transcriber.transcribe(untouched(), duration=1.0, media_fingerprint="f")


@pytest.mark.parametrize("error", [RuntimeError("CUDA out of memory"), IndexError("no")])
def test_a_recogniser_that_fails_is_an_error_with_a_hint(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, error: Exception
) -> None:
    def fail(call: int) -> None:
        raise error

    recogniser.before = fail
    with pytest.raises(EngineError, match="recognition with the model") as caught:
        run(scripted, noise(2))
    assert "--model" in caught.value.hint
    assert caught.value.__cause__ is error


def test_an_error_of_the_audio_releases_the_lock(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    def broken() -> Iterator[Audio]:
        yield noise(1)
        raise MediaError("the file ends early")

    with pytest.raises(MediaError):
        scripted.transcribe(broken(), duration=2.0, media_fingerprint="f")
    recogniser.answer = recite
    assert len(run(scripted, noise(3), media_fingerprint="f").cues) == 1


def test_looking_up_a_cached_transcript_imports_nothing_heavy(cache: Cache) -> None:
    code = """
import sys
from pathlib import Path
from chapterize.cache import Cache
from chapterize.transcribe import WhisperTranscriber
assert WhisperTranscriber("small", cache=Cache(Path(sys.argv[1]))).recall("f") is None
print({"faster_whisper", "ctranslate2", "huggingface_hub", "torch", "av"} & set(sys.modules))
"""
    command = [sys.executable, "-c", code, str(cache.folder)]
    child = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    assert child.stdout.strip() == "set()"
