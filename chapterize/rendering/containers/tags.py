"""Chapters in MP3 (ID3v2.3 CHAP and CTOC) and in Ogg and FLAC (CHAPTERxxx), by mutagen."""

from __future__ import annotations

import io
import os
import re
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from chapterize.data import Chapter
from chapterize.rendering.containers.copying import OnBytes, Unsuited, copy_file, copy_region
from chapterize.timecode import format_timestamp, to_ms

__all__ = ["write_mp3", "write_ogg"]

_PADDING_BYTES = 1024
_NO_OFFSET = 0xFFFFFFFF  # no byte position in a CHAP frame: players go by the times
_FOOTER = 0x10
_SEVEN_BITS = (21, 14, 7, 0)  # shifts: the size of a tag has seven bits per byte
_TOP_AND_ORDERED = 3
_UTF16 = b"\x01"
# Frames of ID3v2.4 whose content goes into other frames of ID3v2.3.
_CONVERTED = {"TDRC", "TDOR", "TIPL", "TMCL"}
_RICH = {"APIC": "images", "WXXX": "links"}
_COMMENT = re.compile(r"CHAPTER\d{1,4}(NAME|URL)?", re.IGNORECASE)


def write_mp3(
    source: Path, target: Path, entries: Sequence[Chapter], on_bytes: OnBytes
) -> tuple[str, ...]:
    """Write `source` with the chapters `entries` into `target`; the audio is copied.

    All other tags are kept. They are written as ID3v2.3, in which every reader reads long chapter
    titles. The notes name the tags that this older version cannot hold. Raises `Unsuited` if the
    tags cannot be read.
    """
    from mutagen import MutagenError
    from mutagen.id3 import ID3

    with source.open("rb") as file, target.open("wb") as out:
        audio_start = _end_of_tag(file)
        file.seek(0)
        try:
            tags = ID3(file) if audio_start else ID3()
        except MutagenError as error:
            raise Unsuited(f"the tags cannot be read: {error}") from error
        rich = sorted({kind for old in tags.getall("CHAP") for kind in _rich_frames(old)})
        tags.delall("CHAP")
        tags.delall("CTOC")
        before = {frame.FrameID for frame in tags.values()}
        tags.update_to_v23()
        lost = sorted(before - {frame.FrameID for frame in tags.values()} - _CONVERTED)
        header = io.BytesIO()
        tags.save(header, v1=0, v2_version=3, padding=lambda info: 0)
        frames = header.getvalue()[10:] + _chapter_frames(entries) + bytes(_PADDING_BYTES)
        size = bytes(len(frames) >> shift & 0x7F for shift in _SEVEN_BITS)
        out.write(b"ID3\x03\x00\x00" + size + frames)
        audio_bytes = os.fstat(file.fileno()).st_size - audio_start
        copy_region(file, out, audio_start, audio_bytes, on_bytes)
    notes = [f"{', '.join(rich)} of the old chapters were left out with them"] if rich else []
    if lost:
        notes.append(f"ID3v2.3 cannot hold the tags {', '.join(lost)}; they were left out")
    return tuple(notes)


def _rich_frames(chapter: Any) -> set[str]:
    """What a chapter has besides a title, in words."""
    kinds = {key[:4] for key in chapter.sub_frames}
    return {word for kind, word in _RICH.items() if kind in kinds}


def _end_of_tag(file: BinaryIO) -> int:
    """The offset of the audio, 0 when there is no ID3v2 tag."""
    head = file.read(10)
    if len(head) < 10 or not head.startswith(b"ID3") or any(byte & 0x80 for byte in head[6:]):
        return 0
    size = sum(byte << shift for byte, shift in zip(head[6:], _SEVEN_BITS, strict=True))
    return 10 + size + (10 if head[5] & _FOOTER else 0)


def _chapter_frames(entries: Sequence[Chapter]) -> bytes:
    """The table of contents and the chapters, in order of time.

    mutagen would sort the frames by size, and readers show them in the order of the file.
    """
    names = [f"chp{number}".encode() + b"\0" for number in range(len(entries))]
    frames = [_frame(b"CTOC", b"toc\0", bytes((_TOP_AND_ORDERED, len(names))), *names)]
    for name, entry in zip(names, entries, strict=True):
        times = (to_ms(entry.start), to_ms(entry.end), _NO_OFFSET, _NO_OFFSET)
        title = _frame(b"TIT2", _UTF16, entry.title.encode("utf-16"))
        frames.append(_frame(b"CHAP", name, struct.pack(">4I", *times), title))
    return b"".join(frames)


def _frame(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">4sIH", kind, len(body), 0) + body


def write_ogg(source: Path, target: Path, entries: Sequence[Chapter], on_bytes: OnBytes) -> None:
    """Copy `source` to `target` and put the chapters `entries` into its comments.

    ffmpeg is not used: it writes an Ogg start one second late if its milliseconds are 500 or more.
    Raises Unsuited if mutagen cannot edit the comments of this stream.
    """
    import mutagen
    from mutagen.flac import FLAC

    copy_file(source, target, on_bytes)
    try:
        file = mutagen.File(target)
        if isinstance(file, FLAC) and file.tags is None:
            file.add_tags()
        if file is None or file.tags is None or not hasattr(file.tags, "vendor"):
            raise Unsuited("no Vorbis comments")
        for key in {key for key, _ in file.tags if _COMMENT.fullmatch(key)}:
            del file.tags[key]
        for number, entry in enumerate(entries, 1):
            file.tags.append((f"CHAPTER{number:03d}", format_timestamp(entry.start)))
            file.tags.append((f"CHAPTER{number:03d}NAME", entry.title))
        file.save()
    except mutagen.MutagenError as error:
        raise Unsuited(str(error)) from error
