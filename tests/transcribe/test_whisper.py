from __future__ import annotations

import json
import logging
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chapterize.cache import Cache
from chapterize.data import Transcript
from chapterize.errors import EngineError, MediaError
from chapterize.hub import Model
from chapterize.transcribe import Device, WhisperOptions, WhisperTranscriber, whisper
from chapterize.transcribe.parts import resume, transcript_from_json
from tests.fake_hub import use_store
from tests.sounds import RATE, Sound, joined, noise, silence, synthetic_voice
from tests.tiny_whisper import LANGUAGES
from tests.transcribe.alone import N_WINDOWS, listen
from tests.transcribe.scripted import (
    ONE,
    ScriptedRecogniser,
    digest,
    loader,
    recite,
    run,
    say,
    talk,
    untouched,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LECTURE = ROOT / "tests" / "data" / "lecture.mp4"


def test_a_real_model_hears_words_in_order_and_says_nothing(
    tiny_whisper: Path, cache: Cache, capfd: pytest.CaptureFixture[str]
) -> None:
    sound = joined(silence(1), synthetic_voice(12), silence(3), synthetic_voice(5, seed=1))
    seconds = len(sound) / RATE
    heard: list[tuple[str, float]] = []
    transcriber = WhisperTranscriber(
        tiny_whisper,
        device="cpu",
        offline=True,
        options=WhisperOptions(beam_size=1),
        cache=cache,
    )
    transcript = run(transcriber, sound, on_progress=lambda *news: heard.append(news))
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
    assert heard[-1] == ("recognising speech", 1.0)
    assert capfd.readouterr() == ("", "")


def test_a_real_model_finds_no_speech_in_noise(tiny_whisper: Path, cache: Cache) -> None:
    transcript = run(WhisperTranscriber(tiny_whisper, device="cpu", cache=cache), noise(12, 0.001))
    assert transcript == Transcript((), "whisper:tiny 100% 日本語", None)


def test_a_real_model_refuses_a_language_it_does_not_know(
    tiny_whisper: Path, cache: Cache, caplog: pytest.LogCaptureFixture
) -> None:
    transcriber = WhisperTranscriber(tiny_whisper, device="cpu", cache=cache)
    with caplog.at_level(logging.DEBUG), pytest.raises(EngineError, match="'xx'") as caught:
        run(transcriber, synthetic_voice(5), language="xx")
    assert "--language" in caught.value.hint


def test_a_real_recording_goes_through(tiny_whisper: Path, cache: Cache) -> None:
    from faster_whisper import decode_audio

    sound = decode_audio(str(LECTURE))[: 11 * RATE]
    transcriber = WhisperTranscriber(tiny_whisper, device="cpu", cache=cache)
    transcript = run(transcriber, sound, language="en")
    assert transcript.language == "en"
    assert sum(len(cue.words) for cue in transcript.cues) > 1


@pytest.mark.parametrize(
    ("asked", "code", "given"), [("pt-BR", "pt", "pt"), ("EN", "en", "en"), ("jv", "jw", "jv")]
)
def test_a_language_that_was_named_is_used_as_whisper_calls_it(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, asked: str, code: str, given: str
) -> None:
    recogniser.enqueue(say("a b", 1, 2))
    assert run(scripted, noise(5), language=asked).language == given
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


def test_a_second_run_loads_no_model_and_reads_no_audio(
    scripted: WhisperTranscriber,
    recogniser: ScriptedRecogniser,
    tiny_whisper: Path,
    cache: Cache,
) -> None:
    recogniser.answer = recite
    first = run(scripted, talk(3), media_fingerprint="f")
    assert len(first.cues) == 3

    def no_load(folder: Path, device: Device) -> ScriptedRecogniser:
        raise AssertionError("the model was loaded")

    again = WhisperTranscriber(tiny_whisper, options=ONE, cache=cache, load=no_load)
    assert again.transcribe(untouched(), duration=66.0, media_fingerprint="f") == first
    assert again.recall("f") == first
    assert again.recall("other") is None
    assert again.recall(None) is None


def test_another_file_language_or_model_is_another_transcript(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    recogniser.answer = recite
    run(scripted, talk(2), media_fingerprint="f")
    assert scripted.recall("f") is not None
    assert scripted.recall("f", language="de") is None
    assert WhisperTranscriber("small", options=ONE, cache=cache).recall("f") is None


def _changed(options: Any) -> Iterator[tuple[str, Any]]:
    """`options` with each field changed in turn, those of options inside it too."""
    for option in fields(options):
        value = getattr(options, option.name)
        if is_dataclass(value):
            for name, inside in _changed(value):
                yield f"{option.name}.{name}", replace(options, **{option.name: inside})
        else:
            changed = 4 if value is None else value + 1
            yield option.name, replace(options, **{option.name: changed})


def test_every_option_changes_the_key_of_a_transcript(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    recogniser.answer = recite
    run(scripted, talk(1), media_fingerprint="f")
    changes = dict(_changed(ONE))
    assert {"beam_size", "batch_size", "voice.min_pause", "voice.threshold"} <= set(changes)
    for name, options in changes.items():
        other = WhisperTranscriber(scripted.model, options=options, cache=cache)
        assert other.recall("f") is None, name
    assert WhisperTranscriber(scripted.model, options=ONE, cache=cache).recall("f") is not None


def test_the_last_transcript_of_any_model_can_be_recalled(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    recogniser.answer = recite
    first = run(scripted, talk(2), media_fingerprint="f")
    other = WhisperTranscriber("large-v3", cache=cache)
    assert other.recall("f") is None
    assert other.recall_any("f") == first
    assert other.recall_any("f", language="de") is None
    assert other.recall_any("g") is None
    in_german = run(scripted, talk(1), media_fingerprint="f", language="de")
    assert other.recall_any("f", language="de-AT") == in_german
    shutil.rmtree(cache.folder)
    assert other.recall_any("f") is None


def test_without_a_fingerprint_nothing_is_kept(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    run(scripted, talk(2))
    assert len(recogniser.history) == 2
    assert not cache.folder.exists()


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    tiny_whisper: Path, recogniser: ScriptedRecogniser, tmp_path: Path, plain_speech: None
) -> None:
    (tmp_path / "file").write_text("in the way")
    transcriber = WhisperTranscriber(
        tiny_whisper,
        device="cpu",
        options=ONE,
        cache=Cache(tmp_path / "file" / "cache"),
        load=loader(recogniser),
    )
    recogniser.answer = recite
    notes: list[str] = []
    assert len(run(transcriber, talk(3), media_fingerprint="f", on_note=notes.append).cues) == 3
    assert len(notes) == 1
    assert transcriber.recall("f") is None


def test_the_journal_and_the_lock_go_when_the_whole_is_kept(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    lengths: list[int] = []

    def count(call: int) -> None:
        journals = list((cache.folder / "journals").glob("*.jsonl"))
        lengths.append(len(journals[0].read_bytes().splitlines()) if journals else 0)

    recogniser.before = count
    run(scripted, talk(4), media_fingerprint="f")
    assert lengths == [0, 1, 2, 3]
    assert list((cache.folder / "journals").iterdir()) == []


def test_an_interrupted_run_goes_on_where_it_stopped(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    def interrupt(call: int) -> None:
        if call == 3:
            raise KeyboardInterrupt

    recogniser.answer, recogniser.before = recite, interrupt
    with pytest.raises(KeyboardInterrupt):
        run(scripted, talk(5), media_fingerprint="f")
    recogniser.before = None
    resumed = run(scripted, talk(5), media_fingerprint="f")
    assert len(recogniser.history) == 6
    assert resumed == run(scripted, talk(5))
    assert scripted.recall("f") == resumed


def test_offline_never_downloads(
    monkeypatch: pytest.MonkeyPatch, cache: Cache, tmp_path: Path
) -> None:
    use_store(tmp_path, monkeypatch)
    monkeypatch.setattr("chapterize.hub.download", lambda *_, **__: pytest.fail("downloaded"))
    transcriber = WhisperTranscriber("small", device="cpu", offline=True, cache=cache)
    with pytest.raises(EngineError, match="small is not on this disk") as caught:
        transcriber.transcribe(untouched(), duration=1.0)
    assert "--offline" in caught.value.hint


def test_a_model_that_is_not_on_the_disk_is_downloaded_and_loaded_once(
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
    assert run(transcriber, silence(2)).source == "whisper:small"
    run(transcriber, silence(2))
    assert asked == ["small"]
    assert loaded == [tiny_whisper]


def test_loading_is_reported_while_it_lasts(
    tiny_whisper: Path, cache: Cache, recogniser: ScriptedRecogniser
) -> None:
    def load(folder: Path, device: Device) -> ScriptedRecogniser:
        time.sleep(0.7)
        return recogniser

    news: list[str] = []
    transcriber = WhisperTranscriber(tiny_whisper, device="cpu", cache=cache, load=load)
    run(transcriber, silence(2), on_progress=lambda stage, fraction: news.append(stage))
    assert news.count("loading the speech model tiny 100% 日本語") >= 3


def test_a_gpu_that_fails_to_load_gives_way_to_the_cpu_with_a_note(
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
    asked_for = WhisperTranscriber(tiny_whisper, device="cuda", cache=cache, load=load)
    with pytest.raises(EngineError, match="the driver is too old"):
        run(asked_for, silence(2))


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


def test_an_error_of_the_audio_gives_the_lock_back(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    def broken() -> Iterator[Sound]:
        yield noise(1)
        raise MediaError("the file ends early")

    with pytest.raises(MediaError):
        scripted.transcribe(broken(), duration=2.0, media_fingerprint="f")
    recogniser.answer = recite
    assert len(run(scripted, noise(3), media_fingerprint="f").cues) == 1


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


def test_looking_for_a_kept_transcript_imports_nothing_heavy(cache: Cache) -> None:
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


class Alone:
    """A run of `tests.transcribe.alone`; `log` has a line for each window it asked about."""

    def __init__(self, model: Path, cache: Cache, log: Path, *, seconds: float) -> None:
        self._log = log
        self._child = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.transcribe.alone"),
                *map(str, (model, cache.folder, log, seconds)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._child.stdout is not None
        self._out = self._child.stdout
        assert self._out.readline() == "up\n"

    @property
    def log(self) -> list[str]:
        return self._log.read_text().split() if self._log.exists() else []

    def wait_for_windows(self, n: int) -> None:
        until = time.monotonic() + 30
        while len(self.log) < n:
            assert time.monotonic() < until
            time.sleep(0.01)

    def read_note(self) -> str:
        return self._out.readline()

    def kill(self) -> bool:
        """Kill it; whether it had not ended by itself."""
        self._child.kill()
        self._out.read()
        return self._child.wait() != 0

    def end(self) -> tuple[list[str], Transcript | None]:
        """Its notes and its transcript."""
        *notes, last = self._out.read().splitlines()
        assert self._child.wait() == 0
        return notes, transcript_from_json(json.loads(last))

    def __enter__(self) -> Alone:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait()
        self._out.close()


def test_a_second_run_over_the_same_file_waits_and_recognises_nothing(
    tiny_whisper: Path, cache: Cache, tmp_path: Path
) -> None:
    with Alone(tiny_whisper, cache, tmp_path / "first", seconds=0.05) as first:
        first.wait_for_windows(1)
        with Alone(tiny_whisper, cache, tmp_path / "second", seconds=0.0) as second:
            notes, transcript = second.end()
            assert notes == [
                "Another run is listening to this file; this one waits for its transcript."
            ]
            assert second.log == []
        assert first.end() == ([], transcript)
        assert len(first.log) == N_WINDOWS
    assert transcript is not None
    assert len(transcript.cues) == N_WINDOWS


def test_a_run_that_waits_goes_on_where_the_other_was_killed(
    tiny_whisper: Path, cache: Cache, tmp_path: Path
) -> None:
    with Alone(tiny_whisper, cache, tmp_path / "first", seconds=0.05) as first:
        first.wait_for_windows(1)
        with Alone(tiny_whisper, cache, tmp_path / "second", seconds=0.0) as second:
            assert second.read_note().startswith("Another run")
            first.wait_for_windows(5)
            assert first.kill()
            _, transcript = second.end()
            # Of what the first was asked, the last window was not finished.
            assert not set(first.log[:-1]) & set(second.log)
            assert len(set(first.log) | set(second.log)) == N_WINDOWS
    assert transcript is not None
    assert len(transcript.cues) == N_WINDOWS


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_runs_killed_at_any_moment_lose_nothing_and_hear_nothing_twice(
    tiny_whisper: Path, tmp_path: Path, plain_speech: None
) -> None:
    recogniser = ScriptedRecogniser(answer=recite)
    whole = listen(tiny_whisper, Cache(tmp_path / "whole"), recogniser)
    order = [digest(window) for asked in recogniser.history for window in asked.windows]
    assert len(set(order)) == N_WINDOWS
    cache = Cache(tmp_path / "cache")
    random = np.random.default_rng(5)
    n_kills, n_kept = 0, 0
    while n_kills < 20:
        log = tmp_path / f"log {n_kills}"
        log.unlink(missing_ok=True)
        with Alone(tiny_whisper, cache, log, seconds=0.02) as alone:
            time.sleep(random.uniform(0.0, 0.5))
            n_kills += (was_running := alone.kill())
            assert alone.log == order[n_kept : n_kept + len(alone.log)]
        kept = _kept(tiny_whisper, cache)
        if kept is None:
            assert was_running
            n_now = _n_parts(cache)
            assert n_kept <= n_now <= n_kept + len(alone.log)
            n_kept = n_now
        else:
            assert kept == whole
            shutil.rmtree(cache.folder)
            n_kept = 0
    with Alone(tiny_whisper, cache, tmp_path / "last", seconds=0.0) as alone:
        assert alone.end()[1] == whole
        assert alone.log == order[n_kept:]


def _n_parts(cache: Cache) -> int:
    journals = [*(cache.folder / "journals").glob("*.jsonl")]
    return max((len(resume(cache.journal(path.stem).read())) for path in journals), default=0)


def _kept(model: Path, cache: Cache) -> Transcript | None:
    return WhisperTranscriber(model, options=ONE, cache=cache).recall("f")
