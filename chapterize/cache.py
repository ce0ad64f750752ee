"""Results of stages, stored under a key made from their inputs.

Everything lies in one private folder of the user (``CHAPTERIZE_CACHE``, else the system's cache
folder). Each entry carries a checksum: a damaged entry counts as absent. A cache that cannot be
written is not an error; the result is only not kept.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from chapterize.errors import OutputError
from chapterize.files import make_private, replacing
from chapterize.journal import Journal

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cache", "cache_folder", "stage_key"]

_DIGEST_BYTES = 16
_LOCK_TICK = 0.5


def cache_folder() -> Path:
    """The user's cache folder: ``CHAPTERIZE_CACHE``, else the system's place. May not exist."""
    if chosen := os.environ.get("CHAPTERIZE_CACHE"):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("chapterize", appauthor=False))


def stage_key(stage: str, *parts: object) -> str:
    """A key for the result of `stage` made from `parts`; order and limits of the parts count.

    `stage` names the form of the result too, such as ``transcript/1``, so that a changed form is
    a changed key.
    """
    text = json.dumps([stage, *(str(part) for part in parts)])
    return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


class Cache:
    """Get and put results by key, each atomic; `folder` None means `cache_folder()`.

    A put answers whether the entry could be written; nothing here raises for a disk that is full,
    read-only or gone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or cache_folder()

    def get(self, key: str) -> Any | None:
        """The JSON value under `key`, or None when there is none or it is damaged."""
        try:
            stored = json.loads(self._entry(key, ".json").read_text(encoding="utf-8"))
            value = stored["value"]
            return value if stored["digest"] == _digest(_canonical(value).encode()) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, value: Any) -> bool:
        """Keep a JSON value, in place of any older one."""
        text = _canonical(value)
        whole = f'{{"digest": "{_digest(text.encode())}", "value": {text}}}\n'
        return self._write(self._entry(key, ".json"), lambda file: file.write(whole.encode()))

    def get_array(self, key: str) -> NDArray[Any] | None:
        """The array under `key`, or None when there is none or it is damaged."""
        import numpy as np

        try:
            content = self._entry(key, ".npy").read_bytes()
            body, checksum = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
            if _digest(body) != checksum.hex():
                return None
            array: NDArray[Any] = np.load(io.BytesIO(body), allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        return array

    def put_array(self, key: str, array: NDArray[Any]) -> bool:
        """Keep an array of numbers, in place of any older one."""
        import numpy as np

        body = io.BytesIO()
        np.save(body, array, allow_pickle=False)
        # The checksum follows the array: readers of .npy files stop before it.
        content = body.getvalue() + bytes.fromhex(_digest(body.getvalue()))
        return self._write(self._entry(key, ".npy"), lambda file: file.write(content))

    def journal(self, key: str) -> Journal:
        """The journal of the unfinished work whose result will go under `key`."""
        return Journal(self.folder / "journals" / f"{key}.jsonl")

    def problem(self) -> str | None:
        """Why nothing can be kept, in a few words; None when it can."""
        try:
            make_private(self.folder / "journals")
            with tempfile.TemporaryFile(dir=self.folder / "journals"):
                return None
        except OSError as error:
            return error.strerror or str(error)

    @contextmanager
    def lock(self, key: str, *, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
        """Hold the one right to work on the result under `key`, on this machine.

        Waits for another process that holds it, and calls `on_wait` twice a second meanwhile. The
        system lifts the lock of a process that ends, however it ends. Where nothing can be kept
        nothing is shared, so there is no lock either.
        """
        from filelock import FileLock, Timeout

        path = self.folder / "journals" / f"{key}.lock"
        lock: FileLock | None = FileLock(path)
        with suppress(OSError):
            make_private(path.parent)
        while lock is not None and not lock.is_locked:
            try:
                lock.acquire(timeout=_LOCK_TICK)
            except Timeout:
                if on_wait is not None:
                    on_wait()
            except OSError:
                lock = None
        try:
            yield
        finally:
            if lock is not None:
                # Safe on Unix: whoever waits opens the file again for each try. Windows refuses.
                with suppress(OSError):
                    path.unlink()
                lock.release()

    def _entry(self, key: str, suffix: str) -> Path:
        return self.folder / "results" / f"{key}{suffix}"

    def _write(self, target: Path, write: Callable[[BinaryIO], object]) -> bool:
        try:
            make_private(target.parent)
            with replacing(target, force=True) as temporary, temporary.open("wb") as file:
                write(file)
        except (OSError, OutputError):
            return False
        return True


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
