"""What the page can have made: names given by the program, nothing overwritten unasked."""

from __future__ import annotations

import errno
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import InputError, OutputError
from chapterize.media import open_media
from chapterize.review.results import Exists, Made, Source, find_existing, make, wish
from chapterize.review.tasks import Task
from tests.conftest import MakeMedia

CHAPTERS = Chapters.from_starts((0.0, 1.5, 3.0), ("Opening", "Bees & honey / wax", "終わり"), 4.0)


@pytest.fixture
def talk(tmp_path: Path, video_mp4: Path) -> Path:
    return Path(shutil.copy(video_mp4, tmp_path / "it's a “talk”.mp4"))


def fulfil(path: Path, kind: str, **options: Any) -> Made:
    asked = wish(kind, options)
    source = Source(open_media(path))
    find_existing(source, asked, CHAPTERS)
    return make(source, asked, CHAPTERS, Task("1", asked, CHAPTERS))


@pytest.mark.parametrize("name", formats.FORMATS)
def test_every_format_is_exported_next_to_the_video(name: str, talk: Path) -> None:
    made = fulfil(talk, "export", format=name)
    assert made.files == (f"it's a “talk”-chapters{formats.SUFFIXES[name]}",)
    written = talk.with_name(made.files[0])
    if name in formats.READABLE:
        assert formats.read_chapters(written, duration=4.0).chapters.titles[0] == "Opening"


def test_an_export_notes_what_the_format_changes(talk: Path) -> None:
    asked = wish("export", {"format": "edl"})
    task = Task("1", asked, CHAPTERS)
    make(Source(open_media(talk)), asked, Chapters.from_starts([0, 1.51], ["A", "B"], 4.0), task)
    assert task.to_json()["notes"]


def test_chapters_are_embedded_in_a_copy(talk: Path) -> None:
    before = talk.read_bytes()
    made = fulfil(talk, "embed")
    assert [c.title for c in open_media(talk.with_name(made.files[0])).chapters] == [
        "Opening",
        "Bees & honey / wax",
        "終わり",
    ]
    assert talk.read_bytes() == before


def test_a_file_that_holds_no_chapters_becomes_an_mkv(video_avi: Path, tmp_path: Path) -> None:
    made = fulfil(Path(shutil.copy(video_avi, tmp_path / "talk.avi")), "embed")
    assert made.files == ("talk-chapters.mkv",)


def test_titles_are_rendered(talk: Path) -> None:
    made = fulfil(talk, "render", style="card", seconds=1, accent="#00ff00", aspect=None)
    assert open_media(talk.with_name(made.files[0])).has_video


def test_a_recording_becomes_a_video_of_a_card(audio_mp3: Path, tmp_path: Path) -> None:
    source = Path(shutil.copy(audio_mp3, tmp_path / "talk.mp3"))
    made = fulfil(source, "render", audio_only="card", size="480p")
    assert made.files == ("talk-chapters.mp4",)


def test_each_chapter_becomes_a_file(talk: Path) -> None:
    made = fulfil(talk, "split")
    folder = talk.with_name("it's a “talk”-chapters")
    assert sorted(path.name for path in folder.iterdir()) == [
        "01 Opening.mp4",
        "02 Bees & honey - wax.mp4",
        "03 終わり.mp4",
    ]
    assert made.files[0] == f"{folder.name}/01 Opening.mp4"


@pytest.mark.parametrize("kind", ["export", "embed", "render", "split"])
def test_nothing_is_overwritten_unasked(kind: str, talk: Path) -> None:
    options: dict[str, Any] = {"size": "480p"} if kind == "render" else {}
    made = fulfil(talk, kind, **options)
    first = talk.parent / made.files[0]
    first.write_bytes(b"mine")
    with pytest.raises(Exists) as refused:
        fulfil(talk, kind, **options)
    assert made.files[0] in refused.value.names
    assert first.read_bytes() == b"mine"
    fulfil(talk, kind, replace=True, **options)
    assert first.read_bytes() != b"mine"


def test_parts_in_another_container_are_not_overwritten_unasked(
    make_media: MakeMedia, video_mp4: Path, tmp_path: Path
) -> None:
    made_ts = make_media("talk.ts", "-i", video_mp4, "-c", "copy")
    source = Path(shutil.copy(made_ts, tmp_path / "talk.ts"))
    made = fulfil(source, "split")
    assert [Path(name).suffix for name in made.files] == [".mkv"] * 3
    with pytest.raises(Exists) as caught:
        fulfil(source, "split")
    assert len(caught.value.names) == 3


def test_the_video_under_review_is_never_replaced(talk: Path) -> None:
    # The default name is a link to the video itself.
    talk.with_name(f"{talk.stem}-chapters.mp4").symlink_to(talk)
    with pytest.raises(OutputError, match="cannot write"):
        fulfil(talk, "embed", replace=True)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("destroy", {}),
        (None, {}),
        (["export"], {}),
        ("export", {"format": "exe"}),
        ("export", {"format": 3}),
        ("export", {"path": "/etc/passwd"}),
        ("export", {"target": "../x"}),
        ("export", "youtube"),
        ("embed", {"output": "x.mp4"}),
        ("embed", {"replace": "yes"}),
        ("render", {"font": "/etc/passwd"}),
        ("render", {"style": "huge"}),
        ("render", {"accent": "red"}),
        ("render", {"seconds": float("nan")}),
        ("render", {"seconds": True}),
        ("render", {"size": "../../x"}),
        ("send", {"style": "huge"}),
        ("send", {"aspect": "4:3"}),
        ("send", {"seconds": -1}),
        ("send", {"where": "local"}),
    ],
)
def test_only_known_options_are_accepted(kind: object, options: object, talk: Path) -> None:
    with pytest.raises(InputError):
        find_existing(Source(open_media(talk)), wish(kind, options), CHAPTERS)
    assert list(talk.parent.iterdir()) == [talk]


@pytest.mark.parametrize("kind", ["embed", "render", "split", "send"])
def test_captions_alone_have_no_media_to_make_anything_of(kind: str, talk: Path) -> None:
    alone = replace(open_media(talk), has_video=False, audio_start=None, container="captions")
    with pytest.raises(InputError, match="no media"):
        find_existing(Source(alone), wish(kind, {}), CHAPTERS)
    find_existing(Source(alone), wish("export", {}), CHAPTERS)


@pytest.mark.parametrize("kind", ["export", "embed", "render", "split", "send"])
def test_a_folder_without_permission_is_refused_at_once(
    kind: str, talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("chapterize.files.tempfile.TemporaryFile", refuse)
    with pytest.raises(OutputError, match="no permission"):
        find_existing(Source(open_media(talk)), wish(kind, {}), CHAPTERS)
