"""Progress, Ctrl-C and resuming during the recognition of one file."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from chapterize.cache import Cache
from chapterize.transcribe.resumable import STAGE
from tests.synthetic_audio import RATE, Audio, in_blocks, joined, noise, silence
from tests.transcribe.runner import Runner
from tests.transcribe.scripted import ScriptedRecogniser, recite, talk

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("plain_speech")]

READING = "reading up to where an earlier run stopped"


def test_progress_increases_is_frequent_and_ends_at_one(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    recogniser.before = lambda call: time.sleep(0.7)
    runner.run(talk(4))
    fractions = [fraction for _, fraction in runner.reports]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert fractions.count(1.0) <= 2
    assert {stage for stage, _ in runner.reports} == {STAGE}
    # Each call takes 0.7 s. The median, because a busy machine may delay a report.
    assert median(b - a for a, b in pairwise(runner.times)) < 0.5
    # It also advances within a batch, once the speed is known.
    assert len(set(fractions)) > 8


def test_progress_does_not_exceed_the_current_batch(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    seen: list[float] = []

    def slow_at_last(call: int) -> None:
        time.sleep(0.05 if call < 3 else 0.9)
        seen.append(runner.reports[-1][1])

    recogniser.before = slow_at_last
    audio = joined(talk(4), silence(300))
    runner.run(audio)
    assert seen[-1] <= 88.0 / (len(audio) / RATE)


def test_progress_is_reported_where_there_is_no_speech(runner: Runner) -> None:
    runner.run(joined(silence(900), noise(5)))
    fractions = [fraction for _, fraction in runner.reports]
    assert fractions == sorted(fractions)
    assert any(0.3 < fraction < 0.9 for fraction in fractions)


def test_progress_is_reported_while_the_next_batch_is_read(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    # The first window is recognised while a long silence before the second is read.
    audio = joined(noise(29.5), silence(1), noise(5), silence(900), noise(29))
    is_read = threading.Event()
    n_reports = 0

    def blocks() -> Iterator[Audio]:
        yield from in_blocks(audio)
        is_read.set()

    def count(stage: str, fraction: float) -> None:
        nonlocal n_reports
        n_reports += len(recogniser.history) == 1 and not is_read.is_set()

    recogniser.before = lambda call: is_read.wait(10)
    runner.run(audio, blocks=blocks(), on_progress=count)
    assert n_reports > 5


def test_ctrl_c_is_handled_within_half_a_second_with_a_note_on_what_is_kept(
    keeping: Runner, recogniser: ScriptedRecogniser
) -> None:
    released, started = threading.Event(), [0.0]

    def hang(call: int) -> None:
        if call == 2:
            started[0] = time.monotonic()
            released.wait(10)

    def interrupt(stage: str, fraction: float) -> None:
        if started[0]:
            raise KeyboardInterrupt

    recogniser.before = hang
    with pytest.raises(KeyboardInterrupt):
        keeping.run(talk(4), on_progress=interrupt)
    assert time.monotonic() - started[0] < 0.5
    released.set()
    (note,) = keeping.notes
    assert note.startswith("Recognition was interrupted. 42 s of 1 min 28 s are kept")


def test_ctrl_c_before_the_first_batch_is_finished_gives_no_note(
    keeping: Runner, recogniser: ScriptedRecogniser
) -> None:
    def interrupt(stage: str, fraction: float) -> None:
        if recogniser.history:
            raise KeyboardInterrupt

    recogniser.before = lambda call: time.sleep(0.3)
    with pytest.raises(KeyboardInterrupt):
        keeping.run(talk(2), on_progress=interrupt)
    assert keeping.notes == []


@pytest.mark.parametrize("n_finished", [1, 3])
def test_a_resumed_run_recognises_nothing_twice_and_gives_the_same_transcript(
    keeping: Runner, recogniser: ScriptedRecogniser, n_finished: int
) -> None:
    audio = talk(5)
    recogniser.answer = recite
    whole = Runner(ScriptedRecogniser(answer=recite)).run(audio)

    def interrupt(call: int) -> None:
        if call == n_finished:
            raise KeyboardInterrupt

    recogniser.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        keeping.run(audio)
    recogniser.before = None
    recogniser.history.clear()
    keeping.notes.clear()
    keeping.reports.clear()
    assert keeping.run(audio) == whole
    assert len(recogniser.history) == 5 - n_finished
    # The language detected before the interruption still applies.
    assert recogniser.history[0].language == "en"
    (note,) = keeping.notes
    assert note.startswith("The first ")
    assert "were recognised by an earlier run" in note


def test_a_resumed_run_reports_progress_from_where_it_resumes(
    keeping: Runner, recogniser: ScriptedRecogniser
) -> None:
    audio = talk(8)

    def interrupt(call: int) -> None:
        if call == 6:
            raise KeyboardInterrupt

    recogniser.answer, recogniser.before = recite, interrupt
    with pytest.raises(KeyboardInterrupt):
        keeping.run(audio)
    recogniser.before = None
    keeping.reports.clear()
    keeping.run(audio)
    reading = [fraction for stage, fraction in keeping.reports if stage == READING]
    hearing = [fraction for stage, fraction in keeping.reports if stage == STAGE]
    assert reading == sorted(reading)
    assert reading
    # The remaining time is estimated from the first report, which must be correct.
    assert hearing[0] == pytest.approx(6 / 8, abs=0.02)
    assert hearing == sorted(hearing)


def test_an_unwritable_cache_gives_a_note(recogniser: ScriptedRecogniser, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    runner = Runner(recogniser, Cache(tmp_path / "file" / "cache"))
    recogniser.answer = recite
    assert len(runner.run(talk(3)).cues) == 3
    (note,) = runner.notes
    assert str(tmp_path / "file" / "cache") in note
    assert "is not writable" in note
    assert "CHAPTERIZE_CACHE" in note


def test_a_cache_that_fails_midway_gives_a_note_and_keeps_earlier_parts(
    keeping: Runner, recogniser: ScriptedRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser.answer = recite
    n_synced = 0
    real = os.fsync

    def full(handle: int) -> None:
        nonlocal n_synced
        n_synced += 1
        if n_synced > 2:
            raise OSError(28, "No space left on device")
        real(handle)

    def interrupt(call: int) -> None:
        if call == 4:
            raise KeyboardInterrupt

    recogniser.before = interrupt
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(KeyboardInterrupt):
            keeping.run(talk(5))
    assert keeping.notes == ["The cache is no longer writable: later results are not kept."]
    recogniser.before = None
    recogniser.history.clear()
    assert len(keeping.run(talk(5)).cues) == 5
    assert len(recogniser.history) <= 3


@pytest.mark.parametrize("damage", ['{"start": 0}\n', "[]\n", '{"start": 0, "end": 16', "5\n"])
def test_a_damaged_journal_is_ignored(
    keeping: Runner, recogniser: ScriptedRecogniser, cache: Cache, damage: str
) -> None:
    journal = cache.journal("key")
    journal.append(None)
    journal.path.write_text(damage)

    def interrupt(call: int) -> None:
        if call == 2:
            raise KeyboardInterrupt

    recogniser.answer, recogniser.before = recite, interrupt
    with pytest.raises(KeyboardInterrupt):
        keeping.run(talk(4))
    recogniser.before = None
    assert len(keeping.run(talk(4)).cues) == 4
    assert len(recogniser.history) == 5
