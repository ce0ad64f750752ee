"""Menus of MediaInfo."""

from __future__ import annotations

import json

import pytest

from chapterize import formats
from chapterize.errors import FormatError

ROWS = {
    "_00_00_00_000": "en:Kiln",
    "_00_06_40_250": "en:Wax: hot - fr:Cire",
    "_00_12_05_500": ":Firing",
}
JSON = json.dumps(
    {
        "creatingLibrary": {"name": "MediaInfoLib"},
        "media": {
            "@ref": "talk.mkv",
            "track": [
                {"@type": "General", "Duration": "1140.000"},
                {"@type": "Menu", "extra": ROWS},
            ],
        },
    }
)
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<MediaInfo xmlns="https://mediaarea.net/mediainfo">\n'
    '<media ref="talk.mkv"><track type="General"/><track type="Menu"><extra>'
    + "".join(f"<{name}>{title}</{name}>" for name, title in ROWS.items())
    + "</extra></track></media></MediaInfo>\n"
)


@pytest.mark.parametrize("text", [JSON, XML])
def test_the_menu_is_read_in_its_first_language(text: str) -> None:
    assert formats.recognise(text) == "mediainfo"
    parsed = formats.loads(text, duration=1140)
    assert parsed.chapters.starts == (0, 400.25, 725.5)
    assert parsed.chapters.titles == ("Kiln", "Wax: hot", "Firing")
    assert parsed.notes == ("the first of several languages was used",)


@pytest.mark.parametrize("text", ["{}", "[1]", "<MediaInfo/>", "{", "[" * 900 + "]" * 900])
def test_without_a_menu_there_are_no_chapters(text: str) -> None:
    with pytest.raises(FormatError):
        formats.loads(text, "mediainfo", duration=60)
