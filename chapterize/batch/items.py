"""What there is to do: the media and caption files among the inputs."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from chapterize.batch.storage import is_remote
from chapterize.captions import SHARED_SUFFIXES, SUFFIXES, is_sidecar
from chapterize.errors import InputError
from chapterize.files import explaining, short_stem
from chapterize.inputs import MEDIA_SUFFIXES, local_file

__all__ = [
    "CAPTION_SUFFIXES",
    "MEDIA_SUFFIXES",
    "STATE_FOLDER",
    "Folder",
    "Item",
    "absolute",
    "common_root",
    "existing",
    "find_items",
    "listed_in",
    "stem_of",
    "suffix_of",
]

CAPTION_SUFFIXES = frozenset(SUFFIXES)

STATE_FOLDER = ".chapterize"
"""Folder of the records and of unfinished results, in the root of the output tree."""

_RESULT = "-chapters"


@dataclass(frozen=True, slots=True)
class Item:
    """A file to draft.

    Parameters
    ----------
    source : absolute path of the file, or its address (``s3://…``).
    relative : where its results go below the output folder, with its own name: ``week1/talk.mp4``.
        It identifies the file in the records.
    size_bytes, mtime_ns : as the file system reports them; -1 if it does not.
    """

    source: str
    relative: PurePosixPath
    size_bytes: int
    mtime_ns: int

    @property
    def path(self) -> Path:
        """The local path of the file."""
        return Path(self.source)


class Folder:
    """The names in one folder, and what they are.

    `own` are absolute paths of results of earlier runs, which are no inputs. With `listed`, the
    names in a folder that is not on this machine, nothing is read.
    """

    def __init__(
        self, path: str, own: Container[str] = (), *, listed: Sequence[str] | None = None
    ) -> None:
        self._path = path
        names, folders = _names_in(path, own) if listed is None else (sorted(listed), [])
        media = [name for name in names if suffix_of(name) in MEDIA_SUFFIXES]
        stems = _stems_of(media)
        media = [name for name in media if not _is_result(stem_of(name), stems)]
        stems = _stems_of(media)
        self.folders = [name for name in folders if not _is_result(_plain(name), stems)]
        self._sidecars: defaultdict[str, list[str]] = defaultdict(list)
        alone = []
        for name in names:
            is_sure = suffix_of(name) in CAPTION_SUFFIXES
            if not is_sure and (suffix_of(name) not in SHARED_SUFFIXES or listed is not None):
                continue
            stem = _stem_among(stems, name)
            if stem is not None:
                self._sidecars[stem].append(name)
            elif is_sure:
                alone.append(name)
        self.inputs = (*media, *alone)
        """The names of the files to draft: media, and captions that belong to no media here."""
        self._names = names
        self._known = frozenset(self.inputs)
        self._n_alike = Counter(map(stem_of, self.inputs))

    def is_shared(self, name: str) -> bool:
        """Whether the results of another input would have the same name as those of `name`."""
        return self._n_alike[stem_of(name)] > (name in self._known)

    def captions_of(self, name: str) -> tuple[str, ...]:
        """The names of the caption files that belong to the media file `name`.

        Files whose suffix does not mean captions are read, to see whether they are.
        """
        folder, media, found = Path(self._path), Path(self._path, name), self._sidecars
        return tuple(
            each
            for each in (*found.get(stem_of(name), ()), *found.get(_short_of(name), ()))
            if suffix_of(each) in CAPTION_SUFFIXES or is_sidecar(folder / each, media)
        )

    def chapter_files_of(self, name: str) -> tuple[str, ...]:
        """The names of the files that may have the chapters of the media file `name`."""
        found = self._chapter_files
        keys = (stem_of(name), _plain(name), _short_of(name), _plain(short_stem(name)))
        return tuple(dict.fromkeys(each for key in keys for each in found.get(key, ())))

    @cached_property
    def _chapter_files(self) -> Mapping[str, list[str]]:
        from chapterize.pipeline.existing import belongs_to

        found: defaultdict[str, list[str]] = defaultdict(list)
        for name in self._names:
            for media in belongs_to(name):
                found[_plain(media)].append(name)
        return found


def _names_in(path: str, own: Container[str]) -> tuple[list[str], list[str]]:
    """The names of files and of folders, in order, without hidden ones and our own results."""
    names: list[str] = []
    folders: list[str] = []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.path in own:
                continue
            (folders if entry.is_dir(follow_symlinks=False) else names).append(entry.name)
    return sorted(names), sorted(folders)


def _stem_among(stems: Container[str], name: str) -> str | None:
    """The one of `stems` that a caption file is named after, with or without a language."""
    stem = stem_of(name)
    while stem not in stems:
        stem, dot, _ = stem.rpartition(".")
        if not dot:
            return None
    return stem


def find_items(
    inputs: Iterable[str],
    *,
    recursive: bool = False,
    root: str | None = None,
    own: Container[str] = (),
) -> list[Item]:
    """The files among `inputs`, the largest first.

    Parameters
    ----------
    inputs : files, of any name, and folders. A file need not exist: its draft fails. In a folder,
        media files count, and caption files that belong to no media file there; hidden files and
        our own results do not.
    recursive : also look in the folders below; links to folders are not followed.
    root : the folder that `Item.relative` starts at; by default `common_root` of the inputs.
    own : absolute paths of results of earlier runs.

    Raises
    ------
    InputError : an input is an address, or a folder cannot be read.
    """
    named = [os.path.abspath(local_file(text)) for text in inputs]
    root = common_root(named) if root is None else root
    found: dict[str, Item] = {}
    for path in named:
        for each in _below(path, recursive, own) if os.path.isdir(path) else (path,):
            item = _item(each, root, is_named=each == path)
            if item is not None:
                found.setdefault(each, item)
    return sorted(found.values(), key=lambda item: (-item.size_bytes, item.source))


def absolute(text: str, folder: str = "") -> str:
    """The absolute path of an input, relative to `folder`; InputError if it is a web address.

    The address of a file on other storage (``s3://…``) stays as it is.
    """
    return text if is_remote(text) else os.path.abspath(os.path.join(folder, local_file(text)))


def existing(text: str) -> str:
    """As `absolute`; InputError if it is a file or folder of this machine that does not exist."""
    path = absolute(text)
    if not is_remote(text):
        hint = "check the name; an input is a file or a folder"
        with explaining(InputError, f"cannot open {path}", hint):
            os.lstat(path)
    return path


def listed_in(source: str) -> list[str]:
    """The absolute paths in a list: one a line, relative to the folder of the list.

    ``-`` is stdin, relative to the current folder. Blank lines and lines that start with ``#`` are
    skipped.

    Raises
    ------
    InputError : the list cannot be read, or holds a web address.
    """
    folder = os.getcwd() if source == "-" else os.path.dirname(os.path.abspath(source))
    if source == "-":
        data = sys.stdin.buffer.read()
    else:
        source = str(local_file(source))
        hint = "check the name after --from-file"
        with explaining(InputError, f"cannot read the list {source}", hint):
            data = Path(source).read_bytes()
    # As the file system spells them: a name need not be UTF-8.
    lines = os.fsdecode(data.removeprefix(b"\xef\xbb\xbf")).splitlines()
    paths = [line.strip() for line in lines]
    return [absolute(path, folder) for path in paths if path and not path.startswith("#")]


def common_root(paths: Iterable[str]) -> str:
    """The folder that the results of `paths` are placed relative to.

    One folder is its own root; for several inputs, it is the lowest folder that holds all of them.
    """
    roots = {path if os.path.isdir(path) else os.path.dirname(path) for path in paths}
    return os.path.commonpath(roots) if roots else os.getcwd()


def _below(path: str, recursive: bool, own: Container[str]) -> Iterator[str]:
    """The inputs in a folder, and with `recursive` in the folders below it."""
    waiting = [path]
    while waiting:
        current = waiting.pop()
        with explaining(InputError, f"cannot read the folder {current}"):
            folder = Folder(current, own)
        yield from (os.path.join(current, name) for name in folder.inputs)
        if recursive:
            waiting += [os.path.join(current, name) for name in reversed(folder.folders)]


def _item(path: str, root: str, *, is_named: bool) -> Item | None:
    """The item of a file; None if it was deleted since its folder was read."""
    relative = PurePosixPath(os.path.relpath(path, root).replace(os.sep, "/"))
    try:
        status = os.stat(path)
    except OSError:
        # The draft reports a missing file, unless it vanished since its folder was read.
        return Item(path, relative, -1, -1) if is_named or os.path.islink(path) else None
    return Item(path, relative, status.st_size, status.st_mtime_ns)


def stem_of(name: str) -> str:
    """The stem of a name as file systems compare it: without case, accents composed."""
    return _plain(os.path.splitext(name)[0])


def _stems_of(media: Sequence[str]) -> set[str]:
    """The stems of `media`, and those that their results have."""
    return {stem for name in media for stem in (stem_of(name), _short_of(name))}


def _short_of(name: str) -> str:
    """The stem of the results of a file whose own one is too long."""
    return _plain(short_stem(os.path.splitext(name)[0]))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def suffix_of(name: str) -> str:
    """The suffix of a name in lower case."""
    return os.path.splitext(name)[1].lower()


def _is_result(stem: str, stems: Container[str]) -> bool:
    """Whether a file with this stem is a result of the file that it is named after."""
    return stem.endswith(_RESULT) and stem.removesuffix(_RESULT) in stems
