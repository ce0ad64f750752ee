from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from chapterize.batch.items import Item
from chapterize.batch.rows import Reason, Row
from chapterize.cli.batch_counts import Counts

MB = 1_000_000


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def item(name: str, size: int) -> Item:
    return Item(f"/in/{name}", PurePosixPath(name), size, 0)


def running(name: str, stage: str = "transcribing", fraction: float = 0.0) -> Row:
    return Row(f"/in/{name}", "running", stage, fraction)


def done(name: str, duration: float, seconds: float) -> Row:
    return Row(f"/in/{name}", "done", seconds=seconds, duration=duration, n_chapters=5)


def failed(name: str, why: str) -> Row:
    reason = Reason(f"cannot open /in/{name}", why, "copy it again")
    return Row(f"/in/{name}", "failed", "opening", reason=reason)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counts(clock: Clock) -> Counts:
    found = Counts(clock)
    found.expect([item(f"{name}.mp4", 100 * MB) for name in "abcd"])
    return found


def test_files_are_counted_by_state(counts: Counts) -> None:
    counts.add(running("a.mp4"))
    counts.add(Row("/in/b.mp4", "skipped", n_chapters=3))
    assert (counts.n_files, counts.n_ended, list(counts.running)) == (4, 1, ["/in/a.mp4"])
    counts.add(done("a.mp4", 600.0, 60.0))
    assert dict(counts.states) == {"skipped": 1, "done": 1}
    assert not counts.running
    assert counts.n_chapters == 8


def test_a_file_is_named_below_the_inputs(counts: Counts) -> None:
    counts.expect([item("week 1/talk.mp4", MB)])
    assert counts.name("/in/week 1/talk.mp4") == "week 1/talk.mp4"
    assert counts.name("/elsewhere/other.mp4") == "other.mp4"


def test_files_that_are_expected_twice_count_once(counts: Counts) -> None:
    counts.expect([item("a.mp4", 100 * MB)])
    assert counts.n_files == 4


def test_the_same_reason_is_given_once(counts: Counts) -> None:
    for name, why in (("a", "it is damaged"), ("b", "it is empty"), ("c", "it is damaged")):
        counts.add(failed(f"{name}.mp4", why))
    found = [(each.source, each.reason.why, each.n_files) for each in counts.failures.values()]
    assert found == [("/in/a.mp4", "it is damaged", 2), ("/in/b.mp4", "it is empty", 1)]


def test_the_time_left_is_unknown_at_first(counts: Counts, clock: Clock) -> None:
    counts.add(running("a.mp4"))
    clock.now += 60
    assert counts.time_left() is None


def test_the_time_left_follows_from_the_files_that_are_done(counts: Counts, clock: Clock) -> None:
    counts.add(running("a.mp4"))
    clock.now += 60
    counts.add(done("a.mp4", 600.0, 60.0))
    counts.add(running("b.mp4"))
    # Three more of the same size, one after the other.
    assert counts.time_left() == pytest.approx(180.0)
    clock.now += 30
    assert counts.time_left() == pytest.approx(150.0)


def test_files_at_the_same_time_share_the_work(counts: Counts, clock: Clock) -> None:
    counts.add(running("a.mp4"))
    counts.add(running("b.mp4"))
    clock.now += 60
    counts.add(done("a.mp4", 600.0, 60.0))
    counts.add(done("b.mp4", 600.0, 60.0))
    counts.add(running("c.mp4"))
    counts.add(running("d.mp4"))
    assert counts.time_left() == pytest.approx(60.0)


def test_the_last_file_runs_alone(clock: Clock) -> None:
    counts = Counts(clock)
    counts.expect([item("long.mp4", 400 * MB), item("short.mp4", 100 * MB)])
    counts.add(running("long.mp4"))
    counts.add(running("short.mp4"))
    clock.now += 60
    counts.add(done("short.mp4", 600.0, 60.0))
    assert counts.time_left() == pytest.approx(180.0)


def test_kinds_of_files_have_sizes_of_their_own(clock: Clock) -> None:
    counts = Counts(clock)
    counts.expect([item("a.mp4", 1000 * MB), item("b.mp3", 10 * MB), item("c.mp3", 10 * MB)])
    counts.add(running("a.mp4"))
    clock.now += 100
    counts.add(done("a.mp4", 1000.0, 100.0))
    counts.add(running("b.mp3"))
    clock.now += 100
    counts.add(done("b.mp3", 1000.0, 100.0))
    # An MP3 of the same length has a hundredth of the bytes.
    assert counts.time_left() == pytest.approx(100.0)


def test_skipped_and_failed_files_say_nothing_about_the_speed(counts: Counts, clock: Clock) -> None:
    counts.add(Row("/in/a.mp4", "skipped", duration=600.0))
    counts.add(failed("b.mp4", "it is damaged"))
    clock.now += 60
    assert counts.time_left() is None
    counts.add(running("c.mp4"))
    clock.now += 60
    counts.add(done("c.mp4", 600.0, 60.0))
    assert counts.time_left() == pytest.approx(60.0)


def test_before_a_file_is_done_its_stage_tells_the_speed(counts: Counts, clock: Clock) -> None:
    counts.add(running("a.mp4"))
    clock.now += 30
    counts.add(running("a.mp4", fraction=0.5))
    # Half of the first of four files in 30 seconds.
    assert counts.time_left() == pytest.approx(210.0)


def test_nothing_is_left_at_the_end(counts: Counts, clock: Clock) -> None:
    clock.now += 60
    for name in "abcd":
        counts.add(done(f"{name}.mp4", 600.0, 15.0))
    assert counts.time_left() is None
