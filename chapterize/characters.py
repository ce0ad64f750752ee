"""Characters that nobody sees, and where a text may be cut without breaking one that is seen.

Marks that change the direction of text, zero-width characters and tags make a title look like
another one, or empty, or carry hidden text. Joiners and variation selectors stay where a script or
an emoji needs them.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

__all__ = ["cut", "without_invisible"]

_NEVER_SEEN = (
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
)
# Scripts from Hebrew to Mongolian, and the later blocks of Indic ones, shape letters by joiners.
_SHAPED = "\u0590-\u10ff\u1200-\u1cff\ua800-\uabff\ufb1d-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff"
_EMOJI = "©®‼⁉™ℹ\u2190-\u2bff〰〽㊗㊙\U0001f000-\U0001faff"
_IDEOGRAPH = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_MAY_VARY = f"[{_IDEOGRAPH}\u2200-\u22ff\u1000-\u109f\ua840-\ua87f]"
_INVISIBLE = re.compile(
    f"[{_NEVER_SEEN}]"
    # A flag of a part of a country: tag letters, and one that ends them.
    "|(?P<flag>\U0001f3f4[\U000e0030-\U000e007a]{2,6}\U000e007f)|[\U000e0000-\U000e007f]"
    f"|(?<![{_SHAPED}])\u200c|(?<![{_SHAPED}{_EMOJI}\ufe0f])\u200d"
    f"|(?<=[{_EMOJI}\ufe0f])\u200d(?![{_EMOJI}])"
    f"|(?<![{_EMOJI}])[\ufe0e\ufe0f](?!\u20e3)"
    f"|(?<!{_MAY_VARY})[\ufe00-\ufe0d]|(?<![{_IDEOGRAPH}])[\U000e0100-\U000e01ef]"
    # A vowel separator belongs between Mongolian letters, a grapheme joiner between marks.
    "|(?<![\u1800-\u180a\u1810-\u18af])[\u180b-\u180f]|(?<![\u0300-\u034e\u0350-\u036f\u0590-\u05c7])\u034f"
)
_MAY_MATCH = re.compile(
    f"[{_NEVER_SEEN}\u034f\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e01ef]"
)


def without_invisible(text: str) -> str:
    """`text` without characters that nobody sees; joiners that its script needs stay.

    Line breaks and other control characters stay too: they separate words.
    """
    if text.isascii() or not _MAY_MATCH.search(text):
        return text
    # Flags match as a whole, so that their tags stay.
    return _INVISIBLE.sub(lambda found: found["flag"] or "", text)


def cut(text: str, most_bytes: int) -> str:
    """The start of `text` in at most `most_bytes` bytes of UTF-8.

    It does not end inside what a reader takes for one character, such as a letter with accents, a
    flag or a family, unless that alone has more bytes.
    """
    # A name that is not UTF-8 has surrogates.
    sizes = accumulate(len(character.encode("utf-8", "surrogatepass")) for character in text)
    end = sum(size <= most_bytes for size in sizes)
    if end == len(text):
        return text
    at = end
    while at > 0 and _continues(text, at):
        at -= 1
    return text[: at or end]


def _continues(text: str, at: int) -> bool:
    """Whether the character at `at` is part of what a reader sees before it."""
    character, before = text[at], text[at - 1]
    if _is_flag_letter(character):
        n_before = len(text[:at]) - len(text[:at].rstrip(_FLAG_LETTERS))
        return n_before % 2 == 1
    return (
        before == "\u200d"
        or character in "\u200c\u200d"
        or unicodedata.category(character) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))


def _is_flag_letter(character: str) -> bool:
    return character in _FLAG_LETTERS
