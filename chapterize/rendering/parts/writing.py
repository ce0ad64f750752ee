"""Write the parts of a file in one pass over it; packets are copied."""

from __future__ import annotations

import heapq
import re
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from chapterize.errors import OutputError, ToolError
from chapterize.ffmpeg import is_still_picture, open_container, output_url, read_packets
from chapterize.files import NO_ROOM
from chapterize.rendering.containers.keeping import codec_of, cover_of
from chapterize.rendering.parts.foreign import ASF, can_hold, to_matroska
from chapterize.rendering.parts.mp3 import carrier, n_decoded
from chapterize.rendering.parts.planning import EDITABLE, Part
from chapterize.rendering.parts.tracks import KEY, Track, cut_pcm

__all__ = ["MUXERS", "Copied", "PartFile", "Source", "write_parts"]

MUXERS = {"mp4": "mp4", "m4a": "ipod", "mov": "mov", "mkv": "matroska", "webm": "webm",
          "mp3": "mp3", "ogg": "ogg", "wav": "wav", "flac": "flac", "avi": "avi",
          "aac": "adts"}  # fmt: skip
_MP4 = {"movflags": "+faststart", "movie_timescale": "90000", "write_tmcd": "0"}
_COVERS = {"mjpeg": ("cover.jpg", "image/jpeg"), "png": ("cover.png", "image/png")}
_NO_TEXT = b"\0\0"
_REPORT_EVERY = 500  # packets

# Numbers that programs store about a whole track, and that would be wrong for a part.
_STATISTICS = re.compile(r"(?i)(?:DURATION|NUMBER_OF_\w+|BPS|_STATISTICS_\w+)(?:-\w+)?|timecode")


@dataclass(frozen=True)
class Source:
    """A file to copy from, and those of its tracks that are copied."""

    path: Path
    tracks: Sequence[Track]


@dataclass
class Copied:
    """What was written of a track: times in seconds and checksums by packet.

    PCM, which containers divide as they like, has one checksum in all.
    """

    times: array[float] = field(default_factory=lambda: array("d"))
    sums: array[int] = field(default_factory=lambda: array("L"))
    end: float = 0.0

    def add(self, track: Track, time: float, packet: Any) -> None:
        """Note a packet at `time`, unless it is an empty caption: muxers fill gaps with them."""
        if track.codec == "mov_text" and not any(bytes(packet)[: len(_NO_TEXT)]):
            return
        self.end = max(self.end, time + (packet.duration or 0) * float(packet.time_base))
        if track.is_pcm and self.sums:
            self.sums[0] = zlib.crc32(packet, self.sums[0])
            return
        self.times.append(time)
        self.sums.append(zlib.crc32(packet))

    def rows(self) -> list[tuple[float, int]]:
        """Times and checksums, in the order in which they are shown."""
        return sorted(zip(self.times, self.sums, strict=True))


@dataclass
class PartFile:
    """A part, its file, the tags of that file, and by track what was written."""

    part: Part
    path: Path
    tags: dict[str, str]
    copied: dict[int, Copied] = field(default_factory=dict)

    @property
    def container(self) -> str:
        """Its short name, such as mp4."""
        return self.path.suffix.removeprefix(".")


class _Writer:
    """Writes one part; the file is created with its first packet."""

    def __init__(
        self, source: Path, file: PartFile, templates: Sequence[tuple[Track | None, Any, Any]]
    ) -> None:
        self._source, self._file, self._templates = source, file, templates
        self._streams: dict[int, Any] = {}
        self._reserve: list[bytes] = []
        self._out: Any = None
        self._path = file.path
        self.n_left = sum(stop - first for first, stop in file.part.ranges.values())

    def put(self, track: Track, n: int, packet: Any) -> None:
        """Write packet `n` of a track, if it is of this part."""
        first, stop = self._file.part.ranges[track.number]
        if not first <= n < stop:
            return
        if self._out is None:
            self._open()
        self.n_left -= 1
        if not track.is_main or n not in self._file.part.skipped:
            self._mux(track, n, packet)
        if self.n_left == 0:
            self.close()

    def close(self) -> None:
        """Finish the file."""
        if self._out is not None:
            with _writing(self._file.path):
                out, self._out = self._out, None
                out.close()
            if self._path != self._file.path:
                streams = [whole for _, _, whole in self._templates]
                to_matroska(self._path, self._file.path, self._source, streams, self._file.tags)

    def abandon(self) -> None:
        """Close the file, whatever is in it."""
        self._path = self._file.path
        with suppress(OutputError, ToolError):
            self.close()

    def _open(self) -> None:
        import av

        name = self._file.container
        muxer, options = MUXERS[name], _MP4 if name in EDITABLE else {}
        with _writing(self._file.path):
            self._out = av.open(output_url(self._path), "w", format=muxer, options=options)
            copied = [each for track, each, _ in self._templates if track is not None]
            if name == "mkv" and not can_hold(self._out, copied):
                self._out.close()
                self._path = self._file.path.with_suffix(".asf")
                self._out = av.open(output_url(self._path), "w", format="asf", options=ASF)
            self._add_streams(is_mp4=name in EDITABLE)
        for track, _, _ in self._templates:
            if track is not None and track.codec == "mov_text":
                self._put_silence(track)

    def _add_streams(self, *, is_mp4: bool) -> None:
        self._out.metadata.update(self._file.tags)
        is_foreign = self._path != self._file.path
        for track, template, whole in self._templates:
            if is_foreign and (track is None or is_still_picture(template)):
                continue  # ASF cannot hold it.
            if is_still_picture(template) and self._file.container == "mkv":
                self._attach(template)
                continue
            stream = self._out.add_stream_from_template(template, opaque=True)
            tags = whole.metadata.items()
            stream.metadata.update({k: v for k, v in tags if not _STATISTICS.fullmatch(k)})
            # Under this name FFmpeg writes what it reads as another.
            if title := whole.metadata.get("title") or whole.metadata.get("name"):
                stream.metadata["title"] = title
            stream.disposition = whole.disposition
            if track is None:
                continue
            if is_mp4:
                stream.codec_context.codec_tag = template.codec_context.codec_tag
            self._streams[track.number] = stream
            self._file.copied[track.number] = Copied()

    def _attach(self, template: Any) -> None:
        """Matroska has cover art among its attachments."""
        cover = cover_of(self._source, template.index)
        name, kind = _COVERS.get(codec_of(template), ("", ""))
        if cover is not None and name:
            self._out.add_attachment(name, kind, cover[1])

    def _put_silence(self, track: Track) -> None:
        """An empty caption up to the first one: a track that starts late confuses players."""
        import av

        part = self._file.part
        first, stop = part.ranges[track.number]
        until = min(part.end, float(track.seconds[first])) if first < stop else part.end
        empty = av.Packet(_NO_TEXT)
        duration = track.ticks(until) - track.ticks(part.base)
        if duration > 0:
            self._send(track, empty, (0, 0, duration))

    def _put_carrier(self, track: Track, n: int, packet: Any) -> bool:
        """Keep packet `n` before an MP3; True if it has to be written itself."""
        import av

        part = self._file.part
        opening = part.ranges[track.number][0] + part.n_before
        if n < opening - n_decoded(part.n_before):
            self._reserve.append(bytes(packet))
            return False
        if n == opening - n_decoded(part.n_before):
            made = carrier(self._reserve, bytes(packet))
            if made is not None:
                duration = int(track.durations[n])
                pts = int(track.pts[n]) - track.ticks(part.base) - duration
                self._send(track, av.Packet(made), (pts, pts, duration))
        return True

    def _mux(self, track: Track, n: int, packet: Any) -> None:
        if track.number not in self._streams:
            return
        part = self._file.part
        zero = track.ticks(part.base)
        pts, dts, duration = int(track.pts[n]), int(track.dts[n]), int(track.durations[n])
        if track.kind == "cover":
            pts = dts = zero
        elif track.kind == "subtitle":
            until = min(pts + duration, track.ticks(part.end))
            pts = dts = max(pts, zero)
            duration = duration and until - pts
        elif track.is_main:
            # Players would start to decode at a keyframe after this one, though it is not enough.
            opening = part.ranges[track.number][0]
            is_key = bool(track.flags[n] & KEY)
            packet.is_keyframe = is_key and (n == opening or pts > track.ticks(part.start))
            pts = track.ticks(part.shown[n]) if n in part.shown else pts
            duration = track.ticks(part.end) - pts if n == part.last else duration
        elif part.n_before and n < part.ranges[track.number][0] + part.n_before:
            if not self._put_carrier(track, n, packet):
                return
        elif track.is_pcm:
            packet, pts, duration = cut_pcm(track, n, packet, (part.base, part.end))
            dts = pts
            if not duration:
                return
        self._send(track, packet, (max(pts, dts) - zero, dts - zero, duration))

    def _send(self, track: Track, packet: Any, times: tuple[int, int, int]) -> None:
        if self._path != self._file.path:  # ASF has no times below 0.
            times = (max(times[0], 0), *times[1:])
        packet.pts, packet.dts, packet.duration = times
        packet.time_base = track.time_base
        packet.stream = self._streams[track.number]
        self._file.copied[track.number].add(track, times[0] * float(track.time_base), packet)
        with _writing(self._file.path):
            self._out.mux(packet)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Raise OutputError where FFmpeg cannot write, so that the source is not blamed."""
    import av

    try:
        yield
    except av.error.FFmpegError as error:
        if error.errno in NO_ROOM:
            why, hint = NO_ROOM[error.errno]
            raise OutputError(f"cannot write {path.name}", why=why, hint=hint) from error
        raise ToolError(f"writing {path.name} failed", tail=error.strerror or "") from error
    except ValueError as error:  # PyAV knows that this container cannot hold the codec
        raise ToolError(f"writing {path.name} failed", tail=str(error)) from error


def write_parts(
    sources: Sequence[Source], files: Sequence[PartFile], report: Callable[[float], None]
) -> None:
    """Write all `files`, and note in each what was copied.

    The first of `sources` is the file that is split: streams get their tags from there.

    Raises
    ------
    MediaError : a source cannot be read.
    OutputError : the disk is full.
    ToolError : a container cannot hold a stream.
    """
    with ExitStack() as stack:
        opened = [stack.enter_context(open_container(source.path)) for source in sources]
        streams = _streams(sources, opened, has_attachments=files[0].container == "mkv")
        writers = [_Writer(sources[0].path, file, streams) for file in files]
        for writer in writers:
            stack.callback(writer.abandon)
        tracks = [track for source in sources for track in source.tracks]
        total = sum(len(track.pts) for track in tracks)
        wanted = {track.number: _Wanted(track.number, files) for track in tracks}
        rows = [_packets(*pair) for pair in zip(sources, opened, strict=True)]
        merged = heapq.merge(*rows, key=lambda row: row[0]) if len(rows) > 1 else rows[0]
        for done, (_, track, n, packet) in enumerate(merged):
            for number in wanted[track.number].parts_with(n):
                writers[number].put(track, n, packet)
            if done % _REPORT_EVERY == 0:
                report(done / total)
        for writer in writers:
            writer.close()


def _streams(
    sources: Sequence[Source], opened: Sequence[Any], *, has_attachments: bool
) -> list[tuple[Track | None, Any, Any]]:
    """Tracks in order, with the stream to copy and the one that has its tags; attachments last."""
    tracks = [(track, o) for s, o in zip(sources, opened, strict=True) for track in s.tracks]
    tracks.sort(key=lambda pair: pair[0].number)
    whole = opened[0].streams
    rows = [(track, o.streams[track.index], whole[track.number]) for track, o in tracks]
    extra: list[tuple[Track | None, Any, Any]] = [
        (None, each, each) for each in whole if has_attachments and each.type == "attachment"
    ]
    return [*rows, *extra]


def _packets(source: Source, container: Any) -> Iterator[tuple[float, Track, int, Any]]:
    """Yield each packet with its decoding time, its track, and its number in it."""
    tracks = {track.index: track for track in source.tracks}
    counts = dict.fromkeys(tracks, 0)
    for packet in read_packets(container, *(container.streams[index] for index in tracks)):
        track = tracks[packet.stream_index]
        n = counts[track.index]
        counts[track.index] += 1
        if n < len(track.dts):
            yield float(track.dts[n]) * float(track.time_base) - track.shift, track, n, packet


class _Wanted:
    """Finds the parts that need a packet of one track; packets come in order."""

    def __init__(self, number: int, files: Sequence[PartFile]) -> None:
        ranges = np.array([file.part.ranges[number] for file in files])
        # A part may need earlier packets than the one before.
        self._lowest = np.minimum.accumulate(ranges[::-1, 0])[::-1].tolist()
        self._stops = np.maximum.accumulate(ranges[:, 1]).tolist()
        self._at = 0

    def parts_with(self, n: int) -> Iterator[int]:
        """Yield the numbers of parts that may need packet `n`."""
        while self._at < len(self._stops) and self._stops[self._at] <= n:
            self._at += 1
        for number in range(self._at, len(self._stops)):
            if self._lowest[number] > n:
                return
            yield number
