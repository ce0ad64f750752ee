"""Every envelope is read, every row of the table of errors raises its error, and no other does."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chapterize.errors import (
    ExportBlocked,
    FileTooLarge,
    OutOfCredits,
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    SessionExpired,
    TokenRefused,
    UnsupportedFile,
)
from chapterize.remote import answers
from chapterize.remote.answers import ACCEPTED, Render, render_in, unwrap

SECRET = f"nmv_usr_{secrets.token_hex(16)}"
CODES: dict[int, type[RemoteRefused]] = {
    1001: TokenRefused,
    1002: SessionExpired,
    2001: OutOfCredits,
    4001: UnsupportedFile,
    4002: FileTooLarge,
}
READERS: list[Callable[[dict[str, Any]], object]] = [
    answers.token_in,
    answers.session_in,
    answers.files_in,
    answers.credits_in,
    answers.state_in,
    lambda answer: render_in(answer, "render_1"),
]
NAMES = (
    *("code", "success", "data", "error", "message", "detail", "token", "user_id", "expires_at"),
    *("session_id", "task_id", "files", "available", "frozen", "total", "state", "status"),
    *("progress", "outputUrl", "output", "url", "size", "duration", "id", "draft"),
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from((0, 1001, 2001, "2001", "Error 1002: gone", SECRET, "completed", 10**400))
)
VALUES = st.recursive(
    SCALARS,
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inside, max_size=5)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
STATUSES = st.sampled_from((100, 200, 201, 204, 302, 400, 401, 402, 403, 404, 429, 500, 502, 599))


def body(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


def refused(status: int, content: bytes, wait: float | None = None) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        unwrap(status, content, wait=wait)
    return caught.value


@settings(max_examples=150, deadline=None)
@given(STATUSES, VALUES)
@example(200, {"code": 10**400})
@example(500, {"error": {"message": 5, "code": "2001"}})
def test_any_json_becomes_an_answer_or_a_remote_error(status: int, value: Any) -> None:
    try:
        answer = unwrap(status, json.dumps(value).encode())
    except RemoteError as error:
        check(error)
    else:
        assert isinstance(answer, dict)
        assert status < 400


@settings(max_examples=300, deadline=None)
@given(st.integers(100, 599), st.binary(max_size=300), st.none() | st.floats(0, 99))
@example(200, b"[" * 100_000, None)
@example(200, b'{"a":' * 100_000, None)
@example(200, b"9" * 5000, None)
@example(200, b"\xef\xbb\xbf{}", None)
@example(200, '{"code":0}'.encode("utf-16"), None)
@example(429, b"\xff\x00", 5.0)
def test_any_bytes_become_an_answer_or_a_remote_error(
    status: int, content: bytes, wait: float | None
) -> None:
    try:
        unwrap(status, content, wait=wait)
    except RemoteError as error:
        check(error)


def check(error: RemoteError) -> None:
    shown = f"{error}{error.hint}"
    assert "nmv_usr_" not in shown
    assert shown.isprintable()
    assert len(shown) < 700
    assert error.why


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(OBJECTS)
def test_readers_raise_only_protocol_errors(answer: dict[str, Any]) -> None:
    answer = json.loads(json.dumps(answer))
    for read in READERS:
        try:
            read(answer)
        except RemoteProtocolError as error:
            check(error)


@pytest.mark.parametrize("status", [200, 400, 401, 402, 403, 404, 413, 415, 429, 500, 502])
@pytest.mark.parametrize("code", CODES)
def test_a_code_means_the_same_under_every_status(status: int, code: int) -> None:
    for content in (
        body(code=code, message="so it is", data=None),
        body(code=str(code), message="so it is"),
        body(success=False, error={"code": code, "message": "so it is"}),
    ):
        error = refused(status, content)
        assert type(error) is CODES[code]
        assert isinstance(error, RemoteRefused)
        assert error.code == code
        assert "so it is" in error.why


@pytest.mark.parametrize("status", [200, 403, 500])
@pytest.mark.parametrize("code", CODES)
def test_a_code_may_appear_only_in_the_text(status: int, code: int) -> None:
    for content in (
        body(success=False, data=None, error=f"{code}: refused"),
        body(success=False, error=f"Error {code}"),
        f"Error {code}: refused".encode(),
    ):
        assert type(refused(status, content)) is CODES[code], content


def test_a_number_in_a_message_is_not_a_code() -> None:
    error = refused(200, body(success=False, error="the title Odyssey 2001 is too long"))
    assert type(error) is RemoteRefused


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, TokenRefused),
        (402, ExportBlocked),
        (429, RateLimited),
        (400, RemoteRefused),
        (403, RemoteRefused),
        (404, RemoteRefused),
        (302, RemoteRefused),
        (500, RemoteUnreachable),
        (502, RemoteUnreachable),
        (503, RemoteUnreachable),
        (504, RemoteUnreachable),
        (200, RemoteProtocolError),
    ],
)
@pytest.mark.parametrize("content", [b"", b"<html>busy</html>", b"[]", b"\xff", b"null"])
def test_the_status_decides_if_the_body_says_nothing(
    status: int, kind: type[RemoteError], content: bytes
) -> None:
    error = refused(status, content)
    assert type(error) is kind
    if isinstance(error, RemoteRefused):
        assert error.code == status


def test_402_is_not_about_credits() -> None:
    error = refused(402, body(success=False, error="export blocked: the free plan"))
    assert type(error) is ExportBlocked
    assert "free plan" in error.why
    assert type(refused(200, body(code=402, message="export blocked"))) is ExportBlocked


def test_a_rate_limit_says_how_long_to_wait() -> None:
    error = refused(429, body(code=429, message="slow down"), 7.0)
    assert isinstance(error, RateLimited)
    assert (error.wait, error.code) == (7.0, 429)
    assert type(refused(200, body(code=429, message="slow down"))) is RateLimited


def test_a_500_with_an_explanation_is_a_refusal() -> None:
    error = refused(500, body(success=False, error="duplicate id"))
    assert type(error) is RemoteRefused
    assert error.why == "duplicate id"
    lost = refused(500, body(code=500, message="internal error"))
    assert isinstance(lost, RemoteUnreachable)
    assert lost.was_sent


def test_a_refused_file_comes_with_a_hint() -> None:
    kind = refused(200, body(code=4001, message=""))
    assert all(name in kind.why for name in ACCEPTED)
    assert kind.hint
    assert "trim" in refused(200, body(code=4002, message="")).hint


@pytest.mark.parametrize(
    "content",
    [
        body(code=0, message="success", data={"a": 1}),
        body(success=True, data={"a": 1}, error=None),
        body(success=True, data={"a": 1}, error="a warning"),
        body(data={"a": 1}),
        body(data={"a": 1}, error="", code="0"),
    ],
)
def test_every_form_of_success_is_accepted(content: bytes) -> None:
    assert unwrap(200, content)["data"] == {"a": 1}


def test_the_words_of_the_service_become_one_short_line() -> None:
    error = refused(200, body(code=7, message=f"a\n\x1b[31m{SECRET}\u202e" + "x" * 5000))
    assert error.why.startswith("a [31m…")
    assert len(error.why) <= 200


@pytest.mark.parametrize("progress", [-5, 0, 40, 400, "40", None, True])
def test_a_render_in_both_shapes(progress: Any) -> None:
    nested = {"id": "r", "status": "Completed", "progress": progress, "outputUrl": "https://a/b"}
    output = {"url": "https://a/b", "duration": 3.5, "size": 9}
    one = render_in({"success": True, "data": nested}, "r")
    other = render_in(
        {"taskId": "r", "status": "completed", "progress": progress, "output": output}, "r"
    )
    assert (one.status, one.url) == (other.status, other.url) == ("completed", "https://a/b")
    assert one.progress == other.progress
    assert 0 <= one.progress <= 1
    assert (one.size, other.size, other.duration) == (None, 9, 3.5)


def test_a_render_without_data_is_pending() -> None:
    assert render_in({"success": True}, "r") == Render("r", "pending")
    assert render_in({"success": True, "data": None}, "r") == Render("r", "pending")


def test_a_failed_render_is_not_a_failed_call() -> None:
    answer = unwrap(200, body(taskId="r", status="failed", error=f"no {SECRET}"))
    assert render_in(answer, "r") == Render("r", "failed", error="no …")


@pytest.mark.parametrize("word", ["", "a\nb", "\ud800", "x" * 5000, None, [], True])
def test_an_id_that_fits_in_no_path_is_rejected(word: Any) -> None:
    with pytest.raises(RemoteProtocolError, match="session id"):
        answers.session_in({"data": {"session_id": word, "task_id": "task_x"}})


def test_an_id_may_come_as_a_number() -> None:
    found = answers.session_in({"data": {"session_id": 5529798706024415232, "task_id": "t"}})
    assert found.session_id == "5529798706024415232"
