"""The service over HTTP: one method per call. Nothing else in the package talks to it.

Calls that are safe to repeat are retried; a message or a render only if the service has said that
it did not accept it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from chapterize.errors import (
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    TokenRefused,
)
from chapterize.remote import answers
from chapterize.remote.answers import Credits, Render, SessionIds, read_answer
from chapterize.remote.connection import Connection, OnDetail, body_pieces
from chapterize.remote.events import Event, read_events
from chapterize.remote.identity import (
    ADDRESS_VARIABLE,
    TOKEN_VARIABLE,
    Identity,
    Token,
    checked_address,
)
from chapterize.remote.request import OnBytes, Request, Tries, Waits

__all__ = ["Client"]

Value = TypeVar("Value")

_AGENT = "nemo_agent"
_RENDERS = "/api/render/proxy/lambda"
_TOKEN = "/api/auth/anonymous-token"  # noqa: S105 - a path
_ASKS_FOR_ID = re.compile(r"client[\s_-]*id", re.I)
_MOST_REPLY_BYTES = 64_000_000
"""Longest stream of one run: as long as the longest answer; a reply has some kilobytes."""


class Client:
    """The calls of the service, for one user.

    Parameters
    ----------
    connection : has no token of its own; each request to the service gets one.
    show : called with a sentence for the user, if there is something to wait for.

    Attributes
    ----------
    is_balance_slow : reading the balance took longer than a caller should wait for again.
    """

    def __init__(
        self, connection: Connection, identity: Identity, show: OnDetail | None = None
    ) -> None:
        self.connection = connection
        self.identity = identity
        self.waits = connection.waits
        self.is_balance_slow = False
        self._token: Token | None = None
        self._sends_id = False
        self._show = show

    def __repr__(self) -> str:
        return f"Client({self.identity.address!r})"

    @classmethod
    @contextmanager
    def opened(
        cls,
        identity: Identity,
        waits: Waits | None = None,
        on_detail: OnDetail | None = None,
        show: OnDetail | None = None,
    ) -> Iterator[Client]:
        """Yield a client whose connections are closed at the end.

        Parameters
        ----------
        on_detail : called with a line about each request, for ``--verbose``; never a secret.
        show : as of the class.

        Raises
        ------
        InputError : the token would be sent without encryption.
        """
        checked_address(identity.address, ADDRESS_VARIABLE)
        waits = waits or Waits.for_address(identity.address)
        with Connection.opened(identity.address, waits, on_detail) as connection:
            yield cls(connection, identity, show)

    @property
    def token(self) -> Token:
        """The user's token; a starter token is fetched if there is none."""
        if self._token is None:
            self._token = self.identity.token() or self._first_token()
        return self._token

    def create_session(self, language: str) -> SessionIds:
        """Create a session; safe to repeat, because an unused session costs nothing."""
        body = {"task_name": "project", "language": language}
        path = f"/api/tasks/me/with-session/{_AGENT}"
        request = Request("POST", path, json=body, is_safe=True)
        return self._call(request, answers.session_in)

    def upload_files(
        self, session_id: str, files: Mapping[str, Path], on_bytes: OnBytes | None = None
    ) -> tuple[Mapping[str, Any], ...]:
        """Upload files under the given names; they are read from disk while they are sent.

        Raises
        ------
        InputError : a file cannot be read.
        """
        return self._upload(session_id, files=files, on_bytes=on_bytes)

    def upload_addresses(
        self, session_id: str, addresses: Sequence[str]
    ) -> tuple[Mapping[str, Any], ...]:
        """Let the service download files from the web."""
        body = {"urls": list(addresses), "source_type": "url"}
        return self._upload(session_id, json=body)

    def _upload(self, session_id: str, **body: Any) -> tuple[Mapping[str, Any], ...]:
        path = f"/api/upload-video/{_AGENT}/me/{quote(session_id, safe='')}"
        silence, total = self.waits.upload, self.waits.upload + self.waits.whole
        request = Request("POST", path, silence=silence, total=total, **body)
        return self._call(request, answers.files_in)

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
            total=self.waits.run + self.waits.whole,
        )
        tries = self.tries()
        while True:
            try:
                with self._answered(request) as response:
                    kind = response.headers.get("content-type", "")
                    if response.status_code != 200 or "json" in kind:
                        read_answer(response)
                        yield iter(())
                        return
                    yield read_events(_followed(body_pieces(response), on_piece))
                    return
            except RemoteError as error:
                tries.again(error)

    def credits(self) -> Credits:
        """Return the balance."""
        request = Request("GET", "/api/credits/balance/simple", is_safe=True)
        return self._call(request, answers.credits_in)

    def state(self, session_id: str) -> Mapping[str, Any]:
        """Return the latest state of a session."""
        path = f"/api/state/{_AGENT}/me/{quote(session_id, safe='')}/latest"
        return self._call(Request("GET", path, is_safe=True), answers.state_in)

    def start_render(self, session_id: str, render_id: str, draft: Mapping[str, Any]) -> Render:
        """Start a render of `draft`, which is passed on untouched."""
        body = {
            "id": render_id,
            "sessionId": session_id,
            "draft": draft,
            "output": {"format": "mp4", "quality": "high"},
        }
        request = Request("POST", _RENDERS, json=body)
        return self._call(request, lambda answer: answers.render_in(answer, render_id))

    def render(self, render_id: str) -> Render:
        """Return the state of a render."""
        path = f"{_RENDERS}/{quote(render_id, safe='')}"
        request = Request("GET", path, is_safe=True)
        return self._call(request, lambda answer: answers.render_in(answer, render_id))

    def cancel_render(self, render_id: str) -> None:
        """Stop a render."""
        self._call(Request("POST", f"{_RENDERS}/{quote(render_id, safe='')}/cancel"), bool)

    def download_address(self, render_id: str) -> str:
        """Return the address of a finished render at the service itself."""
        return f"{self.identity.address}/api/render/proxy/{quote(render_id, safe='')}/download"

    @contextmanager
    def opened_download(
        self, url: str, headers: Mapping[str, str], *, with_token: bool
    ) -> Iterator[Any]:
        """Yield the answer to a GET of any address, its body not yet read; follow no redirect.

        `connection.moved` must be called with the number of bytes of each piece that is read.

        Raises
        ------
        RemoteUnreachable : no answer, or the connection broke while the body was read.
        """
        request = Request("GET", url, headers=headers, with_token=with_token)
        with self._answered(request) as response:
            yield response

    def tries(self, *, is_safe: bool = False, with_token: bool = True) -> Tries:
        """Return the retries of one request."""
        if not with_token:
            return Tries(self.waits, is_safe=is_safe)
        # Fetched here and not by the first try: that call has retries of its own.
        _ = self.token
        renew, identify = self._replace_token, self._send_id
        return Tries(self.waits, is_safe=is_safe, renew=renew, identify=identify)

    def _replace_token(self, refused: TokenRefused) -> None:
        if not self.token.is_anonymous:
            raise TokenRefused(
                refused.what,
                why=refused.why,
                hint=f"set {TOKEN_VARIABLE} to a new token, or unset it for a starter token",
                code=refused.code,
            ) from refused
        with self.identity.waiting_turn(self._on_wait):
            kept = self.identity.token()
            is_new = kept is not None and kept.secret != self.token.secret
            try:
                self._token = kept if is_new else self._starter_token()
            except RateLimited as error:
                # The limit is that of tokens: trying the request again does not help.
                raise TokenRefused(
                    error.what, why=error.why, hint=error.hint, code=error.code
                ) from error

    def _send_id(self, refused: RemoteRefused) -> None:
        """From now on send the client id that a refusal asks for; a new one if it was sent."""
        if not _ASKS_FOR_ID.search(refused.why):
            raise refused
        self.identity.client_id(renew=self._sends_id)
        self._sends_id = True

    def _renew_id(self, _: RemoteRefused) -> None:
        self.identity.client_id(renew=True)

    def _on_wait(self) -> None:
        if self._show is not None:
            self._show("Another command is fetching a token; waiting.")

    def _first_token(self) -> Token:
        """A starter token; that of another process if it has fetched one meanwhile."""
        with self.identity.waiting_turn(self._on_wait):
            return self.identity.token() or self._starter_token()

    def _starter_token(self) -> Token:
        self.connection.detail("no token: requesting a starter token")
        request = Request("POST", _TOKEN, is_safe=True, with_token=False)
        tries = Tries(self.waits, is_safe=True, identify=self._renew_id)
        try:
            token = self._call(request, answers.token_in, tries)
        except RateLimited as error:
            raise RateLimited(
                "no starter token is available now",
                why=error.why,
                hint=f"it issues one a week; wait, or set {TOKEN_VARIABLE} to your own",
                code=error.code,
            ) from error
        self.identity.keep(token)
        return token

    def _call(
        self,
        request: Request,
        read: Callable[[dict[str, Any]], Value],
        tries: Tries | None = None,
    ) -> Value:
        """Send a request, with retries, and return what `read` finds in the answer."""
        if tries is None:
            tries = self.tries(is_safe=request.is_safe, with_token=request.with_token)
        while True:
            try:
                with self._answered(request) as response:
                    return read(read_answer(response))
            except RemoteError as error:
                tries.again(error)

    @contextmanager
    def _answered(self, request: Request) -> Iterator[Any]:
        """Send a request once and yield the answer, its body not yet read."""
        headers = dict(request.headers)
        if request.with_token:
            headers["Authorization"] = f"Bearer {self.token.secret}"
        if request.path == _TOKEN or (request.with_token and self._sends_id):
            headers["X-Client-Id"] = self.identity.client_id()
        if request.json is not None:
            headers["Content-Type"] = "application/json"
        with self.connection.answered(request, headers) as response:
            yield response


def _followed(pieces: Iterator[bytes], on_piece: Callable[[], None]) -> Iterator[bytes]:
    n_bytes = 0
    for piece in pieces:
        on_piece()
        n_bytes += len(piece)
        if n_bytes > _MOST_REPLY_BYTES:
            raise RemoteProtocolError("the agent's reply is too long")
        yield piece
