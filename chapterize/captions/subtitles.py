"""Read SRT, WebVTT, SBV, SubViewer and ASS/SSA, with the irregularities of real files.

pysubs2 reads ASS. It does not read SRT and WebVTT: for 40,000 cues it takes 1.7 s and 2.0 s (this
reader 0.3 s), and it adds WebVTT notes, styles and cue names, and cues with an invalid time, to the
text of the cue before.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress

from chapterize.captions.cues import Fault, Parsed, are_few_names
from chapterize.captions.markup import strip_tags
from chapterize.captions.words import words_from_starts
from chapterize.data import Cue, Word
from chapterize.errors import FormatError
from chapterize.timecode import parse_time

__all__ = ["SBV_TIMING", "TIMING", "parse_ass", "parse_sbv", "parse_srt", "parse_webvtt"]

TIMING = re.compile(r"\s*(\d[\d:.,]*)\s*-{1,3}>\s*(\d[\d:.,]*)(?=\s|$)")
# A line meant as a timing: it starts like a time and has an arrow.
_MEANT_AS_TIMING = re.compile(r"\s*-?\d+[:.]\S*\s*-{1,3}>")
_SBV_TIME = r"(\d+:\d\d(?::\d\d)?(?:[.,]\d{1,3})?)"
SBV_TIMING = re.compile(rf"\s*{_SBV_TIME}\s*[,;]\s*{_SBV_TIME}\s*$")
_MEANT_AS_SBV_TIMING = re.compile(r"\s*-?\d+:\d\d\S*[,;]\s*-?\d+:\d\d\S*\s*$")
_STAMP = re.compile(r"<(\d[\d:]*[.,]\d{1,3})>")
_SAYS_CHAPTERS = re.compile(
    r"^(?:WEBVTT\b.*\bchapters?\b|Kind:\s*chapters?\b|NOTE\b.*\bchapter(?:s|ize)?\b)",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")
_SUBVIEWER_BREAK = re.compile(r"\[br\]", re.IGNORECASE)
_Times = tuple[float, float]
_LANGUAGE = re.compile(r"^Language:\s*([\w-]+)", re.MULTILINE)


def parse_srt(text: str) -> Parsed:
    """Cues of SubRip text; tolerates missing indices and hours, and blank lines inside a cue."""
    parsed = Parsed("SRT")
    blocks: list[tuple[_Times, list[str]]] = []
    has_index = False
    for times, block, is_last in _blocks(text.split("\n"), parsed):
        # A number on the line before a timing is its index.
        if not is_last and block and block[-1].strip().isdecimal():
            block.pop()
            has_index = True
        blocks.append((times, "\n".join(block).strip().split("\n")))
    # Teams writes the speaker on the line after each timing, and no index.
    first = [block[0] for _, block in blocks if len(block) > 1]
    if not has_index and len(blocks) > 2 and len(first) == len(blocks) and are_few_names(first):
        blocks = [(times, block[1:]) for times, block in blocks]
    parsed.cues += [Cue(*times, "\n".join(block)) for times, block in blocks]
    return parsed


def parse_webvtt(text: str) -> Parsed:
    """Cues of WebVTT text, with word times where a line has inline timestamps."""
    head = text[: max(0, text.find("-->"))]
    language = _LANGUAGE.search(head)
    parsed = Parsed(
        "WebVTT",
        language=language[1] if language else None,
        is_chapters=bool(_SAYS_CHAPTERS.search(head)),
    )
    blocks = list(_blocks(text.split("\n"), parsed))
    # Some programs put a blank line after every timing.
    is_spaced = sum(block[:1] == [""] for _, block, _ in blocks) > len(blocks) / 2
    for times, block, is_last in blocks:
        if block[:1] == [""]:
            block[:] = _lines_after_blank(block, has_next=not is_last, is_spaced=is_spaced)
        # Only an empty line ends a cue; YouTube writes lines with one space inside cues.
        elif "" in block:
            del block[block.index("") :]
        body = "\n".join(block)
        words = _stamped_words(block, *times) if "<" in body and _STAMP.search(body) else ()
        parsed.cues.append(Cue(*times, body, words))
    return parsed


def _lines_after_blank(block: Sequence[str], *, has_next: bool, is_spaced: bool) -> list[str]:
    """The lines of a cue with a blank line after its timing, without comments.

    One line directly before the next timing is the identifier of that cue, unless it is the only
    one in a file that has a blank line after most timings, `is_spaced`.
    """
    paragraphs = [part.split("\n") for part in "\n".join(block).strip("\n").split("\n\n")]
    is_identifier = has_next and block[-1] and len(paragraphs[-1]) == 1
    if is_identifier and (len(paragraphs) > 1 or not is_spaced):
        del paragraphs[-1]
    spoken = [lines for lines in paragraphs if not _COMMENT.match(lines[0])]
    return [line for lines in spoken for line in lines if line]


def parse_sbv(text: str) -> Parsed:
    """Cues of YouTube's SBV, and of SubViewer, which has a header and ``[br]`` for line ends."""
    parsed = Parsed("SBV")
    timings = (SBV_TIMING, _MEANT_AS_SBV_TIMING)
    for times, block, _ in _blocks(text.split("\n"), parsed, timings):
        body = "\n".join(block).strip()
        parsed.cues.append(Cue(*times, _SUBVIEWER_BREAK.sub("\n", body)))
    return parsed


def _blocks(
    lines: Sequence[str],
    parsed: Parsed,
    timings: tuple[re.Pattern[str], re.Pattern[str]] = (TIMING, _MEANT_AS_TIMING),
) -> Iterator[tuple[_Times, list[str], bool]]:
    """Yield (times, lines up to the next timing, is last); append faults to `parsed`.

    `timings` match a timing, and a line that is meant as one.
    """
    marks = _find_timings(lines, parsed, *timings)
    if not marks:
        parsed.faults.append(_no_timing(lines))
    for position, (number, times) in enumerate(marks):
        is_last = position + 1 == len(marks)
        following = len(lines) if is_last else marks[position + 1][0]
        if times is not None:
            yield times, list(lines[number + 1 : following]), is_last


def _find_timings(
    lines: Sequence[str], parsed: Parsed, timing: re.Pattern[str], meant: re.Pattern[str]
) -> list[tuple[int, _Times | None]]:
    """Indices of timing lines with their times; None where a time is invalid."""
    marks: list[tuple[int, _Times | None]] = []
    for number, line in enumerate(lines):
        if match := timing.match(line):
            try:
                marks.append((number, (parse_time(match[1]), parse_time(match[2]))))
                continue
            except FormatError as error:
                why = error.what
        elif meant.match(line):
            why = f"not a timing: {line.strip()[:40]!r}"
        else:
            continue
        marks.append((number, None))
        parsed.faults.append(Fault(number + 1, why))
    return marks


def _no_timing(lines: Sequence[str]) -> Fault:
    for number, line in enumerate(lines, 1):
        content = line.strip()
        if content and not content.startswith("WEBVTT") and not content.isdecimal():
            return Fault(number, f"expected a timing, found {content[:40]!r}")
    return Fault(None, "it has no cues")


def _stamped_words(block: Sequence[str], start: float, end: float) -> tuple[Word, ...]:
    words: list[Word] = []
    for line in block:
        pieces = _STAMP.split(line.replace("<c>", "").replace("</c>", ""))
        # A line without timestamps repeats an earlier cue: its words have no times here.
        if len(pieces) == 1:
            continue
        try:
            starts = [start, *map(parse_time, pieces[1::2])]
        except FormatError:
            continue
        # In Matroska timestamps are relative to the cue: such times would be wrong.
        if starts != sorted(starts) or starts[-1] > end:
            continue
        texts = [strip_tags(piece) for piece in pieces[0::2]]
        words += words_from_starts(list(zip(starts, texts, strict=True)), end)
    return tuple(words)


def parse_ass(text: str) -> Parsed:
    """Dialogue of ASS or SSA text without comments, drawings and overrides."""
    parsed = Parsed("ASS", keeps_order=False)
    try:
        parsed.cues += _dialogue(text)
    except ValueError:
        # pysubs2 stops at one invalid time: read the other lines without it.
        valid, faults = _valid_lines(text)
        parsed.faults += faults
        with suppress(ValueError):
            parsed.cues += _dialogue(valid)
    if not parsed.cues and not parsed.faults:
        parsed.faults.append(Fault(None, "it has no line of dialogue"))
    return parsed


def _dialogue(text: str) -> list[Cue]:
    """Cues read by pysubs2; ValueError if it fails."""
    import pysubs2

    kind = "ass" if "[V4+" in text[:20_000] else "ssa"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and layers, which do not matter here
            events = pysubs2.SSAFile.from_string(text, format_=kind)
    except Exception as error:
        # pysubs2 raises various exceptions on invalid input.
        raise ValueError(str(error)) from error
    return [
        Cue(max(0, event.start) / 1000, max(0, event.end) / 1000, event.plaintext)
        for event in events
        if not event.is_comment and not event.is_drawing
    ]


def _valid_lines(text: str) -> tuple[str, list[Fault]]:
    """`text` without Dialogue lines that have an invalid time, and faults for these."""
    valid: list[str] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.split("\n"), 1):
        try:
            if line.startswith(("Dialogue:", "Comment:")):
                _, start, end, _ = line.split(",", 3)
                parse_time(start)
                parse_time(end)
        except (ValueError, FormatError):
            if line.startswith("Dialogue:"):
                faults.append(Fault(number, f"not a line of dialogue: {line[:40]!r}"))
        else:
            valid.append(line)
    return "\n".join(valid), faults
