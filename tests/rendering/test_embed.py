"""Embedding, against files that ffmpeg makes and readers that are not ours."""

from __future__ import annotations

import contextlib
import hashlib
import random
import shutil
import subprocess
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import mutagen
import mutagen.mp4
import pytest
from av.container import InputContainer
from mutagen.id3 import ID3

from chapterize.data import Chapters
from chapterize.errors import ChapterizeError, InputError, MediaError, OutputError, ToolError
from chapterize.ffmpeg import open_container
from chapterize.media import open_media
from chapterize.rendering.embed import copying as embed
from chapterize.rendering.embed import default_target, embed_chapters, mp4
from tests.conftest import FFMPEG
from tests.needs import missing

pytestmark = pytest.mark.slow

TITLES = ["One", "Zwei – 二 “q”", "a=b; <c> & d"]
STARTS = [0.0, 3.75, 7.001]
Make = Callable[..., Path]

VIDEO = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=12"]
SOUND = ["-f", "lavfi", "-i", "sine=d=12"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-pix_fmt", "yuv420p"]
TAGS = ["-metadata", "title=The talk", "-metadata:s:a:0", "language=deu"]

KINDS = {
    "mp4": [*VIDEO, *SOUND, *H264, "-c:a", "aac", *TAGS],
    "mov": [*VIDEO, *SOUND, *H264, "-c:a", "pcm_s16le", *TAGS],
    "m4a": [*SOUND, "-c:a", "aac", *TAGS],
    "mkv": [*VIDEO, *SOUND, *H264, "-c:a", "aac", *TAGS],
    "webm": [*VIDEO, *SOUND, "-c:v", "libvpx", "-b:v", "50k", "-c:a", "libopus", *TAGS],
    "mp3": [*SOUND, "-c:a", "libmp3lame", *TAGS],
    "ogg": [*SOUND, "-c:a", "libvorbis", *TAGS],
    "opus": [*SOUND, "-c:a", "libopus", *TAGS],
}


def ffmpeg(target: Path, *options: str) -> Path:
    command = [FFMPEG, "-v", "error", "-nostdin", "-y", *options, f"file:{target}"]
    subprocess.run(command, check=True)
    return target


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """ffmpeg [the options of the kind in KINDS] NAME, made once for each name."""
    folder = tmp_path_factory.mktemp("media")

    def build(kind: str, *options: str, name: str | None = None) -> Path:
        target = folder / (name or f"talk.{kind}")
        if not target.exists():
            ffmpeg(target, *(options or KINDS[kind]))
        return target

    return build


def chapters(duration: float = 12.0) -> Chapters:
    return Chapters.from_starts(STARTS, TITLES, duration)


def found(path: Path) -> list[tuple[float, str]]:
    return [(round(c.start, 3), c.title) for c in open_media(path).chapters]


WANTED = list(zip(STARTS, TITLES, strict=True))


def packets(path: Path) -> list[tuple[Any, ...]]:
    """Every packet of every stream that is not data: times, flags and content."""

    def read(container: InputContainer) -> list[tuple[Any, ...]]:
        return [
            (p.stream.type, p.pts, p.dts, p.is_keyframe, hashlib.sha1(bytes(p)).hexdigest())
            for p in container.demux()
            if p.stream.type != "data" and p.dts is not None
        ]

    with av.open(str(path)) as container:
        return sorted(read(container), key=str)


def stream_bytes(path: Path) -> bytes:
    """The content of all packets of the only stream."""
    with av.open(str(path)) as container:
        return b"".join(bytes(packet) for packet in container.demux())


def facts(path: Path) -> list[tuple[Any, ...]]:
    with av.open(str(path)) as container:
        return [
            (s.type, s.time_base, s.start_time, int(s.disposition), dict(s.metadata))
            for s in container.streams
            if s.type != "data"
        ] + [(dict(container.metadata), container.start_time)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_container_gets_the_chapters_and_keeps_all_else(
    kind: str, make: Make, tmp_path: Path
) -> None:
    source, target = make(kind), tmp_path / f'-it\'s 100% 日本 "x".{kind}'
    assert embed_chapters(source, chapters(), target) == ()
    assert found(target) == WANTED
    assert packets(target) == packets(source)
    assert facts(target) == facts(source)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


@pytest.mark.skipif(shutil.which("mkvmerge") is None, reason=missing("mkvmerge and mkvextract"))
@pytest.mark.parametrize("kind", ["mp4", "mov", "m4a", "mkv", "webm"])
def test_mkvmerge_finds_the_chapters(kind: str, make: Make, tmp_path: Path) -> None:
    target, again = tmp_path / f"o.{kind}", tmp_path / "again.mkv"
    embed_chapters(make(kind), chapters(), target)
    command = ["mkvmerge", "-q", "-o", str(again), str(target)]
    subprocess.run(command, check=True, timeout=60)
    assert found(again) == WANTED


@pytest.mark.parametrize("kind", KINDS)
def test_chapters_that_were_there_are_replaced(kind: str, make: Make, tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{n}.{kind}" for n in "abc")
    embed_chapters(make(kind), chapters(), first)
    other = Chapters.from_starts([0, 5.5], ["New", "Newer"], 12)
    embed_chapters(first, other, second)
    assert found(second) == [(0.0, "New"), (5.5, "Newer")]
    embed_chapters(second, chapters(), third)
    assert found(third) == WANTED
    assert packets(third) == packets(make(kind))
    assert third.stat().st_size - first.stat().st_size < 200


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


@pytest.mark.parametrize("kind", ["mp4", "m4a", "mkv", "mp3", "opus"])
def test_a_last_end_past_the_media_makes_no_file_longer(
    kind: str, make: Make, tmp_path: Path
) -> None:
    target = tmp_path / f"o.{kind}"
    notes = embed_chapters(make(kind), chapters(90.0), target)
    with av.open(str(target)) as after, av.open(str(make(kind))) as before:
        assert after.duration == before.duration
        last = after.chapters()[-1]
    assert float(last["end"] * (last["time_base"] or 0)) < 12.2
    assert len(notes) == 1
    assert "made for 1:30" in notes[0]


def test_a_chapter_after_the_end_is_refused_by_name(make: Make, tmp_path: Path) -> None:
    late = Chapters.from_starts([0, 13], ["a", "too late"], 20)
    with pytest.raises(InputError, match="'too late' starts at 0:13"):
        embed_chapters(make("mp4"), late, tmp_path / "o.mp4")
    assert list(tmp_path.iterdir()) == []


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
def test_what_an_mp4_would_cut_is_refused(
    given: Chapters, fault: str, make: Make, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=fault):
        embed_chapters(make("mp4"), given, tmp_path / "o.mp4")
    embed_chapters(make("mkv"), given, tmp_path / "o.mkv")
    assert len(open_media(tmp_path / "o.mkv").chapters) == len(given)


def test_long_titles_survive_in_mp3_which_stays_at_id3v23(make: Make, tmp_path: Path) -> None:
    target = tmp_path / "o.mp3"
    long = Chapters.from_starts([0, 5], ["x" * 500, "語" * 300], 12)
    embed_chapters(make("mp3"), long, target)
    assert [title for _, title in found(target)] == list(long.titles)
    tags = ID3(target)
    assert tags.version == (2, 3, 0)
    assert sorted(c.start_time for c in tags.getall("CHAP"))[0] == 0
    assert tags.getall("CTOC")[0].child_element_ids == ["chp0", "chp1"]


def test_the_tags_and_the_picture_of_an_mp3_are_kept(make: Make, tmp_path: Path) -> None:
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
    assert notes == ("ID3v2.3 has no room for the tags TSOT",)


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


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("avi", [*VIDEO, *SOUND, "-c:v", "mpeg4", "-c:a", "libmp3lame"]),
        ("wav", [*SOUND, "-c:a", "pcm_s16le"]),
        ("aac", [*SOUND, "-c:a", "aac", "-f", "adts"]),
        ("flac", [*SOUND, "-c:a", "flac"]),
    ],
)
def test_containers_without_a_place_for_chapters_are_refused_and_mkv_is_offered(
    kind: str, options: list[str], make: Make, tmp_path: Path
) -> None:
    source = make(kind, *options)
    with pytest.raises(InputError, match="cannot hold chapters") as caught:
        embed_chapters(source, chapters(), tmp_path / f"o.{kind}")
    assert ".mkv" in caught.value.hint
    assert "sidecar" in caught.value.hint
    with pytest.raises(InputError, match="cannot hold chapters"):
        default_target(source, open_media(source))
    assert list(tmp_path.iterdir()) == []
    embed_chapters(source, chapters(), tmp_path / "o.mkv")
    assert found(tmp_path / "o.mkv") == WANTED
    if kind == "wav":  # whose samples are cut into packets by whoever reads them
        assert stream_bytes(source) == stream_bytes(tmp_path / "o.mkv")
    elif kind != "aac":  # raw AAC frames lose their ADTS header in every container
        was, now = ([h for *_, h in packets(p)] for p in (source, tmp_path / "o.mkv"))
        assert sorted(was) == sorted(now)


def test_a_chaptered_mp4_with_captions_goes_into_mkv_without_its_data_track(
    make: Make, tmp_path: Path
) -> None:
    captions = tmp_path / "c.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    plain = ["-i", str(make("mp4")), "-i", str(captions), "-c", "copy", "-c:s", "mov_text"]
    source = ffmpeg(tmp_path / "s.mp4", *plain)
    embed_chapters(source, chapters(), tmp_path / "with.mp4")
    notes = embed_chapters(tmp_path / "with.mp4", chapters(), tmp_path / "o.mkv")
    assert notes == ("MP4 captions became SubRip, which Matroska can hold",)
    assert found(tmp_path / "o.mkv") == WANTED
    with av.open(str(tmp_path / "o.mkv")) as container:
        assert [s.type for s in container.streams] == ["video", "audio", "subtitle"]


def test_late_audio_rotation_captions_and_cover_stay_in_an_mp4(make: Make, tmp_path: Path) -> None:
    """-itsoffset 1.436 on the sound, -display_rotation 90, mov_text, a picture as cover."""
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


def test_fonts_and_cover_stay_in_an_mkv(make: Make, tmp_path: Path) -> None:
    """ffmpeg -i talk.mkv -c copy -attach f.ttf -metadata:s:t mimetype=font/ttf s.mkv."""
    font = tmp_path / "f.ttf"
    font.write_bytes(bytes(range(256)) * 40)
    attach = ["-attach", str(font), "-metadata:s:t:0", "mimetype=application/x-truetype-font"]
    source = ffmpeg(tmp_path / "s.mkv", "-i", str(make("mkv")), "-c", "copy", *attach)
    target = tmp_path / "o.mkv"
    embed_chapters(source, chapters(), target)
    assert facts(target) == facts(source)
    assert font.read_bytes() in target.read_bytes()
    assert found(target) == WANTED


@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_chapters_sit_on_the_players_clock_when_the_file_starts_late(
    kind: str, make: Make, tmp_path: Path
) -> None:
    """ffmpeg -i talk.KIND -c copy -output_ts_offset 10 s.KIND."""
    source = ffmpeg(
        tmp_path / f"s.{kind}", "-i", str(make(kind)), "-c", "copy", "-output_ts_offset", "10"
    )
    origin = open_media(source).origin
    embed_chapters(source, chapters(), tmp_path / f"o.{kind}")
    assert found(tmp_path / f"o.{kind}") == WANTED
    with av.open(str(tmp_path / f"o.{kind}")) as container:
        second = container.chapters()[1]
    assert float(second["start"] * (second["time_base"] or 0)) == pytest.approx(
        3.75 + origin, abs=0.001
    )


@pytest.mark.parametrize("flags", ["faststart", "frag_keyframe+empty_moov", "rtphint"])
def test_mp4_layouts_of_all_kinds_come_through(flags: str, make: Make, tmp_path: Path) -> None:
    """ffmpeg -i talk.mp4 -c copy -movflags FLAGS s.mp4."""
    source = ffmpeg(tmp_path / "s.mp4", "-i", str(make("mp4")), "-c", "copy", "-movflags", flags)
    embed_chapters(source, chapters(), tmp_path / "o.mp4")
    assert found(tmp_path / "o.mp4") == WANTED
    assert [p[-1] for p in packets(tmp_path / "o.mp4")] == [p[-1] for p in packets(source)]


def test_an_mp4_past_four_gigabytes_gets_wide_offsets(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mp4, "_WIDE", 1)
    embed_chapters(make("mp4"), chapters(), tmp_path / "o.mp4")
    data = (tmp_path / "o.mp4").read_bytes()
    assert data.count(b"co64") == 3
    assert b"stco" not in data
    assert packets(tmp_path / "o.mp4") == packets(make("mp4"))
    assert found(tmp_path / "o.mp4") == WANTED


def test_a_live_recording_without_sizes_is_rebuilt(make: Make, tmp_path: Path) -> None:
    """ffmpeg -i talk.webm -c copy -live 1 -f webm - > s.webm."""
    source = tmp_path / "s.webm"
    command = [FFMPEG, "-v", "error", "-i", str(make("webm")), "-c", "copy"]
    with source.open("wb") as out:
        subprocess.run([*command, "-live", "1", "-f", "webm", "-"], stdout=out, check=True)
    embed_chapters(source, chapters(), tmp_path / "o.webm")
    assert found(tmp_path / "o.webm") == WANTED
    was, now = ([p[-1] for p in packets(p)] for p in (source, tmp_path / "o.webm"))
    assert sorted(was) == sorted(now)


def test_more_chapters_than_any_gap_holds_go_to_the_end_of_the_matroska(
    make: Make, tmp_path: Path
) -> None:
    many = Chapters.from_starts([n / 100 for n in range(1000)], ["t" * 50] * 1000, 12)
    embed_chapters(make("mkv"), many, tmp_path / "o.mkv")
    assert len(open_media(tmp_path / "o.mkv").chapters) == 1000
    embed_chapters(tmp_path / "o.mkv", chapters(), tmp_path / "p.mkv")
    assert found(tmp_path / "p.mkv") == WANTED
    # Cues still lead where they should: a seek finds the same picture.
    for path in (make("mkv"), tmp_path / "o.mkv", tmp_path / "p.mkv"):
        with av.open(str(path)) as container:
            container.seek(8_000_000)
            assert next(container.demux(video=0)).pts in (0, 8000)


def test_a_name_of_another_container_is_refused(make: Make, tmp_path: Path) -> None:
    for kind, name in (("mp4", "o.mp3"), ("mkv", "o.webm"), ("mkv", "o.mp4"), ("ogg", "o.m4a")):
        with pytest.raises(InputError, match="another container") as caught:
            embed_chapters(make(kind), chapters(), tmp_path / name)
        assert ".mkv" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_default_name_follows_the_content(make: Make, tmp_path: Path) -> None:
    lying = tmp_path / "my.talk.mp3"
    shutil.copy(make("mp4"), lying)
    assert default_target(lying, open_media(lying)) == tmp_path / "my.talk-chapters.mp4"
    right = tmp_path / "TALK.MP4"
    shutil.copy(make("mp4"), right)
    assert default_target(right, open_media(right)) == tmp_path / "TALK-chapters.MP4"


def test_the_source_is_replaced_only_with_force(make: Make, tmp_path: Path) -> None:
    source = tmp_path / "s.mp4"
    shutil.copy(make("mp4"), source)
    with pytest.raises(OutputError, match="already exists"):
        embed_chapters(source, chapters(), source)
    assert source.read_bytes() == make("mp4").read_bytes()
    embed_chapters(source, chapters(), source, force=True)
    assert found(source) == WANTED


def test_a_disk_without_room_is_told_before_the_work(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1_500_000))
    with pytest.raises(OutputError, match="1 MB left"):
        embed_chapters(make("mp4"), chapters(), tmp_path / "o.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_cannot_be_proved_is_thrown_away(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget(source: Path, target: Path, *_: object) -> None:
        shutil.copyfile(source, target)

    monkeypatch.setitem(embed._WRITERS, "mp4", forget)
    with pytest.raises(ToolError, match="chapter 1 did not come out"):
        embed_chapters(make("mp4"), chapters(), tmp_path / "o.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_leaves_nothing_behind(make: Make, tmp_path: Path) -> None:
    def interrupt(stage: str, fraction: float) -> None:
        raise KeyboardInterrupt

    for kind in ("mp4", "mkv", "mp3", "opus"):
        with pytest.raises(KeyboardInterrupt):
            embed_chapters(make(kind), chapters(), tmp_path / f"o.{kind}", on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_progress_ends_at_one_and_never_goes_back(make: Make, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    embed_chapters(
        make("mp4"), chapters(), tmp_path / "o.mp4", on_progress=lambda *row: told.append(row)
    )
    assert {stage for stage, _ in told} == {"writing"}
    fractions = [fraction for _, fraction in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_line_breaks_in_titles_become_spaces(make: Make, tmp_path: Path) -> None:
    for kind in ("mp4", "mkv", "mp3", "opus"):
        given = Chapters.from_starts([0, 5], ["two\nlines", "x\x00y"], 12)
        embed_chapters(make(kind), given, tmp_path / f"o.{kind}")
        assert [title for _, title in found(tmp_path / f"o.{kind}")] == ["two lines", "x y"]


def test_what_is_no_media_is_a_media_error(tmp_path: Path) -> None:
    text = tmp_path / "s.mp4"
    text.write_text("hello")
    for source in (text, tmp_path / "none.mp4", tmp_path):
        with pytest.raises(MediaError):
            embed_chapters(source, chapters(), tmp_path / "o.mp4")


def test_a_missing_folder_is_an_output_error(make: Make, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        embed_chapters(make("mp4"), chapters(), tmp_path / "no" / "o.mp4")


def test_both_copy_ways_give_the_same_bytes(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chapterize.rendering.embed import regions

    embed_chapters(make("mp4"), chapters(), tmp_path / "a.mp4")
    monkeypatch.setattr(regions, "_copy_in_kernel", lambda *_: 0)
    embed_chapters(make("mp4"), chapters(), tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_foreign_readers_agree_on_an_mkv(make: Make, tmp_path: Path) -> None:
    """ffmpeg -i o.mkv -f ffmetadata: the program reads what the library was not asked for."""
    embed_chapters(make("mkv"), chapters(), tmp_path / "o.mkv")
    ffmpeg(tmp_path / "o.ffmeta", "-i", str(tmp_path / "o.mkv"), "-f", "ffmetadata")
    from chapterize.formats import read_chapters

    assert read_chapters(tmp_path / "o.ffmeta").chapters.titles == tuple(TITLES)
    with open_container(tmp_path / "o.mkv") as container:
        assert container.format.name.startswith("matroska")


@pytest.mark.parametrize("kind", ["mp4", "mkv", "mp3"])
def test_damaged_headers_end_in_our_errors_or_a_proved_file(
    kind: str, make: Make, tmp_path: Path
) -> None:
    dice = random.Random(7)
    embed_chapters(make(kind), chapters(), tmp_path / f"s.{kind}")
    sound = (tmp_path / f"s.{kind}").read_bytes()
    target = tmp_path / f"o.{kind}"
    for _ in range(20):
        damaged = bytearray(sound)
        for _ in range(3):
            damaged[dice.randrange(4, 3000)] = dice.choice((0, 128, 255))
        (tmp_path / f"s.{kind}").write_bytes(damaged)
        with contextlib.suppress(ChapterizeError):
            embed_chapters(tmp_path / f"s.{kind}", chapters(), target, force=True)
    assert {p.name for p in tmp_path.iterdir()} <= {f"s.{kind}", target.name}


def test_large_samples_are_moved_by_whole_blocks(
    video_mp4: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chapterize.rendering.embed.mp4._LARGE_BYTES", 1000)
    target = tmp_path / "out.mp4"
    embed_chapters(video_mp4, Chapters.from_starts([0.0, 2.0], ["One", "Two"], 4.0), target)
    before, after = video_mp4.read_bytes(), target.read_bytes()
    samples = before[before.index(b"mdat") + 4 :][:500]
    moved = after.index(samples) - before.index(samples)
    assert moved > 0
    assert moved % (1024 * 1024) == 0
