"""Files on other storage, such as ``s3://talks/2024``: listed, copied here, and written back.

Everything goes through fsspec, and credentials are what its implementations find by themselves (the
environment, their configuration files, the role of the machine): none is ever part of an address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from chapterize.batch.copies import room_for
from chapterize.errors import ChapterizeError, InputError, MissingDependency, OutputError
from chapterize.files import result_name
from chapterize.masking import blank_secrets

__all__ = [
    "RemoteFile",
    "is_remote",
    "is_remote_file",
    "joined",
    "local_copy",
    "read_remote",
    "remote_file",
    "remote_files",
    "remove_remote",
    "write_remote",
]

# What else fsspec offers reads archives, caches, web pages or notebooks.
_SCHEMES = (
    *("abfs", "adl", "az", "dbfs", "gcs", "gs", "hdfs", "local", "memory", "oci", "oss", "s3"),
    *("s3a", "sftp", "smb", "ssh", "tos", "webdav", "webhdfs"),
)
_ADDRESS = re.compile(rf"({'|'.join(_SCHEMES)})://(.*)", re.I | re.S)

_INSTALL = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
"""The extra of this package that reads a scheme."""

_PACKAGES = {"sftp": "paramiko", "ssh": "paramiko", "smb": "smbprotocol", "hdfs": "pyarrow"}
"""The package that an implementation inside fsspec needs."""

# On these, a file that is being written can be seen by others; object stores show whole objects.
_SHOWS_PARTS = ("file", "local", "hdfs", "sftp", "smb", "ssh", "webdav", "webhdfs", "dbfs")

_VERSION_KEYS = ("ETag", "etag", "md5Hash", "content_md5", "checksum", "crc32c", "version_id")
_TIME_KEYS = ("LastModified", "mtime", "last_modified", "updated", "modified", "created")


@dataclass(frozen=True)
class RemoteFile:
    """A file on other storage.

    `relative` is its path below the address that was listed. `version` identifies its content: the
    storage's own tag or checksum where it has one, else the size and the time.
    """

    url: str
    relative: PurePosixPath
    size_bytes: int
    mtime_ns: int
    version: str


def is_remote(text: str) -> bool:
    """Whether `text` is the address of a file or folder on other storage."""
    return _ADDRESS.fullmatch(text) is not None


def joined(url: str, relative: PurePosixPath | str) -> str:
    """The address of `relative` below `url`."""
    return f"{url.rstrip('/')}/{relative}"


def remote_files(url: str, *, recursive: bool = True) -> list[RemoteFile]:
    """All files below `url`, from one listing; none if it does not exist."""
    system, path = _opened(url)
    with _translating(InputError, f"cannot list {url}"):
        try:
            found: Mapping[str, Mapping[str, Any]] = system.find(
                path, maxdepth=None if recursive else 1, detail=True
            )
        except FileNotFoundError:
            return []
    base = path.rstrip("/")
    files = []
    for name, info in found.items():
        below = name[len(base) :].lstrip("/")
        # Some storage has an empty object that stands for the folder.
        if below and info.get("type", "file") == "file" and not below.endswith("/"):
            files.append(_file(joined(url, below), PurePosixPath(below), info))
    return sorted(files, key=lambda each: each.relative)


def remote_file(url: str) -> RemoteFile | None:
    """The file at `url`; None if there is none."""
    system, path = _opened(url)
    with _translating(InputError, f"cannot read {url}"):
        try:
            info = system.info(path)
        except FileNotFoundError:
            return None
    return _file(url, PurePosixPath(_name(path)), info) if info.get("type") == "file" else None


def is_remote_file(url: str) -> bool:
    """Whether there is a file, not a folder, at `url`."""
    system, path = _opened(url)
    with _translating(InputError, f"cannot read {url}"):
        return bool(system.isfile(path))


@contextmanager
def local_copy(
    url: str,
    captions: Sequence[str] = (),
    *,
    n_results: int = 0,
    folder: Path | None = None,
    on_wait: Callable[[], None] | None = None,
) -> Iterator[Path]:
    """Yield a copy of the file at `url`, next to those of its `captions`; deleted at the end.

    Waits until the copy, and `n_results` files of its size, fit into the bounded temporary space;
    see `room_for`.

    Raises
    ------
    InputError : the file does not exist, cannot be read, or has changed while it was copied.
    OutputError : there is not enough space on this machine.
    MissingDependency : the package for this kind of storage is not installed.
    """
    system, path = _opened(url)
    sizes = {}
    for name in (path, *(joined(_parent(path), caption) for caption in captions)):
        with _translating(InputError, f"cannot read {joined(_parent(url), _name(name))}"):
            sizes[name] = int(system.info(name)["size"] or 0)
    n_bytes = sum(sizes.values()) + n_results * sizes[path]
    with room_for(n_bytes, folder=folder, on_wait=on_wait) as copies:
        for name, size in sizes.items():
            target = copies / _name(name)
            with _translating(InputError, f"cannot copy {joined(_parent(url), _name(name))}"):
                system.get_file(name, str(target))
            if target.stat().st_size != size:
                raise InputError(
                    f"the copy of {joined(_parent(url), _name(name))} is not complete",
                    why=f"{target.stat().st_size} bytes of {size} arrived",
                    hint="run again when the file no longer changes",
                )
        yield copies / _name(path)


def write_remote(source: Path, url: str) -> RemoteFile:
    """Copy `source` to `url`, replacing what is there; others never see half a file.

    Raises
    ------
    OutputError : it cannot be written.
    """
    system, path = _opened(url)
    with _translating(OutputError, f"cannot write {url}"):
        if not _shows_parts(system):
            system.put_file(str(source), path)
        else:
            system.makedirs(_parent(path), exist_ok=True)
            part = f"{_parent(path)}/{result_name(f'.chapterize-{_name(path)}', '')}"
            try:
                system.put_file(str(source), part)
                system.mv(part, path)
            finally:
                if system.exists(part):
                    system.rm_file(part)
        # Listings are cached: the next question is about what was just written.
        system.invalidate_cache()
        return _file(url, PurePosixPath(_name(path)), system.info(path))


def read_remote(url: str) -> bytes | None:
    """The content of the file at `url`; None if there is none."""
    system, path = _opened(url)
    with _translating(InputError, f"cannot read {url}"):
        try:
            content: bytes = system.cat_file(path)
        except FileNotFoundError:
            return None
    return content


def remove_remote(url: str) -> None:
    """Delete the file at `url`, if there is one."""
    system, path = _opened(url)
    with _translating(OutputError, f"cannot delete {url}"):
        if system.exists(path):
            system.rm_file(path)


def _opened(url: str) -> tuple[Any, str]:
    """The file system of `url`, and its path there."""
    found = _ADDRESS.fullmatch(url)
    if found is None or "::" in url:
        raise InputError(
            f"{blank_secrets(url)} is not an address that can be read",
            why=f"known are {', '.join(f'{scheme}://' for scheme in _SCHEMES)}",
            hint="copy the files here, or mount the storage",
        )
    if "@" in found[2].split("/")[0] and ":" in found[2].split("@")[0]:
        raise InputError(
            f"the address of {found[1]}:// contains a password",
            why="addresses are recorded and shown, so they must not contain secrets",
            hint="give it as the storage's own programs expect, in its configuration file",
        )
    import fsspec

    scheme = found[1].lower()
    try:
        # Listings of another run may be old.
        system, path = fsspec.url_to_fs(f"{scheme}://{found[2]}", use_listings_cache=False)
    except ImportError as error:
        package = _PACKAGES.get(scheme) or _package(scheme)
        extra = _INSTALL.get(scheme)
        install = f'pip install "chapterize-video[{extra}]"' if extra else f"pip install {package}"
        why = f"{scheme}:// addresses are read with it"
        raise MissingDependency(package, install=install, why=why) from error
    except Exception as error:
        raise InputError(f"cannot open {url}", why=_reason(error)) from error
    return system, path


def _package(scheme: str) -> str:
    from fsspec.registry import known_implementations

    return str(known_implementations.get(scheme, {}).get("class", scheme)).split(".")[0]


@contextmanager
def _translating(kind: type[ChapterizeError], what: str) -> Iterator[None]:
    """Raise `kind` for whatever a storage raises: their packages share no base class."""
    try:
        yield
    except ChapterizeError:
        raise
    except FileNotFoundError as error:
        raise kind(what, why="it does not exist", hint="check the address") from error
    except PermissionError as error:
        hint = "check that this machine has credentials that may do it"
        raise kind(what, why=_reason(error), hint=hint) from error
    except Exception as error:
        raise kind(
            what, why=_reason(error), hint="check the address and the credentials"
        ) from error


def _reason(error: Exception) -> str:
    """One line without secrets."""
    lines = str(error).strip().splitlines()
    return blank_secrets(lines[0]) if lines else type(error).__name__


def _file(url: str, relative: PurePosixPath, info: Mapping[str, Any]) -> RemoteFile:
    size = int(info.get("size") or 0)
    mtime_ns = next((_ns(info[key]) for key in _TIME_KEYS if info.get(key)), 0)
    tag = next((f"{key}:{info[key]}" for key in _VERSION_KEYS if info.get(key)), f"at:{mtime_ns}")
    return RemoteFile(url, relative, size, mtime_ns, f"{size}:{tag}")


def _ns(moment: object) -> int:
    """Nanoseconds since 1970, to the microsecond, of a time in one of the forms of storages."""
    if not isinstance(moment, datetime | int | float):
        try:
            moment = datetime.fromisoformat(str(moment))
        except ValueError:
            return 0
    seconds = moment.timestamp() if isinstance(moment, datetime) else moment
    return round(seconds * 1e6) * 1000


def _shows_parts(system: Any) -> bool:
    protocols = (system.protocol,) if isinstance(system.protocol, str) else system.protocol
    return any(protocol in _SHOWS_PARTS for protocol in protocols)


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _parent(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0]
