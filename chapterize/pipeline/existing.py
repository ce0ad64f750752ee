"""Chapters that a media file has already: inside it, or in a file next to it."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from chapterize import formats
from chapterize.captions import read_captions
from chapterize.captions.cues import is_chapter_list
from chapterize.data import Chapters, Cue, Mark, Media, OnNote
from chapterize.errors import ChapterizeError, InputError
from chapterize.files import short_stem
from chapterize.timecode import format_clock, to_ms
from chapterize.title import chapter_words

__all__ = [
    "KEEPING",
    "LATENESS",
    "USES",
    "Existing",
    "belongs_to",
    "existing_chapters",
    "is_placeholder",
    "is_same",
    "kept_note",
    "live_markers",
    "offer_note",
    "refuse_other",
]

logger = logging.getLogger(__name__)

# The formats that are read, the most certain first; then the description and the information that
# yt-dlp writes; last, the names that drafts usually get.
_SUFFIXES = (
    *(".podcast.json", ".ffmeta", ".xml", ".psc.xml", ".vtt", ".cue", ".ogm.txt", ".vorbis.txt"),
    *(".labels.txt", ".csv", ".mp4chaps.txt", ".show-notes.txt", ".premiere.xml", ".fcpxml"),
    *(".edl", ".otio", ".txt", ".description", ".info.json", ".youtube.txt", ".json"),
)
_MAY_BE_CAPTIONS = (".vtt", ".json")
_NAMED_CHAPTERS = re.compile(r"[._ -]chapters?$", re.IGNORECASE)

KEEPING = ("keep", "retitle")
"""What may be kept: places and titles, or places only."""

USES = (*KEEPING, "hints")
"""What existing chapters may be used for."""

_FEWEST = 2
_LATE_START = 10.0
"""Seconds: a first chapter that starts later does not begin with the video."""
LATENESS = 2.0
"""Seconds by which markers that are set live are expected to be late. For delays drawn around four
seconds (log-normal, .3 to 25 s), the sentence found is then within 3 s of the true start for 80 %
of the chapters of 45 test documents, against 49 % at the marker itself."""

_SAME_LENGTH = 2.0
_FEWEST_EVEN = 4

_NUMBERED = re.compile(r"(?P<word>\D*?)[\s#.:_-]*(?P<number>\d+)[.):]?")
_WORDS = "|".join(
    map(re.escape, (*chapter_words(), "marker", "unnamed", "untitled", "track", "scene", "title"))
)
_PLACEHOLDER = re.compile(
    rf"(?:(?:{_WORDS})?[\s#.:_-]*\d*[.):]?|第\d+章|제\d+장|\d+\. fejezet"
    r"|(?:\d+:)?\d+:\d\d(?:[.,]\d+)?|<untitled chapter \d+>)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Existing:
    """Chapters that were found.

    `source` is ``embedded`` or ``file``, `path` the media or the file that has them. A title is
    empty if there is none, or only a number. `marks` are the rows as they were, in order, within
    the media. `notes` say what was corrected.
    """

    chapters: Chapters
    source: str
    path: Path
    marks: tuple[Mark, ...]
    notes: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """Where they are, in words."""
        return "inside the file" if self.source == "embedded" else f"in {self.path.name}"

    def to_json(self) -> dict[str, Any]:
        """Where they are, and how many have no title, as JSON."""
        return {"source": self.source, "path": str(self.path), "untitled": self.untitled}

    @property
    def untitled(self) -> int:
        """The number of chapters without a title."""
        return sum(not title for title in self.chapters.titles)

    @property
    def is_mechanical(self) -> bool:
        """Whether a program made them: they are equally long, and no title says anything."""
        lengths = [b - a for a, b in pairwise(self.chapters.starts)]
        return (
            len(self.chapters) >= _FEWEST_EVEN
            and self.untitled == len(self.chapters)
            and max(lengths) - min(lengths) <= _SAME_LENGTH
        )


def existing_chapters(
    media: Media, *, files: Sequence[Path] | None = None, on_note: OnNote | None = None
) -> Existing | None:
    """The chapters inside `media`, else those of a chapter file next to it; None without two.

    A file belongs to the media if its name starts with the same stem, such as ``talk.ffmeta``,
    ``talk.chapters.txt``, or the ``talk.description`` and ``talk.info.json`` of yt-dlp for
    ``talk.mp4``. Captions are no chapters. `files` : look only at these. `on_note` receives a
    message about a file that is named after chapters and cannot be used.
    """
    inside = [Mark(each.start, each.title, each.end) for each in media.chapters]
    if found := _existing(inside, media.duration, "embedded", media.path):
        return found
    for path in _named_like(media.path, files):
        try:
            marks = _rows(path)
        except (ChapterizeError, OSError) as error:
            logger.debug("%s has no chapters: %s", path, error)
            if on_note is not None and len(belongs_to(path.name)) > 1:
                on_note(f"{path.name} is ignored: {error}.")
            continue
        found = _existing(marks, media.duration, "file", path)
        if found is not None and _is_list(found):
            return found
    return None


def live_markers(found: Existing) -> tuple[float, ...]:
    """The times, in seconds, that may be hints; empty if a program made the chapters."""
    if found.is_mechanical:
        return ()
    return tuple(mark.start for mark in found.marks if mark.start > _LATE_START)


def kept_note(found: Existing, use: str, *, has_words: bool) -> str:
    """A note on what a draft keeps; `use` is ``keep`` or ``retitle``."""
    n, missing = len(found.chapters), found.untitled
    if use == "retitle" and has_words:
        return f"The places of the {n} chapters {found.where} are kept; their titles are new."
    note = f"The {n} chapters {found.where} are kept"
    if missing:
        few = "none had a title" if missing == n else f"{missing} had no title"
        note += f"; {few}" + ("" if has_words else ", and there are no words for one")
    return f"{note}."


def is_same(found: Existing, chapters: Chapters, *, titles: bool = False) -> bool:
    """Whether these are the same chapters by their starts, and if asked by their titles."""
    # A list under a video has whole seconds, rounded down.
    apart = 1000 if found.source == "file" else 2
    mine, theirs = (list(map(to_ms, each.starts)) for each in (chapters, found.chapters))
    is_equal = len(mine) == len(theirs) and all(
        abs(a - b) < apart for a, b in zip(mine, theirs, strict=True)
    )
    named = zip(chapters.titles, found.chapters.titles, strict=False)
    return is_equal and not (titles and any(theirs and mine != theirs for mine, theirs in named))


def refuse_other(media: Media, chapters: Chapters, *, hint: str) -> None:
    """Raise InputError if chapters other than `chapters` are inside `media`, and would be lost."""
    found = existing_chapters(media, files=())
    if found is not None and not is_same(found, chapters, titles=True):
        raise InputError(
            f"{media.path.name} has {len(found.chapters)} other chapters",
            why="they would be replaced in the file itself",
            hint=hint,
        )


def offer_note(found: Existing, drafted: Chapters) -> str | None:
    """A note that a file has other chapters than those that were drafted; None if it has not."""
    if is_same(found, drafted):
        return None
    n = len(found.chapters)
    if found.is_mechanical:
        return (
            f"There are {n} equally long chapters without titles {found.where}; a program probably "
            "made them. To keep them: --keep."
        )
    without = ""
    if found.untitled:
        few = "none with" if found.untitled == n else f"{found.untitled} without"
        without = f", {few} a title"
    return (
        f"There are {n} chapters already {found.where}{without}. To keep them: --keep; to draft "
        "near them: --hints."
    )


def is_placeholder(title: str, others: Sequence[str] = ()) -> bool:
    """Whether a title is empty or only a number, such as ``Chapter 3``, ``Marker 2`` or ``07``.

    A word of any language counts if half of the titles of the list, `others`, are that word and a
    number, one of them the number before or after.
    """
    title = " ".join(title.split())
    if _PLACEHOLDER.fullmatch(title):
        return True
    match = _NUMBERED.fullmatch(title)
    if match is None:
        return False
    each = (_NUMBERED.fullmatch(" ".join(other.split())) for other in others)
    numbers = [int(found["number"]) for found in each if found and found["word"] == match["word"]]
    number = int(match["number"])
    return 2 * len(numbers) >= len(others) and not {number - 1, number + 1}.isdisjoint(numbers)


def _existing(rows: Sequence[Mark], duration: float, source: str, path: Path) -> Existing | None:
    """Chapters from the rows of one source; None if fewer than two remain."""
    notes: list[str] = []
    marks = sorted((mark for mark in rows if to_ms(mark.start) >= 0), key=lambda mark: mark.start)
    within = [mark for mark in marks if to_ms(mark.start) < to_ms(duration)]
    if late := len(marks) - len(within):
        notes.append(f"{late} of {len(marks)} chapters of {path.name} are left out: after the end.")
    first: dict[int, Mark] = {}
    for mark in within:
        if to_ms(mark.start) not in first or not first[to_ms(mark.start)].title.strip():
            first[to_ms(mark.start)] = mark
    if len(first) < len(within):
        notes.append(f"{path.name} has several chapters at the same time; the first is used.")
    kept = tuple(first.values())
    if len(kept) < _FEWEST:
        return None
    texts = [mark.title for mark in kept]
    titles = ["" if is_placeholder(text, texts) else " ".join(text.split()) for text in texts]
    if titles[0].casefold() == "start" and not any(titles[1:]):
        titles[0] = ""  # OBS adds it before the first marker
    starts = [mark.start for mark in kept]
    if starts[0] > _LATE_START:
        starts, titles = [0.0, *starts], ["", *titles]
        notes.append(
            f"The first chapter of {path.name} starts at {format_clock(starts[1])}; one before it "
            "was added."
        )
    return Existing(
        Chapters.from_starts(starts, titles, duration), source, path, kept, tuple(notes)
    )


def _is_list(found: Existing) -> bool:
    """Whether the rows of a file are chapters and not what is said, as in a transcript."""
    cues = [Cue(each.start, each.end, each.title) for each in found.chapters.chapters]
    return is_chapter_list(cues)


def _rows(path: Path) -> Sequence[Mark]:
    """The rows of a chapter file; ChapterizeError if it is none."""
    name = path.name.lower()
    if name.endswith(_MAY_BE_CAPTIONS):
        try:
            read_captions(path)
        except ChapterizeError:
            pass
        else:
            return ()
    form = "youtube" if name.endswith(".description") else None
    marks = formats.read_listing(path, format=form).marks
    is_text = name.endswith((".txt", ".description"))
    if is_text and (not marks or marks[0].start >= 1.0 or _goes_back(marks)):
        return ()
    return marks


def _goes_back(marks: Sequence[Mark]) -> bool:
    """Whether times that are not those of a list are among the rows of a text."""
    return any(after.start <= before.start for before, after in pairwise(marks))


def belongs_to(name: str) -> dict[str, tuple[bool, int]]:
    """The media whose chapters a file of this name may have, and how good a name it is for that.

    ``talk.chapters.txt`` may belong to ``talk.mp4`` and to ``talk.chapters.mp4``; the keys are the
    stem of the media, or its whole name. The lowest rank is the best.
    """
    # File systems differ in Unicode composition: é may be one character or two.
    name = unicodedata.normalize("NFC", name)
    suffix = max((s for s in _SUFFIXES if name.lower().endswith(s)), key=len, default=None)
    if suffix is None:
        return {}
    stem, rank = name[: -len(suffix)], _SUFFIXES.index(suffix)
    found = {stem: (True, rank)}
    if match := _NAMED_CHAPTERS.search(stem):
        found[stem[: match.start()]] = (False, rank)
    return found


def _named_like(media: Path, files: Sequence[Path] | None) -> Iterator[Path]:
    """The files next to `media` whose names say that they may be its chapters, the best first."""
    if files is None:
        try:
            files = sorted(media.parent.iterdir())
        except OSError:
            return
    names = [unicodedata.normalize("NFC", text) for text in (media.stem, media.name)]
    names += [short_stem(media.stem), short_stem(media.name)]
    ranked = []
    for path in files:
        ranks = belongs_to(path.name)
        ranked += [(ranks[name], path) for name in names if name in ranks and path != media]
    yield from (path for _, path in sorted(ranked))
