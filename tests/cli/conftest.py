"""Fixtures of the command-line tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.cli.main import main
from chapterize.ffmpeg import find_ffmpeg
from tests.cli.program import Done, Run


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
    command = [find_ffmpeg(), *quiet, "-f", "lavfi", "-i", source, "-c:a", "pcm_s16le"]
    subprocess.run([*command, str(target)], check=True)
    return target
