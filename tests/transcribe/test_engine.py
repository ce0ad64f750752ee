"""Recognition with faster-whisper and a real model with random weights."""

from __future__ import annotations

import logging
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chapterize.transcribe import Device
from chapterize.transcribe.engine import FasterWhisper, Recognised
from chapterize.transcribe.model import load
from tests.synthetic_audio import RATE, Audio, noise, silence, synthetic_voice
from tests.tiny_whisper import LANGUAGES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def engine(tiny_whisper: Path) -> FasterWhisper:
    return load(tiny_whisper, Device("cpu"))


@pytest.fixture(scope="module")
def windows() -> list[Audio]:
    """Windows of several lengths; one starts between two hundredths of a second."""
    return [synthetic_voice(12.3456), noise(3), synthetic_voice(0.2, seed=2)]


@pytest.fixture(scope="module")
def results(engine: FasterWhisper, windows: list[Audio]) -> list[Recognised]:
    return engine.recognise(windows, language=None, beam_size=1)


def test_each_window_has_an_answer_with_words_in_order(
    results: list[Recognised], windows: list[Audio]
) -> None:
    assert len(results) == len(windows)
    assert all(answer.words for answer in results)
    for answer in results:
        starts = [word.start for word in answer.words]
        assert starts == sorted(starts)


def test_words_lie_within_their_window(results: list[Recognised], windows: list[Audio]) -> None:
    for answer, window in zip(results, windows, strict=True):
        for word in answer.words:
            # faster-whisper aligns whole seconds; `Window.place` limits the times.
            assert -0.02 <= word.start <= word.end <= math.ceil(len(window) / RATE)
            assert {type(word.start), type(word.end), type(word.probability)} == {float}


def test_the_answer_belongs_to_its_window(engine: FasterWhisper, windows: list[Audio]) -> None:
    together = engine.recognise(windows, language="en", beam_size=1)
    (alone,) = engine.recognise(windows[1:2], language="en", beam_size=1)
    texts = [[word.text for word in answer.words] for answer in together]
    assert [word.text for word in alone.words] == texts[1]
    assert texts[0] != texts[1] != texts[2]


def test_the_languages_of_each_window_are_reported(results: list[Recognised]) -> None:
    assert {answer.language for answer in results} <= set(LANGUAGES)
    assert len({answer.language for answer in results}) == 1
    for answer in results:
        assert answer.languages
        assert set(answer.languages) <= set(LANGUAGES)
        assert 0.0 < sum(answer.languages.values()) <= 1.0 + 1e-6
    assert len({tuple(answer.languages.items()) for answer in results}) > 1


def test_with_a_given_language_the_detected_ones_are_still_reported(
    engine: FasterWhisper, windows: list[Audio], results: list[Recognised]
) -> None:
    japanese = engine.recognise(windows, language="ja", beam_size=1)
    assert {answer.language for answer in japanese} == {"ja"}
    assert [set(answer.languages) for answer in japanese] == [
        set(answer.languages) for answer in results
    ]


def test_options_request_word_times_and_text_without_timestamps(
    engine: FasterWhisper, windows: list[Audio], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    pipeline = engine._pipeline
    real = pipeline.generate_segment_batched

    def spy(features: Any, tokenizer: Any, options: Any) -> Any:
        calls.append((len(features), options))
        return real(features, tokenizer, options)

    monkeypatch.setattr(pipeline, "generate_segment_batched", spy)
    engine.recognise(windows, language="en", beam_size=3)
    ((n_windows, options),) = calls
    assert n_windows == len(windows)
    assert options.without_timestamps is True
    assert options.word_timestamps is True
    assert options.condition_on_previous_text is False
    assert options.temperatures == [0.0]
    assert options.beam_size == 3


def test_the_prompt_of_the_model_forbids_timestamps(
    engine: FasterWhisper, windows: list[Audio], monkeypatch: pytest.MonkeyPatch
) -> None:
    # With timestamps, faster-whisper drops the text after the last one in each window.
    prompts: list[list[int]] = []
    whisper = engine.model
    real = whisper.get_prompt

    def spy(*args: Any, **more: Any) -> Any:
        prompts.append(real(*args, **more))
        return prompts[-1]

    monkeypatch.setattr(whisper, "get_prompt", spy)
    engine.recognise(windows[:1], language="en", beam_size=1)
    no_timestamps = whisper.hf_tokenizer.token_to_id("<|notimestamps|>")
    assert [prompt[-1] for prompt in prompts] == [no_timestamps]


def test_an_unknown_language_is_an_error(engine: FasterWhisper) -> None:
    with pytest.raises(ValueError, match="language code"):
        engine.recognise([noise(1)], language="xx", beam_size=1)


def test_a_failed_call_does_not_affect_the_next(
    engine: FasterWhisper, windows: list[Audio]
) -> None:
    before = engine.recognise(windows[:1], language=None, beam_size=1)
    with pytest.raises(ValueError, match="language code"):
        engine.recognise(windows, language="xx", beam_size=1)
    assert engine.recognise(windows[:1], language=None, beam_size=1) == before


def test_silence_has_an_answer(engine: FasterWhisper) -> None:
    (answer,) = engine.recognise([silence(5)], language="en", beam_size=1)
    assert 0.0 <= answer.no_speech <= 1.0
    assert answer.confidence <= 0.0


def test_nothing_reaches_the_terminal(
    engine: FasterWhisper,
    windows: list[Audio],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, logger="faster_whisper"):
        engine.recognise([windows[0], noise(30)], language=None, beam_size=1)
    assert capfd.readouterr() == ("", "")
    assert not [record for record in caplog.records if "longer than 30" in record.message]


def test_windows_are_passed_to_the_model_without_losing_a_sample(engine: FasterWhisper) -> None:
    sizes: list[int] = []
    extract = engine.model.feature_extractor

    class Spy:
        def __getattr__(self, name: str) -> Any:
            return getattr(extract, name)

        def __call__(self, audio: Audio) -> Any:
            sizes.append(len(audio))
            return extract(audio)

    engine.model.feature_extractor = Spy()
    try:
        lengths = [479_999, 480_000, 7]
        windows = [np.full(n, 0.1, np.float32) for n in lengths]
        engine.recognise(windows, language="en", beam_size=1)
    finally:
        engine.model.feature_extractor = extract
    assert sizes == lengths


_LEAVING = """
import sys, time
from pathlib import Path
from chapterize.background import in_background
from chapterize.cli.interrupts import leave
from chapterize.transcribe import Device
from chapterize.transcribe.model import load
from tests.synthetic_audio import noise

engine = load(Path(sys.argv[1]), Device("cpu"))

def work():
    while True:
        engine.model.detect_language(audio)

audio = noise(30)
in_background(work, name="recognise")
time.sleep(0.5)
print("said before it ends", end="")
leave(4)
"""


@pytest.mark.parametrize("attempt", range(3))
def test_a_program_that_exits_while_the_model_computes_keeps_its_exit_code(
    tiny_whisper: Path, attempt: int
) -> None:
    # Without `leave`, Python usually aborts when the model's thread returns.
    command = [sys.executable, "-c", _LEAVING, str(tiny_whisper)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (child.returncode, child.stdout, child.stderr) == (4, "said before it ends", "")
