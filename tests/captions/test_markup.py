"""Speech is separated from markup, sounds and labels."""

from __future__ import annotations

import pytest

from chapterize.captions.markup import join_lines, strip_labels, strip_markup


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<i>Hello</i> <font color='#fff'>there</font>", "Hello there"),
        ("<v Anna Berg>Hello</v> <c.yellow.bg_blue>there</c>", "Hello there"),
        ("to<00:00:02.560><c> the</c><00:00:02.800><c> show</c>", "to the show"),
        ("<ruby>漢字<rt>かんじ</rt></ruby>です", "漢字です"),
        ("{\\an8}On top", "On top"),
        ("{\\pos(192,230)}{y:i}Placed", "Placed"),
        ("Tom &amp; Jerry&nbsp;&lt;3 &#233;t&#xe9;", "Tom & Jerry <3 été"),
        ("AT&T and R&Degree stay", "AT&T and R&Degree stay"),
        ("if a < b and c > d then", "if a < b and c > d then"),
        ("a list<int> stays", "a list<int> stays"),
        ("\u200eright\u200b to\ufeff left", "right to left"),
    ],
)
def test_tags_and_entities_are_removed(text: str, said: str) -> None:
    assert strip_markup(text) == said


@pytest.mark.parametrize(
    "text",
    [
        *(
            "[Music]",
            "[ __ ]",
            "[BLANK_AUDIO]",
            "[MUSIC PLAYING]",
            "- [door slams]",
            ">> [laughter]",
        ),
        *("(applause)", "(LAUGHTER)", "(upbeat music)", "*laughs*", "♪♪", "♪ (soft music) ♪"),
        *("【拍手】", "（音楽）", "[Musik]", "(risas)", "[Смех]", "..."[:0]),
    ],
)
def test_sound_descriptions_leave_nothing(text: str) -> None:
    assert strip_markup(text) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[Music] welcome back", "welcome back"),
        ("we go on (applause) with this", "we go on   with this"),
        ("the array a[0] is first", "the array a[0] is first"),
        ("he said [the device] works", "he said [the device] works"),
        ("a call like print(x) and more", "a call like print(x) and more"),
        ("that was later (in 2010)", "that was later (in 2010)"),
        ("♪ we are the champions ♪", "we are the champions"),
        ("two * three * four", "two * three * four"),
    ],
)
def test_speech_next_to_sounds_stays(text: str, said: str) -> None:
    assert strip_markup(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- Yes?\n- No.", "Yes?\nNo."),
        ("-Yes?\n–No.", "Yes?\nNo."),
        (">> Hello.\n>>> News", "Hello.\nNews"),
        ("all done. >> Now me", "all done. Now me"),
        ("-5 degrees are well-known", "-5 degrees are well-known"),
    ],
)
def test_marks_of_speaker_changes_are_removed(text: str, said: str) -> None:
    assert strip_markup(text) == said


def test_names_in_capitals_are_labels() -> None:
    texts = ["JOHN: Hello there.", "MARY ANN: Hi.\nSPEAKER_01: Me too.", "Speaker 2: And me."]
    assert strip_labels(texts) == ["Hello there.", "Hi.\nMe too.", "And me."]


def test_other_names_are_labels_when_they_repeat() -> None:
    texts = ["Adam Back: So.", "Yes.", "Adam Back: Then.", "Adam Back: Now.", "Note: this stays."]
    assert strip_labels(texts) == ["So.", "Yes.", "Then.", "Now.", "Note: this stays."]


def test_capitals_are_not_labels_where_everything_is_in_capitals() -> None:
    assert strip_labels(["REMEMBER: DO THIS", "AND THAT"]) == ["REMEMBER: DO THIS", "AND THAT"]


def test_times_and_ratios_are_not_labels() -> None:
    texts = ["At 12:30 we met", "The ratio 3: 1"] * 4
    assert strip_labels(texts) == texts


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two  lines\n of text", "two lines of text"),
        ("次の話題に\n移りましょう", "次の話題に移りましょう"),
        ("今天 我们\n来谈", "今天 我们来谈"),
        ("안녕하세요\n오늘은", "안녕하세요 오늘은"),
    ],
)
def test_lines_are_joined_as_the_script_separates_words(text: str, line: str) -> None:
    assert join_lines(text) == line
