"""The service over HTTP: one method a call. The only place that speaks to it.

Errors of the line become ours here. Calls that may be repeated (readings, a new session) are;
a message and a render never are, but where the service has said that it did not take them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from json import dumps
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
from chapterize.remote.answers import Credits, Render, SessionIds
from chapterize.remote.bodies import unwrapped
from chapterize.remote.events import Event, read_events
from chapterize.remote.identity import (
    ADDRESS_VARIABLE,
    TOKEN_VARIABLE,
    Identity,
    Token,
    attribution,
    blank_secrets,
    checked_address,
)
from chapterize.remote.quiet import quieten_logs
from chapterize.remote.tries import SILENT, Tries
from chapterize.remote.uploading import CountedFile, OnBytes
from chapterize.remote.waits import Waits

if TYPE_CHECKING:
    import httpx

__all__ = ["Client"]

OnDetail = Callable[[str], None]
Body = Callable[[ExitStack], dict[str, Any]]

_AGENT = "nemo_agent"


class Client:
    """The calls of the service, for one user.

    Parameters
    ----------
    http : carries no token of its own: it is added to each request that goes to the service.
    on_detail : hears a line about each request, for ``--verbose``; never a secret.
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
        """A client whose connections are closed at the end.

        Raises
        ------
        InputError : the token would travel in the open.
        """
        import httpx

        checked_address(identity.address, ADDRESS_VARIABLE)
        quieten_logs()
        waits = waits or Waits.for_address(identity.address)
        # A service on this machine is not spoken to through somebody's proxy.
        is_far = identity.address.startswith("https:")
        with httpx.Client(
            headers=attribution(__version__),
            timeout=httpx.Timeout(waits.answer, connect=waits.connect),
            trust_env=is_far,
            follow_redirects=False,
        ) as http:
            yield cls(http, identity, waits, on_detail)

    @property
    def token(self) -> Token:
        """The user's token; a starter token is fetched when there is none yet."""
        if self._token is None:
            self._token = self.identity.token() or self._starter_token()
        return self._token

    def shown(self, text: str) -> str:
        """`text` without secrets."""
        return blank_secrets(text, self._token.secret if self._token else "")

    def create_session(self, language: str) -> SessionIds:
        """Begin a session; a second one by mistake costs nothing, so this may be repeated."""
        body = {"task_name": "project", "language": language}
        path = f"/api/tasks/me/with-session/{_AGENT}"
        return answers.session_in(self._call("POST", path, json=body, is_safe=True))

    def upload_files(
        self, session_id: str, files: Mapping[str, Path], on_bytes: OnBytes | None = None
    ) -> tuple[Mapping[str, Any], ...]:
        """Upload files, by the names they are to have there, read from disk as they go out.

        `on_bytes` hears of each piece.
        """

        def body(stack: ExitStack) -> dict[str, Any]:
            opened = {
                name.encode("utf-8", "replace").decode(): stack.enter_context(
                    CountedFile.opened(path, on_bytes)
                )
                for name, path in files.items()
            }
            return {"files": [("files", each) for each in opened.items()]}

        path = f"/api/upload-video/{_AGENT}/me/{quote(session_id, safe='')}"
        return answers.files_in(self._call("POST", path, body=body, silence=self.waits.upload))

    def upload_addresses(
        self, session_id: str, addresses: Sequence[str]
    ) -> tuple[Mapping[str, Any], ...]:
        """Let the service fetch files from the web."""
        body = {"urls": list(addresses), "source_type": "url"}
        path = f"/api/upload-video/{_AGENT}/me/{quote(session_id, safe='')}"
        return answers.files_in(self._call("POST", path, json=body, silence=self.waits.upload))

    @contextmanager
    def run(
        self, session_id: str, text: str, watch: Callable[[], None]
    ) -> Iterator[Iterator[Event]]:
        """Send a message and hear the agent; `watch` is called with every piece that arrives.

        Raises
        ------
        RemoteRefused : it was not taken.
        RemoteUnreachable : in the ``with`` line or while events are read; when `was_sent`, nobody
            knows whether it was taken.
        """
        body = {
            "app_name": _AGENT,
            "user_id": "me",
            "session_id": session_id,
            "new_message": {"parts": [{"text": text}]},
        }
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        tries = Tries(self)
        while True:
            try:
                with self._opened(
                    "POST", "/run_sse", headers, json=body, silence=self.waits.silence
                ) as response:
                    kind = response.headers.get("content-type", "")
                    if response.status_code != 200 or "json" in kind:
                        self._unwrapped(response)
                        yield iter(())
                        return
                    yield read_events(self._heard(response, watch))
                    return
            except (RateLimited, TokenRefused, RemoteUnreachable) as error:
                tries.again(error)

    def credits(self) -> Credits:
        """The balance."""
        answer = self._call("GET", "/api/credits/balance/simple", is_safe=True)
        return answers.credits_in(answer)

    def state(self, session_id: str) -> Mapping[str, Any]:
        """The newest state of a session."""
        path = f"/api/state/{_AGENT}/me/{quote(session_id, safe='')}/latest"
        return answers.state_in(self._call("GET", path, is_safe=True))

    def start_render(self, session_id: str, render_id: str, draft: Mapping[str, Any]) -> Render:
        """Begin a render; the draft passes as it came."""
        body = {
            "id": render_id,
            "sessionId": session_id,
            "draft": draft,
            "output": {"format": "mp4", "quality": "high"},
        }
        return answers.render_in(
            self._call("POST", "/api/render/proxy/lambda", json=body), render_id
        )

    def render(self, render_id: str) -> Render:
        """How far a render is."""
        path = f"/api/render/proxy/lambda/{quote(render_id, safe='')}"
        return answers.render_in(self._call("GET", path, is_safe=True), render_id)

    def cancel_render(self, render_id: str) -> None:
        """Stop a render."""
        self._call("POST", f"/api/render/proxy/lambda/{quote(render_id, safe='')}/cancel")

    def download_path(self, render_id: str) -> str:
        """Where a finished render lies at the service itself."""
        return f"{self.identity.address}/api/render/proxy/{quote(render_id, safe='')}/download"

    @contextmanager
    def opened_download(
        self, url: str, headers: Mapping[str, str], *, with_token: bool
    ) -> Iterator[httpx.Response]:
        """The answer to a GET of any address, its body still to be read; no redirect is followed.

        Raises
        ------
        RemoteUnreachable : no answer, also while the body is read.
        """
        with self._opened("GET", url, headers, with_token=with_token) as response:
            yield response

    def renew_token(self) -> bool:
        """Fetch a new starter token in place of an expired one; False where that is no help."""
        if not self.token.is_anonymous:
            return False
        self._token = self._starter_token()
        return True

    def _starter_token(self) -> Token:
        self._on_detail("no token: a starter token is asked for")
        path = "/api/auth/anonymous-token"
        for renew in (False, True):
            headers = {"X-Client-Id": self.identity.client_id(renew=renew)}
            try:
                answer = self._call("POST", path, headers=headers, is_safe=True, with_token=False)
            except RateLimited as error:
                raise RateLimited(
                    "the service gives no starter token now",
                    why=error.why,
                    hint=f"it gives one a week; wait, or set {TOKEN_VARIABLE} to your own",
                    code=error.code,
                ) from error
            except RemoteRefused as error:
                if renew or error.code != 400:
                    raise
                continue
            token = answers.token_in(answer)
            self.identity.keep(token)
            return token
        raise AssertionError("the second round returns or raises")

    def _call(
        self,
        verb: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
        body: Body | None = None,
        silence: float | None = None,
        is_safe: bool = False,
        with_token: bool = True,
    ) -> dict[str, Any]:
        """Send a request until there is an answer, as often as that is harmless; unwrap it."""
        tries = Tries(self, is_safe=is_safe, can_renew=with_token)
        while True:
            try:
                with ExitStack() as stack:
                    sent: dict[str, Any] = body(stack) if body is not None else {"json": json}
                    response = stack.enter_context(
                        self._opened(
                            verb, path, headers, silence=silence, with_token=with_token, **sent
                        )
                    )
                    return self._unwrapped(response)
            except (RateLimited, TokenRefused, RemoteUnreachable) as error:
                tries.again(error)

    @contextmanager
    def _opened(
        self,
        verb: str,
        path: str,
        headers: Mapping[str, str] | None,
        *,
        silence: float | None = None,
        with_token: bool = True,
        **sent: Any,
    ) -> Iterator[httpx.Response]:
        import httpx

        url = self.identity.address + path if path.startswith("/") else path
        sent_headers = dict(headers or {})
        if with_token:
            sent_headers["Authorization"] = f"Bearer {self.token.secret}"
        if (document := sent.pop("json", None)) is not None:
            # A draft goes back as it came, with NaN and halves of surrogate pairs in it.
            sent["content"] = dumps(document).encode()
            sent_headers["Content-Type"] = "application/json"
        timeout = httpx.Timeout(silence or self.waits.answer, connect=self.waits.connect)
        began = time.monotonic()
        try:
            with self.http.stream(
                verb, url, headers=sent_headers, timeout=timeout, **sent
            ) as response:
                taken = time.monotonic() - began
                shown = self.shown(str(response.url.copy_with(query=None)))
                self._on_detail(f"{verb} {shown}: HTTP {response.status_code} in {taken:.2f} s")
                yield response
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise self._lost("it cannot be reached", error, was_sent=False) from error
        except httpx.TimeoutException as error:
            raise self._lost(SILENT, error) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._lost("the connection broke", error) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            why = self.shown(str(error))
            raise RemoteProtocolError("an address cannot be used", why=why) from error

    def _lost(self, why: str, error: Exception, *, was_sent: bool = True) -> RemoteUnreachable:
        self._on_detail(self.shown(f"{type(error).__name__}: {error}"))
        return RemoteUnreachable(
            "the service did not answer",
            why=why,
            hint="look to the network, then try again",
            was_sent=was_sent,
        )

    def _unwrapped(self, response: httpx.Response) -> dict[str, Any]:
        return unwrapped(response, self._token.secret if self._token else "")

    def _heard(self, response: httpx.Response, watch: Callable[[], None]) -> Iterator[bytes]:
        for piece in response.iter_bytes():
            watch()
            yield piece
