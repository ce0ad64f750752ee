"""An ffmpeg that cannot make the video is skipped unless the user chose it; encoders are tried."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.errors import MissingDependency, ToolError
from chapterize.ffmpeg import find_ffmpeg
from chapterize.media import open_media
from chapterize.rendering import program, render
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.program import (
    DRAWS_TITLES,
    ENCODES,
    MAKES_VIDEO,
    SOFTWARE,
    find_program,
    pick_encoder,
)
from tests.rendering.frames import shown_at

SIGNS = ("ass AVOptions:", "libx264 AVOptions:", "-fps_mode")


@dataclass(frozen=True)
class System:
    """A folder on the PATH; `real` is the program of imageio-ffmpeg."""

    folder: Path
    real: str

    def install(self, text: str) -> str:
        """Write a shell script as ``ffmpeg``, which records each call in ``log``."""
        path = self.folder / "ffmpeg"
        path.write_text(f'#!/bin/sh\necho "$*" >> {self.folder}/log\n{text}\n', encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def install_without(self, *signs: str) -> str:
        """Install one whose help has all of SIGNS except these."""
        return self.install("\n".join(f'echo "{sign} x"' for sign in SIGNS if sign not in signs))

    @property
    def calls(self) -> list[str]:
        log = self.folder / "log"
        return log.read_text(encoding="utf-8").splitlines() if log.exists() else []


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> System:
    """A machine with only imageio-ffmpeg's ffmpeg, until another one is installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.delenv("CHAPTERIZE_FFMPEG", raising=False)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    real = imageio_ffmpeg.get_ffmpeg_exe()
    return System(folder, real)


def test_the_bundled_program_has_all_features(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", system.real)
    assert find_program(*MAKES_VIDEO) == system.real


def test_a_system_program_with_all_features_is_used_and_asked_once(system: System) -> None:
    own = system.install_without()
    assert find_program(*MAKES_VIDEO) == own
    assert find_program(*MAKES_VIDEO) == own
    assert find_program(DRAWS_TITLES) == own
    assert len(system.calls) == 1


@pytest.mark.parametrize("sign", SIGNS)
def test_a_system_program_that_lacks_a_feature_is_skipped(system: System, sign: str) -> None:
    own = system.install_without(sign)
    assert find_program(*MAKES_VIDEO) == system.real
    assert find_ffmpeg() == own


def test_a_feature_that_is_not_needed_may_be_missing(system: System) -> None:
    own = system.install_without("ass AVOptions:", "-fps_mode")
    assert find_program(ENCODES) == own
    assert find_program(DRAWS_TITLES) == system.real


@pytest.mark.parametrize("text", ["exit 127", "", "echo hello"])
def test_a_broken_system_program_is_skipped(system: System, text: str) -> None:
    system.install(text)
    assert find_program(*MAKES_VIDEO) == system.real


@pytest.mark.parametrize(
    ("sign", "named"), [(SIGNS[0], "libass"), (SIGNS[1], "x264"), (SIGNS[2], "since 5.1")]
)
def test_the_choice_of_the_user_is_never_skipped(
    system: System, monkeypatch: pytest.MonkeyPatch, sign: str, named: str
) -> None:
    chosen = system.install_without(sign)
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", chosen)
    with pytest.raises(ToolError) as caught:
        find_program(*MAKES_VIDEO)
    assert chosen in caught.value.what
    assert named in caught.value.why
    assert "unset CHAPTERIZE_FFMPEG" in caught.value.hint


def test_a_chosen_program_that_does_not_start_is_named(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", "/nowhere/ffmpeg")
    with pytest.raises(ToolError, match="does not start") as caught:
        find_program(*MAKES_VIDEO)
    assert "/nowhere/ffmpeg" in caught.value.what


def test_without_a_usable_program_the_hint_is_to_install_one(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    own = system.install_without("ass AVOptions:")
    with pytest.raises(ToolError, match="libass") as caught:
        find_program(*MAKES_VIDEO)
    assert own in caught.value.what
    assert "pip install imageio-ffmpeg" in caught.value.hint
    assert find_ffmpeg() == own


def test_without_any_program_a_package_is_missing(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setenv("PATH", str(system.folder))
    with pytest.raises(MissingDependency, match="ffmpeg"):
        find_ffmpeg()
    with pytest.raises(MissingDependency, match="ffmpeg"):
        find_program(*MAKES_VIDEO)


@pytest.mark.slow
def test_titles_are_drawn_although_the_system_program_lacks_libass(
    system: System, video_mp4: Path, tmp_path: Path
) -> None:
    """The installed program is the real one without the filter ``ass``."""
    system.install(
        'case "$*" in\n'
        f'*"-h full"*) {system.real} "$@" | grep -v "^ass AVOptions" ;;\n'
        "*ass=*) echo \"No such filter: 'ass'\" >&2; exit 8 ;;\n"
        f'*) exec {system.real} "$@" ;;\nesac'
    )
    media = open_media(video_mp4)
    chapters = Chapters.from_starts([0, 2], ["One", "Two"], media.duration)
    made = render(media, chapters, tmp_path / "o.mp4", RenderOptions(seconds=0.6))
    assert made.how == "splice"
    assert len(system.calls) == 1
    before, after = shown_at(video_mp4, 2.3), shown_at(made.path, 2.3)
    assert np.abs(before.astype(int) - after).max() > 60


@pytest.fixture
def listing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake ffmpeg that lists two encoders, and encodes with the one named in ``works``."""
    script = tmp_path / "ffmpeg"
    script.write_text(
        "#!/bin/sh\n"
        f'echo "$*" >> {tmp_path}/log\n'
        'case "$*" in\n'
        '*-encoders*) echo " V....D h264_nvenc x"; echo " V....D h264_qsv y" ;;\n'
        f'*"$(cat {tmp_path}/works)"*) echo "frame=  5" ;;\n'
        "*) exit 1 ;;\nesac\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(program, "find_program", lambda *needs: str(script))
    return tmp_path


def test_the_first_encoder_that_works_is_taken(listing: Path) -> None:
    (listing / "works").write_text("h264_qsv")
    chosen = pick_encoder()
    assert (chosen.name, chosen.is_hardware) == ("h264_qsv", True)
    assert len((listing / "log").read_text().splitlines()) == 3


def test_an_encoder_is_tried_with_the_options_it_is_used_with(listing: Path) -> None:
    (listing / "works").write_text("h264_qsv")
    chosen = pick_encoder()
    tried = (listing / "log").read_text().splitlines()[-1]
    assert all(f"-{name} {value}" in tried for name, value in chosen.quality)
    assert ("forced_idr", 1) in chosen.quality


def test_an_encoder_that_is_listed_but_fails_is_not_taken(listing: Path) -> None:
    (listing / "works").write_text("nothing")
    assert pick_encoder() is SOFTWARE


def test_no_encoder_is_tried_when_hardware_is_not_wanted(listing: Path) -> None:
    assert pick_encoder(hardware=False) is SOFTWARE
    assert not (listing / "log").exists()


def test_a_program_that_cannot_start_means_x264(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "find_program", lambda *needs: "/nowhere/ffmpeg")
    assert pick_encoder() is SOFTWARE
