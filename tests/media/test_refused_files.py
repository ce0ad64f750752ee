"""Files that cannot be used: every one gives an error of three lines, and nothing hangs."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from chapterize.errors import MediaError
from chapterize.media import decode_audio, open_media
from tests.conftest import AAC, SINE, MakeMedia

ROOT = Path(__file__).parents[2]


def _refused(path: Path) -> MediaError:
    """The error raised for `path`: within seconds, with one line each for what, why and hint."""
    began = time.monotonic()
    with pytest.raises(MediaError) as caught:
        open_media(path)
    assert time.monotonic() - began < 5.0
    error = caught.value
    assert error.exit_code == 3
    assert str(path) in error.what
    for line in (error.what, error.why, error.hint):
        assert line
        assert "\n" not in line
    return error


def test_a_missing_file(tmp_path: Path) -> None:
    assert "no such file" in _refused(tmp_path / "nowhere.mp4").why


def test_a_path_through_a_file(audio_wav: Path) -> None:
    assert "Not a directory" in _refused(audio_wav / "talk.mp4").why


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    assert "too long" in _refused(tmp_path / ("x" * 300)).why


def test_a_name_with_a_null_character(tmp_path: Path) -> None:
    assert "null" in _refused(tmp_path / "a\0b.mp4").why


def test_a_broken_link(tmp_path: Path) -> None:
    link = tmp_path / "talk.mp4"
    link.symlink_to(tmp_path / "gone.mp4")
    assert "gone.mp4" in _refused(link).why


def test_links_in_a_circle(tmp_path: Path) -> None:
    link = tmp_path / "talk.mp4"
    link.symlink_to(link)
    assert "symbolic links" in _refused(link).why


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "empty" in _refused(path).why


def test_a_directory(tmp_path: Path) -> None:
    assert "directory" in _refused(tmp_path).why


def test_a_pipe_nobody_writes_to(tmp_path: Path) -> None:
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)
    assert "pipe or a device" in _refused(path).why


def test_a_device() -> None:
    assert "pipe or a device" in _refused(Path("/dev/zero")).why


def test_a_socket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("s.mp4")
        assert "pipe or a device" in _refused(Path("s.mp4")).why


@pytest.mark.slow
def test_no_permission_to_read(audio_wav: Path) -> None:
    # Root may read everything, so a child process without root privileges tries.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "talk.wav"
        path.write_bytes(audio_wav.read_bytes())
        path.chmod(0)
        Path(folder).chmod(0o755)
        code = (
            "import os, sys; from pathlib import Path\n"
            "import chapterize.media as media; from chapterize.errors import MediaError\n"
            "import av\n"
            "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
            "try: media.open_media(Path(sys.argv[1]))\n"
            "except MediaError as error: print(error.why)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, check=True
        )
    assert done.stdout == "no permission to read it\n"
    assert done.stderr == ""


@pytest.mark.parametrize(
    "suffix", ["mp4", "mp3", "wav", "aac", "flac", "mkv", "avi", "ogg", "flv", "wmv", "mpg", "aiff"]
)
def test_text_with_the_name_of_a_media_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"talk.{suffix}"
    path.write_text("Grüße aus der Vorlesung, 日本語.\n" * 5000, encoding="utf-8")
    assert _refused(path).why == "its content is text, not audio or video"


@pytest.mark.parametrize("suffix", ["mp4", "mp3", "aac", "wav", "flac", "bin"])
def test_random_bytes_are_refused(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"noise.{suffix}"
    path.write_bytes(np.random.default_rng(5).bytes(60_000))
    _refused(path)


def test_a_photo_is_refused(make_media: MakeMedia) -> None:
    photo = make_media("p.png", "-f", "lavfi", "-i", "testsrc=size=64x64", "-frames:v", "1")
    _refused(photo)


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{inner}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{inner}'\n",
        '<?xml version="1.0"?><MPD><BaseURL>{inner}</BaseURL></MPD>',
    ],
    ids=["m3u8", "concat", "dash"],
)
def test_a_playlist_opens_nothing_else(text: str, tmp_path: Path) -> None:
    # Opening this pipe blocks forever: the test ends only if nothing opens it.
    inner = tmp_path / "inner.mp4"
    os.mkfifo(inner)
    path = tmp_path / "list.mp4"
    path.write_text(text.format(inner=inner), encoding="utf-8")
    assert "playlist" in _refused(path).why


def test_an_mp4_cut_off_before_its_index(video_mp4: Path, tmp_path: Path) -> None:
    data = video_mp4.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: data.rindex(b"moov") - 4])
    error = _refused(path)
    assert "moov" in error.why
    assert "incomplete" in error.why


def test_an_mp4_cut_off_after_its_index_is_used_as_far_as_it_goes(
    video_mp4: Path, make_media: MakeMedia, tmp_path: Path
) -> None:
    fast = ("-i", video_mp4, "-c", "copy", "-movflags", "+faststart")
    data = make_media("fast.mp4", *fast).read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: int(len(data) * 0.6)])
    media = open_media(path)
    assert 1.5 < media.duration < 3.5
    assert "cut off" in media.notes[0]
    assert sum(map(len, decode_audio(media))) == round(media.duration * 16_000)


@pytest.mark.parametrize("fixture", ["video_mkv_with_subtitles", "audio_wav", "audio_mp3"])
def test_a_file_cut_in_the_middle_is_used_with_a_note(
    fixture: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    whole: Path = request.getfixturevalue(fixture)
    data = whole.read_bytes()
    path = tmp_path / f"cut{whole.suffix}"
    path.write_bytes(data[: len(data) // 2])
    media = open_media(path)
    assert media.duration == pytest.approx(2.0, abs=0.6)
    if fixture != "audio_wav":  # in a WAV the size of the file is the length
        assert "cut off" in media.notes[0]
    assert sum(map(len, decode_audio(media))) == round(media.duration * 16_000)


def test_a_webm_header_without_content(video_webm: Path, tmp_path: Path) -> None:
    path = tmp_path / "head.webm"
    path.write_bytes(video_webm.read_bytes()[:64])
    assert _refused(path).why


@pytest.mark.parametrize("scheme", ["cenc-aes-ctr"])
def test_an_encrypted_mp4(scheme: str, video_mp4: Path, make_media: MakeMedia) -> None:
    key = ("-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb")
    kid = ("-encryption_kid", "a7e61c373e219033c21091fa607bf3b8")
    copy = ("-i", video_mp4, "-c", "copy", "-encryption_scheme", scheme)
    assert "encrypted" in _refused(make_media("locked.mp4", *copy, *key, *kid)).why


def test_a_protected_music_file(audio_only_m4a: Path, tmp_path: Path) -> None:
    path = tmp_path / "protected.m4a"
    path.write_bytes(audio_only_m4a.read_bytes().replace(b"mp4a", b"drms"))
    assert "encrypted" in _refused(path).why


def test_files_of_no_length(make_media: MakeMedia, video_mp4: Path) -> None:
    nothing = make_media("zero.wav", *SINE, "-t", "0")
    assert "length is zero" in _refused(nothing).why
    nothing = make_media("zero.mp4", "-i", video_mp4, "-t", "0", "-c", "copy")
    assert "length is zero" in _refused(nothing).why


def test_a_media_file_with_only_captions(
    video_mkv_with_subtitles: Path, make_media: MakeMedia
) -> None:
    only = make_media("only.mkv", "-i", video_mkv_with_subtitles, "-map", "0:s", "-c", "copy")
    error = _refused(only)
    assert "no audio and no video" in error.why
    assert ".srt" in error.hint


def test_an_unknown_codec(make_media: MakeMedia, tmp_path: Path) -> None:
    whole = make_media("rare.mka", *SINE, *AAC, "-f", "matroska")
    path = tmp_path / "rare.mka"
    path.write_bytes(whole.read_bytes().replace(b"A_AAC", b"A_QQQ"))
    assert "unknown codec" in _refused(path).why


def test_audio_in_an_unknown_codec_leaves_the_video(
    video_mkv_with_subtitles: Path, tmp_path: Path
) -> None:
    path = tmp_path / "half.mkv"
    path.write_bytes(video_mkv_with_subtitles.read_bytes().replace(b"A_AAC", b"A_QQQ"))
    media = open_media(path)
    assert media.has_video
    assert not media.has_audio
    assert media.notes == ("The audio track of half.mkv cannot be decoded and is ignored.",)


def test_a_file_that_is_deleted_between_probing_and_decoding(
    audio_wav: Path, tmp_path: Path
) -> None:
    path = tmp_path / "gone.wav"
    path.write_bytes(audio_wav.read_bytes())
    media = open_media(path)
    path.unlink()
    with pytest.raises(MediaError, match="no such file"):
        next(iter(decode_audio(media)))
