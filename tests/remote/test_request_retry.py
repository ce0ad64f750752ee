"""Timeouts and waits; a request is retried only where that is harmless, and not too often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import pytest

from chapterize.errors import (
    RateLimited,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    TokenRefused,
)
from chapterize.remote import request
from chapterize.remote.client import Client
from chapterize.remote.identity import Identity
from chapterize.remote.request import Waits
from tests.fake_service import FakeService, faults
from tests.remote.caller import ACTS, READINGS, WAITS, Caller

HERE = "http://127.0.0.1:8000"
UNPACED = {"connect", "answer", "upload", "whole"}


def test_the_waits_are_those_of_the_contract() -> None:
    waits = Waits()
    assert (waits.limited, waits.poll, waits.report) == (30, 30, 120)
    assert (waits.broken, waits.unchanged, waits.n_unchanged) == (30, 60, 5)
    assert (waits.stall, waits.run) == (600, 900)


def test_the_pace_scales_waits_but_not_timeouts_or_counts() -> None:
    waits, fast = Waits(), Waits().paced(0.01)
    for name in (each.name for each in fields(Waits)):
        is_kept = name in UNPACED or name.startswith("n_")
        factor = 1.0 if is_kept else 0.01
        assert getattr(fast, name) == getattr(waits, name) * factor, name


@pytest.mark.parametrize("address", [HERE, "http://localhost:1", "http://[::1]:1", "https://[::1]"])
def test_the_pace_applies_to_a_service_on_this_machine(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Waits.for_address(address) == Waits()
    monkeypatch.setenv("CHAPTERIZE_PACE", "0.5")
    assert Waits.for_address(address) == Waits().paced(0.5)


@pytest.mark.parametrize(
    "address", ["https://mega-api-prod.nemovideo.ai", "https://localhost.example.org", "https://"]
)
def test_the_pace_does_not_apply_to_a_remote_service(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPTERIZE_PACE", "0.001")
    assert Waits.for_address(address) == Waits()


@pytest.mark.parametrize("pace", ["", "fast", "-1", "nan", "inf", "1e9", "0,5"])
def test_an_invalid_pace_is_ignored(pace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_PACE", pace)
    assert Waits.for_address(HERE) == Waits()


@pytest.fixture
def client(fake: FakeService) -> Iterator[Client]:
    with Client.opened(Identity(fake.base), WAITS) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("how", ["http", "code"])
@pytest.mark.parametrize("call", [*READINGS, *ACTS])
def test_an_expired_starter_token_is_replaced_once(
    fake: FakeService, caller: Caller, call: str, how: Any
) -> None:
    fake.expire_tokens(how)
    caller.call(call)
    first, second = fake.calls("anonymous-token")
    assert first.headers["x-client-id"] == second.headers["x-client-id"]
    assert len(fake.messages) == (call == "run")
    kept = Identity(fake.base).token()
    assert kept is not None
    assert kept.secret in fake.tokens
    fake.expire_tokens(how)
    fake.fail("anonymous-token", faults.status(429), times=9)
    with pytest.raises(TokenRefused, match="no starter token is available") as caught:
        caller.call("credits")
    assert "NEMO_TOKEN" in caught.value.hint


@pytest.mark.parametrize("call", [*READINGS, *ACTS])
def test_a_token_that_stays_refused_is_replaced_only_once(
    fake: FakeService, caller: Caller, call: str
) -> None:
    fake.expire_tokens()
    fake.fail(call, faults.envelope(1001), times=9)
    n_before = len(fake.calls(call))
    with pytest.raises(RemoteRefused):
        caller.call(call)
    assert len(fake.calls(call)) <= n_before + 2
    assert len(fake.calls("anonymous-token")) <= 4


def test_an_expired_token_of_the_users_own_is_reported(
    fake: FakeService, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", fake.new_token())
    fake.expire_tokens()
    fails = pytest.raises(TokenRefused)
    with Client.opened(Identity(fake.base), WAITS) as client, fails as caught:
        client.credits()
    assert "NEMO_TOKEN" in caught.value.hint
    assert len(fake.calls("anonymous-token")) == 1


PAGE = faults.status(200, b"<html>Please wait</html>", {"content-type": "text/html"})
UNREADABLE = {
    "page": PAGE,
    "page-503": faults.status(503, b"<html>Please wait</html>", {"content-type": "text/html"}),
    "cut": faults.bad_json(),
    "empty": faults.status(200),
    "list": faults.status(200, b"[]", {"content-type": "application/json"}),
    "no-data": faults.status(200, b'{"code": 0}', {"content-type": "application/json"}),
    "wrong-types": faults.wrong_types(),
}


@pytest.mark.parametrize("name", UNREADABLE)
@pytest.mark.parametrize("call", READINGS)
def test_a_reading_whose_answer_cannot_be_read_is_repeated(
    fake: FakeService, caller: Caller, call: str, name: str
) -> None:
    n_before = len(fake.calls(call))
    fake.fail(call, UNREADABLE[name], times=4)
    caller.call(call)
    # An answer about a render without data says that it has been started.
    assert len(fake.calls(call)) - n_before in ((1, 5) if name == "no-data" else (5,))


@pytest.mark.parametrize("call", READINGS)
def test_an_answer_that_never_can_be_read_ends_with_an_error(
    fake: FakeService, caller: Caller, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(request, "time", SimpleNamespace(sleep=slept.append))
    fake.fail(call, PAGE, times=99)
    with pytest.raises(RemoteProtocolError, match="cannot be read"):
        caller.call(call)
    assert slept == [WAITS.gateway * factor for factor in (1, 2, 4, 8)]


@pytest.mark.parametrize("call", [call for call in ACTS if call != "run"])
def test_an_act_whose_answer_cannot_be_read_is_not_repeated(
    fake: FakeService, caller: Caller, call: str
) -> None:
    n_before = len(fake.calls(call))
    fake.fail(call, PAGE, times=99)
    with pytest.raises(RemoteProtocolError):
        caller.call(call)
    assert len(fake.calls(call)) == n_before + 1


def test_a_page_in_place_of_a_token_is_no_reason_to_give_up(fake: FakeService) -> None:
    fake.fail("anonymous-token", PAGE, times=3)
    with Client.opened(Identity(fake.base), WAITS) as client:
        assert client.credits().available == 100


MISSING_ID = b'{"code":400,"message":"X-Client-Id header is required","data":null}'


@pytest.mark.parametrize("http", [400, 200])
@pytest.mark.parametrize("call", [*READINGS, "upload", "run", "render"])
def test_a_request_that_lacks_the_client_id_is_sent_once_more_with_it(
    fake: FakeService, caller: Caller, call: str, http: int
) -> None:
    fault = faults.status(http, MISSING_ID, {"content-type": "application/json"})
    fake.fail(call, fault)
    n_before = len(fake.calls(call))
    caller.call(call)
    first, second = fake.calls(call)[n_before:]
    assert "x-client-id" not in first.headers
    assert second.headers["x-client-id"] == Identity(fake.base).client_id()
    assert len(fake.messages) == (call == "run")
    # An id that was sent and is refused is replaced.
    fake.fail(call, fault)
    n_before = len(fake.calls(call))
    caller.call(call)
    third, fourth = (each.headers["x-client-id"] for each in fake.calls(call)[n_before:])
    assert third == second.headers["x-client-id"] != fourth
    fake.fail(call, fault, times=9)
    n_before = len(fake.calls(call))
    with pytest.raises(RemoteRefused):
        caller.call(call)
    assert len(fake.calls(call)) == n_before + 2


def test_a_cancellation_that_lacks_the_client_id_is_sent_once_more_with_it(
    fake: FakeService, caller: Caller
) -> None:
    fake.switches.slow_render = 99
    fake.fail("cancel", faults.status(400, MISSING_ID))
    caller.call("cancel")
    assert caller.last("cancel").headers["x-client-id"]


@pytest.mark.parametrize("call", [*READINGS, *ACTS])
def test_another_bad_request_is_not_repeated(fake: FakeService, caller: Caller, call: str) -> None:
    fake.fail(call, faults.status(400, b'{"code":400,"message":"no such draft"}'), times=9)
    n_before = len(fake.calls(call))
    with pytest.raises(RemoteRefused, match="no such draft"):
        caller.call(call)
    assert len(fake.calls(call)) == n_before + 1


def test_the_users_own_token_gets_a_client_id_only_if_it_is_asked_for(
    fake: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", fake.new_token())
    with Client.opened(Identity(fake.base), WAITS) as client:
        client.credits()
        fake.fail("credits", faults.status(400, b"client id missing"))
        client.credits()
    ids = [each.headers.get("x-client-id") for each in fake.calls("credits")]
    assert ids[:2] == [None, None]
    assert ids[2]


def test_a_refused_client_id_is_replaced_once(fake: FakeService, client: Client) -> None:
    fake.fail("anonymous-token", faults.status(400, b'{"code":400,"message":"no X-Client-Id"}'))
    client.credits()
    first, second = (each.headers["x-client-id"] for each in fake.calls("anonymous-token"))
    assert first != second == Identity(fake.base).client_id()
    fake.expire_tokens()
    fake.fail("anonymous-token", faults.status(400), times=9)
    with pytest.raises(RemoteRefused):
        client.credits()
    assert len(fake.calls("anonymous-token")) == 4


@pytest.mark.parametrize("call", [*READINGS, *ACTS])
def test_a_rate_limited_request_is_retried_once_after_a_wait(
    fake: FakeService, caller: Caller, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(request, "time", SimpleNamespace(sleep=slept.append))
    fake.fail(call, faults.status(429, b"slow down", {"Retry-After": "²"}))
    caller.call(call)
    assert slept == [WAITS.limited]
    fake.fail(call, faults.status(429), times=9)
    n_before = len(fake.calls(call))
    with pytest.raises(RateLimited):
        caller.call(call)
    assert len(fake.calls(call)) == n_before + 2
    assert len(fake.messages) == (call == "run")


@pytest.mark.parametrize("call", READINGS)
def test_safe_requests_survive_a_burst_of_gateway_errors(
    fake: FakeService, caller: Caller, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(request, "time", SimpleNamespace(sleep=slept.append))
    fake.switches.burst_calls = (call,)
    fake.switches.bursts = [502, 503, 504, 502]
    caller.call(call)
    assert slept == [WAITS.gateway * factor for factor in (1, 2, 4, 8)]
    fake.switches.bursts = [503] * 99
    n_before = len(fake.calls(call))
    with pytest.raises(RemoteUnreachable):
        caller.call(call)
    assert len(fake.calls(call)) == n_before + 5


@pytest.mark.slow
@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("call", ACTS)
def test_a_request_that_may_have_been_carried_out_is_not_repeated(
    fake: FakeService, caller: Caller, call: str, status: int
) -> None:
    for fault in (faults.status(status, processed=True), faults.reset_after()):
        fake.fail(call, fault)
        n_before = len(fake.calls(call))
        with pytest.raises(RemoteUnreachable) as caught:
            caller.call(call)
        assert caught.value.was_sent
        assert len(fake.calls(call)) == n_before + 1


def test_requests_for_a_token_have_retries_of_their_own(fake: FakeService, client: Client) -> None:
    fake.fail("anonymous-token", faults.status(503), times=99)
    with pytest.raises(RemoteUnreachable):
        client.create_session("en")
    assert len(fake.calls("anonymous-token")) == 5


def test_a_retried_upload_starts_from_the_first_byte(fake: FakeService, caller: Caller) -> None:
    fake.expire_tokens()
    caller.call("upload")
    first, second = fake.sessions[caller.sid].uploads
    assert first.sha256 == second.sha256
