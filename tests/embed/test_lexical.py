"""Vectors out of character n-grams, and when they stand in for the table."""

from __future__ import annotations

import numpy as np
import pytest

from chapterize.embed import LexicalEmbedder, StaticEmbedder, suited
from tests.language_texts import LANGUAGES, read_short, read_talk
from tests.texts import TOPICS

GERMAN = [s for _, sentences in read_talk("de").topics for s in sentences]


@pytest.fixture(scope="module")
def table() -> StaticEmbedder:
    return StaticEmbedder()


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_of_one_topic_are_more_alike_than_those_of_two(language: str) -> None:
    topics = [lines for _, lines in read_talk(language).topics]
    topic = np.repeat(np.arange(len(topics)), [len(lines) for lines in topics])
    rows = LexicalEmbedder().embed([line for lines in topics for line in lines])
    likeness = rows @ rows.T
    same = topic[:, None] == topic[None, :]
    inside = likeness[same & ~np.eye(len(rows), dtype=bool)].mean()
    assert inside > 1.25 * likeness[~same].mean()


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("Die Bremsen quietschen", "eine Bremse reparieren", "frisches Gemüse kochen"),
        ("las plantas del balcón", "regar una planta", "el motor del coche"),
        ("電車に乗りました", "駅で電車を待つ", "猫が寝ています"),
        ("चाय बनाने की विधि", "चाय में दूध", "क्रिकेट का खेल"),
    ],
)
def test_inflected_words_are_alike(query: str, near: str, far: str) -> None:
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
    heard: list[float] = []
    LexicalEmbedder().embed(GERMAN * 50, on_progress=lambda stage, done: heard.append(done))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_english_stays_with_the_table(table: StaticEmbedder) -> None:
    english = [sentence for topic in TOPICS for sentence in topic]
    assert suited(table, english) is table
    assert suited(table, [text.lower().replace(",", "") for text in english]) is table


@pytest.mark.parametrize("language", LANGUAGES)
def test_other_languages_do_not(language: str, table: StaticEmbedder) -> None:
    talk = read_talk(language)
    for cues in (talk.cues(), talk.bare_cues()):
        chosen = suited(table, [cue.text for cue in cues])
        assert chosen.fingerprint == LexicalEmbedder.fingerprint != table.fingerprint


def test_other_scripts_do_not(table: StaticEmbedder) -> None:
    for language in ("ko", "th", "ar", "hi", "ru"):
        assert not table.knows(read_short()[language] * 3)


@pytest.mark.parametrize("texts", [[], [""], ["ok"], ["2019, 40 %"], ["kubernetes"], ["Grüß Gott"]])
def test_texts_too_short_to_tell_stay_with_the_table(
    texts: list[str], table: StaticEmbedder
) -> None:
    assert suited(table, texts) is table


def test_an_embedder_that_was_asked_for_is_never_replaced() -> None:
    chosen = LexicalEmbedder()
    assert suited(chosen, GERMAN) is chosen
