from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.language import (
    filler_words,
    find_cue_words,
    guess_language,
    has_case,
    has_spaces,
    normalise_language,
    stop_words,
)

SPOKEN = {
    "en": "So what we are going to do today is look at the history of the steam engine.",
    "de": "Heute schauen wir uns an, wie man einen Garten anlegt und warum der Boden wichtig ist.",
    "fr": "Alors on va parler de la cuisine du sud et je vous montre comment on fait une soupe.",
    "es": "Hoy vamos a hablar de la historia de los trenes y por qué no son como los del norte.",
    "pt": "Hoje vamos falar sobre a música no Brasil e como ela mudou com o tempo, mas isso é bom.",
    "it": "Oggi parliamo della storia della pizza e di come si fa, perché non è una cosa semplice.",
    "nl": "Vandaag gaan we kijken naar het water in dit land en waarom dat niet altijd goed is.",
    "sv": "Idag ska vi prata om hur man bygger ett hus av trä och varför det inte är så svårt.",
    "pl": "Dzisiaj porozmawiamy o tym, jak zbudować dom i dlaczego nie jest to tak trudne dla nas.",
    "tr": "Bugün bir evin nasıl yapıldığını ve bunun neden o kadar zor olmadığını konuşacağız.",
    "ru": "Сегодня мы поговорим о том, как построить дом и почему это не так сложно, как кажется.",
    "uk": "Сьогодні ми поговоримо про те, як побудувати будинок і чому це не так складно.",
    "ja": "今日は写真の撮り方についてお話しします。まずカメラを見ていきましょう。",
    "zh": "今天我们来谈谈怎么拍照片，首先看一下照相机，然后再说光线。",
    "ko": "오늘은 사진을 찍는 방법에 대해 이야기하겠습니다. 먼저 카메라를 봅니다.",
    "el": "Σήμερα θα μιλήσουμε για την ιστορία της μουσικής",
    "he": "היום נדבר על ההיסטוריה של המוזיקה",
    "ar": "اليوم سوف نتحدث عن تاريخ الموسيقى وما هي الأدوات التي كان يستخدمها الناس في هذا العالم",
    "th": "วันนี้เราจะพูดถึงประวัติศาสตร์ของดนตรีไทย",
    "hi": "आज हम संगीत के इतिहास के बारे में बात करेंगे",
}


@pytest.mark.parametrize("language", SPOKEN)
def test_language_is_guessed_from_a_sentence_or_two(language: str) -> None:
    assert guess_language(SPOKEN[language]) == language


@pytest.mark.parametrize(
    "text", ["", "12 345 00:00:12 -->", "hello", "Lorem ipsum dolor sit amet consectetur elit sed"]
)
def test_language_is_not_guessed_when_unsure(text: str) -> None:
    assert guess_language(text) is None


def test_japanese_full_of_english_terms_stays_japanese() -> None:
    assert (
        guess_language("次にKubernetesのPodについて説明します。PodはContainerの集まりです。")
        == "ja"
    )


def test_guessing_a_long_talk_samples_it() -> None:
    text = SPOKEN["de"] * 50_000
    assert guess_language(text + SPOKEN["en"] * 10) == "de"


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_any_text_has_a_known_language_or_none(text: str) -> None:
    language = guess_language(text)
    assert language is None or normalise_language(language) == language
    assert all(phrase == phrase.lower() for phrase in find_cue_words(text, language))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("pt-BR", "pt"), ("zh_Hans", "zh"), ("eng", "en"), ("GER", "de"), ("nb", "no"),
        ("und", None), ("", None), (None, None), ("x1", None),
    ],
)  # fmt: skip
def test_language_tags_become_two_letters(code: str | None, expected: str | None) -> None:
    assert normalise_language(code) == expected


def test_stop_words_know_contractions_with_and_without_apostrophe() -> None:
    assert {"the", "don't", "dont", "we're", "thats", "couldnt"} <= stop_words("en")
    assert {"hell", "shell", "shed", "computer", "system", "web"}.isdisjoint(stop_words("en"))


@pytest.mark.parametrize(
    ("language", "stop", "topic"),
    [
        ("de", "und", "garten"), ("es", "pero", "trabajo"), ("fr", "avec", "parole"),
        ("it", "perché", "città"), ("pt", "não", "sistema"), ("ru", "что", "москва"),
        ("ja", "です", "写真"), ("zh", "我们", "照片"), ("sv", "och", "hus"), ("th", "ที่", "ดนตรี"),
    ],
)  # fmt: skip
def test_stop_words_leave_topics_alone(language: str, stop: str, topic: str) -> None:
    assert stop in stop_words(language)
    assert topic not in stop_words(language)


def test_announcement_late_in_a_long_japanese_sentence_is_not_one() -> None:
    late = "私が昨日の夜に友達と一緒に食べたとても美味しい料理についてお話し"
    assert find_cue_words(late, "ja") == ()


def test_digits_of_another_script_are_no_language() -> None:
    assert guess_language("٠١٢٣٤٥٦٧٨٩" * 5) is None


def test_unknown_language_has_no_words_and_no_error() -> None:
    assert stop_words("xx") == stop_words(None) == filler_words("xx") == frozenset()
    assert find_cue_words("Let's talk about it.", "xx") == ()


def test_fillers_are_those_of_speech() -> None:
    assert {"um", "gonna", "okay", "basically"} <= filler_words("en")
    assert {"äh", "halt"} <= filler_words("de-AT")


def test_scripts_know_spaces_and_capitals() -> None:
    assert [has_spaces(code) for code in ("en", "ko", None, "ja", "zh-TW", "th")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert [has_case(code) for code in ("de", "ru", None, "ar", "ja")] == [
        True, True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "language", "phrase"),
    [
        ("Okay, so, let’s talk about brakes.", "en", "let's talk about"),
        ("Alright, next up we have the gears.", "en", "next up"),
        ("Finally, the chain.", "en", "finally"),
        ("Kommen wir zum nächsten Thema.", "de", "kommen wir zum"),
        ("Pasemos a la segunda parte.", "es", "pasemos a"),
        ("Passons à la deuxième partie.", "fr", "passons à"),
        ("Vamos falar de freios.", "pt", "vamos falar"),
        ("Passiamo alla catena.", "it", "passiamo alla"),
        ("Итак, перейдём к тормозам.", "ru", "перейдём к"),
        ("それでは、次のテーマに移ります。", "ja", "に移ります"),
        ("接下来我们看刹车。", "zh", "接下来"),
    ],
)
def test_announcing_phrases_are_found(text: str, language: str, phrase: str) -> None:
    assert phrase in find_cue_words(text, language)
    assert phrase in find_cue_words(text, None)


@pytest.mark.parametrize(
    "text",
    [
        "So I went there next week.",
        "Now it rains.",
        "And we finally arrived in the evening.",
        "The brakes of this old bike were so bad that we said let's talk about it.",
        "",
    ],
)
def test_weak_or_late_words_announce_nothing(text: str) -> None:
    assert find_cue_words(text, "en") == ()
