"""Download a model: resumable, verified, and safe with concurrent processes.

huggingface_hub deletes the partial file when a download is interrupted. So the files are downloaded
here, each into a partial file that a later attempt appends to, and stored where huggingface_hub
expects complete files; huggingface_hub then creates the links to them.
"""

from __future__ import annotations

import io
import logging
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chapterize.data import OnProgress
from chapterize.errors import EngineError
from chapterize.hub import disk
from chapterize.hub.failures import explain, no_space, require_online
from chapterize.hub.registry import Model, size_text

__all__ = ["Download", "download", "planned", "quiet", "unplugged"]


@dataclass(frozen=True)
class Download:
    """A download that has not started.

    `kind` : such as ``speech model``; `megabytes` and `licence` are None if unknown; `folder` is
    the destination.
    """

    name: str
    megabytes: int | None
    folder: Path
    kind: str = "speech model"
    licence: str | None = None

    @property
    def size(self) -> str:
        """The size as text, such as ``487 MB``."""
        return size_text(self.megabytes)


@dataclass(frozen=True)
class _File:
    """A file of a repository: its name there, its size, and its name in the cache."""

    name: str
    size_bytes: int
    digest: str


def planned(model: Model) -> Download:
    """Describe the download of `model`; EngineError if the environment forbids downloads."""
    require_online(model)
    return Download(model.name, model.megabytes, disk.store(), model.kind, model.licence)


def download(model: Model, *, on_progress: OnProgress | None = None) -> Path:
    """Download a model into the cache of the hub; return its folder.

    An interrupted download resumes where it stopped. Every file is compared with its published
    digest.

    Raises
    ------
    EngineError : no connection, no space, no permission, no such model, or damaged files.
    """
    require_online(model)
    try:
        with quiet():
            folder = _download(model, on_progress)
    except EngineError:
        raise
    # The layers below raise unrelated types: httpx, requests, OSError, ValueError.
    except Exception as error:
        raise explain(model, disk.store(), error) from error
    if missing := disk.missing_files(model.purpose, folder):
        raise EngineError(
            f"the {model.kind} {model.name} cannot be used",
            why=f"{disk.plural_missing(missing)} in {model.repository}",
            hint="choose another model",
        )
    return folder


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress the logs, warnings and progress bars of huggingface_hub within the block."""
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    logger = logging.getLogger("huggingface_hub")
    level, had_bars = logger.level, not are_progress_bars_disabled()
    logger.setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        disable_progress_bars()
        try:
            yield
        finally:
            logger.setLevel(level)
            if had_bars:
                enable_progress_bars()


@contextmanager
def unplugged() -> Iterator[None]:
    """Keep huggingface_hub offline within the block; its local_files_only is not enough."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _download(model: Model, on_progress: OnProgress | None) -> Path:
    from huggingface_hub import snapshot_download

    commit, files = _listed(model)
    blobs = disk.model_folder(model) / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    received = {file.name: _received(blobs, file) for file in files}
    total = sum(file.size_bytes for file in files) or 1
    needed, free = total - sum(received.values()), shutil.disk_usage(blobs).free
    if needed > free:
        raise no_space(model, disk.store(), needed, free)

    def report(name: str, size_bytes: int) -> None:
        received[name] = size_bytes
        if on_progress is not None:
            done = min(1.0, sum(received.values()) / total)
            on_progress(f"downloading the {model.kind}", done)

    for file in files:
        _fetch(model, commit, file, blobs, report)
    folder = snapshot_download(
        model.repository,
        revision=model.revision or "main",
        allow_patterns=[file.name for file in files],
    )
    return Path(folder)


def _listed(model: Model) -> tuple[str, list[_File]]:
    """The commit of the revision, and its files that are downloaded."""
    from huggingface_hub import HfApi

    info = HfApi().model_info(model.repository, revision=model.revision, files_metadata=True)
    siblings = {each.rfilename: each for each in info.siblings or ()}
    files = []
    for name in disk.wanted_files(model.purpose, siblings):
        each = siblings[name]
        digest = each.lfs.sha256 if each.lfs else each.blob_id
        if digest is None or each.size is None or info.sha is None:
            raise ValueError(f"no digest of {name}")
        files.append(_File(name, each.size, digest))
    return str(info.sha), files


def _received(blobs: Path, file: _File) -> int:
    if (blobs / file.digest).exists():
        return file.size_bytes
    partial = _partial(blobs, file)
    return min(file.size_bytes, partial.stat().st_size) if partial.exists() else 0


def _partial(blobs: Path, file: _File) -> Path:
    return blobs / f"{file.digest}.incomplete"


def _fetch(
    model: Model, commit: str, file: _File, blobs: Path, report: Callable[[str, int], None]
) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import WeakFileLock, build_hf_headers  # type: ignore[attr-defined]

    target, partial = blobs / file.digest, _partial(blobs, file)
    lock = disk.lock_folder(model) / f"{file.digest}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    # huggingface_hub takes the same lock: a second process waits, then finds the file.
    with WeakFileLock(lock):
        if not target.exists():
            if partial.exists() and partial.stat().st_size > file.size_bytes:
                partial.unlink()
            with _PartialFile(partial, lambda size: report(file.name, size)) as output:
                http_get(
                    hf_hub_url(model.repository, file.name, revision=commit),
                    output,
                    resume_size=output.tell(),
                    # A compressed response cannot be resumed at a byte offset.
                    headers=build_hf_headers() | {"Accept-Encoding": "identity"},
                    expected_size=file.size_bytes,
                )
            if disk.digest_of(partial, file.digest) != file.digest:
                partial.unlink()
                raise EngineError(
                    f"cannot download the {model.kind} {model.name}",
                    why=f"{file.name} was damaged on the way: its digest does not match",
                    hint=f"try again: chapterize models pull {model.name}",
                )
            partial.replace(target)
    report(file.name, file.size_bytes)


class _PartialFile(io.BufferedWriter):
    """A partial download, opened for appending; reports its size after each write."""

    def __init__(self, path: Path, on_size: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path, "ab"))
        self._on_size = on_size

    def write(self, data: io.ReadableBuffer, /) -> int:  # type: ignore[name-defined]
        written = super().write(data)
        self._on_size(self.tell())
        return written
