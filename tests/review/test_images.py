"""Images of the slides: which ones, read once, small, and only on request."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from chapterize.cache import Cache
from chapterize.data import Media, Signals, Slide
from chapterize.fingerprint import file_fingerprint
from chapterize.media import open_media
from chapterize.review.images import MOST_BYTES, Images, shown_slides, slide_at
from tests.conftest import MakeMedia

SLIDES = (Slide(0.0, 2.0, heading="Red"), Slide(2.0, 4.0, heading="Blue"))


@pytest.fixture
def slides_mp4(make_media: MakeMedia) -> Path:
    """color=red:d=2 then color=blue:d=2, 640x360"""
    both = "color=red:s=640x360:d=2[a];color=blue:s=640x360:d=2[b];[a][b]concat"
    codec = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast")
    return make_media("slides.mp4", "-f", "lavfi", "-i", both, "-r", "5", *codec)


def pixels(content: bytes) -> Any:
    import av

    with av.open(BytesIO(content), "r", format="jpeg_pipe") as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def client_of(images: Images) -> TestClient:
    return TestClient(Starlette(routes=[images.route("KEY")]))


def images_of(path: Path, cache: Cache) -> Images:
    return Images(open_media(path), SLIDES, file_fingerprint(path), cache)


def test_each_slide_has_a_small_image_once_it_is_asked_for(
    slides_mp4: Path, tmp_path: Path
) -> None:
    images = images_of(slides_mp4, Cache(tmp_path / "cache"))
    assert not images.is_running
    client = client_of(images)
    for n, strongest in ((1, 2), (0, 0)):
        answer = client.get(f"/media/KEY/slide/{n}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
        assert len(answer.content) <= MOST_BYTES
        found = pixels(answer.content)
        assert found.shape == (270, 480, 3)
        assert found.mean(axis=(0, 1)).argmax() == strongest
    assert client.get("/media/KEY/slide/2").status_code == 404


def test_images_are_cached(
    slides_mp4: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache")
    images = images_of(slides_mp4, cache)
    first = client_of(images).get("/media/KEY/slide/0")
    assert images.join(60.0)
    monkeypatch.setattr("chapterize.review.images.listen_to_child", None)
    again = client_of(images_of(slides_mp4, cache)).get("/media/KEY/slide/0")
    assert again.content == first.content


def test_a_file_that_is_gone_has_no_images(slides_mp4: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.mp4"
    media = replace(open_media(slides_mp4), path=gone)
    client = client_of(Images(media, SLIDES, "0" * 32, Cache(tmp_path / "cache")))
    answer = client.get("/media/KEY/slide/0")
    assert answer.status_code == 404
    assert "gone.mp4" in answer.text


def test_only_slides_and_screens_have_images() -> None:
    video = Media(Path("a.mp4"), "mp4", 100.0, 1, has_video=True)
    pages = (Slide(0.0, 10.0, "camera"), Slide(10.0, 50.0), Slide(50.0, 100.0, "screen"))
    assert shown_slides(video, Signals(slides=(10.0, 50.0), pages=pages)) == pages[1:]
    # Without the extra, no slide is read.
    spans = [(each.start, each.end) for each in shown_slides(video, Signals(slides=(10.0, 50.0)))]
    assert spans == [(0.0, 10.0), (10.0, 50.0), (50.0, 100.0)]
    assert shown_slides(replace(video, has_video=False), Signals(slides=(10.0,))) == ()
    assert shown_slides(video, Signals()) == ()
    film = Signals(slides=tuple(n / 10 for n in range(1, 900)))
    assert shown_slides(video, film) == ()


def test_a_chapter_gets_the_slide_that_it_turns_to() -> None:
    slides = (Slide(0.0, 60.0), Slide(60.0, 65.0), Slide(65.0, 200.0), Slide(240.0, 300.0))
    found = [slide_at(slides, start) for start in (0.0, 30.0, 57.0, 66.0, 150.0, 215.0, 231.0)]
    assert found == [0, 0, 1, 2, 2, None, 3]
