"""Tasks in a queue: progress, questions, cancelling without traces, and the end of the server."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from chapterize.data import Chapters
from chapterize.media import open_media
from chapterize.review.answers import error_json
from chapterize.review.results import Source
from chapterize.review.tasks import Tasks
from tests.conftest import AAC, SINE, MakeMedia
from tests.deliver.scene import CHAPTERS, service, titles_in
from tests.fake_service import FakeService

SECONDS = 120.0


@pytest.fixture
def talk(tmp_path: Path, video_mp4: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    return Path(shutil.copy(video_mp4, folder / "talk.mp4"))


@pytest.fixture
def start(talk: Path) -> Iterator[Callable[[Path], Tasks]]:
    """Tasks of a file, ended with the test."""
    running: list[Tasks] = []

    def begin(path: Path = talk, chapters: Chapters = CHAPTERS) -> Tasks:
        running.append(Tasks(Source(open_media(path)), lambda: chapters))
        return running[-1]

    yield begin
    for tasks in running:
        tasks.end()


@pytest.fixture
def tasks(start: Callable[[], Tasks]) -> Tasks:
    return start()


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    with service(tmp_path, monkeypatch) as running:
        yield running


def shown(tasks: Tasks, name: str) -> dict[str, Any]:
    return next(task for task in tasks.to_json() if task["id"] == name)


def wait_for(tasks: Tasks, name: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + SECONDS
    while (task := shown(tasks, name))["state"] not in states:
        assert time.monotonic() < deadline, task
        assert task["state"] in ("running", "asking"), task
        time.sleep(0.02)
    return task


def names_in(folder: Path) -> list[str]:
    """All names, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def browser(tasks: Tasks) -> TestClient:
    return TestClient(Starlette(routes=tasks.routes()))


@pytest.fixture
def long_video(make_media: MakeMedia, tmp_path: Path) -> Path:
    """-f lavfi -i testsrc=size=640x360:rate=30:duration=60 SINE -c:v mpeg4: all is encoded."""
    picture = ("-f", "lavfi", "-i", "testsrc=size=640x360:rate=30:duration=60")
    made = make_media("long.mkv", *picture, *SINE, "-c:v", "mpeg4", *AAC)
    folder = tmp_path / "long"
    folder.mkdir()
    return Path(shutil.copy(made, folder / "long.mkv"))


LONG = Chapters.from_starts((0.0, 20.0, 40.0), ("One", "Two", "Three"), 60.0)


def test_an_export_is_written_at_once(tasks: Tasks, talk: Path) -> None:
    name = tasks.start("export", {"format": "youtube"})
    task = shown(tasks, name)
    assert (task["state"], task["files"]) == ("done", ["talk-chapters.youtube.txt"])
    text = talk.with_name("talk-chapters.youtube.txt").read_text(encoding="utf-8")
    assert text.startswith("0:00 Opening\n")


def test_tasks_follow_each_other(tasks: Tasks, talk: Path) -> None:
    first, second = tasks.start("embed", {}), tasks.start("split", {})
    assert wait_for(tasks, second, "done")["fraction"] == 1.0
    assert shown(tasks, first)["state"] == "done"
    assert titles_in(talk.with_name("talk-chapters.mp4")) == list(CHAPTERS.titles)
    assert len(shown(tasks, second)["files"]) == 3


def test_a_task_keeps_the_chapters_it_was_started_with(talk: Path) -> None:
    titles = ["Before"]
    tasks = Tasks(Source(open_media(talk)), lambda: Chapters.from_starts([0], titles, 4.0))
    name = tasks.start("embed", {})
    titles[0] = "After"
    wait_for(tasks, name, "done")
    assert titles_in(talk.with_name("talk-chapters.mp4")) == ["Before"]
    tasks.end()


def test_a_render_shows_its_progress_and_can_be_cancelled(
    start: Callable[..., Tasks], long_video: Path
) -> None:
    tasks = start(long_video, LONG)
    name = tasks.start("render", {})
    while shown(tasks, name)["fraction"] < 0.1:
        time.sleep(0.02)
    assert shown(tasks, name)["stage"] == "rendering"
    began = time.monotonic()
    task = tasks.find(name)
    assert task is not None
    task.cancel()
    wait_for(tasks, name, "cancelled")
    assert time.monotonic() - began < 5
    assert names_in(long_video.parent) == ["long.mkv"]


def test_a_task_that_waits_is_cancelled_at_once(
    start: Callable[..., Tasks], long_video: Path
) -> None:
    tasks = start(long_video, LONG)
    running, waiting = tasks.start("render", {}), tasks.start("split", {})
    assert shown(tasks, waiting)["stage"] == "waiting"
    task = tasks.find(waiting)
    assert task is not None
    task.cancel()
    assert shown(tasks, waiting)["state"] == "cancelled"
    assert shown(tasks, running)["state"] == "running"


def test_the_end_of_the_server_cancels_everything(
    start: Callable[..., Tasks], long_video: Path
) -> None:
    tasks = start(long_video, LONG)
    names = [tasks.start("render", {}), tasks.start("split", {})]
    while shown(tasks, names[0])["fraction"] < 0.05:
        time.sleep(0.02)
    began = time.monotonic()
    tasks.end()
    assert time.monotonic() - began < 5
    assert [shown(tasks, name)["state"] for name in names] == ["cancelled", "cancelled"]
    assert names_in(long_video.parent) == ["long.mkv"]
    with pytest.raises(Exception, match="stopping"):
        tasks.start("split", {})


def test_a_failure_says_what_why_and_what_next(tasks: Tasks, talk: Path) -> None:
    name = tasks.start("embed", {})
    wait_for(tasks, name, "done")
    talk.write_bytes(b"no video any more")
    failed = wait_for(tasks, tasks.start("embed", {"replace": True}), "failed")
    assert set(failed["why"]) == {"what", "why", "hint"}
    assert failed["why"]["what"]
    assert failed["files"] == []


def test_hints_do_not_name_options_of_the_command_line() -> None:
    from chapterize.errors import OutputError

    hints = {
        "free some space, or choose another disk with -o or --out-dir": (
            "free some space, or choose another disk"
        ),
        "create it, or choose another with -o or --out-dir": "create it, or choose another",
        "choose another folder": "choose another folder",
    }
    for hint, wanted in hints.items():
        assert error_json(OutputError("x", hint=hint))["hint"] == wanted


# Through the addresses of the page.


def test_the_page_starts_lists_and_cancels(tasks: Tasks, talk: Path) -> None:
    client = browser(tasks)
    answer = client.post("/api/tasks", json={"kind": "embed", "options": {}})
    assert answer.status_code == 202
    wait_for(tasks, answer.json()["id"], "done")
    [task] = client.get("/api/tasks").json()
    assert set(task) == {
        *("id", "kind", "state", "stage", "fraction", "files", "notes", "why", "next", "question")
    }
    assert client.post(f"/api/tasks/{task['id']}/cancel").status_code == 202
    # What is done stays done.
    assert shown(tasks, task["id"])["state"] == "done"
    assert client.post("/api/tasks/99/cancel").status_code == 404


def test_the_page_is_offered_to_replace(tasks: Tasks, talk: Path) -> None:
    talk.with_name("talk-chapters.vtt").write_text("mine")
    client = browser(tasks)
    wanted = {"kind": "export", "options": {"format": "webvtt"}}
    refused = client.post("/api/tasks", json=wanted)
    assert refused.status_code == 409
    assert refused.json()["error"]["names"] == ["talk-chapters.vtt"]
    assert talk.with_name("talk-chapters.vtt").read_text() == "mine"
    wanted["options"]["replace"] = True  # type: ignore[index]
    assert client.post("/api/tasks", json=wanted).status_code == 202
    assert talk.with_name("talk-chapters.vtt").read_text().startswith("WEBVTT")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'{"kind": "embed", "options": []}', b'{"kind": 1}']
)
def test_a_request_that_is_none_is_refused(content: bytes, tasks: Tasks, talk: Path) -> None:
    answer = browser(tasks).post("/api/tasks", content=content)
    # An empty list is no option.
    assert answer.status_code in (400, 202)
    assert (answer.status_code == 202) == (b"embed" in content)


def test_answers_are_checked(tasks: Tasks) -> None:
    client = browser(tasks)
    name = tasks.start("export", {})
    assert client.post(f"/api/tasks/{name}/answer", content=b"{").status_code == 400
    assert client.post(f"/api/tasks/{name}/answer", json={"accepts": "yes"}).status_code == 400
    assert client.post(f"/api/tasks/{name}/answer", json={"accepts": True}).status_code == 409
    assert client.post("/api/tasks/99/answer", json={"accepts": True}).status_code == 404


# To the service.


def test_nothing_is_sent_before_the_page_agrees(
    tasks: Tasks, fake: FakeService, talk: Path
) -> None:
    client = browser(tasks)
    name = client.post("/api/tasks", json={"kind": "send", "options": {}}).json()["id"]
    question = wait_for(tasks, name, "asking")["question"]
    assert question["kind"] == "send"
    lines = "\n".join(question["lines"])
    for part in ("talk.mp4", "MB", "3 chapters", question["service"], "Cost:"):
        assert part in lines
    assert question["offer"]["message"]
    assert not fake.calls("upload")
    assert client.post(f"/api/tasks/{name}/answer", json={"accepts": False}).status_code == 202
    task = wait_for(tasks, name, "cancelled")
    assert task["why"]["what"] == "nothing was sent"
    assert not fake.calls("upload")
    assert names_in(talk.parent) == ["talk.mp4"]


def test_with_consent_the_service_makes_the_video(
    tasks: Tasks, fake: FakeService, talk: Path
) -> None:
    name = tasks.start("send", {"style": "card"})
    wait_for(tasks, name, "asking")
    asked = tasks.find(name)
    assert asked is not None
    assert asked.answer(accepts=True)
    assert not asked.answer(accepts=False)
    task = wait_for(tasks, name, "done")
    assert task["files"] == ["talk-chapters.mp4", "talk-chapters.youtube.txt"]
    assert titles_in(talk.with_name("talk-chapters.mp4")) == list(CHAPTERS.titles)
    assert any(note.startswith("Credits:") for note in task["notes"])
    assert len(fake.calls("upload")) == 1


def test_secrets_never_reach_the_page(
    tasks: Tasks, fake: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = fake.new_token()
    monkeypatch.setenv("NEMO_TOKEN", token)
    client, seen = browser(tasks), list[str]()
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(0.005):
            seen.append(client.get("/api/tasks").text)

    watcher = threading.Thread(target=watch)
    watcher.start()
    name = tasks.start("send", {})
    wait_for(tasks, name, "asking")
    asked = tasks.find(name)
    assert asked is not None
    asked.note(f"a message with {token} in it")
    asked.answer(accepts=True)
    wait_for(tasks, name, "done")
    is_over.set()
    watcher.join()
    seen.append(client.get("/api/tasks").text)
    assert "a message with" in seen[-1]
    assert not [text for text in seen if token in text]


def test_a_question_is_cancelled_with_the_task(tasks: Tasks, fake: FakeService) -> None:
    name = tasks.start("send", {})
    wait_for(tasks, name, "asking")
    asked = tasks.find(name)
    assert asked is not None
    asked.cancel()
    task = wait_for(tasks, name, "cancelled")
    assert task["question"] is None
    assert not fake.calls("upload")
