"""One message, sent once: its outcome is read off the state, whatever the stream did."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chapterize.errors import (
    OutOfCredits,
    RemoteRefused,
    RemoteUnreachable,
    RunInterrupted,
    SessionExpired,
)
from chapterize.remote import client
from chapterize.remote.client import Client
from chapterize.remote.journal import Job
from chapterize.remote.reply import run_agent
from chapterize.remote.session import Message, Outcome, read_outcome, read_state, settled
from tests.fake_service import FakeService, faults
from tests.fake_service.plain_client import PLAN
from tests.remote.links import CHAPTERS, WAITS, opened_client
from tests.remote.users import FakeUser

ADDRESS = "https://example.com/talk.mp4"
_TALK = Path("talk.mp4")
JOB = Job(_TALK, _TALK, _TALK.name, "0123", CHAPTERS, _TALK)
TITLES = ["Opening", "Bees | honey", '"Schluß"']


class Talk:
    """A session with a video in it, and one message to it."""

    def __init__(self, fake: FakeService, client: Client) -> None:
        self.fake = fake
        self.client = client
        self.user = FakeUser()
        self.session_id = client.create_session("en").session_id
        client.upload_addresses(self.session_id, [ADDRESS])

    def send(self, text: str = PLAN, *, is_edit: bool = True) -> Outcome:
        before = read_state(self.client, self.session_id)
        message = Message(self.session_id, JOB if is_edit else None, "test", text)
        answer = run_agent(self.client, self.session_id, text, self.user)
        return read_outcome(self.client, message, answer, before, self.user)

    @property
    def n_sent(self) -> int:
        """Requests that carried a message, accepted or not."""
        return len(self.fake.calls("run"))

    @property
    def n_checks(self) -> int:
        """Number of reports that nothing has changed yet."""
        return sum("Nothing has changed yet" in word for word in self.user.shown)


@pytest.fixture
def talk(fake: FakeService) -> Iterator[Talk]:
    with opened_client(fake) as client:
        yield Talk(fake, client)
    assert fake.complaints == []


def titles(outcome: Outcome) -> list[str]:
    tracks = outcome.after.timeline.tracks
    return [piece.text for track in tracks if track.kind == "text" for piece in track.segments]


@pytest.mark.parametrize("dialect", ["plain", "agent-kit", "mixed"])
def test_an_edit_reports_its_changes(dialect: Any, talk: Talk) -> None:
    talk.fake.switches.dialect = dialect
    outcome = talk.send()
    assert titles(outcome) == TITLES
    assert [change.verb for change in outcome.changes] == ["added"] * 3
    assert outcome.reply.endswith("the titles are in place ✓")
    assert outcome.question is None
    assert any("the titles are in place" in word for word in talk.user.shown)
    assert talk.n_sent == 1


def test_a_silent_edit_is_found_in_the_state(talk: Talk) -> None:
    talk.fake.switches.silent_edits = True
    outcome = talk.send()
    assert titles(outcome) == TITLES
    assert outcome.reply == ""
    assert talk.n_sent == 1


def test_heartbeats_alone_are_a_stall(fake: FakeService) -> None:
    fake.switches.heartbeats_only = float("inf")
    fake.switches.edit_moment = "before"
    with opened_client(fake, stall=0.12, report=0.04) as client:
        talk = Talk(fake, client)
        outcome = talk.send()
        fake.switches.heartbeats_only = 0
    assert titles(outcome) == TITLES
    assert 1 <= sum("Still working" in word for word in talk.user.shown) <= 3
    assert any("sends only heartbeats" in word for word in talk.user.shown)
    assert talk.n_sent == 1


def test_a_run_that_never_ends_is_left_after_its_time(fake: FakeService) -> None:
    fake.switches.pace, fake.switches.n_heartbeats = 0.02, 10_000
    fake.switches.edit_moment = "before"
    with opened_client(fake, run=0.1) as client:
        talk = Talk(fake, client)
        assert titles(talk.send()) == TITLES
    assert talk.n_sent == 1


@pytest.mark.parametrize("how", ["reset", "close", "clean"])
@pytest.mark.parametrize("at", [0, 40, 300])
def test_a_cut_stream_whose_edit_was_carried_out_is_a_success(
    how: Any, at: int, talk: Talk
) -> None:
    talk.fake.switches.cut_stream_at, talk.fake.switches.cut_how = at, how
    assert titles(talk.send()) == TITLES
    assert talk.n_sent == 1


@pytest.mark.parametrize("how", ["reset", "clean"])
def test_a_cut_stream_without_an_edit_is_an_unknown_outcome(how: Any, talk: Talk) -> None:
    talk.fake.switches.cut_stream_at, talk.fake.switches.cut_how = 40, how
    talk.fake.switches.cut_keeps_edit = False
    with pytest.raises(RunInterrupted) as unknown:
        talk.send()
    assert unknown.value.exit_code == 10
    assert "chapterize remote resume" in unknown.value.hint
    assert talk.n_checks == WAITS.n_unchanged == 5
    assert talk.n_sent == 1


@pytest.mark.slow
@pytest.mark.parametrize("n_readings", [1, 2, 4, 6])
def test_an_edit_that_shows_readings_later_is_waited_for(n_readings: int, talk: Talk) -> None:
    talk.fake.switches.edit_moment = "later"
    talk.fake.switches.edit_readings = n_readings
    talk.fake.switches.silent_edits = True
    assert titles(talk.send()) == TITLES
    assert talk.n_sent == 1


def test_an_edit_that_shows_after_all_readings_is_unknown(talk: Talk) -> None:
    talk.fake.switches.edit_moment = "later"
    talk.fake.switches.edit_readings = 100
    with pytest.raises(RunInterrupted):
        talk.send()
    assert talk.n_sent == 1


def test_two_readings_that_differ_are_not_settled(talk: Talk) -> None:
    """What a second stage adds between two readings is part of the outcome."""
    talk.fake.switches.unasked_tracks = True
    talk.fake.switches.unasked_readings = 1
    outcome = talk.send()
    assert "Subscribe for more!" in titles(outcome)
    assert any(change.kind == "audio" for change in outcome.changes)


def test_reading_ends_even_if_the_state_never_settles(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    n_read = 0
    state = talk.client.state

    def restless(session_id: str) -> dict[str, Any]:
        nonlocal n_read
        n_read += 1
        return {**state(session_id), "generated_media": [n_read]}

    monkeypatch.setattr(talk.client, "state", restless)
    settled(talk.client, talk.session_id)
    assert n_read == WAITS.n_settle + 1


def test_a_question_ends_the_wait_and_is_returned(talk: Talk) -> None:
    talk.fake.switches.asks_question, talk.fake.switches.answer = True, "Not yet."
    talk.fake.switches.edit_moment = "later"
    talk.fake.switches.edit_readings = 100
    outcome = talk.send()
    assert outcome.changes == ()
    assert outcome.question == "Shall I also add a short intro?"
    assert talk.n_checks == 0


def test_a_question_of_a_cut_stream_does_not_end_the_wait(talk: Talk) -> None:
    talk.fake.switches.asks_question = True
    talk.fake.fail("run", faults.truncated())
    assert titles(talk.send()) == TITLES
    assert talk.n_sent == 1


@pytest.mark.parametrize("dialect", ["plain", "agent-kit"])
def test_references_to_a_screen_are_translated(dialect: Any, talk: Talk) -> None:
    talk.fake.switches.screen_talk, talk.fake.switches.dialect = True, dialect
    outcome = talk.send()
    shown = " ".join(talk.user.shown)
    assert "The titles are on the timeline." in shown
    for text in (shown, outcome.reply):
        assert not any(word in text for word in ("lick the Export", "Open the Text panel", "utton"))


def test_a_trailing_temporary_issue_is_not_a_failure(talk: Talk) -> None:
    talk.fake.switches.temporary_issue = True
    outcome = talk.send()
    assert titles(outcome) == TITLES
    assert "temporary issue" not in outcome.reply
    assert not any("temporary issue" in word for word in talk.user.shown)


@pytest.mark.parametrize("how", ["http", "sse-error", "sse-text"])
@pytest.mark.parametrize("dialect", ["plain", "agent-kit"])
def test_out_of_credits_in_all_three_ways(how: Any, dialect: Any, talk: Talk) -> None:
    talk.fake.switches.out_of_credits, talk.fake.switches.dialect = how, dialect
    with pytest.raises(OutOfCredits):
        talk.send()
    assert talk.n_sent == 1
    assert talk.fake.messages == []
    assert talk.fake.charges == []


FAULT = b'data: {"type": "error", "message": "the model is overloaded"}\n\n'


def test_an_error_after_a_successful_edit_is_ignored(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    followed = client._followed

    def with_fault(*arguments: Any) -> Iterator[bytes]:
        yield from followed(*arguments)
        yield FAULT

    monkeypatch.setattr(client, "_followed", with_fault)
    assert titles(talk.send()) == TITLES
    assert talk.n_sent == 1


def test_an_error_without_a_change_leaves_the_outcome_unknown(talk: Talk) -> None:
    """An agent that failed may have been paid, and may still be working."""
    stream = {"content-type": "text/event-stream"}
    talk.fake.fail("run", faults.status(200, FAULT, stream))
    with pytest.raises(RunInterrupted) as unknown:
        talk.send()
    assert "the model is overloaded" in unknown.value.why
    assert talk.n_checks == WAITS.n_unchanged
    assert talk.n_sent == 1


def test_text_without_tool_calls_answers_a_message(talk: Talk) -> None:
    stream = {"content-type": "text/event-stream"}
    words = b'data: {"type": "text", "content": "You have three titles."}\n\n'
    talk.fake.fail("run", faults.status(200, words, stream), times=2)
    outcome = talk.send("how many titles are there", is_edit=False)
    assert (outcome.reply, outcome.changes) == ("You have three titles.", ())
    assert talk.n_checks == 0
    with pytest.raises(RunInterrupted):
        talk.send(is_edit=True)


def test_a_refusal_before_the_stream_is_raised(talk: Talk) -> None:
    talk.fake.fail("run", faults.failure_envelope("no such agent"))
    with pytest.raises(RemoteRefused, match="no such agent"):
        talk.send()
    assert talk.n_checks == 0


def test_an_unreachable_service_gets_no_message(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talk.client.connection, "address", "http://127.0.0.1:9")
    with pytest.raises(RemoteUnreachable) as lost:
        run_agent(talk.client, talk.session_id, PLAN, talk.user)
    assert not lost.value.was_sent
    assert talk.n_sent == 0


@pytest.mark.parametrize(
    "fault",
    [
        faults.status(429),
        faults.envelope(1001, 401),
        faults.status(500),
        faults.status(503),
        faults.reset_before(),
        faults.bad_json(),
        faults.wrong_types(),
    ],
    ids=lambda fault: fault.kind + str(fault.status) + fault.damage,
)
def test_a_state_that_cannot_be_read_afterwards_leaves_the_outcome_unknown(
    fault: faults.Fault, talk: Talk
) -> None:
    talk.fake.fail("state", fault, times=1000, skip=1)
    if fault.status == 401:
        talk.fake.fail("anonymous-token", faults.status(429), times=1000)
    with pytest.raises(RunInterrupted, match="cannot be read"):
        talk.send()
    assert talk.n_sent == 1


PAGE = faults.status(200, b"<html>Please wait</html>", {"content-type": "text/html"})


@pytest.mark.parametrize("times", [1, 6, 12])
@pytest.mark.parametrize("fault", [PAGE, faults.bad_json(), faults.status(429)])
def test_a_state_that_cannot_be_read_for_a_while_leaves_the_outcome_known(
    fault: faults.Fault, times: int, talk: Talk
) -> None:
    talk.fake.fail("state", fault, times=times, skip=1)
    assert titles(talk.send()) == TITLES
    assert talk.n_sent == 1


def test_a_state_that_cannot_be_read_after_a_broken_stream_is_read_later(talk: Talk) -> None:
    talk.fake.switches.cut_stream_at, talk.fake.switches.cut_how = 40, "reset"
    talk.fake.switches.edit_moment, talk.fake.switches.edit_readings = "later", 3
    talk.fake.fail("state", PAGE, times=7, skip=3)
    assert titles(talk.send()) == TITLES
    assert talk.n_sent == 1


def test_a_stream_without_line_ends_is_left_after_its_time(fake: FakeService) -> None:
    stream = {"content-type": "text/event-stream"}
    fake.fail("run", faults.endless(b"data: ", stream))
    with opened_client(fake, run=0.3) as client:
        talk = Talk(fake, client)
        with pytest.raises(RunInterrupted):
            talk.send()
    assert talk.n_sent == 1


def test_a_lost_session_is_not_an_unknown_outcome(talk: Talk) -> None:
    talk.fake.fail("state", faults.envelope(1002), times=9, skip=1)
    with pytest.raises(SessionExpired):
        talk.send()
