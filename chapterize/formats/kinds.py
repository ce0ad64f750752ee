"""The chapter formats: the name and suffix of each, and what writes, reads and recognises it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from chapterize.formats import (
    cue,
    cutting_lists,
    editor_lists,
    editor_xml,
    editors,
    ffmetadata,
    ffprobe,
    json_files,
    labels,
    mediainfo,
    ogm,
    publishing,
    quicktime,
    text_lists,
    webvtt,
    xml_files,
    youtube,
)
from chapterize.formats.frames import frame_rate_notes
from chapterize.formats.listing import Listing

__all__ = ["KINDS", "Format"]


@dataclass(frozen=True)
class Format:
    """A chapter format.

    `dumps` writes chapters, under names that end in `suffix`; None: the format is only read. `scan`
    reads rows; None: the format is only written, and `unread` says why, and what to do. `also` are
    other suffixes of it. `changes` lists what `dumps` rounds or replaces. `names_media`: `dumps`
    takes the name of the media file; `links`: and the address of the video; `counts_frames`: and
    the frame rate and the start of the timeline, `default_start` or 0. `reads_frames`: `scan` takes
    a `FrameClock`. `require` raises MissingDependency if the package that writes the format is not
    installed. `recognises` is true for a text that looks like the format: it gets the text without
    byte order mark and leading blanks, with ``\\n`` line ends, and `recognise` asks in the order of
    the table. `needs_end`: `dumps` writes the end of the last chapter or the duration.
    """

    name: str
    suffix: str = ""
    dumps: Callable[..., str] | None = None
    scan: Callable[..., Listing] | None = None
    changes: Callable[..., tuple[str, ...]] | None = None
    names_media: bool = False
    links: bool = False
    counts_frames: bool = False
    default_start: str = ""
    reads_frames: bool = False
    require: Callable[[], object] | None = None
    recognises: Callable[[str], object] | None = None
    needs_end: bool = True
    also: tuple[str, ...] = ()
    unread: tuple[str, str] = ("chapterize only writes this format", "")


_plain = partial(Format, needs_end=False)
_on_frames = partial(Format, names_media=True, counts_frames=True)
KINDS = {
    each.name: each
    for each in (
        Format("mediainfo", scan=mediainfo.scan, recognises=mediainfo.recognises),
        Format(
            "json",
            ".json",
            json_files.dumps_json,
            json_files.scan_json,
            recognises=json_files.recognises_json,
            reads_frames=True,
            also=(".llc",),
        ),
        _plain("youtube", ".youtube.txt", youtube.dumps, text_lists.scan, also=(".txt",)),
        Format("webvtt", ".vtt", webvtt.dumps, webvtt.scan, recognises=webvtt.recognises),
        Format(
            "ffmetadata",
            ".ffmeta",
            ffmetadata.dumps,
            ffmetadata.scan,
            recognises=ffmetadata.recognises,
        ),
        Format(
            "podcast",
            ".podcast.json",
            json_files.dumps_podcast,
            json_files.scan_podcast,
            recognises=json_files.recognises_podcast,
        ),
        Format(
            "matroska",
            ".chapters.xml",
            xml_files.dumps_matroska,
            xml_files.scan_matroska,
            also=(".xml",),
        ),
        _plain(
            "ogm",
            ".ogm.txt",
            ogm.dumps_ogm,
            ogm.scan_ogm,
            recognises=ogm.recognises_ogm,
        ),
        _plain(
            "podlove",
            ".psc.xml",
            xml_files.dumps_podlove,
            xml_files.scan_podlove,
            recognises=xml_files.recognises_podlove,
        ),
        _plain(
            "cue",
            ".cue",
            cue.dumps,
            cue.scan,
            cue.changes,
            names_media=True,
            recognises=cue.recognises,
        ),
        Format(
            "audacity",
            ".labels.txt",
            labels.dumps_audacity,
            labels.scan_audacity,
            recognises=labels.recognises_audacity,
        ),
        Format(
            "markers",
            scan=cutting_lists.scan_table,
            recognises=cutting_lists.recognises_table,
            reads_frames=True,
        ),
        Format(
            "losslesscut",
            ".csv",
            labels.dumps_losslesscut,
            labels.scan_losslesscut,
            recognises=labels.recognises_losslesscut,
        ),
        _plain(
            "vorbis",
            ".vorbis.txt",
            ogm.dumps_vorbis,
            ogm.scan_vorbis,
            recognises=ogm.recognises_vorbis,
        ),
        _plain("mp4chaps", ".mp4chaps.txt", publishing.dumps_mp4chaps, text_lists.scan),
        _plain("show-notes", ".show-notes.txt", publishing.dumps_show_notes, text_lists.scan),
        _plain(
            "markdown",
            ".md",
            publishing.dumps_markdown,
            publishing.scan_markdown,
            names_media=True,
            links=True,
            recognises=publishing.recognises_markdown,
        ),
        _plain(
            "handbrake",
            ".handbrake.csv",
            cutting_lists.dumps_handbrake,
            recognises=cutting_lists.recognises_handbrake,
            unread=(
                "HandBrake's list has titles, but no times",
                "chapterize embed VIDEO LIST gives the titles to the chapters inside VIDEO",
            ),
        ),
        _on_frames(
            "edl",
            ".edl",
            editors.dumps_edl,
            editor_lists.scan_edl,
            editors.changes_edl,
            recognises=editor_lists.recognises_edl,
            needs_end=False,
            reads_frames=True,
            default_start=editors.EDL_START,
        ),
        _on_frames(
            "fcpxml",
            ".fcpxml",
            editors.dumps_fcpxml,
            editor_xml.scan_fcpxml,
            frame_rate_notes,
            recognises=editor_xml.recognises_fcpxml,
        ),
        _on_frames(
            "premiere",
            ".premiere.xml",
            editors.dumps_premiere,
            editor_xml.scan_xmeml,
            frame_rate_notes,
            recognises=editor_xml.recognises_xmeml,
        ),
        _on_frames(
            "otio",
            ".otio",
            editors.dumps_otio,
            editor_lists.scan_otio,
            frame_rate_notes,
            require=editors.require_otio,
            recognises=editor_lists.recognises_otio,
        ),
        Format(
            "mlt",
            scan=editor_xml.scan_mlt,
            recognises=editor_xml.recognises_mlt,
            also=(".mlt", ".kdenlive"),
        ),
        Format(
            "textstream",
            scan=xml_files.scan_text_stream,
            recognises=xml_files.recognises_text_stream,
            also=(".ttxt",),
        ),
        Format(
            "chaptergrabber",
            scan=xml_files.scan_grabber,
            recognises=xml_files.recognises_grabber,
            also=(".chapters",),
        ),
        Format(
            "potplayer",
            scan=cutting_lists.scan_bookmarks,
            recognises=cutting_lists.recognises_bookmarks,
            also=(".pbf",),
        ),
        Format(
            "scenes", scan=cutting_lists.scan_scenes, recognises=cutting_lists.recognises_scenes
        ),
        Format("ffprobe", scan=ffprobe.scan_text, recognises=ffprobe.recognises_text),
        Format("ffprobe-xml", scan=ffprobe.scan_xml, recognises=ffprobe.recognises_xml),
        Format("quicktime", scan=quicktime.scan, recognises=quicktime.recognises),
        Format("frames", scan=cutting_lists.scan_frames, reads_frames=True),
    )
}
"""Every format; `recognise` asks them in this order."""
