"""Write files atomically, refuse targets that must not be written, and keep private state."""

from __future__ import annotations

import errno
import hashlib
import math
import os
import re
import shlex
import shutil
import stat
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chapterize.characters import cut
from chapterize.errors import ChapterizeError, MediaError, OptionError, OutputError
from chapterize.temporary import prefix, sweep

__all__ = [
    "NO_ROOM",
    "STATE_VARIABLE",
    "check_file",
    "explaining",
    "format_size",
    "make_private",
    "named_as",
    "next_to",
    "parse_size",
    "printed_no_room",
    "refuse_overwrite",
    "refuse_sources",
    "refuse_unwritable",
    "replacing",
    "result_name",
    "short_stem",
    "state_folder",
    "write_text",
]

STATE_VARIABLE = "CHAPTERIZE_STATE"
_FULL = "the disk is full", "free some space, or choose another disk with -o or --out-dir"
NO_ROOM = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: (
        "the file is larger than the disk or a limit of this system (ulimit -f) allows",
        "choose another disk with -o or --out-dir: FAT32 holds at most 4 GB in a file",
    ),
}
"""Why nothing more can be written, and what to do next, by error number of the system."""

# What a program prints, in English wherever ffmpeg runs; the C libraries differ.
_PRINTED = {
    errno.ENOSPC: re.compile(r"(?im): no space left on device\.?\s*$"),
    errno.EDQUOT: re.compile(r"(?im): (?:dis[ck] )?quota exceeded\.?\s*$"),
    errno.EFBIG: re.compile(r"(?im): file too large\.?\s*$"),
}
_PRIVATE = 0o700

_NAME_BYTES = 255
"""The longest name in most file systems."""
_STEM_BYTES = 180
"""A stem that is shortened leaves room for the longest ending, and for what other programs add."""
_SUFFIX_BYTES = 16
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:([kmgt])(i)?)?b?", re.IGNORECASE)


@contextmanager
def explaining(error: type[ChapterizeError], what: str, hint: str = "") -> Iterator[None]:
    """Raise `error`, with the reason that the system gives, instead of an OSError raised inside."""
    try:
        yield
    except OSError as cause:
        raise error(what, why=cause.strerror or str(cause), hint=hint) from cause


def make_private(folder: Path) -> None:
    """Create `folder` and its missing parents, readable by this user only."""
    for part in (*reversed(folder.parents), folder):
        if not part.is_dir():
            try:
                part.mkdir(_PRIVATE, exist_ok=True)
            except FileExistsError as error:
                why = os.strerror(errno.ENOTDIR)
                raise NotADirectoryError(errno.ENOTDIR, why, str(part)) from error
            # The umask limits the mode of mkdir, but not that of chmod.
            part.chmod(_PRIVATE)


def state_folder() -> Path:
    """Return the folder of tokens, journals and edits.

    That is ``CHAPTERIZE_STATE`` if set, else the system's folder for state.
    """
    if chosen := os.environ.get(STATE_VARIABLE):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_state_dir("chapterize", appauthor=False))


def short_stem(stem: str) -> str:
    """The start of a long `stem` with a hash of all of it: ``A very long na~5f3a9c01``.

    It is the same each time, however the file system composes accents.
    """
    stem = unicodedata.normalize("NFC", stem)
    digest = hashlib.blake2b(os.fsencode(stem), digest_size=4).hexdigest()
    return f"{cut(stem, _STEM_BYTES).rstrip(' .')}~{digest}"


def result_name(stem: str, ending: str) -> str:
    """The name of a result: `stem` and `ending`, with a short stem if that would be too long."""
    name = f"{stem}{ending}"
    is_long = len(os.fsencode(name)) > _NAME_BYTES
    return f"{short_stem(stem)}{ending}" if is_long else name


def next_to(source: Path, ending: str) -> Path:
    """``talk-chapters.mp4`` next to ``talk.mov``, for the ending ``-chapters.mp4``."""
    return source.with_name(result_name(source.stem, ending))


def named_as(target: Path, suffix: str) -> str:
    """How to name `target` with another suffix, quoted for a shell: ``'my talk.mp4'``."""
    # A name that is only a suffix has no stem.
    is_bare = target.name.startswith(".") and not target.suffix
    return shlex.quote(
        str(target.with_name(f"talk{suffix}") if is_bare else next_to(target, suffix))
    )


def check_file(path: Path) -> int:
    """Size in bytes of a regular, readable, non-empty file; never blocks.

    Raises
    ------
    MediaError : missing, a directory, a pipe or device, empty, or no permission to read.
    """
    what = f"cannot open {path}"
    try:
        status = path.stat()
        if stat.S_ISREG(status.st_mode):
            path.open("rb").close()
    except (OSError, ValueError) as error:
        why, hint = _explain_access(error, path)
        raise MediaError(what, why=why, hint=hint) from error
    if stat.S_ISDIR(status.st_mode):
        raise MediaError(what, why="it is a directory", hint="name the files in it")
    if not stat.S_ISREG(status.st_mode):
        why, hint = "it is a pipe or a device, not a file", "save it to a file first"
        raise MediaError(what, why=why, hint=hint)
    if status.st_size == 0:
        why, hint = "it is empty (0 bytes)", "copy, download or record it again"
        raise MediaError(what, why=why, hint=hint)
    return status.st_size


def _explain_access(error: OSError | ValueError, path: Path) -> tuple[str, str]:
    """Why the system refuses to open a file: (why, hint)."""
    if isinstance(error, FileNotFoundError):
        if path.is_symlink():
            why = f"it is a link to {path.readlink()}, which does not exist"
            return why, "restore the file it points to, or use another file"
        if path.parts[:1] and path.parts[0].lower() in ("http:", "https:"):
            return "it is an address, and media are opened from files only", "download it first"
        return "there is no such file", "check the spelling and the folder"
    if isinstance(error, PermissionError):
        return "no permission to read it", "ask its owner, or change the permissions with chmod"
    return getattr(error, "strerror", None) or str(error), "check the path"


def refuse_overwrite(target: Path, *, force: bool) -> None:
    """Raise OutputError when `target` is a directory, or exists and `force` is not given."""
    what = f"cannot write {target}"
    with explaining(OutputError, what, "choose another name or folder"):
        is_folder = target.is_dir()
    if is_folder:
        raise OutputError(what, why="it is a directory", hint="choose another name")
    if not force and os.path.lexists(target):
        raise OutputError(
            f"{target} already exists",
            why="existing files are only overwritten with --force",
            hint="add --force, or choose another name",
        )


def refuse_sources(target: Path, *sources: Path) -> None:
    """Raise OutputError when `target` is one of the input files, under whatever name."""
    if any(target.exists() and source.exists() and target.samefile(source) for source in sources):
        raise OutputError(
            f"cannot write {target}",
            why="it is an input file, and input files are never overwritten",
            hint="choose another name with -o or --out-dir",
        )


def refuse_unwritable(target: Path) -> None:
    """Raise OutputError when no file can be created next to `target`; call it before paid work."""
    try:
        with tempfile.TemporaryFile(dir=target.absolute().parent):
            pass
    except OSError as error:
        raise _explain(error, target) from error


@contextmanager
def replacing(
    target: Path,
    *,
    force: bool = False,
    flush: bool = True,
    workspace: Path | None = None,
    mode: int | None = None,
) -> Iterator[Path]:
    """Yield a temporary path next to `target` and rename it to `target` on success.

    The temporary name keeps the suffix of `target`, because some tools choose a format by it. The
    temporary file is deleted whatever is raised inside, Ctrl-C included.

    Parameters
    ----------
    flush : write a new file to disk before renaming it. A file that replaces another is always
        flushed first.
    workspace : directory created for the temporary file and deleted with all its contents. A caller
        that records its name can clean up after a killed process.
    mode : permissions of the file from its creation; by default those of any new file.

    Raises
    ------
    OutputError : `target` exists (without `force`), its directory is missing or not writable, or
        the disk is full.
    """
    refuse_overwrite(target, force=force)
    temporary: Path | None = None
    try:
        if workspace is not None:
            workspace.mkdir(exist_ok=True)
        # The stem is not part of the name: it may already be as long as the file system allows.
        sweep(workspace or target.parent)
        suffix = target.suffix if len(os.fsencode(target.suffix)) <= _SUFFIX_BYTES else ""
        handle, name = tempfile.mkstemp(
            prefix=prefix(), suffix=suffix, dir=workspace or target.parent
        )
        temporary = Path(name)
        os.close(handle)
        # mkstemp sets 0600; a result gets the permissions of any new file of this user.
        if mode is None:
            mask = os.umask(0)
            os.umask(mask)
            mode = 0o666 & ~mask
        temporary.chmod(mode)
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
        if workspace is not None:
            shutil.rmtree(workspace, ignore_errors=True)


def write_text(target: Path, text: str, *, force: bool = False) -> None:
    """Write `text` atomically as UTF-8 with ``\\n`` line ends."""
    with replacing(target, force=force) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _explain(error: OSError, target: Path) -> OutputError:
    why, hint = error.strerror or str(error), ""
    if error.errno in NO_ROOM:
        why, hint = NO_ROOM[error.errno]
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        why, hint = "no permission to write there", "choose another folder with -o or --out-dir"
    elif error.errno == errno.ENAMETOOLONG:
        why, hint = "the name is too long", "choose a shorter one with -o or --out-dir"
    elif error.errno == errno.ENOENT and target.absolute().parent.is_dir():
        why = f"{error.filename or 'a file that it needs'} does not exist"
    elif error.errno == errno.ENOENT:
        why = f"the folder {target.parent} does not exist"
        hint = "create it, or choose another with -o or --out-dir"
    return OutputError(f"cannot write {target}", why=why, hint=hint)


def printed_no_room(text: str) -> tuple[str, str] | None:
    """The entry of `NO_ROOM` for what a program printed when it failed; None for other reasons."""
    return next((NO_ROOM[n] for n, message in _PRINTED.items() if message.search(text)), None)


def format_size(n_bytes: float, *, is_over: bool = False, is_limit: bool = False) -> str:
    """Return ``0.4 MB``.

    A size that `is_over` a limit is rounded up and an `is_limit` down: they never read the same.
    """
    rounded = math.ceil if is_over else math.floor if is_limit else round
    return f"{rounded(n_bytes / 1e5) / 10:.1f} MB"


def parse_size(text: str, name: str) -> int:
    """Return the bytes of a size such as ``5GB``, ``1.5 GiB`` or ``800MB``; `name` is whose it is.

    Raises
    ------
    InputError : it is not a size.
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise OptionError(
            f"{text!r} is not a size",
            why=f"{name} needs a number and a unit",
            hint="write it like 5GB or 800MB",
        )
    number, prefix, is_binary = found.groups()
    base = 1024 if is_binary else 1000
    return int(float(number) * base ** (" kmgt".index(prefix.lower()) if prefix else 0))
