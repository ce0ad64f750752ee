"""A session that expires after a paid edit: nothing is paid again unless the user agrees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.errors import SessionExpired
from tests.fake_service import FakeService, faults
from tests.remote.links import Scene, make_job, opened_scene, steps


@pytest.fixture
def scene(fake: FakeService, video_mp4: Path, tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(fake, video_mp4, tmp_path / "videos") as made:
        yield made


@pytest.mark.parametrize("step", ["wanted", "done"])
def test_an_edit_that_may_be_paid_is_not_repeated_unasked(step: str, scene: Scene) -> None:
    scene.stopped("message", step)
    scene.fake.lose_sessions()
    n_charges = len(scene.fake.charges)
    for n in (1, 2):
        with pytest.raises(SessionExpired, match="a paid edit of") as expired:
            scene.carry()
        assert f"remote resume {scene.journal.name} --pay-again" in expired.value.hint
        assert len(scene.user.repeats) == n
    assert len(scene.fake.charges) == n_charges
    assert scene.n_uploads == 1
    # Nothing but a request that fails: the next run may find the session again.
    assert steps(scene.now, "session") == ["made"]


def test_a_user_who_agrees_pays_again_and_the_journal_has_it(scene: Scene) -> None:
    scene.stopped("message", "done")
    scene.fake.lose_sessions()
    scene.user.pay_again = True
    scene.carry()
    assert scene.charges == {"edit": 2, "render": 1}
    assert [entry["act"] for entry in scene.now.entries].count("again") == 1
    assert "paid" in scene.user.repeats[0]


@pytest.mark.parametrize("skip", [1, 2, 3])
def test_a_session_that_expires_while_the_result_is_read_counts_as_paid(
    skip: int, scene: Scene
) -> None:
    """The message was sent: only what reads the state after it finds no session."""
    scene.fake.fail("state", faults.envelope(1002), times=99, skip=skip)
    with pytest.raises(SessionExpired, match="a paid edit of"):
        scene.carry()
    assert scene.charges == {"edit": 1}
    assert len(scene.user.repeats) == 1


def test_a_message_that_was_refused_was_not_paid(scene: Scene) -> None:
    scene.fake.fail("run", faults.envelope(1002, 404))
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}
    assert scene.user.repeats == []


def test_one_agreement_is_not_one_for_the_next_expired_session(scene: Scene) -> None:
    scene.stopped("message", "done")
    scene.fake.lose_sessions()
    scene.user.pay_again = True
    scene.stopped("message", "done")
    scene.fake.lose_sessions()
    scene.user.pay_again = False
    with pytest.raises(SessionExpired):
        scene.carry()
    assert scene.charges == {"edit": 2}
    assert len(scene.user.repeats) == 2


def test_an_agreement_holds_until_the_edit_is_repeated(scene: Scene) -> None:
    scene.stopped("message", "done")
    scene.fake.lose_sessions()
    scene.user.pay_again = True
    scene.stopped("session", "lost")
    scene.user.pay_again = False
    scene.carry()
    assert scene.charges == {"edit": 2, "render": 1}
    assert len(scene.user.repeats) == 1


def test_an_edit_that_another_file_has_replaced_is_not_repeated_unasked(
    scene: Scene, video_only_mp4: Path
) -> None:
    scene.stopped("message", "done")
    scene.carry(job=make_job(video_only_mp4, scene.folder / "other.mp4"))
    with pytest.raises(SessionExpired, match="a paid edit of") as lost:
        scene.carry()
    assert "another file has replaced talk.mp4 on the timeline" in lost.value.why
    assert scene.charges == {"edit": 2, "render": 1}
    scene.user.pay_again = True
    scene.carry()
    assert scene.charges == {"edit": 3, "render": 2}


def test_a_render_that_was_started_is_kept_although_another_file_follows(
    scene: Scene, video_only_mp4: Path
) -> None:
    scene.stopped("render", "begun")
    scene.carry(job=make_job(video_only_mp4, scene.folder / "other.mp4"))
    scene.carry()
    assert scene.user.repeats == []
    assert scene.charges == {"edit": 2, "render": 2}


def test_another_file_that_starts_a_new_session_does_not_make_the_first_pay_again(
    scene: Scene, video_only_mp4: Path
) -> None:
    scene.stopped("message", "done")
    scene.fake.lose_sessions()
    other = make_job(video_only_mp4, scene.folder / "other.mp4")
    scene.carry(job=other)
    assert scene.user.repeats == []
    with pytest.raises(SessionExpired, match="a paid edit of"):
        scene.carry()
    assert scene.charges == {"edit": 2, "render": 1}
