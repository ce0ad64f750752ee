"""Training the request classifier on a few of its phrases."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from chapterize import weights
from chapterize.remote.intent import ACTIONS, Action, IntentModel

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parents[1] / "scripts"
PER_ACTION = 16


def load_script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, SCRIPTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    load_script("artefacts")
    loaded = load_script("train_intents")
    with pytest.MonkeyPatch.context() as patched:
        # One strength instead of three saves time.
        patched.setattr(loaded, "STRENGTHS", (10.0,))
        yield loaded


@pytest.fixture(scope="module")
def few(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first phrases of every action."""
    path = tmp_path_factory.mktemp("few phrases") / "phrases.md"
    sections = []
    for action in ACTIONS:
        texts = [p.text for p in script.read(script.PHRASES) if p.action is action][:PER_ACTION]
        sections.append("\n".join([f"## {action.name} en", "", *texts, ""]))
    path.write_text("\n".join(sections), encoding="utf-8")
    return path


def trained(script: ModuleType, phrases: Path, folder: str) -> Path:
    output = phrases.parent / folder / "intent.npz"
    output.parent.mkdir(exist_ok=True)
    assert script.main(["--phrases", str(phrases), "-o", str(output)]) == 0
    return output


def test_the_same_phrases_give_the_same_bytes_and_are_listed(
    script: ModuleType, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = (trained(script, few, folder) for folder in ("first", "again"))
    assert first.read_bytes() == again.read_bytes()
    assert weights.artefact("intent.npz", first.parent) == first
    assert f"{PER_ACTION * len(ACTIONS)} phrases, 10 folds: accuracy" in capsys.readouterr().err


def test_the_classifier_reproduces_its_training_phrases(script: ModuleType, few: Path) -> None:
    with np.load(trained(script, few, "known"), allow_pickle=False) as arrays:
        model = IntentModel.read(dict(arrays.items()))
    phrases = script.read(few)
    right = [
        ACTIONS[int(model.probabilities(phrase.text).argmax())] is phrase.action
        for phrase in phrases
    ]
    assert sum(right) >= 0.95 * len(right)


def test_the_shipped_classifier_was_trained_on_the_current_phrases(script: ModuleType) -> None:
    model = IntentModel.load()
    phrases = script.read(script.PHRASES)
    right = [
        ACTIONS[int(model.probabilities(phrase.text).argmax())] is phrase.action
        for phrase in phrases
    ]
    assert len(phrases) > 500
    assert sum(right) >= 0.98 * len(right)


def test_no_training_phrase_contradicts_the_keyword_table(script: ModuleType) -> None:
    wrong = [
        phrase.text
        for phrase in script.read(script.PHRASES)
        if script.keyword(script.normalise(phrase.text)) not in (None, phrase.action)
    ]
    assert not wrong


def test_a_margin_trades_lost_edits_for_missed_actions(script: ModuleType) -> None:
    edit, export = ACTIONS.index(Action.EDIT), ACTIONS.index(Action.EXPORT)
    probabilities = np.zeros((2, len(ACTIONS)))
    probabilities[:, export], probabilities[:, edit] = 0.6, 0.4
    targets = np.array([edit, export])
    # Without a margin the edit is lost; with one the export counts as an edit.
    assert script._cost(probabilities, targets, 0.0) == script.LOST_EDIT
    assert script._cost(probabilities, targets, 0.5) == 1.0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("export\n", "comes before the first heading"),
        ("## SING en\n\nla la\n", "no action SING"),
        ("## EDIT en\n\ncut\n\n## EXPORT en\n\ncut\n", "twice: cut"),
        ("## EDIT en\n\ncut\n", "fewer than 10 phrases of EXPORT"),
    ],
)
def test_faulty_phrases_are_errors(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, why: str
) -> None:
    path = tmp_path / "phrases.md"
    path.write_text(text, encoding="utf-8")
    assert script.main(["--phrases", str(path), "-o", str(tmp_path / "intent.npz")]) == 1
    assert why in capsys.readouterr().err
    assert not (tmp_path / "intent.npz").exists()
