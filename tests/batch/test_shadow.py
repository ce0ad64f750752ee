"""Batch runs with inputs and outputs on other storage."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from chapterize.batch import shadow as module
from chapterize.batch.driver import Summary, opened, run_batch
from chapterize.batch.engine import Event, Finished, Intent, Task
from chapterize.batch.plan import Plan
from chapterize.batch.remote_items import find_remote
from chapterize.batch.rows import Row
from chapterize.batch.shadow import Shadow
from chapterize.batch.targets import Targets
from chapterize.batch.transfer import TransferWorker
from chapterize.errors import OutputError
from chapterize.pipeline import load_engines

OUT = "memory://out"
ENGINES = cache(load_engines)


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import fsspec

    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("chapterize.batch.work.load_engines", ENGINES)
    system = fsspec.filesystem("memory")
    system.store.clear()
    for name in ("a", "week1/b"):
        system.pipe(f"/talks/{name}.vtt", captions(name))
    yield system
    system.store.clear()


def captions(topic: str) -> bytes:
    cues = [
        f"00:0{n // 60}:{n % 60:02}.000 --> 00:0{n // 60}:{n % 60:02}.900\n"
        f"This is sentence {n} of {topic}.\n"
        for n in range(0, 300, 3)
    ]
    return "\n".join(["WEBVTT", "", *cues]).encode()


class InlineEngine:
    """Works in this process, and notes what it worked on."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.dies_before_recording = False

    def run(self, tasks: Iterable[Task | None], plan: Plan) -> Generator[Event, bool | None, None]:
        worker = TransferWorker(plan)
        for task in tasks:
            if task is None:
                return
            self.seen.append(str(task.item.relative))
            held = worker.prepare(task, lambda stage, fraction: None)
            if isinstance(held, Finished):
                yield held
                continue
            if (yield Intent(task.item, held.outputs)) is False:
                worker.discard(held)
                continue
            finished = worker.commit(held)
            if self.dies_before_recording:
                raise KeyboardInterrupt
            yield finished

    def close(self) -> None:
        pass


def run(engine: InlineEngine, **options: Any) -> tuple[dict[str, Row], Summary]:
    tree = Shadow(OUT)
    rows: dict[str, Row] = {}
    summary = Summary()
    with tree.held(), opened(tree.root) as records:
        plan = Plan(targets=Targets(tree.root), root=tree.root, address=OUT, **options)
        items = find_remote(["memory://talks"], recursive=True)

        def on_row(row: Row) -> None:
            rows[row.source.removeprefix("memory://talks/")] = tree.shown(row)

        run_batch(items, plan, tree.engine(engine), on_row, records=records, summary=summary)
    return rows, summary


def states(rows: dict[str, Row]) -> dict[str, str]:
    return {name: row.state for name, row in rows.items()}


def test_results_are_written_to_the_storage_and_then_skipped(memory: Any, tmp_path: Path) -> None:
    rows, _ = run(InlineEngine())
    assert states(rows) == {"a.vtt": "done", "week1/b.vtt": "done"}
    assert rows["week1/b.vtt"].outputs == ("memory://out/week1/b.youtube.txt",)
    assert memory.cat_file("/out/week1/b.youtube.txt").startswith(b"0:00 ")
    again = InlineEngine()
    rows, _ = run(again)
    assert states(rows) == {"a.vtt": "skipped", "week1/b.vtt": "skipped"}
    assert rows["a.vtt"].outputs == ("memory://out/a.youtube.txt",)
    assert again.seen == []


def test_another_machine_continues_from_the_records_on_the_storage(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(InlineEngine())
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "other machine"))
    again = InlineEngine()
    rows, _ = run(again)
    assert states(rows) == {"a.vtt": "skipped", "week1/b.vtt": "skipped"}
    assert again.seen == []


def test_a_deleted_output_and_a_changed_input_are_done_again(memory: Any) -> None:
    run(InlineEngine())
    memory.rm_file("/out/a.youtube.txt")
    memory.pipe("/talks/week1/b.vtt", captions("other things"))
    again = InlineEngine()
    rows, _ = run(again)
    assert states(rows) == {"a.vtt": "done", "week1/b.vtt": "done"}
    assert memory.exists("/out/a.youtube.txt")
    again = InlineEngine()
    run(again)
    assert again.seen == []


def test_what_a_person_wrote_or_changed_there_is_kept(memory: Any) -> None:
    memory.pipe("/out/a.youtube.txt", b"00:00 Mine\n")
    rows, _ = run(InlineEngine())
    assert states(rows) == {"a.vtt": "kept", "week1/b.vtt": "done"}
    reason = rows["a.vtt"].reason
    assert reason is not None
    assert reason.what == "memory://out/a.youtube.txt already exists"
    memory.pipe("/out/week1/b.youtube.txt", b"00:00 Also mine\n")
    rows, _ = run(InlineEngine())
    assert states(rows) == {"a.vtt": "kept", "week1/b.vtt": "kept"}
    rows, _ = run(InlineEngine(), replace=True)
    assert states(rows) == {"a.vtt": "done", "week1/b.vtt": "done"}
    assert b"ine" not in memory.cat_file("/out/a.youtube.txt").split(b"\n")[0]


def test_what_was_written_but_not_recorded_is_ours(memory: Any) -> None:
    engine = InlineEngine()
    engine.dies_before_recording = True
    with pytest.raises(KeyboardInterrupt):
        run(engine)
    assert len(memory.find("/out")) == 2
    rows, _ = run(InlineEngine())
    assert states(rows) == {"a.vtt": "done", "week1/b.vtt": "done"}


def test_no_copy_is_left_behind(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    memory.pipe("/talks/broken.mp4", b"no video")
    rows, summary = run(InlineEngine())
    assert states(rows)["broken.mp4"] == "failed"
    assert summary.counts == {"done": 2, "failed": 1}
    assert rows["broken.mp4"].source == "memory://talks/broken.mp4"
    (folder,) = tmp_path.glob("chapterize-*")
    assert [path.name for path in folder.iterdir()] == ["lock"]


def test_a_run_on_another_machine_is_named(memory: Any) -> None:
    holder = {"pid": 7, "host": "render-2", "since": "2024-05-01 10:00:00"}
    memory.pipe("/out/.chapterize/batch.holder.json", json.dumps(holder).encode())
    with pytest.raises(OutputError) as caught:
        run(InlineEngine())
    assert caught.value.what == "another batch run works in memory://out"
    assert caught.value.why == "process 7 on render-2, since 2024-05-01 10:00:00"
    assert memory.find("/out") == ["/out/.chapterize/batch.holder.json"]


def test_a_run_that_stopped_long_ago_does_not_hold_the_tree(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = {"pid": 7, "host": "render-2", "since": "2024-05-01 10:00:00"}
    memory.pipe("/out/.chapterize/batch.holder.json", json.dumps(holder).encode())
    monkeypatch.setattr(module, "_STALE_AFTER", 0.0)
    rows, _ = run(InlineEngine())
    assert states(rows) == {"a.vtt": "done", "week1/b.vtt": "done"}
    assert not memory.exists("/out/.chapterize/batch.holder.json")


def test_a_second_run_on_this_machine_is_refused(memory: Any) -> None:
    with (
        Shadow(OUT).held(),
        pytest.raises(OutputError, match="another batch run"),
        Shadow(f"{OUT}/").held(),
    ):
        pass
    assert not memory.exists("/out/.chapterize/batch.holder.json")


def test_the_records_reach_the_storage_during_a_long_run(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PUSH_EVERY", 0.0)
    pushed = []
    push = Shadow.push

    def note(tree: Shadow) -> None:
        pushed.append(tree)
        push(tree)

    monkeypatch.setattr(Shadow, "push", note)
    run(InlineEngine())
    # After each event, and at the end.
    assert len(pushed) >= 4
