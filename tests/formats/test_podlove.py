from __future__ import annotations

from xml.etree import ElementTree

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import podlove

NS = 'xmlns:psc="http://podlove.org/simple-chapters"'


def test_a_foreign_parser_sees_starts_and_titles() -> None:
    chapters = Chapters.from_starts([0, 3661.25], ['"a" & <b>\n', "二"], 4000)
    root = ElementTree.fromstring(podlove.dumps(chapters))
    assert root.tag == "{http://podlove.org/simple-chapters}chapters"
    assert root.get("version") == "1.2"
    assert [child.attrib for child in root] == [
        {"start": "00:00:00.000", "title": '"a" & <b>'},
        {"start": "01:01:01.250", "title": "二"},
    ]


def test_short_times_links_and_other_prefixes_are_understood() -> None:
    text = (
        '<rss><channel><item><chapters xmlns="http://podlove.org/simple-chapters" version="1.1">\n'
        '<chapter start="0" title="Intro"/><chapter start="3:07" title="Two" href="https://x.org"/>'
        '<chapter start="1:02:03.5"/></chapters></item></channel></rss>'
    )
    assert formats.recognise(text) == "podlove"
    parsed = formats.loads(text, duration=5000)
    assert parsed.chapters.starts == (0, 187, 3723.5)
    assert parsed.chapters.titles == ("Intro", "Two", "")
    assert parsed.notes == ("links and pictures of the chapters were left out",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<Chapters/>", 1),
        ("<psc:chapters/>", 1),
        (f'<psc:chapters {NS}>\n<psc:chapter title="x"/></psc:chapters>', 2),
        (f'<psc:chapters {NS}>\n<psc:chapter start="-5" title="x"/></psc:chapters>', 2),
        (f"<rss {NS}>\n<psc:chapters/>\n<psc:chapters/></rss>", 3),
        (f'<!DOCTYPE a [<!ENTITY b "c">]>\n<psc:chapters {NS}/>', 1),
    ],
)
def test_a_broken_file_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        podlove.loads(text, duration=60)
    assert caught.value.line == line
