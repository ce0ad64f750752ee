"""Write the parts of an ASS file: times, colours, escaped text, drawings, embedded fonts."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Sequence
from string import ascii_lowercase, ascii_uppercase, digits

from chapterize.rendering.options import parse_colour
from chapterize.rendering.overlay.emoji import EmojiFace
from chapterize.rendering.overlay.font_cut import LINE, Face
from chapterize.rendering.overlay.fonts import FontPlan

__all__ = ["box", "colour", "contrast", "escape", "event", "markup", "script"]

_HEAD = """[Script Info]
ScriptType: v4.00+
PlayResX: {width}
PlayResY: {height}
LayoutResX: {width}
LayoutResY: {height}
WrapStyle: 2
ScaledBorderAndShadow: yes
YCbCr Matrix: None
Kerning: yes

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, \
Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, \
Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Title,{font},20,&H00FFFFFF,&H00FFFFFF,&H00FFFFFF,&H00000000,\
0,0,0,0,100,100,0,0,1,0,0,7,0,0,0,-1
"""
_EVENTS = """
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_LINE_LENGTH = 80
_BASE64_TO_ASS = bytes.maketrans(
    f"{ascii_uppercase}{ascii_lowercase}{digits}+/".encode(), bytes(range(33, 97))
)
_WORD_JOINER = "\u2060"
_TO_LEFT, _TO_RIGHT = "\u200f", "\u200e"
_CURVE = 0.5523  # length of the handles of a quarter circle, as a fraction of its radius


def script(width: int, height: int, faces: Sequence[Face], events: Iterable[str]) -> str:
    """Return the whole file with `faces` embedded, for `width` × `height` square pixels."""
    head = _HEAD.format(width=width, height=height, font=faces[0].name)
    fonts = "".join(f"fontname: {face.name}.ttf\n{_encoded(face.data)}\n" for face in faces)
    lines = "\n".join(events)
    return f"{head}\n[Fonts]\n{fonts}{_EVENTS}{lines}\n"


def event(layer: int, start: float, end: float, text: str) -> str:
    """Return one event line, inside [start, end) although ASS counts hundredths of a second."""
    first, last = math.ceil(round(start * 100, 3)), math.floor(round(end * 100, 3))
    return f"Dialogue: {layer},{_clock(first)},{_clock(last)},Title,,0,0,0,,{text}"


def escape(text: str) -> str:
    """Return `text` in the form that libass draws as written.

    A backslash escapes a brace, which would open markup. A backslash itself cannot be escaped: a
    word joiner of no width separates it from the next letter, which would make it a command.
    """
    text = text.replace("\\", f"\\{_WORD_JOINER}")
    return text.replace("{", "\\{").replace("}", "\\}")


def markup(text: str, fonts: FontPlan, size: float, *, is_right_to_left: bool = False) -> str:
    """Return one line at `size` pixels per em: tags and text, each run in its face.

    After a colour emoji the text continues in the colour of the style.
    """
    direction = _TO_LEFT if is_right_to_left else _TO_RIGHT
    runs = [
        f"{{\\fn{face.name}\\bord{face.stroke * size:.2f}}}"
        f"{_emoji(face) if isinstance(face, EmojiFace) else escape(run)}"
        for run, face in fonts.runs(text)
    ]
    return f"{{\\fs{size * LINE:.2f}}}{direction}{''.join(runs)}"


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> str:
    """Return a drawing: a box with rounded corners.

    Coordinates are pixels of the frame, for a line at ``\\an7\\pos(0,0)``.
    """
    r, near = radius, radius * (1 - _CURVE)
    # The end of each straight side, then the control points and the end of the curve after it.
    sides = (
        (right - r, top, right - near, top, right, top + near, right, top + r),
        (right, bottom - r, right, bottom - near, right - near, bottom, right - r, bottom),
        (left + r, bottom, left + near, bottom, left, bottom - near, left, bottom - r),
        (left, top + r, left, top + near, left + near, top, left + r, top),
    )
    path = f"m {_n(left + r)} {_n(top)}"
    for x, y, *curve in sides:
        path += f" l {_n(x)} {_n(y)}"
        if radius:
            path += f" b {' '.join(map(_n, curve))}"
    return f"{{\\p4}}{path}{{\\p0}}"


def colour(text: str) -> str:
    """Return the colour ``#rrggbb`` or ``#rgb`` as ASS writes it."""
    red, green, blue = parse_colour(text)
    return f"&H{blue:02X}{green:02X}{red:02X}&"


def contrast(text: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    light, dark = sorted(map(_luminance, (text, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(text: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (part / 255 for part in parse_colour(text))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _emoji(face: EmojiFace) -> str:
    """The layers on top of each other, between blanks that take up their width."""
    layers = "".join(f"{{\\1c{colour(level)}}}{glyph}" for level, glyph in face.layers)
    return f"{face.blank}{layers}{{\\1c}}{face.blank}"


def _n(pixels: float) -> str:
    return str(round(pixels * 8))  # \p4: eighths of a pixel


def _clock(hundredths: int) -> str:
    seconds, rest = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:02}"


def _encoded(data: bytes) -> str:
    """The encoding of the format: base 64 in characters from ``!`` on, in lines of 80."""
    text = base64.b64encode(data).rstrip(b"=").translate(_BASE64_TO_ASS).decode("ascii")
    return "\n".join(text[at : at + _LINE_LENGTH] for at in range(0, len(text), _LINE_LENGTH))
