"""The folder of trained models: digests, cards and licences."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize import weights

FOLDER = weights.folder()
SUFFIXES = {".npz", ".safetensors"}


def test_every_model_is_listed_with_its_digest() -> None:
    listed = weights.digests()
    assert set(listed) == {path.name for path in FOLDER.iterdir() if path.suffix in SUFFIXES}
    for name in listed:
        assert weights.artefact(name).is_file()


def test_the_folder_has_only_arrays_cards_and_the_list() -> None:
    known = {*SUFFIXES, ".md"}
    assert [p.name for p in FOLDER.iterdir() if p.suffix not in known] == ["SHA256SUMS"]


@pytest.mark.parametrize("name", list(weights.digests()))
def test_every_model_has_a_card_with_digest_licence_and_recipe(name: str) -> None:
    card = (FOLDER / name).with_suffix(".md").read_text(encoding="utf-8")
    assert weights.digests()[name] in card
    assert "licence" in card.lower()
    assert "scripts/" in card


def test_the_static_table_has_at_most_eight_megabytes_and_no_pickle() -> None:
    path = weights.artefact("static.npz")
    assert path.stat().st_size <= 8_000_000
    with np.load(path, allow_pickle=False) as arrays:
        assert {name: arrays[name].dtype.name for name in arrays} == {
            "pieces": "uint8",
            "scales": "float32",
            "vectors": "int8",
        }


def test_the_card_of_the_static_table_names_its_source_and_the_apache_licence() -> None:
    card = (FOLDER / "static.md").read_text(encoding="utf-8")
    assert "all-MiniLM-L6-v2" in card
    assert "Apache License, Version 2.0" in card
    assert "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db" in card
