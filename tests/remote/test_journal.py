"""The journal: on the disk before the act, and enough to continue from."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.errors import InputError, OutputError
from chapterize.remote.journal import Job, SessionJournal
from chapterize.remote.journals import find_journal, journals

HERE = "http://127.0.0.1:1"
ELSEWHERE = "https://example.com"


def job(folder: Path, name: str = "talk", content: str = "a") -> Job:
    source = folder / f"{name}.mp4"
    chapters = Chapters.from_starts([0.0, 61.5], ["Opening", "“Bees” | 蜜\u2028蜂"], 120.25)
    return Job(
        *(source, source, source.name, content * 32, chapters, folder / f"{name}-chapters.mp4"),
        *(True, "card", 2.5, "9:16", "zh"),
    )


def named(name: str, address: str = HERE) -> SessionJournal:
    """A journal with a chosen name and an unfinished job."""
    journal = SessionJournal.begin(address)
    path = journal.file.path.rename(journal.file.path.with_name(f"{name}.jsonl"))
    found = SessionJournal.read(path)
    found.add_job(job(path.parent))
    return found


def test_a_job_is_read_back_unchanged(tmp_path: Path) -> None:
    journal = SessionJournal.begin(HERE)
    whole = job(tmp_path)
    journal.add_job(whole)
    journal.add_job(replace(whole, force=False))
    again = SessionJournal.read(journal.file.path)
    assert again.jobs == (whole,)
    assert again.name == journal.name
    assert again.address == HERE


def test_only_its_user_can_read_a_journal(own_state: Path) -> None:
    before = os.umask(0)
    try:
        journal = SessionJournal.begin(HERE)
    finally:
        os.umask(before)
    for folder in (own_state, journal.file.path.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_every_line_is_on_the_disk_when_note_returns(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = SessionJournal.begin(HERE)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_size))
    journal.note("session", step="made", session_id="7", task_id="t")
    lines = journal.file.path.read_bytes().splitlines(keepends=True)
    assert synced == [sum(map(len, lines))]
    assert json.loads(lines[-1])["session_id"] == "7"


def test_a_journal_that_cannot_be_written_stops_the_act(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = SessionJournal.begin(HERE)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="cannot write the journal"):
        journal.note("session", step="made", session_id="7")
    assert journal.session_id is None


@pytest.mark.parametrize("tail", [b'{"act": "sess', b'{"act": "session"}', b"\xff\x00\n", b"7\n"])
def test_a_torn_last_line_is_ignored_and_overwritten(tail: bytes) -> None:
    journal = SessionJournal.begin(HERE)
    with journal.file.path.open("ab") as file:
        file.write(tail)
    again = SessionJournal.read(journal.file.path)
    assert [entry["act"] for entry in again.entries] == ["begin"]
    again.note("session", step="made", session_id="7")
    assert SessionJournal.read(journal.file.path).session_id == "7"


def test_entries_of_a_lost_session_no_longer_count(tmp_path: Path) -> None:
    journal, mine = SessionJournal.begin(HERE), job(tmp_path)
    journal.add_job(mine)
    assert journal.session_id is None
    journal.note("session", step="made", session_id="7")
    journal.note("upload", job=mine, step="done")
    assert journal.session_id == "7"
    assert len(journal.since_session("upload", mine)) == 1
    journal.note("session", step="lost", session_id=None)
    assert journal.session_id is None
    assert journal.since_session("upload", mine) == []
    journal.note("session", step="made", session_id="8")
    assert journal.session_id == "8"
    assert journal.since_session("upload", mine) == []
    assert len(journal.all_of("upload", mine)) == 1


def test_entries_belong_to_one_file(tmp_path: Path) -> None:
    journal, one, other = SessionJournal.begin(HERE), job(tmp_path), job(tmp_path, "b", "b")
    for each in (one, other):
        journal.add_job(each)
    journal.note("session", step="made", session_id="7")
    journal.note("upload", job=one, step="done")
    journal.note("upload", step="wanted")
    assert [e["step"] for e in journal.since_session("upload", one)] == ["done"]
    assert journal.since_session("upload", other) == []
    assert [e["step"] for e in journal.since_session("upload", None)] == ["wanted"]
    journal.note("end", job=one, where="remote")
    assert (journal.ended(one) is None, journal.ended(other) is None) == (False, True)
    assert not journal.is_ended
    journal.note("end", job=other, where="remote")
    assert journal.is_ended


def test_a_session_that_was_given_up_has_ended(tmp_path: Path) -> None:
    journal = SessionJournal.begin(HERE)
    assert journal.is_ended
    journal.add_job(job(tmp_path))
    assert not journal.is_ended
    journal.note("end", where="nowhere")
    assert journal.is_ended


@pytest.mark.parametrize(("step", "is_over"), [("wanted", False), ("unknown", False)])
def test_a_message_with_unknown_outcome_is_unfinished(step: str, is_over: bool) -> None:
    journal = SessionJournal.begin(HERE)
    journal.note("session", step="made", session_id="7")
    journal.note("say", kind="say-1", text="make it louder")
    assert not journal.is_ended
    journal.note("message", kind="say-1", step=step)
    assert journal.is_ended is is_over
    journal.note("message", kind="say-1", step="done")
    assert journal.is_ended
    journal.note("say", kind="say-2", text="make it louder still")
    assert not journal.is_ended
    journal.note("session", step="lost", session_id=None)
    assert journal.is_ended


def test_the_newest_come_first_and_other_files_are_skipped(own_state: Path) -> None:
    assert list(journals()) == []
    for name in ("20260101-000000-aa", "20260301-000000-bb", "20260201-000000-cc"):
        named(name)
    folder = own_state / "sessions"
    (folder / "20270101-000000-dd.jsonl").write_text('{"act": "end"}\n')
    (folder / "20270101-000000-ee.jsonl").write_bytes(b"")
    (folder / "20270101-000000-ff.jsonl").write_bytes(b"\xff\xfe")
    assert [each.name[-2:] for each in journals()] == ["bb", "cc", "aa"]


@pytest.mark.parametrize("line", ['{"x": 1}', '{"act": "job", "job": "ab"}'])
def test_a_journal_with_lines_of_another_kind_is_skipped(line: str, own_state: Path) -> None:
    named("20260101-000000-aa")
    named("20260201-000000-bb")
    with (own_state / "sessions" / "20260201-000000-bb.jsonl").open("a") as file:
        file.write(f"{line}\n")
    assert [each.name[-2:] for each in journals()] == ["aa"]


def test_a_journal_is_found_by_the_start_of_its_name_at_its_own_service() -> None:
    for name in ("20260101-000000-aa", "20260101-111111-bb", "20260201-000000-cc"):
        named(name)
    named("20260501-000000-dd", ELSEWHERE)
    assert find_journal(None, HERE).name.endswith("cc")
    assert find_journal("20260101-0", HERE).name.endswith("aa")
    assert find_journal(None, ELSEWHERE).name.endswith("dd")
    with pytest.raises(InputError, match="several sessions"):
        find_journal("20260101", HERE)
    with pytest.raises(InputError, match="no name of a session starts with 2026050"):
        find_journal("2026050", HERE)


def test_a_whole_name_is_not_the_start_of_another() -> None:
    named("20260101-000000-a")
    named("20260101-000000-ab")
    assert find_journal("20260101-000000-a", HERE).name == "20260101-000000-a"


def test_the_newest_unfinished_journal_is_found() -> None:
    for name, is_done in (("20260101-000000-aa", False), ("20260201-000000-bb", True)):
        journal = named(name)
        if is_done:
            journal.note("end", where="nowhere")
    assert find_journal(None, HERE, unfinished=True).name.endswith("aa")
    find_journal(None, HERE, unfinished=True).note("end", where="nowhere")
    with pytest.raises(InputError, match="all sessions are finished") as nothing:
        find_journal(None, HERE, unfinished=True)
    assert nothing.value.exit_code == 3
    assert "remote sessions" in nothing.value.hint
