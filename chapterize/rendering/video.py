"""`render_video`: an MP4 with the titles in the picture and the chapters inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from chapterize.data import Chapters, Media, OnProgress
from chapterize.errors import InputError, ToolError
from chapterize.files import refuse_overwrite, refuse_sources, replacing
from chapterize.rendering.embed import embed_chapters, require_space
from chapterize.rendering.encode import Card, Whole, add_tracks, encode_card, encode_whole
from chapterize.rendering.encoders import SOFTWARE, Encoder, pick_encoder
from chapterize.rendering.frame import Picture, VideoOptions, fit, frame_size, look_at
from chapterize.rendering.program import MAKES_VIDEO, find_program
from chapterize.rendering.progress import OnFraction, part_of
from chapterize.rendering.splice.groups import PictureTable, Run, plan_runs, read_pictures
from chapterize.rendering.splice.joining import MOST_SHARE, share_of, splice, why_not
from chapterize.rendering.splice.reencode import SpliceFailed, Stitch
from chapterize.rendering.tracks import Tracks, plan_tracks
from chapterize.rendering.verify import (
    prove_length,
    prove_pictures,
    prove_sounds,
    prove_splice,
    prove_times,
)

__all__ = ["Rendered", "VideoOptions", "frame_size", "refuse_target", "render_video"]

Spans = Sequence[tuple[float, float]]
OnNote = Callable[[str], None]

_STAGE = "rendering"
_BITS_PER_PIXEL = 0.15
_CARD_RATE = 150_000


@dataclass(frozen=True)
class Rendered:
    """What was made and how: "splice", "encode", "card" or "copy".

    `reason` says why the pictures were not spliced, and is empty when they were; `share` of the
    pictures, in [0, 1], were made anew.
    """

    path: Path
    how: str
    reason: str
    notes: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class _Job:
    """One render; `tell` is given each note as soon as it is known."""

    media: Media
    chapters: Chapters
    overlay: Path | None
    spans: Spans
    options: VideoOptions
    folder: Path
    report: OnFraction
    tell: OnNote
    notes: list[str] = field(default_factory=list)

    def note(self, *notes: str) -> None:
        for text in notes:
            if text not in self.notes:
                self.notes.append(text)
                self.tell(text)


def render_video(
    media: Media,
    chapters: Chapters,
    overlay: Path | None,
    spans: Spans,
    target: Path,
    options: VideoOptions,
    *,
    force: bool = False,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
) -> Rendered:
    """Make an H.264 and AAC MP4 of `media` with an overlay, and with `chapters` inside.

    `overlay` is an ASS file, drawn for `frame_size(media, options)`, on the player's clock; `spans`
    are the seconds in which it shows something. Where the source allows it, only the pictures
    under the spans are encoded and all others copied; else, or where the proof of that fails, all
    are. Either way the result is proved before it gets its name: there is a right file or none.

    Raises
    ------
    InputError : `target` is no MP4, or it cannot hold these chapters.
    MediaError : the source cannot be read.
    OutputError : `target` exists, is the source, cannot be written, or there is no room.
    ToolError : ffmpeg failed, or what it made is not right.
    """
    refuse_target(media, target, options, force=force)
    with (
        replacing(target, force=force) as temporary,
        TemporaryDirectory(prefix=".chapterize-", dir=target.absolute().parent) as folder,
    ):
        job = _Job(
            media=media,
            chapters=chapters,
            overlay=overlay if spans or not media.has_video else None,
            spans=tuple(spans),
            options=options,
            folder=Path(folder),
            report=_reporter(on_progress),
            tell=on_note or (lambda note: None),
        )
        made = _render_picture(job, target) if media.has_video else _render_sound(job, target)
        made.path.replace(temporary)
        job.report(1.0)
    return replace(made, path=target, notes=tuple(job.notes))


def refuse_target(media: Media, target: Path, options: VideoOptions, *, force: bool) -> None:
    """Raise what `render_video` would before it begins: to be asked before a draft is made."""
    refuse_overwrite(target, force=force)
    refuse_sources(target, media.path)
    is_copy = not media.has_video and options.sound_alone == "chapters"
    if target.suffix.lower() not in (".mp4", ".m4v") and not is_copy:
        raise InputError(
            f"{target.name} would be no MP4",
            why="a rendered video is one, with H.264 and AAC",
            hint=f"call it {target.stem}.mp4",
        )
    if not is_copy:
        find_program(*MAKES_VIDEO)  # raises where there is none


def _reporter(on_progress: OnProgress | None) -> OnFraction:
    latest = 0.0

    def report(done: float) -> None:
        nonlocal latest
        if on_progress is not None and done > latest:
            latest = done
            on_progress(_STAGE, done)

    return report


def _render_picture(job: _Job, target: Path) -> Rendered:
    media = job.media
    picture, table, tracks = look_at(media.path), read_pictures(media.path), plan_tracks(media.path)
    job.report(0.02)
    job.note(*media.notes, *tracks.notes)
    reason = why_not(media, picture, table, job.options)
    runs: tuple[Run, ...] = ()
    if not reason and job.overlay is not None:
        runs = plan_runs(table, job.spans, media.origin)
        if share_of(runs, table) > MOST_SHARE:
            reason = f"titles lie over {share_of(runs, table):.0%} of it"
    if not reason:
        require_space(target, round(media.size_bytes * (2 + share_of(runs, table))))
        made = _try_splice(job, picture, table, runs, tracks)
        if isinstance(made, Rendered):
            return made
        reason = made
        for rest in job.folder.iterdir():
            rest.unlink()
    job.note(f"all pictures are encoded: {reason}")
    return _encode(job, picture, table, tracks, reason, target)


def _try_splice(
    job: _Job, picture: Picture, table: PictureTable, runs: tuple[Run, ...], tracks: Tracks
) -> Rendered | str:
    """What was made, or why it is not right."""
    media, folder = job.media, job.folder
    stitch = Stitch(media, picture, table, runs, job.overlay, job.options)
    pictures, joined, named = (folder / f"{name}.mp4" for name in ("pictures", "joined", "named"))
    try:
        splice(stitch, folder, pictures, part_of(job.report, 0.02, 0.8))
        add_tracks(media, pictures, tracks, joined, table.time_base.denominator)
        pictures.unlink()
        job.report(0.85)
        _embed(job, joined, named)
    except (SpliceFailed, ToolError) as error:
        return f"the parts could not be joined ({error})"
    job.report(0.9)
    fault = prove_splice(media, table, runs, named) or prove_sounds(media, tracks.sounds, named)
    fault = fault or prove_length(media, named, table)
    fault = fault or (prove_pictures(media, table, runs, job.spans, named) if runs else "")
    if fault:
        return f"the spliced video was not right and was thrown away ({fault})"
    return Rendered(named, "splice" if runs else "copy", "", (), share_of(runs, table))


def _embed(job: _Job, source: Path, target: Path) -> None:
    job.note(*embed_chapters(source, job.chapters, target))
    source.unlink()


def _encode(
    job: _Job, picture: Picture, table: PictureTable, tracks: Tracks, reason: str, target: Path
) -> Rendered:
    media = job.media
    require_space(target, 2 * _guess_bytes(media, fit(picture.shown, job.options)))
    named = job.folder / "named.mp4"
    whole = Whole(
        media=media,
        picture=picture,
        tracks=tracks,
        chapters=job.chapters,
        n_pictures=len(table.pts),
        overlay=job.overlay,
        options=job.options,
    )
    encoder = pick_encoder(hardware=job.options.hardware)
    if encoder.is_hardware:
        try:
            fault, notes = _try_encode(job, whole, encoder, table, named)
        except ToolError as error:
            fault, notes = str(error), ()
        if fault:
            job.note(f"{encoder.name} failed on this video: x264 made it")
            encoder = SOFTWARE
    if not encoder.is_hardware:
        fault, notes = _try_encode(job, whole, encoder, table, named)
        _raise_fault(fault)
    job.note(*notes)
    return Rendered(named, "encode", reason, (), 1.0)


def _try_encode(
    job: _Job, whole: Whole, encoder: Encoder, table: PictureTable, named: Path
) -> tuple[str, tuple[str, ...]]:
    """(fault or nothing, notes) of `named`, made by `encoder`."""
    joined = job.folder / "joined.mp4"
    for old in (joined, named):
        old.unlink(missing_ok=True)
    encode_whole(whole, encoder, joined, part_of(job.report, 0.02, 0.92))
    _embed(job, joined, named)
    fault, notes = prove_times(job.media, table, named)
    fault = fault or prove_sounds(job.media, whole.tracks.sounds, named)
    return fault or prove_length(job.media, named, table), notes


def _raise_fault(fault: str) -> None:
    if fault:
        raise ToolError(
            "the rendered video is not right and was thrown away",
            tail=fault,
            hint="convert the source to MP4 first, and render that",
        )


def _guess_bytes(media: Media, frame: tuple[int, int]) -> int:
    """Bytes of a whole encode of pictures of the size `frame`, rather too many than too few."""
    width, height = frame
    rate = width * height * (media.frame_rate or 30.0) * _BITS_PER_PIXEL
    return round(media.duration * rate / 8)


def _render_sound(job: _Job, target: Path) -> Rendered:
    """A card video, or a copy with chapters, of a file without pictures."""
    media, reason = job.media, "it has no pictures"
    job.note(*media.notes)
    if job.options.sound_alone == "chapters":
        copy = job.folder / f"copy{target.suffix}"
        job.note(*embed_chapters(media.path, job.chapters, copy))
        return Rendered(copy, "copy", reason, (), 0.0)
    tracks = plan_tracks(media.path)
    job.note(*tracks.notes)
    require_space(target, 2 * (round(media.duration * _CARD_RATE / 8) + media.size_bytes))
    joined, named = job.folder / "joined.mp4", job.folder / "named.mp4"
    card = Card(media, tracks, job.overlay, job.options)
    encode_card(card, joined, part_of(job.report, 0.0, 0.92))
    _embed(job, joined, named)
    _raise_fault(prove_sounds(media, tracks.sounds, named) or prove_length(media, named))
    return Rendered(named, "card", reason, (), 1.0)
