"""`Delivery`: by the service, or here with the reason; never unasked, never twice paid."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chapterize.data import Chapters
from chapterize.deliver import Choice
from chapterize.errors import (
    Declined,
    ExportBlocked,
    FileTooLarge,
    InputError,
    OutOfCredits,
    OutputError,
    RemoteError,
    RemoteUnreachable,
    RunInterrupted,
    UnsupportedFile,
)
from chapterize.media import open_media
from tests.deliver.scene import CHAPTERS, TITLES, Person, delivery
from tests.fake_service import FakeService


def titles_in(video: Path) -> list[str]:
    return [chapter.title for chapter in open_media(video).chapters]


def test_a_video_comes_back_with_the_chapters_inside(
    talk: Path, fake: FakeService, person: Person
) -> None:
    made = delivery(fake.base, person).deliver(talk, CHAPTERS)
    assert (made.where, made.reason, made.way_back) == ("remote", "", "")
    assert made.path.name == "it's a “talk” 日本語-chapters.mp4"
    assert titles_in(made.path) == list(TITLES)
    assert made.credits == (100.0, 80.0)
    assert made.notes == ()
    assert all(any(title in change for change in made.changes) for title in TITLES)
    assert [each.filename for each in next(iter(fake.sessions.values())).uploads] == [talk.name]
    assert person.stages >= {"uploading", "downloading"}
    assert person.told[0] == "Connecting…"


def test_what_is_sent_is_told_before_any_request(
    talk: Path, fake: FakeService, person: Person
) -> None:
    person.choice = Choice.STOP
    with pytest.raises(Declined) as no:
        delivery(fake.base, person).deliver(talk, CHAPTERS)
    assert no.value.exit_code == 11
    assert fake.history == []
    (offer,) = person.offers
    assert offer.size_bytes == talk.stat().st_size
    assert fake.base.endswith(offer.host)
    assert "credits" in offer.cost
    assert sorted(talk.parent.iterdir()) == [talk]


def test_made_here_on_request_speaks_to_nobody(
    talk: Path, fake: FakeService, person: Person
) -> None:
    person.choice = Choice.LOCAL
    made = delivery(fake.base, person).deliver(talk, CHAPTERS)
    assert (made.where, made.reason, made.session) == ("local", "you chose so", None)
    assert fake.history == []
    assert titles_in(made.path) == list(TITLES)


def test_the_local_way_is_not_even_asked_about(
    talk: Path, fake: FakeService, person: Person
) -> None:
    made = delivery(fake.base, person, where="local").deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert made.reason
    assert person.offers == []
    assert fake.history == []


CREDITS = "the credits do not suffice"


@pytest.mark.parametrize("how", ["http", "sse-error", "sse-text"])
def test_out_of_credits_is_made_here_with_the_way_to_register(
    how: Any, talk: Path, fake: FakeService, person: Person
) -> None:
    fake.switches.out_of_credits = how
    made = delivery(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert made.reason.startswith(CREDITS)
    (account,) = fake.accounts
    assert f"https://nemovideo.com/register?bind={account}, then: " in made.way_back
    assert f"chapterize remote resume {made.session}" in made.way_back
    assert made.credits == (100.0, 100.0)
    assert fake.charges == []
    assert titles_in(made.path) == list(TITLES)


def test_what_was_spent_before_the_credits_ran_out_is_told(
    talk: Path, fake: FakeService, person: Person
) -> None:
    fake.credits = 15
    made = delivery(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert made.reason.startswith(CREDITS)
    assert made.credits == (15.0, 5.0)


def test_a_registered_user_tops_up(
    talk: Path, fake: FakeService, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", fake.new_token(5))
    made = delivery(fake.base, person).deliver(talk, CHAPTERS)
    assert made.way_back.startswith("top up at https://nemovideo.com, then: ")
    assert "register" not in made.way_back


def test_a_token_of_the_user_that_is_refused_says_what_to_set(
    talk: Path, fake: FakeService, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", fake.new_token())
    fake.expire_tokens()
    made = delivery(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert "set NEMO_TOKEN to a new token" in made.way_back
    assert "chapterize remote resume" in made.way_back


@pytest.mark.parametrize(
    ("switches", "reason"),
    [
        ({"export_blocked": True}, "the service does not export on this plan"),
        ({"rate_limited": 99}, "the service gives no starter token now"),
        ({"render_failure": "the GPU fell over"}, "the GPU fell over"),
        ({"unasked_tracks": True}, "the service did not carry out the plan"),
        ({"misplaced_by": 2.0, "stubborn": True}, "titles at the wrong time: 3"),
    ],
)
def test_every_obstacle_leads_to_the_local_video_and_a_way_back(
    switches: dict[str, Any], reason: str, talk: Path, fake: FakeService, person: Person
) -> None:
    fake.switches.set(switches)
    made = delivery(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert reason in made.reason
    # The local video has the name that the service's would get.
    assert made.way_back.endswith(f"chapterize remote resume {made.session} --force")
    assert titles_in(made.path) == list(TITLES)
    assert made.listing is not None
    assert made.listing.is_file()
    assert any(reason in line for line in person.told)
    assert len({(each.session, each.text) for each in fake.messages}) == len(fake.messages)


def test_a_service_that_is_not_there_is_no_reason_to_fail(talk: Path, person: Person) -> None:
    made = delivery("http://127.0.0.1:1", person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert "cannot be reached" in made.reason
    assert made.credits is None


@pytest.mark.parametrize(
    ("switches", "error", "code"),
    [
        ({"out_of_credits": "sse-text"}, OutOfCredits, 9),
        ({"export_blocked": True}, ExportBlocked, 9),
        ({"unasked_tracks": True}, RemoteError, 9),
        ({"cut_stream_at": 20, "cut_keeps_edit": False}, RunInterrupted, 10),
    ],
)
def test_remote_only_makes_nothing_here(
    switches: dict[str, Any],
    error: type[RemoteError],
    code: int,
    talk: Path,
    fake: FakeService,
    person: Person,
) -> None:
    fake.switches.set(switches)
    with pytest.raises(error) as failed:
        delivery(fake.base, person, where="remote").deliver(talk, CHAPTERS)
    assert failed.value.exit_code == code
    assert sorted(talk.parent.iterdir()) == [talk]


def test_remote_only_of_nobody_is_unreachable(talk: Path, person: Person) -> None:
    with pytest.raises(RemoteUnreachable):
        delivery("http://127.0.0.1:1", person, where="remote").deliver(talk, CHAPTERS)
    assert sorted(talk.parent.iterdir()) == [talk]


def test_unasked_tracks_are_told_as_such(talk: Path, fake: FakeService, person: Person) -> None:
    fake.switches.unasked_tracks = True
    person.renders_anyway = True
    made = delivery(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "remote"
    assert len(person.checks) == 1
    unasked = [line for line in made.changes if line.startswith("nobody asked for this: ")]
    assert any("Subscribe" in line for line in unasked)
    assert any("Lo-fi" in line for line in unasked)
    assert not any(title in line for line in unasked for title in TITLES)


@pytest.mark.parametrize("name", ["talk-chapters.mp4", "talk-chapters.youtube.txt"])
def test_a_result_that_is_there_is_refused_before_anything_is_sent(
    name: str, video_mp4: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    source = Path(shutil.copy(video_mp4, tmp_path / "talk.mp4"))
    there = tmp_path / name
    there.write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        delivery(fake.base, person).deliver(source, CHAPTERS)
    assert (fake.history, person.offers) == ([], [])
    assert there.read_text() == "mine"
    made = delivery(fake.base, person, force=True).deliver(source, CHAPTERS)
    assert titles_in(made.path) == list(TITLES)


def test_a_folder_that_is_not_there_is_refused_before_anything_is_sent(
    talk: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    with pytest.raises(OutputError, match=r"made\.mp4"):
        delivery(fake.base, person).deliver(talk, CHAPTERS, tmp_path / "nowhere" / "made.mp4")
    assert (fake.history, person.offers) == ([], [])


def test_a_name_that_an_mp4_cannot_have_is_refused_before_anything_is_sent(
    talk: Path, fake: FakeService, person: Person
) -> None:
    with pytest.raises(InputError, match=r"made\.webm"):
        delivery(fake.base, person).deliver(talk, CHAPTERS, talk.with_name("made.webm"))
    assert (fake.history, person.offers) == ([], [])


def test_the_service_video_never_replaces_the_users_own(
    talk: Path, fake: FakeService, person: Person
) -> None:
    before = talk.read_bytes()
    with pytest.raises(InputError, match="take the place"):
        delivery(fake.base, person, force=True).deliver(talk, CHAPTERS, talk)
    assert (fake.history, talk.read_bytes()) == ([], before)


def test_matroska_holds_the_service_video_too(
    talk: Path, fake: FakeService, person: Person
) -> None:
    made = delivery(fake.base, person).deliver(talk, CHAPTERS, talk.with_name("made.mkv"))
    media = open_media(made.path)
    assert (made.where, media.container) == ("remote", "mkv")
    assert [chapter.title for chapter in media.chapters] == list(TITLES)


def test_a_file_of_another_kind_is_made_here_without_a_question(
    audio_ogg: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    source = Path(shutil.copy(audio_ogg, tmp_path / "talk.ogg"))
    made = delivery(fake.base, person).deliver(source, CHAPTERS)
    assert (made.where, made.path.suffix) == ("local", ".ogg")
    assert made.reason == "the service does not take OGG files"
    assert "convert it" in made.way_back
    assert any("OGG" in line for line in person.told)
    named = delivery(fake.base, person).deliver(source, CHAPTERS, tmp_path / "named.ogg")
    assert named.path == tmp_path / "named.ogg"
    assert (fake.history, person.offers) == ([], [])
    with pytest.raises(UnsupportedFile):
        delivery(fake.base, person, where="remote", force=True).deliver(source, CHAPTERS)
    assert fake.history == []


@pytest.mark.parametrize("suffix", [".m4v", ".qt"])
def test_an_odd_suffix_of_a_known_kind_is_sent_under_another_name(
    suffix: str, video_mp4: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    source = Path(shutil.copy(video_mp4, tmp_path / f"talk{suffix}"))
    made = delivery(fake.base, person).deliver(source, CHAPTERS)
    (session,) = fake.sessions.values()
    assert (made.where, session.uploads[0].filename) == ("remote", "talk.mp4")


def test_an_audio_file_is_sent_too(
    audio_mp3: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    source = Path(shutil.copy(audio_mp3, tmp_path / "talk.mp3"))
    made = delivery(fake.base, person).deliver(source, CHAPTERS)
    (session,) = fake.sessions.values()
    assert (made.where, session.uploads[0].file_type) == ("remote", "audio")
    assert open_media(made.path).has_video


@pytest.fixture
def large(talk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The talk, with a limit just below its size."""
    monkeypatch.setattr("chapterize.deliver.offer.MOST_BYTES", 400_000)
    with talk.open("ab") as file:
        file.truncate(450_000)
    return talk


def test_a_stand_in_is_made_and_sent_when_the_user_says_so(
    large: Path, fake: FakeService, person: Person
) -> None:
    person.choice = Choice.PROXY
    made = delivery(fake.base, person).deliver(large, CHAPTERS)
    assert made.where == "remote"
    proxy = person.offers[0].proxy
    assert proxy is not None
    (upload,) = next(iter(fake.sessions.values())).uploads
    assert upload.n_bytes <= proxy.size_bytes <= 400_000
    assert (upload.is_media, upload.filename) == (True, f"{large.stem}.mp4")
    assert titles_in(made.path) == list(TITLES)
    assert any("stand-in" in line for line in person.told)
    assert not list((large.parents[1] / "cache").rglob("*.mp4"))


def test_a_large_file_is_made_here_when_the_user_says_so(
    large: Path, fake: FakeService, person: Person
) -> None:
    person.choice = Choice.LOCAL
    made = delivery(fake.base, person).deliver(large, CHAPTERS)
    assert made.where == "local"
    assert "500 MB at most" in made.reason
    assert "--proxy" in made.way_back
    assert fake.history == []
    with pytest.raises(FileTooLarge):
        delivery(fake.base, person, where="remote", force=True).deliver(large, CHAPTERS)
    assert fake.history == []


def test_several_files_share_a_session_and_each_has_its_own_render(
    talk: Path, video_only_mp4: Path, fake: FakeService, person: Person
) -> None:
    other = Path(shutil.copy(video_only_mp4, talk.with_name("other.mp4")))
    theirs = Chapters.from_starts([0.0, 2.0], ["Mountains", "Rivers"], 4.0)
    both = delivery(fake.base, person)
    made = [both.deliver(talk, CHAPTERS), both.deliver(other, theirs)]
    assert [each.where for each in made] == ["remote", "remote"]
    assert len(fake.sessions) == 1
    assert len(fake.renders) == len(fake.messages) == 2
    assert [titles_in(each.path) for each in made] == [list(TITLES), ["Mountains", "Rivers"]]
    assert made[0].session == made[1].session
    assert [open_media(each.path).has_audio for each in made] == [True, False]
    assert [each.notes for each in made] == [(), ()]


def test_two_files_of_one_name_are_told_apart_there(
    talk: Path, video_only_mp4: Path, fake: FakeService, person: Person
) -> None:
    folder = talk.parent / "b"
    folder.mkdir()
    other = Path(shutil.copy(video_only_mp4, folder / talk.name))
    both = delivery(fake.base, person)
    made = [both.deliver(talk, CHAPTERS), both.deliver(other, CHAPTERS)]
    (session,) = fake.sessions.values()
    assert [each.filename for each in session.uploads] == [talk.name, f"{talk.stem} (2).mp4"]
    assert [open_media(each.path).has_audio for each in made] == [True, False]


def test_what_stopped_one_file_does_not_upload_the_next_for_nothing(
    talk: Path, fake: FakeService, person: Person
) -> None:
    other = Path(shutil.copy(talk, talk.with_name("other.mp4")))
    fake.switches.out_of_credits = "http"
    both = delivery(fake.base, person)
    made = [both.deliver(talk, CHAPTERS), both.deliver(other, CHAPTERS)]
    assert [each.where for each in made] == ["local", "local"]
    assert len(fake.calls("upload")) == 1
    assert made[1].reason == CREDITS
    assert "register" in made[1].way_back


def test_titles_without_a_word_are_not_worth_a_render(
    talk: Path, fake: FakeService, person: Person
) -> None:
    blank = Chapters.from_starts([0.0, 2.0], ["", " "], 4.0)
    made = delivery(fake.base, person).deliver(talk, blank)
    assert (made.where, fake.history) == ("local", [])
    assert "title" in made.reason
    assert made.listing is None
    assert any("no list" in note for note in made.notes)


def test_the_user_is_spoken_to_in_the_language_of_the_video(
    talk: Path, fake: FakeService, person: Person
) -> None:
    delivery(fake.base, person).deliver(talk, CHAPTERS, language="de")
    assert "Kapiteltitel" in fake.messages[0].text
    assert next(iter(fake.sessions.values())).language == "de"


def test_what_earlier_deliveries_took_is_the_next_one_s_estimate(
    talk: Path, fake: FakeService, person: Person
) -> None:
    fake.switches.edit_cost = 7
    first = delivery(fake.base, person)
    first.deliver(talk, CHAPTERS)
    again = replace(first.options, force=True)
    first.options = again
    person.choice = Choice.LOCAL
    first.deliver(talk, CHAPTERS)
    assert [each.usual_cost for each in person.offers] == [None, 17.0]
    assert person.offers[1].cost.startswith("17 credits")
