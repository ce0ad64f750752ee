"""A second delivery to the same file is refused before it is uploaded, and before it is paid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.errors import OutputError
from chapterize.remote.journal import SessionJournal
from chapterize.remote.targets import refuse_second
from tests.fake_service import FakeService
from tests.remote.links import Scene, opened_scene


@pytest.fixture
def scene(fake: FakeService, video_mp4: Path, tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(fake, video_mp4, tmp_path / "videos") as made:
        yield made


def test_an_unfinished_delivery_keeps_its_target(scene: Scene) -> None:
    scene.stopped("upload", "done")
    with pytest.raises(OutputError, match="has the same target") as refused:
        refuse_second(scene.job.target, None)
    name = scene.journal.name
    assert f"chapterize remote resume {name};" in refused.value.hint
    assert f"chapterize remote cancel {name};" in refused.value.hint
    refuse_second(scene.job.target.with_name("other.mp4"), None)
    refuse_second(scene.job.target, None, scene.now)
    scene.job.target.write_text("a local result")
    with pytest.raises(OutputError) as refused:
        refuse_second(scene.folder / "." / ".." / "videos" / scene.job.target.name, None)
    assert f"chapterize remote resume {name} --force;" in refused.value.hint


@pytest.mark.parametrize("step", ["made", "wanted"])
def test_a_delivery_without_an_upload_blocks_nothing(step: str, scene: Scene) -> None:
    scene.stopped("session" if step == "made" else "upload", step)
    refuse_second(scene.job.target, None)


def test_a_finished_or_cancelled_delivery_blocks_nothing(scene: Scene) -> None:
    scene.carry()
    refuse_second(scene.job.target, None)


def test_a_delivery_that_is_being_worked_on_keeps_its_target(scene: Scene) -> None:
    scene.stopped("session", "made")
    with scene.now.locked(), pytest.raises(OutputError, match="has the same target"):
        refuse_second(scene.job.target, None)
    refuse_second(scene.job.target, None)


def test_a_second_run_ends_before_its_upload_and_leaves_nothing_to_resume(scene: Scene) -> None:
    scene.stopped("upload", "done")
    first, scene.journal = scene.journal, SessionJournal.begin(scene.fake.base)
    with pytest.raises(OutputError, match="has the same target"):
        scene.carry()
    assert scene.n_uploads == 1
    assert scene.now.is_ended
    scene.journal = first
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}


def test_a_run_that_is_resumed_finds_the_target_taken_too(scene: Scene) -> None:
    scene.stopped("session", "made")
    first, scene.journal = scene.journal, SessionJournal.begin(scene.fake.base)
    scene.stopped("upload", "done")
    second, scene.journal = scene.journal, first
    with pytest.raises(OutputError, match="has the same target"):
        scene.carry()
    scene.journal = second
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}
