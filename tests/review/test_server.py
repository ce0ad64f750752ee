"""The running server: its port, what survives a kill, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chapterize.errors import InputError
from chapterize.pipeline.edits import Edited
from chapterize.review.server import listen
from chapterize.review.store import read_stored
from tests.texts import cues, write_srt

ROOT = Path(__file__).parents[2]


@dataclass
class Running:
    """A program that serves a review, and its page's address."""

    process: subprocess.Popen[str]
    address: str

    @property
    def port(self) -> int:
        return int(self.address.split(":")[2].split("/")[0])

    def send(self, method: str, path: str, body: object = None, version: int = 0) -> Any:
        """One request of the page; the status and the JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {
            "Origin": f"http://127.0.0.1:{self.port}",
            "X-Chapterize-Token": self.address.partition("#token=")[2],
            "If-Match": f'"{version}"',
        }
        # The socket is closed even if the server was killed.
        with closing(connection):
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def chapters(self) -> Any:
        return self.send("GET", "/api/project")[1]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "state"))
    return write_srt(tmp_path / "talk.srt", cues(seconds=10.0))


@pytest.fixture
def start(source: Path) -> Iterator[Any]:
    running = []

    def begin(*more: str) -> Running:
        command = [sys.executable, "-m", "chapterize", "review", str(source), "--no-browser"]
        process = subprocess.Popen(
            [*command, *more],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        return Running(process, process.stdout.readline().strip())

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def ended(running: Running, number: int) -> str:
    """Send a signal; the server must close at once. What it said on stderr.

    That takes 0.2 s, or 0.6 s with open connections, if no other program uses the processor.
    """
    assert running.process.stderr is not None
    began = time.monotonic()
    running.process.send_signal(number)
    said = ""
    while "closed" not in said:
        line = running.process.stderr.readline()
        assert line, said
        said += line
    assert time.monotonic() - began < 4.0
    out, err = running.process.communicate(timeout=10)
    assert (running.process.returncode, out) == (0, "")
    assert "Traceback" not in said + err
    return said + err


def test_the_address_alone_is_on_stdout_and_ctrl_c_ends_it(start: Any) -> None:
    running = start()
    assert running.address.startswith(f"http://127.0.0.1:{running.port}/#token=")
    assert running.chapters()["version"] == 1
    assert "saved" in ended(running, signal.SIGINT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_open_connections_do_not_hold_up_the_end(start: Any, number: int) -> None:
    running = start()
    with (
        socket.create_connection(("127.0.0.1", running.port)),
        socket.create_connection(("127.0.0.1", running.port)) as half,
    ):
        half.sendall(
            f"PUT /api/chapters HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n"
            f"Sec-Fetch-Site: same-origin\r\n"
            f"X-Chapterize-Token: {running.address.partition('#token=')[2]}\r\n"
            "Content-Length: 100\r\n\r\nhalf".encode()
        )
        time.sleep(0.2)
        ended(running, number)


@pytest.mark.slow
def test_a_thousand_quick_saves_are_all_there(start: Any, source: Path) -> None:
    running = start()
    shown = running.chapters()
    rows = [{key: each[key] for key in ("id", "start", "title")} for each in shown["chapters"]]
    for number in range(1000):
        rows[1]["title"] = f"T{number}"
        status, _ = running.send("PUT", "/api/chapters", {"chapters": rows}, number + 1)
        assert status == 200
    running.process.kill()
    running.process.wait()
    again = start().chapters()
    assert again["version"] == 1001
    assert again["chapters"][1]["title"] == "T999"


@pytest.mark.slow
def test_a_kill_between_saves_loses_nothing_that_was_answered(start: Any) -> None:
    answered = 1
    for round_ in range(3):
        running = start()
        shown = running.chapters()
        version = shown["version"]
        # The last save may have been stored, and its answer lost.
        assert version in (answered, answered + 1)
        answered = version
        rows = [{key: each[key] for key in ("id", "start", "title")} for each in shown["chapters"]]
        killer = subprocess.Popen(
            ["sh", "-c", f"sleep 0.{3 + round_}; kill -9 {running.process.pid}"]
        )
        try:
            for number in range(100_000):
                rows[1]["title"] = f"R{round_} {number}"
                version = running.send("PUT", "/api/chapters", {"chapters": rows}, version)[1][
                    "version"
                ]
                answered = version
        except (OSError, http.client.HTTPException):
            pass
        killer.wait()
        running.process.wait()
    last = start()
    assert last.chapters()["version"] in (answered, answered + 1)
    assert "damaged" not in ended(last, signal.SIGINT)


def test_a_second_review_of_the_file_opens_the_page_of_the_first(start: Any) -> None:
    first = start()
    second = start()
    assert second.address == first.address
    _, err = second.process.communicate(timeout=20)
    assert second.process.returncode == 0
    assert str(first.process.pid) in err
    first.process.kill()
    first.process.wait()
    third = start()
    assert third.address != first.address
    assert third.chapters()["version"] == 1


def test_the_state_has_only_the_stored_files_and_they_are_private(
    start: Any, tmp_path: Path
) -> None:
    running = start()
    folder = tmp_path / "state" / "reviews"
    for path in folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert {path.suffix for path in folder.iterdir()} == {".lock", ".page"}
    ended(running, signal.SIGINT)
    assert {path.suffix for path in folder.iterdir()} <= {".lock"}


def test_a_taken_port_is_an_error_that_names_it(start: Any) -> None:
    with listen() as taken:
        port = taken.getsockname()[1]
        running = start("--port", str(port))
        _, err = running.process.communicate(timeout=20)
    assert running.process.returncode == 3
    assert f"port {port} cannot be used" in err
    assert "Traceback" not in err


def test_a_port_can_be_chosen(start: Any) -> None:
    with listen() as free:
        port = free.getsockname()[1]
    assert start("--port", str(port)).port == port


def test_it_listens_on_this_machine_only() -> None:
    with listen() as found:
        assert found.getsockname()[0] == "127.0.0.1"
    with pytest.raises(InputError):
        listen(70_000)


def test_json_has_the_address_and_the_process(source: Path) -> None:
    command = [sys.executable, "-m", "chapterize", "review", str(source), "--no-browser", "--json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            text += process.stdout.readline()
        found = json.loads(text)
        process.send_signal(signal.SIGINT)
    assert found["pid"] == process.pid
    assert found["address"].startswith("http://127.0.0.1:")


def test_the_stored_state_of_a_run_is_what_the_next_one_reads(start: Any, tmp_path: Path) -> None:
    running = start()
    shown = running.chapters()
    rows = [{key: each[key] for key in ("id", "start", "title")} for each in shown["chapters"]]
    rows[1]["title"] = "Mine"
    running.send("PUT", "/api/chapters", {"chapters": rows}, 1)
    (file,) = (tmp_path / "state" / "reviews").glob("*.json")
    stored = read_stored(file, shown["duration"])
    assert stored is not None
    assert isinstance(stored.chapters[1], Edited)
    assert stored.chapters[1].title == "Mine"
    assert os.stat(file).st_uid == os.getuid()  # noqa: PTH116
