"""The `moov` box of an MP4 with other chapters, and with tags and tracks of another MP4."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np

from chapterize.data import Chapter
from chapterize.rendering.containers.copying import Unsuited
from chapterize.rendering.containers.mp4.boxes import Box, chapter_list, chapter_track, make_box
from chapterize.rendering.containers.mp4.tags import merge_tags, user_data
from chapterize.rendering.containers.mp4.tracks import (
    Interval,
    MovedTrack,
    chapter_track_ids,
    handler_of,
    move_track,
    references,
    sample_regions,
    track_id,
)

__all__ = ["Extra", "NewMovie", "move_tracks", "rebuild_movie"]

_MAX_ID = 0xFFFFFFFF
_PARENTS = {b"trak", b"mdia", b"minf", b"stbl"}
# Compressed headers, fragments, and boxes with file offsets that are not adjusted here.
_UNSUITED = {b"cmov", b"mvex", b"saio", b"iloc"}


@dataclass(frozen=True)
class Extra:
    """What a file made by ffmpeg gets from its source, besides chapters.

    `tracks` are ids in `movie`, the header of the source `path`, presented from `start` to `end` in
    container time. `twins` maps ids of tracks in the source to those in the new file. `freeform`
    and `covers` are tags for which `movie` has no box; `boxes` go next to it, as XMP does.
    """

    path: Path
    movie: Box | None = None
    tracks: tuple[int, ...] = ()
    start: float = 0.0
    end: float = float("inf")
    twins: Mapping[int, int] = field(default_factory=dict)
    freeform: Mapping[str, str] = field(default_factory=dict)
    covers: tuple[bytes, ...] = ()
    boxes: bytes = b""


@dataclass(frozen=True)
class NewMovie:
    """A new `moov` box, and where in it chunk offsets have to be written.

    `text_at` is for the chapter titles, None without chapters; `moved` has the place of the first
    offset of every moved track.
    """

    data: bytearray
    text_at: int | None
    moved: tuple[tuple[int, MovedTrack], ...]

    @property
    def own_offsets(self) -> set[int]:
        """Places of the first chunk offsets of tracks that the old file lacks."""
        places = (self.text_at, *(at for at, _ in self.moved))
        return {at for at in places if at is not None}


def move_tracks(movie: Box, extra: Extra | None) -> tuple[MovedTrack, ...]:
    """Return the tracks of `extra` that its source shows in the interval; `movie` gets them."""
    if extra is None or extra.movie is None or not extra.tracks:
        return ()
    span = Interval(extra.start, extra.end, _read_movie_header(movie)[0])
    old_timescale = _read_movie_header(extra.movie)[0]
    free = _free_ids(movie)
    new_ids = {**extra.twins, **{number: next(free) for number in extra.tracks}}
    moved = []
    with extra.path.open("rb") as file:
        for track in extra.movie.boxes():
            if track.kind == b"trak" and track_id(track) in extra.tracks:
                file.seek(next((at for at, _ in sample_regions(track)), 0))
                moved.append(move_track(track, old_timescale, span, new_ids, file.read(4)))
    return tuple(filter(None, moved))


def rebuild_movie(
    movie: Box,
    entries: Sequence[Chapter],
    is_wide: bool,
    extra: Extra | None = None,
    moved: Sequence[MovedTrack] = (),
) -> NewMovie:
    """Return the `moov` box with the chapters `entries` in place of those it has.

    `is_wide` : chunk offsets need 64 bits. Raises Unsuited for what is not adjusted here.
    """
    timescale, length, _ = _read_movie_header(movie)
    ids = {track.source_id: track.number for track in moved}
    chapters_id = next(_free_ids(movie, ids.values())) if entries else 0
    parts = _kept_boxes(movie, chapters_id, is_wide, extra, ids)
    tags = user_data(movie)
    if extra is not None:
        tags, boxes = merge_tags(movie, extra.movie, extra.freeform, extra.covers)
        parts.append(boxes)
    position = 8 + sum(map(len, parts))
    places = []
    for one in moved:
        places.append((position + one.offsets_at, one))
        parts.append(one.box)
        position += len(one.box)
    text_at = None
    if entries:
        limit_ms = length * 1000 // timescale if timescale and length else None
        own, at = chapter_track(entries, chapters_id, timescale, limit_ms, is_wide)
        parts.append(own)
        text_at, tags = position + at, chapter_list(entries) + tags
    parts.append(make_box(b"udta", tags) if tags else b"")
    return NewMovie(bytearray(make_box(b"moov", *parts)), text_at, tuple(places))


def _kept_boxes(
    movie: Box, chapters_id: int, is_wide: bool, extra: Extra | None, ids: Mapping[int, int]
) -> list[bytes]:
    """The boxes of `movie` without its chapters and user data; `ids` are those of moved tracks."""
    old_tracks = chapter_track_ids(movie)
    parts: list[bytes] = []
    for box in movie.boxes():
        if box.kind in _UNSUITED:
            raise Unsuited(f"a {box.kind!r} box")
        if box.kind == b"trak":
            if track_id(box) not in old_tracks:
                twin = _twin(track_id(box), extra)
                more = references(twin, ids) if twin is not None else b""
                track = _rebuild_track(box, chapters_id, is_wide, more)
                parts.append(_with_boxes_of(twin, track) if twin is not None else track)
        elif box.kind == b"mvhd":
            changed = bytearray(box.whole)
            next_id = next(_free_ids(movie, (chapters_id, *ids.values())))
            next_id_at = box.body - box.start + _read_movie_header(movie)[2]
            struct.pack_into(">I", changed, next_id_at, next_id)
            parts.append(bytes(changed))
        elif box.kind != b"udta":
            parts.append(box.whole)
    return parts


def _free_ids(movie: Box, taken: Iterable[int] = ()) -> Iterator[int]:
    """Unused ids, above all others as long as there are some."""
    used = {track_id(box) for box in movie.boxes() if box.kind == b"trak"} | set(taken)
    first = max(used, default=0) + 1
    return (n for n in chain(range(first, _MAX_ID), range(1, first)) if n not in used)


def _read_movie_header(movie: Box) -> tuple[int, int, int]:
    """Timescale, duration in its ticks, and where in the body the next track id is."""
    header = movie.first(b"mvhd")
    if header is None:
        raise Unsuited("no movie header")
    if header.bytes(0, 1) == b"\1":
        timescale, length = struct.unpack(">IQ", header.bytes(20, 12))
        return timescale, length, 108
    timescale, length = struct.unpack(">II", header.bytes(12, 8))
    return timescale, 0 if length == 0xFFFFFFFF else length, 96


def _twin(number: int, extra: Extra | None) -> Box | None:
    """The track of the source from which the track `number` was made."""
    for box in extra.movie.boxes() if extra is not None and extra.movie is not None else ():
        if box.kind == b"trak" and extra is not None and extra.twins.get(track_id(box)) == number:
            return box
    return None


def _with_boxes_of(twin: Box, track: bytes) -> bytes:
    """A `trak` box with the metadata that only its twin has, such as that of 360° video."""
    own = {box.kind for box in Box(b"trak", 0, 8, len(track), track).boxes()}
    kinds = {b"meta", b"uuid", b"udta"} - own
    return make_box(b"trak", track[8:], *(one.whole for one in twin.boxes() if one.kind in kinds))


def _rebuild_track(track: Box, chapters_id: int, is_wide: bool, more: bytes) -> bytes:
    """The `trak` box with the new references, and 64-bit offsets where needed."""
    is_media = handler_of(track) in (b"vide", b"soun") and chapters_id
    reference = make_box(b"chap", struct.pack(">I", chapters_id)) if is_media else b""
    found = track.first(b"tref")
    if found is not None:
        reference += b"".join(box.whole for box in found.boxes() if box.kind != b"chap")
    reference += more
    return _rebuild(track, is_wide, make_box(b"tref", reference) if reference else b"")


def _rebuild(parent: Box, is_wide: bool, extra: bytes = b"") -> bytes:
    parts = []
    for box in parent.boxes():
        if box.kind in _UNSUITED:
            raise Unsuited(f"a {box.kind!r} box")
        if box.kind in _PARENTS:
            parts.append(_rebuild(box, is_wide))
        elif box.kind == b"stco" and is_wide:
            count = int.from_bytes(box.bytes(4, 4))
            offsets = np.frombuffer(box.bytes(8, 4 * count), ">u4").astype(">u8")
            parts.append(make_box(b"co64", box.bytes(0, 8) + offsets.tobytes()))
        elif box.kind != b"tref":
            parts.append(box.whole)
        # The reference comes before the media, in the order of the standard.
        if box.kind == b"tkhd":
            parts.append(extra)
    return make_box(parent.kind, *parts)
