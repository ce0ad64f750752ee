"""No request is held for ever, and no answer may be of any size."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.errors import RemoteError, RemoteProtocolError, RemoteUnreachable
from chapterize.remote import answers, connection
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity
from chapterize.remote.request import LATE
from tests.fake_service import FakeService, faults
from tests.remote.caller import ACTS, READINGS, WAITS, Caller

HASTY = replace(WAITS, whole=0.3, run=0.3)
JSON_TYPE = {"content-type": "application/json"}


@contextmanager
def hasty(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The calls inside may take 0.3 s each."""
    with Client.opened(Identity(caller.fake.base), HASTY) as client:
        monkeypatch.setattr(caller, "client", client)
        yield


@pytest.mark.parametrize("head", [False, True])
@pytest.mark.parametrize("call", READINGS)
def test_a_byte_now_and_then_does_not_hold_a_reading_for_ever(
    caller: Caller, call: str, head: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_before = len(caller.fake.calls(call))
    caller.fake.fail(call, faults.trickle(head=head), times=99)
    started = time.monotonic()
    with hasty(caller, monkeypatch), pytest.raises(RemoteUnreachable) as late:
        caller.call(call)
    assert late.value.why == LATE
    assert late.value.hint
    assert 0.5 < time.monotonic() - started < 4.0
    assert len(caller.fake.calls(call)) == n_before + 2


@pytest.mark.parametrize("head", [False, True])
@pytest.mark.parametrize("call", READINGS)
def test_a_reading_that_trickles_once_is_repeated(
    caller: Caller, call: str, head: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.fake.fail(call, faults.trickle(head=head))
    with hasty(caller, monkeypatch):
        caller.call(call)


@pytest.mark.parametrize("call", [call for call in ACTS if call != "upload"])
def test_an_act_whose_answer_trickles_is_left_and_not_repeated(
    caller: Caller, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_before = len(caller.fake.calls(call))
    caller.fake.fail(call, faults.trickle(head=True), times=99)
    with hasty(caller, monkeypatch), pytest.raises(RemoteUnreachable) as late:
        caller.call(call)
    assert late.value.was_sent
    assert len(caller.fake.calls(call)) == n_before + 1


def test_an_upload_whose_answer_trickles_is_left(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller.fake.fail("upload", faults.trickle(), times=99)
    waits = replace(HASTY, upload=0.2)
    with Client.opened(Identity(caller.fake.base), waits) as client:
        monkeypatch.setattr(caller, "client", client)
        with pytest.raises(RemoteUnreachable) as late:
            caller.call("upload")
    assert late.value.why == LATE


def test_the_token_request_is_not_held_either(fake: FakeService) -> None:
    fake.fail("anonymous-token", faults.trickle(), times=99)
    with Client.opened(Identity(fake.base), HASTY) as client, pytest.raises(RemoteUnreachable):
        client.credits()


@pytest.mark.parametrize("call", READINGS)
def test_an_endless_answer_is_left_at_its_limit(
    caller: Caller, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_MOST_BYTES", 1_000_000)
    caller.fake.fail(call, faults.endless(b'{"code": 0, "data": "'))
    caller.call(call)
    caller.fake.fail(call, faults.endless(), times=99)
    with pytest.raises(RemoteProtocolError, match="too long"):
        caller.call(call)


def test_a_small_answer_that_grows_when_it_is_decompressed_is_left_at_the_limit(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_MOST_BYTES", 1_000_000)
    bomb = gzip.compress(b'{"code": 0, "data": "' + b" " * 200_000_000)
    page = faults.status(200, bomb, {**JSON_TYPE, "content-encoding": "gzip"})
    caller.fake.fail("credits", page, times=99)
    tracemalloc.start()
    try:
        with pytest.raises(RemoteProtocolError, match="too long"):
            caller.call("credits")
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_compression_is_not_asked_for_but_read(caller: Caller) -> None:
    body = json.dumps({"code": 0, "data": {"available": 7}}).encode()
    page = faults.status(200, gzip.compress(body), {**JSON_TYPE, "content-encoding": "GZIP"})
    caller.fake.fail("credits", page)
    assert caller.call("credits").available == 7
    assert caller.last("credits").headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "deflate"])
def test_compression_that_cannot_be_read_is_an_unreadable_answer(
    caller: Caller, encoding: str
) -> None:
    page = faults.status(200, b"\xff\xff no such thing", {"content-encoding": encoding})
    caller.fake.fail("credits", page, times=99)
    with pytest.raises(RemoteProtocolError, match="cannot be read"):
        caller.call("credits")


def test_the_watch_of_one_request_does_not_end_the_next(caller: Caller) -> None:
    with Client.opened(Identity(caller.fake.base), replace(WAITS, whole=0.15)) as client:
        for _ in range(8):
            client.credits()
            time.sleep(0.05)
        before = {thread.name for thread in threading.enumerate()}
        time.sleep(0.05)
    assert sum(name == "watch" for name in before) <= 1


@contextmanager
def reader(n_bytes: int, every: float) -> Iterator[str]:
    """A service that reads `n_bytes` of a request at a time, and never answers."""
    is_over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)

        def serve() -> None:
            while not is_over.is_set():
                try:
                    opened, _ = server.accept()
                except OSError:
                    continue
                with opened:
                    while not is_over.wait(every):
                        try:
                            if not opened.recv(n_bytes):
                                break
                        except OSError:
                            break

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            is_over.set()
            thread.join()


def test_a_service_that_takes_an_upload_byte_by_byte_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", "a-token-of-the-user")
    monkeypatch.setattr(connection, "SLOWEST_RATE", 1e9)
    path = tmp_path / "talk.mp4"
    path.write_bytes(bytes(30_000_000))
    waits = replace(HASTY, upload=2.0)
    started = time.monotonic()
    fails = pytest.raises(RemoteError)
    with (
        reader(16_384, 0.005) as base,
        Client.opened(Identity(base), waits) as client,
        fails as late,
    ):
        client.upload_files("1", {"talk.mp4": path})
    assert late.value.why == LATE
    assert time.monotonic() - started < 4.0


def test_an_upload_may_take_longer_than_an_answer(tmp_path: Path, fake: FakeService) -> None:
    """The time starts again with each piece."""
    path = tmp_path / "talk.mp4"
    path.write_bytes(bytes(3_000_000))
    slow = replace(WAITS, whole=0.4, upload=1.0)

    def pause(_: int) -> None:
        time.sleep(0.05)

    with Client.opened(Identity(fake.base), slow) as client:
        sid = client.create_session("en").session_id
        started = time.monotonic()
        assert client.upload_files(sid, {"talk.mp4": path}, pause)
    assert time.monotonic() - started > 1.4


@contextmanager
def flood(piece: bytes) -> Iterator[str]:
    """A service that answers every request with `piece`, again and again."""
    is_over = threading.Event()

    def serve(server: socket.socket) -> None:
        while not is_over.is_set():
            with suppress(OSError):
                opened, _ = server.accept()
                opened.settimeout(0.2)
                with opened:
                    opened.recv(65_536)
                    while not is_over.is_set():
                        opened.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            is_over.set()
            thread.join()


@pytest.mark.parametrize(
    "piece",
    [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99, b"x" * 999],
    ids=["interim answers", "headers", "no answer"],
)
def test_a_flood_in_place_of_an_answer_is_left(
    piece: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", "a-token-of-the-user")
    fails = pytest.raises(RemoteError)
    started = time.monotonic()
    with flood(piece) as base, Client.opened(Identity(base), HASTY) as client, fails:
        client.credits()
    assert time.monotonic() - started < 5.0
