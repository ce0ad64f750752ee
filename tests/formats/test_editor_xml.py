"""Markers in the XML of Final Cut, Premiere, Kdenlive and Shotcut."""

from __future__ import annotations

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats.frames import parse_frame_rate

TITLES = ("Kiln & wax", "二", "Firing")


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97df", "30", "59.94"])
@pytest.mark.parametrize("start", [None, "01:00:00:00"])
@pytest.mark.parametrize("name", ["fcpxml", "premiere"])
def test_markers_that_are_written_are_read_back(name: str, rate: str, start: str | None) -> None:
    chapters = Chapters.from_starts([0, 61.5, 3700.12], TITLES, 4000)
    counted = parse_frame_rate(rate)
    text = formats.dumps(chapters, name, frame_rate=counted, start_timecode=start)
    assert formats.recognise(text) == name
    parsed = formats.loads(text)
    frame = float(1 / counted.exact)
    assert parsed.chapters.starts == pytest.approx(chapters.starts, abs=frame / 2 + 0.001)
    assert parsed.chapters.titles == TITLES
    assert parsed.chapters.duration == pytest.approx(4000, abs=frame)
    assert parsed.notes == ()


FCPXML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.11"><resources/><library><event><project><sequence tcStart="3600s"
 duration="500/25s" format="r1"><spine>
<asset-clip ref="r2" offset="3600s" name="a" duration="250/25s" start="100s">
 <marker start="101s" duration="1/25s" value="to do"/>
 <chapter-marker start="102s" duration="1/25s" value="Kiln" posterOffset="11/25s"/>
 <title lane="1" offset="104s" duration="2s" start="50s">
  <chapter-marker start="51s" duration="1/25s" value="Wax"/>
 </title>
</asset-clip>
<gap name="Gap" offset="90250/25s" start="3600s" duration="250/25s">
 <chapter-marker start="90050/25s" duration="1/25s" value="Firing"/>
</gap>
</spine></sequence></project></event></library></fcpxml>
"""


def test_final_cut_markers_are_placed_through_every_clip_around_them() -> None:
    listing = formats.scan(FCPXML)
    found = [(mark.start, mark.title) for mark in listing.marks]
    assert found == [(2, "Kiln"), (5, "Wax"), (12, "Firing")]
    assert listing.duration == 20
    others = formats.scan(FCPXML.replace("chapter-marker", "note"))
    assert [(mark.start, mark.title) for mark in others.marks] == [(1, "to do")]
    clips = FCPXML.replace("chapter-marker", "note").replace("<marker", "<note")
    clips = clips.replace("gap", "asset-clip").replace('name="Gap"', 'name="b"')
    cuts = formats.scan(clips.replace("</marker>", "</note>"))
    assert [(mark.start, mark.title) for mark in cuts.marks] == [(0, "a"), (10, "b")]


RATE = "<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>"
CLIPS = f"""<media><video><track>
<clipitem><name>a.mov</name>{RATE}<start>0</start><end>300</end><in>30</in><out>330</out>
<marker><name>Kiln</name><in>60</in><out>-1</out></marker></clipitem>
<clipitem><name>b.mov</name>{RATE}<start>300</start><end>600</end><in>0</in><out>300</out></clipitem>
</track></video></media>"""


def xmeml(inner: str) -> str:
    return (
        '<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="5"><project><children>'
        f'<sequence id="s"><uuid>1</uuid><duration>600</duration>{RATE}<name>talk</name>'
        f"{inner}</sequence></children></project></xmeml>"
    )


def test_markers_of_a_sequence_come_first_then_those_of_clips_then_cuts() -> None:
    own = "<marker><comment>Wax</comment><name></name><in>300</in><out>-1</out></marker>"
    frame = 1001 / 30000
    listing = formats.scan(xmeml(CLIPS + own))
    [mark] = listing.marks
    assert mark.title == "Wax"
    assert mark.start == pytest.approx(300 * frame)
    assert listing.duration == pytest.approx(600 * frame)
    assert listing.frame_rate == pytest.approx(29.97, abs=0.001)
    inside = formats.scan(xmeml(CLIPS))
    [mark] = inside.marks
    assert mark.title == "Kiln"
    assert mark.start == pytest.approx(30 * frame)
    cuts = formats.scan(xmeml(CLIPS.replace("marker>", "filter>")))
    assert [m.title for m in cuts.marks] == ["a.mov", "b.mov"]
    faded = CLIPS.replace("marker>", "filter>").replace("<start>300<", "<start>-1<")
    assert [m.start for m in formats.scan(xmeml(faded)).marks] == [m.start for m in cuts.marks]
    same = formats.scan(xmeml(CLIPS.replace("marker>", "filter>").replace("b.mov", "a.mov")))
    assert [m.title for m in same.marks] == ["Scene 1", "Scene 2"]


KDENLIVE = """<?xml version="1.0" encoding="utf-8"?>
<mlt LC_NUMERIC="C" producer="main_bin"><profile frame_rate_num="25" frame_rate_den="1"/>
<playlist id="main_bin"><property name="kdenlive:docproperties.guides">[
    {"comment": "Kiln", "duration": 0, "pos": 0, "type": 0},
    {"comment": "Wax &amp; resist", "pos": 10006, "type": 1}
]
</property></playlist></mlt>
"""
OLD_KDENLIVE = """<mlt><profile frame_rate_num="25" frame_rate_den="1"/><playlist>
<property name="kdenlive:guide.400.25">Wax</property></playlist></mlt>"""
SHOTCUT = """<?xml version="1.0" standalone="no"?>
<mlt><profile frame_rate_num="25" frame_rate_den="1"/>
<tractor id="tractor0" title="Shotcut" in="00:00:00.000" out="00:18:59.960">
<property name="shotcut">1</property>
<properties name="shotcut:markers">
<properties name="0"><property name="text">Kiln</property>
<property name="start">00:00:00.000</property><property name="end">00:00:00.000</property>
</properties>
<properties name="1"><property name="text">Wax</property>
<property name="start">00:06:40.250</property><property name="end">00:12:05.500</property>
</properties>
</properties></tractor></mlt>
"""


def test_guides_of_kdenlive_and_markers_of_shotcut_are_read() -> None:
    guides = formats.scan(KDENLIVE)
    assert [(m.start, m.title) for m in guides.marks] == [(0, "Kiln"), (400.24, "Wax & resist")]
    old = formats.scan(OLD_KDENLIVE)
    assert [(m.start, m.title) for m in old.marks] == [(400.25, "Wax")]
    markers = formats.scan(SHOTCUT)
    assert [(m.start, m.end, m.title) for m in markers.marks] == [
        (0, None, "Kiln"),
        (400.25, 725.5, "Wax"),
    ]
    assert markers.duration == 1140


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<fcpxml/>", "fcpxml"),
        (FCPXML.replace("marker", "note").replace("asset-clip", "note"), "fcpxml"),
        (FCPXML.replace("102s", "1/0s"), "fcpxml"),
        (FCPXML.replace("102s", "soon"), "fcpxml"),
        ("<xmeml/>", "premiere"),
        (xmeml(""), "premiere"),
        (xmeml("<marker><in>soon</in></marker>"), "premiere"),
        (xmeml("<marker/>"), "premiere"),
        ("<mlt/>", "mlt"),
        (KDENLIVE.replace("25", "0"), "mlt"),
        (KDENLIVE.replace("]", ""), "mlt"),
        (KDENLIVE.replace("10006", "-5"), "mlt"),
        (SHOTCUT.replace("00:06:40.250", "soon"), "mlt"),
        ("<Chapters/>", "mlt"),
        ("<mlt", "mlt"),
        ('<!DOCTYPE mlt [<!ENTITY a "a">]><mlt/>', "mlt"),
    ],
)
def test_broken_projects_are_format_errors(text: str, name: str) -> None:
    with pytest.raises(FormatError):
        formats.loads(text, name, duration=60)
