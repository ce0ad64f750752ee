"""Renders: asked for, polled, cancelled, and the file they make."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request as Incoming
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fake_service.answers import (
    Refused,
    attribution,
    failure,
    fields_of,
    request_of,
    route,
    success,
)
from tests.fake_service.downloads import FileAnswer
from tests.fake_service.media import make_mp4
from tests.fake_service.records import Charge, Render
from tests.fake_service.service import FakeService

_PROXY = "/api/render/proxy"


class RenderCalls:
    """Everything about an export."""

    def __init__(self, fake: FakeService) -> None:
        self.fake = fake

    def routes(self) -> list[Route]:
        fake, one = self.fake, f"{_PROXY}/lambda/{{rid}}"
        return [
            route(fake, "POST", f"{_PROXY}/lambda", "render", self.render),
            route(fake, "GET", one, "render-status", self.status),
            route(fake, "POST", f"{one}/cancel", "cancel", self.cancel),
            route(fake, "GET", f"{_PROXY}/{{rid}}/download", "download", self.download),
            route(fake, "GET", "/cdn/{rid}.mp4", "cdn", self.cdn),
        ]

    async def render(self, incoming: Incoming) -> Response:
        request, switches = request_of(incoming), self.fake.switches
        account = self.fake.authorise(request)
        if attribution(request.headers):
            return failure("export blocked: attribution headers are missing", 402)
        if switches.export_blocked:
            return failure("export blocked: the free plan does not export", 402)
        fields = fields_of(incoming)
        session = self.fake.session_of(account, fields.get("sessionId"))
        render_id, draft, output = fields.get("id"), fields.get("draft"), fields.get("output")
        if not isinstance(render_id, str) or not render_id or not isinstance(output, dict):
            raise Refused(422, "id, sessionId, draft and output are required", http=422)
        if not _is_exportable(draft):
            return failure("nothing to export: the draft has no segments")
        with self.fake.lock:
            if self.fake.take("duplicate_id") or render_id in self.fake.renders:
                return failure("duplicate id")
            if switches.out_of_credits and switches.out_of_credits_on != "run":
                raise Refused(2001, "insufficient credits")
            if draft != session.shown_draft:
                self.fake.complain("render: the draft is not the one that the state showed")
            cost = switches.render_cost
            self.fake.spend("render", session, cost, freeze=True)
            render = Render(render_id, session, json.loads(json.dumps(draft)), output, cost)
            self.fake.renders[render_id] = render
        return success(None) if switches.render_post_bare else self._status_of(render, None)

    async def status(self, incoming: Incoming) -> Response:
        """One poll; the one that completes the render makes the file."""
        render = self._find(incoming)
        with self.fake.lock:
            self._advance(render)
            is_ready = render.status == "completed" and render.path is None
        if is_ready:
            await self._make(render)
        return self._status_of(render, self._address(render))

    async def cancel(self, incoming: Incoming) -> Response:
        render = self._find(incoming)
        with self.fake.lock:
            if render.is_over:
                return failure(f"already {render.status}")
            self._fail(render, "cancelled by the user")
        return success({"id": render.id, "status": "failed"})

    async def download(self, incoming: Incoming) -> Response:
        render = self._find(incoming)
        if render.status != "completed" or render.path is None:
            return failure("not completed", 409)
        return FileAnswer(self.fake, render.path, incoming)

    async def cdn(self, incoming: Incoming) -> Response:
        """The file at its public address: no account, but addresses expire."""
        render = self.fake.renders.get(str(incoming.path_params["rid"]))
        if render is None or render.path is None:
            return Response(b"<Error><Code>NoSuchKey</Code></Error>", 404)
        version = incoming.query_params.get("v", "")
        if not version.isdigit() or int(version) <= render.n_expired:
            return Response(b"<Error><Code>AccessDenied</Code>Request has expired</Error>", 403)
        return FileAnswer(self.fake, render.path, incoming)

    def _find(self, incoming: Incoming) -> Render:
        account = self.fake.authorise(request_of(incoming))
        render = self.fake.renders.get(str(incoming.path_params["rid"]))
        if render is None or render.session.owner is not account:
            raise Refused(404, "render not found", http=404)
        return render

    def _advance(self, render: Render) -> None:
        if render.is_over:
            return
        slow = self.fake.switches.slow_render
        render.n_polls += 1
        if render.n_polls <= slow:
            render.status = "pending" if render.n_polls == 1 and slow > 1 else "processing"
            render.progress = max(render.progress, 5 + 90 * render.n_polls // (slow + 1))
        elif self.fake.switches.render_failure:
            self._fail(render, self.fake.switches.render_failure)
        else:
            render.status, render.progress = "completed", 100
            render.n_expired = self.fake.switches.expired_urls
            render.session.owner.frozen -= render.cost
            render.session.owner.total -= render.cost

    def _fail(self, render: Render, error: str) -> None:
        render.status, render.error = "failed", error
        render.session.owner.frozen -= render.cost
        render.session.owner.available += render.cost
        self.fake.charges.append(Charge("refund", render.session.id, -render.cost))

    async def _make(self, render: Render) -> None:
        names = {each.text for each in render.session.pieces if each.kind == "video"}
        videos = [each for each in render.session.uploads if each.filename in names]
        length = render.draft.get("d") if isinstance(render.draft, dict) else None
        seconds = length / 1000 if isinstance(length, int | float) and length > 0 else 4.0
        source = videos[0] if len(videos) == 1 else None
        target = self.fake.folder / f"render-{len(self.fake.renders)}-{id(render)}.mp4"
        await asyncio.to_thread(make_mp4, source, target, seconds)
        render.path, render.duration = target, seconds

    def _address(self, render: Render) -> str | None:
        place = self.fake.switches.output_url
        if render.path is None or place == "none":
            return None
        render.url_version += 1
        base = self.fake.base
        if place == "other-host":
            base = base.replace("127.0.0.1", "localhost")
        return f"{base}/cdn/{render.id}.mp4?v={render.url_version}&Signature=made-up"

    def _status_of(self, render: Render, address: str | None) -> Response:
        facts: dict[str, Any] = {"status": render.status, "progress": render.progress}
        if render.error is not None:
            facts["error"] = render.error
        if self.fake.switches.render_shape == "flat":
            flat = {"taskId": render.id} | facts
            if address is not None and render.path is not None:
                size = render.path.stat().st_size
                size += 4096 if self.fake.switches.download_wrong == "size" else 0
                flat["output"] = {"url": address, "duration": render.duration, "size": size}
            return JSONResponse(flat)
        return success({"id": render.id} | facts | ({"outputUrl": address} if address else {}))


def _is_exportable(draft: Any) -> bool:
    tracks = draft.get("t") if isinstance(draft, dict) else None
    return isinstance(tracks, list) and any(
        isinstance(track, dict) and bool(track.get("sg")) for track in tracks
    )
