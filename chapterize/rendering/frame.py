"""What the pictures of a file are like, and the size and shape they are wanted in."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from chapterize.data import Media
from chapterize.errors import InputError, MediaError
from chapterize.ffmpeg import open_container, pick_video, read_packets
from chapterize.rendering.h264 import ParameterSets, read_record
from chapterize.rendering.hdr import HLG, PQ

__all__ = [
    "ASPECTS", "CARD", "DIM", "FILLS", "SIZES", "Picture", "VideoOptions", "frame_size", "look_at",
]  # fmt: skip

SIZES = {"480p": 480, "720p": 720, "1080p": 1080, "1440p": 1440, "2160p": 2160}
"""The most lines of the shorter side."""

ASPECTS = {"16:9": Fraction(16, 9), "9:16": Fraction(9, 16), "1:1": Fraction(1)}
FILLS = ("blur", "bars")
DIM = 0.5
"""Of the brightness that a blurred fill keeps."""

_WIDEST = Fraction(16, 9)
CARD = (1920, 1080)
"""Size of a picture to sound alone, before options."""


@dataclass(frozen=True)
class VideoOptions:
    """How a video is made.

    `size` is a key of SIZES: larger pictures are made smaller, never the other way round.
    `aspect` is a key of ASPECTS, None keeps the source's; what is missing to it is filled as
    `fill` says: "blur" with the picture itself, out of focus, "bars" with black. `preset` and `crf`
    are x264's. `hardware` lets a hardware encoder make whole videos. `sound_alone` is what becomes
    of a file without pictures: "card", or "chapters" for a copy with chapters.
    """

    size: str = "1080p"
    aspect: str | None = None
    fill: str = "blur"
    preset: str = "veryfast"
    crf: int = 18
    hardware: bool = True
    sound_alone: str = "card"

    def __post_init__(self) -> None:
        for name, value, known in (
            ("size", self.size, SIZES),
            ("aspect", self.aspect, (None, *ASPECTS)),
            ("fill", self.fill, FILLS),
            ("sound_alone", self.sound_alone, ("card", "chapters")),
        ):
            if value not in known:
                words = ", ".join(str(one) for one in known if one)
                raise InputError(f"{value!r} is no {name}", why=f"known are {words}")


@dataclass(frozen=True)
class Picture:
    """The pictures as they are stored, before any rotation.

    `index` is the stream's; `colours` are primaries, transfer, matrix and range as numbers of
    ITU-T H.273; `record` is H.264's configuration, None for other codecs and other packings.
    """

    index: int
    width: int
    height: int
    codec: str
    pix_fmt: str
    colours: tuple[int, int, int, int]
    time_base: Fraction
    rotation: int = 0
    pixel_shape: Fraction = Fraction(1)
    is_interlaced: bool = False
    record: ParameterSets | None = None
    extradata: bytes = b""

    @property
    def is_hdr(self) -> bool:
        """Whether its brightness follows PQ or HLG."""
        return self.colours[1] in (PQ, HLG)

    @property
    def is_rgb(self) -> bool:
        """Whether it holds red, green and blue, as screen recordings may."""
        import av

        pixels = av.VideoFormat(self.pix_fmt)
        return pixels.is_rgb or pixels.has_palette

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height on a screen: upright, in square pixels."""
        width, height = round(self.width * self.pixel_shape), self.height
        return (height, width) if self.rotation % 180 else (width, height)


def look_at(path: Path) -> Picture:
    """Decode the first picture of the video that a player shows.

    Raises
    ------
    MediaError : no picture can be decoded.
    """
    with open_container(path) as container:
        stream = pick_video(container)
        if stream is not None:
            context = stream.codec_context
            codec = context.codec.canonical_name
            for packet in read_packets(container, stream):
                for frame in packet.decode():
                    return Picture(
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
                        pixel_shape=stream.sample_aspect_ratio or Fraction(1),
                        is_interlaced=frame.interlaced_frame,
                        record=read_record(context.extradata) if codec == "h264" else None,
                        extradata=context.extradata or b"",
                    )
    raise MediaError(f"no picture of {path} can be decoded", hint="play it to its end first")


def frame_size(media: Media, options: VideoOptions) -> tuple[int, int]:
    """Width and height of the video that `render_video` will make: what an overlay is drawn for.

    Raises
    ------
    MediaError : there is a video track, but no picture of it can be decoded.
    """
    if not media.has_video:
        return fit(CARD, options)
    return fit(look_at(media.path).shown, options)


def fit(shown: tuple[int, int], options: VideoOptions) -> tuple[int, int]:
    """The frame for a picture of the size `shown`: even, within the size, of the aspect."""
    width, height = (Fraction(side) for side in shown)
    if options.aspect is not None:
        shape = ASPECTS[options.aspect]
        # The smallest frame of that shape that holds the picture.
        width, height = max(width, height * shape), max(height, width / shape)
    short = SIZES[options.size]
    scale = min(
        Fraction(1), short / min(width, height), short * _WIDEST / max(width, height)
    )  # fmt: skip
    return _even(width * scale), _even(height * scale)


def _even(side: Fraction) -> int:
    return max(2, round(side / 2) * 2)
