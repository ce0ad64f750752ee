"""The faults of the matrix, and how the service and the client meet them quickly."""

from __future__ import annotations

from typing import Any

import httpx

from tests.fake_service import FakeService, Fault, Switches, faults

PAGE = b"<html>upstream error</html>"
FAULTS: dict[str, Fault] = {
    "timeout": faults.timeout(),
    "timeout-processed": faults.timeout(processed=True),
    "reset-before": faults.reset_before(),
    "reset-within": faults.reset_within(20),
    "reset-after": faults.reset_after(),
    **{f"code-{code}": faults.envelope(code) for code in (1001, 1002, 2001, 4001, 4002)},
    **{
        f"http-{code}": faults.status(code, PAGE)
        for code in (302, 400, 401, 402, 403, 404, 429, 500, 502, 503, 504)
    },
    "http-500-processed": faults.status(500, PAGE, processed=True),
    "failure-envelope": faults.failure_envelope("it cannot be done now"),
    "no-json": faults.status(200, b"OK", {"content-type": "text/plain"}),
    "bad-json": faults.bad_json(),
    "wrong-types": faults.wrong_types(),
    "wrong-types-whole": faults.wrong_types(whole=True),
    "truncated": faults.truncated(),
    "page": faults.status(200, PAGE, {"content-type": "text/html"}),
    "trickle": faults.trickle(),
    "trickle-head": faults.trickle(head=True),
    "endless": faults.endless(),
    "endless-video": faults.endless(b"\0\0\0\x18ftypisom", {"content-type": "video/mp4"}),
}


def reset(fake: FakeService) -> None:
    with fake.lock:
        fake.switches = Switches()
        for each in (fake.history, fake.messages, fake.charges, fake.complaints, fake._planned):
            each.clear()
        for kept in (fake.renders, fake.sessions, fake.tokens, fake.accounts):
            kept.clear()
        fake.unauthorised_leaks.clear()


def impatient(fake: FakeService, send: Any) -> Any:
    """Shorten the timeout of requests that meet a timeout, and only of those."""

    def sent(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        with fake.lock:
            due = [each for each in fake._planned if each.times > 0 and each.skip <= 0]
        if any(each.fault.kind == "timeout" and is_for(request, each.call) for each in due):
            request.extensions["timeout"] = request.extensions["timeout"] | {"read": 0.05}
        response: httpx.Response = send(self, request, **options)
        return response

    return sent


def is_for(request: httpx.Request, call: str) -> bool:
    path, verb = request.url.path, request.method
    marks = {
        "anonymous-token": "anonymous-token" in path,
        "session": "with-session" in path,
        "upload": "upload-video" in path,
        "run": path == "/run_sse",
        "credits": "credits" in path,
        "state": "/api/state/" in path,
        "render": path.endswith("/lambda") and verb == "POST",
        "render-status": "/lambda/" in path and verb == "GET",
        "cancel": path.endswith("/cancel"),
        "download": path.endswith("/download"),
        "cdn": path.startswith("/cdn/"),
    }
    return marks[call]
