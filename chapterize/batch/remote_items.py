"""What there is to do on other storage: the media and caption files at some addresses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import PurePosixPath

from chapterize.batch.items import Folder, Item
from chapterize.batch.storage import RemoteFile, is_remote_file, joined, remote_files
from chapterize.errors import InputError

__all__ = ["find_remote", "remote_folder"]


def find_remote(urls: Sequence[str], *, recursive: bool = False) -> list[Item]:
    """The files at `urls` to draft, the largest first; the same choice as `find_items`.

    Size and time of an item include those of its caption files: a new one makes it another item.

    Raises
    ------
    InputError : at one of the addresses there is nothing, or it cannot be read.
    MissingDependency : the package for this kind of storage is not installed.
    """
    places = [_place(url) for url in urls]
    root = _common([folder for folder, _ in places])
    found: dict[str, Item] = {}
    for folder_url, only in places:
        by_folder = defaultdict(list)
        for file in remote_files(folder_url, recursive=recursive and only is None):
            if not any(part.startswith(".") for part in file.relative.parts):
                by_folder[str(file.relative.parent)].append(file)
        if not by_folder or (only is not None and only not in _names(by_folder["."])):
            raise InputError(
                f"there is no file at {folder_url if only is None else joined(folder_url, only)}",
                hint="check the address",
            )
        for files in by_folder.values():
            for item in _items_in(files, root, only):
                found.setdefault(item.source, item)
    return sorted(found.values(), key=lambda item: (-item.size_bytes, item.source))


def remote_folder(url: str) -> Folder:
    """The names in the folder at `url`; raises as `find_remote`."""
    names = _names(remote_files(url, recursive=False))
    return Folder(url, listed=[name for name in names if not name.startswith(".")])


def _place(url: str) -> tuple[str, str | None]:
    """The folder that `url` is or is in, and the name in it if it is a file."""
    folder, _, name = url.rstrip("/").rpartition("/")
    return (folder, name) if is_remote_file(url) else (url.rstrip("/"), None)


def _common(folders: Sequence[str]) -> str:
    """The lowest folder that holds all of `folders`."""
    columns = zip(*(folder.split("/") for folder in folders), strict=False)
    return "/".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, columns))


def _items_in(files: Sequence[RemoteFile], root: str, only: str | None) -> Iterator[Item]:
    """The items among the files of one folder; relative to `root`."""
    by_name = {file.relative.name: file for file in files}
    folder = Folder("", listed=list(by_name))
    for name in folder.inputs if only is None else (only,):
        file = by_name[name]
        parts = [file, *(by_name[caption] for caption in folder.captions_of(name))]
        yield Item(
            file.url,
            PurePosixPath(file.url[len(root) :].lstrip("/")),
            sum(each.size_bytes for each in parts),
            max(each.mtime_ns for each in parts),
        )


def _names(files: Iterable[RemoteFile]) -> list[str]:
    return [file.relative.name for file in files]
