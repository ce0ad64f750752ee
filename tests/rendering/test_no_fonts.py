"""On a machine without any font, titles are drawn in the one that the ASS file holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.errors import InputError
from chapterize.media import open_media
from chapterize.rendering.frame import VideoOptions
from chapterize.rendering.overlay import OverlayOptions, font_files, plan_fonts, write_overlay
from chapterize.rendering.titled import render_titled
from tests.conftest import H264, TESTSRC, MakeMedia
from tests.rendering.frames import GREY, draw, shown_at

pytestmark = pytest.mark.slow

EMPTY = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>'
TITLE = "Über Bees"


@pytest.fixture(params=["fontconfig", "no fontconfig"])
def no_fonts(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """What fontconfig, also that inside ffmpeg, and a search of the folders find: nothing."""
    configuration = tmp_path / "fonts.conf"
    configuration.write_text(EMPTY, encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(configuration))
    for name in ("HOME", "FONTCONFIG_PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(font_files, "_folders", list)
    caches = (font_files._listed, font_files._scanned)
    if request.param == "no fontconfig":
        monkeypatch.setattr(font_files, "_listed", lambda pattern: None)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


def overlay() -> str:
    chapters = Chapters.from_starts([0.0], [TITLE], 10.0)
    return write_overlay(chapters, OverlayOptions(), 640, 360, fonts=plan_fonts([TITLE]))


@pytest.fixture
def among_fonts(tmp_path: Path) -> np.ndarray:
    """The title as it is drawn with whatever fonts this machine has."""
    return draw(overlay(), tmp_path, 640, 360)


def test_a_title_has_the_same_pixels_as_among_fonts(
    among_fonts: np.ndarray, no_fonts: None, tmp_path: Path
) -> None:
    assert np.array_equal(draw(overlay(), tmp_path, 640, 360), among_fonts)


@pytest.mark.usefixtures("no_fonts")
def test_it_is_the_font_inside_that_draws_the_letters(tmp_path: Path) -> None:
    """Without it nothing is drawn at all: no other font is there to stand in."""
    head, _, rest = overlay().partition("[Fonts]")
    without = draw(head + rest[rest.index("[Events]") :], tmp_path, 640, 360)
    assert (without == GREY).all()
    assert (draw(overlay(), tmp_path, 640, 360) > 200).sum() > 100


@pytest.mark.usefixtures("no_fonts")
def test_a_video_gets_its_title(make_media: MakeMedia, tmp_path: Path) -> None:
    """TESTSRC made dark, H264 -g 10."""
    dark = ("-vf", "lutyuv=y=val/4")
    media = open_media(make_media("dark.mp4", *TESTSRC, *dark, *H264, "-g", "10"))
    chapters = Chapters.from_starts([0], [TITLE], media.duration)
    made = render_titled(
        media, chapters, tmp_path / "o.mp4", OverlayOptions(seconds=1.0), VideoOptions()
    )
    during, after = shown_at(made.path, 0.5), shown_at(made.path, 1.2)
    assert (during > 180).sum() > 50
    assert (after > 180).sum() == 0


@pytest.mark.usefixtures("no_fonts")
def test_a_script_that_the_font_lacks_is_refused_before_anything_is_rendered(
    video_mp4: Path, tmp_path: Path
) -> None:
    media = open_media(video_mp4)
    chapters = Chapters.from_starts([0], ["ようこそ"], media.duration)
    folder = tmp_path / "made"
    folder.mkdir()
    with pytest.raises(InputError, match="HIRAGANA LETTER YO") as caught:
        render_titled(media, chapters, folder / "o.mp4", OverlayOptions(), VideoOptions())
    assert "--font FILE" in caught.value.hint
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("no_fonts")
def test_a_family_is_not_installed_save_the_one_that_comes_along() -> None:
    with pytest.raises(InputError, match="no font of that family is installed") as caught:
        plan_fonts([TITLE], "DejaVu Sans")
    assert "'DejaVu Sans'" in caught.value.what
    assert "path of a font file" in caught.value.hint
    assert plan_fonts([TITLE], "Inter").families == ("Inter",)


@pytest.mark.usefixtures("no_fonts")
def test_a_font_file_needs_no_installation(tmp_path: Path) -> None:
    own = tmp_path / "own.ttf"
    own.write_bytes(font_files.bundled_font().path.read_bytes())
    plan = plan_fonts([TITLE], str(own))
    assert plan.faces[0].letters >= set(TITLE)
