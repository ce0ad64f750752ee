"""Captions that are given as chapters."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize import formats
from chapterize.data import Mark
from chapterize.errors import FormatError
from chapterize.formats.speech import refuse_captions, refuse_speech

SAID = "The kiln has to be cold before you open the door."

CAPTIONS = {
    "a.srt": f"1\n00:00:00,000 --> 00:00:03,200\n{SAID}\n\n"
    f"2\n00:00:03,300 --> 00:00:07,900\n{SAID}\n",
    "a.vtt": f"WEBVTT\n\n00:00.000 --> 00:03.200\n{SAID}\n\n00:03.300 --> 00:07.900\n{SAID}\n",
    "a.sbv": f"0:00:00.000,0:00:03.200\n{SAID}\n\n0:00:03.300,0:00:07.900\n{SAID}\n",
    "a.ass": "[Script Info]\nTitle: x\n\n[Events]\nDialogue: 0,0:00:00.00,0:00:03.20,a,,0,0,0,,x\n",
    "a.ttml": "<?xml version='1.0'?>\n<tt xmlns='http://www.w3.org/ns/ttml'><body/></tt>\n",
    "a.srv3": '<?xml version="1.0" ?><timedtext format="3"><body/></timedtext>\n',
    "a.smi": "<SAMI><BODY><SYNC Start=0><P>x</BODY></SAMI>\n",
    "a.sub": "{0}{75}The kiln\n{80}{170}Stack\n",
    "a.tsv": "start\tend\ttext\n0\t3200\tThe kiln\n3300\t7900\tStack\n",
    "a.csv": 'start,end,text\n0,3200,"The kiln"\n3300,7900,"Stack"\n',
    "a.json": '{"text": "x", "segments": [{"id": 0, "start": 0.0, "end": 3.2, "text": "x"}]}',
    "b.json": '{"wireMagic": "pb3", "events": [{"tStartMs": 0, "segs": [{"utf8": "x"}]}]}',
    "a.lrc": "".join(f"[00:{n * 4:02d}.20]Stack the tall pots at the back\n" for n in range(12)),
}


@pytest.mark.parametrize("name", CAPTIONS)
def test_captions_are_refused_with_what_to_do(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_text(CAPTIONS[name], encoding="utf-8")
    with pytest.raises(FormatError, match="these are captions, not chapters") as caught:
        formats.read_listing(file)
    assert "chapterize draft" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\n\n00:00.000 --> 06:40.250\nKiln\n\n06:40.250 --> 19:00.000\nWax\n",
        "1\n00:00:00,000 --> 00:06:40,250\nKiln\n\n2\n00:06:40,250 --> 00:19:00,000\nWax\n",
    ],
)
def test_cues_that_are_a_chapter_list_are_read(text: str) -> None:
    parsed = formats.loads(text)
    assert parsed.chapters.titles == ("Kiln", "Wax")
    assert (parsed.chapters.starts, parsed.chapters.duration) == ((0, 400.25), 1140)


@pytest.mark.parametrize("mark", ["NOTE chapters", "Kind: chapters"])
def test_cues_that_are_called_chapters_may_be_short(mark: str) -> None:
    text = CAPTIONS["a.vtt"].replace("WEBVTT\n", f"WEBVTT\n\n{mark}\n")
    assert len(formats.scan(text).marks) == 2


def test_a_few_rows_without_ends_may_be_close_together() -> None:
    refuse_speech([Mark(n, "Opening titles", None, n) for n in range(5)])
    with pytest.raises(FormatError):
        refuse_speech([Mark(n * 4, SAID, None, n) for n in range(12)])


def test_other_text_is_not_refused() -> None:
    refuse_captions("0:00 Kiln\n6:40 Wax\n")
    refuse_captions('{"chapters": [{"start": 0, "title": "x"}]}')
