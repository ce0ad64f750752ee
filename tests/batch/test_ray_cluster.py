"""What is asked of a Ray cluster, with a fake `ray`."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from chapterize.batch.ray_cluster import Cluster, Patience, Share, why_lost
from chapterize.errors import EngineError

GB = 1e9
OPEN: list[Cluster] = []


class FakeRay(ModuleType):
    """Notes how it was started; `nodes` are the resources of its nodes."""

    def __init__(self, *nodes: dict[str, float]) -> None:
        super().__init__("ray")
        self.resources = nodes
        self.options: dict[str, Any] = {}
        self.seen_environment: dict[str, str] = {}
        self.is_shut_down = False
        self._private = SimpleNamespace(worker=SimpleNamespace(_worker_logs_enabled=True))

    def is_initialized(self) -> bool:
        return bool(self.options) and not self.is_shut_down

    def init(self, **options: Any) -> None:
        self.options = options
        self.seen_environment = dict(os.environ)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def shutdown(self) -> None:
        self.is_shut_down = True

    def nodes(self) -> list[dict[str, Any]]:
        return [{"Alive": True, "Resources": each} for each in self.resources] + [
            {"Alive": False, "Resources": {"CPU": 99.0, "GPU": 9.0}}
        ]

    def available_resources(self) -> dict[str, float]:
        return {"CPU": 2.0, "GPU": 0.5}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "1")
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)
    while OPEN:
        OPEN.pop().close()


def connected(monkeypatch: pytest.MonkeyPatch, *nodes: dict[str, float]) -> tuple[Cluster, FakeRay]:
    ray = FakeRay(*nodes)
    monkeypatch.setitem(sys.modules, "ray", ray)
    monkeypatch.setattr("tempfile.tempdir", f"/tmp/{'long' * 10}")
    cluster = Cluster()
    OPEN.append(cluster)
    return cluster, ray


def test_without_an_address_a_cluster_of_this_machine_is_started_and_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster, ray = connected(monkeypatch, {"CPU": 4.0})
    assert ray.options["address"] == "local"
    assert ray.options["include_dashboard"] is False
    assert "runtime_env" not in ray.options
    folder = Path(ray.options["_temp_dir"])
    assert folder.is_dir()
    assert len(str(folder)) < 45
    cluster.close()
    assert ray.is_shut_down
    assert not folder.exists()


def test_usage_reports_are_off_and_secrets_stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_TOKEN", "nmv_usr_1234567890")
    _, ray = connected(monkeypatch, {"CPU": 4.0})
    assert ray.seen_environment["RAY_USAGE_STATS_ENABLED"] == "0"
    assert "NEMO_TOKEN" not in ray.seen_environment
    assert os.environ["NEMO_TOKEN"] == "nmv_usr_1234567890"


def test_ray_prints_nothing_and_leaves_the_signals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.getsignal(signal.SIGTERM)
    _, ray = connected(monkeypatch, {"CPU": 4.0})
    assert ray._private.worker._worker_logs_enabled is False
    assert ray.options["log_to_driver"] is False
    assert logging.getLogger("ray").level == logging.ERROR
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_cluster_that_a_program_already_uses_is_used_and_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ray = FakeRay({"CPU": 1.0})
    ray.init(address="elsewhere")
    monkeypatch.setitem(sys.modules, "ray", ray)
    Cluster().close()
    assert ray.options == {"address": "elsewhere"}
    assert not ray.is_shut_down


def test_an_address_where_nothing_answers_is_an_error_at_once() -> None:
    pytest.importorskip("ray")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(EngineError, match="there is no Ray cluster at 127") as caught:
        Cluster(address)
    assert caught.value.why == "Connection refused"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(15)])
def test_a_signal_while_a_cluster_starts_is_an_interrupt_and_leaves_no_folder(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = FakeRay({"CPU": 1.0})

    def interrupt(**options: Any) -> None:
        ray.options = options
        raise error

    monkeypatch.setattr(ray, "init", interrupt)
    monkeypatch.setitem(sys.modules, "ray", ray)
    with pytest.raises(KeyboardInterrupt):
        Cluster()
    assert ray.is_shut_down
    assert not Path(ray.options["_temp_dir"]).exists()


@pytest.mark.parametrize(
    ("nodes", "jobs", "device", "expected"),
    [
        # One worker for each CPU, if the memory is enough; a head node may have none.
        ([{"CPU": 4.0, "memory": 64 * GB}], None, "auto", (4, 1, 0.0)),
        ([{"CPU": 16.0, "memory": 6 * GB}], None, "auto", (4, 1, 0.0)),
        ([{"memory": 9 * GB}, {"CPU": 2.0, "memory": 9 * GB}], None, "cpu", (2, 1, 0.0)),
        # Fewer workers have more CPUs each.
        ([{"CPU": 8.0}, {"CPU": 8.0}], 4, "auto", (4, 4, 0.0)),
        ([{"CPU": 2.0}], 8, "auto", (8, 1, 0.0)),
        # One worker for each GPU, or a part of one.
        ([{"CPU": 8.0, "GPU": 2.0}, {"CPU": 8.0}], None, "auto", (2, 1, 1.0)),
        ([{"CPU": 8.0, "GPU": 1.0}], 4, "cuda", (4, 1, 0.25)),
        ([{"CPU": 8.0, "GPU": 2.0}], 3, "auto", (3, 1, 0.5)),
        ([{"CPU": 8.0, "GPU": 2.0, "memory": 64 * GB}], None, "cpu", (8, 1, 0.0)),
    ],
)
def test_workers_share_cpus_and_gpus(
    nodes: list[dict[str, float]],
    jobs: int | None,
    device: str,
    expected: tuple[int, int, float],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cluster, _ = connected(monkeypatch, *nodes)
    n_workers, share = cluster.share(jobs, device=device)
    assert (n_workers, share.cpus, share.gpus) == expected


def test_a_cluster_without_a_gpu_cannot_be_asked_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, _ = connected(monkeypatch, {"CPU": 8.0})
    with pytest.raises(EngineError, match="has no GPU") as caught:
        cluster.share(None, device="cuda")
    assert caught.value.why == "it has 8 CPUs"


def test_a_wait_for_the_cluster_is_noted_once_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster, _ = connected(monkeypatch, {"CPU": 8.0})
    now = [0.0]
    monkeypatch.setattr("chapterize.batch.ray_cluster.time.monotonic", lambda: now[0])
    notes: list[str] = []
    patience = Patience(notes.append, cluster, Share(4, 1.0))
    for seconds in (1, 20, 30):
        now[0] = seconds
        patience.check(False)
    expected = "Waiting for the Ray cluster: a worker needs 4 CPUs and 1 GPU, and it has 2 CPUs and"
    assert notes == [f"{expected} 0.5 GPU free."]
    now[0] = 1000
    patience.check(True)
    now[0] = 2000
    patience.check(False)
    now[0] = 2300
    with pytest.raises(EngineError, match="no node of the Ray cluster has room"):
        patience.check(False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Socket closed rpc_code: 14", "its process or its node ended"),
        ("killed due to the node running out of memory", "its node ran out of memory"),
        ("error raised in its creation task\nModuleNotFoundError: No module named 'x'\n", None),
    ],
)
def test_the_reason_of_a_loss_is_short(text: str, why: str | None) -> None:
    assert why_lost(RuntimeError(text)).why == (why or "ModuleNotFoundError: No module named 'x'")
