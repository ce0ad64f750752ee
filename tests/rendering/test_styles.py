from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.errors import InputError
from chapterize.rendering.options import STYLES, RenderOptions
from chapterize.rendering.overlay import overlay_notes, plan_fonts, write_overlay
from chapterize.rendering.overlay.ass import contrast
from tests.needs import missing
from tests.rendering.frames import GREY, draw, draw_over, drawn_box

pytestmark = pytest.mark.slow

LONG = "How the honey bee finds its way home: landmarks, the sun and the waggle dance"
GERMAN = "Die Donaudampfschifffahrtsgesellschaft und die Kraftfahrzeughaftpflichtversicherung"
SHAPES = [(640, 360), (360, 640), (480, 480), (480, 360)]


def overlay(title: str, options: RenderOptions, size: tuple[int, int]) -> str:
    chapters = Chapters.from_starts([0.0, 10.0, 20.0], [title, "", ""], 30.0)
    return write_overlay(chapters, options, *size, fonts=plan_fonts([title]))


def backgrounds(width: int, height: int) -> dict[str, Any]:
    """White, black, noise in blocks of eight pixels, lines of black on white like text."""
    random = np.random.default_rng(0)
    blocks = random.integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    lined = np.full((height, width, 3), 255, np.uint8)
    lined[(np.arange(height) % 12 < 5)[:, None] & (np.arange(width) % 7 < 4)] = 0
    return {
        "white": np.full((height, width, 3), 255, np.uint8),
        "black": np.zeros((height, width, 3), np.uint8),
        "noise": np.repeat(np.repeat(blocks, 8, 0), 8, 1),
        "lined": lined,
    }


def luminance(image: Any) -> Any:
    """Relative luminance (WCAG 2.2), shape (height, width)."""
    part = image / 255.0
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("ground", ["white", "black", "noise", "lined"])
@pytest.mark.parametrize("style", STYLES)
def test_text_has_contrast_on_every_background(tmp_path: Path, style: str, ground: str) -> None:
    """The area where a frame with text differs from one without is text and its surroundings."""
    size = (640, 360)
    image = backgrounds(*size)[ground]
    options = RenderOptions(style, accent="#003060")
    ass = overlay("Bees find home", options, size)
    text = luminance(draw_over(ass, tmp_path, image))
    bare = "\n".join(line for line in ass.splitlines() if not line.startswith("Dialogue: 2"))
    ground_below = luminance(draw_over(bare, tmp_path, image))
    rows, columns = np.nonzero(text - ground_below > 0.5)
    box = (slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1))
    ratio = (text[box].max() + 0.05) / (ground_below[box].max() + 0.05)
    assert ratio >= 10
    assert np.ptp(ground_below[box]) < 0.03  # what is below can hardly be seen


@pytest.mark.parametrize("size", SHAPES)
def test_a_lower_third_is_above_what_players_cover(tmp_path: Path, size: tuple[int, int]) -> None:
    width, height = size
    frame = draw(overlay(LONG, RenderOptions(), size), tmp_path, width, height)
    below = 1 - drawn_box(frame)[3] / height
    assert below == pytest.approx(0.25 if height > width else 0.11, abs=0.005)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("title", [LONG * 4, GERMAN, "x" * 300, "https://" + "a/" * 80])
def test_text_never_gets_too_small_nor_leaves_the_frame(
    tmp_path: Path, style: str, size: tuple[int, int], title: str
) -> None:
    width, height = size
    ass = overlay(title, RenderOptions(style, numbers=True), size)
    sizes = {float(part.partition("}")[0]) for part in ass.split(r"{\fs")[1:]}
    assert min(sizes) / 1.2 >= 0.042 * min(size) - 0.1  # ASS counts whole lines
    left, top, right, bottom = drawn_box(draw(ass, tmp_path, width, height), above=200)
    assert 0.1 * width - 1 <= left < right <= 0.9 * width + 1
    assert 0.1 * height - 1 <= top < bottom <= 0.9 * height + 1


def test_a_title_is_shortened_at_a_word_and_reported() -> None:
    chapters = Chapters.from_starts([0.0], [LONG * 4], 10.0)
    plan = plan_fonts(chapters.titles)
    ass = write_overlay(chapters, RenderOptions(), 640, 360, fonts=plan)
    last = [line for line in ass.splitlines() if line.startswith("Dialogue: 2")][-1]
    shown = last.rpartition("}")[2].lstrip("\u200e")
    assert shown.endswith("…")
    assert shown.removesuffix("…").split()[-1] in LONG.replace(":", "").replace(",", "").split()
    assert "was shortened" in overlay_notes(chapters, RenderOptions(), 640, 360, fonts=plan)[0]


def test_long_words_are_hyphenated_in_the_language_of_the_titles() -> None:
    ass = overlay(GERMAN, RenderOptions(language="de"), (360, 640))
    assert "Donaudampfschifffahrts-" in ass
    assert "Kraftfahr-" in ass


@pytest.mark.parametrize("style", STYLES)
def test_the_number_is_a_small_second_line(tmp_path: Path, style: str) -> None:
    plain, numbered = (
        overlay("Bees", RenderOptions(style, numbers=on), (640, 360)) for on in (False, True)
    )
    assert "1 / 3" in numbered
    assert "1 / 3" not in plain
    sizes = [float(part.partition("}")[0]) for part in numbered.split(r"{\fs")[1:]]
    assert sizes[-1] < sizes[0]
    boxes = [drawn_box(draw(ass, tmp_path, 640, 360), above=150) for ass in (plain, numbered)]
    assert boxes[1][3] - boxes[1][1] > boxes[0][3] - boxes[0][1]


def test_a_dark_accent_is_not_used_for_text() -> None:
    for accent, shown in (("#003060", "&HFFFFFF&"), ("#ffcc00", "&H00CCFF&")):
        ass = overlay("Bees", RenderOptions(accent=accent, numbers=True), (640, 360))
        [line] = [line for line in ass.splitlines() if "1 / 3" in line]
        assert shown in line


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#fff", "#000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_titles_can_be_shown_at_other_times() -> None:
    chapters = Chapters.from_starts([0, 10, 20], ["a", "", "c"], 30)
    options, plan = RenderOptions(numbers=True), plan_fonts(["a", "c"])
    ass = write_overlay(chapters, options, 640, 360, fonts=plan, spans=[(0, 5), (5, 9)])
    [last] = [line for line in ass.splitlines() if "3 / 3" in line]
    assert "0:00:05.00,0:00:09.00" in last


@pytest.mark.parametrize("title", ["蜜蜂はどうやって巣に帰るのか。太陽と八の字ダンス"])
def test_japanese_lines_end_between_phrases(title: str) -> None:
    try:
        ass = overlay(title, RenderOptions(), (640, 360))
    except InputError:
        pytest.skip(missing("a font with Japanese script"))
    lines = [line for line in ass.splitlines() if line.startswith("Dialogue: 2")]
    assert lines[1].endswith("太陽と八の字ダンス")


def test_the_whole_frame_is_grey_again_after_a_card(tmp_path: Path) -> None:
    ass = overlay("Bees", RenderOptions("card", seconds=1), (640, 360))
    assert (draw(ass, tmp_path, 640, 360, second=1.5) == GREY).all()
