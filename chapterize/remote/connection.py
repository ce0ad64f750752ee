"""Requests over HTTP, each sent once; errors of the connection become errors of this package.

Everything that arrives is limited in time and size. The timeouts of httpx limit only the silence
between two bytes, so a watch cuts a request whose answer takes too long as a whole.
"""

from __future__ import annotations

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from chapterize._version import __version__
from chapterize.errors import RemoteProtocolError, RemoteUnreachable
from chapterize.masking import blank_secrets
from chapterize.remote.identity import attribution, redact_logs
from chapterize.remote.request import LATE, SILENT, SLOWEST_RATE, Request, Waits

if TYPE_CHECKING:
    import httpx

__all__ = ["Connection", "OnDetail", "body_pieces"]

OnDetail = Callable[[str], None]
_MOST_DECODED = 1_000_000
"""Bytes decompressed at once: a hundred kilobytes of gzip may contain a hundred megabytes."""


class Connection:
    """Sends requests to the service at `address`, and to other hosts, one at a time."""

    def __init__(
        self, http: httpx.Client, address: str, waits: Waits, on_detail: OnDetail | None = None
    ) -> None:
        self.http = http
        self.address = address
        self.waits = waits
        self._on_detail = on_detail or (lambda text: None)
        self._sockets: list[socket.socket] = []
        self._watch = _Watch(0.0, self._cut)

    @classmethod
    @contextmanager
    def opened(
        cls, address: str, waits: Waits, on_detail: OnDetail | None = None
    ) -> Iterator[Connection]:
        """Yield a connection that is closed at the end."""
        import httpx

        redact_logs()
        with httpx.Client(
            headers={**attribution(__version__), "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(waits.answer, connect=waits.connect),
            # A proxy from the environment cannot reach a service on this machine.
            trust_env=address.startswith("https:"),
            follow_redirects=False,
        ) as http:
            yield cls(http, address, waits, on_detail)

    def detail(self, text: str) -> None:
        """Report one line about a request, without secrets."""
        self._on_detail(blank_secrets(text))

    @contextmanager
    def answered(self, request: Request, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        """Send a request once and yield the answer, its body not yet read.

        Raises
        ------
        RemoteUnreachable : there is no answer, it breaks off, or it takes too long.
        RemoteProtocolError : the address cannot be used.
        """
        self._watch = watch = _Watch(request.total or self.waits.whole, self._cut)
        with watch:
            try:
                with self._translated(), self._sent(request, headers) as response:
                    yield response
            except Exception as error:
                if watch.has_cut:
                    raise self._lost(LATE, error) from error
                raise
        if watch.has_cut:
            # The end of an answer without a stated length looks regular.
            raise self._lost(LATE, TimeoutError("cut"))

    def moved(self, n_bytes: int) -> None:
        """Note that the current request has sent or received a piece of a file.

        Raises
        ------
        RemoteUnreachable : less than `SLOWEST_RATE` bytes a second have been moved on average.
        """
        watch = self._watch
        watch.n_bytes += n_bytes
        if time.monotonic() - watch.started > self.waits.whole + watch.n_bytes / SLOWEST_RATE:
            raise self._lost(LATE, TimeoutError(f"{watch.n_bytes} bytes"))
        watch.extend()

    @contextmanager
    def _sent(self, request: Request, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        import httpx

        silence = request.silence or self.waits.answer
        is_own = request.path.startswith("/")
        started = time.monotonic()
        with (
            ExitStack() as stack,
            self.http.stream(
                request.verb,
                self.address + request.path if is_own else request.path,
                headers=headers,
                timeout=httpx.Timeout(silence, connect=self.waits.connect),
                extensions={"trace": self._note_socket},
                **request.body(stack, self.moved),
            ) as response,
        ):
            shown = response.url.copy_with(query=None)
            seconds = time.monotonic() - started
            self.detail(f"{request.verb} {shown}: HTTP {response.status_code} in {seconds:.2f} s")
            yield response

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import httpx

        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise self._lost("it cannot be reached", error, was_sent=False) from error
        except httpx.TimeoutException as error:
            raise self._lost(SILENT, error) from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._lost("the connection broke", error) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            why = blank_secrets(str(error))
            raise RemoteProtocolError("an address cannot be used", why=why) from error

    def _lost(self, why: str, error: Exception, *, was_sent: bool = True) -> RemoteUnreachable:
        self.detail(f"{type(error).__name__}: {error}")
        return RemoteUnreachable(
            "the service did not answer",
            why=why,
            hint="check the network, then try again",
            was_sent=was_sent,
        )

    def _note_socket(self, event: str, info: Mapping[str, Any]) -> None:
        """Called by httpx for each step of a request; keep the sockets that it opens."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            opened = info["return_value"].get_extra_info("socket")
            known = (each for each in self._sockets if each.fileno() >= 0)
            self._sockets = [*known, *([opened] if opened is not None else [])]

    def _cut(self) -> None:
        for each in self._sockets:
            # Not the method of a TLS socket: another thread is reading from it.
            with suppress(OSError):
                socket.socket.shutdown(each, socket.SHUT_RDWR)


class _Watch:
    """Calls `cut` in a thread unless the block ends in time; `extend` starts the time again."""

    def __init__(self, seconds: float, cut: Callable[[], None]) -> None:
        self.has_cut = False
        self.n_bytes = 0
        self.started = time.monotonic()
        self._seconds = seconds
        self._cut = cut
        self._until = self.started + seconds
        self._is_over = threading.Event()
        self._lock = threading.Lock()

    def __enter__(self) -> _Watch:
        threading.Thread(target=self._wait, name="watch", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over.set()

    def extend(self) -> None:
        self._until = time.monotonic() + self._seconds

    def _wait(self) -> None:
        while not self._is_over.wait(max(0.0, self._until - time.monotonic())):
            with self._lock:
                if not self._is_over.is_set() and time.monotonic() >= self._until:
                    self.has_cut = True
                    self._cut()
                    return


def body_pieces(response: httpx.Response) -> Iterator[bytes]:
    """Yield the body of an answer in pieces of limited size, decompressed if necessary.

    Raises
    ------
    RemoteProtocolError : it is compressed in another way, although no compression was asked for.
    """
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        yield from response.iter_raw()
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise _unreadable("it is compressed in an unknown way")
    decoder = zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)
    try:
        for rest in response.iter_raw():
            while rest and not decoder.eof:
                yield decoder.decompress(rest, _MOST_DECODED)
                rest = decoder.unconsumed_tail
    except zlib.error as error:
        raise _unreadable("its compression is damaged") from error


def _unreadable(why: str) -> RemoteProtocolError:
    return RemoteProtocolError("the service's answer cannot be read", why=why)
