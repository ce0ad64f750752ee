"""Download a model: resumable, checked, and safe beside other processes.

huggingface_hub deletes what has arrived when a download breaks off. So the files are fetched here,
each into a part that stays and is appended to the next time, and handed over in the place where
huggingface_hub looks for finished files; the links to them it makes itself.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chapterize.data import OnProgress
from chapterize.errors import EngineError
from chapterize.hub.disk import digest_of, locks, place_of, store
from chapterize.hub.failures import explain, no_room, require_online
from chapterize.hub.files import missing_files, plural_missing, wanted_files
from chapterize.hub.quiet import quiet
from chapterize.hub.registry import Model, size_text

__all__ = ["Download", "download", "planned"]


@dataclass(frozen=True)
class Download:
    """A download that is about to begin.

    `megabytes` is None if the size is unknown; `folder` is where it will be stored.
    """

    name: str
    megabytes: int | None
    folder: Path

    @property
    def size(self) -> str:
        """For people: ``487 MB``."""
        return size_text(self.megabytes)


@dataclass(frozen=True)
class _File:
    """One file of a repository: its name there, its bytes, and what it is called in the cache."""

    name: str
    size: int
    digest: str


def planned(model: Model) -> Download:
    """Return what a download of `model` would mean.

    Raises
    ------
    EngineError : the environment forbids downloads.
    """
    require_online(model)
    return Download(model.name, model.megabytes, store())


def download(model: Model, *, on_progress: OnProgress | None = None) -> Path:
    """Download a model into the cache of the hub; return its folder.

    A download that was broken off goes on where it stopped. Every file is compared with the
    digest it was published with.

    Raises
    ------
    EngineError : no connection, no room, no permission, no such model, or damaged files.
    """
    require_online(model)
    try:
        with quiet():
            folder = _download(model, on_progress)
    except EngineError:
        raise
    # What the layers below raise is not one family: httpx, requests, OSError, ValueError.
    except Exception as error:
        raise explain(model, store(), error) from error
    if missing := missing_files(model.purpose, folder):
        raise EngineError(
            f"the {model.kind} {model.name} cannot be used",
            why=f"{plural_missing(missing)} in {model.repository}",
            hint="choose another model",
        )
    return folder


def _download(model: Model, on_progress: OnProgress | None) -> Path:
    from huggingface_hub import snapshot_download

    commit, files = _listed(model)
    blobs = place_of(model) / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    arrived = {file.name: _arrived(blobs, file) for file in files}
    total = sum(file.size for file in files) or 1
    needed, free = total - sum(arrived.values()), shutil.disk_usage(blobs).free
    if needed > free:
        raise no_room(model, store(), needed, free)

    def report(name: str, size: int) -> None:
        arrived[name] = size
        if on_progress is not None:
            done = min(1.0, sum(arrived.values()) / total)
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
    """The commit that the revision is, and those of its files that are wanted."""
    from huggingface_hub import HfApi

    info = HfApi().model_info(model.repository, revision=model.revision, files_metadata=True)
    siblings = {each.rfilename: each for each in info.siblings or ()}
    files = []
    for name in wanted_files(model.purpose, siblings):
        each = siblings[name]
        digest = each.lfs.sha256 if each.lfs else each.blob_id
        if digest is None or each.size is None or info.sha is None:
            raise ValueError(f"no digest of {name}")
        files.append(_File(name, each.size, digest))
    return str(info.sha), files


def _arrived(blobs: Path, file: _File) -> int:
    if (blobs / file.digest).exists():
        return file.size
    part = _part(blobs, file)
    return min(file.size, part.stat().st_size) if part.exists() else 0


def _part(blobs: Path, file: _File) -> Path:
    return blobs / f"{file.digest}.incomplete"


def _fetch(
    model: Model, commit: str, file: _File, blobs: Path, report: Callable[[str, int], None]
) -> None:
    from huggingface_hub import hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import WeakFileLock, build_hf_headers  # type: ignore[attr-defined]

    target, part = blobs / file.digest, _part(blobs, file)
    lock = locks(model) / f"{file.digest}.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    # The lock that huggingface_hub takes too: a second process waits and finds the file.
    with WeakFileLock(lock):
        if not target.exists():
            if part.exists() and part.stat().st_size > file.size:
                part.unlink()
            with _Part(part, lambda size: report(file.name, size)) as arriving:
                http_get(
                    hf_hub_url(model.repository, file.name, revision=commit),
                    arriving,
                    resume_size=arriving.tell(),
                    # A compressed answer could not be resumed by the byte.
                    headers=build_hf_headers() | {"Accept-Encoding": "identity"},
                    expected_size=file.size,
                )
            if digest_of(part, file.digest) != file.digest:
                part.unlink()
                raise EngineError(
                    f"cannot download the {model.kind} {model.name}",
                    why=f"{file.name} arrived damaged, its digest is another one",
                    hint=f"try again: chapterize models pull {model.name}",
                )
            part.replace(target)
    report(file.name, file.size)


class _Part(io.BufferedWriter):
    """The part of a file that has arrived, open for appending; says how large it is."""

    def __init__(self, path: Path, on_size: Callable[[int], None]) -> None:
        super().__init__(io.FileIO(path, "ab"))
        self._on_size = on_size

    def write(self, data: io.ReadableBuffer, /) -> int:  # type: ignore[name-defined]
        written = super().write(data)
        self._on_size(self.tell())
        return written
