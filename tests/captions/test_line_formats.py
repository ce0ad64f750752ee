"""Captions with one cue a line, and SAMI."""

from __future__ import annotations

import pytest

from chapterize.captions import is_caption_file, read_captions
from chapterize.data import Cue
from chapterize.errors import FormatError
from tests.captions.written import Write

BREAD = "The oven must be hot before the bread goes in."
SALT = "Salt slows the dough down, so weigh it."


def times(write: Write, content: str | bytes, name: str) -> list[tuple[float, float, str]]:
    path = write(content, name)
    assert is_caption_file(path)
    return [(cue.start, cue.end, cue.text) for cue in read_captions(path).cues]


def test_lyrics_are_read_with_tags_repeats_and_an_offset(write: Write) -> None:
    content = "[ti:Bread]\n[offset:+500]\n[00:01.00][00:21.50]Chorus\n[00:05.250]Verse\n[01:02]\n"
    found = times(write, content, "song.lrc")
    assert [(start, text) for start, _, text in found] == [
        *((0.5, "Chorus"), (4.75, "Verse"), (21.0, "Chorus")),
    ]


def test_words_of_lyrics_have_times(write: Write) -> None:
    content = "[00:05.20]<00:05.20>Word <00:05.90>by <00:06.30>word<00:06.80>\n[00:08.00]F: End\n"
    cues = read_captions(write(content, "song.lrc")).cues
    assert [(w.start, w.text) for w in cues[0].words] == [
        *((5.2, "Word"), (5.9, "by"), (6.3, "word")),
    ]
    assert [cue.text for cue in cues] == ["Word by word", "End"]


def test_hundredths_after_a_colon_are_no_seconds(write: Write) -> None:
    content = "[00:01:95]One\n[00:05:20]Two\n[00:08:77]Three\n"
    assert [start for start, _, _ in times(write, content, "song.lrc")] == [1.95, 5.2, 8.77]


def test_slow_lyrics_with_tags_are_no_chapters(write: Write) -> None:
    content = "[ar:Ann]\n" + "".join(f"[00:{10 * n:02d}.00]Oh yes\n" for n in range(6))
    assert len(times(write, content, "song.txt")) == 6


@pytest.mark.parametrize(
    "content",
    [
        f"start\tend\ttext\n0\t3200\t{BREAD}\n3300\t7900\t{SALT}\n",
        f"start\tend\ttext\n0.0\t3.2\t{BREAD}\n3.3\t7.9\t{SALT}\n",
        f'start,end,text\n0,3200," {BREAD}"\n3300,7900," {SALT}"\n',
        f"Speaker,Start Time,End Time,Text\nAnn,00:00:00.0,00:00:03.2,{BREAD}\n"
        f'Bob,00:00:03.3,00:00:07.9,"{SALT}"\n',
        f"0.000000\t3.200000\t{BREAD}\n3.300000\t7.900000\t{SALT}\n",
        f"\ufeffstart\tend\tspeaker\ttext\r\n0\t3200\tA\t{BREAD}\r\n3300\t7900\tB\t{SALT}\r\n",
    ],
)
def test_tables_are_read(write: Write, content: str) -> None:
    assert times(write, content, "talk.tsv") == [(0.0, 3.2, BREAD), (3.3, 7.9, SALT)]


def test_a_line_of_a_table_with_a_bad_time_is_named(write: Write) -> None:
    content = f"start\tend\ttext\n0\t3200\t{BREAD}\nsoon\t7900\t{SALT}\n8000\t9000\tEnd.\n"
    found = read_captions(write(content, "talk.tsv"))
    assert found.notes == ("Cues that cannot be read are ignored: 1 (first on line 3).",)


def test_a_label_track_of_chapters_is_refused(write: Write) -> None:
    path = write("0.000000\t300.0\tBread\n300.0\t700.0\tSalt\n700.0\t900.0\tEnd\n", "talk.txt")
    assert not is_caption_file(path)
    with pytest.raises(FormatError, match="a list of chapters"):
        read_captions(path)


def test_microdvd_has_its_rate_in_the_first_line(write: Write) -> None:
    content = "{1}{1}25.000\n{0}{75}{Y:i}Hot|oven.\n{100}{150}/Salt.\n"
    assert times(write, content, "talk.sub") == [(0.0, 3.0, "Hot oven."), (4.0, 6.0, "Salt.")]


@pytest.mark.parametrize(
    ("frame_rate", "expected", "whose"),
    [(50.0, 2.0, "50.000 frames/s, that of the video"), (None, 4.171, "23.976 frames/s, usual")],
)
def test_microdvd_without_a_rate_takes_that_of_the_video(
    write: Write, frame_rate: float | None, expected: float, whose: str
) -> None:
    path = write("{0}{75}Hot oven.\n{100}{150}Salt.\n", "talk.sub")
    found = read_captions(path, frame_rate=frame_rate)
    assert found.cues[1].start == pytest.approx(expected, abs=0.001)
    assert whose in found.notes[0]


def test_mpl2_counts_tenths(write: Write) -> None:
    found = times(write, "[0][32]Hot|/oven.\n[33][79]Salt.\n", "talk.txt")
    assert found == [(0.0, 3.2, "Hot oven."), (3.3, 7.9, "Salt.")]


def test_sami_is_read_in_one_language(write: Write) -> None:
    content = (
        "<SAMI><HEAD><TITLE>x</TITLE></HEAD><BODY>\n<SYNC Start=1000><P Class=ENCC>Hot<br>oven.\n"
        "<P Class=KRCC>오븐\n<SYNC Start=3200><P Class=ENCC>&nbsp;\n"
        "<SYNC Start='4000'><P Class=ENCC>Salt &amp; flour.\n</BODY></SAMI>"
    )
    found = read_captions(write(content, "talk.smi"))
    assert found.cues[0] == Cue(1.0, 3.2, "Hot oven.")
    assert found.cues[1].text == "Salt & flour."
    assert found.notes == ("The captions ENCC are read; the file also has KRCC.",)
