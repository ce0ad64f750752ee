"""`split_video`: one file for each chapter, by stream copy.

Which packets a part needs is planned from those of the source (`parts.planning`); they are copied
in one pass, and every part is verified before it gets its name. Where a container cannot hide the
frames that a decoder needs before and after a chapter, notes say what a part shows of them. Parts
of containers that FFmpeg does not write are MKV.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from chapterize.characters import cut, without_invisible
from chapterize.data import Chapters, Media, OnNote, OnProgress
from chapterize.errors import OutputError, ToolError
from chapterize.ffmpeg import open_container
from chapterize.files import explaining, refuse_overwrite, refuse_sources
from chapterize.media import open_media
from chapterize.rendering.containers.carrying import carry
from chapterize.rendering.containers.embed import refuse_late, require_space
from chapterize.rendering.containers.keeping import CopyPlan, plan_copy, remux
from chapterize.rendering.containers.mp4.edits import trim_edits
from chapterize.rendering.parts.exact import encode_edges
from chapterize.rendering.parts.flac import verify_flac, write_flac
from chapterize.rendering.parts.keyframes import finding_keys
from chapterize.rendering.parts.mp3 import hide_start, n_hidden
from chapterize.rendering.parts.planning import EDITABLE, Part, plan_parts
from chapterize.rendering.parts.tracks import SAFE, read_tracks
from chapterize.rendering.parts.verifying import verify_part
from chapterize.rendering.parts.writing import MUXERS, PartFile, Source, write_parts
from chapterize.rendering.program import OnFraction, part_of
from chapterize.temporary import scratch_folder

__all__ = ["file_names", "split_targets", "split_video"]

_OWN_TAGS = ("title", "track", "timecode", "major_brand", "minor_version", "compatible_brands")
_MIN_EARLY = 0.001  # seconds
_MOST_LISTED = 5
_OTHER = "free some space, or choose another folder with --out-dir"
_MAX_BYTES = 120
# Windows reserves these names, whatever the suffix.
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?")
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')


@dataclass(frozen=True)
class _Job:
    """Where progress and notes of one split go."""

    on_progress: OnProgress | None
    on_note: OnNote | None
    is_exact: bool

    def report(self, done: float) -> None:
        if self.on_progress is not None:
            self.on_progress("splitting", done)

    def note(self, *notes: str) -> None:
        if self.on_note is not None:
            for text in notes:
                self.on_note(text)


def split_video(
    media: Media,
    chapters: Chapters,
    folder: Path,
    *,
    force: bool = False,
    exact: bool = False,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
) -> tuple[Path, ...]:
    """Write each chapter as a file of its own into `folder`, which is created if necessary.

    File names are a number and the title. Tracks and tags are kept. Either all files are written or
    none. With `exact`, the frames from the start of a chapter to the next keyframe are encoded, if
    the video is H.264 that can be joined.

    Raises
    ------
    InputError : a chapter starts after the end of `media`.
    OutputError : a file exists (without `force`), is `media`, cannot be written, or the disk is
        full.
    ToolError : ffmpeg failed, or a part failed verification.
    """
    refuse_late(chapters, media)
    targets = split_targets(media, chapters, folder)
    for target in targets:
        refuse_overwrite(target, force=force)
        refuse_sources(target, media.path)
    is_new = not folder.exists()
    try:
        with explaining(OutputError, f"cannot write into {folder}", _OTHER):
            folder.mkdir(parents=True, exist_ok=True)
            require_space(targets[0], media.size_bytes * (1 if _is_seekable(media) else 2))
            _write_all(media, chapters, targets, folder, _Job(on_progress, on_note, exact))
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
    media: Media, chapters: Chapters, targets: Sequence[Path], folder: Path, job: _Job
) -> None:
    with scratch_folder(folder) as scratch:
        if not _is_seekable(media):
            job.note(*remux(media.path, scratch / "source.mkv", "mkv").notes)
            media = open_media(scratch / "source.mkv")
        kept = plan_copy(media.path, media.container, scratch)
        job.note(*kept.notes)
        sources, parts = _plan(media, chapters, scratch, kept, job)
        files = [
            PartFile(part, scratch / target.name, tags)
            for part, target, tags in zip(parts, targets, _tags(media, chapters), strict=True)
        ]
        _copy(media, sources, files, part_of(job.report, 0.5, 0.95))
        carried: dict[str, None] = {}
        for file in files:
            rest = carry(media, file.path, kept, file.part.start, file.part.end)
            carried |= dict.fromkeys(rest)
            _raise_fault(media, sources, file)
        job.note(*carried)
        job.note(*_edges(media, files))
        if (
            any(f.part.early >= _MIN_EARLY for f in files)
            and not job.is_exact
            and _can_encode(media, sources)
        ):
            job.note("--exact encodes the frames from a chapter to the next keyframe instead")
        for file, target in zip(files, targets, strict=True):
            file.path.replace(target)
    job.report(1.0)


def _copy(
    media: Media, sources: Sequence[Source], files: Sequence[PartFile], report: OnFraction
) -> None:
    """Write all files."""
    if media.container == "flac":
        write_flac(media.path, files, report)
    else:
        write_parts(sources, files, report)
    for file in files:
        if media.container in EDITABLE:
            trim_edits(file.path, file.part.end - file.part.base)
        elif file.part.n_before:
            hide_start(file.path, n_hidden(file.part.n_before))


def _raise_fault(media: Media, sources: Sequence[Source], file: PartFile) -> None:
    tracks = [track for source in sources for track in source.tracks]
    if media.container == "flac":
        fault = verify_flac(media.path, file)
    else:
        fault = verify_part(tracks, file)
    if fault:
        what = f"{file.path.name} failed verification and was deleted"
        raise ToolError(what, tail=fault, hint="convert the source to MP4, and split that")


def _plan(
    media: Media, chapters: Chapters, scratch: Path, kept: CopyPlan, job: _Job
) -> tuple[list[Source], tuple[Part, ...]]:
    """What to copy from, and the parts; with `is_exact`, a video with keyframes at their starts."""
    found = read_tracks(media.path, media.origin)
    # Matroska has covers among its attachments, which are no streams of the plan.
    has_covers = media.container == "mkv"
    tracks = [
        track
        for track in found
        if track.number in kept.indices or (has_covers and track.kind == "cover")
    ]
    job.report(0.1)
    parts = plan_parts(media, tracks, chapters, finding_keys(media.path))
    main = next((track for track in tracks if track.is_main), None)
    if not job.is_exact or main is None:
        return [Source(media.path, tracks)], parts
    firsts = [part.first for part in parts[1:]]
    made, reason = encode_edges(media, firsts, scratch, part_of(job.report, 0.1, 0.5))
    if made is None:
        if reason:
            job.note(f"--exact had no effect, because frames cannot be encoded here: {reason}")
        return [Source(media.path, tracks)], parts
    edges = [replace(track, number=main.number) for track in read_tracks(made, 0.0)]
    rest = [track for track in tracks if track is not main]
    parts = plan_parts(media, [*rest, *edges], chapters, finding_keys(made))
    return [Source(media.path, rest), Source(made, edges)], parts


def _tags(media: Media, chapters: Chapters) -> Iterator[dict[str, str]]:
    """The tags of the source, with the title and the number of each chapter."""
    with open_container(media.path) as container:
        own = {k: v for k, v in container.metadata.items() if k.lower() not in _OWN_TAGS}
    for number, title in enumerate(chapters.titles, 1):
        yield own | {"title": title, "track": f"{number}/{len(chapters)}"}


def _can_encode(media: Media, sources: Sequence[Source]) -> bool:
    """Whether `exact` is likely to have an effect: not if GOPs refer to each other."""
    main = next((track for track in sources[0].tracks if track.is_main), None)
    if main is None or main.codec != "h264" or media.container != "mkv":
        return False
    return int(main.has(SAFE).sum()) > 1


def _edges(media: Media, files: Sequence[PartFile]) -> Iterator[str]:
    """What copying could not do at the edges of parts."""
    if media.container in EDITABLE:
        return
    early = [(f, f.part.early) for f in files[1:] if f.part.early >= _MIN_EARLY]
    if early:
        listed = _listed([f"{file.path.name} {seconds:.3f} s" for file, seconds in early])
        yield f"files that start before their chapters, at a keyframe: {listed}"
    late = [(f, f.part.n_late) for f in files[:-1] if f.part.n_late]
    if late:
        listed = _listed([f"{file.path.name} {n_frames}" for file, n_frames in late])
        yield f"frames of the next chapter that files show at their end: {listed}"


def _listed(rows: Sequence[str]) -> str:
    rest = f" and {len(rows) - _MOST_LISTED} more" if len(rows) > _MOST_LISTED else ""
    return ", ".join(rows[:_MOST_LISTED]) + rest


def _is_seekable(media: Media) -> bool:
    """Whether parts are of the same container: not of MPEG-TS, and not of what is only read."""
    return media.container in MUXERS


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
        for c in unicodedata.normalize("NFC", without_invisible(title))
        # Joiners, which are left, are of the category Cf.
        if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn")
    )
    text = " ".join(_FORBIDDEN.sub("-", text).split()).strip(". ")
    if _RESERVED.fullmatch(text):
        text = f"_{text}"
    return cut(text, _MAX_BYTES).strip(". ")
