"""Downloads from a real server on loopback: broken off, resumed, checked, shared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.errors import EngineError
from chapterize.hub import Model, download, find, planned, remove, verify
from chapterize.hub.disk import place_of
from tests.fake_hub import COMMIT, FakeHub, Repository, Stored
from tests.hub.conftest import MODEL, SMALL_CHUNK, WEIGHTS, toy_files

ROOT = Path(__file__).parents[2]
HALF = len(WEIGHTS.content) // 2


def test_a_download_is_whole_and_at_the_pinned_revision(fake: FakeHub, store: Path) -> None:
    heard: list[tuple[str, float]] = []
    folder = download(MODEL, on_progress=lambda *news: heard.append(news))
    assert folder == store / "models--someone--toy" / "snapshots" / COMMIT
    assert (folder / "model.bin").read_bytes() == WEIGHTS.content
    assert find(MODEL) == folder
    assert {stage for stage, _ in heard} == {"downloading the speech model"}
    fractions = [fraction for _, fraction in heard]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len({round(fraction, 1) for fraction in fractions}) > 8


def test_nothing_is_downloaded_that_is_not_needed(fake: FakeHub) -> None:
    folder = download(MODEL)
    assert sorted(path.name for path in folder.iterdir()) == [
        *("config.json", "model.bin", "tokenizer.json", "vocabulary.txt"),
    ]


def test_a_broken_download_counts_as_absent_and_goes_on_where_it_stopped(fake: FakeHub) -> None:
    fake.cut_after, fake.refuses = HALF, 503
    with pytest.raises(EngineError, match="status 503") as caught:
        download(MODEL)
    assert "the part that has arrived is kept" in caught.value.hint
    assert find(MODEL) is None
    (part,) = place_of(MODEL).rglob("*.incomplete")
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


def test_a_connection_lost_once_is_taken_up_again_in_the_same_call(fake: FakeHub) -> None:
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


def test_a_file_that_arrives_damaged_is_thrown_away(fake: FakeHub) -> None:
    fake.swaps[WEIGHTS.digest] = WEIGHTS.content[:-1] + b"?"
    with pytest.raises(EngineError, match=r"model\.bin arrived damaged"):
        download(MODEL)
    assert find(MODEL) is None
    assert not list(place_of(MODEL).rglob("*.incomplete"))
    fake.swaps.clear()
    assert download(MODEL)


def test_a_small_file_that_arrives_damaged_is_thrown_away(fake: FakeHub) -> None:
    config = toy_files()["config.json"]
    fake.swaps[config.digest] = b"[]"
    with pytest.raises(EngineError, match=r"config\.json arrived damaged"):
        download(MODEL)


def test_a_part_larger_than_the_file_begins_again(fake: FakeHub) -> None:
    blobs = place_of(MODEL) / "blobs"
    blobs.mkdir(parents=True)
    (blobs / f"{WEIGHTS.digest}.incomplete").write_bytes(bytes(len(WEIGHTS.content) + 1))
    folder = download(MODEL)
    assert (folder / "model.bin").read_bytes() == WEIGHTS.content


def test_without_a_pinned_revision_main_is_taken_and_remembered(fake: FakeHub) -> None:
    model = Model("someone/toy", "speech", "someone/toy")
    folder = download(model)
    assert folder.name == COMMIT
    assert (place_of(model) / "refs" / "main").read_text() == COMMIT


def test_a_repository_without_a_model_is_refused(fake: FakeHub) -> None:
    del fake.repositories["someone/toy"].files["tokenizer.json"]
    with pytest.raises(EngineError, match=r"tokenizer\.json is missing or empty in someone/toy"):
        download(MODEL)


def test_a_sentence_model_comes_without_code_and_other_runtimes(fake: FakeHub) -> None:
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


def test_what_a_download_would_mean(fake: FakeHub, store: Path) -> None:
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


def test_what_is_removed_can_be_downloaded_again(fake: FakeHub) -> None:
    download(MODEL)
    remove(MODEL)
    assert find(MODEL) is None
    assert download(MODEL) == find(MODEL)
