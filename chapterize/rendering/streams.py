"""The streams of a source: its video track, and the other tracks that an MP4 can take."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from chapterize.errors import MediaError
from chapterize.ffmpeg import is_still_picture, open_container, pick_video, read_packets
from chapterize.rendering.h264 import ParameterSets, read_record
from chapterize.rendering.hdr import HLG, PQ
from chapterize.rendering.options import ASPECTS, SIZES, RenderOptions

__all__ = ["CARD", "AudioTrack", "Tracks", "VideoTrack", "fit", "plan_tracks", "probe_video"]

CARD = (1920, 1080)
"""Width and height of the video made for an audio file, before the options."""

_WIDEST = Fraction(16, 9)
_TEXT = {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"}
_RATE_PER_CHANNEL = 80_000
_MAX_RATE = 400_000
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
            for packet in read_packets(container, stream):
                for frame in packet.decode():
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
    """The audio and caption tracks that are kept, and notes on the others."""

    audio: tuple[AudioTrack, ...]
    captions: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def indices(self) -> tuple[int, ...]:
        """Stream indices in the order in which they are written."""
        return (*(track.index for track in self.audio), *self.captions)

    def options(self) -> dict[str, Any]:
        """ffmpeg's options for these tracks."""
        options: dict[str, Any] = {}
        for number, track in enumerate(self.audio):
            options[f"c:a:{number}"] = "copy" if track.is_copied else "aac"
            if not track.is_copied:
                rate = min(_MAX_RATE, _RATE_PER_CHANNEL * max(1, track.channels))
                options[f"b:a:{number}"] = rate
                # Gaps are filled with silence: an encoder would close them.
                options[f"filter:a:{number}"] = "aresample=async=1"
        if self.captions:
            options["c:s"] = "mov_text"
        return options


def plan_tracks(path: Path) -> Tracks:
    """Select all audio that can be decoded, and all captions that are text. AAC is copied."""
    from av.audio.stream import AudioStream

    audio, captions, notes = [], [], []
    with open_container(path) as container:
        has_video = False
        for stream in container.streams:
            context = stream.codec_context
            codec = context.codec.canonical_name if context is not None else ""
            if isinstance(stream, AudioStream) and codec:
                copied = codec == "aac" and container.format.name in _RAW_AAC
                audio.append(AudioTrack(stream.index, stream.codec_context.channels, copied))
                if not copied:
                    notes.append(f"{codec.upper()} audio was converted to AAC for MP4 players")
            elif stream.type == "subtitle" and codec in _TEXT:
                captions.append(stream.index)
                if codec in ("ass", "ssa", "webvtt"):
                    notes.append("captions were converted to plain MP4 captions, without styling")
            elif stream.type == "video" and not has_video and not is_still_picture(stream):
                has_video = True
            elif stream.type != "data":
                what = "second video or image" if stream.type == "video" else stream.type
                notes.append(f"a track was left out ({what}): this MP4 cannot hold it")
    return Tracks(tuple(audio), tuple(captions), tuple(dict.fromkeys(notes)))
