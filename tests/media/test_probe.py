"""Every media format on the player's clock: duration, origin, tags and start of the audio."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from chapterize.captions import read_captions
from chapterize.media import SAMPLE_RATE, captions_alone, open_media
from tests.conftest import AAC, CAPTIONS, CHAPTERS, H264, SINE, TESTSRC, MakeMedia
from tests.media.decoded import FRAME, decoded, onset

KINDS = {
    "video_mp4": ("mp4", "h264", "aac"),
    "video_mov": ("mov", "h264", "pcm_s16le"),
    "video_avi": ("avi", "mpeg4", "mp3"),
    "video_webm": ("webm", "vp9", "opus"),
    "video_mkv_with_subtitles": ("mkv", "h264", "aac"),
    "video_only_mp4": ("mp4", "h264", None),
    "audio_mp3": ("mp3", None, "mp3"),
    "audio_wav": ("wav", None, "pcm_s16le"),
    "audio_only_m4a": ("m4a", None, "aac"),
    "audio_aac": ("aac", None, "aac"),
    "audio_ogg": ("ogg", None, "opus"),
    "audio_flac": ("flac", None, "flac"),
}


def _chapters(folder: Path, *spans: tuple[int, int]) -> tuple[str | Path, ...]:
    """ffmpeg's arguments for an input with chapters at these milliseconds."""
    path = folder / "chapters.ffmeta"
    entry = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={0}\nEND={1}\ntitle={0}\n"
    entries = "".join(entry.format(*span) for span in spans)
    path.write_text(f";FFMETADATA1\n{entries}", encoding="utf-8")
    return "-f", "ffmetadata", "-i", path


@pytest.mark.parametrize("fixture", KINDS)
def test_the_format_is_recognised_by_content(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    misnamed = tmp_path / "misnamed.txt"
    shutil.copy(request.getfixturevalue(fixture), misnamed)
    media = open_media(misnamed)
    assert (media.container, media.video_codec, media.audio_codec) == KINDS[fixture]
    assert media.duration == pytest.approx(4.0, abs=0.06)
    assert media.size_bytes == misnamed.stat().st_size
    assert media.has_video == (media.video_codec is not None)
    assert media.notes == ()
    if media.has_video:
        assert (media.width, media.height, media.frame_rate) == (320, 180, 25.0)
    if media.has_audio:
        audio = decoded(media)
        assert len(audio) == round(media.duration * SAMPLE_RATE)
        assert onset(audio) < FRAME
        assert np.abs(audio[SAMPLE_RATE:]).max() > 0.05


def test_late_audio_keeps_the_players_clock(late_audio_mp4: Path) -> None:
    media = open_media(late_audio_mp4)
    assert media.audio_start == pytest.approx(1.436, abs=0.001)
    assert media.duration == pytest.approx(5.436, abs=0.01)
    audio = decoded(media)
    assert not audio[: int(1.43 * SAMPLE_RATE)].any()
    assert onset(audio) == pytest.approx(1.436, abs=0.002)


def test_late_audio_in_aac_and_matroska_starts_at_its_time(make_media: MakeMedia) -> None:
    late = ("-itsoffset", "1.436", *SINE, "-map", "0:v", "-map", "1:a")
    for name in ("aac_late.mp4", "aac_late.mkv"):
        media = open_media(make_media(name, *TESTSRC, *late, *H264, *AAC))
        assert media.audio_start == pytest.approx(1.436, abs=FRAME)
        assert onset(decoded(media)) == pytest.approx(1.436, abs=0.003)


def test_audio_before_the_video_starts_the_clock(make_media: MakeMedia) -> None:
    late_picture = ("-itsoffset", "2", *TESTSRC, *SINE, *H264, "-c:a", "flac")
    media = open_media(make_media("late_picture.mkv", *late_picture))
    assert media.audio_start == 0.0
    assert media.duration == pytest.approx(6.0, abs=0.05)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_file_that_starts_at_five_seconds_starts_at_zero(
    suffix: str, make_media: MakeMedia, video_mp4: Path
) -> None:
    moved = ("-i", video_mp4, "-c", "copy", "-output_ts_offset", "5")
    media = open_media(make_media(f"moved.{suffix}", *moved))
    assert media.origin == pytest.approx(5.0, abs=FRAME)
    assert media.duration == pytest.approx(4.0, abs=FRAME)
    assert onset(decoded(media)) < FRAME
    assert media.notes == ()


def test_a_transport_stream_starts_at_zero(make_media: MakeMedia, video_mp4: Path) -> None:
    media = open_media(make_media("talk.ts", "-i", video_mp4, "-c", "copy"))
    assert (media.container, media.video_codec, media.audio_codec) == ("mpegts", "h264", "aac")
    assert media.origin == pytest.approx(1.4, abs=0.1)
    assert media.duration == pytest.approx(4.0, abs=0.06)
    assert onset(decoded(media)) < FRAME


@pytest.mark.parametrize(
    ("name", "options", "found"),
    [
        ("talk.m2ts", ("-c", "copy"), ("mpegts", "h264", "aac")),
        ("talk.flv", ("-c", "copy"), ("flv", "h264", "aac")),
        ("old.flv", ("-c:v", "flv1", "-c:a", "libmp3lame"), ("flv", "flv1", "mp3")),
        ("talk.wmv", ("-c:v", "wmv2", "-c:a", "wmav2"), ("asf", "wmv2", "wmav2")),
        ("talk.wma", ("-vn", "-c:a", "wmav2"), ("asf", None, "wmav2")),
        ("talk.mpg", ("-c:v", "mpeg2video", "-c:a", "mp2"), ("mpeg", "mpeg2video", "mp2")),
        ("old.mpg", ("-c:v", "mpeg1video", "-c:a", "mp2"), ("mpeg", "mpeg1video", "mp2")),
        ("talk.mxf", ("-c:v", "mpeg2video", "-c:a", "pcm_s16le"),
         ("mxf", "mpeg2video", "pcm_s16le")),
        ("talk.aiff", ("-vn",), ("aiff", None, "pcm_s16be")),
        ("talk.caf", ("-vn",), ("caf", None, "pcm_s16be")),
        ("talk.ac3", ("-vn",), ("ac3", None, "ac3")),
    ],
)  # fmt: skip
def test_files_of_cameras_broadcasters_and_old_programs(
    name: str,
    options: tuple[str, ...],
    found: tuple[str, str | None, str],
    make_media: MakeMedia,
    video_mp4: Path,
) -> None:
    media = open_media(make_media(name, "-i", video_mp4, *options, "-ar", "48000"))
    assert (media.container, media.video_codec, media.audio_codec) == found
    assert media.duration == pytest.approx(4.0, abs=0.15)
    # Some encoders delay the audio by a block, and their containers do not say so.
    assert onset(decoded(media)) < 2 * FRAME
    assert len(decoded(media)) / 16_000 == pytest.approx(media.duration, abs=0.1)


def test_what_an_edit_list_hides_is_not_counted(make_media: MakeMedia, video_mp4: Path) -> None:
    # Stream copy from 1.3 s: the packets start at 1.0 s and the edit list hides 0.3 s.
    media = open_media(make_media("cut.mp4", "-ss", "1.3", "-i", video_mp4, "-c", "copy"))
    assert media.origin == pytest.approx(0.0, abs=0.001)
    assert media.audio_start == pytest.approx(0.0, abs=FRAME)
    assert media.duration == pytest.approx(2.7, abs=FRAME)


def test_a_variable_frame_rate_keeps_the_clock(make_media: MakeMedia) -> None:
    select = ("-vf", "select='lt(n,20)+not(mod(n,30))'", "-fps_mode", "vfr")
    media = open_media(make_media("vfr.mp4", *TESTSRC, *SINE, *select, *H264, *AAC))
    assert media.duration == pytest.approx(4.0, abs=FRAME)
    assert media.notes == ()


def test_rotation_swaps_width_and_height(make_media: MakeMedia, video_mp4: Path) -> None:
    turned = make_media("turned.mp4", "-display_rotation", "90", "-i", video_mp4, "-c", "copy")
    media = open_media(turned)
    assert (media.width, media.height) == (180, 320)


def test_languages_titles_and_captions_are_read(
    video_mp4: Path, video_mkv_with_subtitles: Path, video_mp4_with_chapters: Path
) -> None:
    assert open_media(video_mp4).language == "en"
    assert open_media(video_mp4_with_chapters).title == "A short lecture"
    (captions,) = open_media(video_mkv_with_subtitles).subtitles
    assert (captions.index, captions.codec, captions.language) == (2, "subrip", "en")
    assert captions.title == "Captions"


def test_bitmap_subtitles_are_not_listed(video_mkv_with_subtitles: Path, tmp_path: Path) -> None:
    path = tmp_path / "bitmaps.mkv"
    content = video_mkv_with_subtitles.read_bytes()
    assert content.count(b"S_TEXT/UTF8") == 1
    path.write_bytes(content.replace(b"S_TEXT/UTF8", b"S_HDMV/PGS\0"))
    assert open_media(path).subtitles == ()


def test_a_title_in_another_encoding_is_still_read(make_media: MakeMedia, tmp_path: Path) -> None:
    data = make_media("t.wav", *SINE, "-metadata", "title=Cafe!").read_bytes()
    path = tmp_path / "latin.wav"
    path.write_bytes(data.replace(b"Cafe!", b"Caf\xe9!"))
    title = open_media(path).title
    assert title is not None
    assert title.startswith("Caf")


def test_embedded_chapters_are_on_the_players_clock(
    video_mp4_with_chapters: Path, make_media: MakeMedia
) -> None:
    chapters = open_media(video_mp4_with_chapters).chapters
    assert [(c.start, c.end, c.title) for c in chapters] == [
        (0.0, 1.5, "Opening"),
        (1.5, 4.0, "Bees & honey"),
    ]


def test_chapters_move_with_a_file_that_starts_late(make_media: MakeMedia, tmp_path: Path) -> None:
    chapters = _chapters(tmp_path, (1000, 2000), (5000, 6500), (6500, 9000))
    args = ("-map", "0", "-map_chapters", "1", "-output_ts_offset", "5", *H264)
    media = open_media(make_media("late_start.mkv", *TESTSRC, *chapters, *args))
    assert media.origin == 5.0
    assert [(c.start, c.end, c.title) for c in media.chapters] == [
        (0.0, 1.5, "5000"),
        (1.5, 4.0, "6500"),
    ]


def test_chapters_after_the_end_are_clamped(make_media: MakeMedia, tmp_path: Path) -> None:
    chapters = _chapters(tmp_path, (1000, 2000), (2000, 90_000), (95_000, 99_000))
    args = (*chapters, "-map", "0", "-map_chapters", "1", *H264)
    media = open_media(make_media("beyond.mkv", *TESTSRC, *args))
    assert [(c.start, c.end) for c in media.chapters] == [(1.0, 2.0), (2.0, 4.0)]


def test_a_header_with_too_long_a_duration_is_corrected(
    make_media: MakeMedia, tmp_path: Path
) -> None:
    data = make_media("promise.mkv", *TESTSRC, *H264).read_bytes()
    true, false = (b"\x44\x89\x88" + struct.pack(">d", ms) for ms in (4000.0, 90_000.0))
    assert data.count(true) == 1
    path = tmp_path / "promise.mkv"
    path.write_bytes(data.replace(true, false))
    media = open_media(path)
    assert media.duration == pytest.approx(4.0, abs=0.01)
    assert "90.0 s" in media.notes[0]


def test_a_matroska_without_duration_is_measured(video_mp4: Path, make_media: MakeMedia) -> None:
    live = ("-i", video_mp4, "-c", "copy", "-f", "matroska", "-live", "1")
    media = open_media(make_media("live.mkv", *live))
    assert media.duration == pytest.approx(4.0, abs=FRAME)
    assert "The header gives no duration" in media.notes[0]


def test_an_mp3_of_varying_bit_rate_without_header_is_measured(make_media: MakeMedia) -> None:
    loud = ("-f", "lavfi", "-i", "anoisesrc=r=44100:d=3", "-f", "lavfi", "-i")
    joined = (*loud, "anullsrc=r=44100:cl=mono:d=30", "-filter_complex", "concat=v=0:a=1")
    vbr = ("-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0")
    media = open_media(make_media("vbr.mp3", *joined, *vbr))
    assert media.duration == pytest.approx(33.0, abs=0.1)
    assert "The header gives" in media.notes[0]


def test_a_slide_show_keeps_its_last_frame(make_media: MakeMedia) -> None:
    show = ("-f", "lavfi", "-i", "testsrc=size=320x180:rate=1/10:duration=40", *H264)
    for name in ("show.mkv", "show.mp4"):
        media = open_media(make_media(name, *show))
        assert media.duration == pytest.approx(40.0, abs=0.1)
        assert media.notes == ()


def test_cover_art_is_not_a_video(make_media: MakeMedia, audio_only_m4a: Path) -> None:
    cover = ("-map", "0:a", "-map", "1:v", "-frames:v", "1", "-c:v", "mjpeg", "-c:a", "copy")
    covered = ("-i", audio_only_m4a, *TESTSRC, *cover, "-disposition:v", "attached_pic")
    media = open_media(make_media("covered.m4a", *covered))
    assert (media.container, media.has_video, media.width) == ("m4a", False, None)


@pytest.mark.parametrize("fixture", [name for name, kind in KINDS.items() if kind[2]])
def test_the_audio_is_as_long_as_the_media(fixture: str, request: pytest.FixtureRequest) -> None:
    media = open_media(request.getfixturevalue(fixture))
    assert len(decoded(media)) == round(media.duration * SAMPLE_RATE)


def test_a_copy_with_negative_timestamps_starts_at_zero(
    make_media: MakeMedia, video_mp4: Path
) -> None:
    negative = ("-ss", "0.9", "-i", video_mp4, "-c", "copy", "-avoid_negative_ts", "disabled")
    media = open_media(make_media("negative.mp4", *negative))
    assert media.origin == pytest.approx(0.0, abs=FRAME)
    assert media.duration == pytest.approx(3.1, abs=2 * FRAME)
    assert onset(decoded(media)) < FRAME


def test_a_fragmented_mp4_has_its_whole_length(make_media: MakeMedia) -> None:
    fragments = ("-g", "25", *AAC, "-movflags", "frag_keyframe+empty_moov")
    media = open_media(make_media("fragments.mp4", *TESTSRC, *SINE, *H264, *fragments))
    assert media.duration == pytest.approx(4.0, abs=0.06)
    assert len(decoded(media)) == round(media.duration * SAMPLE_RATE)


def test_chapters_captions_and_title_of_one_mp4_are_read(
    video_mp4: Path, make_media: MakeMedia, tmp_path: Path
) -> None:
    captions, chapters = tmp_path / "extras.srt", tmp_path / "extras.ffmeta"
    captions.write_text(CAPTIONS, encoding="utf-8")
    chapters.write_text(CHAPTERS, encoding="utf-8")
    inputs = ("-i", captions, "-f", "ffmetadata", "-i", chapters, "-map", "0", "-map", "1")
    tags = ("-map_metadata", "2", "-map_chapters", "2", "-metadata:s:s", "language=eng")
    codecs = ("-c", "copy", "-c:s", "mov_text")
    media = open_media(make_media("extras.mp4", "-i", video_mp4, *inputs, *tags, *codecs))
    assert [chapter.title for chapter in media.chapters] == ["Opening", "Bees & honey"]
    assert [stream.codec for stream in media.subtitles] == ["mov_text"]
    assert media.title == "A short lecture"


def test_captions_alone_end_with_their_last_cue(tmp_path: Path) -> None:
    path = tmp_path / "talk.srt"
    path.write_text(CAPTIONS, encoding="utf-8")
    media = captions_alone(path, read_captions(path, language="en"))
    assert (media.container, media.duration, media.language) == ("captions", 3.5, "en")
    assert (media.has_video, media.has_audio) == (False, False)
