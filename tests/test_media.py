"""Every kind of media on the player's clock: length, origin, tags, and where the sound lies."""

from __future__ import annotations

import shutil
import struct
import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chapterize.data import Media
from chapterize.errors import MediaError
from chapterize.media import SAMPLE_RATE, decode_audio, open_media
from tests.conftest import AAC, H264, SINE, TESTSRC, MakeMedia

FRAME = 0.03
"""Seconds: an AAC or MP3 frame, by which the ends of lossy sound may differ."""

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


def _sound(media: Media, block_seconds: float = 30.0) -> NDArray[np.float32]:
    return np.concatenate(list(decode_audio(media, block_seconds=block_seconds)))


def _chapters(folder: Path, *spans: tuple[int, int]) -> tuple[str | Path, ...]:
    """ffmpeg's arguments for an input with chapters at these milliseconds."""
    path = folder / "chapters.ffmeta"
    entry = "[CHAPTER]\nTIMEBASE=1/1000\nSTART={0}\nEND={1}\ntitle={0}\n"
    entries = "".join(entry.format(*span) for span in spans)
    path.write_text(f";FFMETADATA1\n{entries}", encoding="utf-8")
    return "-f", "ffmetadata", "-i", path


def _onset(sound: NDArray[np.float32]) -> float:
    """Seconds at which something is first heard."""
    return float(np.argmax(np.abs(sound) > 0.03)) / SAMPLE_RATE


@pytest.mark.parametrize("fixture", KINDS)
def test_every_kind_is_known_by_its_content(
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
        sound = _sound(media)
        assert len(sound) == round(media.duration * SAMPLE_RATE)
        assert _onset(sound) < FRAME
        assert np.abs(sound[SAMPLE_RATE:]).max() > 0.05


def test_late_audio_keeps_the_players_clock(late_audio_mp4: Path) -> None:
    media = open_media(late_audio_mp4)
    assert media.audio_start == pytest.approx(1.436, abs=0.001)
    assert media.duration == pytest.approx(5.436, abs=0.01)
    sound = _sound(media)
    assert not sound[: int(1.43 * SAMPLE_RATE)].any()
    assert _onset(sound) == pytest.approx(1.436, abs=0.002)


def test_late_audio_in_aac_and_matroska_sounds_at_its_time(make_media: MakeMedia) -> None:
    late = ("-itsoffset", "1.436", *SINE, "-map", "0:v", "-map", "1:a")
    for name in ("aac_late.mp4", "aac_late.mkv"):
        media = open_media(make_media(name, *TESTSRC, *late, *H264, *AAC))
        assert media.audio_start == pytest.approx(1.436, abs=FRAME)
        assert _onset(_sound(media)) == pytest.approx(1.436, abs=0.003)


def test_sound_before_the_picture_begins_the_clock(make_media: MakeMedia) -> None:
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
    assert _onset(_sound(media)) < FRAME
    assert media.notes == ()


def test_what_an_edit_list_hides_is_not_counted(make_media: MakeMedia, video_mp4: Path) -> None:
    # Cut without encoding, 1.3 s in: packets from 1.0 s on are there, the edit list hides 0.3 s.
    media = open_media(make_media("cut.mp4", "-ss", "1.3", "-i", video_mp4, "-c", "copy"))
    assert media.origin == pytest.approx(0.0, abs=0.001)
    assert media.audio_start == pytest.approx(0.0, abs=FRAME)
    assert media.duration == pytest.approx(2.7, abs=FRAME)


def test_a_variable_frame_rate_does_not_bend_the_clock(make_media: MakeMedia) -> None:
    select = ("-vf", "select='lt(n,20)+not(mod(n,30))'", "-fps_mode", "vfr")
    media = open_media(make_media("vfr.mp4", *TESTSRC, *SINE, *select, *H264, *AAC))
    assert media.duration == pytest.approx(4.0, abs=FRAME)
    assert media.notes == ()


def test_rotation_turns_width_and_height(make_media: MakeMedia, video_mp4: Path) -> None:
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


def test_a_title_in_another_encoding_does_not_stop_the_file(
    make_media: MakeMedia, tmp_path: Path
) -> None:
    data = make_media("t.wav", *SINE, "-metadata", "title=Cafe!").read_bytes()
    path = tmp_path / "latin.wav"
    path.write_bytes(data.replace(b"Cafe!", b"Caf\xe9!"))
    title = open_media(path).title
    assert title is not None
    assert title.startswith("Caf")


def test_embedded_chapters_lie_on_the_players_clock(
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


def test_chapters_beyond_the_end_are_clamped(make_media: MakeMedia, tmp_path: Path) -> None:
    chapters = _chapters(tmp_path, (1000, 2000), (2000, 90_000), (95_000, 99_000))
    args = (*chapters, "-map", "0", "-map_chapters", "1", *H264)
    media = open_media(make_media("beyond.mkv", *TESTSRC, *args))
    assert [(c.start, c.end) for c in media.chapters] == [(1.0, 2.0), (2.0, 4.0)]


def test_a_header_that_promises_too_much_is_not_believed(
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
    assert "does not say how long" in media.notes[0]


def test_an_mp3_of_varying_bit_rate_without_header_is_measured(make_media: MakeMedia) -> None:
    loud = ("-f", "lavfi", "-i", "anoisesrc=r=44100:d=3", "-f", "lavfi", "-i")
    joined = (*loud, "anullsrc=r=44100:cl=mono:d=30", "-filter_complex", "concat=v=0:a=1")
    vbr = ("-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0")
    media = open_media(make_media("vbr.mp3", *joined, *vbr))
    assert media.duration == pytest.approx(33.0, abs=0.1)
    assert "the header says" in media.notes[0]


def test_a_slide_show_keeps_its_last_picture(make_media: MakeMedia) -> None:
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


def test_blocks_begin_at_whole_multiples_and_give_the_same_sound(late_audio_mp4: Path) -> None:
    media = open_media(late_audio_mp4)
    blocks = list(decode_audio(media, block_seconds=1.5))
    assert [len(block) for block in blocks[:-1]] == [24_000] * 3
    assert 0 < len(blocks[-1]) < 24_000
    assert all(block.dtype == np.float32 for block in blocks)
    np.testing.assert_array_equal(np.concatenate(blocks), _sound(media))


def test_a_gap_in_the_sound_is_silence(make_media: MakeMedia) -> None:
    gap = ("-af", "aselect='lt(t,1)+gt(t,3)'", "-c:a", "flac")
    media = open_media(make_media("gap.mkv", *SINE, *gap))
    sound = np.abs(_sound(media))
    assert media.duration == pytest.approx(4.0, abs=0.06)
    assert sound[int(0.5 * SAMPLE_RATE) : int(0.9 * SAMPLE_RATE)].max() > 0.05
    assert sound[int(1.2 * SAMPLE_RATE) : int(2.9 * SAMPLE_RATE)].max() == 0.0
    assert _onset(sound[int(2.0 * SAMPLE_RATE) :]) == pytest.approx(1.0, abs=0.1)


def test_damaged_packets_keep_the_clock_and_are_told(make_media: MakeMedia, tmp_path: Path) -> None:
    # A click at 9 s, behind the damage, must stay at 9 s.
    click = "aevalsrc='0.1*sin(2000*t)*lt(t,8)+between(t,9,9.5)*sin(3000*t)':s=16000:d=10"
    whole = make_media("click.flac", "-f", "lavfi", "-i", click, "-c:a", "flac")
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path = tmp_path / "damaged.flac"
    path.write_bytes(data)
    notes: list[str] = []
    media = open_media(path)
    sound = np.concatenate(list(decode_audio(media, on_note=notes.append)))
    assert len(sound) == 160_000
    assert 8.0 + _onset(sound[128_100:]) == pytest.approx(9.0, abs=0.02)
    assert notes == ["the sound has holes: 0.2 s are missing; silence was put in their place"]


def test_progress_rises_to_one(audio_wav: Path) -> None:
    heard: list[tuple[str, float]] = []
    media = open_media(audio_wav)
    for _ in decode_audio(
        media, block_seconds=1.0, on_progress=lambda stage, x: heard.append((stage, x))
    ):
        pass
    assert heard == [("reading the sound", part / 4) for part in (1, 2, 3, 4)]


@pytest.mark.slow
def test_decoding_holds_one_block_however_long_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        for _ in range(5):
            file.writeframes(bytes(8000 * 2 * 60))
    media = open_media(path)
    assert media.duration == 300.0
    tracemalloc.start()
    n_samples = sum(len(block) for block in decode_audio(media, block_seconds=5.0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_samples == 300 * SAMPLE_RATE
    assert peak < 8 * 5 * SAMPLE_RATE * 4


def test_a_video_without_sound_gives_none(video_only_mp4: Path) -> None:
    media = open_media(video_only_mp4)
    assert (media.has_audio, media.audio_start) == (False, None)
    with pytest.raises(MediaError, match="has no sound"):
        decode_audio(media)


@pytest.mark.parametrize("fixture", [name for name, kind in KINDS.items() if kind[2]])
def test_the_sound_is_as_long_as_the_media(fixture: str, request: pytest.FixtureRequest) -> None:
    media = open_media(request.getfixturevalue(fixture))
    assert len(_sound(media)) == round(media.duration * SAMPLE_RATE)
