"""A failed download says why it failed, on which host, and what to do."""

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
        "or download it on another machine and pass the folder with --model"
    )


def test_a_configured_mirror_and_proxy_are_named_without_their_passwords(
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


def test_passwords_are_removed_from_addresses_in_a_cause() -> None:
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


def test_a_missing_repository_is_an_error(fake: FakeHub) -> None:
    del fake.repositories["someone/toy"]
    error = failure()
    assert "has no public repository someone/toy" in error.why
    assert "check the name" in error.hint


def test_a_deleted_revision_is_an_error(fake: FakeHub) -> None:
    fake.repositories["someone/toy"].commit = "f" * 40
    error = failure()
    assert f"does not have revision {MODEL.revision}" in error.why


@pytest.mark.parametrize("status", [403, 500, 503])
def test_the_status_of_a_failing_hub_is_reported(status: int, fake: FakeHub) -> None:
    fake.status = status
    error = failure()
    assert f"answered with status {status}" in error.why
    assert "try again later" in error.hint


def test_too_little_space_is_reported_before_the_download(
    fake: FakeHub, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=1_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    error = failure()
    assert error.why == f"it needs 3 MB, but {store} has only 1 MB free"
    assert "HF_HUB_CACHE" in error.hint
    assert not [each for each in fake.history if each.path.startswith("/cdn/")]


def raising(number: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("while downloading") from OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_is_an_error(
    number: int, fake: FakeHub, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.file_download.http_get", raising(number))
    error = failure()
    assert error.why == f"the disk is full: {store}"
    assert error.hint.startswith("free 3 MB")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_cache_without_write_permission_is_an_error(
    number: int, fake: FakeHub, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathlib.Path.mkdir", raising(number))
    error = failure()
    assert error.why == f"no permission to write to {store}"
    assert "HF_HUB_CACHE" in error.hint


def test_a_cache_that_is_not_a_folder_is_not_reported_as_a_lost_connection(
    fake: FakeHub, store: Path
) -> None:
    store.write_text("a file")
    error = failure()
    assert error.why.startswith("Not a directory: ")
    assert str(store) in error.hint


def test_an_interrupted_connection_differs_from_an_unreachable_host() -> None:
    class ReadError(Exception):
        """Has the name of the httpx error."""

    error = explain(MODEL, Path("/models"), ReadError("peer closed"))
    assert error.why.startswith("lost the connection to ")
