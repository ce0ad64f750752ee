"""Our own transcript as JSON, read back exactly as it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chapterize.captions.parsed import Fault, Parsed, seconds
from chapterize.data import Cue, Word

__all__ = ["SCHEMA", "is_own", "parse_own"]

SCHEMA = "chapterize.transcript/1"


def is_own(tree: Mapping[str, Any]) -> bool:
    """Whether this JSON says that it is a transcript of ours."""
    return tree.get("schema") == SCHEMA and isinstance(tree.get("cues"), list)


def parse_own(tree: Mapping[str, Any]) -> Parsed:
    """The cues of a transcript that `is_own`, with their words."""
    language = tree.get("language")
    parsed = Parsed(
        "transcript JSON",
        language=language if isinstance(language, str) else None,
        is_clean=True,
    )
    for number, item in enumerate(tree["cues"], 1):
        cue = _cue(item)
        if cue is None:
            parsed.faults.append(Fault(None, f"cue {number} lacks a start, an end or a text"))
        else:
            parsed.cues.append(cue)
    return parsed


def _cue(item: object) -> Cue | None:
    word = _word(item)
    if word is None or not isinstance(item, dict):
        return None
    words = item.get("words")
    each = [_word(one) for one in words] if isinstance(words, list) else []
    return Cue(word.start, word.end, word.text, tuple(one for one in each if one is not None))


def _word(item: object) -> Word | None:
    fields = item if isinstance(item, dict) else {}
    start, end, text = seconds(fields.get("start")), seconds(fields.get("end")), fields.get("text")
    if start is None or end is None or not isinstance(text, str) or not text.strip():
        return None
    return Word(start, end, text)
