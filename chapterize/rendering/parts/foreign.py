"""Codecs that Matroska knows only by their names in Windows, such as those of WMV and FLV.

ffmpeg writes them there, PyAV refuses to. So they are written to ASF, which has the same names,
and copied from there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chapterize.ffmpeg import input_file, is_still_picture, output_url, run
from chapterize.rendering.containers.keeping import attachment, cover_of, stream_tags

__all__ = ["ASF", "can_hold", "to_matroska"]

ASF = {"avoid_negative_ts": "disabled"}
"""Options of the muxer: a frame held since long ago is decoded before 0."""


def can_hold(output: Any, streams: Sequence[Any]) -> bool:
    """Whether PyAV writes these streams of another file to `output`."""
    codecs = [stream.codec_context for stream in streams]
    return all(one is None or one.codec.name in output.supported_codecs for one in codecs)


def to_matroska(
    asf: Path, target: Path, source: Path, streams: Sequence[Any], tags: Mapping[str, str]
) -> None:
    """Copy `asf` to Matroska, with the tags and attachments of `streams` of `source`.

    Raises ToolError if ffmpeg fails.
    """
    import ffmpeg

    options: dict[str, Any] = {"c": "copy", "f": "matroska", "map_metadata": -1, **ASF}
    options |= {f"metadata:g:{n}": f"{key}={value}" for n, (key, value) in enumerate(tags.items())}
    tracks = [one for one in streams if one.type != "attachment" and not is_still_picture(one)]
    for number, stream in enumerate(tracks):
        options |= stream_tags(stream, number, is_new=True)
    pictures = [stream.index for stream in streams if is_still_picture(stream)]
    cover = cover_of(source, pictures[0]) if pictures else None
    if cover is not None:
        options |= attachment(cover, asf.parent, len(tracks))
    copied = input_file(asf, format_whitelist="asf", copyts=None)
    attached = input_file(source)["t?"]
    output = ffmpeg.output(copied, attached, output_url(target), **options)
    run(output.overwrite_output(), what=f"writing {target.name}")
    asf.unlink()
