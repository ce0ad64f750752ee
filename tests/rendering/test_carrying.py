"""Data tracks, tags and cover art that ffmpeg does not copy, in videos and parts made from them."""

from __future__ import annotations

import contextlib
import random
from dataclasses import replace
from pathlib import Path

import av
import ffmpeg as ffmpeg_python
import pytest

from chapterize.ffmpeg import input_file, is_still_picture, output_url, run
from chapterize.media import open_media
from chapterize.rendering import RenderOptions, render
from chapterize.rendering.containers import carrying, embed_chapters
from chapterize.rendering.containers.carrying import carry
from chapterize.rendering.containers.copying import Unsuited
from chapterize.rendering.containers.keeping import plan_copy
from chapterize.rendering.containers.mp4.boxes import make_box
from chapterize.rendering.containers.mp4.movie import Extra, move_tracks
from chapterize.rendering.containers.mp4.writing import read_movie, write_mp4
from tests.rendering.cameras import (
    camera,
    cover,
    data_samples,
    data_tracks,
    freeform,
    timecode,
    titles,
)
from tests.rendering.copies import AUDIO, H264, VIDEO, WANTED, chapters, ffmpeg, found

pytestmark = pytest.mark.slow

QUICK = RenderOptions(seconds=0.5, preset="ultrafast", hardware=False)


def cut(
    source: Path, target: Path, start: float, end: float, title: str = "Part"
) -> tuple[str, ...]:
    """A part of `source`, copied as split copies it."""
    media = open_media(source)
    plan = plan_copy(source, media.container, target.parent)
    node = input_file(source, ss=f"{start + media.origin:.6f}", seek_timestamp=1)
    streams = (node[str(index)] for index in plan.indices)
    options = {"t": end - start, "map_metadata": 0, "map_chapters": -1, **plan.options}
    options["metadata:g:0"] = f"title={title}"
    run(ffmpeg_python.output(*streams, output_url(target), **options), what="cutting")
    return carry(media, target, plan, start, end)


def covers(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(is_still_picture(stream) for stream in container.streams)


@pytest.mark.parametrize("form", [b"gpmd", b"camm", b"mett", b"mebx"])
def test_a_rendered_video_keeps_data_tracks_titles_and_tags(form: bytes, tmp_path: Path) -> None:
    source = camera(tmp_path, "mp4", form)
    made = render(source, chapters(), tmp_path / "o.mp4", QUICK)
    assert not [note for note in made.notes if "left out" in note]
    assert data_tracks(made.path) == [form.decode(), "tmcd"]
    assert timecode(made.path) == "10:00:00:0"
    assert titles(made.path) == ["Mix", "Director"]
    with av.open(str(made.path)) as container:
        assert container.metadata["location"] == "+48.1000+011.5000/"
        assert [stream.language for stream in container.streams.audio] == ["deu", "und"]
        assert container.streams.audio[1].metadata["handler_name"] == "Second"
    if form == b"gpmd":  # FFmpeg reads no samples of the others
        assert data_samples(made.path) == data_samples(source)
    assert found(made.path) == WANTED


def test_data_tracks_of_a_part_are_cut_and_the_timecode_moves_on(tmp_path: Path) -> None:
    source, target = camera(tmp_path), tmp_path / "part.mp4"
    assert cut(source, target, 3.5, 6.25) == ()
    assert timecode(target) == "10:00:03:5"
    assert data_samples(target) == [
        (0.0, 0.5, "sample 03"),
        (0.5, 1.0, "sample 04"),
        (1.5, 1.0, "sample 05"),
        (2.5, 0.25, "sample 06"),
    ]
    assert titles(target) == ["Mix", "Director"]
    with av.open(str(target)) as container:
        assert container.metadata["location"] == "+48.1000+011.5000/"


def test_a_part_of_a_part_has_the_same_data(tmp_path: Path) -> None:
    source, first, second = camera(tmp_path), tmp_path / "first.mp4", tmp_path / "second.mp4"
    cut(source, first, 2.0, 10.0)
    cut(first, second, 3.0, 5.0)
    assert [text for _, _, text in data_samples(second)] == ["sample 05", "sample 06"]
    assert timecode(second) == "10:00:05:0"


def test_damaged_tables_of_data_tracks_are_refused_or_moved(tmp_path: Path) -> None:
    source = camera(tmp_path)
    made, movie = read_movie(source), read_movie(source)
    dice = random.Random(5)
    for _ in range(300):
        data = bytearray(movie.data)
        for _ in range(3):
            data[dice.randrange(8, len(data))] = dice.choice((0, 1, 127, 255))
        with contextlib.suppress(Unsuited):
            extra = Extra(source, replace(movie, data=bytes(data)), (4, 5), 1.5, 7.0)
            move_tracks(made, extra)


@pytest.mark.parametrize("kind", ["mov", "mp4"])
def test_quicktime_keys_are_kept_in_videos_and_parts(kind: str, tmp_path: Path) -> None:
    keys = {
        "com.apple.quicktime.location.ISO6709": "+48.1+011.5/",
        "com.apple.quicktime.make": "Apple",
    }
    old = ("-metadata", "title=All")
    given = [part for row in keys.items() for part in ("-metadata", "=".join(row))]
    flags = ("-movflags", "use_metadata_tags")
    source = ffmpeg(
        tmp_path / f"s.{kind}", *VIDEO, *AUDIO, *H264, "-c:a", "aac", *old, *given, *flags
    )
    cut(source, tmp_path / f"part.{kind}", 0.0, 4.0, title="One")
    render(source, chapters(), tmp_path / "o.mp4", QUICK)
    for target in (tmp_path / f"part.{kind}", tmp_path / "o.mp4"):
        with av.open(str(target)) as container:
            assert {key: container.metadata.get(key) for key in keys} == keys
            assert container.metadata["title"] == ("All" if target.stem == "o" else "One")


def test_xmp_and_360_degree_metadata_are_kept_and_other_boxes_named(tmp_path: Path) -> None:
    """A top-level XMP box and one of another program, and a `uuid` in the track of the video."""
    source = camera(tmp_path)
    xmp = bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + b"<x:xmpmeta/>"
    data = source.read_bytes()
    movie = data.index(b"moov") - 4
    track = data.index(b"trak") - 4
    size = int.from_bytes(data[track : track + 4])
    ball = make_box(b"uuid", bytes.fromhex("ffcc8263f8554a938814587a02521fdd"), b"<rdf:Sphere/>")
    longer = (size + len(ball)).to_bytes(4) + data[track + 4 : track + size] + ball
    whole = data[movie + 4 : track] + longer + data[track + size :]
    whole = (int.from_bytes(data[movie : movie + 4]) + len(ball)).to_bytes(4) + whole
    others = make_box(b"uuid", xmp) + make_box(b"uuid", bytes(20))
    assert data[movie - 8 :].find(b"mdat") == -1  # samples stay where they are
    source.write_bytes(data[:movie] + whole + others)
    made = render(source, chapters(), tmp_path / "o.mp4", QUICK)
    (note,) = [note for note in made.notes if "left out" in note]
    assert note.startswith("a box of the program")
    result = made.path.read_bytes()
    assert xmp in result
    assert ball in result
    assert found(made.path) == WANTED


def test_tags_without_a_place_in_mp4_and_the_cover_are_kept(tmp_path: Path) -> None:
    """Tags and cover of an MKV: taggers find them in the rendered MP4."""
    attach = ("-attach", str(cover(tmp_path)), "-metadata:s:t", "mimetype=image/png")
    tags = ("-metadata", "LECTURER=Ada", "-metadata:s:a:0", "title=Mix")
    options = (*VIDEO, *AUDIO, *H264, "-c:a", "aac", *tags, *attach)
    source = ffmpeg(tmp_path / "s.mkv", *options, "-metadata:s:t", "filename=cover.png")
    made = render(source, chapters(), tmp_path / "o.mp4", QUICK)
    assert freeform(made.path, "LECTURER") == b"Ada"
    assert covers(made.path) == 1
    assert titles(made.path) == ["Mix"]
    assert not [note for note in made.notes if "left out" in note]


def test_what_a_rendered_video_cannot_hold_is_named_in_one_note(tmp_path: Path) -> None:
    font = tmp_path / "Own.ttf"
    font.write_bytes(bytes(999))
    attach = ("-attach", str(font), "-metadata:s:t", "mimetype=application/x-truetype-font")
    maps = ("-map", "0", "-map", "1", "-map", "0", *H264, "-c:a", "aac")
    source = ffmpeg(tmp_path / "s.mkv", *VIDEO, *AUDIO, *maps, *attach)
    made = render(source, chapters(), tmp_path / "o.mp4", QUICK)
    (note,) = [note for note in made.notes if "left out" in note]
    assert "a video track (h264)" in note
    assert "the attachment Own.ttf" in note


def test_a_fragmented_mp4_keeps_its_keys_and_names_its_data_track(tmp_path: Path) -> None:
    flags = ("-movflags", "use_metadata_tags+frag_keyframe+empty_moov")
    tags = ("-metadata", "com.apple.quicktime.make=Apple", "-metadata:s:a:0", "title=Mix")
    source = ffmpeg(tmp_path / "s.mp4", *VIDEO, *AUDIO, *H264, "-c:a", "aac", *tags, *flags)
    target = tmp_path / "o.mp4"
    embed_chapters(source, chapters(), target)
    with av.open(str(target)) as container:
        assert container.metadata["com.apple.quicktime.make"] == "Apple"
    assert titles(target) == ["Mix"]
    assert found(target) == WANTED


def test_a_moved_track_that_differs_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = camera(tmp_path)
    media = open_media(source)
    made = ffmpeg(tmp_path / "m.mp4", "-i", str(source), "-c", "copy", "-dn")
    plan = plan_copy(source, "mp4", tmp_path)
    extra, notes = carrying.gather(media, made, plan)
    target = tmp_path / "o.mp4"
    target.touch()
    write_mp4(made, target, (), lambda _: None, extra)
    assert carrying.verify_moved(made, target, extra) == ""
    data = target.read_bytes()
    assert data.count(b"sample 07") == 1
    target.write_bytes(data.replace(b"sample 07", b"sample 70"))
    assert "differs" in carrying.verify_moved(made, target, extra)
    assert notes == ()


def test_a_data_track_of_several_edits_is_left_out_with_a_note(tmp_path: Path) -> None:
    source = camera(tmp_path)
    data = source.read_bytes()
    at = data.index(b"Camera MET")
    edit = data.rindex(b"elst", 0, at)
    # The count of the only edit becomes 2: the box is too short for them.
    source.write_bytes(data[: edit + 8] + (2).to_bytes(4) + data[edit + 12 :])
    made = render(source, chapters(), tmp_path / "o.mp4", QUICK)
    assert [note for note in made.notes if "GoPro telemetry" in note and "left out" in note]
    assert data_tracks(made.path) == ["tmcd"]


def test_the_cover_of_an_ogg_is_kept_in_its_parts(tmp_path: Path) -> None:
    import base64

    import mutagen
    from mutagen.flac import Picture

    source = ffmpeg(tmp_path / "s.ogg", *AUDIO, "-c:a", "libvorbis")
    picture = Picture()
    picture.data, picture.mime, picture.type = cover(tmp_path).read_bytes(), "image/png", 3
    tags = mutagen.File(source)
    tags["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    tags.save()
    assert cut(source, tmp_path / "part.ogg", 2.0, 5.0) == ()
    assert covers(tmp_path / "part.ogg") == 1
