"""Results of stages, kept by what they were made from, and the journal of unfinished ones.

Everything lies in one folder of the user's (``CHAPTERIZE_CACHE``, else the system's place for
caches) that nobody else can read. An entry carries a checksum: a damaged one counts as absent. A
cache that cannot be written is no error, only a lost convenience.
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

from chapterize.errors import InputError, OutputError
from chapterize.files import replacing

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Cache", "Journal", "cache_folder", "file_fingerprint", "stage_key"]

_EDGE_BYTES = 256 * 1024
_SAMPLE_BYTES = 64 * 1024
_N_SAMPLES = 16
_DIGEST_BYTES = 16
_PRIVATE = 0o700
_LOCK_TICK = 0.5


def cache_folder() -> Path:
    """The user's cache folder: ``CHAPTERIZE_CACHE``, else the system's place. May not exist."""
    if chosen := os.environ.get("CHAPTERIZE_CACHE"):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("chapterize", appauthor=False))


def file_fingerprint(path: Path) -> str:
    """32 hex digits for the content of a file, whatever its name and date.

    Covers the size, both ends (256 KiB each) and 16 blocks of 64 KiB spread in between, so ten
    gigabytes cost milliseconds; files up to 1.5 MiB are read whole. A change of a few bytes in the
    middle of a large file, its size kept, can go unseen: media are not edited that way.

    Raises
    ------
    InputError : the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            digest = hashlib.blake2b(f"{size}:".encode(), digest_size=_DIGEST_BYTES)
            for start, length in _samples(size):
                file.seek(start)
                digest.update(file.read(length))
            return digest.hexdigest()
    except OSError as error:
        raise InputError(
            f"cannot read {path}",
            why=error.strerror or str(error),
            hint="check that the file is there and that you may read it",
        ) from error


def _samples(size: int) -> list[tuple[int, int]]:
    """Start and length, in bytes, of what the fingerprint of a file of `size` bytes reads."""
    middle = size - 2 * _EDGE_BYTES
    if middle <= _N_SAMPLES * _SAMPLE_BYTES:
        return [(0, size)]
    step = middle / _N_SAMPLES
    inside = [(_EDGE_BYTES + int(step * i), _SAMPLE_BYTES) for i in range(_N_SAMPLES)]
    return [(0, _EDGE_BYTES), *inside, (size - _EDGE_BYTES, _EDGE_BYTES)]


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
            _make_private(self.folder / "journals")
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
            _make_private(path.parent)
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
            _make_private(target.parent)
            with replacing(target, force=True) as temporary, temporary.open("wb") as file:
                write(file)
        except (OSError, OutputError):
            return False
        return True


class Journal:
    """Finished blocks of one long piece of work: JSON lines, each on the disk before the next.

    It has one writer, who holds `Cache.lock`. A last line cut short by a crash is left out, and
    cut off before the first append.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_whole = False
        self._is_broken = False

    def read(self) -> list[Any]:
        """All whole entries, oldest first; none when there is no journal."""
        return self._read_whole()[0]

    def append(self, entry: Any) -> bool:
        """Add a JSON value and wait until it is on the disk; False when that is impossible."""
        if self._is_broken:
            return False
        line = f"{_canonical(entry)}\n".encode()
        try:
            _make_private(self.path.parent)
            with self.path.open("ab") as file:
                if not self._is_whole:
                    file.truncate(self._read_whole()[1])
                    self._is_whole = True
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            # A gap between entries would be worse than none: nothing more is written.
            self._is_broken = True
            return False
        return True

    def remove(self) -> None:
        """Forget everything; nothing happens when there is no journal."""
        self._is_whole = False
        with suppress(OSError):
            self.path.unlink()

    def _read_whole(self) -> tuple[list[Any], int]:
        """The whole entries, and the bytes they take up from the start of the file."""
        entries: list[Any] = []
        size = 0
        with suppress(OSError, ValueError), self.path.open("rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break
                entries.append(json.loads(line))
                size += len(line)
        return entries, size


def _make_private(folder: Path) -> None:
    """Make `folder` and the cache folder above it, for this user only."""
    for part in (folder.parent, folder):
        if not part.is_dir():
            part.mkdir(_PRIVATE, parents=True, exist_ok=True)
            # mkdir's mode goes through the umask; this one does not.
            part.chmod(_PRIVATE)


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False)


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
