"""An ffmpeg that cannot make the video is passed over, save where the user chose it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.errors import MissingDependency, ToolError
from chapterize.ffmpeg import find_ffmpeg
from chapterize.media import open_media
from chapterize.rendering import program
from chapterize.rendering.encoders import pick_encoder
from chapterize.rendering.frame import VideoOptions
from chapterize.rendering.overlay import OverlayOptions
from chapterize.rendering.program import DRAWS_TITLES, ENCODES, MAKES_VIDEO, find_program
from chapterize.rendering.titled import render_titled
from tests.rendering.frames import shown_at

SIGNS = ("ass AVOptions:", "libx264 AVOptions:", "-fps_mode")


@dataclass(frozen=True)
class System:
    """The folder that is the PATH; `real` is imageio-ffmpeg's program."""

    folder: Path
    real: str

    def install(self, text: str) -> str:
        """Put a shell script there as ``ffmpeg``; it notes each call in ``log``."""
        path = self.folder / "ffmpeg"
        path.write_text(f'#!/bin/sh\necho "$*" >> {self.folder}/log\n{text}\n', encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def install_without(self, *signs: str) -> str:
        """Whose help has all of SIGNS but these."""
        return self.install("\n".join(f'echo "{sign} x"' for sign in SIGNS if sign not in signs))

    @property
    def calls(self) -> list[str]:
        log = self.folder / "log"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """A machine with no ffmpeg but imageio-ffmpeg's, until one is installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.delenv("CHAPTERIZE_FFMPEG", raising=False)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    real = imageio_ffmpeg.get_ffmpeg_exe()
    caches = (find_program, program._abilities, pick_encoder)
    for cached in caches:
        cached.cache_clear()
    yield System(folder, real)
    for cached in caches:
        cached.cache_clear()


def test_the_program_that_comes_with_the_packages_can_do_all(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", system.real)
    assert find_program(*MAKES_VIDEO) == system.real


def test_a_system_program_that_can_do_all_is_used_and_asked_once(system: System) -> None:
    own = system.install_without()
    assert find_program(*MAKES_VIDEO) == own
    assert find_program(*MAKES_VIDEO) == own
    assert find_program(DRAWS_TITLES) == own
    assert len(system.calls) == 1


@pytest.mark.parametrize("sign", SIGNS)
def test_a_system_program_that_lacks_something_is_passed_over(system: System, sign: str) -> None:
    own = system.install_without(sign)
    assert find_program(*MAKES_VIDEO) == system.real
    assert find_ffmpeg() == own


def test_what_is_not_needed_may_be_lacking(system: System) -> None:
    own = system.install_without("ass AVOptions:", "-fps_mode")
    assert find_program(ENCODES) == own
    assert find_program(DRAWS_TITLES) == system.real


@pytest.mark.parametrize("text", ["exit 127", "", "echo hello"])
def test_a_system_program_that_is_broken_is_passed_over(system: System, text: str) -> None:
    system.install(text)
    assert find_program(*MAKES_VIDEO) == system.real


@pytest.mark.parametrize(
    ("sign", "named"), [(SIGNS[0], "libass"), (SIGNS[1], "x264"), (SIGNS[2], "from 5.1 on")]
)
def test_the_users_own_choice_is_never_passed_over(
    system: System, monkeypatch: pytest.MonkeyPatch, sign: str, named: str
) -> None:
    chosen = system.install_without(sign)
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", chosen)
    with pytest.raises(ToolError) as caught:
        find_program(*MAKES_VIDEO)
    assert chosen in caught.value.what
    assert named in caught.value.why
    assert "unset CHAPTERIZE_FFMPEG" in caught.value.hint


def test_a_choice_that_does_not_start_is_named(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", "/nowhere/ffmpeg")
    with pytest.raises(ToolError, match="does not start") as caught:
        find_program(*MAKES_VIDEO)
    assert "/nowhere/ffmpeg" in caught.value.what


def test_without_another_the_hint_is_to_install_one(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    own = system.install_without("ass AVOptions:")
    with pytest.raises(ToolError, match="libass") as caught:
        find_program(*MAKES_VIDEO)
    assert own in caught.value.what
    assert "pip install imageio-ffmpeg" in caught.value.hint
    assert find_ffmpeg() == own


def test_no_program_at_all_is_a_missing_package(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", str(system.folder))
    with pytest.raises(MissingDependency, match="ffmpeg"):
        find_ffmpeg()
    with pytest.raises(MissingDependency, match="ffmpeg"):
        find_program(*MAKES_VIDEO)


def test_titles_are_drawn_beside_a_system_program_without_libass(
    system: System, video_mp4: Path, tmp_path: Path
) -> None:
    """It is the real one, save that it does not know the filter ``ass``."""
    system.install(
        'case "$*" in\n'
        f'*"-h full"*) {system.real} "$@" | grep -v "^ass AVOptions" ;;\n'
        "*ass=*) echo \"No such filter: 'ass'\" >&2; exit 8 ;;\n"
        f'*) exec {system.real} "$@" ;;\nesac'
    )
    media = open_media(video_mp4)
    chapters = Chapters.from_starts([0, 2], ["One", "Two"], media.duration)
    made = render_titled(
        media, chapters, tmp_path / "o.mp4", OverlayOptions(seconds=0.6), VideoOptions()
    )
    assert made.how == "splice"
    assert len(system.calls) == 1
    before, after = shown_at(video_mp4, 2.3), shown_at(made.path, 2.3)
    assert np.abs(before.astype(int) - after).max() > 60
