"""Training of the title scorer on a small synthetic corpus."""

from __future__ import annotations

import gzip
import importlib.util
import json
import random
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from chapterize.evaluate import rouge_l
from chapterize.title import KeyphraseTitler
from chapterize.title.phrases.scorer import Scorer

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parents[1] / "scripts"
SYLLABLES = ("bo", "ka", "ri", "mel", "tun", "dor", "vis", "pa", "lem", "gra", "nor", "fi", "sha")


def load_script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script() -> ModuleType:
    load_script("artefacts")
    load_script("title_examples")
    load_script("title_trees")
    return load_script("train_titles")


def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors of texts: hashed words, in place of a model."""
    found = np.full((len(texts), 64), 1e-6, np.float32)
    for row, text in zip(found, texts, strict=True):
        for word in text.lower().split():
            row[zlib.crc32(word.encode()) % 64] += 1
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def synthetic_document(number: int, split: str) -> dict[str, Any]:
    """A document whose titles are the announced topics, not the most frequent words."""
    chance = random.Random(number)

    def word() -> str:
        return "".join(chance.choices(SYLLABLES, k=3))

    units: list[str] = []
    boundaries, titles = [], []
    for _ in range(4):
        topic, noise = f"{word()} {word()}", [f"{word()} {word()}" for _ in range(3)]
        boundaries.append(len(units))
        titles.append(topic.title())
        units.append(f"So let's talk about the {topic}.")
        units += [
            f"I saw a {chance.choice(noise)} near the {chance.choice(noise)}." for _ in "1234"
        ]
        units.append(f"We want the {topic} because of the {noise[0]}.")
        units.append(f"They like the {noise[0]} and the {noise[1]}.")
    return {
        "id": str(number), "split": split, "titles": titles, "boundaries": boundaries,
        "units": [{"text": unit} for unit in units],
    }  # fmt: skip


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("titles of two sites")
    paths = []
    for place, name in enumerate(["first_site", "second"]):
        path = folder / f"{name}.jsonl.gz"
        with gzip.open(path, "wt", encoding="utf-8") as lines:
            for number in range(30):
                split = "test" if number % 5 == 0 else "train"
                lines.write(json.dumps(synthetic_document(100 * place + number, split)) + "\n")
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def trained(script: ModuleType, corpora: list[Path]) -> Path:
    path = corpora[0].parent / "title.npz"
    assert script.main([*flags(corpora), "-o", str(path)], vectors) == 0
    return path


def flags(corpora: list[Path]) -> list[str]:
    return [flag for path in corpora for flag in ("--corpus", str(path))]


def test_the_same_corpora_give_the_same_bytes(
    script: ModuleType, corpora: list[Path], trained: Path
) -> None:
    again = trained.with_name("again.npz")
    assert script.main([*flags(corpora[::-1]), "-o", str(again)], vectors) == 0
    assert again.read_bytes() == trained.read_bytes()


def test_the_scorer_finds_the_announced_topic_in_unseen_documents(
    script: ModuleType, corpora: list[Path], trained: Path
) -> None:
    with np.load(trained, allow_pickle=False) as arrays:
        scorer = Scorer.read(dict(arrays.items()))
    titler = KeyphraseTitler(scorer=scorer)
    scores = [
        rouge_l(title, found)
        for example in script.read(corpora, "test")
        for title, found in zip(
            example.titles, titler.title(example.texts, language="en"), strict=True
        )
    ]
    assert sum(scores) / len(scores) > 0.8


def test_corpora_without_titles_are_reported(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "empty.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        lines.write(json.dumps(synthetic_document(1, "train") | {"titles": [None] * 4}) + "\n")
    assert script.main(["--corpus", str(path), "-o", str(tmp_path / "title.npz")], vectors) == 1
    assert "no titles in their train split" in capsys.readouterr().err
    assert not (tmp_path / "title.npz").exists()


def test_a_missing_folder_of_the_output_is_reported_before_training(
    script: ModuleType, corpora: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "missing" / "title.npz"
    assert script.main([*flags(corpora), "-o", str(output)], vectors) == 1
    assert str(output.parent) in capsys.readouterr().err


def test_a_scorer_trained_on_other_features_is_refused(trained: Path) -> None:
    with np.load(trained, allow_pickle=False) as arrays:
        kept = dict(arrays)
    kept["features"] = np.frombuffer(b"size content", np.uint8)
    with pytest.raises(ValueError, match="trained on other features"):
        Scorer.read(kept)
    del kept["features"]
    with pytest.raises(ValueError, match="trained on other features"):
        Scorer.read(kept)


def test_a_text_is_embedded_once(script: ModuleType) -> None:
    asked: list[str] = []

    def counting(texts: Sequence[str]) -> NDArray[np.float32]:
        asked.extend(texts)
        return vectors(texts)

    meaning = script.Meaning(counting)
    assert meaning.likeness([("rope", "rope"), ("rope", "tide")])[0] == pytest.approx(1.0)
    meaning.likeness([("tide", "rope")])
    assert sorted(asked) == ["rope", "tide"]


def test_the_mean_of_two_sets_of_trees_predicts_their_mean(script: ModuleType) -> None:
    chance = np.random.default_rng(0)
    rows = chance.normal(size=(300, 3)).astype(np.float32)
    settings = script.Settings(n_trees=5, n_leaves=4, rate=0.5, least=10)
    one, other = (
        script.grown(rows, goals, np.ones(300), settings, is_chance=False)
        for goals in (rows[:, 0] + 0.0, rows[:, 1] * rows[:, 2])
    )
    both = script.mean_of(one, other).predict(rows)
    assert both == pytest.approx((one.predict(rows) + other.predict(rows)) / 2, abs=1e-6)
    assert np.abs(both - one.predict(rows)).max() > 0.1
