"""Which titles say what their chapter says."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from chapterize.title.llm.answers import fold, tidy
from chapterize.title.llm.check import Talk, content_words, margin, share_said
from chapterize.title.llm.prompt import EXAMPLES
from chapterize.vectors import StaticEmbedder
from tests.texts import BREAD, STARS, TAXES, TOPICS

BREAD_EN = " ".join(BREAD)
PHONES = (
    "In 2019 NASA bought 3 iPhones from O'Neil & Sons. The WHO did not. C++ runs on the Node.js "
    "server in San Francisco, and Ada Lovelace's notes were 40 pages long."
)
GERMAN = (
    "Also, ich backe mein Brot seit zehn Jahren selbst. Der Teig ruht über Nacht, und die Kruste "
    "wird nur mit Dampf knusprig. Die Bienen sammeln Nektar für den Honig."
)
SPANISH = "Los tomates necesitan una caña para trepar. Las hojas se ponen amarillas por el agua."
JAPANESE = "味噌汁に使う出汁の話から始めます。昆布は水に三十分浸けて、鰹節を入れて火を止めます。"
CHINESE = "今天教大家做红烧肉，五花肉切成三厘米的方块，用小火把冰糖炒成焦糖色。"
KOREAN = "오늘은 김치를 담그는 방법을 이야기하겠습니다. 배추를 소금에 절여서 하룻밤 둡니다."
HINDI = "आज हम चाय बनाने की विधि सीखेंगे। पहले पानी में अदरक और इलायची डालकर उबालिए।"


table = cache(StaticEmbedder)


def refused(title: str, chapter: str, language: str | None, *taken: str) -> str | None:
    """The verdict on the title of `chapter`, which English ones share a talk with two others."""
    others = (STARS, TAXES) if language in ("en", None) else ()
    talk = Talk([[chapter], *others], language, table)
    return talk.why_refused(tidy(title), 0, {fold(other) for other in taken})


@pytest.mark.parametrize(
    ("title", "chapter", "language"),
    [
        ("Kneading dough and baking bread", BREAD_EN, "en"),
        ("Kneading and Baking the Loaf", BREAD_EN, "en"),
        ("How to Bake Bread", BREAD_EN, "en"),
        ("Introduction to bread", BREAD_EN, "en"),
        ("What's a good crust?", BREAD_EN, "en"),
        ("NASA's iPhones in 2019", PHONES, "en"),
        ("Node.js and C++ in San Francisco", PHONES, "en"),
        ("Ada Lovelace", PHONES, "en"),
        ("Brotteig und knusprige Kruste", GERMAN, "de"),
        ("Brot backen mit Dampf", GERMAN, "de"),
        ("Die Bienen und ihr Honig", GERMAN, "de"),
        ("Cañas para los tomates", SPANISH, "es"),
        ("味噌汁の出汁の取り方", JAPANESE, "ja"),
        ("昆布と鰹節", JAPANESE, "ja"),
        ("红烧肉怎么做", CHINESE, "zh"),
        ("用冰糖炒糖色", CHINESE, "zh"),
        ("김치 담그는 방법", KOREAN, "ko"),
        ("चाय बनाने की विधि", HINDI, "hi"),
        ("Kneading dough", BREAD_EN, None),
    ],
)
def test_a_title_with_words_of_the_chapter_is_kept(
    title: str, chapter: str, language: str | None
) -> None:
    assert refused(title, chapter, language) is None


@pytest.mark.parametrize(
    ("title", "chapter", "language"),
    [
        ("Elon Musk on bread", BREAD_EN, "en"),
        ("5 steps to good bread", BREAD_EN, "en"),
        ("BUY GOLD NOW", BREAD_EN, "en"),
        ("The best investment advice", BREAD_EN, "en"),
        ("NASA in 2020", PHONES, "en"),
        ("WHO guidelines", BREAD_EN, "en"),
        ("Brot und Quantenphysik", GERMAN, "de"),
        ("Steuererklärung für Anfänger", GERMAN, "de"),
        ("Los tomates de Madrid", SPANISH, "es"),
        ("The story of tomates", SPANISH, "es"),
        ("富士山に登る", JAPANESE, "ja"),
        ("マラソンの練習", JAPANESE, "ja"),
        ("北京马拉松", CHINESE, "zh"),
        ("자동차 수리 안내", KOREAN, "ko"),
        ("क्रिकेट का इतिहास", HINDI, "hi"),
    ],
)
def test_a_title_with_other_words_is_refused(title: str, chapter: str, language: str) -> None:
    assert refused(title, chapter, language) is not None


@pytest.mark.parametrize("title", ["dough and bread", "Breads and Dough"])
def test_a_title_that_another_chapter_has_is_refused(title: str) -> None:
    assert refused(title, BREAD_EN, "en", "Bread and Dough") == "the same as another"


def test_the_title_of_another_chapter_is_refused() -> None:
    talk = Talk(TOPICS, "en", table)
    assert talk.why_refused("Planets and stars", 1) is None
    assert talk.why_refused("Planets and stars", 0) == "more like another chapter"
    assert talk.why_refused("Objecting to the tax office", 1) == "more like another chapter"


@pytest.mark.parametrize(
    ("title", "chapter"),
    [("Bread in the oven of the lecture", BREAD_EN), ("Looking Up at the Night", " ".join(STARS))],
)
def test_a_word_that_is_not_said_is_no_reason_to_refuse(title: str, chapter: str) -> None:
    talk = Talk([[chapter], TAXES], "en", table)
    assert talk.why_refused(title, 0) is None


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("Venus and the dough", "with a name that is not said"),
        ("VENUS AND DOUGH", "with a name that is not said"),
        ("Three kinds of dough in 1998", "with a number that is not said"),
        ("Kneading dough with Beyoncé", "with a name that is not said"),
    ],
)
def test_names_and_numbers_must_be_said_in_the_chapter_itself(title: str, why: str) -> None:
    assert Talk(TOPICS, "en", table).why_refused(title, 0) == why


@pytest.mark.parametrize("example", [title for _, title in EXAMPLES])
def test_no_title_of_the_examples_passes(example: str) -> None:
    talk = Talk(TOPICS, "en", table)
    assert all(talk.why_refused(example, chapter) is not None for chapter in range(3))


def test_two_words_together_of_an_example_are_refused_unless_they_are_said() -> None:
    said = ["We pay for bread with Bitcoin.", "An index fund is another way to pay."]
    talk = Talk([said[:1], said], "en", StaticEmbedder)
    title = "Pay with an index fund"
    assert talk.why_refused(title, 0) == "with a word of the examples"
    assert talk.why_refused(title, 1) is None


@pytest.mark.parametrize("example", EXAMPLES)
def test_words_of_the_examples_may_be_used_where_they_are_said(example: tuple[str, str]) -> None:
    text, title = example
    why = Talk([[text, title], BREAD], "en", table).why_refused(title, 0)
    assert why is None


def test_names_with_hyphens_and_dots_match_their_parts() -> None:
    talk = Talk([["How big was a T. rex? We know T. rex from its bones."], BREAD], "en", table)
    assert talk.why_refused("T-Rex's size", 0) is None


def test_the_only_chapter_needs_two_thirds_of_its_words() -> None:
    talk = Talk([BREAD], "en", table)
    assert talk.why_refused("Kneading bread dough", 0) is None
    assert talk.why_refused("Planets and stars of the night", 0) is not None


def test_the_margin_is_the_lead_over_the_next_chapter() -> None:
    chapters = np.eye(3, dtype=np.float32)
    title = np.array([0.8, 0.6, 0.0], dtype=np.float32)
    assert margin(title, chapters, 0) == pytest.approx(0.2)
    assert margin(title, chapters, 2) == pytest.approx(-0.8)


def test_the_share_counts_content_words_apart_from_inflection() -> None:
    assert content_words("An Introduction to the Loaves", "en") == ["loaves"]
    assert share_said("Baked loaf and rockets", {"bake", "loaf"}, "en") == pytest.approx(2 / 3)
    assert share_said("Introduction", {"bread"}, "en") == 1.0
