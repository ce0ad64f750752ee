from __future__ import annotations

import pytest

from chapterize.rendering.overlay.breaks import ANYWHERE, INSIDE_WORDS, WORDS, break_places


def pieces(text: str, language: str | None = None, depth: int = WORDS) -> list[str]:
    """`text` at its places, with the hyphens; blanks at the ends are left out."""
    places = break_places(text, language, depth)
    starts, hyphens = [0, *(place.at for place in places)], [place.hyphen for place in places]
    parts = [text[a:b].strip() for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    return [part + hyphen for part, hyphen in zip(parts, [*hyphens, ""], strict=True)]


def best(text: str, language: str | None = None) -> str:
    """What follows the cheapest place."""
    return text[min(break_places(text, language), key=lambda place: place.cost).at :]


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("蜜蜂は|どうやって|巣に|帰るのか。|太陽と|八の|字ダンス", None),
        ("第2章 |データベースの|設計と|インデックスの|最適化に|ついて", None),
        ("機械学習入門", "ja"),
        ("꿀벌은 |어떻게 |집으로 |돌아가는가", "ko"),
        ("ดวง|อาทิตย์|และ|การ|เต้น|รำ", "th"),
    ],
)
def test_lines_end_between_phrases(title: str, language: str | None) -> None:
    assert pieces(title.replace("|", ""), language) == [part.strip() for part in title.split("|")]


@pytest.mark.parametrize(
    ("title", "rest"),
    [
        ("蜜蜂はどうやって巣に帰るのか。太陽と八の字ダンス", "太陽と八の字ダンス"),
        ("人工智能如何改变医疗保健行业：从诊断到治疗", "从诊断到治疗"),
        ("東京タワー「夜景」の撮り方、初級編", "初級編"),
        ("Bees find home: the dance of the sun", "the dance of the sun"),
        ("Die Stadt – von der Gründung bis heute", "von der Gründung bis heute"),
        ("ผึ้งหาทางกลับรัง ดวงอาทิตย์และการเต้นรำ", "ดวงอาทิตย์และการเต้นรำ"),
    ],
)
def test_punctuation_is_the_best_place(title: str, rest: str) -> None:
    assert best(title) == rest


def test_the_model_fits_the_characters() -> None:
    assert "改變" in pieces("人工智慧如何改變醫療保健產業", "zh")
    assert "改变" in pieces("人工智能如何改变医疗保健行业", "zh")


@pytest.mark.parametrize("depth", [WORDS, INSIDE_WORDS, ANYWHERE])
@pytest.mark.parametrize(
    "title", ["日本語、「括弧」（入門）。", "サーバー々ッ。", "怎么样？很好！（完）", "การเต้นรำๆ"]
)
def test_no_line_starts_with_punctuation_or_ends_with_a_bracket(title: str, depth: int) -> None:
    for place in break_places(title, None, depth):
        assert title[place.at] not in "、。」）！？ッー々ๆำ"
        assert title[place.at - 1] not in "「（เ"


@pytest.mark.parametrize(
    "title",
    [
        *("10 %", "§ 5", "3 of 12", "3 von 12", "40 km/h", "16 GB", "20 °C", "10 000", "5 min"),
        *("Dr. House", "J. Bach", "z. B.", "Nr. 7", "№ 5", "1 – 2", "Salut !", "10\u00a0Jahre"),
        *("Bees 🐝", "Bees 🐝 🍯", "🐝 Bees", "👩‍🚀", "🇩🇪🇫🇷", "👍🏽", "e-mail", "24/7", "T-Shirt"),
        "🏳️‍🌈 Pride",
    ],
)
def test_what_belongs_together_stays_on_a_line(title: str) -> None:
    assert break_places(title, None) == []


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("We 🚀 launch", ["We 🚀", "launch"]),
        ("Fruit: 🍎 apples, 🍌 bananas", ["Fruit:", "🍎 apples,", "🍌 bananas"]),
        ("🐝蜜蜂の🍯ダンス", ["🐝蜜蜂の🍯", "ダンス"]),
        ("🎉 🎉 party 🎉", ["🎉 🎉 party 🎉"]),
        ("🎉 🎈 🎁", ["🎉", "🎈", "🎁"]),
        ("Low-code/no-code", ["Low-", "code/no-code"]),
        ("Foto/Video-Kurs", ["Foto/", "Video-", "Kurs"]),
        ("long\u200bzero\u200bwidth", ["long\u200b", "zero\u200b", "width"]),
    ],
)
def test_places_between_words(title: str, parts: list[str]) -> None:
    assert pieces(title) == parts


def test_a_line_rather_ends_before_an_article_and_after_a_number_and_its_word() -> None:
    before, after = break_places("See the sun", None)
    assert before.cost < after.cost
    costs = [place.cost for place in break_places("In 5 years Chapter 3", None)]
    assert costs[3] > costs[1] > costs[2]


@pytest.mark.parametrize(
    ("word", "language", "parts"),
    [
        ("Fahrzeugversicherung", "de", ["Fahr-", "zeug-", "ver-", "si-", "che-", "rung"]),
        ("Kraftfahrzeughaftpflicht", None, ["Kraft-", "fahr-", "zeug-", "haft-", "pflicht"]),
        ("Kansainvälisyys", "fi", ["Kan-", "sain-", "vä-", "li-", "syys"]),
        ("bridge", "en", ["bridge"]),
        ("электричество", None, ["элек-", "три-", "че-", "ство"]),
    ],
)
def test_long_words_are_hyphenated(word: str, language: str | None, parts: list[str]) -> None:
    assert pieces(word, language, INSIDE_WORDS) == parts
    assert pieces(word, language) == [word]


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        (
            "https://example.org/docs/setup_guide.html",
            ["https://example.org/", "docs/", "setup_", "guide.", "html"],
        ),
        ("parse_all_chapters", ["parse_", "all_", "chapters"]),
        ("readChapterFile", ["read", "Chapter", "File"]),
        ("numpy.linalg.solve", ["numpy.", "linalg.", "solve"]),
    ],
)
def test_addresses_and_code_are_broken_without_a_hyphen(word: str, parts: list[str]) -> None:
    assert pieces(word, "en", INSIDE_WORDS) == parts


def test_a_break_anywhere_has_a_hyphen_between_letters_that_take_one() -> None:
    assert pieces("xyz", None, ANYWHERE) == ["x-", "y-", "z"]
    assert pieces("a_b_c", None, ANYWHERE) == ["a", "_", "b", "_", "c"]
    assert pieces("ភាសា", None, ANYWHERE) == ["ភា", "សា"]
    assert pieces("العربية", None, ANYWHERE) == ["العربية"]
    assert (
        pieces("क्षमा", None, ANYWHERE) == ["क्ष", "मा"] or len(pieces("क्षमा", None, ANYWHERE)) == 2
    )
