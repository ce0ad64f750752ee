"""Models on disk: found, measured, verified, removed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.errors import InputError
from chapterize.hub import download, find, missing_files, remove, size_on_disk, verify
from chapterize.hub.disk import model_folder
from tests.fake_hub import COMMIT, FakeHub, Repository
from tests.hub.conftest import MODEL, WEIGHTS, toy_files

OTHER = "f" * 40


def snapshot(revision: str) -> Path:
    folder = model_folder(MODEL) / "snapshots" / revision
    folder.mkdir(parents=True)
    for name, stored in toy_files().items():
        (folder / name).write_bytes(stored.content)
    return folder


def test_the_pinned_revision_has_priority(fake: FakeHub) -> None:
    other, pinned = snapshot(OTHER), snapshot(COMMIT)
    assert find(MODEL) == pinned
    (pinned / "model.bin").unlink()
    assert find(MODEL) == other


def test_the_revision_of_main_has_priority_over_newer_ones(fake: FakeHub) -> None:
    main, newer = snapshot("a" * 40), snapshot("b" * 40)
    os.utime(main, (1, 1))
    assert find(MODEL) == newer
    refs = model_folder(MODEL) / "refs"
    refs.mkdir()
    (refs / "main").write_text(main.name)
    assert find(MODEL) == main


@pytest.mark.slow
def test_a_dangling_link_makes_a_model_incomplete(fake: FakeHub) -> None:
    folder = download(MODEL)
    (folder / "model.bin").resolve().unlink()
    assert missing_files("speech", folder) == ["model.bin"]
    assert find(MODEL) is None


def test_all_missing_files_are_listed(tmp_path: Path) -> None:
    (tmp_path / "config.json").touch()
    assert missing_files("speech", tmp_path) == [
        *("config.json", "model.bin", "tokenizer.json", "vocabulary.json"),
    ]
    assert missing_files("sentences", tmp_path) == ["modules.json", "model.safetensors"]


def test_the_size_counts_the_bytes_on_disk(fake: FakeHub) -> None:
    assert size_on_disk(MODEL) == 0
    download(MODEL)
    assert len(WEIGHTS.content) < size_on_disk(MODEL) < len(WEIGHTS.content) + 4096


def test_files_that_match_the_published_ones_are_verified(fake: FakeHub) -> None:
    download(MODEL)
    fractions: list[float] = []
    found = verify(MODEL, on_progress=lambda stage, fraction: fractions.append(fraction))
    assert (found.n_compared, found.damaged, found.unknown) == (4, (), ())
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_changed_byte_is_found_in_large_and_small_files(name: str, fake: FakeHub) -> None:
    blob = (download(MODEL) / name).resolve()
    content = bytearray(blob.read_bytes())
    content[0] ^= 1
    blob.write_bytes(content)
    assert verify(MODEL).damaged == (name,)


def test_a_truncated_file_is_damaged(fake: FakeHub) -> None:
    blob = (download(MODEL) / "model.bin").resolve()
    blob.write_bytes(WEIGHTS.content[:-1])
    assert verify(MODEL).damaged == ("model.bin",)


def test_copies_without_links_have_no_recorded_digest(fake: FakeHub) -> None:
    snapshot(COMMIT)
    found = verify(MODEL)
    assert (found.n_compared, found.damaged) == (0, ())
    assert "model.bin" in found.unknown


@pytest.mark.slow
def test_removing_a_model_leaves_others_alone(fake: FakeHub, store: Path) -> None:
    neighbour = replace(MODEL, name="toy-2", repository="someone/toy-2")
    fake.repositories["someone/toy-2"] = Repository(toy_files())
    download(MODEL)
    kept = download(neighbour)
    size = size_on_disk(MODEL)
    assert remove(MODEL) == size
    assert not model_folder(MODEL).exists()
    assert find(neighbour) == kept
    assert sorted(path.name for path in store.iterdir() if path.name.startswith("models--")) == [
        "models--someone--toy-2"
    ]


def test_a_missing_model_cannot_be_verified_or_removed(fake: FakeHub) -> None:
    for act, next_command in ((verify, "models pull toy"), (remove, "models list")):
        with pytest.raises(InputError, match="toy is not on this disk") as caught:
            act(MODEL)
        assert f"chapterize {next_command}" in caught.value.hint
