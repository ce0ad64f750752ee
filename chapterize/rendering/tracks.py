"""Which tracks of a file go with its pictures into an MP4, and in which form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chapterize.ffmpeg import is_still_picture, open_container

__all__ = ["Sound", "Tracks", "plan_tracks"]

_TEXT = {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text"}
_RATE_PER_CHANNEL = 80_000
_MOST_RATE = 400_000
_RAW_AAC = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
"""Demuxers whose AAC packets are those of MP4, to the byte."""


@dataclass(frozen=True)
class Sound:
    """A sound track: its stream index, channels, and whether its packets are copied."""

    index: int
    channels: int
    is_copied: bool


@dataclass(frozen=True)
class Tracks:
    """Sound and captions that come along, and what is told about the rest."""

    sounds: tuple[Sound, ...]
    captions: tuple[int, ...]
    notes: tuple[str, ...]

    @property
    def indices(self) -> tuple[int, ...]:
        """Stream indices in the order in which they are written."""
        return (*(sound.index for sound in self.sounds), *self.captions)

    def options(self) -> dict[str, Any]:
        """ffmpeg's options for these tracks."""
        options: dict[str, Any] = {}
        for number, sound in enumerate(self.sounds):
            options[f"c:a:{number}"] = "copy" if sound.is_copied else "aac"
            if not sound.is_copied:
                rate = min(_MOST_RATE, _RATE_PER_CHANNEL * max(1, sound.channels))
                options[f"b:a:{number}"] = rate
                # Holes are filled with silence: an encoder would close them.
                options[f"filter:a:{number}"] = "aresample=async=1"
        if self.captions:
            options["c:s"] = "mov_text"
        return options


def plan_tracks(path: Path) -> Tracks:
    """All sound that can be decoded, AAC as it is; all captions that are text.

    Raises
    ------
    MediaError : the file cannot be read.
    """
    from av.audio.stream import AudioStream

    sounds, captions, notes = [], [], []
    with open_container(path) as container:
        seen = False
        for stream in container.streams:
            context = stream.codec_context
            codec = context.codec.canonical_name if context is not None else ""
            if isinstance(stream, AudioStream) and codec:
                copied = codec == "aac" and container.format.name in _RAW_AAC
                sounds.append(Sound(stream.index, stream.codec_context.channels, copied))
                if not copied:
                    notes.append(f"the {codec.upper()} sound became AAC, which every player knows")
            elif stream.type == "subtitle" and codec in _TEXT:
                captions.append(stream.index)
                if codec in ("ass", "ssa", "webvtt"):
                    notes.append("captions became plain MP4 captions, without their looks")
            elif stream.type == "video" and not seen and not is_still_picture(stream):
                seen = True
            elif stream.type != "data":
                what = "picture" if stream.type == "video" else stream.type
                notes.append(f"a {what} track was left out: it has no place in such an MP4")
    return Tracks(tuple(sounds), tuple(captions), tuple(dict.fromkeys(notes)))
