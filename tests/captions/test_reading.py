"""Caption files are recognised, read or refused."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.captions import is_caption_file, read_captions, read_stream
from chapterize.data import Cue
from chapterize.errors import FormatError, InputError
from tests.captions.written import ASS, SRT, VTT, Write, srt


@pytest.mark.parametrize(
    ("content", "name"),
    [(SRT, "talk.txt"), (VTT, "talk.srt"), (ASS, "talk.vtt"), (SRT, "-a 'b' %d 日本語.vtt")],
)
def test_the_content_decides_and_not_the_suffix(write: Write, content: str, name: str) -> None:
    path = write(content, name)
    assert is_caption_file(path)
    assert len(read_captions(path).cues) == 2


def test_language_and_source_of_the_caller_take_precedence(write: Write) -> None:
    found = read_captions(write(VTT), source="captions:sidecar", language="en-US")
    assert (found.source, found.language) == ("captions:sidecar", "en")


@pytest.mark.parametrize("content", ["", " \n\n ", "\ufeff"])
def test_an_empty_file_is_refused(write: Write, content: str) -> None:
    path = write(content)
    assert is_caption_file(path)
    with pytest.raises(FormatError, match="empty"):
        read_captions(path)


@pytest.mark.parametrize("content", ["WEBVTT\n\nNOTE nothing\n", srt((0.0, 1.0, "[Music]"))])
def test_a_file_without_a_cue_is_refused(write: Write, content: str) -> None:
    with pytest.raises(FormatError, match="no captions"):
        read_captions(write(content))


def test_other_text_names_its_first_line(write: Write) -> None:
    with pytest.raises(FormatError) as caught:
        read_captions(write("\nthis is\nno subtitle\n"))
    assert caught.value.line == 2
    assert caught.value.hint


def test_a_missing_file_and_a_directory_are_input_errors(tmp_path: Path) -> None:
    for path in (tmp_path / "none.srt", tmp_path):
        assert not is_caption_file(path)
        with pytest.raises(InputError, match="cannot read"):
            read_captions(path)


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        ("notes of the day\n", "notes.txt", False),
        ("notes of the day\n", "notes.srt", True),
        ('{"segments": []}', "a.json", True),
        ('{"schema": "chapterize.chapters/1", "chapters": []}', "a.json", False),
        ('{"a": 1}', "a.json", False),
        ("0:00 Intro\n1:00 More\n", "chapters.txt", False),
    ],
)
def test_what_counts_as_captions(write: Write, content: str, name: str, expected: bool) -> None:
    assert is_caption_file(write(content, name)) is expected


def test_whisper_json_with_a_long_text_before_its_segments_is_recognised(write: Write) -> None:
    tree = {"text": "word " * 40_000, "segments": [{"start": 0, "end": 1, "text": "word"}]}
    assert is_caption_file(write(json.dumps(tree), "talk.json"))


def test_a_head_that_ends_inside_a_character_is_recognised(write: Write) -> None:
    assert is_caption_file(write(srt(*((i, i + 1.0, "語" * 9) for i in range(2500))), "a.txt"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_long_captions_of_wide_characters_are_recognised(write: Write, encoding: str) -> None:
    # The head of the file ends inside the emoji, a pair of surrogates.
    text = srt(*((i * 2.0, i * 2.0 + 1.0, f"Ofen 🍞 {i}") for i in range(1200)))
    for shift in range(4):
        path = write((" " * shift + text).encode(encoding), "talk.txt")
        assert is_caption_file(path)
    assert len(read_captions(path).cues) == 1200


def test_text_that_is_no_captions_is_told_the_formats(write: Write) -> None:
    with pytest.raises(FormatError, match="no caption format") as caught:
        read_captions(write("notes of the day\n", "notes.txt"))
    assert all(name in caught.value.hint for name in ("SRT", "TTML", "SBV", "LRC", "convert"))


def test_line_ends_that_were_converted_twice_are_read(write: Write) -> None:
    found = read_captions(write(SRT.replace("\n", "\r\r\n")))
    assert [cue.text for cue in found.cues] == ["Hello there.", "General remark."]


def test_a_stream_of_a_video_is_refused_before_its_end() -> None:
    stream = io.BytesIO(b"\0\1\2\3\xff" * 100_000)
    with pytest.raises(FormatError, match="cannot read standard input"):
        read_stream(stream, "standard input")
    assert stream.tell() < 100_000


@pytest.mark.slow
def test_a_day_of_captions_is_read_completely(write: Write) -> None:
    path = write(srt(*((i * 2.0, i * 2.0 + 1.9, f"Line {i} of\nthe day.") for i in range(40_000))))
    cues = read_captions(path).cues
    assert len(cues) == 40_000
    assert cues[-1] == Cue(79_998.0, 79_999.9, "Line 39999 of the day.")


WHISPER = '[{"start": 0.5, "end": 1.5, "text": " One.", "words": [{"word": "One.", "start": 0.5}]}]'
JSON3 = (
    '{"events": [{"tStartMs": 1, "segs": [{"utf8": "hello"}, {"utf8": " you", "tOffsetMs": 9}]}]}'
)
BITS = (
    "-->",
    "00:00:01,000",
    "\n\n",
    "<c>",
    "{\\p1}",
    "null",
    '"',
    "[",
    "}",
    "-1",
    "1e999",
    "é",
    ":",
)


@given(
    st.sampled_from((SRT, VTT, ASS, WHISPER, JSON3)),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 30), st.sampled_from(BITS)), max_size=5),
)
@settings(max_examples=150, deadline=None)
def test_damaged_files_are_read_or_refused_with_our_errors(
    tmp_path_factory: pytest.TempPathFactory, content: str, damage: list[tuple[int, int, str]]
) -> None:
    for at, n_lost, put in damage:
        content = content[:at] + put + content[at + n_lost :]
    path = tmp_path_factory.getbasetemp() / "damaged.srt"
    path.write_text(content, encoding="utf-8")
    try:
        found = read_captions(path, duration=5000.0)
    except FormatError:
        return
    assert found.cues
    starts = [cue.start for cue in found.cues]
    assert starts == sorted(starts)
    for cue in found.cues:
        assert cue.text == " ".join(cue.text.split())
        assert 0.0 <= cue.start <= cue.end <= 5000.0
        assert "".join(word.text for word in cue.words).replace(" ", "") in (
            "",
            cue.text.replace(" ", ""),
        )
        assert all(word.start <= word.end for word in cue.words)


def test_a_device_is_refused_because_it_may_have_no_end() -> None:
    with pytest.raises(InputError, match="it is a device"):
        read_captions(Path("/dev/zero"))
