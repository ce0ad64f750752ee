"""The whole program: commands, version, errors, Ctrl-C, closed streams."""

from __future__ import annotations

import logging
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import chapterize
import chapterize.pipeline
from chapterize.cli.main import app
from chapterize.cli.terminal import Terminal, report
from chapterize.data import OnProgress
from chapterize.errors import EngineError, InputError
from chapterize.segment import SegmentOptions
from tests.cli.program import Run
from tests.deliver.scene import PROGRAM
from tests.texts import cues, write_srt

ROOT = Path(__file__).parents[2]


def _commands() -> dict[str, object]:
    return get_command(app).commands  # type: ignore[attr-defined, no-any-return]


def test_every_command_and_option_has_help() -> None:
    for name, command in _commands().items():
        assert command.help, name  # type: ignore[attr-defined]
        for parameter in command.params:  # type: ignore[attr-defined]
            if parameter.param_type_name == "option":
                assert parameter.help, f"{name} {parameter.name}"


def test_every_command_is_in_the_readme_or_the_command_reference() -> None:
    papers = (ROOT / "README.md", ROOT / "chapterize" / "cli" / "README.md")
    text = "".join(paper.read_text(encoding="utf-8") for paper in papers)
    for name in _commands():
        assert re.search(rf"chapterize {name}\b|`{name}`", text), name


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").out == f"chapterize {chapterize.__version__}\n"


def test_an_unknown_command_is_a_usage_error(run: Run) -> None:
    done = run("chop", "talk.mp4")
    assert done.code == 2
    assert "chop" in done.err


def test_no_arguments_show_the_help(run: Run) -> None:
    done = run()
    assert "Usage" in done.out + done.err


def test_an_error_is_three_lines(run: Run, tmp_path: Path) -> None:
    done = run("draft", tmp_path / "not there.mp4")
    assert done.code == 3
    first, why, hint = done.err.splitlines()
    assert first.startswith("error: ")
    assert "not there.mp4" in first
    assert why.startswith("  why:  ")
    assert hint.startswith("  next: ")


def test_a_name_with_escape_codes_is_printed_visibly(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report(InputError("cannot open \x1b[31mred\nname.mp4"))
    assert capsys.readouterr().err == "error: cannot open \\x1b[31mred\\nname.mp4\n"


def test_a_note_is_printed_once_per_file(capsys: pytest.CaptureFixture[str]) -> None:
    with Terminal("talk.mp4") as terminal:
        for _ in range(2):
            terminal.note("it is cut off")
        terminal.turn_to("other.mp4")
        terminal.note("it is cut off")
    assert capsys.readouterr().err == "note: it is cut off\n" * 2


def test_debug_messages_are_printed_only_with_verbose(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captions = write_srt(tmp_path / "talk.srt", cues())
    make_draft = chapterize.pipeline.make_draft

    def talkative(*arguments: Any, **options: Any) -> Any:
        logging.getLogger("chapterize.captions").debug("%d cues\x1b[31m", 24)
        return make_draft(*arguments, **options)

    monkeypatch.setattr("chapterize.pipeline.make_draft", talkative)
    verbose, quiet = run("-v", "draft", captions), run("draft", captions)
    assert "debug: 24 cues\\x1b[31m\n" in verbose.err
    assert "debug: " not in quiet.err
    assert verbose.out == quiet.out


def test_ctrl_c_exits_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chapterize.pipeline.make_draft", interrupted)
    done = run("draft", "talk.mp4")
    assert done.code == 130
    assert "interrupted" in done.err


def _swallow() -> None:
    with suppress(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_swallowed_ctrl_c_stops_at_the_next_progress(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swallowing(*_: object, on_progress: OnProgress, **__: object) -> None:
        _swallow()
        on_progress("listening", 0.5)
        pytest.fail("went on")

    monkeypatch.setattr("chapterize.pipeline.make_draft", swallowing)
    assert run("draft", "talk.mp4").code == 130


@pytest.mark.parametrize(
    "error",
    [EngineError("cannot find the pauses"), ImportError("numpy.core"), OSError(28, "no room")],
)
def test_a_failure_caused_by_ctrl_c_is_not_an_error(
    error: Exception, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object, **__: object) -> None:
        _swallow()
        raise error

    monkeypatch.setattr("chapterize.pipeline.make_draft", failing)
    done = run("draft", "talk.mp4")
    assert done.code == 130
    assert "error" not in done.err


def test_a_bug_is_not_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("chapterize.pipeline.make_draft", broken)
    with pytest.raises(RuntimeError, match="ours"):
        run("draft", "talk.mp4")


def test_the_help_names_the_default_that_is_used(run: Run) -> None:
    assert f"{SegmentOptions().least:g} by default" in " ".join(run("draft", "--help").out.split())


@pytest.mark.slow
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_not_an_error(closed: str, tmp_path: Path) -> None:
    made, captions = tmp_path / "made.json", write_srt(tmp_path / "talk.srt", cues())
    command = f'"$@" draft "{captions}" -o "{made}" {closed}'
    assert subprocess.run(["sh", "-c", command, "sh", *PROGRAM], check=False).returncode == 0
    assert made.is_file()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_behind_standard_output_is_reported(tmp_path: Path) -> None:
    captions = write_srt(tmp_path / "talk.srt", cues())
    with Path("/dev/full").open("wb") as full:
        command = [*PROGRAM, "draft", str(captions)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 5
    assert b"the disk is full" in done.stderr
    assert b"Traceback" not in done.stderr
