"""A finished render, fetched to the disk: gone on with after a cut, and never believed unproved."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from chapterize.errors import (
    MediaError,
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    RemoteUnreachable,
    TokenRefused,
)
from chapterize.media import open_media
from chapterize.remote.answers import Render, unwrap
from chapterize.remote.client import Client
from chapterize.remote.identity import is_loopback
from chapterize.remote.tries import Tries

__all__ = ["download_render"]

OnFraction = Callable[[float], None]

_MOST_REDIRECTS = 5
_NO_SUCH_PART = 416
_MOST_EXPLANATION = 65_536
_STEP = 65_536
"""Bytes that a try must bring to count as progress: a line may break for ever."""
_MP4_BEGINNINGS = (b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide")
_PART = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18})")


def download_render(
    client: Client, render: Render, target: Path, on_fraction: OnFraction | None = None
) -> None:
    """Write the video of a completed render into `target`, a file that is there and may be cut.

    Its address is tried first, then the service's own route. The token goes to the service alone.

    Raises
    ------
    RemoteError : neither gave the whole video.
    """
    own = client.download_path(render.id)
    sources = [own] if render.url is None else [render.url, own]
    for n, url in enumerate(sources, 1):
        try:
            _Fetch(client, _joined(own, url), target, on_fraction).whole(render.size)
            _require_playable(target)
        except RemoteError:
            if n == len(sources):
                raise
        else:
            return


class _Fetch:
    """One file at one address."""

    def __init__(
        self, client: Client, url: str, target: Path, on_fraction: OnFraction | None
    ) -> None:
        self.client = client
        self.url = url
        self.target = target
        self.on_fraction = on_fraction
        self.n_bytes = 0
        self.mark: str | None = None

    def whole(self, size: int | None) -> None:
        """Fetch until all is there; `size` in bytes, as far as the service told."""
        n_failed = n_most = 0
        is_own = _is_same_origin(self.url, self.client.identity.address)
        tries = Tries(self.client, is_safe=True, can_renew=is_own)
        while True:
            try:
                total = self._go_on()
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
            # A file cut before it was sent has the right length for its header alone.
            expected = max(total or 0, size or 0)
            is_whole = total is None or self.n_bytes == total
            if self.n_bytes and is_whole and self.n_bytes >= expected:
                _require_mp4(self.target)
                return
            raise RemoteProtocolError(
                "the video did not come whole",
                why=f"{self.n_bytes} bytes came, {expected} were announced",
                hint="chapterize remote resume fetches it again; nothing is rendered twice",
            )

    def _go_on(self) -> int | None:
        """Fetch what is still missing; the size of the whole, where it is told."""
        headers = {"Accept-Encoding": "identity"}
        if self.n_bytes and self.mark:
            headers |= {"Range": f"bytes={self.n_bytes}-", "If-Range": self.mark}
        with self._answered(headers) as response:
            if response.status_code == _NO_SUCH_PART:
                self.n_bytes, self.mark = 0, None
                raise RemoteUnreachable("the video broke off", why="it has another length now")
            part = _PART.fullmatch(response.headers.get("content-range", ""))
            total: int | None
            if response.status_code == 206 and part and int(part[1]) == self.n_bytes:
                total = int(part[2])
            else:
                self.n_bytes = 0
                length = response.headers.get("content-length", "")
                total = int(length) if length.isdigit() else None
            etag = response.headers.get("etag", "")
            # A weak mark does not promise the same bytes.
            self.mark = etag if etag and not etag.startswith("W/") else None
            with self.target.open("rb+") as file:
                file.seek(self.n_bytes)
                file.truncate()
                for piece in response.iter_raw():
                    file.write(piece)
                    self.n_bytes += len(piece)
                    if self.on_fraction is not None and total:
                        self.on_fraction(min(1.0, self.n_bytes / total))
        return total

    @contextmanager
    def _answered(self, headers: dict[str, str]) -> Iterator[Any]:
        """The answer with the bytes, after redirects; the token goes to the service alone."""
        url = self.url
        for _ in range(_MOST_REDIRECTS + 1):
            _require_safe(url, self.client.identity.address)
            with self.client.opened_download(
                url, headers, with_token=_is_same_origin(url, self.client.identity.address)
            ) as response:
                if not response.has_redirect_location:
                    _require_video(response)
                    yield response
                    return
                url = _joined(url, response.headers["location"])
        raise RemoteProtocolError("the video's address leads in a circle")


def _joined(base: str, url: str) -> str:
    """Where `url` leads from `base`.

    Raises
    ------
    RemoteProtocolError : it is no address.
    """
    try:
        whole = urljoin(base, url)
        _ = urlsplit(whole).port
    except ValueError as error:
        raise RemoteProtocolError("the video's address is none") from error
    return whole


def _require_safe(url: str, service: str) -> None:
    parts, home = urlsplit(url), urlsplit(service)
    host = parts.hostname or ""
    # A service far away has no business on this machine.
    is_here = parts.scheme == home.scheme == "http" and is_loopback(host)
    if not host or not (parts.scheme == "https" or is_here):
        raise RemoteProtocolError(
            "the video's address is not safe", why="it is no https address, and is not gone to"
        )


def _is_same_origin(url: str, address: str) -> bool:
    one, other = urlsplit(url), urlsplit(address)
    return (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)


def _require_mp4(path: Path) -> None:
    """A page that says why there is no video may come as one, with a status that says yes."""
    with path.open("rb") as file:
        head = file.read(8)
    if head[4:] not in _MP4_BEGINNINGS:
        raise RemoteProtocolError(
            "the service sent no video",
            why="what came does not begin like an MP4 file",
            hint="chapterize remote resume fetches it again; nothing is rendered twice",
        )


def _require_playable(path: Path) -> None:
    try:
        open_media(path)
    except MediaError as error:
        raise RemoteProtocolError(
            "what the service sent is no video",
            why=error.why,
            hint="chapterize remote resume fetches it again; nothing is rendered twice",
        ) from error


def _require_video(response: Any) -> None:
    """Raise what an answer means that is no video."""
    kind = response.headers.get("content-type", "").lower()
    is_told = "json" in kind or kind.startswith("text/")
    if response.status_code in (200, 206, _NO_SUCH_PART) and not is_told:
        return
    content = b""
    for piece in response.iter_bytes():
        content += piece
        if len(content) > _MOST_EXPLANATION:
            break
    if response.status_code >= 300 or "json" in kind:
        unwrap(response.status_code, content[:_MOST_EXPLANATION])
    raise RemoteProtocolError("the service sent no video", why="it answered with words instead")
