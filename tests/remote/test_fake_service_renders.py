"""Renders and downloads of the fake service, with each of their switches."""

from __future__ import annotations

import httpx
import pytest

from tests.fake_service import FakeService
from tests.fake_service.plain_client import PlainClient


def test_an_export_is_refused(fake: FakeService, client: PlainClient) -> None:
    fake.switches.export_blocked = True
    assert client.render().status_code == 402
    fake.switches.export_blocked = False
    fake.switches.set({"out_of_credits": "http", "out_of_credits_on": "render"})
    assert client.run().status_code == 200
    assert client.render().json()["code"] == 2001
    fake.switches.out_of_credits = ""
    fake.switches.duplicate_id = 1
    assert client.render().json()["error"] == "duplicate id"
    assert client.render().json()["success"] is True


def test_a_render_progresses_in_either_shape(fake: FakeService, client: PlainClient) -> None:
    fake.switches.set({"render_shape": "flat", "slow_render": 3})
    assert client.render().json() == {"taskId": "render_1", "status": "pending", "progress": 5}
    polls = [client.status().json() for _ in range(4)]
    assert [each["status"] for each in polls] == ["pending", *["processing"] * 2, "completed"]
    progress = [each["progress"] for each in polls]
    assert progress == sorted(set(progress))
    output = polls[-1]["output"]
    assert output["duration"] == 30.5
    assert len(client.fetch(output["url"]).content) == output["size"]
    fake.switches.download_wrong = "size"
    assert client.status().json()["output"]["size"] > output["size"]
    fake.switches.render_post_bare = True
    assert client.render("render_2").json() == {"success": True}


def test_a_render_fails(fake: FakeService, client: PlainClient) -> None:
    fake.switches.render_failure = "out of memory"
    client.render()
    data = client.status().json()["data"]
    assert (data["status"], data["error"]) == ("failed", "out of memory")
    assert "outputUrl" not in data


def test_the_output_address_varies(fake: FakeService, client: PlainClient, film: str) -> None:
    fake.switches.output_url = "none"
    assert "outputUrl" not in client.status().json()["data"]
    fake.switches.output_url = "other-host"
    other = client.status().json()["data"]["outputUrl"]
    assert other.startswith("http://localhost:")
    assert client.fetch(film, {"Authorization": "Bearer x"}).status_code == 200
    assert fake.unauthorised_leaks == []
    assert client.fetch(other, {"Authorization": "Bearer x"}).status_code == 200
    assert fake.unauthorised_leaks == ["Bearer x"]


def test_an_address_expires(fake: FakeService, client: PlainClient) -> None:
    fake.switches.expired_urls = 1
    client.render()
    first = client.status().json()["data"]["outputUrl"]
    assert client.fetch(first).status_code == 403
    second = client.status().json()["data"]["outputUrl"]
    assert client.fetch(second).status_code == 200


def test_a_download_can_start_at_a_byte(fake: FakeService, client: PlainClient, film: str) -> None:
    whole = client.fetch(film)
    rest = client.fetch(film, {"Range": "bytes=1000-", "If-Range": whole.headers["etag"]})
    assert (rest.status_code, rest.content) == (206, whole.content[1000:])
    assert rest.headers["content-range"] == f"bytes 1000-{len(whole.content) - 1}/" + str(
        len(whole.content)
    )
    assert client.fetch(film, {"Range": "bytes=9-12"}).content == whole.content[9:13]
    assert client.fetch(film, {"Range": "bytes=99999999-"}).status_code == 416
    assert client.fetch(film, {"Range": "bytes=9-", "If-Range": '"old"'}).status_code == 200
    fake.switches.cdn_ranges = False
    assert client.fetch(film, {"Range": "bytes=1000-"}).content == whole.content


def test_a_download_is_cut_the_given_number_of_times(
    fake: FakeService, client: PlainClient, film: str
) -> None:
    fake.switches.set({"cut_download_at": 3000, "cut_downloads": 2})
    for get in (client.fetch, client.http.get):
        with pytest.raises(httpx.TransportError):
            get(film)
    assert client.fetch(film).status_code == 200


def test_a_download_can_have_the_wrong_content(
    fake: FakeService, client: PlainClient, film: str
) -> None:
    size = len(client.fetch(film).content)
    fake.switches.download_wrong = "short"
    assert len(client.fetch(film).content) == size // 2
    fake.switches.download_wrong = "not-video"
    assert client.download().headers["content-type"].startswith("text/html")
