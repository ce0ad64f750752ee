"""The table of formats: suffixes, the check before long work, and `dumps` as a library call."""

from __future__ import annotations

import doctest
import sys
from pathlib import Path
from types import ModuleType

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError, MissingDependency
from chapterize.formats import reading, table

TWO = Chapters.from_starts([0, 61.5], ["One", "Zwei – 二"], 120)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("talk.json", "json"),
        ("talk.chapters.JSON", "json"),
        ("talk.youtube.txt", "youtube"),
        ("talk.txt", "youtube"),
        ("talk.vtt", "webvtt"),
        ("talk.ffmeta", "ffmetadata"),
        ("talk.podcast.json", "podcast"),
        ("talk.xml", "matroska"),
        ("talk.chapters.xml", "matroska"),
        ("talk.premiere.xml", "premiere"),
        ("talk.md", "markdown"),
        ("talk.handbrake.csv", "handbrake"),
        ("talk.kdenlive", "mlt"),
        ("talk.ogm.txt", "ogm"),
        ("talk.psc.xml", "podlove"),
        ("talk.cue", "cue"),
        ("talk.labels.txt", "audacity"),
        ("talk.csv", "losslesscut"),
        ("talk.vorbis.txt", "vorbis"),
        ("talk.edl", "edl"),
        ("talk.fcpxml", "fcpxml"),
        ("talk.otio", "otio"),
    ],
)
def test_the_suffix_names_the_format(name: str, wanted: str) -> None:
    assert formats.format_of(Path(name)) == wanted


def test_an_unknown_suffix_is_an_error_with_the_known_ones() -> None:
    with pytest.raises(InputError) as caught:
        formats.format_of(Path("talk.docx"))
    assert ".vtt" in caught.value.why
    assert "ffmetadata" in caught.value.hint


def test_every_format_has_a_suffix_of_its_own() -> None:
    assert set(formats.SUFFIXES) == set(formats.FORMATS)
    assert len(set(formats.SUFFIXES.values())) == len(formats.FORMATS)


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_format_that_is_known_and_installed_passes_the_check(name: str) -> None:
    assert formats.check(name).suffix == formats.SUFFIXES[name]


def test_the_check_finds_unknown_and_unreadable_formats() -> None:
    with pytest.raises(InputError, match="no chapter format 'srt'"):
        formats.check("srt")
    assert formats.check("cue", to_read=True).name == "cue"
    with pytest.raises(InputError, match="cannot read chapters from handbrake"):
        formats.check("handbrake", to_read=True)
    with pytest.raises(InputError, match="cannot write chapters as mlt"):
        formats.check("mlt")
    with pytest.raises(InputError, match="cannot write chapters as mlt"):
        formats.dumps(TWO, "mlt")


@pytest.mark.parametrize(
    ("suffix", "wanted"),
    [("vtt", "webvtt"), ("xml", "matroska"), ("chapters.xml", "matroska"), ("md", "markdown")],
)
def test_a_suffix_is_a_name_too(suffix: str, wanted: str) -> None:
    assert formats.check(suffix).name == wanted


def test_the_check_finds_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    assert formats.check("edl").counts_frames
    with pytest.raises(MissingDependency, match="opentimelineio"):
        formats.check("otio")


@pytest.mark.parametrize("module", [formats, table, reading])
def test_the_examples_of_the_documentation_hold(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def test_format_is_a_name_by_position_or_keyword() -> None:
    text = formats.dumps(TWO, format="webvtt")
    assert text == formats.dumps(TWO, "webvtt")
    assert formats.loads(text, format="webvtt") == formats.loads(text, "webvtt")
    assert formats.loads(text).chapters == TWO


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(InputError, match="no chapter format 'srt'"):
        formats.dumps(TWO, "srt")


def test_a_writer_refuses_what_no_reader_would_take() -> None:
    fat = Chapters.from_starts([0, 5], ["x" * formats.MAX_BYTES, "y"], 10)
    with pytest.raises(FormatError, match="16 MB, line"):
        formats.dumps(fat, "webvtt")
