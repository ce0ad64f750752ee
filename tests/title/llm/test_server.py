"""The connection to a title server: its address, its key and its failures."""

from __future__ import annotations

import logging
import socket
import time
import traceback

import pytest

from chapterize.errors import InputError
from chapterize.title import EndpointTitler
from chapterize.title.llm.server import KEY_VARIABLE, EndpointLimits, checked_base
from tests.fake_endpoint import FakeEndpoint, Reply, refused, titled
from tests.texts import TOPICS
from tests.title.llm.asking import DRAFTS, GOOD, SECRET, ask, closed_port


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (
            refused(401, "bad key"),
            f"it needs a key; set {KEY_VARIABLE} (HTTP 401): bad key",
        ),
        (refused(404, "model not found"), "it does not have this model (HTTP 404)"),
        (refused(500, "out of\nmemory"), "HTTP 500): out of memory"),
        (refused(429), "HTTP 429"),
        (Reply(b"<html>hello</html>"), "not JSON"),
        (Reply(b"[" * 100_000), "not JSON"),
        (Reply(b"[]"), "not a JSON object"),
        (Reply(b'{"choices": []}'), "has no text"),
        (Reply(b'{"choices": [{"message": {"content": null}}]}'), "has no text"),
        (Reply(b" " * 2_000_000), "too long for a title"),
        (Reply(b"", 302, {"location": "http://127.0.0.1:1/"}), "it redirects (HTTP 302)"),
        (Reply(b" " * 500, fault="drip"), "took too long"),
        (Reply(b"", fault="hang"), "did not answer within 0.4 s"),
    ],
)
def test_a_server_failure_affects_titles_only(
    reply: Reply, why: str, server: FakeEndpoint, notes: list[str]
) -> None:
    server.enqueue(*[reply] * 3)
    began = time.monotonic()
    found = ask(server, notes, limits=EndpointLimits(request=0.4, total=2.0))
    assert time.monotonic() - began < 2.5
    assert found.titles == DRAFTS
    assert why in notes[-1]
    assert all("\n" not in note for note in notes)


def test_a_request_that_times_out_costs_one_title(server: FakeEndpoint, notes: list[str]) -> None:
    server.enqueue(titled(GOOD)[0], Reply(b"", fault="hang"), titled(GOOD)[2])
    found = ask(server, notes, limits=EndpointLimits(request=0.4))
    assert found.titles == (GOOD[0], DRAFTS[1], GOOD[2])
    assert "1 not answered (it did not answer within 0.4 s)" in notes[-1]


def test_a_broken_connection_is_retried_once(server: FakeEndpoint, notes: list[str]) -> None:
    server.enqueue(Reply(b"", fault="reset"), *titled(GOOD))
    assert ask(server, notes).titles == tuple(GOOD)
    assert len(server.chats) == 4


def test_a_connection_that_breaks_twice_is_reported(server: FakeEndpoint, notes: list[str]) -> None:
    server.enqueue(*[Reply(b"", fault="reset")] * 6)
    assert ask(server, notes).titles == DRAFTS
    assert "3 not answered (the connection broke)" in notes[-1]
    assert len(server.chats) == 6


def test_a_server_that_does_not_run_is_reported(notes: list[str]) -> None:
    found = EndpointTitler(closed_port()).entitle(TOPICS, language="en", on_note=notes.append)
    assert (found.titles, found.sent) == (DRAFTS, None)
    ((why, n),) = found.refused
    assert why.startswith("not answered (")
    assert n == 3
    assert "cannot be reached" in notes[0]
    assert "Nothing was sent" in notes[0]


def test_nothing_counts_as_sent_if_the_server_does_not_run() -> None:
    found = EndpointTitler(closed_port(), "mine").entitle(TOPICS, language="en")
    assert found.titles == DRAFTS
    assert found.sent is not None
    assert found.sent.characters == found.sent.requests == 0


def test_a_server_without_models_is_reported(server: FakeEndpoint, notes: list[str]) -> None:
    server.models = []
    assert ask(server, notes).titles == DRAFTS
    assert "lists no models" in notes[0]
    assert server.chats == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://192.168.1.5:1234/v1", "http://example.com/v1", "http://127.0.0.1.example.com"),
        *("http://0.0.0.0:80/v1", "http://[::]/v1", "http://2130706433/v1", "http://[fe80::1]/v1"),
        *("http://127.0.0.1@example.com/", "http://me:pw@127.0.0.1/v1", "ftp://127.0.0.1/v1"),
        *("127.0.0.1:11434", "http://", "", "http://127.0.0.1:99999/v1", "http://[::1/v1"),
        *("http://127.0.0.1/v1?key=pw", "http://127.0.0.1/v1#a", "http://localhost.example.com/"),
        "http://[::ffff:8.8.8.8]/v1",
    ],
)
def test_an_address_outside_this_machine_is_refused(url: str) -> None:
    with pytest.raises(InputError) as caught:
        EndpointTitler(url)
    assert "this machine" in caught.value.hint
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:11434/v1/", "http://127.0.0.1:11434/v1"),
        ("http://127.9.9.9/v1", "http://127.9.9.9/v1"),
        ("https://[::1]:8000", "https://[::1]:8000"),
        (" http://LOCALHOST:8000/v1", "http://localhost:8000/v1"),
    ],
)
def test_addresses_of_this_machine_are_accepted(url: str, base: str) -> None:
    assert checked_base(url) == base


def test_localhost_on_another_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [entry])
    with pytest.raises(InputError, match="another machine"):
        checked_base("http://localhost:11434/v1")


def test_proxies_from_the_environment_are_ignored(
    server: FakeEndpoint, notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.enqueue(*titled(GOOD))
    assert ask(server, notes).titles == tuple(GOOD)


def test_the_key_is_sent_but_never_shown(
    server: FakeEndpoint,
    notes: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, SECRET)
    server.models = [f"model-{SECRET}"]
    server.enqueue(refused(401, f"Incorrect API key provided: {SECRET}"))
    titler = EndpointTitler(server.base, is_shown=True)
    with caplog.at_level(logging.DEBUG):
        found = titler.entitle(TOPICS, language="en", on_note=notes.append)
    assert server.chats[0].headers["authorization"] == f"Bearer {SECRET}"
    shown = [*notes, repr(titler), repr(vars(titler)), repr(found), titler.fingerprint, caplog.text]
    # The model's name in the request itself is shown as it is.
    shown = [text for text in shown if not text.startswith("Sent to")]
    assert "it needs a key" in notes[-1]
    assert not [text for text in shown if SECRET in text]


def test_a_key_that_cannot_be_sent_is_not_repeated(
    server: FakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, f"{SECRET} \u2713")
    with pytest.raises(InputError) as caught:
        EndpointTitler(server.base).title(TOPICS, language="en")
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert KEY_VARIABLE in str(caught.value)


def test_localhost_is_checked_again_before_sending(
    server: FakeEndpoint, notes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    titler = EndpointTitler(server.base.replace("127.0.0.1", "localhost"))
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: [entry])
    found = titler.entitle(TOPICS, language="en", on_note=notes.append)
    assert (found.titles, found.sent) == (DRAFTS, None)
    assert server.history == []
    assert "Nothing was sent" in notes[0]
