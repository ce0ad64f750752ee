"""`--exec`: a program that runs after each finished file."""

from __future__ import annotations

import json
import pickle
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from chapterize import masking
from chapterize.batch.commands import PLACEHOLDERS, Command
from chapterize.children import Stop
from chapterize.errors import InputError, ToolError

SHOW = "import json, os, sys; json.dump(sys.argv[1:], open(os.environ['SHOWN'], 'w'))"
ODD = "-rf  a'b\"c $(touch x); ünïcode.mp4"


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a command that runs `SHOW` writes its arguments."""
    monkeypatch.setenv("SHOWN", str(tmp_path / "arguments.json"))
    return tmp_path / "arguments.json"


def program(code: str, rest: str = "") -> Command:
    return Command.parse(f'{sys.executable!r} -c "{code}" {rest}')


def test_the_file_is_the_last_argument_without_a_placeholder(tmp_path: Path, shown: Path) -> None:
    program(SHOW, "--flag").run(tmp_path / ODD, [])
    assert json.loads(shown.read_text()) == ["--flag", str(tmp_path / ODD)]


def test_odd_names_stay_one_argument(tmp_path: Path, shown: Path) -> None:
    outputs = [tmp_path / "-a b.vtt", tmp_path / "c\n.txt"]
    program(SHOW, "'file={}' {folder} {stem} {name} {output} {outputs}").run(
        tmp_path / ODD, outputs
    )
    stem = ODD.removesuffix(".mp4")
    assert json.loads(shown.read_text()) == [
        f"file={tmp_path / ODD}",
        str(tmp_path),
        f"./{stem}",
        f"./{ODD}",
        str(outputs[0]),
        *map(str, outputs),
    ]
    assert not (tmp_path / "x").exists()


def test_a_relative_file_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Command(("echo", "{}")).arguments(Path("-a.mp4"), []) == [
        "echo",
        str(tmp_path / "-a.mp4"),
    ]


def test_a_program_in_a_folder_becomes_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tell.sh").write_text("#!/bin/sh\n")
    (tmp_path / "tell.sh").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert Command.parse("./tell.sh").words == (str(tmp_path / "tell.sh"), "{}")


def test_what_a_placeholder_stands_for_is_not_replaced_again() -> None:
    command = Command(("echo", "{} {folder}"))
    assert command.arguments(Path("/v/{folder}{}.mp4"), []) == ["echo", "/v/{folder}{}.mp4 /v"]


@pytest.mark.parametrize(
    ("written", "argument"),
    [
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        ("{{name}}", "{name}"),
        ("%{{http_code}}", "%{http_code}"),
        ("${HOME}", "${HOME}"),
    ],
)
def test_other_braces_are_text(written: str, argument: str) -> None:
    command = Command.parse(f"{sys.executable!r} {{}} '{written}'")
    assert command.arguments(Path("/v/a.mp4"), [])[2] == argument


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is empty"),
        ("echo 'a", "no closing quotation"),
        ("echo {souce}", "there is no placeholder {souce}"),
        ("{} --now", "its first word must name a program"),
        ("no-such-program-here {}", "no program no-such-program-here was found"),
        ("echo x{outputs}", "{outputs} must be an argument of its own"),
        (
            "env sh -ec 'rm {name}'",
            "a placeholder inside a script makes names part of the script",
        ),
    ],
)
def test_a_command_that_cannot_run_is_refused_before_the_work(text: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        Command.parse(text)
    assert caught.value.why == why
    assert caught.value.hint


def test_a_script_gets_the_file_as_an_argument(tmp_path: Path) -> None:
    path = tmp_path / "$(touch x).mp4"
    path.touch()
    Command.parse("""sh -c 'mv -- "$1" "$1.done"' sh {}""").run(path, [])
    assert [each.name for each in tmp_path.iterdir()] == ["$(touch x).mp4.done"]


def test_every_placeholder_is_replaced() -> None:
    for name in PLACEHOLDERS:
        words = Command.parse(f"{sys.executable!r} {name}").arguments(
            Path("/v/a.mp4"), [Path("/o")]
        )
        assert name not in words


def test_it_crosses_processes() -> None:
    command = Command.parse("true {} x")
    assert pickle.loads(pickle.dumps(command)) == command


def test_a_failing_command_is_reported_with_its_exit_code_and_last_lines(tmp_path: Path) -> None:
    code = (
        "import sys; print(*range(9), sep=chr(10)); sys.stderr.write(chr(27) + 'no disk'); exit(4)"
    )
    with pytest.raises(ToolError) as caught:
        program(code).run(tmp_path / "a.mp4", [])
    assert caught.value.returncode == 4
    assert caught.value.why == "exit code 4: 7 | 8 | no disk"
    assert str(tmp_path / "a.mp4") in caught.value.hint


def test_a_silent_failure_and_a_signal_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="exit code 1: it printed nothing"):
        program("exit(1)").run(tmp_path / "a.mp4", [])
    with pytest.raises(ToolError, match="ended by SIGKILL"):
        program(f"import os; os.kill(os.getpid(), {int(signal.SIGKILL)})").run(tmp_path, [])


def test_a_program_that_vanished_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ToolError) as caught:
        Command((str(tmp_path / "gone"), "{}")).run(tmp_path / "a.mp4", [])
    assert caught.value.returncode is None
    assert caught.value.why.startswith("it did not start: ")


def test_secrets_are_neither_inherited_nor_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "nmv_usr_Zk3q9Xw7Lp2Rt8Vb"
    monkeypatch.setenv("NEMO_TOKEN", token)
    masking.hide(token)
    code = f"import os; print(os.environ.get('NEMO_TOKEN'), '{token}'); exit(1)"
    with pytest.raises(ToolError) as caught:
        program(code).run(tmp_path / "a.mp4", [])
    assert caught.value.why.startswith("exit code 1: None ")
    assert token not in caught.value.why + caught.value.tail


def test_stdin_is_empty(tmp_path: Path) -> None:
    program("import sys; exit(len(sys.stdin.read()))").run(tmp_path / "a.mp4", [])


def test_a_program_left_running_does_not_hold_the_batch(tmp_path: Path) -> None:
    code = (
        "import subprocess as s, sys; s.Popen([sys.executable, '-c', 'import time; time.sleep(3)'])"
    )
    started = time.monotonic()
    program(code).run(tmp_path / "a.mp4", [])
    assert time.monotonic() - started < 2.5


def test_a_stop_kills_the_program(tmp_path: Path) -> None:
    stop = Stop()
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    with stop.applies(), pytest.raises(KeyboardInterrupt):
        program("import time; time.sleep(30)").run(tmp_path / "a.mp4", [])
    assert time.monotonic() - started < 10
