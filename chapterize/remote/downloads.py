"""A finished render is downloaded whole or not at all, and never more of it than it can have."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from chapterize.errors import (
    MediaError,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
)
from chapterize.media import open_media
from chapterize.remote.answers import Render, unwrap
from chapterize.remote.client import Client
from chapterize.remote.connection import body_pieces
from chapterize.remote.identity import is_loopback
from chapterize.remote.journal import Job
from chapterize.remote.request import LATE

__all__ = ["MOST_BYTES", "download_render", "most_bytes"]

_MOST_REDIRECTS = 5
_NO_SUCH_PART = 416
_MOST_EXPLANATION = 65_536
_STEP = 65_536
"""Bytes that a try must add to count as progress: a connection may break every time."""
_MP4_STARTS = (b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide")
_FETCH_AGAIN = "download it again with: chapterize remote resume; nothing is rendered twice"
_PART = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18})")

MOST_BYTES = 20_000_000_000
"""Longest download of a video whose length is unknown: two hours at `_BYTES_PER_SECOND`."""
_BYTES_PER_SECOND = 2_500_000
"""20 Mbit/s: more than twice what YouTube recommends for 1080p, the most that the service makes."""
_GROWTH = 4
"""A render is in H.264, which may take several times as many bytes as its source does."""
_HEADROOM = 64_000_000
"""For what a short video gains: a title card, an intro, tables of the container."""


def most_bytes(job: Job, render: Render) -> int:
    """Return the most bytes that the video of `render` can have.

    Derived from the size and length of the source, or from the length that the service states for
    a session whose source is not known here.
    """
    n_bytes, seconds = 0, render.duration or 0.0
    if job.fingerprint:
        seconds = job.chapters.duration
        with suppress(OSError):
            n_bytes = job.source.stat().st_size
    if seconds <= 0:
        return MOST_BYTES
    limit = max(_GROWTH * n_bytes, int(seconds * _BYTES_PER_SECOND)) + _HEADROOM
    return min(MOST_BYTES, limit)


def download_render(
    client: Client,
    render: Render,
    target: Path,
    on_fraction: Callable[[float], None],
    *,
    limit: int = MOST_BYTES,
) -> None:
    """Write the video of a completed render into `target`, an existing file.

    The render's address is tried first, then the service's own route, twice if what it sends is of
    no use. Only the service gets the token.

    Parameters
    ----------
    limit : most bytes that the video may have, from `most_bytes`.

    Raises
    ------
    RemoteError : neither sent the whole video, or it is too long.
    """
    own = client.download_address(render.id)
    most = min(limit, render.size or limit)

    def fetch(url: str) -> None:
        whole = _resolved(own, url, client.identity.address)
        _Download(client, whole, target, on_fraction, most).fetch(render.size)
        _require_playable(target)

    if render.url is not None:
        with suppress(RemoteError):
            fetch(render.url)
            return
    try:
        fetch(own)
        return
    except RemoteProtocolError:
        pass
    except RemoteUnreachable as error:
        if error.why != LATE:
            raise
    time.sleep(client.waits.again)
    fetch(own)


@dataclass
class _Download:
    """One file from one address."""

    client: Client
    url: str
    target: Path
    on_fraction: Callable[[float], None]
    most: int = MOST_BYTES
    n_bytes: int = 0
    etag: str = ""

    def fetch(self, size: int | None) -> None:
        """Fetch the whole file; `size` is its length in bytes, if the service gave one."""
        n_failed = n_most = 0
        tries = self.client.tries(is_safe=True, with_token=self._is_own(self.url))
        while True:
            try:
                total = self._fetch_rest()
            except RemoteRefused as error:
                tries.again(error)
                continue
            except RemoteUnreachable as error:
                n_failed = 1 if self.n_bytes >= n_most + _STEP else n_failed + 1
                if n_failed > self.client.waits.n_resume or error.why == LATE:
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
            self._require_fitting(total or 0)
            with self.target.open("rb+") as file:
                file.seek(self.n_bytes)
                file.truncate()
                for piece in response.iter_raw():
                    self.client.connection.moved(len(piece))
                    self._require_fitting(self.n_bytes + len(piece))
                    file.write(piece)
                    self.n_bytes += len(piece)
                    if total:
                        self.on_fraction(min(1.0, self.n_bytes / total))
        return total

    def _require_fitting(self, n_bytes: int) -> None:
        if n_bytes > self.most:
            why = f"it has more than {self.most:,} bytes, the most that it can have"
            raise RemoteProtocolError("the video is too long", why=why, hint=_FETCH_AGAIN)

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
    for piece in body_pieces(response):
        content = (content + piece)[:_MOST_EXPLANATION]
        if len(content) == _MOST_EXPLANATION:
            break
    if response.status_code >= 300 or "json" in kind:
        unwrap(response.status_code, content)
    raise RemoteProtocolError("the service sent no video", why="it answered with text")
