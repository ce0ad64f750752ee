"""Read caption formats with one cue a line: LRC, tables, MicroDVD, MPL2; and SAMI.

pysubs2 reads the last three of these. It stops at a MicroDVD file without a rate, mixes the
languages of a SAMI file, and its MPL2 is one expression.
"""

from __future__ import annotations

import csv
import html
import math
import re
from collections.abc import Sequence

from chapterize.captions.cues import SPEECH_RATE, Fault, Parsed, characters
from chapterize.captions.words import words_from_starts
from chapterize.data import Cue
from chapterize.errors import FormatError
from chapterize.timecode import parse_time

__all__ = [
    "has_lrc_tags",
    "is_lrc",
    "is_microdvd",
    "is_mpl2",
    "is_table",
    "parse_lrc",
    "parse_microdvd",
    "parse_mpl2",
    "parse_sami",
    "parse_table",
]

_LRC_TIME = r"(?:(\d{1,2}):)?(\d{1,3}):(\d\d)(?:[.:,](\d{1,3}))?"
_LRC_STAMP = re.compile(rf"\[{_LRC_TIME}\]")
_LRC_LINE = re.compile(rf"\s*((?:\[{_LRC_TIME}\]\s*)+)(.*)")
_LRC_WORD = re.compile(rf"<{_LRC_TIME}>")
# Some programs write a colon before the hundredths: [01:02:95].
_LRC_HUNDREDTHS = re.compile(r"(?<=\[\d\d:\d\d):(\d\d)\]")
_LRC_OFFSET = re.compile(r"\s*\[offset:\s*([+-]?\d+)\s*\]", re.IGNORECASE)
_LRC_TAG = re.compile(
    r"\s*\[(?:ti|ar|al|au|by|re|ve|offset|length|la|id|tool|#)\s*:", re.IGNORECASE
)
# Singers of a duet, as in "F: " before a line.
_LRC_SINGER = re.compile(r"[FMD]: ")

_MICRODVD = re.compile(r"\s*\{\s*(\d+)\s*\}\s*\{\s*(\d*)\s*\}(.*)")
_MPL2 = re.compile(r"\s*\[(\d+)\]\[(\d*)\](.*)")
_USUAL_RATE = 24000 / 1001
_SLANT = re.compile(r"^/+\s*", re.MULTILINE)

_COLUMNS = {
    "start": ("start", "start time", "start_time", "starttime", "start (s)", "begin", "from", "in"),
    "end": ("end", "end time", "end_time", "endtime", "end (s)", "to", "out", "stop"),
    "text": ("text", "transcript", "sentence", "caption", "subtitle", "content"),
}

_LABEL_TRACK = re.compile(r"\s*(?:\d+[.,]\d+\t\d+[.,]\d+\t[^\n]*(?:\n|$)){2}")
_Rows = list[tuple[int, list[str]]]

_SYNC = re.compile(r"<sync\b[^>]*?\bstart\s*=\s*[\"']?\s*(\d+)[^>]*>", re.IGNORECASE)
_CLASS = re.compile(r"<p\b[^>]*?\bclass\s*=\s*[\"']?\s*([\w-]+)[^>]*>", re.IGNORECASE)
_SAMI_END = re.compile(r"</?(?:sync|body|sami)\b[^>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)


def is_lrc(text: str) -> bool:
    """Whether the text is an LRC file: most lines have times in brackets, then text.

    "[0:03] Text" of a transcript has no fraction, and a file of lyrics has fractions or tags.
    """
    lines = [line for line in text.split("\n", 60)[:60] if line.strip()]
    matches = [match for line in lines if (match := _LRC_LINE.match(line))]
    others = len(lines) - len(matches) - sum(bool(_LRC_TAG.match(line)) for line in lines)
    is_precise = has_lrc_tags(text) or any(match[5] for match in matches)
    return is_precise and sum(bool(match[6].strip()) for match in matches) > others


def has_lrc_tags(text: str) -> bool:
    """Whether the text begins with tags of LRC, such as ``[ti:`` and ``[length:``."""
    return bool(_LRC_TAG.match(text.lstrip()))


def parse_lrc(text: str) -> Parsed:
    """Cues of LRC; a line may have several times, and words may have their own."""
    parsed = Parsed("LRC", keeps_order=False)
    offset = 0.0
    rows: list[tuple[float, str]] = []
    if any(int(last) > 59 for last in _LRC_HUNDREDTHS.findall(text)):
        text = _LRC_HUNDREDTHS.sub(r".\1]", text)
    for number, line in enumerate(text.split("\n"), 1):
        if match := _LRC_OFFSET.match(line):
            offset = int(match[1]) / 1000
        elif match := _LRC_LINE.match(line):
            # The last group is the text; a positive offset shows the lyrics earlier.
            starts = [_seconds(found.groups()) for found in _LRC_STAMP.finditer(match[1])]
            rows += [(max(0.0, start - offset), match[6].strip()) for start in starts]
        elif line.strip() and not _LRC_TAG.match(line) and rows:
            parsed.faults.append(Fault(number, f"a line without a time: {line.strip()[:40]!r}"))
    rows.sort(key=lambda row: row[0])
    stops = [*(start for start, _ in rows[1:]), math.inf]
    for (start, body), stop in zip(rows, stops, strict=False):
        parsed.cues.append(_lyric(start, body, stop, offset))
    return parsed


def _lyric(start: float, body: str, stop: float, offset: float) -> Cue:
    body = _LRC_SINGER.sub("", body, count=1) if _LRC_SINGER.match(body) else body
    marks = list(_LRC_WORD.finditer(body))
    if not marks:
        return Cue(start, start, body)
    first = body[: marks[0].start()]
    limits = [*(mark.start() for mark in marks[1:]), len(body)]
    pieces = [(start, first)] if first.strip() else []
    for mark, limit in zip(marks, limits, strict=True):
        pieces.append((max(0.0, _seconds(mark.groups()) - offset), body[mark.end() : limit]))
    text = "".join(text for _, text in pieces).strip()
    if not text or pieces != sorted(pieces, key=lambda piece: piece[0]):
        return Cue(start, start, text)
    words = words_from_starts(pieces, max(stop, pieces[-1][0]))
    return Cue(start, max(start, words[-1].end), text, tuple(words))


def _seconds(groups: Sequence[str | None]) -> float:
    hours, minutes, secs, fraction = groups
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(secs or 0)
    return whole + float(f"0.{fraction}") if fraction else float(whole)


def is_microdvd(text: str) -> bool:
    """Whether the text begins as a MicroDVD file: two frame numbers in braces."""
    return bool(re.match(r"\s*(?:\{DEFAULT\}.*\n\s*)?\{\d+\}\{\d*\}", text))


def parse_microdvd(text: str, frame_rate: float | None = None) -> Parsed:
    """Cues of MicroDVD; the rate is that of its first line, else `frame_rate`, else the usual."""
    parsed = Parsed("MicroDVD", keeps_order=False)
    rows = _frame_rows(text, _MICRODVD, parsed)
    rate = None
    if rows and rows[0][0] <= 1 and re.fullmatch(r"\d+(?:[.,]\d+)?", rows[0][2].strip()):
        rate = float(rows.pop(0)[2].strip().replace(",", ".")) or None
    if rate is None:
        rate = frame_rate or _USUAL_RATE
        whose = "that of the video" if frame_rate else "usual in films"
        parsed.notes.append(
            f"The captions count frames and state no rate: {rate:.3f} frames/s, {whose}, is used."
        )
    parsed.cues += [Cue(start / rate, (end or start) / rate, body) for start, end, body in rows]
    return parsed


def is_mpl2(text: str) -> bool:
    """Whether the text begins as an MPL2 file: two numbers in brackets."""
    return bool(re.match(r"\s*\[\d+\]\[\d*\]", text))


def parse_mpl2(text: str) -> Parsed:
    """Cues of MPL2, whose times are tenths of a second."""
    parsed = Parsed("MPL2", keeps_order=False)
    rows = _frame_rows(text, _MPL2, parsed)
    parsed.cues += [Cue(start / 10, (end or start) / 10, body) for start, end, body in rows]
    return parsed


def _frame_rows(
    text: str, row: re.Pattern[str], parsed: Parsed
) -> list[tuple[int, int | None, str]]:
    """Start, end and text of each line, and faults for the others."""
    rows: list[tuple[int, int | None, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if match := row.match(line):
            body = _SLANT.sub("", match[3].replace("|", "\n"))
            rows.append((int(match[1]), int(match[2]) if match[2] else None, body))
        elif line.strip() and not line.startswith("{DEFAULT}"):
            parsed.faults.append(Fault(number, f"not a caption: {line.strip()[:40]!r}"))
    return rows


def is_table(text: str) -> bool:
    """Whether the text is a table with a start, an end and a text in each line."""
    return _header(text) is not None or bool(_LABEL_TRACK.match(text))


def parse_table(text: str) -> Parsed:
    """Cues of a table of Whisper, whisper.cpp or an editor, or of an Audacity label track.

    Times are clock times or numbers: milliseconds if all are whole, unless that is absurdly fast.
    """
    parsed = Parsed("table")
    found = _header(text)
    delimiter, columns = found or ("\t", {"start": 0, "end": 1, "text": 2})
    rows = _table_rows(text.lstrip("\n"), delimiter)[found is not None :]
    spoken: list[tuple[float, float, str]] = []
    are_whole = True
    for number, fields in rows:
        try:
            start, end = (fields[columns[name]].strip() for name in ("start", "end"))
            spoken.append((_cell_time(start), _cell_time(end), fields[columns["text"]].strip()))
        except (IndexError, FormatError) as error:
            what = error.what if isinstance(error, FormatError) else "a column is missing"
            parsed.faults.append(Fault(number, what))
        else:
            are_whole = are_whole and start.isdecimal() and end.isdecimal()
    lengths = sum(max(0.0, end - start) for start, end, _ in spoken)
    rate = sum(characters(body) for _, _, body in spoken) / max(lengths, 0.001)
    unit = 1000 if are_whole and rate < 1.0 else 1
    parsed.is_chapters = found is None and rate < SPEECH_RATE
    parsed.cues += [Cue(start / unit, end / unit, body) for start, end, body in spoken]
    return parsed


def _cell_time(text: str) -> float:
    """Seconds of a cell; a frame count after the seconds is left out."""
    match = re.fullmatch(r"(\d+:\d\d:\d\d)[:;](\d\d)", text)
    return parse_time(match[1] if match else text.removesuffix("s"))


def _header(text: str) -> tuple[str, dict[str, int]] | None:
    """The delimiter and the columns of a table; None if its first line does not name them."""
    first = text.lstrip("\n")[:400].partition("\n")[0]
    for delimiter in "\t,;":
        names = [
            name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])
        ]
        columns = {
            column: next((names.index(name) for name in known if name in names), -1)
            for column, known in _COLUMNS.items()
        }
        if min(columns.values()) >= 0:
            return delimiter, columns
    return None


def _table_rows(text: str, delimiter: str) -> _Rows:
    lines = text.split("\n")
    if delimiter == "\t":
        # Whisper quotes nothing here.
        split = [(number, line.split("\t")) for number, line in enumerate(lines, 1)]
        return [(number, fields) for number, fields in split if any(map(str.strip, fields))]
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        return [(reader.line_num, fields) for fields in reader if any(map(str.strip, fields))]
    except csv.Error as error:
        raise FormatError("not a table", why=str(error), line=reader.line_num) from error


def parse_sami(text: str) -> Parsed:
    """Cues of SAMI in its first language; a cue ends at the next one, which may be blank."""
    parsed = Parsed("SAMI", keeps_order=False)
    marks = list(_SYNC.finditer(text))
    limits = [*(mark.start() for mark in marks[1:]), len(text)]
    bodies = [text[mark.end() : limit] for mark, limit in zip(marks, limits, strict=True)]
    classes = list(dict.fromkeys(found for body in bodies for found in _CLASS.findall(body)))
    if len(classes) > 1:
        parsed.notes.append(
            f"The captions {classes[0]} are read; the file also has {', '.join(classes[1:])}."
        )
    rows: list[tuple[float, str]] = []
    for mark, body in zip(marks, bodies, strict=True):
        pieces = _CLASS.split(body)
        spoken = (
            [body]
            if len(pieces) == 1
            else [
                piece
                for name, piece in zip(pieces[1::2], pieces[2::2], strict=True)
                if name == classes[0]
            ]
        )
        if spoken:
            rows.append((int(mark[1]) / 1000, _sami_text("\n".join(spoken))))
    stops = [*(start for start, _ in rows[1:]), None]
    for (start, body), stop in zip(rows, stops, strict=True):
        parsed.cues.append(Cue(start, start if stop is None else max(start, stop), body))
    return parsed


def _sami_text(body: str) -> str:
    """The text of a cue; line ends of the source are spaces, ``<br>`` is a line end."""
    body = " ".join(_SAMI_END.sub(" ", body).split())
    return html.unescape(body.replace("&nbsp", "&nbsp;").replace(";;", ";")).replace("\xa0", " ")
