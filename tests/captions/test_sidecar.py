"""The caption file next to a video is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chapterize.captions import find_sidecar

SRT = "1\n00:00:01,000 --> 00:00:02,500\nHello there.\n\n2\n00:00:03,000 --> 00:00:04,000\nMore.\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.500\nHello there.\n\n00:03.000 --> 00:04.000\nMore.\n"
AUTO = (
    "WEBVTT\n\n00:01.000 --> 00:02.500\nhello<00:01.400><c> there</c>\n\n"
    "00:03.000 --> 00:04.000\nsome<00:03.400><c> more</c>\n"
)
CHAPTERS = (
    "WEBVTT\n\n1\n00:00:00.000 --> 00:01:00.000\nIntro\n\n2\n00:01:00.000 --> 00:02:00.000\nEnd\n"
)
SBV = "0:00:01.000,0:00:02.500\nHello there.\n\n0:00:03.000,0:00:04.000\nMore.\n"
TTML = (
    '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">Hello.</p></div>'
    "</body></tt>"
)
SRV3 = '<timedtext format="3"><body><p t="0" d="900">Hello.</p></body></timedtext>'
TSV = "start\tend\ttext\n0\t1000\tHello.\n1000\t2000\tMore.\n"
LRC = "[ti:x]\n[00:01.00]Hello there.\n[00:03.00]More.\n"

WHISPER = json.dumps({"segments": [{"start": 0.0, "end": 1.0, "text": "Hello."}], "language": "en"})


def placed(folder: Path, files: dict[str, str], media: str = "talk.mp4") -> Path:
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder / media


def chosen(folder: Path, files: dict[str, str], language: str | None = None) -> str | None:
    found = find_sidecar(placed(folder, files), language=language)
    return found.name if found else None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("talk.srt", SRT),
        ("talk.en.vtt", VTT),
        ("talk.en-US.srt", SRT),
        ("talk.zh-Hans.vtt", VTT),
        ("talk.mp4.srt", SRT),
        ("talk.SRT", SRT),
        ("talk.de.sdh.srt", SRT),
        ("talk.whisper.json", WHISPER),
        ("talk.json", WHISPER),
        ("talk.txt", SRT),
        ("talk.en.json3", '{"events": [{"tStartMs": 0, "segs": [{"utf8": "Hello."}]}]}'),
    ],
)
def test_a_file_named_like_the_media_is_found(tmp_path: Path, name: str, content: str) -> None:
    assert chosen(tmp_path, {name: content}) == name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("talk.vtt", CHAPTERS),
        ("talk.chapters.vtt", VTT),
        ("talk.json", '{"schema": "chapterize.chapters/1", "chapters": []}'),
        ("talk.json", '{"schema": "chapterize.draft/1", "chapters": [], "media": {}}'),
        ("talk.en.forced.srt", SRT),
        ("talk.part2.srt", SRT),
        ("talkative.srt", SRT),
        ("other.srt", SRT),
        ("talk.srt", ""),
        ("talk.srt", "no captions at all"),
    ],
)
def test_other_files_are_ignored(tmp_path: Path, name: str, content: str) -> None:
    assert chosen(tmp_path, {name: content}) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("talk.sbv", SBV),
        ("talk.en.ttml", TTML),
        ("talk.de-AT.dfxp", TTML),
        ("talk.xml", TTML),
        ("talk.en.srv3", SRV3),
        ("talk.lrc", LRC),
        ("talk.tsv", TSV),
        ("talk.sub", "{1}{1}25\n{0}{50}Hello there.\n"),
        ("talk.smi", "<SAMI><BODY><SYNC Start=0><P Class=EN>Hello.</BODY></SAMI>"),
    ],
)
def test_every_kind_of_captions_is_found(tmp_path: Path, name: str, content: str) -> None:
    assert chosen(tmp_path, {name: content}) == name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("talk.xml", "<Chapters></Chapters>"),
        ("talk.csv", "0,60,Intro\n60,120,End\n"),
        ("talk.tsv", "0.0\t60.0\tIntro\n60.0\t120.0\tSalt\n"),
        ("talk.youtube.txt", SRT),
        ("talk.md", "# Notes\n\nNothing with times.\n"),
    ],
)
def test_files_that_are_no_captions_are_passed_over_without_a_note(
    tmp_path: Path, name: str, content: str
) -> None:
    notes: list[str] = []
    assert find_sidecar(placed(tmp_path, {name: content}), on_note=notes.append) is None
    assert not notes


def test_a_bitmap_subtitle_is_passed_over_without_a_note(tmp_path: Path) -> None:
    (tmp_path / "talk.sub").write_bytes(bytes(range(256)) * 9)
    notes: list[str] = []
    assert find_sidecar(tmp_path / "talk.mp4", on_note=notes.append) is None
    assert not notes


def test_a_long_file_that_is_read_as_a_whole_is_found(tmp_path: Path) -> None:
    rows = "".join(f'<p t="{n}000" d="900">Line {n} of the talk.</p>\n' for n in range(9000))
    content = f'<timedtext format="3"><body>{rows}</body></timedtext>'
    assert chosen(tmp_path, {"talk.srv3": content}) == "talk.srv3"


def test_a_chapter_list_does_not_hide_captions(tmp_path: Path) -> None:
    assert chosen(tmp_path, {"talk.vtt": CHAPTERS, "talk.en.vtt": VTT}) == "talk.en.vtt"


@pytest.mark.parametrize(
    ("files", "language", "expected"),
    [
        ({"talk.en.vtt": AUTO, "talk.fr.srt": SRT}, None, "talk.fr.srt"),
        ({"talk.en.vtt": AUTO, "talk.fr.srt": SRT}, "en", "talk.en.vtt"),
        ({"talk.de.srt": SRT, "talk.en.srt": SRT}, None, "talk.en.srt"),
        ({"talk.en.srt": SRT, "talk.srt": SRT}, None, "talk.srt"),
        ({"talk.de.srt": SRT, "talk.srt": SRT}, "de-AT", "talk.de.srt"),
        ({"talk.de.srt": SRT, "talk.srt": SRT}, "fr", "talk.srt"),
        ({"talk.ger.srt": SRT, "talk.en.srt": SRT}, "de", "talk.ger.srt"),
        ({"talk.whisper.json": WHISPER, "talk.srt": SRT}, None, "talk.srt"),
        ({"talk.auto.srt": SRT, "talk.en.srt": SRT}, None, "talk.en.srt"),
        ({"talk.en-orig.vtt": VTT, "talk.en.vtt": VTT}, None, "talk.en.vtt"),
        ({"talk.ass": "", "talk.srt": SRT, "talk.vtt": VTT}, None, "talk.vtt"),
        ({"talk.English.srt": SRT, "talk.de.srt": SRT}, "en", "talk.English.srt"),
        ({"talk.español.srt": SRT, "talk.srt": SRT}, "es", "talk.español.srt"),
        ({"talk.lrc": LRC, "talk.sbv": SBV, "talk.srt": SRT}, None, "talk.srt"),
        ({"talk.tsv": TSV, "talk.sbv": SBV}, None, "talk.sbv"),
        ({"talk.tsv": TSV, "talk.vtt": AUTO}, None, "talk.vtt"),
        ({"talk.ttml": TTML, "talk.en.vtt": AUTO}, None, "talk.ttml"),
    ],
)
def test_the_best_of_several_is_chosen(
    tmp_path: Path, files: dict[str, str], language: str | None, expected: str
) -> None:
    assert chosen(tmp_path, files, language) == expected


@pytest.mark.parametrize("stem", ["-my talk 100% [x] 'a'", "講演 第1回", "a.b.c"])
def test_unusual_names_are_matched_literally(tmp_path: Path, stem: str) -> None:
    media = placed(tmp_path, {f"{stem}.en.srt": SRT}, f"{stem}.mkv")
    assert find_sidecar(media) == tmp_path / f"{stem}.en.srt"


def test_unicode_composition_does_not_matter(tmp_path: Path) -> None:
    media = placed(tmp_path, {"cafe\u0301.srt": SRT}, "caf\u00e9.mp4")
    assert find_sidecar(media) is not None


def test_a_caption_file_is_not_its_own_sidecar(tmp_path: Path) -> None:
    assert find_sidecar(placed(tmp_path, {"talk.srt": SRT}, "talk.srt")) is None


def test_a_missing_folder_has_no_sidecar(tmp_path: Path) -> None:
    assert find_sidecar(tmp_path / "none" / "talk.mp4") is None


def test_a_matching_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    notes: list[str] = []
    media = placed(tmp_path, {"talk.srt": "no captions at all", "talk.en.srt": ""})
    assert find_sidecar(media, on_note=notes.append) is None
    assert notes == ["talk.en.srt is ignored: the file is empty."]
