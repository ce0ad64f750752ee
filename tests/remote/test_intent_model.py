"""The classifier, and routing as a whole on phrases that were not used for training."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapterize import weights
from chapterize.errors import EngineError
from chapterize.remote.intent import (
    ACTIONS,
    N_BUCKETS,
    Action,
    IntentModel,
    features,
    route,
)
from chapterize.remote.intent_keywords import keyword, normalise

ROOT = Path(__file__).parents[2]
HELD_OUT = Path(__file__).with_name("intent_held_out.tsv")
LEARNED = ROOT / "scripts" / "intent_phrases.md"


class Row(NamedTuple):
    action: Action
    language: str
    phrase: str


def held_out() -> list[Row]:
    lines = HELD_OUT.read_text(encoding="utf-8").splitlines()[1:]
    cells = [line.split("\t") for line in lines]
    return [Row(Action[action], language, phrase) for action, language, phrase in cells]


ROWS = held_out()
SHIPPED = IntentModel.load()
ROUTED = [route(row.phrase) for row in ROWS]


def accuracy(*languages: str) -> float:
    right = [
        found is row.action
        for row, found in zip(ROWS, ROUTED, strict=True)
        if not languages or row.language in languages
    ]
    return sum(right) / len(right)


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def bigrams(text: str) -> frozenset[str]:
    plain = letters(text)
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def test_enough_phrases_are_held_out_for_every_action_in_english_and_chinese() -> None:
    assert len(ROWS) >= 150
    for language in ("en", "zh"):
        for action in ACTIONS:
            n_rows = sum(row.language == language and row.action is action for row in ROWS)
            assert n_rows >= 10, (language, action)


@pytest.mark.slow
def test_no_held_out_phrase_was_used_for_training() -> None:
    lines = LEARNED.read_text(encoding="utf-8").splitlines()
    learned = [line for line in lines if line and not line.startswith("#")]
    known = {letters(line) for line in learned}
    assert len(known) > 300
    assert not [row.phrase for row in ROWS if letters(row.phrase) in known]
    assert len({letters(row.phrase) for row in ROWS}) == len(ROWS)
    # Nor is any a near copy: one word more, or one letter less.
    shapes = [bigrams(line) for line in learned]
    near = [
        row.phrase
        for row, own in zip(ROWS, map(bigrams, (row.phrase for row in ROWS)), strict=True)
        if any(len(own & shape) > 0.75 * len(own | shape) for shape in shapes)
    ]
    assert not near


def test_the_accuracy_on_held_out_phrases_is_that_of_the_card() -> None:
    # Measured: .950, .939, .958 and .976.
    assert accuracy() >= 0.95
    assert accuracy("en") >= 0.93
    assert accuracy("zh") >= 0.97
    assert accuracy("de", "es", "fr", "ja") >= 0.95
    # The kinds of phrases that were misrouted before; measured: .968, and .597 by the first model.
    right = [found is row.action for row, found in zip(ROWS[296:], ROUTED[296:], strict=True)]
    assert len(right) >= 60
    assert sum(right) / len(right) >= 0.96


def test_no_held_out_edit_is_routed_to_export() -> None:
    found = zip(ROWS, ROUTED, strict=True)
    lost = [row.phrase for row, action in found if row.action is Action.EDIT is not action]
    assert not [phrase for phrase in lost if route(phrase) is Action.EXPORT]
    assert len(lost) <= 1


def test_few_requests_for_export_credits_or_state_reach_the_agent() -> None:
    local = (Action.EXPORT, Action.CREDITS, Action.STATE)
    found = zip(ROWS, ROUTED, strict=True)
    sent = [r.phrase for r, action in found if r.action in local and action is Action.EDIT]
    assert len(sent) <= 10


@pytest.mark.parametrize(
    "text",
    [
        "add a title that says Export your data",
        "put the word credits at the end",
        "make the end credits longer",
        "change the title to Status update",
        '把标题改成"导出"',
        "cut the part where I click export",
    ],
)
def test_edits_that_mention_a_keyword_reach_the_agent(text: str) -> None:
    assert route(text) is Action.EDIT
    assert keyword(normalise(text)) is None


@given(st.text() | st.text("export导出\"'“” .mp4/\n", max_size=200))
def test_every_text_is_routed(text: str) -> None:
    assert route(text) in Action


@given(st.text(max_size=80))
def test_probabilities_sum_to_one(text: str) -> None:
    chances = SHIPPED.probabilities(text)
    assert chances.shape == (len(ACTIONS),)
    assert (chances >= 0).all()
    assert chances.sum() == pytest.approx(1)


def test_features_have_the_same_norm_for_short_and_long_texts() -> None:
    for text in ("导出", "export", "a " * 250):
        row = features(text)
        assert row.shape == (N_BUCKETS,)
        # Characters and words have norm 1.0 each; a shared bucket adds a little.
        assert np.linalg.norm(row) == pytest.approx(2**0.5, abs=0.1)


def test_an_action_must_lead_an_edit_by_the_margin() -> None:
    model = IntentModel.load()
    assert 0 < model.margin < 1
    export, edit = ACTIONS.index(Action.EXPORT), ACTIONS.index(Action.EDIT)
    for lead, action in ((-0.01, Action.EDIT), (0.01, Action.EXPORT)):
        chances = np.zeros(len(ACTIONS))
        chances[export] = 0.5 + (model.margin + lead) / 2
        chances[edit] = 1 - chances[export]
        assert model.decide(chances) is action


def test_routing_takes_milliseconds() -> None:
    route("warm up")
    texts = [row.phrase for row in ROWS] + ["add a title and " * 1000]
    started = time.process_time()
    for text in texts:
        route(text)
    assert (time.process_time() - started) / len(texts) < 0.01


def test_routing_loads_no_heavy_package() -> None:
    code = (
        "import sys\n"
        "from chapterize.remote.intent import route\n"
        "from chapterize.remote.intent_keywords import keyword\n"
        "assert keyword('make the title bigger') is None; route('make the title bigger')\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "numpy" in loaded
    assert not loaded & {"sklearn", "scipy", "httpx", "av"}


def test_the_model_file_is_small_and_holds_plain_arrays() -> None:
    path = weights.artefact("intent.npz")
    assert path.stat().st_size < 120_000
    with np.load(path, allow_pickle=False) as arrays:
        assert {name: arrays[name].dtype.name for name in arrays} == {
            "bias": "float32",
            "margin": "float64",
            "scales": "float32",
            "weights": "int8",
        }


def test_a_damaged_model_file_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "intent.npz"
    path.write_bytes(b"no archive")
    monkeypatch.setattr("chapterize.remote.intent.artefact", lambda name: path)
    with pytest.raises(EngineError, match="cannot read the request classifier"):
        IntentModel.load()


def test_arrays_of_another_version_are_refused() -> None:
    with np.load(weights.artefact("intent.npz")) as file:
        arrays = dict(file.items())
    IntentModel.read(arrays)
    with pytest.raises(ValueError, match="other features"):
        IntentModel.read(arrays | {"weights": arrays["weights"][:-1]})
    with pytest.raises(ValueError, match="other actions"):
        IntentModel.read(arrays | {"bias": arrays["bias"][:-1]})
    with pytest.raises(KeyError):
        IntentModel.read({"weights": arrays["weights"]})
