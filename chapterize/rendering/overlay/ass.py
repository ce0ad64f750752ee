"""Write the parts of an ASS file: times, colours, escaped text, drawings, embedded fonts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from chapterize.rendering.options import parse_colour
from chapterize.rendering.overlay.emoji import EmojiFace
from chapterize.rendering.overlay.font_cut import LINE, Face
from chapterize.rendering.overlay.fonts import FontPlan

__all__ = ["box", "colour", "escape", "event", "is_light", "markup", "script"]

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
Style: Title,{font},20,&H00FFFFFF,&H00FFFFFF,&H00000000,&H00000000,\
0,0,0,0,100,100,0,0,1,0,0,7,0,0,0,-1
"""
_EVENTS = """
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_LINE_LENGTH = 80
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
        f"{{\\fn{face.name}}}{_emoji(face) if isinstance(face, EmojiFace) else escape(run)}"
        for run, face in fonts.runs(text)
    ]
    return f"{{\\fs{size * LINE:.2f}}}{direction}{''.join(runs)}"


def box(
    left: float, top: float, right: float, bottom: float, radii: tuple[float, float] = (0.0, 0.0)
) -> str:
    """Return a drawing: a box whose left and right corners are rounded by these radii.

    Coordinates are pixels of the frame, for a line at ``\\an7\\pos(0,0)``.
    """
    a, b = radii
    path = f"m {_n(left + a)} {_n(top)} l {_n(right - b)} {_n(top)}"
    path += _corner(right - b, top, right, top + b, is_flat_first=True)
    path += f" l {_n(right)} {_n(bottom - b)}"
    path += _corner(right, bottom - b, right - b, bottom, is_flat_first=False)
    path += f" l {_n(left + a)} {_n(bottom)}"
    path += _corner(left + a, bottom, left, bottom - a, is_flat_first=True)
    path += f" l {_n(left)} {_n(top + a)}"
    path += _corner(left, top + a, left + a, top, is_flat_first=False)
    return f"{{\\p4}}{path}{{\\p0}}"


def colour(text: str) -> str:
    """Return the colour ``#rrggbb`` or ``#rgb`` as ASS writes it."""
    red, green, blue = parse_colour(text)
    return f"&H{blue:02X}{green:02X}{red:02X}&"


def is_light(text: str) -> bool:
    """Whether black is easier to read than white on this colour."""
    red, green, blue = parse_colour(text)
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140


def _emoji(face: EmojiFace) -> str:
    """The layers on top of each other, between blanks that take up their width."""
    layers = "".join(f"{{\\1c{colour(level)}}}{glyph}" for level, glyph in face.layers)
    return f"{face.blank}{layers}{{\\1c}}{face.blank}"


def _n(pixels: float) -> str:
    return str(round(pixels * 8))  # \p4: eighths of a pixel


def _corner(x: float, y: float, to_x: float, to_y: float, *, is_flat_first: bool) -> str:
    """A quarter circle that starts horizontally (`is_flat_first`) or vertically."""
    if x == to_x and y == to_y:
        return ""
    near_x, near_y = (to_x - x) * _CURVE, (to_y - y) * _CURVE
    if is_flat_first:
        points = (x + near_x, y, to_x, to_y - near_y, to_x, to_y)
    else:
        points = (x, y + near_y, to_x - near_x, to_y, to_x, to_y)
    return f" b {' '.join(map(_n, points))}"


def _clock(hundredths: int) -> str:
    seconds, rest = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:02}"


def _encoded(data: bytes) -> str:
    """The encoding of the format: six bits per character, from ``!`` on, in lines of 80."""
    characters = []
    for at in range(0, len(data), 3):
        three = data[at : at + 3]
        bits = int.from_bytes(three.ljust(3, b"\0"), "big")
        characters += [chr((bits >> shift & 63) + 33) for shift in (18, 12, 6, 0)][: len(three) + 1]
    text = "".join(characters)
    return "\n".join(text[at : at + _LINE_LENGTH] for at in range(0, len(text), _LINE_LENGTH))
