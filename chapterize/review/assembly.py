"""The parts of a review, put together."""

from __future__ import annotations

from collections.abc import Callable

from chapterize.cache import Cache
from chapterize.data import Chapters
from chapterize.fingerprint import file_fingerprint
from chapterize.review.api import Api
from chapterize.review.guard import Keys
from chapterize.review.images import Images, shown_slides
from chapterize.review.peaks import Peaks
from chapterize.review.playable import Playable
from chapterize.review.project import Project
from chapterize.review.results import Source
from chapterize.review.server import Review
from chapterize.review.tasks import Tasks

__all__ = ["assemble"]


def assemble(
    project: Project,
    cache: Cache | None = None,
    *,
    on_made: Callable[[Chapters], None] | None = None,
) -> Review:
    """The review of a project, ready to be served.

    `on_made` is called with the chapters that a result was made of. The media and its waveform are
    prepared in the background from now on, until `on_close`.
    """
    keys, draft = Keys(), project.draft
    fingerprint = file_fingerprint(draft.media.path)
    peaks = Peaks(draft.media, fingerprint, cache)
    playable = Playable(draft.media, fingerprint, cache)
    numbers = frozenset[str]() if draft.transcript.cues else frozenset(draft.chapters.titles)
    if draft.kept is not None:
        numbers -= set(draft.kept.chapters.titles)
    source = Source(draft.media, draft.transcript.language, numbers)
    tasks = Tasks(source, project.tiled, on_made)
    images = Images(draft.media, shown_slides(draft.media, draft.signals), fingerprint, cache)
    parts = {
        "media": lambda: playable.to_json(keys.media),
        "peaks": lambda: peaks.to_json(keys.media),
        "images": lambda: f"/media/{keys.media}/slide/",
    }
    for each in (playable, peaks):
        each.start()
    return Review(
        Api(project, parts),
        keys,
        [
            peaks.route(keys.media),
            images.route(keys.media),
            *playable.routes(keys.media),
            *tasks.routes(),
        ],
        [tasks.end, playable.end, peaks.end, images.end],
    )
