"""Grapheme clusters (what a reader takes for one character), and titles cleaned for drawing."""

from __future__ import annotations

import re
import unicodedata

__all__ = [
    "BULLET",
    "clean_title",
    "clusters",
    "is_colour_emoji",
    "is_emoji",
    "is_right_to_left",
    "is_silent",
    "without_selectors",
]

BULLET = "•"
"""Drawn in place of an emoji that no font has."""

_DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e")
_SILENT = _DIRECTIONS | frozenset("\u200b\u200c\u200d\u2060\ufeff")
# Characters of the basic plane that are shown as emoji by default (Emoji_Presentation).
_EMOJI = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)
_AS_TEXT, _AS_EMOJI = "\ufe0e", "\ufe0f"
# After these a selector chooses between text and emoji; elsewhere it has no effect.
_IDLE_SELECTOR = re.compile(
    r"(?<![©®‼⁉™ℹ\u2190-\u2bff〰〽㊗㊙\U0001f000-\U0001faff])[\ufe0e\ufe0f](?!\u20e3)"
)
# Isolates become the older embeddings, which every libass supports; soft hyphens and the other
# variation selectors are removed.
_REPLACED = str.maketrans(
    {
        "\u2066": "\u202a",
        "\u2067": "\u202b",
        "\u2068": "\u202a",
        "\u2069": "\u202c",
        "\u00ad": None,
        "\u2007": "\u00a0",
        "\u202f": "\u00a0",
        **{chr(code): None for code in (*range(0xFE00, 0xFE0E), *range(0xE0100, 0xE01F0))},
    }
)


def clean_title(title: str) -> str:
    """Return `title` as it is drawn: line breaks as ``\\n``, other control characters as spaces.

    Spaces at which no line may be broken become U+00A0.
    """
    lines = [
        "".join(
            " " if unicodedata.category(c) in ("Cc", "Cs", "Zs") and c != "\u00a0" else c
            for c in line
        ).strip()
        for line in _IDLE_SELECTOR.sub("", _composed(title)).splitlines()
    ]
    return "\n".join(re.sub(" +", " ", line) for line in lines if line)


def _composed(title: str) -> str:
    """Without what is replaced, and with é as one character, for which more fonts have a glyph."""
    return unicodedata.normalize("NFC", title.translate(_REPLACED))


def clusters(text: str) -> list[str]:
    """Split `text` into what a reader sees as single characters."""
    found: list[str] = []
    for character in text:
        if found and _joins(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _is_mark(character: str) -> bool:
    code = ord(character)
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or character in _SILENT
        or 0x1F3FB <= code <= 0x1F3FF
        or 0xE0020 <= code <= 0xE007F
    )


def _joins(before: str, character: str) -> bool:
    if before.isspace() or (character in _DIRECTIONS and is_emoji(before)):
        return False
    if _is_flag_letter(character):
        return len(before) == 1 and _is_flag_letter(before)
    return _is_mark(character) or (before[-1] == "\u200d" and is_emoji(character))


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def is_silent(character: str) -> bool:
    """Whether a character is an invisible control, for which no face needs a glyph."""
    return character in _SILENT


def is_emoji(cluster: str) -> bool:
    """Whether this is a pictograph, without which a title still makes sense."""
    code = ord(cluster[0])
    return (
        0x1F000 <= code <= 0x1FAFF
        or (0x2190 <= code <= 0x2BFF and unicodedata.category(cluster[0]) in ("So", "Sm"))
        or cluster.endswith("\u20e3")
    )


def is_colour_emoji(cluster: str) -> bool:
    """Whether readers expect a colour emoji here, not a character of the text."""
    if _AS_TEXT in cluster:
        return False
    if cluster[0] in "#*0123456789":
        return cluster.endswith("\u20e3")
    if cluster[0] in _EMOJI or _AS_EMOJI in cluster:
        return True
    return is_emoji(cluster) and max(cluster) >= "\U0001f000"


def without_selectors(cluster: str) -> str:
    """Return `cluster` without emoji selectors, for a font with one form of each character."""
    return cluster.replace(_AS_TEXT, "").replace(_AS_EMOJI, "")


def is_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is written from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False
