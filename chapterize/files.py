"""Write a file whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chapterize.errors import OutputError

__all__ = [
    "make_private",
    "refuse_overwrite",
    "refuse_sources",
    "refuse_unwritable",
    "replacing",
    "write_text",
]

_PRIVATE = 0o700


def make_private(folder: Path) -> None:
    """Create `folder` and its parent, readable by this user only."""
    for part in (folder.parent, folder):
        if not part.is_dir():
            part.mkdir(_PRIVATE, parents=True, exist_ok=True)
            # The umask limits the mode of mkdir, but not that of chmod.
            part.chmod(_PRIVATE)


def refuse_overwrite(target: Path, *, force: bool) -> None:
    """Raise OutputError when `target` is there and `force` is not given, or it is a directory."""
    if target.is_dir():
        raise OutputError(
            f"cannot write {target}", why="a directory has that name", hint="choose another name"
        )
    if not force and os.path.lexists(target):
        raise OutputError(
            f"{target} exists already",
            why="nothing is overwritten unasked",
            hint="add --force, or choose another name with -o",
        )


def refuse_sources(target: Path, *sources: Path) -> None:
    """Raise OutputError when `target` is one of the files that the result is made of."""
    if any(target.exists() and source.exists() and target.samefile(source) for source in sources):
        raise OutputError(
            f"cannot write {target}",
            why="that is a source, and no source is ever overwritten",
            hint="choose another name with -o or --out-dir",
        )


def refuse_unwritable(target: Path) -> None:
    """Raise OutputError when no file can be made beside `target`, before anything is paid for."""
    try:
        with tempfile.TemporaryFile(dir=target.absolute().parent):
            pass
    except OSError as error:
        raise _explain(error, target) from error


@contextmanager
def replacing(
    target: Path, *, force: bool = False, flush: bool = True, room: Path | None = None
) -> Iterator[Path]:
    """Yield a temporary path beside `target`; on success rename it onto `target`.

    The temporary name keeps the suffix of `target`, so that tools which look at suffixes agree.
    Whatever happens inside, Ctrl-C too, no half file stays behind. Without `flush` a new file is
    written to the disk at the system's own pace, as any copy is; one that replaces another is
    always there before the other goes. `room` is a folder made for the temporary file, and removed
    with all that is in it: who has written down its name can clear up after a process that was
    killed.

    Raises
    ------
    OutputError : `target` exists (without `force`), its folder is missing or not writable, or the
        disk is full.
    """
    refuse_overwrite(target, force=force)
    temporary: Path | None = None
    try:
        if room is not None:
            room.mkdir(exist_ok=True)
        # The stem stays out of the name: it may be as long as the file system allows already.
        handle, name = tempfile.mkstemp(
            prefix=".chapterize-", suffix=target.suffix, dir=room or target.parent
        )
        temporary = Path(name)
        os.close(handle)
        # mkstemp makes 0600; a result should have the rights any new file of this user has.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        yield temporary
        if flush or target.exists():
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
        refuse_overwrite(target, force=force)
        temporary.replace(target)
    except OSError as error:
        raise _explain(error, target) from error
    finally:
        if temporary is not None:
            with suppress(FileNotFoundError):
                temporary.unlink()
        if room is not None:
            shutil.rmtree(room, ignore_errors=True)


def write_text(target: Path, text: str, *, force: bool = False) -> None:
    """Write `text` as UTF-8 with ``\\n`` line ends, whole or not at all."""
    with replacing(target, force=force) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _explain(error: OSError, target: Path) -> OutputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return OutputError(
            f"cannot write {target}",
            why="the disk is full",
            hint="free some space, or choose another disk with -o or --out-dir",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(
            f"cannot write {target}",
            why="no permission to write there",
            hint="choose another folder with -o or --out-dir",
        )
    if error.errno == errno.ENOENT:
        return OutputError(
            f"cannot write {target}",
            why=f"the folder {target.parent} does not exist",
            hint="make it first, or choose another with -o or --out-dir",
        )
    return OutputError(f"cannot write {target}", why=error.strerror or str(error))
