"""Media served by ranges; copies made whole, kept, bounded, and stopped with the server."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from chapterize.cache import Cache
from chapterize.fingerprint import file_fingerprint
from chapterize.media import open_media
from chapterize.review import playable as module
from chapterize.review.playable import Playable
from tests.conftest import AAC, SINE, MakeMedia

SECONDS = 120


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def playable_of(path: Path, cache: Cache) -> Playable:
    return Playable(open_media(path), file_fingerprint(path), cache)


def ready(path: Path, cache: Cache) -> Playable:
    playable = playable_of(path, cache)
    playable.start()
    assert playable.join(SECONDS)
    return playable


def browser(playable: Playable) -> TestClient:
    return TestClient(Starlette(routes=playable.routes("key")))


def copies(cache: Cache) -> list[Path]:
    return sorted((cache.folder / "playable").iterdir())


def test_a_file_that_browsers_play_is_served_itself(video_mp4: Path, cache: Cache) -> None:
    playable = ready(video_mp4, cache)
    assert playable.served == (video_mp4, "video/mp4")
    assert playable.to_json("key") == {
        **{"url": "/media/key/file?n=1", "kind": "video"},
        **{"state": "direct", "progress": 1.0, "why": None},
    }
    assert not (cache.folder / "playable").exists()


def test_ranges_are_answered(video_mp4: Path, cache: Cache) -> None:
    client, content = browser(ready(video_mp4, cache)), video_mp4.read_bytes()
    whole = client.get("/media/key/file")
    assert (whole.status_code, whole.content) == (200, content)
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "video/mp4"
    for value, start, end in (
        ("bytes=0-99", 0, 100),
        ("bytes=1000-", 1000, len(content)),
        ("bytes=-50", len(content) - 50, len(content)),
        (f"bytes=10-{10 * len(content)}", 10, len(content)),
    ):
        part = client.get("/media/key/file", headers={"Range": value})
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{len(content)}"
        assert part.content == content[start:end]


def test_a_range_after_the_end_is_416(video_mp4: Path, cache: Cache) -> None:
    answer = browser(ready(video_mp4, cache)).get(
        "/media/key/file", headers={"Range": f"bytes={video_mp4.stat().st_size}-"}
    )
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{video_mp4.stat().st_size}"


def test_a_range_of_another_version_gets_the_whole_file(video_mp4: Path, cache: Cache) -> None:
    client = browser(ready(video_mp4, cache))
    tag = client.head("/media/key/file").headers["etag"]
    same = client.get("/media/key/file", headers={"Range": "bytes=0-9", "If-Range": tag})
    other = client.get("/media/key/file", headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert (same.status_code, len(same.content)) == (206, 10)
    assert (other.status_code, len(other.content)) == (200, video_mp4.stat().st_size)


def test_head_has_the_size_and_no_content(video_mp4: Path, cache: Cache) -> None:
    answer = browser(ready(video_mp4, cache)).head("/media/key/file")
    assert answer.status_code == 200
    assert answer.headers["content-length"] == str(video_mp4.stat().st_size)
    assert answer.content == b""


def test_nothing_but_the_media_is_served(video_mp4: Path, cache: Cache) -> None:
    client = browser(ready(video_mp4, cache))
    for path in ("/media/other/file", "/media/key/../file", "/media/key/file/x", "/media/key"):
        assert client.get(path).status_code == 404
    assert client.post("/media/key/file").status_code == 405


def test_a_copy_is_kept_for_the_next_time(video_mkv_with_subtitles: Path, cache: Cache) -> None:
    first = ready(video_mkv_with_subtitles, cache)
    assert first.status.state == "ready"
    [copy] = copies(cache)
    assert copy.stat().st_mode & 0o077 == 0
    made_at = copy.stat().st_ino
    assert ready(video_mkv_with_subtitles, cache).served == first.served
    assert copy.stat().st_ino == made_at
    assert browser(first).get("/media/key/file").content == copy.read_bytes()


def test_until_it_is_ready_the_file_is_not_available(
    video_mkv_with_subtitles: Path, cache: Cache
) -> None:
    playable = playable_of(video_mkv_with_subtitles, cache)
    assert browser(playable).get("/media/key/file").status_code == 503
    assert playable.served is None


def test_a_file_that_cannot_be_read_has_failed(
    video_mp4: Path, cache: Cache, tmp_path: Path
) -> None:
    playable = Playable(replace(open_media(video_mp4), path=tmp_path / "gone.mp4"), "0", cache)
    playable.start()
    assert playable.join(SECONDS)
    assert playable.status.state == "failed"
    assert browser(playable).get("/media/key/file").status_code == 404


def test_captions_alone_have_no_media(video_mp4: Path, cache: Cache) -> None:
    alone = replace(open_media(video_mp4), has_video=False, audio_start=None)
    playable = Playable(alone, "0", cache)
    playable.start()
    assert playable.join(SECONDS)
    assert playable.status.state == "none"
    playable.require_proxy()
    assert playable.status.state == "none"


def test_the_page_may_ask_for_a_proxy_once(video_mp4: Path, cache: Cache) -> None:
    playable = ready(video_mp4, cache)
    client = browser(playable)
    answer = client.post("/api/media/proxy")
    assert answer.status_code == 202
    assert playable.join(SECONDS)
    now = playable.to_json("key")
    assert (now["state"], now["url"]) == ("ready", "/media/key/file?n=2")
    assert playable.served is not None
    assert playable.served[0] in copies(cache)
    # The proxy is the last resort.
    assert client.post("/api/media/proxy").json()["state"] == "failed"


def test_a_deleted_copy_is_made_again(video_mkv_with_subtitles: Path, cache: Cache) -> None:
    playable = ready(video_mkv_with_subtitles, cache)
    [copy] = copies(cache)
    copy.unlink()
    client = browser(playable)
    assert client.get("/media/key/file").status_code == 404
    assert playable.join(SECONDS)
    assert client.get("/media/key/file").status_code == 200


def test_the_oldest_copies_make_room(
    video_mkv_with_subtitles: Path,
    video_avi: Path,
    cache: Cache,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ready(video_avi, cache)
    [old] = copies(cache)
    os.utime(old, (1, 1))
    stale = old.with_name(".chapterize-old.mp4")
    recent = old.with_name(".chapterize-new.mp4")
    for path in (stale, recent):
        path.write_bytes(b"0")
    os.utime(stale, (1, 1))
    monkeypatch.setattr(module, "_MOST_BYTES", 1000)
    ready(video_mkv_with_subtitles, cache)
    left = copies(cache)
    assert old not in left
    assert stale not in left
    assert recent in left
    assert len(left) == 2


def test_the_server_stops_a_proxy_and_leaves_nothing(make_media: MakeMedia, cache: Cache) -> None:
    """-f lavfi -i testsrc=size=640x360:rate=30:duration=60 SINE -c:v mpeg4"""
    picture = ("-f", "lavfi", "-i", "testsrc=size=640x360:rate=30:duration=60")
    path = make_media("long.avi", *picture, *SINE, "-c:v", "mpeg4", *AAC)
    playable = playable_of(path, cache)
    playable.start()
    while not playable.status.progress:
        assert not playable.join(0.05), playable.status
    began = time.monotonic()
    playable.end()
    assert time.monotonic() - began < 5
    assert playable.join(0)
    assert playable.status.state == "failed"
    assert not copies(cache)


def test_a_cache_that_cannot_be_written_is_a_failure(
    video_mkv_with_subtitles: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file")
    playable = ready(video_mkv_with_subtitles, Cache(tmp_path / "cache"))
    assert playable.status.state == "failed"
    assert playable.status.why


def test_two_pages_make_one_copy(video_avi: Path, cache: Cache, tmp_path: Path) -> None:
    other = Path(shutil.copy(video_avi, tmp_path / "other.avi"))
    both = [playable_of(path, cache) for path in (video_avi, other)]
    for playable in both:
        playable.start()
    assert all(playable.join(SECONDS) for playable in both)
    assert {playable.status.state for playable in both} == {"ready"}
    assert len(copies(cache)) == 1
