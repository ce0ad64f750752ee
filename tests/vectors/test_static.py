"""The built-in embedder, on the table that is shipped and on small ones made here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chapterize.errors import EngineError
from chapterize.vectors import StaticEmbedder, load_embedder, word_piece_tokenizer

PIECES = ("bread", "tax", "##es", "un", "##bread", "。", "本")


def write_table(path: Path, pieces: tuple[str, ...] = PIECES, n_scales: int | None = None) -> Path:
    """A table in which piece i points along axis i with length i + 1."""
    with path.open("wb") as file:
        np.savez(
            file,
            pieces=np.frombuffer("\n".join(pieces).encode(), dtype=np.uint8),
            scales=np.arange(1, 1 + (n_scales or len(pieces)), dtype=np.float32) / 100,
            vectors=100 * np.eye(len(pieces), dtype=np.int8),
        )
    return path


@pytest.fixture(scope="module")
def shipped() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.fixture
def small(tmp_path: Path) -> StaticEmbedder:
    return StaticEmbedder(write_table(tmp_path / "a table %d 日本.npz"))


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("how to bake bread", "kneading the dough", "tax return deadlines"),
        ("the brakes of the bicycle squeak", "change the chain and the tyres", "a violin concerto"),
        ("Deploying containers", "servers in the cloud", "roses need sun and water"),
        ("My knee hurts when I run", "see a doctor about the injury", "the senate passed a law"),
        ("we signed the mortgage", "interest rates of the bank", "penguins live in colonies"),
    ],
)
def test_texts_of_similar_meaning_have_similar_vectors(
    shipped: StaticEmbedder, query: str, near: str, far: str
) -> None:
    a, b, c = shipped.embed([query, near, far])
    assert a @ b > a @ c + 0.1


@pytest.mark.parametrize(
    "text", ["Der Ofen muss heiß sein.", "パンを焼く方法", "如何烤面包", "Hola, ¿qué tal?"]
)
def test_other_languages_have_vectors_of_their_known_pieces(
    shipped: StaticEmbedder, text: str
) -> None:
    assert np.linalg.norm(shipped.embed([text])) == pytest.approx(1, abs=1e-5)


def test_case_accents_and_space_do_not_matter(shipped: StaticEmbedder) -> None:
    one, other = shipped.embed(["the café opens", " The  CAFE\u00a0opens\n"])
    np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_order_and_number_of_texts_do_not_matter(shipped: StaticEmbedder) -> None:
    texts = [f"sentence {i} is about topic {i % 7} and no other" for i in range(5000)]
    together = shipped.embed(texts)
    np.testing.assert_array_equal(together[::-1], shipped.embed(texts[::-1]))
    np.testing.assert_allclose(together[4321], shipped.embed(texts[4321:4322])[0], atol=1e-6)


def test_rows_are_unit_float32_and_no_texts_give_no_rows(shipped: StaticEmbedder) -> None:
    rows = shipped.embed(["one", "two words"])
    assert rows.dtype == np.float32
    assert rows.shape == (2, shipped.n_dimensions)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert shipped.embed([]).shape == (0, shipped.n_dimensions)


def test_a_row_is_the_unit_sum_of_its_pieces(small: StaticEmbedder) -> None:
    (row,) = small.embed(["Unbread, taxes tax"])
    expected = np.array([0, 2 * 2, 3, 4, 5, 0, 0]) / np.sqrt(16 + 9 + 16 + 25)
    np.testing.assert_allclose(row, expected, atol=1e-6)


@pytest.mark.parametrize("text", ["", "  \n\t", "zzz", "🙂", "\ud800", "z" * 1000])
def test_a_text_without_a_known_piece_gives_zeros_and_does_not_affect_others(
    small: StaticEmbedder, text: str
) -> None:
    rows = small.embed([text, "bread", text, "tax", text])
    assert not rows[[0, 2, 4]].any()
    np.testing.assert_array_equal(rows[1], small.embed(["bread"])[0])
    np.testing.assert_array_equal(rows[3], small.embed(["tax"])[0])


def test_a_word_with_an_unknown_part_is_unknown(small: StaticEmbedder) -> None:
    assert not small.embed(["breadz"]).any()


def test_chinese_is_split_into_single_characters(small: StaticEmbedder) -> None:
    np.testing.assert_array_equal(small.embed(["本本。"]), small.embed(["本 本 。"]))


def test_an_unknown_piece_has_the_index_after_the_last() -> None:
    encoded = word_piece_tokenizer(PIECES).encode("taxes zzz bread")
    assert encoded.ids == [1, 2, len(PIECES), 0]


def test_progress_goes_up_to_one(small: StaticEmbedder) -> None:
    reported: list[float] = []
    small.embed(["bread"] * 5000, on_progress=lambda stage, fraction: reported.append(fraction))
    assert reported == sorted(reported)
    assert len(reported) > 1
    assert reported[-1] == 1.0


def test_the_fingerprint_depends_on_the_content_and_not_the_name(tmp_path: Path) -> None:
    first = StaticEmbedder(write_table(tmp_path / "a.npz"))
    same = StaticEmbedder(write_table(tmp_path / "b.npz"))
    other = StaticEmbedder(write_table(tmp_path / "c.npz", (*PIECES[:-1], "木")))
    assert first.fingerprint == same.fingerprint != other.fingerprint


def test_a_damaged_table_is_an_engine_error(tmp_path: Path) -> None:
    path = write_table(tmp_path / "table.npz")
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(EngineError, match="cannot read the table") as caught:
        StaticEmbedder(path)
    assert "install" in caught.value.hint
    assert "\n" not in str(caught.value)


def test_a_table_with_arrays_of_different_lengths_is_an_engine_error(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="cannot read the table"):
        StaticEmbedder(write_table(tmp_path / "table.npz", n_scales=3))


def test_a_pickle_in_a_table_is_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "table.npz"
    with path.open("wb") as file:
        np.savez(file, pieces=np.array([object()]), scales=np.ones(1), vectors=np.ones((1, 1)))
    with pytest.raises(EngineError, match="allow_pickle"):
        StaticEmbedder(path)


def test_static_names_the_built_in_table(shipped: StaticEmbedder) -> None:
    loaded = load_embedder("static", device="cuda", offline=True)
    assert loaded.fingerprint == shipped.fingerprint
