"""The recognition of one file: text, languages, and errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from chapterize.data import Transcript
from chapterize.errors import MediaError
from chapterize.transcribe.resumable import STAGE
from tests.synthetic_audio import Audio, in_blocks, noise, silence
from tests.transcribe.runner import Runner
from tests.transcribe.scripted import ScriptedRecogniser, say, talk

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("plain_speech")]

GERMAN, ENGLISH = {"de": 0.95, "en": 0.02}, {"en": 0.97, "de": 0.01}


def _languages(recogniser: ScriptedRecogniser) -> list[str | None]:
    return [asked.language for asked in recogniser.history]


def test_every_window_is_recognised_once_and_in_order(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    for i in range(5):
        recogniser.enqueue(say(f"this is line {i}", 1.0, 3.0))
    transcript = runner.run(talk(5), batch_size=2)
    assert [len(asked.windows) for asked in recogniser.history] == [2, 2, 1]
    assert {asked.beam_size for asked in recogniser.history} == {3}
    assert [cue.text for cue in transcript.cues] == [f"this is line {i}" for i in range(5)]
    # Padding of 0.4 s goes before each stretch but the first.
    starts = [1.0, *(22.0 * i + 0.6 for i in range(1, 5))]
    assert [cue.start for cue in transcript.cues] == pytest.approx(starts)
    assert (transcript.source, transcript.language, transcript.notes) == ("s", "en", ())


def test_audio_without_speech_is_not_recognised(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    assert runner.run(silence(300)) == Transcript((), "s", None)
    assert recogniser.history == []
    assert runner.reports[-1] == (STAGE, 1.0)


def test_no_cue_lies_after_the_end_of_the_file(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(say("the end.", 3.0, 9.0), say("thanks for watching", 4.9, 7.0))
    transcript = runner.run(noise(5), duration=4.5)
    assert [(cue.start, cue.end) for cue in transcript.cues] == [(3.0, 4.5)]
    assert transcript.notes == ("Dropped 1 recognised line after the end of the audio.",)


def test_a_loop_across_two_windows_is_dropped_and_counted(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(say("so.", 1, 2), say("Thank you.", 3, 4), say("thank you.", 5, 6))
    recogniser.enqueue(say("Thank you!", 1, 2), say("on we go", 3, 4))
    transcript = runner.run(talk(2))
    assert [cue.text for cue in transcript.cues] == ["so.", "Thank you.", "on we go"]
    assert transcript.notes == ("Dropped 2 recognised lines that only repeated earlier text.",)


def test_windows_in_another_language_are_recognised_again_in_it(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    for i in range(2):
        recogniser.enqueue(say(f"English {i}", 1, 2), languages=ENGLISH)
    for i in range(2):
        recogniser.enqueue(say(f"translated {i}", 1, 2), languages=GERMAN)
    for i in range(2):
        recogniser.enqueue(say(f"Deutsch {i}", 1, 2), languages=GERMAN)
    transcript = runner.run(talk(4), batch_size=4)
    assert _languages(recogniser) == [None, "de", "de"]
    assert [len(asked.windows) for asked in recogniser.history] == [4, 1, 1]
    texts = [cue.text for cue in transcript.cues]
    assert texts == ["English 0", "English 1", "Deutsch 0", "Deutsch 1"]
    (note,) = transcript.notes
    assert note.startswith("More than one language is spoken: ")
    assert note.count("(50%)") == 2


@pytest.mark.parametrize(
    "languages",
    [{"de": 0.6, "en": 0.05}, {"de": 0.85, "en": 0.14}, {"en": 0.97}, {}],
)
def test_a_window_of_doubtful_language_is_not_recognised_again(
    runner: Runner, recogniser: ScriptedRecogniser, languages: dict[str, float]
) -> None:
    recogniser.enqueue(say("hello", 1, 2), languages=languages)
    transcript = runner.run(talk(1))
    assert _languages(recogniser) == [None]
    assert (transcript.language, transcript.notes) == ("en", ())


def test_the_detected_language_of_a_short_window_is_ignored(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(say("hello", 0, 1), languages=GERMAN)
    runner.run(noise(3.5))
    assert len(recogniser.history) == 1
    recogniser.enqueue(say("hello", 0, 1), languages=GERMAN)
    runner.run(noise(4.5))
    assert len(recogniser.history) == 3


def test_the_next_batch_is_tried_in_the_latest_language(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    recogniser.language = "fr"
    recogniser.enqueue(say("bonjour", 1, 2), languages={"fr": 0.99})
    recogniser.enqueue(say("translated", 1, 2), languages=GERMAN)
    recogniser.enqueue(say("guten Tag", 1, 2), languages=GERMAN)
    recogniser.enqueue(say("und so weiter", 1, 2), languages=GERMAN)
    runner.run(talk(3))
    assert _languages(recogniser) == [None, "fr", "de", "de"]


def test_a_window_without_words_does_not_affect_the_language(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(say("hello", 1, 2))
    recogniser.enqueue()
    recogniser.enqueue(say("hello again", 1, 2))
    transcript = runner.run(talk(3))
    assert _languages(recogniser) == [None, "en", None]
    assert transcript.notes == ()


def test_a_language_set_by_the_user_is_used_throughout_and_questioned_in_a_note(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    for i in range(3):
        recogniser.enqueue(say(f"hello {i}", 1, 2), languages=GERMAN)
    transcript = runner.run(talk(3), language="en-GB")
    assert _languages(recogniser) == ["en"] * 3
    assert transcript.language == "en"
    (note,) = transcript.notes
    assert "100%" in note
    assert "--language de" in note


def test_while_one_batch_is_recognised_the_next_is_read(
    runner: Runner, recogniser: ScriptedRecogniser
) -> None:
    is_read = threading.Event()
    audio = talk(3)

    def blocks() -> Iterator[Audio]:
        yield from in_blocks(audio)
        is_read.set()

    def wait(call: int) -> None:
        assert is_read.wait(10), "the next batch was not read meanwhile"

    recogniser.before = wait
    runner.run(audio, blocks=blocks(), batch_size=2)
    assert len(recogniser.history) == 2


def test_errors_of_the_audio_and_of_callbacks_are_propagated(runner: Runner) -> None:
    def broken() -> Iterator[Audio]:
        yield noise(1)
        raise MediaError("the file ends early")

    with pytest.raises(MediaError):
        runner.run(noise(2), blocks=broken())

    def stop(stage: str, fraction: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        runner.run(talk(1), on_progress=stop)
