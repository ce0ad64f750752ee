"""The list of chapters that a person made or kept of a file, for a profile."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chapterize import formats
from chapterize.captions import is_caption_file, read_captions
from chapterize.data import Chapters, Media
from chapterize.errors import ChapterizeError, InputError
from chapterize.files import short_stem
from chapterize.fingerprint import file_fingerprint
from chapterize.inputs import MEDIA_SUFFIXES
from chapterize.media import captions_alone, open_media
from chapterize.pipeline.edits import read_edits
from chapterize.pipeline.existing import existing_chapters
from chapterize.profiles import KeptList

__all__ = ["Found", "NoList", "find_list", "list_at", "read_list", "video_of"]

_EDITS = "edits"


class NoList(InputError):
    """The file has no chapters that a person made."""


@dataclass(frozen=True)
class Found:
    """A list, and where it is from: ``embedded``, ``file``, or ``edits`` of the review page."""

    kept: KeptList
    source: str


def find_list(path: Path, *, files: Sequence[Path] | None = None) -> Found:
    """The list of a video, audio or caption file.

    That is the one of the review page if it was edited there, else the chapters inside the file or
    in a file next to it; `files` : look only at these.

    Raises
    ------
    NoList : it has no chapters that a person made.
    InputError, FormatError : the file cannot be read.
    """
    media = _opened(path)
    fingerprint = file_fingerprint(path)
    edits = read_edits(fingerprint)
    if edits is not None and (edits.fixed or edits.removed):
        inside = [each for each in edits.chapters if each.start < media.duration]
        starts, titles = [each.start for each in inside], [each.title for each in inside]
        chapters = Chapters.from_starts(starts, titles, media.duration)
        return Found(KeptList.of(chapters, fingerprint), _EDITS)
    found = existing_chapters(media, files=files)
    if found is None:
        raise NoList(
            f"{path} has no chapters to learn from",
            why="there are none inside it, in a file next to it, or edited on the review page",
            hint=f"put its chapters next to it, as {path.stem}.txt",
        )
    if found.is_mechanical:
        raise NoList(
            f"the chapters of {path} are not learned",
            why="they are numbered and equally long, so a program made them",
            hint="learn from chapters that a person made",
        )
    return Found(KeptList.of(found.chapters, fingerprint), found.source)


def list_at(
    path: Path, duration: float | None = None, *, files: Sequence[Path] | None = None
) -> Found:
    """The list of a video, audio or caption file, or in a chapter file, as a person names it.

    A chapter file is of the video next to it, or of one that lasts `duration` seconds. `files` and
    errors as `find_list` and `read_list`.
    """
    if not _is_list(path):
        return find_list(path, files=files)
    video = video_of(path)
    return read_list(path, video=None if video == path else video, duration=duration)


def video_of(path: Path) -> Path:
    """The video next to a chapter file, ``talk.mp4`` for ``talk.chapters.txt``; else `path`."""
    if not _is_list(path):
        return path
    name = _plain(path)
    try:
        media = [each for each in path.parent.iterdir() if each.suffix.lower() in MEDIA_SUFFIXES]
    except OSError:
        return path
    stems = {
        each: (_plain(each.with_suffix("")), short_stem(each.stem).casefold()) for each in media
    }
    fitting = [each for each in media if name.startswith(tuple(f"{s}." for s in stems[each]))]
    return max(sorted(fitting), key=lambda each: len(each.stem), default=path)


def read_list(path: Path, *, video: Path | None = None, duration: float | None = None) -> Found:
    """The list in a chapter file of `video`, which has its length, or of `duration` seconds.

    Raises
    ------
    InputError, FormatError : a file cannot be read, or the length is not known.
    """
    if duration is None and video is not None:
        duration = _opened(video).duration
    listing = formats.read_listing(path)
    if duration is None and listing.duration is None and not any(m.end for m in listing.marks):
        raise InputError(
            f"{path} does not say how long the video is",
            why="how finely you cut depends on it",
            hint="put the video next to it; chapterize learn also takes --duration 1:02:30",
        )
    chapters = formats.tile(listing, duration).chapters
    return Found(KeptList.of(chapters, file_fingerprint(video or path)), "file")


def _is_list(path: Path) -> bool:
    """Whether a file has a list of chapters, and neither media nor captions."""
    if path.suffix.lower() in MEDIA_SUFFIXES:
        return False
    if not is_caption_file(path):
        return True
    try:
        read_captions(path)
    except ChapterizeError:
        return True
    return False


def _plain(path: Path) -> str:
    """The name as file systems compare it."""
    return unicodedata.normalize("NFC", path.name).casefold()


def _opened(path: Path) -> Media:
    if is_caption_file(path):
        return captions_alone(path, read_captions(path))
    return open_media(path)
