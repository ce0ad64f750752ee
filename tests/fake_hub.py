"""The few endpoints of the Hugging Face hub that a download needs, on loopback.

Like the real hub, it serves large files from another host, supports ranges, and names files by
their digest. `cut_after`, `refuses` and `pace` simulate bad connections.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_LFS_FROM = 1 << 20
_PIECE = 1 << 14
_INFO = re.compile(r"/api/models/([^/]+/[^/]+)(?:/revision/([^/]+))?")
_TREE = re.compile(r"/api/models/([^/]+/[^/]+)/tree/([^/]+)")
_RESOLVE = re.compile(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_RANGE = re.compile(r"bytes=(\d+)-")


@dataclass(frozen=True)
class Stored:
    """One file of a repository."""

    content: bytes

    @property
    def is_lfs(self) -> bool:
        return len(self.content) >= _LFS_FROM

    @property
    def git_id(self) -> str:
        head = f"blob {len(self.content)}\0".encode()
        return hashlib.sha1(head + self.content, usedforsecurity=False).hexdigest()

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest() if self.is_lfs else self.git_id


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    range: str | None
    sent: int = 0


@dataclass
class Repository:
    """Files at one commit."""

    files: dict[str, Stored]
    commit: str = COMMIT

    @classmethod
    def of(cls, folder: Path, commit: str = COMMIT) -> Repository:
        """All files below `folder`."""
        paths = [path for path in folder.rglob("*") if path.is_file()]
        names = {path.relative_to(folder).as_posix(): Stored(path.read_bytes()) for path in paths}
        return cls(names, commit)


@dataclass
class FakeHub:
    """What it stores, the requests it got, and the faults it simulates.

    After `cut_after` bytes of a large file the connection is closed, once; with `refuses`, every
    later request for a large file gets that status. `pace` is the pause between two pieces in
    seconds, `status` the answer to every request, `swaps` the contents sent instead of the file
    with that digest.
    """

    base: str
    repositories: dict[str, Repository] = field(default_factory=dict)
    history: list[Asked] = field(default_factory=list)
    cut_after: int | None = None
    refuses: int | None = None
    pace: float = 0.0
    status: int | None = None
    swaps: dict[str, bytes] = field(default_factory=dict)

    @property
    def files_base(self) -> str:
        """The other host from which the hub serves large files."""
        return self.base.replace("127.0.0.1", "localhost")

    def bytes_sent(self, digest: str) -> int:
        return sum(each.sent for each in self.history if each.path == f"/cdn/{digest}")

    def ranges(self, digest: str) -> list[str | None]:
        return [each.range for each in self.history if each.path == f"/cdn/{digest}"]


@contextmanager
def running_hub() -> Iterator[FakeHub]:
    """Run a hub without repositories; add some to `repositories`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.daemon_threads = True
    fake = FakeHub(f"http://127.0.0.1:{server.server_address[1]}")
    server.fake = fake  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def use_hub(fake: FakeHub, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `fake` the hub and `store` the cache, for this process and its children."""
    monkeypatch.setenv("HF_ENDPOINT", fake.base)
    use_store(store, monkeypatch)
    template = fake.base + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", fake.base)
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)


def use_store(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make `store` the cache of models, for this process and its children."""
    monkeypatch.setenv("HF_HUB_CACHE", str(store))
    monkeypatch.setenv("HF_HOME", str(store.parent / "hf-home"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(store))
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def fake(self) -> FakeHub:
        return self.server.fake  # type: ignore[attr-defined, no-any-return]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if self.fake.status is not None:
            self._fail(self.fake.status)
        elif found := _TREE.fullmatch(path):
            self._note(path)
            if repository := self._repository(found[1], found[2]):
                self._json(_tree(repository))
        elif found := _INFO.fullmatch(path):
            self._note(path)
            if repository := self._repository(found[1], found[2] or "main"):
                self._json(_info(found[1], repository))
        elif found := _RESOLVE.fullmatch(path):
            self._note(path)
            if repository := self._repository(found[1], found[2]):
                self._resolve(repository, found[3])
        elif path.startswith("/cdn/"):
            self._send_large(path)
        else:
            self._fail(404)

    def _note(self, path: str, sent: int = 0) -> None:
        self.fake.history.append(Asked(self.command, path, self.headers.get("Range"), sent))

    def _repository(self, name: str, revision: str) -> Repository | None:
        repository = self.fake.repositories.get(name)
        if repository is None:
            self._fail(404, "RepoNotFound")
            return None
        if revision not in ("main", repository.commit):
            self._fail(404, "RevisionNotFound")
            return None
        return repository

    def _resolve(self, repository: Repository, name: str) -> None:
        stored = repository.files.get(name)
        if stored is None:
            self._fail(404, "EntryNotFound")
            return
        headers = {"X-Repo-Commit": repository.commit, "ETag": f'"{stored.git_id}"'}
        if stored.is_lfs:
            headers |= {
                "X-Linked-ETag": f'"{stored.digest}"',
                "X-Linked-Size": str(len(stored.content)),
                "Location": f"{self.fake.files_base}/cdn/{stored.digest}",
            }
            self._head(302, 0, headers)
        else:
            content = self.fake.swaps.get(stored.digest, stored.content)
            self._head(200, len(content), headers)
            if self.command == "GET":
                self.wfile.write(content)

    def _send_large(self, path: str) -> None:
        digest = path.rpartition("/")[2]
        stored = next(
            stored
            for repository in self.fake.repositories.values()
            for stored in repository.files.values()
            if stored.digest == digest
        )
        if self.fake.cut_after == 0 and self.fake.refuses:
            self._note(path)
            self._fail(self.fake.refuses)
            return
        content = self.fake.swaps.get(digest, stored.content)
        found = _RANGE.fullmatch(self.headers.get("Range", ""))
        first = int(found[1]) if found else 0
        total = len(content)
        headers = {"Content-Range": f"bytes {first}-{total - 1}/{total}"} if found else {}
        self._head(206 if found else 200, total - first, headers)
        if self.command == "GET":
            self._note(path, self._write(content[first:]))

    def _write(self, content: bytes) -> int:
        sent = 0
        for start in range(0, len(content), _PIECE):
            if self.fake.cut_after is not None and sent >= self.fake.cut_after:
                self.fake.cut_after = 0 if self.fake.refuses else None
                self.close_connection = True
                return sent
            try:
                self.wfile.write(content[start : start + _PIECE])
            except OSError:
                return sent
            sent += len(content[start : start + _PIECE])
            if self.fake.pace:
                time.sleep(self.fake.pace)
        return sent

    def _head(self, status: int, length: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(length), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _json(self, value: object) -> None:
        body = json.dumps(value).encode()
        self._head(200, len(body), {"Content-Type": "application/json"})
        if self.command == "GET":
            self.wfile.write(body)

    def _fail(self, status: int, code: str = "") -> None:
        self._head(status, 0, {"X-Error-Code": code} if code else {})


def _info(name: str, repository: Repository) -> dict[str, object]:
    siblings = []
    for path, stored in repository.files.items():
        size = len(stored.content)
        each: dict[str, object] = {"rfilename": path, "size": size, "blobId": stored.git_id}
        if stored.is_lfs:
            each["lfs"] = {"sha256": stored.digest, "size": size, "pointerSize": 130}
        siblings.append(each)
    return {"id": name, "modelId": name, "sha": repository.commit, "siblings": siblings}


def _tree(repository: Repository) -> list[dict[str, object]]:
    rows = []
    for path, stored in repository.files.items():
        size = len(stored.content)
        row: dict[str, object] = {"type": "file", "path": path, "size": size, "oid": stored.git_id}
        if stored.is_lfs:
            row["lfs"] = {"oid": stored.digest, "size": size, "pointerSize": 130}
        rows.append(row)
    return rows
