"""JSON transcripts of Whisper, whisper.cpp and YouTube."""

from __future__ import annotations

import json

import pytest

from chapterize.captions import is_caption_file, read_captions
from chapterize.errors import FormatError
from tests.captions.written import Write, said


def test_openai_whisper_with_words(write: Write) -> None:
    words = [
        {"word": " Hello,", "start": 0.1, "end": 0.5, "probability": 0.9},
        {"word": " you", "start": 0.6, "end": 0.9, "probability": 0.9},
    ]
    tree = {
        "text": " Hello, you",
        "segments": [{"id": 0, "start": 0.0, "end": 1.5, "text": " Hello, you", "words": words}],
        "language": "en",
    }
    found = read_captions(write(json.dumps(tree), "talk.json"))
    assert said(found) == [(0.0, 1.5, "Hello, you")]
    assert [(w.start, w.end, w.text) for w in found.cues[0].words] == [
        (0.1, 0.5, "Hello,"),
        (0.6, 0.9, "you"),
    ]
    assert found.language == "en"


def test_words_without_a_time_join_the_word_before(write: Write) -> None:
    words = [
        {"word": "in", "start": 0.1, "end": 0.3},
        {"word": "2014"},
        {"word": "we", "start": 1.0, "end": 1.2},
    ]
    segments = [{"start": 0, "end": 2, "text": "in 2014 we", "words": words}]
    found = read_captions(write(json.dumps({"segments": segments}), "talk.json"))
    assert [(w.start, w.text) for w in found.cues[0].words] == [(0.1, "in 2014"), (1.0, "we")]


def test_a_plain_list_of_segments(write: Write) -> None:
    content = json.dumps([{"start": 0.5, "end": 1.5, "text": " One."}])
    assert said(read_captions(write(content, "talk.json"))) == [(0.5, 1.5, "One.")]


def test_words_listed_separately_are_assigned_to_their_segments(write: Write) -> None:
    tree = {
        "language": "english",
        "segments": [
            {"start": 0.0, "end": 1.0, "text": "Hello, you."},
            {"start": 1.0, "end": 2.0, "text": "Well then!"},
        ],
        "words": [
            *(
                {"word": "Hello", "start": 0.0, "end": 0.4},
                {"word": "you", "start": 0.5, "end": 1.0},
            ),
            *(
                {"word": "Well", "start": 1.0, "end": 1.4},
                {"word": "then", "start": 1.5, "end": 2.0},
            ),
        ],
    }
    found = read_captions(write(json.dumps(tree), "talk.json"))
    assert [[w.text for w in cue.words] for cue in found.cues] == [
        ["Hello,", "you."],
        ["Well", "then!"],
    ]
    assert found.language == "en"


def test_tokens_of_whisper_cpp_are_joined_to_words(write: Write) -> None:
    def token(text: str, start_ms: int, end_ms: int) -> dict[str, object]:
        return {"text": text, "offsets": {"from": start_ms, "to": end_ms}}

    segment = token(" Chapters, then", 0, 2000)
    segment["tokens"] = [
        token("[_BEG_]", 0, 0),
        *(token(" Chap", 0, 300), token("ters", 300, 600), token(",", 600, 700)),
        token(" then", 900, 1400),
    ]
    tree = {"result": {"language": "en"}, "transcription": [segment]}
    found = read_captions(write(json.dumps(tree), "talk.json"))
    assert [(w.start, w.end, w.text) for w in found.cues[0].words] == [
        (0.0, 0.7, "Chapters,"),
        (0.9, 1.4, "then"),
    ]


def test_json3_has_word_times_and_lines_end_where_the_next_starts(write: Write) -> None:
    events = [
        {"tStartMs": 0, "dDurationMs": 90_000, "id": 1, "wpWinPosId": 1},
        {
            "tStartMs": 1000,
            "dDurationMs": 5000,
            "segs": [{"utf8": "hello"}, {"utf8": " there", "tOffsetMs": 400}],
        },
        {"tStartMs": 2990, "dDurationMs": 3000, "aAppend": 1, "segs": [{"utf8": "\n"}]},
        {"tStartMs": 3000, "dDurationMs": 4000, "segs": [{"utf8": "[Music]"}]},
        {"tStartMs": 5000, "dDurationMs": 1000, "segs": [{"utf8": "Plain line"}]},
    ]
    found = read_captions(write(json.dumps({"events": events}), "talk.json3"))
    assert said(found) == [(1.0, 3.0, "hello there"), (5.0, 6.0, "Plain line")]
    assert [(w.start, w.text) for w in found.cues[0].words] == [(1.0, "hello"), (1.4, "there")]
    # json3 has no word ends: the pause is not part of the last word.
    assert found.cues[0].words[-1].end < 2.2


def test_other_json_is_refused(write: Write) -> None:
    with pytest.raises(FormatError, match="not a transcript"):
        read_captions(write('{"a": 1}', "talk.json"))


def test_invalid_json_names_the_line(write: Write) -> None:
    with pytest.raises(FormatError) as caught:
        read_captions(write('{"segments": [\n{"start": 0,}\n]}', "talk.json"))
    assert caught.value.line == 2


def test_segments_without_times_are_counted(write: Write) -> None:
    segments = [
        {"start": 0.0, "end": 1.0, "text": "One."},
        {"start": None, "end": float("nan"), "text": "Two."},
        {"start": 2.0, "end": 3.0, "text": "Three."},
    ]
    found = read_captions(write(json.dumps({"segments": segments}), "talk.json"))
    assert [cue.text for cue in found.cues] == ["One.", "Three."]
    assert "are ignored: 1 (segment 2" in found.notes[0]


@pytest.mark.parametrize(
    "tree",
    [
        [{"text": "Hot.", "start": 0.5, "duration": 1.5}, {"text": "Salt.", "start": 2, "dur": 1}],
        {"text": "", "chunks": [{"timestamp": [0.5, 2.0], "text": " Hot."},
                                {"timestamp": [2.0, 3.0], "text": " Salt."}]},
    ],
)  # fmt: skip
def test_segments_with_a_duration_or_a_pair_of_times_are_read(write: Write, tree: object) -> None:
    path = write(json.dumps(tree), "talk.json")
    assert is_caption_file(path)
    cues = read_captions(path).cues
    assert [(c.start, c.end, c.text) for c in cues] == [(0.5, 2.0, "Hot."), (2.0, 3.0, "Salt.")]
