"""Caption files of every format and state to transcripts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chapterize.captions import is_caption_file, read_captions
from chapterize.data import Cue, Transcript
from chapterize.errors import FormatError, InputError
from chapterize.timecode import format_timestamp

Write = Callable[..., Path]

SRT = """1
00:00:01,000 --> 00:00:02,500
Hello there.

2
00:00:03,000 --> 00:00:04,000
General
remark.
"""
VTT = """WEBVTT - made by hand
Kind: captions
Language: de

NOTE a comment
on two lines

STYLE
::cue { color: red }

first
00:01.000 --> 00:02.500 align:start position:0%
<v Anna Berg>Guten <b>Tag</b> &amp; hallo.</v>

01:00:03.000 --> 01:00:04.000
<v.loud Bob>Und weiter.
"""
ASS = """[Script Info]
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,Arial

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:05.00,0:00:07.00,Default,,0,0,0,,{\\an8}Second\\Nline, here
Comment: 0,0:00:05.00,0:00:07.00,Default,,0,0,0,,not said
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Bob,0,0,0,,First one
Dialogue: 0,0:00:01.00,0:00:03.00,Default,Bob,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes, name: str = "talk.srt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


def said(transcript: Transcript) -> list[tuple[float, float, str]]:
    return [(cue.start, cue.end, cue.text) for cue in transcript.cues]


def srt(*cues: tuple[float, float, str]) -> str:
    return "\n".join(
        f"{number}\n{format_timestamp(start, separator=',')} --> "
        f"{format_timestamp(end, separator=',')}\n{text}\n"
        for number, (start, end, text) in enumerate(cues, 1)
    )


class TestFormats:
    def test_srt_gives_its_cues(self, write: Write) -> None:
        found = read_captions(write(SRT))
        assert said(found) == [(1.0, 2.5, "Hello there."), (3.0, 4.0, "General remark.")]
        assert (found.source, found.language, found.notes) == ("captions:file", None, ())

    @pytest.mark.parametrize(
        "timing",
        [
            "00:00:01,000 --> 00:00:02,500 X1:40 X2:600 Y1:20 Y2:50",
            "0:00:01.000 --> 0:00:02.500",
            "00:01,000-->00:02,500",
            "00:00:01,000 -> 00:00:02,500",
            "  00:00:01,0 --> 00:00:02,5  ",
        ],
    )
    def test_srt_timings_of_the_wild_are_read(self, write: Write, timing: str) -> None:
        assert said(read_captions(write(f"{timing}\r\nHello.\r\n"))) == [(1.0, 2.5, "Hello.")]

    def test_srt_text_may_hold_blank_lines_and_numbers(self, write: Write) -> None:
        text = (
            "1\n00:00:01,000 --> 00:00:02,000\nforty\n\n42\n\n2\n00:00:03,000 --> 00:00:04,000\n7\n"
        )
        assert [cue.text for cue in read_captions(write(text)).cues] == ["forty 42", "7"]

    def test_webvtt_leaves_notes_styles_names_and_speakers_out(self, write: Write) -> None:
        found = read_captions(write(VTT, "talk.vtt"))
        assert said(found) == [
            (1.0, 2.5, "Guten Tag & hallo."),
            (3603.0, 3604.0, "Und weiter."),
        ]
        assert found.language == "de"

    def test_inline_times_outside_their_cue_are_not_believed(self, write: Write) -> None:
        content = "WEBVTT\n\n01:01.000 --> 01:02.000\nhello<00:00:00.300><c> there</c>\n"
        cue = read_captions(write(content, "talk.vtt")).cues[0]
        assert (cue.text, cue.words) == ("hello there", ())

    def test_ass_gives_its_dialogue_in_order(self, write: Write) -> None:
        found = read_captions(write(ASS, "talk.ass"))
        assert said(found) == [(1.0, 3.0, "First one"), (5.0, 7.0, "Second line, here")]
        assert found.notes == ()

    @pytest.mark.parametrize(
        ("content", "name"),
        [(SRT, "talk.txt"), (VTT, "talk.srt"), (ASS, "talk.vtt"), (SRT, "-a 'b' %d 日本語.vtt")],
    )
    def test_the_content_decides_and_not_the_suffix(
        self, write: Write, content: str, name: str
    ) -> None:
        path = write(content, name)
        assert is_caption_file(path)
        assert len(read_captions(path).cues) == 2

    def test_language_and_source_of_the_caller_win(self, write: Write) -> None:
        found = read_captions(write(VTT), source="captions:sidecar", language="en-US")
        assert (found.source, found.language) == ("captions:sidecar", "en")


class TestRecognisers:
    def test_openai_whisper_with_words(self, write: Write) -> None:
        words = [
            {"word": " Hello,", "start": 0.1, "end": 0.5, "probability": 0.9},
            {"word": " you", "start": 0.6, "end": 0.9, "probability": 0.9},
        ]
        tree = {
            "text": " Hello, you",
            "segments": [
                {"id": 0, "start": 0.0, "end": 1.5, "text": " Hello, you", "words": words}
            ],
            "language": "en",
        }
        found = read_captions(write(json.dumps(tree), "talk.json"))
        assert said(found) == [(0.0, 1.5, "Hello, you")]
        assert [(w.start, w.end, w.text) for w in found.cues[0].words] == [
            (0.1, 0.5, "Hello,"),
            (0.6, 0.9, "you"),
        ]
        assert found.language == "en"

    def test_words_without_a_time_go_to_the_word_before(self, write: Write) -> None:
        words = [
            {"word": "in", "start": 0.1, "end": 0.3},
            {"word": "2014"},
            {"word": "we", "start": 1.0, "end": 1.2},
        ]
        segments = [{"start": 0, "end": 2, "text": "in 2014 we", "words": words}]
        found = read_captions(write(json.dumps({"segments": segments}), "talk.json"))
        assert [(w.start, w.text) for w in found.cues[0].words] == [(0.1, "in 2014"), (1.0, "we")]

    def test_a_plain_list_of_segments(self, write: Write) -> None:
        content = json.dumps([{"start": 0.5, "end": 1.5, "text": " One."}])
        assert said(read_captions(write(content, "talk.json"))) == [(0.5, 1.5, "One.")]

    def test_words_beside_the_segments_find_their_segment(self, write: Write) -> None:
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

    def test_whisper_cpp_joins_its_tokens_to_words(self, write: Write) -> None:
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

    def test_json3_has_word_times_and_ends_lines_where_the_next_begins(self, write: Write) -> None:
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
        # The end of a word is not told: it does not swallow the pause after it.
        assert found.cues[0].words[-1].end < 2.2

    def test_json_of_something_else_is_refused(self, write: Write) -> None:
        with pytest.raises(FormatError, match="no transcript"):
            read_captions(write('{"a": 1}', "talk.json"))

    def test_broken_json_names_the_line(self, write: Write) -> None:
        with pytest.raises(FormatError) as caught:
            read_captions(write('{"segments": [\n{"start": 0,}\n]}', "talk.json"))
        assert caught.value.line == 2

    def test_segments_without_times_are_counted(self, write: Write) -> None:
        segments = [
            {"start": 0.0, "end": 1.0, "text": "One."},
            {"start": None, "end": float("nan"), "text": "Two."},
            {"start": 2.0, "end": 3.0, "text": "Three."},
        ]
        found = read_captions(write(json.dumps({"segments": segments}), "talk.json"))
        assert [cue.text for cue in found.cues] == ["One.", "Three."]
        assert "left out: 1 (segment 2" in found.notes[0]


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
    def test_a_byte_order_mark_decides_without_a_note(self, write: Write, encoding: str) -> None:
        found = read_captions(write(SRT.replace("Hello", "Grüße").encode(encoding)))
        assert found.cues[0].text == "Grüße there."
        assert found.notes == ()

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf_16_without_a_mark_is_noticed(self, write: Write, encoding: str) -> None:
        found = read_captions(write(SRT.encode(encoding)))
        assert found.cues[0].text == "Hello there."
        assert encoding in found.notes[0]

    @pytest.mark.parametrize(
        ("encoding", "line"),
        [
            ("cp1252", "Schöne Grüße aus München, wir müssen über die Größe sprechen"),
            ("cp1252", "C'était très agréable à l'été, où êtes-vous allé hier"),
            ("cp1250", "Żółta łódź płynie po jeziorze, będziemy mówić o źródłach"),
            ("cp1251", "Привет, сегодня мы поговорим о видео и это очень важная тема"),
            ("cp1255", "שלום לכולם היום נדבר על מסדי נתונים ועל דברים אחרים"),
            ("shift_jis", "こんにちは、今日は天気がいいですね。次の話題に移りましょう"),
            ("gb18030", "今天我们来谈谈数据库，首先是第一个问题，大家好，欢迎来到课堂"),
            ("big5", "今天我們來談談資料庫，首先是第一個問題，大家好，歡迎來到課堂"),
            ("euc_kr", "안녕하세요 오늘은 데이터베이스에 대해 이야기하겠습니다"),
        ],
    )
    def test_old_encodings_are_recognised_and_noted(
        self, write: Write, encoding: str, line: str
    ) -> None:
        found = read_captions(write(srt((0.0, 4.0, line)).encode(encoding)))
        assert found.cues[0].text == line
        assert found.notes[0].startswith("the text is not UTF-8 and was read as ")

    def test_the_language_tells_apart_encodings_that_share_bytes(self, write: Write) -> None:
        path = write(srt((0.0, 2.0, "příliš žluťoučký kůň")).encode("cp1250"))
        assert read_captions(path, language="cs").cues[0].text == "příliš žluťoučký kůň"

    @pytest.mark.parametrize("content", [b"\x00\x01\x02\xff" * 500, bytes(range(256)) * 8])
    def test_bytes_that_are_no_text_are_refused(self, write: Write, content: bytes) -> None:
        path = write(content)
        assert not is_caption_file(path)
        with pytest.raises(FormatError, match="not text"):
            read_captions(path)


class TestFaults:
    @pytest.mark.parametrize("content", ["", " \n\n ", "\ufeff"])
    def test_an_empty_file_is_refused(self, write: Write, content: str) -> None:
        path = write(content)
        assert is_caption_file(path)
        with pytest.raises(FormatError, match="empty"):
            read_captions(path)

    @pytest.mark.parametrize("content", ["WEBVTT\n\nNOTE nothing\n", srt((0.0, 1.0, "[Music]"))])
    def test_a_file_without_a_cue_is_refused(self, write: Write, content: str) -> None:
        with pytest.raises(FormatError, match="no captions"):
            read_captions(write(content))

    def test_nonsense_names_its_first_line(self, write: Write) -> None:
        with pytest.raises(FormatError) as caught:
            read_captions(write("\nthis is\nno subtitle\n"))
        assert caught.value.line == 2
        assert caught.value.hint

    def test_a_file_of_broken_timings_names_the_first(self, write: Write) -> None:
        with pytest.raises(FormatError) as caught:
            read_captions(write("1\n00:00:xx,000 --> 00:00:02,000\na\n\n2\n00:99:00 --> 1\nb\n"))
        assert caught.value.line == 2

    def test_one_broken_timing_costs_one_cue_and_is_noted(self, write: Write) -> None:
        content = SRT.replace("00:00:03,000", "00:00:73,000") + "\n" + srt((5.0, 6.0, "More."))
        found = read_captions(write(content))
        assert [cue.text for cue in found.cues] == ["Hello there.", "More."]
        assert found.notes == ("cues that could not be read, left out: 1 (first on line 6)",)

    def test_a_broken_ass_names_the_line_of_dialogue(self, write: Write) -> None:
        content = ASS.split("Dialogue")[0] + "Dialogue: 0,xx,yy,Default,,0,0,0,,Text\n"
        with pytest.raises(FormatError) as caught:
            read_captions(write(content, "talk.ass"))
        assert caught.value.line == 10

    def test_one_broken_line_of_ass_costs_one_cue(self, write: Write) -> None:
        found = read_captions(write(ASS.replace("0:00:05.00", "0:00:xx.00"), "talk.ass"))
        assert said(found) == [(1.0, 3.0, "First one")]
        assert found.notes == ("cues that could not be read, left out: 1 (first on line 10)",)

    def test_a_missing_file_and_a_directory_are_input_errors(self, tmp_path: Path) -> None:
        for path in (tmp_path / "none.srt", tmp_path):
            assert not is_caption_file(path)
            with pytest.raises(InputError, match="cannot read"):
                read_captions(path)

    def test_cues_out_of_order_are_sorted_with_a_note(self, write: Write) -> None:
        content = srt((5.0, 6.0, "Later."), (1.0, 2.0, "Sooner."), (7.0, 8.0, "Last."))
        found = read_captions(write(content))
        assert [cue.text for cue in found.cues] == ["Sooner.", "Later.", "Last."]
        assert found.notes == ("cues out of order: 1; all were sorted by time",)

    def test_cues_that_end_before_they_start_are_left_out(self, write: Write) -> None:
        found = read_captions(write(srt((1.0, 2.0, "Good."), (4.0, 3.0, "Bad."))))
        assert [cue.text for cue in found.cues] == ["Good."]
        assert found.notes == ("cues that end before they start, left out: 1",)

    def test_a_cue_without_length_gets_one(self, write: Write) -> None:
        found = read_captions(write(srt((1.0, 1.0, "Now"), (1.2, 3.0, "and then"))))
        assert said(found) == [(1.0, 1.2, "Now"), (1.2, 3.0, "and then")]

    def test_overlapping_cues_of_two_speakers_are_kept(self, write: Write) -> None:
        cues = [(0.0, 4.0, "I say this."), (2.0, 5.0, "And I say that."), (6.0, 7.0, "So.")]
        assert said(read_captions(write(srt(*cues)))) == cues

    def test_layers_of_the_same_text_are_told_once(self, write: Write) -> None:
        found = read_captions(write(srt((1.0, 2.0, "Sign."), (1.0, 2.0, "Sign."))))
        assert len(found.cues) == 1

    def test_cues_beyond_the_media_are_left_out_and_the_last_is_cut(self, write: Write) -> None:
        content = srt((1.0, 2.0, "In."), (8.0, 12.0, "Half."), (10.0, 12.0, "Out."))
        found = read_captions(write(content), duration=10.0)
        assert said(found) == [(1.0, 2.0, "In."), (8.0, 10.0, "Half.")]
        assert found.notes == (
            "cues that begin after the end of the media (0:10), left out: 1 of 3",
        )

    def test_captions_of_another_video_are_suspected(self, write: Write) -> None:
        content = srt((1.0, 2.0, "In."), (80.0, 82.0, "Out."), (90.0, 92.0, "Out too."))
        found = read_captions(write(content), duration=10.0)
        assert "another video" in found.notes[-1]
        with pytest.raises(FormatError, match="after the end") as caught:
            read_captions(write(srt((80.0, 82.0, "Out."))), duration=10.0)
        assert "another video" in caught.value.hint

    @pytest.mark.parametrize(
        "content",
        [
            "WEBVTT\n\n1\n00:00:00.000 --> 00:01:00.000\nIntro\n\n"
            "2\n00:01:00.000 --> 00:02:10.500\nDatabases and how to choose one\n",
            "WEBVTT\n\n1\n00:00:00.000 --> 00:00:10.300\ntalk\n",
            "WEBVTT\nKind: chapters\n\n00:01.000 --> 00:04.000\nIntro\n",
            "WEBVTT\n\n00:00:05.000 --> 00:01:00.000\nIntro\n\n"
            "00:01:05.000 --> 00:09:00.000\nRest\n",
            '{"schema": "chapterize.chapters/1", "duration": 3, "chapters": []}',
        ],
    )
    def test_a_list_of_chapters_is_refused_with_a_hint(self, write: Write, content: str) -> None:
        with pytest.raises(FormatError, match="list of chapters") as caught:
            read_captions(write(content, "talk.vtt"))
        assert "convert" in caught.value.hint

    def test_a_recognisers_half_minute_cues_are_no_chapters(self, write: Write) -> None:
        text = "and this is what people say when they talk for half a minute without a break " * 5
        content = srt((0.0, 30.0, text), (30.0, 60.0, text))
        assert len(read_captions(write(content)).cues) == 2


class TestRecognisedFiles:
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
    def test_what_counts_as_captions(
        self, write: Write, content: str, name: str, expected: bool
    ) -> None:
        assert is_caption_file(write(content, name)) is expected

    def test_a_long_whisper_text_before_its_segments_is_no_obstacle(self, write: Write) -> None:
        tree = {"text": "word " * 40_000, "segments": [{"start": 0, "end": 1, "text": "word"}]}
        assert is_caption_file(write(json.dumps(tree), "talk.json"))

    def test_a_head_that_ends_inside_a_character_is_no_obstacle(self, write: Write) -> None:
        assert is_caption_file(write(srt(*((i, i + 1.0, "語" * 9) for i in range(2500))), "a.txt"))


def test_a_day_of_captions_is_read_whole(write: Write) -> None:
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
def test_damaged_files_are_read_or_refused_in_our_words(
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
