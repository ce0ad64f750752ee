"""The local result: a copy with chapters, and a list next to it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.deliver.results import listing_path, local_target, make_local
from chapterize.media import open_media
from tests.deliver.scene import CHAPTERS, TITLES


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        *(("video_mp4", ".mp4"), ("video_mov", ".mov"), ("video_webm", ".webm")),
        *(("video_avi", ".mkv"), ("audio_mp3", ".mp3"), ("audio_wav", ".mkv")),
        *(("audio_ogg", ".ogg"), ("audio_m4a", ".m4a")),
    ],
)
def test_the_suffix_fits_the_streams(
    kind: str, suffix: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    name = "audio_only_m4a" if kind == "audio_m4a" else kind
    media = open_media(request.getfixturevalue(name))
    target = local_target(media, tmp_path / "made.mp4")
    assert target == tmp_path / f"made{suffix}"
    made = make_local(media, CHAPTERS, target)
    assert (made.path, made.listing) == (target, tmp_path / "made.youtube.txt")
    assert [chapter.title for chapter in open_media(target).chapters] == list(TITLES)


def test_a_matroska_target_keeps_its_suffix(video_mp4: Path, tmp_path: Path) -> None:
    media = open_media(video_mp4)
    assert local_target(media, tmp_path / "made.mkv") == tmp_path / "made.mkv"


def test_the_list_can_be_pasted(video_mp4: Path, tmp_path: Path) -> None:
    made = make_local(open_media(video_mp4), CHAPTERS, tmp_path / "made.mp4")
    assert made.listing == listing_path(made.path)
    assert made.listing.read_text("utf-8").splitlines() == [
        *("0:00 Opening", '0:01 Bees & "honey"', "0:03 終わり")
    ]


@pytest.mark.parametrize("name", ["made.mp4", "made.youtube.txt"])
def test_with_force_existing_results_are_replaced(
    name: str, video_mp4: Path, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("mine")
    made = make_local(open_media(video_mp4), CHAPTERS, tmp_path / "made.mp4", force=True)
    assert made.path.stat().st_size > 1000
    assert made.listing is not None
    assert made.listing.read_text("utf-8").startswith("0:00")


def test_without_a_valid_list_only_the_video_is_written(video_mp4: Path, tmp_path: Path) -> None:
    chapters = Chapters.from_starts([0.0, 2.0], ["Opening", ""], 4.0)
    made = make_local(open_media(video_mp4), chapters, tmp_path / "made.mp4")
    assert made.listing is None
    assert not listing_path(made.path).exists()
    assert "no title" in made.notes[-1]
    assert len(open_media(made.path).chapters) == 2


def test_progress_is_reported_and_the_source_is_unchanged(video_mp4: Path, tmp_path: Path) -> None:
    source = Path(shutil.copy(video_mp4, tmp_path / "talk.mp4"))
    before, fractions = source.read_bytes(), list[float]()
    media = replace(open_media(source))
    make_local(
        media, CHAPTERS, tmp_path / "x.mp4", on_progress=lambda _, done: fractions.append(done)
    )
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert source.read_bytes() == before
