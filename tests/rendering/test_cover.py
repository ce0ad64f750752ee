from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.media import open_media
from chapterize.rendering.cover import find_cover, is_still
from tests.conftest import SINE, MakeMedia
from tests.rendering.covers import cover


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("c.mp3", ("-c:v", "png")),
        ("c.m4a", ("-c:v", "mjpeg")),
        ("c.flac", ("-c:v", "png", "-pix_fmt", "gray16be")),
        ("c.mp3", ("-c:v", "bmp")),
    ],
)
def test_covers_of_all_kinds_are_found(
    name: str, codec: tuple[str, ...], make_media: MakeMedia
) -> None:
    source = make_media(f"{codec[1]}-{name}", *SINE, *cover("64x48", *codec))
    found = find_cover(source)
    assert found is not None
    assert found.shape == (48, 64, 3)


def test_an_audio_file_without_cover_has_none(audio_mp3: Path) -> None:
    assert find_cover(audio_mp3) is None
    assert is_still(open_media(audio_mp3))


@pytest.mark.slow
def test_a_large_cover_is_scaled_down(make_media: MakeMedia) -> None:
    found = find_cover(make_media("large.mp3", *SINE, *cover("6000x3000", "-c:v", "png")))
    assert found is not None
    assert found.shape == (1080, 2160, 3)


@pytest.mark.slow
def test_a_video_is_no_still_image(video_mp4: Path) -> None:
    assert not is_still(open_media(video_mp4))
