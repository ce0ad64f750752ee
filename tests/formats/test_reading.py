"""Which format a file is in, and how its bytes become text."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError

TWO = Chapters.from_starts([0, 61.5], ["One", "Zwei – 二"], 120)


@pytest.mark.parametrize("name", formats.READABLE)
def test_content_tells_the_format_where_the_suffix_does_not(name: str, tmp_path: Path) -> None:
    text = formats.dumps(TWO, name)
    # Two formats are lists as under a video.
    assert formats.recognise(text) == ("youtube" if name in ("mp4chaps", "show-notes") else name)
    # A plain .txt, and no suffix at all, are read by content.
    for file in (tmp_path / "a 日本 list%.txt", tmp_path / "-nosuffix"):
        file.write_text(text, encoding="utf-8")
        parsed = formats.read_chapters(file, duration=120)
        assert parsed.chapters.titles == TWO.titles
        assert parsed.chapters.starts[1] == pytest.approx(61.25, abs=0.3)


def test_one_suffix_serves_all_three_kinds_of_json(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(formats.dumps(TWO, "podcast"))
    assert formats.read_chapters(file).chapters == TWO
    file.write_text(formats.dumps(TWO, "json"))
    assert formats.read_chapters(file).chapters == TWO
    file.write_text(
        '{"schema": "chapterize.draft/1", "media": {"path": "t.mp4", "duration": 120.0},'
        ' "chapters": [{"start": 0, "end": 61.5, "title": "One", "confidence": 0.5,'
        ' "evidence": {}}, {"start": 61.5, "end": 120, "title": "Zwei – 二"}]}'
    )
    assert formats.read_chapters(file).chapters == TWO


def test_utf16_from_windows_is_read(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_bytes("0:00 One\r\n1:01 Zwei – 二\r\n".encode("utf-16"))
    assert formats.read_chapters(file, duration=90).chapters.titles == TWO.titles


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "utf-16-le"])
def test_other_encodings_are_read_with_a_note(encoding: str, tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    text = "0:00 Öfen\r\n6:40 Überzüge\r\n12:05 Größe und Maß\r\n"
    file.write_bytes(text.encode(encoding))
    parsed = formats.read_chapters(file, duration=1140)
    assert parsed.chapters.titles == ("Öfen", "Überzüge", "Größe und Maß")
    assert f"read as {encoding}" in parsed.notes[0]


def test_xml_that_declares_its_encoding_needs_no_note(tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    text = formats.dumps(TWO, "matroska").replace("UTF-8", "windows-1252").replace("二", "é")
    file.write_bytes(text.encode("cp1252"))
    parsed = formats.read_chapters(file)
    assert (parsed.chapters.titles[1], parsed.notes) == ("Zwei – é", ())


def test_bytes_that_are_no_text_name_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.vtt"
    file.write_bytes(bytes(range(1, 256)))
    with pytest.raises(FormatError, match=r"x\.vtt: cannot read the chapters"):
        formats.read_chapters(file)


def test_a_missing_file_a_folder_and_a_huge_file_are_input_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        formats.read_chapters(tmp_path / "none.vtt")
    with pytest.raises(InputError, match="cannot read"):
        formats.read_chapters(tmp_path)
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(formats.MAX_BYTES + 1)
    with pytest.raises(InputError, match="not a chapter file"):
        formats.read_chapters(huge)


def test_text_of_no_format_is_a_format_error(tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    file.write_text("nothing here\n")
    with pytest.raises(FormatError, match="no chapters found"):
        formats.read_chapters(file, duration=10)


def test_a_list_of_titles_says_why_it_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text(formats.dumps(TWO, "handbrake"), encoding="utf-8")
    with pytest.raises(InputError, match="cannot read chapters from handbrake") as caught:
        formats.read_chapters(file, duration=120)
    assert "no times" in caught.value.why
    assert "chapterize embed" in caught.value.hint


def test_one_suffix_serves_both_kinds_of_xml(tmp_path: Path) -> None:
    file = tmp_path / "x.xml"
    for name in ("podlove", "matroska"):
        for mark in ("", "\ufeff"):
            file.write_text(mark + formats.dumps(TWO, name), encoding="utf-8")
            assert formats.read_chapters(file, duration=120).chapters == TWO


@pytest.mark.parametrize(
    ("media", "name"),
    [
        ('"has_video": true, "path": "/talks/a b.mp4"', "a b.mp4"),
        ('"has_video": false, "audio_start": 0.0, "path": "C:\\\\talks\\\\a.mp3"', "a.mp3"),
        ('"has_video": false, "audio_start": null, "path": "/talks/a.srt"', None),
        ('"has_video": true, "path": 7', None),
    ],
)
def test_the_recording_of_a_draft_is_kept_with_its_rows(media: str, name: str | None) -> None:
    text = (
        f'{{"schema": "chapterize.draft/1", "media": {{"duration": 60, {media}}},'
        ' "chapters": [{"start": 0, "title": "a"}]}'
    )
    assert formats.scan(text).media == name


def test_the_frame_rate_of_a_draft_is_kept_with_its_rows() -> None:
    text = (
        '{"schema": "chapterize.draft/1", "media": {"duration": 60, "frame_rate": 29.97},'
        ' "chapters": [{"start": 0, "title": "a"}]}'
    )
    assert formats.scan(text).frame_rate == 29.97
    assert formats.scan(text.replace("29.97", "null")).frame_rate is None


def test_a_video_in_place_of_chapters_is_called_binary(tmp_path: Path) -> None:
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"\0\0\0\x20ftypisom\x9e")
    with pytest.raises(FormatError) as refused:
        formats.reading.read_chapters(path)
    assert refused.value.why == "it is a binary file"


def test_markdown_may_be_a_list_or_a_table(tmp_path: Path) -> None:
    for text in ("- [0:00](#a) Kiln\n- **6:40** Wax\n", "|0:00|Kiln|\n|---|---|\n|6:40|Wax|\n"):
        (tmp_path / "notes.md").write_text(text, encoding="utf-8")
        parsed = formats.read_chapters(tmp_path / "notes.md", duration=1140)
        assert parsed.chapters.titles == ("Kiln", "Wax")
