"""A render is started once, found by its id whatever happens, and never paid twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.errors import (
    ExportBlocked,
    OutOfCredits,
    RemoteError,
    RemoteRefused,
    RemoteUnreachable,
)
from chapterize.remote.answers import Render
from chapterize.remote.journal import Job, Link
from chapterize.remote.renders import is_paid, rendered
from tests.fake_service import FakeService, faults
from tests.remote.links import Killed, make_job, opened_link, reread, steps, stopping
from tests.remote.users import FakeUser


class Scene:
    """A session with a video, and runs of the program that render it."""

    def __init__(self, fake: FakeService, link: Link, user: FakeUser, job: Job) -> None:
        self.fake, self.link, self.user, self.job = fake, link, user, job
        self.session_id = link.client.create_session("en").session_id
        link.journal.add_job(job)
        link.journal.note("session", step="made", session_id=self.session_id)

    def fill(self) -> None:
        self.link.client.upload_files(self.session_id, {"talk.mp4": self.job.source})

    def render(self) -> Render:
        return rendered(self.link, self.session_id, self.job)

    def next_run(self) -> Render:
        """The same by a process that knows only the journal."""
        with opened_link(self.fake, self.user, reread(self.link)) as link:
            return rendered(link, self.session_id, self.job)

    @property
    def steps(self) -> list[str]:
        return steps(reread(self.link), "render")

    @property
    def ids(self) -> list[str]:
        """The id of each request for a render."""
        return [each.body["id"] for each in self.fake.calls("render")]

    @property
    def charges(self) -> Counter[str]:
        return Counter(each.what for each in self.fake.charges)


@pytest.fixture
def scene(fake: FakeService, video_mp4: Path, tmp_path: Path) -> Iterator[Scene]:
    user = FakeUser()
    with opened_link(fake, user) as link:
        made = Scene(fake, link, user, make_job(video_mp4, tmp_path / "out.mp4"))
        made.fill()
        yield made
    assert fake.complaints == []


@pytest.mark.parametrize("shape", ["nested", "flat"])
@pytest.mark.parametrize("is_bare", [False, True])
def test_a_render_in_either_shape(shape: str, is_bare: bool, scene: Scene) -> None:
    scene.fake.switches.set({"render_shape": shape, "render_post_bare": is_bare})
    render = scene.render()
    assert (render.status, render.id) == ("completed", scene.ids[0])
    assert render.url is not None
    assert scene.steps == ["wanted", "begun", "done"]
    assert scene.charges == {"render": 1}


def test_its_id_is_in_the_journal_before_the_request(scene: Scene) -> None:
    stopping(scene.link, "render", "wanted")
    with pytest.raises(Killed):
        scene.render()
    assert (scene.steps, scene.ids) == (["wanted"], [])
    wanted = reread(scene.link).entries[-1]["render_id"]
    assert wanted.startswith("render_")
    assert scene.next_run().id == wanted
    assert scene.ids == [wanted]
    assert scene.charges == {"render": 1}


def test_a_duplicate_id_is_replaced_once(scene: Scene) -> None:
    scene.fake.switches.duplicate_id = 1
    render = scene.render()
    assert len(set(scene.ids)) == len(scene.ids) == 2
    assert render.id == scene.ids[1]
    assert scene.steps == ["wanted", "refused", "wanted", "begun", "done"]
    assert scene.charges == {"render": 1}


def test_a_second_duplicate_is_an_error(scene: Scene) -> None:
    scene.fake.switches.duplicate_id = 2
    with pytest.raises(RemoteRefused, match="duplicate id"):
        scene.render()
    assert len(set(scene.ids)) == 2
    assert scene.charges == {}
    assert scene.next_run().status == "completed"
    assert scene.charges == {"render": 1}


def test_the_next_run_replaces_a_duplicate_id_too(scene: Scene) -> None:
    stopping(scene.link, "render", "wanted")
    with pytest.raises(Killed):
        scene.render()
    scene.fake.switches.duplicate_id = 1
    render = scene.next_run()
    assert render.id == scene.ids[1] != scene.ids[0]
    assert scene.charges == {"render": 1}


def test_a_render_whose_answer_was_lost_is_found_by_its_id(scene: Scene) -> None:
    scene.fake.fail("render", faults.reset_after())
    assert scene.render().status == "completed"
    assert len(scene.ids) == 1
    assert scene.steps == ["wanted", "begun", "done"]
    assert scene.charges == {"render": 1}


def test_a_lost_request_is_sent_again_with_the_same_id(scene: Scene) -> None:
    scene.fake.fail("render", faults.timeout(0.02))
    assert scene.render().status == "completed"
    assert len(scene.ids) == 2
    assert scene.ids[0] == scene.ids[1]
    assert scene.charges == {"render": 1}


@pytest.mark.parametrize("code", [429, 401, 500, 502])
def test_a_lost_answer_and_a_failing_status_do_not_cost_twice(code: int, scene: Scene) -> None:
    """The service may be rendering: the id is kept, whatever the status says."""
    scene.fake.fail("render", faults.reset_after())
    scene.fake.fail("render-status", faults.status(code), times=1000)
    object.__setattr__(scene.link.client.waits, "render", 0.05)
    if code == 401:
        scene.fake.fail("anonymous-token", faults.status(429), times=1000)
    with pytest.raises(RemoteError):
        scene.render()
    assert scene.steps == ["wanted"]
    scene.fake._planned.clear()
    assert scene.next_run().status == "completed"
    assert len(scene.ids) == 1
    assert scene.charges == {"render": 1}


@pytest.mark.parametrize("step", ["wanted", "begun", "done"])
def test_the_render_of_a_killed_run_is_found_by_its_id(step: str, scene: Scene) -> None:
    scene.fake.switches.slow_render = 2
    stopping(scene.link, "render", step)
    with pytest.raises(Killed):
        scene.render()
    render = scene.next_run()
    assert render.status == "completed"
    assert scene.ids == [render.id]
    assert scene.charges == {"render": 1}
    assert scene.steps == ["wanted", "begun", "done"]


PAGE = faults.status(200, b"<html>Please wait</html>", {"content-type": "text/html"})
PASSING = {
    "page": PAGE,
    "cut": faults.bad_json(),
    "wrong-types": faults.wrong_types(whole=True),
    "empty": faults.status(200),
    "429": faults.status(429),
    "502": faults.status(502, b"<html>"),
    "302": faults.status(302, b"<html>", {"location": "https://example.com/"}),
    "403": faults.status(403, b"<html>"),
    "404": faults.status(404, b"<html>"),
    "reset": faults.reset_before(),
    "refusal": faults.failure_envelope("busy"),
}


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("skip", [0, 1])
def test_an_answer_that_says_nothing_about_the_render_does_not_end_it(
    skip: int, name: str, scene: Scene
) -> None:
    scene.fake.switches.slow_render = 3
    scene.fake.fail("render-status", PASSING[name], times=4, skip=skip)
    assert scene.render().status == "completed"
    assert len(scene.ids) == 1
    assert scene.charges == {"render": 1}


@pytest.mark.parametrize("name", ["page", "cut", "429", "502", "reset"])
def test_unreadable_answers_are_waited_out_for_as_long_as_a_render_may_take(
    name: str, scene: Scene
) -> None:
    scene.fake.fail("render-status", PASSING[name], times=60)
    assert scene.render().status == "completed"
    assert any("asking again" in line for line in scene.user.shown)
    assert scene.charges == {"render": 1}


@pytest.mark.parametrize("name", PASSING)
def test_a_service_that_stays_broken_ends_the_wait_with_the_way_on(name: str, scene: Scene) -> None:
    object.__setattr__(scene.link.client.waits, "render", 0.1)
    scene.fake.fail("render-status", PASSING[name], times=10_000)
    with pytest.raises(RemoteError) as broken:
        scene.render()
    if name not in ("302", "403", "404", "refusal"):
        assert "remote resume" in broken.value.hint
        assert broken.value.why
    scene.fake._planned.clear()
    assert scene.next_run().status == "completed"
    assert len(scene.ids) == 1
    assert scene.charges == {"render": 1}


def test_a_failure_is_believed_at_once(scene: Scene) -> None:
    scene.fake.fail("render-status", PAGE)
    scene.fake.switches.render_failure = "no GPU left"
    with pytest.raises(RemoteRefused, match="no GPU left"):
        scene.render()


def test_the_next_run_reads_a_render_through_unreadable_answers(scene: Scene) -> None:
    stopping(scene.link, "render", "begun")
    with pytest.raises(Killed):
        scene.render()
    scene.fake.fail("render-status", PAGE, times=12)
    assert scene.next_run().status == "completed"
    assert scene.charges == {"render": 1}


@pytest.mark.parametrize("name", ["page", "502", "429"])
def test_a_render_that_cannot_be_asked_about_may_be_paid(name: str, scene: Scene) -> None:
    stopping(scene.link, "render", "wanted")
    with pytest.raises(Killed):
        scene.render()
    assert not is_paid(scene.link, scene.job)
    scene.fake.fail("render-status", PASSING[name], times=99)
    assert is_paid(scene.link, scene.job)


def test_a_state_that_cannot_be_read_for_a_while_does_not_stop_a_paid_edit(scene: Scene) -> None:
    scene.fake.fail("state", PAGE, times=12)
    assert scene.render().status == "completed"


def test_a_slow_render_reports_its_progress(scene: Scene) -> None:
    scene.fake.switches.slow_render = 4
    assert scene.render().status == "completed"
    parts = [part for stage, part in scene.user.stages if stage == "rendering"]
    assert len(parts) >= 4
    assert parts == sorted(parts)
    assert 0 < parts[-1] < 1


def test_a_render_that_takes_too_long_is_found_by_the_next_run(scene: Scene) -> None:
    scene.fake.switches.slow_render = 1_000_000
    object.__setattr__(scene.link.client.waits, "render", 0.05)
    with pytest.raises(RemoteUnreachable, match="not finished") as late:
        scene.render()
    assert "remote resume" in late.value.hint
    scene.fake.switches.slow_render = 0
    assert scene.next_run().status == "completed"
    assert scene.charges == {"render": 1}


@pytest.mark.parametrize("shape", ["nested", "flat"])
def test_a_failed_render_is_reported_and_restarted_by_the_next_run(
    shape: str, scene: Scene
) -> None:
    scene.fake.switches.set({"render_shape": shape, "render_failure": "no GPU left"})
    with pytest.raises(RemoteRefused, match="no GPU left"):
        scene.render()
    assert scene.steps == ["wanted", "begun", "failed"]
    scene.fake.switches.render_failure = ""
    assert scene.next_run().status == "completed"
    assert len(set(scene.ids)) == 2
    assert scene.charges == {"render": 2, "refund": 1}


def test_a_cancelled_render_is_reported(scene: Scene) -> None:
    scene.fake.switches.slow_render = 1_000_000
    stopping(scene.link, "render", "begun")
    with pytest.raises(Killed):
        scene.render()
    scene.link.client.cancel_render(scene.ids[0])
    with pytest.raises(RemoteRefused, match="cancelled"):
        scene.next_run()


def test_a_refused_render_costs_nothing_and_gets_another_id(scene: Scene) -> None:
    scene.fake.switches.export_blocked = True
    with pytest.raises(ExportBlocked):
        scene.render()
    scene.fake.switches.export_blocked = False
    scene.fake.switches.out_of_credits = "http"
    with pytest.raises(OutOfCredits):
        scene.next_run()
    scene.fake.switches.out_of_credits = ""
    assert scene.next_run().status == "completed"
    assert len(set(scene.ids)) == 3
    assert scene.charges == {"render": 1}


@pytest.mark.parametrize("code", [400, 403, 409, 429])
def test_a_render_that_was_accepted_in_spite_of_a_refusal_is_found(code: int, scene: Scene) -> None:
    scene.fake.fail("render", faults.status(code, processed=True), times=2 if code == 429 else 1)
    assert scene.render().status == "completed"
    assert (len(set(scene.ids)), scene.charges) == (1, {"render": 1})
    assert scene.steps == ["wanted", "begun", "done"]


def test_a_refused_render_that_the_service_does_not_know_gets_another_id(scene: Scene) -> None:
    scene.fake.fail("render", faults.status(403))
    with pytest.raises(RemoteRefused):
        scene.render()
    assert scene.steps == ["wanted", "refused"]
    assert scene.next_run().status == "completed"
    assert (len(set(scene.ids)), scene.charges) == (2, {"render": 1})


def test_a_refused_render_keeps_its_id_until_the_service_says_whether_it_knows_it(
    scene: Scene,
) -> None:
    scene.fake.fail("render", faults.status(403, processed=True))
    scene.fake.fail("render-status", faults.status(403), times=99)
    with pytest.raises(RemoteUnreachable, match="whether it is rendering"):
        scene.render()
    scene.fake._planned.clear()
    assert scene.next_run().status == "completed"
    assert (len(set(scene.ids)), scene.charges) == (1, {"render": 1})


def test_an_empty_timeline_is_not_sent(fake: FakeService, video_mp4: Path, tmp_path: Path) -> None:
    with opened_link(fake, FakeUser()) as link:
        scene = Scene(fake, link, FakeUser(), make_job(video_mp4, tmp_path / "out.mp4"))
        with pytest.raises(RemoteRefused, match="nothing to render"):
            scene.render()
    assert scene.ids == []
