"""Interrupted deliveries: expired sessions, lost responses, killed runs, changed files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.deliver import Conversation
from chapterize.errors import (
    InputError,
    OutOfCredits,
    RemoteError,
    RemoteProtocolError,
    RemoteUnreachable,
    RunInterrupted,
    SessionExpired,
)
from chapterize.media import open_media
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job
from chapterize.remote.workflow import carry
from tests.fake_service import FakeService, faults
from tests.remote.links import (
    Killed,
    Scene,
    opened_scene,
    steps,
    stopping,
)


@pytest.fixture
def scene(fake: FakeService, video_mp4: Path, tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(fake, video_mp4, tmp_path / "videos") as made:
        yield made


@pytest.mark.parametrize(
    ("act", "step", "uploads"),
    [("upload", "wanted", 1), ("upload", "done", 2), ("message", "done", 2)],
)
def test_an_expired_session_is_replaced(act: str, step: str, uploads: int, scene: Scene) -> None:
    scene.user.pay_again = act == "message"
    scene.stopped(act, step)
    scene.fake.lose_sessions()
    scene.carry()
    assert len(scene.fake.sessions) == 2
    assert scene.n_uploads == uploads
    assert scene.has_shown("starting a new one")
    assert scene.charges["render"] == 1
    assert steps(scene.now, "session") == ["made", "lost", "made"]


@pytest.mark.parametrize("call", ["upload", "run", "state", "render"])
def test_a_session_that_expires_during_a_run_is_replaced(call: str, scene: Scene) -> None:
    scene.fake.fail(call, faults.envelope(1002, 404))
    scene.user.pay_again = call == "render"
    assert scene.carry().path.is_file()
    assert len(scene.user.repeats) == (call == "render")
    assert len(scene.fake.sessions) == 2
    assert scene.charges["render"] == 1


def test_after_a_second_expired_session_the_run_fails(scene: Scene) -> None:
    scene.fake.fail("upload", faults.envelope(1002), times=99)
    with pytest.raises(SessionExpired):
        scene.carry()
    assert len(scene.fake.sessions) == 2


def test_a_later_run_may_replace_an_expired_session_again(scene: Scene) -> None:
    scene.stopped("upload", "done")
    scene.fake.lose_sessions()
    with scene.run() as link:
        stopping(link, "upload", "done")
        with pytest.raises(Killed):
            carry(link, scene.job)
    scene.fake.lose_sessions()
    assert scene.carry().path.is_file()
    assert len(scene.fake.sessions) == 3
    assert scene.charges == {"edit": 1, "render": 1}


@pytest.mark.parametrize("step", ["begun", "done"])
def test_a_render_outlives_its_session(step: str, scene: Scene) -> None:
    """A paid render is fetched by its id; nothing is repeated."""
    scene.stopped("render", step)
    scene.fake.lose_sessions()
    assert scene.carry().path.is_file()
    assert len(scene.fake.sessions) == 1
    assert scene.charges == {"edit": 1, "render": 1}


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize(
    "fault", [faults.reset_after(), faults.truncated()], ids=lambda fault: fault.kind
)
def test_an_upload_whose_response_was_lost_is_not_repeated(
    fault: faults.Fault, is_late: bool, scene: Scene
) -> None:
    scene.fake.switches.session_state_applied = not is_late
    scene.fake.fail("upload", fault)
    scene.carry()
    assert len(scene.fake.calls("upload")) == scene.n_uploads == 1


def test_an_interrupted_upload_is_retried_once(scene: Scene) -> None:
    scene.fake.fail("upload", faults.reset_before())
    scene.carry()
    assert scene.n_uploads == 1
    assert scene.has_shown("retrying once")
    assert steps(scene.now, "upload") == ["wanted", "wanted", "done"]


def test_an_upload_that_is_interrupted_twice_is_left_to_the_next_run(scene: Scene) -> None:
    scene.fake.fail("upload", faults.reset_before(), times=2)
    with pytest.raises(RemoteUnreachable):
        scene.carry()
    assert len(scene.fake.calls("upload")) == 2
    scene.carry()
    assert scene.n_uploads == 1
    assert scene.charges == {"edit": 1, "render": 1}


@pytest.mark.parametrize("is_late", [False, True])
def test_an_upload_of_a_killed_run_is_searched_for_first(is_late: bool, scene: Scene) -> None:
    scene.fake.switches.session_state_applied = not is_late
    with scene.run() as link:
        link.journal.add_job(scene.job)
        made = link.client.create_session("en")
        link.journal.note("session", step="made", session_id=made.session_id)
        link.journal.note("upload", job=scene.job, step="wanted", size=1)
        link.client.upload_files(made.session_id, {scene.job.name: scene.source})
    scene.carry()
    assert len(scene.fake.calls("upload")) == 1


def test_files_uploaded_by_hand_are_not_mistaken_for_the_lost_upload(scene: Scene) -> None:
    with scene.run() as link:
        link.journal.add_job(scene.job)
        made = link.client.create_session("en")
        link.journal.note("session", step="made", session_id=made.session_id)
        addresses = ["https://example.com/a.mp4", "https://example.com/b.mp4"]
        link.client.upload_addresses(made.session_id, addresses)
        link.journal.note("upload", step="done", n_files=2)
        link.journal.note("upload", job=scene.job, step="wanted", size=1)
    scene.user.answer = True
    scene.carry()
    uploads = [each.filename for s in scene.fake.sessions.values() for each in s.uploads]
    assert uploads == ["a.mp4", "b.mp4", "talk.mp4"]


def test_a_source_that_has_changed_is_an_error_and_nothing_is_sent(scene: Scene) -> None:
    scene.source.write_bytes(scene.source.read_bytes() + b"\0")
    with pytest.raises(InputError, match="has changed since"):
        scene.carry()
    assert scene.fake.calls("upload") == scene.fake.calls("run") == []


def test_a_deleted_source_is_an_error(scene: Scene) -> None:
    scene.stopped("session", "made")
    scene.source.unlink()
    with pytest.raises(InputError, match="cannot read"):
        scene.carry()


def test_a_run_that_ran_out_of_credits_resumes_when_there_are_some(scene: Scene) -> None:
    scene.fake.switches.out_of_credits = "sse-text"
    with pytest.raises(OutOfCredits):
        scene.carry()
    scene.fake.switches.out_of_credits = ""
    scene.carry()
    assert scene.n_uploads == 1
    assert scene.charges == {"edit": 1, "render": 1}


@pytest.mark.slow
def test_a_message_with_unknown_outcome_is_neither_resent_nor_rendered(scene: Scene) -> None:
    scene.fake.switches.cut_stream_at, scene.fake.switches.cut_keeps_edit = 10, False
    for _ in range(2):
        with pytest.raises(RunInterrupted):
            scene.carry()
    assert scene.charges == {"edit": 1}
    scene.fake.switches.cut_stream_at = None
    scene.carry(send_again=True)
    assert scene.charges == {"edit": 2, "render": 1}
    # The user asked for that.
    assert scene.fake.complaints == ["run: a message was sent twice"]
    scene.fake.complaints.clear()


@pytest.mark.parametrize("wrong", ["not-video", "short", "size"])
def test_a_download_that_is_no_video_is_not_stored(wrong: str, scene: Scene) -> None:
    scene.fake.switches.set({"download_wrong": wrong, "render_shape": "flat"})

    def finish(video: Path, job: Job) -> tuple[str, ...]:
        open_media(video)
        return ()

    with scene.run() as link, pytest.raises((RemoteError, InputError)):
        carry(replace(link, finish=finish), scene.job)
    assert not scene.job.target.exists()
    scene.fake.switches.download_wrong = ""
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}


def test_a_download_of_the_wrong_length_is_an_error_with_a_next_step(scene: Scene) -> None:
    scene.fake.switches.download_wrong, scene.fake.switches.render_shape = "size", "flat"
    with pytest.raises(RemoteProtocolError, match="the video is incomplete") as cut:
        scene.carry()
    assert "remote resume" in cut.value.hint


def test_an_unavailable_credit_balance_is_no_obstacle(scene: Scene) -> None:
    scene.fake.fail("credits", faults.status(500), times=99)
    scene.carry()
    assert [e for e in scene.now.entries if e["act"] == "credits"] == []


def test_a_render_that_never_started_does_not_prevent_giving_up(scene: Scene) -> None:
    scene.stopped("render", "wanted")
    Conversation(Identity(scene.fake.base), scene.user).cancel()
    assert scene.now.is_ended
