"""Cached transcripts: keys, resuming, and concurrent or killed processes."""

from __future__ import annotations

import json
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
from chapterize.transcribe import Device, WhisperTranscriber
from chapterize.transcribe.parts import resume, transcript_from_json
from tests.transcribe.alone import N_WINDOWS, transcribed
from tests.transcribe.scripted import (
    ONE,
    ScriptedRecogniser,
    digest,
    loader,
    recite,
    run,
    talk,
    untouched,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


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


def test_another_file_language_or_model_has_another_transcript(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    recogniser.answer = recite
    run(scripted, talk(2), media_fingerprint="f")
    assert scripted.recall("f") is not None
    assert scripted.recall("f", language="de") is None
    assert WhisperTranscriber("small", options=ONE, cache=cache).recall("f") is None


def _changed(options: Any) -> Iterator[tuple[str, Any]]:
    """`options` with each field changed in turn, including nested options."""
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


def test_the_latest_transcript_of_any_model_can_be_recalled(
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


def test_without_a_fingerprint_nothing_is_cached(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    run(scripted, talk(2))
    assert len(recogniser.history) == 2
    assert not cache.folder.exists()


def test_an_unwritable_cache_does_not_prevent_a_transcript(
    tiny_whisper: Path, recogniser: ScriptedRecogniser, tmp_path: Path, plain_speech: None
) -> None:
    (tmp_path / "file").touch()
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


def test_the_journal_and_the_lock_are_deleted_once_the_transcript_is_cached(
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


def test_an_interrupted_run_resumes_where_it_stopped(
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


def test_the_fingerprint_depends_on_the_weights_and_not_on_the_path(
    tiny_whisper: Path, tmp_path: Path
) -> None:
    twin = Path(shutil.copytree(tiny_whisper, tmp_path / tiny_whisper.name))
    first = WhisperTranscriber(tiny_whisper).fingerprint
    assert WhisperTranscriber(twin).fingerprint == first
    with (twin / "model.bin").open("r+b") as weights:
        weights.write(b"!")
    assert WhisperTranscriber(twin).fingerprint != first
    assert WhisperTranscriber("small").fingerprint == "whisper:small"


class Alone:
    """A run of `tests.transcribe.alone`; `log` has one line per recognised window."""

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
        """Kill it; return whether it was still running."""
        self._child.kill()
        self._out.read()
        return self._child.wait() != 0

    def end(self) -> tuple[list[str], Transcript | None]:
        """Wait for its end; return its notes and its transcript."""
        *notes, last = self._out.read().splitlines()
        assert self._child.wait() == 0
        return notes, transcript_from_json(json.loads(last))

    def __enter__(self) -> Alone:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.wait()
        self._out.close()


def test_a_second_process_waits_for_the_transcript_of_the_first(
    tiny_whisper: Path, cache: Cache, tmp_path: Path
) -> None:
    with Alone(tiny_whisper, cache, tmp_path / "first", seconds=0.05) as first:
        first.wait_for_windows(1)
        with Alone(tiny_whisper, cache, tmp_path / "second", seconds=0.0) as second:
            notes, transcript = second.end()
            assert notes == [
                "Another process is transcribing this file; waiting for its transcript."
            ]
            assert second.log == []
        assert first.end() == ([], transcript)
        assert len(first.log) == N_WINDOWS
    assert transcript is not None
    assert len(transcript.cues) == N_WINDOWS


def test_a_waiting_process_continues_where_the_first_was_killed(
    tiny_whisper: Path, cache: Cache, tmp_path: Path
) -> None:
    with Alone(tiny_whisper, cache, tmp_path / "first", seconds=0.05) as first:
        first.wait_for_windows(1)
        with Alone(tiny_whisper, cache, tmp_path / "second", seconds=0.0) as second:
            assert second.read_note().startswith("Another process")
            first.wait_for_windows(5)
            assert first.kill()
            _, transcript = second.end()
            # The last window of the first process was not finished.
            assert not set(first.log[:-1]) & set(second.log)
            assert len(set(first.log) | set(second.log)) == N_WINDOWS
    assert transcript is not None
    assert len(transcript.cues) == N_WINDOWS


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_runs_killed_at_any_moment_lose_nothing_and_recognise_nothing_twice(
    tiny_whisper: Path, tmp_path: Path, plain_speech: None
) -> None:
    recogniser = ScriptedRecogniser(answer=recite)
    whole = transcribed(tiny_whisper, Cache(tmp_path / "whole"), recogniser)
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
