"""Remove tags, entities, sound descriptions and speaker labels from caption text.

Song lyrics stay without their ♪ signs. Brackets inside a line stay unless they describe a sound:
then they are part of the text.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Sequence

from chapterize.characters import without_invisible

__all__ = ["join_lines", "strip_labels", "strip_markup", "strip_tags"]

_TAG = re.compile(
    r"</?(?:c|i|b|u|s|v|em|strong|strike|del|ins|span|font|lang|ruby|rt|br|p|div|big|small|sub|sup"
    r"|\d[\d:.]*)(?:[\s.][^<>]*)?/?>",
    re.IGNORECASE,
)
_READING_AID = re.compile(r"<rt>.*?</rt>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_OVERRIDE = re.compile(r"\{(?:\\[^{}]*|[YyCcFfSsPp]:[^{}\s]*)\}")
# Only with a semicolon: "AT&T" and "R&Degree" are text.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}\d{0,2});")
_NOTES = re.compile("[♪♫♩♬🎵🎶]+")
_SOUND = re.compile(
    r"\b(?:applau(?:se|ds?|ding)|laugh(?:s|ter|ing)?|chuckl(?:es?|ing)|music|cheer(?:s|ing)|sigh(?:s|ing)?"
    r"|cough(?:s|ing)?|silence|inaudible|unintelligible|indistinct|crosstalk|gasp(?:s|ing)?"
    r"|groan(?:s|ing)?|clap(?:s|ping)|whistl(?:es|ing)|beep(?:s|ing)?|clears throat|foreign"
    r"|blank_audio|no audio|musik|applaus|beifall|gelächter|lacht|lachen|música|musica|aplausos?"
    r"|risas|risos|risate|musique|applaudissements|rires?|muziek|gelach|музыка|смех|аплодисменты)\b"
    r"|音楽|拍手|笑|音乐|音樂|掌声|掌聲|笑声|笑聲|음악|웃음|박수|موسيقى|تصفيق|ضحك|संगीत|तालियाँ",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"(?<!\w)(?:\[([^\[\]]{0,60})\]|【([^【】]{0,60})】):?")
_PAREN = re.compile(r"(?<!\w)(?:\(([^()]{0,40})\)|（([^（）]{0,40})）)")
_STARS = re.compile(r"\*([^*\n]{1,30})\*")
_TURN = re.compile(r"(?:(?<=\s)|^)(?:>>+|»)\s*|^[ \t]*[-–—]+(?=\s|[^\W\d_])[ \t]*", re.MULTILINE)
_LABEL = re.compile(
    r"^[ \t]*((?:[^\W\d_a-z][\w.'’-]*)(?:[ _][^\W_a-z][\w.'’-]*){0,3})[ \t]*(?::(?=\s)|：)\s*",
    re.MULTILINE,
)
_SPEAKER = re.compile(r"speaker[ _]?\w{0,3}", re.IGNORECASE)
_FEWEST_LABELS = 3
# Scripts without spaces between words: a line break is not a space there.
_UNSPACED = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uff9f\u3000-\u30ff"
_LINE_BREAK = re.compile(rf"(?<=[{_UNSPACED}])[ \t]*\n\s*(?=[{_UNSPACED}])")


def strip_tags(text: str) -> str:
    """`text` without ``<…>`` and ``{\\…}`` markup and with its entities decoded."""
    if "<" in text:
        if "<r" in text or "<b" in text or "<R" in text or "<B" in text:
            text = _BREAK.sub("\n", _READING_AID.sub("", text))
        text = _TAG.sub("", text)
    if "{" in text:
        text = _OVERRIDE.sub("", text)
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match[0]).replace("\xa0", " "), text)
    return text


def strip_markup(text: str) -> str:
    """The spoken text of one cue with its line breaks; empty if nothing is spoken."""
    text = strip_tags(text)
    if not text.isascii():
        text = _NOTES.sub("", without_invisible(text))
    if "[" in text or "【" in text:
        text = _BRACKET.sub(_without_sound, text)
    if "(" in text or "（" in text:
        text = _PAREN.sub(_without_aside, text)
    if "*" in text:
        text = _STARS.sub(lambda match: "" if _SOUND.search(match[1]) else match[0], text)
    if ">>" in text or "-" in text or not text.isascii():
        text = _TURN.sub("", text)
    return text.strip()


def _without_sound(match: re.Match[str]) -> str:
    inner = (match[1] if match[1] is not None else match[2]).strip()
    line_start = match.string.rfind("\n", 0, match.start()) + 1
    is_first = not match.string[line_start : match.start()].strip(" \t->»")
    rest = match.string[match.end() :]
    is_alone = is_first and (not rest.strip(" \t") or rest.lstrip(" \t").startswith("\n"))
    is_label = match[0].endswith(":")
    if is_alone or is_label or _is_sound(inner):
        return " "
    return match[0]


def _without_aside(match: re.Match[str]) -> str:
    inner = (match[1] if match[1] is not None else match[2]).strip()
    return " " if _is_sound(inner) and len(inner.split()) <= 4 else match[0]


def _is_sound(inner: str) -> bool:
    if not any(character.isalnum() for character in inner):
        return True
    return bool(_SOUND.search(inner)) or (inner.isupper() and len(inner) > 3 and inner.isascii())


def strip_labels(texts: Sequence[str]) -> list[str]:
    """The texts of all cues without speaker labels (``JOHN:``, ``Speaker 2:``, ``Adam Back:``).

    Capitals before a colon are a label unless the whole text is in capitals. Other words before a
    colon are a label if at least three lines of the file start with them.
    """
    labels = Counter(
        label for text in texts if ":" in text for label in _LABEL.findall(text) if label
    )
    if not labels:
        return list(texts)
    sample = "".join(texts[:200])
    shouts = sum(map(str.isupper, sample)) > sum(map(str.islower, sample))

    def without_name(match: re.Match[str]) -> str:
        label = match[1]
        in_capitals = label.isupper() and len(label) > 1 and not shouts
        is_name = in_capitals or labels[label] >= _FEWEST_LABELS or _SPEAKER.fullmatch(label)
        return "" if is_name else match[0]

    return [_LABEL.sub(without_name, text) if ":" in text else text for text in texts]


def join_lines(text: str) -> str:
    """`text` as one single-spaced line; Chinese and Japanese lines are joined without a space."""
    if "\n" in text and not text.isascii():
        text = _LINE_BREAK.sub("", text)
    return " ".join(text.split())
