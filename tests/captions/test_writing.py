"""Written transcripts are read back with the same text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chapterize.captions import (
    find_sidecar,
    is_caption_file,
    read_captions,
    to_json,
    to_markdown,
    to_srt,
    to_text,
    to_webvtt,
)
from chapterize.captions.kinds import parse
from chapterize.captions.reading import to_transcript
from chapterize.data import Chapter, Cue, Transcript, Word
from chapterize.errors import FormatError

CUES = (
    Cue(0.0, 2.5, "R&D costs 3 < 4 > 2,\nor so they say."),
    Cue(2.5, 4.0, "Tschüss, “Welt” & alle!"),
    Cue(3601.2, 3603.0, "次の話題に\n移りましょう。"),
)


def test_subrip_has_numbers_and_decimal_commas() -> None:
    assert to_srt(CUES[:2]) == (
        "1\n00:00:00,000 --> 00:00:02,500\nR&D costs 3 < 4 > 2,\nor so they say.\n\n"
        "2\n00:00:02,500 --> 00:00:04,000\nTschüss, “Welt” & alle!\n"
    )


def test_webvtt_names_its_language_and_escapes_markup() -> None:
    assert to_webvtt(CUES[:1], "de") == (
        "WEBVTT\nKind: captions\nLanguage: de\n\n"
        "00:00:00.000 --> 00:00:02.500\nR&amp;D costs 3 &lt; 4 &gt; 2,\nor so they say.\n"
    )


@pytest.mark.parametrize("suffix", [".srt", ".vtt"])
def test_subtitles_are_read_back_with_the_same_text(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"talk{suffix}"
    path.write_text(to_srt(CUES) if suffix == ".srt" else to_webvtt(CUES, "de"), encoding="utf-8")
    found = read_captions(path)
    assert [(cue.start, cue.end, cue.text) for cue in found.cues] == [
        (0.0, 2.5, "R&D costs 3 < 4 > 2, or so they say."),
        (2.5, 4.0, "Tschüss, “Welt” & alle!"),
        (3601.2, 3603.0, "次の話題に移りましょう。"),
    ]
    assert found.notes == ()
    assert is_caption_file(path)


def test_a_cue_without_length_lasts_a_millisecond() -> None:
    assert "00:00:01,000 --> 00:00:01,001" in to_srt([Cue(1.0, 1.0, "Hm.")])


# Reading captions removes this; our own JSON keeps it.
STRANGE = Transcript(
    (
        Cue(0.0, 30.0, "[Music] - JOHN: <i>hello</i>"),
        Cue(30.0, 60.0, "JOHN: &amp; ♪ (laughs)", (Word(30.0, 31.25, "JOHN:"),)),
    ),
    "whisper:small",
    "en",
    ("a note",),
)


def test_json_names_the_source_of_the_words() -> None:
    value = json.loads(to_json(STRANGE, 61.23456))
    assert value["schema"] == "chapterize.transcript/1"
    assert (value["source"], value["language"], value["duration"]) == (
        "whisper:small",
        "en",
        61.235,
    )
    assert value["notes"] == ["a note"]
    assert value["cues"][1] == {
        "start": 30.0,
        "end": 60.0,
        "text": "JOHN: &amp; ♪ (laughs)",
        "words": [{"start": 30.0, "end": 31.25, "text": "JOHN:"}],
    }


def test_json_is_read_back_unchanged(tmp_path: Path) -> None:
    words = (Word(1.0, 1.4, "Hello"), Word(1.5, 2.0, "there."))
    spoken = Transcript((*STRANGE.cues, Cue(61.0, 62.0, "Hello there.", words)), "x", "de")
    path = tmp_path / "talk.json"
    path.write_text(to_json(spoken, 62.0), encoding="utf-8")
    found = read_captions(path)
    assert [cue.text for cue in found.cues] == [cue.text for cue in spoken.cues]
    assert found.cues[2].words == words
    assert found.language == "de"
    assert is_caption_file(path)
    assert find_sidecar(tmp_path / "talk.mp4") == path


@pytest.mark.parametrize(
    "cue",
    [{"start": 0.0}, {"start": -1, "end": 2, "text": "a"}, {"start": 0, "end": 1, "text": ""}, 3],
)
def test_json_with_an_invalid_cue_names_it(cue: object, tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    path.write_text(json.dumps({"schema": "chapterize.transcript/1", "cues": [cue]}))
    with pytest.raises(FormatError, match="cue 1 lacks a start, an end or a text"):
        read_captions(path)


def test_text_has_chapters_and_paragraphs() -> None:
    chapters = [
        (Chapter(0.0, 65.0, "Opening"), ["First paragraph.", "Second one."]),
        (Chapter(65.0, 3700.0, "Silence"), []),
        (Chapter(3700.0, 3800.0, "End"), ["Bye."]),
    ]
    assert to_text(chapters) == (
        "0:00 Opening\n\nFirst paragraph.\n\nSecond one.\n\n1:05 Silence\n\n1:01:40 End\n\nBye.\n"
    )


def test_an_empty_transcript_gives_empty_files() -> None:
    assert to_srt([]) == to_text([]) == ""
    assert to_webvtt([]) == "WEBVTT\nKind: captions\n"
    assert json.loads(to_json(Transcript((), "none"), 4.0))["cues"] == []


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp")), min_size=1
).filter(str.strip)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=5))
def test_every_text_survives_json(texts: list[str]) -> None:
    cues = tuple(Cue(float(i), i + 1.0, " ".join(text.split())) for i, text in enumerate(texts))
    parsed = parse(to_json(Transcript(cues, "x"), 9.0), "talk.json", ".json")
    assert to_transcript(parsed, name="x", source="x").cues == cues


def test_markdown_has_linked_times_and_slide_headings() -> None:
    sections = [(None, ["Welcome."]), ("Ebb & flow", ["It falls.", "1. It rises."])]
    chapter = Chapter(63.5, 90.0, "Tides #")
    assert to_markdown("The harbour", [(chapter, sections)], "a%20b.mp4") == (
        "# The harbour\n\n## [1:03](a%20b.mp4#t=63.5) Tides \\#\n\nWelcome.\n\n"
        "### Ebb \\& flow\n\nIt falls.\n\n1\\. It rises.\n"
    )
    assert to_markdown("", [(chapter, [])]).endswith("## 1:03 Tides \\#\n")
    assert to_markdown("The harbour", []) == ""


@given(st.lists(st.text(st.sampled_from("aw1. \t\\`*_[]()<>&;!|~#=+-:/^$'\"\n"), max_size=30)))
@example(["# a", "- a", "10) a", "***", "===", "    code", "```", "&amp;", "http://a.b", "www.a.b"])
def test_no_text_is_markup_in_markdown(texts: list[str]) -> None:
    parser = MarkdownIt("js-default", {"html": True, "linkify": False})
    written = to_markdown("", [(Chapter(0.0, 9.0, "A"), [(text, [text]) for text in texts])])
    shown = [
        "".join(child.content for child in token.children or [] if child.type.startswith("text"))
        for token in parser.parse(written)
        if token.type == "inline"
    ]
    plain = [" ".join(text.split()) for text in texts]
    expected = ["", "0:00 A", *(part for text in plain for part in (text, text))]
    assert [text for text in shown if text] == [text for text in expected if text]
    kinds = {token.type for token in parser.parse(written)}
    assert kinds <= {"heading_open", "inline", "heading_close", "paragraph_open", "paragraph_close"}
