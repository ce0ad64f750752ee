"""Reading a timeline in an undocumented format, and comparing two timelines."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.remote.timeline import (
    Change,
    Segment,
    Timeline,
    Track,
    changes,
    is_exportable,
    read_timeline,
    summary,
    uploaded,
)
from tests.fake_service.drafts import Piece, write_draft

PIECES = [
    Piece("video", "city timelapse", 0, 10_000),
    Piece("audio", "Lo-fi", 0, 10_000, volume=0.35),
    Piece("text", "Urban Dreams", 0, 3000),
    Piece("text", "Night – 夜", 4500, 2250),
]
TIMELINE = Timeline(
    (
        Track("video", (Segment(0, 10, "city timelapse"),)),
        Track("audio", (Segment(0, 10, "Lo-fi", 0.35),)),
        Track("text", (Segment(0, 3, "Urban Dreams"), Segment(4.5, 6.75, "Night – 夜"))),
    )
)


def track(kind: object, *segments: object) -> dict[str, Any]:
    return {"draft": {"t": [{"tt": kind, "sg": list(segments)}]}}


def only(segment: object, kind: object = 7) -> Segment:
    """The segment read from a state that contains only this one."""
    (found,) = read_timeline(track(kind, segment)).tracks[0].segments
    return found


def titles(*rows: tuple[float, float, str]) -> Timeline:
    return Timeline((Track("text", tuple(Segment(*row) for row in rows)),))


@pytest.mark.parametrize("shape", ["flat", "nested", "own"])
def test_every_known_shape_of_a_segment_is_read(shape: str) -> None:
    state = {"draft": write_draft(PIECES, ["a note"], shape)}
    assert read_timeline(state) == TIMELINE
    assert is_exportable(state)


@pytest.mark.parametrize(
    "segment",
    [
        {"text": "A", "s": 1500, "e": 4000},
        {"content": "A", "start_time": 1500, "endTime": 4000},
        {"title": "A", "from": 1500, "to": 4000},
        {"name": "text_1", "m": {"text": "A"}, "st": 1500, "d": 2500},
        {"text": {"content": "A"}, "begin": 1500.0, "duration": "2500"},
        {"material": {"data": {"text": "A"}}, "tr": {"s": 1500, "e": 4000}},
        {"t": "A", "m": {"b": 1500, "et": 4000}},
        {
            "start": 0,
            "duration": 9,
            "target_timerange": {"start": 1500, "duration": 2500},
            "t": "A",
        },
        {"s": True, "start": 1500, "d": None, "end": 4000, "label": "A", "caption": 7},
    ],
)
def test_texts_and_times_are_found_under_their_likely_keys(segment: dict[str, Any]) -> None:
    assert only(segment) == Segment(1.5, 4.0, "A")


def test_the_text_of_a_media_segment_is_its_name() -> None:
    row = {"text": "spoken words", "media": {"filename": "a.mp4"}, "st": 0, "d": 1000}
    assert only(row, 0) == Segment(0, 1, "a.mp4")
    assert only({"st": 0, "d": 1000, "volume": 35}, 1) == Segment(0, 1, "", 0.35)


def test_a_segment_without_a_start_follows_the_one_before() -> None:
    state = track(
        7, {"text": "A", "st": 1000, "d": 500}, {"text": "B", "d": 250}, "?", {"text": "C"}
    )
    assert read_timeline(state).tracks[0].segments == (
        Segment(1, 1.5, "A"),
        Segment(1.5, 1.75, "B"),
        Segment(1.75, 1.75, "C"),
    )


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        *((0, "video"), (1, "audio"), (7, "text"), ("7", "text"), (7.0, "text"), (3, "other")),
        *((True, "other"), (False, "other"), (None, "other"), ([7], "other"), ("x", "other")),
    ],
)
def test_track_types_have_names(number: object, kind: str) -> None:
    assert read_timeline(track(number)).tracks == (Track(kind, ()),)


def test_impossible_times_are_ignored() -> None:
    for wrong in (-5, float("nan"), float("inf"), 10**400, "soon", [1], True):
        assert only({"st": wrong, "d": wrong, "text": "A"}) == Segment(0, 0, "A")
    assert only({"st": 5000, "e": 1000, "text": "A"}) == Segment(5, 5, "A")


def test_texts_are_safe_to_print() -> None:
    assert only({"text": "a\ud83d\x1b[2J nmv_usr_123456"}).text == "a\ufffd[2J …"


@pytest.mark.parametrize(
    "state",
    [
        *({}, {"draft": None}, {"draft": []}, {"draft": {"t": 5}}, {"draft": {"t": [None, [], 3]}}),
        *({"draft": {"t": [{}]}}, track(0), {"draft": {"t": [{"tt": 0, "sg": "abc"}]}}),
    ],
)
def test_a_timeline_without_segments_cannot_be_exported(state: dict[str, Any]) -> None:
    assert not is_exportable(state)
    assert not any(each.segments for each in read_timeline(state).tracks)
    assert summary(read_timeline(state)).startswith("Timeline (")


def test_a_segment_that_cannot_be_read_can_still_be_exported() -> None:
    assert is_exportable(track(99, 5))


def test_uploads_are_those_listed_in_the_state() -> None:
    info = {"filename": "a.mp4"}
    assert uploaded({"video_infos": [info, None, {}, 5]}) == (info,)
    wrong: list[Any] = [None, "abc", [], 5]
    for value in wrong:
        assert uploaded({"video_infos": value}) == ()
    assert uploaded({}) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["t", "tt", "sg", "st", "d", "e", "m", "text", "tr", "volume", "name"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(JSON, JSON)
def test_no_state_makes_reading_fail(one: object, other: object) -> None:
    states: list[dict[str, Any]] = [
        {"draft": one},
        {"draft": {"t": other}},
        {"draft": {"t": [{"tt": 7, "sg": one}]}},
    ]
    for state in states:
        timeline = read_timeline(state)
        for segment in (each for row in timeline.tracks for each in row.segments):
            assert 0 <= segment.start <= segment.end
        assert summary(timeline).encode()
        assert changes(timeline, timeline) == ()
        assert changes(TIMELINE, timeline)
        is_exportable(state)
        uploaded({"video_infos": one})


def test_a_summary_names_every_track() -> None:
    short = Timeline((*TIMELINE.tracks[:2], Track("text", TIMELINE.tracks[2].segments[:1])))
    assert summary(short) == (
        "Timeline (3 tracks): 1. Video: city timelapse (0-10s) 2. BGM: Lo-fi (0-10s, 35%) "
        '3. Title: "Urban Dreams" (0-3s)'
    )
    assert summary(Timeline(())) == "Timeline (0 tracks)"
    assert summary(Timeline((Track("other", ()),))) == "Timeline (1 track): 1. Other: empty"


def test_a_summary_of_a_long_timeline_uses_clock_times_and_is_shortened() -> None:
    many = titles(*((90 * n, 90 * n + 4.5, f"T{n}\n") for n in range(50)))
    assert summary(many) == (
        'Timeline (1 track): 1. Title: "T0" (0-4.5s), "T1" (1:30-1:34.5), "T2" (3:00-3:04.5), '
        '"T3" (4:30-4:34.5), "T4" (6:00-6:04.5), "T5" (7:30-7:34.5), "T6" (9:00-9:04.5), '
        '"T7" (10:30-10:34.5) and 42 more'
    )


def test_changes_are_described_in_full_sentences() -> None:
    before = titles((0, 3, "A"), (10, 13, "B"), (20, 23, "C"), (30, 33, "D"))
    after = Timeline(
        (
            *titles((0, 3, "A"), (12, 15, "B"), (20, 23, "See"), (40, 43, "E")).tracks,
            Track("audio", (Segment(0, 50, "Lo-fi", 0.35),)),
        )
    )
    assert changes(before, after) == (
        Change("removed", "text", 'Removed the title "D" (30-33s).'),
        Change("changed", "text", 'Changed the title "B" (10-13s): now "B" (12-15s).'),
        Change("changed", "text", 'Changed the title "C" (20-23s): now "See" (20-23s).'),
        Change("added", "text", 'Added the title "E" (40-43s).'),
        Change("added", "audio", "Added the audio clip Lo-fi (0-50s, 35%)."),
    )


def test_of_several_segments_with_the_same_text_the_nearest_are_paired() -> None:
    before, after = titles((0, 3, "A"), (10, 13, "A")), titles((11, 14, "A"), (30, 33, "A"))
    assert [each.text for each in changes(before, after)] == [
        'Changed the title "A" (0-3s): now "A" (30-33s).',
        'Changed the title "A" (10-13s): now "A" (11-14s).',
    ]


def test_removing_one_of_two_equal_segments_is_a_change() -> None:
    twice = titles((0, 3, "A"), (0, 3, "A"))
    assert [each.verb for each in changes(twice, titles((0, 3, "A")))] == ["removed"]
    assert [each.verb for each in changes(titles((0, 3, "A")), twice)] == ["added"]


def test_the_same_segments_on_other_tracks_are_no_change() -> None:
    both = titles((0, 3, "A"), (5, 8, "B"))
    apart = Timeline((*titles((5, 8, "B")).tracks, Track("text", ()), *titles((0, 3, "A")).tracks))
    assert changes(both, apart) == ()


SEGMENTS = st.lists(
    st.builds(
        Segment,
        st.integers(0, 5).map(float),
        st.integers(6, 9).map(float),
        st.sampled_from("ABC"),
        st.sampled_from([None, 0.5]),
    ),
    max_size=6,
)


@given(SEGMENTS, SEGMENTS)
def test_changes_account_for_every_segment(old: list[Segment], new: list[Segment]) -> None:
    before, after = Timeline((Track("text", tuple(old)),)), Timeline((Track("text", tuple(new)),))
    verbs = [each.verb for each in changes(before, after)]
    assert len(new) - len(old) == verbs.count("added") - verbs.count("removed")
    back = [each.verb for each in changes(after, before)]
    assert verbs.count("changed") == back.count("changed")
    assert bool(verbs) == (sorted(map(repr, old)) != sorted(map(repr, new)))
