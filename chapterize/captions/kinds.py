"""The caption formats: how their content is recognised, and what reads it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from chapterize.captions.cues import Parsed
from chapterize.captions.json_transcripts import parse_json
from chapterize.captions.line_formats import (
    has_lrc_tags,
    is_lrc,
    is_microdvd,
    is_mpl2,
    is_table,
    parse_lrc,
    parse_microdvd,
    parse_mpl2,
    parse_sami,
    parse_table,
)
from chapterize.captions.subtitles import (
    SBV_TIMING,
    TIMING,
    parse_ass,
    parse_sbv,
    parse_srt,
    parse_webvtt,
)
from chapterize.captions.text_transcripts import parse_text
from chapterize.captions.timed_xml import parse_timedtext, parse_ttml
from chapterize.errors import FormatError
from chapterize.xml_tree import root_matcher

__all__ = ["NAMES", "SHARED_SUFFIXES", "SUFFIXES", "TRANSCRIPT", "kind_of", "parse"]

NAMES = (
    "SRT, WebVTT, ASS, SBV, TTML, YouTube's json3 and srv3, LRC, SAMI, MicroDVD, Whisper's JSON "
    "and TSV, and text with times"
)

TRANSCRIPT = "text transcript"
"""The kind of text with times, which may be chapters too."""

_Parse = Callable[[str], Parsed]
_BY_SUFFIX: dict[str, _Parse] = {
    **{".vtt": parse_webvtt, ".srt": parse_srt, ".ass": parse_ass, ".ssa": parse_ass},
    **{".ttml": parse_ttml, ".dfxp": parse_ttml, ".itt": parse_ttml, ".sbv": parse_sbv},
    **dict.fromkeys((".srv1", ".srv2", ".srv3"), parse_timedtext),
    **{".lrc": parse_lrc, ".smi": parse_sami, ".sami": parse_sami},
}
SUFFIXES = (*_BY_SUFFIX, ".json3")
"""Suffixes that mean captions, the best first."""

SHARED_SUFFIXES = (".json", ".xml", ".sub", ".tsv", ".csv", ".txt", ".md")
"""Suffixes of captions and of other files, so that the content decides, the best first."""

_HEAD = 5000


def _starts(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.DOTALL).match


def _has_line(timing: re.Pattern[str], sign: str) -> Callable[[str], object]:
    def has_line(text: str) -> bool:
        lines = text.split("\n", _HEAD)[:_HEAD]
        return any(sign in line and timing.match(line) for line in lines)

    return has_line


def _has_times(text: str) -> bool:
    parsed = parse_text(text)
    return parsed is not None and not parsed.is_chapters


def _is_song(text: str) -> bool:
    if not is_lrc(text) or has_lrc_tags(text):
        return is_lrc(text)
    parsed = parse_text(text)
    return parsed is None or not parsed.is_chapters


def _is_speech_table(text: str) -> bool:
    return is_table(text) and not parse_table(text).is_chapters


_KINDS: dict[str, tuple[Callable[[str], object], _Parse]] = {
    "WebVTT": (_starts(r"\s*WEBVTT"), parse_webvtt),
    "ASS": (_starts(r"\s*\[(?:Script Info\]|V4|Events\])|.*\nDialogue:"), parse_ass),
    "TTML": (root_matcher("tt"), parse_ttml),
    "YouTube XML": (root_matcher("timedtext", "transcript"), parse_timedtext),
    "SAMI": (root_matcher("(?i:sami)"), parse_sami),
    "SRT": (_has_line(TIMING, "->"), parse_srt),
    "SBV": (_has_line(SBV_TIMING, ":"), parse_sbv),
    "MicroDVD": (is_microdvd, parse_microdvd),
    "MPL2": (is_mpl2, parse_mpl2),
    "LRC": (_is_song, parse_lrc),
    "table": (_is_speech_table, parse_table),
}


def kind_of(text: str) -> str:
    """The kind of captions that `text` is by its content; empty if it is none."""
    start = text.lstrip()[:200]
    if start.startswith(("{", "[")) and re.match(r'\{\s*("|\})|\[\s*[\{\]]', start):
        return "JSON"
    found = next((kind for kind, (recognises, _) in _KINDS.items() if recognises(text)), "")
    return found or (TRANSCRIPT if _has_times(text) else "")


def parse(text: str, name: str, suffix: str = "", *, frame_rate: float | None = None) -> Parsed:
    """Cues of `text`; its content decides the format, or else its `suffix`.

    `frame_rate` is that of the video, for captions that count frames.

    Raises
    ------
    FormatError : the text is empty, damaged, or in no format that is known.
    """
    if not text.strip():
        hint = "export the captions again"
        raise FormatError(f"cannot read {name}", why="the file is empty", hint=hint)
    kind = kind_of(text)
    if kind == "JSON" or (not kind and suffix in (".json", ".json3")):
        return parse_json(text, name)
    if kind == "MicroDVD":
        return parse_microdvd(text, frame_rate)
    unknown = partial(_parse_unknown, suffix="" if kind else suffix)
    read = _KINDS[kind][1] if kind in _KINDS else unknown
    try:
        return read(text)
    except FormatError as error:
        named = FormatError(
            f"cannot read {name}",
            why=f"{error.what}: {error.why}" if error.why else error.what,
            hint=error.hint or "export the captions again, as SRT or WebVTT",
        )
        named.line = error.line
        raise named from error


def _parse_unknown(text: str, *, suffix: str) -> Parsed:
    """Cues of text that is no certain kind of captions; chapters are recognised too."""
    if suffix in _BY_SUFFIX:
        return _BY_SUFFIX[suffix](text)
    if (parsed := parse_text(text)) is not None:
        return parsed
    if is_table(text):
        return parse_table(text)
    raise FormatError(
        "it is text, in no caption format that is known",
        hint=f"captions are {NAMES}; chapterize convert reads lists of chapters",
    )
