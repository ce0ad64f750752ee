from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.errors import InputError
from chapterize.rendering.options import STYLES, RenderOptions
from chapterize.rendering.overlay import plan_fonts
from chapterize.rendering.overlay.fonts import FontPlan
from chapterize.rendering.overlay.lines import Room, fit_lines, measure
from chapterize.rendering.overlay.styles import overlay_notes, overlay_spans, write_overlay
from tests.needs import missing
from tests.rendering.frames import GREY, draw, drawn_box

pytestmark = pytest.mark.slow

SHAPES = [(640, 360), (360, 640), (480, 480)]
LONG = "How the honey bee finds its way home: landmarks, the sun and the waggle dance"


def room(size: float, width: float, n_lines: int = 2) -> Room:
    return Room(width, size, 0.62 * size, n_lines, n_lines)


def one(title: str, end: float = 10.0) -> Chapters:
    return Chapters.from_starts([0.0], [title], end)


def overlay(title: str, style: str = "lower-third", size: tuple[int, int] = (640, 360)) -> str:
    return write_overlay(one(title), RenderOptions(style), *size, fonts=plan_fonts([title]))


def test_a_title_is_shown_in_the_first_seconds_of_its_chapter() -> None:
    chapters = Chapters.from_starts([0, 10, 12, 20], ["a", "b", "", "d"], 30)
    spans = overlay_spans(chapters, RenderOptions(seconds=4))
    assert spans == ((0, 4), (10, 12), (20, 24))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("size", SHAPES)
def test_text_stays_in_the_title_safe_area(
    tmp_path: Path, style: str, size: tuple[int, int]
) -> None:
    frame = draw(overlay(LONG, style, size), tmp_path, *size)
    left, top, right, bottom = drawn_box(frame, above=230)
    width, height = size
    assert 0.1 * width - 1 <= left < right <= 0.9 * width + 1
    assert 0.1 * height - 1 <= top < bottom <= 0.9 * height + 1


@pytest.mark.parametrize("style", ["lower-third", "corner"])
@pytest.mark.parametrize("size", SHAPES)
def test_bars_stay_in_the_action_safe_area(
    tmp_path: Path, style: str, size: tuple[int, int]
) -> None:
    left, top, right, bottom = drawn_box(draw(overlay(LONG, style, size), tmp_path, *size))
    width, height = size
    assert 0.05 * width - 1 <= left < right <= 0.95 * width + 1
    assert 0.05 * height - 1 <= top < bottom <= 0.95 * height + 1


def test_text_below_a_card_is_unreadable(tmp_path: Path) -> None:
    black, white = (
        draw(overlay("Bees", "card"), tmp_path, 640, 360, ground=ground)
        for ground in ("black", "white")
    )
    assert (black == white).all()


def test_a_title_fades_and_is_not_drawn_outside_its_span(tmp_path: Path) -> None:
    ass = overlay("Bees")
    before, full, after = (draw(ass, tmp_path, 640, 360, t) for t in (0.0, 2.0, 4.0))
    fading = draw(ass, tmp_path, 640, 360, 3.9)
    assert (before == GREY).all()
    assert (after == GREY).all()
    assert GREY < int(fading.max()) < int(full.max())


@pytest.mark.parametrize(
    "title",
    [
        r"{\an8}top",
        r"a\Nb\nc\hd",
        r"{\b1}x{\r} \{y\}",
        r"\\N \{ \} {{}}",
        r"100% %{pts}: 'a', \"b\"; [c]=#d",
    ],
)
def test_markup_is_drawn_as_text(tmp_path: Path, title: str) -> None:
    """The line is as wide as its glyphs, on one line, and at its place."""
    plan = plan_fonts([title])
    lines = fit_lines(title, plan, room(360 * 0.056, 640 * 0.6))
    assert lines.texts == (title,)
    left, top, right, bottom = drawn_box(draw(overlay(title), tmp_path, 640, 360), above=200)
    assert right - left == pytest.approx(lines.width, abs=4)
    assert bottom - top < 1.4 * lines.size
    assert top > 360 / 2  # {\an8} would have moved it up


@pytest.mark.parametrize("command", ["N", "n", "h", "{", "}"])
def test_a_backslash_is_drawn_like_any_other_glyph(tmp_path: Path, command: str) -> None:
    """``\\N`` has the same pixels as a backslash and an N that are two words of one line."""
    title = f"x\\{command}x"
    plan = plan_fonts([title])
    whole = draw(overlay(title), tmp_path, 640, 360)
    ink = {part: measure(part, plan).width * 360 * 0.056 for part in ("x\\", title)}
    left, _, right, _ = drawn_box(whole, above=200)
    assert right - left == pytest.approx(ink[title], abs=3)
    alone = draw(overlay("x\\"), tmp_path, 640, 360)
    cut = round(left + ink["x\\"]) - 3
    assert np.abs(whole[:, left:cut].astype(int) - alone[:, left:cut]).mean() < 1.5


def test_line_breaks_in_a_title_are_kept() -> None:
    plan = plan_fonts(["One\nTwo"])
    assert fit_lines("One\nTwo", plan, room(20, 400)).texts == ("One", "Two")
    many = fit_lines("a\nb\nc", plan_fonts(["a b c"]), room(20, 400))
    assert many.texts == ("a b c",)


def test_long_titles_are_wrapped_evenly_then_shrunk_then_shortened() -> None:
    plan = plan_fonts([LONG])
    wide = fit_lines(LONG, plan, room(20, 600, 3))
    assert len(wide.texts) == 2
    assert " ".join(wide.texts) == LONG
    assert min(wide.widths) > 0.8 * max(wide.widths)
    small = fit_lines(LONG, plan, room(20, 300))
    assert 12 < small.size < 20
    assert not small.is_cut
    cut = fit_lines(LONG, plan, room(20, 150))
    assert cut.is_cut
    assert cut.texts[-1].endswith("…")
    assert max(cut.widths) <= 150
    word = plan_fonts(["x"])
    assert len(fit_lines("x" * 300, word, room(20, 150)).texts) == 2


def test_a_shortened_title_and_a_short_span_are_reported() -> None:
    chapters = Chapters.from_starts([0, 9.5], [LONG * 4, "b"], 10)
    plan = plan_fonts(chapters.titles)
    cut, short = overlay_notes(chapters, RenderOptions(), 640, 360, fonts=plan)
    assert "was shortened" in cut
    assert "0.50 s" in short


def planned(title: str) -> FontPlan:
    try:
        return plan_fonts([title])
    except InputError:
        pytest.skip(missing("a font with Arabic and Japanese script"))


def test_a_title_from_right_to_left_is_mirrored(tmp_path: Path) -> None:
    title = "كيف تجد النحلة طريقها"
    plan = planned(title)
    ass = write_overlay(one(title), RenderOptions(), 640, 360, fonts=plan)
    frame = draw(ass, tmp_path, 640, 360)
    _, _, right, _ = drawn_box(frame)
    left = drawn_box(frame, above=220)[0]
    assert 0.88 * 640 < right <= 0.95 * 640 + 1
    line = fit_lines(title, plan, room(360 * 0.056, 640 * 0.6))
    assert left == pytest.approx(0.9 * 640 - line.width, abs=6)


def test_text_without_spaces_is_broken_between_characters() -> None:
    title = "蜜蜂はどうやって巣に帰るのか。太陽と八の字ダンス"
    lines = fit_lines(title, planned(title), room(20, 320))
    assert "".join(lines.texts) == title
    assert len(lines.texts) == 2
    assert not lines.texts[1].startswith("。")
