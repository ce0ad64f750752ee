"""Tables of markers and scenes (CSV, TSV), LosslessCut's frames, and bookmarks of PotPlayer.

Tables are those of PySceneDetect, SceneCut, Premiere, Audition, Reaper, Twitch, and others with a
row of names, or with times in the first column. HandBrake's has titles alone, for the chapters that
its source has.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from chapterize.data import Chapters, Mark
from chapterize.errors import FormatError
from chapterize.formats.frames import FrameClock
from chapterize.formats.listing import Listing, numbered_scenes, one_line, seconds_at

__all__ = [
    "dumps_handbrake",
    "handbrake_titles",
    "recognises_bookmarks",
    "recognises_handbrake",
    "recognises_scenes",
    "recognises_table",
    "scan_bookmarks",
    "scan_frames",
    "scan_scenes",
    "scan_table",
]

# Names of columns in lower case, without what is in brackets; the best first.
_STARTS = (
    *("start time (seconds)", "start_seconds", "start seconds", "start timecode", "start_timecode"),
    *("start tc", "start_ms", "start (ms)", "startms", "start", "start time", "starttime"),
    *("startzeit", "in", "in point", "timecode", "time", "record in", "timestamp", "zeit"),
    *("position", "begin", "from", "anfang", "beginn", "début", "entrée"),
    *("inicio", "entrada", "inizio", "attacco", "начало"),
    *("入点", "イン", "インポイント", "开始", "開始", "시작"),
)
_ENDS = (
    *("end time (seconds)", "end_seconds", "end seconds", "end timecode", "end_timecode", "end"),
    *("end tc", "end_ms", "end (ms)", "endms", "end time", "endtime", "endzeit", "stop"),
    *("record out", "out", "out point", "to", "ende", "fin", "sortie"),
    *("fine", "stacco", "salida", "saída", "fim", "конец"),
    *("出点", "アウト", "アウトポイント", "结束", "終了", "끝"),
)
_LENGTHS = (
    *("length_ms", "duration_ms", "length (seconds)", "length", "length (timecode)", "duration"),
    *("dauer", "durée", "duración"),
    *("durata", "duração", "持续时间", "デュレーション", "長さ", "길이"),
)
_TITLES = (
    *("marker name", "name", "title", "label", "chapter", "markername", "markierungsname"),
    *("nom du marqueur", "nom", "titre", "titel", "nombre", "kapitel", "título", "titolo", "nome"),
    *("标记名称", "名称", "名前", "マーカー名", "标题", "タイトル", "description", "beschreibung"),
    *("comment", "comments", "notes", "note", "text", "chapter title"),
)
_FRAMES = ("start frame", "start_frame")
_KNOWN = {*_STARTS, *_ENDS, *_LENGTHS, *_TITLES, *_FRAMES}
_CLOCK = re.compile(
    r"\s*(?:\d{1,4}:\d{1,2}(?::\d{1,2}(?:[:;]\d{2,3})?)?(?:[.,]\d{1,9})?|\d\d(?:;\d\d){3})\s*"
)
_WHOLE = re.compile(r"\s*\d{1,9}\s*")
_SCENES = "timecode list:"
# Whisper counts milliseconds, and writes what is said.
_WHISPER = re.compile(r"start([,\t])end\1text\n\d+\1\d+\1", re.IGNORECASE)
_LOOKED_AT = 8192

recognises_bookmarks = re.compile(r"\[(?:Bookmark|PlayRepeat)\]", re.IGNORECASE).match
recognises_handbrake = re.compile(r"1[,;\t](?![\d:.]*[,;\t])[^\n]*\n+2[,;\t]\s*\S").match
# "00:06:40,250 Title" is one cell: the comma is that of the fraction.
_FRACTION = re.compile(r"\d{1,3}\s+\S")
_MILLISECONDS = re.compile(r"ms\)?\s*$", re.IGNORECASE)
# The user, timecode, track, colour and text of Avid's markers.
_AVID = re.compile(r"[^\t\n]*\t\d\d(?:[:;]\d\d){3}\t[AVDT]C?\d*\t[A-Za-z]+\t")
_STATISTICS = ["frame number", "timecode"]
_PRINTED = re.compile(r"\bpts_time:\s*(\d{1,9}(?:\.\d{1,9})?)\b")
recognises_scenes = re.compile(
    rf"(?:[^\n]*\n){{0,400}}?(?:frame:\d|\[Parsed_showinfo)[^\n]*{_PRINTED.pattern}"
).match
_BOOKMARK = re.compile(r"\s*\d{1,6}=(\d{1,12})\*([^*]*)")


def recognises_table(text: str) -> bool:
    """Whether `text` starts like a table with names of columns, or with a time in each row."""
    if _WHISPER.match(text):
        return False
    head = text[:_LOOKED_AT]
    head = head[: head.rfind("\n")] if len(text) > _LOOKED_AT else head
    try:
        rows = _without_cuts(list(_rows(head)))
    except FormatError:
        return False
    if len(rows) < 2:
        return False
    if _columns(rows[0][1]) or _AVID.match(text):
        return True
    widths = {len(row) for _, row in rows}
    if min(widths) > 2 and len(widths) == 1 and not any(map(_CLOCK.fullmatch, rows[0][1])):
        return "start" in _columns_by_content([row for _, row in rows])
    if all(len(row) > 1 and _FRACTION.match(row[1]) for _, row in rows):
        return False
    timed = [len(row) > 1 and bool(_CLOCK.fullmatch(row[0])) for _, row in rows]
    return all(timed) and not any(_CLOCK.fullmatch(row[1]) or not row[1] for _, row in rows)


def scan_table(text: str, clock: FrameClock | None = None) -> Listing:
    """The rows of a table; scenes without a name are numbered.

    Raises
    ------
    FormatError : broken quoting, no column with times, or a time that cannot be read.
    """
    rows = _without_cuts(list(_rows(text)))
    if rows and [_plain(cell) for cell in rows[0][1][:2]] == _STATISTICS:
        raise FormatError(
            "measurements of each frame, not a list of scenes",
            why="this is the statistics file of PySceneDetect",
            hint="scenedetect list-scenes writes the list",
            line=rows[0][0],
        )
    columns = _columns(rows[0][1]) if rows else {}
    if columns:
        _, names = rows.pop(0)
        _in_seconds(rows, [n for n in columns.values() if _MILLISECONDS.search(names[n])])
    elif _AVID.match(text):
        columns = {"start": 1, "title": 4}
    else:
        columns = _columns_by_content([row for _, row in rows])
        is_named = not any(_CLOCK.fullmatch(cell) for cell in (rows[0][1] if rows else ()))
        rows = rows[1:] if is_named else rows
    if "start" not in columns and "frame" not in columns:
        raise FormatError(
            "the table has no column with times",
            why="a column called start, in or time is expected",
            hint="add a first row with names, such as start,title",
            line=1,
        )
    starts = [row[columns["start"]] for _, row in rows if columns.get("start", len(row)) < len(row)]
    clock = (clock or FrameClock()).started(starts)
    marks = [_mark(row, line, columns, clock) for line, row in rows]
    if not any(mark.title for mark in marks):
        marks = numbered_scenes(marks)
    return Listing(tuple(marks), None, clock.notes)


def _in_seconds(rows: Sequence[tuple[int, list[str]]], columns: Sequence[int]) -> None:
    """Turn the whole milliseconds in some columns into seconds."""
    for _, row in rows:
        for n in columns:
            if n < len(row) and _WHOLE.fullmatch(row[n]):
                row[n] = str(int(row[n]) / 1000)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, with their lines."""
    first = [row for row in text[:_LOOKED_AT].split("\n") if row.strip()][:2]
    separator = max("\t,;", key=lambda sign: sum(row.count(sign) for row in first))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise FormatError("not a table", why=str(error), line=line) from error


def _without_cuts(rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Rows without the one of timecodes that PySceneDetect writes above the names of columns."""
    if len(rows) < 2 or not _columns(rows[1][1]):
        return rows
    _, (first, *cells) = rows[0]
    is_list = _plain(first) == _SCENES or bool(_CLOCK.fullmatch(first))
    return rows[1:] if is_list and all(map(_CLOCK.fullmatch, filter(None, cells))) else rows


def _plain(cell: str) -> str:
    return cell.strip().strip("#").casefold()


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Where each part is, by the names of the columns; empty if this is no row of names."""
    names = [_plain(cell) for cell in header]
    if len(_KNOWN.intersection(names)) < 2 or any(_CLOCK.fullmatch(name) for name in names):
        return {}
    found: dict[str, int] = {}
    wanted = {
        "start": _STARTS,
        "end": _ENDS,
        "length": _LENGTHS,
        "title": _TITLES,
        "frame": _FRAMES,
    }
    for part, known in wanted.items():
        if best := next((name for name in known if name in names), None):
            found[part] = names.index(best)
    others = [n for n, name in enumerate(names) if name in _TITLES and n != found.get("title")]
    if others:
        found["more"] = others[0]
    return found if "start" in found or "frame" in found else {}


def _columns_by_content(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Where each part is, in a table whose names are in an unknown language or missing."""
    body = [row for row in rows if any(_CLOCK.fullmatch(cell) for cell in row)]
    width = min(map(len, body), default=0)
    cells = [[row[n].strip() for row in body] for n in range(width)]
    timed = [n for n in range(width) if all(_CLOCK.fullmatch(cell) for cell in cells[n])]
    if not timed or len(rows) - len(body) > 1:
        return {}
    found = {"start": timed[0]} | ({"end": timed[1]} if len(timed) > 1 else {})
    texts = [n for n in range(width) if n not in timed and any(map(str.strip, cells[n]))]
    texts = [n for n in texts if not all(_WHOLE.fullmatch(cell) for cell in cells[n])]
    if texts:
        found["title"] = texts[-1] if timed[0] == 0 else texts[0]
    return found


def _mark(row: Sequence[str], line: int, columns: Mapping[str, int], clock: FrameClock) -> Mark:
    cells = {part: row[n].strip() if n < len(row) else "" for part, n in columns.items()}
    title = cells.get("title") or cells.get("more", "")
    if "start" not in cells:
        if not _WHOLE.fullmatch(cells["frame"]):
            raise FormatError(f"not a frame: {cells['frame'][:40]!r}", line=line)
        return Mark(clock.at(int(cells["frame"]), line), title, None, line)
    # LosslessCut writes no start for the beginning.
    start = _seconds(cells["start"], line, clock) if cells["start"] or not cells.get("end") else 0.0
    if cells.get("end"):
        end = _seconds(cells["end"], line, clock)
    elif cells.get("length"):
        end = start + _seconds(cells["length"], line, clock)
    else:
        end = start
    if end < start:
        raise FormatError("a row ends before it starts", line=line)
    return Mark(start, title, end if end > start else None, line)


def _seconds(cell: str, line: int, clock: FrameClock) -> float:
    counted = clock.seconds(cell, line)
    return seconds_at(cell, line) if counted is None else counted


def scan_frames(text: str, clock: FrameClock | None = None) -> Listing:
    """LosslessCut's CSV of frames: start, end, name. An empty start is the beginning.

    Raises
    ------
    FormatError : broken quoting, a time that is no whole number, or no frame rate.
    """
    clock = clock or FrameClock()
    marks = []
    for line, row in _rows(text):
        times: list[float | None] = []
        for cell in (*row, "")[:2]:
            if cell.strip() and not _WHOLE.fullmatch(cell):
                why = "frames are whole numbers"
                raise FormatError(f"not a frame: {cell.strip()[:40]!r}", why=why, line=line)
            times.append(clock.at(int(cell), line) if cell.strip() else None)
        title = row[2].strip() if len(row) > 2 else ""
        marks.append(Mark(times[0] or 0.0, title, times[1], line))
    return Listing(tuple(marks), None, clock.notes)


def scan_bookmarks(text: str) -> Listing:
    """The bookmarks of PotPlayer (``.pbf``); one without a name ends the one before it.

    Raises
    ------
    FormatError : no bookmarks.
    """
    marks: list[Mark] = []
    for line, row in enumerate(text.split("\n"), 1):
        if match := _BOOKMARK.match(row):
            start, title = int(match[1]) / 1000, match[2].strip()
            if title or not marks:
                marks.append(Mark(start, title, None, line))
            elif marks[-1].end is None and start > marks[-1].start:
                marks[-1] = Mark(marks[-1].start, marks[-1].title, start, marks[-1].line)
    if not marks:
        why = "a bookmark looks like 0=61500*Title"
        raise FormatError("no bookmarks in the file", why=why)
    return Listing(tuple(marks))


def scan_scenes(text: str) -> Listing:
    """The frames that ffmpeg's scene filter printed, by ``showinfo`` or ``metadata=print``.

    Raises
    ------
    FormatError : no line has a time.
    """
    found = [
        Mark(float(match[1]), "", None, line)
        for line, row in enumerate(text.split("\n"), 1)
        if (match := _PRINTED.search(row[:1000]))
    ]
    if not found:
        raise FormatError("no scenes found", why="ffmpeg prints a pts_time for each")
    first = [Mark(0.0, "")] if found[0].start > 0 else []
    return Listing(tuple(numbered_scenes([*first, *found])))


def dumps_handbrake(chapters: Chapters) -> str:
    """A row for each chapter, number and title: HandBrake knows the times from its source."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerows((n, one_line(title)) for n, title in enumerate(chapters.titles, 1))
    return target.getvalue()


def handbrake_titles(text: str) -> tuple[str, ...]:
    r"""The titles of HandBrake's list, in order; a comma may be written ``\,``.

    Raises
    ------
    FormatError : broken quoting, or a row without a number.
    """
    titles: dict[int, str] = {}
    for line, row in _rows(text.replace("\\,", "\0")):
        if not re.fullmatch(r"\s*\d{1,4}\s*", row[0]) or int(row[0]) in titles:
            why = "a row is a number, used once, and a title"
            raise FormatError(f"not a row of HandBrake: {','.join(row)[:60]!r}", why=why, line=line)
        titles[int(row[0])] = ",".join(row[1:]).replace("\0", ",").strip()
    return tuple(titles[number] for number in sorted(titles))
