"""`chapterize skill`, and the file it prints: every command line in SKILL.md runs."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import webbrowser
from pathlib import Path

import pytest

import chapterize
from chapterize.cli.examples import EXIT_CODES
from chapterize.remote.identity import attribution
from chapterize.skill import NAME, skill_file
from tests.cli.program import Run
from tests.fake_service import FakeService

TEXT = skill_file().read_text(encoding="utf-8")
LECTURE = Path(__file__).parents[1] / "data" / "lecture.mp4"
SAYS = "1\n00:00:00,500 --> 00:03:20,000\nToday we talk about bees. They make honey.\n"


def command_lines() -> list[str]:
    """The lines of the shell blocks."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", TEXT, re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def front() -> dict[str, str]:
    """The keys at the top of the file, and their text on one line."""
    rows = re.findall(r"^(\w+):((?: .*)?(?:\n  .*)*)", TEXT.split("---\n")[1], re.M)
    return {key: " ".join(text.replace(">-", "").split()) for key, text in rows}


def test_the_skill_has_the_name_and_version_that_the_service_is_sent() -> None:
    sent = attribution(chapterize.__version__)
    assert front()["name"] == NAME == sent["X-Skill-Source"]
    assert front()["metadata"] == f'version: "{sent["X-Skill-Version"]}"'


def test_the_skill_follows_the_public_form_of_agent_skills() -> None:
    found = front()
    assert set(found) <= {"name", "description", "license", "compatibility", "metadata"}
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", found["name"])
    assert 100 < len(found["description"]) <= 1024
    assert len(found["compatibility"]) <= 500
    assert len(TEXT.splitlines()) < 200


class Glance:
    """A browser whose user looks at the page and then presses Ctrl-C in the terminal."""

    def open(self, address: str) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return True


@pytest.mark.slow
def test_every_command_line_in_the_skill_runs(
    tmp_path: Path, run: Run, fake: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "get", Glance)
    folder = tmp_path / "it's a “folder” 日本"
    folder.mkdir()
    shutil.copy(LECTURE, folder / "talk.mp4")
    (folder / "captions.srt").write_text(SAYS, encoding="utf-8")
    (folder / "description.txt").write_text("About pots.\n")
    monkeypatch.chdir(folder)
    lines = command_lines()
    assert len(lines) > 15
    for line in lines:
        name, *arguments = shlex.split(line)
        assert name == "chapterize"
        if "resume" in arguments:
            leave_unfinished(folder / "talk.mp4", run, fake)
        done = run(*arguments)
        assert done.code == 0, f"{line}\n{done.err}"
        if "--json" in arguments:
            json.loads(done.out)
        if "--dry-run" in arguments:
            assert not fake.history
    assert {"talk-embedded.mp4", "talk-local.mp4", "talk-final.mp4"} <= {
        path.name for path in folder.iterdir()
    }
    assert fake.messages[1].text == "make the titles yellow"
    assert len(fake.messages) == 3


def leave_unfinished(talk: Path, run: Run, fake: FakeService) -> None:
    """A delivery of another file that fails after its message."""
    other = talk.with_name("other.mp4")
    shutil.copy(talk, other)
    with other.open("ab") as file:
        file.write(b"\0" * 8)
    fake.switches.render_failure = "no machine is free"
    assert run("deliver", other, "--chapters", "fixed.json", "--remote-only", "--yes").code == 9
    fake.switches.render_failure = ""


def test_a_command_that_the_text_mentions_is_also_shown_in_a_block() -> None:
    prose = re.sub(r"^```bash\n.*?^```$", "", TEXT, flags=re.M | re.S)
    mentioned = re.findall(r"`(chapterize [^`]+)`", prose)
    lines = command_lines()
    assert not [span for span in mentioned if not any(line.startswith(span) for line in lines)]


def test_the_exit_codes_in_the_skill_are_the_documented_ones() -> None:
    rows = re.findall(r"^\| (\d+) \| ", TEXT, re.M)
    assert list(map(int, rows)) == list(EXIT_CODES)
    for code in re.findall(r"exit code (\d+)", TEXT):
        assert int(code) in EXIT_CODES


def test_every_option_in_the_skill_exists(run: Run) -> None:
    commands = ("draft", "check", "deliver", "render", "remote resume", "ask", "models list")
    known = "".join(run(*name.split(), "--help").out for name in commands)
    for option in set(re.findall(r"`(--[a-z-]+)", TEXT)):
        assert option in known, option


def test_the_skill_names_each_option_that_needs_the_user_to_agree() -> None:
    warning = TEXT[TEXT.index("but ask the user") :].split(".")[0]
    for option in ("--yes", "--force", "--send-again", "--pay-again"):
        assert option in warning


@pytest.mark.slow
def test_without_consent_the_delivery_of_the_skill_ends_with_exit_code_3(
    tmp_path: Path, run: Run, fake: FakeService
) -> None:
    talk = shutil.copy(LECTURE, tmp_path / "talk.mp4")
    assert run("deliver", talk, "--json").code == 3
    assert fake.history == []


def test_the_command_prints_the_skill_or_where_it_is(run: Run) -> None:
    assert run("skill").out == TEXT
    assert run("skill", "--path").out == f"{skill_file()}\n"
    assert json.loads(run("skill", "--json").out) == {
        "name": NAME,
        "version": chapterize.__version__,
        "path": str(skill_file()),
    }
