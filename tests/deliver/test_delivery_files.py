"""`Delivery`: which files are sent and under what name, and which places are refused before."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chapterize.deliver import Choice
from chapterize.errors import (
    FileTooLarge,
    InputError,
    OutputError,
    UnsupportedFile,
)
from chapterize.media import open_media
from tests.deliver.scene import CHAPTERS, TITLES, Person, delivery, titles_in
from tests.fake_service import FakeService


@pytest.mark.parametrize("name", ["talk-chapters.mp4", "talk-chapters.youtube.txt"])
def test_a_result_that_is_there_is_refused_before_anything_is_sent(
    name: str, video_mp4: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    source = Path(shutil.copy(video_mp4, tmp_path / "talk.mp4"))
    there = tmp_path / name
    there.write_text("mine")
    with pytest.raises(OutputError, match="already exists"):
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
