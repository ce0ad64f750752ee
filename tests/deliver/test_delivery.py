"""`Delivery`: by the service or locally; never without consent, never paid twice."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.deliver import Choice
from chapterize.errors import (
    Declined,
)
from chapterize.media import open_media
from chapterize.remote.spending import Spending
from tests.deliver.scene import CHAPTERS, TITLES, Person, sender, titles_in
from tests.fake_service import FakeService


def test_the_services_video_gets_the_chapters(
    talk: Path, fake: FakeService, person: Person
) -> None:
    made = sender(fake.base, person).deliver(talk, CHAPTERS)
    assert (made.where, made.reason, made.next_steps) == ("remote", "", "")
    assert made.path.name == "it's a “talk” 日本語-chapters.mp4"
    assert titles_in(made.path) == list(TITLES)
    assert made.credits == Spending(20.0, 100.0, 80.0)
    assert made.listing == made.path.with_suffix(".youtube.txt")
    assert made.listing.read_text("utf-8").startswith("0:00 Opening\n")
    assert made.notes == ()
    assert all(any(title in change for change in made.changes) for title in TITLES)
    assert [each.filename for each in next(iter(fake.sessions.values())).uploads] == [talk.name]
    assert {stage for stage, _ in person.stages} >= {"uploading", "downloading"}
    assert person.shown[0] == "Connecting…"


def test_the_offer_comes_before_any_request(talk: Path, fake: FakeService, person: Person) -> None:
    person.choice = Choice.STOP
    with pytest.raises(Declined) as no:
        sender(fake.base, person).deliver(talk, CHAPTERS)
    assert no.value.exit_code == 11
    assert fake.history == []
    (offer,) = person.offers
    assert offer.size_bytes == talk.stat().st_size
    assert fake.base.endswith(offer.host)
    assert "credits" in offer.cost
    assert sorted(talk.parent.iterdir()) == [talk]


def test_a_local_result_on_request_sends_nothing(
    talk: Path, fake: FakeService, person: Person
) -> None:
    person.choice = Choice.LOCAL
    made = sender(fake.base, person).deliver(talk, CHAPTERS)
    assert (made.where, made.reason, made.session) == ("local", "requested by the user", None)
    assert fake.history == []
    assert titles_in(made.path) == list(TITLES)


def test_local_only_asks_nothing(talk: Path, fake: FakeService, person: Person) -> None:
    made = sender(fake.base, person, where="local").deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert made.reason
    assert person.offers == []
    assert fake.history == []


def test_the_suffix_of_a_local_result_is_corrected_with_a_notice(
    talk: Path, fake: FakeService, person: Person, tmp_path: Path
) -> None:
    local = sender(fake.base, person, where="local", force=True)
    notice = "writing made.mp4 instead of made.avi, to match its format"
    for name, notices in (("made.avi", [notice]), ("made.mp4", [])):
        person.shown.clear()
        assert local.deliver(talk, CHAPTERS, tmp_path / name).path == tmp_path / "made.mp4"
        assert person.shown == notices


def test_unrequested_tracks_are_reported(talk: Path, fake: FakeService, person: Person) -> None:
    fake.switches.unasked_tracks = True
    person.answer = True
    made = sender(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "remote"
    assert len(person.checks) == 1
    unasked = [line for line in made.changes if line.startswith("not requested: ")]
    assert any("Subscribe" in line for line in unasked)
    assert any("Lo-fi" in line for line in unasked)
    assert not any(title in line for line in unasked for title in TITLES)


def test_several_files_share_a_session_and_each_has_its_own_render(
    talk: Path, video_only_mp4: Path, fake: FakeService, person: Person
) -> None:
    other = Path(shutil.copy(video_only_mp4, talk.with_name("other.mp4")))
    theirs = Chapters.from_starts([0.0, 2.0], ["Mountains", "Rivers"], 4.0)
    both = sender(fake.base, person)
    made = [both.deliver(talk, CHAPTERS), both.deliver(other, theirs)]
    assert [each.where for each in made] == ["remote", "remote"]
    assert len(fake.sessions) == 1
    assert len(fake.renders) == len(fake.messages) == 2
    assert [titles_in(each.path) for each in made] == [list(TITLES), ["Mountains", "Rivers"]]
    assert made[0].session == made[1].session
    assert [open_media(each.path).has_audio for each in made] == [True, False]
    assert [each.notes for each in made] == [(), ()]


def test_empty_titles_are_not_sent(talk: Path, fake: FakeService, person: Person) -> None:
    blank = Chapters.from_starts([0.0, 2.0], ["", " "], 4.0)
    made = sender(fake.base, person).deliver(talk, blank)
    assert (made.where, fake.history) == ("local", [])
    assert "title" in made.reason
    assert made.listing is None
    assert any("no list" in note for note in made.notes)


def test_the_message_is_in_the_language_of_the_video(
    talk: Path, fake: FakeService, person: Person
) -> None:
    sender(fake.base, person).deliver(talk, CHAPTERS, language="de")
    assert "Kapiteltitel" in fake.messages[0].text
    assert next(iter(fake.sessions.values())).language == "de"


def test_the_median_cost_of_earlier_deliveries_is_the_estimate(
    talk: Path, fake: FakeService, person: Person
) -> None:
    fake.switches.edit_cost = 7
    first = sender(fake.base, person)
    first.deliver(talk, CHAPTERS)
    first.delivery.options = replace(first.delivery.options, force=True)
    person.choice = Choice.LOCAL
    first.deliver(talk, CHAPTERS)
    assert [each.usual_cost for each in person.offers] == [None, 17.0]
    assert person.offers[1].cost.startswith("17 credits")


def test_a_video_of_another_length_gets_no_chapters_and_no_list(
    talk: Path, fake: FakeService, person: Person
) -> None:
    fake.switches.claims_seconds = 60.0
    longer = Chapters.from_starts([0.0, 20.0, 40.0], TITLES, 60.0)
    made = sender(fake.base, person).deliver(talk, longer)
    assert (made.where, made.listing) == ("remote", None)
    assert not made.path.with_suffix(".youtube.txt").exists()
    assert titles_in(made.path) == []
    assert any("no list was written" in note for note in made.notes)
