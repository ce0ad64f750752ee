"""The MCP server as a process: what it offers, and how it stays responsive and ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import anyio
import pytest
from mcp import MCPError

import chapterize
from tests.mcp.agent import ROOT, SLOW, agent, failed, files_in, made

pytestmark = pytest.mark.slow

BEFORE = ["long.srt", "long.vtt", "talk.mp4", "talk.txt"]
CLIENT = {"name": "an agent", "version": "1"}
SLOW_SERVER = ("-c", SLOW, "mcp")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_tools_describe_themselves_in_either_protocol(folder: Path, mode: str) -> None:
    async with agent(folder, mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert client.server_info is not None
        assert client.server_info.version == chapterize.__version__
        assert "ask the user first" in (client.instructions or "")
    assert list(tools) == ["draft", "check", "convert", "embed", "deliver"]
    for name, tool in tools.items():
        assert tool.description
        assert tool.annotations is not None
        assert tool.annotations.open_world_hint is (name == "deliver")
        assert "call" not in tool.input_schema["properties"]
        for each in tool.input_schema["properties"].values():
            assert each["description"]
    assert tools["deliver"].input_schema["required"] == ["source", "chapters"]
    assert tools["deliver"].input_schema["properties"]["confirmed"]["default"] is False


async def test_an_error_has_its_three_parts_and_its_exit_code(folder: Path) -> None:
    async with agent(folder) as client:
        result = await client.call_tool("draft", {"source": "not there.mp4"})
    error = failed(result)
    assert error["what"] == f"cannot open {folder / 'not there.mp4'}"
    assert error["why"]
    assert error["next"]
    assert error["exit_code"] == 3
    assert error["why"] in result.content[0].text  # type: ignore[union-attr]


async def test_a_token_is_in_no_result(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_TOKEN", "not-even-like-a-token-77")
    async with agent(folder) as client:
        for secret in ("nmv_usr_abc123", "not-even-like-a-token-77"):
            error = failed(await client.call_tool("draft", {"source": f"{secret}.mp4"}))
            assert secret not in str(error)


async def test_a_folder_whose_name_is_not_utf_8_is_no_obstacle(folder: Path) -> None:
    odd = folder / os.fsdecode(b"\xff")
    odd.mkdir()
    (folder / "long.vtt").rename(odd / "long.vtt")
    async with agent(odd) as client:
        assert made(await client.call_tool("convert", {"source": "long.vtt", "output": "a.txt"}))
        assert failed(await client.call_tool("check", {"chapters": "none.txt"}))["exit_code"] == 3
    assert (odd / "a.txt").is_file()


async def test_while_a_draft_runs_the_server_answers_and_reports_progress(folder: Path) -> None:
    seen: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        assert message == "reading"
        seen.append(progress)

    async with agent(folder, mode="legacy", program=SLOW_SERVER) as client:
        with anyio.move_on_after(30) as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(
                    lambda: client.call_tool("draft", {"source": "x"}, None, on_progress)
                )
                while len(seen) < 3:
                    await anyio.sleep(0.05)
                asked = time.monotonic()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    await client.send_ping()
                checked = made(await client.call_tool("check", {"chapters": "long.vtt"}))
                assert time.monotonic() - asked < 3
                group.cancel_scope.cancel()
        assert not scope.cancelled_caught
    assert checked["platform"] == "youtube"
    assert seen == sorted(set(seen))


async def test_a_call_that_is_cancelled_stops_and_the_next_one_works(folder: Path) -> None:
    async with agent(folder, program=SLOW_SERVER) as client:
        with anyio.move_on_after(2):
            await client.call_tool("draft", {"source": "x"})
        with anyio.fail_after(5):
            while any("chapterize" in name for name in files_in(folder)):
                await anyio.sleep(0.05)
        assert made(await client.call_tool("convert", {"source": "long.vtt"}))["n_chapters"]
    assert "made" not in files_in(folder)


async def test_a_client_that_leaves_ends_the_server_and_its_work(folder: Path) -> None:
    async with agent(folder, program=SLOW_SERVER) as client:
        with anyio.move_on_after(2):
            await client.call_tool("draft", {"source": "x"})
        pid = int((folder / "pid").read_text())
        left = time.monotonic()
    assert time.monotonic() - left < 4
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert files_in(folder) == sorted([*BEFORE, "pid"])


def test_a_client_that_is_killed_ends_the_server_without_a_traceback(folder: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, *SLOW_SERVER],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    assert server.stderr is not None
    client = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": CLIENT}
    call = {"name": "draft", "arguments": {"source": "x"}, "_meta": {"progressToken": 1}}
    for number, (method, given) in enumerate((("initialize", client), ("tools/call", call))):
        request = {"jsonrpc": "2.0", "id": number, "method": method, "params": given}
        server.stdin.write(json.dumps(request).encode() + b"\n")
        server.stdin.flush()
        assert server.stdout.readline()
    server.stdout.close()
    time.sleep(0.5)
    server.stdin.close()
    assert server.wait(timeout=10) == 0
    errors = server.stderr.read().decode()
    server.stderr.close()
    assert sorted(errors.splitlines()) == ["printed by a child", "printed by a library"]
    assert files_in(folder) == sorted([*BEFORE, "pid"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_ctrl_c_ends_the_server_at_once_without_a_half_written_file(
    folder: Path, number: signal.Signals
) -> None:
    async with agent(folder, program=SLOW_SERVER) as client:

        async def interrupt() -> None:
            while not (folder / "pid").is_file():
                await anyio.sleep(0.05)
            await anyio.sleep(0.5)
            os.kill(int((folder / "pid").read_text()), number)

        started = time.monotonic()
        async with anyio.create_task_group() as group:
            group.start_soon(interrupt)
            with pytest.raises(MCPError):
                await client.call_tool("draft", {"source": "x"})
    assert time.monotonic() - started < 20
    assert files_in(folder) == sorted([*BEFORE, "pid"])


def test_nothing_but_the_protocol_is_on_stdout_and_the_end_of_stdin_ends_the_server(
    folder: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chapterize", "mcp"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_without_the_extra_the_error_says_how_to_install_it(folder: Path) -> None:
    code = "import sys; sys.modules['mcp'] = None; from chapterize.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "mcp"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 6
    assert 'pip install "chapterize-video[mcp]"' in done.stderr
    assert done.stdout == ""
