"""Training of the tagger on the tags of a small rule-based teacher."""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from chapterize.title.phrases.tagger import Tagger
from tests.test_train_titles import load_script

TAGS = {"the": "DT", "a": "DT", "holds": "VBZ", "breaks": "VBZ", "old": "JJ", "wet": "JJ"}
TAGS |= {"does": "VBZ", "n't": "RB", "hold": "VB", ",": ",", ".": "."}
NOUNS = ("rope", "boat", "tide", "sail", "net", "hook")


@dataclass
class Token:
    text: str
    idx: int

    @property
    def tag_(self) -> str:
        return TAGS.get(self.text.lower(), "NN")

    def __len__(self) -> int:
        return len(self.text)


class Parsed(list[Token]):
    text = ""


class Teacher:
    def pipe(self, texts: Iterable[str], *, batch_size: int) -> Iterator[Parsed]:
        for text in texts:
            parts = re.finditer(r"n't|\w+?(?=n't)|[\w]+|[.,-]", text)
            parsed = Parsed(Token(match.group(), match.start()) for match in parts)
            parsed.text = text
            yield parsed


@pytest.fixture(scope="module")
def script() -> ModuleType:
    load_script("artefacts")
    return load_script("train_tagger")


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    chance = random.Random(0)

    def sentence() -> str:
        one, other = chance.sample(NOUNS, 2)
        verb = chance.choice(["holds", "breaks", "doesn't hold"])
        return f"The {chance.choice(['old', 'wet'])} {one} {verb} a {other}."

    path = tmp_path / "talks.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        for number in range(20):
            units = [{"text": sentence()} for _ in range(30)]
            split = "test" if number % 5 == 0 else "train"
            lines.write(json.dumps({"split": split, "units": units}) + "\n")
    return path


def test_the_tagger_learns_the_teachers_tags_and_the_same_bytes(
    script: ModuleType, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [corpus.with_name(name) for name in ("one.npz", "two.npz")]
    for path in paths:
        assert script.main(["--corpus", str(corpus), "-o", str(path)], Teacher()) == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert "as written: 1.0000" in capsys.readouterr().err
    with np.load(paths[0], allow_pickle=False) as arrays:
        tagger = Tagger(arrays["weights"])
    assert tagger.tag([["The", "old", "hook", "doesn't", "hold", "a", "boat"]]) == ["djnfbdn"]


def test_a_missing_folder_of_the_output_is_reported_before_training(
    script: ModuleType, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = corpus.parent / "missing" / "tagger.npz"
    assert script.main(["--corpus", str(corpus), "-o", str(output)], Teacher()) == 1
    assert "missing of the output does not exist" in capsys.readouterr().err


def test_two_tokens_of_the_teacher_become_one_tag(script: ModuleType) -> None:
    (parsed,) = Teacher().pipe(["A rope-net, it doesn't hold."], batch_size=1)
    assert script._reduced(parsed) == (
        ["A", "rope-net", "", "it", "doesn't", "hold"],
        ["d", "n", "n", "f", "b"],
    )


def test_without_spacy_the_message_has_one_line(
    script: ModuleType, corpus: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setitem(sys.modules, "spacy", None)
    assert script.main(["--corpus", str(corpus), "-o", str(corpus.with_name("t.npz"))]) == 1
    assert capsys.readouterr().err.count("\n") == 1
