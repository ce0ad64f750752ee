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
