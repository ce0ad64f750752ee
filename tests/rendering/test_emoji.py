from __future__ import annotations

import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chapterize.data import Chapters
from chapterize.errors import InputError
from chapterize.rendering.options import STYLES, RenderOptions
from chapterize.rendering.overlay import emoji, font_files, fonts, plan_fonts
from chapterize.rendering.overlay.clusters import clean_title, clusters, is_colour_emoji
from chapterize.rendering.overlay.emoji import EmojiFace
from chapterize.rendering.overlay.emoji_shapes import UNITS, layers_of, outline
from chapterize.rendering.overlay.font_cut import cut_face
from chapterize.rendering.overlay.font_files import FontFile, bundled_font
from chapterize.rendering.overlay.fonts import FontPlan
from chapterize.rendering.overlay.lines import Room, fit_lines, measure
from chapterize.rendering.overlay.styles import write_overlay
from chapterize.rendering.program import DRAWS_TITLES, find_program
from tests.needs import missing
from tests.rendering.colour_fonts import BLUE, GREEN, HALVES, KINDS, RED, colour_font

pytestmark = pytest.mark.slow

WIDTH, HEIGHT = 1280, 720
SIZE = 5.6 * HEIGHT / 100  # pixels to one em of a lower third
Colours = NDArray[np.int16]


@pytest.fixture(autouse=True)
def small_emoji(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small font, of the kind that the test names, is the only colour font."""
    kind = getattr(request, "param", "COLRv0")
    file = FontFile(colour_font(tmp_path / "emoji.ttf", kind), family="Small Emoji")
    monkeypatch.setattr(emoji, "colour_fonts", lambda: (file,))


def overlay(title: str, plan: FontPlan, style: str = "lower-third") -> str:
    chapters = Chapters.from_starts([0.0], [title], 10.0)
    return write_overlay(chapters, RenderOptions(style), WIDTH, HEIGHT, fonts=plan)


def drawn(ass: str, folder: Path, second: float = 2.0) -> Colours:
    """The frame at `second` over grey: shape (height, width, 3)."""
    path = folder / "drawn.ass"
    path.write_text(ass, encoding="utf-8")
    source = f"color=c=0x808080:s={WIDTH}x{HEIGHT}:r=50:d=1"
    filters = f"format=rgb24,setpts=PTS+{second}/TB,ass=f={path.as_posix()},format=rgb24"
    command = [find_program(DRAWS_TITLES), "-nostdin", "-loglevel", "error", "-f", "lavfi"]
    command += ["-i", source, "-vf", filters, "-frames:v", "1", "-f", "rawvideo", "-"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return np.frombuffer(done.stdout, np.uint8).reshape(HEIGHT, WIDTH, 3).astype(np.int16)


def box_of(frame: Colours, *colours: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the pixels that have one of `colours`."""
    near = [np.abs(frame - np.array(colour)).max(2) < 24 for colour in colours]
    rows, columns = np.nonzero(np.logical_or.reduce(near))
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def columns_with_text(frame: Colours) -> NDArray[np.bool_]:
    """Whether each column has a white pixel."""
    return np.asarray(frame.min(2).max(0) > 240)


def planned(title: str) -> FontPlan:
    try:
        return plan_fonts([title])
    except InputError:
        pytest.skip(missing("a font with Arabic and Japanese script"))


@pytest.mark.parametrize("small_emoji", KINDS, indirect=True)
def test_an_emoji_has_its_colours_at_its_place_in_the_line(tmp_path: Path) -> None:
    title = "🚀 Launch"
    plan = plan_fonts([title])
    frame = drawn(overlay(title, plan), tmp_path)
    ink = measure("🚀", plan)
    upper, lower = box_of(frame, GREEN), box_of(frame, RED)
    left = 0.1 * WIDTH
    for half in (upper, lower):
        assert (half[0] + half[2]) / 2 == pytest.approx(left + ink.width * SIZE / 2, abs=1.5)
        assert half[2] - half[0] == pytest.approx(SIZE, abs=3)
    assert lower[1] == pytest.approx(upper[3], abs=2)  # no seam between the halves
    assert lower[3] - upper[1] == pytest.approx((ink.above + ink.below) * SIZE, abs=3)
    assert np.flatnonzero(columns_with_text(frame)).min() >= upper[2]


@pytest.mark.parametrize("style", STYLES)
def test_every_style_shows_emoji_and_the_text_stays_white(tmp_path: Path, style: str) -> None:
    title = "Up 🚀 we go"
    with_picture = drawn(overlay(title, plan_fonts([title]), style), tmp_path)
    left, _, right, _ = box_of(with_picture, GREEN)
    white = columns_with_text(with_picture)
    assert white[:left].any()
    assert white[right:].any()
    assert not white[left:right].any()


def test_an_emoji_fades_with_its_title(tmp_path: Path) -> None:
    ass = overlay("🚀", plan_fonts(["🚀"]))
    left, top, right, bottom = box_of(drawn(ass, tmp_path), GREEN)
    inside = (slice(top + 2, bottom - 2), slice(left + 2, right - 2), 1)
    late = drawn(ass, tmp_path, 3.9)[inside]
    assert GREEN[1] - 100 < late.mean() < GREEN[1] - 5


@pytest.mark.parametrize(
    ("cluster", "glyph"), [("🚀\u200d😀", "family"), ("🇦🇦", "flag"), ("❤\ufe0f", "heart")]
)
def test_a_sequence_is_one_emoji(tmp_path: Path, cluster: str, glyph: str) -> None:
    plan = plan_fonts([cluster])
    assert [text for text, _ in plan.runs(cluster)] == [cluster]
    assert measure(cluster, plan).width == measure("🚀", plan_fonts(["🚀"])).width
    frame = drawn(overlay(cluster, plan), tmp_path)
    upper, lower = HALVES[glyph]
    assert box_of(frame, upper)[1] < box_of(frame, lower)[3] - 0.9 * SIZE


def test_a_sequence_the_font_does_not_have_shows_its_parts(tmp_path: Path) -> None:
    cluster = "😀\u200d🚀"
    frame = drawn(overlay(cluster, plan_fonts([cluster])), tmp_path)
    blue, green = box_of(frame, BLUE), box_of(frame, GREEN)
    assert blue[2] <= green[0]
    assert blue[1] > green[1]


def test_emoji_are_at_their_place_in_a_line_from_right_to_left(tmp_path: Path) -> None:
    """An emoji between two words is left of the first one and right of the second."""
    title = "שלום 🚀 abc"
    plan = planned(title)
    frame = drawn(overlay(title, plan), tmp_path)
    left, _, right, _ = box_of(frame, GREEN)
    ends = 0.9 * WIDTH - measure("שלום ", plan).width * SIZE
    emoji_width = measure("🚀", plan).width * SIZE
    assert (left + right) / 2 == pytest.approx(ends - emoji_width / 2, abs=2)
    assert right - left == pytest.approx(SIZE, abs=3)
    white = np.flatnonzero(columns_with_text(frame))
    assert (white < left).sum() == pytest.approx(measure("abc", plan).width * SIZE, rel=0.25)


def test_a_wrapped_title_has_its_emoji_on_the_line_of_its_word(tmp_path: Path) -> None:
    title = "How the honey bee finds its way home by landmarks and the sun 🚀"
    plan = plan_fonts([title])
    lines = fit_lines(title, plan, Room(WIDTH * 0.6, SIZE, SIZE, 2, 2))
    assert lines.texts[1].endswith("🚀")
    left, top, right, bottom = box_of(drawn(overlay(title, plan), tmp_path), GREEN, RED)
    baseline = 0.89 * HEIGHT - 0.62 * lines.size - lines.below
    assert baseline - (top + bottom) / 2 == pytest.approx(0.36 * lines.size, abs=2)
    assert right == pytest.approx(0.1 * WIDTH + lines.widths[1], abs=6)
    assert left > 0.1 * WIDTH + lines.widths[1] - 1.3 * lines.size


def test_a_row_of_emoji_is_wrapped_before_it_is_shrunk() -> None:
    title = "🚀" * 20
    lines = fit_lines(title, plan_fonts([title]), Room(500, 40, 24, 2, 2))
    assert lines.texts == ("🚀" * 10, "🚀" * 10)
    assert lines.size == 40


def test_text_characters_are_drawn_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [c for c in clusters(clean_title("©→✓❤1☎\ufe0e")) if is_colour_emoji(c)] == []
    coloured = "❤\ufe0f 1\ufe0f\u20e3 ⭐ 👍🏽 ☝🏽 ❤\u200d🔥 🇩🇪"
    assert all(is_colour_emoji(c) for c in coloured.split())
    assert clean_title("a\ufe0f 1\ufe0f \ufe0f❤\ufe0f") == "a 1 ❤\ufe0f"
    plan = plan_fonts(["✓ ©"])
    assert not any(isinstance(face, EmojiFace) for face in plan.faces)


def test_a_character_without_an_outline_is_drawn_in_colour(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "fonts_with", lambda character, wanted="": iter(()))
    poor = tmp_path / "poor.ttf"
    poor.write_bytes(cut_face(bundled_font(), "I you0123456789:–-/. …•").data)
    monkeypatch.setattr(fonts, "bundled_font", lambda: FontFile(poor))
    for title in ("I ❤ you", "I ❤\ufe0e you"):
        plan = plan_fonts([title])
        assert [type(face).__name__ for _, face in plan.runs(title)] == [
            "Face",
            "EmojiFace",
            "Face",
        ]
        assert plan.notes == ()


def test_the_same_titles_give_the_same_file_without_colour_fonts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    title = "Café → 100 % ✓"
    with_font = overlay(title, plan_fonts([title]))
    time.sleep(1.1)  # a font could contain the second in which it was made
    monkeypatch.setattr(emoji, "colour_fonts", lambda: ())
    assert overlay(title, plan_fonts([title])) == with_font


@pytest.mark.parametrize("content", [b"not a font", None])
def test_a_damaged_colour_font_leaves_a_bullet_and_a_note(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    whole = (tmp_path / "emoji.ttf").read_bytes()
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(whole[: len(whole) // 2] if content is None else content)
    monkeypatch.setattr(emoji, "colour_fonts", lambda: (FontFile(broken),))
    monkeypatch.setattr(fonts, "fonts_with", lambda character, wanted="": iter(()))
    plan = plan_fonts(["Up 🚀"])
    assert "".join(text for text, _ in plan.runs("Up 🚀")) == "Up •"
    assert "bullet" in plan.notes[0]


def test_a_direction_mark_after_an_emoji_is_kept() -> None:
    title = "🚀\u200f!"
    assert clusters(title) == ["🚀", "\u200f", "!"]
    assert "".join(text for text, _ in plan_fonts([title]).runs(title)) == title


def test_without_fontconfig_colour_fonts_are_found_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "fonts"
    folder.mkdir()
    for name in ("seguiemj.ttf", "Apple Color Emoji.ttc", "NotoColorEmoji.ttf", "arial.ttf"):
        (folder / name).touch()
    monkeypatch.setattr(font_files, "_listed", lambda pattern: None)
    monkeypatch.setattr(font_files, "_packaged", lambda: ())
    monkeypatch.setattr(font_files, "_folders", lambda: [folder])
    found = {font.path.name for font in font_files.colour_fonts()}
    assert found == {"seguiemj.ttf", "Apple Color Emoji.ttc", "NotoColorEmoji.ttf"}


def test_layers_extend_under_those_above_and_never_outside() -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[5:35, 5:35] = (*RED, 255)
    pixels[15:25, 15:25] = (*BLUE, 255)
    pixels[5:35, 4, :] = (*RED, 90)  # a soft rim is not a colour of its own
    (lower, under), (upper, over) = layers_of(pixels)
    assert (lower, upper) == ("#ff0000", "#0000ff")
    assert over.sum() == pytest.approx(100, abs=4)
    assert under[16, 16]
    assert not under[20, 20]
    assert not under[:, :5].any()


def test_the_outline_of_an_area_encloses_it_and_excludes_its_holes() -> None:
    from fontTools.pens.areaPen import AreaPen

    area = np.zeros((30, 30), bool)
    area[2:22, 3:23] = True
    area[8:16, 8:16] = False
    area[22:26, 23:27] = True  # touches at a corner
    glyph = outline(area, (0.0, 0.0))
    assert glyph.numberOfContours in (2, 3)
    pen = AreaPen()
    glyph.draw(pen, None)
    assert abs(pen.value) / UNITS**2 == pytest.approx(area.sum(), rel=0.03)


def test_emoji_of_this_machine_are_small_enough_to_embed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emoji, "colour_fonts", font_files.colour_fonts)
    wanted = [
        "🚀",
        "🙋🏽\u200d♀\ufe0f",
        "👨\u200d👩\u200d👧\u200d👦",
        "🏳\ufe0f\u200d🌈",
        "1\ufe0f\u20e3",
    ]
    found = emoji.emoji_faces(wanted)
    if not found:
        pytest.skip(missing("a font with coloured emoji"))
    assert list(found) == wanted
    for face in found.values():
        assert 4 * len(face.data) / 3 < 50_000
        assert 0.4 < face.width < 2.2
        assert 2 <= len(face.colours) <= 14
