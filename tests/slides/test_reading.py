"""Text is read in drawn frames, with the real weights."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from chapterize.data import TextLine
from chapterize.errors import EngineError, MissingDependency
from chapterize.rendering.overlay.font_files import bundled_font
from chapterize.slides import SlideReader, can_read, is_installed, reading

FALLBACK = Path("/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf")


def frame_of(
    *lines: str,
    size: tuple[int, int] = (1280, 720),
    font: int = 36,
    colours: tuple[str, str] = ("white", "black"),
    face: Path | None = None,
) -> reading.Frame:
    """A slide with `lines` one below the other, the first at (0.1, 0.1)."""
    image = Image.new("RGB", size, colours[0])
    letters = (
        ImageFont.truetype(face, font) if face else ImageFont.truetype(bundled_font().path, font)
    )
    for i, line in enumerate(lines):
        place = (0.1 * size[0], 0.1 * size[1] + i * 1.8 * font)
        ImageDraw.Draw(image).text(place, line, colours[1], letters)
    return np.asarray(image)


@pytest.fixture(scope="module")
def reader() -> SlideReader:
    return SlideReader("en")


def texts(lines: tuple[TextLine, ...]) -> list[str]:
    return [line.text for line in lines]


def test_lines_come_from_top_to_bottom_with_spaces_and_umlauts(reader: SlideReader) -> None:
    written = [
        "Why the harbour freezes, and when",
        "Größe und Gewöhnung: Übungen",
        "1. Expectation-Maximisation (1977)",
        "café, año, Łódź",
    ]
    lines = reader.read(frame_of(*written))
    assert texts(lines) == written
    assert all(line.confidence > 0.9 for line in lines)


def test_light_text_on_dark_and_small_text_are_read(reader: SlideReader) -> None:
    frame = frame_of("Nothing but twist", "A small silver fish", font=16, colours=("navy", "gold"))
    assert texts(reader.read(frame)) == ["Nothing but twist", "A small silver fish"]


@pytest.mark.skipif(not FALLBACK.is_file(), reason=f"needs {FALLBACK}")
def test_chinese_and_japanese_are_read() -> None:
    frame = frame_of("线性代数导论", "操作系统的调度算法", "データの読み方", face=FALLBACK)
    assert texts(SlideReader("zh").read(frame)) == [
        "线性代数导论",
        "操作系统的调度算法",
        "データの読み方",
    ]


@pytest.mark.parametrize("size", [(1280, 720), (960, 720), (640, 360), (720, 1280), (1920, 1080)])
def test_boxes_are_fractions_of_the_frame(reader: SlideReader, size: tuple[int, int]) -> None:
    (line,) = reader.read(frame_of("The sea on the wall", size=size, font=size[1] // 20))
    assert line.text == "The sea on the wall"
    assert line.x == pytest.approx(0.1, abs=0.02)
    assert line.y == pytest.approx(0.1, abs=0.03)
    assert 0.03 < line.height < 0.09
    assert 0.1 < line.width < 0.9


@pytest.mark.parametrize(
    ("read", "text"),
    [
        ("• Two lists", "Two lists"),
        ("●Two lists", "Two lists"),
        ("- Two lists", "Two lists"),
        ("-5 °C at noon", "-5 °C at noon"),
        ("3.Gauß-Verfahren", "3. Gauß-Verfahren"),
        ("12)Results", "12) Results"),
        ("Node.js 3.10", "Node.js 3.10"),
        ("a\x1b[31m b\u202ec\n d\0", "a [31m b c d"),
        ("u\u0308ber", "über"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("x" * 10_000, "x" * 300),
    ],
)
def test_text_is_one_plain_line_without_a_bullet(read: str, text: str) -> None:
    assert reading._clean(read) == text


def test_a_frame_without_text_has_no_lines(reader: SlideReader) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    assert reader.read(noise) == ()
    assert reader.read(np.zeros((720, 1280, 3), np.uint8)) == ()
    assert reader.read(np.zeros((20, 20, 3), np.uint8)) == ()
    assert reader.read(np.zeros((48, 9000, 3), np.uint8)) == ()


def test_of_very_many_lines_the_largest_are_read(
    reader: SlideReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = frame_of("of the page", "in small print").copy()
    frame[400:] = frame_of("The Heading", font=90)[:320]
    monkeypatch.setattr(reading, "_MOST_LINES", 1)
    assert texts(reader.read(frame)) == ["The Heading"]


@pytest.mark.parametrize("language", ["en", "de", "pl", "tr", "zh", "ja", None])
def test_latin_chinese_and_japanese_can_be_read(language: str | None) -> None:
    assert can_read(language)


@pytest.mark.parametrize("language", ["ru", "el", "ko", "ar", "he", "hi", "th", "vi"])
def test_other_letters_are_not_read_as_similar_ones(language: str) -> None:
    assert not can_read(language)
    assert SlideReader(language).read(frame_of("BECHA", font=80)) == ()


def test_reading_imports_no_foreign_code_prints_nothing_and_writes_nothing(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "import numpy as np\n"
        "from chapterize.slides import SlideReader\n"
        "reader = SlideReader()\n"
        "assert 'onnxruntime' not in sys.modules\n"
        "reader.read(np.zeros((720, 1280, 3), np.uint8))\n"
        "print([name for name in ('rapidocr', 'cv2', 'requests', 'torch') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={"HOME": str(tmp_path), "PYTHONPATH": ":".join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "[]\n"
    assert run.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def distribution(name: str) -> None:
        raise PackageNotFoundError(name)

    assert is_installed()
    monkeypatch.setattr(reading, "distribution", distribution)
    assert not is_installed()
    with pytest.raises(MissingDependency, match="rapidocr is not installed") as caught:
        SlideReader()
    assert caught.value.hint == 'install it: pip install "chapterize-video[slides]"'


def test_another_version_of_the_package_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    other = SimpleNamespace(version="3.4.0", locate_file=Path)
    monkeypatch.setattr(reading, "distribution", lambda name: other)
    assert not is_installed()
    with pytest.raises(MissingDependency, match=r"rapidocr 3\.10\.0") as caught:
        SlideReader()
    assert caught.value.why == "version 3.4.0 is, which has other weights"


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    for path in reading.reader_weights():
        (tmp_path / path.name).write_bytes(path.read_bytes()[:-1])
    with pytest.raises(EngineError, match="is damaged") as caught:
        reading.reader_weights(tmp_path)
    assert "--force-reinstall" in caught.value.hint


def test_a_failure_while_running_is_an_engine_error(
    reader: SlideReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Session:
        def run(self, names: object, given: object) -> None:
            raise RuntimeError("bad allocation\nat line 3")

    reader.read(frame_of("loads the networks"))
    monkeypatch.setattr(reader._networks, "_recogniser", Session())
    with pytest.raises(EngineError, match="cannot read the text on a slide") as caught:
        reader.read(frame_of("The sea on the wall"))
    assert caught.value.why == "bad allocation"
    assert "--slides off" in caught.value.hint


def test_an_interrupt_passes_through(reader: SlideReader, monkeypatch: pytest.MonkeyPatch) -> None:
    class Session:
        def run(self, names: object, given: object) -> None:
            raise KeyboardInterrupt

    reader.read(frame_of("loads the networks"))
    monkeypatch.setattr(reader._networks, "_detector", Session())
    with pytest.raises(KeyboardInterrupt):
        reader.read(frame_of("The sea on the wall"))
