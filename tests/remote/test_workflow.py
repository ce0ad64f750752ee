"""One file from the upload to the finished video, with a correct and an incorrect agent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.errors import (
    RemoteRefused,
    RunInterrupted,
)
from chapterize.media import open_media
from tests.fake_service import FakeService, faults
from tests.remote.links import (
    CHAPTERS,
    Scene,
    make_job,
    opened_scene,
)


@pytest.fixture
def scene(fake: FakeService, video_mp4: Path, tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(fake, video_mp4, tmp_path / "videos") as made:
        yield made


def test_a_file_is_uploaded_edited_rendered_and_downloaded(scene: Scene) -> None:
    done = scene.carry()
    assert done.path == scene.job.target
    assert open_media(done.path).has_video
    assert scene.charges == {"edit": 1, "render": 1}
    assert scene.n_uploads == 1
    assert [line.split('"')[1] for line in done.changes] == list(CHAPTERS.titles)
    acts = [entry["act"] for entry in scene.now.entries]
    order = ["begin", "job", "session", "upload", "message", "render", "download", "end"]
    assert [act for act in dict.fromkeys(acts) if act in order] == order
    assert {stage for stage, _ in scene.user.stages} >= {"uploading", "downloading"}
    assert scene.user.checks == []


def test_a_second_run_finds_everything_done_and_sends_no_request(scene: Scene) -> None:
    scene.carry()
    n_requests = len(scene.fake.history)
    assert scene.carry().path == scene.job.target
    assert len(scene.fake.history) == n_requests


def test_misplaced_titles_are_corrected_exactly_once(scene: Scene) -> None:
    scene.fake.switches.misplaced_by = 2.6
    done = scene.carry()
    assert len(scene.texts) == 2
    assert all(title in scene.texts[1] for title in CHAPTERS.titles)
    assert scene.charges == {"edit": 2, "render": 1}
    assert scene.user.checks == []
    assert scene.has_shown("requesting one correction")
    # Each title was added too late, then moved to its place.
    assert sum(line.startswith("Changed") for line in done.changes) == 3


def test_a_correction_requests_only_the_missing_title(scene: Scene) -> None:
    scene.fake.switches.missing_titles = 1
    scene.carry()
    (_, correction) = scene.texts
    present = [title in correction for title in CHAPTERS.titles]
    assert present == [False, False, True]


@pytest.mark.slow
@pytest.mark.parametrize("answer", [True, False])
def test_when_the_correction_fails_the_user_decides(answer: bool, scene: Scene) -> None:
    scene.fake.switches.misplaced_by, scene.fake.switches.stubborn = 2.6, True
    scene.user.answer = answer
    if answer:
        assert scene.carry().path.is_file()
    else:
        with pytest.raises(RemoteRefused, match="did not carry out the plan") as refused:
            scene.carry()
        assert refused.value.why == "titles at the wrong time: 3"
        name = scene.journal.name
        assert f"chapterize remote say --session {name}" in refused.value.hint
        assert refused.value.hint.endswith(f"chapterize remote resume {name}")
    ((check, question),) = scene.user.checks
    assert [chapter.title for chapter, _ in check.misplaced] == list(CHAPTERS.titles)
    assert question is None
    assert scene.charges == {"edit": 2} | ({"render": 1} if answer else {})


@pytest.mark.slow
def test_a_user_who_accepted_the_result_is_not_asked_again_by_the_next_run(scene: Scene) -> None:
    scene.fake.switches.misplaced_by, scene.fake.switches.stubborn = 2.6, True
    scene.user.answer = True
    scene.stopped("accepted", "")
    assert len(scene.user.checks) == 1
    scene.carry()
    assert len(scene.user.checks) == 1
    assert scene.charges == {"edit": 2, "render": 1}


@pytest.mark.slow
def test_a_user_who_declined_is_asked_again_and_no_message_is_sent_twice(scene: Scene) -> None:
    scene.fake.switches.misplaced_by, scene.fake.switches.stubborn = 2.6, True
    with pytest.raises(RemoteRefused):
        scene.carry()
    scene.user.answer = True
    scene.carry()
    assert len(scene.user.checks) == 2
    assert scene.charges == {"edit": 2, "render": 1}


def test_a_question_of_the_agent_goes_to_the_user_and_no_correction_is_sent(scene: Scene) -> None:
    scene.fake.switches.misplaced_by, scene.fake.switches.asks_question = 2.6, True
    scene.fake.switches.answer = "Done."
    with pytest.raises(RemoteRefused) as refused:
        scene.carry()
    assert refused.value.why == "Shall I also add a short intro?"
    assert len(scene.texts) == 1
    ((_, question),) = scene.user.checks
    assert question == "Shall I also add a short intro?"


def test_a_question_after_a_correct_result_is_ignored(scene: Scene) -> None:
    scene.fake.switches.asks_question, scene.fake.switches.answer = True, "Done."
    assert scene.carry().path.is_file()
    assert scene.user.checks == []


def test_tracks_that_were_not_requested_are_reported(scene: Scene) -> None:
    scene.fake.switches.unasked_tracks = True
    scene.user.answer = True
    done = scene.carry()
    unrequested = [line for line in done.changes if line.startswith("not requested")]
    assert any("Lo-fi" in line for line in unrequested)
    assert any("Subscribe for more!" in line for line in unrequested)
    assert not any(title in line for line in unrequested for title in CHAPTERS.titles)
    assert all(scene.has_shown(line) for line in unrequested)
    ((check, _),) = scene.user.checks
    assert {segment.text for segment in check.surplus} == {"Subscribe for more!"}


@pytest.mark.parametrize("n_readings", [1, 2])
def test_tracks_that_appear_in_later_readings_are_reported(n_readings: int, scene: Scene) -> None:
    scene.fake.switches.unasked_tracks = True
    scene.fake.switches.unasked_readings = n_readings
    scene.user.answer = True
    done = scene.carry()
    unrequested = [line for line in done.changes if line.startswith("not requested")]
    assert any("Lo-fi" in line for line in unrequested)
    assert any("Subscribe for more!" in line for line in unrequested)


@pytest.mark.parametrize("step", ["wanted", "done"])
def test_changes_are_reported_although_the_first_run_was_killed(step: str, scene: Scene) -> None:
    if step == "wanted":
        scene.fake.switches.edit_moment = "before"
        scene.fake.fail("state", faults.status(500), times=1000, skip=2)
        with pytest.raises(RunInterrupted):
            scene.carry()
        scene.fake._planned.clear()
    else:
        scene.stopped("message", "done")
    done = scene.carry()
    assert [line.split('"')[1] for line in done.changes] == list(CHAPTERS.titles)
    assert scene.charges == {"edit": 1, "render": 1}


def test_several_files_in_one_session_each_have_their_own_render(
    scene: Scene, video_only_mp4: Path
) -> None:
    second = Path(shutil.copy(video_only_mp4, scene.folder / "second.mp4"))
    chapters = Chapters.from_starts([0.0, 2.0], ["One", "Two"], 4.0)
    other = make_job(second, scene.folder / "second-chapters.mp4", chapters)
    scene.carry()
    scene.carry(job=other)
    assert len(scene.fake.sessions) == 1
    assert scene.n_uploads == 2
    assert scene.charges == {"edit": 2, "render": 2}
    assert len(set(scene.fake.renders)) == 2
    assert scene.user.checks == []
    for job in (scene.job, other):
        assert open_media(job.target).duration == pytest.approx(4.0, abs=0.5)
        assert scene.now.ended(job) is not None
    assert scene.now.is_ended
