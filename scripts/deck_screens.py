"""What is on the screen instead of a slide: a camera, an editor, a browser, a montage."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from deck_styles import face, wrap
from deck_text import Page
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

__all__ = ["FURNITURE", "camera_frames", "code_line", "draw_screen", "montage_frame"]

_LOOP = 60  # frames until the drawn camera repeats itself
_DARK = ("#1e1e1e", "#d4d4d4", "#252526", "#3c3c3c", "#569cd6")
_LIGHT = ("#ffffff", "#24292f", "#f3f3f3", "#dddddd", "#0550ae")
_MENUS = {
    "dark": "File  Edit  Selection  View  Go  Run  Terminal  Help",
    "light": "File  Edit  View  Insert  Cell  Kernel  Widgets  Help",
}
_KEYWORDS = ("def", "class", "import", "from", "for", "if", "return")
_TOOLBAR = "Home   Docs   Blog   Pricing   Sign in"
_STATUS = "main*   Ln 14, Col 22   Spaces: 4   UTF-8   LF   Python"
_FILES = ("EXPLORER", "> project", "  main.py", "  config.toml", "  test_main.py", "  README.md")
FURNITURE = (*_MENUS.values(), _TOOLBAR, _STATUS, *_FILES, "TERMINAL   PROBLEMS   OUTPUT", "REC")


def draw_screen(page: Page, settings: dict[str, str], size: tuple[int, int]) -> Image.Image:
    """A program's window with the lines of the page."""
    theme = settings.get("theme", "dark")
    colours = _DARK if theme == "dark" else _LIGHT
    image = Image.new("RGB", size, colours[0])
    if "browser" in page.flags:
        _browser(ImageDraw.Draw(image), page, size)
    else:
        _editor(ImageDraw.Draw(image), page, colours, _MENUS[theme], size)
    return image


def _editor(
    draw: ImageDraw.ImageDraw,
    page: Page,
    colours: tuple[str, ...],
    menu: str,
    size: tuple[int, int],
) -> None:
    width, height = size
    _, ink, panel, bar, blue = colours
    font, code = face("sans", 16), face("mono", 19)
    draw.rectangle((0, 0, width, 28), fill=bar)
    draw.text((12, 4), menu, fill=ink, font=font)
    draw.text((width // 2, 4), f"{page.heading} - project", fill=ink, font=font)
    draw.rectangle((0, 28, 210, height), fill=panel)
    for row, name in enumerate(_FILES):
        draw.text((14, 42 + 26 * row), name, fill=ink, font=font)
    draw.rectangle((210, 28, 420, 62), fill=colours[0])
    draw.text((226, 36), f"{page.heading}  x", fill=ink, font=font)
    for row, line in enumerate(page.lines):
        y = 76 + 26 * row
        draw.text((222, y), f"{row + 1:>3}", fill="#858585", font=code)
        text = code_line(line)
        is_special = text.lstrip().startswith(_KEYWORDS)
        draw.text((275, y), text, fill=blue if is_special else ink, font=code)
    draw.rectangle((210, height - 150, width, height - 24), fill=panel)
    draw.text((226, height - 144), "TERMINAL   PROBLEMS   OUTPUT", fill=ink, font=font)
    draw.text((226, height - 112), f"$ python {page.heading}", fill=ink, font=code)
    draw.rectangle((0, height - 24, width, height), fill="#007acc")
    draw.text((12, height - 22), _STATUS, fill="#ffffff", font=font)


def code_line(line: str) -> str:
    """A line of the deck as it is shown: underscores at its start are spaces."""
    code = line.lstrip("_")
    return " " * (len(line) - len(code)) + code


def _browser(draw: ImageDraw.ImageDraw, page: Page, size: tuple[int, int]) -> None:
    width, height = size
    font = face("sans", 16)
    draw.rectangle((0, 0, width, height), fill="#ffffff")
    draw.rectangle((0, 0, width, 76), fill="#dee1e6")
    draw.rounded_rectangle((12, 6, 300, 40), 8, fill="#ffffff")
    draw.text((26, 12), page.heading, fill="#333333", font=font)
    draw.rounded_rectangle((120, 42, width - 80, 72), 14, fill="#ffffff")
    draw.text(
        (136, 47), f"https://www.example.org/{page.topic}/index.html", fill="#333333", font=font
    )
    draw.text((40, 92), _TOOLBAR, fill="#1a0dab", font=font)
    first, *rest = page.lines or [""]
    draw.text((80, 140), first, fill="#111111", font=face("sans", 36, True))
    y, body = 210, face("sans", 20)
    for line in rest:
        for row in wrap(line, body, width - 420):
            draw.text((80, y), row, fill="#333333", font=body)
            y += 29
        y += 16
    draw.rectangle((width - 300, 140, width - 40, height - 60), outline="#cccccc")
    for bar in range(8):
        draw.rectangle((width - 280, 160 + 50 * bar, width - 60, 190 + 50 * bar), fill="#eeeeee")


def camera_frames(
    settings: dict[str, str], clip: Path | None, size: tuple[int, int]
) -> list[NDArray[np.uint8]]:
    """Frames of a camera in RGB, to be repeated: from `clip` if the deck asks for it, or drawn."""
    if settings.get("camera") == "clip" and clip is not None:
        frames = list(_clip_frames(clip, size))
    else:
        rng = random.Random(settings["title"])
        frames = [_person(settings, rng, step / _LOOP, size) for step in range(_LOOP)]
    if settings.get("mirror"):
        frames = [np.ascontiguousarray(frame[:, ::-1]) for frame in frames]
    return frames


def _clip_frames(clip: Path, size: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
    import av

    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % 6 == 0:
                yield frame.reformat(*size, "rgb24").to_ndarray().astype(np.uint8, copy=False)
            if number > 6 * 2 * _LOOP:
                return


def _person(
    settings: dict[str, str], rng: random.Random, phase: float, size: tuple[int, int]
) -> NDArray[np.uint8]:
    """A speaker in a room, drawn small, with the noise of a sensor."""
    image = Image.new("RGB", (640, 360), settings.get("room", "#8a7f72"))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 250, 640, 360), fill="#5b4a3c")
    for shelf in range(3):
        draw.line((20, 60 + 60 * shelf, 230, 60 + 60 * shelf), fill="#4a3a2c", width=5)
        for book in range(12):
            colour = f"hsl({(shelf * 97 + book * 53) % 360}, 35%, 40%)"
            draw.rectangle(
                (24 + 17 * book, 25 + 60 * shelf, 38 + 17 * book, 57 + 60 * shelf), fill=colour
            )
    if board := settings.get("board"):
        draw.rectangle((420, 30, 620, 150), fill="#f4f4f0", outline="#777777", width=3)
        for row, text in enumerate(board.split("|")):
            draw.text((434, 42 + 32 * row), text.strip(), fill="#1d3a8a", font=face("sans", 20))
    turn = 2 * math.pi * phase
    x, y = 330 + 24 * math.sin(turn), 190 + 7 * math.sin(3 * turn)
    draw.ellipse((x - 110, y + 40, x + 110, y + 320), fill="#39424e")
    draw.ellipse((x - 42, y - 56, x + 42, y + 56), fill="#d2a080")
    draw.chord((x - 45, y - 62, x + 45, y + 20), 180, 360, fill="#3b2a20")
    draw.ellipse((x - 12, y + 24, x + 12, y + 26 + 8 * abs(math.sin(9 * turn))), fill="#7a3030")
    draw.line(
        (x + 80, y + 120, x + 130 * math.cos(turn), y + 60 + 40 * math.sin(2 * turn)),
        fill="#d2a080",
        width=18,
    )
    pixels = np.asarray(ImageOps.fit(image, size, Image.Resampling.BILINEAR), np.int16)
    noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, 4, (size[1], size[0], 1))
    return np.clip(pixels + noise.astype(np.int16), 0, 255).astype(np.uint8)


def montage_frame(number: int, size: tuple[int, int]) -> Image.Image:
    """Any scene of a film: coloured shapes that share nothing with the scene before."""
    rng = random.Random(number)
    image = Image.new("RGB", (160, 90), tuple(rng.randint(0, 255) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        box = (
            sorted(rng.randint(0, 160) for _ in range(2)),
            sorted(rng.randint(0, 90) for _ in range(2)),
        )
        draw.ellipse(
            (box[0][0], box[1][0], box[0][1], box[1][1]),
            fill=tuple(rng.randint(0, 255) for _ in range(3)),
        )
    return image.resize(size, Image.Resampling.BICUBIC)
