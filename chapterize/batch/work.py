"""What a worker does with one file: draft it, prepare all results, and write them when allowed."""

from __future__ import annotations

import hashlib
import logging
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chapterize.batch.commands import Command
from chapterize.batch.done import identity_of, output_entry
from chapterize.batch.engine import Finished, Task
from chapterize.batch.items import STATE_FOLDER
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Reason, Row
from chapterize.batch.stored import ShortDraft, draft_key
from chapterize.batch.targets import EMBED
from chapterize.cache import Cache
from chapterize.data import Media, OnProgress
from chapterize.errors import ChapterizeError, EngineError, OutputError
from chapterize.files import explaining, replacing, write_text
from chapterize.fingerprint import file_fingerprint
from chapterize.media import open_media
from chapterize.pipeline import Engines, Options, load_engines, make_draft
from chapterize.pipeline.existing import KEEPING, USES, existing_chapters
from chapterize.rendering.containers import embed_chapters

__all__ = ["Prepared", "Worker", "workspace_of"]

logger = logging.getLogger(__name__)

_OUT_OF_MEMORY = ("out of memory", "alloc_failed", "bad_alloc", "cannot allocate memory")


@dataclass(frozen=True)
class Prepared:
    """The results of one file, ready to be written.

    `files` : for each target, the finished file in the workspace, and its fingerprint.
    """

    task: Task
    row: Row
    identity: Mapping[str, Any]
    files: Mapping[str, tuple[str, str]]

    @property
    def outputs(self) -> dict[str, str]:
        """The fingerprint of each target, by its absolute path."""
        return {target: digest for target, (_, digest) in self.files.items()}


class Worker:
    """Drafts files one after another with engines that are loaded once.

    Raises
    ------
    ChapterizeError : an engine cannot be loaded.
    """

    def __init__(self, plan: Plan, *, draft: Callable[..., Any] = make_draft) -> None:
        self.plan = plan
        self._draft = draft
        self._cache = Cache()
        self._options: Options = replace(plan.options, on_download=lambda model: plan.may_download)
        self._engines: Engines = load_engines(self._options)
        self._command = Command.parse(plan.exec_command) if plan.exec_command else None
        self._stage = ""

    def prepare(self, task: Task, report: OnProgress) -> Prepared | Finished:
        """Draft a file and make its results in the workspace; `Finished` if that failed."""
        began = time.perf_counter()
        space = workspace_of(self.plan.root, task)
        self._stage = "opening"

        def staged(stage: str, fraction: float) -> None:
            self._stage = stage
            report(stage, fraction)

        try:
            identity = identity_of(task.item, task.captions)
            media = self._media(task)
            if reason := self._keeps(media):
                row = Row(task.item.source, "kept", reason=reason)
                return Finished(task.item, replace(row, seconds=_since(began)), identity)
            short = self._short(task, media, identity, staged)
            if short.lacks_words:
                identity["lacks_words"] = True
            self._stage = "writing"
            files, notes = self._make(task, short, space, staged)
        except Exception as error:
            shutil.rmtree(space, ignore_errors=True)
            return self._failed(task, error, began)
        row = short.row(task.item.source)
        notes = tuple(dict.fromkeys((*row.notes, *notes)))
        row = replace(row, notes=notes, seconds=_since(began))
        return Prepared(task, row, identity, files)

    def commit(self, prepared: Prepared) -> Finished:
        """Give the results of a file their names; each replaces what was there.

        Then the command of the plan runs. If it fails, the file fails, and the next run does both
        again.
        """
        began = time.perf_counter()
        self._stage = "writing"
        written: dict[str, tuple[str, int, int]] = {}
        task, row = prepared.task, prepared.row
        try:
            for target, (made, fingerprint) in prepared.files.items():
                _place(Path(made), Path(target))
                written[target] = output_entry(Path(target), fingerprint)
            if self._command is not None:
                self._stage = "command"
                self._command.run(task.item.path, [Path(target) for target in written])
        except Exception as error:
            failed = self._failed(task, error, began)
            return replace(failed, identity=prepared.identity, outputs=written)
        finally:
            self.discard(prepared)
        seconds = round(row.seconds + time.perf_counter() - began, 3)
        row = replace(row, seconds=seconds, outputs=tuple(written))
        return Finished(task.item, row, prepared.identity, written)

    def discard(self, prepared: Prepared) -> None:
        """Delete results that are not to be written."""
        shutil.rmtree(workspace_of(self.plan.root, prepared.task), ignore_errors=True)

    def _media(self, task: Task) -> Path | Media:
        """The opened media if chapters would be written into it, else the path."""
        path = task.item.path
        return open_media(path) if any(t.kind == EMBED for t in task.targets) else path

    def _keeps(self, media: Path | Media) -> Reason | None:
        """Why the media is left alone: a person's chapters are inside it."""
        if isinstance(media, Path) or self.plan.replace or self._options.existing in KEEPING:
            return None
        found = existing_chapters(media, files=())
        if found is None or found.is_mechanical:
            return None
        return Reason(
            f"{media.path} has {len(found.chapters)} chapters already",
            "chapters inside a file are never replaced without --replace; --keep uses them",
            "add --keep or --replace, or omit --embed",
        )

    def _short(
        self, task: Task, media: Path | Media, identity: dict[str, Any], report: OnProgress
    ) -> ShortDraft:
        """The draft from the cache, or a new one."""
        key = draft_key(task.item, identity, task.captions, self.plan)
        if not self.plan.redo:
            with suppress(KeyError, TypeError, ValueError):
                return ShortDraft.from_json(self._cache.get(key) or {})
        short = ShortDraft.of(self._drafted(task, media, report))
        if not short.lacks_words:
            self._cache.put(key, short.to_json())
        return short

    def _drafted(self, task: Task, media: Path | Media, report: OnProgress) -> Any:
        path, options = task.item.path, self._options
        if options.existing in USES:
            files = tuple(path.parent / name for name in task.captions)
            options = replace(options, chapter_files=files)
        if task.attempt > 1:
            self._use_less_memory()
        try:
            return self._draft(media, options, engines=self._engines, on_progress=report)
        except (MemoryError, EngineError) as error:
            if task.attempt > 1 or not _is_out_of_memory(error):
                raise
            logger.debug("out of memory with %s: trying once more", path)
        self._use_less_memory()
        return self._draft(media, options, engines=self._engines, on_progress=report)

    def _use_less_memory(self) -> None:
        """Recognise half as much speech at once from now on."""
        transcriber: Any = self._engines.transcriber
        if transcriber is not None:
            transcriber.use_less_memory()

    def _make(
        self, task: Task, short: ShortDraft, space: Path, report: OnProgress
    ) -> tuple[dict[str, tuple[str, str]], tuple[str, ...]]:
        """Make every result in the workspace; return them by target, with notes."""
        files: dict[str, tuple[str, str]] = {}
        notes: list[str] = []
        with explaining(OutputError, f"cannot write in {space.parent}"):
            space.mkdir(parents=True, exist_ok=True)
        for number, target in enumerate(task.targets):
            made = space / f"{number}{target.path.suffix}"
            if target.kind == EMBED:
                new = embed_chapters(
                    task.item.path, short.chapters, made, force=True, on_progress=report
                )
            else:
                text, new = short.text(target.kind, self.plan)
                write_text(made, text, force=True)
            notes += new
            files[str(target.path)] = (str(made), file_fingerprint(made))
        return files, tuple(notes)

    def _failed(self, task: Task, error: Exception, began: float) -> Finished:
        reason = Reason.of(error)
        if not isinstance(error, ChapterizeError):
            logger.debug("unexpected error with %s", task.item.source, exc_info=error)
        row = Row(task.item.source, "failed", self._stage, seconds=_since(began), reason=reason)
        return Finished(task.item, row)


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 3)


def workspace_of(root: Path, task: Task) -> Path:
    """The folder of unfinished results of a task, on the disk of the output tree."""
    name = hashlib.blake2b(
        str(task.item.relative).encode("utf-8", "surrogatepass"), digest_size=8
    ).hexdigest()
    return root / STATE_FOLDER / "work" / name


def _place(made: Path, target: Path) -> None:
    """Move a finished file to its name; the parent folder is created."""
    with explaining(OutputError, f"cannot create the folder {target.parent}"):
        target.parent.mkdir(parents=True, exist_ok=True)
    if made.stat().st_dev == target.parent.stat().st_dev and not target.is_dir():
        with explaining(OutputError, f"cannot write {target}", "choose another folder with --out"):
            made.replace(target)
        return
    with replacing(target, force=True) as temporary:
        shutil.copyfile(made, temporary)


def _is_out_of_memory(error: BaseException) -> bool:
    text = f"{error} {getattr(error, 'why', '')}".casefold()
    return isinstance(error, MemoryError) or any(sign in text for sign in _OUT_OF_MEMORY)
