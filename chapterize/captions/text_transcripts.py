"""Read transcripts that are text with times, pasted from a page or exported by a program.

YouTube's page has a time on one line and the text on the next; Otter, Rev, Zoom and Teams have the
speaker and the time above the text; Descript, Trint, Sonix and Whisper have the time before the
text. The form that most lines with a time have is that of the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from chapterize.captions.cues import SENTENCE_END, SPEECH_RATE, Parsed, are_few_names, characters
from chapterize.data import Cue
from chapterize.timecode import format_clock, parse_time

__all__ = ["parse_text"]

_TIME = r"(?:\d{1,3}:)?\d{1,3}:[0-5]\d(?:[.,]\d{1,3}(?!\d)|[:;]\d\d(?!\d))?"
_RANGE = rf"(?P<start>{_TIME})(?:\s*(?:-{{1,3}}>?|[–—→,])\s*(?P<end>{_TIME}))?"
# A label of the same time for screen readers is pasted with it: "0:1313 seconds".
_SPOKEN_TIME = re.compile(
    r"\d+ (?:hour|minute|second)s?(?:,? (?:and )?\d+ (?:minute|second)s?){0,2}", re.IGNORECASE
)
_FIRST = re.compile(
    rf"[@\[(]{{0,2}}\s*{_RANGE}\s*[\])]{{0,2}}"
    rf"(?P<rest>(?:(?![\d:.,/%])|(?=:\D)|(?={_SPOKEN_TIME.pattern})).*)"
)
_NAMED = re.compile(
    rf"(?P<name>\[?[^\W\d_][^\n]{{0,58}}?)(?P<gap>[\s,|:–—-]*)(?P<open>[\[(]|\s){_RANGE}[\])]?\s*"
    r"(?P<rest>.*)"
)
_MARKUP = re.compile(r"\*\*|__|\\(?=[\[\]().*_-])|^\s*(?:#{1,6}\s+|>\s*|[-*•|]\s+(?=[\[(\d*@]))")
_LINK = re.compile(r"\[\\?\[?([^\[\]\n]{1,60}?)\\?\]?\]\((?:[^()\n]|\([^()\n]*\))*\)")
# Marks of the writing direction, before the times of a page.
_UNSEEN = "\u200e\u200f\u202a\u202b\u2066\u2067\u2068\ufeff"
_SEPARATORS = " \t\xa0:=|–—-"
_FOOTER = re.compile(
    r"transcribed by https?://\S+|.{1,40} \(auto-generated\)|this transcript was .*generated.*",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"(?:unknown )?speaker[ _]?\w{0,3}:?", re.IGNORECASE)

_MOST_BACKWARDS = 0.1
_MOST = 0.8
# Chapters last longer than this, and few lists have as many.
_CAPTION_SECONDS = 8.0
_SLOW_RATE = 4.0
_MANY = 20
# Text with fewer times is of little use next to a video; a person may still name it.
_FEWEST_CLEAR = 5
_TIME_OF_DAY = 5 * 3600.0
_LONGEST_CLEAR = 120.0


@dataclass
class _Block:
    """A time and the lines up to the next; `has_inline`: the first is on the line of the time."""

    start: float
    end: float | None
    lines: list[str] = field(default_factory=list)
    has_inline: bool = False

    @property
    def spoken(self) -> list[str]:
        return [line for line in self.lines if line]


@dataclass(frozen=True)
class _Stamp:
    """A line with a time; `form` is ``alone``, ``inline`` or ``named``."""

    number: int
    form: str
    start: str
    end: str | None
    rest: str


def parse_text(text: str) -> Parsed | None:
    """Cues of a transcript; None if `text` has few times, or they do not ascend.

    `Parsed.is_chapters` tells a list of chapters from speech: by the characters a second and, if
    these are few, by how close the times are. `Parsed.is_doubtful` is true unless the text is
    clearly a transcript.
    """
    lines = [_without_markup(line) for line in text.split("\n")]
    stamps = _ascending(
        _of_main_form([s for n, line in enumerate(lines) if (s := _stamp(n, line))])
    )
    if len(stamps) < 2:
        return None
    rate = _frame_rate(stamps)
    blocks: list[_Block] = []
    limits = [*(stamp.number for stamp in stamps[1:]), len(lines)]
    for stamp, limit in zip(stamps, limits, strict=True):
        inside = [line for line in lines[stamp.number + 1 : limit] if not _FOOTER.fullmatch(line)]
        end = None if stamp.end is None else _seconds(stamp.end, rate)
        rest = [stamp.rest] if stamp.rest else []
        blocks.append(_Block(_seconds(stamp.start, rate), end, rest + inside, bool(rest)))
    parsed = Parsed("text transcript", keeps_order=False)
    _drop_spoken_times(blocks)
    is_sectioned = _drop_section_titles(blocks, parsed)
    _drop_lines_before(blocks, lines[: stamps[0].number], parsed)
    _drop_speakers(blocks)
    for block in blocks:
        body = "\n".join(line.replace("|", "\n") for line in block.spoken)
        parsed.cues.append(Cue(block.start, max(block.start, block.end or block.start), body))
    _start_at_zero(parsed)
    parsed.is_chapters, parsed.is_doubtful = _judge(parsed.cues)
    parsed.is_doubtful |= is_sectioned
    return parsed


def _without_markup(line: str) -> str:
    line = line.lstrip(_UNSEEN)
    line = _LINK.sub(r"\1", line) if "](" in line else line
    return _MARKUP.sub("", line).strip()


def _stamp(number: int, line: str) -> _Stamp | None:
    if not any(map(str.isdecimal, line)):
        return None
    if match := _FIRST.match(line):
        rest = match["rest"].strip(_SEPARATORS)
        rest = rest.lstrip(", ") if match["end"] else rest  # Spruce's "start , end , text"
        return _Stamp(number, "inline" if rest else "alone", match["start"], match["end"], rest)
    if (match := _NAMED.match(line)) is None:
        return None
    is_enclosed, rest = match["open"] in "[(", match["rest"].lstrip(_SEPARATORS)
    name = match["name"].strip(" []:")
    # "we met at 10:30" is text; "ann  10:30" is a speaker.
    is_text = name[:1].islower() and not is_enclosed and not match["gap"]
    if is_text or (rest and not is_enclosed) or len(name.split()) > 6 or SENTENCE_END.search(name):
        return None
    return _Stamp(number, "named", match["start"], match["end"], rest)


def _of_main_form(stamps: Sequence[_Stamp]) -> list[_Stamp]:
    """The stamps of the most common form; the others are text in which a time occurs."""
    count = {form: sum(s.form == form for s in stamps) for form in ("alone", "inline", "named")}
    forms = {"alone"}
    if count["named"] > count["alone"] + count["inline"]:
        forms |= {"named"}
    elif count["inline"] > count["alone"] / 4:
        forms |= {"inline"}
    return [stamp for stamp in stamps if stamp.form in forms]


def _ascending(stamps: Sequence[_Stamp]) -> list[_Stamp]:
    """The stamps whose times ascend; none if many do not."""
    kept: list[_Stamp] = []
    for stamp in stamps:
        if not kept or _seconds(stamp.start) >= _seconds(kept[-1].start):
            kept.append(stamp)
    return kept if len(stamps) - len(kept) <= _MOST_BACKWARDS * len(stamps) else []


def _seconds(text: str, frame_rate: int = 30) -> float:
    """Seconds of a time that may end with a number of frames."""
    whole, colon, frames = text.replace(";", ":").rpartition(":")
    if colon and whole.count(":") == 2:
        return parse_time(whole) + int(frames) / frame_rate
    seconds = 0.0
    for part in text.split(":"):
        seconds = seconds * 60 + float(part.replace(",", "."))
    return seconds


def _frame_rate(stamps: Sequence[_Stamp]) -> int:
    """The lowest usual frame rate that has the frames of all times."""
    texts = [text.replace(";", ":") for s in stamps for text in (s.start, s.end) if text]
    frames = [int(text.rpartition(":")[2]) for text in texts if text.count(":") == 3]
    return next((rate for rate in (24, 25, 30) if rate > max(frames, default=0)), 60)


def _drop_spoken_times(blocks: Sequence[_Block]) -> None:
    """Remove labels such as "1 minute, 5 seconds", in any language, after the time they repeat."""

    def is_label(block: _Block, text: str) -> bool:
        parts = [int(block.start) // 3600, int(block.start) // 60 % 60, int(block.start) % 60]
        said = [int(number) for number in re.findall(r"\d+", text)]
        return said == ([part for part in parts if part] or [0]) and len(text) < 60

    labelled = [b for b in blocks if len(b.spoken) > 1 and is_label(b, b.spoken[0])]
    if len(labelled) >= _MOST * len(blocks):
        for block in labelled:
            block.lines = block.spoken[1:]
    for block in blocks:
        match = _SPOKEN_TIME.match(block.lines[0]) if block.has_inline else None
        if match and is_label(block, match[0]):
            block.lines[0] = block.lines[0][match.end() :].strip(_SEPARATORS)


def _drop_section_titles(blocks: Sequence[_Block], parsed: Parsed) -> bool:
    """Remove titles next to the times if a blank line is between them and the text."""
    titled = [b for b in blocks if b.has_inline and b.lines[1:2] == [""] and len(b.spoken) > 1]
    if len(titled) < _MOST * len(blocks):
        return False
    for block in titled:
        block.lines = block.lines[1:]
    parsed.notes.append(f"The titles of {len(titled)} sections are not read as speech.")
    return True


def _drop_lines_before(blocks: Sequence[_Block], preamble: Sequence[str], parsed: Parsed) -> None:
    """Remove the lines before the times that are speakers, or YouTube's chapter titles.

    Both are also above the first time. Most times have a speaker, and few have a chapter title.
    """
    if not any(preamble):
        return
    before = [block for block in blocks[:-1] if len(block.spoken) > 1]
    last = [block.spoken[-1] for block in before]
    are_speakers = len(before) >= _MOST * (len(blocks) - 1) and are_few_names(last)
    are_titles = 3 * len(before) <= len(blocks) or not any(map(SENTENCE_END.search, last))
    are_titles &= 2 * len(before) <= len(blocks) and not any(line[0].islower() for line in last)
    if not last or not (are_speakers or are_titles):
        return
    for block in before:
        block.lines = block.spoken[:-1]
    if not are_speakers:
        parsed.notes.append(f"Titles between the lines are not read as speech: {len(before)}.")


def _drop_speakers(blocks: Sequence[_Block]) -> None:
    """Remove the first line of each block if it is one of a few names."""
    several = [block for block in blocks if len(block.spoken) > 1]
    first = [block.spoken[0] for block in several]
    are_names = len(several) >= _MOST * len(blocks) and are_few_names(first)
    for block in several:
        if are_names or _SPEAKER.fullmatch(block.spoken[0]):
            block.lines = block.spoken[1:]


def _start_at_zero(parsed: Parsed) -> None:
    """Make times of day, which Zoom saves, times since the first of them, with a note."""
    first, last = parsed.cues[0].start, parsed.cues[-1].start
    if first < _TIME_OF_DAY or first < 2 * (last - first):
        return
    parsed.cues = [Cue(cue.start - first, cue.end - first, cue.text) for cue in parsed.cues]
    parsed.notes.append(f"The times are times of day: {format_clock(first)} is taken as 0:00.")


def _judge(cues: Sequence[Cue]) -> tuple[bool, bool]:
    """Whether the cues are chapters, and whether it is in doubt that they are speech."""
    gaps, rates = [], []
    for cue, after in pairwise(cues):
        gap = (cue.end if cue.end > cue.start else after.start) - cue.start
        if gap > 0:
            gaps.append(gap)
            rates.append(characters(cue.text) / gap)
    if not gaps:
        return True, True
    gap, rate = median(gaps), median(rates)
    is_dense = gap < _CAPTION_SECONDS and (rate >= _SLOW_RATE or len(cues) >= _MANY)
    is_clear = rate >= SPEECH_RATE and len(cues) >= _FEWEST_CLEAR and gap <= _LONGEST_CLEAR
    return not (is_dense or rate >= SPEECH_RATE), not is_clear
