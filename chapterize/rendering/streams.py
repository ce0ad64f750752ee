"""The streams of a source: its video track, and the other tracks that an MP4 can take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chapterize.errors import MediaError
from chapterize.ffmpeg import open_container, pick_video, read_packets
from chapterize.rendering.containers.keeping import (
    carried_tracks,
    codec_of,
    describe,
    fate_of,
    left_out,
    stream_tags,
)
from chapterize.rendering.h264 import ParameterSets, read_record
from chapterize.rendering.hdr import HLG, PQ
from chapterize.rendering.options import ASPECTS, SIZES, RenderOptions

if TYPE_CHECKING:
    from av.stream import Stream

__all__ = ["CARD", "AudioTrack", "Tracks", "VideoTrack", "fit", "plan_tracks", "probe_video"]

CARD = (1920, 1080)
"""Width and height of the video made for an audio file, before the options."""

_WIDEST = Fraction(16, 9)
_TEXT = {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"}
_RATE_PER_CHANNEL = 80_000
_MAX_RATE = 400_000
_MAX_CHANNELS = 8  # that an AAC encoder takes
_RAW_AAC = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "flv"}
"""Demuxers whose AAC packets are those of MP4, byte for byte."""


@dataclass(frozen=True)
class VideoTrack:
    """The frames as they are stored, before any rotation.

    `index` is that of the stream; `colours` are primaries, transfer, matrix and range as numbered
    in ITU-T H.273; `record` is the H.264 configuration, None for other codecs and other packings.
    """

    index: int
    width: int
    height: int
    codec: str
    pix_fmt: str
    colours: tuple[int, int, int, int]
    time_base: Fraction
    rotation: int = 0
    pixel_aspect: Fraction = Fraction(1)
    is_interlaced: bool = False
    record: ParameterSets | None = None
    extradata: bytes = b""

    @property
    def is_hdr(self) -> bool:
        """Whether its transfer function is PQ or HLG."""
        return self.colours[1] in (PQ, HLG)

    @property
    def is_rgb(self) -> bool:
        """Whether it stores red, green and blue, as screen recordings may."""
        import av

        pixels = av.VideoFormat(self.pix_fmt)
        return pixels.is_rgb or pixels.has_palette

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height on a screen: upright, in square pixels."""
        width, height = round(self.width * self.pixel_aspect), self.height
        return (height, width) if self.rotation % 180 else (width, height)


def probe_video(path: Path) -> VideoTrack:
    """Decode the first frame of the video that a player shows.

    Raises MediaError if no frame can be decoded.
    """
    with open_container(path) as container:
        stream = pick_video(container)
        if stream is not None:
            context = stream.codec_context
            codec = context.codec.canonical_name
            for packet in chain(read_packets(container, stream), [None]):
                for frame in stream.decode(packet):
                    return VideoTrack(
                        index=stream.index,
                        width=frame.width,
                        height=frame.height,
                        codec=codec,
                        pix_fmt=frame.format.name,
                        colours=(
                            int(context.color_primaries),
                            int(context.color_trc),
                            int(context.colorspace),
                            int(context.color_range),
                        ),
                        time_base=stream.time_base or Fraction(1, 90_000),
                        rotation=frame.rotation,
                        pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
                        is_interlaced=frame.interlaced_frame,
                        record=read_record(context.extradata) if codec == "h264" else None,
                        extradata=context.extradata or b"",
                    )
    raise MediaError(f"no frame of {path} can be decoded", hint="check that a player shows it")


def fit(shown: tuple[int, int], options: RenderOptions) -> tuple[int, int]:
    """Width and height of the frame for video of the size `shown`.

    Both are even; the frame has the aspect ratio of the options and is no larger than their size.
    """
    width, height = (Fraction(side) for side in shown)
    if options.aspect is not None:
        aspect = ASPECTS[options.aspect]
        # The smallest frame of that aspect ratio that holds the video.
        width, height = max(width, height * aspect), max(height, width / aspect)
    short = SIZES[options.size]
    scale = min(Fraction(1), short / min(width, height), short * _WIDEST / max(width, height))
    return _even(width * scale), _even(height * scale)


def _even(side: Fraction) -> int:
    return max(2, round(side / 2) * 2)


@dataclass(frozen=True)
class AudioTrack:
    """An audio track: its stream index, its channels, and whether its packets are copied."""

    index: int
    channels: int
    is_copied: bool


@dataclass(frozen=True)
class Tracks:
    """The audio and caption tracks that are kept, and notes on the others.

    `carried` are ids of other tracks of an MP4 source, which are put into the result later; `tags`
    are ffmpeg's options for the titles of all tracks.
    """

    audio: tuple[AudioTrack, ...]
    captions: tuple[int, ...]
    notes: tuple[str, ...]
    carried: tuple[int, ...] = ()
    tags: Mapping[str, Any] = field(default_factory=dict)

    @property
    def indices(self) -> tuple[int, ...]:
        """Stream indices in the order in which they are written."""
        return (*(track.index for track in self.audio), *self.captions)

    def options(self) -> dict[str, Any]:
        """ffmpeg's options for these tracks, which follow the video."""
        options: dict[str, Any] = dict(self.tags)
        for number, track in enumerate(self.audio):
            options[f"c:a:{number}"] = "copy" if track.is_copied else "aac"
            if not track.is_copied:
                rate = min(_MAX_RATE, _RATE_PER_CHANNEL * max(1, track.channels))
                options[f"b:a:{number}"] = rate
                # Gaps are filled with silence: an encoder would close them.
                options[f"filter:a:{number}"] = "aresample=async=1"
                if track.channels > _MAX_CHANNELS:
                    options[f"ac:a:{number}"] = 2
        if self.captions:
            options["c:s"] = "mov_text"
        if self.carried:
            options["write_tmcd"] = 0  # a timecode track is one of them
        return options


def plan_tracks(path: Path) -> Tracks:
    """Select all audio that can be decoded, and all captions that are text. AAC is copied.

    Data tracks of an MP4 are carried, and cover art is kept as a tag.
    """
    audio: list[AudioTrack] = []
    captions: list[Stream] = []
    carried, lost, notes = [], [], []
    tracks = carried_tracks(path)
    with open_container(path) as container:
        video = pick_video(container)
        for stream in container.streams:
            codec = codec_of(stream)
            if stream.type == "audio" and codec:
                audio.append(_audio_track(stream, codec, container.format.name))
                if not audio[-1].is_copied:
                    notes.append(_conversion(codec))
            elif stream.type == "subtitle" and codec in _TEXT:
                captions.append(stream)
                if codec in ("ass", "ssa", "webvtt"):
                    notes.append("captions were converted to plain MP4 captions, without styling")
            elif stream != video:
                fate = fate_of(stream, "mp4", tracks)
                if fate == "carry":
                    carried.append(stream.id)
                elif fate not in ("cover", "drop"):
                    lost.append(describe(stream, tracks))
        tags = stream_tags(video, 0, is_new=True) if video is not None else {}
        copied = (*(container.streams[track.index] for track in audio), *captions)
        for number, stream in enumerate(copied, 1):
            tags |= stream_tags(stream, number)
        indices = tuple(stream.index for stream in captions)
    notes += left_out(lost, "the rendered MP4")
    kept = (tuple(audio), indices, tuple(dict.fromkeys(notes)), tuple(carried))
    return Tracks(*kept, tags)


def _audio_track(stream: Any, codec: str, container: str) -> AudioTrack:
    is_copied = codec == "aac" and container in _RAW_AAC
    return AudioTrack(stream.index, stream.codec_context.channels, is_copied)


def _conversion(codec: str) -> str:
    if codec == "aac":
        return "AAC audio was encoded again, because MP4 stores it in another form"
    return f"{codec.upper()} audio was converted to AAC for MP4 players"
