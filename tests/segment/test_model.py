"""The boundary model: run with numpy, trained with PyTorch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from chapterize.data import Sentence
from chapterize.errors import EngineError
from chapterize.segment.contrast import running_sums, window_contrasts
from chapterize.segment.features import N_BUCKETS, N_FEATURES, N_PLAIN
from chapterize.segment.model import BoundaryModel, shipped_model
from chapterize.segment.network import run_network
from chapterize.weights import artefact

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def boundary_net(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    pytest.importorskip("torch")
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import boundary_net

    yield boundary_net
    sys.modules.pop("boundary_net", None)


@pytest.mark.parametrize("n_features", [N_PLAIN, N_FEATURES])
@pytest.mark.parametrize("n", [1, 2, 7, 90])
def test_numpy_agrees_with_pytorch(n: int, n_features: int, boundary_net: ModuleType) -> None:
    import torch

    random = np.random.default_rng(n)
    torch.manual_seed(n)
    net = boundary_net.BoundaryNet(24, n_features).eval()
    vectors = random.normal(size=(n, 24)).astype(np.float32)
    features = random.normal(size=(n, N_FEATURES)).astype(np.float32)
    grams = [random.integers(0, N_BUCKETS, size=random.integers(0, 9)).tolist() for _ in vectors]
    offsets = np.cumsum([0, *(len(row) for row in grams[:-1])])
    flat = np.array([i for row in grams for i in row], dtype=np.int64)
    with torch.no_grad():
        tensors = (
            torch.from_numpy(each)
            for each in (vectors[None], features[None, :, :n_features], flat, offsets)
        )
        theirs = net(*tensors)[0].numpy()
    weights = {name: weight.numpy() for name, weight in net.state_dict().items()}
    np.testing.assert_allclose(run_network(weights, vectors, features, grams), theirs, atol=1e-5)


def test_the_scores_are_the_mean_over_the_networks() -> None:
    whole = shipped_model()
    assert len(whole.networks) > 1
    random = np.random.default_rng(5)
    sentences = [Sentence(i, i + 1, f"So, let us turn to topic {i}.") for i in range(9)]
    n_dimensions = whole.networks[0]["vector.weight"].shape[1]
    table = random.normal(size=(9, n_dimensions)).astype(np.float32)
    contrasts = window_contrasts(running_sums(table))
    given = (sentences, (table, table), (contrasts, contrasts), np.zeros(9, dtype=bool))
    apart = []
    for weights in whole.networks:
        one = BoundaryModel.load(artefact("boundary.npz"))
        one.networks = (weights,)
        apart.append(one.score(*given))
    np.testing.assert_allclose(whole.score(*given), np.mean(apart, axis=0), atol=1e-5)
    assert np.abs(apart[0] - apart[1]).max() > 0.01


def test_the_shipped_model_is_small_and_has_no_pickle() -> None:
    path = artefact("boundary.npz")
    assert path.stat().st_size < 1_000_000
    with np.load(path, allow_pickle=False) as arrays:
        assert {arrays[name].dtype.name for name in arrays} == {"int8", "float32"}


def test_the_shipped_model_is_read_once() -> None:
    assert shipped_model() is shipped_model()


def test_a_damaged_model_is_reported_with_a_hint(tmp_path: Path) -> None:
    content = artefact("boundary.npz").read_bytes()
    for number, damaged in enumerate((b"", content[:5000], b"no archive at all")):
        path = tmp_path / f"{number}.npz"
        path.write_bytes(damaged)
        with pytest.raises(EngineError, match="cannot read the boundary model") as caught:
            BoundaryModel.load(path)
        assert caught.value.hint
    with pytest.raises(EngineError, match="cannot read the boundary model"):
        BoundaryModel.load(tmp_path / "nowhere.npz")
    with np.load(artefact("boundary.npz")) as arrays:
        np.savez(tmp_path / "old.npz", **{**arrays, "count": np.zeros(4)})
    with pytest.raises(EngineError, match="cannot read the boundary model") as caught:
        BoundaryModel.load(tmp_path / "old.npz")
    assert "another version" in caught.value.why
    np.savez(tmp_path / "other.npz", vectors=np.zeros(3))
    with pytest.raises(EngineError):
        BoundaryModel.load(tmp_path / "other.npz")
