"""A download ends at its stated length, at a limit, and after its time."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.errors import RemoteProtocolError, RemoteUnreachable
from chapterize.remote.answers import Render
from chapterize.remote.client import Client
from chapterize.remote.downloads import MOST_BYTES, most_bytes
from chapterize.remote.identity import Identity
from tests.fake_service import faults
from tests.remote.caller import WAITS
from tests.remote.fetcher import Fetcher
from tests.remote.links import make_job

VIDEO = {"content-type": "video/mp4"}
START = b"\0\0\0\x18ftypisom"


def test_a_video_without_end_is_left_at_its_limit(fetcher: Fetcher) -> None:
    for call in ("cdn", "download"):
        fetcher.fake.fail(call, faults.endless(START, VIDEO), times=99)
    with pytest.raises(RemoteProtocolError, match="too long"):
        fetcher.fetch(limit=1_000_000)
    assert fetcher.target.stat().st_size <= 1_000_000
    assert fetcher.n_calls() == (1, 2)


def test_an_endless_video_at_its_address_is_fetched_from_the_service(fetcher: Fetcher) -> None:
    fetcher.fake.fail("cdn", faults.endless(START, VIDEO), times=99)
    assert fetcher.fetch(limit=1_000_000)


@pytest.mark.parametrize("size", [100, 69_999])
def test_a_video_longer_than_stated_is_refused_before_it_is_read(
    fetcher: Fetcher, size: int
) -> None:
    with pytest.raises(RemoteProtocolError, match="too long"):
        fetcher.fetch(size=size)
    assert fetcher.target.stat().st_size == len(b"left from before" * 99_999)
    fetcher.fake.fail("download", faults.endless(START, VIDEO), times=99)
    with pytest.raises(RemoteProtocolError, match="too long"):
        fetcher.fetch(size=size)
    assert fetcher.target.stat().st_size <= size


def test_a_stated_length_beyond_the_limit_is_refused(fetcher: Fetcher) -> None:
    with pytest.raises(RemoteProtocolError, match="too long"):
        fetcher.fetch(limit=1000)


@pytest.mark.parametrize("head", [False, True])
def test_a_video_that_trickles_is_left_and_fetched_from_the_service(
    fetcher: Fetcher, head: bool
) -> None:
    fetcher.fake.fail("cdn", faults.trickle(head=head), times=99)
    started = time.monotonic()
    with Client.opened(Identity(fetcher.fake.base), replace(WAITS, whole=0.3)) as client:
        fetcher.client = client
        assert fetcher.fetch()
        fetcher.fake.fail("download", faults.trickle(head=head), times=99)
        with pytest.raises(RemoteUnreachable, match="too slowly"):
            fetcher.fetch()
    assert time.monotonic() - started < 5.0


@pytest.mark.parametrize("times", [1, 2])
def test_a_page_in_place_of_the_video_is_asked_for_again(fetcher: Fetcher, times: int) -> None:
    page = faults.status(200, b"<title>Please wait</title>", {"content-type": "text/html"})
    fetcher.fake.fail("download", page, times=times)
    if times == 1:
        assert fetcher.fetch(url=None)
    else:
        with pytest.raises(RemoteProtocolError, match="no video"):
            fetcher.fetch(url=None)


def test_the_limit_of_a_video_follows_from_its_source(tmp_path: Path) -> None:
    source = tmp_path / "talk.mp4"
    source.write_bytes(bytes(1_000_000))
    job = make_job(source, tmp_path / "out.mp4")
    render = Render("r", "completed", duration=1e9)
    assert most_bytes(job, render) == 4.0 * 2_500_000 + 64_000_000
    with source.open("rb+") as file:
        file.truncate(500_000_000)
    assert most_bytes(job, render) == 4 * 500_000_000 + 64_000_000
    source.unlink()
    assert most_bytes(job, render) == 4.0 * 2_500_000 + 64_000_000


def test_without_a_source_the_limit_follows_from_the_length_that_the_service_states(
    tmp_path: Path, video_mp4: Path
) -> None:
    job = replace(make_job(video_mp4, tmp_path / "out.mp4"), fingerprint="")
    assert most_bytes(job, Render("r", "completed", duration=8.0)) == 84_000_000
    for duration in (None, 0.0, -1.0, 1e14):
        assert most_bytes(job, Render("r", "completed", duration=duration)) == MOST_BYTES
