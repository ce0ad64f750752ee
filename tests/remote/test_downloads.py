"""A render is downloaded whole or not at all, and only the service gets the token."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.errors import RemoteError, RemoteProtocolError, RemoteRefused
from chapterize.remote.answers import Render
from chapterize.remote.client import Client
from chapterize.remote.downloads import download_render
from chapterize.remote.identity import Identity
from tests.fake_service import faults
from tests.remote.caller import WAITS
from tests.remote.fetcher import Fetcher

CUT = 70_000
"""Bytes before a cut: enough to count as progress."""


def test_a_video_is_downloaded_whole(fetcher: Fetcher) -> None:
    assert fetcher.fetch()
    assert fetcher.n_calls() == (1, 0)
    assert fetcher.fractions == sorted(fetcher.fractions)
    assert fetcher.fractions[-1] == 1.0
    assert fetcher.fake.calls("cdn")[0].headers["accept-encoding"] == "identity"


def test_a_cut_download_is_resumed(fetcher: Fetcher) -> None:
    fetcher.fake.switches.cut_download_at = CUT
    fetcher.fake.switches.cut_downloads = 3
    assert fetcher.fetch()
    assert fetcher.ranges() == [None, *(f"bytes={n * CUT}-" for n in (1, 2, 3))]
    marks = [request.headers.get("if-range") for request in fetcher.fake.calls("cdn")]
    assert marks[0] is None
    assert len(set(marks[1:])) == 1


def test_without_ranges_the_download_restarts(fetcher: Fetcher) -> None:
    fetcher.fake.switches.set({"cut_download_at": CUT, "cut_downloads": 3, "cdn_ranges": False})
    assert fetcher.fetch()
    assert fetcher.n_calls() == (4, 0)


def test_the_download_restarts_if_the_file_changed_after_a_cut(
    fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetcher.fake.switches.cut_download_at = CUT
    made = fetcher.fake.renders["render_1"].path
    assert made is not None
    slept: list[float] = []

    def change(seconds: float) -> None:
        slept.append(seconds)
        made.write_bytes(made.read_bytes()[:-500])

    monkeypatch.setattr("chapterize.remote.downloads.time.sleep", change)
    assert not fetcher.fetch()
    assert fetcher.target.read_bytes() == made.read_bytes()
    assert fetcher.ranges() == [None, f"bytes={CUT}-"]
    assert slept == [WAITS.again]


def test_a_connection_that_always_breaks_is_given_up(fetcher: Fetcher) -> None:
    fetcher.fake.fail("cdn", faults.reset_within(20), times=99)
    fetcher.fake.fail("download", faults.reset_within(20), times=99)
    with pytest.raises(RemoteError, match="did not answer"):
        fetcher.fetch()
    assert fetcher.n_calls() == (WAITS.n_resume + 1, WAITS.n_resume + 1)


def test_if_the_address_fails_the_services_own_route_is_used(fetcher: Fetcher) -> None:
    fetcher.fake.fail("cdn", faults.reset_after(), times=99)
    assert fetcher.fetch()
    assert fetcher.n_calls() == (WAITS.n_resume + 1, 1)


def test_without_an_address_the_services_own_route_is_used(fetcher: Fetcher) -> None:
    fetcher.fake.switches.output_url = "none"
    assert fetcher.fetch()
    assert fetcher.n_calls() == (0, 1)
    assert fetcher.fake.calls("download")[0].headers["authorization"].startswith("Bearer nmv_usr_")


def test_if_the_address_has_expired_the_services_own_route_is_used(fetcher: Fetcher) -> None:
    fetcher.fake.renders["render_1"].n_expired = 99
    assert fetcher.fetch()
    assert fetcher.n_calls() == (1, 1)


def test_another_host_gets_no_token(fetcher: Fetcher) -> None:
    fetcher.fake.switches.output_url = "other-host"
    assert fetcher.fetch()
    assert fetcher.n_calls() == (1, 0)
    assert "authorization" not in fetcher.fake.calls("cdn")[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_followed_without_the_token(
    fetcher: Fetcher, status: int
) -> None:
    fetcher.fake.switches.output_url = "other-host"
    elsewhere = fetcher.client.render("render_1").url
    assert elsewhere is not None
    fetcher.fake.switches.output_url = "none"
    fetcher.fake.fail("download", faults.status(status, headers={"Location": elsewhere}))
    assert fetcher.fetch()
    assert "authorization" in fetcher.fake.calls("download")[0].headers
    assert "authorization" not in fetcher.fake.calls("cdn")[0].headers


def test_a_relative_redirect_is_followed_but_not_for_ever(fetcher: Fetcher) -> None:
    own = "/api/render/proxy/render_1/download"
    fetcher.fake.fail("cdn", faults.status(302, headers={"Location": own}))
    assert fetcher.fetch()
    fetcher.fake.fail("download", faults.status(302, headers={"Location": own}), times=99)
    with pytest.raises(RemoteProtocolError, match="redirects too often"):
        fetcher.fetch(url=None)
    # The service's own route is tried twice.
    assert len(fetcher.fake.calls("download")) == 1 + 2 * 6


def test_a_redirect_without_a_location_fails(fetcher: Fetcher) -> None:
    fetcher.fake.fail("cdn", faults.status(302))
    assert fetcher.fetch()
    assert fetcher.n_calls() == (1, 1)


BAD = [
    *("http://example.org/a.mp4", "ftp://example.org/a.mp4", "file:///etc/passwd", "https://"),
    *("http://[::1", "https://example.org:99999/a", "https://exa mple\n/", "http://10.0.0.1/a"),
    *("http://[not-an-address]/", "data:video/mp4;base64,AAAA", "\ud800", "//", "x" * 70_000),
]


@pytest.mark.slow
@pytest.mark.parametrize("url", BAD)
def test_an_unsafe_address_is_never_opened(fetcher: Fetcher, url: str) -> None:
    assert fetcher.fetch(url=url)
    assert fetcher.n_calls() == (0, 1)


@pytest.mark.parametrize("url", BAD[:8])
def test_an_unsafe_redirect_is_never_followed(fetcher: Fetcher, url: str) -> None:
    where = url.encode("unicode-escape").decode()
    fetcher.fake.fail("cdn", faults.status(302, headers={"Location": where}))
    assert fetcher.fetch()
    # An invalid location is a broken answer, so the address is retried.
    assert fetcher.n_calls() in ((1, 1), (2, 0))
    assert fetcher.fake.calls("other") == []


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/a.mp4", "http://localhost/a", "http://[::1]/a"]
)
def test_a_remote_service_cannot_redirect_to_this_machine(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def note(self: Client, url: str, *_: object, **__: object) -> None:
        asked.append(url)
        raise RemoteRefused("no")

    monkeypatch.setenv("NEMO_TOKEN", "made-up")
    monkeypatch.setattr(Client, "opened_download", note)
    (tmp_path / "a.mp4").touch()
    far = Identity("https://service.example.org")
    with Client.opened(far, WAITS) as client, pytest.raises(RemoteRefused):
        download_render(client, Render("r", "completed", url=address), tmp_path / "a.mp4", print)
    assert asked == ["https://service.example.org/api/render/proxy/r/download"]


@pytest.mark.parametrize("wrong", ["short", "not-video", "size"])
@pytest.mark.parametrize("shape", ["nested", "flat"])
def test_an_incomplete_video_is_rejected(fetcher: Fetcher, wrong: str, shape: str) -> None:
    fetcher.fake.switches.set({"download_wrong": wrong, "render_shape": shape})
    if wrong == "not-video" or shape == "flat":
        with pytest.raises(RemoteProtocolError):
            fetcher.fetch()
        assert fetcher.n_calls() == (1, 2)
    else:
        # The length is unknown, and only free space at the end is missing.
        assert fetcher.fetch() == (wrong == "size")


@pytest.mark.parametrize(
    "fault",
    [
        faults.envelope(7, message="not yet"),
        faults.failure_envelope("not yet"),
        faults.status(200, b'{"code":0,"data":{}}', {"content-type": "application/json"}),
        faults.status(200, b"<title>Sign in</title>", {"content-type": "TEXT/HTML"}),
        faults.status(200, b"not yet"),
        faults.status(200, b""),
        faults.status(204),
        faults.status(206, b"abc", {"content-range": f"bytes 0-2/{'9' * 5000}"}),
        faults.status(404, b"<Error/>"),
        faults.status(416),
    ],
)
def test_if_the_address_sends_text_the_services_own_route_is_used(
    fetcher: Fetcher, fault: faults.Fault
) -> None:
    fetcher.fake.fail("cdn", fault, times=99)
    assert fetcher.fetch()
    assert fetcher.n_calls()[1] == 1
    fetcher.fake.fail("download", fault, times=99)
    with pytest.raises(RemoteError):
        fetcher.fetch()


def test_the_download_restarts_if_the_rest_is_gone(fetcher: Fetcher) -> None:
    fetcher.fake.fail("cdn", faults.truncated())
    assert fetcher.fetch()
    assert len(fetcher.ranges()) == 3
    assert fetcher.ranges()[2] is None


@pytest.mark.parametrize("fault", [faults.status(503), faults.status(429), faults.status(500)])
def test_a_busy_service_is_retried(fetcher: Fetcher, fault: faults.Fault) -> None:
    fetcher.fake.fail("download", fault)
    assert fetcher.fetch(url=None)
    assert fetcher.n_calls() == (0, 2)


def test_a_token_that_expires_before_the_download_is_replaced(fetcher: Fetcher) -> None:
    render = fetcher.client.render("render_1")
    fetcher.fake.expire_tokens()
    download_render(fetcher.client, replace(render, url=None), fetcher.target, print)
    assert fetcher.target.read_bytes() == fetcher.video.read_bytes()
    assert len(fetcher.fake.calls("anonymous-token")) == 2


def test_a_refusal_by_another_host_does_not_replace_the_token(fetcher: Fetcher) -> None:
    fetcher.fake.switches.output_url = "other-host"
    fetcher.fake.fail("cdn", faults.status(401))
    assert fetcher.fetch()
    assert len(fetcher.fake.calls("anonymous-token")) == 1
