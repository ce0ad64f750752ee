"""The arithmetic of scripts/distill.py, without the model."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def distill(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import distill

    yield distill
    for name in {"distill", "distill_teacher", "artefacts"} - before:
        del sys.modules[name]


def write_corpus(path: Path, n_sentences: int, split: str = "train") -> Path:
    texts = [f"{path.stem} says {i} things today" for i in range(n_sentences)]
    line = json.dumps({"split": split, "units": [{"text": text} for text in texts]})
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(line + "\n")
    return path


def test_the_map_that_made_the_sentences_is_recovered(distill: ModuleType) -> None:
    from scipy.sparse import csr_matrix

    random = np.random.default_rng(0)
    features = random.normal(size=(40, 6)).astype(np.float32)
    bags = csr_matrix(random.poisson(0.2, size=(3000, 40)).astype(np.float32))
    table = features @ random.normal(size=(6, 3)).astype(np.float32)
    found = distill.fit(features, bags, distill.unit(bags @ table))
    full = np.asarray(bags.sum(axis=1)).ravel() > 0
    similarity = (distill.unit(bags @ found) * distill.unit(bags @ table)).sum(axis=1)[full]
    assert similarity.mean() > 0.99


def test_principal_components_keep_distances_and_signs(distill: ModuleType) -> None:
    plane = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    vectors = plane @ np.array([[1, 2, 0, 1], [0, 1, 5, 1]], dtype=np.float32)
    kept = distill.principal(vectors, 2)
    np.testing.assert_allclose(
        np.linalg.norm(kept[1:] - kept[:-1], axis=1),
        np.linalg.norm(vectors[1:] - vectors[:-1], axis=1),
        rtol=1e-4,
    )
    np.testing.assert_array_equal(kept, distill.principal(vectors, 2))


def test_each_corpus_gives_its_share_and_small_ones_all_they_have(
    distill: ModuleType, tmp_path: Path
) -> None:
    corpora = [
        write_corpus(tmp_path / f"{name}.jsonl.gz", n)
        for name, n in (("big", 500), ("small", 5), ("middle", 100))
    ]
    sample = distill.sample_sentences(corpora, 95)
    counts = [sum(text.startswith(name) for text in sample) for name in ("big", "small", "middle")]
    assert counts == [45, 5, 45]


def test_only_the_train_split_is_used(distill: ModuleType, tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "held.jsonl.gz", 50, split="test")
    with pytest.raises(ValueError, match="no sentences"):
        distill.sample_sentences([corpus], 10)


def test_the_packed_table_is_read_back_within_rounding(distill: ModuleType, tmp_path: Path) -> None:
    from chapterize.vectors import StaticEmbedder

    table = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    path = tmp_path / "table.npz"
    path.write_bytes(distill.pack(["one", "two", "本"], table))
    rows = StaticEmbedder(path).embed(["one", "two", "本"])
    np.testing.assert_allclose(rows, distill.unit(table), atol=0.02)


def test_the_bytes_depend_on_the_arrays_only(
    distill: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = {"a": np.arange(5), "b": np.ones((2, 2), dtype=np.int8)}
    first = distill.write_npz(arrays)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert distill.write_npz(arrays) == first
    with np.load(io.BytesIO(first), allow_pickle=False) as read:
        np.testing.assert_array_equal(read["b"], arrays["b"])


def test_a_table_over_eight_megabytes_is_refused(distill: ModuleType) -> None:
    with pytest.raises(ValueError, match="more than 8000000"):
        distill.pack(["piece"] * 8001, np.ones((8001, 1000), dtype=np.float32))


def test_weights_with_another_digest_are_refused(
    distill: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"other")
    corpus = write_corpus(tmp_path / "a.jsonl.gz", 5)
    assert distill.main(["--model", str(tmp_path), "--corpus", str(corpus)]) == 1
    assert "is not all-MiniLM-L6-v2" in capsys.readouterr().err


def test_special_and_unused_entries_are_not_pieces(distill: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "vocab.txt"
    path.write_text("[PAD]\n[unused0]\n[\n]\nbread\n##s\n\u2028\n", encoding="utf-8")
    vocabulary = distill.Vocabulary.read(path)
    assert vocabulary.pieces == ("[", "]", "bread", "##s", "\u2028")
    assert vocabulary.rows.tolist() == [2, 3, 4, 5, 6]
    assert vocabulary.bags(vocabulary.indices(["breads bread zzz", ""])).toarray().tolist() == [
        [0, 0, 2, 1, 0],
        [0, 0, 0, 0, 0],
    ]


def test_the_list_has_every_model_in_the_folder_with_its_digest(
    distill: ModuleType, tmp_path: Path
) -> None:
    for name, content in (("b.npz", b"two"), ("a.npz", b"one"), ("a.md", b"card")):
        (tmp_path / name).write_bytes(content)
    distill.write_manifest(tmp_path)
    lines = (tmp_path / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    assert [line.partition("  ")[2] for line in lines] == ["a.npz", "b.npz"]
    assert lines[0].startswith("7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed")
