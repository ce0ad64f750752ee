"""Chapters in the tags of MP3 and Ogg, read by FFmpeg and by mutagen."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import mutagen
import mutagen.mp4
import pytest
from mutagen.id3 import ID3

from chapterize.data import Chapters
from chapterize.rendering.containers import embed_chapters
from tests.rendering.copies import (
    TITLES,
    Make,
    chapters,
    found,
)

pytestmark = pytest.mark.slow


def test_long_titles_survive_in_mp3_which_stays_at_id3v23(make: Make, tmp_path: Path) -> None:
    target = tmp_path / "o.mp3"
    long = Chapters.from_starts([0, 5], ["x" * 500, "語" * 300], 12)
    embed_chapters(make("mp3"), long, target)
    assert [title for _, title in found(target)] == list(long.titles)
    tags = ID3(target)
    assert tags.version == (2, 3, 0)
    assert sorted(c.start_time for c in tags.getall("CHAP"))[0] == 0
    assert tags.getall("CTOC")[0].child_element_ids == ["chp0", "chp1"]


def test_the_tags_and_the_cover_of_an_mp3_are_kept(make: Make, tmp_path: Path) -> None:
    from mutagen.id3 import APIC, CHAP, TDRC, TIT2, TSOT, TXXX

    source, target = tmp_path / "s.mp3", tmp_path / "o.mp3"
    shutil.copy(make("mp3"), source)
    tags = ID3(source)
    tags.add(APIC(encoding=3, mime="image/png", type=3, desc="c", data=b"\x89PNG" * 999))
    tags.add(TXXX(encoding=3, desc="own", text=["日本"]))
    tags.add(TDRC(encoding=3, text=["2024-05-01"]))
    tags.add(TSOT(encoding=3, text=["talk, the"]))
    tags.add(CHAP(element_id="old", start_time=1, end_time=2, sub_frames=[TIT2(text=["old"])]))
    tags.save(v2_version=4)
    notes = embed_chapters(source, chapters(), target)
    kept = ID3(target)
    assert kept.getall("APIC")[0].data == b"\x89PNG" * 999
    assert kept.getall("TXXX:own")[0].text == ["日本"]
    assert str(kept["TDRC"].text[0]) == "2024-05-01"
    assert str(kept["TIT2"]) == "The talk"
    assert sorted(c.element_id for c in kept.getall("CHAP")) == ["chp0", "chp1", "chp2"]
    assert notes == ("ID3v2.3 cannot hold the tags TSOT; they were left out",)


def test_images_and_links_of_old_mp3_chapters_are_named(make: Make, tmp_path: Path) -> None:
    from mutagen.id3 import APIC, CHAP, TIT2, WXXX

    source = tmp_path / "s.mp3"
    shutil.copy(make("mp3"), source)
    tags = ID3(source)
    inside = [TIT2(text=["old"]), APIC(mime="image/png", data=b"\x89PNG"), WXXX(url="https://a.b")]
    tags.add(CHAP(element_id="old", start_time=0, end_time=9, sub_frames=inside))
    tags.save()
    (note,) = embed_chapters(source, chapters(), tmp_path / "o.mp3")
    assert note == "images, links of the old chapters were left out with them"


def test_a_flac_without_tags_gets_chapters(make: Make, tmp_path: Path) -> None:
    source = tmp_path / "s.flac"
    shutil.copy(make("flac"), source)
    mutagen.File(source).delete()
    assert embed_chapters(source, chapters(), tmp_path / "o.flac") == ()
    assert [title for _, title in found(tmp_path / "o.flac")] == TITLES


def test_an_mp3_without_tags_gets_some(make: Make, tmp_path: Path) -> None:
    source = tmp_path / "bare.mp3"
    shutil.copy(make("mp3"), source)
    mutagen.File(source).delete()
    embed_chapters(source, chapters(), tmp_path / "o.mp3")
    assert [title for _, title in found(tmp_path / "o.mp3")] == TITLES


@pytest.mark.parametrize("kind", ["ogg", "opus"])
def test_an_ogg_start_of_500_milliseconds_or_more_is_not_a_second_late(
    kind: str, make: Make, tmp_path: Path
) -> None:
    given = Chapters.from_starts([0, 1.5, 3.75, 5.999], list("abcd"), 12)
    embed_chapters(make(kind), given, tmp_path / f"o.{kind}")
    with av.open(str(tmp_path / f"o.{kind}")) as container:
        starts = [float(c["start"] * (c["time_base"] or 0)) for c in container.chapters()]
    assert starts == [0.0, 1.5, 3.75, 5.999]
