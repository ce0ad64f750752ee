"""A message is sent only once, whatever happens to the run that sends it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chapterize.errors import (
    OutOfCredits,
    RemoteProtocolError,
    RemoteUnreachable,
    RunInterrupted,
    TokenRefused,
)
from chapterize.remote.journal import Job, Link
from chapterize.remote.session import Message, Outcome, send_once
from tests.fake_service import FakeService, faults
from tests.fake_service.plain_client import PLAN
from tests.remote.links import Killed, make_job, opened_link, reread, steps, stopping
from tests.remote.users import FakeUser


class Scene:
    """A session with a video, and runs of the program that send it one message."""

    def __init__(self, fake: FakeService, link: Link, job: Job) -> None:
        self.fake, self.link, self.job = fake, link, job
        made = link.client.create_session("en")
        self.session_id = made.session_id
        link.journal.add_job(job)
        link.journal.note("session", step="made", session_id=self.session_id)
        link.client.upload_addresses(self.session_id, ["https://example.com/talk.mp4"])

    def send(self, *, again: bool = False, link: Link | None = None) -> Outcome:
        own = link or self.link
        message = Message(self.session_id, self.job, "brief", PLAN)
        return send_once(own, message, send_again=again)

    def next_run(self, *, again: bool = False) -> Outcome:
        """The same by a process that knows only the journal."""
        user = FakeUser()
        with opened_link(self.fake, user, reread(self.link)) as link:
            return self.send(again=again, link=link)

    @property
    def steps(self) -> list[str]:
        return steps(reread(self.link), "message")

    @property
    def n_sent(self) -> int:
        return len(self.fake.calls("run"))

    @property
    def n_accepted(self) -> int:
        assert len(self.fake.charges) == len(self.fake.messages)
        return len(self.fake.messages)


@pytest.fixture
def scene(fake: FakeService, video_mp4: Path, tmp_path: Path) -> Iterator[Scene]:
    with opened_link(fake, FakeUser()) as link:
        yield Scene(fake, link, make_job(video_mp4, tmp_path / "out.mp4"))


def test_a_message_is_recorded_before_it_is_sent(scene: Scene) -> None:
    stopping(scene.link, "message", "wanted")
    with pytest.raises(Killed):
        scene.send()
    assert (scene.steps, scene.n_sent) == (["wanted"], 0)


def test_a_completed_message_is_not_sent_again_and_its_changes_are_known(scene: Scene) -> None:
    first = scene.send()
    assert scene.steps == ["wanted", "done"]
    again = scene.next_run()
    assert len(first.changes) == 3
    assert again.changes == first.changes
    assert again.after.digest == first.after.digest
    assert scene.n_sent == 1


def test_the_next_run_knows_the_question(scene: Scene) -> None:
    scene.fake.switches.asks_question, scene.fake.switches.answer = True, "Done."
    assert scene.send().question == "Shall I also add a short intro?"
    assert scene.next_run().question == "Shall I also add a short intro?"


def test_an_interrupted_message_is_not_sent_again(scene: Scene) -> None:
    scene.fake.switches.cut_stream_at = 40
    stopping(scene.link, "message", "done")
    with pytest.raises(Killed):
        scene.send()
    # Remove the line that records the outcome.
    text = scene.link.journal.file.path.read_bytes().splitlines(keepends=True)
    scene.link.journal.file.path.write_bytes(b"".join(text[:-1]))
    assert scene.steps == ["wanted"]
    assert len(scene.next_run().changes) == 3
    assert scene.steps == ["wanted", "done"]
    assert scene.n_sent == 1


@pytest.mark.slow
def test_an_unknown_outcome_stays_unknown_until_the_user_sends_again(scene: Scene) -> None:
    scene.fake.switches.cut_stream_at, scene.fake.switches.cut_keeps_edit = 40, False
    with pytest.raises(RunInterrupted):
        scene.send()
    assert scene.steps == ["wanted", "unknown"]
    for _ in range(2):
        with pytest.raises(RunInterrupted):
            scene.next_run()
    assert (scene.n_sent, scene.n_accepted) == (1, 1)
    scene.fake.switches.cut_stream_at = None
    assert len(scene.next_run(again=True).changes) == 3
    assert scene.n_sent == 2


def test_send_again_does_not_repeat_a_message_that_had_an_effect(scene: Scene) -> None:
    scene.fake.switches.edit_moment, scene.fake.switches.edit_readings = "later", 8
    with pytest.raises(RunInterrupted):
        scene.send()
    assert len(scene.next_run(again=True).changes) == 3
    assert scene.n_sent == 1


@pytest.mark.parametrize("how", ["http", "sse-error", "sse-text"])
def test_a_refused_message_is_sent_by_the_next_run(how: str, scene: Scene) -> None:
    scene.fake.switches.set({"out_of_credits": how})
    with pytest.raises(OutOfCredits):
        scene.send()
    assert scene.steps == ["wanted", "refused"]
    scene.fake.switches.out_of_credits = ""
    assert len(scene.next_run().changes) == 3
    assert scene.steps == ["wanted", "refused", "wanted", "done"]
    assert scene.n_accepted == 1


def test_a_message_that_was_never_sent_is_sent_by_the_next_run(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    note, home = scene.link.journal.note, scene.link.client.connection.address

    def cut_off(act: str, *, job: Job | None = None, **what: object) -> None:
        note(act, job=job, **what)
        # The service disappears between the line in the journal and the request.
        scene.link.client.connection.address = "http://127.0.0.1:9"

    monkeypatch.setattr(scene.link.journal, "note", cut_off)
    with pytest.raises(RemoteUnreachable):
        scene.send()
    assert scene.steps == ["wanted", "refused"]
    scene.link.client.connection.address = home
    assert len(scene.next_run().changes) == 3
    assert scene.n_sent == 1


@pytest.mark.parametrize("code", [429, 500, 503])
def test_a_service_that_fails_right_after_the_message_does_not_get_it_twice(
    code: int, scene: Scene
) -> None:
    scene.fake.fail("state", faults.status(code), times=1000, skip=1)
    with pytest.raises(RunInterrupted):
        scene.send()
    assert scene.steps == ["wanted", "unknown"]
    scene.fake._planned.clear()
    assert len(scene.next_run().changes) == 3
    assert (scene.n_sent, scene.n_accepted) == (1, 1)


def test_a_service_that_disappears_right_after_the_message_does_not_get_it_twice(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, home = scene.link.client.run, scene.link.client.identity.address

    def then_gone(*arguments: object) -> object:
        monkeypatch.setattr(scene.link.client, "state", _unreachable)
        return run(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(scene.link.client, "run", then_gone)
    with pytest.raises(RunInterrupted):
        scene.send()
    assert scene.steps == ["wanted", "unknown"]
    assert scene.link.client.identity.address == home
    assert len(scene.next_run().changes) == 3
    assert scene.n_sent == 1


def _unreachable(session_id: str) -> None:
    raise RemoteUnreachable("the service did not answer", was_sent=False)


def test_a_token_that_expires_right_after_the_message_does_not_send_it_twice(
    scene: Scene,
) -> None:
    scene.fake.fail("state", faults.envelope(1001, 401), times=4, skip=1)
    scene.fake.fail("anonymous-token", faults.status(429), times=4)
    with pytest.raises((RunInterrupted, TokenRefused)):
        scene.send()
    scene.fake._planned.clear()
    assert len(scene.next_run().changes) == 3
    assert scene.n_sent == 1


def test_a_meaningless_answer_leaves_the_outcome_to_the_state(scene: Scene) -> None:
    page = faults.status(200, b'"fine"', {"content-type": "application/json"}, processed=True)
    scene.fake.fail("run", page)
    with suppress(RemoteProtocolError):
        assert len(scene.send().changes) == 3
    assert len(scene.next_run().changes) == 3
    assert (scene.n_sent, scene.n_accepted) == (1, 1)


def test_messages_of_a_lost_session_are_sent_in_the_new_one(scene: Scene) -> None:
    scene.send()
    scene.link.journal.note("session", step="lost", session_id=None)
    scene.session_id = scene.link.client.create_session("en").session_id
    scene.link.journal.note("session", step="made", session_id=scene.session_id)
    scene.link.client.upload_addresses(scene.session_id, ["https://example.com/talk.mp4"])
    assert len(scene.send().changes) == 3
    assert scene.n_sent == 2
