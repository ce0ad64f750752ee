"""Fixtures of the command-line tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import chapterize.pipeline
from chapterize.cli.main import main
from chapterize.pipeline import Draft, Options
from tests.cli.program import LIST, Configure, Done, Run
from tests.conftest import FFMPEG, MakeMedia
from tests.deliver.scene import service
from tests.fake_service import FakeService
from tests.texts import cues, write_srt


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program with arguments; returns the exit code and both streams."""

    def call(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["chapterize", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        code = left.value.code
        return Done(code if isinstance(code, int) else 0, printed.out, printed.err)

    return call


@pytest.fixture
def odd_list(tmp_path: Path) -> Path:
    """A list of three chapters, in a file with an odd name."""
    path = tmp_path / "it's 100% 日本.txt"
    path.write_text(LIST, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def long_speech_wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty minutes of noise, long enough to be interrupted.

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
    """A fake remote service that the program uses."""
    with service(tmp_path, monkeypatch) as running:
        yield running


@pytest.fixture
def talk(tmp_path: Path, video_mp4: Path) -> Path:
    """Four seconds of video, alone in a folder."""
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
    """Two minutes of a test pattern, with captions next to it."""
    source = ("-f", "lavfi", "-i", "testsrc=size=160x90:rate=2:duration=120")
    video = make_media("long.mp4", *source, "-c:v", "libx264", "-preset", "ultrafast")
    folder = tmp_path / "long"
    folder.mkdir()
    write_srt(folder / "long.srt", cues())
    return Path(shutil.copy(video, folder))


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Write the settings file."""
    path = tmp_path / "config.toml"

    def write(text: str) -> Path:
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("CHAPTERIZE_CONFIG", str(path))
        return path

    return write


@pytest.fixture
def drafted(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The options of every draft made in the test."""
    seen: list[Options] = []
    make_draft = chapterize.pipeline.make_draft

    def remember(path: Path, options: Options | None = None, **more: Any) -> Draft:
        assert options is not None
        seen.append(options)
        return make_draft(path, Options(segment=options.segment), **more)

    monkeypatch.setattr(chapterize.pipeline, "make_draft", remember)
    return seen


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    """Two minutes of captions."""
    path = tmp_path / "talk.srt"
    write_srt(path, cues())
    return path
