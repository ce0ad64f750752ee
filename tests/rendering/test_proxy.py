"""The proxy: never larger than planned, and as long as the video."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Media
from chapterize.errors import ToolError
from chapterize.ffmpeg import open_container
from chapterize.media import open_media
from chapterize.rendering.proxy import make_proxy, plan_proxy
from tests.conftest import AAC, SINE, MakeMedia

LIMIT = 500_000_000


@pytest.fixture(scope="module")
def busy_mp4(make_media: MakeMedia) -> Path:
    """Noise in an odd size, which is hard to encode: 6 s of 643 x 481 in some megabytes."""
    noise = ("-f", "lavfi", "-i", "nullsrc=size=643x481:rate=10:duration=6,geq=random(1)*255")
    h264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", "-qp", "30")
    return make_media("busy.mp4", *noise, *SINE, *h264, *AAC)


def lasting(media: Media, seconds: float, size_bytes: int = LIMIT + 1) -> Media:
    return replace(media, duration=seconds, size_bytes=size_bytes)


@pytest.mark.parametrize("hours", [0.1, 0.5, 1, 2, 3, 4])
@pytest.mark.parametrize("limit", [20_000_000, LIMIT])
def test_a_plan_stays_below_the_limit(hours: float, limit: int, video_mp4: Path) -> None:
    media = lasting(open_media(video_mp4), hours * 3600)
    proxy = plan_proxy(media, limit)
    if proxy is None:
        # There is no room for 200 kbit/s of video.
        assert limit * 8 / media.duration < 360_000
    else:
        assert proxy.size_bytes <= limit
        assert (proxy.video_rate + proxy.audio_rate) * media.duration / 8 < proxy.size_bytes


def test_less_room_gives_fewer_lines_and_then_none(video_mp4: Path) -> None:
    media = replace(open_media(video_mp4), height=1080)
    plans = [plan_proxy(lasting(media, hours * 3600), LIMIT) for hours in (1, 3, 9)]
    assert [proxy and proxy.height for proxy in plans] == [720, 360, None]


def test_a_small_video_is_not_scaled_up(video_mp4: Path) -> None:
    proxy = plan_proxy(open_media(video_mp4), LIMIT)
    assert proxy is not None
    assert proxy.height == 180


def test_an_audio_file_has_no_proxy(audio_wav: Path) -> None:
    assert plan_proxy(open_media(audio_wav), LIMIT) is None


@pytest.mark.slow
def test_a_proxy_has_the_same_duration_an_even_size_and_no_more_bytes(
    busy_mp4: Path, tmp_path: Path
) -> None:
    media = open_media(busy_mp4)
    limit = media.size_bytes // 3
    proxy = plan_proxy(media, limit)
    assert proxy is not None
    reported: list[float] = []
    target = tmp_path / "proxy.mp4"
    make_proxy(media, proxy, target, lambda stage, done: reported.append(done))
    made = open_media(target)
    assert target.stat().st_size <= proxy.size_bytes <= limit
    assert made.duration == pytest.approx(media.duration, abs=0.1)
    assert made.has_video
    assert made.has_audio
    assert reported
    assert reported == sorted(reported)
    assert reported[-1] <= 1.0
    with open_container(target) as container:
        stream = container.streams.video[0]
        assert (stream.width % 2, stream.height % 2) == (0, 0)
        assert stream.height <= 481
        assert sum(1 for _ in container.decode(stream)) >= 59


def test_a_video_without_audio_has_a_proxy_without_audio(
    video_only_mp4: Path, tmp_path: Path
) -> None:
    media = open_media(video_only_mp4)
    proxy = plan_proxy(media, LIMIT)
    assert proxy is not None
    assert proxy.audio_rate == 0
    make_proxy(media, proxy, tmp_path / "made.mp4")
    assert not open_media(tmp_path / "made.mp4").has_audio


def test_a_proxy_that_is_too_large_is_an_error(video_mp4: Path, tmp_path: Path) -> None:
    media = open_media(video_mp4)
    proxy = plan_proxy(media, LIMIT)
    assert proxy is not None
    with pytest.raises(ToolError, match="larger than planned") as failed:
        make_proxy(media, replace(proxy, size_bytes=1000), tmp_path / "made.mp4")
    assert "--local-only" in failed.value.hint
