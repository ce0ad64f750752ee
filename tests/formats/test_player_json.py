"""Lists of chapters in the JSON of other programs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chapterize import formats
from chapterize.errors import FormatError, InputError
from chapterize.formats.frames import FrameClock, parse_frame_rate

STARTS = (0.0, 400.25, 725.5)
TITLES = ("Kiln", "Wax", "Firing")
END = 1140.0


def rows(**names: str) -> list[dict[str, Any]]:
    """The three chapters with these names of keys; a unit follows a colon."""
    made = []
    for at, start in enumerate(STARTS):
        values = {"start": start, "title": TITLES[at], "end": [*STARTS, END][at + 1]}
        values["length"] = values["end"] - start  # type: ignore[operator]
        row: dict[str, Any] = {}
        for part, name in names.items():
            key, _, unit = name.partition(":")
            value = values[part]
            if unit == "ms":
                value = int(value * 1000)  # type: ignore[operator]
            elif unit == "ticks":
                value = int(value * 10_000_000)  # type: ignore[operator]
            elif unit == "clock":
                value = f"{int(value // 3600):02}:{int(value // 60 % 60):02}:{value % 60:06.3f}"  # type: ignore[operator]
            elif unit == "text":
                value = str(value)
            row[key] = value
        made.append(row)
    return made


def ffprobe(**left_out: str) -> dict[str, Any]:
    chapters = [
        {
            "id": 7_000_000_000 + at,
            "time_base": "1/1000",
            "start": int(start * 1000),
            "start_time": f"{start:.6f}",
            "end": int([*STARTS, END][at + 1] * 1000),
            "end_time": f"{[*STARTS, END][at + 1]:.6f}",
            "tags": {"title": TITLES[at]},
        }
        for at, start in enumerate(STARTS)
    ]
    return {
        "chapters": [{k: v for k, v in row.items() if k not in left_out} for row in chapters],
        "format": {"filename": "talk.mkv", "duration": "1140.021000"},
    }


AUDIBLE = {
    "brandIntroDurationMs": 2043,
    "chapters": rows(length="length_ms:ms", start="start_offset_ms:ms", title="title"),
    "is_accurate": True,
    "runtime_length_ms": 1_140_000,
    "runtime_length_sec": 1140,
}
WITH_ENDS = {
    "ffprobe": ffprobe(),
    "ffprobe with ticks alone": ffprobe(start_time="", end_time=""),
    "yt-dlp": {
        "extractor": "youtube",
        "duration": 1140,
        "chapters": rows(start="start_time", end="end_time", title="title"),
        "formats": [{"format_id": "18", "start": 1}],
    },
    "Audiobookshelf": {"chapters": rows(start="start", end="end", title="title"), "tags": []},
    "Audible": {"content_metadata": {"chapter_info": AUDIBLE}, "response_groups": ["x"]},
    "Audible, the info alone": {"chapter_info": AUDIBLE},
    "Audnexus": {
        "asin": "B0",
        "chapters": rows(start="startOffsetMs:ms", length="lengthMs:ms", title="title"),
        "runtimeLengthMs": 1_140_000,
    },
    "HLS": [
        {
            "chapter": number,
            **row,
            "titles": [
                {"language": "en", "title": TITLES[number - 1]},
                {"language": "de", "title": "Ofen"},
            ],
            "images": [{"image-category": "cover", "url": "a.jpg", "pixel-width": 9}],
        }
        for number, row in enumerate(rows(start="start-time", length="duration"), 1)
    ],
    "Plex": {
        "MediaContainer": {
            "Metadata": [
                {
                    "title": "Film",
                    "duration": 5,
                    "Chapter": rows(
                        start="startTimeOffset:ms", end="endTimeOffset:ms", title="tag"
                    ),
                }
            ]
        }
    },
    "Bilibili": {
        "code": 0,
        "data": {"view_points": rows(start="from", end="to", title="content"), "subtitle": {}},
    },
    "AssemblyAI": {
        "text": "…",
        "words": [{"text": "Kiln", "start": 1, "end": 2}],
        "chapters": [
            row | {"headline": "A long sentence.", "summary": "…"}
            for row in rows(start="start:ms", end="end:ms", title="gist")
        ],
    },
    "LosslessCut": {
        "version": 1,
        "mediaFileName": "talk.mp4",
        "cutSegments": rows(start="start", end="end", title="name"),
    },
    "SceneCut": {
        "version": "1.0",
        "source": {"path": "/a/talk.mp4", "duration": 1140.0, "fps": 29.97},
        "cuts": [{"index": 0, "frame_num": 0, "seconds": 0.0}],
        "scenes": rows(start="start", end="end", title="label"),
    },
}
WITHOUT_ENDS = {
    "Podlove, the list alone": rows(start="start:clock", title="title"),
    "Podlove, a player": {
        "title": "Show",
        "show": {"title": "Show"},
        "chapters": [
            row | {"href": "https://example.org", "image": ""}
            for row in rows(start="start:clock", title="title")
        ],
    },
    "Podigee": {
        "episode": {
            "title": "Show",
            "media": {"mp3": "a.mp3"},
            "chaptermarks": rows(start="start:clock", title="title"),
        }
    },
    "Auphonic": {
        "data": {
            "chapters": [
                row | {"start": "00:00:00", "url": ""}
                for row in rows(start="start_output_sec", title="title")
            ]
        }
    },
    "Jellyfin": {"Name": "F", "Chapters": rows(start="StartPositionTicks:ticks", title="Name")},
    "YouTube's page": {
        "chapters": [
            {"chapterRenderer": {"title": {"simpleText": row["t"]}, **row}}
            for row in rows(start="timeRangeStartMillis:ms", title="t")
        ]
    },
    "Spreaker": {"response": {"items": rows(start="starts_at:ms", title="title")}},
    "Twitch": {
        "data": [
            {
                "user_id": "1",
                "videos": [
                    {
                        "video_id": "2",
                        "markers": [
                            row | {"id": "x", "created_at": "2018-08-20T20:10:03Z", "URL": "a"}
                            for row in rows(start="position_seconds", title="description")
                        ],
                    }
                ],
            }
        ]
    },
    "Vimeo": {"total": 3, "data": rows(start="timecode", title="title")},
    "times as text": {"version": "1.2.0", "chapters": rows(start="startTime:text", title="title")},
    "clocks as text": {
        "version": "1.2.0",
        "chapters": rows(start="startTime:clock", title="title"),
    },
}


@pytest.mark.parametrize("name", [*WITH_ENDS, *WITHOUT_ENDS])
def test_the_chapters_of_a_program_are_read(name: str) -> None:
    text = json.dumps((WITH_ENDS | WITHOUT_ENDS)[name], indent=1)
    parsed = formats.loads(text, duration=None if name in WITH_ENDS else END)
    assert parsed.chapters.starts == STARTS
    assert parsed.chapters.titles == TITLES
    assert parsed.chapters.duration == pytest.approx(END, abs=0.03)


@pytest.mark.parametrize("name", WITHOUT_ENDS)
def test_a_list_without_ends_needs_the_duration(name: str) -> None:
    with pytest.raises(InputError, match="duration of the media is unknown"):
        formats.loads(json.dumps(WITHOUT_ENDS[name]))


def test_times_are_read_as_people_write_them() -> None:
    times = ["0", "90s", "2m30s", "0h4m06s", "PT1H2M3.5S", "01:02:04,500", "1:02:05.5"]
    text = json.dumps([{"start": time, "title": "x"} for time in times])
    found = [mark.start for mark in formats.scan(text).marks]
    assert found == [0, 90, 150, 246, 3723.5, 3724.5, 3725.5]


def test_a_chapter_without_title_has_none() -> None:
    document = ffprobe()
    del document["chapters"][1]["tags"]
    document["chapters"][2]["tags"] = {}
    assert formats.loads(json.dumps(document)).chapters.titles == ("Kiln", "", "")


def test_chapters_inside_chapters_are_flattened() -> None:
    inner = [
        {"start_offset_ms": 400_250, "length_ms": 325_250, "title": "Wax"},
        {"start_offset_ms": 725_500, "length_ms": 414_500, "title": "Firing"},
    ]
    tree = [
        {"start_offset_ms": 0, "length_ms": 400_250, "title": "Kiln"},
        {"start_offset_ms": 400_250, "length_ms": 0, "title": "Part 2", "chapters": inner},
    ]
    parsed = formats.loads(json.dumps({"chapter_info": {"chapters": tree}}))
    assert parsed.chapters.titles == ("Kiln", "Part 2: Wax", "Firing")
    assert parsed.notes == ("nested chapters were flattened",)


def test_scenes_without_a_name_are_numbered() -> None:
    text = json.dumps({"scenes": [row | {"label": None} for row in rows(start="start")]})
    assert formats.loads(text, duration=END).chapters.titles == ("Scene 1", "Scene 2", "Scene 3")


def test_languages_and_images_that_are_left_out_are_reported() -> None:
    notes = formats.loads(json.dumps(WITH_ENDS["HLS"])).notes
    assert set(notes) == {
        "images and links of the chapters were left out",
        "the first of several languages was used",
    }


LLC = r"""{
  // written by hand
  version: 1,
  mediaFileName: 'C:\\x\\the \'talk\' "1".mp4',
  cutSegments: [
    {
      end: 400.25,
      name: 'Kiln // no comment',
      tags: {},
    },
    { start: 400.25, end: 725.5, name: "Wax's", },
    {
      start: 725.5, /* to the end */
      name: 'Firing',
    },
  ],
}
"""


def test_the_json5_of_losslesscut_is_read() -> None:
    listing = formats.scan(LLC)
    assert [mark.start for mark in listing.marks] == list(STARTS)
    assert [mark.title for mark in listing.marks] == ["Kiln // no comment", "Wax's", "Firing"]
    assert listing.marks[-1].end is None
    assert listing.media == "the 'talk' \"1\".mp4"


def test_guides_of_kdenlive_need_the_frame_rate() -> None:
    text = json.dumps([{"comment": "Kiln", "pos": 0, "type": 0}, {"comment": "Wax", "pos": 250}])
    with pytest.raises(FormatError, match="numbers of frames") as caught:
        formats.scan(text)
    assert "--frame-rate" in caught.value.hint
    clock = FrameClock(parse_frame_rate("25"))
    assert [mark.start for mark in formats.scan(text, clock=clock).marks] == [0, 10]


TRANSCRIPT = [{"start": 0.0, "end": 3.0, "text": "Hello."}]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({}, "no list has rows"),
        ({"chapters": []}, "an empty list"),
        ({"segments": TRANSCRIPT, "text": "Hello."}, "what is said"),
        (TRANSCRIPT, "no list has rows"),
        ([{"chapters": rows(start="start")}] * 2, "several recordings"),
        ({"chapters": [{"start": 0, "title": "a"}, {"title": "b"}]}, "no key of it"),
        ({"chapters": [{"start": "soon", "title": "a"}]}, "a time is"),
        ({"chapters": [{"start": [], "title": "a"}]}, "a time is"),
        ({"chapters": [{"start": True, "title": "a"}]}, "a time is"),
        ({"chapters": [{"start": 10**400, "title": "a"}]}, "a time is"),
        ({"chapters": [{"start": 0, "title": 5}]}, "it is text"),
        ({"chapters": [{"start": 0, "title": "a"}, 5]}, "it must be an object"),
        ({"chapters": [{"start": 1, "time_base": "1/0", "title": "a"}]}, "1/1000"),
        ({"duration": "long", "chapters": rows(start="start")}, "a time is"),
    ],
)
def test_json_that_is_no_list_of_chapters_says_why(document: Any, why: str) -> None:
    with pytest.raises(FormatError) as caught:
        formats.loads(json.dumps(document), "json", duration=END)
    assert why in caught.value.why


@pytest.mark.parametrize(
    "text",
    [
        '{"chapters": [{"start": 0, "start": 5, "title": "a"}]}',
        '{"chapters": [{"start": NaN, "title": "a"}]}',
        '{chapters: [{start: Infinity, title: "a"}]}',
        '{"chapters":' * 3000,
        "[" * 3000 + "{",
        "[{]",
        "{chapters: [{start: 'x}]}",
        '{"chapters": ' + '[{"chapters": ' * 400 + "[]" + "}]" * 400 + "}",
        '{"chapters": ' + '[{"start": 0, "chapters": ' * 480 + "[]" + "}]" * 480 + "}",
        '{"x": ' * 900 + '{"chapters": [{"start": 0}]}' + "}" * 900,
    ],
)
def test_hostile_json_is_a_format_error(text: str) -> None:
    with pytest.raises(FormatError):
        formats.loads(text, "json", duration=END)


def test_the_clips_of_schema_org_are_read() -> None:
    clip = '{{"@type": "Clip", "name": "{}", "startOffset": {}, "endOffset": {}}}'
    text = f'{{"hasPart": [{clip.format("Kiln", 0, 400)}, {clip.format("Wax", 400, 1140)}]}}'
    parsed = formats.loads(text)
    assert (parsed.chapters.titles, parsed.chapters.duration) == (("Kiln", "Wax"), 1140)
