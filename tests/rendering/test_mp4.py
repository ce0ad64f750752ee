"""Chapters in MP4, M4A and MOV, read by FFmpeg and by mutagen."""

from __future__ import annotations

from pathlib import Path

import av
import mutagen
import mutagen.mp4
import pytest

from chapterize.data import Chapters
from chapterize.errors import InputError
from chapterize.media import open_media
from chapterize.rendering.containers import copying, embed_chapters
from chapterize.rendering.containers.mp4 import writing
from tests.rendering.copies import (
    WANTED,
    Make,
    chapters,
    facts,
    ffmpeg,
    found,
    packets,
)

pytestmark = pytest.mark.slow


def test_an_mp4_starts_at_zero_and_its_text_track_is_disabled(make: Make, tmp_path: Path) -> None:
    target = tmp_path / "o.mp4"
    embed_chapters(make("mp4"), chapters(), target)
    with av.open(str(target)) as container:
        assert container.chapters()[0]["start"] == 0
        kinds = [(s.type, int(s.disposition)) for s in container.streams]
    assert kinds == [("video", 1), ("audio", 1), ("data", 0)]


def test_the_mp4_plays_while_it_loads(make: Make, tmp_path: Path) -> None:
    target = tmp_path / "o.mp4"
    source = make("mp4").read_bytes()
    assert source.find(b"moov") > source.find(b"mdat")
    embed_chapters(make("mp4"), chapters(), target)
    data = target.read_bytes()
    assert data[4:8] == b"ftyp"
    assert data.find(b"moov") < data.find(b"mdat")


def test_mp4_holds_255_chapters_of_240_bytes_and_mutagen_opens_it(
    make: Make, tmp_path: Path
) -> None:
    title = "é" * 120
    many = Chapters.from_starts([n / 25 for n in range(255)], [title] * 255, 12)
    embed_chapters(make("mp4"), many, tmp_path / "o.mp4")
    foreign = mutagen.mp4.MP4(tmp_path / "o.mp4").chapters
    assert [(round(c.start, 3), c.title) for c in foreign] == [
        (round(n / 25, 3), title) for n in range(255)
    ]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (Chapters.from_starts([n / 25 for n in range(256)], ["t"] * 256, 12), "holds at most 255"),
        (Chapters.from_starts([0, 5], ["a", "é" * 121], 12), "chapter 2: .* 242 bytes"),
    ],
)
def test_chapters_that_an_mp4_would_truncate_are_refused(
    given: Chapters, fault: str, make: Make, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=fault):
        embed_chapters(make("mp4"), given, tmp_path / "o.mp4")
    embed_chapters(make("mkv"), given, tmp_path / "o.mkv")
    assert len(open_media(tmp_path / "o.mkv").chapters) == len(given)


def test_late_audio_rotation_captions_and_cover_stay_in_an_mp4(make: Make, tmp_path: Path) -> None:
    """-itsoffset 1.436 on the audio, -display_rotation 90, mov_text, a cover image."""
    captions, cover = tmp_path / "c.srt", tmp_path / "c.png"
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    ffmpeg(cover, "-f", "lavfi", "-i", "color=red:s=32x32", "-frames:v", "1")
    base = str(make("mp4"))
    source = ffmpeg(
        tmp_path / "s.mp4",
        *("-display_rotation", "90", "-i", base, "-itsoffset", "1.436", "-i", base),
        *("-i", str(captions), "-i", str(cover)),
        *("-map", "0:v", "-map", "1:a", "-map", "2:s", "-map", "3:v", "-c", "copy"),
        *("-c:s", "mov_text", "-disposition:v:1", "attached_pic"),
        *("-metadata", "title=Rotated", "-metadata:s:s:0", "language=fra"),
    )
    target = tmp_path / "o.mp4"
    embed_chapters(source, chapters(), target)
    assert packets(target) == packets(source)
    assert facts(target) == facts(source)
    was, now = open_media(source), open_media(target)
    assert now.audio_start == was.audio_start
    assert now.audio_start == pytest.approx(1.436, abs=0.03)
    with av.open(str(target)) as container:
        assert next(container.decode(video=0)).rotation == 90
    assert found(target) == WANTED


@pytest.mark.parametrize("flags", ["faststart", "frag_keyframe+empty_moov", "rtphint"])
def test_all_mp4_layouts_are_supported(flags: str, make: Make, tmp_path: Path) -> None:
    """ffmpeg -i talk.mp4 -c copy -movflags FLAGS s.mp4."""
    source = ffmpeg(tmp_path / "s.mp4", "-i", str(make("mp4")), "-c", "copy", "-movflags", flags)
    embed_chapters(source, chapters(), tmp_path / "o.mp4")
    assert found(tmp_path / "o.mp4") == WANTED
    assert [p[-1] for p in packets(tmp_path / "o.mp4")] == [p[-1] for p in packets(source)]


def test_an_mp4_past_four_gigabytes_gets_wide_offsets(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_WIDE", 1)
    embed_chapters(make("mp4"), chapters(), tmp_path / "o.mp4")
    data = (tmp_path / "o.mp4").read_bytes()
    assert data.count(b"co64") == 3
    assert b"stco" not in data
    assert packets(tmp_path / "o.mp4") == packets(make("mp4"))
    assert found(tmp_path / "o.mp4") == WANTED


def test_both_ways_to_copy_give_the_same_bytes(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    embed_chapters(make("mp4"), chapters(), tmp_path / "a.mp4")
    monkeypatch.setattr(copying, "_copy_in_kernel", lambda *_: 0)
    embed_chapters(make("mp4"), chapters(), tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_large_samples_are_moved_by_whole_blocks(
    video_mp4: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chapterize.rendering.containers.mp4.writing._LARGE_BYTES", 1000)
    target = tmp_path / "out.mp4"
    embed_chapters(video_mp4, Chapters.from_starts([0.0, 2.0], ["One", "Two"], 4.0), target)
    before, after = video_mp4.read_bytes(), target.read_bytes()
    samples = before[before.index(b"mdat") + 4 :][:500]
    moved = after.index(samples) - before.index(samples)
    assert moved > 0
    assert moved % (1024 * 1024) == 0
