"""Recognition with the real weights of Whisper base, on the narrated sample and real recordings.

The sample's voice is synthetic, and harder for Whisper than a human voice. The limits allow for
other processors, but not for a lost window.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest
from base_model import base_model
from word_errors import word_errors

from chapterize.cache import Cache
from chapterize.captions import embedded_captions
from chapterize.data import Cue, Transcript
from chapterize.evaluate import f1
from chapterize.media import decode_audio, open_media
from chapterize.pipeline import Engines, Options, make_draft
from chapterize.segment import SegmentOptions
from chapterize.transcribe import WhisperTranscriber
from tests import needs
from tests.conftest import MakeMedia
from tests.synthetic_audio import RATE, Audio, in_blocks

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
LECTURE = ROOT / "tests" / "data" / "lecture.mp4"
RECORDINGS = {"en": needs.RECORDINGS / "en_US_f_Allison", "it": needs.RECORDINGS / "it_IT_m_Carlo"}


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> WhisperTranscriber:
    cache = Cache(tmp_path_factory.mktemp("cache"))
    return WhisperTranscriber(base_model(), device="cpu", offline=True, cache=cache)


@pytest.fixture(scope="module")
def audio() -> Audio:
    """The audio track of the sample, about seven and a half minutes."""
    return np.concatenate(list(decode_audio(open_media(LECTURE))))


@pytest.fixture(scope="module")
def recognised(whisper: WhisperTranscriber, audio: Audio) -> Transcript:
    return transcribed(whisper, audio)


@pytest.fixture(scope="module")
def spoken() -> tuple[Cue, ...]:
    captions = embedded_captions(open_media(LECTURE))
    assert captions is not None
    return captions.cues


def transcribed(
    whisper: WhisperTranscriber, audio: Audio, language: str | None = None
) -> Transcript:
    seconds = len(audio) / RATE
    return whisper.transcribe(in_blocks(audio, 30.0), duration=seconds, language=language)


def text(cues: tuple[Cue, ...]) -> str:
    return " ".join(cue.text for cue in cues)


class Recording(Protocol):
    """Load the announcement `name` (without suffix), spoken in `language`."""

    def __call__(self, language: str, name: str) -> Audio: ...


@pytest.fixture
def recording(make_media: MakeMedia) -> Recording:
    """-f g722 -i name.g722"""

    def load(language: str, name: str) -> Audio:
        path = RECORDINGS[language] / f"{name}.g722"
        if not path.is_file():
            pytest.skip(needs.missing("recordings of real speech"))
        wav = make_media("recording.wav", "-f", "g722", "-i", path)
        return np.concatenate(list(decode_audio(open_media(wav))))

    return load


def test_nearly_every_word_of_the_sample_is_recognised(
    recognised: Transcript, spoken: tuple[Cue, ...]
) -> None:
    errors = word_errors(text(spoken), text(recognised.cues))
    assert errors.n_words > 1300
    assert errors.rate < 0.18
    assert errors.lost < 0.035 * errors.n_words
    assert errors.invented < 0.03 * errors.n_words
    assert recognised.language == "en"


def test_no_window_loses_its_end(recognised: Transcript, spoken: tuple[Cue, ...]) -> None:
    # The last segment of a window has at least ten words.
    assert word_errors(text(spoken), text(recognised.cues)).lost_in_a_row <= 5


def test_word_times_increase_and_lie_within_their_cues(recognised: Transcript) -> None:
    words = [word for cue in recognised.cues for word in cue.words]
    assert len(words) > 1300
    assert all(a.start <= b.start for a, b in pairwise(words))
    assert all(word.start <= word.end for word in words)
    for cue in recognised.cues:
        assert cue.start == cue.words[0].start
        assert all(word.end <= cue.end for word in cue.words)
        assert cue.end - cue.start < 31


def test_words_have_the_times_at_which_they_are_spoken(
    recognised: Transcript, spoken: tuple[Cue, ...]
) -> None:
    words = [
        (word.text.casefold().strip(".,?!"), word.start)
        for c in recognised.cues
        for word in c.words
    ]
    late = []
    for cue in spoken:
        first = cue.text.split()[0].casefold().strip(".,?!")
        near = [abs(start - cue.start) for word, start in words if word == first]
        if near and min(near) < 3.0:
            late.append(min(near))
    assert len(late) > 0.7 * len(spoken)
    assert float(np.median(late)) < 0.25


def test_chapters_from_recognition_match_those_from_captions(recognised: Transcript) -> None:
    class Kept:
        fingerprint = "kept"

        def transcribe(self, blocks: object, **_: object) -> Transcript:
            return recognised

    six = SegmentOptions(count=6)
    from_captions = make_draft(LECTURE, Options(segment=six))
    from_audio = make_draft(
        LECTURE, Options(captions="none", segment=six), engines=Engines(transcriber=Kept())
    )
    # Word times differ by a quarter of a second, and some sentences are divided differently.
    assert f1(from_captions.chapters.starts, from_audio.chapters.starts, 10.0) >= 0.8


@pytest.mark.parametrize("kind", ["silence", "noise", "sine", "music"])
def test_no_text_is_invented_without_speech(kind: str, whisper: WhisperTranscriber) -> None:
    seconds = np.arange(40 * RATE) / RATE
    chords = ((261.6, 329.6, 392.0), (220.0, 261.6, 329.6), (174.6, 220.0, 261.6))
    sounds = {
        "silence": np.zeros(len(seconds)),
        "noise": np.random.default_rng(3).standard_normal(len(seconds)) * 0.05,
        "sine": 0.3 * np.sin(2 * np.pi * 440 * seconds),
        "music": sum(
            0.1 * np.sin(2 * np.pi * pitch * seconds) * ((seconds // 2) % 3 == number)
            for number, chord in enumerate(chords)
            for pitch in chord
        )
        * (1 - 0.6 * (seconds * 2 % 1)),
    }
    assert transcribed(whisper, np.asarray(sounds[kind], np.float32)).cues == ()


def test_late_audio_keeps_the_players_clock(
    whisper: WhisperTranscriber, make_media: MakeMedia
) -> None:
    """-f lavfi -i testsrc=size=64x64:rate=5:duration=22 -itsoffset 1.436 -t 20 -i lecture.mp4"""
    video = ("-f", "lavfi", "-i", "testsrc=size=64x64:rate=5:duration=22")
    late = ("-itsoffset", "1.436", "-t", "20", "-i", LECTURE, "-map", "0:v", "-map", "1:a")
    codecs = ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "alac")
    moved = open_media(make_media("late.mp4", *video, *late, *codecs))
    plain = open_media(make_media("plain.m4a", "-t", "20", "-i", LECTURE, "-vn", "-c:a", "alac"))
    starts = []
    for media in (plain, moved):
        cues = transcribed(whisper, np.concatenate(list(decode_audio(media)))).cues
        starts.append([word.start for cue in cues for word in cue.words])
    n_words = min(map(len, starts))
    assert n_words > 30
    offsets = np.subtract(starts[1][:n_words], starts[0][:n_words])
    assert float(np.median(offsets)) == pytest.approx(1.436, abs=0.1)


def test_a_silent_channel_does_not_affect_recognition(
    whisper: WhisperTranscriber, make_media: MakeMedia, spoken: tuple[Cue, ...]
) -> None:
    """-t 25 -i lecture.mp4 -vn -af pan=stereo|c1=c0"""
    left = make_media("left.wav", "-t", "25", "-i", LECTURE, "-vn", "-af", "pan=stereo|c1=c0")
    cues = transcribed(whisper, np.concatenate(list(decode_audio(open_media(left))))).cues
    said = text(tuple(cue for cue in spoken if cue.end < 24))
    assert word_errors(said, text(cues)).lost <= 3


def test_a_recording_at_minus_40_db_is_recognised(
    whisper: WhisperTranscriber, audio: Audio, spoken: tuple[Cue, ...]
) -> None:
    cues = transcribed(whisper, audio[: 25 * RATE] * np.float32(0.01)).cues
    said = text(tuple(cue for cue in spoken if cue.end < 24))
    assert word_errors(said, text(cues)).lost <= 3


def test_real_speech_is_recognised_word_for_word(
    whisper: WhisperTranscriber, recording: Recording
) -> None:
    said = (
        "All representatives of the household are currently assisting other telemarketers. "
        "Please hold and your call will be answered in the order it was received."
    )
    assert (
        word_errors(said, text(transcribed(whisper, recording("en", "tt-allbusy")).cues)).rate
        == 0.0
    )


def test_a_quiet_voice_after_a_loud_one_is_recognised(
    whisper: WhisperTranscriber, recording: Recording
) -> None:
    loud, soft = recording("en", "demo-nogo"), recording("en", "tt-allbusy") * np.float32(0.05)
    both = np.concatenate([loud, np.zeros(RATE, np.float32), soft])
    assert "currently assisting other telemarketers" in text(transcribed(whisper, both).cues)


@pytest.fixture
def english_then_italian(recording: Recording) -> Audio:
    """30 s of English, then the same announcement in 27 s of Italian, by another speaker."""
    return np.concatenate([recording(language, "demo-congrats") for language in ("en", "it")])


def test_each_language_is_recognised_as_such(
    whisper: WhisperTranscriber, english_then_italian: Audio
) -> None:
    transcript = transcribed(whisper, english_then_italian)
    half = len(transcript.cues) // 2
    assert "a set of sample sounds and configuration files" in text(transcript.cues[:half])
    assert "una serie di suoni di esempio e file di configurazione" in text(transcript.cues[half:])
    (note,) = transcript.notes
    assert note.startswith("More than one language is spoken: ")


def test_no_sentence_is_lost_where_the_language_changes(
    whisper: WhisperTranscriber, english_then_italian: Audio
) -> None:
    # The language changes in the middle of a window, which Whisper recognises in only one language.
    said = text(transcribed(whisper, english_then_italian[12 * RATE :]).cues)
    assert "hang up commands to simulate the actions of a standard telephone" in said
    assert "con successo il PBX" in said


def test_a_wrong_language_setting_gives_a_note(
    whisper: WhisperTranscriber, recording: Recording
) -> None:
    transcript = transcribed(whisper, recording("en", "demo-nogo"), language="de")
    (note,) = transcript.notes
    assert "--language en" in note
