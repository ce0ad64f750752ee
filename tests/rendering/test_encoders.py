"""A hardware encoder is used when it works, and never because it is listed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.rendering import encoders
from chapterize.rendering.program import SOFTWARE, pick_encoder


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    pick_encoder.cache_clear()
    yield
    pick_encoder.cache_clear()


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for ffmpeg: lists two encoders, and encodes with the one named in the file."""
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
    monkeypatch.setattr(encoders, "find_program", lambda *needs: str(script))
    return tmp_path


def test_the_first_that_encodes_is_taken_and_tried_once(program: Path) -> None:
    (program / "works").write_text("h264_qsv")
    assert pick_encoder().name == "h264_qsv"
    assert pick_encoder().is_hardware
    assert len((program / "log").read_text().splitlines()) == 3


def test_it_is_tried_with_the_options_it_is_used_with(program: Path) -> None:
    (program / "works").write_text("h264_qsv")
    chosen = pick_encoder()
    tried = (program / "log").read_text().splitlines()[-1]
    assert all(f"-{name} {value}" in tried for name, value in chosen.quality)
    assert ("forced_idr", 1) in chosen.quality


def test_one_that_is_listed_but_fails_is_not_taken(program: Path) -> None:
    (program / "works").write_text("nothing")
    assert pick_encoder() is SOFTWARE


def test_none_is_tried_when_hardware_is_not_wanted(program: Path) -> None:
    assert pick_encoder(hardware=False) is SOFTWARE
    assert not (program / "log").exists()


def test_a_program_that_cannot_start_leaves_x264(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "find_program", lambda *needs: "/nowhere/ffmpeg")
    assert pick_encoder() is SOFTWARE
