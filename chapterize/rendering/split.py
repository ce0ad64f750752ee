"""`split_video`: one file for each chapter, by stream copy.

A copied video has to start at a keyframe, so each file starts at the last one before its chapter.
In MP4, M4A and MOV an edit list hides the frames before the chapter, so players start exactly. In
other containers a file may show up to one GOP more. Parts of MPEG-TS are MKV.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from chapterize.data import Chapter, Chapters, Media, OnProgress
from chapterize.errors import OutputError
from chapterize.ffmpeg import input_file, open_container, output_url, run
from chapterize.files import explaining, refuse_overwrite, refuse_sources
from chapterize.media import open_media
from chapterize.rendering.containers.embed import refuse_late, require_space
from chapterize.rendering.containers.keeping import remux
from chapterize.temporary import scratch_folder

__all__ = ["file_names", "split_targets", "split_video"]

_MUXERS = {"mp4": "mp4", "m4a": "ipod", "mov": "mov", "mkv": "matroska", "webm": "webm",
           "mp3": "mp3", "ogg": "ogg", "wav": "wav", "flac": "flac", "avi": "avi",
           "aac": "adts"}  # fmt: skip
_MAX_BYTES = 120
# Windows reserves these names, whatever the suffix.
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')


def split_video(
    media: Media,
    chapters: Chapters,
    folder: Path,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
) -> tuple[Path, ...]:
    """Write each chapter as a file of its own into `folder`, which is created if necessary.

    File names are a number and the title. Tracks and tags are kept. Either all files are written or
    none.

    Raises
    ------
    InputError : a chapter starts after the end of `media`.
    OutputError : a file exists (without `force`), is `media`, cannot be written, or the disk is
        full.
    ToolError : ffmpeg failed.
    """
    refuse_late(chapters, media)
    targets = split_targets(media, chapters, folder)
    for target in targets:
        refuse_overwrite(target, force=force)
        refuse_sources(target, media.path)
    is_new = not folder.exists()
    try:
        with explaining(OutputError, f"cannot write into {folder}"):
            folder.mkdir(parents=True, exist_ok=True)
            require_space(targets[0], media.size_bytes * (1 if _is_seekable(media) else 2))
            _write_all(media, chapters, targets, folder, on_progress)
    finally:
        if is_new:
            with suppress(OSError):  # not empty unless writing failed
                folder.rmdir()
    return targets


def split_targets(media: Media, chapters: Chapters, folder: Path) -> tuple[Path, ...]:
    """The files that `split_video` writes."""
    suffix = media.container if _is_seekable(media) else "mkv"
    return tuple(folder / f"{name}.{suffix}" for name in file_names(chapters.titles))


def _write_all(
    media: Media,
    chapters: Chapters,
    targets: Sequence[Path],
    folder: Path,
    on_progress: OnProgress | None,
) -> None:
    report = on_progress or (lambda stage, done: None)
    with scratch_folder(folder) as scratch:
        parts = [scratch / target.name for target in targets]
        if not _is_seekable(media):
            source = scratch / "source.mkv"
            remux(media.path, source, "mkv")
            media = open_media(source)
        for number, (chapter, part) in enumerate(zip(chapters.chapters, parts, strict=True)):
            report("splitting", number / len(parts))
            _write(media, chapter, number + 1, len(parts), part)
        for part, target in zip(parts, targets, strict=True):
            part.replace(target)
    report("splitting", 1.0)


def _is_seekable(media: Media) -> bool:
    """Whether ffmpeg finds the keyframe before a time: it does not in MPEG-TS."""
    return media.container in _MUXERS


def _write(media: Media, chapter: Chapter, number: int, count: int, target: Path) -> None:
    import ffmpeg

    options: dict[str, Any] = {
        "c": "copy",
        "f": _MUXERS[target.suffix.removeprefix(".")],
        "t": f"{min(chapter.end, media.duration) - chapter.start:.6f}",
        "map_metadata": 0,
        "map_chapters": -1,
        "metadata:g:0": f"title={chapter.title}",
        "metadata:g:1": f"track={number}/{count}",
    }
    if media.container in ("mp4", "m4a", "mov"):
        options["movflags"] = "+faststart"
    with open_container(media.path) as container:
        streams = [stream for stream in container.streams if stream.codec_context is not None]
        kinds = ("video", "audio", "subtitle")
        indices = [stream.index for stream in streams if stream.type in kinds]
    # Without seek_timestamp ffmpeg adds the start of the file, in which its versions differ.
    seek = f"{chapter.start + media.origin:.6f}"
    source = input_file(media.path, ss=seek, seek_timestamp=1)
    node = ffmpeg.output(*(source[str(n)] for n in indices), output_url(target), **options)
    run(node, what=f"writing {target.name}")


def file_names(titles: Sequence[str]) -> tuple[str, ...]:
    """Return a distinct file stem for each title, valid on every system: ``03 What bees see``.

    Slashes and other characters that Windows forbids become dashes; control characters are removed.
    No name ends in a dot or a space, names a device, or exceeds 120 bytes of UTF-8.
    """
    width = max(2, len(str(len(titles))))
    return tuple(f"{n:0{width}} {_safe(title)}".strip() for n, title in enumerate(titles, 1))


def _safe(title: str) -> str:
    text = "".join(
        c
        for c in unicodedata.normalize("NFC", title)
        if c.isspace() or not unicodedata.category(c).startswith("C")
    )
    text = " ".join(_FORBIDDEN.sub("-", text).split()).strip(". ")
    if _RESERVED.fullmatch(text):
        text = f"_{text}"
    cut = text.encode("utf-8")[:_MAX_BYTES].decode("utf-8", "ignore")
    # Do not separate a letter from its combining marks.
    while cut != text and cut and unicodedata.combining(text[len(cut)]):
        cut = cut[:-1]
    return cut.strip(". ")
