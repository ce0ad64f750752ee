from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.cache import Cache
from chapterize.transcribe import Device, WhisperTranscriber
from tests.transcribe.scripted import (
    SHORT,
    ScriptedRecogniser,
    enqueue_lines,
    loader,
    run,
    say,
    untouched,
)

ROOT = Path(__file__).parents[2]


def test_a_second_run_loads_no_model_and_reads_no_sound(
    scripted: WhisperTranscriber,
    recogniser: ScriptedRecogniser,
    tiny_whisper: Path,
    cache: Cache,
) -> None:
    enqueue_lines(recogniser, 4)
    first = run(scripted, media_fingerprint="f")

    def no_load(folder: Path, device: Device) -> ScriptedRecogniser:
        raise AssertionError("the model was loaded")

    again = WhisperTranscriber(tiny_whisper, options=SHORT, cache=cache, load=no_load)
    assert again.transcribe(untouched(), duration=35.0, media_fingerprint="f") == first
    assert again.recall("f") == first
    assert again.recall("other") is None
    assert again.recall(None) is None


def test_another_file_language_model_or_option_is_another_transcript(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    enqueue_lines(recogniser, 4)
    run(scripted, media_fingerprint="f")
    assert scripted.recall("f") is not None
    assert scripted.recall("f", language="de") is None
    for changed in (
        WhisperTranscriber("small", options=SHORT, cache=cache),
        WhisperTranscriber(scripted.model, cache=cache),
    ):
        assert changed.recall("f") is None


def test_without_a_fingerprint_nothing_is_kept(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    enqueue_lines(recogniser, 4)
    run(scripted)
    assert not cache.folder.exists()


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(
    tiny_whisper: Path, recogniser: ScriptedRecogniser, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    transcriber = WhisperTranscriber(
        tiny_whisper,
        device="cpu",
        options=SHORT,
        cache=Cache(tmp_path / "file" / "cache"),
        load=loader(recogniser),
    )
    enqueue_lines(recogniser, 4)
    assert len(run(transcriber, media_fingerprint="f").cues) == 8


def test_the_journal_goes_when_the_whole_is_kept(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache
) -> None:
    lengths: list[int] = []

    def count(chunk: int) -> None:
        journals = list((cache.folder / "journals").glob("*"))
        lengths.append(len(journals[0].read_bytes().splitlines()) if journals else 0)

    recogniser.before = count
    enqueue_lines(recogniser, 4)
    run(scripted, media_fingerprint="f")
    assert lengths == [0, 1, 2, 3]
    assert list((cache.folder / "journals").iterdir()) == []


_KILLED = """
import os, signal, sys
from pathlib import Path
from chapterize.cache import Cache
from chapterize.transcribe import WhisperOptions, WhisperTranscriber
from tests.transcribe.scripted import ScriptedRecogniser, hum, in_blocks, loader, say

def die(chunk):
    if chunk == 2:
        os.kill(os.getpid(), signal.SIGKILL)

recogniser = ScriptedRecogniser(before=die, language="fr")
for i in range(4):
    recogniser.enqueue(say(f"line {i} of the talk", 1.0, 3.0), say(f"more {i}", 3.5, 7.5))
WhisperTranscriber(
    sys.argv[1], device="cpu", options=WhisperOptions(chunk_seconds=10.0),
    cache=Cache(Path(sys.argv[2])), load=loader(recogniser),
).transcribe(in_blocks(hum(35.0)), duration=35.0, media_fingerprint="f")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
def test_a_killed_run_goes_on_where_it_stopped(
    scripted: WhisperTranscriber,
    recogniser: ScriptedRecogniser,
    tiny_whisper: Path,
    cache: Cache,
) -> None:
    command = [sys.executable, "-c", _KILLED, str(tiny_whisper), str(cache.folder)]
    killed = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    enqueue_lines(recogniser, 4)
    whole = run(scripted, language="fr")
    recogniser.history.clear()
    for i in (2, 3):
        recogniser.enqueue(say(f"line {i} of the talk", 1.0, 3.0), say(f"more {i}", 3.5, 7.5))

    resumed = run(scripted, media_fingerprint="f")
    assert len(recogniser.history) == 2
    # The language found before the kill still holds.
    assert recogniser.history[0].options["language"] == "fr"
    assert (resumed.cues, resumed.language) == (whole.cues, "fr")
    assert resumed.notes[0].startswith("Went on with an earlier run that had stopped at ")
    kept = scripted.recall("f")
    assert kept is not None
    assert kept.notes == ()


def test_an_interrupted_run_goes_on_where_it_stopped(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser
) -> None:
    def interrupt(chunk: int) -> None:
        if chunk == 3:
            raise KeyboardInterrupt

    recogniser.before = interrupt
    enqueue_lines(recogniser, 3)
    with pytest.raises(KeyboardInterrupt):
        run(scripted, media_fingerprint="f")
    recogniser.before = None
    recogniser.enqueue(say("the last line", 1.0, 2.0))
    texts = [cue.text for cue in run(scripted, media_fingerprint="f").cues]
    assert len(recogniser.history) == 4
    assert texts[::2] == [*(f"line {i} of the talk" for i in range(3)), "the last line"]


@pytest.mark.parametrize("damage", ['{"start": 0}\n', "[]\n", '{"start": 0, "end": 16', "5\n"])
def test_a_journal_that_makes_no_sense_is_passed_over(
    scripted: WhisperTranscriber, recogniser: ScriptedRecogniser, cache: Cache, damage: str
) -> None:
    journal = cache.journal(scripted._key("f", None))
    journal.append(None)
    journal.path.write_text(damage)

    def interrupt(chunk: int) -> None:
        if chunk == 2:
            raise KeyboardInterrupt

    recogniser.before = interrupt
    enqueue_lines(recogniser, 4)
    with pytest.raises(KeyboardInterrupt):
        run(scripted, media_fingerprint="f")
    recogniser.before = None
    assert len(run(scripted, media_fingerprint="f").cues) == 8
    assert len(recogniser.history) == 4


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
