"""The chapters as text: checked for a platform, in a format, and read from a pasted list."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import asdict
from typing import Any

from chapterize import formats
from chapterize.check import PLATFORMS, check, fix
from chapterize.data import Chapters, Media
from chapterize.errors import FormatError, InputError
from chapterize.files import result_name
from chapterize.formats import known_rate, marks_of
from chapterize.review.answers import Text
from chapterize.review.project import Project
from chapterize.timecode import format_clock

__all__ = [
    "check_for",
    "format_names",
    "pasted",
    "platform_names",
    "text_as",
    "writing_options",
]

_LABELS = {
    "youtube": "YouTube",
    "spotify": "Spotify",
    "apple": "Apple Podcasts",
    "mp4": "MP4",
    "mp3": "MP3",
    "ogg": "Ogg",
    "matroska": "Matroska",
    "podcast": "Podcasting 2.0",
    "webvtt": "WebVTT",
}
_PADDED = ("spotify", "apple")
"""Platforms whose examples show two digits before the first colon."""

_FORMAT_LABELS = {
    "json": "JSON",
    "youtube": "YouTube list",
    "webvtt": "WebVTT",
    "ffmetadata": "FFmpeg metadata",
    "podcast": "Podcasting 2.0",
    "matroska": "Matroska XML",
    "ogm": "OGM text",
    "podlove": "Podlove",
    "cue": "CUE sheet",
    "audacity": "Audacity labels",
    "losslesscut": "LosslessCut CSV",
    "vorbis": "Vorbis comments",
    "edl": "EDL (DaVinci Resolve)",
    "fcpxml": "Final Cut Pro XML",
    "otio": "OpenTimelineIO",
    "premiere": "Premiere XML",
    "mp4chaps": "mp4chaps",
    "show-notes": "Show notes",
    "markdown": "Markdown",
    "handbrake": "HandBrake CSV",
}


def platform_names() -> list[dict[str, str]]:
    """The platforms with rules, those for whole lists first."""
    names = sorted(PLATFORMS, key=list(_LABELS).index)
    return [{"id": name, "label": _LABELS[name]} for name in names]


def format_names() -> list[dict[str, str]]:
    """The formats that can be written."""
    return [
        {"name": name, "label": _FORMAT_LABELS[name], "suffix": suffix}
        for name, suffix in formats.SUFFIXES.items()
    ]


def check_for(project: Project, platform: str) -> dict[str, Any]:
    """The rules that are broken, and the corrected list as it is copied."""
    duration = project.draft.media.duration
    chapters = project.tiled()
    findings = check(marks_of(chapters), platform, duration=duration)
    fixed = fix(marks_of(chapters), platform, duration)
    left = check(marks_of(fixed.chapters), platform, duration=duration)
    return {
        "ok": all(each.is_warning for each in findings),
        "problems": list(map(asdict, findings)),
        "text": _list_for(fixed.chapters, platform),
        "left": list(map(asdict, left)),
        "fixed": {
            "chapters": [
                {"start": each.start, "end": each.end, "title": each.title}
                for each in fixed.chapters.chapters
            ],
            "changes": list(fixed.notes),
        },
    }


def _list_for(chapters: Chapters, platform: str) -> str:
    """The list to paste; "" if a title is missing, because no platform accepts such a row."""
    if not all(each.title.strip() for each in chapters.chapters):
        return ""
    if platform == "youtube":
        # What YouTube would not accept, such as a list that is too long, is in the findings.
        with suppress(FormatError):
            return formats.dumps(chapters, "youtube")
    rows = [f"{format_clock(each.start)} {each.title}\n" for each in chapters.chapters]
    if platform in _PADDED:
        rows = [row if row[1] != ":" else f"0{row}" for row in rows]
    return "".join(rows)


def text_as(project: Project, name: str) -> Text:
    """The chapters in the format `name`, under the name of a file."""
    media = project.draft.media
    form = formats.check(name)
    text = formats.dumps(project.tiled(), name, **writing_options(media))
    return Text(text, result_name(media.path.stem, form.suffix))


def writing_options(media: Media) -> dict[str, Any]:
    """What `formats.dumps` needs to know about the media."""
    named = media.path.name if media.has_video or media.has_audio else None
    return {"frame_rate": known_rate(media.frame_rate or 0), "media": named}


def pasted(project: Project, text: object) -> dict[str, Any]:
    """The chapters in a list of any format, not saved yet."""
    if not isinstance(text, str):
        raise InputError("the request cannot be read", why="text is no text")
    parsed = formats.loads(text, duration=project.draft.media.duration)
    rows = [
        {"start": each.start, "end": each.end, "title": each.title}
        for each in parsed.chapters.chapters
    ]
    return {"chapters": rows, "notes": list(parsed.notes)}
