from __future__ import annotations

from pathlib import Path

import av
import ffmpeg
import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError
from chapterize.ffmpeg import output_url, run
from chapterize.formats import ffmetadata

TITLES = ["a=b;c#d\\", "two\nlines", "日本語 “q”", "[CHAPTER]", "x" * 3000]


def test_ffmpeg_itself_reads_what_we_write(tmp_path: Path) -> None:
    """ffmpeg -f lavfi -i anullsrc -t 10 -i t.ffmeta -map 0:a -map_chapters 1 -c:a pcm o.mkv."""
    chapters = Chapters.from_starts([0, 1.001, 2.5, 5.999, 7], TITLES, 10)
    meta, target = tmp_path / "it's 100%.ffmeta", tmp_path / "o.mkv"
    meta.write_text(ffmetadata.dumps(chapters), encoding="utf-8")
    sound = ffmpeg.input("anullsrc=r=8000:cl=mono", f="lavfi", t=10)
    options = {"c:a": "pcm_s16le", "map_chapters": 1}
    node = ffmpeg.output(sound, output_url(target), **options)
    run(
        node.global_args("-f", "ffmetadata", "-i", output_url(meta), "-y"),
        what="reading our ffmetadata",
    )
    with av.open(str(target)) as container:
        found = [
            (float(c["start"] * c["time_base"]), float(c["end"] * c["time_base"]), c["metadata"])  # type: ignore[operator]
            for c in container.chapters()
        ]
    shown = [title + " " if title.endswith("\\") else title for title in TITLES]
    assert found == [
        (c.start, c.end, {"title": title})
        for c, title in zip(chapters.chapters, shown, strict=True)
    ]


def test_we_read_what_ffmpeg_writes(tmp_path: Path) -> None:
    """ffmpeg -i t.ffmeta -f ffmetadata back.ffmeta."""
    chapters = Chapters.from_starts([0, 1.001, 2.5, 5.999, 7], TITLES, 10)
    meta, back = tmp_path / "t.ffmeta", tmp_path / "back.ffmeta"
    meta.write_text(ffmetadata.dumps(chapters), encoding="utf-8")
    run(
        ffmpeg.output(ffmpeg.input(output_url(meta)), output_url(back), f="ffmetadata"),
        what="writing ffmetadata",
    )
    assert formats.loads(back.read_text(encoding="utf-8"), "ffmetadata").chapters == chapters


def test_every_chapter_carries_its_end() -> None:
    text = ffmetadata.dumps(Chapters.from_starts([0, 2], ["a", "b"], 3))
    assert text.count("END=") == 2


def test_other_sections_comments_and_time_bases_are_understood() -> None:
    text = (
        ";FFMETADATA1\ntitle=whole file\n; a comment\n[STREAM]\ntitle=sound\n[CHAPTER]\n"
        "# another\nTIMEBASE=1/90000\nSTART=0\nEND=900000\ntitle=a\\\nb\nartist=x\n"
        "[CHAPTER]\nSTART=10000000000\nEND=20000000000\ntitle=no base\n"
    )
    parsed = formats.loads(text, "ffmetadata")
    assert [(c.start, c.end, c.title) for c in parsed.chapters.chapters] == [
        (0, 10, "a\nb"),
        (10, 20, "no base"),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[CHAPTER]\n", 1),
        (";FFMETADATA1\n[CHAPTER]\nEND=5\n", 2),
        (";FFMETADATA1\n\n[CHAPTER]\nSTART=x\nEND=5\n", 3),
        (";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/0\nSTART=0\nEND=5\n", 2),
        (";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=-5\nEND=5\n", 2),
    ],
)
def test_a_broken_file_names_its_line(text: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        formats.loads(text, "ffmetadata")
    assert caught.value.line == line


def test_a_format_with_titles_of_one_line_notes_that_line_breaks_became_spaces() -> None:
    text = ";FFMETADATA1\n[CHAPTER]\nSTART=0\nEND=9000000000\ntitle=Kiln\\\nand wax\n"
    chapters = formats.loads(text).chapters
    assert chapters.titles == ("Kiln\nand wax",)
    assert formats.changes(chapters, "youtube") == ("line breaks became spaces in 1 of 1 titles",)
    assert formats.changes(chapters, "ffmetadata") == ()
    assert formats.changes(chapters, "json") == ()


def test_the_chapters_that_ffmpeg_prints_are_read() -> None:
    text = (
        "Input #0, matroska,webm, from 'x.mkv':\n  Metadata:\n    title           : Film\n"
        "  Duration: 00:19:00.00, start: 0.000000, bitrate: 128 kb/s\n  Chapters:\n"
        "    Chapter #0:0: start 0.000000, end 400.250000\n      Metadata:\n"
        "        title           : Kiln: the start\n"
        "    Chapter #0:1: start 400.250000, end 1140.000000\n      Metadata:\n"
        "        language        : eng\n        title           : Wax\n"
        "  Stream #0:0: Video: h264\n"
    )
    assert formats.recognise(text) == "ffmetadata"
    parsed = formats.loads(text)
    assert parsed.chapters.titles == ("Kiln: the start", "Wax")
    assert (parsed.chapters.starts, parsed.chapters.duration) == ((0, 400.25), 1140)


def test_the_chapters_that_mkvinfo_prints_are_read() -> None:
    text = (
        "|+ Chapters\n| + Edition entry\n|  + Chapter atom\n|   + Chapter UID: 1\n"
        "|   + Time start: 00:00:00.000000000\n|   + Display\n|    + String: Kiln\n"
        "|  + Chapter atom\n|   + Chapter time start: 00:06:40.250000000\n"
        "|   + Chapter time end: 00:19:00.000000000\n|    + Chapter string: Wax\n"
    )
    parsed = formats.loads(text)
    assert parsed.chapters.titles == ("Kiln", "Wax")
    assert (parsed.chapters.starts, parsed.chapters.duration) == ((0, 400.25), 1140)


def test_a_missing_first_line_is_noted() -> None:
    text = "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400250\ntitle=Kiln\n"
    (mark,), notes = formats.scan(text).marks, formats.scan(text).notes
    assert (mark.start, mark.end, mark.title) == (0, 400.25, "Kiln")
    assert notes == ("the first line, ;FFMETADATA1, is missing: ffmpeg needs it",)
