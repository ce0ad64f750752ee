"""The plan is corrected at most once, only where it matters, and only if the credits cover it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.errors import RemoteRefused
from chapterize.remote import timeline
from tests.fake_service import FakeService, faults
from tests.remote.links import CHAPTERS, WAITS, Scene, opened_scene


@pytest.fixture
def scene(fake: FakeService, video_mp4: Path, tmp_path: Path) -> Iterator[Scene]:
    with opened_scene(fake, video_mp4, tmp_path / "videos") as made:
        yield made


def rename_titles(scene: Scene, form: str) -> None:
    """Show each title of the session in another form, such as ``Chapter {n}: {title}``."""
    with scene.fake.lock:
        for session in scene.fake.sessions.values():
            titles = [piece for piece in session.pieces if piece.kind == "text"]
            for n, piece in enumerate(titles, 1):
                piece.text = form.format(n=n, title=piece.text)


@pytest.mark.parametrize(
    "form", ["Chapter: {title}", "{n}. {title}", "第{n}章 {title}", "{title}."]
)
def test_a_title_with_a_prefix_costs_no_second_message(form: str, scene: Scene) -> None:
    scene.stopped("message", "done")
    rename_titles(scene, form)
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}
    assert scene.user.checks == []


def test_a_title_within_two_seconds_costs_no_second_message(scene: Scene) -> None:
    scene.fake.switches.misplaced_by = 2.0
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}
    assert scene.user.checks == []


def test_a_title_that_was_not_requested_costs_no_second_message(scene: Scene) -> None:
    scene.fake.switches.unasked_tracks = True
    scene.user.answer = True
    done = scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}
    assert "differs from the plan: titles not requested: 1" in done.changes


@pytest.mark.parametrize("number", [math.nan, math.inf, 99, None, "title"])
def test_unknown_kinds_of_all_tracks_cost_no_second_message(
    number: object, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind_of = timeline._kind
    monkeypatch.setattr(timeline, "_kind", lambda _: kind_of(number))
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}
    assert scene.has_shown("The titles cannot be checked: the timeline gives no kinds of tracks")


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_times_that_are_no_numbers_cost_no_second_message(
    value: float, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = timeline._number
    monkeypatch.setattr(timeline, "_number", lambda _: number(value))
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}


def test_times_that_cannot_be_read_cost_no_second_message(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_START_KEYS", "_LENGTH_KEYS", "_END_KEYS"):
        monkeypatch.setattr(timeline, name, ("no such key",))
    scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}
    assert scene.has_shown("The titles cannot be checked: the timeline gives no times")
    assert scene.user.checks == []


def test_a_wrong_word_is_corrected_and_removed(scene: Scene) -> None:
    scene.stopped("message", "done")
    with scene.fake.lock:
        (session,) = scene.fake.sessions.values()
        piece = next(each for each in session.pieces if each.text == "Opening")
        piece.text = "Openig"
    scene.carry()
    assert "| Opening" in scene.texts[1]
    assert "- 00:00:00.000 | Openig" in scene.texts[1]
    assert scene.user.checks == []
    titles = [each.text for each in session.pieces if each.kind == "text"]
    assert sorted(titles) == sorted(CHAPTERS.titles)


@pytest.mark.parametrize("n_credits", [15, 20, 29])
def test_no_correction_is_sent_that_the_credits_do_not_cover_with_the_render(
    n_credits: int, scene: Scene
) -> None:
    scene.fake.switches.missing_titles = 1
    scene.fake.credits = n_credits
    with pytest.raises(RemoteRefused, match="did not carry out the plan") as refused:
        scene.carry()
    assert refused.value.hint.startswith("with more credits")
    assert refused.value.hint.endswith(f"chapterize remote resume {scene.journal.name}")
    assert scene.charges == {"edit": 1}
    assert scene.has_shown("No correction is requested: it and the render need about 20 credits")
    ((check, _),) = scene.user.checks
    assert [chapter.title for chapter in check.missing] == ["“Fin”"]
    # With more credits the next run corrects the titles, and asks nothing.
    scene.fake.credits = 100
    scene.carry()
    assert scene.charges == {"edit": 2, "render": 1}
    assert len(scene.user.checks) == 1


def test_credits_for_one_message_and_a_render_give_the_video_as_it_is(scene: Scene) -> None:
    scene.fake.switches.misplaced_by = 3.0
    scene.fake.credits = 20
    scene.user.answer = True
    done = scene.carry()
    assert scene.charges == {"edit": 1, "render": 1}
    assert done.path.is_file()
    assert "differs from the plan: titles at the wrong time: 3" in done.changes


def test_thirty_credits_are_enough_for_a_correction(scene: Scene) -> None:
    scene.fake.switches.missing_titles = 1
    scene.fake.credits = 30
    scene.carry()
    assert scene.charges == {"edit": 2, "render": 1}


def test_an_earlier_render_tells_what_a_render_costs(scene: Scene) -> None:
    scene.fake.switches.render_cost = 40
    scene.carry()
    scene.fake.credits = 59
    scene.fake.switches.missing_titles = 1
    with opened_scene(scene.fake, scene.source, scene.folder / "again") as other:
        with pytest.raises(RemoteRefused):
            other.carry()
        assert other.has_shown("it and the render need about 50 credits, and 49 are left")
    assert len(scene.texts) == 2


def test_without_a_known_balance_no_correction_is_sent(scene: Scene) -> None:
    scene.fake.fail("credits", faults.status(500), times=999)
    scene.fake.switches.missing_titles = 1
    with pytest.raises(RemoteRefused):
        scene.carry()
    assert scene.charges == {"edit": 1}
    assert scene.has_shown("its price, or the balance, is not known")


def test_a_correction_that_changes_nothing_is_not_waited_for(scene: Scene) -> None:
    scene.fake.switches.misplaced_by, scene.fake.switches.stubborn = 2.6, True
    scene.user.answer = True
    scene.carry()
    assert scene.charges == {"edit": 2, "render": 1}
    assert not scene.has_shown("Nothing has changed yet")
    assert len(scene.fake.calls("state")) < 12


def test_a_correction_whose_stream_was_cut_is_waited_for(scene: Scene) -> None:
    scene.fake.switches.misplaced_by = 2.6
    scene.stopped("message", "done")
    scene.fake.switches.cut_stream_at, scene.fake.switches.cut_keeps_edit = 10, False
    scene.user.answer = True
    scene.carry()
    looks = [line for line in scene.user.shown if line.startswith("Nothing has changed yet")]
    assert len(looks) == WAITS.n_unchanged
