"""Work in the background: its progress, its failures and its end."""

from __future__ import annotations

import threading

from chapterize.errors import MediaError
from chapterize.review.preparation import Preparation, Status

SECONDS = 10


def test_the_result_of_the_work_is_the_status() -> None:
    preparation = Preparation("test")
    assert not preparation.is_running
    preparation.run(lambda: Status("ready", 1.0, "a reason"))
    assert preparation.join(SECONDS)
    assert preparation.status.to_json() == {"state": "ready", "progress": 1.0, "why": "a reason"}


def test_progress_never_falls() -> None:
    preparation = Preparation("test")
    for fraction, shown in ((0.5, 0.5), (0.2, 0.5), (7.0, 1.0)):
        preparation.report(fraction)
        assert preparation.status == Status("preparing", shown)


def test_an_error_is_a_failure_with_its_reason() -> None:
    preparation = Preparation("test")

    def fail() -> Status:
        raise MediaError("talk.mp4 cannot be read", why="it is damaged")

    preparation.run(fail)
    assert preparation.join(SECONDS)
    assert preparation.status == Status("failed", why="talk.mp4 cannot be read: it is damaged")


def test_a_bug_is_a_failure_too() -> None:
    preparation = Preparation("test")
    preparation.run(lambda: Status("ready", 1 / 0))
    assert preparation.join(SECONDS)
    assert preparation.status.state == "failed"
    assert "ZeroDivisionError" in preparation.status.why


def test_the_end_stops_the_work_at_its_next_report() -> None:
    preparation, has_begun = Preparation("test"), threading.Event()

    def work() -> Status:
        has_begun.set()
        while True:
            preparation.report(0.1)

    preparation.run(work)
    assert has_begun.wait(SECONDS)
    assert preparation.is_running
    preparation.end(SECONDS)
    assert not preparation.is_running
    assert preparation.status.state == "failed"
