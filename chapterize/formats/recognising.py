"""Which format a text is in, by what it holds."""

from __future__ import annotations

import re

from chapterize.formats.podlove import NAMESPACE

__all__ = ["recognise"]

# In this order: Vorbis comments count from 000, OGM from 01.
_FIRST_ROWS = {
    "vorbis": re.compile(r"CHAPTER\d{3}(?:NAME|URL)?\s*=", re.IGNORECASE),
    "ogm": re.compile(r"CHAPTER\d+(?:NAME)?\s*=", re.IGNORECASE),
    "audacity": re.compile(r"\d+(?:[.,]\d+)?\t\d+(?:[.,]\d+)?(?:\t|$)", re.MULTILINE),
    "losslesscut": re.compile(r"(?:[\d:.]*,[\d:.]*,|start\s*,\s*end\b)", re.IGNORECASE),
}
_CUE_INDEX = re.compile(r"^[ \t]*INDEX[ \t]+\d\d[ \t]+\d+:\d\d:\d\d[ \t]*$", re.M | re.I)


def recognise(text: str) -> str | None:
    """The format of `text` by its content, None when it looks like nothing of ours."""
    text = text.removeprefix("\ufeff")
    head = text[:4096].lstrip()
    if head.startswith("WEBVTT"):
        return "webvtt"
    if head.startswith(";FFMETADATA"):
        return "ffmetadata"
    if head.startswith("<"):
        is_podlove = NAMESPACE in text and not re.search(r"<Chapters[\s>]", text)
        return "podlove" if is_podlove else "matroska"
    if head.startswith("{"):
        own_schema = re.search(r'"schema"\s*:\s*"chapterize\.', text)
        return "podcast" if not own_schema and '"startTime"' in text else "json"
    for name, row in _FIRST_ROWS.items():
        if row.match(head):
            return name
    if _CUE_INDEX.search(text):
        return "cue"
    # Chapters among other comments, as they come out of a file.
    if re.match(r"[ -<>-}]+=", head) and re.search(r"(?mi)^CHAPTER\d{3}=", text):
        return "vorbis"
    return "youtube" if re.search(r"\d:\d\d", text) else None
