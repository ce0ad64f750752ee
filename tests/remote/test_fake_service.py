"""The fake service answers every call as the contract says: paths, envelopes, owners, credits."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.fake_service import FakeService, Switches, running_service
from tests.fake_service.plain_client import PLAN, PlainClient, titles


@pytest.fixture
def client(fake: FakeService) -> Iterator[PlainClient]:
    made = PlainClient(fake).start()
    yield made
    made.http.close()


def code(response: httpx.Response) -> int:
    return int(response.json()["code"])


def test_it_starts_and_stops_at_once(tmp_path: Path) -> None:
    with running_service(tmp_path):
        pass
    began = time.monotonic()
    with running_service(tmp_path) as fake, httpx.Client(base_url=fake.base) as http:
        assert http.get("/nothing").status_code == 404
    assert time.monotonic() - began < 0.5
    assert fake.complaints == ["no such call: GET /nothing"]


def test_a_client_gets_one_token(fake: FakeService) -> None:
    client = PlainClient(fake)
    given = client.token().json()
    assert given["code"] == 0
    assert set(given["data"]) == {"token", "user_id", "expires_at", "credits"}
    assert given["data"]["token"].startswith("nmv_usr_")
    assert given["data"]["credits"] == 100
    assert given["data"]["token"] not in repr(fake.tokens[given["data"]["token"]])
    assert client.token().status_code == 429
    fake.expire_tokens()
    again = client.token().json()["data"]
    assert again["user_id"] == given["data"]["user_id"]
    assert again["token"] != given["data"]["token"]
    fake.switches.clock_offset = 8 * 24 * 3600
    assert client.token().status_code == 200
    without = client.http.post("/api/auth/anonymous-token")
    assert without.status_code == 400
    client.http.close()


def test_a_session_has_a_numeric_name_and_an_owner(fake: FakeService, client: PlainClient) -> None:
    assert client.sid.isdigit()
    assert code(client.state()) == 0
    client.use(fake.new_token())
    assert code(client.state()) == 1002
    client.use("nmv_usr_unknown")
    assert client.state().status_code == 401
    del client.http.headers["Authorization"]
    assert code(client.credits()) == 1001


def test_an_upload_is_examined_and_appears_in_the_state(
    fake: FakeService, client: PlainClient, video_mp4: Path
) -> None:
    data = client.upload(video_mp4).json()["data"]
    (row,) = data["files"]
    assert data["session_state_applied"] is True
    assert (row["filename"], row["file_type"]) == ("video.mp4", "video")
    assert (row["width"], row["height"], row["fps"]) == (320, 180, 25)
    assert row["duration"] == pytest.approx(4, abs=0.1)
    assert row["hash"] == hashlib.sha256(video_mp4.read_bytes()).hexdigest()
    shown = client.state().json()["data"]
    assert shown["session_id"] == client.sid
    assert set(shown) == {"session_id", "task_id", "task_name", "state"}
    assert shown["state"]["video_infos"][0]["filename"] == "video.mp4"
    assert shown["state"]["draft"]["t"][0]["tt"] == 0
    assert fake.calls("upload")[0].n_bytes > video_mp4.stat().st_size


def test_several_files_and_addresses_can_be_uploaded(
    fake: FakeService, client: PlainClient, video_mp4: Path, audio_mp3: Path
) -> None:
    rows = client.upload(video_mp4, audio_mp3).json()["data"]["files"]
    assert [row["file_type"] for row in rows] == ["video", "audio"]
    fake.switches.upload_bare = True
    (row,) = client.upload_urls("https://example.org/a%20talk.mov?x=1").json()["data"]["files"]
    assert (row["filename"], row["duration"]) == ("a talk.mov", 30.5)
    assert "hash" not in row
    assert "fps" not in row
    ends = [segment["st"] for segment in client.draft()["t"][0]["sg"]]
    assert ends == [0, pytest.approx(4000, abs=100)]


@pytest.mark.parametrize("refuses_early", [False, True])
def test_other_or_too_large_files_are_refused(
    fake: FakeService, client: PlainClient, video_mp4: Path, refuses_early: bool
) -> None:
    fake.switches.refuses_early = refuses_early
    assert code(client.upload(video_mp4, name="talk.pdf")) == 4001
    assert code(client.upload_urls("https://example.org/a.exe")) == 4001
    fake.switches.upload_limit_bytes = 1000
    assert code(client.upload(video_mp4)) == 4002
    fake.switches.coded_http = True
    assert client.upload(video_mp4).status_code == 413
    assert fake.sessions[client.sid].uploads == []


def test_a_large_upload_is_counted_and_hashed_but_not_kept(
    fake: FakeService, client: PlainClient
) -> None:
    fake.switches.keeps_bytes = 100_000
    blob = bytes(range(256)) * 4096
    files = [("files", ('a "big" Ü.mp4', io.BytesIO(blob)))]
    address = f"/api/upload-video/nemo_agent/me/{client.sid}"
    assert code(client.http.post(address, files=files)) == 0
    (upload,) = fake.sessions[client.sid].uploads
    assert upload.filename == 'a "big" Ü.mp4'
    assert (upload.n_bytes, upload.path) == (len(blob), None)
    assert upload.sha256 == hashlib.sha256(blob).hexdigest()
    assert list(fake.folder.iterdir()) == []


def test_a_broken_form_is_refused(client: PlainClient) -> None:
    address = f"/api/upload-video/nemo_agent/me/{client.sid}"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert client.http.post(address, content=b"junk", headers=headers).status_code == 400
    assert client.http.post(address, content=b"junk").status_code == 400
    assert client.http.post(address, files={"other": b"x"}).status_code == 422


def test_an_upload_may_appear_late_or_with_the_first_edit(
    fake: FakeService, client: PlainClient, video_mp4: Path
) -> None:
    fake.switches.session_state_applied = False
    fake.switches.video_on_upload = False
    assert client.upload(video_mp4).json()["data"]["session_state_applied"] is False
    assert client.state().json()["data"]["state"]["video_infos"] == []
    assert len(client.state().json()["data"]["state"]["video_infos"]) == 1
    assert client.draft()["t"] == []
    client.run()
    assert [track["tt"] for track in client.draft()["t"]] == [0, 7]


def test_an_edit_is_charged_once_and_carried_out(fake: FakeService, client: PlainClient) -> None:
    client.upload_urls("https://example.org/talk.mp4")
    response = client.run()
    assert response.headers["content-type"].startswith("text/event-stream")
    assert titles(client.draft()) == [
        (0, 2000, "Opening"),
        (2000, 3000, "Bees | honey"),
        (10500, 3000, '"Schluß"'),
    ]
    assert [each.what for each in fake.charges] == ["edit"]
    assert [each.text for each in fake.messages] == [PLAN]
    balance = client.credits().json()["data"]
    assert balance == {"available": 90, "frozen": 0, "total": 90}
    assert fake.complaints == []


def test_a_message_sent_twice_is_noticed(fake: FakeService, client: PlainClient) -> None:
    client.run()
    client.run("Now export it")
    client.run()
    assert fake.complaints == [
        "run: the agent was asked to export",
        "run: a message was sent twice",
    ]


def test_a_malformed_message_costs_nothing(fake: FakeService, client: PlainClient) -> None:
    assert client.http.post("/run_sse", json={"session_id": client.sid}).status_code == 422
    assert client.http.post("/run_sse", content=b"{").status_code == 422
    assert client.run(" ").status_code == 422
    assert fake.charges == []


def test_a_render_makes_a_real_video(
    fake: FakeService, client: PlainClient, video_mp4: Path
) -> None:
    client.upload(video_mp4)
    data = client.render().json()
    assert data == {"success": True, "data": {"id": "render_1", "status": "pending", "progress": 5}}
    assert client.credits().json()["data"] == {"available": 90, "frozen": 10, "total": 100}
    done = client.status().json()["data"]
    assert (done["status"], done["progress"]) == ("completed", 100)
    film = client.fetch(done["outputUrl"])
    assert film.content[4:8] == b"ftyp"
    assert client.download().content == film.content
    assert fake.credits == 90
    assert client.credits().json()["data"]["total"] == 90
    assert code(client.status("render_9")) == 404
    assert fake.complaints == []
    assert fake.unauthorised_leaks == []


def test_a_render_needs_attribution_segments_and_a_new_id(
    fake: FakeService, client: PlainClient
) -> None:
    assert "segments" in client.render().json()["error"]
    client.upload_urls("https://example.org/talk.mp4")
    assert client.render().json()["success"] is True
    assert client.render().json() == {"success": False, "data": None, "error": "duplicate id"}
    client.render("render_2", {"t": [{"sg": [1]}]})
    assert fake.complaints == ["render: the draft is not the one that the state showed"]
    del client.http.headers["X-Skill-Version"]
    assert client.render("render_3").status_code == 402
    client.http.headers.update({"X-Skill-Version": "1", "X-Skill-Source": "mine"})
    client.http.headers["X-Skill-Platform"] = "moon"
    assert client.credits().status_code == 200
    assert fake.complaints[-2:] == [
        "credits: a strange x-skill-source",
        "credits: a strange x-skill-platform",
    ]
    assert list(fake.renders) == ["render_1", "render_2"]


def test_a_cancelled_render_is_refunded(fake: FakeService, client: PlainClient) -> None:
    client.upload_urls("https://example.org/talk.mp4")
    client.render()
    assert client.download().status_code == 409
    assert client.cancel().json()["success"] is True
    assert client.status().json()["data"]["error"] == "cancelled by the user"
    assert "already" in client.cancel().json()["error"]
    assert client.credits().json()["data"] == {"available": 100, "frozen": 0, "total": 100}
    assert [each.what for each in fake.charges] == ["render", "refund"]


def test_an_unknown_switch_is_an_error() -> None:
    switches = Switches()
    switches.set({"crlf": True, "burst_calls": ["state"]})
    assert switches.burst_calls == ("state",)
    with pytest.raises(ValueError, match="no such switch: colour"):
        switches.set({"colour": 1})
