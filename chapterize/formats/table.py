"""The chapter formats: names and suffixes, what writes and reads each of them, and `dumps`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.formats import (
    cue,
    editors,
    ffmetadata,
    json_files,
    labels,
    ogm,
    text_lists,
    webvtt,
    xml_files,
    youtube,
)
from chapterize.formats.frames import FrameRate, frame_rate_notes
from chapterize.formats.listing import Listing, checked_title

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


@dataclass(frozen=True)
class Format:
    """A chapter format.

    `dumps` writes chapters. `scan` reads rows; None: the format is only written. `changes` lists
    what `dumps` rounds or replaces. `names_media`: `dumps` takes the name of the media file;
    `counts_frames`: it takes the frame rate as well. `require` raises MissingDependency if the
    package that writes the format is not installed. `recognises` is true for a text that looks
    like the format: it gets the text without byte order mark and leading blanks, with ``\\n`` line
    ends, and `recognise` asks in the order of the table. `needs_end`: `dumps` writes the end of the
    last chapter or the duration.
    """

    name: str
    suffix: str
    dumps: Callable[..., str]
    scan: Callable[[str], Listing] | None = None
    changes: Callable[..., tuple[str, ...]] | None = None
    names_media: bool = False
    counts_frames: bool = False
    require: Callable[[], object] | None = None
    recognises: Callable[[str], object] | None = None
    needs_end: bool = True


_on_frames = partial(Format, names_media=True, counts_frames=True)
_TABLE = {
    each.name: each
    for each in (
        Format(
            "json",
            ".json",
            json_files.dumps_json,
            json_files.scan_json,
            recognises=json_files.recognises_json,
        ),
        Format("youtube", ".youtube.txt", youtube.dumps, text_lists.scan, needs_end=False),
        Format("webvtt", ".vtt", webvtt.dumps, webvtt.scan, recognises=webvtt.recognises),
        Format(
            "ffmetadata",
            ".ffmeta",
            ffmetadata.dumps,
            ffmetadata.scan,
            recognises=ffmetadata.recognises,
        ),
        Format(
            "podcast",
            ".podcast.json",
            json_files.dumps_podcast,
            json_files.scan_podcast,
            recognises=json_files.recognises_podcast,
        ),
        Format("matroska", ".xml", xml_files.dumps_matroska, xml_files.scan_matroska),
        Format(
            "ogm",
            ".ogm.txt",
            ogm.dumps_ogm,
            ogm.scan_ogm,
            recognises=ogm.recognises_ogm,
            needs_end=False,
        ),
        Format(
            "podlove",
            ".psc.xml",
            xml_files.dumps_podlove,
            xml_files.scan_podlove,
            recognises=xml_files.recognises_podlove,
            needs_end=False,
        ),
        Format(
            "cue",
            ".cue",
            cue.dumps,
            cue.scan,
            cue.changes,
            names_media=True,
            recognises=cue.recognises,
            needs_end=False,
        ),
        Format(
            "audacity",
            ".labels.txt",
            labels.dumps_audacity,
            labels.scan_audacity,
            recognises=labels.recognises_audacity,
        ),
        Format(
            "losslesscut",
            ".csv",
            labels.dumps_losslesscut,
            labels.scan_losslesscut,
            recognises=labels.recognises_losslesscut,
        ),
        Format(
            "vorbis",
            ".vorbis.txt",
            ogm.dumps_vorbis,
            ogm.scan_vorbis,
            recognises=ogm.recognises_vorbis,
            needs_end=False,
        ),
        _on_frames("edl", ".edl", editors.dumps_edl, changes=editors.changes_edl),
        _on_frames("fcpxml", ".fcpxml", editors.dumps_fcpxml, changes=frame_rate_notes),
        _on_frames(
            "otio",
            ".otio",
            editors.dumps_otio,
            changes=frame_rate_notes,
            require=editors.require_otio,
        ),
    )
}

RECOGNISED = {name: each.recognises for name, each in _TABLE.items() if each.recognises}
"""Whether a text looks like a format, in the order in which they are asked."""

FORMATS = tuple(_TABLE)
"""The name of every format, the lossless one first."""

READABLE = tuple(name for name, each in _TABLE.items() if each.scan)
"""The formats that are read as well as written."""

SUFFIXES = {name: each.suffix for name, each in _TABLE.items()}
"""The file suffix of each format."""


def _named(name: str) -> Format:
    """The format `name`; InputError if there is none."""
    try:
        return _TABLE[name]
    except KeyError as error:
        raise InputError(
            f"no chapter format {name!r}", hint=f"choose one of {', '.join(FORMATS)}"
        ) from error


def check(name: str, *, to_read: bool = False) -> Format:
    """The format `name`, which can be written now or, with `to_read`, read.

    Call it before long work: it reports every failure that does not depend on the chapters.

    Raises
    ------
    InputError : there is no such format, or it can only be written.
    MissingDependency : the package that writes it is not installed.
    """
    form = _named(name)
    if to_read and form.scan is None:
        raise InputError(
            f"cannot read chapters from {name}",
            why="chapterize only writes this format",
            hint=f"use one of {', '.join(READABLE)}",
        )
    if not to_read and form.require is not None:
        form.require()
    return form


def format_of(path: Path) -> str:
    """The format that the suffix of `path` names; a plain ``.txt`` is a YouTube list.

    Raises
    ------
    InputError : the suffix is unknown.
    """
    name = path.name.lower()
    for form in sorted(SUFFIXES, key=lambda form: -len(SUFFIXES[form])):
        if name.endswith(SUFFIXES[form]):
            return form
    if name.endswith(".txt"):
        return "youtube"
    raise InputError(
        f"unknown chapter format: {path.name}",
        why=f"known suffixes are {', '.join(SUFFIXES.values())} and .txt",
        hint=f"rename the file, or name the format: {', '.join(FORMATS)}",
    )


def dumps(
    chapters: Chapters,
    format: str = "json",  # noqa: A002
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
) -> str:
    """`chapters` as text in `format`, one of `FORMATS`.

    Parameters
    ----------
    frame_rate : of the video, for formats that count frames; None: 30 a second.
    media : name of the media file, for formats that store it.

    Raises
    ------
    InputError : there is no such format.
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
    for number, title in enumerate(chapters.titles, 1):
        checked_title(title, number)
    arguments: dict[str, Any] = {"frame_rate": frame_rate} if form.counts_frames else {}
    if form.names_media:
        # A file name may hold bytes that are not UTF-8.
        arguments["media"] = media and media.encode("utf-8", "replace").decode("utf-8")
    text = form.dumps(chapters, **arguments)
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
) -> tuple[str, ...]:
    """One sentence for each thing that `dumps`, with the same arguments, rounds or replaces.

    `stated_rate` is the rate that the video states (frames a second), for notes about a rate that
    `known_rate` does not know.
    """
    form = _named(format)
    if form.changes is None:
        return ()
    if form.counts_frames:
        return form.changes(chapters, frame_rate, stated_rate)
    return form.changes(chapters, media=media)
