"""The whole review: media, waveform and tasks behind the guard."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chapterize.cache import Cache
from chapterize.pipeline import make_draft
from chapterize.pipeline.edits import edits_file
from chapterize.review import Project, assemble
from chapterize.review.peaks import RATE
from tests.conftest import CAPTIONS
from tests.review.browser_double import Browser

SECONDS = 120


@pytest.fixture
def talk(tmp_path: Path, video_mp4: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    (folder / "talk.srt").write_text(CAPTIONS)
    return Path(shutil.copy(video_mp4, folder / "talk.mp4"))


@pytest.fixture
def page(talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "state"))
    project = Project(make_draft(talk), edits_file("0" * 32))
    review = assemble(project, Cache(tmp_path / "cache"))
    yield Browser(review)
    for close in review.on_close:
        close()


def wait_until(is_done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not is_done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_project_says_how_far_the_media_is(page: Browser) -> None:
    def is_ready() -> bool:
        parts = page.get("/api/status").json
        return {parts["media"]["state"], parts["peaks"]["state"]} == {"direct", "ready"}

    wait_until(is_ready)
    shown = page.get("/api/project").json
    assert shown["media"]["kind"] == "video"
    peaks = page.get(shown["peaks"]["url"], X_Chapterize_Token=None)
    assert len(peaks.content) == 4 * RATE
    assert peaks.headers["content-security-policy"]


def test_media_need_no_token_but_the_key(page: Browser, talk: Path) -> None:
    wait_until(lambda: page.get("/api/status").json["media"]["state"] == "direct")
    url = page.get("/api/status").json["media"]["url"]
    bare = {"X_Chapterize_Token": None, "Origin": None}
    part = page.get(url, Range="bytes=0-9", **bare)
    assert (part.status, part.content) == (206, talk.read_bytes()[:10])
    key = page.review.keys.media
    for path in (url.replace(key, "x" * len(key)), "/media/file", f"/media/{key}/../file"):
        assert page.get(path, **bare).status in (403, 404)
    assert page.get(url, Host="evil.example", X_Chapterize_Token=None).status == 403
    assert page.get(url, Origin="http://evil.example").status == 403


@pytest.mark.parametrize("path", ["/api/tasks", "/api/media/proxy", "/api/tasks/1/cancel"])
def test_nothing_is_made_for_another_site(path: str, page: Browser, talk: Path) -> None:
    wanted = {"kind": "export", "options": {}}
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": None, "Sec_Fetch_Site": "cross-site"},
        {"X_Chapterize_Token": None},
        {"X_Chapterize_Token": "guess"},
        {"Host": "evil.example"},
    ):
        assert page.send("POST", path, wanted, **headers).status == 403
    assert sorted(each.name for each in talk.parent.iterdir()) == ["talk.mp4", "talk.srt"]


def test_a_task_takes_the_chapters_of_the_page(page: Browser, talk: Path) -> None:
    state = page.get("/api/project").json
    rows = [{**state["chapters"][0], "title": "Mine & more"}]
    changed = page.put("/api/chapters", {"chapters": rows, "gesture": "retitle"}, state["version"])
    assert changed.status == 200
    assert page.post("/api/tasks", {"kind": "export", "options": {}}).status == 202
    [task] = page.get("/api/tasks").json
    assert task["why"] is None
    assert task["state"] == "done"
    text = talk.with_name("talk-chapters.youtube.txt").read_text(encoding="utf-8")
    assert text == "0:00 Mine & more\n"
