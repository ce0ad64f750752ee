"""What a copy with chapters can be named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chapterize.errors import InputError
from chapterize.media import open_media
from chapterize.rendering import RenderOptions
from chapterize.rendering.containers import embed_chapters
from chapterize.rendering.video import check_target
from tests.rendering.copies import WANTED, Make, chapters, found

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["o.avi", "o.wav", "o.xyz", "o", "o.AVI", "o.txt", "o.mp4.part"])
def test_a_name_of_no_container_with_chapters_is_refused(
    name: str, make: Make, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        embed_chapters(make("mp4"), chapters(), tmp_path / name)
    assert "not a name for a file with chapters" in caught.value.what
    assert ".mp4" in caught.value.why
    assert ".mkv" in caught.value.why
    assert list(tmp_path.iterdir()) == []


def test_capital_suffixes_are_known(make: Make, tmp_path: Path) -> None:
    for name in ("o.MP4", "o.M4V", "o.MKV", "o.Mov"):
        embed_chapters(make("mp4"), chapters(), tmp_path / name)
        assert found(tmp_path / name) == WANTED


def test_a_file_of_an_unusual_name_can_be_edited_in_place(make: Make, tmp_path: Path) -> None:
    for name in ("talk", "talk.download"):
        shutil.copy(make("mp4"), tmp_path / name)
        embed_chapters(tmp_path / name, chapters(), tmp_path / name, force=True)
        assert found(tmp_path / name) == WANTED


def test_a_copy_of_audio_is_refused_before_chapters_are_drafted(make: Make, tmp_path: Path) -> None:
    media, options = open_media(make("mp3")), RenderOptions(audio_only="chapters")
    check_target(media, tmp_path / "o.mp3", options)
    with pytest.raises(InputError, match=r"o\.wav is not a name"):
        check_target(media, tmp_path / "o.wav", options)
