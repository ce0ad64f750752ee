"""Chapters in Matroska and WebM, read by FFmpeg and by mkvmerge."""

from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import av
import pytest

from chapterize.data import Chapters
from chapterize.ffmpeg import open_container
from chapterize.media import open_media
from chapterize.rendering.containers import embed_chapters
from tests.conftest import FFMPEG
from tests.needs import missing
from tests.rendering.copies import (
    TITLES,
    WANTED,
    Make,
    chapters,
    facts,
    ffmpeg,
    found,
    packets,
)

pytestmark = pytest.mark.slow


@pytest.mark.skipif(shutil.which("mkvmerge") is None, reason=missing("mkvmerge and mkvextract"))
@pytest.mark.parametrize("kind", ["mp4", "mov", "m4a", "mkv", "webm"])
def test_mkvmerge_finds_the_chapters(kind: str, make: Make, tmp_path: Path) -> None:
    target, again = tmp_path / f"o.{kind}", tmp_path / "again.mkv"
    embed_chapters(make(kind), chapters(), target)
    command = ["mkvmerge", "-q", "-o", str(again), str(target)]
    subprocess.run(command, check=True, timeout=60)
    assert found(again) == WANTED


def test_a_chaptered_mp4_with_captions_goes_into_mkv_without_its_data_track(
    make: Make, tmp_path: Path
) -> None:
    captions = tmp_path / "c.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    plain = ["-i", str(make("mp4")), "-i", str(captions), "-c", "copy", "-c:s", "mov_text"]
    source = ffmpeg(tmp_path / "s.mp4", *plain)
    embed_chapters(source, chapters(), tmp_path / "with.mp4")
    notes = embed_chapters(tmp_path / "with.mp4", chapters(), tmp_path / "o.mkv")
    assert notes == ("MP4 captions were converted to SubRip, which Matroska can hold",)
    assert found(tmp_path / "o.mkv") == WANTED
    with av.open(str(tmp_path / "o.mkv")) as container:
        assert [s.type for s in container.streams] == ["video", "audio", "subtitle"]


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


def test_chapters_that_fit_in_no_gap_go_to_the_end_of_the_matroska(
    make: Make, tmp_path: Path
) -> None:
    many = Chapters.from_starts([n / 100 for n in range(1000)], ["t" * 50] * 1000, 12)
    embed_chapters(make("mkv"), many, tmp_path / "o.mkv")
    assert len(open_media(tmp_path / "o.mkv").chapters) == 1000
    embed_chapters(tmp_path / "o.mkv", chapters(), tmp_path / "p.mkv")
    assert found(tmp_path / "p.mkv") == WANTED
    # Cues still point to the right place: a seek finds the same frame.
    for path in (make("mkv"), tmp_path / "o.mkv", tmp_path / "p.mkv"):
        with av.open(str(path)) as container:
            container.seek(8_000_000)
            assert next(container.demux(video=0)).pts in (0, 8000)


def test_growing_lists_at_the_end_of_a_matroska_replace_each_other(
    make: Make, tmp_path: Path
) -> None:
    path = tmp_path / "s.mkv"
    shutil.copy(make("mkv"), path)
    sizes = []
    for count in (100, 110, 120, 130, 110):
        titles = [f"{n:03} {'t' * 60}" for n in range(count)]
        listed = Chapters.from_starts([n / 20 for n in range(count)], titles, 12)
        embed_chapters(path, listed, path, force=True)
        assert [title for _, title in found(path)] == titles
        sizes.append(path.stat().st_size)
    grown = [after - before for before, after in pairwise(sizes)]
    assert all(size <= 10 * 110 for size in grown)
    assert sizes[4] == sizes[1]
    assert packets(path) == packets(make("mkv"))


def test_other_readers_find_the_chapters_of_an_mkv(make: Make, tmp_path: Path) -> None:
    """ffmpeg -i o.mkv -f ffmetadata: the program reads it, not the library."""
    embed_chapters(make("mkv"), chapters(), tmp_path / "o.mkv")
    ffmpeg(tmp_path / "o.ffmeta", "-i", str(tmp_path / "o.mkv"), "-f", "ffmetadata")
    from chapterize.formats import read_chapters

    assert read_chapters(tmp_path / "o.ffmeta").chapters.titles == tuple(TITLES)
    with open_container(tmp_path / "o.mkv") as container:
        assert container.format.name.startswith("matroska")
