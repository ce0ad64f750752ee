"""What every format keeps, on titles and starts that hypothesis makes up."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.formats.kinds import KINDS
from chapterize.formats.listing import one_line

pytestmark = pytest.mark.slow

READ = [name for name, form in KINDS.items() if form.scan]
SETTINGS = settings(max_examples=120, deadline=None, database=None)

any_title = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
spiteful = st.sampled_from(
    [
        "a --> b",
        "WEBVTT",
        "line\n\nbreak",
        "1:30 at half past",
        "- 1:30 dash",
        "-1:30",
        "[CHAPTER]",
        "a=b;c#d\\",
        "\\",
        "<b>&amp;</b>",
        "&lt;",
        "]]>",
        "CHAPTER02=00:00:01.000",
        "\ufefftitle",
        "| bar",
        ": colon",
        "日本語　題",
        "tab\tand\x00nul",
        "😀 0:30",
        "",
    ]
)


@st.composite
def chapters(draw: st.DrawFn, step_ms: int = 1) -> Chapters:
    steps = draw(st.lists(st.integers(1, 5_000_000 // step_ms), min_size=1, max_size=8))
    marks = [0]
    for step in steps:
        marks.append(marks[-1] + step * step_ms)
    titles = [draw(any_title | spiteful) for _ in steps]
    return Chapters.from_starts([m / 1000 for m in marks[:-1]], titles, marks[-1] / 1000)


def as_ffmetadata(title: str) -> str:
    breaks = title.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"[\x00-\x09\x0b-\x1f]", " ", breaks)


def as_podlove(title: str) -> str:
    return one_line(as_xml(title))


def as_xml(title: str) -> str:
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", " ", title)


@SETTINGS
@given(chapters())
def test_own_json_loses_nothing(given_chapters: Chapters) -> None:
    parsed = formats.loads(formats.dumps(given_chapters, "json"), "json")
    assert parsed.chapters == given_chapters
    assert parsed.notes == ()


@pytest.mark.parametrize(
    ("name", "keeps"),
    [
        ("webvtt", one_line),
        ("podcast", one_line),
        ("audacity", one_line),
        ("losslesscut", one_line),
        ("ffmetadata", as_ffmetadata),
        ("matroska", as_xml),
    ],
)
def test_formats_with_ends_keep_times_titles_and_duration(name: str, keeps: object) -> None:
    assert callable(keeps)

    @SETTINGS
    @given(chapters())
    def check(given_chapters: Chapters) -> None:
        parsed = formats.loads(formats.dumps(given_chapters, name), name)
        assert parsed.chapters.starts == given_chapters.starts
        assert parsed.chapters.duration == given_chapters.duration
        assert parsed.chapters.titles == tuple(keeps(t) for t in given_chapters.titles)
        assert parsed.notes == ()

    check()


@pytest.mark.parametrize(
    ("name", "keeps"),
    [("ogm", one_line), ("vorbis", one_line), ("podlove", as_podlove)],
)
def test_formats_without_ends_keep_starts_and_titles_and_need_the_duration(
    name: str, keeps: Callable[[str], str]
) -> None:
    @SETTINGS
    @given(chapters())
    def check(given_chapters: Chapters) -> None:
        text = formats.dumps(given_chapters, name)
        parsed = formats.loads(text, name, duration=given_chapters.duration)
        assert parsed.chapters.starts == given_chapters.starts
        assert parsed.chapters.titles == tuple(keeps(t) for t in given_chapters.titles)
        assert parsed.notes == ()
        with pytest.raises(InputError, match="duration of the media is unknown") as caught:
            formats.loads(text, name)
        assert "--duration" in caught.value.hint

    check()


@SETTINGS
@given(chapters(step_ms=20))
def test_cue_keeps_frames_and_titles_and_says_what_it_moved(given_chapters: Chapters) -> None:
    text = formats.dumps(given_chapters, "cue", media="a.wav")
    parsed = formats.loads(text, "cue", duration=given_chapters.duration + 1)
    assert parsed.chapters.titles == tuple(
        one_line(t).replace('"', "'").strip() for t in given_chapters.titles
    )
    moves = [abs(a - b) for a, b in zip(parsed.chapters.starts, given_chapters.starts, strict=True)]
    assert max(moves) <= 1 / 150 + 0.0006
    if max(moves) > 0.001:
        noted = formats.changes(given_chapters, "cue", media="a.wav")
        assert any("75 frames" in note for note in noted)
    again = formats.dumps(parsed.chapters, "cue", media="a.wav")
    assert again == text


@SETTINGS
@given(chapters(step_ms=1000))
def test_youtube_keeps_seconds_and_titles_or_refuses(given_chapters: Chapters) -> None:
    wanted = tuple(one_line(t) for t in given_chapters.titles)
    bad = [line for line, t in enumerate(wanted, 1) if not t or set("<>") & set(t)]
    if bad:
        with pytest.raises(FormatError) as caught:
            formats.dumps(given_chapters, "youtube")
        assert caught.value.line == bad[0]
        return
    text = formats.dumps(given_chapters, "youtube")
    parsed = formats.loads(text, "youtube", duration=given_chapters.duration)
    assert parsed.chapters.starts == given_chapters.starts
    assert parsed.chapters.titles == wanted


@SETTINGS
@given(chapters(step_ms=1000))
def test_bom_and_windows_line_ends_change_nothing(given_chapters: Chapters) -> None:
    refusing = ("youtube", "cue", "mp4chaps", "show-notes", "edl", "fcpxml", "premiere", "otio")
    for name in [n for n in formats.READABLE if n not in refusing]:
        text = formats.dumps(given_chapters, name)
        plain = formats.loads(text, name, duration=given_chapters.duration)
        windows = formats.loads(
            "\ufeff" + text.replace("\n", "\r\n"), name, duration=given_chapters.duration
        )
        assert windows.chapters == plain.chapters


@SETTINGS
@given(st.text(max_size=300), st.sampled_from(READ))
def test_no_text_makes_a_reader_fail_in_a_foreign_way(text: str, name: str) -> None:
    try:
        parsed = formats.loads(text, name, duration=100.0)
    except InputError:
        return
    assert parsed.chapters.duration == 100.0


scraps = st.sampled_from(
    [
        *(
            '{"chapters": [',
            '{"start": 0, "title": "a"}',
            '"start_time": "5.0"',
            '"time_base": "1/9"',
        ),
        *("]}", ",", ":", "{", "[", "0", "1e999", "-1", "null", '"x"', "'", "//", "\n", "\t", ";"),
        *(
            "001  AX V C 00:00:00:00 00:00:01:00 ",
            "00:00:00;29 ",
            " |C:x |M:y |D:1",
            "FCM: DROP FRAME",
        ),
        *("<mlt>", "</mlt>", "<xmeml><sequence>", "<marker>", "<in>5</in>", "</marker>", "<rate>"),
        *(
            '<fcpxml><sequence><spine><gap start="',
            '1/25s"',
            '"/>',
            ">",
            "<TextStream>",
            "<TextSample ",
        ),
        *(
            'sampleTime="1"',
            "Start,Title\n",
            "Timecode List:,",
            "1,Kiln\n",
            "[Bookmark]\n",
            "0=5*a*",
        ),
        *(
            "[CHAPTER]\nid=0\n",
            "start_time=5\n",
            "[/CHAPTER]\n",
            "chapter,0,1/1000,",
            "## [0:00](",
            ")",
        ),
    ]
)


@SETTINGS
@given(st.lists(scraps, max_size=25), st.sampled_from([*READ, None]))
def test_no_scraps_of_formats_make_a_reader_fail_in_a_foreign_way(
    parts: list[str], name: str | None
) -> None:
    with suppress(InputError):
        formats.loads("".join(parts), name, duration=1e6)


@pytest.mark.parametrize("name", ["edl", "fcpxml", "premiere", "otio"])
def test_editors_keep_frames_and_titles(name: str) -> None:
    @SETTINGS
    @given(chapters(step_ms=40))
    def check(given_chapters: Chapters) -> None:
        rate = formats.parse_frame_rate("25")
        text = formats.dumps(given_chapters, name, frame_rate=rate, start_timecode="00:00:00:00")
        clock = formats.FrameClock(rate, "00:00:00:00")
        read = formats.tile(formats.scan(text, name, clock), given_chapters.duration).chapters
        assert read.starts == given_chapters.starts
        titles = given_chapters.titles
        if name == "edl":
            titles = tuple(one_line(title).replace("|", "¦") for title in titles)
        elif name == "otio":
            titles = tuple(title.replace("\0", " ") for title in titles)
        else:
            titles = tuple(as_podlove(title) for title in titles)
        assert read.titles == titles

    check()


@SETTINGS
@given(chapters(step_ms=1000))
def test_markdown_keeps_seconds_and_titles(given_chapters: Chapters) -> None:
    text = formats.dumps(given_chapters, "markdown", media="a b.mp4")
    read = formats.loads(text, "markdown", duration=given_chapters.duration).chapters
    assert read.starts == given_chapters.starts
    assert read.titles == tuple(" ".join(one_line(t).split()) for t in given_chapters.titles)


@pytest.mark.parametrize("name", formats.FORMATS)
def test_half_a_surrogate_pair_is_refused_by_every_writer(name: str) -> None:
    broken = Chapters.from_starts([0, 30], ["fine", "\ud800"], 60)
    with pytest.raises(FormatError, match="chapter 2 cannot be written"):
        formats.dumps(broken, name)
