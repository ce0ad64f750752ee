"""Training of the boundary model on small synthetic corpora."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from chapterize.data import Sentence
from chapterize.segment import BoundaryModel, SegmentOptions, segment
from chapterize.segment.estimates import expected_count
from chapterize.vectors import StaticEmbedder, embed_sentences

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parents[1] / "scripts"
TOPICS = (
    ("bread", "flour", "oven", "yeast", "dough"),
    ("taxes", "income", "forms", "office", "deadline"),
    ("rivers", "boats", "water", "bridge", "fishing"),
    ("music", "guitar", "concert", "songs", "drums"),
)


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    pytest.importorskip("torch")
    before = set(sys.modules)
    sys.path.insert(0, str(SCRIPTS))
    try:
        import train_boundaries

        yield train_boundaries
    finally:
        sys.path.remove(str(SCRIPTS))
        for name in {"train_boundaries", "boundary_net", "artefacts"} - before:
            sys.modules.pop(name, None)


def document(source: str, number: int, split: str = "train") -> dict[str, Any]:
    """Chapters that begin with "Right, onwards we go", which is in no list of cue words."""
    chance = random.Random(f"{source} {number}")
    units: list[str] = []
    boundaries = []
    for topic in chance.sample(TOPICS, 4):
        boundaries.append(len(units))
        units.append("Right, onwards we go with the show.")
        for _ in range(chance.randint(8, 16)):
            first, second = chance.sample(topic, 2) if chance.random() < 0.5 else ("it", "that")
            units.append(f"I think {first} and {second} were quite good there.")
    times = [{"start": 5.0 * i, "end": 5.0 * i + 4.5, "text": t} for i, t in enumerate(units)]
    return {
        "id": f"{source}-{number}", "source": source, "duration": 5.0 * len(units),
        "units": times, "boundaries": boundaries, "split": split,
    }  # fmt: skip


def write(path: Path, n_documents: int) -> Path:
    lines = [json.dumps(document(path.stem, number)) for number in range(n_documents)]
    lines.append(json.dumps(document(path.stem, 999, "test")))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    corpora = [write(folder / f"{name}.jsonl", 16) for name in ("talks", "shows")]
    for output in ("first.npz", "second.npz"):
        arguments = [f"--corpus={path}" for path in corpora]
        arguments += [
            "--epochs=30",
            "--crop=64",
            f"--left-out={folder / 'left'}",
            f"-o={folder / output}",
        ]
        assert script.main(arguments) == 0
    return folder


def test_the_same_corpora_give_the_same_bytes(trained: Path) -> None:
    assert (trained / "first.npz").read_bytes() == (trained / "second.npz").read_bytes()
    assert {path.stem for path in (trained / "left").iterdir()} == {"talks", "shows"}


def test_a_phrase_that_opens_chapters_is_learned_and_found_in_another_source(trained: Path) -> None:
    left_out = BoundaryModel.load(trained / "left" / "talks.npz")
    given = document("talks", 999)
    sentences = [Sentence(**unit) for unit in given["units"]]
    vectors = embed_sentences(StaticEmbedder(), [sentence.text for sentence in sentences])
    found = segment(
        sentences,
        vectors,
        given["duration"],
        language="en",
        options=SegmentOptions(count=4, model=left_out),
    )
    starts = given["boundaries"][1:]
    others = np.delete(found.scores[1:], np.array(starts) - 1)
    assert found.scores[starts].min() > np.percentile(others, 95)


def test_a_single_source_is_refused(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write(tmp_path / "alone.jsonl", 2)
    assert script.main([f"--corpus={corpus}", f"-o={tmp_path / 'out.npz'}"]) == 1
    assert "at least two sources" in capsys.readouterr().err
    assert not (tmp_path / "out.npz").exists()


def test_sources_have_equal_weight_in_the_count(script: ModuleType) -> None:
    many = [reading(script, "a", 5) for _ in range(90)]
    few = [reading(script, "b", 20) for _ in range(3)]
    assert expected_count(1800.0, script.fit_count([*many, *few])) == pytest.approx(10.0)


def test_documents_without_times_are_a_source_of_their_own_in_the_count(script: ModuleType) -> None:
    timed = [reading(script, "a", 5) for _ in range(9)]
    untimed = [reading(script, "a", 20, is_timed=False)]
    assert expected_count(1800.0, script.fit_count([*timed, *untimed])) == pytest.approx(10.0)


def reading(script: ModuleType, source: str, count: int, *, is_timed: bool = True) -> Any:
    return script.Reading(source, is_timed, 1800.0, count, {}, {})
