"""What a reader takes for one character, and titles without what cannot be drawn."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

__all__ = [
    "BULLET",
    "clean_title",
    "clusters",
    "is_emoji",
    "is_picture",
    "is_right_to_left",
    "is_silent",
    "without_selectors",
]

BULLET = "•"
"""Stands where an emoji cannot be drawn."""


_STEERING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e")  # of directions
_SILENT = _STEERING | frozenset("\u200b\u200c\u200d\u2060\ufeff")
_LINE_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
# Characters that are pictures unless told to be text, below the planes where nearly all are.
_PICTURES = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)
_TEXT, _PICTURE = "\ufe0e", "\ufe0f"
# Behind these a selector says whether text or a picture is meant; elsewhere nothing heeds it.
_IDLE_SELECTOR = re.compile(
    r"(?<![©®‼⁉™ℹ\u2190-\u2bff〰〽㊗㊙\U0001f000-\U0001faff])[\ufe0e\ufe0f](?!\u20e3)"
)
# Isolates become the older embeddings, which every libass knows; soft hyphens and the other
# selectors of variants go.
_REPLACED = str.maketrans(
    {
        "\u2066": "\u202a",
        "\u2067": "\u202b",
        "\u2068": "\u202a",
        "\u2069": "\u202c",
        "\u00ad": None,
        **{chr(code): None for code in (*range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0))},
    }
)


def clean_title(title: str) -> str:
    """`title` as it is drawn: line breaks as ``\\n``, other control characters as spaces."""
    text = _IDLE_SELECTOR.sub("", title.replace("\r\n", "\n").translate(_REPLACED))
    text = "".join("\n" if c in _LINE_BREAKS else c for c in text)
    text = "".join(
        " " if c != "\n" and unicodedata.category(c) in ("Cc", "Cs", "Zs") else c for c in text
    )
    lines = (" ".join(line.split(" ")).strip() for line in text.split("\n"))
    return "\n".join(" ".join(line.split()) for line in lines if line)


def clusters(text: str) -> list[str]:
    """`text` cut where a reader sees one character end and the next begin."""
    found: list[str] = []
    for character in text:
        if found and _joins(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


@cache
def _is_mark(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or character in _SILENT
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
    )


def _joins(before: str, character: str) -> bool:
    if before.isspace() or (character in _STEERING and is_emoji(before)):
        return False
    if _is_flag_letter(character):
        return len(before) == 1 and _is_flag_letter(before)
    return _is_mark(character) or (before[-1] == "\u200d" and is_emoji(character))


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def is_silent(character: str) -> bool:
    """Whether a character only steers others: no face needs a glyph for it."""
    return character in _SILENT


def is_emoji(cluster: str) -> bool:
    """Whether this is a pictograph, of which a title says the same without it."""
    code = ord(cluster[0])
    return (
        0x1F000 <= code <= 0x1FAFF
        or (0x2190 <= code <= 0x2BFF and unicodedata.category(cluster[0]) in ("So", "Sm"))
        or cluster.endswith("\u20e3")
    )


def is_picture(cluster: str) -> bool:
    """Whether readers expect an emoji in colour here, and not a character of the text."""
    if _TEXT in cluster:
        return False
    if cluster[0] in "#*0123456789":
        return cluster.endswith("\u20e3")
    if cluster[0] in _PICTURES or _PICTURE in cluster:
        return True
    return is_emoji(cluster) and max(cluster) >= "\U0001f000"


def without_selectors(cluster: str) -> str:
    """`cluster` for a font of outlines, which has one form of each character."""
    return cluster.replace(_TEXT, "").replace(_PICTURE, "")


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction goes from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
