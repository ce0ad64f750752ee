"""Serve the media to the browser; make and keep a copy of what it cannot play."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chapterize.cache import Cache, stage_key
from chapterize.data import Media
from chapterize.errors import MediaError, ToolError
from chapterize.files import make_private, replacing
from chapterize.review.child import ask_child
from chapterize.review.playback import Playback, copy_for_browser, make_browser_proxy
from chapterize.review.preparation import Preparation, Status

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

__all__ = ["Playable"]

_MOST_BYTES = 10_000_000_000
"""All copies together; the least recently used are deleted first."""

_STALE = 86_400.0
"""Seconds after which a temporary file belongs to a process that was killed."""

_PRIVATE_FILE = 0o600


class Playable(Preparation):
    """One media file as a browser gets it.

    Its state is ``direct`` if the browser gets the file itself. Copies are kept in the cache, and
    written whole before they are served. `fingerprint` is that of the file.
    """

    def __init__(self, media: Media, fingerprint: str, cache: Cache | None = None) -> None:
        super().__init__("playable")
        self._media = media
        self._fingerprint = fingerprint
        self._cache = cache or Cache()
        self._playback: Playback | None = None
        self._served: tuple[Path, str] | None = None
        self._n_served = 0

    @property
    def served(self) -> tuple[Path, str] | None:
        """The file that is served, and its content type; None until there is one."""
        return self._served if self.status.state in ("direct", "ready") else None

    def to_json(self, key: str) -> dict[str, Any]:
        """Return the status as the page reads it; the address changes with the file."""
        kind = "video" if self._media.has_video else "audio"
        url = f"/media/{key}/file?n={self._n_served}"
        return {"url": url, "kind": kind, **self.status.to_json()}

    def start(self) -> None:
        """Find out in the background how a browser gets the media, and make a copy if needed."""
        self.run(lambda: self._prepare(must_encode=False))

    def require_proxy(self) -> None:
        """Make a proxy, because the browser cannot show what is served.

        Nothing happens while something is prepared. If a proxy is served already, the state
        becomes ``failed``.
        """
        if self.is_running:
            return
        if self._playback is not None and self._playback.way == "proxy":
            self.status = Status("failed", why="the browser cannot show the video")
        elif self._playback is not None:
            self.run(lambda: self._prepare(must_encode=True))

    def routes(self, key: str) -> list[Route]:
        """``GET /media/KEY/file`` with ranges, and ``POST /api/media/proxy``."""
        from starlette.routing import Route

        return [
            Route(f"/media/{key}/file", self._answer, methods=["GET"]),
            Route("/api/media/proxy", self._answer_proxy(key), methods=["POST"]),
        ]

    def _prepare(self, *, must_encode: bool) -> Status:
        if not (self._media.has_video or self._media.has_audio):
            return Status("none", why="there is no audio and no video")
        found = ask_child("playback", "tell_plan", self._media)
        plan = Playback(**{**found, "streams": tuple(found["streams"])})
        if must_encode:
            plan = plan.proxy
        if plan.way == "direct":
            return self._serve(plan, self._media.path, "direct")
        if plan.way == "copy":
            # Where a copy has other times than its source, a proxy has the right ones.
            with suppress(ToolError, MediaError):
                return self._serve(plan, self._made(plan), "ready")
            plan = plan.proxy
        return self._serve(plan, self._made(plan), "ready")

    def _serve(self, plan: Playback, path: Path, state: str) -> Status:
        self._playback, self._served = plan, (path, plan.content_type)
        self._n_served += 1
        return Status(state, 1.0, plan.why)

    def _made(self, plan: Playback) -> Path:
        """The copy or proxy, from the cache or made now."""
        media = self._media
        folder = self._cache.folder / "playable"
        key = stage_key("playable/1", self._fingerprint, plan.way, plan.container, plan.keeps_audio)
        target = folder / f"{key}.{plan.container}"
        make_private(folder)
        with self._cache.lock(key, on_wait=lambda: self.report(0.0)):
            if not target.is_file():
                _make_room(folder, media.size_bytes)
                with replacing(target, flush=False, mode=_PRIVATE_FILE) as temporary:
                    make_one = copy_for_browser if plan.way == "copy" else make_browser_proxy
                    make_one(media, plan, temporary, self.report)
            # The newest files are deleted last.
            target.touch()
        return target

    async def _answer(self, request: Request) -> Response:
        from starlette.responses import FileResponse, PlainTextResponse

        served = self.served
        if served is None:
            return self.refusal("the media is being prepared")
        path, content_type = served
        if not path.is_file():
            # A full cache may have lost its oldest copies meanwhile.
            if self.status.state == "ready" and not self.is_running:
                self.start()
            return PlainTextResponse(f"{path.name} no longer exists", 404)
        return FileResponse(path, media_type=content_type, headers={"Cache-Control": "no-store"})

    def _answer_proxy(self, key: str) -> Any:
        async def answer(request: Request) -> Response:
            from starlette.responses import JSONResponse

            self.require_proxy()
            return JSONResponse(self.to_json(key), 202)

        return answer


def _make_room(folder: Path, size_bytes: int) -> None:
    """Delete the least recently used copies until one of `size_bytes` fits, and stale files."""
    sizes, times = {}, {}
    for path in folder.iterdir():
        with suppress(OSError):
            found = path.stat()
            sizes[path], times[path] = found.st_size, found.st_mtime
    total = sum(sizes.values())
    for path in sorted(times, key=lambda each: times[each]):
        is_temporary = path.name.startswith(".")
        is_stale = times[path] < time.time() - _STALE
        if (is_temporary and is_stale) or (not is_temporary and total + size_bytes > _MOST_BYTES):
            with suppress(OSError):
                path.unlink()
                total -= sizes[path]
