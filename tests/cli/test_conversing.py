"""Consent before messages and exports, and what the agent asks its user to do in an editor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chapterize.media import open_media
from tests.cli.program import Run
from tests.cli.terminal_session import at_terminal
from tests.fake_service import FakeService, faults

pytestmark = pytest.mark.slow

SAY = ("remote", "say", "add quiet music")


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports go to the current folder by default."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def session(talk: Path, fake: FakeService, run: Run) -> str:
    """The name of a session that holds the talk."""
    name = json.loads(run("remote", "upload", talk, "--yes", "--json").out)["session"]
    fake.history.clear()
    return str(name)


@pytest.mark.parametrize(
    "command",
    [
        SAY,
        ("remote", "export"),
        ("ask", "export"),
        ("ask", "make the intro snappier"),
        ("ask", "make the intro snappier", "-o", "result.mp4"),
    ],
)
def test_nothing_that_may_cost_is_sent_without_consent(
    command: tuple[str, ...], session: str, talk: Path, fake: FakeService, run: Run
) -> None:
    done = run(*command)
    assert (done.code, fake.history) == (3, [])
    assert "no terminal to ask on" in done.err
    assert "--yes" in done.err
    code, shown = at_terminal([*command], [("[y/N]", "n")])
    assert (code, fake.history) == (11, [])
    joined = " ".join(shown.split())
    assert session in joined
    assert talk.name in joined
    assert fake.base.removeprefix("http://") in joined
    assert "It may cost credits" in joined


def test_a_resumed_session_asks_only_if_something_may_still_cost(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.render_failure = "the GPU fell over"
    run("deliver", talk, "--chapters", listing, "--yes")
    fake.switches.render_failure = ""
    n_calls = len(fake.history)
    refused = run("remote", "resume", "--force")
    assert (refused.code, len(fake.history)) == (3, n_calls)
    # Once the render is paid, only its download is left.
    fake.fail("cdn", faults.status(500), times=99)
    fake.fail("download", faults.status(500), times=99)
    assert run("remote", "resume", "--force", "--yes").code == 9
    fake._planned.clear()
    n_charges = len(fake.charges)
    assert run("remote", "resume", "--force").code == 0
    assert len(fake.charges) == n_charges


def test_reading_never_asks(session: str, fake: FakeService, run: Run) -> None:
    for command in (("remote", "status"), ("remote", "credits"), ("remote", "sessions")):
        assert run(*command).code == 0


def test_open_the_panel_and_preview_print_the_state_once(
    session: str, talk: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.answer = "Open the Text panel, open the panel again, and preview in timeline."
    done = run(*SAY, "--yes")
    assert done.code == 0
    assert done.out.count("Timeline (") == 1
    assert done.out.count(f"session {session} ({talk.name})") == 1
    assert fake.renders == {}
    fake.switches.answer = "请在时间线上预览。"
    done = run("remote", "say", "add more music", "--yes")
    assert done.out.count("Timeline (") == 1
    assert f"session {session}" not in done.out


@pytest.mark.parametrize("answer", ["Now click the “Export” button!", "请点击右上角的导出按钮。"])
def test_click_export_runs_the_export_once_with_yes(
    answer: str, session: str, fake: FakeService, run: Run
) -> None:
    fake.switches.answer = f"{answer} {answer}"
    done = run(*SAY, "--yes")
    assert done.code == 0
    made = Path(done.out.splitlines()[-1])
    assert made == Path(f"{session}.mp4").absolute()
    assert open_media(made).has_video
    assert len(fake.renders) == len(fake.messages) == 1
    # The second time the file exists: the message succeeds, and nothing is rendered.
    done = run("remote", "say", "add more music", "--yes", "--json")
    assert (done.code, json.loads(done.out)["export"], len(fake.renders)) == (0, None, 1)
    assert f"chapterize remote export --session {session} -o FILE" in done.err
    (row,) = json.loads(run("remote", "sessions", "--json").out)
    assert row["next"] is None


def test_click_export_asks_at_a_terminal(session: str, fake: FakeService) -> None:
    fake.switches.answer = "Click Export."
    code, shown = at_terminal([*SAY], [("[y/N]", "y"), ("suggests an export", "n")])
    assert (code, len(fake.messages), fake.renders) == (0, 1, {})
    assert shown.count("[y/N]") == 2


@pytest.mark.parametrize("text", ["cut the pauses but do not render it", "剪短开头，先不要渲染"])
def test_click_export_is_ignored_if_the_user_said_not_to_export(
    text: str, session: str, fake: FakeService, run: Run
) -> None:
    fake.switches.answer = "Click Export."
    for command in (("ask", text), ("remote", "say", f"{text}!")):
        done = run(*command, "--yes")
        assert (done.code, fake.renders) == (0, {})
    assert len(fake.messages) == 2


def test_an_output_and_click_export_render_once(
    session: str, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    fake.switches.screen_talk = True
    target = tmp_path / "-odd 'name' 日本.mp4"
    text = "put some quiet music under it"
    done = run("ask", text, "--yes", "-o", target, "--json")
    found = json.loads(done.out)
    assert (done.code, found["export"]["path"]) == (0, str(target))
    assert found["wishes"] == ["state", "summary", "export"]
    assert len(fake.renders) == 1


@pytest.mark.parametrize(
    "answer",
    [
        'I wrote "click the Export button" on the title.',
        "Do not click Export yet.",
        "I have exported nothing and opened the panel.",
        "Drag the clip to the end.",
    ],
)
def test_quotes_refusals_and_reports_run_nothing(
    answer: str, session: str, fake: FakeService, run: Run
) -> None:
    fake.switches.answer = answer
    done = run(*SAY, "--yes")
    assert (done.code, fake.renders) == (0, {})
    assert "Timeline (" not in done.out
    assert ("chapterize remote say" in done.err) == answer.startswith("Drag")
    assert len(fake.messages) == 1


def test_a_delivery_prints_the_summary_and_renders_once(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.screen_talk = True
    done = run("deliver", talk, "--chapters", listing, "--yes")
    assert done.code == 0
    assert done.err.count("Timeline (") == 1
    assert len(fake.renders) == len(fake.messages) == 1


def test_a_failed_export_names_the_command_that_continues(
    session: str, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    fake.fail("cdn", faults.status(500), times=99)
    fake.fail("download", faults.status(500), times=99)
    target = tmp_path / "it's $(1).mp4"
    failed = run("remote", "export", "-o", target, "--yes")
    assert failed.code == 9
    assert f"chapterize remote export --session {session} -o " in failed.err
    assert "remote resume" not in failed.err
    (row,) = json.loads(run("remote", "sessions", "--json").out)
    assert (row["is_ended"], row["state"]) == (False, "export not finished")
    for name in ((), (session,)):
        resumed = run("remote", "resume", *name, "--yes")
        assert resumed.code == 9
        assert row["next"] in resumed.err
    fake._planned.clear()
    import shlex

    words = shlex.split(row["next"])[1:]
    assert run(*words, "--yes").code == 0
    assert len(fake.renders) == 1
    (row,) = json.loads(run("remote", "sessions", "--json").out)
    assert (row["next"], row["files"]) == (None, row["files"])
