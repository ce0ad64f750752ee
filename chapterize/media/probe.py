"""Read streams, duration, tags and chapters of a media file, on the player's clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chapterize.characters import without_invisible
from chapterize.data import Chapter, Media, SubtitleStream, Transcript
from chapterize.errors import MediaError
from chapterize.ffmpeg import (
    decode,
    is_still_picture,
    open_container,
    pick_audio,
    pick_video,
    read_packets,
)
from chapterize.files import check_file
from chapterize.language import normalise_language

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

__all__ = ["captions_alone", "open_media"]

_TEXT_SUBTITLES = {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"}
_TITLE_KEYS = ("title", "name", "handler_name")
_ENCRYPTED_TAGS = {"enca", "encv", "drms", "drmi"}
_FIRST_PACKETS = 600  # common encoders write a keyframe at least every 250 frames
_TAIL_SECONDS = 10.0
# Seconds by which header and packets may disagree. ADTS and some MP3 files store no duration:
# FFmpeg then estimates it from the bit rate.
_TOLERANCE = {"aac": 0.0, "mp3": 0.1}
_DEFAULT_TOLERANCE = 0.25


def open_media(path: Path) -> Media:
    """Inspect a media file; the format follows from the content, not from the name.

    Raises
    ------
    MediaError : missing, a directory, a pipe, unreadable, empty, truncated, encrypted, of zero
        length, of an unsupported format, or without audio or video that can be decoded.
    """
    size = check_file(path)
    with open_container(path) as container:
        tracks = _probe_tracks(container, path)
        origin = min(track.start for track in tracks if track.start is not None)
        duration, notes = _measure_duration(container, path, tracks, origin)
        decoded = {track.kind for track in tracks if track.start is not None}
        notes += [
            f"The {kind} track of {path.name} cannot be decoded and is ignored."
            for kind in ("video", "audio")
            if kind not in decoded and _has_track(container, kind)
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


def captions_alone(path: Path, transcript: Transcript) -> Media:
    """Media record for a caption file used without its media; it ends with the last cue.

    `transcript` is what `path` contains.
    """
    return Media(
        path=path,
        container="captions",
        duration=max(cue.end for cue in transcript.cues),
        size_bytes=path.stat().st_size,
        has_video=False,
        language=transcript.language,
    )


@dataclass
class _Track:
    """A selected stream; `start` is the container time of the first decoded frame."""

    stream: VideoStream | AudioStream
    start: float | None = None
    frame: Any = None
    n_packets: int = 0
    is_encrypted: bool = False

    @property
    def kind(self) -> str:
        return "video" if self.stream.type == "video" else "audio"

    @property
    def is_probed(self) -> bool:
        return self.frame is not None or self.n_packets >= _FIRST_PACKETS

    def probe(self, packet: Packet[Any] | None) -> None:
        """Decode one packet (None: the stream has ended) and keep the first frame."""
        if packet is not None:
            self.n_packets += 1
            self.is_encrypted |= packet.has_sidedata("encryption_info")
        # The decoder drops what an edit list or encoder delay hides: this frame is presented.
        if frames := decode(self.stream, packet):
            self.frame = frames[0]
            # Frames that come when the decoder is flushed have no time base of their own.
            self.start = float((frames[0].pts or 0) * (self.stream.time_base or 0))


def _probe_tracks(container: InputContainer, path: Path) -> list[_Track]:
    streams = (pick_video(container), pick_audio(container))
    tracks = {stream.index: _Track(stream) for stream in streams if stream is not None}
    for packet in read_packets(container, *(track.stream for track in tracks.values())):
        track = tracks[packet.stream_index]
        if not track.is_probed:
            track.probe(packet)
        if all(other.is_probed for other in tracks.values()):
            break
    for track in tracks.values():
        if not track.is_probed:
            track.probe(None)
    _require_content(container, path, list(tracks.values()))
    return [track for track in tracks.values() if track.n_packets]


def _require_content(container: InputContainer, path: Path, tracks: list[_Track]) -> None:
    """Raise MediaError when neither video nor audio can be decoded."""
    what = f"cannot use {path}"
    if any(track.is_encrypted or _codec_tag(track) in _ENCRYPTED_TAGS for track in tracks):
        raise MediaError(
            what, why="it is encrypted (copy protection)", hint="use a copy without copy protection"
        )
    kinds: list[str] = sorted({stream.type for stream in container.streams})
    if not tracks and not {"audio", "video"} & set(kinds):
        hint = "use a file with audio or video"
        if kinds == ["subtitle"]:
            hint = "extract the captions to an .srt file and use that"
        only = f", only {' and '.join(kinds)}" if kinds else ""
        raise MediaError(what, why=f"it has no audio and no video track{only}", hint=hint)
    if all(track.start is None for track in tracks):
        if not tracks or any(track.n_packets >= 10 for track in tracks):
            names = [track.stream.codec_context.name for track in tracks] or ["unknown codec"]
            raise MediaError(
                what,
                why=f"its tracks cannot be decoded ({' and '.join(names)})",
                hint="convert it to MP4 first; it may be damaged or use a rare codec",
            )
        why = "its length is zero: it has no audio and no frames"
        raise MediaError(what, why=why, hint="record it again")


def _has_track(container: InputContainer, kind: str) -> bool:
    """Whether there is a stream of this kind other than cover art, decodable or not."""
    return any(stream.type == kind and not is_still_picture(stream) for stream in container.streams)


def _codec_tag(track: _Track) -> str:
    try:
        return track.stream.codec_context.codec_tag
    except UnicodeDecodeError:  # PyAV cannot show the numeric tags of AVI and WAV
        return ""


def _measure_duration(
    container: InputContainer, path: Path, tracks: list[_Track], origin: float
) -> tuple[float, list[str]]:
    """Duration on the player's clock and notes: the header's unless the packets contradict it."""
    claimed = None if container.duration is None else container.duration / 1_000_000
    if claimed is not None and container.format.name.startswith("matroska"):
        claimed -= origin  # Matroska counts its duration from zero, not from the first frame
    end, spacing = None, 0.0
    if claimed is not None:
        end, spacing = _find_end(container, tracks, origin + claimed - _TAIL_SECONDS)
    if end is None:
        with open_container(path) as fresh:
            end, spacing = _find_end(fresh, tracks, None)
    if end is None or end <= origin:
        why = "its length is zero: no packet lasts"
        raise MediaError(f"cannot use {path}", why=why, hint="record it again")
    measured = end - origin
    if claimed is None:
        return measured, [f"The header gives no duration: measured {measured:.1f} s."]
    tolerance = _TOLERANCE.get(container.format.name, _DEFAULT_TOLERANCE)
    if claimed > measured:
        # The last frame of a slide show may last as long as the ones before it.
        tolerance = max(tolerance, 1.5 * spacing)
    if abs(claimed - measured) <= tolerance:
        return claimed, []
    if container.format.name == "aac":
        return measured, []
    what = f"The header gives {claimed:.1f} s, but audio and video end at {measured:.1f} s"
    return measured, [f"{what}: the file is cut off." if measured < claimed else f"{what}."]


def _find_end(
    container: InputContainer, tracks: list[_Track], after: float | None
) -> tuple[float | None, float]:
    """Container time at which the last packet ends, and the largest gap between starts there.

    Reads packets from `after` (None: from the start) to the end of the file.
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
        # Ten times faster than fractions, with the same rounding.
        numerator, denominator = parts[packet.stream_index]
        start = packet.pts * numerator / denominator
        finish = start + (packet.duration or 0) * numerator / denominator
        end = finish if end is None else max(end, finish)
        if packet.stream_index in latest:
            spacing = max(spacing, start - latest[packet.stream_index])
        latest[packet.stream_index] = max(start, latest.get(packet.stream_index, start))
    return end, spacing


def _describe(tracks: list[_Track], origin: float) -> dict[str, Any]:
    """Fields of `Media` that describe the selected streams."""
    fields: dict[str, Any] = {"has_video": False}
    languages = {}
    for track in tracks:
        if track.start is None:
            continue
        languages[track.kind] = normalise_language(track.stream.language)
        codec = track.stream.codec_context.codec.canonical_name
        if track.kind == "audio":
            fields |= {"audio_start": track.start - origin, "audio_codec": codec}
            continue
        sides = [track.frame.width, track.frame.height]
        fields["width"], fields["height"] = sides[::-1] if track.frame.rotation % 180 else sides
        rate = track.stream.guessed_rate or track.stream.average_rate
        fields["frame_rate"] = float(rate) if rate else None
        fields |= {"has_video": True, "video_codec": codec}
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
            # FFmpeg calls the title of an MP4 track its name.
            title=next(filter(None, (_tag(stream.metadata, key) for key in _TITLE_KEYS)), None),
            is_default=bool(stream.disposition & Disposition.default),
            is_forced=bool(stream.disposition & Disposition.forced),
        )


def _read_chapters(
    container: InputContainer, origin: float, duration: float
) -> tuple[Chapter, ...]:
    """Embedded chapters on the player's clock, in order, clipped to [0, duration)."""
    found: dict[float, tuple[float, str]] = {}
    for number, entry in enumerate(container.chapters(), 1):
        base = float(entry["time_base"] or 0)
        start = max(0.0, round(entry["start"] * base - origin, 6))
        end = entry["end"] * base - origin
        title = _tag(entry["metadata"], "title") or f"Chapter {number}"
        if start < duration and end > 0.0:
            found.setdefault(start, (end, title))  # a second edition repeats the first
    chapters = []
    for start, following in pairwise([*sorted(found), duration]):
        end, title = found[start]
        chapters.append(Chapter(start, min(end, duration) if end > start else following, title))
    return tuple(chapters)


def _name_container(container: InputContainer, path: Path, tracks: list[_Track]) -> str:
    """Short name: mp4, mov, m4a, mkv, webm, or the name of FFmpeg's demuxer, such as mpegts."""
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
    values = (
        without_invisible(value).strip() for name, value in metadata.items() if name.lower() == key
    )
    return next(filter(None, values), None)
