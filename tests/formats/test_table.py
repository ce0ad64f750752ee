"""The table of formats: suffixes, and the check before long work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chapterize import formats
from chapterize.errors import InputError, MissingDependency


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
    with pytest.raises(InputError, match="cannot read chapters from edl"):
        formats.check("edl", to_read=True)


def test_the_check_finds_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentimelineio", None)
    assert formats.check("edl").counts_frames
    with pytest.raises(MissingDependency, match="opentimelineio"):
        formats.check("otio")
