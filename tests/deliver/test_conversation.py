"""A session by hand: upload, message, state, export, resume, cancel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chapterize.deliver import Conversation
from chapterize.errors import (
    InputError,
    OutputError,
    RemoteUnreachable,
    RunInterrupted,
    SessionExpired,
)
from chapterize.media import open_media
from chapterize.remote.identity import Identity
from chapterize.remote.journal import SessionJournal
from chapterize.remote.journals import journals
from tests.deliver.scene import CHAPTERS, TITLES, Person, sender, titles_in
from tests.fake_service import FakeService, faults


def conversation(fake: FakeService, person: Person, name: str | None = None) -> Conversation:
    return Conversation(Identity(fake.base), person, name)


def test_the_balance_needs_no_session(fake: FakeService, person: Person) -> None:
    found = conversation(fake, person).credits()
    assert (found.available, found.total) == (100.0, 100.0)
    assert fake.sessions == {}


def test_nothing_can_be_read_before_a_session(fake: FakeService, person: Person) -> None:
    for act in (conversation(fake, person).state, conversation(fake, person).cancel):
        with pytest.raises(InputError, match="there is no session"):
            act()
    assert fake.history == []


def test_uploads_go_into_the_current_session_or_a_new_one(
    talk: Path, fake: FakeService, person: Person
) -> None:
    known, first = conversation(fake, person).upload({talk.name: talk})
    assert [each["filename"] for each in first] == [talk.name]
    again, both = conversation(fake, person).upload({}, ["https://example.com/b.mp4"])
    assert again == known
    assert [each["filename"] for each in both] == [talk.name, "b.mp4"]
    fresh, one = conversation(fake, person).upload({"c.mp4": talk}, is_new=True)
    assert fresh != known
    assert len(one) == 1
    assert len(fake.sessions) == 2
    assert conversation(fake, person, known).state()[0] == known


def test_a_message_changes_the_timeline_and_returns_a_question(
    talk: Path, fake: FakeService, person: Person
) -> None:
    conversation(fake, person).upload({talk.name: talk})
    fake.switches.asks_question = True
    outcome = conversation(fake, person).say("add quiet music").outcome
    assert any("Lo-fi" in change.text for change in outcome.changes)
    assert outcome.question is not None
    assert outcome.question.endswith("?")
    assert [each.text for each in fake.messages] == ["add quiet music"]


def test_the_user_may_send_the_same_message_twice(
    talk: Path, fake: FakeService, person: Person
) -> None:
    conversation(fake, person).upload({talk.name: talk})
    for _ in range(2):
        conversation(fake, person).say("add quiet music")
    assert len(fake.messages) == 2
    # The fake cannot know that this was intended.
    assert fake.complaints == ["run: a message was sent twice"]
    fake.complaints.clear()


@pytest.mark.slow
def test_an_export_after_a_message_renders_again_with_the_chapters(
    talk: Path, fake: FakeService, person: Person
) -> None:
    first = sender(fake.base, person).deliver(talk, CHAPTERS)
    conversation(fake, person).say("add quiet music")
    with pytest.raises(OutputError, match="already exists"):
        conversation(fake, person).export(None)
    assert len(fake.renders) == 1
    target = talk.with_name("again.mp4")
    made = conversation(fake, person).export(target)
    assert (made.path, made.session) == (target, first.session)
    assert titles_in(target) == list(TITLES)
    assert len(fake.renders) == 2
    conversation(fake, person).export(talk.with_name("third.mp4"))
    assert len(fake.renders) == 3


@pytest.mark.slow
def test_an_interrupted_export_is_resumed_unless_a_message_was_sent(
    talk: Path, fake: FakeService, person: Person
) -> None:
    sender(fake.base, person).deliver(talk, CHAPTERS)
    target = talk.with_name("again.mp4")
    for n_renders in (2, 3):
        fake.fail("cdn", faults.status(500), times=99)
        fake.fail("download", faults.status(500), times=99)
        with pytest.raises(Exception, match=r"."):
            conversation(fake, person).export(target)
        assert len(fake.renders) == n_renders
        fake._planned.clear()
        if n_renders == 2:
            conversation(fake, person).say("add quiet music")
    conversation(fake, person).export(target)
    assert len(fake.renders) == 3
    assert any(track["tt"] == 1 for track in list(fake.renders.values())[-1].draft["t"])


def test_an_export_into_a_missing_folder_costs_nothing(
    talk: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    conversation(fake, person).upload({talk.name: talk})
    with pytest.raises(OutputError):
        conversation(fake, person).export(tmp_path / "nowhere" / "made.mp4")
    assert fake.charges == []


def test_after_a_local_result_the_session_can_be_resumed(
    talk: Path, fake: FakeService, person: Person
) -> None:
    fake.switches.out_of_credits = "http"
    local = sender(fake.base, person).deliver(talk, CHAPTERS)
    fake.switches.out_of_credits = ""
    with pytest.raises(OutputError, match="already exists"):
        conversation(fake, person).resume()
    assert fake.charges == []
    (made,) = conversation(fake, person).resume(force=True)
    assert (made.where, made.path) == ("remote", local.path)
    assert len(fake.calls("upload")) == 1
    assert [each.what for each in fake.charges] == ["edit", "render"]
    assert titles_in(made.path) == list(TITLES)
    with pytest.raises(InputError, match="there is nothing to resume"):
        conversation(fake, person).resume()


def test_a_session_that_another_process_finished_meanwhile_is_not_resumed(
    talk: Path, fake: FakeService, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.switches.out_of_credits = "http"
    sender(fake.base, person).deliver(talk, CHAPTERS)
    fake.switches.out_of_credits = ""
    stale = next(journals())
    conversation(fake, person).resume(force=True)
    n_calls = len(fake.history)
    monkeypatch.setattr("chapterize.deliver.conversation.find_journal", lambda *_, **__: stale)
    with pytest.raises(InputError, match="there is nothing to resume"):
        conversation(fake, person).resume(force=True)
    assert len(fake.history) == n_calls


@pytest.mark.slow
def test_a_message_with_unknown_outcome_is_checked_and_never_sent_twice(
    talk: Path, fake: FakeService, person: Person
) -> None:
    conversation(fake, person).upload({talk.name: talk})
    fake.switches.set({"cut_stream_at": 10, "cut_keeps_edit": False})
    with pytest.raises(RunInterrupted):
        conversation(fake, person).say("add quiet music")
    fake.switches.cut_stream_at = None
    with pytest.raises(RunInterrupted):
        conversation(fake, person).resume()
    assert len(fake.messages) == 1
    conversation(fake, person).resume(send_again=True)
    assert len(fake.messages) == 2
    assert any("Lo-fi" in line for line in person.shown)
    fake.complaints.clear()


def test_a_cancelled_session_is_not_resumed(talk: Path, fake: FakeService, person: Person) -> None:
    name, _ = conversation(fake, person).upload({talk.name: talk})
    assert conversation(fake, person).cancel() == name
    with pytest.raises(InputError, match="there is no session"):
        conversation(fake, person).state()
    other, _ = conversation(fake, person).upload({talk.name: talk})
    assert other != name
    # Its state can still be read by name.
    assert conversation(fake, person, name).state()[0] == name


def test_a_session_that_the_service_never_created_can_be_given_up(
    fake: FakeService, person: Person
) -> None:
    lost = SessionJournal.begin(fake.base)
    with pytest.raises(InputError, match="there is no session"):
        conversation(fake, person).state()
    lost.note("local", reason="the service was not reachable")
    with pytest.raises(InputError, match="never created at the service"):
        conversation(fake, person).state()
    assert conversation(fake, person).cancel() == lost.name
    assert fake.history == []
    with pytest.raises(InputError, match="all sessions were given up"):
        conversation(fake, person).state()


def test_a_render_in_progress_is_cancelled(talk: Path, fake: FakeService, person: Person) -> None:
    conversation(fake, person).upload({talk.name: talk})
    fake.switches.slow_render = 10**6
    fake.fail("render-status", faults.reset_before(), times=99)
    with pytest.raises(RemoteUnreachable):
        conversation(fake, person).export(talk.with_name("made.mp4"))
    fake._planned.clear()
    conversation(fake, person).cancel()
    assert [render.status for render in fake.renders.values()] == ["failed"]
    assert [each.amount for each in fake.charges] == [10, -10]


@pytest.mark.slow
def test_both_files_of_a_failed_delivery_are_resumed(
    talk: Path, fake: FakeService, person: Person, video_only_mp4: Path
) -> None:
    other = Path(shutil.copy(video_only_mp4, talk.with_name("other.mp4")))
    fake.switches.render_failure = "the GPU fell over"
    both = sender(fake.base, person)
    local = [both.deliver(each, CHAPTERS) for each in (talk, other)]
    assert [each.where for each in local] == ["local", "local"]
    fake.switches.render_failure = ""
    # The second file has replaced the first on the timeline.
    with pytest.raises(SessionExpired, match="a paid edit of"):
        conversation(fake, person).resume(force=True)
    assert [each.what for each in fake.charges if each.what == "edit"] == ["edit"] * 2
    assert titles_in(local[1].path) == list(TITLES)
    person.pay_again = True
    made = [local[1], *conversation(fake, person).resume(force=True)]
    made.reverse()
    assert len(person.repeats) == 2
    assert [each.path for each in made] == [each.path for each in local]
    assert [open_media(each.path).has_audio for each in made] == [True, False]
    assert [titles_in(each.path) for each in made] == [list(TITLES)] * 2
    (journal,) = journals()
    assert journal.is_ended
    fake.complaints.clear()
