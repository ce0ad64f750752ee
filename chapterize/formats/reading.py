"""Read chapters from text and files, in a given format or in the one recognised."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from chapterize.decoding import decode_text
from chapterize.errors import FormatError, InputError
from chapterize.files import explaining
from chapterize.formats import text_lists
from chapterize.formats.cutting_lists import handbrake_titles
from chapterize.formats.frames import FrameClock
from chapterize.formats.listing import Listing, Parsed, tile
from chapterize.formats.markup import is_html
from chapterize.formats.speech import refuse_captions
from chapterize.formats.table import MAX_BYTES, RECOGNISED, SUFFIXES, check, format_of

__all__ = [
    "format_to_read",
    "loads",
    "read_chapters",
    "read_listing",
    "read_text",
    "read_titles",
    "recognise",
    "scan",
    "scan_bytes",
]

# Suffixes that several formats or other programs use.
_SHARED = (".csv", ".json", ".md", ".tsv", ".txt", ".xml")
_OWN_TEXT = tuple(
    suffix
    for suffix in SUFFIXES.values()
    if suffix.count(".") > 1 and suffix.endswith((".txt", ".psc.xml"))
)
_OTHER = re.compile(r"<(?:[?!]|[\w.:-]+[\s/>])|\{\s*(?:[\"'}]|//|/\*|\w+\s*:)")
_XML_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")


def loads(
    text: str,
    format: str | None = None,  # noqa: A002
    *,
    duration: float | None = None,
) -> Parsed:
    r"""Chapters from `text`; the content tells the format if `format` is None.

    The chapters tile [0, `duration`), in seconds; `tile` documents what is corrected, and
    ``Parsed.notes`` lists the corrections.

    Raises
    ------
    InputError : there is no such format, or the duration is unknown.
    FormatError : the text breaks the format; the error names the line.

    Examples
    --------
    >>> loads("0:00 Opening\n1:01 Bees\n", duration=120).chapters.starts
    (0.0, 61.0)
    >>> loads("0\t61.5\tOpening\n61.5\t120\tBees\n", format="audacity").chapters.duration
    120.0
    """
    return tile(scan(text, format), duration)


def scan(
    text: str,
    format: str | None = None,  # noqa: A002
    clock: FrameClock | None = None,
) -> Listing:
    """The rows of `text` as they are, wrong order and times past the end included.

    `clock` has the frame rate and the start of a timeline that states neither.

    Raises
    ------
    InputError : there is no such format, or it cannot be read.
    FormatError : no format is recognised, or the text breaks the format.
    """
    text = _plain(text)
    _refuse_captions(text)
    name = format or recognise(text)
    if name is None:
        raise FormatError(
            "no chapters found",
            why="the text is in no known chapter format",
            hint="check that it is a chapter file, or name its format with --from",
        )
    form = check(name, to_read=True)
    assert form.scan is not None
    return form.scan(text, clock) if form.reads_frames else form.scan(text)


def read_chapters(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002
    duration: float | None = None,
) -> Parsed:
    """Chapters from a file; `format` is needed only if neither suffix nor content tell it.

    Raises
    ------
    InputError : the file is missing, unreadable or too large, there is no such format, or the
        duration is unknown.
    FormatError : the content breaks the format; the error names file and line.
    """
    listing = read_listing(path, format=format)
    with _naming(path):
        return tile(listing, duration)


def read_listing(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002
    clock: FrameClock | None = None,
) -> Listing:
    """The rows of a file as they are; `clock` as in `scan`, errors as `read_chapters`."""
    data = _read_bytes(path)
    with _naming(path):
        return scan_bytes(data, format, path=path, clock=clock)


def scan_bytes(
    data: bytes,
    format: str | None = None,  # noqa: A002
    *,
    path: Path | None = None,
    clock: FrameClock | None = None,
) -> Listing:
    """The rows of the content of a file, which may be called `path`; else as `scan`."""
    text, notes = _decoded(data)
    if path is not None and format is None:
        _refuse_captions(text)
        format = format_to_read(path, text)  # noqa: A001
        logging.getLogger(__name__).debug("reading %s as %s", path, format)
    listing = scan(text, format, clock)
    return replace(listing, notes=(*notes, *listing.notes))


def read_titles(path: Path, format: str | None = None) -> tuple[str, ...] | None:  # noqa: A002
    """The titles in a list of HandBrake, which has no times; None for another format.

    Raises
    ------
    InputError, FormatError : as `read_listing`.
    """
    data = _read_bytes(path)
    with _naming(path):
        text = _plain(_decoded(data)[0])
        name = format or format_to_read(path, text)
        return handbrake_titles(text) if name == "handbrake" else None


def read_text(data: bytes) -> str:
    """The text of a chapter file; FormatError if the bytes are not text."""
    return _decoded(data)[0]


def _decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a chapter file, and notes if its encoding had to be guessed."""
    if match := _XML_ENCODING.match(data):
        with suppress(UnicodeDecodeError, LookupError):
            return data.decode(match[1].decode("ascii")), ()
    try:
        return decode_text(data, "the chapters", what="chapters")
    except FormatError as error:
        if b"\0" not in data:
            raise
        raise FormatError(
            "not a chapter file",
            why="it is a binary file",
            hint="give a chapter file, or leave it out",
        ) from error


def format_to_read(path: Path, text: str) -> str | None:
    """The format of a file with this name and content; None if neither tells.

    Raises
    ------
    InputError : neither the suffix nor the content is known.
    """
    plain = path.name.lower()
    try:
        form = format_of(path)
    except InputError:
        if found := recognise(text):
            return found
        raise
    shared = plain.endswith(_SHARED) and not plain.endswith(_OWN_TEXT)
    return (recognise(text) or form) if shared else form


def recognise(text: str) -> str | None:
    """The format of `text` by its content; None if it looks like no known format."""
    text = _plain(text).lstrip("\n ")
    for name, recognises in RECOGNISED.items():
        if recognises(text):
            return name
    # The errors of these two say what is wrong with other XML and JSON.
    if (match := _OTHER.match(text)) and not is_html(text):
        return "matroska" if match[0][0] == "<" else "json"
    return "youtube" if text_lists.recognises(text) else None


def _refuse_captions(text: str) -> None:
    """Raise FormatError if `text` is in a format of captions, and in none of chapters."""
    text = _plain(text).lstrip("\n ")
    is_recognised = any(recognises(text) for recognises in RECOGNISED.values())
    refuse_captions(text, is_recognised=is_recognised)


def _plain(text: str) -> str:
    """`text` without byte order mark, and with the line ends of Unix."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _read_bytes(path: Path) -> bytes:
    hint = "check the spelling and the folder"
    with explaining(InputError, f"cannot read {path}", hint), path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        what, why = f"{path} is not a chapter file", "it is larger than 16 MB"
        raise InputError(what, why=why, hint="check the name")
    return data


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Add the name of the file to a FormatError."""
    try:
        yield
    except FormatError as error:
        named = FormatError(f"{path}: {error.what}", why=error.why, hint=error.hint)
        named.line = error.line
        raise named from error
