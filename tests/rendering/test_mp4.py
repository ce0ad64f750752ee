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
from chapterize.rendering.containers.mp4.boxes import make_box
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


def test_more_than_255_chapters_are_in_the_quicktime_track_alone(
    make: Make, tmp_path: Path
) -> None:
    many = Chapters.from_starts([n / 25 for n in range(256)], [f"t{n}" for n in range(256)], 12)
    (note,) = embed_chapters(make("mp4"), many, tmp_path / "o.mp4")
    assert "the Nero list holds 255 and was left out" in note
    assert [title for _, title in found(tmp_path / "o.mp4")] == list(many.titles)
    assert b"chpl" not in (tmp_path / "o.mp4").read_bytes()
    embed_chapters(tmp_path / "o.mp4", chapters(), tmp_path / "p.mp4")
    assert found(tmp_path / "p.mp4") == WANTED


def test_long_titles_are_cut_between_characters_in_the_nero_list_alone(
    make: Make, tmp_path: Path
) -> None:
    given = Chapters.from_starts([0, 5], ["a", "語" * 200], 12)
    (note,) = embed_chapters(make("mp4"), given, tmp_path / "o.mp4")
    assert "more than 255 bytes (chapter 2) are cut in the Nero list" in note
    assert [title for _, title in found(tmp_path / "o.mp4")] == list(given.titles)
    nero = mutagen.mp4.MP4(tmp_path / "o.mp4").chapters
    assert nero is not None
    assert nero[1].title == "語" * 84 + "…"


def test_a_title_that_no_list_of_an_mp4_can_hold_is_refused(make: Make, tmp_path: Path) -> None:
    given = Chapters.from_starts([0, 5], ["a", "x" * 70_000], 12)
    with pytest.raises(InputError, match="chapter 2: its title has 70000 bytes"):
        embed_chapters(make("mp4"), given, tmp_path / "o.mp4")
    embed_chapters(make("mkv"), given, tmp_path / "o.mkv")


@pytest.mark.parametrize(
    "options",
    [
        ("-c", "copy"),
        ("-c", "copy", "-movflags", "faststart"),
        ("-c", "copy", "-movflags", "frag_keyframe+empty_moov"),
        ("-i", "META", "-map", "0", "-map_metadata", "1", "-c", "copy"),
    ],
)
def test_embedding_again_adds_no_more_than_the_new_list(
    options: tuple[str, ...], make: Make, tmp_path: Path
) -> None:
    """An MP4 of ffmpeg, with its header in front, in fragments, and with chapters of ffmpeg."""
    meta, path = tmp_path / "m.ffmeta", tmp_path / "s.mp4"
    meta.write_text(";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=12000\ntitle=Old\n")
    given = (str(meta) if option == "META" else option for option in options)
    ffmpeg(path, "-i", str(make("mp4")), *given)
    sizes, lists = [], []
    for count in (3, 3, 200, 200, 3):
        titles = [f"Number {n}" for n in range(count)]
        listed = Chapters.from_starts([n / 20 for n in range(count)], titles, 12)
        embed_chapters(path, listed, path, force=True)
        assert [title for _, title in found(path)] == titles
        sizes.append(path.stat().st_size)
        # Title, Nero entry, and the length, size and encoding of the sample.
        lists.append(sum(len(title) * 2 + 9 + 8 + 4 + 2 + 12 for title in titles))
    assert sizes[0] == sizes[1] == sizes[4]
    assert sizes[2] == sizes[3]
    assert sizes[2] - sizes[1] <= lists[2] - lists[1]


def test_a_wide_mdat_and_an_id_at_its_limit_are_kept(make: Make, tmp_path: Path) -> None:
    """The box before the samples becomes part of a header with a 64-bit size."""
    data = make("mp4").read_bytes()
    at = data.index(b"mdat") - 4
    assert data[at - 4 : at] == b"free"
    size = int.from_bytes(data[at : at + 4])
    head = (1).to_bytes(4) + b"mdat" + (size + 8).to_bytes(8)
    header = data.rindex(b"tkhd")
    number = header + 4 + 12
    wide = data[: at - 8] + head + data[at + 8 : number] + b"\xff" * 4 + data[number + 4 :]
    (tmp_path / "s.mp4").write_bytes(wide)
    embed_chapters(tmp_path / "s.mp4", chapters(), tmp_path / "o.mp4")
    assert found(tmp_path / "o.mp4") == WANTED
    assert packets(tmp_path / "o.mp4") == packets(make("mp4"))


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


def test_a_second_box_of_user_data_is_kept(make: Make, tmp_path: Path) -> None:
    """`moov` ends in a `udta` of a camera, after that of ffmpeg."""
    data = make("mp4").read_bytes()
    at = data.index(b"moov") - 4
    size = int.from_bytes(data[at : at + 4])
    second = make_box(b"udta", make_box(b"FIRM", b"HD9.01"), make_box(b"chpl", bytes(9)))
    movie = (size + len(second)).to_bytes(4) + data[at + 4 : at + size] + second
    (tmp_path / "s.mp4").write_bytes(data[:at] + movie + data[at + size :])
    embed_chapters(tmp_path / "s.mp4", chapters(), tmp_path / "o.mp4")
    assert b"FIRMHD9.01" in (tmp_path / "o.mp4").read_bytes()
    assert facts(tmp_path / "o.mp4") == facts(tmp_path / "s.mp4")


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
