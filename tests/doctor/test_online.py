"""Checks of the token, the remote service and the model hub."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chapterize.doctor import Check
from chapterize.doctor.online import check_hub, check_service, check_title_server, check_token
from chapterize.remote.identity import Identity, Token
from tests.doctor.conftest import SECRET, Host
from tests.fake_endpoint import running


def test_the_origin_of_a_token_is_shown_but_no_part_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert check_token().detail.startswith("not set")
    Identity("https://mega-api-prod.nemovideo.ai", tmp_path).keep(Token(SECRET, True))
    kept = check_token(tmp_path)
    assert kept.detail == "a starter token, from the state folder (20 to 99 characters)"
    monkeypatch.setenv("NEMO_TOKEN", SECRET)
    found = check_token(tmp_path)
    assert found == Check("token", "ok", "set, from NEMO_TOKEN (20 to 99 characters)")
    monkeypatch.setenv("NEMO_TOKEN", f"{SECRET} {SECRET}")
    broken = check_token()
    assert broken.status == "warning"
    assert "Kq7" not in repr(broken)


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.slow
def test_the_service_gets_one_request_without_the_token(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_API_URL", host)
    monkeypatch.setenv("NEMO_TOKEN", SECRET)
    assert check_service() == Check("remote service", "ok", "127.0.0.1 can be reached")
    assert [path for path, _ in Host.requests] == ["/"]
    assert "authorization" not in Host.requests[0][1]
    assert SECRET not in repr(Host.requests)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "status"), [("", "ok"), ("/404", "ok"), ("/302", "ok"), ("/503", "warning")]
)
def test_any_response_but_a_server_error_means_the_host_can_be_reached(
    host: str, monkeypatch: pytest.MonkeyPatch, path: str, status: str
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", host + path)
    assert check_hub().status == status
    assert len(Host.requests) == 1


def test_an_unreachable_hub_is_a_warning_without_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://me:hunter2@127.0.0.1:1")
    found = check_hub()
    assert found.status == "warning"
    assert "127.0.0.1 cannot be reached" in found.detail
    assert "hunter2" not in repr(found)
    monkeypatch.setenv("HF_ENDPOINT", "ftp://mirror.example")
    assert "http" in check_hub().detail
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "HF_HUB_OFFLINE" in check_hub().detail


@pytest.mark.slow
def test_a_host_that_does_not_respond_is_a_warning_after_the_timeout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chapterize.doctor.online._TIMEOUT", 0.2)
    with silent_port() as port:
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
        assert "no response within 0.2 s" in check_hub().detail
    monkeypatch.setattr("chapterize.doctor.online._TOTAL_TIMEOUT", 0.2)
    monkeypatch.setattr("chapterize.doctor.online._ask", lambda address: time.sleep(2))
    assert "no response within 0.2 s" in check_hub().detail


def test_an_invalid_service_address_is_a_warning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEMO_API_URL", "http://api.example")
    for found in (check_token(), check_service()):
        assert found.status == "warning"
        assert "NEMO_API_URL" in found.detail


def test_a_title_server_is_found_with_the_option_that_uses_it() -> None:
    with running() as server, silent_port() as silent:
        port = int(server.base.removesuffix("/v1").rpartition(":")[2])
        found = check_title_server((silent, port))
        assert [request.verb for request in server.history] == ["GET"]
    assert found.status == "ok"
    assert found.detail == f"found one with 1 model; to use it: --titles {server.base}"


def test_another_server_is_no_title_server(host: str) -> None:
    port = int(host.rpartition(":")[2])
    assert check_title_server((port,)).detail.startswith(f"none at 127.0.0.1 on ports {port}")
    with running() as server:
        server.models = []
        port = int(server.base.removesuffix("/v1").rpartition(":")[2])
        assert "none at" in check_title_server((port,)).detail
