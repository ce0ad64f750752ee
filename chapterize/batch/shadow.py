"""The shadow of an output tree on other storage: a local folder with a small file for each output.

Such a file holds the version that the output has on the storage. So what is done, what a person
changed and what was written is judged as in a local tree, after one listing of the storage.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath

from chapterize.batch.copies import room_for
from chapterize.batch.engine import Engine, Event, Finished, Task
from chapterize.batch.items import STATE_FOLDER
from chapterize.batch.plan import Plan
from chapterize.batch.records import FILE, Records
from chapterize.batch.report import PAGE
from chapterize.batch.rows import Reason, Row
from chapterize.batch.storage import (
    RemoteFile,
    joined,
    local_copy,
    read_remote,
    remote_file,
    remote_files,
    remove_remote,
    write_remote,
)
from chapterize.errors import ChapterizeError, OutputError
from chapterize.files import explaining, make_private, state_folder
from chapterize.fingerprint import file_fingerprint

__all__ = ["Shadow"]

_PUSH_EVERY = 60.0
_STALE_AFTER = 600.0
"""Seconds after which a run that no longer writes its records is taken for dead."""

_HOLDER = "batch.holder.json"


class Shadow:
    """The shadow of the output tree at `address`; `root` is its local folder.

    The records are kept on the storage as well, so another machine can continue.
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        name = hashlib.blake2b(self.address.encode(), digest_size=8).hexdigest()
        self.root = state_folder() / "batch" / name
        self._folder = self.root / STATE_FOLDER
        self._pushed = self._folder / "pushed"
        self._last_push = 0.0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, the tree belongs to this run, and the shadow is as the storage was at the start.

        At the end, the records and the report are written to the storage, also after Ctrl-C.

        Raises
        ------
        OutputError : another run works there, or nothing can be written.
        InputError : the storage cannot be listed.
        """
        url = joined(self.address, f"{STATE_FOLDER}/{_HOLDER}")
        with self._locked():
            self._refuse(url)
            self._push_holder(url)
            try:
                self._pull()
                try:
                    yield
                except BaseException:
                    with suppress(ChapterizeError):
                        self.push()
                    raise
                self.push()
            finally:
                with suppress(ChapterizeError):
                    remove_remote(url)

    @contextmanager
    def seen(self) -> Iterator[None]:
        """Inside, the shadow is as the storage is; nothing is written there. Raises as `held`."""
        with self._locked():
            self._pull()
            yield

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        with self._writing():
            make_private(self._folder)
            lock = FileLock(self._folder / "shadow.lock")
            try:
                lock.acquire(timeout=0)
            except Timeout:
                raise _in_use(self.address, "a process on this machine") from None
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        what = f"cannot write in {self.root}"
        with explaining(OutputError, what, "set CHAPTERIZE_STATE to another folder"):
            yield

    def _pull(self) -> None:
        """Make the shadow as the storage is now: the records first, then a file for each output."""
        with self._writing():
            self._pull_records()
            self._mirror(Records(self.root))

    @property
    def page(self) -> Path:
        """Where to write the report, which `push` copies to the storage."""
        return self._folder / PAGE

    @property
    def page_address(self) -> str:
        """Where the report is on the storage."""
        return joined(self.address, PAGE)

    def shown(self, row: Row) -> Row:
        """`row` with addresses instead of the files of the shadow."""
        here = f"{self.root}{os.sep}"

        def there(text: str) -> str:
            return text.replace(here, f"{self.address}/")

        reason = row.reason
        if reason is not None:
            reason = Reason(there(reason.what), there(reason.why), reason.hint)
        return replace(row, reason=reason, outputs=tuple(map(there, row.outputs)))

    def push(self) -> None:
        """Write the records and the report to the storage.

        Raises
        ------
        OutputError : it cannot be written.
        """
        self._last_push = time.monotonic()
        records = self._folder / FILE
        if records.is_file():
            written = write_remote(records, joined(self.address, f"{STATE_FOLDER}/{FILE}"))
            self._pushed.write_text(written.version, "utf-8")
        if self.page.is_file():
            write_remote(self.page, self.page_address)

    def engine(self, inner: Engine) -> Engine:
        """`inner`, whose outputs appear in the shadow, and whose records reach the storage."""
        return _Mirroring(inner, self)

    def take(self, finished: Finished) -> Finished:
        """Put what was written to the storage into the shadow, and record the shadow's files."""
        outputs = {}
        for target, (version, _, _) in finished.outputs.items():
            outputs[target] = _put(Path(target), version)
        return replace(finished, outputs=outputs)

    def push_sometimes(self) -> None:
        """Push if the last time was a while ago; a failure is left to the last push."""
        if time.monotonic() - self._last_push > _PUSH_EVERY:
            with suppress(ChapterizeError):
                self._push_holder(joined(self.address, f"{STATE_FOLDER}/{_HOLDER}"))
                self.push()

    def _pull_records(self) -> None:
        """Take the records of the storage, unless it has those that were pushed from here."""
        url = joined(self.address, f"{STATE_FOLDER}/{FILE}")
        there = remote_file(url)
        pushed = self._pushed.read_text("utf-8") if self._pushed.is_file() else ""
        if there is None or there.version == pushed:
            return
        content = read_remote(url)
        if content is not None:
            (self._folder / FILE).write_bytes(content)
            self._pushed.write_text(there.version, "utf-8")

    def _mirror(self, records: Records) -> None:
        there = {str(file.relative): file for file in remote_files(self.address)}
        unfinished = records.unfinished()
        for folder, folders, names in os.walk(self.root, topdown=True):
            folders[:] = [name for name in folders if name != STATE_FOLDER]
            for name in names:
                path = Path(folder, name)
                if path.relative_to(self.root).as_posix() not in there:
                    path.unlink()
        for name, file in there.items():
            path = self.root / name
            if PurePosixPath(name).parts[0] not in (STATE_FOLDER, PAGE):
                if name in unfinished and self._is_intended(file, unfinished[name]):
                    # Ours, but not recorded: it is written once more.
                    path.unlink(missing_ok=True)
                elif not path.is_file() or path.read_text("utf-8") != file.version:
                    _put(path, file.version)

    def _is_intended(self, file: RemoteFile, digests: Iterable[str]) -> bool:
        with local_copy(file.url) as copy:
            return file_fingerprint(copy) in digests

    def _push_holder(self, url: str) -> None:
        value = {"pid": os.getpid(), "host": platform.node()}
        value["since"] = time.strftime("%Y-%m-%d %H:%M:%S")
        with room_for(1000) as folder:
            file = folder / _HOLDER
            file.write_text(json.dumps(value), "utf-8")
            write_remote(file, url)

    def _refuse(self, url: str) -> None:
        """OutputError if a run on another machine works in the tree."""
        holder = remote_file(url)
        if holder is None:
            return
        try:
            value: Mapping[str, object] = json.loads(read_remote(url) or b"")
            host, pid, since = value["host"], value["pid"], value["since"]
        except (ValueError, KeyError, TypeError):
            return
        # The lock excludes other runs of this machine: what they left is of a dead one.
        age = time.time() - holder.mtime_ns / 1e9
        if host != platform.node() and age < _STALE_AFTER:
            raise _in_use(self.address, f"process {pid} on {host}, since {since}")


class _Mirroring:
    """See `Shadow.engine`."""

    def __init__(self, inner: Engine, shadow: Shadow) -> None:
        self._inner, self._shadow = inner, shadow

    def run(self, tasks: Iterable[Task | None], plan: Plan) -> Generator[Event, bool | None, None]:
        """See `Engine.run`."""
        answer: bool | None = None
        with closing(self._inner.run(tasks, plan)) as events:
            while True:
                try:
                    event = events.send(answer)
                except StopIteration:
                    return
                if isinstance(event, Finished):
                    event = self._shadow.take(event)
                answer = yield event
                self._shadow.push_sometimes()

    def close(self) -> None:
        """See `Engine.close`."""
        self._inner.close()


def _put(path: Path, version: str) -> tuple[str, int, int]:
    """Write a file of the shadow; return what is recorded of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(version, "utf-8")
    status = path.stat()
    return file_fingerprint(path), status.st_size, status.st_mtime_ns


def _in_use(address: str, why: str) -> OutputError:
    return OutputError(
        f"another batch run works in {address}",
        why=why,
        hint="wait until it ends, or choose another folder with --out",
    )
