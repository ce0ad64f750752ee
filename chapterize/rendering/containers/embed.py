"""`embed_chapters`: a copy of a media file with chapters inside; nothing is re-encoded."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from chapterize.check import check
from chapterize.data import Chapter, Chapters, Media, OnProgress
from chapterize.errors import InputError, OutputError, ToolError
from chapterize.ffmpeg import is_still_picture, open_container
from chapterize.files import replacing
from chapterize.formats import marks_of
from chapterize.formats.listing import checked_title, one_line
from chapterize.media import open_media
from chapterize.rendering.containers.carrying import gather, verify_moved
from chapterize.rendering.containers.copying import OnBytes, Unsuited
from chapterize.rendering.containers.keeping import remux
from chapterize.rendering.containers.matroska import write_matroska
from chapterize.rendering.containers.mp4.boxes import TITLE_BYTES
from chapterize.rendering.containers.mp4.movie import Extra
from chapterize.rendering.containers.mp4.writing import write_mp4
from chapterize.rendering.containers.naming import FAMILIES, target_family
from chapterize.rendering.containers.tags import write_mp3, write_ogg
from chapterize.temporary import scratch_folder
from chapterize.timecode import format_clock, to_ms

__all__ = ["embed_chapters", "refuse_late", "require_space"]

_WRITERS: dict[str, Callable[[Path, Path, Sequence[Chapter], OnBytes], tuple[str, ...] | None]] = {
    "mp4": write_mp4,
    "matroska": write_matroska,
    "mp3": write_mp3,
    "ogg": write_ogg,
    "flac": write_ogg,
}
_PLATFORMS = {"flac": "ogg"}  # the same comments
_SPARE_BYTES = 16 * 1024 * 1024
_FAILED = "the copy with chapters failed verification and was deleted"
_MAX_GROWTH = 0.1  # seconds by which rounded timestamps may make a copy longer


@dataclass(frozen=True)
class _Facts:
    """What source and copy are compared by.

    `streams` are (type, codec), without data tracks, which may hold chapters; `marks` are chapters
    as (milliseconds, title).
    """

    duration: float
    streams: list[tuple[str, str]]
    marks: list[tuple[int, str]]


def embed_chapters(
    source: Path | Media,
    chapters: Chapters,
    target: Path,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
    extra: Extra | None = None,
) -> tuple[str, ...]:
    """Write a copy of `source` with `chapters` inside; chapters it had are replaced.

    MP4, M4A, MOV, MKV, WebM, MP3, Ogg and FLAC keep their container, which is recognised by
    content. A `target` that ends in .mkv takes the streams of any container. Streams, tags,
    attachments, cover art, rotation and timing are kept; line breaks in titles become spaces. The
    result is read back and compared before it gets its name. With `force`, `target` may be the
    source. An MP4 also gets what `extra` has.

    Returns
    -------
    Notes on what the new file could not hold and what was adjusted.

    Raises
    ------
    MediaError : the source cannot be read.
    InputError : its container holds no chapters, or not these; the error names the chapter.
    OutputError : `target` exists, cannot be written, or the disk is full.
    ToolError : ffmpeg failed, or the copy failed verification.
    """
    media = source if isinstance(source, Media) else open_media(source)
    family = target_family(media, target)
    chapters, notes = _fit(chapters, media)
    _refuse_unfit(chapters, family, target, media.duration)
    require_space(target, media.size_bytes)
    # The source still exists, so its copy need not be on the disk before the command ends.
    with replacing(target, force=force, flush=False) as temporary:
        notes += _write(media, family, temporary, chapters, on_progress, extra)
    if on_progress is not None:
        on_progress("writing", 1.0)
    return tuple(notes)


def _fit(chapters: Chapters, media: Media) -> tuple[Chapters, list[str]]:
    """The chapters with titles on one line and the duration of the media."""
    titles = [one_line(checked_title(t, n)) for n, t in enumerate(chapters.titles, 1)]
    refuse_late(chapters, media)
    notes = []
    if abs(chapters.duration - media.duration) >= 1:
        notes.append(
            f"the chapters are for {format_clock(chapters.duration)}, but {media.path.name} lasts "
            f"{format_clock(media.duration)}: the end of the last one was adjusted"
        )
    return Chapters.from_starts(chapters.starts, titles, media.duration), notes


def refuse_late(chapters: Chapters, media: Media) -> None:
    """Raise InputError if a chapter starts after the end of `media`."""
    late = next((c for c in chapters.chapters if to_ms(c.start) >= to_ms(media.duration)), None)
    if late is not None:
        raise InputError(
            f"the chapter {late.title!r} starts at {format_clock(late.start)}",
            why=f"{media.path.name} ends at {format_clock(media.duration)}",
            hint="check that these are the chapters of this file",
        )


def _refuse_unfit(chapters: Chapters, family: str, target: Path, duration: float) -> None:
    platform = _PLATFORMS.get(family, family)
    found = check(marks_of(chapters), platform, duration=duration)
    faults = [finding for finding in found if not finding.is_warning]
    if faults:
        place = f"chapter {faults[0].chapter}: " if faults[0].chapter else ""
        raise InputError(
            f"{target.name} cannot hold these chapters",
            why=f"{place}{faults[0].message}",
            hint=f"{faults[0].fix} (see chapterize check --for {platform} --fix)",
        )
    sizes = [len(title.encode("utf-8")) for title in chapters.titles]
    if family == "mp4" and max(sizes) > TITLE_BYTES:
        raise InputError(
            f"{target.name} cannot hold these chapters",
            why=f"chapter {sizes.index(max(sizes)) + 1}: its title has {max(sizes)} bytes; the "
            f"maximum is {TITLE_BYTES}",
            hint="shorten it, or write an MKV",
        )


def require_space(target: Path, size_bytes: int) -> None:
    """Raise OutputError unless the disk of `target` has `size_bytes` and a reserve left."""
    try:
        free = shutil.disk_usage(target.absolute().parent).free
    except OSError:
        return  # `replacing` raises a better error about that folder
    if free < size_bytes + _SPARE_BYTES:
        raise OutputError(
            f"cannot write {target}",
            why=f"the disk has {free // 1_000_000} MB left, but the file needs "
            f"{(size_bytes + _SPARE_BYTES) // 1_000_000} MB",
            hint="free some space, or choose another disk with -o",
        )


def _write(
    media: Media,
    family: str,
    target: Path,
    chapters: Chapters,
    on_progress: OnProgress | None,
    extra: Extra | None,
) -> tuple[str, ...]:
    """Fill `target` by editing a copy of the file, or of what ffmpeg remuxes it to."""
    muxer = "mkv"
    if FAMILIES.get(media.container) == family:
        muxer = media.container
        try:
            return _edit(media, family, target, chapters, on_progress, extra)
        except Unsuited as error:
            if family not in ("mp4", "matroska"):
                raise InputError(
                    f"chapters cannot be written into {media.path}",
                    why=str(error),
                    hint="write an MKV with -o, which holds any audio",
                ) from error
    require_space(target, 2 * media.size_bytes)
    with scratch_folder(target.parent) as folder:
        rebuilt = folder / f"rebuilt.{muxer}"
        plan = remux(media.path, rebuilt, muxer)
        notes = plan.notes
        # Its first frame may have another time in the container than that of the source.
        try:
            if family == "mp4" and extra is None:
                extra, more = gather(media, rebuilt, plan)
                notes += more
            new = open_media(rebuilt)
            return notes + _edit(new, family, target, chapters, on_progress, extra)
        except Unsuited as error:
            what = "the file that ffmpeg wrote cannot be edited"
            raise ToolError(what, tail=str(error)) from error


def _edit(
    media: Media,
    family: str,
    target: Path,
    chapters: Chapters,
    on_progress: OnProgress | None,
    extra: Extra | None,
) -> tuple[str, ...]:
    """Write a copy of `media` with chapters, and verify it."""
    entries = _on_container_clock(chapters, media)
    # At the same time as the copying, which the kernel does.
    with ThreadPoolExecutor(1) as pool:
        before = pool.submit(_facts, media.path)
        report = _reporter(on_progress, media.size_bytes)
        if extra is not None and family == "mp4":
            notes = write_mp4(media.path, target, entries, report, extra)
            if fault := verify_moved(media.path, target, extra):
                raise ToolError(_FAILED, tail=fault)
        else:
            notes = _WRITERS[family](media.path, target, entries, report) or ()
    _verify(before.result(), target, entries, media.duration)
    return notes


def _on_container_clock(chapters: Chapters, media: Media) -> list[Chapter]:
    """The chapters in container time, in which the first frame need not be at 0."""
    starts = [0.0, *(max(0.001, start + media.origin) for start in chapters.starts[1:])]
    ends = [*starts[1:], chapters.duration + media.origin]
    return [Chapter(*row) for row in zip(starts, ends, chapters.titles, strict=True)]


def _reporter(on_progress: OnProgress | None, size_bytes: int) -> OnBytes:
    done = 0

    def report(n_bytes: int) -> None:
        nonlocal done
        done += n_bytes
        if on_progress is not None:
            on_progress("writing", min(done / size_bytes, 0.99))

    return report


def _facts(path: Path) -> _Facts:
    with open_container(path) as container:
        marks = [
            (to_ms(float(c["start"] * (c["time_base"] or 0))), c["metadata"].get("title", ""))
            for c in container.chapters()
        ]
        streams = [
            (str(stream.type), stream.codec_context.name if stream.codec_context else "")
            for stream in container.streams
            # A cover image may be added from the source of a remuxed file.
            if stream.type not in ("data", "unknown") and not is_still_picture(stream)
        ]
        return _Facts((container.duration or 0) / 1_000_000, streams, marks)


def _verify(before: _Facts, target: Path, entries: list[Chapter], duration: float) -> None:
    """Raise ToolError unless `target` has the chapters, and the streams and duration of before.

    Headers of clips that were cut without re-encoding give less than `duration`, the measured one.
    """
    wanted = [(to_ms(entry.start), entry.title) for entry in entries]
    after = _facts(target)
    found, grown = after.marks, after.duration - max(before.duration, duration)
    fault = ""
    if found != wanted:
        pairs = enumerate(zip_longest(found, wanted), 1)
        number = next(n for n, (one, other) in pairs if one != other)
        fault = f"chapter {number} was not stored as given"
    elif before.streams != after.streams:
        fault = "the copy has other streams than the source"
    elif grown > _MAX_GROWTH:
        fault = f"the copy is {grown:.3f} s longer than the source"
    if fault:
        raise ToolError(_FAILED, tail=fault)
