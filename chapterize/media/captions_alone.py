"""A caption file in the place of the media it belongs to."""

from __future__ import annotations

from pathlib import Path

from chapterize.data import Media, Transcript

__all__ = ["captions_alone"]


def captions_alone(path: Path, transcript: Transcript) -> Media:
    """The media of which there is only `transcript`, read from `path`: it ends with its words."""
    return Media(
        path=path,
        container="captions",
        duration=max(cue.end for cue in transcript.cues),
        size_bytes=path.stat().st_size,
        has_video=False,
        language=transcript.language,
    )
