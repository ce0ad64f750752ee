"""Numbered rows: OGM text and Vorbis comments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
from mutagen.flac import FLAC
from mutagen.oggvorbis import OggVorbis

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import ogm


def test_ogm_text_is_what_other_tools_write() -> None:
    chapters = Chapters.from_starts([0, 3661.25], ["a", "b\nc"], 4000)
    assert ogm.dumps_ogm(chapters) == (
        "CHAPTER01=00:00:00.000\nCHAPTER01NAME=a\nCHAPTER02=01:01:01.250\nCHAPTER02NAME=b c\n"
    )


def test_names_may_come_first_or_be_missing() -> None:
    text = "CHAPTER01NAME=a = b\nchapter01=00:00:00,000\n\nCHAPTER02=00:00:05.000\n"
    assert formats.loads(text, "ogm", duration=9).chapters.titles == ("a = b", "")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("CHAPTER01=00:00:00.000\nhello\n", 2),
        ("CHAPTER01=soon\n", 1),
        ("CHAPTER01=-00:00:01.000\n", 1),
        ("CHAPTER01=00:00:00.000\nCHAPTER02NAME=x\n", 2),
        ("CHAPTER01=00:00:00.000\nCHAPTER01=00:00:01.000\n", 2),
    ],
)
def test_a_broken_ogm_file_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        formats.loads(text, "ogm", duration=60)
    assert caught.value.line == line


def test_ogm_refuses_more_than_999_chapters() -> None:
    many = Chapters.from_starts(list(range(1000)), ["x"] * 1000, 2000)
    with pytest.raises(FormatError, match="1000 chapters, line 1999"):
        ogm.dumps_ogm(many)


SINE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=8000:duration=4")
THREE = Chapters.from_starts([0, 1.25, 2.5], ["a = b", "Zwei – 二", ""], 4)


def test_vorbis_comments_count_from_zero() -> None:
    assert ogm.dumps_vorbis(THREE) == (
        "CHAPTER000=00:00:00.000\nCHAPTER000NAME=a = b\n"
        "CHAPTER001=00:00:01.250\nCHAPTER001NAME=Zwei – 二\n"
        "CHAPTER002=00:00:02.500\nCHAPTER002NAME=\n"
    )


@pytest.mark.parametrize("kind", ["ogg", "flac"])
def test_players_find_them_in_a_real_file(kind: str, make_media: Any, tmp_path: Path) -> None:
    """ffmpeg SINE -c:a libvorbis talk.ogg; ffmpeg SINE talk.flac; the comments by mutagen."""
    codec = ("-c:a", "libvorbis") if kind == "ogg" else ()
    path = tmp_path / f"talk.{kind}"
    path.write_bytes(make_media(path.name, *SINE, *codec).read_bytes())
    tagged = (OggVorbis if kind == "ogg" else FLAC)(path)
    for row in ogm.dumps_vorbis(THREE).splitlines():
        key, _, value = row.partition("=")
        tagged[key] = value
    tagged.save()
    again = (OggVorbis if kind == "ogg" else FLAC)(path)
    text = "".join(f"{key.upper()}={value}\n" for key, value in again.tags)
    assert formats.recognise(text) == "vorbis"
    assert formats.loads(text, duration=4).chapters == THREE
    if kind == "ogg":
        with av.open(str(path)) as container:
            found = [
                (float(c["start"] * c["time_base"]), c["metadata"].get("title", ""))  # type: ignore[operator]
                for c in container.chapters()
            ]
        assert found == list(zip(THREE.starts, THREE.titles, strict=True))


def test_other_comments_and_links_are_skipped() -> None:
    text = (
        "TITLE=0:00 talk\nCHAPTER000NAME=a\nchapter000=00:00:00.000\n\n"
        "CHAPTER001=00:00:05.000\nCHAPTER001URL=https://x.org\n"
    )
    assert formats.recognise(text) == "vorbis"
    parsed = formats.loads(text, duration=9)
    assert parsed.chapters.titles == ("a", "")
    assert parsed.notes == ("links of the chapters were left out",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("CHAPTER000=00:00:00.000\nhello\n", 2),
        ("CHAPTER000=-00:00:01.000\n", 1),
        ("A=b\nCHAPTER000NAME=x\n", 2),
        ("CHAPTER000=0:00\nCHAPTER000=0:05\n", 2),
    ],
)
def test_broken_vorbis_comments_name_their_line(text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        formats.loads(text, "vorbis", duration=60)
    assert caught.value.line == line


def test_vorbis_refuses_more_than_a_thousand_chapters() -> None:
    many = Chapters.from_starts(list(range(1001)), ["x"] * 1001, 2000)
    with pytest.raises(FormatError, match="1001 chapters, line 2001"):
        ogm.dumps_vorbis(many)
