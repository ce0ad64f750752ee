"""Slides in the looks of common programs, drawn with Pillow."""

from __future__ import annotations

import math
import random

import numpy as np
from deck_styles import Style, face, wrap
from deck_text import Page
from PIL import Image, ImageColor, ImageDraw

__all__ = ["draw_page"]

Box = tuple[int, int, int, int]


def draw_page(
    page: Page, style: Style, settings: dict[str, str], size: tuple[int, int]
) -> Image.Image:
    """One slide in its present state."""
    image = Image.new("RGB", size, style.paper)
    sheet = _Sheet(image, style, settings, page)
    if "cover" in page.flags or "section" in page.flags:
        sheet.cover()
    else:
        top = sheet.heading()
        sheet.body(top)
    sheet.furniture()
    return image


class _Sheet:
    """A slide that is being drawn."""

    def __init__(
        self, image: Image.Image, style: Style, settings: dict[str, str], page: Page
    ) -> None:
        self._image, self._style, self._settings, self._page = image, style, settings, page
        self._draw = ImageDraw.Draw(image)
        self._width, self._height = image.size
        is_chinese = settings.get("language") == "zh"
        self._font = "chinese" if is_chinese else style.font
        self._heading_font = "chinese" if is_chinese else style.heading_font
        self._left = 250 if style.edge == "sidebar" else 110 if style.edge == "band" else 70

    def heading(self) -> int:
        """Draw the heading; returns where the body starts."""
        style = self._style
        font = face(self._heading_font, style.heading_size, style.is_bold)
        right = self._width - (70 if style.edge != "logo" else 190)
        lines = wrap(self._page.heading, font, right - self._left) if self._page.heading else []
        step = round(style.heading_size * 1.2)
        bottom = style.heading_y + step * max(1, len(lines)) + 14
        is_dark = style.bar is not None and _is_dark(style.bar)
        if style.bar:
            left = 0 if style.edge != "sidebar" else 220
            self._draw.rectangle((left, 0, self._width, bottom), fill=style.bar)
        colour = "#ffffff" if is_dark else style.accent if style.bar or style.is_bold else style.ink
        for row, line in enumerate(lines):
            x = (self._width - font.getlength(line)) / 2 if style.align == "centre" else self._left
            self._draw.text((x, style.heading_y + row * step), line, fill=colour, font=font)
        if style.foot == "line" and not style.bar:
            self._draw.line((self._left, bottom, right, bottom), fill=style.accent, width=3)
        return bottom + 34

    def body(self, top: int) -> None:
        """Draw lines and figures, in one or two columns."""
        lines = self._page.lines
        cut = lines.index("||") if "||" in lines else len(lines)
        columns = [lines[:cut], lines[cut + 1 :]]
        n_columns = 2 if columns[1] else 1
        span = self._width - self._left - 70
        bottom = self._height - 70
        for index, column in enumerate(columns[:n_columns]):
            left = self._left + index * (span // 2 + 15)
            self._column(column, (left, top, left + span // n_columns - 15, bottom))

    def _column(self, lines: list[str], box: Box) -> None:
        left, y, right, bottom = box
        style = self._style
        font = face(self._font, style.body_size)
        step = round(style.body_size * 1.35)
        indent = 40 if style.bullet else 0
        for number, line in enumerate(lines, 1):
            if line.startswith("! "):
                _figure(self._image, line[2:], (left, y, right, bottom), style, self._font)
                return
            if line.startswith("!tiny "):
                self._tiny(line[6:], (left, y, right, bottom))
                return
            bullet = f"{number}." if style.bullet == "1." else style.bullet
            if bullet:
                marks = face("sans", style.body_size)
                self._draw.text((left, y), bullet, fill=style.accent, font=marks)
            for row in wrap(line, font, right - left - indent):
                self._draw.text((left + indent, y), row, fill=style.ink, font=font)
                y += step
            y += step // 3

    def _tiny(self, text: str, box: Box) -> None:
        """Fill the box with text that is too small to read."""
        font = face(self._font, 7)
        for row, line in enumerate(wrap(text, font, box[2] - box[0])):
            if box[1] + 9 * row < box[3]:
                self._draw.text((box[0], box[1] + 9 * row), line, fill=self._style.ink, font=font)

    def cover(self) -> None:
        """Few large words in the middle: a title or section slide."""
        style = self._style
        size = round(style.heading_size * 1.4)
        font = face(self._heading_font, size, style.is_bold)
        lines = wrap(self._page.heading, font, self._width - self._left - 140)
        y = self._height * 0.42 - len(lines) * size * 0.6
        if "section" in self._page.flags and style.bar:
            box = (self._left, y - 24, self._width - 70, y + len(lines) * size * 1.25 + 18)
            self._draw.rounded_rectangle(box, 14, fill=style.bar)
        is_dark = "section" in self._page.flags and bool(style.bar) and _is_dark(str(style.bar))
        for line in lines:
            x = self._left + (self._width - self._left - 70 - font.getlength(line)) / 2
            self._draw.text((x, y), line, fill="#ffffff" if is_dark else style.accent, font=font)
            y += size * 1.25
        small = face(self._font, round(style.body_size * 0.9))
        for line in self._page.lines:
            if line.startswith("!"):
                continue
            y += style.body_size * 1.4
            x = self._left + (self._width - self._left - 70 - small.getlength(line)) / 2
            self._draw.text((x, y), line, fill=style.ink, font=small)

    def furniture(self) -> None:
        """Footer, page number, logo and the list of sections."""
        style, draw = self._style, self._draw
        width, height, number = self._width, self._height, str(self._page.number)
        small = face(self._font, 17)
        fields = [field.strip() for field in self._settings.get("footer", "").split("|")]
        grey = "#888888"
        if style.foot == "bar":
            for index, text in enumerate(
                (*(*fields, "", "")[:2], f"{number} / {self._settings['pages']}")
            ):
                left = width * index // 3
                draw.rectangle(
                    (left, height - 28, left + width // 3 + 1, height),
                    fill=("#191970", "#26268f", "#3333b3")[index],
                )
                x = left + (width // 3 - small.getlength(text)) / 2
                draw.text((x, height - 25), text, fill="#ffffff", font=small)
        elif style.foot == "line":
            draw.text((self._left, height - 40), fields[0], fill=grey, font=small)
            middle = " | ".join(fields[1:])
            x = max(
                (width - small.getlength(middle)) / 2, self._left + small.getlength(fields[0]) + 30
            )
            draw.text((x, height - 40), middle, fill=grey, font=small)
            draw.text((width - 80, height - 40), number, fill=grey, font=face("sans", 17))
        elif style.foot == "number":
            draw.text((width - 60, height - 42), number, fill=grey, font=face("sans", 17))
        self._edge(fields)

    def _edge(self, fields: list[str]) -> None:
        style, draw, width, height = self._style, self._draw, self._width, self._height
        if style.edge == "logo":
            name = self._settings.get("logo", "ACME")
            font = face(self._font, 20, True)
            left = width - 24 - font.getlength(name)
            draw.ellipse((left - 46, 22, left - 6, 62), fill=style.accent)
            draw.text((left, 30), name, fill=style.accent, font=font)
        elif style.edge == "band":
            draw.rectangle((0, 0, 60, height), fill=style.accent)
            draw.polygon([(60, 0), (110, 0), (60, 120)], fill="#4db6ac")
        elif style.edge == "dots":
            for index in range(int(self._settings["pages"])):
                box = (70 + 16 * index, 16, 79 + 16 * index, 25)
                is_past = index < self._page.number
                draw.ellipse(box, outline=style.accent, fill=style.accent if is_past else None)
        elif style.edge == "sidebar":
            draw.rectangle((0, 0, 220, height), fill=style.accent)
            font = face(self._font, 16)
            names = [*fields, "", *self._settings.get("sections", "").split("|")]
            y = 30
            for name in names:
                for line in wrap(name.strip(), font, 190):
                    draw.text((16, y), line, fill="#d9efe0", font=font)
                    y += 22
                y += 12


def _is_dark(colour: str) -> bool:
    return sum(ImageColor.getrgb(colour)[:3]) < 384


def _figure(image: Image.Image, words: str, box: Box, style: Style, font_name: str) -> None:
    kind, _, labels = words.partition(" ")
    names = [name.strip() for name in labels.split(",")]
    left, top, right, bottom = box
    draw, font = ImageDraw.Draw(image), face(font_name, 19)
    rng = random.Random(words)
    if kind == "photo":
        image.paste(_photo(rng, (right - left, bottom - top)), (left, top))
    elif kind == "chart":
        draw.line((left + 20, top, left + 20, bottom - 40), fill=style.ink, width=2)
        draw.line((left + 20, bottom - 40, right, bottom - 40), fill=style.ink, width=2)
        step = (right - left - 40) / len(names)
        for index, name in enumerate(names):
            x = left + 40 + index * step
            y = top + rng.uniform(0.05, 0.75) * (bottom - top)
            draw.rectangle((x, y, x + step * 0.6, bottom - 41), fill=style.accent)
            draw.text((x, bottom - 34), name, fill=style.ink, font=font)
            draw.text((x, y - 24), f"{rng.randint(3, 97)} %", fill=style.ink, font=face("sans", 19))
    else:
        step = (right - left) / len(names)
        middle = (top + bottom) / 2
        for index, name in enumerate(names):
            x = left + index * step
            draw.rounded_rectangle(
                (x, middle - 45, x + step * 0.72, middle + 45), 12, outline=style.accent, width=3
            )
            draw.text((x + step * 0.36, middle), name, fill=style.ink, font=font, anchor="mm")
            if index + 1 < len(names):
                draw.line(
                    (x + step * 0.74, middle, x + step * 0.96, middle), fill=style.ink, width=3
                )


def _photo(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    """Something like a photograph: sky, hills and noise."""
    small = Image.new("RGB", (160, 90))
    draw = ImageDraw.Draw(small)
    hue = [rng.randint(60, 220) for _ in range(3)]
    for y in range(90):
        draw.line((0, y, 160, y), fill=tuple(min(255, each * (120 - y) // 90) for each in hue))
    for layer in range(4):
        shade = tuple(each * (4 - layer) // 7 + rng.randint(0, 40) for each in hue)
        phase, height = rng.uniform(0, 6), rng.uniform(6, 20)
        ridge = [
            (x, 40 + 13 * layer + height * math.sin(x / rng.uniform(14, 15) + phase))
            for x in range(0, 161, 4)
        ]
        draw.polygon([*ridge, (160, 90), (0, 90)], fill=shade)
    pixels = np.asarray(small.resize(size, Image.Resampling.BICUBIC), np.float64)
    noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, 5, (size[1], size[0], 1))
    return Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
