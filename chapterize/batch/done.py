"""Whether a file is done: judged from names, sizes and times, before anything is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chapterize.batch.items import CAPTION_SUFFIXES, Item, suffix_of
from chapterize.batch.plan import Plan
from chapterize.batch.records import Entry, Record, Records
from chapterize.batch.rows import Reason, Row
from chapterize.batch.targets import Target
from chapterize.errors import InputError
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline.edits import edits_file

__all__ = ["identity_of", "is_foreign", "judge", "kept_row", "output_entry"]


def judge(
    item: Item, targets: Sequence[Target], captions: Sequence[str], plan: Plan, records: Records
) -> Row | None:
    """The row of a file that needs no work, because it is done or must not be written; else None.

    A file is done if its content, the options, the version and the models are those of the record,
    and every output exists with the bytes that we wrote. An output that someone else wrote or
    changed is kept, unless `plan.replace` is true.
    """
    name = str(item.relative)
    record = records.get(name)
    if reason := _taken(item, record, targets, records.root):
        return Row(item.source, "failed", "outputs", reason=reason)
    if plan.redo_failed and (record is None or record.state != "failed"):
        return _earlier(item, records, ())
    n_there = 0
    for target in targets:
        is_ours = _is_ours(target.path, item, records)
        if is_ours is False and not plan.replace:
            return kept_row(item, target.path, name, records)
        is_current = record is not None and records.relative(target.path) in record.outputs
        n_there += is_ours is True and is_current
    if plan.redo or n_there < len(targets) or record is None or record.state != "done":
        return None
    if dict(record.keys) != dict(plan.keys) or not _is_same(item, captions, record.identity):
        return None
    if record.identity.get("lacks_words") and plan.has_speech_model:
        return None
    return _earlier(item, records, targets)


def is_foreign(path: Path, item: Item, records: Records) -> bool:
    """Whether an output of `item` exists and is not as we wrote it."""
    return _is_ours(path, item, records) is False


def kept_row(item: Item, path: Path, name: str, records: Records) -> Row:
    """The row of a file whose output `path` is a person's."""
    record, relative = records.get(name), records.relative(path)
    is_known = record is not None and relative in {**record.outputs, **record.outdated}
    reason = Reason(
        f"{path} {'was changed since it was written' if is_known else 'already exists'}",
        "what a person wrote is never replaced without --replace",
        "add --replace, or choose another folder with --out",
    )
    row = records.row(name) or Row(item.source, "kept")
    return replace(
        row, source=item.source, state="kept", seconds=0.0, reason=reason, outputs=(str(path),)
    )


def identity_of(item: Item, captions: Sequence[str]) -> dict[str, Any]:
    """What identifies the content of an input: its own, its captions', and a person's edits.

    `captions` are the names of the caption files next to it.

    Raises
    ------
    InputError : the file cannot be read.
    """
    fingerprint = file_fingerprint(item.path)
    return {
        "size": item.size_bytes,
        "mtime_ns": item.mtime_ns,
        "fingerprint": fingerprint,
        "captions": _stamps(item.path.parent, captions),
        "edits": _stamp(edits_file(fingerprint)),
    }


def output_entry(path: Path, fingerprint: str) -> tuple[str, int, int]:
    """What is recorded of a file that we wrote: fingerprint, size, and time in nanoseconds."""
    status = path.stat()
    return fingerprint, status.st_size, status.st_mtime_ns


def _earlier(item: Item, records: Records, targets: Sequence[Target]) -> Row:
    """The row of an earlier run, as skipped now."""
    row = records.row(str(item.relative)) or Row(item.source, "skipped")
    outputs = tuple(str(target.path) for target in targets)
    return replace(row, source=item.source, state="skipped", reason=None, outputs=outputs)


def _taken(
    item: Item, record: Record | None, targets: Sequence[Target], root: Path
) -> Reason | None:
    """Why the outputs belong to another input, which still exists; None if they do not."""
    if record is None or record.source == item.source or not record.outputs:
        return None
    tree = root.absolute()
    is_inside = item.path.is_relative_to(tree) and not Path(record.source).is_relative_to(tree)
    if is_inside and item.size_bytes == record.identity.get("size"):
        return None  # the tree is a copy, its results included
    try:
        if not Path(record.source).exists() or item.path.samefile(record.source):
            return None
    except OSError:
        return None
    return Reason(
        f"{targets[0].path} is the result of {record.source}",
        "two inputs would have the same results",
        "choose another folder with --out, or give both inputs in one run",
    )


def _is_ours(path: Path, item: Item, records: Records) -> bool | None:
    """Whether a file has the bytes that we wrote, or were about to write; None if it is missing.

    It may have been written for a file of the same name that is gone, or for captions that belong
    to `item` now.
    """
    try:
        status = path.lstat()
    except OSError:
        return None
    name, relative = str(item.relative), records.relative(path)
    held = [records.get(name)]
    if _is_replaced(writer := records.of_output(relative), item):
        held.append(writer)
    entries = [entry for record in held if (entry := _entry_of(record, relative)) is not None]
    if any((status.st_size, status.st_mtime_ns) == entry[1:] for entry in entries):
        return True
    written = {entry[0] for entry in entries} | records.intended(name).get(relative, set())
    if not written:
        return False
    try:
        return file_fingerprint(path) in written
    except InputError:
        return False


def _entry_of(record: Record | None, relative: str) -> Entry | None:
    if record is None:
        return None
    return record.outputs.get(relative) or record.outdated.get(relative)


def _is_replaced(record: Record | None, item: Item) -> bool:
    """Whether `item` has taken the place of the file of `record`, in the same folder."""
    if record is None or "://" in record.source:
        return False
    before = Path(record.source)
    if before.parent != item.path.parent:
        return False
    return suffix_of(before.name) in CAPTION_SUFFIXES or not before.exists()


def _is_same(item: Item, captions: Sequence[str], identity: Mapping[str, Any]) -> bool:
    """Whether an input is the one that was recorded; a new time alone changes nothing."""
    if item.size_bytes != identity["size"]:
        return False
    if item.mtime_ns != identity["mtime_ns"] and item.mtime_ns >= 0:
        try:
            if file_fingerprint(item.path) != identity["fingerprint"]:
                return False
        except InputError:
            return False
    return bool(
        _stamps(item.path.parent, captions) == identity["captions"]
        and _stamp(edits_file(identity["fingerprint"])) == identity["edits"]
    )


def _stamps(folder: Path, names: Sequence[str]) -> dict[str, list[int] | None]:
    return {name: _stamp(folder / name) for name in names}


def _stamp(path: Path) -> list[int] | None:
    """Size and time of a file; None if there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]
