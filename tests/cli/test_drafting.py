"""The options of a draft, for every command that drafts."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.main import get_command

from chapterize.cli.main import app
from chapterize.pipeline import Options
from chapterize.segment import GRANULARITIES
from chapterize.settings import SETTINGS
from tests.cli.program import Configure, Run
from tests.deliver.scene import use_state


@pytest.mark.parametrize("name", ["draft", "render", "split", "deliver"])
def test_every_drafting_command_has_all_options_of_a_draft(name: str) -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    options = {option for parameter in commands[name].params for option in parameter.opts}
    wanted = {"captions", "count", "per-hour", "min-length", "language", "model", "device"}
    wanted |= {
        "granularity",
        "embedder",
        "offline",
        "slides",
        "titles",
        "titles-from",
        "titles-model",
        "show-prompt",
    }
    assert {f"--{option}" for option in wanted} <= options


def test_the_settings_know_the_granularities() -> None:
    assert SETTINGS["granularity"].choices == GRANULARITIES


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [("split",), ("render",), ("deliver", "--dry-run"), ("deliver", "--local-only")]
)
def test_every_drafting_command_passes_its_options_on(
    command: tuple[str, ...],
    run: Run,
    configure: Configure,
    long_talk: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    drafted: list[Options],
) -> None:
    use_state(tmp_path, monkeypatch)
    configure("min_length = 21\n")
    server = ("--titles-from", "http://127.0.0.1:9/v1", "--titles-model", "writer")
    done = run(
        *command, long_talk, "--device", "cpu", "--embedder", "mine", "--slides", "off", *server
    )
    assert done.code == 0, done.err
    assert (drafted[0].device, drafted[0].embedder) == ("cpu", "mine")
    assert drafted[0].slides == "off"
    assert (drafted[0].titles, drafted[0].titles_model) == (server[1], "writer")
    assert drafted[0].segment.min_length == 21
    assert run(*command, long_talk, "--device", "abacus").code == 2
