"""Uploads: multipart, parsed as it arrives, or addresses as JSON."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request as Incoming
from starlette.responses import Response
from starlette.routing import Route

from tests.fake_service.account_calls import AGENT
from tests.fake_service.answers import Refused, fields_of, fine, request_of, route
from tests.fake_service.drafts import Piece
from tests.fake_service.media import examine, kind_of
from tests.fake_service.records import Session, Upload
from tests.fake_service.service import FakeService


@dataclass
class Part:
    """One part of a form while it arrives; its bytes are hashed, and kept up to a limit."""

    name: str = ""
    filename: str | None = None
    path: Path | None = None
    n_bytes: int = 0
    hash: Any = field(default_factory=hashlib.sha256)
    file: IO[bytes] | None = None

    def grow(self, data: bytes, most_kept: int) -> None:
        self.n_bytes += len(data)
        self.hash.update(data)
        if self.file is None:
            return
        if self.n_bytes > most_kept:
            self.close(keep=False)
        else:
            self.file.write(data)

    def close(self, *, keep: bool = True) -> None:
        if self.file is not None:
            self.file.close()
            self.file = None
            if not keep and self.path is not None:
                self.path.unlink()
                self.path = None


class Form:
    """The parts of a multipart body, parsed from pieces of any size."""

    def __init__(self, content_type: str, folder: Path, most_kept: int) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or b"boundary" not in options:
            raise Refused(400, "multipart/form-data is expected", http=400)
        self.parts: list[Part] = []
        self._folder = folder
        self._most_kept = most_kept
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._parser = MultipartParser(
            options[b"boundary"],
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_part_end": self._end,
            },
        )

    def feed(self, data: bytes) -> None:
        self._parser.write(data)

    def close(self) -> None:
        """Discard an incomplete part."""
        for part in self.parts:
            part.close(keep=False)

    def finish(self) -> None:
        self._parser.finalize()

    def _begin(self) -> None:
        self._headers = {}
        self.parts.append(Part())

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        part = self.parts[-1]
        part.name = options.get(b"name", b"").decode()
        if b"filename" in options:
            named = options[b"filename"].decode("utf-8", "replace")
            part.filename = named.replace("%22", '"')
            part.path = self._folder / f"upload-{secrets.token_hex(6)}"
            part.file = part.path.open("wb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].grow(data[start:end], self._most_kept)

    def _end(self) -> None:
        self.parts[-1].close()


class UploadCalls:
    """``POST /api/upload-video/…``."""

    def __init__(self, fake: FakeService) -> None:
        self.fake = fake

    def routes(self) -> list[Route]:
        path = f"/api/upload-video/{AGENT}/me/{{sid}}"
        return [route(self.fake, "POST", path, "upload", self.upload)]

    async def upload(self, incoming: Incoming) -> Response:
        try:
            return await self._take(incoming)
        except Refused:
            if not self.fake.switches.refuses_early:
                await incoming.scope["fake.drain"]()
            raise

    async def _take(self, incoming: Incoming) -> Response:
        request = request_of(incoming)
        session = self.fake.session_of(self.fake.authorise(request), incoming.path_params["sid"])
        announced = int(request.headers.get("content-length", 0))
        if announced > self.fake.switches.upload_limit_bytes:
            raise Refused(4002, "file too large")
        if request.headers.get("content-type", "").startswith("application/json"):
            uploads = self._from_addresses(fields_of(incoming))
        else:
            uploads = [self._upload(part) for part in await self._parts(incoming)]
        self._apply(session, uploads)
        rows = [self._row(each) for each in uploads]
        applied = self.fake.switches.session_state_applied
        return fine({"files": rows, "session_state_applied": applied})

    async def _parts(self, incoming: Incoming) -> list[Part]:
        switches, n_bytes = self.fake.switches, 0
        content_type = request_of(incoming).headers.get("content-type", "")
        form = Form(content_type, self.fake.folder, switches.keeps_bytes)
        try:
            async for chunk in incoming.stream():
                n_bytes += len(chunk)
                form.feed(chunk)
            form.finish()
        except FormParserError as error:
            raise Refused(400, "broken multipart body", http=400) from error
        finally:
            form.close()
        if n_bytes > switches.upload_limit_bytes:
            raise Refused(4002, "file too large")
        files = [part for part in form.parts if part.name == "files" and part.filename]
        if not files:
            raise Refused(422, "field files is required", http=422)
        if any(kind_of(part.filename or "") is None for part in files):
            raise Refused(4001, "unsupported file type")
        return files

    def _from_addresses(self, fields: dict[str, Any]) -> list[Upload]:
        addresses = fields.get("urls")
        if fields.get("source_type") != "url" or not isinstance(addresses, list) or not addresses:
            raise Refused(422, "urls and source_type are required", http=422)
        names = [unquote(urlsplit(str(each)).path.rpartition("/")[2]) for each in addresses]
        names = [name if "." in name else f"{name or 'video'}.mp4" for name in names]
        if any(kind_of(name) is None for name in names):
            raise Refused(4001, "unsupported file type")
        return [self._upload(Part("files", name)) for name in names]

    def _upload(self, part: Part) -> Upload:
        name = part.filename or "video.mp4"
        kind = kind_of(name) or "video"
        facts = examine(part.path, kind, self.fake.switches.video_seconds)
        return Upload(
            filename=name,
            file_type=kind,
            cdn_url=f"{self.fake.base}/cdn/uploads/{secrets.token_hex(6)}",
            duration=self.fake.switches.claims_seconds or facts.duration,
            width=facts.width,
            height=facts.height,
            fps=facts.fps,
            n_bytes=part.n_bytes,
            sha256=part.hash.hexdigest(),
            path=part.path,
            is_media=facts.is_media,
        )

    def _row(self, upload: Upload) -> dict[str, Any]:
        names = ["filename", "file_type", "cdn_url", "duration", "width", "height"]
        row = {name: getattr(upload, name) for name in names}
        if self.fake.switches.upload_bare:
            return row
        return row | {"fps": upload.fps, "hash": upload.sha256}

    def _apply(self, session: Session, uploads: list[Upload]) -> None:
        def change() -> None:
            session.uploads += uploads
            if self.fake.switches.video_on_upload:
                lay_videos(session)

        self.fake.later(session, 0 if self.fake.switches.session_state_applied else 1, change)


def lay_videos(session: Session) -> None:
    """Put the uploads on the timeline one after another, once."""
    videos = [each for each in session.uploads if each.file_type != "audio"]
    end = max((each.end_ms for each in session.pieces if each.kind == "video"), default=0)
    for upload in videos[session.n_laid :]:
        length = round(upload.duration * 1000) or 3000
        session.pieces.append(Piece("video", upload.filename, end, length))
        end += length
    session.n_laid = len(videos)


def lay_alone(session: Session, name: str) -> None:
    """Clear the timeline, then put one of the uploads on it."""
    named = [each for each in session.uploads if each.filename == name]
    session.pieces[:] = [
        Piece("video", name, 0, round(each.duration * 1000) or 3000) for each in named[-1:]
    ]
