"""Defaults from the settings file and from environment variables."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.main import get_command

from chapterize.cli.main import app
from chapterize.pipeline import Options
from chapterize.settings import SETTINGS, variable
from chapterize.vectors import load_embedder
from tests.cli.program import Configure, Run
from tests.deliver.scene import use_state


def test_options_override_variables_and_these_override_the_file(
    run: Run,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
    captions: Path,
    drafted: list[Options],
) -> None:
    configure('model = "medium"\nlanguage = "de"\ndevice = "cuda"\n')
    monkeypatch.setenv("CHAPTERIZE_LANGUAGE", "es")
    monkeypatch.setenv("CHAPTERIZE_DEVICE", "auto")
    assert run("draft", captions, "--device", "cpu").code == 0
    assert (drafted[0].model, drafted[0].language) == ("medium", "es")
    assert (drafted[0].device, drafted[0].embedder) == ("cpu", "static")


def test_no_config_ignores_the_file_even_if_it_is_malformed(
    run: Run, configure: Configure, captions: Path, drafted: list[Options]
) -> None:
    configure("model = [")
    assert run("--no-config", "draft", captions).code == 0
    assert drafted[0].model is None


def test_a_malformed_file_stops_a_draft_but_not_its_help(
    run: Run, configure: Configure, captions: Path
) -> None:
    path = configure('device = "cpu"\nmodle = "small"\n')
    done = run("draft", captions)
    assert (done.code, done.out) == (4, "")
    first, why, hint = done.err.splitlines()
    assert first.endswith("there is no setting 'modle', line 2")
    assert str(path) in first
    assert why == "  why:  did you mean 'model'?"
    assert hint.startswith("  next: ")
    assert run("draft", "--help").code == 0
    assert "modle" not in run("convert", captions, "-").err


def test_an_option_count_overrides_a_setting_per_hour(
    run: Run, configure: Configure, captions: Path, drafted: list[Options]
) -> None:
    configure("per_hour = 6\n")
    assert run("draft", captions, "--count", 3).code == 0
    assert run("draft", captions).code == 0
    assert [(o.segment.count, o.segment.per_hour) for o in drafted] == [(3, None), (None, 6.0)]
    assert run("draft", captions, "--count", 3, "--per-hour", 6).code == 2


def test_of_settings_for_the_number_of_chapters_the_nearest_one_counts(
    run: Run,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
    captions: Path,
    drafted: list[Options],
) -> None:
    path = configure("per_hour = 6\n")
    assert run("draft", captions, "--granularity", "coarse").code == 0
    monkeypatch.setenv("CHAPTERIZE_GRANULARITY", "fine")
    assert run("draft", captions).code == 0
    assert run("draft", captions, "--per-hour", 4).code == 0
    assert run("draft", captions, "--count", 3).code == 0
    chosen = [(o.segment.count, o.segment.per_hour, o.segment.granularity) for o in drafted]
    assert chosen == [
        (None, None, "coarse"),
        (None, None, "fine"),
        (None, 4.0, None),
        (3, None, None),
    ]
    monkeypatch.delenv("CHAPTERIZE_GRANULARITY")
    configure('per_hour = 6\ngranularity = "fine"\n')
    refused = run("draft", captions)
    assert refused.code == 2
    assert str(path) in refused.err


def test_offline_can_be_undone_on_the_command_line(
    run: Run,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
    captions: Path,
    drafted: list[Options],
) -> None:
    configure("offline = true\n")
    run("draft", captions)
    run("draft", captions, "--no-offline")
    monkeypatch.setenv("CHAPTERIZE_OFFLINE", "0")
    run("draft", captions)
    assert [options.offline for options in drafted] == [True, False, False]


def test_a_title_model_without_a_server_is_an_error_only_as_an_option(
    run: Run, configure: Configure, captions: Path, drafted: list[Options]
) -> None:
    configure('titles_model = "m"\n')
    assert run("draft", captions).code == 0
    assert drafted[0].titles_model is None
    assert run("draft", captions, "--titles-model", "m").code == 2


def test_titles_and_titles_from_are_an_error_together_except_as_settings(
    run: Run, configure: Configure, captions: Path, drafted: list[Options]
) -> None:
    server = "http://127.0.0.1:9/v1"
    refused = run("draft", captions, "--titles", "phrases", "--titles-from", server)
    assert refused.code == 2
    assert "--titles and --titles-from together" in refused.err
    configure(f'titles_from = "{server}"\n')
    assert run("draft", captions, "--titles", "none").code == 0
    assert drafted[0].titles == "none"
    configure('titles = "none"\n')
    assert run("draft", captions, "--titles-from", server).code == 0
    assert drafted[1].titles == server


def test_the_suffix_of_an_output_overrides_a_setting_format(
    run: Run, configure: Configure, captions: Path, tmp_path: Path
) -> None:
    configure('format = "json,webvtt"\n')
    target = tmp_path / "chapters.youtube.txt"
    assert run("draft", captions, "-o", target).code == 0
    assert target.read_text(encoding="utf-8").startswith("0:00 ")
    # Standard output holds one: the first.
    assert json.loads(run("draft", captions).out)["chapters"]
    folder = tmp_path / "out"
    assert run("draft", captions, "--out-dir", folder).code == 0
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".vtt"]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("min_length", "abc", 2),
        ("per_hour", "0", 2),
        ("granularity", "medium", 2),
        ("min_length", "0.5", 2),
        ("device", "abacus", 2),
        ("slides", "maybe", 2),
        ("offline", "perhaps", 2),
        ("format", "docx", 2),
        ("embedder", "no/such/model", 8),
        ("captions", "gone.srt", 3),
    ],
)
def test_a_wrong_value_in_a_variable_names_the_variable(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    talk: Path,
    captions: Path,
    name: str,
    value: str,
    code: int,
) -> None:
    shutil.copy(captions, talk.with_suffix(".srt"))
    monkeypatch.setenv(variable(name), value)
    arguments = ["draft", talk, *(["--offline"] if name != "offline" else [])]
    done = run(*arguments)
    assert (done.code, done.out) == (code, "")
    assert f"set in {variable(name)}" in done.err


def test_a_wrong_option_is_not_attributed_to_a_setting(
    run: Run, configure: Configure, captions: Path
) -> None:
    path = configure("per_hour = 0\n")
    assert str(path) in run("draft", captions).err
    done = run("draft", captions, "--per-hour", 0)
    assert done.code == 2
    assert str(path) not in done.err


def test_every_setting_is_an_option_with_its_variable() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    by_variable = {parameter.envvar: parameter for parameter in commands["draft"].params}
    for name in SETTINGS:
        assert f"--{name.replace('_', '-')}" in by_variable[variable(name)].opts


@pytest.mark.slow
def test_evaluate_takes_device_and_embedder_from_the_file(
    run: Run, configure: Configure, captions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[tuple[str, str, bool]] = []

    def remember(name: str, *, device: str, offline: bool, **_: object) -> object:
        loaded.append((name, device, offline))
        return load_embedder("static")

    monkeypatch.setattr("chapterize.vectors.load_embedder", remember)
    configure('device = "cpu"\nembedder = "mine"\noffline = true\nper_hour = 6\n')
    chapters = captions.with_suffix(".txt")
    chapters.write_text("0:00 One\n0:30 Two\n1:00 Three\n", encoding="utf-8")
    assert run("evaluate", captions, "--chapters", chapters).code == 0
    assert loaded == [("mine", "cpu", True)]


@pytest.mark.slow
def test_ask_delivers_with_the_settings(
    run: Run,
    configure: Configure,
    long_talk: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    drafted: list[Options],
) -> None:
    use_state(tmp_path, monkeypatch)
    configure('offline = true\ndevice = "cuda"\nembedder = "mine"\n')
    target = tmp_path / "made.mp4"
    done = run("ask", "make chapters for this video", long_talk, "-o", target, "--device", "cpu")
    assert (done.code, done.out) == (0, f"{target}\n")
    assert (drafted[0].device, drafted[0].embedder, drafted[0].offline) == ("cpu", "mine", True)
    assert "--no-offline" in done.err


def test_an_option_remote_only_overrides_a_setting_offline(
    run: Run, configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_state(tmp_path, monkeypatch)
    configure("offline = true\n")
    gone = tmp_path / "gone.mp4"
    assert "gone.mp4" in run("deliver", gone, "--remote-only").err
    assert "exclude each other" in run("deliver", gone, "--remote-only", "--offline").err
