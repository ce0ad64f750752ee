"""On a machine without any font, titles are drawn with the font embedded in the ASS file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.errors import InputError
from chapterize.media import open_media
from chapterize.rendering import render
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.overlay import font_files, plan_fonts, write_overlay
from tests.conftest import H264, TESTSRC, MakeMedia
from tests.rendering.frames import GREY, draw, shown_at

pytestmark = pytest.mark.slow

EMPTY = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>'
TITLE = "Über Bees"


@pytest.fixture(params=["fontconfig", "no fontconfig"])
def no_fonts(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither fontconfig (also inside ffmpeg) nor a search of the folders finds a font."""
    configuration = tmp_path / "fonts.conf"
    configuration.write_text(EMPTY, encoding="utf-8")
    monkeypatch.setenv("FONTCONFIG_FILE", str(configuration))
    for name in ("HOME", "FONTCONFIG_PATH", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr(font_files, "_folders", list)
    if request.param == "no fontconfig":
        monkeypatch.setattr(font_files, "_listed", lambda pattern: None)


def overlay() -> str:
    chapters = Chapters.from_starts([0.0], [TITLE], 10.0)
    return write_overlay(chapters, RenderOptions(), 640, 360, fonts=plan_fonts([TITLE]))


@pytest.fixture
def with_fonts(tmp_path: Path) -> np.ndarray:
    """The title as drawn on this machine, with its fonts."""
    return draw(overlay(), tmp_path, 640, 360)


def test_a_title_has_the_same_pixels_as_with_fonts_installed(
    with_fonts: np.ndarray, no_fonts: None, tmp_path: Path
) -> None:
    assert np.array_equal(draw(overlay(), tmp_path, 640, 360), with_fonts)


@pytest.mark.usefixtures("no_fonts")
def test_the_embedded_font_draws_the_letters(tmp_path: Path) -> None:
    """Without it nothing is drawn: there is no fallback font."""
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
    made = render(media, chapters, tmp_path / "o.mp4", RenderOptions(seconds=1.0))
    during, after = shown_at(made.path, 0.5), shown_at(made.path, 1.2)
    assert (during > 180).sum() > 50
    assert (after > 180).sum() == 0


@pytest.mark.usefixtures("no_fonts")
def test_a_script_that_the_font_lacks_is_refused_before_rendering(
    video_mp4: Path, tmp_path: Path
) -> None:
    media = open_media(video_mp4)
    chapters = Chapters.from_starts([0], ["ようこそ"], media.duration)
    folder = tmp_path / "made"
    folder.mkdir()
    with pytest.raises(InputError, match="HIRAGANA LETTER YO") as caught:
        render(media, chapters, folder / "o.mp4", RenderOptions())
    assert "--font FILE" in caught.value.hint
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("no_fonts")
def test_no_family_is_installed_but_the_bundled_one() -> None:
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
