"""The tools that work on this machine: draft, check, convert, embed."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from chapterize.errors import InputError
from chapterize.inputs import local_file, result_file
from chapterize.mcp.calls import Call

if TYPE_CHECKING:
    from chapterize.data import Chapters
    from chapterize.formats import FrameRate
    from chapterize.hub import Download

__all__ = ["check", "convert", "draft", "embed", "source_path", "target_path"]

Duration = Annotated[float | str | None, "Duration of the video, in seconds or as h:mm:ss."]


def source_path(text: str) -> Path:
    """The absolute path of the file to read that `text` names; errors as `local_file`."""
    return _absolute(local_file(text))


def target_path(text: str | None) -> Path | None:
    """The absolute path of the file to write that `text` names; errors as `result_file`."""
    return None if text is None else _absolute(result_file(text))


def _absolute(path: Path) -> Path:
    if "\0" in str(path):
        raise InputError("a path contains a zero byte", why="no file has such a name")
    # Unlike that of Path, this keeps the name of an unknown user.
    return Path(os.path.expanduser(path)).absolute()  # noqa: PTH111


def draft(
    call: Call,
    source: Annotated[str, "Path of a video, audio or caption file."],
    captions: Annotated[
        str, "auto: a caption file next to the video, else captions inside it; none; or a path."
    ] = "auto",
    count: Annotated[int | None, "Exact number of chapters; estimated by default."] = None,
    granularity: Annotated[
        Literal["coarse", "normal", "fine"] | None,
        "Fewer, the usual number, or more chapters; not with count.",
    ] = None,
    profile: Annotated[
        str,
        "How finely this user cuts: auto: as learned for the folder of the file; none; or the name "
        "of a profile.",
    ] = "auto",
    language: Annotated[str | None, "Language spoken, as a code or name."] = None,
    model: Annotated[str | None, "faster-whisper model for speech recognition."] = None,
    titles: Annotated[
        Literal["phrases", "llm", "none"],
        "phrases of the transcript; llm: a language model on this machine (slower); or numbers.",
    ] = "phrases",
    slides: Annotated[
        Literal["auto", "on", "off"],
        "Read the text of slides, for chapters and titles; auto: if that is installed.",
    ] = "auto",
    download_model: Annotated[
        bool, "Allow the download of missing models (up to 1.6 GB each), if the user agreed."
    ] = False,
    keep_edits: Annotated[
        bool, "Keep what the user changed on the review page of this file."
    ] = True,
    existing: Annotated[
        Literal["none", "keep", "retitle", "hints"],
        "What to do with chapters that the file has already, inside it or in a file next to it: "
        "keep places and titles (missing titles are found), keep places only, or draft near them.",
    ] = "none",
    text_format: Annotated[str, "Format of `text` in the result, such as webvtt."] = "youtube",
    output: Annotated[
        str | None, "Also write the chapters here; the suffix sets the format."
    ] = None,
    force: Annotated[bool, "Overwrite `output`."] = False,
) -> dict[str, Any]:
    """Find chapters with timestamps and titles, on this machine.

    Takes a second with captions; without captions, minutes of speech recognition per hour. If no
    speech model is on the disk and download_model is false, the chapters come from pauses and slide
    changes and are numbered; without a title model, titles are phrases. Read the titles before you
    use them: they are a first draft.
    """
    from chapterize import formats
    from chapterize.files import refuse_overwrite
    from chapterize.pipeline import Options, draft_json, make_draft
    from chapterize.pipeline.existing import existing_chapters, offer_note
    from chapterize.segment import SegmentOptions

    target = target_path(output)
    formats.check(text_format)
    if target is not None:
        formats.check(formats.format_of(target))
        refuse_overwrite(target, force=force)

    def may_download(missing: Download) -> bool:
        if not download_model:
            call.note(
                f"The {missing.kind} {missing.name} is not on this machine. If the user agrees to "
                f"download {missing.size}, call draft again with download_model: true."
            )
        return download_model

    options = Options(
        captions=captions if captions in ("auto", "none") else source_path(captions),
        language=language,
        model=model,
        on_download=may_download,
        titles=titles,
        slides=slides,
        segment=SegmentOptions(count, granularity=granularity),
        edits=keep_edits,
        profile=None if profile == "none" else profile,
        existing="auto" if existing == "none" else existing,
    )
    made = make_draft(source_path(source), options, on_progress=call.progress, on_note=call.note)
    if existing == "none" and made.kept is None and (found := existing_chapters(made.media)):
        offer = offer_note(found, made.chapters)
        if offer is not None:
            call.note(offer.partition(" To keep them")[0] + " To use them: existing.")
    media = made.media
    # A draft of captions alone has no media file to name.
    name = media.path.name if media.has_video or media.has_audio else None
    origin = _Origin(name, media.frame_rate)
    text = _text(call, made.chapters, text_format, origin)
    _write(call, made.chapters, target, origin, force=force)
    result = draft_json(made)
    for slide in result["slides"]:
        del slide["lines"]  # too much for an agent's context
    return {**result, "text": text, "output": _shown(target), "notes": call.notes}


def check(
    call: Call,
    chapters: Annotated[str, "Path of a chapter file in any format."],
    platform: Annotated[
        str, "youtube, spotify, apple, mp4, mp3, ogg, matroska, podcast or webvtt."
    ] = "youtube",
    duration: Duration = None,
    fix: Annotated[bool, "Also return corrected chapters, and write them to `output`."] = False,
    output: Annotated[str | None, "Where to write the corrected chapters."] = None,
    force: Annotated[bool, "Overwrite `output`."] = False,
) -> dict[str, Any]:
    """Check chapters against the rules of a platform, and correct what can be corrected.

    is_ok is true if no rule is broken, or only warnings were found; with fix, it describes the
    corrected chapters, which are in `text` as a YouTube list.
    """
    from chapterize import formats
    from chapterize.check import check as check_marks
    from chapterize.check import fix as corrected
    from chapterize.files import refuse_overwrite

    target = target_path(output)
    if target is not None and not fix:
        raise InputError("output has nothing to hold", why="fix is false", hint="set fix to true")
    if target is not None:
        refuse_overwrite(target, force=force)
    listing = formats.read_listing(source_path(chapters))
    length = listing.duration if duration is None else _seconds(duration)
    findings = left = check_marks(listing.marks, platform, duration=length)
    result: dict[str, Any] = {}
    if fix:
        name = "youtube" if target is None else formats.format_of(target)
        needs_end = formats.check(name).needs_end
        known = formats.length_of(listing, length, needs_end=needs_end)
        fixed = corrected(listing.marks, platform, known)
        left = check_marks(formats.marks_of(fixed.chapters), platform, duration=length)
        origin = _Origin(listing.media, listing.frame_rate)
        _write(call, fixed.chapters, target, origin, force=force)
        text = _text(call, fixed.chapters, "youtube", origin)
        result = {"fixed": list(fixed.notes), "left": [asdict(each) for each in left], "text": text}
    return {
        "platform": platform,
        "is_ok": all(finding.is_warning for finding in left),
        "findings": [asdict(finding) for finding in findings],
        **result,
        "output": _shown(target),
        "notes": call.notes,
    }


def convert(
    call: Call,
    source: Annotated[str, "Path of a chapter file in any format."],
    output: Annotated[str | None, "Where to write; the suffix sets the format."] = None,
    to: Annotated[str | None, "Format of the result, such as matroska or edl."] = None,
    duration: Duration = None,
    frame_rate: Annotated[str | None, "For timelines of editors: 25, 29.97, 29.97df…"] = None,
    start_timecode: Annotated[str | None, "Where a timeline starts, such as 01:00:00:00."] = None,
    force: Annotated[bool, "Overwrite `output`."] = False,
) -> dict[str, Any]:
    """Convert a chapter file to another format; the result is in `text`, and in `output` if given.

    Formats: json, youtube, webvtt, ffmetadata, podcast, matroska, ogm, podlove, cue, audacity,
    losslesscut, vorbis, mp4chaps, show-notes, markdown, edl, fcpxml, premiere, otio, handbrake. A
    YouTube list needs the duration if it becomes a format that stores ends.
    """
    from chapterize import formats
    from chapterize.files import refuse_overwrite, write_text

    target = target_path(output)
    name = to or ("json" if target is None else formats.format_of(target))
    needs_end = formats.check(name).needs_end
    rate = None if frame_rate is None else formats.parse_frame_rate(frame_rate)
    if target is not None:
        refuse_overwrite(target, force=force)
    listing = formats.read_listing(
        source_path(source), clock=formats.FrameClock(rate, start_timecode)
    )
    seconds = None if duration is None else _seconds(duration)
    parsed = formats.tile(listing, seconds, needs_end=needs_end)
    call.notes += parsed.notes
    origin = _Origin(listing.media, listing.frame_rate, rate, start_timecode)
    text = _text(call, parsed.chapters, name, origin)
    if target is not None:
        write_text(target, text, force=force)
    return {
        "format": name,
        "n_chapters": len(parsed.chapters),
        "duration": parsed.duration,
        "text": text,
        "output": _shown(target),
        "notes": call.notes,
    }


def embed(
    call: Call,
    media: Annotated[str, "Path of an MP4, M4A, MOV, MKV, WebM, MP3, Ogg or FLAC file."],
    chapters: Annotated[str, "Path of a chapter file in any format."],
    output: Annotated[str | None, "Where to write; NAME-chapters by default."] = None,
    force: Annotated[bool, "Overwrite `output`."] = False,
    replace: Annotated[
        bool, "If `output` is the media itself, also replace other chapters inside it."
    ] = False,
) -> dict[str, Any]:
    """Write chapters into a copy of a media file, without re-encoding."""
    from chapterize import formats
    from chapterize.files import refuse_overwrite
    from chapterize.media import open_media
    from chapterize.pipeline.existing import refuse_other
    from chapterize.rendering.containers import default_target, embed_chapters

    source = source_path(media)
    opened = open_media(source)
    target = target_path(output) or default_target(source, opened)
    refuse_overwrite(target, force=force)
    parsed = formats.read_chapters(source_path(chapters), duration=opened.duration)
    if not replace and target.exists() and target.samefile(source):
        refuse_other(opened, parsed.chapters, hint="set replace to true, or name another output")
    made = embed_chapters(opened, parsed.chapters, target, force=force, on_progress=call.progress)
    return {
        "output": _shown(target),
        "n_chapters": len(parsed.chapters),
        "duration": parsed.chapters.duration,
        "notes": [*parsed.notes, *made],
    }


@dataclass(frozen=True)
class _Origin:
    """The name of the media file and the frame rate it states.

    `rate` is the one to count in, from `start_timecode`.
    """

    media: str | None
    stated_rate: float | None
    rate: FrameRate | None = None
    start_timecode: str | None = None


def _text(call: Call, chapters: Chapters, name: str, origin: _Origin) -> str:
    """`chapters` in the format `name`; notes on what it rounds or replaces."""
    from chapterize import formats

    timeline: dict[str, Any] = {
        "frame_rate": origin.rate or formats.known_rate(origin.stated_rate or 0),
        "media": origin.media,
        "start_timecode": origin.start_timecode,
    }
    for note in formats.changes(chapters, name, stated_rate=origin.stated_rate, **timeline):
        call.note(note)
    return formats.dumps(chapters, name, **timeline)


def _write(
    call: Call, chapters: Chapters, target: Path | None, origin: _Origin, *, force: bool
) -> None:
    from chapterize import formats
    from chapterize.files import write_text

    if target is not None:
        text = _text(call, chapters, formats.format_of(target), origin)
        write_text(target, text, force=force)


def _seconds(duration: float | str) -> float:
    from chapterize.timecode import parse_time

    return parse_time(duration) if isinstance(duration, str) else duration


def _shown(target: Path | None) -> str | None:
    return None if target is None else str(target)
