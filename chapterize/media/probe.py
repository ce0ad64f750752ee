"""What a media file holds: streams, length, tags and chapters, on the player's clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chapterize.data import Chapter, Media, SubtitleStream
from chapterize.errors import MediaError
from chapterize.ffmpeg import (
    check_file,
    is_still_picture,
    open_container,
    pick_audio,
    pick_video,
    read_packets,
)
from chapterize.language import normalise_language
from chapterize.media.long_movie import LongMovie, find_long_movie
from chapterize.media.sample_table import UnusualFile

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

__all__ = ["open_media"]

_TEXT_SUBTITLES = {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"}
_ENCRYPTED_TAGS = {"enca", "encv", "drms", "drmi"}
_FIRST_LOOK_PACKETS = 600  # a key frame comes at least every 250 frames in common encoders
_TAIL_SECONDS = 10.0
# Seconds by which header and packets may disagree. An ADTS header has no length, and an MP3 may
# have none: what FFmpeg calls the duration is then guessed from the bit rate.
_LENGTH_SLACK = {"aac": 0.0, "mp3": 0.1}
_USUAL_SLACK = 0.25


def open_media(path: Path) -> Media:
    """What the file holds, by its content and never by its name.

    Raises
    ------
    MediaError : missing, a directory, a pipe, unreadable, empty, cut off, encrypted, of zero
        length, of an unknown kind, or without sound and pictures that can be decoded.
    """
    size = check_file(path)
    movie = find_long_movie(path)
    if movie is not None:
        with suppress(MediaError, UnusualFile, OSError):
            return _read_media(path, size, movie)
    return _read_media(path, size, None)


def _read_media(path: Path, size: int, movie: LongMovie | None) -> Media:
    whole = open_container(path) if movie is None else movie.open(with_tail=False)
    with whole as container:
        tracks = _first_look(container, path)
        origin = min(track.start for track in tracks if track.start is not None)
        duration, notes = _measure_duration(container, path, tracks, origin, movie)
        notes += [
            f"the {kind} track cannot be decoded and was left out"
            for kind in ("video", "audio")
            if kind not in {track.kind for track in tracks if track.start is not None}
            and _has_track(container, kind)
        ]
        return Media(
            path=path,
            container=_name_container(container, path, tracks),
            duration=duration,
            size_bytes=size,
            origin=origin,
            title=_tag(container.metadata, "title"),
            subtitles=tuple(_find_subtitles(container)),
            chapters=_read_chapters(container, origin, duration),
            notes=tuple(notes),
            **_describe(tracks, origin),
        )


@dataclass
class _Track:
    """One chosen stream; `start` is the container time of the first thing decoded from it."""

    stream: VideoStream | AudioStream
    start: float | None = None
    frame: Any = None
    n_packets: int = 0
    is_encrypted: bool = False

    @property
    def kind(self) -> str:
        return "video" if self.stream.type == "video" else "audio"

    @property
    def is_settled(self) -> bool:
        return self.frame is not None or self.n_packets >= _FIRST_LOOK_PACKETS

    def look(self, packet: Packet[Any] | None) -> None:
        """Take one packet (None: the stream has ended) and keep the first frame it gives."""
        from av.error import FFmpegError

        if packet is not None:
            self.n_packets += 1
            self.is_encrypted |= packet.has_sidedata("encryption_info")
        try:
            frames = self.stream.decode(packet)
        except FFmpegError:
            return
        # The decoder has dropped what an edit list or encoder delay hides: this is heard or seen.
        if frames:
            self.frame = frames[0]
            self.start = float(frames[0].time or 0.0)


def _first_look(container: InputContainer, path: Path) -> list[_Track]:
    streams = (pick_video(container), pick_audio(container))
    tracks = {stream.index: _Track(stream) for stream in streams if stream is not None}
    for packet in read_packets(container, *(track.stream for track in tracks.values())):
        track = tracks[packet.stream_index]
        if not track.is_settled:
            track.look(packet)
        if all(other.is_settled for other in tracks.values()):
            break
    for track in tracks.values():
        if not track.is_settled:
            track.look(None)
    _require_content(container, path, list(tracks.values()))
    return [track for track in tracks.values() if track.n_packets]


def _require_content(container: InputContainer, path: Path, tracks: list[_Track]) -> None:
    """Raise MediaError when nothing can be seen or heard."""
    what = f"cannot use {path}"
    if any(track.is_encrypted or _codec_tag(track) in _ENCRYPTED_TAGS for track in tracks):
        raise MediaError(
            what,
            why="it is encrypted (copy protection), and there is no key",
            hint="give a copy without protection",
        )
    kinds: list[str] = sorted({stream.type for stream in container.streams})
    if not tracks and not {"audio", "video"} & set(kinds):
        hint = "give a file with sound or pictures"
        if kinds == ["subtitle"]:
            hint = "extract the captions to an .srt file and give that"
        only = f", only {' and '.join(kinds)}" if kinds else ""
        raise MediaError(what, why=f"it has no sound and no video track{only}", hint=hint)
    if all(track.start is None for track in tracks):
        if not tracks or any(track.n_packets >= 10 for track in tracks):
            names = [track.stream.codec_context.name for track in tracks] or ["unknown codec"]
            raise MediaError(
                what,
                why=f"nothing in it can be decoded ({' and '.join(names)})",
                hint="it may be damaged or in a rare format: convert it to MP4 first",
            )
        raise MediaError(
            what, why="its length is zero: it holds no sound and no pictures", hint="record it anew"
        )


def _has_track(container: InputContainer, kind: str) -> bool:
    """Whether there is a stream of this kind, cover art aside, decodable or not."""
    return any(stream.type == kind and not is_still_picture(stream) for stream in container.streams)


def _codec_tag(track: _Track) -> str:
    try:
        return track.stream.codec_context.codec_tag
    except UnicodeDecodeError:  # PyAV cannot show the numeric tags of AVI and WAV
        return ""


def _measure_duration(
    container: InputContainer,
    path: Path,
    tracks: list[_Track],
    origin: float,
    movie: LongMovie | None,
) -> tuple[float, list[str]]:
    """The length on the player's clock: the header's, unless the packets contradict it."""
    claimed = None if container.duration is None else container.duration / 1_000_000
    if claimed is not None and container.format.name.startswith("matroska"):
        claimed -= origin  # Matroska's duration is counted from its zero, not from the first frame
    slack = _LENGTH_SLACK.get(container.format.name, _USUAL_SLACK)
    end, spacing = None, 0.0
    if claimed is not None:
        tail = nullcontext(container) if movie is None else movie.open(with_tail=True)
        with tail as end_container:
            end, spacing = _find_end(end_container, tracks, origin + claimed - _TAIL_SECONDS)
        if movie is not None and spacing >= movie.hole:
            end = None  # it read from before the hole
    if end is None:
        with open_container(path) as fresh:
            end, spacing = _find_end(fresh, tracks, None)
    if end is None or end <= origin:
        raise MediaError(
            f"cannot use {path}",
            why="its length is zero: nothing is in it that takes time",
            hint="record it anew",
        )
    measured = end - origin
    if claimed is None:
        return measured, [f"the header does not say how long it is: measured {measured:.1f} s"]
    if claimed > measured:
        # The last picture of a slide show may stay for as long as the ones before it.
        slack = max(slack, 1.5 * spacing)
    if abs(claimed - measured) <= slack:
        return claimed, []
    if container.format.name == "aac":
        return measured, []
    note = f"the header says {claimed:.1f} s, but sound and picture end at {measured:.1f} s"
    return measured, [note + (": the file is cut off" if measured < claimed else "")]


def _find_end(
    container: InputContainer, tracks: list[_Track], after: float | None
) -> tuple[float | None, float]:
    """(container time at which the last packet ends, largest step between pictures there).

    Packets are read from `after` (None: from the beginning) to the end of the file.
    """
    from av.error import FFmpegError

    if after is not None:
        try:
            container.seek(int(after * 1_000_000))
        except (FFmpegError, OSError):
            return None, 0.0
    end: float | None = None
    latest: dict[int, float] = {}
    spacing = 0.0
    streams = [container.streams[track.stream.index] for track in tracks]
    parts = {
        stream.index: (stream.time_base.numerator, stream.time_base.denominator)
        for stream in streams
        if stream.time_base is not None
    }
    for packet in read_packets(container, *streams):
        if packet.pts is None or packet.is_discard or packet.stream_index not in parts:
            continue
        # Ten times faster than fractions, and rounded alike.
        numerator, denominator = parts[packet.stream_index]
        start = packet.pts * numerator / denominator
        finish = start + (packet.duration or 0) * numerator / denominator
        end = finish if end is None else max(end, finish)
        if packet.stream_index in latest:
            spacing = max(spacing, start - latest[packet.stream_index])
        latest[packet.stream_index] = max(start, latest.get(packet.stream_index, start))
    return end, spacing


def _describe(tracks: list[_Track], origin: float) -> dict[str, Any]:
    """The fields of Media that come from the chosen streams."""
    fields: dict[str, Any] = {"has_video": False}
    languages = {}
    for track in tracks:
        if track.start is None:
            continue
        languages[track.kind] = normalise_language(track.stream.language)
        codec = track.stream.codec_context.codec.canonical_name
        if track.kind == "audio":
            fields.update(audio_start=track.start - origin, audio_codec=codec)
            continue
        size = (track.frame.width, track.frame.height)
        if track.frame.rotation % 180:
            size = size[::-1]
        rate = track.stream.guessed_rate or track.stream.average_rate
        fields.update(
            has_video=True,
            width=size[0],
            height=size[1],
            frame_rate=float(rate) if rate else None,
            video_codec=codec,
        )
    fields["language"] = languages.get("audio") or languages.get("video")
    return fields


def _find_subtitles(container: InputContainer) -> Iterator[SubtitleStream]:
    from av.stream import Disposition

    for stream in container.streams.subtitles:
        context = stream.codec_context
        if context is None or context.codec.canonical_name not in _TEXT_SUBTITLES:
            continue
        yield SubtitleStream(
            index=stream.index,
            codec=context.codec.canonical_name,
            language=normalise_language(stream.language),
            title=_tag(stream.metadata, "title") or _tag(stream.metadata, "handler_name"),
            is_default=bool(stream.disposition & Disposition.default),
            is_forced=bool(stream.disposition & Disposition.forced),
        )


def _read_chapters(
    container: InputContainer, origin: float, duration: float
) -> tuple[Chapter, ...]:
    """The embedded chapters on the player's clock, in order, inside [0, duration)."""
    found: dict[float, tuple[float, str]] = {}
    for number, entry in enumerate(container.chapters(), 1):
        base = float(entry["time_base"] or 0)
        start = max(0.0, round(entry["start"] * base - origin, 6))
        end = entry["end"] * base - origin
        title = _tag(entry["metadata"], "title") or f"Chapter {number}"
        if start < duration and end > 0.0:
            found.setdefault(start, (end, title))  # a second edition repeats the first one's
    chapters = []
    for start, following in pairwise([*sorted(found), duration]):
        end, title = found[start]
        chapters.append(Chapter(start, min(end, duration) if end > start else following, title))
    return tuple(chapters)


def _name_container(container: InputContainer, path: Path, tracks: list[_Track]) -> str:
    """One short name: mp4, mov, m4a, mkv, webm, avi, mp3, wav, aac, ogg or flac."""
    name = container.format.name
    if name.startswith("mov"):
        if container.metadata.get("major_brand", "qt  ").startswith("qt"):
            return "mov"
        return "mp4" if any(track.kind == "video" for track in tracks) else "m4a"
    if name.startswith("matroska"):
        with path.open("rb") as file:
            return "webm" if b"webm" in file.read(64) else "mkv"
    return name


def _tag(metadata: dict[str, str], key: str) -> str | None:
    for name, value in metadata.items():
        if name.lower() == key and value.strip():
            return value.strip()
    return None
