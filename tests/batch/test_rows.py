"""What is known about each file of a run."""

from __future__ import annotations

import json

import pytest

from chapterize.batch.rows import ChapterRow, Reason, Row
from chapterize.errors import InputError


def test_a_row_survives_json_and_back() -> None:
    row = Row(
        "/talks/é\udcff.mp4",
        "failed",
        "titles",
        0.5,
        reason=Reason("it failed", "no words", "add captions"),
        outputs=("/out/é.txt",),
        notes=("a note",),
        chapters=(ChapterRow(0.0, "Opening"), ChapterRow(9.5, "Bees", 0.25)),
    )
    assert Row.from_json(json.loads(json.dumps(row.to_json()))) == row


@pytest.mark.parametrize("value", [{}, {"source": "a"}, {"source": "a", "state": "unknown"}])
def test_a_row_without_a_known_state_is_refused(value: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="state"):
        Row.from_json(value)


def test_running_and_waiting_do_not_end_a_file() -> None:
    ended = [
        state
        for state in ("waiting", "running", "done", "skipped", "kept", "failed")
        if Row("a", state).is_ended
    ]
    assert ended == ["done", "skipped", "kept", "failed"]


def test_a_reason_has_the_three_parts_of_our_errors() -> None:
    error = InputError("no such file", why="it was deleted", hint="restore it")
    assert Reason.of(error) == Reason("no such file", "it was deleted", "restore it")


def test_a_reason_of_another_error_is_its_last_line() -> None:
    assert Reason.of(ValueError("first\nlast")) == Reason("ValueError: last")
    assert Reason.of(KeyboardInterrupt()) == Reason("KeyboardInterrupt")
