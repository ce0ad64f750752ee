"""`chapterize models`, and the question before a draft downloads one."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.hub import MODELS, find, known
from tests.cli.program import Run
from tests.cli.terminal_session import Answer, at_terminal, interrupted
from tests.fake_hub import FakeHub, Repository, Stored, running_hub, use_hub
from tests.tiny_whisper import make_tiny_whisper

pytestmark = pytest.mark.slow

SMALL = next(model for model in MODELS if model.name == "small")
BASE = next(model for model in MODELS if model.name == "base")
QUESTION = "Download it? [Y/n]"


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_whisper(tmp_path_factory.mktemp("whisper"))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "hub"


@pytest.fixture
def hub(
    tiny_whisper: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeHub]:
    """A hub whose ``small`` really loads; an empty cache, and a user without transcripts."""
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(tmp_path / "cache"))
    with running_hub() as fake:
        use_hub(fake, store, monkeypatch)
        assert SMALL.revision is not None
        fake.repositories[SMALL.repository] = Repository.of(tiny_whisper, SMALL.revision)
        yield fake


def blob(name: str) -> Path:
    folder = find(SMALL)
    assert folder is not None
    return (folder / name).resolve()


def damage(name: str) -> None:
    content = bytearray(blob(name).read_bytes())
    content[-1] ^= 1
    blob(name).write_bytes(content)


def test_the_list_has_every_model_and_what_is_on_disk(hub: FakeHub, run: Run) -> None:
    lines = run("models", "list").out.splitlines()
    assert lines[0].split()[:3] == ["NAME", "FOR", "SIZE"]
    rows = {line.split()[0]: line for line in lines[1:]}
    assert list(rows) == [model.name for model in MODELS]
    assert rows["small"].split() == [
        *("small", "speech", "487", "MB", "3.6", "GB", "MIT", "536b0662", "no"),
    ]
    assert "(turbo)" in rows["large-v3-turbo"]
    run("models", "pull", "small")
    (row,) = (line for line in run("models", "list").out.splitlines() if line.startswith("small "))
    assert row.endswith("  6 MB")


def test_the_list_as_json_has_every_field(hub: FakeHub, run: Run) -> None:
    rows = json.loads(run("models", "list", "--json").out)
    small = next(row for row in rows if row["name"] == "small")
    assert small == {
        "name": "small",
        "purpose": "speech",
        "repository": "Systran/faster-whisper-small",
        "revision": SMALL.revision,
        "megabytes": 487,
        "memory_mb": 3608,
        "licence": "MIT",
        "aliases": [],
        "path": None,
        "bytes": 0,
    }
    assert hub.history == []


def test_pull_downloads_verifies_and_loads(hub: FakeHub, run: Run) -> None:
    done = run("models", "pull", "small", "--json")
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert found["loaded"] is True
    assert found["revision"] == SMALL.revision
    assert Path(found["path"]) == find(SMALL)
    assert "downloading small, 487 MB" in done.err


def test_pull_of_a_model_on_disk_uses_no_network(hub: FakeHub, run: Run) -> None:
    run("models", "pull", "small")
    hub.history.clear()
    done = run("models", "pull", "small")
    assert (done.code, done.out) == (0, f"{find(SMALL)}\n")
    assert hub.history == []


def test_a_model_that_cannot_be_loaded_is_reported(hub: FakeHub, run: Run) -> None:
    hub.repositories[SMALL.repository].files["model.bin"] = Stored(b"no model")
    done = run("models", "pull", "small")
    assert (done.code, done.out) == (8, "")
    assert "the model small cannot be loaded" in done.err
    assert "chapterize models remove small" in done.err


def test_a_model_that_is_damaged_on_disk_is_reported_by_pull(hub: FakeHub, run: Run) -> None:
    run("models", "pull", "small")
    damage("model.bin")
    done = run("models", "pull", "small")
    assert (done.code, done.out) == (8, "")
    assert "files differ from the published ones: model.bin" in done.err


def test_a_model_that_fails_does_not_stop_the_others(hub: FakeHub, run: Run) -> None:
    done = run("models", "pull", "base", "smal", "small")
    assert done.code == 8
    assert "no public repository Systran/faster-whisper-base" in done.err
    assert "did you mean small" in done.err
    assert done.out == f"{find(SMALL)}\n"


def test_a_sentence_model_without_its_package_is_downloaded_and_not_loaded(
    hub: FakeHub, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    model = known("all-MiniLM-L6-v2")
    assert model is not None
    assert model.revision is not None
    files = {name: Stored(b"{}") for name in ("modules.json", "config.json", "model.safetensors")}
    hub.repositories[model.repository] = Repository(files, model.revision)
    done = run("models", "pull", model.name, "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["loaded"] is False
    assert "all-MiniLM-L6-v2 was not loaded" in done.err
    assert "pip install sentence-transformers" in done.err


def test_verify_names_the_damaged_file_and_what_to_do(hub: FakeHub, run: Run) -> None:
    run("models", "pull", "small")
    done = run("models", "verify")
    assert (done.code, done.out) == (0, "small: 5 files match\n")
    damage("tokenizer.json")
    done = run("models", "verify", "small")
    assert (done.code, done.out) == (1, "small: tokenizer.json is damaged\n")
    assert "chapterize models remove small, then chapterize models pull small" in done.err
    done = run("models", "verify", "--json")
    assert done.code == 1
    (result,) = json.loads(done.out)
    assert (result["name"], result["damaged"]) == ("small", ["tokenizer.json"])


def test_verify_without_any_model(hub: FakeHub, run: Run) -> None:
    done = run("models", "verify")
    assert (done.code, done.out, done.err) == (0, "", "no models on this disk\n")
    assert run("models", "verify", "small").code == 3


def test_path_is_the_folder_for_the_option_model(hub: FakeHub, run: Run) -> None:
    absent = run("models", "path", "small")
    assert (absent.code, absent.out) == (3, "")
    assert "chapterize models pull small" in absent.err
    run("models", "pull", "small")
    assert run("models", "path", "small").out == f"{find(SMALL)}\n"
    assert json.loads(run("models", "path", "small", "--json").out)["path"] == str(find(SMALL))


def test_remove_without_a_terminal_needs_yes(hub: FakeHub, run: Run) -> None:
    run("models", "pull", "small")
    refused = run("models", "remove", "small")
    assert refused.code == 3
    assert "--yes" in refused.err
    assert find(SMALL)
    done = run("models", "remove", "small", "--yes", "--json")
    assert done.code == 0
    assert json.loads(done.out)["bytes"] > 4_000_000
    assert find(SMALL) is None
    gone = run("models", "remove", "small", "--yes")
    assert gone.code == 3
    assert "chapterize models list" in gone.err


@pytest.mark.parametrize("command", ["path", "verify", "pull", "remove"])
def test_the_hint_for_an_unknown_name_fits_the_command(
    command: str, hub: FakeHub, run: Run
) -> None:
    done = run("models", command, "foo")
    assert done.code == 8
    assert "chapterize models list" in done.err
    assert "--model" not in done.err
    assert "did you mean small" in run("models", command, "smal").err


def test_remove_refuses_folders(hub: FakeHub, run: Run, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    done = run("models", "remove", mine, "--yes")
    assert done.code == 3
    assert "is a folder" in done.err
    assert mine.is_dir()


@pytest.mark.parametrize(("answer", "code"), [("", 11), ("n", 11), ("y", 0)])
def test_remove_asks_at_a_terminal(answer: str, code: int, hub: FakeHub, run: Run) -> None:
    run("models", "pull", "small")
    done, shown = at_terminal(["models", "remove", "small"], [("Delete? [y/N]", answer)])
    assert done == code
    assert "6 MB" in shown
    assert (find(SMALL) is None) is (code == 0)


def test_ctrl_c_during_pull_keeps_the_partial_download(
    hub: FakeHub, store: Path, tmp_path: Path, run: Run
) -> None:
    files = hub.repositories[SMALL.repository].files
    # CTranslate2 reads what it needs; two chunks of 10 MB and more make a part worth keeping.
    files["model.bin"] = weights = Stored(files["model.bin"].content + bytes(30 << 20))
    hub.pace = 0.0005

    def has_part() -> bool:
        return any(each.stat().st_size for each in store.rglob(f"{weights.digest}.incomplete"))

    errors = tmp_path / "errors"
    code, said = interrupted(["models", "pull", "small"], has_part, signal.SIGINT, errors)
    assert code == 130
    assert "chapterize models pull small continues it" in said
    assert "Traceback" not in said
    assert find(SMALL) is None
    arrived = sum(part.stat().st_size for part in store.rglob("*.incomplete"))
    assert arrived
    hub.pace = 0.0
    hub.history.clear()
    assert run("models", "pull", "small").code == 0
    assert hub.ranges(weights.digest) == [f"bytes={arrived}-"]


@pytest.fixture
def talks(video_mp4: Path, tmp_path: Path) -> list[Path]:
    folder = tmp_path / "videos"
    folder.mkdir()
    return [Path(shutil.copy(video_mp4, folder / f"{name}.mp4")) for name in ("one", "two")]


def test_a_draft_asks_once_for_all_files_and_yes_downloads(
    hub: FakeHub, talks: list[Path], store: Path
) -> None:
    code, shown = at_terminal(["draft", *talks, "--device", "cpu"], [(QUESTION, "")])
    assert code == 0, shown
    assert shown.count(QUESTION) == 1
    before = shown.partition(QUESTION)[0]
    for part in ("small", "487 MB", "127.0.0.1", str(store), "without it: chapters come from"):
        assert part in before
    assert find(SMALL)


def test_a_declined_download_drafts_from_pauses(hub: FakeHub, talks: list[Path]) -> None:
    code, shown = at_terminal(["draft", *talks, "--device", "cpu"], [(QUESTION, "n")])
    assert code == 0, shown
    assert shown.count(QUESTION) == 1
    assert 'run "chapterize models pull small" (487 MB)' in shown
    # A progress bar may show 0:00 too.
    assert re.findall(r"\n0:00 (\w+)", shown) == ["one", "two"]
    assert hub.history == []


def test_ctrl_c_at_the_question_ends_the_program(hub: FakeHub, talks: list[Path]) -> None:
    code, shown = at_terminal(["draft", talks[0], "--device", "cpu"], [(QUESTION, signal.SIGINT)])
    assert code == 130, shown
    assert "interrupted" in shown
    assert "Traceback" not in shown
    assert hub.history == []


def test_ctrl_d_at_the_question_declines(hub: FakeHub, talks: list[Path]) -> None:
    end: Answer = "\x04"
    code, shown = at_terminal(["draft", talks[0], "--device", "cpu"], [(QUESTION, end)])
    assert code == 0, shown
    assert hub.history == []


def test_offline_asks_nothing(hub: FakeHub, talks: list[Path]) -> None:
    code, shown = at_terminal(["draft", talks[0], "--device", "cpu", "--offline"], [])
    assert code == 0, shown
    # The codes that hide and show the cursor of a slow progress bar hold a question mark.
    assert "?" not in shown.replace("\x1b[?25", "")
    assert hub.history == []


def test_without_a_terminal_the_download_is_announced_and_starts(
    hub: FakeHub, talks: list[Path], run: Run
) -> None:
    done = run("draft", talks[0], "--device", "cpu")
    assert done.code == 0, done.err
    assert "note: Downloading the speech model small, 487 MB; this happens once." in done.err
    assert QUESTION not in done.err
    assert find(SMALL)


@pytest.mark.parametrize(
    "command",
    [["split"], ["render", "--preview", "titles.png"], ["deliver", "--local-only", "--plain"]],
)
def test_every_drafting_command_asks(
    command: list[str], hub: FakeHub, talks: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(talks[0].parent)
    monkeypatch.setenv("CHAPTERIZE_STATE", str(talks[0].parent / "state"))
    name, *options = command
    arguments = [name, talks[0], *options, "--model", "base"]
    code, shown = at_terminal(arguments, [(QUESTION, "n")])
    assert code == 0, shown
    assert shown.count(QUESTION) == 1
    assert "base is not on this disk" in shown
    assert hub.history == []
    assert find(BASE) is None
