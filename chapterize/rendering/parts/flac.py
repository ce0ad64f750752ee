"""Write parts of a FLAC file: encoded again, which loses nothing.

Copied frames would keep their numbers, and the header the length and the checksum of the source, so
that players show wrong times.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chapterize.ffmpeg import input_file, open_container, output_url, run
from chapterize.rendering.parts.writing import PartFile
from chapterize.rendering.program import OnFraction

__all__ = ["verify_flac", "write_flac"]

_BLOCK = 4096  # samples


def write_flac(source: Path, files: Sequence[PartFile], report: OnFraction) -> None:
    """Write all `files`, cut between samples, with the cover art. Raises as `ffmpeg.run`."""
    import ffmpeg
    from mutagen.flac import FLAC

    covers = FLAC(source).pictures
    for number, file in enumerate(files):
        report(number / len(files))
        first, stop = _samples(source, file)
        audio = input_file(source).audio.filter("atrim", start_sample=first, end_sample=stop)
        # The encoder takes the size of its blocks from the first one, which may be cut short.
        heard = audio.filter("asetpts", "PTS-STARTPTS").filter("asetnsamples", _BLOCK, p=0)
        options: dict[str, Any] = {"f": "flac", "c:a": "flac", "map_metadata": 0}
        rows = [f"{name}={value}" for name, value in file.tags.items()]
        options |= {f"metadata:g:{n}": row for n, row in enumerate(rows)}
        run(ffmpeg.output(heard, output_url(file.path), **options), what="writing FLAC")
        if covers:
            made = FLAC(file.path)
            for cover in covers:
                made.add_picture(cover)
            made.save()


def _samples(source: Path, file: PartFile) -> tuple[int, int]:
    """First sample, and one past the last."""
    with open_container(source) as container:
        rate = container.streams.audio[0].codec_context.sample_rate
    return round(file.part.start * rate), round(file.part.end * rate)


def verify_flac(source: Path, file: PartFile) -> str:
    """Return what is wrong with a part, or an empty string: its length in samples."""
    first, stop = _samples(source, file)
    with open_container(file.path) as container:
        audio = container.streams.audio[0]
        found = round(float((audio.duration or 0) * (audio.time_base or 0)) * audio.sample_rate)
    return "" if found == stop - first else f"{found} samples instead of {stop - first}"
