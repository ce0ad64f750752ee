"""Where profiles are: in the folder of the videos, or in the user's data folder."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from chapterize.errors import OptionError
from chapterize.files import state_folder

__all__ = [
    "FILE_NAME",
    "folder_profile",
    "lock_of",
    "named_profile",
    "nearest_profile",
    "profile_names",
    "to_learn_in",
]

FILE_NAME = ".chapterize.toml"
"""Name of a profile in the folder of the videos."""

_SUFFIX = ".toml"
_NAME = re.compile(r"\w[\w .()+-]{0,59}")
_RESERVED = ("auto", "none")


def named_profile(name: str) -> Path:
    """The file of the profile `name` in the user's data folder, which need not exist.

    Raises
    ------
    InputError : it cannot be the name of a profile.
    """
    if not _NAME.fullmatch(name) or name.casefold() in _RESERVED or name.endswith((".", " ")):
        raise OptionError(
            f"{name!r} cannot be the name of a profile",
            why="a name has up to 60 letters, digits, spaces and . ( ) + - _, and is not auto or "
            "none",
            hint="use a name such as interviews",
        )
    return _folder() / f"{name}{_SUFFIX}"


def profile_names() -> list[str]:
    """The names of the profiles in the user's data folder."""
    try:
        found = [entry.name for entry in os.scandir(_folder()) if entry.is_file()]
    except OSError:
        return []
    return sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX))


def folder_profile(folder: Path) -> Path:
    """The file in the user's data folder for the videos of `folder`, under whatever path."""
    return _folder() / "folders" / f"{_hash(folder)}{_SUFFIX}"


def nearest_profile(path: Path) -> Path | None:
    """The profile of the nearest folder, upward from the file `path`, that has one."""
    return next(_existing(_upward(path)), None)


def to_learn_in(files: Sequence[Path], *, asked: bool) -> Path:
    """Where the lists of `files` are learned.

    That is the profile of the nearest folder that has one. Without one, it is that of the folder
    that holds all files: in it if that was `asked` for and it can be written, else in the user's
    data folder.
    """
    common = _common_folder(files)
    found = nearest_profile(common / "file")
    if found is not None:
        return found
    own = common / FILE_NAME
    return own if asked and _can_create(own) else folder_profile(common)


def lock_of(path: Path) -> Path:
    """The lock of a profile. It is never in a person's folder, which must not be littered."""
    return _folder() / "locks" / f"{_hash(path)}.lock"


def _folder() -> Path:
    return state_folder() / "profiles"


def _parent(path: Path) -> Path:
    # Not resolved: a link to a video belongs to the folder of the link.
    return Path(os.path.abspath(path)).parent  # noqa: PTH100


def _common_folder(files: Sequence[Path]) -> Path:
    folders = [_parent(path) for path in files]
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:
        # On Windows, files on two drives have none.
        return folders[0]


def _upward(path: Path) -> Iterator[Path]:
    folder = _parent(path)
    yield folder
    yield from folder.parents


def _existing(folders: Iterator[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in (folder / FILE_NAME, folder_profile(folder)):
            # A folder that cannot be read has no profile; `Path.is_file` would raise.
            if os.path.isfile(path):  # noqa: PTH113
                yield path


def _can_create(path: Path) -> bool:
    return not os.path.lexists(path) and os.access(path.parent, os.W_OK | os.X_OK)


def _hash(path: Path) -> str:
    return hashlib.blake2b(os.fsencode(os.path.realpath(path)), digest_size=8).hexdigest()
