"""FFmpeg: hostile file names, refused inputs, translated failures."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

import av
import ffmpeg
import pytest

from chapterize.errors import MediaError, OutputError, ToolError
from chapterize.ffmpeg import (
    find_ffmpeg,
    input_file,
    open_container,
    output_url,
    pick_audio,
    pick_video,
    read_blocks,
    read_packets,
    run,
)

NAMES = [
    "with space.wav",
    'quote\'s "here".wav',
    "100%d %03d.wav",
    "-i.wav",
    "講義 日本語.wav",
    "two\nlines.wav",
    "http:--example.org.wav",
    "a|b;c&d$HOME`x`.wav",
]


def _silence(seconds: float) -> Any:
    return ffmpeg.input(f"anullsrc=r=16000:cl=mono:d={seconds}", f="lavfi")


@pytest.fixture
def missing_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> Path:
    missing = Path("/nowhere/ffmpeg")
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", str(missing))
    return missing


@pytest.mark.parametrize("name", NAMES)
def test_every_file_name_is_only_a_name(
    name: str, audio_wav: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(name)
    path.write_bytes(audio_wav.read_bytes())
    with open_container(path) as container:
        assert container.format.name == "wav"
    target = Path(f"out {name}")
    run(input_file(path).output(output_url(target), c="copy"), what="copying")
    assert target.stat().st_size == pytest.approx(path.stat().st_size, abs=200)


def test_a_failure_carries_command_exit_code_and_last_lines(tmp_path: Path) -> None:
    node = _silence(1).output(output_url(tmp_path / "no" / "folder.wav"))
    with pytest.raises(ToolError, match="making silence failed") as caught:
        run(node, what="making silence")
    error = caught.value
    assert error.command[0] == find_ffmpeg()
    assert "anullsrc" in " ".join(error.command)
    assert error.returncode not in (0, None)
    assert "No such file or directory" in error.tail
    assert error.why
    assert error.hint


def test_the_environment_variable_counts_at_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAPTERIZE_FFMPEG", raising=False)
    usual = find_ffmpeg()
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", "/nowhere/ffmpeg")
    assert find_ffmpeg() == "/nowhere/ffmpeg"
    monkeypatch.delenv("CHAPTERIZE_FFMPEG")
    assert find_ffmpeg() == usual


def test_a_missing_program_is_named(missing_ffmpeg: Path) -> None:
    with pytest.raises(ToolError) as caught:
        run(_silence(1).output("pipe:1", f="wav"), what="making silence")
    assert str(missing_ffmpeg) in caught.value.why
    assert caught.value.returncode is None
    assert "CHAPTERIZE_FFMPEG" in caught.value.hint


def test_blocks_have_the_size_asked_for_and_the_last_is_shorter() -> None:
    node = _silence(1.25).output("pipe:1", f="s16le")
    assert [len(block) for block in read_blocks(node, 32_000, what="x")] == [32_000, 8_000]


def test_a_caller_that_stops_early_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def spy(*args: Any, **kwargs: Any) -> subprocess.Popen[bytes]:
        started.append(real(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", spy)
    blocks = read_blocks(_silence(360_000).output("pipe:1", f="s16le"), 1000, what="x")
    assert len(next(blocks)) == 1000
    assert started[0].poll() is None
    blocks.close()  # type: ignore[attr-defined]
    assert started[0].returncode is not None


def test_a_long_stderr_does_not_block(tmp_path: Path) -> None:
    talkative = tmp_path / "ffmpeg"
    talkative.write_text(
        "#!/bin/sh\nhead -c 3000000 /dev/zero | tr '\\0' x >&2\nexit 9\n", encoding="ascii"
    )
    talkative.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chapterize.ffmpeg.find_ffmpeg", lambda: str(talkative))
        with pytest.raises(ToolError) as caught:
            run(_silence(1).output("pipe:1", f="wav"), what="talking")
    assert caught.value.returncode == 9
    assert len(caught.value.tail) <= 4000


def test_a_full_disk_is_no_failure_of_ffmpeg(tmp_path: Path) -> None:
    """The report cannot go to a file: that may be on the same disk."""
    full = tmp_path / "ffmpeg"
    full.write_text(
        "#!/bin/sh\necho 'Error muxing a packet: No space left on device' >&2\nexit 228\n",
        encoding="ascii",
    )
    full.chmod(0o755)
    node = _silence(1).output("pipe:1", f="wav")
    with pytest.raises(OutputError, match="the disk is full"):
        run(node, what="encoding talk.mp4", program=str(full))


def test_a_full_disk_does_not_mean_that_the_source_is_damaged(audio_wav: Path) -> None:
    with pytest.raises(OSError, match="No space left on device"), open_container(audio_wav):
        av.error.err_check(-errno.ENOSPC)


def test_ffmpeg_follows_no_playlist(audio_wav: Path, tmp_path: Path) -> None:
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"ffconcat version 1.0\nfile '{audio_wav}'\n")
    with pytest.raises(ToolError):
        run(input_file(playlist).output("pipe:1", f="wav"), what="reading")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("#EXTM3U\n#EXTINF:1,\na.mp4\n", "a playlist"),
        ('<?xml version="1.0"?>\n<playlist xmlns="http://xspf.org/ns/0/"/>', "a playlist"),
        ('<?xml version="1.0"?>\n<MPD/>', "a playlist"),
        ('<?xml version="1.0"?>\n<tt xmlns="http://www.w3.org/ns/ttml"/>', "its content is text"),
        ('<?xml version="1.0"?><timedtext format="3"/>', "its content is text"),
        ("notes\n", "its content is text"),
    ],
)
def test_only_playlists_are_called_playlists(tmp_path: Path, content: str, why: str) -> None:
    path = tmp_path / "talk.mp4"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MediaError, match=why), open_container(path):
        pass


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://127.0.0.1:9/a.mp4", "opened from files only"),
        ("https://127.0.0.1:9/a.mp4", "opened from files only"),
        ("tcp://127.0.0.1:9", "no such file"),
        ("concat:a|b", "no such file"),
    ],
)
def test_an_address_is_a_file_that_does_not_exist(address: str, why: str) -> None:
    with pytest.raises(MediaError) as caught, open_container(Path(address)):
        pass
    assert why in caught.value.why


def test_errors_inside_the_block_are_translated(audio_wav: Path) -> None:
    import av

    with pytest.raises(MediaError) as caught, open_container(audio_wav):
        raise av.error.InvalidDataError(1, "bad data")
    assert isinstance(caught.value.__cause__, av.error.FFmpegError)


def test_warnings_of_the_libraries_stay_off_stderr(video_mp4: Path, tmp_path: Path) -> None:
    data = bytearray(video_mp4.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = b"\xff" * 2000
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    code = (
        "import sys; from pathlib import Path; from chapterize.media import *\n"
        "from chapterize.signals import find_slides\n"
        "m = open_media(Path(sys.argv[1])); find_slides(m); sum(map(len, decode_audio(m)))"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code, damaged], capture_output=True, cwd=root, check=True
    )
    assert done.stdout + done.stderr == b""


def test_cover_art_is_not_picked_as_video(audio_mp3: Path, video_mp4: Path, tmp_path: Path) -> None:
    target = tmp_path / "covered.mp3"
    still = input_file(video_mp4)["v"].filter("trim", end_frame=1)
    node = ffmpeg.output(
        *(input_file(audio_mp3)["a"], still, output_url(target)),
        **{"c:a": "copy", "c:v": "mjpeg", "disposition:v": "attached_pic"},
    )
    run(node, what="adding a cover")
    with open_container(target) as container:
        assert len(container.streams.video) == 1
        assert pick_video(container) is None
        assert pick_audio(container) is not None


def test_the_default_audio_track_is_picked(audio_wav: Path, tmp_path: Path) -> None:
    target = tmp_path / "two.mkv"
    one, two = input_file(audio_wav), input_file(audio_wav)
    dispositions = {"disposition:a:0": "0", "disposition:a:1": "default"}
    run(ffmpeg.output(one, two, output_url(target), c="copy", **dispositions), what="mixing")
    with open_container(target) as container:
        picked = pick_audio(container)
        assert picked is not None
        assert picked.index == 1
        assert {packet.stream_index for packet in read_packets(container, picked)} == {1}
