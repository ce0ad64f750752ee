from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import pytest
import uharfbuzz
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from chapterize.errors import InputError
from chapterize.rendering.overlay import check_font, font_files, fonts, plan_fonts
from chapterize.rendering.overlay.clusters import clean_title, clusters, is_right_to_left
from chapterize.rendering.overlay.font_cut import cut_face, letters_of
from chapterize.rendering.overlay.font_files import FontFile, bundled_font

pytestmark = pytest.mark.slow


def font_of(codes: Iterable[int]) -> bytes:
    """A font in which all characters are the same box."""
    pen = TTGlyphPen(None)
    for number, point in enumerate(((0, 0), (0, 700), (500, 700), (500, 0))):
        (pen.lineTo if number else pen.moveTo)(point)
    pen.closePath()
    names = [".notdef", *(f"u{code:04x}" for code in codes)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({int(name[1:], 16): name for name in names[1:]})
    builder.setupGlyf(dict.fromkeys(names, pen.glyph()))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
    builder.setupHorizontalHeader()
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    written = io.BytesIO()
    builder.save(written)
    return written.getvalue()


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the bundled font is installed."""
    monkeypatch.setattr(fonts, "emoji_faces", lambda wanted: {})
    monkeypatch.setattr(fonts, "fonts_with", lambda character, wanted="": iter(()))


@pytest.mark.usefixtures("bare_machine")
def test_the_bundled_font_draws_latin_greek_and_cyrillic() -> None:
    plan = plan_fonts(["Über Ελλάδα и Москва: “50 %” – Łódź, Việt Nam"])
    assert plan.families == ("Inter",)
    assert plan.notes == ()


@pytest.mark.usefixtures("bare_machine")
def test_a_character_that_no_font_has_is_named() -> None:
    with pytest.raises(InputError) as caught:
        plan_fonts(["Welcome", "ようこそ"])
    assert "HIRAGANA LETTER YO" in caught.value.what
    assert "HIRAGANA LETTER KO" in caught.value.what


@pytest.mark.usefixtures("bare_machine")
def test_emoji_that_no_font_has_become_one_bullet_with_a_note() -> None:
    title = "Launch 🚀🚀👩‍🚀 day"
    plan = plan_fonts([title])
    assert "".join(text for text, _ in plan.runs(title)) == "Launch • day"
    assert "🚀" in plan.notes[0]
    assert "bullet" in plan.notes[0]


def test_each_character_has_a_face_that_was_subset_for_it() -> None:
    plan = plan_fonts(["Café → déjà vu"])
    for text, face in plan.runs("Café → déjà vu"):
        assert set(text) <= face.letters


def test_a_fallback_font_is_used_with_a_note(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    short = tmp_path / "short.ttf"
    short.write_bytes(cut_face(bundled_font(), "abc").data)
    plan = plan_fonts(["abcd"], str(short))
    assert [text for text, _ in plan.runs("abcd")] == ["abc", "d"]
    assert plan.families[1] == "Inter"
    assert any("Inter draws “d”" in note for note in plan.notes)


@pytest.mark.usefixtures("bare_machine")
def test_a_fallback_is_found_among_the_fonts_of_the_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = FontFile(bundled_font().path, family="Somewhere")
    monkeypatch.setattr(fonts, "fonts_with", lambda character, wanted="": iter([found]))
    poor = tmp_path / "poor.ttf"
    poor.write_bytes(cut_face(bundled_font(), "a0123456789:–/. …•").data)
    monkeypatch.setattr(fonts, "bundled_font", lambda: FontFile(poor))
    plan = plan_fonts(["abc"])
    assert len(plan.faces) == 2
    assert "draws “bc”" in plan.notes[0]


@pytest.mark.usefixtures("bare_machine")
def test_thin_fallback_letters_get_a_line_but_those_of_a_chosen_font_do_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    regular = tmp_path / "regular.ttf"
    regular.write_bytes(font_of(range(0x4E00, 0x4E10)))
    monkeypatch.setattr(fonts, "fonts_with", lambda *rest: iter([FontFile(regular)]))
    inter, fallback = plan_fonts(["a 一"]).faces
    assert inter.stroke == 0
    assert 0.01 < fallback.stroke < 0.02
    assert not any(face.stroke for face in plan_fonts(["a 一"], str(regular)).faces)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("none.ttf", None, "does not exist"),
        ("text.ttf", b"not a font", "not an outline font"),
    ],
)
def test_a_font_that_cannot_be_used_is_refused(
    tmp_path: Path, name: str, content: bytes | None, why: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=why):
        plan_fonts(["abc"], str(path))


def test_a_font_can_be_checked_before_long_work(tmp_path: Path) -> None:
    check_font(None)
    check_font("Inter")
    for font in (str(tmp_path / "none.ttf"), "No Such Font Anywhere"):
        with pytest.raises(InputError, match="cannot be used"):
            check_font(font)


def test_an_unknown_family_gets_a_suggestion() -> None:
    with pytest.raises(InputError) as caught:
        plan_fonts(["abc"], "Intre")
    assert "Inter" in caught.value.hint


def test_a_family_is_found_by_name() -> None:
    assert plan_fonts(["abc"], "inter").families == ("Inter",)


def test_without_fontconfig_the_folders_are_searched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inner = tmp_path / "truetype"
    inner.mkdir()
    (inner / "Short-Bold.ttf").write_bytes(cut_face(bundled_font(), "abc").data)
    (inner / "Short-Italic.ttf").write_bytes(cut_face(bundled_font(), "abc").data)
    (inner / "readme.txt").write_text("no font")
    monkeypatch.setattr(font_files, "_listed", lambda pattern: None)
    monkeypatch.setattr(font_files, "_packaged", lambda: ())
    monkeypatch.setattr(font_files, "_folders", lambda: [tmp_path])
    found = list(font_files.fonts_with("a"))
    assert [font.path.name for font in found] == ["Short-Bold.ttf", "Short-Italic.ttf"]
    assert "a" in letters_of(found[0])


@pytest.mark.parametrize("letters", ["\u0e33", "\u0bca", "\u09cb", "\u17c4"])
def test_a_subset_has_the_signs_that_letters_are_divided_into(tmp_path: Path, letters: str) -> None:
    """Thai, Tamil, Bengali and Khmer vowels, of which HarfBuzz makes two signs."""
    path = tmp_path / "all.ttf"
    path.write_bytes(font_of(range(0x900, 0x1800)))
    subset = tmp_path / "subset.ttf"
    subset.write_bytes(cut_face(FontFile(path), letters).data)
    buffer = uharfbuzz.Buffer()
    buffer.add_str(letters)
    buffer.guess_segment_properties()
    uharfbuzz.shape(uharfbuzz.Font(uharfbuzz.Face(subset.read_bytes())), buffer)
    assert len(buffer.glyph_infos) == 2
    assert all(info.codepoint for info in buffer.glyph_infos)


def test_blanks_that_join_words_are_kept_and_drawn_as_blanks() -> None:
    title = "10\u00a0% of 5\u202fkm"
    assert clean_title(title) == "10\u00a0% of 5\u00a0km"
    plan = plan_fonts([title])
    assert "".join(text for text, _ in plan.runs(clean_title(title))) == "10 % of 5 km"


def test_letters_with_marks_become_one_character() -> None:
    assert clean_title("U\u0308ber cafe\u0301") == "Über café"


def test_characters_that_cannot_be_drawn_are_removed_from_a_title() -> None:
    assert clean_title(" a\tb\u00ad\ufe0f \r\n c\x00d ") == "a b\nc d"
    assert clusters("e\u0301👩‍🚀🇫🇷🇩🇪") == ["e\u0301", "👩‍🚀", "🇫🇷", "🇩🇪"]
    assert is_right_to_left("2024: שלום abc")
    assert not is_right_to_left("abc שלום")
