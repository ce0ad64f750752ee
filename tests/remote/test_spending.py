"""What a job spent: its own acts, also with other deliveries on the same account."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.errors import RemoteRefused, RemoteUnreachable
from chapterize.remote.answers import Credits
from chapterize.remote.client import Client
from chapterize.remote.journal import SessionJournal
from chapterize.remote.request import LATE, SILENT
from chapterize.remote.spending import Spending, balance, charged, price_of, spending, usual_price
from tests.fake_service import FakeService, faults
from tests.remote.links import Scene, make_job, opened_scene


@pytest.fixture
def scene(fake: FakeService, video_mp4: Path, tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(fake, video_mp4, tmp_path / "videos") as made:
        yield made


def note(journal: SessionJournal, scene: Scene, *readings: tuple[str, float | None]) -> None:
    """Record readings: ``start``, or ``message+`` before and ``message-`` after an act."""
    journal.add_job(scene.job)
    for text, available in readings:
        if text == "start":
            journal.note("credits", job=scene.job, available=available)
            continue
        step = "wanted" if text.endswith("+") else "done"
        journal.note("charge", job=scene.job, what=text[:-1], step=step, available=available)


def test_a_delivery_spends_what_its_message_and_its_render_cost(scene: Scene) -> None:
    scene.fake.switches.edit_cost, scene.fake.switches.render_cost = 7, 12
    scene.carry()
    assert spending(scene.now, scene.job) == Spending(19.0, 100.0, 81.0)
    assert price_of(scene.now, scene.job, "message") == 7.0
    assert usual_price(scene.journal.file.path.parents[1], "render") == 12.0


def test_what_others_spend_between_the_acts_is_not_counted(scene: Scene) -> None:
    readings = (("start", 100), ("message+", 80), ("message-", 70), ("render+", 50))
    note(scene.journal, scene, *readings, ("render-", 45), ("start", 5))
    assert spending(scene.journal, scene.job) == Spending(15.0, 100, 5)


def test_after_a_kill_the_spending_is_an_upper_bound(scene: Scene) -> None:
    readings = (("start", 100), ("message+", 100), ("start", 60), ("render+", 60), ("render-", 50))
    note(scene.journal, scene, *readings)
    assert spending(scene.journal, scene.job) == Spending(50.0, 100, 50, is_exact=False)


def test_an_act_without_a_reading_makes_the_whole_difference_an_upper_bound(scene: Scene) -> None:
    readings = (("start", 100), ("message+", None), ("message-", 90), ("start", 70))
    note(scene.journal, scene, *readings)
    assert spending(scene.journal, scene.job) == Spending(30.0, 100, 70, is_exact=False)


def test_without_any_reading_the_spending_is_unknown(scene: Scene) -> None:
    note(scene.journal, scene, ("message+", None), ("message-", None))
    assert spending(scene.journal, scene.job) is None


def test_a_journal_of_an_earlier_version_gives_an_upper_bound(scene: Scene) -> None:
    note(scene.journal, scene, ("start", 100), ("start", 80))
    assert spending(scene.journal, scene.job) == Spending(0.0, 100, 80)
    scene.journal.note("message", job=scene.job, kind="brief", step="done")
    assert spending(scene.journal, scene.job) == Spending(20.0, 100, 80, is_exact=False)


def test_a_render_that_failed_and_was_paid_back_was_not_spent(scene: Scene) -> None:
    scene.fake.switches.render_failure = "the GPU fell over"
    with pytest.raises(RemoteRefused):
        scene.carry()
    with scene.run() as link:
        link.journal.note("credits", job=scene.job, available=link.client.credits().available)
    assert scene.charges == {"edit": 1, "render": 1, "refund": 1}
    assert spending(scene.now, scene.job) == Spending(10.0, 100.0, 90.0)
    scene.fake.switches.render_failure = ""
    scene.carry()
    assert spending(scene.now, scene.job) == Spending(20.0, 100.0, 80.0)


@pytest.mark.parametrize(("why", "n_calls"), [(LATE, 1), (SILENT, 1), ("it hung up", 3)])
def test_a_balance_that_is_read_too_slowly_is_not_read_again(
    why: str, n_calls: int, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def credits_of(_: Client) -> Credits:
        calls.append(why)
        raise RemoteUnreachable("no answer", why=why)

    monkeypatch.setattr(Client, "credits", credits_of)
    with scene.run() as link:
        assert [balance(link) for _ in range(3)] == [None] * 3
    assert len(calls) == n_calls


def test_another_act_waits_until_the_first_has_ended(scene: Scene) -> None:
    order: list[str] = []
    is_inside, may_end = threading.Event(), threading.Event()

    def first() -> None:
        with scene.run() as link, charged(link, None, "message"):
            is_inside.set()
            may_end.wait(30)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert is_inside.wait(30)
    threading.Timer(1.3, may_end.set).start()
    with scene.run() as link, charged(link, None, "render"):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
    assert scene.has_shown("Another command is using credits")


def test_a_failed_act_is_recorded_with_its_balance(scene: Scene) -> None:
    scene.fake.fail("run", faults.envelope(2001))
    with pytest.raises(RemoteRefused):
        scene.carry()
    (wanted, done) = scene.now.all_of("charge", scene.job)
    assert (wanted["available"], done["available"]) == (100.0, 100.0)
    assert make_job(scene.source, scene.job.target).key == wanted["job"]
