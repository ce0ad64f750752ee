"""Locate the trained artefacts, verify their digests, and bound the threads of models.

An installed wheel has them in the package's ``models`` directory; a checkout or an editable install
has ``models`` next to the package. ``SHA256SUMS`` in that directory lists all files and digests.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chapterize.errors import EngineError, MissingDependency
from chapterize.files import explaining

__all__ = [
    "MANIFEST",
    "artefact",
    "cpu_threads",
    "digests",
    "folder",
    "onnx_session",
    "reading",
    "verified",
]

MANIFEST = "SHA256SUMS"
_REINSTALL = "reinstall chapterize"
_MOST_ONNX_THREADS = 4
_ONLY_ERRORS = 3


def folder() -> Path:
    """Return the directory of the trained artefacts.

    Raises
    ------
    EngineError : it does not exist: the installation is incomplete.
    """
    places = [parent / "models" for parent in Path(__file__).resolve().parents[:2]]
    for place in places:
        if (place / MANIFEST).is_file():
            return place
    raise EngineError(
        "the trained models of chapterize are missing",
        why=f"there is no {MANIFEST} in {places[0]} or {places[1]}",
        hint=_REINSTALL,
    )


def digests(place: Path | None = None) -> Mapping[str, str]:
    """Return the listed artefacts: file name → SHA-256 in lower-case hexadecimal.

    Raises
    ------
    EngineError : the list is missing or damaged.
    """
    manifest = (place or folder()) / MANIFEST
    try:
        lines = manifest.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot read the list of models {manifest}"
        raise EngineError(what, why=str(error), hint=_REINSTALL) from error
    listed: dict[str, str] = {}
    for line in lines:
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name or Path(name).name != name:
            raise EngineError(
                f"the list of models {manifest} is damaged",
                why=f"this line is not a digest and a file name: {line[:80]!r}",
                hint=_REINSTALL,
            )
        listed[name] = digest
    return listed


def artefact(name: str, place: Path | None = None) -> Path:
    """Return the path of the artefact `name` after verifying its digest.

    Raises
    ------
    EngineError : it is not listed, missing, unreadable, or its digest differs from the list.
    """
    place = place or folder()
    expected = digests(place).get(name)
    path = place / name
    if expected is None:
        raise EngineError(f"there is no model {name!r}", why=f"{place / MANIFEST} does not list it")
    return verified(path, expected)


def verified(path: Path, expected: str, *, hint: str = _REINSTALL) -> Path:
    """Return `path` if its SHA-256 is `expected`.

    Raises
    ------
    EngineError : it is missing, unreadable, or its digest is another one.
    """
    with explaining(EngineError, f"cannot read the model {path}", hint), path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise EngineError(
            f"the model {path} is damaged",
            why=f"its SHA-256 starts with {found[:12]} instead of {expected[:12]}",
            hint=hint,
        )
    return path


@contextmanager
def reading(what: str, path: Path, *, hint: str = "reinstall chapterize") -> Iterator[None]:
    """Turn any error in the block into an EngineError: ``cannot read {what} {path}``."""
    try:
        yield
    except Exception as error:
        why = f"{type(error).__name__}: {error}".splitlines()[0]
        raise EngineError(f"cannot read {what} {path}", why=why, hint=hint) from error


def cpu_threads(most: int) -> int:
    """Threads for a model on a CPU: ``OMP_NUM_THREADS``, or one per core, but not more than `most`.

    The variable bounds them where several processes share a machine.
    """
    chosen = os.environ.get("OMP_NUM_THREADS", "")
    wanted = int(chosen) if chosen.isdecimal() and int(chosen) else os.cpu_count() or 1
    return min(most, wanted)


def onnx_session(path: Path, what: str, *, install: str, otherwise: str) -> Any:
    """A session of onnxruntime on the CPU, for the model at `path`; `what` names it in an error.

    Raises
    ------
    MissingDependency : onnxruntime is not installed; `install` installs it.
    EngineError : it cannot load the file. The hint says what to do `otherwise`.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingDependency("onnxruntime", install=install, why=_first_line(error)) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cpu_threads(_MOST_ONNX_THREADS)
    options.inter_op_num_threads = 1
    # The arena would keep the memory of the largest input.
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    options.log_severity_level = _ONLY_ERRORS
    # Otherwise threads that wait use as much of a core as those that work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise EngineError(
            f"cannot load {what} {path}",
            why=_first_line(error),
            hint=f"install another onnxruntime, or {otherwise}",
        ) from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
