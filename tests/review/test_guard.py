"""Who may talk to the server, and what every answer says to the browser."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest

from chapterize.review.guard import Guard, Keys
from tests.review.browser_double import PORT, Browser

DATA = ["/api/project", "/api/transcript", "/api/curve", "/api/status", "/api/text", "/api/count/2"]


@pytest.mark.parametrize("path", DATA)
def test_data_needs_the_token(browser: Browser, path: str) -> None:
    assert browser.get(path).status == 200
    for token in (None, "", "x" * 43, browser.review.keys.media, browser.review.keys.token[:-1]):
        answer = browser.get(path, X_Chapterize_Token=token)
        assert answer.status == 403
        assert "token" in answer.error["why"]
        assert browser.review.keys.token not in str(answer)


def test_the_token_works_only_as_a_header(browser: Browser) -> None:
    token = browser.review.keys.token
    assert browser.get(f"/api/project?token={token}", X_Chapterize_Token=None).status == 403
    assert browser.get("/api/project", X_Chapterize_Token=None, Cookie=token).status == 403


@pytest.mark.parametrize("path", ["/", "/static/js/main.js", *DATA])
@pytest.mark.parametrize(
    "host",
    [
        *(None, "", "example.org", f"example.org:{PORT}", "127.0.0.1", "127.0.0.1:1"),
        *(f"127.0.0.1.example.org:{PORT}", f"127.0.0.1:{PORT}.example.org", f"0.0.0.0:{PORT}"),
        *(f"user@127.0.0.1:{PORT}", f"127.0.0.1:{PORT}, example.org", f"[::1]:{PORT}"),
    ],
)
def test_another_host_gets_nothing(browser: Browser, path: str, host: str | None) -> None:
    assert browser.get(path, Host=host, Origin=None).status == 403


def test_a_rebound_name_that_agrees_with_itself_gets_nothing(browser: Browser) -> None:
    host = f"evil.example:{PORT}"
    assert browser.get("/api/project", Host=host, Origin=f"http://{host}").status == 403


@pytest.mark.parametrize("path", ["/", *DATA])
@pytest.mark.parametrize(
    "origin",
    [
        *("null", "", "https://example.org", f"http://example.org:{PORT}", "http://127.0.0.1"),
        *(f"https://127.0.0.1:{PORT}", "http://127.0.0.1:1", f"http://127.0.0.1:{PORT}/"),
        *(f"http://127.0.0.1:{PORT}.example.org", "file://"),
    ],
)
def test_another_origin_gets_nothing(browser: Browser, path: str, origin: str) -> None:
    assert browser.get(path, Origin=origin).status == 403


def test_the_name_localhost_works_too(browser: Browser) -> None:
    host = f"localhost:{PORT}"
    assert browser.get("/api/project", Host=host, Origin=f"http://{host}").status == 200
    assert browser.get("/api/project", Host=host.upper(), Origin=None).status == 200


def test_a_change_must_say_that_it_comes_from_the_page(browser: Browser) -> None:
    for method, path in (("PUT", "/api/chapters"), ("POST", "/api/undo"), ("DELETE", "/api/x")):
        refused = browser.send(method, path, {}, Origin=None, Sec_Fetch_Site=None)
        assert refused.status == 403
        for site in ("cross-site", "same-site", "none"):
            answer = browser.send(method, path, {}, Origin=None, Sec_Fetch_Site=site)
            assert answer.status == 403
    good = browser.send("POST", "/api/paste", {"text": "0:00 a"}, Origin=None)
    assert good.status == 200


def test_the_page_itself_needs_no_token_and_cannot_be_changed(browser: Browser) -> None:
    for path in ("/", "/static/js/main.js"):
        assert browser.get(path, X_Chapterize_Token=None).status == 200
        assert browser.send("POST", path, {}).status == 403


def test_a_link_opens_the_page_once(browser: Browser) -> None:
    link = browser.review.link(PORT).partition(str(PORT))[2]
    assert browser.review.keys.token not in link
    assert browser.send("HEAD", link, X_Chapterize_Token=None).status == 403
    assert browser.get(link, Host="example.org").status == 403
    answer = browser.get(link, X_Chapterize_Token=None, Origin=None)
    assert answer.status == 303
    assert answer.headers["location"] == f"/#token={browser.review.keys.token}"
    again = browser.get(link, X_Chapterize_Token=None)
    assert again.status == 403
    assert "location" not in again.headers
    assert browser.get("/open/none").status == 403
    assert browser.send("POST", "/open/none").status == 403


def test_media_need_the_key_in_the_address(browser: Browser) -> None:
    keys = browser.review.keys
    for key in ("", "x", keys.token, keys.media[:-1], f"{keys.media}x"):
        assert browser.get(f"/media/{key}/file", X_Chapterize_Token=None).status == 403
    assert browser.get("/media/", X_Chapterize_Token=None).status == 403
    # The key is right, and there is nothing at that address.
    assert browser.get(f"/media/{keys.media}/none", X_Chapterize_Token=None).status == 404


@pytest.mark.parametrize(
    "path",
    [
        *("/static/../secret.js", "/static/%2e%2e/secret.js", "/static//etc/passwd", "/static/"),
        *("/static/js/../../secret.js", "/static/..\\secret.js", "/static/notes.md"),
        *("/static/js", "/static/js/main.js/", "/static/js/main.js\0.html"),
    ],
)
def test_no_address_opens_another_file(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status == 404
    assert b"secret" not in answer.content


@pytest.mark.parametrize("name", ["../secret.js", "..%2fsecret.js", "/etc/passwd", "a/../../b"])
def test_no_media_address_opens_a_file(browser: Browser, name: str) -> None:
    key = browser.review.keys.media
    assert browser.get(f"/media/{key}/{name}").status == 404


@pytest.mark.parametrize("path", ["/", "/api/project", "/api/none", "/none"])
def test_every_answer_is_kept_from_other_sites(browser: Browser, path: str) -> None:
    for answer in (browser.get(path), browser.get(path, Host="example.org")):
        headers = answer.headers
        policy = headers["content-security-policy"]
        for part in ("default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] in ("no-store", "no-cache")
        assert "access-control-allow-origin" not in headers
        assert "set-cookie" not in headers


def test_a_websocket_is_closed() -> None:
    sent = []

    async def call() -> None:
        async def send(message: object) -> None:
            sent.append(message)

        async def never(*_: object) -> None:
            raise AssertionError

        guard = Guard(never, Keys(), PORT)
        await guard({"type": "websocket", "headers": []}, never, send)  # type: ignore[arg-type]

    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, call).result()
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_a_header_that_comes_twice_counts_for_neither_value(browser: Browser) -> None:
    assert browser.get("/api/project", host=browser.host).status == 403


def test_keys_are_long_random_and_not_shown() -> None:
    one, other = Keys(), Keys()
    values = {one.token, one.media, other.token, other.media}
    assert len(values) == 4
    assert min(map(len, values)) >= 43
    assert one.token not in repr(one)
