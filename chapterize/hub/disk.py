"""Models in the cache that all programs of the Hugging Face hub share; nothing asks the network."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chapterize.data import OnProgress
from chapterize.errors import InputError, OutputError
from chapterize.hub.files import missing_files
from chapterize.hub.registry import Model

__all__ = [
    "Verified",
    "digest_of",
    "find",
    "locks",
    "place_of",
    "remove",
    "size_on_disk",
    "store",
    "verify",
]

_BLOCK = 1 << 20
# LFS files are named by their SHA-256, all others as git names a blob.
_SHA256, _GIT = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class Verified:
    """What `verify` found: files compared, and the names of those that are not as published.

    `unknown` are files whose digest is not recorded, as on file systems without links.
    """

    n_compared: int
    damaged: tuple[str, ...]
    unknown: tuple[str, ...]


def store() -> Path:
    """Return the cache folder: that of HF_HUB_CACHE, or ``hub`` in HF_HOME."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def place_of(model: Model) -> Path:
    """Return the folder in the cache that belongs to the repository of `model`."""
    return store() / f"models--{model.repository.replace('/', '--')}"


def locks(model: Model) -> Path:
    """Return the folder of the lock files by which processes share a download."""
    return store() / ".locks" / place_of(model).name


def find(model: Model) -> Path | None:
    """Return the folder of a model that is whole; None when it has to be downloaded.

    The pinned revision comes first, then ``main``, then the newest other one.
    """
    for snapshot in _snapshots(model):
        if not missing_files(model.purpose, snapshot):
            return snapshot
    return None


def _snapshots(model: Model) -> Iterator[Path]:
    place = place_of(model)
    snapshots = place / "snapshots"
    if model.revision:
        yield snapshots / model.revision
    with suppress(OSError, UnicodeDecodeError):
        yield snapshots / (place / "refs" / "main").read_text("utf-8").strip()
    with suppress(OSError):
        yield from sorted(snapshots.iterdir(), key=lambda path: -path.stat().st_mtime)


def size_on_disk(model: Model) -> int:
    """Return the bytes that `remove` would free: all revisions and parts of downloads."""
    return sum(
        path.lstat().st_size
        for path in place_of(model).rglob("*")
        if path.is_file() and not path.is_symlink()
    )


def verify(model: Model, *, on_progress: OnProgress | None = None) -> Verified:
    """Compute the digest of each file and compare it with the one it was published with.

    Raises
    ------
    InputError : the model is not on disk.
    """
    snapshot = find(model)
    if snapshot is None:
        raise _absent(model)
    files = sorted(path for path in snapshot.rglob("*") if not path.is_dir())
    total = sum(path.stat().st_size for path in files if path.exists()) or 1
    done, damaged, unknown = 0, [], []
    for path in files:
        name = path.relative_to(snapshot).as_posix()
        # One step only: a store shared by repositories may lie behind a second link.
        expected = path.readlink().name if path.is_symlink() else ""
        if not (_SHA256.fullmatch(expected) or _GIT.fullmatch(expected)):
            unknown.append(name)
        elif not path.exists() or digest_of(path, expected) != expected:
            damaged.append(name)
        done += path.stat().st_size if path.exists() else 0
        if on_progress is not None:
            on_progress(f"verifying {model.name}", min(1.0, done / total))
    return Verified(len(files) - len(unknown), tuple(damaged), tuple(unknown))


def digest_of(path: Path, expected: str) -> str:
    """Return the digest of a file, of the kind that `expected` is: SHA-256 or a git blob."""
    digest = hashlib.sha256()
    if not _SHA256.fullmatch(expected):
        digest = hashlib.sha1(usedforsecurity=False)
        digest.update(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def remove(model: Model) -> int:
    """Delete all revisions of a model from the cache; return the bytes freed.

    Raises
    ------
    InputError : there is nothing of it on disk.
    OutputError : its files cannot be deleted.
    """
    place = place_of(model)
    if not place.is_dir():
        raise _absent(model)
    size = size_on_disk(model)
    try:
        shutil.rmtree(place)
    except OSError as error:
        raise OutputError(
            f"cannot remove the model {model.name}",
            why=error.strerror or str(error),
            hint=f"check the permissions of {place}",
        ) from error
    shutil.rmtree(locks(model), ignore_errors=True)
    return size


def _absent(model: Model) -> InputError:
    return InputError(
        f"the model {model.name} is not on this disk",
        why=f"{store()} has no complete copy of {model.repository}",
        hint=f"get it: chapterize models pull {model.name}",
    )
