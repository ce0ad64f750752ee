"""Put into a file made by ffmpeg what only our writer can copy from its source.

In MP4: data tracks, QuickTime keys, user data, cover art, and tags without a place of their own. In
Ogg: cover art.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from chapterize.data import Media
from chapterize.errors import ToolError
from chapterize.ffmpeg import is_still_picture, open_container
from chapterize.files import replacing
from chapterize.rendering.containers.copying import Unsuited
from chapterize.rendering.containers.keeping import CopyPlan, carried_tracks, cover_of, describe
from chapterize.rendering.containers.mp4.boxes import Box
from chapterize.rendering.containers.mp4.movie import Extra, move_tracks
from chapterize.rendering.containers.mp4.tracks import sample_regions, track_id
from chapterize.rendering.containers.mp4.writing import read_movie, read_xmp, write_mp4

__all__ = ["carry", "gather", "verify_moved"]

_TECHNICAL = {"encoder", "major_brand", "minor_version", "compatible_brands", "duration",
              "creation_time", "timecode", "handler_name", "vendor_id"}  # fmt: skip
"""Tags about the old file that do not hold for another one."""

_PICTURE = "metadata_block_picture"


def carry(
    media: Media, made: Path, plan: CopyPlan, start: float = 0.0, end: float = float("inf")
) -> tuple[str, ...]:
    """Add to `made`, which ffmpeg copied as planned, the rest of `media`; return notes.

    `made` shows `media` from `start` to `end`, in seconds of its player's clock. An MP4 is written
    again, with its header in front. Raises ToolError if the result fails verification.
    """
    with open_container(made) as container:
        family = container.format.name
    if family == "ogg":
        return _carry_picture(media.path, made)
    if not family.startswith("mov"):
        return ()
    extra, notes = gather(media, made, plan, start, end)
    with replacing(made, force=True, flush=False) as temporary:
        try:
            write_mp4(made, temporary, (), lambda _: None, extra)
            fault = verify_moved(made, temporary, extra)
        except Unsuited as error:
            fault = str(error)
        if fault:
            what = "a file with the data tracks of its source failed verification"
            raise ToolError(what, tail=fault)
    return notes


def gather(
    media: Media, made: Path, plan: CopyPlan, start: float = 0.0, end: float = float("inf")
) -> tuple[Extra, tuple[str, ...]]:
    """Collect what `made`, an MP4 with the streams of `plan`, lacks of `media`; and notes.

    An index of -1 in `plan` is a stream that was made, not copied.
    """
    movie = _movie(media.path)
    with open_container(media.path) as old, open_container(made) as new:
        ours = [stream for stream in new.streams if not is_still_picture(stream)]
        pairs = zip(plan.indices, ours, strict=False)
        twins = {old.streams[index].id: stream.id for index, stream in pairs if index >= 0}
        tracks = carried_tracks(media.path)
        names = {stream.id: describe(stream, tracks) for stream in old.streams}
    extra = Extra(media.path, movie, (), start + media.origin, twins=twins)
    extra = replace(extra, end=min(end, media.duration) + media.origin)
    notes: list[str] = []
    if movie is None:
        extra = replace(extra, freeform=_freeform(media.path, made), covers=_covers(media.path))
    else:
        xmp, n_others = read_xmp(media.path)
        extra = replace(extra, boxes=xmp)
        if n_others:
            boxes = "a box" if n_others == 1 else f"{n_others} boxes"
            notes.append(f"{boxes} of the program that made the source (uuid): left out")
    target, kept = read_movie(made), []
    for number in plan.carried:
        try:
            move_tracks(target, replace(extra, tracks=(number,)))
        except Unsuited as error:
            notes.append(f"{names[number]} was left out: {error}")
        else:
            kept.append(number)
    return replace(extra, tracks=tuple(kept)), tuple(notes)


def _freeform(source: Path, made: Path) -> dict[str, str]:
    """Tags of `source` for which ffmpeg found no place in `made`."""
    with open_container(source) as old, open_container(made) as new:
        skipped = _TECHNICAL | {key.lower() for key in new.metadata}
        return {k: v for k, v in old.metadata.items() if v and k.lower() not in skipped}


def _covers(source: Path) -> tuple[bytes, ...]:
    with open_container(source) as container:
        stills = [stream.index for stream in container.streams if is_still_picture(stream)]
    found = (cover_of(source, index) for index in stills)
    return tuple(data for codec, data in filter(None, found) if codec in ("mjpeg", "png"))


def verify_moved(made: Path, target: Path, extra: Extra) -> str:
    """Check that the moved tracks of `target` have the bytes of the source; return a fault."""
    moved = move_tracks(read_movie(made), extra)
    tracks = {track_id(box): box for box in read_movie(target).boxes() if box.kind == b"trak"}
    for track in moved:
        if track.number not in tracks:
            return "a data track is missing"
        new = _digest(target, sample_regions(tracks[track.number]))
        is_changed = bool(track.content)  # a timecode that moved on
        old = hashlib.blake2b(track.content).digest() if is_changed else b""
        if new != (old or _digest(extra.path, track.regions)):
            return "a data track differs from the source"
    return ""


def _digest(path: Path, regions: tuple[tuple[int, int], ...]) -> bytes:
    total = hashlib.blake2b()
    with path.open("rb") as file:
        for start, size in regions:
            file.seek(start)
            while block := file.read(min(size, 1 << 20)):
                total.update(block)
                size -= len(block)
    return total.digest()


def _movie(path: Path) -> Box | None:
    """The header of an MP4, None for other files."""
    try:
        return read_movie(path)
    except Unsuited:
        return None


def _carry_picture(source: Path, made: Path) -> tuple[str, ...]:
    """Copy the cover images of an Ogg file, which ffmpeg does not write."""
    import mutagen

    try:
        old, new = mutagen.File(source), mutagen.File(made)
        if old is None or new is None or not (old.tags or {}).get(_PICTURE):
            return ()
        new.tags[_PICTURE] = old.tags[_PICTURE]
        new.save()
    except mutagen.MutagenError as error:
        return (f"the cover image was left out: {error}",)
    return ()
