"""TTML, DFXP and YouTube's XML."""

from __future__ import annotations

import pytest

from chapterize.captions import is_caption_file, read_captions
from chapterize.errors import FormatError
from tests.captions.written import Write

NS = 'xmlns="http://www.w3.org/ns/ttml" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"'


def ttml(body: str, attributes: str = "") -> str:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<tt {NS} {attributes}>{body}</tt>'


def in_div(content: str) -> str:
    return f"<body><div>{content}</div></body>"


@pytest.mark.parametrize(
    ("attributes", "begin", "end", "expected"),
    [
        ("", "00:00:01.500", "00:01:02,250", (1.5, 62.25)),
        ("", "1.5s", "2500ms", (1.5, 2.5)),
        ("", "0.5m", "0.1h", (30.0, 360.0)),
        ("", "00:00:01:15", "00:00:02:00", (1.5, 2.0)),
        ('ttp:frameRate="25"', "00:00:01:05", "100f", (1.2, 4.0)),
        ("", "00:00:01:250", "00:00:02:500", (1.25, 2.5)),
        (
            'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"',
            *("300f", "00:00:10:15", (10.01, 10.5005)),
        ),
        ('ttp:tickRate="10000000"', "15000000t", "32000000t", (1.5, 3.2)),
        ('ttp:frameRate="25" ttp:subFrameRate="2"', "50t", "00:00:02:10.1", (1.0, 2.42)),
        (
            'ttp:timeBase="smpte" ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001"',
            *("00:16:40:00", "00:16:41:00", (1001.0, 1002.001)),
        ),
        (
            'ttp:timeBase="smpte" ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" '
            'ttp:dropMode="dropNTSC"',
            *("00:10:00:00", "00:20:00;00", (599.9994, 1199.9988)),
        ),
    ],
)
def test_every_kind_of_time_is_read(
    write: Write, attributes: str, begin: str, end: str, expected: tuple[float, float]
) -> None:
    content = ttml(in_div(f'<p begin="{begin}" end="{end}">Some words.</p>'), attributes)
    cue = read_captions(write(content, "talk.ttml")).cues[0]
    assert (cue.start, cue.end) == pytest.approx(expected)


def test_times_are_relative_to_the_parent_and_end_with_it(write: Write) -> None:
    content = ttml(
        '<body begin="10s"><div begin="5s" end="20s"><p begin="1s" dur="2s">One.</p>'
        '<p begin="10s" end="90s">Two.</p></div><div begin="60s" dur="3s"><p>Three.</p></div>'
        "</body>"
    )
    cues = read_captions(write(content, "talk.dfxp")).cues
    assert [(c.start, c.end) for c in cues] == [(16.0, 18.0), (25.0, 30.0), (70.0, 73.0)]


def test_lyrics_with_times_from_the_start_of_the_file_are_read(write: Write) -> None:
    content = ttml(
        '<body><div begin="10.0" end="20.0"><p begin="10.0" end="12.0">'
        '<span begin="10.0" end="10.5">He</span> <span begin="10.5" end="12.0">said</span></p>'
        '<p begin="15.5" end="17.0">so.</p></div></body>'
    )
    cues = read_captions(write(content, "song.ttml")).cues
    assert [cue.start for cue in cues] == [10.0, 15.5]
    assert [(w.start, w.text) for w in cues[0].words] == [(10.0, "He"), (10.5, "said")]


def test_a_sequence_and_timed_spans_are_read(write: Write) -> None:
    content = ttml(
        '<body><div timeContainer="seq"><p dur="2s">One.</p><p dur="3s">Two.</p></div><div><p>'
        '<span begin="20s" end="21s">Three.</span><span begin="22s">Four.</span></p></div></body>'
    )
    cues = read_captions(write(content, "talk.xml")).cues
    assert [(c.start, c.text) for c in cues] == [
        *((0.0, "One."), (2.0, "Two."), (20.0, "Three."), (22.0, "Four.")),
    ]


def test_breaks_spans_and_metadata_are_understood(write: Write) -> None:
    content = (
        '<!-- made by hand --><a:tt xmlns:a="http://www.w3.org/2006/10/ttaf1" xml:lang="de">'
        "<a:head><a:layout/></a:head><a:body><a:div>\n<a:p begin='1s' end='2s' region='r'>\n"
        "  <a:metadata>not said</a:metadata>Eins <a:span>zwei</a:span><a:br/>drei&nbsp;R&B\n"
        "</a:p></a:div></a:body></a:tt>"
    )
    path = write(content, "talk.xml")
    assert is_caption_file(path)
    found = read_captions(path)
    assert (found.language, found.cues[0].text) == ("de", "Eins zwei drei R&B")


def test_prefixes_without_a_namespace_are_tolerated(write: Write) -> None:
    content = (
        '<tt tts:color="red"><body><div><p begin="1s" end="2s" tts:x="1">Hi.</p></div></body></tt>'
    )
    assert read_captions(write(content, "talk.ttml")).cues[0].text == "Hi."


def test_one_language_of_several_is_read_with_a_note(write: Write) -> None:
    parts = "".join(
        f'<div xml:lang="{code}"><p begin="1s" end="2s">{code} text</p></div>'
        for code in ("en", "fr")
    )
    found = read_captions(write(ttml(f"<body>{parts}</body>"), "talk.ttml"))
    assert [cue.text for cue in found.cues] == ["en text"]
    assert found.notes == ("The captions in en are read; the file also has fr.",)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_other_encodings_are_read(write: Write, encoding: str) -> None:
    content = ttml(in_div('<p begin="1s" end="2s">Grüße.</p>')).encode(encoding)
    assert read_captions(write(content, "talk.ttml")).cues[0].text == "Grüße."


def test_a_paragraph_with_a_bad_time_is_named(write: Write) -> None:
    good = '<p begin="1s" end="2s">Good.</p>\n' * 2
    found = read_captions(write(ttml(in_div(f'{good}<p begin="soon">Bad.</p>')), "talk.ttml"))
    assert found.notes == ("Cues that cannot be read are ignored: 1 (first on line 4).",)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('<!DOCTYPE tt [<!ENTITY a "b">]><tt><body><p begin="1s">&a;</p></body></tt>', "entities"),
        ('<tt><body><p begin="1s">Hi</body></tt>', "not well-formed"),
        (ttml(in_div('<p begin="1s">Hi</p>'), 'ttp:frameRate="0"'), "rate"),
        (ttml(in_div("<p>No time.</p>")), "no time"),
        (ttml(""), "no cue"),
    ],
)
def test_what_cannot_be_read_says_why(write: Write, content: str, why: str) -> None:
    path = write(content, "talk.ttml")
    assert is_caption_file(path)
    with pytest.raises(FormatError, match=why) as caught:
        read_captions(path)
    assert path.name in str(caught.value)


SRV1 = (
    '<transcript><text start="0.5" dur="2.04">It&amp;#39;s hot.</text>'
    '<text start="3">End.</text></transcript>'
)
SRV2 = (
    '<timedtext><text t="500" d="2040" w="1">It&#39;s</text>'
    '<text t="900" d="1640" w="1" append="1"> hot.</text><text t="3000" d="900">End.</text>'
    "</timedtext>"
)
SRV3 = (
    '<timedtext format="3"><head><pen id="1"/></head><body><w t="0" id="1"/>'
    '<p t="500" d="5040" w="1"><s ac="255">It\'s</s><s t="400"> hot.</s></p>'
    '<p t="2530" d="20" w="1" a="1">\n</p><p t="3000" d="900">End.</p></body></timedtext>'
)


@pytest.mark.parametrize("content", [SRV1, SRV2, SRV3])
@pytest.mark.parametrize("name", ["talk.srv3", "talk.en.xml"])
def test_the_xml_of_youtube_is_read(write: Write, content: str, name: str) -> None:
    cues = read_captions(write(content, name)).cues
    assert [(cue.start, cue.text) for cue in cues] == [(0.5, "It's hot."), (3.0, "End.")]
    if content != SRV1:
        assert [(w.start, w.text) for w in cues[0].words] == [(0.5, "It's"), (0.9, "hot.")]
    # A line stays visible while the next one is spoken.
    assert cues[0].end <= 3.0
