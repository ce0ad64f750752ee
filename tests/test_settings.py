"""The configuration file: its settings, and how errors in it are reported."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from chapterize.errors import FormatError, InputError
from chapterize.settings import SETTINGS, config_file, read_config, variable


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path in CHAPTERIZE_CONFIG; the file does not exist yet."""
    path = tmp_path / "mine.toml"
    monkeypatch.setenv("CHAPTERIZE_CONFIG", str(path))
    return path


def test_the_file_is_in_the_configuration_folder_unless_a_variable_names_another(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config_file() == config
    monkeypatch.delenv("CHAPTERIZE_CONFIG")
    folder = platformdirs.user_config_dir("chapterize", appauthor=False)
    assert config_file() == Path(folder) / "config.toml"


def test_a_missing_file_is_an_error_only_if_a_variable_names_it(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="cannot read") as caught:
        read_config()
    assert "CHAPTERIZE_CONFIG" in caught.value.hint
    monkeypatch.delenv("CHAPTERIZE_CONFIG")
    assert read_config(config.parent / "no folder" / "config.toml") == {}


def test_every_setting_can_be_set(config: Path) -> None:
    config.write_text(
        '\ufeffcaptions = "none"\nlanguage = "ja"\nmodel = "~/models/x"\ndevice = "cpu"\n'
        'embedder = "static"\noffline = true\nmin_length = 30\nper_hour = 7.5\n'
        'granularity = "fine"\n'
        'slides = "off"\n'
        'titles = "llm"\ntitles_model = "m"\ntitles_from = "http://127.0.0.1:1/v1"\n'
        'format = "json"\nprofile = "talks"\nlearn = false\n',
        encoding="utf-8",
    )
    found = read_config()
    assert list(found) == list(SETTINGS)
    assert (found["offline"], found["min_length"], found["per_hour"]) == (True, 30, 7.5)


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('device = "cpu"\nmodle = "small"\n', 2, "'model'"),
        ("min-length = 10", 1, "'min_length'"),
        ('[draft]\nmodel = "x"', 1, "the settings are"),
        ("# x\n\noffline = 1", 3, "true or false"),
        ('offline = "yes"', 1, "true or false"),
        ('per_hour = "6"', 1, "a number, not '6'"),
        ("min_length = true", 1, "a number"),
        ("language = 3", 1, "text in quotes"),
        ('device = "gpu"', 1, '"auto" or "cpu" or "cuda"'),
        ('captions = "talk.srt"', 1, '"auto" or "none"'),
        ('format = ["json"]', 1, "text in quotes"),
        ('device = "cpu"\nmodel = small\n', 2, "invalid value"),
        ('model = "a"\nmodel = "b"\n', 2, "overwrite"),
    ],
)
def test_an_error_names_the_file_the_line_and_the_fault(
    config: Path, text: str, line: int, why: str
) -> None:
    config.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError) as caught:
        read_config()
    assert caught.value.line == line
    assert caught.value.what.startswith(str(config))
    assert caught.value.what.endswith(f", line {line}")
    assert why in caught.value.why
    assert caught.value.hint


def test_a_binary_file_or_a_directory_is_an_error(config: Path) -> None:
    config.write_bytes(b'model = "\xff"')
    with pytest.raises(FormatError, match="UTF-8"):
        read_config()
    with pytest.raises(InputError, match="directory"):
        read_config(config.parent)


def test_variables_of_settings_do_not_collide_with_others() -> None:
    names = {variable(name) for name in SETTINGS}
    assert "CHAPTERIZE_MIN_LENGTH" in names
    taken = ("CACHE", "FFMPEG", "STATE", "PACE", "TITLES_KEY", "VENV", "PYTHON", "CONFIG")
    assert not names & {f"CHAPTERIZE_{name}" for name in taken}
