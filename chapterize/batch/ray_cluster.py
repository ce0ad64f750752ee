"""The connection to a Ray cluster: quiet, without usage reports, and without our secrets."""

from __future__ import annotations

import logging
import math
import os
import re
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chapterize.batch.rows import Reason
from chapterize.children import SECRET_VARIABLES
from chapterize.data import OnNote
from chapterize.errors import EngineError, MissingDependency, OutputError
from chapterize.files import explaining
from chapterize.masking import blank_secrets

__all__ = ["Cluster", "Patience", "Share", "load_ray", "why_lost"]

_WORKER_BYTES = 1_500_000_000
"""Memory of a worker with the default speech model for a CPU, rounded up."""

_NOTE_AFTER = 15.0
_GIVE_UP_AFTER = 1200.0
"""Seconds without any worker; nodes that a cluster starts on demand take minutes."""

_ANSWERS_WITHIN = 10.0
_LONGEST_BASE = 30


class Share:
    """What one worker needs of a node: `cpus` CPUs and a part of a GPU, in (0, 1], or none."""

    def __init__(self, cpus: int, gpus: float = 0.0) -> None:
        self.cpus, self.gpus = cpus, gpus

    def __str__(self) -> str:
        return _resources(self.cpus, self.gpus)


def load_ray() -> Any:
    """The package; MissingDependency if it is not installed."""
    # Ray reads it when it is imported.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        import ray
    except ImportError as error:
        raise MissingDependency(
            "ray",
            install='pip install "chapterize-video[ray]"',
            why="--engine ray distributes the files with it",
        ) from error
    return ray


class Cluster:
    """A connection to a Ray cluster.

    Parameters
    ----------
    address : of a running cluster, as for `ray.init`; None: ``RAY_ADDRESS``, else a cluster of this
        machine alone, which ends with `close`.
    n_cpus : the fewest CPUs that a cluster of this machine offers.

    Raises
    ------
    MissingDependency : Ray is not installed.
    EngineError : there is no cluster at the address.
    """

    def __init__(self, address: str | None = None, *, n_cpus: int = 1) -> None:
        ray = self.ray = load_ray()
        self._folder: str | None = None
        self._is_ours = not ray.is_initialized()
        if self._is_ours:
            address = address or os.environ.get("RAY_ADDRESS") or "local"
            _require_reachable(address)
            options: dict[str, Any] = {}
            if address == "local":
                self._folder = _short_folder()
                options = {"include_dashboard": False, "num_cpus": max(n_cpus, _n_cores())}
                options["_temp_dir"] = self._folder
            try:
                self._connect(address, options)
            except SystemExit as error:
                # While it connects, Ray's own handler of SIGTERM is set.
                self.close()
                raise KeyboardInterrupt from error
            except BaseException:
                # Ctrl-C, too: what has started ends.
                self.close()
                raise

    def _connect(self, address: str, options: dict[str, Any]) -> None:
        _silence(self.ray)
        with _signals_kept(), _without_secrets():
            try:
                self.ray.init(
                    address=address,
                    log_to_driver=False,
                    configure_logging=False,
                    namespace="chapterize",
                    **options,
                )
            except Exception as error:
                lines = str(error).strip().splitlines() or [type(error).__name__]
                raise EngineError(
                    f"cannot connect to a Ray cluster at {address}",
                    why=blank_secrets(lines[0]),
                    hint="check the address, and that the cluster runs the same version of Ray",
                ) from error

    @property
    def free(self) -> str:
        """The free resources in words."""
        free = self.ray.available_resources()
        return _resources(int(free.get("CPU", 0)), free.get("GPU", 0.0))

    def share(self, jobs: int | None, *, device: str) -> tuple[int, Share]:
        """How many workers there should be, and what each needs.

        By default, one worker for each GPU; where there is none, as many as the CPUs and the memory
        of each node allow. More workers than GPUs share them.

        Raises
        ------
        EngineError : `device` is ``cuda`` and the cluster has no GPU.
        """
        alive = [node["Resources"] for node in self.ray.nodes() if node["Alive"]]
        # The head of a large cluster often offers no CPU: nothing is to run there.
        nodes = [each for each in alive if each.get("CPU", 0) >= 1] or [{"CPU": 1}]
        n_gpus = 0 if device == "cpu" else int(sum(each.get("GPU", 0) for each in nodes))
        if device == "cuda" and n_gpus == 0:
            raise EngineError(
                "the Ray cluster has no GPU",
                why=f"it has {_resources(int(sum(each['CPU'] for each in nodes)), 0.0)}",
                hint="omit --device cuda, or add a node with a GPU",
            )
        if n_gpus:
            n_workers = jobs or n_gpus
            return n_workers, Share(1, 1 / math.ceil(n_workers / n_gpus))
        if jobs:
            per_node = math.ceil(jobs / len(nodes))
            return jobs, Share(max(1, int(min(each["CPU"] for each in nodes)) // per_node))
        n_workers = sum(
            max(1, min(int(each["CPU"]), int(each.get("memory", _WORKER_BYTES)) // _WORKER_BYTES))
            for each in nodes
        )
        return n_workers, Share(1)

    def close(self) -> None:
        """Disconnect; a cluster of this machine ends."""
        if self._is_ours and self.ray.is_initialized():
            with _signals_kept():
                self.ray.shutdown()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


class Patience:
    """Says that no worker has started yet, and why; ends a run that none will ever join."""

    def __init__(self, note: OnNote, cluster: Cluster, share: Share) -> None:
        self._note, self._cluster, self._share = note, cluster, share
        self._since, self._has_noted = time.monotonic(), False

    def check(self, has_worker: bool) -> None:
        """EngineError if there has been no worker for very long."""
        if has_worker:
            self._since = time.monotonic()
            return
        seconds = time.monotonic() - self._since
        if seconds > _NOTE_AFTER and not self._has_noted:
            self._has_noted = True
            self._note(
                f"Waiting for the Ray cluster: a worker needs {self._share}, and it has"
                f" {self._cluster.free} free."
            )
        if seconds > _GIVE_UP_AFTER:
            raise EngineError(
                "no node of the Ray cluster has room for a worker",
                why=f"one needs {self._share}, and the cluster has {self._cluster.free} free",
                hint="add nodes, or wait until other jobs have ended",
            )


def why_lost(error: Exception) -> Reason:
    """Why an actor is lost, from what Ray reports."""
    text = f"{type(error).__name__} {error}"
    if "OutOfMemory" in text or "out of memory" in text.lower():
        why, hint = "its node ran out of memory", "use fewer workers with -j"
    elif "creation task" in text:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        why, hint = lines[-1], "see the logs of the Ray cluster"
    else:
        why, hint = "its process or its node ended", "look at the file, and at the nodes"
    return Reason("the worker was lost", why, hint)


def _require_reachable(address: str) -> None:
    """EngineError if nothing answers at ``host:port``; Ray itself tries for minutes."""
    found = re.fullmatch(r"(?:ray://)?\[?([^/\[\]]+)\]?:(\d+)", address)
    if found is None:
        return
    try:
        socket.create_connection((found[1], int(found[2])), _ANSWERS_WITHIN).close()
    except (OSError, OverflowError) as error:
        raise EngineError(
            f"there is no Ray cluster at {address}",
            why=getattr(error, "strerror", None) or str(error),
            hint="check the address; on the head node, `ray status` shows it",
        ) from error


def _short_folder() -> str:
    """A new folder for the logs and sockets of a cluster; the path of a socket must be short."""
    base = tempfile.gettempdir()
    if len(base) > _LONGEST_BASE:
        base = "/tmp"  # noqa: S108 - mkdtemp makes the name unique and private
    with explaining(OutputError, f"cannot write in {base}", "set TMPDIR to another folder"):
        return tempfile.mkdtemp(prefix="ray-", dir=base)


def _n_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _resources(cpus: int, gpus: float) -> str:
    words = f"{cpus} CPU{'' if cpus == 1 else 's'}"
    return words if not gpus else f"{words} and {gpus:g} GPU{'' if gpus <= 1 else 's'}"


def _silence(ray: Any) -> None:
    """Keep Ray from printing what happens on the nodes to stdout, where our results go.

    There is no public option: ``log_to_driver`` does not cover messages of the cluster itself.
    """
    logging.getLogger("ray").setLevel(logging.ERROR)
    worker = ray._private.worker
    if hasattr(worker, "_worker_logs_enabled"):
        worker._worker_logs_enabled = False


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray sets a handler of SIGTERM that ends the process without `finally`; ours is put back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _without_secrets() -> Iterator[None]:
    """Inside, the processes that Ray starts do not get our secrets in their environment."""
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name in SECRET_VARIABLES}
    try:
        yield
    finally:
        os.environ.update(kept)
