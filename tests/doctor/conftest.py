"""A clean environment for the checks, and a host that counts requests."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.rendering import program
from chapterize.transcribe import device
from tests.conftest import FFMPEG

SECRET = "nmv_usr_Kq7" + "x" * 40


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty state and cache folders, no variables set, nothing cached in the process."""
    for name in ("CACHE", "STATE"):
        monkeypatch.setenv(f"CHAPTERIZE_{name}", str(tmp_path / name.lower()))
    for name in ("NEMO_TOKEN", "NEMO_API_URL", "HF_ENDPOINT", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", FFMPEG)
    caches = (device.cuda_problem, program._features)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


class Host(http.server.BaseHTTPRequestHandler):
    """Answers every HEAD request with the status in its path."""

    requests: list[tuple[str, dict[str, str]]] = []  # noqa: RUF012

    def do_HEAD(self) -> None:
        self.requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
        status = int(self.path.strip("/") or 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def host() -> Iterator[str]:
    """The address of a web server on this machine."""
    Host.requests.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
