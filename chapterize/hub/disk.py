"""Models in the shared cache of the Hugging Face hub, and the files a model consists of.

Nothing here uses the network.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from chapterize.data import OnProgress
from chapterize.errors import InputError, OutputError
from chapterize.files import explaining
from chapterize.hub.registry import Model, Purpose

__all__ = [
    "VOCABULARIES",
    "Verified",
    "digest_of",
    "find",
    "lock_folder",
    "missing_files",
    "model_folder",
    "plural_missing",
    "remove",
    "require",
    "size_on_disk",
    "store",
    "verify",
    "wanted_files",
]

# All are required: faster-whisper silently downloads a missing tokenizer.
_CONVERTED = ("config.json", "model.bin", "tokenizer.json")
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
# Models for CTranslate2, and the files that only some of them have.
_OPTIONAL: dict[Purpose, tuple[str, ...]] = {
    "speech": ("preprocessor_config.json",),
    "titles": ("generation_config.json",),
}
_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_SENTENCES = (*_WEIGHTS, "*.json", "*.txt", "*.model")
# Folders with the same weights for other runtimes.
_OTHER_RUNTIMES = ("onnx", "openvino")

_BLOCK = 1 << 20
# In the cache, LFS files are named by their SHA-256 and all others by their git blob id.
_SHA256, _GIT = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")


def wanted_files(purpose: Purpose, names: Iterable[str]) -> list[str]:
    """Return the files of a repository that are downloaded, sorted.

    Code is left out, and so are weights that exist in a safer format.
    """
    if purpose in _OPTIONAL:
        wanted = (*_CONVERTED, *VOCABULARIES, *_OPTIONAL[purpose])
        return sorted(name for name in names if name in wanted)
    found = sorted(name for name in names if _is_part_of_sentence_model(name))
    safe = {str(PurePosixPath(name).parent) for name in found if name.endswith(".safetensors")}
    return [
        name
        for name in found
        if not (name.endswith(".bin") and str(PurePosixPath(name).parent) in safe)
    ]


def _is_part_of_sentence_model(name: str) -> bool:
    path = PurePosixPath(name)
    is_wanted = any(fnmatch(path.name, pattern) for pattern in _SENTENCES)
    return is_wanted and path.parts[0] not in _OTHER_RUNTIMES


def missing_files(purpose: Purpose, folder: Path) -> list[str]:
    """Return the required files that are missing or empty in `folder`."""
    if purpose in _OPTIONAL:
        missing = [name for name in _CONVERTED if not _has_content(folder / name)]
        if not any(_has_content(folder / name) for name in VOCABULARIES):
            missing.append(VOCABULARIES[0])
        return missing
    missing = []
    if not any(_has_content(folder / name) for name in ("modules.json", "config.json")):
        missing.append("modules.json")
    weights = (path for pattern in _WEIGHTS for path in folder.rglob(pattern))
    if not any(map(_has_content, weights)):
        missing.append("model.safetensors")
    return missing


def plural_missing(names: Sequence[str]) -> str:
    """Return ``a is missing or empty`` or ``a, b are missing or empty``."""
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} missing or empty"


def _has_content(path: Path) -> bool:
    with suppress(OSError):
        return path.stat().st_size > 0
    return False


def store() -> Path:
    """Return the cache folder: HF_HUB_CACHE, or ``hub`` in HF_HOME."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE)


def model_folder(model: Model) -> Path:
    """Return the folder of the cache that belongs to the repository of `model`."""
    return store() / f"models--{model.repository.replace('/', '--')}"


def lock_folder(model: Model) -> Path:
    """Return the folder of the lock files that coordinate concurrent downloads."""
    return store() / ".locks" / model_folder(model).name


def find(model: Model) -> Path | None:
    """Return the folder of a complete copy of `model`, or None if it must be downloaded.

    The pinned revision has priority, then ``main``, then the newest of the others.
    """
    snapshots = _snapshots(model)
    return next((each for each in snapshots if not missing_files(model.purpose, each)), None)


def require(model: Model) -> Path:
    """Return the folder of a complete copy of `model`; InputError if there is none."""
    if folder := find(model):
        return folder
    raise InputError(
        f"the model {model.name} is not on this disk",
        why=f"{store()} has no complete copy of {model.repository}",
        hint=f"download it: chapterize models pull {model.name}",
    )


def _snapshots(model: Model) -> Iterator[Path]:
    folder = model_folder(model)
    snapshots = folder / "snapshots"
    if model.revision:
        yield snapshots / model.revision
    with suppress(OSError, UnicodeDecodeError):
        yield snapshots / (folder / "refs" / "main").read_text("utf-8").strip()
    with suppress(OSError):
        yield from sorted(snapshots.iterdir(), key=lambda path: -path.stat().st_mtime)


def size_on_disk(model: Model) -> int:
    """Return the bytes that `remove` would free: all revisions and partial downloads."""
    return sum(
        path.lstat().st_size
        for path in model_folder(model).rglob("*")
        if path.is_file() and not path.is_symlink()
    )


@dataclass(frozen=True)
class Verified:
    """The result of `verify`: the number of files compared, and the names of the damaged ones.

    `unknown` : files without a recorded digest, as on file systems without symbolic links.
    """

    n_compared: int
    damaged: tuple[str, ...]
    unknown: tuple[str, ...]


def verify(model: Model, *, on_progress: OnProgress | None = None) -> Verified:
    """Compare the digest of each file with the published one; raises as `require`."""
    snapshot = require(model)
    files = sorted(path for path in snapshot.rglob("*") if not path.is_dir())
    total = sum(path.stat().st_size for path in files if path.exists()) or 1
    done, damaged, unknown = 0, [], []
    for path in files:
        name = path.relative_to(snapshot).as_posix()
        # Only one link is followed: in a store shared by repositories, a second one comes after.
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
    """Return the digest of a file, of the same kind as `expected`: SHA-256 or git blob id."""
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
    InputError : the model is not on this disk.
    OutputError : its files cannot be deleted.
    """
    folder = model_folder(model)
    if not folder.is_dir():
        raise InputError(
            f"the model {model.name} is not on this disk",
            why=f"{store()} has no copy of {model.repository}",
            hint="list the models on disk: chapterize models list",
        )
    size = size_on_disk(model)
    hint = f"check the permissions of {folder}"
    with explaining(OutputError, f"cannot remove the model {model.name}", hint):
        shutil.rmtree(folder)
    shutil.rmtree(lock_folder(model), ignore_errors=True)
    return size
