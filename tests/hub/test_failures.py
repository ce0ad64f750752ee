"""A download that fails says why, on which host, and what to do."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from chapterize.errors import EngineError
from chapterize.hub import download, host
from chapterize.hub.failures import explain
from tests.fake_hub import FakeHub
from tests.hub.conftest import MODEL

DEAD = "http://user:secret@127.0.0.1:9"


def point_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setenv("HF_ENDPOINT", address)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)


def no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_ENDPOINT", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "https://huggingface.co")


def failure() -> EngineError:
    with pytest.raises(EngineError) as caught:
        download(MODEL)
    for line in (caught.value.what, caught.value.why, caught.value.hint):
        assert line
        assert "\n" not in line
    assert caught.value.what == "cannot download the speech model toy"
    return caught.value


def test_no_connection_names_the_host_and_the_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    no_variables(monkeypatch)
    error = explain(MODEL, Path("/models"), ConnectionError("Name or service not known\nmore"))
    assert error.why == "cannot reach huggingface.co, Name or service not known"
    assert error.hint == (
        "check the connection; behind a proxy set HTTPS_PROXY; with a mirror set HF_ENDPOINT; "
        "or download on another machine and pass the folder with --model"
    )


def test_a_mirror_and_a_proxy_that_are_set_are_named_without_their_passwords(
    fake: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(DEAD, monkeypatch)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@127.0.0.1:9")
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    error = failure()
    assert host() == "127.0.0.1:9"
    assert error.why.startswith("cannot reach 127.0.0.1:9")
    assert "check HF_ENDPOINT, which is set to 127.0.0.1:9" in error.hint
    assert "check HTTPS_PROXY, which is set" in error.hint
    assert "secret" not in f"{error} {error.why} {error.hint}"


def test_an_address_in_a_cause_loses_its_password() -> None:
    error = explain(MODEL, Path("/models"), OSError("proxy http://me:pw@proxy.example:1 is down"))
    assert "http://proxy.example:1 is down" in error.why


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_a_variable_that_forbids_downloads_is_named(
    variable: str, fake: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    error = failure()
    assert error.why == f"{variable} is set, which forbids downloads"
    assert error.hint.startswith(f"unset {variable}")
    assert fake.history == []


def test_a_repository_that_does_not_exist(fake: FakeHub) -> None:
    del fake.repositories["someone/toy"]
    error = failure()
    assert "has no public repository someone/toy" in error.why
    assert "check the name" in error.hint


def test_a_revision_that_is_gone(fake: FakeHub) -> None:
    fake.repositories["someone/toy"].commit = "f" * 40
    error = failure()
    assert f"does not have revision {MODEL.revision}" in error.why


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_hub_that_fails_gives_its_status(status: int, fake: FakeHub) -> None:
    fake.status = status
    error = failure()
    assert f"answered with status {status}" in error.why
    assert "try again later" in error.hint


def test_a_disk_without_room_is_told_before_the_download(
    fake: FakeHub, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    error = failure()
    assert error.why == f"it needs 3 MB, and 1 MB are free in {store}"
    assert "HF_HUB_CACHE" in error.hint
    assert not [each for each in fake.history if each.path.startswith("/cdn/")]


def raising(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("while downloading") from OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up(
    number: int, fake: FakeHub, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.http_get", raising(number))
    error = failure()
    assert error.why == f"the disk is full: {store}"
    assert error.hint.startswith("free 3 MB")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_cache_that_cannot_be_written(
    number: int, fake: FakeHub, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathlib.Path.mkdir", raising(number))
    error = failure()
    assert error.why == f"no permission to write into {store}"
    assert "HF_HUB_CACHE" in error.hint


def test_a_cache_that_is_no_folder_is_not_a_lost_connection(fake: FakeHub, store: Path) -> None:
    store.write_text("a file")
    error = failure()
    assert error.why.startswith("Not a directory: ")
    assert str(store) in error.hint


def test_a_connection_that_breaks_off_is_told_from_none() -> None:
    class ReadError(Exception):
        """As httpx names it."""

    error = explain(MODEL, Path("/models"), ReadError("peer closed"))
    assert error.why.startswith("lost the connection to ")
