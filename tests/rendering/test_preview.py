from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.errors import InputError, OutputError
from chapterize.media import open_media
from chapterize.rendering.options import FILLS, RenderOptions
from chapterize.rendering.preview import make_preview
from chapterize.rendering.video import RenderJob
from tests.conftest import MakeMedia
from tests.rendering.hdr import make_hdr

pytestmark = pytest.mark.slow

COLOURS = ("red", "green", "blue")


@pytest.fixture(scope="module")
def three_colours(make_media: MakeMedia) -> Path:
    """2 s each of red, green and blue, a keyframe every 10 s."""
    sources = [
        part
        for colour in COLOURS
        for part in ("-f", "lavfi", "-i", f"color={colour}:s=160x90:r=25:d=2")
    ]
    options = (
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "250",
        "-sc_threshold",
        "0",
    )
    return make_media("colours.mp4", *sources, "-filter_complex", "concat=n=3:v=1:a=0", *options)


def read(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_each_title_is_drawn_over_its_own_frame(three_colours: Path, tmp_path: Path) -> None:
    chapters = Chapters.from_starts([0, 2, 4], ["One", "Two", "Three"], 6)
    target = tmp_path / "it's [a], preview.png"
    options = RenderOptions(seconds=1)
    make_preview(RenderJob(open_media(three_colours), chapters, options), target)
    sheet = read(target)
    tile_width, tile_height = 960, 540
    for number in range(3):
        column, row = number % 2, number // 2
        x = 16 + column * (tile_width + 16)
        y = 16 + row * (tile_height + sheet_strip(sheet) + 16)
        tile = sheet[y : y + tile_height, x : x + tile_width]
        assert int(tile[20, 900].argmax()) == number
        assert (tile[tile_height // 2 :].min(axis=2) > 200).any()  # the title
        below = sheet[y + tile_height : y + tile_height + sheet_strip(sheet), x : x + tile_width]
        assert (below.min(axis=2) > 150).any()  # the time


def sheet_strip(sheet: np.ndarray) -> int:
    return (int(sheet.shape[0]) - 3 * 16) // 2 - 540


@pytest.mark.parametrize("fill", FILLS)
def test_another_aspect_ratio_is_shown_as_it_will_be_filled(
    fill: str, three_colours: Path, tmp_path: Path
) -> None:
    target = tmp_path / "preview.png"
    media, chapters = open_media(three_colours), Chapters.from_starts([0], ["One"], 6)
    options = RenderOptions("corner", aspect="9:16", fill=fill)
    make_preview(RenderJob(media, chapters, options), target)
    sheet = read(target)
    assert sheet.shape[1] == 540 + 32
    red = int(sheet[900, 280, 0])
    assert (red < 20) if fill == "bars" else (100 < red < 150)
    assert sheet[480, 280, 0] > 240


def test_pixels_that_are_not_square_are_shown_square(make_media: MakeMedia, tmp_path: Path) -> None:
    """ffmpeg -f lavfi -i color=red:s=90x90:d=2 -vf setsar=16/9 wide.mp4"""
    source = ("-f", "lavfi", "-i", "color=red:s=90x90:r=25:d=2", "-vf", "setsar=16/9")
    media = open_media(make_media("wide.mp4", *source, "-c:v", "libx264", "-pix_fmt", "yuv420p"))
    chapters, target = Chapters.from_starts([0], ["One"], 2), tmp_path / "preview.png"
    make_preview(RenderJob(media, chapters, RenderOptions("corner", fill="bars")), target)
    sheet = read(target)
    assert sheet.shape[1] == 960 + 32
    assert sheet[300, [20, 960]].min(axis=0)[0] > 240


@pytest.mark.parametrize(("start", "colour"), [(3.95, "blue"), (3.6, "green"), (5.6, "blue")])
def test_a_title_is_drawn_over_a_frame_of_its_own_time(
    start: float, colour: str, three_colours: Path, tmp_path: Path
) -> None:
    chapters = Chapters.from_starts([0, start], ["One", "Two"], 6)
    target = tmp_path / "preview.png"
    options = RenderOptions(seconds=0.3)
    make_preview(RenderJob(open_media(three_colours), chapters, options), target)
    sheet = read(target)
    assert int(sheet[40, 100].argmax()) == COLOURS.index("red")
    assert int(sheet[40, 16 + 960 + 16 + 900].argmax()) == COLOURS.index(colour)


def test_hdr_is_shown_in_sdr_colours(tmp_path: Path) -> None:
    """make_hdr: PQ, 10-bit H.264."""
    path = make_hdr(tmp_path / "hdr.mkv", "pq", "-c:v", "libx264", "-preset", "ultrafast")
    chapters, target = Chapters.from_starts([0], ["One"], 2), tmp_path / "preview.png"
    make_preview(RenderJob(open_media(path), chapters, RenderOptions("corner")), target)
    sheet = read(target)[16:, 16:]
    # SDR grey 153, and a brown, at three times the size of the source.
    assert np.abs(sheet[200, 9 * 60 + 30].astype(int) - 153).max() <= 4
    assert np.abs(sheet[400, 6 * 120 + 60].astype(int) - (141, 85, 36)).max() <= 12


def test_nothing_to_show_is_an_error(three_colours: Path, tmp_path: Path) -> None:
    media, target = open_media(three_colours), tmp_path / "preview.png"
    with pytest.raises(InputError, match="no chapter has a title"):
        make_preview(RenderJob(media, Chapters.from_starts([0], [" "], 6), RenderOptions()), target)
    chapters = Chapters.from_starts([0], ["One"], 6)
    silent = replace(media, has_video=False)
    with pytest.raises(InputError, match="no video"):
        make_preview(RenderJob(silent, chapters, RenderOptions()), target)
    target.write_bytes(b"mine")
    with pytest.raises(OutputError):
        make_preview(RenderJob(media, chapters, RenderOptions()), target)
    assert target.read_bytes() == b"mine"
