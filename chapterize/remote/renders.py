"""Renders: each is requested once, found again by its id whatever happens, and downloaded whole."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from chapterize.errors import (
    MediaError,
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    SessionExpired,
    TokenRefused,
)
from chapterize.media import open_media
from chapterize.remote.answers import Render, unwrap
from chapterize.remote.client import Client
from chapterize.remote.identity import is_loopback
from chapterize.remote.journal import Job, Link
from chapterize.remote.session import Reading, read_state
from chapterize.remote.spending import charged
from chapterize.remote.timeline import is_exportable

__all__ = ["download_render", "is_paid", "known_render", "rendered"]

_NOT_FOUND = 404
_MOST_REDIRECTS = 5
_NO_SUCH_PART = 416
_MOST_EXPLANATION = 65_536
_STEP = 65_536
"""Bytes that a try must add to count as progress: a connection may break every time."""
_MP4_STARTS = (b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide")
_FETCH_AGAIN = "download it again with: chapterize remote resume; nothing is rendered twice"
_PART = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18})")


def rendered(link: Link, session_id: str, job: Job | None) -> Render:
    """Return a completed render of the session as it is now; start one if there is none.

    The render of an earlier run is reused, unless its video has been downloaded or a message has
    changed the session since.

    Raises
    ------
    RemoteError : it failed, was refused, or is not done in time.
    """
    known = known_render(link, job)
    if known is None:
        render = _start_render(link, session_id, job)
    else:
        render = _find_render(link, session_id, job, known)
    render = _wait_for(link, render, job)
    if known is None or known["step"] != "done":
        link.journal.note("render", job=job, step="done", render_id=render.id)
    return render


def known_render(link: Link, job: Job | None) -> Mapping[str, Any] | None:
    """Return the latest journal entry of a render that no message has made outdated."""
    known = link.journal.since_session("render", job)
    if not known or known[-1]["step"] not in ("wanted", "begun", "done"):
        return None
    own = (None, job.key if job is not None else None)
    later = dropwhile(lambda entry: entry is not known[-1], link.journal.entries)
    is_stale = any(
        entry["act"] == "message" and entry["step"] == "done" and entry.get("job") in own
        for entry in later
    )
    return None if is_stale else known[-1]


def is_paid(link: Link, job: Job | None) -> bool:
    """Whether the service has accepted a render of this session, and would charge for another."""
    known = known_render(link, job)
    if known is None or known["step"] != "wanted":
        return known is not None
    try:
        link.client.render(known["render_id"])
    except RemoteRefused as error:
        return not _is_unknown(error)
    return True


def _find_render(link: Link, session_id: str, job: Job | None, known: Mapping[str, Any]) -> Render:
    try:
        return link.client.render(known["render_id"])
    except RemoteRefused as error:
        if not _is_unknown(error) or known["step"] != "wanted":
            raise
    # The request never arrived; with the same id it cannot be carried out twice.
    return _start_render(link, session_id, job, known["render_id"])


def _start_render(
    link: Link, session_id: str, job: Job | None, wanted: str | None = None
) -> Render:
    """Start a render under the journal's id `wanted`, or a new one; retry once with another id."""
    for is_last in (False, True):
        render_id = wanted or f"render_{time.time_ns() // 1_000_000}"
        if wanted is None:
            link.journal.note("render", job=job, step="wanted", render_id=render_id)
        wanted = None
        try:
            with charged(link, job, "render"):
                return _post_render(link, session_id, job, render_id)
        except RemoteRefused as error:
            link.journal.note(
                "render", job=job, step="refused", render_id=render_id, why=error.what
            )
            if is_last or "duplicate" not in error.why.lower():
                raise
    raise AssertionError("the second round returns or raises")


def _post_render(link: Link, session_id: str, job: Job | None, render_id: str) -> Render:
    reading = read_state(link.client, session_id)
    if not is_exportable(reading.state):
        raise RemoteRefused(
            "there is nothing to render",
            why="the session's tracks are empty",
            hint="show them with: chapterize remote status",
        )
    try:
        render = link.client.start_render(session_id, render_id, reading.state["draft"])
    except (RemoteUnreachable, RemoteProtocolError) as error:
        if isinstance(error, RemoteUnreachable) and not error.was_sent:
            raise
        render = _after_lost_answer(link, session_id, render_id, reading)
    link.journal.note("render", job=job, step="begun", render_id=render_id)
    return render


def _after_lost_answer(link: Link, session_id: str, render_id: str, reading: Reading) -> Render:
    """Find the render, or start it with the same id: it cannot be carried out twice."""
    time.sleep(link.client.waits.again)
    for is_last in (False, True):
        try:
            return link.client.render(render_id)
        except RemoteRefused as error:
            if is_last or not _is_unknown(error):
                # Not a refusal: the render may have started, so its id must be kept.
                raise RemoteUnreachable(
                    "the service does not report whether it is rendering",
                    why=str(error),
                    hint="check later with: chapterize remote resume; nothing is rendered twice",
                ) from error
        try:
            return link.client.start_render(session_id, render_id, reading.state["draft"])
        except RemoteRefused as error:
            # A duplicate: the first request had arrived after all.
            if "duplicate" not in error.why.lower():
                raise
    raise AssertionError("the second round returns or raises")


def _is_unknown(error: RemoteRefused) -> bool:
    is_missing = error.code == _NOT_FOUND or "not found" in error.why.lower()
    return is_missing and not isinstance(error, SessionExpired)


def _wait_for(link: Link, render: Render, job: Job | None) -> Render:
    until = time.monotonic() + link.client.waits.render
    while render.status != "completed":
        link.user.progress("rendering", render.progress)
        if render.status in ("failed", "cancelled", "canceled"):
            link.journal.note("render", job=job, step="failed", render_id=render.id)
            raise RemoteRefused(
                "the render failed at the service",
                why=render.error or f"its status is {render.status}",
                hint="render it again with: chapterize remote resume",
            )
        if time.monotonic() > until:
            raise RemoteUnreachable(
                "the render is not finished",
                why=f"it has taken more than {link.client.waits.render / 60:.0f} minutes",
                hint="check later with: chapterize remote resume",
            )
        time.sleep(link.client.waits.poll)
        render = link.client.render(render.id)
    return render


def download_render(
    client: Client, render: Render, target: Path, on_fraction: Callable[[float], None]
) -> None:
    """Write the video of a completed render into `target`, an existing file.

    The render's address is tried first, then the service's own route. Only the service gets the
    token.

    Raises
    ------
    RemoteError : neither sent the whole video.
    """
    own = client.download_address(render.id)

    def fetch(url: str) -> None:
        whole = _resolved(own, url, client.identity.address)
        _Download(client, whole, target, on_fraction).fetch(render.size)
        _require_playable(target)

    if render.url is not None:
        with suppress(RemoteError):
            fetch(render.url)
            return
    fetch(own)


@dataclass
class _Download:
    """One file from one address."""

    client: Client
    url: str
    target: Path
    on_fraction: Callable[[float], None]
    n_bytes: int = 0
    etag: str = ""

    def fetch(self, size: int | None) -> None:
        """Fetch the whole file; `size` is its length in bytes, if the service gave one."""
        n_failed = n_most = 0
        tries = self.client.tries(is_safe=True, with_token=self._is_own(self.url))
        while True:
            try:
                total = self._fetch_rest()
            except (RateLimited, TokenRefused) as error:
                tries.again(error)
                continue
            except RemoteUnreachable:
                n_failed = 1 if self.n_bytes >= n_most + _STEP else n_failed + 1
                if n_failed > self.client.waits.n_resume:
                    raise
                n_most = max(n_most, self.n_bytes)
                time.sleep(self.client.waits.again)
                continue
            # A file that was truncated before it was sent has the length that its header gives.
            expected = max(total or 0, size or 0)
            is_whole = total is None or self.n_bytes == total
            if self.n_bytes and is_whole and self.n_bytes >= expected:
                return
            why = f"{self.n_bytes} of {expected} bytes arrived"
            raise RemoteProtocolError("the video is incomplete", why=why, hint=_FETCH_AGAIN)

    def _fetch_rest(self) -> int | None:
        """Fetch what is missing; return the size of the whole file, if given."""
        headers = {"Accept-Encoding": "identity"}
        if self.n_bytes and self.etag:
            headers |= {"Range": f"bytes={self.n_bytes}-", "If-Range": self.etag}
        with self._answered(headers) as response:
            if response.status_code == _NO_SUCH_PART:
                self.n_bytes, self.etag = 0, ""
                raise RemoteUnreachable("the download broke off", why="the file has changed")
            part = _PART.fullmatch(response.headers.get("content-range", ""))
            size = response.headers.get("content-length", "")
            if response.status_code == 206 and part and int(part[1]) == self.n_bytes:
                size = part[2]
            else:
                self.n_bytes = 0
            total = int(size) if size.isdigit() else None
            etag = response.headers.get("etag", "")
            # A weak etag does not promise the same bytes.
            self.etag = "" if etag.startswith("W/") else etag
            with self.target.open("rb+") as file:
                file.seek(self.n_bytes)
                file.truncate()
                for piece in response.iter_raw():
                    file.write(piece)
                    self.n_bytes += len(piece)
                    if total:
                        self.on_fraction(min(1.0, self.n_bytes / total))
        return total

    @contextmanager
    def _answered(self, headers: dict[str, str]) -> Iterator[Any]:
        """Yield the answer with the video, after redirects; only the service gets the token."""
        url = self.url
        for _ in range(_MOST_REDIRECTS + 1):
            is_own = self._is_own(url)
            with self.client.opened_download(url, headers, with_token=is_own) as response:
                if not response.has_redirect_location:
                    _require_video(response)
                    yield response
                    return
                url = _resolved(url, response.headers["location"], self.client.identity.address)
        raise RemoteProtocolError("the address of the video redirects too often")

    def _is_own(self, url: str) -> bool:
        """Whether an address is the service's, which alone gets the token."""
        one, other = urlsplit(url), urlsplit(self.client.identity.address)
        return (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)


def _resolved(base: str, url: str, service: str) -> str:
    """Resolve `url` against `base`; raise `RemoteProtocolError` if it must not be opened."""
    try:
        whole = urljoin(base, url)
        parts, _ = urlsplit(whole), urlsplit(whole).port
    except ValueError as error:
        raise RemoteProtocolError("the address of the video is not valid") from error
    host = parts.hostname or ""
    # A remote service must not make us send requests to this machine.
    is_local = parts.scheme == urlsplit(service).scheme == "http" and is_loopback(host)
    if not host or not (parts.scheme == "https" or is_local):
        raise RemoteProtocolError(
            "the address of the video is not safe", why="it is not https, and was not opened"
        )
    return whole


def _require_playable(path: Path) -> None:
    """A page that explains why there is no video may have the status and type of a video."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[4:] not in _MP4_STARTS:
        why = "the file does not start like an MP4 file"
        raise RemoteProtocolError("the service sent no video", why=why, hint=_FETCH_AGAIN)
    try:
        open_media(path)
    except MediaError as error:
        raise RemoteProtocolError(
            "the service sent a file that is not a video", why=error.why, hint=_FETCH_AGAIN
        ) from error


def _require_video(response: Any) -> None:
    """Raise the error that an answer stands for, unless it is a video."""
    kind = response.headers.get("content-type", "").lower()
    is_text = "json" in kind or kind.startswith("text/")
    if response.status_code in (200, 206, _NO_SUCH_PART) and not is_text:
        return
    content = b""
    for piece in response.iter_bytes():
        content = (content + piece)[:_MOST_EXPLANATION]
        if len(content) == _MOST_EXPLANATION:
            break
    if response.status_code >= 300 or "json" in kind:
        unwrap(response.status_code, content)
    raise RemoteProtocolError("the service sent no video", why="it answered with text")
