"""Child processes: their environment, without secrets, and how another thread ends them."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = [
    "SECRET_VARIABLES",
    "Stop",
    "blocks_of",
    "child_environment",
    "output_of",
    "stoppable",
]

SECRET_VARIABLES = ("NEMO_TOKEN", "CHAPTERIZE_TITLES_KEY")


def child_environment() -> dict[str, str]:
    """Return the environment for a child process."""
    # Windows ignores the case of names.
    return {name: text for name, text in os.environ.items() if name.upper() not in SECRET_VARIABLES}


def output_of(command: Sequence[str], *, seconds: float) -> str | None:
    """What a program prints on stdout; None if it cannot be run, fails or takes too long."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=True,
            env=child_environment(),
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")


class Stop:
    """Ends one piece of work, with the programs it runs, from another thread.

    Only programs that are started `stoppable` are killed, and only in the thread that `applies` it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._is_set = False

    @property
    def is_set(self) -> bool:
        """Whether the work is to end."""
        return self._is_set

    def set(self) -> None:
        """Kill the programs that run now, and those that start later."""
        with self._lock:
            self._is_set = True
            for process in self._running:
                process.kill()

    def check(self) -> None:
        """Raise KeyboardInterrupt, which no stage takes for an error of its own, after `set`."""
        if self._is_set:
            raise KeyboardInterrupt

    @contextmanager
    def applies(self) -> Iterator[None]:
        """Inside, this ends what the current thread runs."""
        before = _stop.set(self)
        try:
            yield
        finally:
            _stop.reset(before)

    def add(self, process: subprocess.Popen[bytes]) -> None:
        """Kill `process` as well, at once if the work has ended."""
        with self._lock:
            self._running.add(process)
            if self._is_set:
                process.kill()

    def remove(self, process: subprocess.Popen[bytes]) -> None:
        """Forget `process`, which has ended."""
        with self._lock:
            self._running.discard(process)


_stop: ContextVar[Stop | None] = ContextVar("stop", default=None)


@contextmanager
def stoppable(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let the `Stop` of the current thread, if there is one, kill `process` inside the block.

    Raises KeyboardInterrupt at the end of the block if it did.
    """
    stop = _stop.get()
    if stop is None:
        yield
        return
    stop.add(process)
    try:
        yield
    finally:
        stop.remove(process)
    stop.check()


def blocks_of(process: subprocess.Popen[bytes], block_bytes: int) -> Generator[bytes, None, int]:
    """Yield what `process` writes to its stdout pipe; return its exit code.

    The last block may be shorter. The process is killed when the caller stops reading, or by a
    `Stop`, which raises KeyboardInterrupt.
    """
    assert process.stdout is not None
    with stoppable(process):
        try:
            while block := process.stdout.read(block_bytes):
                yield block
            return process.wait()
        finally:
            process.kill()
            process.stdout.close()
            process.wait()
