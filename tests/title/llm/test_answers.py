"""Which titles from a server are accepted for a chapter."""

from __future__ import annotations

import pytest

from chapterize.title.llm.answers import MAX_CHARACTERS, fold, parse_titles, tidy, why_refused
from tests.texts import BREAD, STARS

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


def refused(title: str, chapter: str, language: str | None, *taken: str) -> str | None:
    return why_refused(tidy(title), chapter, language=language, taken={fold(t) for t in taken})


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
        ("Musk on bread", BREAD_EN, "en"),
        ("Bread, Dough and Bitcoin", BREAD_EN, "en"),
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
    assert refused(title, chapter, language) == "not supported by the transcript"


@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("", "empty"),
        (" … ?!", "empty"),
        ("Bread\nand dough", "plain line"),
        ("Bread \u202edough", "plain line"),
        ("bread " * 12 + "dough", f"longer than {MAX_CHARACTERS}"),
        ("Bread at 12:30", "time"),
        ("0:00 Bread", "time"),
        ("<b>Bread</b>", "markup"),
        ("**Bread** dough", "markup"),
        ("[Bread](http://example.com)", "markup"),
        ("Bread at www.example.com", "markup"),
        ("Mail bread@example.com", "markup"),
        ("dough and bread", "the same"),
        ("Breads and Dough", "the same"),
        ("Хлеб и тесто", "script"),
        ("パンの生地", "script"),
    ],
)
def test_a_title_in_a_wrong_form_is_refused_with_the_reason(title: str, why: str) -> None:
    reason = refused(title, BREAD_EN, "en", "Bread and Dough")
    assert reason is not None
    assert why in reason


def test_words_of_another_chapter_do_not_support_a_title() -> None:
    assert refused("Planets and stars", " ".join(STARS), "en") is None
    assert refused("Planets and stars", BREAD_EN, "en") is not None


@pytest.mark.parametrize(
    "title", ["1. Baking bread", '"Baking bread"', "Chapter 3: Baking bread.", "„Baking bread“"]
)
def test_labels_and_quotes_around_a_title_are_removed(title: str) -> None:
    assert tidy(title) == "Baking bread"


def test_titles_that_begin_with_a_number_keep_it() -> None:
    assert tidy("3 eggs and flour") == "3 eggs and flour"
    assert tidy("2019 in review") == "2019 in review"


def test_titles_are_assigned_by_their_numbers() -> None:
    answer = '[{"number": "Chapter 2", "title": "b"}, {"number": 5, "title": "e"}]'
    assert parse_titles(answer, 3) == {1: "b"}


def test_duplicate_numbers_are_rejected() -> None:
    assert parse_titles('[{"number": 1, "title": "a"}, {"number": 1, "title": "b"}]', 3) == {}


def test_the_first_json_with_titles_is_used() -> None:
    assert parse_titles('{"note": 1} then {"titles": ["a"]} and ["b"]', 1) == {0: "a"}
