"""Each fault and each lasting misbehaviour does what it says, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fake_service import CALLS, FakeService, faults, running_service
from tests.fake_service.plain_client import PlainClient

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
def test_every_call_can_be_cut_before_within_and_after(
    fake: FakeService, client: PlainClient, film: str, call: str
) -> None:
    for fault in (faults.reset_before(), faults.reset_within(4), faults.reset_after()):
        fake.fail(call, fault)
        n_before = len(fake.calls(call))
        with pytest.raises(httpx.TransportError):
            client.call(call)
        assert len(fake.calls(call)) == n_before + 1
    client.client_id = "another"
    assert client.call(call).status_code == 200


def test_a_cut_before_processes_nothing_and_a_cut_after_processes_all(
    fake: FakeService, client: PlainClient
) -> None:
    fake.fail("run", faults.reset_before())
    with pytest.raises(httpx.ReadError):
        client.run()
    assert fake.messages == []
    assert fake.calls("run")[0].body is None
    fake.fail("run", faults.reset_after())
    fake.fail("render", faults.reset_after())
    with pytest.raises(httpx.ReadError):
        client.run()
    with pytest.raises(httpx.ReadError):
        client.render()
    assert len(client.draft()["t"]) == 2
    assert list(fake.renders) == ["render_1"]
    assert len(fake.charges) == 2
    assert fake.calls("run")[1].body["session_id"] == client.sid


def test_a_cut_within_passes_the_given_number_of_bytes(
    fake: FakeService, client: PlainClient
) -> None:
    fake.fail("run", faults.reset_within(25))
    got = b""
    with client.stream() as response:
        pieces = response.iter_raw()
        while len(got) < 25:
            got += next(pieces)
        with pytest.raises(httpx.ReadError):
            next(pieces)
    assert len(got) == 25
    assert len(client.draft()["t"]) == 2


def test_an_upload_can_be_cut_while_it_is_sent(
    fake: FakeService, client: PlainClient, tmp_path: Path
) -> None:
    large = tmp_path / "large.mp4"
    large.write_bytes(bytes(5_000_000))
    fake.fail("upload", faults.reset_before())
    with pytest.raises(httpx.TransportError):
        client.upload(large)
    fake.fail("upload", faults.reset_after())
    with pytest.raises(httpx.TransportError):
        client.upload(large)
    assert [each.filename for each in fake.sessions[client.sid].uploads] == [
        "talk.mp4",
        "large.mp4",
    ]


def test_an_upload_whose_client_dies_leaves_nothing(fake: FakeService, client: PlainClient) -> None:
    address = ("127.0.0.1", httpx.URL(fake.base).port or 0)
    head = (
        f"POST /api/upload-video/nemo_agent/me/{client.sid} HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {client.http.headers['authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9999\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="files"; filename="a.mp4"\r\n\r\nabc'
    )
    with socket.create_connection(address) as line:
        line.sendall(head.encode())
        assert any(client.credits() and fake.calls("upload")[-1].n_bytes for _ in range(200))
    assert client.state().json()["data"]["state"]["video_infos"][0]["filename"] == "talk.mp4"
    assert any(client.credits() and not list(fake.folder.iterdir()) for _ in range(200))


@pytest.mark.parametrize("processed", [False, True])
def test_a_timeout_never_answers(fake: FakeService, client: PlainClient, processed: bool) -> None:
    fake.fail("run", faults.timeout(processed=processed))
    client.http.timeout = 0.1
    with pytest.raises(httpx.ReadTimeout):
        client.run()
    assert len(fake.messages) == processed
    fake.fail("credits", faults.timeout(0.05))
    client.http.timeout = 5
    with pytest.raises(httpx.TransportError):
        client.credits()


def test_answers_can_replace_the_real_one(fake: FakeService, client: PlainClient) -> None:
    fake.fail("render", faults.status(503, b"busy", {"Retry-After": "1"}))
    fake.fail("render", faults.envelope(2001, http=402))
    fake.fail("render", faults.failure_envelope("no"))
    busy = client.render()
    assert (busy.status_code, busy.text, busy.headers["retry-after"]) == (503, "busy", "1")
    refused = client.render()
    assert (refused.status_code, refused.json()["code"]) == (402, 2001)
    assert client.render().json() == {"success": False, "data": None, "error": "no"}
    assert fake.renders == {}
    fake.fail("render", faults.status(502, processed=True))
    assert client.render().status_code == 502
    assert list(fake.renders) == ["render_1"]


def test_an_answer_can_be_damaged(fake: FakeService, client: PlainClient) -> None:
    fake.fail("credits", faults.bad_json())
    with pytest.raises(json.JSONDecodeError):
        client.credits().json()
    fake.fail("credits", faults.wrong_types())
    assert client.credits().json()["data"] == {
        "available": "many",
        "frozen": "many",
        "total": "many",
    }
    fake.fail("credits", faults.wrong_types(whole=True))
    assert isinstance(client.credits().json(), list)
    fake.fail("run", faults.bad_json())
    lines = client.run().text.splitlines()
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[0].removeprefix("data: "))
    assert len(fake.charges) == 1


@pytest.mark.parametrize("call", ["credits", "run", "upload"])
def test_an_answer_can_be_shorter_than_promised(
    fake: FakeService, client: PlainClient, call: str
) -> None:
    fake.fail(call, faults.truncated())
    with pytest.raises(httpx.RemoteProtocolError):
        client.call(call)


def test_faults_count_and_skip(fake: FakeService, client: PlainClient) -> None:
    fake.fail("credits", faults.status(500), times=2, skip=1)
    assert [client.credits().status_code for _ in range(4)] == [200, 500, 500, 200]
    with pytest.raises(ValueError, match="no such call"):
        fake.fail("coffee", faults.bad_json())


def test_bursts_and_limits_pass(fake: FakeService, client: PlainClient) -> None:
    fake.switches.bursts = [502, 503, 504]
    fake.switches.rate_limited = 1
    fake.switches.burst_calls = ("state",)
    assert client.credits().status_code == 200
    assert [client.state().status_code for _ in range(5)] == [502, 503, 504, 429, 200]


@pytest.mark.parametrize(("how", "http"), [("http", 401), ("code", 200)])
def test_tokens_expire(fake: FakeService, client: PlainClient, how: str, http: int) -> None:
    fake.switches.set({"token_expired": how})
    for _ in range(2):
        refused = client.state()
        assert (refused.status_code, refused.json()["code"]) == (http, 1001)
    client.use(client.token().json()["data"]["token"])
    assert client.state().json()["code"] == 0


def test_sessions_get_lost(fake: FakeService, client: PlainClient) -> None:
    fake.switches.lost_sessions = True
    assert client.state().json()["code"] == 1002
    fake.switches.error_body = "success"
    assert client.run().json()["error"].startswith("1002")
    fake.switches.error_body = "text"
    assert client.run().text == "Error 1002: session not found"
    client.sid = client.session().json()["data"]["session_id"]
    assert client.state().json()["code"] == 0


def test_it_stops_although_clients_wait(tmp_path: Path) -> None:
    with running_service(tmp_path) as fake:
        client = PlainClient(fake).start()
        fake.switches.heartbeats_only = float("inf")
        with client.stream() as response:
            next(response.iter_raw())
            began = time.monotonic()
            response.close()
        client.http.close()
    assert time.monotonic() - began < 0.5


def control(base: str, act: str, /, **fields: Any) -> Any:
    return httpx.post(f"{base}/_fake/{act}", json=fields, timeout=5).json()


@pytest.mark.slow
def test_it_runs_alone_and_is_controlled_over_http() -> None:
    command = [sys.executable, "-W", "error", "-m", "tests.fake_service", "--port", "0"]
    command += ["--switch", "edit_cost=7", "--switch", "dialect=mixed", "--switch", "crlf"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        base = json.loads(process.stdout.readline())["base"]
        fake = FakeService(ROOT)
        fake.base = base
        client = PlainClient(fake)
        client.use(control(base, "token", credits=50)["token"])
        client.sid = client.session().json()["data"]["session_id"]
        control(base, "switches", silent_edits=True)
        control(base, "faults", call="run", fault="status", arguments={"code": 503, "body": "x"})
        assert client.run().text == "x"
        assert b"\r\n" in client.run().content
        client.http.close()
        report = httpx.get(f"{base}/_fake/history", timeout=5).json()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, b"", b"")
    assert [each["call"] for each in report["history"]] == ["session", "run", "run"]
    assert report["charges"] == [{"what": "edit", "session": client.sid, "amount": 7}]
    assert report["credits"] == 43


def test_the_control_refuses_what_it_does_not_know(fake: FakeService) -> None:
    assert "no such switch" in control(fake.base, "switches", colour=1)["error"]
    assert "no such fault" in control(fake.base, "faults", call="run", fault="os")["error"]
    assert "no such act" in control(fake.base, "dance")["error"]
    assert control(fake.base, "credits", credits=3) == {}
    assert control(fake.base, "act", act="expire_tokens") == {}
    assert fake.credits == 3
