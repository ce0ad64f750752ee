"""Roll-up and paint-on captions are merged; what speakers repeat stays."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from chapterize.captions import read_captions
from chapterize.captions.rolling import is_rolling, merge_rolling, trim_overlaps
from chapterize.data import Cue
from chapterize.timecode import format_timestamp

SPOKEN = [
    *("hello and welcome", "to the show", "no no no", "today we talk", "about the talk"),
    *("about videos", "so", "let us begin"),
]


def rolling_webvtt(lines: Sequence[str]) -> str:
    """Captions as YouTube writes them: each cue repeats the line before and adds one with word
    times; a cue of 10 ms shows it until the next."""
    parts = ["WEBVTT\nKind: captions\nLanguage: en\n"]
    shown = " "
    for number, line in enumerate(lines):
        start, words = 2.0 * number, line.split()
        stamped = words[0] + "".join(
            f"<{format_timestamp(start + 0.3 * place)}><c> {word}</c>"
            for place, word in enumerate(words[1:], 1)
        )
        until, following = format_timestamp(start + 1.99), format_timestamp(start + 2.0)
        parts.append(
            f"{format_timestamp(start)} --> {until} align:start position:0%\n{shown}\n{stamped}\n"
        )
        parts.append(f"{until} --> {following} align:start position:0%\n{line}\n \n")
        shown = line
    return "\n".join(parts)


def read(tmp_path: Path, content: str, name: str) -> tuple[Cue, ...]:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return read_captions(path).cues


def cues(*texts: str, length: float = 1.0) -> list[Cue]:
    return [Cue(i * length, (i + 1) * length, text) for i, text in enumerate(texts)]


def merged(*texts: str) -> list[str]:
    return [cue.text for cue in merge_rolling(cues(*texts))]


def test_rolling_webvtt_is_merged_with_word_times(tmp_path: Path) -> None:
    found = read(tmp_path, rolling_webvtt(SPOKEN), "talk.en.vtt")
    assert [cue.text for cue in found] == SPOKEN
    assert [cue.start for cue in found] == [2.0 * number for number in range(len(SPOKEN))]
    words = found[0].words
    assert [(word.start, word.text) for word in words] == [
        (0.0, "hello"),
        (0.3, "and"),
        (0.6, "welcome"),
    ]
    assert all(cue.words for cue in found if " " in cue.text)


def test_marks_between_timed_words_are_dropped(tmp_path: Path) -> None:
    content = rolling_webvtt(SPOKEN).replace("<c> the</c>", "<c> &gt;&gt;</c>", 1)
    found = read(tmp_path, content.replace("to the show", "to &gt;&gt; show"), "talk.vtt")
    assert found[1].text == "to show"
    assert [word.text for word in found[1].words] == ["to", "show"]


def test_srt_made_from_rolling_webvtt_is_merged(tmp_path: Path) -> None:
    content = re.sub(r"<[^>]*>| align.*", "", rolling_webvtt(SPOKEN).split("\n\n", 1)[1])
    found = read(tmp_path, content.replace(".", ","), "talk.srt")
    assert [cue.text for cue in found] == SPOKEN
    assert [cue.start for cue in found] == [2.0 * number for number in range(len(SPOKEN))]


def test_lines_joined_into_one_are_merged() -> None:
    flat = [f"{before} {line}" for before, line in zip(["", *SPOKEN], SPOKEN, strict=False)]
    assert " ".join(merged(*flat)).split() == " ".join(SPOKEN).split()


def test_captions_that_grow_are_merged_with_the_times_of_their_words() -> None:
    found = merge_rolling(cues("so", "so we", "so we begin", "now", "now this", "now this is"))
    assert [cue.text for cue in found] == ["so we begin", "now this is"]
    assert [word.start for word in found[0].words] == [0.0, 1.0, 2.0]


def test_captions_that_grow_letter_by_letter_are_merged() -> None:
    assert merged(
        "hello we", "hello wel", "hello welcome", "hello welcome ba", "hello welcome back"
    ) == ["hello welcome back"]
    assert merged("今日", "今日は天", "今日は天気", "次の", "次の話題") == [
        "今日は天気",
        "次の話題",
    ]


def test_three_lines_that_scroll_are_merged() -> None:
    lines = ["one a", "two b", "three c", "four d", "five e"]
    shown = ["\n".join(lines[max(0, at - 2) : at + 1]) for at in range(5)]
    assert merged(*shown) == lines


def test_a_line_spoken_twice_in_rolling_captions_stays_twice() -> None:
    lines = ["we go on", "never again", "never again", "as he said", "my friend"]
    shown = [lines[0], *(f"{before}\n{line}" for before, line in pairwise(lines))]
    assert merged(*shown) == lines


@pytest.mark.parametrize(
    "texts",
    [
        ["No.", "No.", "No, no.", "I said no."],
        ["No.", "No. Really.", "And then what?"],
        ["We came to the", "the end of it", "it was good", "and so we left", "left for good"],
        ["la la la", "la la la", "and a song", "la la la", "with a rhyme", "in the end"],
    ],
)
def test_repetitions_of_a_speaker_stay(texts: list[str]) -> None:
    assert not is_rolling(cues(*texts))
    assert merged(*texts) == texts


def test_cues_that_nearly_all_overlap_end_where_the_next_starts() -> None:
    found = trim_overlaps([Cue(2.0 * i, 2.0 * i + 4.0, f"line {i}") for i in range(6)])
    assert [cue.end for cue in found] == [2.0, 4.0, 6.0, 8.0, 10.0, 14.0]


def test_a_few_overlaps_stay() -> None:
    given = [*cues("a", "b", "c", "d", "e", "f"), Cue(5.5, 7.0, "g")]
    assert trim_overlaps(given) == given


def test_merging_rolling_captions_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "chapterize")
    read(tmp_path, rolling_webvtt(SPOKEN), "talk.en.vtt")
    n_cues = 2 * len(SPOKEN)
    assert caplog.messages == [
        f"merged rolling captions: {n_cues} cues became {len(SPOKEN)}",
    ]
