"""Watch folders: yield the files that arrive in them, once they are complete.

The system reports what changes (watchfiles, on inotify, FSEvents or ReadDirectoryChangesW). It does
not do so for changes that another machine makes on a network file system: there, and when its
limit of watched folders is reached, the folders are polled.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Collection, Container, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from chapterize.batch.items import (
    CAPTION_SUFFIXES,
    MEDIA_SUFFIXES,
    Folder,
    Item,
    common_root,
)
from chapterize.batch.settling import SETTLE_SECONDS, Settling
from chapterize.captions import SHARED_SUFFIXES
from chapterize.data import OnNote
from chapterize.errors import InputError

__all__ = ["WatchOptions", "watch"]

_TICK_MS = 500
_GROUP_MS = 1000
_POLL_SECONDS = (1.0, 5.0)
"""The shortest and the longest time between two polls."""

# File systems whose changes may come from another machine, or from the host of a virtual one.
_REMOTE = frozenset(
    (
        *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre"),
        *("gfs2", "ocfs2", "beegfs", "gpfs", "9p", "virtiofs", "vboxsf", "vmhgfs", "prl_fs"),
        *("drvfs", "davfs", "osxfs"),
    )
)
_NOT_UTF_8 = "decode path"
_MOUNTS = Path("/proc/self/mountinfo")

# What programs write next to a file that they are still downloading.
_PART_SUFFIXES = (".part", ".crdownload", ".download", ".partial", ".filepart", ".aria2", ".!qB")
# yt-dlp downloads talk.f137.mp4 and talk.f140.m4a, and joins them in talk.temp.mp4.
_YT_DLP_FORMAT = re.compile(r"(.+)\.f\d+(?:-\w+)?\.\w+$")
_YT_DLP_TEMPORARY = re.compile(r"\.temp\.\w+$")


@dataclass(frozen=True)
class WatchOptions:
    """How folders are watched.

    Parameters
    ----------
    settle : seconds for which the size and the time of a file must not change before it counts.
    recursive : also watch the folders below, and those that are created later.
    root : `Item.relative` is relative to it; None: the lowest folder that holds all of them.
    own : absolute paths of results and of output folders, which are no inputs; asked again each
        time, so that it may grow.
    polls : look at all files at intervals; None: only where the system reports no changes.
    """

    settle: float = SETTLE_SECONDS
    recursive: bool = False
    root: str | None = None
    own: Container[str] = ()
    polls: bool | None = None


def watch(
    folders: Sequence[str],
    options: WatchOptions,
    stop: threading.Event,
    *,
    on_note: OnNote | None = None,
) -> Iterator[list[Item]]:
    """Yield the files in `folders` and those that arrive, each time some have become complete.

    A file counts when its size and time have not changed for `settle` seconds. It counts again if
    it changes later, or if captions that belong to it do. Files that are empty, hidden, or still
    being downloaded do not count, nor do those that vanish before. A renamed file is a new one.
    A change leads to a look at that file and, once it counts, at the names in its folder.

    Ends when `stop` is set. Ctrl-C and SIGTERM raise KeyboardInterrupt within 0.1 s.

    Raises
    ------
    InputError : a folder does not exist, cannot be watched, or was deleted meanwhile.
    """
    roots = [Path(folder).absolute() for folder in folders]
    _require(roots)
    arrivals = _Arrivals(roots, options)
    for is_start, changes in _changes(roots, options, stop, on_note or (lambda text: None)):
        _require(roots)
        now = time.monotonic()
        if is_start:
            # Changes are reported from now on, so that none is missed.
            arrivals.notice_existing(now, time.time())
        for path, is_new in changes:
            arrivals.notice(path, now, is_new=is_new)
        if items := arrivals.complete(now):
            yield items


class _Arrivals:
    """The files of the watched folders that are not complete yet, and those that counted."""

    def __init__(self, roots: Sequence[Path], options: WatchOptions) -> None:
        self._roots = roots
        self._options = options
        self._root = options.root or common_root(map(str, roots))
        self._settling = Settling(options.settle)

    def notice_existing(self, now: float, wall: float) -> None:
        """Notice all files; those that are older than the time to settle count at once."""
        for root in self._roots:
            self._notice_below(root, now, wall)

    def notice(self, path: Path, now: float, *, is_new: bool) -> None:
        """Notice a change; a new folder may have files that the system does not report."""
        if not self._is_watched(path):
            return
        if is_new and _is_folder(path):
            if self._options.recursive:
                self._notice_below(path, now)
        elif _may_count(path):
            self._settling.notice(path, now)

    def complete(self, now: float) -> list[Item]:
        """The files that count from now on."""
        due: dict[Path, list[str]] = {}
        for path in self._settling.due(now):
            due.setdefault(path.parent, []).append(path.name)
        paths = {path for folder, names in due.items() for path in self._inputs(folder, names, now)}
        return [item for path in sorted(paths) if (item := self._item(path)) is not None]

    def _inputs(self, folder: Path, names: Sequence[str], now: float) -> Iterator[Path]:
        """The inputs that `names`, which have settled, are or belong to."""
        try:
            known = Folder(str(folder), self._options.own)
            present = {path.name for path in folder.iterdir()}
        except OSError:
            return
        inputs = frozenset(known.inputs)
        owners = {text: media for media in inputs for text in known.captions_of(media)}
        # Media waits for captions that are still being copied.
        copied = {path.name for path in self._settling.waiting() if path.parent == folder}
        held = copied | {owners[name] for name in copied if name in owners}
        for name in names:
            if _is_unfinished(name, present) or name in held:
                self._settling.wait(folder / name, now)
                continue
            media = owners.get(name, name)
            if media in inputs and media not in held:
                yield folder / media

    def _item(self, path: Path) -> Item | None:
        try:
            status = path.stat()
        except OSError:
            return None
        relative = PurePosixPath(path.relative_to(self._root).as_posix())
        return Item(str(path), relative, status.st_size, status.st_mtime_ns)

    def _notice_below(self, folder: Path, now: float, wall: float | None = None) -> None:
        waiting = [folder]
        while waiting:
            try:
                found = sorted(waiting.pop().iterdir())
            except OSError:
                # It was deleted meanwhile, or it is not ours to read.
                continue
            for path in found:
                if path.name.startswith(".") or str(path) in self._options.own:
                    continue
                if _may_count(path) and not path.is_dir():
                    self._settling.notice(path, now, wall)
                elif self._options.recursive and _is_folder(path):
                    waiting.append(path)

    def _is_watched(self, path: Path) -> bool:
        """Whether neither `path` nor a folder that holds it is hidden or an output folder."""
        for root in self._roots:
            if path != root and path.is_relative_to(root):
                parts = path.relative_to(root).parts
                above = (root.joinpath(*parts[: n + 1]) for n in range(len(parts)))
                return (
                    (self._options.recursive or len(parts) == 1)
                    and not any(part.startswith(".") for part in parts)
                    and not any(str(each) in self._options.own for each in above)
                )
        return False


def _changes(
    roots: Sequence[Path],
    options: WatchOptions,
    stop: threading.Event,
    note: Callable[[str], None],
) -> Iterator[tuple[bool, list[tuple[Path, bool]]]]:
    """Yield (path, is new) of what changed, at least every half second; True: reports start."""
    polls = options.polls
    if polls is None and (remote := [root for root in roots if is_remote(root)]):
        note(f"{remote[0]} is on a network file system, so it is polled every few seconds.")
        polls = True
    while True:
        try:
            for number, changes in enumerate(_reported(roots, options, stop, polls=polls)):
                yield number == 0, changes
            return
        except OSError as error:
            _require(roots)
            if polls:
                raise _refused(roots[0], error.strerror or str(error)) from error
        except RuntimeError as error:
            _require(roots)
            if _NOT_UTF_8 not in str(error):
                raise _refused(roots[0], str(error)) from error
            # watchfiles ends at such a name, so we look at all files, and try again later.
            yield True, []
            if stop.wait(max(1.0, options.settle)):
                return
            continue
        # inotify has a limit for each user.
        note("There are more folders than the system can watch: they are polled every few seconds.")
        polls = True


def _reported(
    roots: Sequence[Path], options: WatchOptions, stop: threading.Event, *, polls: bool | None
) -> Iterator[list[tuple[Path, bool]]]:
    from watchfiles import Change
    from watchfiles import watch as changes_in

    shortest, longest = _POLL_SECONDS
    reports = changes_in(
        *roots,
        watch_filter=None,
        debounce=_GROUP_MS,
        stop_event=stop,
        rust_timeout=_TICK_MS,
        yield_on_timeout=True,
        force_polling=polls,
        poll_delay_ms=int(1000 * min(longest, max(shortest, options.settle / 2))),
        recursive=options.recursive,
        ignore_permission_denied=True,
    )
    for changes in reports:
        yield [
            (_as_named(Path(path), roots), kind is Change.added)
            for kind, path in changes
            if kind is not Change.deleted
        ]


def _as_named(path: Path, roots: Sequence[Path]) -> Path:
    """A path below the name of a root: macOS reports what a link stands for."""
    if not any(path.is_relative_to(root) for root in roots):
        for root in roots:
            if path.is_relative_to(real := root.resolve()):
                return root / path.relative_to(real)
    return path


def is_remote(folder: Path, mounts: Path = _MOUNTS) -> bool:
    """Whether `folder` is on a file system that another machine may change (Linux only)."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return False
    path = str(folder.resolve())
    longest, kind = "", ""
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, types = before.split(" "), after.split(" ")
        if len(fields) < 5:
            continue
        # Spaces and other separators are written as octal numbers.
        place = re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), fields[4])
        holds = path == place or path.startswith(place.rstrip("/") + "/")
        # Of two mounts at one place, the later one is seen.
        if holds and len(place) >= len(longest):
            longest, kind = place, types[0]
    return kind in _REMOTE or kind.startswith("fuse.")


def _require(roots: Sequence[Path]) -> None:
    for root in roots:
        if not root.is_dir():
            why = "it is a file" if root.exists() else "it does not exist"
            raise _refused(root, why)


def _refused(folder: Path, why: str) -> InputError:
    hint = "--watch needs folders that exist for as long as it runs"
    return InputError(f"cannot watch {folder}", why=why, hint=hint)


def _is_folder(path: Path) -> bool:
    """Whether `path` is a folder and not a link to one, which could lead in a circle."""
    return path.is_dir() and not path.is_symlink()


def _may_count(path: Path) -> bool:
    return path.suffix.lower() in MEDIA_SUFFIXES | CAPTION_SUFFIXES | {*SHARED_SUFFIXES}


def _is_unfinished(name: str, present: Collection[str]) -> bool:
    """Whether a program is still downloading the file `name` of a folder, or will delete it."""
    if _YT_DLP_TEMPORARY.search(name):
        return True
    if any(name + suffix in present for suffix in _PART_SUFFIXES):
        return True
    part = _YT_DLP_FORMAT.fullmatch(name)
    return part is not None and any(
        other.startswith(f"{part[1]}.")
        and (other.endswith((".part", ".ytdl")) or _YT_DLP_TEMPORARY.search(other))
        for other in present
    )
