"""Downloads from a server on loopback: interrupted, resumed, verified, concurrent."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.errors import EngineError
from chapterize.hub import Model, download, find, planned, remove, verify
from chapterize.hub.disk import model_folder
from tests.fake_hub import COMMIT, FakeHub, Repository, Stored
from tests.hub.conftest import MODEL, SMALL_CHUNK, WEIGHTS, toy_files

ROOT = Path(__file__).parents[2]
HALF = len(WEIGHTS.content) // 2


def test_a_download_is_complete_and_at_the_pinned_revision(fake: FakeHub, store: Path) -> None:
    reports: list[tuple[str, float]] = []
    folder = download(MODEL, on_progress=lambda *report: reports.append(report))
    assert folder == store / "models--someone--toy" / "snapshots" / COMMIT
    assert (folder / "model.bin").read_bytes() == WEIGHTS.content
    assert find(MODEL) == folder
    assert {stage for stage, _ in reports} == {"downloading the speech model"}
    fractions = [fraction for _, fraction in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len({round(fraction, 1) for fraction in fractions}) > 8


def test_only_needed_files_are_downloaded(fake: FakeHub) -> None:
    folder = download(MODEL)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("config.json", "model.bin", "tokenizer.json", "vocabulary.txt"),
    ]


def test_an_interrupted_download_counts_as_absent_and_resumes(fake: FakeHub) -> None:
    fake.cut_after, fake.refuses = HALF, 503
    with pytest.raises(EngineError, match="status 503") as caught:
        download(MODEL)
    assert "what was downloaded is kept" in caught.value.hint
    assert find(MODEL) is None
    (part,) = model_folder(MODEL).rglob("*.incomplete")
    arrived = part.stat().st_size
    assert HALF - 2 * SMALL_CHUNK < arrived <= HALF

    fake.cut_after = fake.refuses = None
    fake.history.clear()
    fractions: list[float] = []
    folder = download(MODEL, on_progress=lambda _, fraction: fractions.append(fraction))
    assert fake.ranges(WEIGHTS.digest) == [f"bytes={arrived}-"]
    assert fake.bytes_sent(WEIGHTS.digest) == len(WEIGHTS.content) - arrived
    assert fractions[0] > 0.4
    assert (folder / "model.bin").read_bytes() == WEIGHTS.content
    assert not verify(MODEL).damaged


def test_a_connection_that_is_lost_once_is_resumed_within_the_call(fake: FakeHub) -> None:
    fake.cut_after = HALF
    folder = download(MODEL)
    first, second = fake.ranges(WEIGHTS.digest)
    assert first is None
    assert second is not None
    assert re.fullmatch(r"bytes=[1-9]\d*-", second)
    assert (folder / "model.bin").read_bytes() == WEIGHTS.content


def test_a_model_on_disk_needs_no_network(fake: FakeHub) -> None:
    folder = download(MODEL)
    fake.history.clear()
    assert find(MODEL) == folder
    assert fake.history == []


def test_a_damaged_file_is_deleted(fake: FakeHub) -> None:
    fake.swaps[WEIGHTS.digest] = WEIGHTS.content[:-1] + b"?"
    with pytest.raises(EngineError, match=r"model\.bin was damaged on the way"):
        download(MODEL)
    assert find(MODEL) is None
    assert not list(model_folder(MODEL).rglob("*.incomplete"))
    fake.swaps.clear()
    assert download(MODEL)


def test_a_damaged_small_file_is_deleted(fake: FakeHub) -> None:
    config = toy_files()["config.json"]
    fake.swaps[config.digest] = b"[]"
    with pytest.raises(EngineError, match=r"config\.json was damaged on the way"):
        download(MODEL)


def test_a_partial_file_that_is_too_large_is_downloaded_again(fake: FakeHub) -> None:
    blobs = model_folder(MODEL) / "blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{WEIGHTS.digest}.incomplete").write_bytes(bytes(len(WEIGHTS.content) + 1))
    folder = download(MODEL)
    assert (folder / "model.bin").read_bytes() == WEIGHTS.content


def test_without_a_pinned_revision_main_is_downloaded_and_recorded(fake: FakeHub) -> None:
    model = Model("someone/toy", "speech", "someone/toy")
    folder = download(model)
    assert folder.name == COMMIT
    assert (model_folder(model) / "refs" / "main").read_text() == COMMIT


def test_a_repository_without_a_complete_model_is_refused(fake: FakeHub) -> None:
    del fake.repositories["someone/toy"].files["tokenizer.json"]
    with pytest.raises(EngineError, match=r"tokenizer\.json is missing or empty in someone/toy"):
        download(MODEL)


@pytest.mark.slow
def test_a_sentence_model_is_downloaded_without_code_and_other_runtimes(fake: FakeHub) -> None:
    names = ("modules.json", "config.json", "1_Pooling/config.json", "vocab.txt", "tokenizer.json")
    files = {name: Stored(name.encode()) for name in names}
    unwanted = ("pytorch_model.bin", "tf_model.h5", "onnx/model.onnx", "onnx/config.json", "a.py")
    files |= {name: Stored(name.encode()) for name in unwanted}
    files["model.safetensors"] = WEIGHTS
    fake.repositories["sentence-transformers/tiny"] = Repository(files)
    model = Model("tiny", "sentences", "sentence-transformers/tiny")
    folder = download(model)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    assert found == {*names, "model.safetensors"}
    assert find(model) == folder


def test_a_planned_download_has_name_size_and_folder(fake: FakeHub, store: Path) -> None:
    wanted = planned(MODEL)
    assert (wanted.name, wanted.megabytes, wanted.folder) == ("toy", 3, store)
    assert wanted.size == "3 MB"


CHILD = """
import sys
from chapterize.hub import Model, download
print(download(Model("toy", "speech", "someone/toy", sys.argv[1])))
"""


@pytest.mark.slow
def test_two_processes_share_one_download(fake: FakeHub, store: Path) -> None:
    fake.pace = 0.005
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error", "-c", CHILD, COMMIT],
            cwd=ROOT, env=dict(os.environ),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    for child in children:
        out, err = child.communicate(timeout=60)
        assert (child.returncode, err) == (0, "")
        assert Path(out.strip()) == find(MODEL)
    assert fake.bytes_sent(WEIGHTS.digest) == len(WEIGHTS.content)
    assert not verify(MODEL).damaged
    assert not list(store.rglob("*.incomplete"))


@pytest.mark.slow
def test_a_removed_model_can_be_downloaded_again(fake: FakeHub) -> None:
    download(MODEL)
    remove(MODEL)
    assert find(MODEL) is None
    assert download(MODEL) == find(MODEL)
