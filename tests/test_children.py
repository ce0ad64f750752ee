"""No child process gets a secret of this one."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from types import SimpleNamespace

import ffmpeg as ffmpeg_python
import pytest

from chapterize import ffmpeg
from chapterize.children import (
    SECRET_VARIABLES,
    Stop,
    child_environment,
    output_of,
    stoppable,
)
from chapterize.remote.identity import TOKEN_VARIABLE
from chapterize.title.llm.server import KEY_VARIABLE
from tests.source_tree import SourceTree
from tests.test_structure import TREE

STARTERS = ("run", "Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput")
# It replaces itself by the same program, which needs its own secrets.
SAME_PROGRAM = "chapterize.cli.review"
OTHER_STARTERS = ("system", "popen", "fork", "forkpty", "startfile", "posix_spawn", "posix_spawnp")


def unwatched(tree: SourceTree) -> list[str]:
    """The lines that start a child process with another environment than `child_environment`."""
    found = []
    for name, module in tree.parsed.items():
        for node in ast.walk(module):
            if isinstance(node, ast.ImportFrom) and node.module in ("subprocess", "pty"):
                found.append(f"{name}:{node.lineno} imports from {node.module}")
            if isinstance(node, ast.Import) and any(
                each.name.partition(".")[0] in ("multiprocessing", "pty") for each in node.names
            ):
                found.append(f"{name}:{node.lineno} starts processes by itself")
            if isinstance(node, ast.Name | ast.Attribute) and "ProcessPool" in ast.unparse(node):
                found.append(f"{name}:{node.lineno} starts processes by itself")
            is_same = name == SAME_PROGRAM and "sys.executable" in ast.unparse(node)
            if (
                isinstance(node, ast.Call)
                and _starts(node.func)
                and not (_is_clean(node) or is_same)
            ):
                found.append(f"{name}:{node.lineno} inherits the environment")
    return found


def _starts(function: ast.expr) -> bool:
    called = ast.unparse(function)
    module, _, name = called.rpartition(".")
    if module == "os":
        return name in OTHER_STARTERS or name.startswith(("exec", "spawn"))
    return (module == "subprocess" and name in STARTERS) or "create_subprocess" in name


def _is_clean(call: ast.Call) -> bool:
    given = {each.arg: ast.unparse(each.value) for each in call.keywords}
    environment = given.get("env") or ""
    return environment == "child_environment()" or environment.startswith("child_environment() | ")


def test_every_child_process_gets_the_environment_without_secrets() -> None:
    assert unwatched(TREE) == []


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess\nsubprocess.run(['a'])",
        "import subprocess\nsubprocess.Popen(['a'], env=None)",
        "import subprocess\nsubprocess.check_output(['a'], env=dict(os.environ))",
        "from subprocess import run\nrun(['a'])",
        "import os\nos.system('a')",
        "import os\nos.execvp('a', ['a'])",
        "import multiprocessing",
        "from concurrent import futures\nfutures.ProcessPoolExecutor()",
    ],
)
def test_the_rule_finds_an_inherited_environment(source: str) -> None:
    assert len(unwatched(SourceTree.planted(media__probe=source))) >= 1


def test_the_names_of_all_secrets_are_known() -> None:
    assert {TOKEN_VARIABLE, KEY_VARIABLE} <= set(SECRET_VARIABLES)


def test_a_real_child_sees_everything_but_the_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRET_VARIABLES:
        monkeypatch.setenv(name, "hush-hush-4711")
    monkeypatch.setenv("OTHER", "kept 日本語")
    code = "import os; print(dict(os.environ))"
    command = [sys.executable, "-X", "utf8", "-c", code]
    seen = subprocess.run(command, env=child_environment(), capture_output=True, check=True).stdout
    assert b"hush" not in seen
    assert "kept 日本語" in seen.decode()
    assert os.environ[SECRET_VARIABLES[0]] == "hush-hush-4711"


def test_ffmpeg_does_not_get_the_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = tmp_path / "seen.txt"
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\nenv > '{seen}'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("NEMO_TOKEN", "hush-hush-4711")
    node = SimpleNamespace(get_args=lambda: ["-i", "talk.mp4"])
    assert list(ffmpeg.read_blocks(node, 1024, what="it", program=str(program))) == []
    assert "PATH=" in seen.read_text(encoding="utf-8")
    assert "hush" not in seen.read_text(encoding="utf-8")


def test_looking_for_ffmpeg_hides_the_token_from_children_but_not_from_other_threads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "packages" / "imageio_ffmpeg.py"
    package.parent.mkdir()
    seen = tmp_path / "seen.txt"
    package.write_text(
        "import os, time\ntime.sleep(0.3)\n"
        f"open({str(seen)!r}, 'w').write(str(dict(os.environ)))\n"
        "def get_ffmpeg_exe():\n    return '/the/bundled/ffmpeg'\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHAPTERIZE_FFMPEG", raising=False)
    monkeypatch.setenv("NEMO_TOKEN", "hush-hush-4711")
    # A file of that name in the current folder must not be run.
    (tmp_path / "imageio_ffmpeg.py").write_text("raise SystemExit(1)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ffmpeg._bundled_ffmpeg.cache_clear()
    try:
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(ffmpeg.find_ffmpeg)
            tokens = set()
            while not found.done():
                tokens.add(os.environ.get("NEMO_TOKEN"))
        assert found.result() == "/the/bundled/ffmpeg"
    finally:
        ffmpeg._bundled_ffmpeg.cache_clear()
    assert tokens == {"hush-hush-4711"}
    assert "hush" not in seen.read_text(encoding="utf-8")


def test_the_output_of_a_program_is_none_unless_it_succeeds_in_time() -> None:
    python = [sys.executable, "-c"]
    assert (output_of([*python, "print('kept')"], seconds=60) or "").strip() == "kept"
    assert output_of([*python, "print(1); raise SystemExit(1)"], seconds=60) is None
    assert output_of([*python, "import time; time.sleep(60)"], seconds=0.5) is None
    assert output_of(["no-such-program-4711"], seconds=60) is None
    assert output_of(["\0"], seconds=60) is None


def sleeper() -> subprocess.Popen[bytes]:
    code = "import time; time.sleep(60)"
    return subprocess.Popen([sys.executable, "-c", code], env=child_environment())


def test_a_stop_kills_the_programs_of_its_thread() -> None:
    stop = Stop()

    def work() -> int:
        process = sleeper()
        try:
            with stop.applies(), stoppable(process):
                return process.wait()
        finally:
            process.kill()
            process.wait()

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        assert wait([future], timeout=0.2).not_done
        stop.set()
        with pytest.raises(KeyboardInterrupt):
            future.result(timeout=10)


def test_a_program_that_starts_after_the_stop_is_killed_too() -> None:
    stop = Stop()
    stop.set()
    process = sleeper()
    with pytest.raises(KeyboardInterrupt), stop.applies(), stoppable(process):
        assert process.wait(timeout=10) != 0


def test_without_a_stop_nothing_is_killed() -> None:
    process = sleeper()
    with Stop().applies():
        pass
    with stoppable(process):
        assert process.poll() is None
    process.kill()
    process.wait()


def test_ffmpeg_ends_with_its_stop(tmp_path: Path) -> None:
    endless = ffmpeg_python.input("testsrc", f="lavfi").output(str(tmp_path / "endless.mkv"))
    stop = Stop()

    def work() -> None:
        with stop.applies():
            ffmpeg.run(endless, what="encoding")

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        assert wait([future], timeout=0.3).not_done
        stop.set()
        with pytest.raises(KeyboardInterrupt):
            future.result(timeout=10)
