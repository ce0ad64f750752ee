"""What is served as it is, what is copied, what is encoded again, and on which clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from chapterize.data import Media
from chapterize.errors import ToolError
from chapterize.media import decode_audio, open_media
from chapterize.review.playback import (
    Playback,
    copy_for_browser,
    make_browser_proxy,
    plan_playback,
)
from tests.conftest import AAC, H264, SINE, TESTSRC, MakeMedia

RAW = ("-c:v", "mpeg4", "-q:v", "5")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-pix_fmt", "yuv420p")
HIGH_10 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none")
FULL_COLOUR = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")

# Name, the ffmpeg line after the inputs, the way it is served, the container of a copy.
FILES = [
    ("plain.mp4", (*H264, *AAC), "direct", ""),
    ("plain.mov", (*H264, *AAC), "direct", ""),
    ("mp3.mp4", (*H264, "-c:a", "libmp3lame"), "direct", ""),
    ("pcm.mov", (*H264, "-c:a", "pcm_s16le"), "copy", "mp4"),
    ("plain.mkv", (*H264, *AAC), "copy", "mp4"),
    ("ac3.mkv", (*H264, "-c:a", "ac3"), "copy", "mp4"),
    ("b-frames.avi", (*H264, "-bf", "2", "-c:a", "libmp3lame"), "copy", "mp4"),
    ("vp8.webm", (*VP8, "-c:a", "libvorbis"), "direct", ""),
    ("vp9.webm", (*VP9, "-c:a", "libopus"), "direct", ""),
    ("vp8.mkv", (*VP8, "-c:a", "libvorbis"), "copy", "webm"),
    ("ten-bits.mp4", (*HIGH_10, *AAC), "proxy", "mp4"),
    ("full-colour.mp4", (*FULL_COLOUR, *AAC), "proxy", "mp4"),
    ("hevc.mp4", (*HEVC, *AAC), "proxy", "mp4"),
    ("mpeg4.avi", (*RAW, "-c:a", "libmp3lame"), "proxy", "mp4"),
]
AUDIO = [
    ("tone.mp3", ("-b:a", "64k"), "direct", ""),
    ("varying.mp3", ("-q:a", "4"), "copy", "mp4"),
    ("tone.m4a", AAC, "direct", ""),
    ("lossless.m4a", ("-c:a", "alac"), "copy", "mp4"),
    ("tone.wav", (), "direct", ""),
    ("tone.ogg", ("-c:a", "libopus"), "direct", ""),
    ("tone.flac", (), "direct", ""),
    ("tone.aac", (*AAC, "-f", "adts"), "copy", "mp4"),
    ("tone.mka", ("-c:a", "libopus", "-f", "matroska"), "copy", "webm"),
]
CHIRP = ("-f", "lavfi", "-i", "aevalsrc=sin(2000*t*t):s=44100:d=4")


def made(media: Media, folder: Path) -> Media:
    """The copy or proxy of `media`."""
    plan = plan_playback(media)
    target = folder / f"made.{plan.container}"
    if plan.way == "copy":
        copy_for_browser(media, plan, target, lambda done: None)
    else:
        make_browser_proxy(media, plan, target, lambda done: None)
    return open_media(target)


@pytest.mark.parametrize(("name", "options", "way", "container"), FILES)
def test_a_video_is_served_as_browsers_need_it(
    name: str,
    options: tuple[str, ...],
    way: str,
    container: str,
    make_media: MakeMedia,
    tmp_path: Path,
) -> None:
    media = open_media(make_media(name, *TESTSRC, *SINE, *options))
    plan = plan_playback(media)
    assert (plan.kind, plan.way, plan.container) == ("video", way, container)
    assert bool(plan.why) == (way != "direct")
    if way == "direct":
        return
    copy = made(media, tmp_path)
    assert plan_playback(copy).way == "direct"
    assert copy.duration == pytest.approx(media.duration, abs=0.1)
    assert (copy.width, copy.height) == (media.width, media.height)


@pytest.mark.parametrize(("name", "options", "way", "container"), AUDIO)
def test_audio_is_served_as_browsers_need_it(
    name: str,
    options: tuple[str, ...],
    way: str,
    container: str,
    make_media: MakeMedia,
    tmp_path: Path,
) -> None:
    # A tone of constant pitch would be a constant bit rate in any mode.
    media = open_media(make_media(name, *CHIRP, *options))
    plan = plan_playback(media)
    assert (plan.kind, plan.way, plan.container) == ("audio", way, container)
    assert plan.content_type.startswith("audio/")
    if way != "direct":
        copy = made(media, tmp_path)
        assert plan_playback(copy).way == "direct"
        assert copy.duration == pytest.approx(media.duration, abs=0.1)


def test_a_file_that_starts_late_is_copied_to_start_at_0(
    make_media: MakeMedia, tmp_path: Path
) -> None:
    """TESTSRC SINE H264 AAC -output_ts_offset 7"""
    late = make_media("starts-at-7.webm", *TESTSRC, *SINE, *VP9, "-output_ts_offset", "7")
    media = open_media(late)
    assert media.origin == pytest.approx(7, abs=0.05)
    assert plan_playback(media).way == "copy"
    assert "start at 0" in plan_playback(media).why
    assert made(media, tmp_path).origin == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("suffix", ["mkv", "mov"])
@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
@pytest.mark.parametrize("is_encoded", [False, True])
def test_late_audio_keeps_the_players_clock(
    suffix: str, codec: str, is_encoded: bool, make_media: MakeMedia, tmp_path: Path
) -> None:
    """TESTSRC -itsoffset 1.436 SINE -map 0:v -map 1:a H264 -g 60 -bf 2"""
    audio = ("-itsoffset", "1.436", *SINE, "-map", "0:v", "-map", "1:a", "-c:a", codec)
    source = make_media(f"late-{codec}.{suffix}", *TESTSRC, *audio, *H264, "-bf", "2")
    media = open_media(source)
    plan = replace(plan_playback(media), way="copy", container="mp4")
    target = tmp_path / "made.mp4"
    if is_encoded:
        make_browser_proxy(media, plan, target, lambda done: None)
    else:
        copy_for_browser(media, plan, target, lambda done: None)
    heard = np.concatenate(list(decode_audio(open_media(target))))
    first = np.flatnonzero(np.abs(heard) > 0.02)[0] / 16_000
    assert first == pytest.approx(1.436, abs=0.03)


def test_a_file_without_a_duration_is_copied(make_media: MakeMedia, tmp_path: Path) -> None:
    """TESTSRC SINE VP8 -f webm -live 1: what a browser records"""
    source = make_media("live.webm", *TESTSRC, *SINE, *VP8, "-f", "webm", "-live", "1")
    media = open_media(source)
    plan = plan_playback(media)
    assert (plan.way, plan.container) == ("copy", "webm")
    assert "duration" in plan.why
    assert made(media, tmp_path).duration == pytest.approx(media.duration, abs=0.1)


def test_the_audio_track_of_the_player_is_kept(make_media: MakeMedia) -> None:
    """TESTSRC SINE SINE -map 0 -map 1 -map 2 -disposition:a:0 0 -disposition:a:1 default"""
    maps = ("-map", "0", "-map", "1", "-map", "2")
    choice = ("-disposition:a:0", "0", "-disposition:a:1", "default")
    source = make_media("second.mp4", *TESTSRC, *SINE, *SINE, *maps, *H264, *AAC, *choice)
    plan = plan_playback(open_media(source))
    assert plan.way == "copy"
    assert "audio track" in plan.why


@pytest.mark.parametrize("size", ["1280x720", "720x1280", "644x482"])
def test_a_proxy_is_small_and_has_a_keyframe_every_two_seconds(
    size: str, make_media: MakeMedia, tmp_path: Path
) -> None:
    """-f lavfi -i testsrc=size=SIZE:rate=25:duration=5 -c:v mpeg4 -q:v 5"""
    picture = ("-f", "lavfi", "-i", f"testsrc=size={size}:rate=25:duration=5")
    media = open_media(make_media(f"{size}.avi", *picture, *RAW))
    copy = made(media, tmp_path)
    assert copy.width is not None
    assert copy.height is not None
    assert min(copy.width, copy.height) <= 540
    assert media.width is not None
    assert media.height is not None
    shape = media.width / media.height
    assert copy.width / copy.height == pytest.approx(shape, rel=0.02)
    with av.open(str(copy.path)) as container:
        packets = [p for p in container.demux(video=0) if p.is_keyframe and p.size]
        assert [round(float((p.pts or 0) * p.time_base)) for p in packets] == [0, 2, 4]


def test_a_rotated_video_stays_upright(make_media: MakeMedia, tmp_path: Path) -> None:
    """TESTSRC H264, then -display_rotation 90 -i plain.mp4 -c copy"""
    plain = make_media("flat.mp4", *TESTSRC, *FULL_COLOUR)
    turned = make_media("turned.mp4", "-display_rotation", "90", "-i", plain, "-c", "copy")
    media = open_media(turned)
    assert (media.width, media.height) == (180, 320)
    copy = made(media, tmp_path)
    assert (copy.width, copy.height) == (180, 320)


def test_a_copy_with_other_times_is_refused(video_mp4: Path, tmp_path: Path) -> None:
    media = replace(open_media(video_mp4), duration=9.0)
    with pytest.raises(ToolError, match="instead of 9"):
        copy_for_browser(
            media,
            Playback("video", "copy", "video/mp4", "mp4", streams=(0, 1)),
            tmp_path / "made.mp4",
            lambda done: None,
        )
