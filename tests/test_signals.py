"""Pauses in synthetic speech, and changes of the picture in decks and in moving video."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.data import Pause
from chapterize.media import decode_audio, open_media
from chapterize.signals import SlideOptions, find_pauses, find_slides
from chapterize.voice import VoiceOptions
from tests.conftest import H264, MakeMedia
from tests.sounds import in_blocks, joined, silence, synthetic_voice

pytestmark = pytest.mark.slow


def spans(pauses: tuple[Pause, ...]) -> list[tuple[float, float]]:
    return [(pause.start, pause.end) for pause in pauses]


def test_silence_is_one_pause() -> None:
    assert find_pauses(in_blocks(silence(250.0))) == (Pause(0.0, 250.0),)


def test_a_silence_shorter_than_a_pause_is_still_everything() -> None:
    assert find_pauses([silence(0.2)]) == (Pause(0.0, 0.2),)


def test_no_sound_at_all_has_no_pauses() -> None:
    assert find_pauses([]) == ()


def test_pauses_lie_between_the_speech() -> None:
    sound = joined(
        silence(2), synthetic_voice(5), silence(3), synthetic_voice(4, seed=1), silence(2)
    )
    first, second, third = spans(find_pauses(in_blocks(sound)))
    assert first == pytest.approx((0.0, 2.0), abs=0.3)
    assert second == pytest.approx((7.0, 10.0), abs=0.3)
    assert third == pytest.approx((14.0, 16.0), abs=0.3)


def test_speech_without_a_break_has_no_pause() -> None:
    assert find_pauses([synthetic_voice(8)]) == ()


def test_a_shorter_shortest_pause_finds_more() -> None:
    sound = joined(synthetic_voice(4), silence(0.7), synthetic_voice(4, seed=1))
    assert find_pauses([sound], options=VoiceOptions(min_pause=1.0)) == ()
    ((start, end),) = spans(find_pauses([sound], options=VoiceOptions(min_pause=0.3)))
    assert (start, end) == pytest.approx((4.0, 4.7), abs=0.25)


def test_sections_leave_no_seam() -> None:
    # Speech runs over the end of the second section (120 s), a pause over those that follow.
    first_part = (silence(110), synthetic_voice(20, seed=2), silence(105))
    sound = joined(*first_part, synthetic_voice(0.1), silence(10), synthetic_voice(5, seed=1))
    first, second = spans(find_pauses(in_blocks(sound)))
    assert first == pytest.approx((0.0, 110.0), abs=0.6)
    assert second == pytest.approx((130.0, 245.1), abs=0.5)


@pytest.mark.parametrize("seconds", [0.37, 7.0, 400.0])
def test_the_size_of_the_blocks_does_not_matter(seconds: float) -> None:
    sound = joined(synthetic_voice(4), silence(150), synthetic_voice(4, seed=2))
    assert find_pauses(in_blocks(sound, seconds)) == find_pauses([sound])


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


def test_real_speech_has_pauses_and_is_no_pause(make_media: MakeMedia) -> None:
    """-t 40 -i tests/data/lecture.mp4 -vn -c:a flac"""
    lecture = Path(__file__).parent / "data" / "lecture.mp4"
    media = open_media(make_media("talk.flac", "-t", "40", "-i", lecture, "-vn", "-c:a", "flac"))
    pauses = find_pauses(decode_audio(media))
    assert 2 <= len(pauses) <= 5
    assert sum(pause.end - pause.start for pause in pauses) < media.duration / 2


def test_importing_signals_loads_nothing_heavy() -> None:
    code = (
        "import sys, chapterize.signals, chapterize.media\n"
        "print([name for name in ('av', 'faster_whisper', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
