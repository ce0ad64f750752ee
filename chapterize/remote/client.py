"""The service over HTTP: one method per call. Nothing else in the package talks to it.

Errors of the connection become errors of this package here. Calls that are safe to repeat are
retried; a message or a render only if the service has said that it did not accept it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chapterize._version import __version__
from chapterize.errors import (
    RateLimited,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    TokenRefused,
)
from chapterize.remote import answers
from chapterize.remote.answers import Credits, Render, SessionIds, read_answer
from chapterize.remote.events import Event, read_events
from chapterize.remote.identity import (
    ADDRESS_VARIABLE,
    TOKEN_VARIABLE,
    Identity,
    Token,
    attribution,
    blank_secrets,
    checked_address,
    redact_logs,
)
from chapterize.remote.request import SILENT, OnBytes, Request, Tries, Waits

if TYPE_CHECKING:
    import httpx

__all__ = ["Client"]

OnDetail = Callable[[str], None]
_AGENT = "nemo_agent"
_RENDERS = "/api/render/proxy/lambda"


class Client:
    """The calls of the service, for one user.

    Parameters
    ----------
    http : has no token of its own; each request to the service gets one.
    on_detail : called with a line about each request, for ``--verbose``; never a secret.
    """

    def __init__(
        self,
        http: httpx.Client,
        identity: Identity,
        waits: Waits,
        on_detail: OnDetail | None = None,
    ) -> None:
        self.http = http
        self.identity = identity
        self.waits = waits
        self._on_detail = on_detail or (lambda text: None)
        self._token: Token | None = None

    def __repr__(self) -> str:
        return f"Client({self.identity.address!r})"

    @classmethod
    @contextmanager
    def opened(
        cls, identity: Identity, waits: Waits | None = None, on_detail: OnDetail | None = None
    ) -> Iterator[Client]:
        """Yield a client whose connections are closed at the end.

        Raises
        ------
        InputError : the token would be sent without encryption.
        """
        import httpx

        checked_address(identity.address, ADDRESS_VARIABLE)
        redact_logs()
        waits = waits or Waits.for_address(identity.address)
        with httpx.Client(
            headers=attribution(__version__),
            timeout=httpx.Timeout(waits.answer, connect=waits.connect),
            # A proxy from the environment cannot reach a service on this machine.
            trust_env=identity.address.startswith("https:"),
            follow_redirects=False,
        ) as http:
            yield cls(http, identity, waits, on_detail)

    @property
    def token(self) -> Token:
        """The user's token; a starter token is fetched if there is none."""
        if self._token is None:
            self._token = self.identity.token() or self._first_token()
        return self._token

    def redacted(self, text: str) -> str:
        """Return `text` without secrets."""
        return blank_secrets(text, self._secret)

    def create_session(self, language: str) -> SessionIds:
        """Create a session; safe to repeat, because an unused session costs nothing."""
        body = {"task_name": "project", "language": language}
        path = f"/api/tasks/me/with-session/{_AGENT}"
        return answers.session_in(self._call(Request("POST", path, json=body, is_safe=True)))

    def upload_files(
        self, session_id: str, files: Mapping[str, Path], on_bytes: OnBytes | None = None
    ) -> tuple[Mapping[str, Any], ...]:
        """Upload files under the given names; they are read from disk while they are sent.

        Raises
        ------
        InputError : a file cannot be read.
        """
        path = _upload_path(session_id)
        request = Request("POST", path, files=files, on_bytes=on_bytes, silence=self.waits.upload)
        return answers.files_in(self._call(request))

    def upload_addresses(
        self, session_id: str, addresses: Sequence[str]
    ) -> tuple[Mapping[str, Any], ...]:
        """Let the service download files from the web."""
        body = {"urls": list(addresses), "source_type": "url"}
        path = _upload_path(session_id)
        request = Request("POST", path, json=body, silence=self.waits.upload)
        return answers.files_in(self._call(request))

    @contextmanager
    def run(
        self, session_id: str, text: str, on_piece: Callable[[], None]
    ) -> Iterator[Iterator[Event]]:
        """Send a message and yield the agent's events.

        Parameters
        ----------
        on_piece : called with every piece of the stream that arrives.

        Raises
        ------
        RemoteRefused : the message was not accepted.
        RemoteUnreachable : from the ``with`` line or while events are read. If its `was_sent` is
            set, it is unknown whether the message was accepted.
        """
        request = Request(
            "POST",
            "/run_sse",
            json={
                "app_name": _AGENT,
                "user_id": "me",
                "session_id": session_id,
                "new_message": {"parts": [{"text": text}]},
            },
            headers={"Accept": "text/event-stream", "Cache-Control": "no-store"},
            silence=self.waits.silence,
        )
        tries = self.tries()
        while True:
            try:
                with self._answered(request) as response:
                    kind = response.headers.get("content-type", "")
                    if response.status_code != 200 or "json" in kind:
                        read_answer(response, self._secret)
                        yield iter(())
                        return
                    yield read_events(_followed(response.iter_bytes(), on_piece))
                    return
            except (RateLimited, TokenRefused, RemoteUnreachable) as error:
                tries.again(error)

    def credits(self) -> Credits:
        """Return the balance."""
        request = Request("GET", "/api/credits/balance/simple", is_safe=True)
        return answers.credits_in(self._call(request))

    def state(self, session_id: str) -> Mapping[str, Any]:
        """Return the latest state of a session."""
        path = f"/api/state/{_AGENT}/me/{quote(session_id, safe='')}/latest"
        return answers.state_in(self._call(Request("GET", path, is_safe=True)))

    def start_render(self, session_id: str, render_id: str, draft: Mapping[str, Any]) -> Render:
        """Start a render of `draft`, which is passed on untouched."""
        body = {
            "id": render_id,
            "sessionId": session_id,
            "draft": draft,
            "output": {"format": "mp4", "quality": "high"},
        }
        return answers.render_in(self._call(Request("POST", _RENDERS, json=body)), render_id)

    def render(self, render_id: str) -> Render:
        """Return the state of a render."""
        path = f"{_RENDERS}/{quote(render_id, safe='')}"
        return answers.render_in(self._call(Request("GET", path, is_safe=True)), render_id)

    def cancel_render(self, render_id: str) -> None:
        """Stop a render."""
        self._call(Request("POST", f"{_RENDERS}/{quote(render_id, safe='')}/cancel"))

    def download_address(self, render_id: str) -> str:
        """Return the address of a finished render at the service itself."""
        return f"{self.identity.address}/api/render/proxy/{quote(render_id, safe='')}/download"

    @contextmanager
    def opened_download(
        self, url: str, headers: Mapping[str, str], *, with_token: bool
    ) -> Iterator[httpx.Response]:
        """Yield the answer to a GET of any address, its body not yet read; follow no redirect.

        Raises
        ------
        RemoteUnreachable : no answer, or the connection broke while the body was read.
        """
        request = Request("GET", url, headers=headers, with_token=with_token)
        with self._answered(request) as response:
            yield response

    def tries(self, *, is_safe: bool = False, with_token: bool = True) -> Tries:
        """Return the retries of one request."""
        if with_token:
            # Fetched here and not by the first try: that call has retries of its own.
            _ = self.token
        renew = self._replace_token if with_token else None
        return Tries(self.waits, is_safe=is_safe, renew=renew)

    @property
    def _secret(self) -> str:
        return self._token.secret if self._token else ""

    def _replace_token(self, refused: TokenRefused) -> None:
        if not self.token.is_anonymous:
            raise TokenRefused(
                refused.what,
                why=refused.why,
                hint=f"set {TOKEN_VARIABLE} to a new token, or unset it for a starter token",
                code=refused.code,
            ) from refused
        with self.identity.waiting_turn():
            kept = self.identity.token()
            is_new = kept is not None and kept.secret != self.token.secret
            self._token = kept if is_new else self._starter_token()

    def _first_token(self) -> Token:
        """A starter token; that of another process if it has fetched one meanwhile."""
        with self.identity.waiting_turn():
            return self.identity.token() or self._starter_token()

    def _starter_token(self) -> Token:
        self._on_detail("no token: requesting a starter token")
        for renew in (False, True):
            request = Request(
                "POST",
                "/api/auth/anonymous-token",
                headers={"X-Client-Id": self.identity.client_id(renew=renew)},
                is_safe=True,
                with_token=False,
            )
            try:
                token = answers.token_in(self._call(request))
            except RateLimited as error:
                raise RateLimited(
                    "no starter token is available now",
                    why=error.why,
                    hint=f"it issues one a week; wait, or set {TOKEN_VARIABLE} to your own",
                    code=error.code,
                ) from error
            except RemoteRefused as error:
                if renew or error.code != 400:
                    raise
                continue
            self.identity.keep(token)
            return token
        raise AssertionError("the second round returns or raises")

    def _call(self, request: Request) -> dict[str, Any]:
        """Send a request, with retries, and unwrap the answer."""
        tries = self.tries(is_safe=request.is_safe, with_token=request.with_token)
        while True:
            try:
                with self._answered(request) as response:
                    return read_answer(response, self._secret)
            except (RateLimited, TokenRefused, RemoteUnreachable) as error:
                tries.again(error)

    @contextmanager
    def _answered(self, request: Request) -> Iterator[httpx.Response]:
        """Send a request once and yield the answer, its body not yet read."""
        import httpx

        path, headers = request.path, dict(request.headers)
        if request.with_token:
            headers["Authorization"] = f"Bearer {self.token.secret}"
        if request.json is not None:
            headers["Content-Type"] = "application/json"
        url = self.identity.address + path if path.startswith("/") else path
        silence = request.silence or self.waits.answer
        timeout = httpx.Timeout(silence, connect=self.waits.connect)
        started = time.monotonic()
        try:
            with (
                ExitStack() as stack,
                self.http.stream(
                    request.verb, url, headers=headers, timeout=timeout, **request.body(stack)
                ) as response,
            ):
                shown = self.redacted(str(response.url.copy_with(query=None)))
                seconds = time.monotonic() - started
                status = response.status_code
                self._on_detail(f"{request.verb} {shown}: HTTP {status} in {seconds:.2f} s")
                yield response
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise self._lost("it cannot be reached", error, was_sent=False) from error
        except httpx.TimeoutException as error:
            raise self._lost(SILENT, error) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._lost("the connection broke", error) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            why = self.redacted(str(error))
            raise RemoteProtocolError("an address cannot be used", why=why) from error

    def _lost(self, why: str, error: Exception, *, was_sent: bool = True) -> RemoteUnreachable:
        self._on_detail(self.redacted(f"{type(error).__name__}: {error}"))
        return RemoteUnreachable(
            "the service did not answer",
            why=why,
            hint="check the network, then try again",
            was_sent=was_sent,
        )


def _followed(pieces: Iterator[bytes], on_piece: Callable[[], None]) -> Iterator[bytes]:
    for piece in pieces:
        on_piece()
        yield piece


def _upload_path(session_id: str) -> str:
    return f"/api/upload-video/{_AGENT}/me/{quote(session_id, safe='')}"
