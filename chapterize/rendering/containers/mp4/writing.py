"""Chapters in MP4, M4A and MOV: the `moov` box is rewritten, every other byte is copied.

Chapters are written in both ways: a disabled text track named by `tref/chap` (QuickTime, Apple) and
`udta/chpl` (Nero; most players read this). Samples, edit lists, rotation, tags, cover art and
unknown tracks stay as they are. `moov` comes before the samples, so that the file plays while it
loads.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from chapterize.data import Chapter
from chapterize.rendering.containers.copying import OnBytes, Unsuited, copy_region
from chapterize.rendering.containers.mp4.boxes import (
    NERO_CHAPTERS,
    NERO_TITLE_BYTES,
    Box,
    make_box,
    read_top_boxes,
    text_samples,
)
from chapterize.rendering.containers.mp4.movie import (
    Extra,
    NewMovie,
    move_tracks,
    rebuild_movie,
)
from chapterize.rendering.containers.mp4.tracks import (
    MovedTrack,
    chapter_track_ids,
    handler_of,
    sample_regions,
    track_id,
)

__all__ = ["read_movie", "read_xmp", "write_mp4"]

_MAX_MOOV_BYTES = 1 << 30
_MAX_XMP_BYTES = 1 << 24
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_WIDE = 1 << 32
_BLOCK_BYTES = 1024 * 1024
_LARGE_BYTES = 64 * _BLOCK_BYTES


def read_movie(path: Path) -> Box:
    """Return the `moov` box of a file, which may be fragmented; raises Unsuited if it has none."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[4:8] not in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
            raise Unsuited("not an MP4")
        boxes = [one for one in read_top_boxes(file) if one.kind == b"moov"]
        if len(boxes) != 1 or boxes[0].end - boxes[0].start > _MAX_MOOV_BYTES:
            raise Unsuited("not one moov box")
        return _read_movie(file, boxes)


def read_xmp(path: Path) -> tuple[bytes, int]:
    """Return the XMP box of an MP4, empty if it has none, and how many other `uuid` boxes it has.

    Those belong to the file as it is, such as signatures, or to the program that made it.
    """
    with path.open("rb") as file:
        found, n_others = b"", 0
        for one in read_top_boxes(file):
            if one.kind != b"uuid":
                continue
            file.seek(one.body)
            if file.read(16) == _XMP and one.end - one.start <= _MAX_XMP_BYTES:
                file.seek(one.body)
                found = make_box(b"uuid", file.read(one.end - one.body))
            else:
                n_others += 1
    return found, n_others


def write_mp4(
    source: Path,
    target: Path,
    entries: Sequence[Chapter],
    on_bytes: OnBytes,
    extra: Extra | None = None,
) -> tuple[str, ...]:
    """Write `source` with the chapters `entries` (container time) into `target`; return notes.

    Without `entries`, the chapters it has are removed. Raises Unsuited if the file is fragmented,
    compressed or otherwise unusual.
    """
    # Not "wb": when a file was truncated, ext4 flushes every byte to the disk on closing.
    with source.open("rb") as file, target.open("r+b") as out:
        boxes = _top_boxes(file)
        movie = _read_movie(file, boxes)
        text = make_box(b"mdat", text_samples(entries)) if entries else b""
        moved = move_tracks(movie, extra)
        is_wide = _most_bytes(boxes, movie, moved) + len(text) >= _WIDE
        new = rebuild_movie(movie, entries, is_wide, extra, moved)
        dead = _dead_boxes(movie, boxes)
        head = [one for one in boxes if one.kind == b"ftyp"]
        rest = [one for one in boxes if one not in dead and one.kind not in (b"moov", b"ftyp")]
        position = sum(one.end - one.start for one in head) + len(new.data)
        if new.text_at is not None:
            struct.pack_into(">Q" if is_wide else ">I", new.data, new.text_at, position + 8)
        text += extra.boxes if extra is not None else b""
        text += _padding(position + len(text), rest)
        position = _move_chunks(new, rest, position + len(text))
        _place_moved(new, position)
        for one in head:
            copy_region(file, out, one.start, one.end - one.start, on_bytes)
        out.write(new.data)
        out.write(text)
        for one in rest:
            copy_region(file, out, one.start, one.end - one.start, on_bytes)
        _write_moved(out, new, extra)
        out.truncate()
    return (*_images_left_out(movie), *_nero_limits(entries))


def _most_bytes(boxes: Sequence[Box], movie: Box, moved: Sequence[MovedTrack]) -> int:
    """An upper bound of the size of the new file without the titles of its chapters."""
    more = sum(16 + len(track.box) + track.size for track in moved) + _MAX_XMP_BYTES
    return boxes[-1].end + 2 * movie.end + more + 2 * _BLOCK_BYTES


def _top_boxes(file: BinaryIO) -> list[Box]:
    """The top-level boxes, one of them `moov`, each ending within the file."""
    size = os.fstat(file.fileno()).st_size
    boxes = read_top_boxes(file)
    for one in boxes:
        if one.kind in (b"moof", b"meta"):
            raise Unsuited(f"a top-level {one.kind!r}")
        if one.kind == b"moov" and (one.end > size or one.end - one.start > _MAX_MOOV_BYTES):
            raise Unsuited("the header is truncated")
    if sum(one.kind == b"moov" for one in boxes) != 1:
        raise Unsuited("not one moov box")
    return [replace(one, end=min(one.end, size)) for one in boxes]


def _padding(position: int, rest: Sequence[Box]) -> bytes:
    """A `free` box that moves the largest of `rest` by whole blocks, if it is large.

    Measured on 1 GB: moving by single bytes takes twice as long as by blocks, and by blocks no
    longer than a plain copy.
    """
    largest = max(rest, key=lambda one: one.end - one.start, default=None)
    if largest is None or largest.end - largest.start < _LARGE_BYTES:
        return b""
    before = sum(one.end - one.start for one in rest if one.start < largest.start)
    return make_box(b"free", bytes((largest.start - position - before - 8) % _BLOCK_BYTES))


def _read_movie(file: BinaryIO, boxes: Sequence[Box]) -> Box:
    (moov,) = (one for one in boxes if one.kind == b"moov")
    file.seek(moov.start)
    data = file.read(moov.end - moov.start)
    return Box(b"moov", 0, moov.body - moov.start, len(data), data)


def _dead_boxes(movie: Box, boxes: Sequence[Box]) -> list[Box]:
    """Padding, and the `mdat` boxes that hold nothing but the titles of the old chapters."""
    dead = [one for one in boxes if one.kind in (b"free", b"skip")]
    old = chapter_track_ids(movie)
    for track in movie.boxes():
        if track.kind == b"trak" and track_id(track) in old:
            regions: tuple[tuple[int, int], ...] = ()
            with suppress(Unsuited):  # then its titles stay where they are
                regions = sample_regions(track)
            for one in boxes if len(regions) == 1 else ():
                if one.kind == b"mdat" and regions[0] == (one.body, one.end - one.body):
                    dead.append(one)
    return dead


def _place_moved(new: NewMovie, position: int) -> None:
    """Write the chunk offsets of the moved tracks, whose `mdat` starts at `position`."""
    position += 16
    for at, track in new.moved:
        offsets = [position + start for start in track.chunks]
        struct.pack_into(f">{len(offsets)}Q", new.data, at, *offsets)
        position += track.size


def _write_moved(out: BinaryIO, new: NewMovie, extra: Extra | None) -> None:
    size = sum(track.size for _, track in new.moved)
    if extra is None or not size:
        return
    out.write(struct.pack(">I4sQ", 1, b"mdat", 16 + size))
    with extra.path.open("rb") as file:
        for _, track in new.moved:
            out.write(track.content)
            for start, length in () if track.content else track.regions:
                copy_region(file, out, start, length, lambda _: None)


def _images_left_out(movie: Box) -> tuple[str, ...]:
    old = chapter_track_ids(movie)
    tracks = [box for box in movie.boxes() if box.kind == b"trak" and track_id(box) in old]
    if any(handler_of(track) == b"vide" for track in tracks):
        return ("the images of the old chapters were left out with them",)
    return ()


def _nero_limits(entries: Sequence[Chapter]) -> tuple[str, ...]:
    """What the Nero list cannot hold of `entries`, and who sees that."""
    if len(entries) > NERO_CHAPTERS:
        return (
            f"the {len(entries)} chapters are in the QuickTime track, which Apple's players and "
            f"those based on FFmpeg read; the Nero list holds {NERO_CHAPTERS} and was left out, so "
            "players that read only that list show none",
        )
    long = [n for n, e in enumerate(entries, 1) if len(e.title.encode()) > NERO_TITLE_BYTES]
    if long:
        numbers = ", ".join(map(str, long[:5])) + (" …" if len(long) > 5 else "")
        return (
            f"titles of more than {NERO_TITLE_BYTES} bytes (chapter {numbers}) are cut in the Nero "
            "list, which VLC reads; Apple's players and those based on FFmpeg show them whole",
        )
    return ()


def _move_chunks(new: NewMovie, rest: Sequence[Box], position: int) -> int:
    """Adjust every chunk offset, except those of new tracks, to where its box of `rest` moves.

    They follow each other from `position` on; returns the position after them.
    """
    moov, own, moves = new.data, new.own_offsets, []
    for one in rest:
        moves.append((one.start, one.end, position - one.start))
        position += one.end - one.start
    starts, ends, shifts = np.array(moves, np.int64).reshape(-1, 3).T
    for track in Box(b"moov", 0, 8, len(moov), moov).boxes():
        table = track.first(b"mdia", b"minf", b"stbl") if track.kind == b"trak" else None
        for box in table.boxes() if table else ():
            if box.kind not in (b"stco", b"co64") or box.body + 8 in own:
                continue
            form = ">u4" if box.kind == b"stco" else ">u8"
            count = int.from_bytes(box.bytes(4, 4))
            raw = box.bytes(8, count * np.dtype(form).itemsize)
            offsets = np.frombuffer(raw, form).astype(np.int64)
            home = np.searchsorted(starts, offsets, "right") - 1
            if np.any(home < 0) or np.any(offsets > ends[home]):
                raise Unsuited("samples outside the file")
            moved = (offsets + shifts[home]).astype(form).tobytes()
            moov[box.body + 8 : box.body + 8 + len(moved)] = moved
    return position
