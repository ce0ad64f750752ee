"""Both envelopes, and the answers that refusals become."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import Request as Incoming
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from tests.fake_service.records import Request
    from tests.fake_service.service import FakeService

ATTRIBUTION = ("x-skill-source", "x-skill-version", "x-skill-platform")
_SOURCE = "chapter-generator"
_PLATFORMS = ("clawhub", "cursor", "unknown")
_HTTP = {1001: 401, 1002: 404, 2001: 403, 4001: 415, 4002: 413}

Endpoint = Callable[[Incoming], Awaitable[Response]]


class Refused(Exception):
    """A request is refused. Without an `http` status, the switch `coded_http` decides it."""

    def __init__(self, code: int, message: str, *, http: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.http = http


def attribution(headers: Mapping[str, str]) -> list[str]:
    """The names of the attribution headers that are missing or empty."""
    return [name for name in ATTRIBUTION if not headers.get(name)]


def odd_headers(headers: Mapping[str, str]) -> list[str]:
    """What is missing or wrong in the attribution headers of a request."""
    source, _, platform = ATTRIBUTION
    odd = [f"without {name}" for name in attribution(headers)]
    if headers.get(source, _SOURCE) != _SOURCE:
        odd.append(f"a strange {source}")
    if headers.get(platform, "unknown") not in _PLATFORMS:
        odd.append(f"a strange {platform}")
    return odd


def fine(data: Any) -> Response:
    """``{"code":0,…}``."""
    return JSONResponse({"code": 0, "message": "success", "data": data})


def success(data: Any, **more: Any) -> Response:
    """``{"success":true,…}``; without `data` if it is None."""
    body = {"success": True} if data is None else {"success": True, "data": data}
    return JSONResponse(body | more)


def failure(error: str, http: int = 200) -> Response:
    """``{"success":false,…}``."""
    return JSONResponse({"success": False, "data": None, "error": error}, http)


def route(fake: FakeService, verb: str, path: str, call: str, endpoint: Endpoint) -> Route:
    """A route whose refusals become answers; `call` is its name."""

    async def answer(incoming: Incoming) -> Response:
        try:
            return await endpoint(incoming)
        except Refused as refused:
            return _refusal(refused, fake)

    return Route(path, answer, methods=[verb], name=call)


def request_of(incoming: Incoming) -> Request:
    """The record of this request in the history."""
    record: Request = incoming.scope["fake.request"]
    return record


def fields_of(incoming: Incoming) -> dict[str, Any]:
    """The JSON object of the body.

    Raises
    ------
    Refused : HTTP 422, it is not an object.
    """
    body = request_of(incoming).body
    if not isinstance(body, dict):
        raise Refused(422, "a JSON object is expected", http=422)
    return body


def _refusal(refused: Refused, fake: FakeService) -> Response:
    http = refused.http or (_HTTP.get(refused.code, 200) if fake.switches.coded_http else 200)
    kind = fake.switches.error_body
    if kind == "text":
        return PlainTextResponse(f"Error {refused.code}: {refused.message}", http)
    if kind == "success":
        return failure(f"{refused.code}: {refused.message}", http)
    return JSONResponse({"code": refused.code, "message": refused.message, "data": None}, http)
