"""Chapter files: one module a format, with ``dumps(chapters)`` and, if it is read, ``scan(text)``.

Modules that count frames or name the media take ``frame_rate`` and ``media`` as well, and
``changes`` says in words what they round or replace.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from types import ModuleType

from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.formats import (
    audacity,
    cue,
    edl,
    fcpxml,
    ffmetadata,
    losslesscut,
    matroska,
    ogm,
    otio,
    own,
    podcast,
    podlove,
    vorbis,
    webvtt,
    youtube,
)
from chapterize.formats.frames import FrameRate, known_rate, parse_frame_rate
from chapterize.formats.listing import Listing, Parsed, marks_of, tile
from chapterize.formats.recognising import recognise

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "READABLE",
    "SUFFIXES",
    "FrameRate",
    "Listing",
    "Parsed",
    "changes",
    "dumps",
    "format_of",
    "format_to_read",
    "known_rate",
    "loads",
    "marks_of",
    "parse_frame_rate",
    "read_chapters",
    "read_listing",
    "read_text",
    "recognise",
    "scan",
    "tile",
]

_MODULES: dict[str, ModuleType] = {
    "json": own,
    "youtube": youtube,
    "webvtt": webvtt,
    "ffmetadata": ffmetadata,
    "podcast": podcast,
    "matroska": matroska,
    "ogm": ogm,
    "podlove": podlove,
    "cue": cue,
    "audacity": audacity,
    "losslesscut": losslesscut,
    "vorbis": vorbis,
    "edl": edl,
    "fcpxml": fcpxml,
    "otio": otio,
}
FORMATS = tuple(_MODULES)
"""Every format's name, the canonical one first."""

READABLE = tuple(name for name, module in _MODULES.items() if hasattr(module, "scan"))
"""The formats that are read as well as written."""

_ON_FRAMES = ("edl", "fcpxml", "otio")
_NAMES_MEDIA = ("cue", *_ON_FRAMES)

SUFFIXES = {
    "json": ".json",
    "youtube": ".youtube.txt",
    "webvtt": ".vtt",
    "ffmetadata": ".ffmeta",
    "podcast": ".podcast.json",
    "matroska": ".xml",
    "ogm": ".ogm.txt",
    "podlove": ".psc.xml",
    "cue": ".cue",
    "audacity": ".labels.txt",
    "losslesscut": ".csv",
    "vorbis": ".vorbis.txt",
    "edl": ".edl",
    "fcpxml": ".fcpxml",
    "otio": ".otio",
}
"""The suffix of each format's files."""

MAX_BYTES = 16 * 1024 * 1024
"""No chapter file is longer: what is, is something else."""

_SHARED = (".json", ".txt", ".xml")
_OWN_TEXT = tuple(
    suffix for suffix in SUFFIXES.values() if suffix.count(".") > 1 and not suffix.endswith("json")
)
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")


def format_of(path: Path) -> str:
    """The format a file's name asks for; a plain ``.txt`` is a YouTube list.

    Raises
    ------
    InputError : the suffix is none of ours.
    """
    name = path.name.lower()
    for form in sorted(SUFFIXES, key=lambda form: -len(SUFFIXES[form])):
        if name.endswith(SUFFIXES[form]):
            return form
    if name.endswith(".txt"):
        return "youtube"
    raise InputError(
        f"cannot tell the chapter format of {path.name}",
        why=f"known suffixes are {', '.join(SUFFIXES.values())} and .txt",
        hint=f"rename the file, or name the format: {', '.join(FORMATS)}",
    )


def dumps(
    chapters: Chapters,
    name: str = "json",
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
) -> str:
    """`chapters` as the text of the format `name`.

    `frame_rate` is that of the video, for formats that count frames (30 a second when it is None);
    `media` the name of the media file, for formats that name it.

    Raises
    ------
    InputError : no such format.
    FormatError : the format cannot hold them; the line is named.
    MissingDependency : the package that writes it is not installed.
    """
    text: str = _module(name).dumps(chapters, **_told(name, frame_rate, media))
    if len(text.encode("utf-8")) > MAX_BYTES:
        raise FormatError(
            "the chapter file would pass 16 MB",
            why="no reader expects that",
            line=1 + text.encode("utf-8")[:MAX_BYTES].count(b"\n"),
        )
    return text


def changes(
    chapters: Chapters,
    name: str,
    *,
    frame_rate: FrameRate | None = None,
    media: str | None = None,
    stated_rate: float | None = None,
) -> tuple[str, ...]:
    """What `dumps` with the same arguments rounds, replaces or guesses, in plain words.

    `stated_rate` is what the video says (frames a second), where `known_rate` finds none for it.
    """
    module = _module(name)
    if not hasattr(module, "changes"):
        return ()
    told = _told(name, frame_rate, media)
    if name in _ON_FRAMES:
        told["stated_rate"] = stated_rate
    notes: tuple[str, ...] = module.changes(chapters, **told)
    return notes


def loads(text: str, name: str | None = None, *, duration: float | None = None) -> Parsed:
    """Chapters from `text` in the format `name`, by content when it is None.

    Raises
    ------
    InputError : no such format, or the duration (seconds) is not known.
    FormatError : the text breaks the format; the line is named.
    """
    return tile(scan(text, name), duration)


def scan(text: str, name: str | None = None) -> Listing:
    """The raw rows of `text`, faults of order and range included."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    name = name or recognise(text)
    if name is None:
        raise FormatError("no chapters found", why="the text is in no format we know")
    module = _module(name)
    if name not in READABLE:
        raise InputError(
            f"chapters cannot be read from {name}",
            why="this format is only written here",
            hint=f"those that are read are {', '.join(READABLE)}",
        )
    listing: Listing = module.scan(text)
    return listing


def read_chapters(path: Path, *, name: str | None = None, duration: float | None = None) -> Parsed:
    """Chapters from a file; `name` is needed only when suffix and content do not tell.

    Raises
    ------
    InputError : missing, unreadable, too long, no such format, or the duration is not known.
    FormatError : the content breaks the format; file and line are named.
    """
    listing = read_listing(path, name=name)
    try:
        return tile(listing, duration)
    except FormatError as error:
        raise _in_file(error, str(path)) from error


def read_listing(path: Path, *, name: str | None = None) -> Listing:
    """The raw rows of a file; errors as `read_chapters`."""
    data = _read_bytes(path)
    try:
        text = read_text(data)
        return scan(text, name or format_to_read(path, text))
    except FormatError as error:
        raise _in_file(error, str(path)) from error


def read_text(data: bytes) -> str:
    """Text from the bytes of a chapter file: UTF-8, UTF-16 by its mark, or what the XML names.

    Raises
    ------
    FormatError : the bytes are not text in that encoding; the line is named.
    """
    encoding = "utf-8"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif match := _XML_ENCODING.match(data):
        encoding = match[1].decode("ascii")
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        fault = getattr(error, "start", 0)
        is_text = b"\0" not in data
        raise FormatError(
            f"not {encoding.upper()} text",
            why=str(error),
            hint="save the file as UTF-8" if is_text else "give a chapter file, or leave it out",
            line=1 + data[:fault].count(b"\n"),
        ) from error


def format_to_read(path: Path, text: str) -> str | None:
    """The format of a file with this name and content, None when neither tells.

    Raises
    ------
    InputError : an unknown suffix, and content that looks like nothing of ours.
    """
    plain = path.name.lower()
    try:
        form = format_of(path)
    except InputError:
        if found := recognise(text):
            return found
        raise
    # Where a suffix is shared or often used for others, the content decides.
    shared = plain.endswith(_SHARED) and not plain.endswith(_OWN_TEXT)
    return (recognise(text) or form) if shared else form


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"cannot read {path}",
            why=error.strerror or str(error),
            hint="check the spelling and the folder",
        ) from error
    if len(data) > MAX_BYTES:
        raise InputError(
            f"{path} is no chapter file", why="it is longer than 16 MB", hint="check the name"
        )
    return data


def _module(name: str) -> ModuleType:
    try:
        return _MODULES[name]
    except KeyError as error:
        raise InputError(
            f"no chapter format {name!r}", hint=f"choose one of {', '.join(FORMATS)}"
        ) from error


def _told(name: str, frame_rate: FrameRate | None, media: str | None) -> dict[str, object]:
    """What the writer of `name` is told besides the chapters."""
    told: dict[str, object] = {"frame_rate": frame_rate} if name in _ON_FRAMES else {}
    if name in _NAMES_MEDIA:
        # A file name may hold bytes that are no text.
        told["media"] = media and media.encode("utf-8", "replace").decode("utf-8")
    return told


def _in_file(error: FormatError, where: str) -> FormatError:
    named = FormatError(f"{where}: {error.what}", why=error.why, hint=error.hint)
    named.line = error.line
    return named
