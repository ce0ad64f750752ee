"""Pauses in synthetic speech, and changes of the picture in decks and in moving video."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chapterize.data import Pause
from chapterize.errors import EngineError
from chapterize.data import SAMPLE_RATE
from chapterize.media import decode_audio, open_media
from chapterize.signals import PauseOptions, SlideOptions, find_pauses, find_slides
from tests.conftest import H264, MakeMedia

Sound = NDArray[np.float32]


def synthetic_voice(seconds: float, seed: int = 0) -> Sound:
    """Syllables of a pulse train through vowel formants, which the model takes for speech.

    Returns
    -------
    shape (round(seconds * 16000),), float32.
    """
    vowels = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))
    random = np.random.default_rng(seed)
    pieces: list[NDArray[np.float64]] = []
    while sum(map(len, pieces)) < seconds * SAMPLE_RATE:
        n = int(random.uniform(0.12, 0.25) * SAMPLE_RATE)
        pitch = random.uniform(100, 150) * np.linspace(1.05, 0.95, n)
        phase = np.cumsum(pitch / SAMPLE_RATE)
        sound = (np.diff(np.floor(phase), prepend=0) > 0).astype(float)
        k = np.arange(int(0.03 * SAMPLE_RATE)) / SAMPLE_RATE
        for formant, width in zip(vowels[random.integers(4)], (60, 90, 150), strict=True):
            ringing = np.exp(-np.pi * width * k) * np.sin(2 * np.pi * formant * k)
            sound = np.convolve(sound, ringing)[:n]
        swell = np.sqrt(np.sin(np.pi * np.arange(n) / n))
        pieces.append(sound / np.abs(sound).max() * swell * 0.3)
        pieces.append(random.normal(0, 0.02, SAMPLE_RATE // 20))
    return np.concatenate(pieces)[: round(seconds * SAMPLE_RATE)].astype(np.float32)


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def blocks(sound: Sound, seconds: float = 30.0) -> Iterator[Sound]:
    size = round(seconds * SAMPLE_RATE)
    for start in range(0, len(sound), size):
        yield sound[start : start + size]


def spans(pauses: tuple[Pause, ...]) -> list[tuple[float, float]]:
    return [(pause.start, pause.end) for pause in pauses]


def test_silence_is_one_pause() -> None:
    assert find_pauses(blocks(silence(250.0))) == (Pause(0.0, 250.0),)


def test_noise_and_tones_are_no_speech() -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, 10 * SAMPLE_RATE).astype(np.float32)
    assert find_pauses([noise]) == (Pause(0.0, 10.0),)


def test_a_silence_shorter_than_a_pause_is_still_everything() -> None:
    assert find_pauses([silence(0.2)]) == (Pause(0.0, 0.2),)


def test_no_sound_at_all_has_no_pauses() -> None:
    assert find_pauses([]) == ()


def test_pauses_lie_between_the_speech() -> None:
    sound = np.concatenate(
        (silence(2), synthetic_voice(5), silence(3), synthetic_voice(4, seed=1), silence(2))
    )
    first, second, third = spans(find_pauses(blocks(sound)))
    assert first == pytest.approx((0.0, 2.0), abs=0.3)
    assert second == pytest.approx((7.0, 10.0), abs=0.3)
    assert third == pytest.approx((14.0, 16.0), abs=0.3)


def test_speech_without_a_break_has_no_pause() -> None:
    assert find_pauses([synthetic_voice(8)]) == ()


def test_a_shorter_shortest_pause_finds_more() -> None:
    sound = np.concatenate((synthetic_voice(4), silence(0.7), synthetic_voice(4, seed=1)))
    assert find_pauses([sound], options=PauseOptions(min_pause=1.0)) == ()
    ((start, end),) = spans(find_pauses([sound], options=PauseOptions(min_pause=0.3)))
    assert (start, end) == pytest.approx((4.0, 4.7), abs=0.25)


def test_windows_leave_no_seam() -> None:
    # Speech runs over the end of the first window (120 s), a pause over that of the second (240 s).
    parts = (silence(110), synthetic_voice(20), silence(105), synthetic_voice(0.1), silence(10))
    sound = np.concatenate((*parts, synthetic_voice(5, seed=1)))
    first, second = spans(find_pauses(blocks(sound)))
    assert first == pytest.approx((0.0, 110.0), abs=0.5)
    assert second == pytest.approx((130.0, 245.1), abs=0.5)


@pytest.mark.parametrize("seconds", [0.37, 7.0, 400.0])
def test_the_size_of_the_blocks_does_not_matter(seconds: float) -> None:
    sound = np.concatenate((synthetic_voice(4), silence(150), synthetic_voice(4, seed=2)))
    assert find_pauses(blocks(sound, seconds)) == find_pauses([sound])


def test_the_model_is_given_two_minutes_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import faster_whisper.vad as vad

    seen: list[int] = []

    def spy(window: Sound, settings: Any) -> list[dict[str, int]]:
        seen.append(len(window))
        return []

    monkeypatch.setattr(vad, "get_speech_timestamps", spy)
    assert find_pauses(silence(60.0) for _ in range(60)) == (Pause(0.0, 3600.0),)
    assert max(seen) <= 128 * SAMPLE_RATE
    assert len(seen) == 30


def test_a_failing_model_is_an_engine_error(monkeypatch: pytest.MonkeyPatch) -> None:
    import faster_whisper.vad as vad

    def fail(window: Sound, settings: Any) -> list[dict[str, int]]:
        raise RuntimeError("no such operator\nand a long trace")

    monkeypatch.setattr(vad, "get_speech_timestamps", fail)
    with pytest.raises(EngineError) as caught:
        find_pauses([silence(1.0)])
    assert caught.value.why == "the voice-activity model failed: no such operator"


def test_late_audio_is_a_pause_at_the_start(late_audio_mp4: Path) -> None:
    # A sine is no speech, so the whole file is one pause, in the length of the file.
    media = open_media(late_audio_mp4)
    ((start, end),) = spans(find_pauses(decode_audio(media)))
    assert start == 0.0
    assert end == pytest.approx(media.duration, abs=0.001)


# Slides 4, 9, 5, 11 and 6 s long: stills of one test pattern each, and a counter of nothing else.
CHANGES = (4.0, 13.0, 18.0, 29.0)
DECK = (
    "color=white:size=320x180:rate={rate}:duration=35,"
    "drawbox=x=20:y=20:w=200:h=30:color=black:t=fill:enable='lt(t,4)',"
    "drawbox=x=60:y=60:w=90:h=90:color=red:t=fill:enable='between(t,4,12.999)',"
    "drawbox=x=180:y=30:w=40:h=120:color=blue:t=fill:enable='between(t,13,17.999)',"
    "drawbox=x=20:y=120:w=250:h=20:color=black:t=fill:enable='between(t,18,28.999)',"
    "drawbox=x=150:y=70:w=120:h=60:color=gray:t=fill:enable='gte(t,29)'"
)
ENCODERS = {
    "key frames at cuts": ("mp4", 25, ("-c:v", "libx264", "-preset", "veryfast")),
    "key frames every 5 s": ("mp4", 25, (*H264, "-g", "125", "-sc_threshold", "0")),
    "key frames every 2 s": ("mkv", 25, (*H264, "-g", "50", "-sc_threshold", "0", "-bf", "2")),
    "one key frame": ("mkv", 10, (*H264, "-g", "9999", "-sc_threshold", "0")),
    "one picture a second": ("mp4", 1, ("-c:v", "libx264", "-preset", "veryfast")),
    "all key frames": ("avi", 5, ("-c:v", "mjpeg")),
    "vp9": ("webm", 10, ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")),
}


def _deck(make_media: MakeMedia, kind: str, name: str = "deck") -> Path:
    suffix, rate, codec = ENCODERS[kind]
    pattern = ("-f", "lavfi", "-i", DECK.format(rate=rate), "-pix_fmt", "yuv420p")
    return make_media(f"{name}.{suffix}", *pattern, *codec)


@pytest.mark.parametrize("kind", ENCODERS)
def test_slides_are_found_at_their_time(kind: str, make_media: MakeMedia) -> None:
    slides = find_slides(open_media(_deck(make_media, kind)))
    assert slides == pytest.approx(CHANGES, abs=0.05)


def test_slides_lie_on_the_players_clock(make_media: MakeMedia) -> None:
    deck = _deck(make_media, "key frames every 5 s")
    moved = make_media("moved.mkv", "-i", deck, "-c", "copy", "-output_ts_offset", "100")
    assert find_slides(open_media(moved)) == pytest.approx(CHANGES, abs=0.05)


def test_a_variable_frame_rate_leaves_slides_at_their_time(make_media: MakeMedia) -> None:
    dropped = ("-vf", "select='lt(t,10)+not(mod(n,9))'", "-fps_mode", "vfr", *H264)
    fixed = ("-g", "60", "-sc_threshold", "0")
    deck = make_media("vfr.mp4", "-f", "lavfi", "-i", DECK.format(rate=25), *dropped, *fixed)
    assert find_slides(open_media(deck)) == pytest.approx(CHANGES, abs=0.4)


def test_a_slide_show_of_single_pictures_is_found(make_media: MakeMedia) -> None:
    show = "testsrc2=size=320x180:rate=1/10:duration=60"
    path = make_media("show.mkv", "-f", "lavfi", "-i", show, *H264)
    assert find_slides(open_media(path)) == pytest.approx((10, 20, 30, 40, 50), abs=0.05)


@pytest.mark.parametrize("source", ["testsrc2", "mandelbrot", "life"])
def test_moving_pictures_do_not_flood(source: str, make_media: MakeMedia) -> None:
    # "life" begins as noise and calms down, so its first seconds may stand out once.
    pattern = {
        "testsrc2": "testsrc2=size=320x180:rate=25",
        "mandelbrot": "mandelbrot=size=320x180:rate=25",
        "life": "life=size=320x180:rate=25:ratio=0.3:seed=7",
    }[source]
    args = ("-f", "lavfi", "-i", pattern, "-t", "30", *H264, "-g", "50")
    media = open_media(make_media(f"{source}.mp4", *args))
    assert len(find_slides(media)) <= (source == "life")
    # Every key frame differs: only what is usual around them keeps them out.
    everything = SlideOptions(still_size=10.0)
    assert len(find_slides(media, options=everything)) >= 10


def test_a_cut_between_calm_scenes_stands_out_of_motion(make_media: MakeMedia) -> None:
    graph = (
        "color=white:size=320x180:rate=25:duration=30[a];color=navy:size=320x180:rate=25:"
        "duration=30[b];[a][b]concat[s];testsrc2=size=40x40:rate=25:duration=60[m];"
        "[s][m]overlay=270:130"
    )
    args = ("-f", "lavfi", "-i", graph, *H264, "-g", "50", "-sc_threshold", "0")
    media = open_media(make_media("inset.mp4", *args))
    assert find_slides(media) == pytest.approx((30.0,), abs=0.05)


def test_sound_alone_has_no_slides(audio_wav: Path) -> None:
    assert find_slides(open_media(audio_wav)) == ()


def test_a_damaged_video_gives_what_it_can(make_media: MakeMedia, tmp_path: Path) -> None:
    deck = _deck(make_media, "key frames every 2 s")
    data = bytearray(deck.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 300] = b"\xff" * 300
    path = tmp_path / "damaged.mkv"
    path.write_bytes(data)
    slides = find_slides(open_media(path))
    assert slides[:2] == pytest.approx(CHANGES[:2], abs=0.05)


def test_progress_ends_at_one(make_media: MakeMedia) -> None:
    heard: list[float] = []
    media = open_media(_deck(make_media, "key frames every 2 s"))
    find_slides(media, on_progress=lambda stage, fraction: heard.append(fraction))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert all(0.0 <= fraction <= 1.0 for fraction in heard)


def test_names_with_odd_characters_are_only_names(make_media: MakeMedia, tmp_path: Path) -> None:
    path = tmp_path / "-i 100%d 'q' \"講義\".mp4"
    shutil.copy(_deck(make_media, "key frames every 5 s"), path)
    assert len(find_slides(open_media(path))) == len(CHANGES)


SHARED = Path(__file__).parents[2] / "shared" / "media"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the recordings are not here")
@pytest.mark.parametrize(
    ("name", "n_pauses"),
    [("jfk.flac", (3, 6)), ("azure_aboutSpeechSdk.wav", (8, 15)), ("wd_test.opus", (3, 8))],
)
def test_real_speech_has_pauses_and_is_no_pause(name: str, n_pauses: tuple[int, int]) -> None:
    media = open_media(SHARED / name)
    pauses = find_pauses(decode_audio(media))
    assert n_pauses[0] <= len(pauses) <= n_pauses[1]
    assert sum(pause.end - pause.start for pause in pauses) < media.duration / 2


def test_importing_signals_loads_nothing_heavy() -> None:
    code = (
        "import sys, chapterize.signals, chapterize.media\n"
        "print([name for name in ('av', 'faster_whisper', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
