"""Drafts, and the page that shows them, served from this process to a browser that tests it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from chapterize.data import Boundaries, Cue, Evidence, Media, Sentence, Signals, Transcript
from chapterize.pipeline import Draft
from chapterize.pipeline.draft import place_titles
from chapterize.review import Project, assemble, listen
from chapterize.review.api import Api
from chapterize.review.guard import Keys
from chapterize.review.results import Source
from chapterize.review.server import Review, application
from chapterize.review.tasks import Tasks

RATE = 20
"""Peaks a second."""


@dataclass
class Served:
    """A running server."""

    address: str
    project: Project
    review: Review


@contextmanager
def served(
    draft: Draft, file: Path, make: Callable[[Project], Review] = assemble
) -> Iterator[Served]:
    """Serve the review of `draft`, whose edits are stored in `file`."""
    project = Project(draft, file)
    review = make(project)
    listening = listen()
    port = listening.getsockname()[1]
    config = uvicorn.Config(
        application(review, port),
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield Served(f"http://127.0.0.1:{port}/#token={review.keys.token}", project, review)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()
        for close in review.on_close:
            close()


def moved_to(draft: Draft, folder: Path) -> Draft:
    """The draft of a copy of its media in `folder`, where a test may write."""
    path = folder / draft.media.path.name
    path.write_bytes(draft.media.path.read_bytes())
    return replace(draft, media=replace(draft.media, path=path))


def synthetic_draft(hours: float, n_sentences: int, count: int) -> Draft:
    """A draft as a run would make it of a long talk, with `count` chapters and up to 300."""
    rng = random.Random(15)
    duration = hours * 3600
    starts = np.linspace(0, duration, n_sentences, endpoint=False)
    sentences = tuple(
        Sentence(float(at), float(at) + duration / n_sentences * 0.8, f"Sentence {i} of the talk.")
        for i, at in enumerate(starts)
    )
    scores = np.array([rng.random() ** 6 for _ in starts], np.float32)
    ranked = sorted(range(1, n_sentences), key=lambda i: -scores[i])[:300]
    chosen = sorted(ranked[: count - 1])
    solutions = {n: (0, *sorted(ranked[: n - 1])) for n in range(1, 301)}
    boundaries = Boundaries(
        starts=starts,
        scores=scores,
        confidence=scores,
        evidence=(Evidence(topic_drop=0.4, pause=1.2),) * n_sentences,
        solutions={**solutions, count: (0, *chosen)},
        chosen=count,
        how="given",
        granularities={"coarse": count // 2, "normal": count, "fine": min(300, count * 2)},
    )
    media = Media(Path("long.mp4"), "mp4", duration, 1, has_video=False, title="A long talk")
    titles = [f"Part {number} of the talk" for number in range(1, count + 1)]
    cues = tuple(Cue(each.start, each.end, each.text) for each in sentences)
    signals = Signals(slides=tuple(np.linspace(5, duration - 5, 400).tolist()))
    return Draft(
        media,
        Transcript(cues, language="en"),
        sentences,
        boundaries,
        place_titles(titles, boundaries, duration),
        {},
        signals=signals,
    )


def without_media(project: Project) -> Review:
    """The review of a draft whose media is not read, with a waveform of noise.

    Most tests need no media, which take two child processes and seconds to prepare.
    """
    keys = Keys()
    n_peaks = int(project.draft.media.duration * RATE)
    noise = random.Random(7).randbytes(n_peaks)

    def answer(request: Request) -> Response:
        return Response(noise, 200, {"X-Rate": str(RATE)}, "application/octet-stream")

    peaks = f"/media/{keys.media}/peaks"
    parts: dict[str, Callable[[], Any]] = {
        "media": lambda: {"state": "none", "kind": "none", "url": "", "why": ""},
        "peaks": lambda: {"state": "ready", "url": peaks},
        "images": lambda: f"/media/{keys.media}/slide/",
    }
    tasks = Tasks(Source(project.draft.media), project.tiled)
    routes: list[BaseRoute] = [Route(peaks, answer), *tasks.routes()]
    return Review(Api(project, parts), keys, routes, [tasks.end])
