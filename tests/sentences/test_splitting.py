"""Cues and words are split into sentences."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.data import Cue, Sentence, Transcript, Word
from chapterize.sentences import resentence


def texts(*cues: Cue) -> list[str]:
    return [sentence.text for sentence in split(*cues)]


def split(*cues: Cue) -> tuple[Sentence, ...]:
    return resentence(Transcript(cues, "captions:file"))


def talk(text: str, *, seconds_per_word: float = 0.4, words_per_cue: int = 6) -> list[Cue]:
    """Cues of a few words each, one after the other without a gap."""
    words = text.split()
    return [
        Cue(
            at * seconds_per_word,
            (at + len(part)) * seconds_per_word,
            " ".join(part),
        )
        for at in range(0, len(words), words_per_cue)
        if (part := words[at : at + words_per_cue])
    ]


def timed(text: str, pauses: dict[int, float] | None = None) -> Cue:
    """One cue with word times 0.4 s apart; `pauses` maps word indices to seconds of silence."""
    words: list[Word] = []
    at = 0.0
    for index, token in enumerate(text.split()):
        at += (pauses or {}).get(index, 0.0)
        words.append(Word(at, at + 0.35, token))
        at += 0.4
    return Cue(0.0, at, text, tuple(words))


def test_without_cues_there_are_no_sentences() -> None:
    assert split() == ()
    assert split(Cue(0.0, 1.0, "")) == ()


def test_sentences_join_across_cues_and_end_at_marks() -> None:
    found = split(
        Cue(0.0, 2.0, "We begin with the"),
        Cue(2.0, 4.0, "first of them. Then comes"),
        Cue(4.0, 6.0, "the second one of all."),
    )
    assert [s.text for s in found] == [
        "We begin with the first of them.",
        "Then comes the second one of all.",
    ]
    assert found[0].start == 0.0
    # "Then" is 15 of 25 characters into its cue.
    assert found[1].start == pytest.approx(2.0 + 2.0 * 15 / 25, abs=0.01)
    assert found[1].end == 6.0


def test_word_times_are_preferred_to_interpolation() -> None:
    words = (
        *(Word(0.1, 0.3, "It"), Word(0.3, 0.6, "is"), Word(0.6, 1.0, "done.")),
        *(Word(3.0, 3.4, "Now"), Word(3.4, 3.6, "we"), Word(3.6, 4.0, "go.")),
    )
    found = split(Cue(0.0, 5.0, "It is done. Now we go.", words))
    assert [(s.start, s.end) for s in found] == [(0.1, 1.0), (3.0, 4.0)]


def test_words_that_do_not_match_the_text_are_ignored() -> None:
    found = split(Cue(0.0, 2.0, "Entirely other text here.", (Word(5.0, 6.0, "never"),)))
    assert found == (Sentence(0.0, 2.0, "Entirely other text here."),)


@pytest.mark.parametrize(
    "sentence",
    [
        "Then Dr. Smith and Prof. Lee came in late.",
        "The value of e.g. pi is about 3.5 in there.",
        "They live in the U.S. Capitol area of town.",
        "I read J. R. Tolkien when I was young.",
        "Go to www.example.com and read the docs.",
        "Version 2.0.1 of Node.js is out today.",
        "It costs approx. ten dollars in total.",
        "Das ist z.B. Herr Dr. Müller aus Berlin.",
        "Wir treffen uns am 3. Oktober in der Stadt.",
        "La Sra. García vive en la calle mayor.",
        '"Really?" he said and looked at me again.',
        "1. Install the package before you begin.",
    ],
)
def test_dots_inside_a_sentence_do_not_end_it(sentence: str) -> None:
    after = "And here another one follows it."
    assert texts(Cue(0.0, 9.0, f"{sentence} {after}")) == [sentence, after]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "We left at 5 p.m. The train was late again. Fine.",
            ["We left at 5 p.m.", "The train was late again. Fine."],
        ),
        (
            "¿Cómo estás tú hoy? ¡Muy bien, gracias a ti! Vamos a empezar.",
            ["¿Cómo estás tú hoy?", "¡Muy bien, gracias a ti!", "Vamos a empezar."],
        ),
        (
            "Où êtes-vous allé ? « Je ne sais pas. » Il part demain.",
            ["Où êtes-vous allé ?", "« Je ne sais pas. »", "Il part demain."],
        ),
        (
            "what is this thing. it is a small test. we go on here.",
            ["what is this thing.", "it is a small test.", "we go on here."],
        ),
        (
            "ما هو هذا الشيء؟ هذا مثال صغير جدا. نبدأ الآن معا.",
            ["ما هو هذا الشيء؟", "هذا مثال صغير جدا.", "نبدأ الآن معا."],
        ),
        ("यह एक छोटा वाक्य है। यह दूसरा वाक्य है।", ["यह एक छोटा वाक्य है।", "यह दूसरा वाक्य है।"]),
        (
            "今天我们来谈谈数据库。首先是第一个问题！你准备好了吗？",
            ["今天我们来谈谈数据库。", "首先是第一个问题！", "你准备好了吗？"],
        ),
        (
            "次の話題に移りましょう。「これは例です。」データベースについてです。",
            ["次の話題に移りましょう。", "「これは例です。」", "データベースについてです。"],
        ),
    ],
)
def test_sentences_of_many_languages_are_split(text: str, expected: list[str]) -> None:
    assert texts(Cue(0.0, 12.0, text)) == expected


def test_japanese_lines_are_joined_without_a_space() -> None:
    assert texts(Cue(0.0, 2.0, "次の話題に"), Cue(2.0, 4.0, "移りましょう。")) == [
        "次の話題に移りましょう。"
    ]


def test_a_silence_ends_a_sentence() -> None:
    found = split(Cue(0.0, 2.0, "We were saying that the"), Cue(6.0, 8.0, "music was too loud."))
    assert [(s.start, s.end) for s in found] == [(0.0, 2.0), (6.0, 8.0)]


def test_a_short_answer_joins_its_neighbour_unless_a_pause_separates_them() -> None:
    assert texts(Cue(0.0, 1.0, "Yes."), Cue(1.0, 3.0, "I think it is so.")) == [
        "Yes. I think it is so."
    ]
    assert texts(Cue(0.0, 1.0, "Yes."), Cue(2.5, 4.0, "I think it is so.")) == [
        "Yes.",
        "I think it is so.",
    ]
    # Nearer to the sentence before than to the next one.
    assert texts(
        *(Cue(0.0, 2.0, "It works like this."), Cue(2.0, 2.5, "Right.")),
        Cue(3.4, 5.0, "Now the other part of it."),
    ) == ["It works like this. Right.", "Now the other part of it."]


def test_very_long_sentences_are_cut() -> None:
    endless = ", and then ".join(["we went along the road to the village"] * 12) + "."
    found = split(*talk(endless))
    lengths = [len(s.text.split()) for s in found]
    assert len(found) > 3
    assert max(lengths) <= 32
    assert min(lengths) >= 3


def test_text_without_punctuation_is_cut_at_pauses() -> None:
    text = " ".join(f"word{number}" for number in range(30))
    found = split(timed(text, pauses={9: 1.5, 19: 1.5}))
    assert [len(s.text.split()) for s in found] == [9, 10, 11]


def test_text_without_punctuation_is_cut_before_opening_words() -> None:
    part = "the river runs along the old stone wall toward an empty village square"
    text = f"{part} okay now {part} so {part} well {part}"
    openings = [sentence.text.split()[0] for sentence in split(timed(text))]
    assert openings == ["the", "okay", "so", "well"]


def test_text_without_punctuation_has_sentences_of_ordinary_length() -> None:
    text = " ".join(f"alpha{number} beta gamma" for number in range(200))
    lengths = [len(s.text.split()) for s in split(*talk(text))]
    assert all(12 <= length <= 25 for length in lengths[:-1])


def test_text_without_punctuation_is_never_cut_inside_a_cue_without_word_times() -> None:
    cues = talk(" ".join(f"alpha{number}" for number in range(300)), words_per_cue=7)
    starts = {cue.start for cue in cues}
    assert {sentence.start for sentence in split(*cues)} <= starts


def test_a_single_cue_that_is_too_long_is_cut() -> None:
    found = split(Cue(0.0, 60.0, " ".join(f"alpha{number}" for number in range(120))))
    assert len(found) >= 4
    assert max(len(s.text.split()) for s in found) <= 32
    assert all(s.end - s.start < 20.0 for s in found)


def test_dots_of_abbreviations_do_not_count_as_punctuation() -> None:
    words = " ".join(f"alpha{number}" for number in range(120))
    found = split(*talk(f"the u.s. team said. {words}"))
    assert max(len(s.text.split()) for s in found) <= 32


def test_scripts_without_spaces_and_marks_are_cut_by_cues() -> None:
    cues = [Cue(float(i), i + 1.0, "今天我们来谈谈数据库的问题") for i in range(20)]
    found = split(*cues)
    assert 4 <= len(found) <= 20
    assert {sentence.start for sentence in found} <= {cue.start for cue in cues}


def test_overlapping_speakers_keep_their_order() -> None:
    found = split(
        Cue(0.0, 10.0, "I was about to say that. It is not over yet."),
        Cue(3.0, 8.0, "Please wait a moment there."),
        Cue(3.0, 8.0, "Why would I do so?"),
    )
    assert [s.text.split()[0] for s in found] == ["I", "It", "Please", "Why"]
    assert found[1].start < 3.0 <= found[2].start < found[3].start


ALPHABET = "ab Z.!?,;\"'()。！？、 \n\u00a0é字かไทย्अ1-"
TEXTS = st.text(st.sampled_from(ALPHABET), max_size=60)


@st.composite
def cue_lists(draw: st.DrawFn) -> list[Cue]:
    cues: list[Cue] = []
    start = draw(st.floats(0.0, 5.0))
    for _ in range(draw(st.integers(0, 8))):
        end = start + draw(st.floats(0.0, 6.0))
        text = draw(TEXTS)
        words: tuple[Word, ...] = ()
        if draw(st.booleans()):
            tokens = text.split()
            times = sorted(draw(st.lists(st.floats(0.0, 40.0), min_size=2 * len(tokens))))
            words = tuple(
                Word(a, b, token)
                for token, a, b in zip(tokens, times[0::2], times[1::2], strict=False)
            )
        cues.append(Cue(start, end, text, words))
        start += draw(st.floats(0.0, 8.0))
    return cues


def without_space(pieces: Sequence[Cue | Sentence]) -> str:
    return "".join("".join(piece.text.split()) for piece in pieces)


@given(cue_lists())
@settings(max_examples=200, deadline=None)
def test_sentences_ascend_and_keep_all_text(cues: list[Cue]) -> None:
    found = split(*cues)
    assert without_space(found) == without_space(cues)
    assert all(s.start < s.end for s in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(s.text == s.text.strip() and s.text for s in found)
    assert found == split(*cues)


@pytest.mark.slow
def test_a_day_of_words_is_split() -> None:
    cues = talk("the quick brown fox jumps over the lazy dog again. So " * 18_000)
    found = split(*cues)
    assert len(found) > 10_000
