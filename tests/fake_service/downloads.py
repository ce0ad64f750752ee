"""A file as an answer: whole or from a byte on, with the faults that the switches ask for."""

from __future__ import annotations

import re
from pathlib import Path

from starlette.requests import Request as Incoming
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.fake_service.line import drop
from tests.fake_service.service import FakeService

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_BLOCK_BYTES = 256 * 1024
_PAGE = b"<!doctype html><title>Sign in</title><p>Please sign in to continue.</p>"


class FileAnswer(Response):
    """Sends `path`; ranges, cuts and wrong contents follow the switches."""

    def __init__(self, fake: FakeService, path: Path, incoming: Incoming) -> None:
        super().__init__()
        self.fake = fake
        self.path = path
        self.incoming = incoming

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wrong = self.fake.switches.download_wrong
        if wrong == "not-video":
            await Response(_PAGE, media_type="text/html")(scope, receive, send)
            return
        size = self.path.stat().st_size // (2 if wrong == "short" else 1)
        start, end, status = self._part(size)
        headers = [
            (b"content-type", b"video/mp4"),
            (b"content-length", str(max(0, end - start)).encode()),
            (b"etag", self._etag(size).encode()),
        ]
        if self.fake.switches.cdn_ranges:
            headers.append((b"accept-ranges", b"bytes"))
        if status == 206:
            headers.append((b"content-range", f"bytes {start}-{end - 1}/{size}".encode()))
        if status == 416:
            headers.append((b"content-range", f"bytes */{size}".encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send(start, end, scope, send)

    def _part(self, size: int) -> tuple[int, int, int]:
        """First byte, the one after the last, and the status."""
        incoming = self.incoming.headers
        found = _RANGE.fullmatch(incoming.get("range", ""))
        is_same = incoming.get("if-range", self._etag(size)) == self._etag(size)
        if not self.fake.switches.cdn_ranges or found is None or not is_same:
            return 0, size, 200
        start = int(found.group(1))
        end = min(size, int(found.group(2)) + 1) if found.group(2) else size
        return (start, end, 206) if start < end else (0, 0, 416)

    def _etag(self, size: int) -> str:
        return f'"{self.path.stat().st_mtime_ns:x}-{size:x}"'

    async def _send(self, start: int, end: int, scope: Scope, send: Send) -> None:
        cut = self._cut_at()
        last = end if cut is None else min(end, start + cut)
        with self.path.open("rb") as file:
            file.seek(start)
            while start < last:
                block = file.read(min(_BLOCK_BYTES, last - start))
                start += len(block)
                await send({"type": "http.response.body", "body": block, "more_body": True})
        if cut is None:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            await drop(scope)

    def _cut_at(self) -> int | None:
        cut = self.fake.switches.cut_download_at
        return cut if cut is not None and self.fake.take("cut_downloads") else None
