"""Read and write a profile: a short TOML file, one line for each list."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from chapterize.errors import FormatError, InputError, OutputError
from chapterize.files import STATE_VARIABLE, explaining, make_private, replacing
from chapterize.profiles.habits import MOST_LISTS, KeptList, Profile
from chapterize.profiles.places import FILE_NAME, lock_of
from chapterize.settings import parse_toml

__all__ = ["change_profile", "delete_profile", "read_profile"]

_VERSION = 1
_HEAD = """\
# How chapters were cut here, learned by chapterize: numbers only, no titles and no names of files.
# You may delete this file. To see what it says: chapterize learn --show
"""
_HINT = "correct it, or delete the file to start again; --no-profile ignores it"

_MOST_BYTES = 1_000_000
_PATIENCE = 10.0
"""Seconds to wait for another process, which has the lock for milliseconds."""

_MODE = 0o600

_MOST = {"chapters": 100_000, "minutes": 1e6, "median_minutes": 1e6, "words": 10_000}
"""The highest number of each field: more than any video has, and little enough to compute with."""

_ID = re.compile(r"[0-9a-f]{1,32}")
_GRANULARITIES = ("coarse", "normal", "fine")


def read_profile(path: Path, name: str | None = None) -> Profile:
    """The profile in `path`.

    Raises
    ------
    InputError : the file cannot be read.
    FormatError : it is no profile; it names the line, if that is known.
    """
    hint = "check its permissions; --no-profile ignores it"
    with explaining(InputError, f"cannot read the profile {path}", hint), path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError
        text = data.decode("utf-8-sig")
    except ValueError as error:
        raise FormatError(
            f"{path} is not a profile",
            why="it is not UTF-8, or too large",
            hint="delete it, or move it away; --no-profile ignores it",
        ) from error
    return replace(_parsed(text, path), path=path, name=name)


def change_profile(
    path: Path, change: Callable[[Profile], Profile], *, patience: float = _PATIENCE
) -> Profile:
    """Store what `change` makes of the profile in `path`, which need not exist; return it.

    Other processes wait, so that two changes at once lose nothing.

    Raises
    ------
    InputError, FormatError : as `read_profile`; nothing is written.
    OutputError : the profile cannot be locked or written.
    """
    # A link to a profile stays a link.
    target = Path(os.path.realpath(path))
    with _locked(path, patience):
        old = read_profile(path) if os.path.lexists(target) else Profile(path=path)
        new = change(old)
        if new == old and os.path.lexists(target):
            return new
        is_private = target.name != FILE_NAME
        try:
            if is_private:
                with explaining(OutputError, f"cannot create the folder {target.parent}"):
                    make_private(target.parent)
            with replacing(target, force=True, mode=_MODE if is_private else None) as temporary:
                temporary.write_text(_written(new), encoding="utf-8", newline="\n")
        except OutputError as error:
            hint = f"set {STATE_VARIABLE} to another folder"
            if not is_private:
                hint = "make the folder writable, or name a profile with --profile"
            raise OutputError(f"cannot write the profile {path}", why=error.why, hint=hint) from (
                error
            )
    return new


def delete_profile(path: Path) -> None:
    """Delete a profile, if it exists; OutputError if that is not possible."""
    with _locked(path, _PATIENCE), explaining(OutputError, f"cannot delete the profile {path}"):
        path.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path, patience: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = lock_of(path)
    what, hint = f"cannot lock the profile {path}", f"set {STATE_VARIABLE} to another folder"
    with explaining(OutputError, what, hint):
        make_private(lock.parent)
    held = FileLock(lock, mode=_MODE)
    with explaining(OutputError, what, hint):
        try:
            held.acquire(timeout=patience)
        except Timeout as error:
            why, wait = "another process is changing it", "try again in a moment"
            raise OutputError(what, why=why, hint=wait) from error
        except NotImplementedError as error:
            # Some network file systems have no locks.
            why = f"the file system of {lock.parent} has no locks"
            raise OutputError(what, why=why, hint=hint) from error
    try:
        yield
    finally:
        held.release()


def _written(profile: Profile) -> str:
    rows = [f"version = {_VERSION}"]
    if profile.granularity is not None:
        rows.append(f'granularity = "{profile.granularity}"')
    rows.append("lists = [")
    for each in profile.lists:
        numbers = f"chapters = {each.chapters}, minutes = {each.minutes}"
        lengths = f"median_minutes = {each.median_minutes}, words = {each.words}"
        kinds = f'case = "{each.case}", introduction = {str(each.introduction).lower()}'
        rows.append(f'  {{id = "{each.id}", {numbers}, {lengths}, {kinds}}},')
    return "\n".join([_HEAD.rstrip(), *rows, "]", ""])


def _parsed(text: str, path: Path) -> Profile:
    value = parse_toml(text, path, _HINT)

    def invalid(why: str, line: int | None = None) -> FormatError:
        return FormatError(f"{path} is not a valid profile", why=why, hint=_HINT, line=line)

    version = value.get("version")
    if version != _VERSION:
        newer = isinstance(version, int) and version > _VERSION
        why = "a newer version of chapterize wrote it" if newer else 'it has no "version = 1"'
        raise invalid(why, _line_of("version", text))
    granularity = value.get("granularity")
    if granularity is not None and granularity not in _GRANULARITIES:
        why = f"granularity is coarse, normal or fine, not {granularity!r}"
        raise invalid(why, _line_of("granularity", text))
    rows = value.get("lists", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise invalid("lists is not a list of tables", _line_of("lists", text))
    lists = []
    for number, row in enumerate(rows, 1):
        try:
            lists.append(_list_of(row))
        except ValueError as error:
            line = _line_with(str(row.get("id", "")), text)
            raise invalid(f"list {number}: {error}", line) from error
    unique = {each.id: each for each in lists}
    return Profile(tuple(unique.values())[-MOST_LISTS:], granularity)


def _list_of(row: dict[str, Any]) -> KeptList:
    """The list in a row of the file; ValueError says what is wrong with it."""
    name, case, introduction = row.get("id"), row.get("case"), row.get("introduction")
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise ValueError("id is not made of hex digits")
    chapters, words = _number(row, "chapters", 1, int), _number(row, "words", 0, int)
    minutes, middle = (_number(row, field, 0, float) for field in ("minutes", "median_minutes"))
    if not minutes or not middle:
        raise ValueError("minutes and median_minutes are above 0")
    if case not in KeptList.CASES:
        raise ValueError(f"case is {', '.join(KeptList.CASES)}, not {case!r}")
    if not isinstance(introduction, bool):
        raise ValueError("introduction is true or false")
    return KeptList(name, int(chapters), minutes, middle, int(words), case, introduction)


def _number(row: dict[str, Any], field: str, least: int, kind: type) -> float:
    value: Any = row.get(field)
    allowed = (int,) if kind is int else (int, float)
    is_number = isinstance(value, allowed) and not isinstance(value, bool)
    if not is_number or not least <= value <= _MOST[field]:
        expected = "a whole number" if kind is int else "a number"
        raise ValueError(
            f"{field} is {expected} from {least} to {_MOST[field]:g}, not {value!r:.40}"
        )
    return float(value)


def _line_of(key: str, text: str) -> int | None:
    rows = enumerate(text.splitlines(), 1)
    return next((number for number, row in rows if re.match(rf"\s*{key}\s*=", row)), None)


def _line_with(id_: str, text: str) -> int | None:
    rows = enumerate(text.splitlines(), 1)
    return next((number for number, row in rows if id_ and id_ in row), None)
