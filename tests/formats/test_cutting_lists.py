"""Tables of scenes and markers, lists of frames, bookmarks, and HandBrake's titles."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.formats import cutting_lists
from chapterize.formats.frames import FrameClock, parse_frame_rate

STARTS = [0, 400.25, 725.5]
SCENES = """Timecode List:,00:06:40.250,00:12:05.500
Scene Number,Start Frame,Start Timecode,Start Time (seconds),End Frame,End Timecode,\
End Time (seconds),Length (frames),Length (timecode),Length (seconds)
1,1,00:00:00.000,0.000,10006,00:06:40.250,400.250,10006,00:06:40.250,400.250
2,10007,00:06:40.250,400.250,18137,00:12:05.500,725.500,8131,00:05:25.250,325.250
3,18138,00:12:05.500,725.500,28500,00:19:00.000,1140.000,10363,00:06:54.500,414.500
"""
PREMIERE = """Marker Name\tDescription\tIn\tOut\tDuration\tMarker Type\t
Kiln\t\t00:00:00:00\t00:00:00:00\t00:00:00:00\tChapter\t
Wax\tand resist\t00:06:40:06\t00:06:40:06\t00:00:00:00\tChapter\t
\tFiring\t00:12:05:12\t00:19:00:00\t00:06:54:13\tChapter\t
"""
TABLES = {
    "PySceneDetect": SCENES,
    "PySceneDetect, without a name for its cuts": SCENES.replace("Timecode List:,", ""),
    "PySceneDetect, without cuts": SCENES.partition("\n")[2],
    "PySceneDetect, semicolons": SCENES.replace(",", ";"),
    "SceneCut": "index,start_seconds,end_seconds,start_timecode,end_timecode,duration,type\n"
    "0,0.0,400.25,00:00:00.000,00:06:40.250,400.25,cut\n"
    "1,400.25,725.5,00:06:40.250,00:12:05.500,325.25,cut\n"
    "2,725.5,1140,00:12:05.500,00:19:00.000,414.5,fade\n",
}
NAMED = {
    "Audition": "Name\tStart\tDuration\tTime Format\tType\tDescription\n"
    "Kiln\t0:00.000\t0:00.000\tdecimal\tCue\t\nWax\t6:40.250\t0:00.000\tdecimal\tCue\t\n"
    "Firing\t12:05.500\t0:00.000\tdecimal\tCue\t\n",
    "Reaper": "#,Name,Start,End,Length\nM1,Kiln,0:00.000,,\nM2,Wax,6:40.250,,\n"
    "R1,Firing,12:05.500,19:00.000,6:54.500\n",
    "LosslessCut with names": "start,end,label\n,400.25,Kiln\n400.25,725.5,Wax\n725.5,,Firing\n",
    "names in another order": "Titel;Anfang\nKiln;0:00\nWax;06:40,25\nFiring;12:05,5\n",
    "Twitch, without names": "0:00:00,Broadcaster,me,Kiln\n0:06:40.25,Editor,you,Wax\n"
    '0:12:05.5,Broadcaster,me,"Firing"\n',
    "times and titles": "0:00:00.000,Kiln\n0:06:40.250,Wax\n0:12:05.500,Firing\n",
    "an unknown language": "Navn\tMerknad\tInngang\tUtgang\n"
    "Kiln\t\t00:00:00.000\t00:06:40.250\nWax\t\t00:06:40.250\t00:12:05.500\n"
    "Firing\t\t00:12:05.500\t00:19:00.000\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_scenes_are_numbered_and_state_the_length(name: str, tmp_path: Path) -> None:
    file = tmp_path / "talk-Scenes.csv"
    file.write_text(TABLES[name], encoding="utf-8-sig", newline="\r\n")
    parsed = formats.read_chapters(file)
    assert list(parsed.chapters.starts) == STARTS
    assert parsed.chapters.titles == ("Scene 1", "Scene 2", "Scene 3")
    assert parsed.chapters.duration == 1140


@pytest.mark.parametrize("name", NAMED)
def test_titles_are_in_the_column_of_names(name: str) -> None:
    parsed = formats.loads(NAMED[name], duration=1140)
    assert list(parsed.chapters.starts) == STARTS
    assert parsed.chapters.titles == ("Kiln", "Wax", "Firing")


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_markers_of_premiere_are_read_with_their_frames(mark: str, tmp_path: Path) -> None:
    file = tmp_path / "markers.csv"
    file.write_bytes(PREMIERE.replace("\n", "\r\n").encode(mark))
    listing = formats.read_listing(file, clock=FrameClock(parse_frame_rate("25")))
    assert [mark.start for mark in listing.marks] == [0, 400.24, 725.48]
    assert [mark.title for mark in listing.marks] == ["Kiln", "Wax", "Firing"]
    assert listing.marks[-1].end == 1140
    guessed = formats.read_listing(file)
    assert "read at 30 frames a second; --frame-rate" in guessed.notes[0]


def test_drop_frame_timecodes_of_premiere_follow_the_clock() -> None:
    text = PREMIERE.replace("00:06:40:06", "00;10;00;00").replace("00:12:05:12", "00;12;05;12")
    listing = formats.scan(text)
    assert listing.marks[1].start == pytest.approx(600, abs=0.001)


def test_a_table_of_a_timeline_starts_at_its_first_hour() -> None:
    text = (
        "#,Reel,V,C,Dur,Record In,Record Out,Name\n"
        "1,a,V1,C,00:06:40:06,01:00:00:00,01:06:40:06,Kiln\n"
        "2,a,V1,C,00:12:19:19,01:06:40:06,01:19:00:00,Wax\n"
    )
    listing = formats.scan(text, clock=FrameClock(parse_frame_rate("25")))
    assert [(m.start, m.end) for m in listing.marks] == [(0, 400.24), (400.24, 1140)]
    assert "starts at 01:00:00:00; --start-timecode" in listing.notes[0]
    midnight = FrameClock(parse_frame_rate("25"), "00:00:00:00")
    assert formats.scan(text, clock=midnight).marks[0].start == 3600


def test_a_table_of_frames_alone_needs_the_rate() -> None:
    text = "Scene Number,Start Frame,Title\n1,0,Kiln\n2,250,Wax\n"
    with pytest.raises(FormatError, match="numbers of frames, line 2") as caught:
        formats.scan(text)
    assert "--frame-rate" in caught.value.hint
    listing = formats.scan(text, clock=FrameClock(parse_frame_rate("25")))
    assert [(mark.start, mark.title) for mark in listing.marks] == [(0, "Kiln"), (10, "Wax")]


def test_losslesscut_in_frames_is_read_if_it_is_named() -> None:
    text = "0,10006,Kiln\n10006,18137,Wax\n18137,,Firing\n"
    clock = FrameClock(parse_frame_rate("25"))
    listing = formats.scan(text, "frames", clock)
    assert [mark.start for mark in listing.marks] == [0, 400.24, 725.48]
    assert [mark.end for mark in listing.marks] == [400.24, 725.48, None]
    for broken, wanted in ((text, None), ("0,x,Kiln\n", clock), ("0.5,1,Kiln\n", clock)):
        with pytest.raises(FormatError):
            formats.scan(broken, "frames", wanted)


def test_whole_numbers_may_be_frames_and_a_note_says_so() -> None:
    assert "--from frames" in formats.scan("0,10006,Kiln\n10006,,Wax\n").notes[0]
    for text in ("0,400.25,Kiln\n400.25,,Wax\n", "0:00,6:40,Kiln\n6:40,,Wax\n"):
        assert formats.scan(text).notes == ()


def test_bookmarks_of_potplayer_are_read(tmp_path: Path) -> None:
    text = "[Bookmark]\r\n0=0*Kiln*28000000FFD8\r\n1=400250*Wax*28\r\n2=725500* *28\r\n3=\r\n"
    file = tmp_path / "talk.pbf"
    file.write_bytes(text.encode("utf-16"))
    listing = formats.read_listing(file)
    assert [(m.start, m.end, m.title) for m in listing.marks] == [
        (0, None, "Kiln"),
        (400.25, 725.5, "Wax"),
    ]
    with pytest.raises(FormatError, match="no bookmarks"):
        formats.scan("[Bookmark]\n", "potplayer")


HANDBRAKE = Chapters.from_starts([0, 1, 2], ["Kiln", 'Wax, "resist"', "a\nb"], 3)


def test_handbrake_gets_numbers_and_titles() -> None:
    text = formats.dumps(HANDBRAKE, "handbrake")
    assert text == '1,Kiln\n2,"Wax, ""resist"""\n3,a b\n'
    assert formats.recognise(text) == "handbrake"
    assert cutting_lists.handbrake_titles(text) == ("Kiln", 'Wax, "resist"', "a b")
    assert cutting_lists.handbrake_titles("2, Wax\\, resist\n1, Kiln\n") == ("Kiln", "Wax, resist")
    for broken in ("1,a\n1,b\n", "a,1\n"):
        with pytest.raises(FormatError):
            cutting_lists.handbrake_titles(broken)


@pytest.mark.parametrize(
    "text",
    [
        "Start,Title\nsoon,Kiln\n",
        "Start,Title\n0:75,Kiln\n",
        "Start,End,Title\n5,1,Kiln\n",
        'Start,Title\n0,"Kiln\n',
        "Name,Comment\nKiln,Wax\n",
        "a,b\nc,d\n",
        "",
    ],
)
def test_a_broken_table_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        formats.loads(text, "markers", duration=60)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0:00 Kiln, wax\n6:40 Firing, cooling\n", "youtube"),
        ("0,400.25,Kiln\n400.25,,Wax\n", "losslesscut"),
        ("start,end,text\n0,3200,Hello.\n", None),
        ("0\t400.25\tKiln\n", "audacity"),
    ],
)
def test_lists_of_other_kinds_are_no_tables(text: str, wanted: str | None) -> None:
    assert formats.recognise(text) == wanted


PRINTED = (
    "frame:0    pts:5125    pts_time:400.25\nlavfi.scene_score=0.41\n"
    "frame:1    pts:9288    pts_time:725.5\nlavfi.scene_score=0.52\n"
)
SHOWN = (
    "ffmpeg version 7\n[Parsed_showinfo_1 @ 0x5] config in time_base: 1/12800\n"
    "[Parsed_showinfo_1 @ 0x5] n:   0 pts: 5123200 pts_time:400.25  duration: 512\n"
    "[Parsed_showinfo_1 @ 0x5] n:   1 pts: 9286400 pts_time:725.5   duration: 512\n"
)


@pytest.mark.parametrize("text", [PRINTED, SHOWN])
def test_scenes_that_ffmpeg_printed_start_with_the_beginning(text: str) -> None:
    assert formats.recognise(text) == "scenes"
    parsed = formats.loads(text, duration=1140)
    assert list(parsed.chapters.starts) == STARTS
    assert parsed.chapters.titles == ("Scene 1", "Scene 2", "Scene 3")
    with pytest.raises(FormatError, match="no scenes"):
        formats.scan("frame:0\n", "scenes")


def test_the_statistics_of_pyscenedetect_are_no_scenes() -> None:
    with pytest.raises(FormatError, match="not a list of scenes"):
        formats.scan("Frame Number,Timecode,content_val\n1,00:00:00.000,\n2,00:00:00.040,1.2\n")


@pytest.mark.parametrize(
    "text",
    [
        "start_ms,end_ms,title\n0,400250,Kiln\n400250,725500,Wax\n",
        "Title;Start (ms)\nKiln;0\nWax;400250\n",
        "#,Color,Name,Start TC,End TC\n1,Blue,Kiln,0:00,0:01\n2,Red,Wax,6:40.250,6:41\n",
    ],
)
def test_columns_may_count_milliseconds_and_stand_next_to_others(text: str) -> None:
    marks = formats.scan(text).marks
    assert [(mark.start, mark.title) for mark in marks] == [(0, "Kiln"), (400.25, "Wax")]


def test_the_markers_of_avid_are_read() -> None:
    text = "ann\t00:00:00:00\tV1\tred\tKiln\t1\nann\t00:06:40:06\tV1\tred\tWax\t1\n"
    listing = formats.scan(text, clock=FrameClock(parse_frame_rate("24")))
    assert [(m.start, m.title) for m in listing.marks] == [(0, "Kiln"), (400.25, "Wax")]
