"""Copies with chapters inside, of every kind of container."""

from __future__ import annotations

import contextlib
import random
import shutil
from collections import namedtuple
from pathlib import Path

import av
import pytest

from chapterize.data import Chapters
from chapterize.errors import ChapterizeError, InputError, MediaError, OutputError, ToolError
from chapterize.media import open_media
from chapterize.rendering.containers import default_target, embed, embed_chapters
from tests.rendering.copies import (
    AUDIO,
    KINDS,
    VIDEO,
    WANTED,
    Make,
    chapters,
    facts,
    ffmpeg,
    found,
    packets,
    stream_bytes,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
def test_every_container_gets_the_chapters_and_keeps_everything_else(
    kind: str, make: Make, tmp_path: Path
) -> None:
    source, target = make(kind), tmp_path / f'-it\'s 100% 日本 "x".{kind}'
    assert embed_chapters(source, chapters(), target) == ()
    assert found(target) == WANTED
    assert packets(target) == packets(source)
    assert facts(target) == facts(source)
    assert [p.name for p in tmp_path.iterdir()] == [target.name]


@pytest.mark.parametrize("kind", KINDS)
def test_existing_chapters_are_replaced(kind: str, make: Make, tmp_path: Path) -> None:
    first, second, third = (tmp_path / f"{n}.{kind}" for n in "abc")
    embed_chapters(make(kind), chapters(), first)
    other = Chapters.from_starts([0, 5.5], ["New", "Newer"], 12)
    embed_chapters(first, other, second)
    assert found(second) == [(0.0, "New"), (5.5, "Newer")]
    embed_chapters(second, chapters(), third)
    assert found(third) == WANTED
    assert packets(third) == packets(make(kind))
    assert third.stat().st_size - first.stat().st_size < 200


@pytest.mark.parametrize("kind", ["mp4", "m4a", "mkv", "mp3", "opus"])
def test_a_last_chapter_past_the_end_does_not_make_the_file_longer(
    kind: str, make: Make, tmp_path: Path
) -> None:
    target = tmp_path / f"o.{kind}"
    notes = embed_chapters(make(kind), chapters(90.0), target)
    with av.open(str(target)) as after, av.open(str(make(kind))) as before:
        assert after.duration == before.duration
        last = after.chapters()[-1]
    assert float(last["end"] * (last["time_base"] or 0)) < 12.2
    assert len(notes) == 1
    assert "are for 1:30" in notes[0]


def test_a_clip_whose_header_gives_too_short_a_duration_gets_its_chapters(tmp_path: Path) -> None:
    lecture = Path(__file__).parents[1] / "data" / "lecture.mp4"
    copied = ("-t", "30", "-i", str(lecture), "-c", "copy", "-sn")
    clip, target = ffmpeg(tmp_path / "clip.mp4", *copied), tmp_path / "o.mp4"
    with av.open(str(clip)) as container:
        assert (container.duration or 0) / 1_000_000 < open_media(clip).duration - 0.3
    embed_chapters(clip, Chapters.from_starts([0, 12], ["a", "b"], 30), target)
    assert found(target) == [(0.0, "a"), (12.0, "b")]
    assert packets(target) == packets(clip)


def test_a_chapter_that_starts_after_the_end_is_refused_by_name(make: Make, tmp_path: Path) -> None:
    late = Chapters.from_starts([0, 13], ["a", "too late"], 20)
    with pytest.raises(InputError, match="'too late' starts at 0:13"):
        embed_chapters(make("mp4"), late, tmp_path / "o.mp4")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("avi", [*VIDEO, *AUDIO, "-c:v", "mpeg4", "-c:a", "libmp3lame"]),
        ("wav", [*AUDIO, "-c:a", "pcm_s16le"]),
        ("aac", [*AUDIO, "-c:a", "aac", "-f", "adts"]),
    ],
)
def test_containers_without_chapters_are_refused_and_mkv_is_suggested(
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
    if kind == "wav":  # the reader decides how samples become packets
        assert stream_bytes(source) == stream_bytes(tmp_path / "o.mkv")
    elif kind != "aac":  # raw AAC frames lose their ADTS header in every container
        was, now = ([h for *_, h in packets(p)] for p in (source, tmp_path / "o.mkv"))
        assert sorted(was) == sorted(now)


@pytest.mark.parametrize("kind", ["mkv", "mp4"])
def test_chapters_are_on_the_players_clock_when_the_file_starts_late(
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


def test_the_suffix_of_another_container_is_refused(make: Make, tmp_path: Path) -> None:
    for kind, name in (("mp4", "o.mp3"), ("mkv", "o.webm"), ("mkv", "o.mp4"), ("ogg", "o.m4a")):
        with pytest.raises(InputError, match="another container") as caught:
            embed_chapters(make(kind), chapters(), tmp_path / name)
        assert ".mkv" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_the_default_name_follows_the_content(make: Make, tmp_path: Path) -> None:
    wrong = tmp_path / "my.talk.mp3"
    shutil.copy(make("mp4"), wrong)
    assert default_target(wrong, open_media(wrong)) == tmp_path / "my.talk-chapters.mp4"
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


def test_a_full_disk_is_reported_before_the_work(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1_500_000))
    with pytest.raises(OutputError, match="1 MB left"):
        embed_chapters(make("mp4"), chapters(), tmp_path / "o.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_fails_verification_is_deleted(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forget(source: Path, target: Path, *_: object) -> None:
        shutil.copyfile(source, target)

    monkeypatch.setitem(embed._WRITERS, "mp4", forget)
    with pytest.raises(ToolError, match="chapter 1 was not stored"):
        embed_chapters(make("mp4"), chapters(), tmp_path / "o.mp4")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_run_leaves_no_files(make: Make, tmp_path: Path) -> None:
    def interrupt(stage: str, fraction: float) -> None:
        raise KeyboardInterrupt

    for kind in ("mp4", "mkv", "mp3", "opus"):
        with pytest.raises(KeyboardInterrupt):
            embed_chapters(make(kind), chapters(), tmp_path / f"o.{kind}", on_progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_progress_never_falls_and_ends_at_one(make: Make, tmp_path: Path) -> None:
    reported: list[tuple[str, float]] = []
    embed_chapters(
        make("mp4"), chapters(), tmp_path / "o.mp4", on_progress=lambda *row: reported.append(row)
    )
    assert {stage for stage, _ in reported} == {"writing"}
    fractions = [fraction for _, fraction in reported]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_line_breaks_in_titles_become_spaces(make: Make, tmp_path: Path) -> None:
    for kind in ("mp4", "mkv", "mp3", "opus"):
        given = Chapters.from_starts([0, 5], ["two\nlines", "x\x00y"], 12)
        embed_chapters(make(kind), given, tmp_path / f"o.{kind}")
        assert [title for _, title in found(tmp_path / f"o.{kind}")] == ["two lines", "x y"]


def test_a_source_that_is_not_media_is_a_media_error(tmp_path: Path) -> None:
    text = tmp_path / "s.mp4"
    text.write_text("hello")
    for source in (text, tmp_path / "none.mp4", tmp_path):
        with pytest.raises(MediaError):
            embed_chapters(source, chapters(), tmp_path / "o.mp4")


def test_a_missing_folder_is_an_output_error(make: Make, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        embed_chapters(make("mp4"), chapters(), tmp_path / "no" / "o.mp4")


@pytest.mark.parametrize("kind", ["mp4", "mkv", "mp3"])
def test_damaged_headers_end_in_our_errors_or_a_verified_file(
    kind: str, make: Make, tmp_path: Path
) -> None:
    dice = random.Random(7)
    embed_chapters(make(kind), chapters(), tmp_path / f"s.{kind}")
    intact = (tmp_path / f"s.{kind}").read_bytes()
    target = tmp_path / f"o.{kind}"
    for _ in range(20):
        damaged = bytearray(intact)
        for _ in range(3):
            damaged[dice.randrange(4, 3000)] = dice.choice((0, 128, 255))
        (tmp_path / f"s.{kind}").write_bytes(damaged)
        with contextlib.suppress(ChapterizeError):
            embed_chapters(tmp_path / f"s.{kind}", chapters(), target, force=True)
    assert {p.name for p in tmp_path.iterdir()} <= {f"s.{kind}", target.name}
