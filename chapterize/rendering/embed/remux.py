"""Copying streams into a container that can hold chapters, by ffmpeg; nothing is re-encoded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from chapterize.ffmpeg import input_file, open_container, output_url, run

__all__ = ["remux"]

_MUXERS = {"mp4": "mp4", "m4a": "mp4", "mov": "mov", "mkv": "matroska", "webm": "webm"}


def remux(source: Path, target: Path, container_name: str) -> tuple[str, ...]:
    """Copy all pictures, sounds, captions and attachments of `source` into `target`.

    `container_name` is mp4, m4a, mov, mkv or webm. Chapters are left out. Notes name the streams
    that the new container cannot take, and the captions that had to change their form.

    Raises
    ------
    ToolError : ffmpeg cannot put these streams there.
    """
    import ffmpeg

    kinds = {"video", "audio", "subtitle"} | ({"attachment"} if container_name == "mkv" else set())
    options: dict[str, Any] = {"f": _MUXERS[container_name], "c": "copy", "map_metadata": 0,
                               "map_chapters": -1}  # fmt: skip
    notes = []
    with open_container(source) as container:
        streams = [stream for stream in container.streams if stream.type in kinds]
        lost = [stream for stream in container.streams if stream.type not in kinds]
        n_subtitles = 0
        for stream in streams:
            if stream.type != "subtitle":
                continue
            context = stream.codec_context
            if container_name == "mkv" and context is not None and context.name == "mov_text":
                options[f"c:s:{n_subtitles}"] = "srt"
                notes.append("MP4 captions became SubRip, which Matroska can hold")
            n_subtitles += 1
        indices = [stream.index for stream in streams]
        # A chapter track is text about the chapters, which are written anew.
        notes += [
            f"a {stream.type} track was left out: the new container cannot hold it"
            for stream in lost
            if not (stream.type == "data" and container.chapters())
        ]
    node = input_file(source, fflags="+genpts")
    command = ffmpeg.output(*(node[str(index)] for index in indices), output_url(target), **options)
    run(command.overwrite_output(), what=f"copying the streams of {source.name}")
    return tuple(dict.fromkeys(notes))
