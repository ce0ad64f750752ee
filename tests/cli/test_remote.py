"""`chapterize remote …` on the command line."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import signal
from pathlib import Path

import pytest
from typer.main import get_command

from chapterize.cli.remote import app
from tests.cli.program import Run
from tests.cli.terminal_session import at_terminal, interrupted
from tests.deliver.scene import titles_in
from tests.fake_service import FakeService

pytestmark = pytest.mark.slow

TITLES = ["Opening", "Bees & honey", "終わり"]


@pytest.fixture
def delivered(talk: Path, listing: Path, fake: FakeService, run: Run) -> str:
    """The name of a session that made a video."""
    done = run("deliver", talk, "--chapters", listing, "--yes", "--json")
    assert done.code == 0
    return str(json.loads(done.out)["session"])


def test_status_is_a_summary_of_the_tracks(
    delivered: str, talk: Path, fake: FakeService, run: Run
) -> None:
    done = run("remote", "status")
    assert (done.code, done.err) == (0, "")
    first, second = done.out.splitlines()
    assert first == f"session {delivered}; files: {talk.name}"
    assert second.startswith("Timeline (2 tracks): 1. Video: ")
    assert '2. Title: "Opening" (0-1s)' in second
    found = json.loads(run("remote", "status", "--json").out)
    assert (found["session"], found["files"], found["is_exportable"]) == (
        *(delivered, [talk.name], True),
    )
    assert [track["kind"] for track in found["tracks"]] == ["video", "text"]


def test_credits_are_three_numbers(fake: FakeService, run: Run) -> None:
    assert run("remote", "credits").out == "100 available, 0 frozen, 100 in total\n"
    found = json.loads(run("remote", "credits", "--json").out)
    assert found == {"available": 100.0, "frozen": 0.0, "total": 100.0}


def test_verbose_shows_each_request_and_no_token(fake: FakeService, run: Run) -> None:
    done = run("remote", "credits", "-v")
    assert re.search(r"GET \S+/balance/simple: HTTP 200 in \d", done.err)
    assert "nmv_" not in done.err
    assert run("remote", "credits").err == ""


@pytest.mark.parametrize("command", [("remote", "say"), ("ask",)])
def test_an_empty_message_is_not_sent(
    command: tuple[str, ...], fake: FakeService, run: Run
) -> None:
    done = run(*command, " ")
    assert (done.code, fake.history) == (3, [])
    assert "the message is empty" in done.err


def test_uploads_need_consent(talk: Path, fake: FakeService, run: Run, tmp_path: Path) -> None:
    done = run("remote", "upload", talk)
    assert (done.code, fake.history) == (3, [])
    assert "--yes" in done.err
    assert "--dry-run" not in done.err, "upload has no such option"
    code, shown = at_terminal(["remote", "upload", talk, "https://example.com/b.mp4"], [("?", "n")])
    assert (code, fake.history) == (11, [])
    assert f"{talk.name} ({talk.stat().st_size / 1e6:.1f} MB)" in shown
    assert "the address https://example.com/b.mp4" in shown
    assert fake.base.removeprefix("http://") in shown
    assert not (tmp_path / "state").exists()


def test_files_and_addresses_are_uploaded(talk: Path, fake: FakeService, run: Run) -> None:
    done = run("remote", "upload", talk, "https://example.com/b.mp4", "--yes")
    assert done.code == 0
    assert "holds 2 files" in done.err
    found = json.loads(run("remote", "upload", talk, "--new", "--yes", "--json").out)
    assert found["files"] == [talk.name]
    assert len(fake.sessions) == 2


def test_an_upload_with_an_odd_suffix_is_renamed(
    talk: Path, audio_ogg: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    odd = Path(shutil.copy(talk, tmp_path / "clip.m4v"))
    assert run("remote", "upload", odd, "--yes").code == 0
    (session,) = fake.sessions.values()
    assert [each.filename for each in session.uploads] == ["clip.mp4"]
    fake.history.clear()
    done = run("remote", "upload", audio_ogg, "--yes")
    assert (done.code, fake.history) == (9, [])
    assert "it accepts mp4, mov" in done.err


def test_too_large_and_missing_files_are_refused_before_anything_is_sent(
    talk: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    with talk.open("ab") as file:
        file.truncate(501_000_000)
    done = run("remote", "upload", talk, "--yes")
    assert done.code == 9
    assert "501.0 MB" in done.err
    assert run("remote", "upload", tmp_path / "nothing.mp4", "--yes").code == 3
    assert fake.history == []


def test_say_prints_changes_and_questions(delivered: str, fake: FakeService, run: Run) -> None:
    fake.switches.asks_question = True
    done = run("remote", "say", "add quiet music", "--yes")
    assert done.code == 0
    first, last = done.out.splitlines()
    assert first.startswith("Added the audio clip Lo-fi")
    assert last.startswith("The service asks: ")
    assert last.endswith("?")
    fake.switches.set({"asks_question": False, "silent_edits": True})
    found = json.loads(run("remote", "say", "add more music", "--yes", "--json").out)
    assert set(found) == {
        *("session", "changes", "reply", "question", "wishes", "timeline", "credits", "export"),
    }
    assert found["credits"] == {"spent": 10.0, "before": 70.0, "after": 60.0, "is_exact": True}
    assert found["session"] == delivered
    assert found["reply"] == ""
    assert len(found["changes"]) == 1


def test_export_after_say_renders_again_and_embeds_the_chapters(
    delivered: str, talk: Path, fake: FakeService, run: Run
) -> None:
    run("remote", "say", "add quiet music", "--yes")
    assert run("remote", "export", "--yes").code == 5
    target = talk.with_name("again.mp4")
    done = run("remote", "export", "-o", target, "--yes")
    assert (done.code, done.out) == (0, f"{target}\n")
    assert titles_in(target) == TITLES
    first, second = fake.renders.values()
    assert first.id != second.id
    assert len(second.draft["t"]) == 3
    found = json.loads(run("remote", "export", "-o", target, "--force", "--yes", "--json").out)
    assert (found["where"], found["path"], found["session"]) == ("remote", str(target), delivered)


def test_an_export_without_a_session_says_how_to_start(fake: FakeService, run: Run) -> None:
    for command in ("export", "status", "cancel", "resume"):
        done = run("remote", command)
        assert done.code == 3
        assert "chapterize deliver" in done.err
    assert fake.history == []


def test_an_export_of_an_empty_session_is_refused(fake: FakeService, run: Run) -> None:
    run("remote", "upload", "https://example.com/a.mp4", "--yes")
    for session in fake.sessions.values():
        session.pieces.clear()
    done = run("remote", "export", "-o", "nothing.mp4", "--yes")
    assert done.code == 9
    assert "nothing to render" in done.err
    assert not Path("nothing.mp4").exists()


def test_sessions_are_listed_without_a_request(
    delivered: str, talk: Path, fake: FakeService, run: Run
) -> None:
    run("remote", "upload", talk, "--new", "--yes")
    fake.history.clear()
    rows = run("remote", "sessions").out.splitlines()
    assert len(rows) == 2
    assert any(row == f"{delivered}  ended  {talk.name}" for row in rows)
    found = json.loads(run("remote", "sessions", "--json").out)
    assert {row["session"] for row in found} > {delivered}
    assert {row["address"] for row in found} == {fake.base}
    assert fake.history == []


def test_an_empty_list_of_sessions_is_not_an_error(fake: FakeService, run: Run) -> None:
    done = run("remote", "sessions")
    assert (done.code, done.out) == (0, "")
    assert "no sessions were started here" in done.err
    assert run("remote", "sessions", "--json").out == "[]\n"


def test_the_start_of_a_name_selects_a_session(delivered: str, fake: FakeService, run: Run) -> None:
    assert f"session {delivered};" in run("remote", "status", "--session", delivered[:-1]).out
    assert run("remote", "status", "--session", "1999").code == 3


def test_cancel_ends_the_session(delivered: str, fake: FakeService, run: Run) -> None:
    done = run("remote", "cancel")
    assert (done.code, done.err) == (0, f"gave up session {delivered}\n")
    assert run("remote", "status").code == 3
    assert run("remote", "cancel", delivered, "--json").code == 0


def test_resume_makes_the_video_once_the_obstacle_is_gone(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.export_blocked = True
    local = run("deliver", talk, "--chapters", listing, "--yes", "--json")
    next_steps = str(json.loads(local.out)["way_back"])
    fake.switches.export_blocked = False
    # The command that is shown works.
    command = next_steps.partition("then: chapterize ")[2].split()
    assert run(*command).code == 3, "a render may cost, and nobody can be asked"
    done = run(*command, "--yes")
    assert done.code == 0
    assert titles_in(Path(done.out.strip())) == TITLES
    assert len(fake.messages) == len(fake.renders) == 1


def test_resume_refuses_to_replace_the_local_video_before_it_asks(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.render_failure = "the GPU fell over"
    local = run("deliver", talk, "--chapters", listing, "--yes")
    assert "To get the service's video: render it again with: chapterize" in local.err
    refused = run("remote", "resume")
    assert (refused.code, "already exists" in refused.err) == (5, True)
    (row,) = json.loads(run("remote", "sessions", "--json").out)
    assert row["next"] == f"chapterize remote resume {row['session']} --force"
    # An export by hand of the same session is another matter, with a command of its own.
    failed = run("remote", "export", "--yes", "-o", talk.with_name("by hand.mp4"))
    assert "chapterize remote resume" not in failed.err
    assert f"chapterize remote export --session {row['session']} -o '" in failed.err


def test_resume_as_json_is_a_list_of_deliveries(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.render_failure = "the GPU fell over"
    run("deliver", talk, "--chapters", listing, "--yes")
    fake.switches.render_failure = ""
    (found,) = json.loads(run("remote", "resume", "--force", "--yes", "--json").out)
    assert (found["where"], found["credits"]["before"]) == ("remote", 100.0)
    assert [chapter["title"] for chapter in found["chapters"]] == TITLES


def test_resume_in_a_script_does_not_render_a_wrong_plan(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.set({"missing_titles": 2, "stubborn": True})
    assert run("deliver", talk, "--chapters", listing, "--yes", "--remote-only").code == 9
    done = run("remote", "resume", "--yes")
    assert done.code == 9
    assert "did not carry out the plan" in done.err
    assert "chapterize remote say" in done.err
    assert fake.renders == {}


def test_ctrl_c_in_an_export_says_how_to_continue(
    delivered: str, talk: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    fake.switches.slow_render = 10**6
    target = talk.with_name("again.mp4")
    n_before = len(fake.calls("render-status"))
    code, errors = interrupted(
        ["remote", "export", "-o", target, "--yes"],
        lambda: len(fake.calls("render-status")) > n_before,
        signal.SIGINT,
        tmp_path / "errors",
    )
    assert code == 130
    fake.switches.slow_render = 0
    # The command that is shown works, whatever the name of the file.
    (command,) = re.findall(r"to continue: chapterize (.*)", errors)
    assert shlex.split(command) == ["remote", "export", "--session", delivered, "-o", str(target)]
    listed = json.loads(run("remote", "sessions", "--json").out)[0]
    assert (listed["is_ended"], listed["state"]) == (False, "export not finished")
    assert listed["next"] == f"chapterize {command}"
    assert run(*shlex.split(command), "--yes").code == 0
    assert json.loads(run("remote", "sessions", "--json").out)[0]["state"] == "ended"
    assert len(fake.renders) == 2


def test_every_command_and_option_has_help_and_a_first_line_that_fits() -> None:
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]
        assert not command.get_short_help_str(60).endswith("..."), name
        for parameter in command.params:
            assert getattr(parameter, "help", ""), f"{name} {parameter.name}"
