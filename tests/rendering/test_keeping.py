"""The streams that a container takes, and notes on those that it cannot hold."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from chapterize.rendering.containers import embed_chapters
from chapterize.rendering.containers.keeping import left_out, plan_copy, remux
from tests.rendering.cameras import camera, cover, timecode, titles
from tests.rendering.copies import AUDIO, H264, VIDEO, WANTED, Make, chapters, ffmpeg, found

pytestmark = pytest.mark.slow


def test_data_tracks_are_named_where_a_container_cannot_hold_them(tmp_path: Path) -> None:
    source, target = camera(tmp_path), tmp_path / "o.mkv"
    notes = embed_chapters(source, chapters(), target)
    assert notes == ("Matroska cannot hold a data track (GoPro telemetry, gpmd): left out",)
    assert timecode(target) is None  # PyAV shows the tags of Matroska in capitals
    with av.open(str(target)) as container:
        assert container.streams.video[0].metadata["TIMECODE"].startswith("10:00:00:0")
        assert "MAJOR_BRAND" not in container.metadata
        assert container.metadata["LOCATION"] == "+48.1000+011.5000/"
    assert titles(target) == ["Mix", "Director"]
    assert found(target) == WANTED


def test_ffmpeg_copies_what_it_can_and_the_rest_of_an_mp4_is_carried(tmp_path: Path) -> None:
    plan = plan_copy(camera(tmp_path), "mp4", tmp_path)
    assert plan.indices == (0, 1, 2)
    assert len(plan.carried) == 2
    assert plan.options["write_tmcd"] == 0
    assert plan.notes == ()


def test_a_fragmented_mp4_names_its_data_tracks(tmp_path: Path) -> None:
    source = camera(tmp_path, "mp4", b"gpmd", "-movflags", "frag_keyframe+empty_moov")
    (note,) = plan_copy(source, "mp4", tmp_path).notes
    assert note == "MP4 cannot hold a data track (Camera MET): left out"
    embed_chapters(source, chapters(), tmp_path / "o.mp4")
    assert (timecode(tmp_path / "o.mp4") or "").startswith("10:00:00:0")


def test_old_chapters_are_no_lost_track(make: Make, tmp_path: Path) -> None:
    embed_chapters(make("mp4"), chapters(), tmp_path / "with.mp4")
    for name in ("mp4", "mkv"):
        plan = plan_copy(tmp_path / "with.mp4", name, tmp_path)
        assert (plan.indices, plan.carried, plan.notes) == ((0, 1), (), ())


def test_cover_art_becomes_an_attachment_of_a_matroska(tmp_path: Path) -> None:
    image = ("-i", str(cover(tmp_path)), "-map", "0", "-map", "1", "-c:v", "copy")
    options = (*AUDIO, *image, "-c:a", "aac", "-disposition:v:0", "attached_pic")
    source = ffmpeg(tmp_path / "s.m4a", *options)
    plan = remux(source, tmp_path / "o.mkv", "mkv")
    assert plan.notes == ()
    assert cover(tmp_path).read_bytes() in (tmp_path / "o.mkv").read_bytes()
    with av.open(str(tmp_path / "o.mkv")) as container:
        assert container.streams[1].metadata["mimetype"] == "image/png"


def test_captions_that_do_not_fit_are_converted_or_named(tmp_path: Path) -> None:
    captions = tmp_path / "c.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    inputs = (*VIDEO, *AUDIO, "-i", str(captions), "-map", "0", "-map", "1", "-map", "2")
    source = ffmpeg(tmp_path / "s.mkv", *inputs, *H264, "-c:a", "aac", "-c:s", "srt")
    assert plan_copy(source, "mkv", tmp_path).notes == ()
    plan = plan_copy(source, "mp4", tmp_path)
    assert plan.options["c:2"] == "mov_text"
    assert plan.notes == ("captions were converted to plain MP4 captions",)
    assert plan_copy(source, "webm", tmp_path).notes == (
        "WebM cannot hold a caption track (subrip): left out",
    )


def test_equal_tracks_are_counted_in_the_note() -> None:
    assert left_out([], "MP4") == []
    assert left_out(["a data track (klv)"] * 2 + ["the cover image"], "MP4") == [
        "MP4 cannot hold 2 × a data track (klv), the cover image: left out"
    ]
