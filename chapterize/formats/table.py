"""Names and suffixes of the chapter formats, `check` before long work, and `dumps`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError, OptionError
from chapterize.formats.frames import FrameRate
from chapterize.formats.kinds import KINDS, Format
from chapterize.formats.listing import checked_title

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "READABLE",
    "RECOGNISED",
    "SUFFIXES",
    "Format",
    "changes",
    "check",
    "dumps",
    "format_of",
]

MAX_BYTES = 16 * 1024 * 1024
"""The largest chapter file that is read or written, in bytes."""


RECOGNISED = {name: each.recognises for name, each in KINDS.items() if each.recognises}
"""Whether a text looks like a format, in the order in which they are asked."""

FORMATS = tuple(name for name, each in KINDS.items() if each.dumps)
"""The name of every format that is written, the lossless one first."""

READABLE = tuple(name for name in FORMATS if KINDS[name].scan)
"""The formats that are read as well as written."""

SUFFIXES = {name: KINDS[name].suffix for name in FORMATS}
"""The suffix under which each format is written."""

_BY_SUFFIX = {
    suffix: name for name, each in KINDS.items() for suffix in (each.suffix, *each.also) if suffix
}


def _named(name: str) -> Format:
    """The format `name`, or of the suffix `name` without its dot; OptionError if there is none."""
    form = KINDS.get(name) or KINDS.get(_BY_SUFFIX.get(f".{name}", ""))
    if form is None:
        raise OptionError(f"no chapter format {name!r}", hint=f"choose one of {', '.join(FORMATS)}")
    return form


def check(name: str, *, to_read: bool = False) -> Format:
    """The format `name`, which can be written now or, with `to_read`, read.

    A suffix such as ``vtt`` is a name too. Call it before long work: it reports every failure that
    does not depend on the chapters.

    Raises
    ------
    OptionError : there is no such format, or it can only be written or only be read.
    MissingDependency : the package that writes it is not installed.
    """
    form = _named(name)
    if to_read and form.scan is None:
        why, hint = form.unread
        readable = ", ".join(other for other, each in KINDS.items() if each.scan)
        raise OptionError(
            f"cannot read chapters from {name}", why=why, hint=hint or f"use one of {readable}"
        )
    if not to_read and form.dumps is None:
        raise _only_read(form)
    if not to_read and form.require is not None:
        form.require()
    return form


def _only_read(form: Format) -> OptionError:
    return OptionError(
        f"cannot write chapters as {form.name}",
        why="chapterize only reads this format",
        hint=f"use one of {', '.join(FORMATS)}",
    )


def format_of(path: Path) -> str:
    """The format that the suffix of `path` names; a plain ``.txt`` is a YouTube list.

    Raises
    ------
    InputError : the suffix is unknown.
    """
    name = path.name.lower()
    found = max((s for s in _BY_SUFFIX if name.endswith(s)), key=len, default=None)
    if found is not None:
        return _BY_SUFFIX[found]
    raise InputError(
        f"unknown chapter format: {path.name}",
        why=f"known suffixes are {', '.join(SUFFIXES.values())}, .xml and .txt",
        hint=f"rename the file, or name the format: {', '.join(FORMATS)}",
    )


def dumps(
    chapters: Chapters,
    format: str = "json",  # noqa: A002
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    start_timecode: str | None = None,
    address: str | None = None,
) -> str:
    """`chapters` as text in `format`, one of `FORMATS`.

    Parameters
    ----------
    frame_rate : of the video, for formats that count frames; None: 30 a second.
    media : name of the media file, for formats that store it.
    start_timecode : where the timeline starts, for formats that count frames; None: at
        01:00:00:00 in EDL, at 00:00:00:00 in the others.
    address : web address of the video, for formats with links.

    Raises
    ------
    OptionError : there is no such format, or it is only read.
    FormatError : the format cannot hold these chapters; the error names the line.
    MissingDependency : the package that writes the format is not installed.

    Examples
    --------
    >>> chapters = Chapters.from_starts([0, 61.5], ["Opening", "Bees"], duration=120)
    >>> dumps(chapters, "youtube")
    '0:00 Opening\\n1:01 Bees\\n'
    >>> dumps(chapters, "cue", media="talk.mp3").splitlines()[0]
    'FILE "talk.mp3" MP3'
    """
    form = _named(format)
    write = form.dumps
    if write is None:
        raise _only_read(form)
    for number, title in enumerate(chapters.titles, 1):
        checked_title(title, number)
    arguments: dict[str, Any] = {}
    if form.counts_frames:
        arguments |= {"frame_rate": frame_rate, "start_timecode": start_timecode}
    if form.links:
        arguments["address"] = address
    if form.names_media:
        # A file name may hold bytes that are not UTF-8.
        arguments["media"] = media and media.encode("utf-8", "replace").decode("utf-8")
    text = write(chapters, **arguments)
    encoded = text.encode("utf-8")
    if len(encoded) > MAX_BYTES:
        raise FormatError(
            "the chapter file would exceed 16 MB",
            why="no player reads a chapter file of that size",
            line=1 + encoded[:MAX_BYTES].count(b"\n"),
        )
    return text


def changes(
    chapters: Chapters,
    format: str,  # noqa: A002
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    stated_rate: float | None = None,
    start_timecode: str | None = None,
) -> tuple[str, ...]:
    """One sentence for each thing that `dumps`, with the same arguments, rounds or replaces.

    `stated_rate` is the rate that the video states (frames a second), for notes about a rate that
    `known_rate` does not know.
    """
    form = _named(format)
    timeline: dict[str, Any] = {
        "frame_rate": frame_rate,
        "media": media,
        "start_timecode": start_timecode,
    }
    notes: tuple[str, ...] = ()
    if form.changes is not None and form.counts_frames:
        notes = form.changes(chapters, frame_rate, stated_rate)
    elif form.changes is not None:
        notes = form.changes(chapters, media=media)
    if form.default_start and start_timecode is None:
        start = f"the timecode starts at {form.default_start}; --start-timecode sets another start"
        notes = (start, *notes)
    return (*notes, *_joined_lines(chapters, format, **timeline))


def _joined_lines(
    chapters: Chapters,
    format: str,  # noqa: A002
    **timeline: Any,
) -> tuple[str, ...]:
    """A note if titles have several lines, and `format` writes them like titles of one line."""
    joined = [re.sub(r"\r\n?|\n", " ", title) for title in chapters.titles]
    n_joined = sum(before != after for before, after in zip(chapters.titles, joined, strict=True))
    if not n_joined:
        return ()
    plain = Chapters.from_starts(chapters.starts, joined, chapters.duration)
    if dumps(plain, format, **timeline) != dumps(chapters, format, **timeline):
        return ()
    return (f"line breaks became spaces in {n_joined} of {len(chapters)} titles",)
