"""Teach the profiles the lists that a person made: those that a run found and kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from chapterize.batch.items import MEDIA_SUFFIXES, suffix_of
from chapterize.batch.rows import Row
from chapterize.batch.storage import is_remote
from chapterize.data import OnNote
from chapterize.errors import ChapterizeError
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline import Options
from chapterize.pipeline.habits import drafted_counts, learned, teach
from chapterize.pipeline.lists import find_list, read_list
from chapterize.profiles import KeptList, read_profile

__all__ = ["learn_from"]

logger = logging.getLogger(__name__)

_BUDGET = 10.0
"""Seconds; what is left is learned by the next run."""


def learn_from(rows: Iterable[Row], options: Options, on_note: OnNote) -> int:
    """Learn the lists that a person made, of rows that were kept; return how many.

    A list with just the number of chapters that would be drafted is left out: it may be an earlier
    draft of ours, which would only confirm what the profile says. Nothing is raised.
    """
    began = time.monotonic()
    found: dict[Path, tuple[Path, list[KeptList]]] = {}
    for row in rows:
        if is_remote(row.source) or time.monotonic() - began > _BUDGET:
            continue
        media = Path(row.source)
        try:
            profile = learned(media, options)
            if profile is None or _is_known(media, row, profile):
                continue
            kept = _list_of(media, row)
            if kept.chapters not in drafted_counts(kept.minutes * 60, media, options):
                found.setdefault(profile, (media, []))[1].append(kept)
        except (ChapterizeError, OSError) as error:
            logger.debug("nothing is learned from %s: %s", media, error)
    n = 0
    for media, lists in found.values():
        n += len(lists) if teach(media, lists, options, on_note) else 0
    return n


def _list_of(media: Path, row: Row) -> KeptList:
    """The list in the output that was kept, or of the media itself."""
    kept = Path(row.outputs[0]) if row.outputs else media
    if suffix_of(kept.name) in MEDIA_SUFFIXES:
        return find_list(media).kept
    return read_list(kept, video=media).kept


def _is_known(media: Path, row: Row, profile: Path) -> bool:
    """Whether the profile has learned this list since it was written."""
    with suppress(OSError, ChapterizeError):
        learned_at = profile.stat().st_mtime
        kept = Path(row.outputs[0]) if row.outputs else media
        if kept.stat().st_mtime < learned_at:
            name = KeptList.id_of(file_fingerprint(media))
            return any(each.id == name for each in read_profile(profile).lists)
    return False
