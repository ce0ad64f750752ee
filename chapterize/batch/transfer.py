"""A worker for files on other storage: copies them here, drafts them, and writes the results back.

ffmpeg reads the copy: seeking in a file on an object store takes a request each time.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from chapterize.batch.copies import room_for
from chapterize.batch.engine import Finished, Task
from chapterize.batch.plan import Plan
from chapterize.batch.rows import Reason, Row
from chapterize.batch.storage import is_remote, joined, local_copy, write_remote
from chapterize.batch.targets import EMBED
from chapterize.batch.work import Prepared, Worker
from chapterize.data import OnProgress
from chapterize.errors import ChapterizeError

__all__ = ["Held", "TransferWorker"]

_TEXT_BYTES = 10_000_000
"""Room for results other than copies of the media."""


@dataclass(frozen=True)
class Held:
    """Results that are ready, and what is deleted once they are written."""

    task: Task
    prepared: Prepared
    stack: ExitStack

    @property
    def outputs(self) -> dict[str, str]:
        """As `Prepared.outputs`."""
        return self.prepared.outputs


class TransferWorker:
    """As `Worker`, also for inputs and outputs that are not on this machine.

    Raises
    ------
    ChapterizeError : an engine cannot be loaded.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._worker = Worker(plan)

    def prepare(self, task: Task, report: OnProgress) -> Held | Finished:
        """See `Worker.prepare`; the input is copied first if it is remote."""
        stack = ExitStack()
        try:
            local = self._here(task, stack, report)
            prepared = self._worker.prepare(local, report)
        except ChapterizeError as error:
            stack.close()
            row = Row(task.item.source, "failed", "downloading", reason=Reason.of(error))
            return Finished(task.item, row)
        except BaseException:
            stack.close()
            raise
        if isinstance(prepared, Finished):
            stack.close()
            return _of(task, prepared)
        return Held(task, prepared, stack)

    def commit(self, held: Held) -> Finished:
        """See `Worker.commit`; the outputs are written where they belong."""
        with held.stack:
            if self._plan.address is None:
                return _of(held.task, self._worker.commit(held.prepared))
            try:
                return self._uploaded(held)
            finally:
                self._worker.discard(held.prepared)

    def discard(self, held: Held) -> None:
        """See `Worker.discard`."""
        with held.stack:
            self._worker.discard(held.prepared)

    def _here(self, task: Task, stack: ExitStack, report: OnProgress) -> Task:
        """The same task with a local copy of the input, and a local folder for the results."""
        n_copies = sum(target.kind == EMBED for target in task.targets)
        item = task.item

        def wait() -> None:
            report("waiting for space", 0.0)

        if is_remote(item.source):
            report("downloading", 0.0)
            copy = stack.enter_context(
                local_copy(item.source, task.captions, n_results=n_copies, on_wait=wait)
            )
            item = replace(item, source=str(copy))
        if self._plan.address is not None:
            n_bytes = 0 if is_remote(task.item.source) else n_copies * max(0, item.size_bytes)
            root = stack.enter_context(room_for(_TEXT_BYTES + n_bytes, on_wait=wait))
            plan = replace(self._plan, root=root)
            # They take a while to compute, and do not depend on the root.
            vars(plan)["keys"] = self._plan.keys
            self._worker.plan = plan
        return replace(task, item=item)

    def _uploaded(self, held: Held) -> Finished:
        """Write the results to the storage; each is recorded with its version there."""
        item, row = held.task.item, held.prepared.row
        assert self._plan.address is not None
        written: dict[str, tuple[str, int, int]] = {}
        addresses = []
        reason: Reason | None = None
        try:
            for target, (made, _) in held.prepared.files.items():
                relative = PurePosixPath(Path(target).relative_to(self._plan.root).as_posix())
                file = write_remote(Path(made), joined(self._plan.address, relative))
                written[target] = (file.version, file.size_bytes, file.mtime_ns)
                addresses.append(file.url)
        except ChapterizeError as error:
            reason = Reason.of(error)
        row = replace(row, source=item.source, outputs=tuple(addresses))
        if reason is not None:
            row = replace(row, state="failed", stage="writing", reason=reason)
        return _of(held.task, Finished(item, row, held.prepared.identity, written))


def _of(task: Task, finished: Finished) -> Finished:
    """The outcome for the file itself instead of for its copy."""
    item = task.item
    row = replace(finished.row, source=item.source)
    identity = dict(finished.identity)
    if identity and is_remote(item.source):
        # The time of a copy says nothing; that of an item includes its caption files.
        identity |= {
            "size": item.size_bytes,
            "mtime_ns": item.mtime_ns,
            "captions": dict.fromkeys(task.captions),
        }
    return Finished(item, row, identity, finished.outputs)
