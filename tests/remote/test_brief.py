"""The message contains the whole plan and nothing else; the check finds every difference."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.data import Chapter, Chapters
from chapterize.errors import InputError
from chapterize.remote.brief import (
    ASPECTS,
    PLACE_TOLERANCE,
    STYLES,
    BriefOptions,
    PlanCheck,
    check_plan,
    write_brief,
    write_correction,
)
from chapterize.remote.brief_texts import TEXTS
from chapterize.remote.timeline import Segment, Timeline, Track
from chapterize.timecode import parse_time

TIME = r"(\d{2,}:\d\d:\d\d\.\d{3})"
PLANNED = re.compile(rf"^(\d+)\. {TIME} -> {TIME} \| (.*)$")
REMOVED = re.compile(rf"^- {TIME} \| (.*)$")
BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
NASTY = [
    'He said "go"',
    "a | b | 2. 00:00:00.000 -> 00:00:01.000 | c",
    "00:00:00.000 -> 00:00:01.000",
    "- 00:00:00.000 | gone",
    "{\\an8}{n} {seconds} %s %d {0}",
    "👩‍👩‍👧 family",
    "שלום עולם",
    "日本語のタイトル",
    "Export your data",
    "Don't add titles; add music",
    "a\\nb",
]
OPTIONS = BriefOptions()

TITLES = st.text(st.characters(exclude_categories=["Cs"]), max_size=25) | st.sampled_from(NASTY)


def one_line(title: str) -> str:
    return re.sub(r"\s*[\x00-\x1f\x7f-\x9f\u2028\u2029]+\s*", " ", title).strip()


@st.composite
def plans(draw: st.DrawFn) -> Chapters:
    """Chapters of at least 5 s, each with a visible title, some with the same one."""
    titles = draw(st.lists(TITLES.filter(one_line), min_size=1, max_size=8))
    starts = [0.0]
    for _ in titles[1:]:
        starts.append(starts[-1] + draw(st.integers(5000, 4_000_000)) / 1000)
    return Chapters.from_starts(starts, titles, starts[-1] + 7)


def plan(*titles: str) -> Chapters:
    return Chapters.from_starts([60.0 * n for n in range(len(titles))], titles, 60.0 * len(titles))


def seconds(text: str) -> float:
    return round(parse_time(text), 3)


def read_lines(message: str) -> list[tuple[int, float, float, str]]:
    found = filter(None, map(PLANNED.match, message.splitlines()))
    return [(int(m[1]), seconds(m[2]), seconds(m[3]), m[4]) for m in found]


def shown(chapters: Chapters, length: float = 4.0) -> list[Segment]:
    """The text segments of a timeline that follows the plan."""
    return [
        Segment(start, min(start + length, end), title)
        for _, start, end, title in read_lines(write_brief(chapters, OPTIONS))
    ]


def timeline(segments: list[Segment]) -> Timeline:
    return Timeline((Track("video", (Segment(0, 9, "a"),)), Track("text", tuple(segments))))


def checked(chapters: Chapters, segments: list[Segment]) -> PlanCheck:
    return check_plan(chapters, timeline(segments))


@settings(max_examples=100, deadline=None)
@given(plans(), st.sampled_from(sorted(TEXTS)), st.sampled_from(STYLES))
def test_the_whole_plan_can_be_parsed_from_the_message(
    chapters: Chapters, language: str, style: str
) -> None:
    message = write_brief(chapters, BriefOptions(style=style, language=language))
    assert read_lines(message) == [
        (n, c.start, c.end, one_line(c.title)) for n, c in enumerate(chapters.chapters, 1)
    ]
    message.encode()


@pytest.mark.parametrize("title", NASTY)
@pytest.mark.parametrize("language", sorted(TEXTS))
def test_titles_are_data(title: str, language: str) -> None:
    options = BriefOptions(language=language)
    message, plain = (write_brief(plan(text, "B"), options) for text in (title, "A"))
    changed = [
        (line, other)
        for line, other in zip(message.split("\n"), plain.split("\n"), strict=True)
        if line != other
    ]
    front = "1. 00:00:00.000 -> 00:01:00.000 | "
    assert changed == [(front + title, front + "A")]


@pytest.mark.parametrize("break_", BREAKS)
def test_a_title_stays_on_its_line(break_: str) -> None:
    message = write_brief(plan(f" A {break_}{break_} 2. B{break_}", "C"), OPTIONS)
    assert [row[3] for row in read_lines(message)] == ["A 2. B", "C"]


def test_a_lone_surrogate_is_replaced() -> None:
    assert read_lines(write_brief(plan("A\ud83d"), OPTIONS))[0][3] == "A\ufffd"


def test_a_chapter_without_a_title_is_left_out() -> None:
    chapters = plan("A", " \n", "C")
    assert [row[3] for row in read_lines(write_brief(chapters, OPTIONS))] == ["A", "C"]
    assert checked(chapters, shown(chapters)).is_right


@pytest.mark.parametrize("language", sorted(TEXTS))
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_option_is_in_the_message(language: str, style: str, aspect: str) -> None:
    texts = TEXTS[language]
    options = BriefOptions(style, 2.5, aspect, language)
    message = write_brief(plan("A", "B"), options)
    length = "2,5 s" if texts.comma == "," else "2.5 "
    for part in (texts.styles[style], length, "1080p", aspect, ASPECTS[aspect], texts.limits):
        assert part in message
    assert "2" in texts.request.format(n=2)
    assert texts.request.format(n=2) in message
    assert not re.search(r"[{}]", message)


def test_the_english_message_forbids_unrequested_edits() -> None:
    message = write_brief(plan("A"), OPTIONS)
    for words in ("not add music, effects or other titles", "not cut, trim or reorder"):
        assert words in message
    assert "Keep the original audio." in message


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_fixed_sentences_are_complete_and_mention_no_call_and_no_plan(language: str) -> None:
    values: list[str] = []
    for name, value in dataclasses.asdict(TEXTS[language]).items():
        values += value.values() if isinstance(value, dict) else [value]
        assert value, name
    assert set(TEXTS[language].styles) == set(STYLES)
    for value in values:
        assert not re.search("export|导出|download|下载|書き出し", value, re.I)
        assert not PLANNED.match(value)
        assert not REMOVED.match(value)
        assert len(value.splitlines()) == 1


@pytest.mark.parametrize(
    ("language", "known"),
    [("zh-Hans", "zh"), ("pt_BR", "pt"), ("DEU", "de"), ("nl", "en"), ("", "en"), ("??", "en")],
)
def test_any_tag_of_a_language_selects_its_sentences(language: str, known: str) -> None:
    message = write_brief(plan("A"), BriefOptions(language=language))
    assert message == write_brief(plan("A"), BriefOptions(language=known))


@pytest.mark.parametrize(
    "wrong",
    [
        *({"style": "neon"}, {"aspect": "4:3"}, {"seconds": 0.0}, {"seconds": -1.0}),
        *({"seconds": float("nan")}, {"seconds": float("inf")}),
    ],
)
def test_invalid_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        BriefOptions(**wrong)


@settings(max_examples=80, deadline=None)
@given(plans())
def test_a_timeline_that_follows_the_message_is_right(chapters: Chapters) -> None:
    check = checked(chapters, shown(chapters))
    assert check.is_right
    assert write_correction(check, OPTIONS) == ""


@settings(max_examples=80, deadline=None)
@given(plans(), st.data())
def test_a_missing_title_is_found_and_requested(chapters: Chapters, data: st.DataObject) -> None:
    segments = shown(chapters)
    index = data.draw(st.integers(0, len(segments) - 1))
    del segments[index]
    check = checked(chapters, segments)
    assert check == PlanCheck((chapters.chapters[index],), (), ())
    lost = chapters.chapters[index]
    message = write_correction(check, OPTIONS)
    assert read_lines(message) == [(1, lost.start, lost.end, one_line(lost.title))]
    assert not any(map(REMOVED.match, message.splitlines()))


@settings(max_examples=80, deadline=None)
@given(plans(), st.data())
def test_a_misplaced_title_is_reported_with_its_time(
    chapters: Chapters, data: st.DataObject
) -> None:
    segments = shown(chapters)
    index = data.draw(st.integers(0, len(segments) - 1))
    shift = data.draw(st.sampled_from([2.001, 2.2, 2.4]))
    start = segments[index].start + shift
    segments[index] = dataclasses.replace(segments[index], start=start)
    check = checked(chapters, segments)
    moved = chapters.chapters[index]
    assert check == PlanCheck((), ((moved, start),), ())
    assert read_lines(write_correction(check, OPTIONS)) == [
        (1, moved.start, moved.end, one_line(moved.title))
    ]


@settings(max_examples=80, deadline=None)
@given(plans(), st.data())
def test_a_surplus_title_is_found_and_nothing_else(chapters: Chapters, data: st.DataObject) -> None:
    segments = shown(chapters)
    index = data.draw(st.integers(0, len(segments) - 1))
    shift = data.draw(st.sampled_from([0.0, 0.5, 2.0]))
    double = dataclasses.replace(segments[index], start=segments[index].start + shift)
    segments.insert(data.draw(st.integers(0, len(segments))), double)
    check = checked(chapters, segments)
    assert check == PlanCheck((), (), (double,))
    # It is reported, but not worth a paid message of its own.
    assert check.is_right
    assert not check.is_as_planned
    assert write_correction(check, OPTIONS) == ""
    missing = PlanCheck((chapters.chapters[index],), (), (double,))
    message = write_correction(missing, OPTIONS)
    found = list(filter(None, map(REMOVED.match, message.splitlines())))
    assert [(seconds(m[1]), m[2]) for m in found] == [(round(double.start, 3), double.text)]


def test_a_correction_lists_every_difference_once_in_the_users_language() -> None:
    chapters = plan("A", "B", "C", "D")
    a, _, c, d = shown(chapters)
    late = dataclasses.replace(c, start=130.0)
    check = checked(chapters, [a, late, d, Segment(0, 2, "Subscribe\nfor more!")])
    assert [each.title for each in check.missing] == ["B"]
    assert check.misplaced == ((chapters.chapters[2], 130.0),)
    for language, texts in TEXTS.items():
        message = write_correction(check, BriefOptions(language=language))
        assert [(row[0], row[3]) for row in read_lines(message)] == [(1, "B"), (2, "C")]
        rows = message.split("\n")
        assert rows[rows.index(texts.missing) + 1].endswith("| B")
        assert rows[rows.index(texts.misplaced) + 1].endswith("| C")
        assert rows[rows.index(texts.surplus) + 1] == "- 00:00:00.000 | Subscribe for more!"
        assert texts.limits in message
        assert "4 s" in message or "4 秒" in message


@pytest.mark.parametrize(
    ("title", "text"),
    [
        *(("Café", "Cafe\u0301"), ("ＡＢＣ 1", "abc 1"), ("Straße", "STRASSE"), ("a  b", " A\nb ")),
        *(("İstanbul", "i̇STANBUL"), ("ﬁne", "FINE"), ("…", "..."), ("カタ", "ｶﾀ")),
    ],
)
def test_titles_that_differ_in_case_width_or_spaces_match(title: str, text: str) -> None:
    assert checked(plan(title), [Segment(0.5, 4, text)]).is_right


@pytest.mark.parametrize("text", ["A title", "Title!", "Titel", "Title 2", ""])
def test_different_titles_do_not_match(text: str) -> None:
    check = checked(plan("Title"), [Segment(0, 4, text)])
    assert check.missing
    assert check.surplus == (Segment(0, 4, text),)


def test_the_same_title_twice_needs_two_segments() -> None:
    chapters = plan("Break", "Talk", "Break")
    first, talk, second = shown(chapters)
    assert checked(chapters, [second, talk, first]).is_right
    assert checked(chapters, [second, talk]).missing == (chapters.chapters[0],)
    late = dataclasses.replace(second, start=150.0)
    assert checked(chapters, [late, talk, first]).misplaced == ((chapters.chapters[2], 150.0),)


def test_the_tolerance_is_inclusive() -> None:
    chapters = Chapters((Chapter(1.003, 60.0, "A"),), 60.0)
    late = timeline([Segment(3.003, 4, "A")])
    assert PLACE_TOLERANCE == 2.0
    assert check_plan(chapters, late).is_right
    assert check_plan(chapters, late, tolerance=1.999).misplaced


@pytest.mark.parametrize(
    ("missing", "off", "is_usable"), [(0, 5.0, True), (0, 5.1, False), (1, 0.0, False)]
)
def test_a_result_is_usable_if_nothing_is_missing_or_far_off(
    missing: int, off: float, is_usable: bool
) -> None:
    chapters = plan("A", "B", "C").chapters
    check = PlanCheck(chapters[:missing], ((chapters[2], chapters[2].start + off),), ())
    assert check.is_usable is is_usable


def test_only_text_tracks_count() -> None:
    chapters = plan("A")
    elsewhere = Timeline((Track("audio", (Segment(0, 4, "A"),)), Track("other", ())))
    assert check_plan(chapters, elsewhere).missing == chapters.chapters
    split = Timeline((Track("text", ()), Track("text", (Segment(0, 4, "A"),))))
    assert check_plan(chapters, split).is_right
