"""Checks of programs, packages and folders, on a healthy machine and on a faulty one."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import pytest

from chapterize import weights
from chapterize.doctor import Check
from chapterize.doctor.machine import (
    check_cache,
    check_config,
    check_emoji,
    check_ffmpeg,
    check_fonts,
    check_package,
    check_packages,
    check_python,
    check_space,
    check_state,
    check_temporary,
    check_version,
)
from chapterize.rendering.overlay import emoji, fonts
from tests.conftest import FFMPEG


def _script(folder: Path, text: str) -> str:
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_python_must_be_recent_enough() -> None:
    assert check_python().status == "ok"
    old = check_python((3, 10, 14))
    assert (old.status, old.detail) == ("problem", "3.10.14 is too old")
    assert "3.11" in old.remedy


def test_the_version_is_shown_with_its_location() -> None:
    assert str(Path(weights.__file__).parent) in check_version().detail


def test_a_package_that_cannot_be_imported_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert check_packages().status == "ok"
    (tmp_path / "half_a_wheel.py").write_text("raise ImportError('libz is missing')")
    monkeypatch.syspath_prepend(str(tmp_path))
    broken = check_packages(["numpy", "half_a_wheel"])
    assert broken.status == "problem"
    assert broken.detail == "half_a_wheel cannot be imported: libz is missing"


def test_ffmpeg_is_shown_with_its_version_and_abilities() -> None:
    found = check_ffmpeg()
    assert found.status == "ok"
    assert FFMPEG in found.detail
    assert "version" in found.detail
    assert "libass" in found.detail
    assert "x264" in found.detail


def test_a_missing_ffmpeg_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", "/nowhere/ffmpeg")
    found = check_ffmpeg()
    assert (found.status, found.remedy) == ("problem", "correct CHAPTERIZE_FFMPEG, or unset it")
    assert "/nowhere/ffmpeg" in found.detail


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
def test_an_ffmpeg_that_hangs_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", _script(tmp_path, "exec sleep 60"))
    monkeypatch.setattr("chapterize.doctor.machine._TIMEOUT", 0.2)
    started = time.monotonic()
    assert check_ffmpeg().status == "problem"
    assert time.monotonic() - started < 5


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
def test_an_ffmpeg_without_libass_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = 'echo "ffmpeg version 4.2 Copyright"; echo "libx264 AVOptions:"; echo "-fps_mode x"'
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", _script(tmp_path, output))
    found = check_ffmpeg()
    assert found.status == "warning"
    assert "version 4.2; cannot render: it lacks libass" in found.detail
    assert "CHAPTERIZE_FFMPEG" in found.remedy


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
def test_a_system_ffmpeg_that_cannot_render_is_shown_with_its_replacement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _script(tmp_path, 'echo "ffmpeg version 4.2 Copyright"')
    monkeypatch.delenv("CHAPTERIZE_FFMPEG")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = check_ffmpeg()
    assert found.status == "ok"
    assert found.detail.startswith(f"{tmp_path / 'ffmpeg'}, version 4.2")
    assert f"but {FFMPEG} can" in found.detail


def test_a_missing_title_font_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_fonts() == Check("fonts", "ok", "titles use Inter")

    def missing() -> None:
        raise FileNotFoundError

    monkeypatch.setattr(fonts, "bundled_font", missing)
    assert check_fonts().status == "warning"


def test_a_missing_colour_font_is_a_warning_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(emoji, "colour_fonts", tuple)
    found = check_emoji()
    assert found.status == "warning"
    assert "Noto Color Emoji" in found.remedy


def test_a_missing_optional_package_is_a_problem_only_if_it_is_needed() -> None:
    assert check_package("numpy", "y").status == "ok"
    missing = check_package("no-such-package", "--embedder NAME")
    assert missing.status == "warning"
    assert missing.remedy == "install it: pip install no-such-package"
    needed = check_package("no-such-package", "--embedder NAME", is_needed=True)
    assert needed.status == "problem"


def test_the_size_of_the_cache_is_shown_and_it_need_not_exist(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "cache"
    assert check_cache(folder).detail == f"{folder}, 0.0 MB"
    assert not folder.exists()
    (folder / "results").mkdir(parents=True)
    (folder / "results" / "a.json").write_bytes(bytes(2_300_000))
    assert check_cache(folder).detail == f"{folder}, 2.3 MB"


def test_an_unwritable_folder_is_a_warning_that_names_the_variable(
    tmp_path: Path,
) -> None:
    file = tmp_path / "file"
    file.touch()
    cache, state = check_cache(file / "cache"), check_state(file / "state")
    assert (cache.status, state.status) == ("warning", "warning")
    assert str(file / "cache") in cache.detail
    assert "CHAPTERIZE_CACHE" in cache.remedy
    assert "CHAPTERIZE_STATE" in state.remedy


def test_no_temporary_folder_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_temporary().status == "ok"

    def missing() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("tempfile.gettempdir", missing)
    assert check_temporary().status == "problem"


def test_little_free_space_is_a_warning(tmp_path: Path) -> None:
    folders = {"cache": tmp_path / "not" / "yet", "temporary": tmp_path}
    free = shutil.disk_usage(tmp_path).free
    assert check_space(folders, 0).status == "ok"
    found = check_space(folders, free * 2 + 10**9)
    assert found.status == "warning"
    assert found.detail.startswith("cache ")


def test_settings_that_cannot_be_read_are_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert check_config(path).detail == f"{path} does not exist; using defaults"
    path.touch()
    assert check_config(path) == Check("settings", "ok", str(path))
    assert check_config(path, "line 3", "correct it").status == "problem"
