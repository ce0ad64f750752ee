"""Models on disk: found whole, measured, verified, removed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.errors import InputError
from chapterize.hub import download, find, missing_files, remove, size_on_disk, verify
from chapterize.hub.disk import place_of
from tests.fake_hub import COMMIT, FakeHub, Repository
from tests.hub.conftest import MODEL, WEIGHTS, toy_files

OTHER = "f" * 40


def snapshot(revision: str) -> Path:
    folder = place_of(MODEL) / "snapshots" / revision
    folder.mkdir(parents=True)
    for name, stored in toy_files().items():
        (folder / name).write_bytes(stored.content)
    return folder


def test_the_pinned_revision_comes_before_all_others(fake: FakeHub) -> None:
    other, pinned = snapshot(OTHER), snapshot(COMMIT)
    assert find(MODEL) == pinned
    (pinned / "model.bin").unlink()
    assert find(MODEL) == other


def test_the_revision_of_main_comes_before_newer_ones(fake: FakeHub) -> None:
    main, newer = snapshot("a" * 40), snapshot("b" * 40)
    os.utime(main, (1, 1))
    assert find(MODEL) == newer
    refs = place_of(MODEL) / "refs"
    refs.mkdir()
    (refs / "main").write_text(main.name)
    assert find(MODEL) == main


def test_a_link_to_a_file_that_is_gone_makes_a_model_incomplete(fake: FakeHub) -> None:
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


def test_the_size_is_that_of_the_bytes_on_disk(fake: FakeHub) -> None:
    assert size_on_disk(MODEL) == 0
    download(MODEL)
    assert len(WEIGHTS.content) < size_on_disk(MODEL) < len(WEIGHTS.content) + 4096


def test_files_as_published_are_verified(fake: FakeHub) -> None:
    download(MODEL)
    heard: list[float] = []
    found = verify(MODEL, on_progress=lambda stage, fraction: heard.append(fraction))
    assert (found.n_compared, found.damaged, found.unknown) == (4, (), ())
    assert heard[-1] == 1.0


@pytest.mark.parametrize("name", ["model.bin", "config.json"])
def test_a_changed_byte_is_damage_in_large_and_small_files(name: str, fake: FakeHub) -> None:
    blob = (download(MODEL) / name).resolve()
    content = bytearray(blob.read_bytes())
    content[0] ^= 1
    blob.write_bytes(content)
    assert verify(MODEL).damaged == (name,)


def test_a_file_that_is_cut_short_is_damage(fake: FakeHub) -> None:
    blob = (download(MODEL) / "model.bin").resolve()
    blob.write_bytes(WEIGHTS.content[:-1])
    assert verify(MODEL).damaged == ("model.bin",)


def test_copies_without_links_have_no_known_digest(fake: FakeHub) -> None:
    snapshot(COMMIT)
    found = verify(MODEL)
    assert (found.n_compared, found.damaged) == (0, ())
    assert "model.bin" in found.unknown


def test_removing_touches_nothing_of_others(fake: FakeHub, store: Path) -> None:
    neighbour = replace(MODEL, name="toy-2", repository="someone/toy-2")
    fake.repositories["someone/toy-2"] = Repository(toy_files())
    download(MODEL)
    kept = download(neighbour)
    size = size_on_disk(MODEL)
    assert remove(MODEL) == size
    assert not place_of(MODEL).exists()
    assert find(neighbour) == kept
    assert sorted(path.name for path in store.iterdir() if path.name.startswith("models--")) == [
        "models--someone--toy-2"
    ]


def test_what_is_not_there_is_neither_verified_nor_removed(fake: FakeHub) -> None:
    for act in (verify, remove):
        with pytest.raises(InputError, match="toy is not on this disk") as caught:
            act(MODEL)
        assert "chapterize models pull toy" in caught.value.hint
