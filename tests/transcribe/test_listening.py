from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from chapterize.cache import Cache
from chapterize.data import OnProgress, Transcript
from chapterize.errors import MediaError
from chapterize.transcribe.listening import STAGE, Listening
from chapterize.voice import VoiceOptions
from tests.sounds import RATE, Sound, in_blocks, joined, noise, silence
from tests.transcribe.scripted import ScriptedRecogniser, recite, say, talk

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("plain_speech")]

FINE = VoiceOptions(min_pause=0.16, min_speech=0.0)
GERMAN, ENGLISH = {"de": 0.95, "en": 0.02}, {"en": 0.97, "de": 0.01}
READING = "reading up to where an earlier run stopped"


class Listener:
    """Listens to `sound` with `recogniser`, and remembers what was reported."""

    def __init__(self, recogniser: ScriptedRecogniser, cache: Cache | None = None) -> None:
        self.recogniser = recogniser
        self.cache = cache
        self.notes: list[str] = []
        self.news: list[tuple[str, float]] = []
        self.times: list[float] = []

    def listen(
        self,
        sound: Sound,
        *,
        blocks: Iterable[Sound] | None = None,
        language: str | None = None,
        batch_size: int = 1,
        duration: float | None = None,
        on_progress: OnProgress = lambda stage, fraction: None,
    ) -> Transcript:
        def progress(stage: str, fraction: float) -> None:
            self.news.append((stage, fraction))
            self.times.append(time.monotonic())
            on_progress(stage, fraction)

        listening = Listening(
            self.recogniser,
            duration=duration or len(sound) / RATE,
            language=language,
            beam_size=3,
            on_progress=progress,
            on_note=self.notes.append,
        )
        if self.cache is not None:
            listening.resume(self.cache, "key")
        transcript = listening.listen(
            in_blocks(sound) if blocks is None else blocks,
            FINE,
            batch_size=batch_size,
            source="s",
        )
        listening.forget()
        return transcript


@pytest.fixture
def listener(recogniser: ScriptedRecogniser) -> Listener:
    return Listener(recogniser)


@pytest.fixture
def keeping(recogniser: ScriptedRecogniser, cache: Cache) -> Listener:
    return Listener(recogniser, cache)


def _languages(recogniser: ScriptedRecogniser) -> list[str | None]:
    return [asked.language for asked in recogniser.history]


def test_every_window_is_recognised_once_and_in_order(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    for i in range(5):
        recogniser.enqueue(say(f"this is line {i}", 1.0, 3.0))
    transcript = listener.listen(talk(5), batch_size=2)
    assert [len(asked.windows) for asked in recogniser.history] == [2, 2, 1]
    assert {asked.beam_size for asked in recogniser.history} == {3}
    assert [cue.text for cue in transcript.cues] == [f"this is line {i}" for i in range(5)]
    # Padding of 0.4 s goes before each stretch but the first.
    starts = [1.0, *(22.0 * i + 0.6 for i in range(1, 5))]
    assert [cue.start for cue in transcript.cues] == pytest.approx(starts)
    assert (transcript.source, transcript.language, transcript.notes) == ("s", "en", ())


def test_nobody_speaks_and_nothing_is_recognised(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    assert listener.listen(silence(300)) == Transcript((), "s", None)
    assert recogniser.history == []
    assert listener.news[-1] == (STAGE, 1.0)


def test_nothing_lies_after_the_end_of_the_file(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(say("the end.", 3.0, 9.0), say("thanks for watching", 4.9, 7.0))
    transcript = listener.listen(noise(5), duration=4.5)
    assert [(cue.start, cue.end) for cue in transcript.cues] == [(3.0, 4.5)]
    assert transcript.notes == ("Dropped 1 recognised line after the end of the audio.",)


def test_a_loop_over_two_windows_is_dropped_and_counted(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(say("so.", 1, 2), say("Thank you.", 3, 4), say("thank you.", 5, 6))
    recogniser.enqueue(say("Thank you!", 1, 2), say("on we go", 3, 4))
    transcript = listener.listen(talk(2))
    assert [cue.text for cue in transcript.cues] == ["so.", "Thank you.", "on we go"]
    assert transcript.notes == ("Dropped 2 recognised lines that only repeated what came before.",)


def test_windows_that_are_in_another_language_are_heard_again_in_it(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    for i in range(2):
        recogniser.enqueue(say(f"English {i}", 1, 2), languages=ENGLISH)
    for i in range(2):
        recogniser.enqueue(say(f"translated {i}", 1, 2), languages=GERMAN)
    for i in range(2):
        recogniser.enqueue(say(f"Deutsch {i}", 1, 2), languages=GERMAN)
    transcript = listener.listen(talk(4), batch_size=4)
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
def test_a_window_that_does_not_clearly_sound_like_another_is_not_heard_again(
    listener: Listener, recogniser: ScriptedRecogniser, languages: dict[str, float]
) -> None:
    recogniser.enqueue(say("hello", 1, 2), languages=languages)
    transcript = listener.listen(talk(1))
    assert _languages(recogniser) == [None]
    assert (transcript.language, transcript.notes) == ("en", ())


def test_the_language_of_a_short_window_is_a_guess(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(say("hello", 0, 1), languages=GERMAN)
    listener.listen(noise(3.5))
    assert len(recogniser.history) == 1
    recogniser.enqueue(say("hello", 0, 1), languages=GERMAN)
    listener.listen(noise(4.5))
    assert len(recogniser.history) == 3


def test_the_next_batch_is_tried_in_the_last_language(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    recogniser.language = "fr"
    recogniser.enqueue(say("bonjour", 1, 2), languages={"fr": 0.99})
    recogniser.enqueue(say("translated", 1, 2), languages=GERMAN)
    recogniser.enqueue(say("guten Tag", 1, 2), languages=GERMAN)
    recogniser.enqueue(say("und so weiter", 1, 2), languages=GERMAN)
    listener.listen(talk(3))
    assert _languages(recogniser) == [None, "fr", "de", "de"]


def test_a_window_without_words_says_nothing_about_the_language(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    recogniser.enqueue(say("hello", 1, 2))
    recogniser.enqueue()
    recogniser.enqueue(say("hello again", 1, 2))
    transcript = listener.listen(talk(3))
    assert _languages(recogniser) == [None, "en", None]
    assert transcript.notes == ()


def test_a_language_that_was_named_is_used_throughout_and_questioned(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    for i in range(3):
        recogniser.enqueue(say(f"hello {i}", 1, 2), languages=GERMAN)
    transcript = listener.listen(talk(3), language="en-GB")
    assert _languages(recogniser) == ["en"] * 3
    assert transcript.language == "en"
    (note,) = transcript.notes
    assert "100%" in note
    assert "--language de" in note


def test_while_one_batch_is_recognised_the_next_is_read(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    is_read = threading.Event()
    sound = talk(3)

    def blocks() -> Iterator[Sound]:
        yield from in_blocks(sound)
        is_read.set()

    def wait(call: int) -> None:
        assert is_read.wait(10), "nothing was read meanwhile"

    recogniser.before = wait
    listener.listen(sound, blocks=blocks(), batch_size=2)
    assert len(recogniser.history) == 2


def test_progress_rises_is_frequent_and_ends_at_one(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    recogniser.before = lambda call: time.sleep(0.7)
    listener.listen(talk(4))
    fractions = [fraction for _, fraction in listener.news]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0.0
    assert fractions[-1] == 1.0
    assert fractions.count(1.0) <= 2
    assert {stage for stage, _ in listener.news} == {STAGE}
    assert max(b - a for a, b in pairwise(listener.times)) < 0.5
    # It moves inside a batch too, once the pace is known.
    assert len(set(fractions)) > 8


def test_progress_never_runs_past_what_is_being_recognised(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    seen: list[float] = []

    def slow_at_last(call: int) -> None:
        time.sleep(0.05 if call < 3 else 0.9)
        seen.append(listener.news[-1][1])

    recogniser.before = slow_at_last
    sound = joined(talk(4), silence(300))
    listener.listen(sound)
    assert seen[-1] <= 88.0 / (len(sound) / RATE)


def test_progress_is_reported_where_nobody_speaks(listener: Listener) -> None:
    listener.listen(joined(silence(900), noise(5)))
    fractions = [fraction for _, fraction in listener.news]
    assert fractions == sorted(fractions)
    assert any(0.3 < fraction < 0.9 for fraction in fractions)


def test_progress_is_reported_while_the_next_batch_is_sought(
    listener: Listener, recogniser: ScriptedRecogniser
) -> None:
    # The first window is recognised while the second is looked for in a long silence.
    sound = joined(noise(29.5), silence(1), noise(5), silence(900), noise(29))
    is_read = threading.Event()
    n_reports = 0

    def blocks() -> Iterator[Sound]:
        yield from in_blocks(sound)
        is_read.set()

    def count(stage: str, fraction: float) -> None:
        nonlocal n_reports
        n_reports += len(recogniser.history) == 1 and not is_read.is_set()

    recogniser.before = lambda call: is_read.wait(10)
    listener.listen(sound, blocks=blocks(), on_progress=count)
    assert n_reports > 5


def test_ctrl_c_gets_through_within_half_a_second_and_says_what_is_kept(
    keeping: Listener, recogniser: ScriptedRecogniser
) -> None:
    released, began = threading.Event(), [0.0]

    def hang(call: int) -> None:
        if call == 2:
            began[0] = time.monotonic()
            released.wait(10)

    def interrupt(stage: str, fraction: float) -> None:
        if began[0]:
            raise KeyboardInterrupt

    recogniser.before = hang
    with pytest.raises(KeyboardInterrupt):
        keeping.listen(talk(4), on_progress=interrupt)
    assert time.monotonic() - began[0] < 0.5
    released.set()
    (note,) = keeping.notes
    assert note.startswith("Recognition was interrupted. 42 s of 1 min 28 s are kept")


def test_ctrl_c_before_anything_is_finished_promises_nothing(
    keeping: Listener, recogniser: ScriptedRecogniser
) -> None:
    def interrupt(stage: str, fraction: float) -> None:
        if recogniser.history:
            raise KeyboardInterrupt

    recogniser.before = lambda call: time.sleep(0.3)
    with pytest.raises(KeyboardInterrupt):
        keeping.listen(talk(2), on_progress=interrupt)
    assert keeping.notes == []


@pytest.mark.parametrize("n_finished", [1, 3])
def test_a_resumed_run_hears_nothing_twice_and_gives_the_same_transcript(
    keeping: Listener, recogniser: ScriptedRecogniser, n_finished: int
) -> None:
    sound = talk(5)
    recogniser.answer = recite
    whole = Listener(ScriptedRecogniser(answer=recite)).listen(sound)

    def interrupt(call: int) -> None:
        if call == n_finished:
            raise KeyboardInterrupt

    recogniser.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        keeping.listen(sound)
    recogniser.before = None
    recogniser.history.clear()
    keeping.notes.clear()
    keeping.news.clear()
    assert keeping.listen(sound) == whole
    assert len(recogniser.history) == 5 - n_finished
    # The language found before the interruption still holds.
    assert recogniser.history[0].language == "en"
    (note,) = keeping.notes
    assert note.startswith("The first ")
    assert "were recognised by an earlier run" in note


def test_a_resumed_run_reports_where_it_goes_on(
    keeping: Listener, recogniser: ScriptedRecogniser
) -> None:
    sound = talk(8)

    def interrupt(call: int) -> None:
        if call == 6:
            raise KeyboardInterrupt

    recogniser.answer, recogniser.before = recite, interrupt
    with pytest.raises(KeyboardInterrupt):
        keeping.listen(sound)
    recogniser.before = None
    keeping.news.clear()
    keeping.listen(sound)
    reading = [fraction for stage, fraction in keeping.news if stage == READING]
    hearing = [fraction for stage, fraction in keeping.news if stage == STAGE]
    assert reading == sorted(reading)
    assert reading
    # The time left is guessed from the first report on: it has to be true.
    assert hearing[0] == pytest.approx(6 / 8, abs=0.02)
    assert hearing == sorted(hearing)


def test_an_unwritable_cache_is_a_note(recogniser: ScriptedRecogniser, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    listener = Listener(recogniser, Cache(tmp_path / "file" / "cache"))
    recogniser.answer = recite
    assert len(listener.listen(talk(3)).cues) == 3
    (note,) = listener.notes
    assert str(tmp_path / "file" / "cache") in note
    assert "cannot be written" in note
    assert "CHAPTERIZE_CACHE" in note


def test_a_cache_that_breaks_in_the_middle_is_a_note_and_keeps_what_it_had(
    keeping: Listener, recogniser: ScriptedRecogniser, monkeypatch: pytest.MonkeyPatch
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
            keeping.listen(talk(5))
    assert keeping.notes == ["The cache can no longer be written: what follows is not kept."]
    recogniser.before = None
    recogniser.history.clear()
    assert len(keeping.listen(talk(5)).cues) == 5
    assert len(recogniser.history) <= 3


@pytest.mark.parametrize("damage", ['{"start": 0}\n', "[]\n", '{"start": 0, "end": 16', "5\n"])
def test_a_journal_that_makes_no_sense_is_passed_over(
    keeping: Listener, recogniser: ScriptedRecogniser, cache: Cache, damage: str
) -> None:
    journal = cache.journal("key")
    journal.append(None)
    journal.path.write_text(damage)

    def interrupt(call: int) -> None:
        if call == 2:
            raise KeyboardInterrupt

    recogniser.answer, recogniser.before = recite, interrupt
    with pytest.raises(KeyboardInterrupt):
        keeping.listen(talk(4))
    recogniser.before = None
    assert len(keeping.listen(talk(4)).cues) == 4
    assert len(recogniser.history) == 5


def test_errors_of_the_audio_and_of_who_listens_pass_through(listener: Listener) -> None:
    def broken() -> Iterator[Sound]:
        yield noise(1)
        raise MediaError("the file ends early")

    with pytest.raises(MediaError):
        listener.listen(noise(2), blocks=broken())

    def stop(stage: str, fraction: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        listener.listen(talk(1), on_progress=stop)
