"""What a worker does with one file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from chapterize.batch.engine import Finished, Task
from chapterize.batch.items import find_items
from chapterize.batch.plan import Plan
from chapterize.batch.targets import EMBED, Target
from chapterize.batch.work import Prepared, Worker, workspace_of
from chapterize.errors import EngineError
from chapterize.media import open_media
from chapterize.pipeline import Draft, Options, make_draft
from chapterize.segment import SegmentOptions
from chapterize.transcribe import WhisperTranscriber
from tests.batch.inline_engine import plan_of, talks
from tests.conftest import H264, SINE, TESTSRC, MakeMedia


def quiet(stage: str, fraction: float) -> None:
    pass


def task_for(source: Path, plan: Plan, **settings: Any) -> Task:
    (item,) = find_items([str(source)])
    return Task(item, plan.targets.of(item), **settings)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return talks(tmp_path / "in", "talk.srt") / "talk.srt"


def test_nothing_is_written_before_the_commit(talk: Path, tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "out", "youtube", "webvtt")
    worker = Worker(plan)
    made = worker.prepare(task_for(talk, plan), quiet)
    assert isinstance(made, Prepared)
    assert not list((tmp_path / "out").glob("talk*"))
    done = worker.commit(made)
    assert sorted(path.name for path in (tmp_path / "out").glob("talk*")) == [
        "talk.vtt",
        "talk.youtube.txt",
    ]
    assert set(done.row.outputs) == set(made.outputs)
    assert {path: entry[0] for path, entry in done.outputs.items()} == made.outputs
    assert not list((tmp_path / "out" / ".chapterize" / "work").iterdir())


def test_a_row_says_what_is_in_the_draft(talk: Path, tmp_path: Path) -> None:
    options = Options(segment=SegmentOptions(count=3))
    plan = plan_of(tmp_path / "out", options=options)
    made = Worker(plan).prepare(task_for(talk, plan), quiet)
    assert isinstance(made, Prepared)
    row, draft = made.row, make_draft(talk, options)
    assert row.n_chapters == len(draft.chapters) == len(row.chapters)
    assert row.duration == draft.media.duration
    assert row.confidence_low == min(c.confidence or 0.0 for c in draft.chapters.chapters[1:])
    assert row.language == "en"


def test_a_copy_with_chapters_is_made(make_media: MakeMedia, tmp_path: Path) -> None:
    folder = talks(tmp_path / "in", "v.srt")
    shutil.copy(make_media("v.mp4", *TESTSRC, *SINE, *H264), folder / "v.mp4")
    plan = plan_of(tmp_path / "out", options=Options(offline=True))
    (item,) = find_items([str(folder / "v.mp4")])
    target = Target(tmp_path / "out" / "v-chapters.mp4", EMBED)
    worker = Worker(plan)
    made = worker.prepare(Task(item, (target,), ("v.srt",)), quiet)
    assert isinstance(made, Prepared)
    worker.commit(made)
    assert open_media(target.path).chapters


def test_a_file_that_cannot_be_read_fails_with_its_stage(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video")
    plan = plan_of(tmp_path / "out")
    found = Worker(plan).prepare(task_for(tmp_path / "a.mp4", plan), quiet)
    assert isinstance(found, Finished)
    assert (found.row.state, found.row.stage) == ("failed", "opening")


def test_an_unexpected_error_fails_the_file_and_not_the_worker(talk: Path, tmp_path: Path) -> None:
    def broken(*_: Any, **__: Any) -> Draft:
        raise ZeroDivisionError("division by zero")

    plan = plan_of(tmp_path / "out")
    found = Worker(plan, draft=broken).prepare(task_for(talk, plan), quiet)
    assert isinstance(found, Finished)
    assert found.row.reason is not None
    assert found.row.reason.what == "ZeroDivisionError: division by zero"


@pytest.mark.parametrize(
    "error", [MemoryError(), EngineError("recognition failed", why="CUDA out of memory")]
)
def test_out_of_memory_is_tried_once_more_with_less(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(WhisperTranscriber, "use_less_memory", lambda self: calls.append("less"))

    def short(*arguments: Any, **settings: Any) -> Draft:
        calls.append("draft")
        if len(calls) == 1:
            raise error
        return make_draft(*arguments, **settings)

    plan = plan_of(tmp_path / "out")
    found = Worker(plan, draft=short).prepare(task_for(talk, plan), quiet)
    assert isinstance(found, Prepared)
    assert calls == ["draft", "less", "draft"]


def test_another_failure_is_not_tried_again(talk: Path, tmp_path: Path) -> None:
    calls: list[str] = []

    def broken(*_: Any, **__: Any) -> Draft:
        calls.append("draft")
        raise EngineError("recognition failed")

    plan = plan_of(tmp_path / "out")
    Worker(plan, draft=broken).prepare(task_for(talk, plan), quiet)
    assert calls == ["draft"]


def test_a_file_whose_worker_died_is_tried_with_less_memory(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(WhisperTranscriber, "use_less_memory", lambda self: calls.append("less"))
    plan = plan_of(tmp_path / "out")
    Worker(plan).prepare(task_for(talk, plan, attempt=2), quiet)
    assert calls == ["less"]


def test_a_folder_that_cannot_be_written_fails_the_file(talk: Path, tmp_path: Path) -> None:
    plan = plan_of(tmp_path / "out")
    (tmp_path / "out").mkdir()
    (item,) = find_items([str(talk)])
    (tmp_path / "out" / "file").touch()
    task = Task(item, (Target(tmp_path / "out" / "file" / "talk.txt", "youtube"),))
    worker = Worker(plan)
    made = worker.prepare(task, quiet)
    assert isinstance(made, Prepared)
    found = worker.commit(made)
    assert (found.row.state, found.row.stage) == ("failed", "writing")
    assert not workspace_of(plan.root, task).exists()


def test_the_disk_of_the_results_may_be_another_one(talk: Path, tmp_path: Path) -> None:
    elsewhere = Path("/dev/shm")
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second disk")
    plan = plan_of(tmp_path / "out")
    (item,) = find_items([str(talk)])
    folder = elsewhere / f"chapterize-{tmp_path.name}"
    worker = Worker(plan)
    try:
        made = worker.prepare(Task(item, (Target(folder / "talk.txt", "youtube"),)), quiet)
        assert isinstance(made, Prepared)
        assert worker.commit(made).row.state == "done"
        assert (folder / "talk.txt").exists()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
