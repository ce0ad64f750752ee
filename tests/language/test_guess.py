"""The language of a text is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.language import find_cue_words, guess_language, normalise_language

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
def test_language_is_not_guessed_when_uncertain(text: str) -> None:
    assert guess_language(text) is None


def test_japanese_full_of_english_terms_stays_japanese() -> None:
    assert (
        guess_language("次にKubernetesのPodについて説明します。PodはContainerの集まりです。")
        == "ja"
    )


def test_a_long_talk_is_sampled() -> None:
    text = SPOKEN["de"] * 50_000
    assert guess_language(text + SPOKEN["en"] * 10) == "de"


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_every_text_has_a_known_language_or_none(text: str) -> None:
    language = guess_language(text)
    assert language is None or normalise_language(language) == language
    assert all(phrase == phrase.lower() for phrase in find_cue_words(text, language))


def test_digits_of_another_script_are_not_a_language() -> None:
    assert guess_language("٠١٢٣٤٥٦٧٨٩" * 5) is None
