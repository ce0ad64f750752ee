"""Fixtures of the command-line tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.cli.main import main
from tests.cli.program import Done, Run
from tests.conftest import FFMPEG, MakeMedia
from tests.deliver.scene import service
from tests.fake_service import FakeService
from tests.texts import cues, write_srt


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program as a function: its arguments in, exit code and both streams out."""

    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["chapterize", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        code = left.value.code
        return Done(code if isinstance(code, int) else 0, said.out, said.err)

    return call


@pytest.fixture(scope="session")
def long_speech_wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty minutes of noise, long enough to be interrupted in the middle.

    ffmpeg -f lavfi -i anoisesrc=r=16000:a=0.1:d=2400 -c:a pcm_s16le long.wav
    """
    target = tmp_path_factory.mktemp("long") / "long.wav"
    source = "anoisesrc=r=16000:a=0.1:d=2400"
    quiet = ["-loglevel", "error"]
    command = [FFMPEG, *quiet, "-f", "lavfi", "-i", source, "-c:a", "pcm_s16le"]
    subprocess.run([*command, str(target)], check=True)
    return target


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """The remote service, as the one that the program speaks to."""
    with service(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def talk(tmp_path: Path, video_mp4: Path) -> Path:
    """Four seconds of video, and beside them nothing."""
    folder = tmp_path / "videos"
    folder.mkdir()
    return Path(shutil.copy(video_mp4, folder / 'it\'s a “talk” "x" 日本語.mp4'))


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    """Three chapters of the talk."""
    target = tmp_path / "chapters.txt"
    target.write_text("0:00 Opening\n0:01 Bees & honey\n0:03 終わり\n", encoding="utf-8")
    return target


@pytest.fixture
def long_talk(make_media: MakeMedia, tmp_path: Path) -> Path:
    """Two minutes of a test picture, with captions beside it."""
    source = ("-f", "lavfi", "-i", "testsrc=size=160x90:rate=2:duration=120")
    video = make_media("long.mp4", *source, "-c:v", "libx264", "-preset", "ultrafast")
    folder = tmp_path / "long"
    folder.mkdir()
    write_srt(folder / "long.srt", cues())
    return Path(shutil.copy(video, folder))
