"""The two JSON formats: the project's own and Podcasting 2.0."""

from __future__ import annotations

import json

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.formats import json_files

THREE = Chapters.from_starts([0, 1.5, 60], ["a\nb", 'q"', "日"], 90.25)


def test_own_json_says_schema_duration_and_chapters() -> None:
    assert json.loads(json_files.dumps_json(THREE)) == {
        "schema": "chapterize.chapters/1",
        "duration": 90.25,
        "chapters": [
            {"start": 0.0, "end": 1.5, "title": "a\nb"},
            {"start": 1.5, "end": 60.0, "title": 'q"'},
            {"start": 60.0, "end": 90.25, "title": "日"},
        ],
    }


def test_podcast_json_says_version_and_times() -> None:
    assert json.loads(json_files.dumps_podcast(THREE)) == {
        "version": "1.2.0",
        "chapters": [
            {"startTime": 0, "title": "a b", "endTime": 1.5},
            {"startTime": 1.5, "title": 'q"', "endTime": 60},
            {"startTime": 60, "title": "日", "endTime": 90.25},
        ],
    }


def test_silent_podcast_chapters_and_images_are_left_out_and_reported() -> None:
    text = json.dumps(
        {
            "version": "1.2.0",
            "chapters": [
                {"startTime": 0, "title": "a", "img": "https://example.org/a.png"},
                {"startTime": 5, "toc": False, "img": "https://example.org/b.png"},
                {"startTime": 10.5},
            ],
        }
    )
    parsed = formats.loads(text, "podcast", duration=60)
    assert parsed.chapters.starts == (0, 10.5)
    assert parsed.chapters.titles == ("a", "")
    assert parsed.notes == (
        "1 silent chapters (toc: false) were left out",
        "images, links and places of the chapters were left out",
    )
    with pytest.raises(InputError, match="duration of the media is unknown"):
        formats.loads(text, "podcast")


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        "null",
        '{"schema": "chapterize.chapters/2", "chapters": []}',
        '{"schema": "chapterize.chapters/1", "duration": 9, "chapters": {}}',
        '{"schema": "chapterize.chapters/1", "duration": 9, "chapters": [1]}',
        '{"schema": "chapterize.chapters/1", "duration": "9", "chapters": []}',
        '{"schema": "chapterize.chapters/1", "duration": 9, "chapters": []}',
        '{"schema": "chapterize.chapters/1", "duration": 9, "chapters": [{"start": 0}]}',
        '{"schema": "chapterize.chapters/1", "chapters": [{"start": true, "title": ""}]}',
        '{"schema": "chapterize.chapters/1", "chapters": [{"start": NaN, "title": ""}]}',
        '{"schema": "chapterize.chapters/1", "chapters": [{"start": 1e999, "title": ""}]}',
        '{"schema": "chapterize.chapters/1", "chapters": [{"start": -1, "title": "", "end": 5}]}',
        '{"schema": "chapterize.draft/1", "media": 5, "chapters": [{"start": 0, "title": 5}]}',
        '{"a":' * 100_000,
        '{"schema": "chapterize.chapters/1", "x": ' + "9" * 5000 + "}",
    ],
)
def test_broken_own_json_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        formats.loads(text, "json")


def test_broken_json_names_its_line() -> None:
    with pytest.raises(FormatError, match="not JSON, line 3") as caught:
        formats.loads('{\n"schema": 1,\n}', "json")
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "text",
    [
        '{"version": "2.0", "chapters": []}',
        '{"version": 1, "chapters": []}',
        '{"version": "1.2.0"}',
        '{"version": "1.2.0", "chapters": [{"title": "x"}]}',
        '{"version": "1.2.0", "chapters": [{"startTime": "five", "title": "x"}]}',
        '{"version": "1.2.0", "chapters": [{"startTime": -5, "title": "x"}]}',
    ],
)
def test_broken_podcast_json_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        formats.loads(text, "podcast", duration=60)


@pytest.mark.parametrize("version", ['"1.2"', "1.2", "1", '"1.0.0"'])
def test_podcast_times_may_be_text_and_versions_numbers(version: str) -> None:
    rows = [("00:00:00", "Kiln"), ("90", "Wax"), ("95.5", "Firing"), ("0:02:30.25", "Cooling")]
    chapters = [{"startTime": time, "endTime": "", "title": title} for time, title in rows]
    text = f'{{"version": {version}, "chapters": {json.dumps(chapters)}}}'
    parsed = formats.loads(text, duration=200)
    assert parsed.chapters.starts == (0, 90, 95.5, 150.25)
    assert parsed.chapters.titles == ("Kiln", "Wax", "Firing", "Cooling")
