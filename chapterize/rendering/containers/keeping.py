"""Which streams a container takes from another file, and what it cannot hold.

ffmpeg copies them with the options of a `CopyPlan`; `carrying` adds what only our writer can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chapterize.ffmpeg import (
    input_file,
    is_still_picture,
    open_container,
    output_url,
    read_packets,
    run,
)
from chapterize.rendering.containers.copying import Unsuited
from chapterize.rendering.containers.mp4.boxes import Box
from chapterize.rendering.containers.mp4.tracks import chapter_track_ids, handler_of, track_id
from chapterize.rendering.containers.mp4.writing import read_movie

if TYPE_CHECKING:
    from av.stream import Stream

__all__ = [
    "CopyPlan",
    "carried_tracks",
    "codec_of",
    "cover_of",
    "describe",
    "fate_of",
    "left_out",
    "plan_copy",
    "remux",
    "stream_tags",
]

_MP4 = ("mp4", "m4a", "mov")
_MUXERS = {"mp4": "mp4", "m4a": "mp4", "mov": "mov", "mkv": "matroska", "webm": "webm"}
_NAMES = {"mkv": "Matroska", "webm": "WebM", "ogg": "Ogg"}
_TEXT = ("subrip", "srt", "ass", "ssa", "webvtt", "text")
_CAPTIONS = {
    **dict.fromkeys(_MP4, ("mov_text", "dvd_subtitle")),
    "mkv": (*_TEXT, "dvd_subtitle", "dvb_subtitle", "hdmv_pgs_subtitle", "hdmv_text_subtitle",
            "arib_caption"),
    "webm": ("webvtt",),
}  # fmt: skip
"""Codecs of captions that a container takes as they are."""

_CONVERTED = {
    **dict.fromkeys(_MP4, ("mov_text", "captions were converted to plain MP4 captions")),
    "mkv": ("srt", "MP4 captions were converted to SubRip, which Matroska can hold"),
}
_KEEP_COVERS = ("mp3", "flac")
_CARRY_COVERS = (*_MP4, "mkv", "ogg")
_COVERS = {"mjpeg": ("jpg", "image/jpeg"), "png": ("png", "image/png")}
_DATA_NAMES = {"tmcd": "timecode", "gpmd": "GoPro telemetry", "camm": "camera motion",
               "mett": "text metadata", "mebx": "Apple metadata", "fdsc": "GoPro file data",
               "klv": "KLV metadata", "timed_id3": "ID3 metadata", "epg": "programme guide",
               "scte_35": "SCTE-35 cues"}  # fmt: skip


@dataclass(frozen=True)
class CopyPlan:
    """Streams to copy.

    `indices` are those that ffmpeg copies, in the order of the new file, with its output `options`.
    `carried` are ids of MP4 tracks that only our writer can copy.
    """

    indices: tuple[int, ...]
    options: dict[str, Any] = field(default_factory=dict)
    carried: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


def plan_copy(path: Path, name: str, folder: Path) -> CopyPlan:
    """Plan a stream copy of `path` into the container `name`, as in ``Media.container``.

    Titles of tracks are kept, and captions are converted where that is possible. `folder` takes
    the cover art for Matroska. The notes name what the container cannot hold.
    """
    # Dolby Vision and 360° metadata of an MP4 are not in the standard: ffmpeg writes them only so.
    options: dict[str, Any] = {"c": "copy", **({"strict": -2} if name in _MP4 else {})}
    indices: list[int] = []
    carried, lost, notes = [], [], []
    cover: tuple[str, bytes] | None = None
    tracks = carried_tracks(path)
    with open_container(path) as container:
        for stream in container.streams:
            fate = fate_of(stream, name, tracks)
            if fate == "carry":
                carried.append(stream.id)
            elif fate == "cover":
                cover = cover or cover_of(path, stream.index)
            elif fate == "lost":
                lost.append(describe(stream, tracks))
            elif fate != "drop":
                if fate == "convert":
                    options[f"c:{len(indices)}"], note = _CONVERTED[name]
                    notes.append(note)
                options |= stream_tags(stream, len(indices))
                indices.append(stream.index)
    if cover is not None and name == "mkv":
        options |= attachment(cover, folder, len(indices))
    if carried:
        options["write_tmcd"] = 0  # ffmpeg would add a second timecode, that of the start
    notes += left_out(lost, _NAMES.get(name, name.upper()))
    return CopyPlan(tuple(indices), options, tuple(carried), tuple(dict.fromkeys(notes)))


def fate_of(stream: Stream, name: str, tracks: dict[int, Box]) -> str:
    """What becomes of a stream: copy, convert, cover, carry, lost, or drop without a word."""
    codec = codec_of(stream)
    if is_still_picture(stream):
        if stream.id in tracks:  # a track of images, one for each chapter
            return "lost"
        if name in _KEEP_COVERS:
            return "copy"
        return "cover" if name in _CARRY_COVERS and codec in _COVERS else "lost"
    if stream.type == "attachment" and name == "mkv":
        return "copy"
    if stream.type == "subtitle" and codec:
        fits = _CAPTIONS.get(name, (codec,))
        if codec in fits:
            return "copy"
        if name in _CONVERTED and codec in (*_TEXT, "mov_text"):
            return "convert"
    if stream.type in ("video", "audio") and codec:
        return "copy"
    return _fate_of_data(stream, name, tracks)


def _fate_of_data(stream: Stream, name: str, tracks: dict[int, Box]) -> str:
    if stream.id not in tracks:
        # ffmpeg writes a timecode again: it is a tag of the video too.
        return "drop" if stream.metadata.get("timecode") and name in _MUXERS else "lost"
    handler = handler_of(tracks[stream.id])
    # Chapters are written again; hints describe packets of the old file.
    if not handler or handler == b"hint":
        return "drop"
    if name in _MP4 and handler != b"vide":
        return "carry"
    # ffmpeg writes the timecode as a tag.
    return "drop" if handler == b"tmcd" and name in ("mkv", "webm") else "lost"


def carried_tracks(path: Path) -> dict[int, Box]:
    """Return the `trak` boxes of an MP4 by id, chapters as empty boxes.

    There are none for other files, and for fragmented ones, whose samples are elsewhere.
    """
    try:
        movie = read_movie(path)
        if movie.first(b"mvex") is not None:
            return {}
        chapters = chapter_track_ids(movie)
        tracks = [box for box in movie.boxes() if box.kind == b"trak"]
        found = {track_id(box): box for box in tracks}
    except Unsuited:
        return {}
    empty = Box(b"trak", 0, 0, 0)
    return {number: empty if number in chapters else box for number, box in found.items()}


def codec_of(stream: Stream) -> str:
    """The name of its codec; empty if it has no decoder."""
    context = stream.codec_context
    return context.codec.canonical_name if context is not None else ""


def describe(stream: Stream, tracks: dict[int, Box] | None = None) -> str:
    """Name a stream in a note: its kind, and what distinguishes it."""
    tags, codec = stream.metadata, codec_of(stream)
    if stream.type == "attachment":
        return f"the attachment {tags.get('filename') or codec or 'without a name'}"
    if is_still_picture(stream):
        return "the images of chapters" if tracks and stream.id in tracks else "the cover image"
    if stream.type in ("data", "unknown"):
        form = _form(tracks[stream.id]) if tracks and stream.id in tracks else codec
        handler = (tags.get("handler_name") or "").strip()
        named = _DATA_NAMES.get(form) or handler or "unknown"
        return f"a data track ({named}{f', {form}' if form and form != named else ''})"
    kind = "caption" if stream.type == "subtitle" else stream.type
    language = tags.get("language", "und")
    details = [codec, language if language != "und" else "", tags.get("title", "")]
    return f"{'an' if kind == 'audio' else 'a'} {kind} track ({', '.join(filter(None, details))})"


def _form(track: Box) -> str:
    """The four letters of the first sample description."""
    box = track.first(b"mdia", b"minf", b"stbl", b"stsd")
    return "" if box is None else box.bytes(12, 4).decode("ascii", "replace").strip()


def left_out(lost: Sequence[str], name: str) -> list[str]:
    """One note on what a file of the kind `name` cannot hold, in a list; empty for nothing."""
    if not lost:
        return []
    counts = {one: list(lost).count(one) for one in lost}
    listed = ", ".join(f"{n} × {one}" if n > 1 else one for one, n in counts.items())
    return [f"{name} cannot hold {listed}: left out"]


def stream_tags(stream: Stream, number: int, *, is_new: bool = False) -> dict[str, Any]:
    """ffmpeg's options that keep the title of a track, which MP4 calls its name.

    `is_new` : the stream is made from other files, and has no tags yet.
    """
    tags = {key.lower(): value for key, value in stream.metadata.items()}
    title = tags.get("title") or tags.get("name")
    # Without a value, a tag is removed: these have no meaning elsewhere.
    values = [f"{key}=" for key in stream.metadata if key.lower() in ("name", "vendor_id")]
    values += [f"title={title}"] if title else []
    if is_new:
        kept = ("language", "handler_name", "timecode", "creation_time")
        values += [f"{key}={tags[key]}" for key in kept if tags.get(key)]
    return _metadata(number, values)


def _metadata(number: int, values: Sequence[str]) -> dict[str, str]:
    """Options that set several tags of one stream.

    ffmpeg-python gives each option once; the same number with more zeros is another option.
    """
    return {f"metadata:s:0x{number:0{width}x}": value for width, value in enumerate(values, 1)}


def cover_of(path: Path, index: int) -> tuple[str, bytes] | None:
    """The codec and the bytes of a cover image, None if it has none."""
    with open_container(path) as container:
        stream = container.streams[index]
        packet = next(iter(read_packets(container, stream)), None)
        return None if packet is None else (codec_of(stream), bytes(packet))


def attachment(cover: tuple[str, bytes], folder: Path, number: int) -> dict[str, Any]:
    """Options that attach the cover image, under the name by which players know it."""
    suffix, mime = _COVERS[cover[0]]
    file = folder / f"cover.{suffix}"
    file.write_bytes(cover[1])
    values = [f"mimetype={mime}", f"filename={file.name}"]
    return {"attach": output_url(file), **_metadata(number, values)}


def remux(source: Path, target: Path, container_name: str) -> CopyPlan:
    """Copy the streams of `source` into a container that can hold chapters; return the plan.

    `container_name` is mp4, m4a, mov, mkv or webm. Chapters are left out. Raises ToolError if
    ffmpeg cannot write these streams there.
    """
    import ffmpeg

    plan = plan_copy(source, container_name, target.parent)
    options = {"f": _MUXERS[container_name], "map_metadata": 0, "map_chapters": -1, **plan.options}
    if container_name in ("mkv", "webm"):
        # They say what the old file was.
        keys = ("major_brand", "minor_version", "compatible_brands")
        options |= {f"metadata:g:{number}": f"{key}=" for number, key in enumerate(keys)}
    node = input_file(source, fflags="+genpts")
    streams = (node[str(index)] for index in plan.indices)
    command = ffmpeg.output(*streams, output_url(target), **options)
    run(command.overwrite_output(), what=f"copying the streams of {source.name}")
    return plan
