"""Whole encodes: HDR, other ways to store colours, and encoders other than x264."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.media import open_media
from chapterize.rendering import video
from chapterize.rendering.options import RenderOptions, RenderResult
from chapterize.rendering.program import Encoder
from chapterize.rendering.video import Overlay, RenderJob, render_video
from tests.conftest import MakeMedia
from tests.rendering.hdr import COLOURS, GREYS, make_hdr, shown
from tests.rendering.sources import write_overlay

pytestmark = pytest.mark.slow

HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:qp=8")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "8")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-crf", "5", "-b:v", "0")
BARE = "color_primaries=unknown:color_trc={}:colorspace=unknown:range=unknown"
PLAIN = RenderOptions(hardware=False)


def rendered(
    path: Path, options: RenderOptions = PLAIN, overlay: Path | None = None
) -> RenderResult:
    media = open_media(path)
    chapters = Chapters.from_starts([0], ["One"], media.duration)
    titles = Overlay(overlay, ((0.4, 1.6),)) if overlay else None
    return render_video(RenderJob(media, chapters, options), titles, path.with_name("o.mp4"))


def kind(path: Path) -> tuple[Any, ...]:
    """Pixel format, then primaries, transfer and matrix as numbered in H.273."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        context = container.streams.video[0].codec_context
        return (
            frame.format.name,
            *map(int, (context.color_primaries, context.color_trc, context.colorspace)),
        )


@pytest.mark.parametrize(
    ("transfer", "codec", "tags"),
    [
        ("pq", HEVC, ""),
        ("hlg", HEVC, ""),
        ("pq", H264, ""),
        ("hlg", VP9, ""),
        ("hlg", HEVC, BARE.format("arib-std-b67")),
        ("pq", HEVC, BARE.format("smpte2084")),
    ],
    ids=["pq", "hlg", "pq-h264", "hlg-vp9", "hlg-bare", "pq-bare"],
)
def test_hdr_looks_like_its_sdr_version(
    transfer: str, codec: tuple[str, ...], tags: str, tmp_path: Path
) -> None:
    made = rendered(make_hdr(tmp_path / "hdr.mkv", transfer, *codec, tags=tags))
    assert kind(made.path) == ("yuv420p", 1, 1, 1)
    greys, colours = shown(made.path)
    assert (np.diff(greys) > 0).all()
    # Levels below the knee of the highlights are unchanged; white stays white.
    assert np.abs(greys - GREYS)[:12].max() <= 3
    assert 228 <= greys[-1] <= 242
    assert np.abs(colours[5:] - COLOURS[5:]).max() <= 10
    for pure, wanted in zip(colours[1:5], COLOURS[1:5], strict=True):
        assert pure[np.array(wanted) == 255].min() > 220
        assert pure[np.array(wanted) == 0].max() < 40


def test_highlights_keep_their_steps(tmp_path: Path) -> None:
    folder = tmp_path / "it's, hdr [x]; 50%:"
    folder.mkdir()
    made = rendered(make_hdr(folder / "hdr.mkv", "pq", *HEVC, white=1000.0))
    greys, _ = shown(made.path)
    assert (np.diff(greys) >= 0).all()
    assert len(set(greys[8:].tolist())) >= 6
    assert greys[-1] >= 250


def test_a_title_over_hdr_is_white(tmp_path: Path) -> None:
    overlay = write_overlay(tmp_path / "o.ass", ((0.4, 1.6),))
    text = overlay.read_text(encoding="utf-8").replace(
        "Title", r"{\an7\pos(0,0)\p1}m 0 0 l 80 0 80 60 0 60"
    )
    overlay.write_text(text.replace(",0,3,6,0,5,", ",0,1,0,0,7,"), encoding="utf-8")
    made = rendered(make_hdr(tmp_path / "hdr.mkv", "pq", *HEVC), overlay=overlay)
    greys, _ = shown(made.path, second=1.0)
    assert greys[:6].min() > 252
    assert greys[-1] < 242


@pytest.mark.parametrize(
    "codec",
    [("-c:v", "libx264rgb", "-qp", "1"), ("-c:v", "ffv1", "-pix_fmt", "gbrp"),
     ("-c:v", "png", "-pix_fmt", "pal8")],
    ids=["h264", "ffv1", "palette"],
)  # fmt: skip
def test_rgb_becomes_yuv_that_players_expect(
    codec: tuple[str, ...], make_media: MakeMedia, tmp_path: Path
) -> None:
    """color=0x2060c0 -pix_fmt gbrp CODEC."""
    source = ("-f", "lavfi", "-i", "color=0x2060c0:s=320x180:r=5:d=1,format=gbrp")
    path = make_media(f"rgb-{codec[-1]}.mkv", *source, *codec)
    made = rendered(Path(shutil.copy(path, tmp_path)))
    assert kind(made.path) == ("yuv420p", 1, 1, 1)
    _, colours = shown(made.path)
    assert np.abs(colours - (0x20, 0x60, 0xC0)).max() <= 4


def test_untagged_colours_keep_the_matrix_of_their_size(
    make_media: MakeMedia, tmp_path: Path
) -> None:
    """color -pix_fmt yuv420p -c:v libx264, of 1280x720 and of 640x360."""
    for size, matrix in (("1280x720", 1), ("640x360", 6)):
        source = ("-f", "lavfi", "-i", f"color=red:s={size}:r=5:d=1", "-pix_fmt", "yuv420p")
        path = make_media(f"{size}.mkv", *source, "-c:v", "libx264")
        (tmp_path / size).mkdir()
        moved = Path(shutil.copy(path, tmp_path / size))
        made = rendered(moved, RenderOptions(size="480p", aspect="1:1", hardware=False))
        assert kind(made.path) == ("yuv420p", 2, 2, matrix)


def test_every_encoder_gets_eight_bits(
    make_media: MakeMedia, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """testsrc2 -pix_fmt yuv444p10le -c:v libx264."""
    # In place of a hardware encoder: it would accept 10 bits and 4:4:4.
    deep = Encoder("libx265", (("x265-params", "log-level=error"),))
    monkeypatch.setattr(video, "pick_encoder", lambda hardware: deep)
    source = ("-f", "lavfi", "-i", "testsrc2=s=160x120:r=5:d=1", "-c:v", "libx264")
    path = make_media("deep.mkv", *source, "-pix_fmt", "yuv444p10le")
    made = rendered(Path(shutil.copy(path, tmp_path)), RenderOptions())
    assert open_media(made.path).video_codec == "hevc"
    assert kind(made.path)[0] == "yuv420p"


def test_x264_takes_over_from_an_encoder_that_fails(
    make_media: MakeMedia, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """testsrc2 -pix_fmt yuv444p -c:v libx264."""
    broken = Encoder("h264_nvenc", (("no-such-option", 1),))
    monkeypatch.setattr(video, "pick_encoder", lambda hardware: broken)
    source = ("-f", "lavfi", "-i", "testsrc2=s=160x120:r=5:d=1", "-c:v", "libx264")
    path = make_media("444.mkv", *source, "-pix_fmt", "yuv444p")
    made = rendered(Path(shutil.copy(path, tmp_path)), RenderOptions())
    assert "h264_nvenc failed on this video; x264 was used instead" in made.notes
    assert kind(made.path)[0] == "yuv420p"


def test_x264_takes_over_from_an_encoder_that_drops_frames(
    make_media: MakeMedia, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """testsrc2 -pix_fmt yuv444p -c:v libx264."""
    lossy = Encoder("libx265", (("frames:v", 3),))
    monkeypatch.setattr(video, "pick_encoder", lambda hardware: lossy)
    source = ("-f", "lavfi", "-i", "testsrc2=s=160x120:r=5:d=1", "-c:v", "libx264")
    path = make_media("444.mkv", *source, "-pix_fmt", "yuv444p")
    made = rendered(Path(shutil.copy(path, tmp_path)), RenderOptions())
    assert "libx265 failed on this video; x264 was used instead" in made.notes
    assert open_media(made.path).video_codec == "h264"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".mp4"] == ["o.mp4"]
