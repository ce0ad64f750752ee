"""Matroska and Podlove chapters: foreign parsers, hostile XML, nested atoms."""

from __future__ import annotations

from xml.dom import minidom
from xml.etree import ElementTree

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.formats import xml_files

HEAD = '<?xml version="1.0"?>\n<!-- <!DOCTYPE Chapters SYSTEM "matroskachapters.dtd"> -->\n'


def atom(start: str, title: str, inner: str = "", end: str = "") -> str:
    closing = f"<ChapterTimeEnd>{end}</ChapterTimeEnd>" if end else ""
    return (
        f"<ChapterAtom><ChapterTimeStart>{start}</ChapterTimeStart>{closing}"
        f"<ChapterDisplay><ChapterString>{title}</ChapterString>"
        "<ChapterLanguage>eng</ChapterLanguage></ChapterDisplay>"
        f"{inner}</ChapterAtom>\n"
    )


def document(*atoms: str, head: str = HEAD) -> str:
    return f"{head}<Chapters><EditionEntry>{''.join(atoms)}</EditionEntry></Chapters>"


def test_a_foreign_reader_finds_the_titles() -> None:
    titles = ["a & <b>", "]]> \"q\" 'r'", "日本\n語"]
    text = xml_files.dumps_matroska(Chapters.from_starts([0, 1, 2], titles, 3))
    dom = minidom.parseString(text.encode())

    def texts(name: str) -> list[str]:
        firsts = [node.firstChild for node in dom.getElementsByTagName(name)]
        return [first.data for first in firsts if isinstance(first, minidom.Text)]

    assert texts("ChapterString") == titles
    assert texts("ChapterTimeStart") == [
        "00:00:00.000000000",
        "00:00:01.000000000",
        "00:00:02.000000000",
    ]


def test_the_doctype_that_matroska_files_carry_is_ignored() -> None:
    one = atom("00:00:00.000", "x", end="00:00:09.5")
    real = '<?xml version="1.0"?>\n<!DOCTYPE Chapters SYSTEM "matroskachapters.dtd">\n'
    for head in (HEAD, real, ""):
        assert formats.loads(document(one, head=head), "matroska").chapters.titles == ("x",)


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE Chapters [<!ENTITY a "aaaa">]>\n',
        '<!DOCTYPE Chapters [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n',
        '<!DOCTYPE Chapters SYSTEM "x.dtd" [<!ENTITY % p SYSTEM "http://x/">%p;]>\n',
        "<!DOCTYPE Chapters []>\n",
    ],
)
def test_declared_entities_are_refused(head: str) -> None:
    with pytest.raises(FormatError, match="entities, line 1"):
        formats.loads(document(atom("0:00", "&a;"), head=head), "matroska")


def test_an_entity_of_an_external_dtd_is_refused() -> None:
    head = '<!DOCTYPE Chapters SYSTEM "x.dtd">\n'
    with pytest.raises(FormatError, match="entities"):
        formats.loads(document(atom("0:00", "a&b;"), head=head), "matroska")


def test_nested_atoms_are_flattened_without_losing_a_title() -> None:
    text = document(
        atom(
            "00:00:00.000",
            "Part 1",
            atom("00:00:00.000", "Hello") + atom("00:10:00.000", "More"),
        ),
        atom("00:20:00.000", "Part 2", atom("00:25:00.000", "Inside")),
        atom("00:30:00.000", "End", end="00:40:00.000"),
    )
    parsed = formats.loads(text, "matroska")
    assert list(zip(parsed.chapters.starts, parsed.chapters.titles, strict=True)) == [
        (0, "Part 1: Hello"),
        (600, "More"),
        (1200, "Part 2"),
        (1500, "Inside"),
        (1800, "End"),
    ]
    assert parsed.notes == ("nested chapters were flattened",)


def test_the_first_of_several_languages_is_used_and_reported() -> None:
    second = "<ChapterDisplay><ChapterString>Zwei</ChapterString></ChapterDisplay>"
    parsed = formats.loads(document(atom("0:00", "Two", second, end="0:10")), "matroska")
    assert parsed.chapters.titles == ("Two",)
    assert parsed.notes == ("the first of several languages was used",)


def test_the_default_edition_is_taken_and_hidden_atoms_are_left_out() -> None:
    hidden = atom("0:05", "no", "<ChapterFlagHidden>1</ChapterFlagHidden>")
    text = (
        f"<Chapters><EditionEntry>{atom('0:00', 'first')}</EditionEntry><EditionEntry>"
        f"<EditionFlagDefault>1</EditionFlagDefault>{atom('0:00', 'second')}{hidden}"
        "</EditionEntry></Chapters>"
    )
    parsed = formats.loads(text, "matroska", duration=30)
    assert parsed.chapters.titles == ("second",)
    assert set(parsed.notes) == {"1 other editions were left out", "hidden chapters were left out"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<Chapters>\n<EditionEntry>", 2),
        ("<Tags/>", 1),
        (document("<ChapterAtom/>"), 3),
        (document(atom("soon", "x")), 3),
        (document(atom("-00:00:01.000", "x")), 3),
        (document("\n<EditionFlagOrdered>1</EditionFlagOrdered>", atom("0:00", "x")), 3),
        ("<Chapters>\n" + "<a>" * 100_000, 2),
    ],
)
def test_a_broken_matroska_file_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        formats.loads(text, "matroska", duration=60)
    assert caught.value.line == line


def test_without_ends_the_duration_must_be_given() -> None:
    with pytest.raises(InputError, match="duration of the media is unknown"):
        formats.loads(document(atom("0:00", "x")), "matroska")


def test_latin1_xml_is_read_as_it_declares(tmp_path: object) -> None:
    from chapterize.formats import read_text

    text = '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + document(
        atom("0:00", "Café", end="0:10"), head=""
    )
    assert formats.loads(read_text(text.encode("latin-1")), "matroska").chapters.titles == ("Café",)


NS = 'xmlns:psc="http://podlove.org/simple-chapters"'


def test_a_foreign_parser_sees_starts_and_titles() -> None:
    chapters = Chapters.from_starts([0, 3661.25], ['"a" & <b>\n', "二"], 4000)
    root = ElementTree.fromstring(xml_files.dumps_podlove(chapters))
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
    assert parsed.notes == ("links and images of the chapters were left out",)


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
def test_a_broken_podlove_file_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        formats.loads(text, "podlove", duration=60)
    assert caught.value.line == line


def timed(*times: str, title: str = "ChapterString") -> str:
    atoms = [
        f"<ChapterAtom><ChapterTimeStart>{time}</ChapterTimeStart><ChapterDisplay>"
        f"<{title}>{number}</{title}></ChapterDisplay></ChapterAtom>\n"
        for number, time in enumerate(times, 1)
    ]
    return document(*atoms, head="")


@pytest.mark.parametrize(
    ("times", "wanted"),
    [
        (("0", "400250000000", "725500000000"), (0, 400.25, 725.5)),
        (("0", "400", "725"), (0, 400, 725)),
        (("0s", "400250ms", "725500000us"), (0, 400.25, 725.5)),
        (("0 ns", " 400.25s ", "725500000000ns"), (0, 400.25, 725.5)),
        (("00:00:00", "0:06:40,25", "12:05.5"), (0, 400.25, 725.5)),
        (("0", "00:06:40.250000000", "725500000000"), (0, 400.25, 725.5)),
    ],
)
@pytest.mark.parametrize("title", ["ChapterString", "ChapString"])
def test_times_without_colons_have_a_unit(
    times: tuple[str, ...], wanted: tuple[float, ...], title: str
) -> None:
    parsed = formats.loads(timed(*times, title=title), duration=1140)
    assert parsed.chapters.starts == wanted
    assert parsed.chapters.titles == ("1", "2", "3")


def test_a_time_between_the_units_is_an_error_with_its_line() -> None:
    with pytest.raises(FormatError, match="400250 has no unit, line 2") as caught:
        formats.loads(timed("0", "400250"), duration=1140)
    assert "00:06:40.250" in caught.value.hint


def test_matroska_in_a_namespace_is_read() -> None:
    text = timed("0:00", "6:40").replace("<Chapters>", '<Chapters xmlns="urn:x">')
    assert formats.loads(text, duration=1140).chapters.titles == ("1", "2")


TEXT_STREAM = """<?xml version="1.0" encoding="UTF-8" ?>
<!-- GPAC 3GPP Text Stream -->
<TextStream version="1.1">
<TextStreamHeader width="400" height="60"><TextSampleDescription displayFlags="0">
<FontTable><FontTableEntry fontName="Serif" fontID="1"/></FontTable>
</TextSampleDescription></TextStreamHeader>
<TextSample sampleTime="00:00:00.000" xml:space="preserve">Kiln</TextSample>
<TextSample sampleTime="00:06:40.250" text="Wax &amp; resist" sampleDescriptionIndex="1"/>
<TextSample sampleTime="00:12:05.500">Firing</TextSample>
<TextSample sampleTime="00:19:00.000" text="" />
</TextStream>
"""


@pytest.mark.parametrize("prefix", ["", "t:"])
def test_the_text_stream_of_mp4box_states_the_length(prefix: str) -> None:
    text = TEXT_STREAM
    if prefix:
        text = text.replace("<Text", "<t:Text").replace("</Text", "</t:Text")
        text = text.replace("<t:TextStream ", '<t:TextStream xmlns:t="urn:x" ')
    assert formats.recognise(text) == "textstream"
    parsed = formats.loads(text)
    assert parsed.chapters.starts == (0, 400.25, 725.5)
    assert parsed.chapters.titles == ("Kiln", "Wax & resist", "Firing")
    assert parsed.chapters.duration == 1140
    assert parsed.notes == ()


def test_an_empty_sample_right_after_the_last_is_no_length() -> None:
    text = TEXT_STREAM.replace("00:19:00.000", "00:12:05.501")
    with pytest.raises(InputError, match="duration"):
        formats.loads(text)
    assert formats.loads(text, duration=1140).chapters.starts == (0, 400.25, 725.5)


GRABBER = """<?xml version="1.0" encoding="utf-8"?>
<chapterInfo xml:lang="en" version="2" extractor="MPLS" client="ChapterGrabber 5.4"
 xmlns="http://jvance.com/2008/ChapterGrabber"><title>Film</title>
<ref><chapterSetId>1</chapterSetId></ref>
<source><name>00001</name><type>Blu-Ray</type><fps>23.976</fps>
<duration>00:19:00.0000000</duration></source>
<chapters><chapter time="00:00:00" name="Kiln" /><chapter time="00:06:40.2500000" name="Wax" />
</chapters></chapterInfo>
"""


def test_chapters_of_chaptergrabber_state_the_length() -> None:
    parsed = formats.loads(GRABBER)
    assert parsed.chapters.starts == (0, 400.25)
    assert parsed.chapters.titles == ("Kiln", "Wax")
    assert parsed.chapters.duration == 1140


CHAPTER_TOOL = """<?xml version="1.0" encoding="utf-8" ?>
<chapters version="1">
 <chapter starttime="0"><title>Kiln</title><picture>a.jpg</picture></chapter>
 <chapter starttime="00:06:40.25"><title>Wax</title><link href="https://x/">x</link></chapter>
</chapters>
"""


def test_chapters_of_apples_chaptertool_are_read() -> None:
    bare = '<chapters><chapter start="0:00" title="Kiln"/><chapter start="6:40.25" title="Wax"/>'
    for text in (CHAPTER_TOOL, f"{bare}</chapters>"):
        parsed = formats.loads(text, duration=1140)
        assert parsed.chapters.starts == (0, 400.25)
        assert parsed.chapters.titles == ("Kiln", "Wax")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<Chapters/>", "textstream"),
        ("<TextStream/>", "textstream"),
        (TEXT_STREAM.replace("sampleTime", "time"), "textstream"),
        (TEXT_STREAM.replace("00:06:40.250", "soon"), "textstream"),
        ("<Chapters/>", "chaptergrabber"),
        ("<chapterInfo/>", "chaptergrabber"),
        (GRABBER.replace("chapter time", "chapter at"), "chaptergrabber"),
        (GRABBER.replace("00:19:00.0000000", "long"), "chaptergrabber"),
    ],
)
def test_broken_lists_of_players_are_format_errors(text: str, name: str) -> None:
    with pytest.raises(FormatError):
        formats.loads(text, name, duration=1140)


def test_a_hidden_edition_is_used_only_if_there_is_no_other() -> None:
    hidden = "<EditionEntry><EditionFlagHidden>1</EditionFlagHidden>"
    first = f"{hidden}{atom('00:00:00.0', 'Menu')}</EditionEntry>"
    shown = f"<EditionEntry>{atom('00:00:00.0', 'Kiln')}</EditionEntry>"
    for editions, title in ((first + shown, "Kiln"), (first, "Menu")):
        assert formats.scan(f"<Chapters>{editions}</Chapters>").marks[0].title == title
