"""Vectors from character n-grams, and when they replace the table."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.vectors import LexicalEmbedder, StaticEmbedder, embed_sentences
from tests.language_texts import LANGUAGES, read_short, read_talk
from tests.texts import TOPICS

GERMAN = [s for _, sentences in read_talk("de").topics for s in sentences]


@pytest.fixture(scope="module")
def table() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_one_topic_are_more_similar_than_those_of_two(language: str) -> None:
    topics = [lines for _, lines in read_talk(language).topics]
    topic = np.repeat(np.arange(len(topics)), [len(lines) for lines in topics])
    rows = LexicalEmbedder().embed([line for lines in topics for line in lines])
    similarity = rows @ rows.T
    same = topic[:, None] == topic[None, :]
    inside = similarity[same & ~np.eye(len(rows), dtype=bool)].mean()
    assert inside > 1.25 * similarity[~same].mean()


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("Die Bremsen quietschen", "eine Bremse reparieren", "frisches Gemüse kochen"),
        ("las plantas del balcón", "regar una planta", "el motor del coche"),
        ("電車に乗りました", "駅で電車を待つ", "猫が寝ています"),
        ("चाय बनाने की विधि", "चाय में दूध", "क्रिकेट का खेल"),
    ],
)
def test_inflected_words_are_similar(query: str, near: str, far: str) -> None:
    a, b, c, *_ = LexicalEmbedder().embed([query, near, far, *"0123456789"])
    assert a @ b > a @ c + 0.1


def test_rows_are_float32_of_unit_length_or_zero() -> None:
    rows = LexicalEmbedder().embed([*GERMAN, "", "\ud800", "🙂", "xyzzy"])
    assert rows.dtype == np.float32
    assert rows.shape == (len(GERMAN) + 4, LexicalEmbedder().n_dimensions)
    np.testing.assert_allclose(np.linalg.norm(rows[: len(GERMAN)], axis=1), 1, atol=1e-5)
    assert not rows[len(GERMAN) :].any()
    assert LexicalEmbedder().embed([]).shape == (0, LexicalEmbedder().n_dimensions)


def test_the_order_of_texts_does_not_matter() -> None:
    rows = LexicalEmbedder().embed(GERMAN)
    np.testing.assert_allclose(rows[::-1], LexicalEmbedder().embed(GERMAN[::-1]), atol=1e-6)


def test_progress_goes_up_to_one() -> None:
    reported: list[float] = []
    LexicalEmbedder().embed(GERMAN * 50, on_progress=lambda stage, done: reported.append(done))
    assert reported == sorted(reported)
    assert reported[-1] == 1.0


def test_english_is_compared_by_meaning_and_by_wording(table: StaticEmbedder) -> None:
    english = [sentence for topic in TOPICS for sentence in topic]
    for texts in (english, [text.lower().replace(",", "") for text in english]):
        found = embed_sentences(table, texts)
        np.testing.assert_array_equal(found.meaning, table.embed(texts))
        assert found.table is found.meaning
        np.testing.assert_array_equal(found.wording, LexicalEmbedder().embed(texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_languages_are_compared_by_wording_only(language: str, table: StaticEmbedder) -> None:
    talk = read_talk(language)
    for cues in (talk.cues(), talk.bare_cues()):
        found = embed_sentences(table, [cue.text for cue in cues])
        assert found.table is None
        assert found.meaning is found.wording


def test_other_scripts_are_not_known(table: StaticEmbedder) -> None:
    for language in ("ko", "th", "ar", "hi", "ru"):
        assert not table.knows(read_short()[language] * 3)


@pytest.mark.parametrize("texts", [[], [""], ["ok"], ["2019, 40 %"], ["kubernetes"], ["Grüß Gott"]])
def test_texts_too_short_to_decide_use_the_table(texts: list[str], table: StaticEmbedder) -> None:
    assert embed_sentences(table, texts).table is not None


def test_a_chosen_embedder_gives_the_meaning_in_any_language() -> None:
    chosen = LexicalEmbedder()
    found = embed_sentences(chosen, GERMAN)
    np.testing.assert_array_equal(found.meaning, chosen.embed(GERMAN))
    assert found.table is None
    english = [sentence for topic in TOPICS for sentence in topic]
    assert embed_sentences(chosen, english).table is not None
