"""What was done in an output tree: one file of JSON lines, which only the driver writes."""

from __future__ import annotations

import json
import logging
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chapterize.batch.items import STATE_FOLDER
from chapterize.batch.rows import Row
from chapterize.errors import InputError, OutputError
from chapterize.files import explaining, replacing
from chapterize.fingerprint import file_fingerprint

__all__ = ["FILE", "Entry", "Record", "Records", "root_of", "untouched"]

FILE = "batch.jsonl"
SCHEMA = "chapterize.batch/1"

_SYNC_SECONDS = 1.0
"""A power failure loses at most the records of this many seconds, a killed program none."""
_FEWEST_STALE = 100
"""Stale lines that are not worth a rewrite."""

logger = logging.getLogger(__name__)

Entry = tuple[str, int, int]
"""Fingerprint, size, and time in nanoseconds of a file that we wrote."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known about one item.

    `identity` describes the input, `keys` is that of the plan, and `outputs` has a fingerprint, a
    size and a time (ns) for each file that we wrote, by its path relative to the root. `outdated`
    has the same for files that we wrote from another input or with other options. `at` is the place
    of the line in the file, from which the row can be read.
    """

    source: str
    state: str
    identity: Mapping[str, Any]
    keys: Mapping[str, str]
    outputs: Mapping[str, Entry]
    outdated: Mapping[str, Entry] = field(default_factory=dict)
    at: int = field(default=-1, compare=False)


class Records:
    """The records of an output tree; `root` is its folder.

    Reading tolerates lines that a crash has cut off. There must be only one writer: the holder of
    the lock of the tree.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path = root / STATE_FOLDER / FILE
        self._prefix = f"{root.absolute()}{os.sep}"
        self._records: dict[str, Record] = {}
        self._intents: defaultdict[str, dict[str, set[str]]] = defaultdict(dict)
        self._own: set[str] = set()
        self._writers: dict[str, str] = {}
        self._n_lines = 0
        self._file: Any = None
        self._synced = 0.0
        for at, line in self._lines():
            self._n_lines += 1
            with suppress(ValueError, KeyError, TypeError, AttributeError):
                self._take(json.loads(line), at)

    def relative(self, path: Path) -> str:
        """The path of an output as the records name it."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    def get(self, name: str) -> Record | None:
        """The last record of the item `name`, its relative path."""
        return self._records.get(name)

    def names(self) -> tuple[str, ...]:
        """The items with a record."""
        return tuple(self._records)

    def intended(self, name: str) -> Mapping[str, set[str]]:
        """The fingerprints of files that a run was about to write when it was killed, by path."""
        return self._intents.get(name, {})

    def unfinished(self) -> dict[str, set[str]]:
        """The fingerprints of all files that a run was about to write when it was killed."""
        return {path: digests for each in self._intents.values() for path, digests in each.items()}

    def own(self) -> set[str]:
        """The absolute paths of all files that we wrote, or were about to write; it grows."""
        return self._own

    def of_output(self, path: str) -> Record | None:
        """The record of the item that last wrote an output, named by its relative path."""
        return self._records.get(self._writers.get(path, ""))

    def row(self, name: str) -> Row | None:
        """The row with which the work on an item ended, read from the file."""
        record = self._records.get(name)
        if record is None:
            return None
        with suppress(OSError, ValueError, KeyError, TypeError), self.path.open("rb") as file:
            file.seek(record.at)
            return Row.from_json(json.loads(file.readline())["row"])
        return None

    def intend(self, name: str, outputs: Mapping[str, str]) -> None:
        """Record the fingerprints of the files that are about to be written, by relative path.

        Raises
        ------
        OutputError : the record cannot be written, so nothing else must be written either.
        """
        self._append({"item": name, "intent": dict(outputs)})

    def end(self, name: str, record: Record, row: Row) -> None:
        """Record how the work on an item ended; raises OutputError as `intend`.

        Outputs of earlier runs that this one has not replaced stay ours.
        """
        outputs, outdated = dict(record.outputs), {}
        if before := self._records.get(name):
            is_same = (before.keys, before.identity) == (record.keys, record.identity)
            outdated = {**before.outdated, **({} if is_same else before.outputs)}
            outputs = {**(before.outputs if is_same else {}), **outputs}
        entry = {
            "item": name,
            "source": record.source,
            "state": record.state,
            "identity": dict(record.identity),
            "keys": dict(record.keys),
            "outputs": {path: list(each) for path, each in outputs.items()},
            "outdated": {p: list(each) for p, each in outdated.items() if p not in outputs},
            "row": row.to_json(),
        }
        self._append(entry)

    def open(self) -> None:
        """Start writing; rewrite the file without stale lines if they are more than half of it.

        Raises
        ------
        OutputError : the folder cannot be written.
        """
        what = f"cannot write the records in {self.path.parent}"
        with explaining(OutputError, what, "choose a folder for all results with --out"):
            n_stale = self._n_lines - len(self._records) - 1
            if n_stale > max(_FEWEST_STALE, self._n_lines // 2):
                self._compact()
            self._file = self.path.open("ab+", buffering=0)
            size = self._file.seek(0, os.SEEK_END)
            self._file.seek(max(0, size - 1))
            if size and self._file.read(1) != b"\n":
                self._file.write(b"\n")
        if not size:
            self._append({"schema": SCHEMA})

    def close(self) -> None:
        """Write everything to disk."""
        if self._file is not None:
            with suppress(OSError):
                os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def _append(self, entry: Mapping[str, Any]) -> None:
        line = _line(entry)
        end = self._file.seek(0, os.SEEK_END)
        what = f"cannot write the records in {self.path}"
        with explaining(OutputError, what, "free some space, and run the same command again"):
            try:
                # A disk that is full takes a part of the line.
                if self._file.write(line) != len(line):
                    self._file.write(line[-1:])
                    raise OSError(28, os.strerror(28))
                if time.monotonic() - self._synced > _SYNC_SECONDS:
                    os.fsync(self._file.fileno())
                    self._synced = time.monotonic()
            except OSError:
                with suppress(OSError):
                    self._file.truncate(end)
                raise
        self._n_lines += 1
        self._take(entry, end)

    def _take(self, entry: Mapping[str, Any], at: int) -> None:
        if "item" not in entry:
            return
        name = entry["item"]
        if "intent" in entry:
            for path, digest in entry["intent"].items():
                self._intents[name].setdefault(path, set()).add(digest)
                self._own.add(f"{self._prefix}{path}")
            return
        self._records[name] = Record(
            source=entry["source"],
            state=entry["state"],
            identity=entry["identity"],
            keys=entry["keys"],
            outputs=_entries(entry["outputs"]),
            outdated=_entries(entry["outdated"]),
            at=at,
        )
        for path in (*entry["outputs"], *entry["outdated"]):
            self._own.add(f"{self._prefix}{path}")
            self._writers[path] = name
        if entry["state"] == "done":
            self._intents.pop(name, None)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        at = 0
        try:
            with self.path.open("rb") as file:
                for line in file:
                    if line.endswith(b"\n"):
                        yield at, line
                    at += len(line)
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(
                f"cannot read the records in {self.path}",
                why=error.strerror or str(error),
                hint="choose a folder for all results with --out",
            ) from error

    def _compact(self) -> None:
        """Rewrite the file with the last line of each item, and what was not finished."""
        places = {record.at for record in self._records.values()}
        kept = [line for at, line in self._lines() if at in places]
        intents = [
            _line({"item": name, "intent": {path: digest}})
            for name, outputs in self._intents.items()
            for path, digests in outputs.items()
            for digest in digests
        ]
        with replacing(self.path, force=True) as temporary:
            temporary.write_bytes(b"".join((_line({"schema": SCHEMA}), *kept, *intents)))
        logger.debug("records rewritten: %d of %d lines kept", len(kept), self._n_lines)
        self._records.clear()
        self._intents.clear()
        self._n_lines = 0
        for at, line in self._lines():
            self._n_lines += 1
            self._take(json.loads(line), at)


def root_of(inputs_root: str) -> Path:
    """The folder whose records hold the files below `inputs_root`, if results go next to them.

    That is the nearest folder above with records of an earlier run, or else `inputs_root` itself.
    """
    start = Path(inputs_root)
    for folder in (start, *start.parents):
        if (folder / STATE_FOLDER / FILE).is_file():
            return folder
    return start


def untouched(paths: Iterable[Path]) -> set[Path]:
    """Those of `paths` that a batch wrote and nobody has changed since."""
    trees: dict[Path, Records] = {}
    found = set()
    for path in paths:
        root = root_of(str(path.absolute().parent))
        if root not in trees:
            trees[root] = Records(root)
        relative = trees[root].relative(path)
        record = trees[root].of_output(relative)
        if record is None or relative not in record.outputs:
            continue
        digest, size, time_ns = record.outputs[relative]
        with suppress(OSError, InputError):
            status = path.stat()
            # A copy of the tree has other times.
            if status.st_size == size and (
                status.st_mtime_ns == time_ns or file_fingerprint(path) == digest
            ):
                found.add(path)
    return found


def _entries(found: Mapping[str, Any]) -> dict[str, Entry]:
    return {path: (digest, size, time_ns) for path, (digest, size, time_ns) in found.items()}


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, separators=(",", ":")).encode() + b"\n"
