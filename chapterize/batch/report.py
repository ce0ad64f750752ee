"""What a batch did: `report.jsonl` for programs, and one page for people."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from chapterize.batch.items import STATE_FOLDER, Item
from chapterize.batch.records import Records
from chapterize.batch.report_html import in_order, page
from chapterize.batch.rows import Row
from chapterize.errors import OptionError, OutputError
from chapterize.files import explaining, named_as, refuse_overwrite, replacing
from chapterize.masking import blank_secrets, without_secrets

__all__ = ["PAGE", "Report"]

PAGE = "chapterize-report.html"
"""Name of the page in the output tree."""

_THUMBNAILS_BYTES = 8_000_000
"""Upper bound of all thumbnails of a page, in base64: with 10,000 files, the first have one."""

_MARK = b'<meta name="generator" content="chapterize batch">'
"""Our pages are replaced; a file of the same name without this is a person's."""


class Report:
    """Collects the rows of a batch in a file, so that memory does not grow; a context manager.

    `root` is the output tree, whose ``.chapterize`` folder keeps the thumbnails: a later run that
    skips a file shows its thumbnail too. `target` is the page to write, with the rows next to it in
    a ``.jsonl`` file of the same name; by default, `PAGE` in `root`, with the rows in
    ``.chapterize``.

    Raises
    ------
    InputError : `target` is not the name of an HTML file.
    OutputError : the page cannot be written, or a file of this name is not a report.
    """

    def __init__(self, root: Path, target: Path | None = None) -> None:
        if target is not None and target.suffix.lower() not in (".html", ".htm"):
            raise OptionError(
                f"{target.name} is not an HTML file name",
                why="the report is a page for the browser",
                hint=f"name it {named_as(target, '.html')}",
            )
        own = root / STATE_FOLDER
        self.target = root / PAGE if target is None else target.absolute()
        self.rows_file = own / "report.jsonl" if target is None else target.with_suffix(".jsonl")
        _refuse_others(self.target)
        target = self.target
        self._folder = own / "thumbnails"
        # Only the holder of the lock of the tree comes here.
        self._spool = own / "report.partial"
        with explaining(OutputError, f"cannot write {target}", "choose another --report"):
            target.parent.mkdir(parents=True, exist_ok=True)
            own.mkdir(parents=True, exist_ok=True)
            self._file: TextIO = self._spool.open("w", encoding="ascii")
        self._places: dict[str, int] = {}  # of the latest row of each file in the spool
        self._end = 0

    def __enter__(self) -> Report:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        # On a full disk, which `add` and `write` report, closing fails too.
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            self._spool.unlink()

    def missing(self, items: Iterable[Item], records: Records) -> Iterator[Row]:
        """The rows of all other files of the tree: of earlier runs, and of `items` that still wait.

        Without them, the report of a run that was interrupted, or that was about a part of the
        tree, would show a part as the whole.
        """
        for name in records.names():
            record = records.get(name)
            if record is None or record.source in self._places:
                continue
            is_there = "://" in record.source or Path(record.source).exists()
            if is_there and (row := records.row(name)) is not None:
                state = "skipped" if row.state == "done" else row.state
                yield replace(row, source=record.source, state=state)
        for item in items:
            if item.source not in self._places:
                yield Row(item.source, "waiting")

    def add(self, row: Row) -> None:
        """Take a row; one of a running file is ignored, and a later one of a file wins."""
        if row.state == "running":
            return
        if row.thumbnail:
            # A report without a thumbnail is better than none.
            with suppress(OSError, ValueError):
                self._folder.mkdir(parents=True, exist_ok=True)
                content = b64decode(row.thumbnail.partition(",")[2])
                self._thumbnail(row.source).write_bytes(content)
        line = json.dumps({**row.to_json(), "thumbnail": ""})
        if blank_secrets(line) != line:
            line = json.dumps(without_secrets(json.loads(line)))
        with explaining(OutputError, f"cannot write {self.rows_file}", "free some space"):
            self._file.write(f"{line}\n")
        self._places[row.source] = self._end
        self._end += len(line) + 1

    def write(self) -> None:
        """Write the page and the rows as they are now; may be called again after more rows."""
        with explaining(OutputError, f"cannot write {self.target}", "choose another --report"):
            self._file.flush()
            with (
                replacing(self.rows_file, force=True) as temporary,
                temporary.open("w", encoding="utf-8", newline="\n") as rows,
            ):
                for line in self._lines():
                    rows.write(line)
            shown = in_order(json.loads(line) for line in self._lines())
            self._attach(shown)
            with replacing(self.target, force=True) as temporary:
                temporary.write_text(page(shown), encoding="utf-8", newline="\n")

    def _lines(self) -> Iterator[str]:
        """The latest row of each file, in the order in which the files came."""
        with self._spool.open("rb") as file:
            for place in self._places.values():
                file.seek(place)
                yield file.readline().decode("ascii")

    def _thumbnail(self, source: str) -> Path:
        name = sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return self._folder / f"{name}.jpg"

    def _attach(self, shown: list[dict[str, Any]]) -> None:
        """Add the thumbnails, as far as they fit into a page."""
        left = _THUMBNAILS_BYTES
        for row in shown:
            try:
                content = self._thumbnail(row["source"]).read_bytes()
            except OSError:
                continue
            text = b64encode(content).decode("ascii")
            left -= len(text)
            if left < 0:
                return
            row["image"] = text


def _refuse_others(target: Path) -> None:
    """Raise OutputError if `target` exists and is not one of our pages."""
    refuse_overwrite(target, force=True)
    try:
        with target.open("rb") as file:
            is_ours = _MARK in file.read(2048)
    except FileNotFoundError:
        return
    except OSError as error:
        raise OutputError(f"cannot write {target}", why=error.strerror or str(error)) from error
    if not is_ours:
        raise OutputError(
            f"{target} already exists",
            why="it is not a report of chapterize batch",
            hint="choose another name with --report",
        )
