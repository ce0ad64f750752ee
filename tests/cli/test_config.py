"""`chapterize config`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import chapterize.pipeline
from chapterize.settings import SETTINGS
from tests.cli.program import Configure, Run


def test_config_shows_each_setting_and_where_it_comes_from(
    run: Run, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = configure('model = "medium"\nlanguage = "de"\ntitles_from = "http://me:key@h/v1"\n')
    monkeypatch.setenv("CHAPTERIZE_LANGUAGE", "es")
    monkeypatch.setenv("CHAPTERIZE_TITLES_KEY", "sk-secret-42")
    done = run("config", "--json")
    found = json.loads(done.out)
    assert (found["path"], found["exists"]) == (str(path), True)
    settings = found["settings"]
    assert list(settings) == list(SETTINGS)
    assert (settings["model"]["value"], settings["model"]["origin"]) == ("medium", "file")
    assert settings["language"] == {
        "value": "es",
        "origin": "environment",
        "variable": "CHAPTERIZE_LANGUAGE",
    }
    assert (settings["offline"]["value"], settings["offline"]["origin"]) == (False, "default")
    shown = run("config").out
    assert shown.splitlines()[0] == str(path)
    assert any(
        line.split() == ["language", "es", "CHAPTERIZE_LANGUAGE"] for line in shown.split("\n")
    )
    assert "sk-secret-42" not in done.out + shown
    assert "key@" not in done.out + shown


def test_config_says_that_there_is_no_file(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CHAPTERIZE_CONFIG")
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_, **__: str(tmp_path / "none"))
    assert run("config").out.splitlines()[0].endswith("config.toml (does not exist)")
    assert json.loads(run("config", "--json").out)["exists"] is False


def test_the_library_does_not_read_the_file(configure: Configure, captions: Path) -> None:
    configure("per_hour = 0\n")
    assert len(chapterize.pipeline.make_draft(captions).chapters) == 1
