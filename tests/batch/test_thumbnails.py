from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chapterize.batch.thumbnails import MOST_BYTES, thumbnail
from chapterize.media import open_media
from tests.conftest import MakeMedia
from tests.rendering.hdr import make_hdr

H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast")


def pixels(address: str) -> Any:
    """The thumbnail as an array, shape (height, width, 3)."""
    import av

    kind, _, text = address.partition(",")
    assert kind == "data:image/jpeg;base64"
    content = b64decode(text, validate=True)
    assert len(content) <= MOST_BYTES
    with av.open(BytesIO(content), "r", format="jpeg_pipe") as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_it_fits_in_a_small_box(video_mp4: Path) -> None:
    media = open_media(video_mp4)
    height, width, _ = pixels(thumbnail(media)).shape
    assert media.width is not None
    assert media.height is not None
    assert height == 135 or width == 240
    assert height <= 135
    assert width / height == pytest.approx(media.width / media.height, rel=0.02)


def test_the_frame_with_most_detail_is_taken(make_media: MakeMedia) -> None:
    """color=black:d=12 then testsrc2:d=4 then color=black:d=4, a keyframe every second"""
    parts = "color=black:s=320x180:d=12[a];testsrc2=s=320x180:d=4[b];color=black:s=320x180:d=4[c]"
    joined = f"{parts};[a][b][c]concat=n=3"
    media = make_media("dark.mp4", "-f", "lavfi", "-i", joined, "-r", "5", *H264, "-g", "5")
    assert pixels(thumbnail(open_media(media))).std() > 40


def test_a_frame_full_of_noise_stays_small(make_media: MakeMedia) -> None:
    """color=gray,noise=alls=100:allf=t"""
    noise = "color=gray:s=640x360:d=2,noise=alls=100:allf=t"
    media = make_media("noise.mp4", "-f", "lavfi", "-i", noise, *H264)
    assert pixels(thumbnail(open_media(media))).shape == (135, 240, 3)


def test_a_phone_video_stands_upright(make_media: MakeMedia) -> None:
    """-display_rotation 90 -i testsrc2.mp4 -c copy"""
    flat = make_media("flat.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:d=1", *H264)
    media = make_media("phone.mp4", "-display_rotation", "90", "-i", flat, "-c", "copy")
    height, width, _ = pixels(thumbnail(open_media(media))).shape
    assert (width, height) == (76, 135)


def test_a_single_keyframe_is_enough(make_media: MakeMedia) -> None:
    """testsrc2:d=30 -g 9999 -f mpegts: no index, and one keyframe"""
    options = ("-g", "9999", "-sc_threshold", "0")
    source = "testsrc2=s=320x180:d=30"
    media = make_media("long.ts", "-f", "lavfi", "-i", source, *H264, *options)
    assert pixels(thumbnail(open_media(media))).shape == (135, 240, 3)


def test_wide_pixels_are_drawn_wide(make_media: MakeMedia) -> None:
    """testsrc2=s=360x288,setsar=64/45 (PAL, 16:9)"""
    wide = "testsrc2=s=360x288:d=1,setsar=64/45"
    media = make_media("pal.mp4", "-f", "lavfi", "-i", wide, *H264)
    assert pixels(thumbnail(open_media(media))).shape[:2] == (135, 240)


def test_hdr_is_shown_with_the_colours_of_sdr(tmp_path: Path) -> None:
    options = ("-c:v", "libx265", "-x265-params", "log-level=none", "-tag:v", "hvc1")
    media = open_media(make_hdr(tmp_path / "hdr.mp4", "pq", *options))
    # The chart has black and white; without a conversion, white would be a dark grey.
    assert np.percentile(pixels(thumbnail(media)), 99) > 200


def test_audio_and_captions_have_none(audio_only_m4a: Path) -> None:
    assert thumbnail(open_media(audio_only_m4a)) == ""


@pytest.mark.parametrize(
    "break_it", [Path.unlink, lambda path: path.write_bytes(b"\0" * 5000)], ids=["gone", "damaged"]
)
def test_a_file_that_breaks_meanwhile_has_none(
    video_mp4: Path, tmp_path: Path, break_it: Callable[[Path], object]
) -> None:
    copy = tmp_path / "talk.mp4"
    copy.write_bytes(video_mp4.read_bytes())
    media = open_media(copy)
    break_it(copy)
    assert thumbnail(media) == ""


def test_a_wrong_duration_does_no_harm(video_mp4: Path) -> None:
    media = open_media(video_mp4)
    assert thumbnail(replace(media, duration=1e6))
