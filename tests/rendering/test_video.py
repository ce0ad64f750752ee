"""Render every kind of source in SOURCES: no frame is lost or moved, and the audio is the same.

The result is read with PyAV alone, not with the verification of the render.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from chapterize.data import Chapters, Media
from chapterize.errors import InputError, OutputError, ToolError
from chapterize.media import open_media
from chapterize.rendering import video
from chapterize.rendering.options import FILLS, RenderOptions, RenderResult
from chapterize.rendering.video import Overlay, RenderJob, render_video
from tests.conftest import AAC, H264, SINE, TESTSRC, MakeMedia
from tests.rendering.frames import audio_digest, decoded
from tests.rendering.sources import SOURCES, SPANS, Source, make_source, write_overlay

pytestmark = pytest.mark.slow

PLAIN = RenderOptions(hardware=False)


def chapters(media: Media) -> Chapters:
    return Chapters.from_starts([0, 2.6], ["One", "Two"], media.duration)


def rendered(
    media: Media,
    target: Path,
    options: RenderOptions = PLAIN,
    *,
    overlay: Path | None = None,
    force: bool = False,
    **callbacks: Any,
) -> RenderResult:
    titles = None if overlay is None else Overlay(overlay, SPANS)
    job = RenderJob(media, chapters(media), options, **callbacks)
    return render_video(job, titles, target, force=force)


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_overlay(tmp_path_factory.mktemp("over, lay'd [x]; 50%") / "o:1.ass")


@pytest.fixture
def talk(make_media: MakeMedia) -> Media:
    """TESTSRC SINE H264 -g 10 AAC."""
    return open_media(make_media("talk.mp4", *TESTSRC, *SINE, *H264, "-g", "10", *AAC))


@pytest.mark.parametrize("source", SOURCES, ids=[source.name for source in SOURCES])
def test_every_kind_of_source_is_rendered_completely(
    source: Source, overlay: Path, tmp_path: Path
) -> None:
    media = open_media(make_source(source, tmp_path))
    target = tmp_path / "made.mp4"
    made = rendered(media, target, overlay=overlay)
    assert (made.how, made.reason if source.how == "splice" else "") == (source.how, "")
    assert source.reason in made.reason
    assert (made.share < 0.6) == (made.how == "splice")
    before, after = assert_whole(media, target)
    if made.how == "splice":
        assert_only_titles_changed(before, after, media.origin)


COPIED = [source for source in SOURCES if source.how == "splice"]


@pytest.mark.parametrize("source", COPIED, ids=[source.name for source in COPIED])
def test_sources_that_can_be_copied_can_also_be_encoded(
    source: Source, overlay: Path, tmp_path: Path
) -> None:
    media = open_media(make_source(source, tmp_path))
    target, square = tmp_path / "made.mp4", replace(PLAIN, aspect="1:1", fill="bars")
    made = rendered(media, target, square, overlay=overlay)
    assert (made.how, made.reason) == ("encode", "its size changes from 160x120 to 160x160")
    _, after = assert_whole(media, target)
    for time, plane in after:
        # The box behind the word makes the middle darker than in any other frame.
        is_titled = np.mean(plane[70:90, 60:100] < 40) > 0.56
        assert is_titled == any(begin <= time + 0.001 < end for begin, end in SPANS), time


def assert_whole(media: Media, target: Path) -> tuple[Any, Any]:
    """Check that no frame is lost or moved, nor the audio; return the decoded frames of both."""
    new = open_media(target)
    assert (new.video_codec, new.container, new.origin) == ("h264", "mp4", 0.0)
    assert [c.title for c in new.chapters] == ["One", "Two"]
    assert new.chapters[1].start == pytest.approx(2.6, abs=0.002)
    assert new.has_audio == media.has_audio
    if media.audio_start is not None and new.audio_start is not None:
        # An AAC encoder starts late audio with a frame of silence; ASF counts in milliseconds.
        slack = 0.0214 if media.container == "asf" else 0.021
        assert new.audio_start == pytest.approx(media.audio_start, abs=slack)
        assert new.audio_codec == "aac"
        if media.audio_codec == "aac":
            assert audio_digest(target) == audio_digest(media.path)
        else:
            assert_audio_is_continuous(target)
    before, after = decoded(media.path), decoded(target)
    assert len(after) == len(before)
    if media.container != "avi":
        moved = [abs(b[0] - media.origin - a[0]) for b, a in zip(before, after, strict=True)]
        assert max(moved) < 0.0011
    return before, after


def assert_audio_is_continuous(path: Path) -> None:
    """No gap and no overlap between audio packets, and four seconds in total."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(audio=0) if p.size and p.pts is not None]
        tick = float(container.streams.audio[0].time_base or 1)
    times = np.array([(packet.pts or 0) * tick for packet in packets])
    assert np.ptp(np.diff(times)) < 0.0021
    assert 2.9 < times[-1] - times[0] < 4.1


def assert_only_titles_changed(before: Any, after: Any, origin: float) -> None:
    same = [np.array_equal(b[1], a[1]) for b, a in zip(before, after, strict=True)]
    assert np.mean(same) > 0.4
    for begin, end in SPANS:
        inside = [
            np.abs(b[1].astype(int) - a[1]).max()
            for b, a in zip(before, after, strict=True)
            if begin + 0.01 < b[0] - origin < end - 0.01
        ]
        assert inside
        assert min(inside) > 60
    # No title is shown elsewhere: other encoded frames are similar to the source.
    outside = [
        np.mean(np.abs(b[1].astype(int) - a[1]) > 60)
        for b, a in zip(before, after, strict=True)
        if not any(begin - 0.01 < b[0] - origin < end + 0.01 for begin, end in SPANS)
    ]
    assert max(outside) < 0.01


def test_without_an_overlay_the_video_is_copied(talk: Media, tmp_path: Path) -> None:
    made = rendered(talk, tmp_path / "o.mp4")
    assert (made.how, made.share, made.reason) == ("copy", 0.0, "")
    assert all(np.array_equal(a[1], b[1]) for a, b in zip(
        decoded(talk.path), decoded(made.path), strict=True))  # fmt: skip


def test_a_splice_that_fails_verification_is_encoded_instead(
    talk: Media, overlay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video, "verify_frames", lambda *rest: "a title is not visible")
    reported: list[str] = []
    made = render_video(
        RenderJob(talk, chapters(talk), PLAIN, on_note=reported.append),
        Overlay(overlay, SPANS),
        tmp_path / "o.mp4",
    )
    assert made.how == "encode"
    assert "a title is not visible" in made.reason
    assert list(made.notes) == reported
    assert [path.name for path in tmp_path.iterdir()] == ["o.mp4"]


def test_an_encode_that_fails_verification_leaves_nothing(
    talk: Media, overlay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        video, "verify_audio", lambda *rest: "the times of audio track 1 have changed"
    )
    with pytest.raises(ToolError, match="the times of audio track 1 have changed"):
        render_video(
            RenderJob(talk, chapters(talk), PLAIN), Overlay(overlay, SPANS), tmp_path / "o.mp4"
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", [0.01, 0.5, 0.88])
def test_ctrl_c_leaves_no_files(at: float, talk: Media, overlay: Path, tmp_path: Path) -> None:
    def interrupt(stage: str, done: float) -> None:
        if done > at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_video(
            RenderJob(talk, chapters(talk), PLAIN, on_progress=interrupt),
            Overlay(overlay, SPANS),
            tmp_path / "o.mp4",
        )
    assert list(tmp_path.iterdir()) == []


def test_progress_rises_to_one(talk: Media, overlay: Path, tmp_path: Path) -> None:
    reported: list[float] = []
    render_video(
        RenderJob(
            talk, chapters(talk), PLAIN, on_progress=lambda stage, done: reported.append(done)
        ),
        Overlay(overlay, SPANS),
        tmp_path / "o.mp4",
    )
    assert reported == sorted(set(reported))
    assert reported[-1] == 1.0
    assert len(reported) > 4


def test_the_source_is_never_overwritten(talk: Media, tmp_path: Path) -> None:
    source = Path(shutil.copy(talk.path, tmp_path / "s.mp4"))
    link = tmp_path / "link.mp4"
    link.symlink_to(source)
    was = source.read_bytes()
    media = open_media(source)
    for target in (source, link):
        with pytest.raises(OutputError, match="input files are never overwritten"):
            rendered(media, target, force=True)
    assert source.read_bytes() == was


def test_a_full_disk_is_found_before_the_start(
    talk: Media, overlay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    monkeypatch.setattr(video, "splice", lambda *rest: pytest.fail("it started"))
    with pytest.raises(OutputError, match="the disk has 0 MB left"):
        render_video(
            RenderJob(talk, chapters(talk), PLAIN), Overlay(overlay, SPANS), tmp_path / "o.mp4"
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fill", FILLS)
def test_another_aspect_ratio_is_filled_as_chosen(
    fill: str, talk: Media, overlay: Path, tmp_path: Path
) -> None:
    options = replace(PLAIN, aspect="9:16", fill=fill)
    made = render_video(
        RenderJob(talk, chapters(talk), options), Overlay(overlay, SPANS), tmp_path / "o.mp4"
    )
    assert made.how == "encode"
    assert made.reason == "its size changes from 320x180 to 320x568"
    assert RenderJob(talk, chapters(talk), options).frame_size == (320, 568)
    plane = decoded(made.path)[0][1]
    assert plane.shape == (568, 320)
    middle, outside_middle = plane[220:340].astype(float), plane[:180].astype(float)
    assert middle.mean() > 60
    if fill == "bars":
        assert outside_middle.max() < 24
    else:
        assert 0.3 * middle.mean() < outside_middle.mean() < 0.8 * middle.mean()
        # Blurred: no edges are left.
        assert np.abs(np.diff(outside_middle)).max() < 16 < np.abs(np.diff(middle)).max()


FULL = ("-pix_fmt", "yuvj420p", *("-c:v", "libx264", "-preset", "ultrafast"))
RGB = ("-c:v", "libx264rgb", "-preset", "ultrafast", "-qp", "0")


@pytest.mark.parametrize(
    ("name", "options", "tagged"),
    [("full.mp4", FULL, (6, 1)), ("rgb.mp4", RGB, (1, 1))],
)
def test_an_encode_keeps_colours_and_tags_them(
    name: str, options: tuple[str, ...], tagged: tuple[int, int], make_media: MakeMedia,
    tmp_path: Path,
) -> None:  # fmt: skip
    """TESTSRC in full range or RGB; `tagged` are matrix and range of the result."""
    media = open_media(make_media(name, *TESTSRC, *options))
    wide = replace(PLAIN, aspect="1:1")
    made = rendered(media, tmp_path / "o.mp4", wide)
    assert made.how == "encode"
    with av.open(str(made.path)) as after, av.open(str(media.path)) as before:
        context = after.streams.video[0].codec_context
        assert (context.colorspace, context.color_range) == tagged
        new, old = (
            next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)
            for container in (after, before)
        )
    assert np.abs(new[70:250] - old).mean() < 4


def test_all_audio_and_caption_tracks_are_kept(make_media: MakeMedia, tmp_path: Path) -> None:
    """TESTSRC, three audio tracks (AAC, Opus, AAC), two SubRip tracks, an attachment: Matroska."""
    captions = tmp_path / "c.srt"
    captions.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
    source = make_media(
        "tracks.mkv", *TESTSRC, *SINE, *SINE, *SINE, "-i", captions, "-i", captions,
        *("-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4", "-map", "5"),
        *(*H264, "-g", "10", "-c:a", "aac", "-c:a:1", "libopus", "-c:s", "srt"),
        *("-metadata:s:a:1", "language=deu", "-metadata:s:s:1", "language=fra"),
        *("-attach", str(captions), "-metadata:s:t", "mimetype=text/plain"),
    )  # fmt: skip
    media = open_media(source)
    made = rendered(media, tmp_path / "o.mp4")
    assert made.how == "copy"
    assert any("OPUS" in note for note in made.notes)
    assert any("attachment" in note for note in made.notes)
    with av.open(str(made.path)) as container:
        assert [s.codec_context.name for s in container.streams.audio] == ["aac"] * 3
        assert container.streams.audio[1].language == "deu"
        assert [s.language for s in container.streams.subtitles] == ["und", "fra"]
        assert [s.codec_context.name for s in container.streams.subtitles] == ["mov_text"] * 2
        cues = [p for p in container.demux(container.streams.subtitles[0]) if b"Hello" in bytes(p)]
        assert [float(p.pts * p.time_base) for p in cues if p.pts is not None] == [1.0]


@pytest.mark.parametrize("name", ["s.mp3", "s.m4a", "s.wav"])
def test_an_audio_file_becomes_a_card_video(
    name: str, overlay: Path, make_media: MakeMedia, tmp_path: Path
) -> None:
    media = open_media(make_media(name, *SINE))
    made = rendered(media, tmp_path / "o.mp4", RenderOptions(size="480p"), overlay=overlay)
    assert (made.how, made.reason) == ("card", "it has no video")
    new = open_media(made.path)
    assert new.duration == pytest.approx(media.duration, abs=0.1)
    assert (new.width, new.height) == RenderJob(
        media, chapters(media), RenderOptions(size="480p")
    ).frame_size
    planes = decoded(made.path)
    assert planes[0][1].max() < 60
    assert next(plane for time, plane in planes if time >= 1.2).max() > 200
    if name == "s.m4a":
        assert audio_digest(made.path) == audio_digest(media.path)


def test_an_audio_file_may_get_chapters_only(make_media: MakeMedia, tmp_path: Path) -> None:
    media = open_media(make_media("s.mp3", *SINE))
    options = RenderOptions(audio_only="chapters")
    made = rendered(media, tmp_path / "o.mp3", options)
    assert made.how == "copy"
    assert len(open_media(made.path).chapters) == 2


def test_other_file_names_and_unknown_options_are_refused(talk: Media, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not an MP4"):
        rendered(talk, tmp_path / "o.mkv")
    with pytest.raises(InputError, match="unknown aspect '4:3'"):
        RenderOptions(aspect="4:3")
    assert RenderJob(talk, chapters(talk), PLAIN).frame_size == (320, 180)
