"""The waveform: on the player's clock, cached, measured in a child, and served whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from chapterize.cache import Cache
from chapterize.fingerprint import file_fingerprint
from chapterize.media import open_media
from chapterize.review.peaks import RATE, Peaks, measure_peaks
from tests.conftest import MakeMedia

SECONDS = 120


def peaks_of(path: Path, cache: Cache) -> Peaks:
    return Peaks(open_media(path), file_fingerprint(path), cache)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def test_there_are_twenty_peaks_a_second(video_mp4: Path, cache: Cache) -> None:
    peaks = peaks_of(video_mp4, cache)
    peaks.start()
    assert peaks.join(SECONDS)
    assert peaks.status.state == "ready"
    assert peaks.content is not None
    assert len(peaks.content) == 4 * RATE
    assert min(peaks.content) > 0


def test_late_audio_has_zeros_before_it(late_audio_mp4: Path) -> None:
    found = np.frombuffer(b"".join(measure_peaks(open_media(late_audio_mp4))), np.uint8)
    first = int(np.flatnonzero(found)[0])
    assert first == int(1.436 * RATE)


def test_a_peak_is_the_loudest_sample_of_its_fiftieth_of_a_second(make_media: MakeMedia) -> None:
    """-f lavfi -i aevalsrc=if(between(t,1.01,1.02),-1,0.5*between(t,2,2.05)):s=16000:d=3"""
    shape = "aevalsrc='if(between(t,1.01,1.02),-1,0.5*between(t,2,2.0499))':s=16000:d=3"
    path = make_media("clicks.wav", "-f", "lavfi", "-i", shape)
    found = b"".join(measure_peaks(open_media(path)))
    loud = {n: value for n, value in enumerate(found) if value}
    assert loud == {20: 255, 40: 128}


def test_a_file_longer_than_one_block_has_no_gap(make_media: MakeMedia) -> None:
    """-f lavfi -i sine=frequency=440:duration=61.03"""
    path = make_media("long.wav", "-f", "lavfi", "-i", "sine=frequency=440:duration=61.03")
    found = b"".join(measure_peaks(open_media(path)))
    assert len(found) == 61 * RATE + 1
    assert min(found) > 0


def test_a_second_run_reads_the_cache(video_mp4: Path, cache: Cache, tmp_path: Path) -> None:
    first = peaks_of(video_mp4, cache)
    first.start()
    assert first.join(SECONDS)
    # The file is gone: only the cache has its peaks.
    gone = replace(open_media(video_mp4), path=tmp_path / "gone.mp4")
    second = Peaks(gone, file_fingerprint(video_mp4), cache)
    second.start()
    assert second.join(SECONDS)
    assert second.content == first.content


def test_a_file_that_cannot_be_read_has_no_waveform(
    video_mp4: Path, cache: Cache, tmp_path: Path
) -> None:
    gone = replace(open_media(video_mp4), path=tmp_path / "gone.mp4")
    peaks = Peaks(gone, "0" * 32, cache)
    peaks.start()
    assert peaks.join(SECONDS)
    assert peaks.status.state == "failed"
    assert "gone.mp4" in peaks.status.why
    assert peaks.content is None


def test_a_video_without_audio_has_no_waveform(video_only_mp4: Path, cache: Cache) -> None:
    peaks = peaks_of(video_only_mp4, cache)
    peaks.start()
    assert peaks.join(SECONDS)
    assert peaks.status.state == "none"


def test_measuring_stops_with_the_server(make_media: MakeMedia, cache: Cache) -> None:
    """-f lavfi -i anoisesrc=duration=1200:sample_rate=16000"""
    path = make_media("hour.wav", "-f", "lavfi", "-i", "anoisesrc=duration=1200:sample_rate=16000")
    peaks = peaks_of(path, cache)
    peaks.start()
    peaks.end(5)
    assert peaks.join(0)
    assert peaks.status.state == "failed"
    assert not list(cache.folder.rglob("*.json"))


def test_the_page_gets_bytes_and_their_rate(video_mp4: Path, cache: Cache) -> None:
    peaks = peaks_of(video_mp4, cache)
    client = TestClient(Starlette(routes=[peaks.route("key")]))
    assert client.get("/media/key/peaks").status_code == 503
    peaks.start()
    assert peaks.join(SECONDS)
    answer = client.get("/media/key/peaks")
    assert answer.status_code == 200
    assert answer.headers["x-rate"] == str(RATE)
    assert answer.content == peaks.content
    assert client.get("/media/other/peaks").status_code == 404


def test_the_page_gets_404_without_audio(video_only_mp4: Path, cache: Cache) -> None:
    peaks = peaks_of(video_only_mp4, cache)
    peaks.start()
    assert peaks.join(SECONDS)
    client = TestClient(Starlette(routes=[peaks.route("key")]))
    assert client.get("/media/key/peaks").status_code == 404
