"""Which session a file belongs to, and what is left to do in it, as journals tell."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path

import pytest

from chapterize.deliver import (
    Source,
    files_in,
    has_costs_left,
    next_command,
    require_session_about,
    require_shown,
    session_about,
    state_of,
)
from chapterize.errors import InputError
from chapterize.fingerprint import file_fingerprint
from chapterize.remote.identity import Identity
from chapterize.remote.journal import Job, SessionJournal
from tests.deliver.scene import CHAPTERS
from tests.fake_service import FakeService


@pytest.fixture
def identity(fake: FakeService) -> Identity:
    return Identity(fake.base)


@pytest.fixture
def journal(fake: FakeService) -> SessionJournal:
    """An empty session that the service has created."""
    begun = SessionJournal.begin(fake.base)
    begun.note("session", step="made", session_id="1", task_id="t")
    return begun


def job_of(video: Path, upload: Path | None = None) -> Job:
    sent = upload or video
    target = video.with_name(f"{video.stem}-chapters.mp4")
    return Job(video, sent, video.name, file_fingerprint(sent), CHAPTERS, target)


def uploaded(journal: SessionJournal, *sources: Source) -> None:
    for step in ("wanted", "done"):
        journal.note("upload", step=step, files=[asdict(each) for each in sources])


def test_a_file_is_found_by_its_content_and_by_its_path_where_the_content_is_unknown(
    talk: Path, journal: SessionJournal, identity: Identity
) -> None:
    uploaded(journal, Source.of_file(talk))
    copy = Path(shutil.copy(talk, talk.with_name("copy.mp4")))
    for path in (talk, copy):
        found = session_about(identity, [Source.of_file(path)])
        assert found is not None
        assert found.name == journal.name
    talk.unlink()
    assert session_about(identity, [Source.of_file(talk)]) is not None
    talk.write_bytes(b"another recording")
    assert session_about(identity, [Source.of_file(talk)]) is None
    with pytest.raises(InputError, match="no session with") as refused:
        require_session_about(identity, [Source.of_file(talk)])
    assert "has changed" in refused.value.why
    with pytest.raises(InputError) as refused:
        require_session_about(identity, [Source.of_file(talk.with_name("none.mp4"))])
    assert "cannot be read" in refused.value.why


def test_a_file_that_was_sent_as_a_proxy_is_found_by_its_path(
    talk: Path, journal: SessionJournal, identity: Identity
) -> None:
    proxy = talk.with_name("proxy.mp4")
    proxy.write_bytes(b"smaller")
    journal.add_job(job_of(talk, proxy))
    assert session_about(identity, [Source.of_file(talk)]) is not None


def test_a_session_must_hold_all_files_and_not_be_lost_or_given_up(
    talk: Path, journal: SessionJournal, identity: Identity
) -> None:
    uploaded(journal, Source.of_file(talk), Source.of_address("https://a.example/b.mp4?k=1"))
    both = [Source.of_file(talk), Source.of_address("https://a.example/b.mp4?k=1")]
    other = Source.of_address("https://a.example/b.mp4?k=2")
    assert session_about(identity, both) is not None
    assert session_about(identity, [*both, other]) is None
    assert files_in(journal) == (str(talk), "b.mp4")
    journal.note("session", step="lost", session_id=None)
    assert session_about(identity, both) is None
    fresh = SessionJournal.begin(identity.address)
    fresh.note("session", step="made", session_id="2", task_id="t")
    uploaded(fresh, *both)
    assert session_about(identity, both) is not None
    fresh.note("end", where="nowhere")
    assert session_about(identity, both) is None
    assert state_of(fresh) == "given up"


def test_an_address_is_named_without_its_query() -> None:
    assert Source.of_address("https://example.com/x/talk.mp4?key=secret#y").name == "talk.mp4"
    assert Source.of_address("https://example.com/?key=secret").name == "example.com"
    assert Source.of_address("https://[bad/?key=secret").name == "a web address"
    assert "secret" not in str(Source.of_address("https://[bad/?key=secret"))


def test_the_timeline_of_a_shared_session_holds_the_file_of_the_last_turn(
    talk: Path, journal: SessionJournal
) -> None:
    other = talk.with_name("other.mp4")
    other.write_bytes(b"other")
    for path in (talk, other):
        job = job_of(path)
        journal.add_job(job)
        journal.note("message", job=job, kind="brief", step="wanted")
    require_shown(journal, [Source.of_file(other)])
    with pytest.raises(InputError, match="cannot export"):
        require_shown(journal, [Source.of_file(talk)])


def test_what_is_left_may_cost_until_the_render_is_accepted(
    talk: Path, journal: SessionJournal
) -> None:
    assert not has_costs_left(journal)
    job = job_of(talk)
    journal.add_job(job)
    assert has_costs_left(journal)
    command = f"chapterize remote resume {journal.name}"
    assert (state_of(journal), next_command(journal)) == ("unfinished", command)
    job.target.write_bytes(b"the video that was made here instead")
    assert next_command(journal) == f"{command} --force"
    journal.note("message", job=job, kind="brief", step="done")
    journal.note("render", job=job, step="wanted", render_id="r")
    assert has_costs_left(journal)
    journal.note("render", job=job, step="begun", render_id="r")
    assert not has_costs_left(journal)
    journal.note("render", job=job, step="failed", render_id="r")
    assert has_costs_left(journal)
    journal.note("render", job=job, step="done", render_id="r2")
    assert not has_costs_left(journal)
    journal.note("message", job=job, kind="correction", step="done")
    assert has_costs_left(journal)
    journal.note("end", job=job, where="remote")
    assert not has_costs_left(journal)
    assert (state_of(journal), next_command(journal)) == ("ended", "")


def test_a_message_costs_if_it_was_never_sent_or_may_be_sent_again(
    journal: SessionJournal,
) -> None:
    journal.note("say", kind="say-1", text="more music")
    assert has_costs_left(journal)
    journal.note("message", kind="say-1", step="unknown")
    assert not has_costs_left(journal)
    assert has_costs_left(journal, send_again=True)


def test_an_unfinished_export_is_completed_by_the_command_that_is_shown(
    talk: Path, journal: SessionJournal
) -> None:
    uploaded(journal, Source.of_file(talk))
    assert state_of(journal) == "open"
    what = {"target": "/tmp/it's.mp4", "force": True}
    journal.note("export", step="wanted", **what)  # type: ignore[arg-type]
    assert state_of(journal) == "export not finished"
    assert next_command(journal) == (
        f"chapterize remote export --session {journal.name} -o '/tmp/it'\"'\"'s.mp4' --force"
    )
    journal.note("export", step="done", **what)  # type: ignore[arg-type]
    assert (state_of(journal), next_command(journal)) == ("open", "")
