"""`Delivery`: which files are sent, under which names, and which targets are refused."""

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
from tests.deliver.scene import CHAPTERS, TITLES, Person, sender, titles_in
from tests.fake_service import FakeService


@pytest.mark.parametrize("name", ["talk-chapters.mp4", "talk-chapters.youtube.txt"])
def test_an_existing_result_is_refused_before_anything_is_sent(
    name: str, video_mp4: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    source = Path(shutil.copy(video_mp4, tmp_path / "talk.mp4"))
    existing = tmp_path / name
    existing.write_text("mine")
    with pytest.raises(OutputError, match="already exists"):
        sender(fake.base, person).deliver(source, CHAPTERS)
    assert (fake.history, person.offers) == ([], [])
    assert existing.read_text() == "mine"
    made = sender(fake.base, person, force=True).deliver(source, CHAPTERS)
    assert titles_in(made.path) == list(TITLES)


def test_a_missing_folder_is_refused_before_anything_is_sent(
    talk: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    with pytest.raises(OutputError, match=r"made\.mp4"):
        sender(fake.base, person).deliver(talk, CHAPTERS, tmp_path / "nowhere" / "made.mp4")
    assert (fake.history, person.offers) == ([], [])


def test_a_suffix_that_is_not_mp4_is_refused_before_anything_is_sent(
    talk: Path, fake: FakeService, person: Person
) -> None:
    with pytest.raises(InputError, match=r"made\.webm"):
        sender(fake.base, person).deliver(talk, CHAPTERS, talk.with_name("made.webm"))
    assert (fake.history, person.offers) == ([], [])


def test_the_service_video_never_replaces_the_users_own(
    talk: Path, fake: FakeService, person: Person
) -> None:
    before = talk.read_bytes()
    with pytest.raises(InputError, match="would replace"):
        sender(fake.base, person, force=True).deliver(talk, CHAPTERS, talk)
    assert (fake.history, talk.read_bytes()) == ([], before)


def test_the_services_video_can_be_matroska(talk: Path, fake: FakeService, person: Person) -> None:
    made = sender(fake.base, person).deliver(talk, CHAPTERS, talk.with_name("made.mkv"))
    media = open_media(made.path)
    assert (made.where, media.container) == ("remote", "mkv")
    assert [chapter.title for chapter in media.chapters] == list(TITLES)


def test_an_unsupported_format_falls_back_without_a_question(
    audio_ogg: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    source = Path(shutil.copy(audio_ogg, tmp_path / "talk.ogg"))
    made = sender(fake.base, person).deliver(source, CHAPTERS)
    assert (made.where, made.path.suffix) == ("local", ".ogg")
    assert made.reason == "the service does not accept OGG files"
    assert "convert it" in made.next_steps
    assert any("OGG" in line for line in person.shown)
    named = sender(fake.base, person).deliver(source, CHAPTERS, tmp_path / "named.ogg")
    assert named.path == tmp_path / "named.ogg"
    assert (fake.history, person.offers) == ([], [])
    with pytest.raises(UnsupportedFile):
        sender(fake.base, person, where="remote", force=True).deliver(source, CHAPTERS)
    assert fake.history == []


@pytest.mark.parametrize("suffix", [".m4v", ".qt"])
def test_a_supported_format_with_an_odd_suffix_is_renamed(
    suffix: str, video_mp4: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    source = Path(shutil.copy(video_mp4, tmp_path / f"talk{suffix}"))
    made = sender(fake.base, person).deliver(source, CHAPTERS)
    (session,) = fake.sessions.values()
    assert (made.where, session.uploads[0].filename) == ("remote", "talk.mp4")


def test_an_audio_file_is_sent_too(
    audio_mp3: Path, tmp_path: Path, fake: FakeService, person: Person
) -> None:
    source = Path(shutil.copy(audio_mp3, tmp_path / "talk.mp3"))
    made = sender(fake.base, person).deliver(source, CHAPTERS)
    (session,) = fake.sessions.values()
    assert (made.where, session.uploads[0].file_type) == ("remote", "audio")
    assert open_media(made.path).has_video


@pytest.fixture
def large(talk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A video just above the size limit."""
    monkeypatch.setattr("chapterize.deliver.offer.MOST_BYTES", 400_000)
    with talk.open("ab") as file:
        file.truncate(450_000)
    return talk


def test_a_proxy_is_made_and_sent_if_the_user_agrees(
    large: Path, fake: FakeService, person: Person
) -> None:
    person.choice = Choice.PROXY
    made = sender(fake.base, person).deliver(large, CHAPTERS)
    assert made.where == "remote"
    proxy = person.offers[0].proxy
    assert proxy is not None
    (upload,) = next(iter(fake.sessions.values())).uploads
    assert upload.n_bytes <= proxy.size_bytes <= 400_000
    assert (upload.is_media, upload.filename) == (True, f"{large.stem}.mp4")
    assert titles_in(made.path) == list(TITLES)
    assert any("proxy of" in line for line in person.shown)
    assert not list((large.parents[1] / "cache").rglob("*.mp4"))


def test_a_large_file_falls_back_if_the_user_says_so(
    large: Path, fake: FakeService, person: Person
) -> None:
    person.choice = Choice.LOCAL
    made = sender(fake.base, person).deliver(large, CHAPTERS)
    assert made.where == "local"
    assert made.reason == "it is 0.5 MB, and the service accepts at most 0.4 MB"
    assert "--proxy" in made.next_steps
    assert fake.history == []
    with pytest.raises(FileTooLarge):
        sender(fake.base, person, where="remote", force=True).deliver(large, CHAPTERS)
    assert fake.history == []


def test_two_files_with_the_same_name_get_different_names(
    talk: Path, video_only_mp4: Path, fake: FakeService, person: Person
) -> None:
    folder = talk.parent / "b"
    folder.mkdir()
    other = Path(shutil.copy(video_only_mp4, folder / talk.name))
    both = sender(fake.base, person)
    made = [both.deliver(talk, CHAPTERS), both.deliver(other, CHAPTERS)]
    (session,) = fake.sessions.values()
    assert [each.filename for each in session.uploads] == [talk.name, f"{talk.stem} (2).mp4"]
    assert [open_media(each.path).has_audio for each in made] == [True, False]
