"""Changes in slides and in moving video."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.media import open_media
from chapterize.signals import SlideOptions, find_slides
from tests.conftest import H264, MakeMedia

# Five slides of 4, 9, 5, 11 and 6 s, each with one rectangle.
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
    "keyframes at cuts": ("mp4", 25, ("-c:v", "libx264", "-preset", "veryfast")),
    "keyframes every 5 s": ("mp4", 25, (*H264, "-g", "125", "-sc_threshold", "0")),
    "keyframes every 2 s": ("mkv", 25, (*H264, "-g", "50", "-sc_threshold", "0", "-bf", "2")),
    "one keyframe": ("mkv", 10, (*H264, "-g", "9999", "-sc_threshold", "0")),
    "one frame per second": ("mp4", 1, ("-c:v", "libx264", "-preset", "veryfast")),
    "program stream": ("mpg", 25, ("-c:v", "mpeg2video")),
    "flash": ("flv", 25, (*H264, "-bf", "2")),
    "windows media": ("wmv", 25, ("-c:v", "wmv2")),
    "only keyframes": ("avi", 5, ("-c:v", "mjpeg")),
    "vp9": ("webm", 10, ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")),
}


def _deck(make_media: MakeMedia, kind: str, name: str = "deck") -> Path:
    suffix, rate, codec = ENCODERS[kind]
    pattern = ("-f", "lavfi", "-i", DECK.format(rate=rate), "-pix_fmt", "yuv420p")
    return make_media(f"{name}.{suffix}", *pattern, *codec)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ENCODERS)
def test_slides_are_found_at_their_time(kind: str, make_media: MakeMedia) -> None:
    slides = find_slides(open_media(_deck(make_media, kind)))
    assert slides == pytest.approx(CHANGES, abs=0.05)


@pytest.mark.slow
def test_slides_are_on_the_players_clock(make_media: MakeMedia) -> None:
    deck = _deck(make_media, "keyframes every 5 s")
    moved = make_media("moved.mkv", "-i", deck, "-c", "copy", "-output_ts_offset", "100")
    assert find_slides(open_media(moved)) == pytest.approx(CHANGES, abs=0.05)


def test_a_variable_frame_rate_keeps_the_times_of_slides(make_media: MakeMedia) -> None:
    dropped = ("-vf", "select='lt(t,10)+not(mod(n,9))'", "-fps_mode", "vfr", *H264)
    fixed = ("-g", "60", "-sc_threshold", "0")
    deck = make_media("vfr.mp4", "-f", "lavfi", "-i", DECK.format(rate=25), *dropped, *fixed)
    assert find_slides(open_media(deck)) == pytest.approx(CHANGES, abs=0.4)


def test_a_slide_show_with_one_frame_per_slide_is_found(make_media: MakeMedia) -> None:
    show = "testsrc2=size=320x180:rate=1/10:duration=60"
    path = make_media("show.mkv", "-f", "lavfi", "-i", show, *H264)
    assert find_slides(open_media(path)) == pytest.approx((10, 20, 30, 40, 50), abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["testsrc2", "mandelbrot", "life"])
def test_moving_video_gives_few_changes(source: str, make_media: MakeMedia) -> None:
    # "life" starts as noise and calms down, so one change in its first seconds may stand out.
    pattern = {
        "testsrc2": "testsrc2=size=320x180:rate=25",
        "mandelbrot": "mandelbrot=size=320x180:rate=25",
        "life": "life=size=320x180:rate=25:ratio=0.3:seed=7",
    }[source]
    args = ("-f", "lavfi", "-i", pattern, "-t", "30", *H264, "-g", "50")
    media = open_media(make_media(f"{source}.mp4", *args))
    assert len(find_slides(media)) <= (source == "life")
    # Every keyframe differs: only the comparison with its surroundings excludes it.
    everything = SlideOptions(still_size=10.0)
    assert len(find_slides(media, options=everything)) >= 10


@pytest.mark.slow
def test_a_cut_between_calm_scenes_stands_out_from_motion(make_media: MakeMedia) -> None:
    graph = (
        "color=white:size=320x180:rate=25:duration=30[a];color=navy:size=320x180:rate=25:"
        "duration=30[b];[a][b]concat[s];testsrc2=size=40x40:rate=25:duration=60[m];"
        "[s][m]overlay=270:130"
    )
    args = ("-f", "lavfi", "-i", graph, *H264, "-g", "50", "-sc_threshold", "0")
    media = open_media(make_media("inset.mp4", *args))
    assert find_slides(media) == pytest.approx((30.0,), abs=0.05)


def test_an_audio_file_has_no_slides(audio_wav: Path) -> None:
    assert find_slides(open_media(audio_wav)) == ()


@pytest.mark.slow
def test_slides_before_a_damaged_place_are_found(make_media: MakeMedia, tmp_path: Path) -> None:
    deck = _deck(make_media, "keyframes every 2 s")
    data = bytearray(deck.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 300] = b"\xff" * 300
    path = tmp_path / "damaged.mkv"
    path.write_bytes(data)
    slides = find_slides(open_media(path))
    assert slides[:2] == pytest.approx(CHANGES[:2], abs=0.05)


def test_progress_ends_at_one(make_media: MakeMedia) -> None:
    reported: list[float] = []
    media = open_media(_deck(make_media, "keyframes every 2 s"))
    find_slides(media, on_progress=lambda stage, fraction: reported.append(fraction))
    assert reported == sorted(reported)
    assert reported[-1] == 1.0
    assert all(0.0 <= fraction <= 1.0 for fraction in reported)


def test_unusual_file_names_are_only_names(make_media: MakeMedia, tmp_path: Path) -> None:
    path = tmp_path / "-i 100%d 'q' \"講義\".mp4"
    shutil.copy(_deck(make_media, "keyframes every 5 s"), path)
    assert len(find_slides(open_media(path))) == len(CHANGES)


def test_importing_signals_imports_nothing_heavy() -> None:
    code = (
        "import sys, chapterize.signals, chapterize.media\n"
        "print([name for name in ('av', 'faster_whisper', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
