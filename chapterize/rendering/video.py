"""`render_video`: an MP4 with titles over the video and chapters inside.

The frames are copied where possible, else encoded; either way the result is verified.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from chapterize.data import Media, OnProgress
from chapterize.errors import OptionError, OutputError, ToolError
from chapterize.files import explaining, named_as, next_to, refuse_sources, replacing
from chapterize.rendering.card import write_card
from chapterize.rendering.containers import (
    default_target,
    embed_chapters,
    refuse_target,
    require_space,
)
from chapterize.rendering.containers.carrying import gather
from chapterize.rendering.containers.keeping import CopyPlan
from chapterize.rendering.encode import (
    CardPlan,
    EncodePlan,
    encode_card,
    encode_video,
    mux_tracks,
)
from chapterize.rendering.job import Overlay, RenderJob
from chapterize.rendering.options import RenderOptions, RenderResult
from chapterize.rendering.overlay import overlay_notes, overlay_spans, plan_fonts, write_overlay
from chapterize.rendering.program import (
    SOFTWARE,
    Encoder,
    OnFraction,
    find_program,
    part_of,
    pick_encoder,
)
from chapterize.rendering.splice.groups import FrameTable, Run, plan_runs, read_frames
from chapterize.rendering.splice.joining import (
    MAX_SHARE,
    encoded_share,
    size_that_splices,
    splice,
    splice_obstacle,
)
from chapterize.rendering.splice.reencode import SpliceFailed, SplicePlan
from chapterize.rendering.streams import Tracks, plan_tracks
from chapterize.rendering.verify import (
    verify_audio,
    verify_card,
    verify_duration,
    verify_frames,
    verify_splice,
    verify_times,
)
from chapterize.temporary import scratch_folder

__all__ = ["Overlay", "RenderJob", "check_target", "default_video", "render_titled", "render_video"]

_STAGE = "rendering"
_BITS_PER_PIXEL = 0.15
_CARD_RATE = 150_000


@dataclass(frozen=True)
class _Render:
    """One render in progress; each note is passed on as soon as it is known."""

    job: RenderJob
    overlay: Overlay | None
    folder: Path
    report: OnFraction
    notes: list[str] = field(default_factory=list)

    def note(self, *notes: str) -> None:
        for text in notes:
            if text not in self.notes:
                self.notes.append(text)
                self.job.note(text)

    @property
    def ass(self) -> Path | None:
        return None if self.overlay is None else self.overlay.path

    def embed(self, source: Path, target: Path, tracks: Tracks) -> None:
        """Move `source` to `target`, with the chapters and what ffmpeg did not copy inside."""
        video = self.job.video.index if self.job.media.has_video else -1
        plan = CopyPlan((video, *tracks.indices), carried=tracks.carried)
        extra, notes = gather(self.job.media, source, plan)
        self.note(*notes, *embed_chapters(source, self.job.chapters, target, extra=extra))
        source.unlink()


def default_video(media: Media, options: RenderOptions) -> Path:
    """``talk-chapters.mp4`` next to ``talk.mov``; a copy of an audio file keeps its suffix.

    Raises InputError if the container of that audio file cannot hold chapters.
    """
    if not media.has_video and options.audio_only == "chapters":
        return default_target(media.path, media)
    return next_to(media.path, "-chapters.mp4")


def check_target(media: Media, target: Path, options: RenderOptions) -> None:
    """Raise what `render_video` would raise before it starts; call it before drafting chapters.

    Whether `target` exists is not checked: `render_video` does so when it creates the file.
    """
    refuse_sources(target, media.path)
    is_copy = not media.has_video and options.audio_only == "chapters"
    if target.suffix.lower() not in (".mp4", ".m4v") and not is_copy:
        raise OptionError(
            f"{target.name} is not an MP4 file name",
            why="a rendered video is an MP4 with H.264 and AAC",
            hint=f"name it {named_as(target, '.mp4')}",
        )
    if is_copy:
        refuse_target(media, target)
    else:
        find_program()


def render_titled(job: RenderJob, target: Path, *, force: bool = False) -> RenderResult:
    """Draw the titles of the chapters, and render the video with them.

    Raises as `chapterize.rendering.render`.
    """
    if job.is_copy:
        return render_video(job, None, target, force=force)
    with scratch_folder() as folder:
        return render_video(job, _draw(job, folder / "titles.ass"), target, force=force)


def _draw(job: RenderJob, titles: Path) -> Overlay:
    """Write the overlay of a video, or that of a card, which shows each title throughout."""
    chapters, options, size = job.chapters, job.options, job.frame_size
    fonts = plan_fonts(chapters.titles, options.font)
    job.note(*fonts.notes)
    if not job.is_card:
        text = write_overlay(chapters, options, *size, fonts=fonts)
        job.note(*overlay_notes(chapters, options, *size, fonts=fonts))
    else:
        text, notes = write_card(job.media, chapters, options, size, job.cover, fonts)
        job.note(*notes)
    hint = "free some space there, or set TMPDIR to another folder"
    with explaining(OutputError, f"cannot write {titles}", hint):
        titles.write_text(text, encoding="utf-8")
    return Overlay(titles, overlay_spans(chapters, options))


def render_video(
    job: RenderJob, overlay: Overlay | None, target: Path, *, force: bool = False
) -> RenderResult:
    """Make an H.264 and AAC MP4 with the overlay, and with the chapters inside.

    The overlay is drawn for ``job.frame_size``. Where the source allows it, only the frames under
    its spans are encoded and all others are copied. If that is impossible or fails verification,
    all frames are encoded. The result is verified before it gets its name. Raises as
    `chapterize.rendering.render`.
    """
    check_target(job.media, target, job.options)
    if overlay is not None and not overlay.spans and not job.is_card:
        overlay = None
    with (
        replacing(target, force=force) as temporary,
        scratch_folder(target.absolute().parent) as folder,
    ):
        run = _Render(job, overlay, folder, _reporter(job.on_progress))
        made = _render_audio(run, target) if job.is_card else _render_video(run, target)
        made.path.replace(temporary)
        run.report(1.0)
    return replace(made, path=target, notes=tuple(run.notes))


def _reporter(on_progress: OnProgress | None) -> OnFraction:
    latest = 0.0

    def report(done: float) -> None:
        nonlocal latest
        if on_progress is not None and done > latest:
            latest = done
            on_progress(_STAGE, done)

    return report


def _render_video(run: _Render, target: Path) -> RenderResult:
    media, video = run.job.media, run.job.video
    table, tracks = read_frames(media.path), plan_tracks(media.path)
    run.report(0.02)
    run.note(*media.notes, *tracks.notes)
    reason = splice_obstacle(media, video, table, run.job.options)
    runs: tuple[Run, ...] = ()
    if not reason and run.overlay is not None:
        runs = plan_runs(table, run.overlay.spans, media.origin)
        if encoded_share(runs, table) > MAX_SHARE:
            reason = f"titles cover {100 * encoded_share(runs, table):.0f} % of the video"
    if not reason:
        require_space(target, round(media.size_bytes * (2 + encoded_share(runs, table))))
        named, share = run.folder / "named.mp4", encoded_share(runs, table)
        reason = _try_splice(run, table, runs, tracks, named)
        if not reason:
            return RenderResult(named, "splice" if runs else "copy", "", (), share)
        for rest in run.folder.iterdir():
            rest.unlink()
    size = size_that_splices(media, video, table, run.job.options)
    option = f"; --size {size} keeps its size and copies the frames without titles" if size else ""
    run.note(f"all frames are encoded: {reason}{option}")
    require_space(target, 2 * _guess_bytes(media, run.job.frame_size))
    return RenderResult(_encode(run, table, tracks), "encode", reason, (), 1.0)


def _try_splice(
    run: _Render, table: FrameTable, runs: tuple[Run, ...], tracks: Tracks, named: Path
) -> str:
    """Write the result to `named`; return why it cannot be used, or an empty string."""
    media, folder = run.job.media, run.folder
    plan = SplicePlan(media, run.job.video, table, runs, run.ass, run.job.options)
    frames, joined = folder / "frames.mp4", folder / "joined.mp4"
    try:
        splice(plan, folder, frames, part_of(run.report, 0.02, 0.8))
        mux_tracks(media, frames, tracks, joined, table.time_base.denominator)
        frames.unlink()
        run.report(0.85)
        run.embed(joined, named, tracks)
    except (SpliceFailed, ToolError) as error:
        return f"the parts could not be joined ({error})"
    run.report(0.9)
    fault = verify_splice(media, table, runs, named) or verify_audio(media, tracks.audio, named)
    fault = fault or verify_duration(media, named, table)
    if not fault and runs and run.overlay is not None:
        fault = verify_frames(media, table, runs, run.overlay.spans, named)
    return f"the spliced video failed verification and was deleted ({fault})" if fault else ""


def _encode(run: _Render, table: FrameTable, tracks: Tracks) -> Path:
    """Encode all frames, with x264 where a hardware encoder fails."""
    job = run.job
    plan = EncodePlan(
        job.media, job.video, tracks, job.chapters, len(table.pts), run.ass, job.options
    )
    named = run.folder / "named.mp4"
    encoder = pick_encoder(hardware=job.options.hardware)
    if encoder.is_hardware:
        with suppress(ToolError):
            fault, notes = _try_encode(run, plan, encoder, table, named)
            if not fault:
                run.note(*notes)
                return named
        run.note(f"{encoder.name} failed on this video; x264 was used instead")
    fault, notes = _try_encode(run, plan, SOFTWARE, table, named)
    _raise_fault(fault)
    run.note(*notes)
    return named


def _try_encode(
    run: _Render, plan: EncodePlan, encoder: Encoder, table: FrameTable, named: Path
) -> tuple[str, tuple[str, ...]]:
    """(fault or empty, notes) of `named`, made by `encoder`."""
    media, joined = plan.media, run.folder / "joined.mp4"
    for old in (joined, named):
        old.unlink(missing_ok=True)
    encode_video(plan, encoder, joined, part_of(run.report, 0.02, 0.92))
    run.embed(joined, named, plan.tracks)
    fault, notes = verify_times(media, table, named)
    fault = fault or verify_audio(media, plan.tracks.audio, named)
    return fault or verify_duration(media, named, table), notes


def _raise_fault(fault: str) -> None:
    if fault:
        raise ToolError(
            "the rendered video failed verification and was deleted",
            tail=fault,
            hint="convert the source to MP4, and render that",
        )


def _guess_bytes(media: Media, frame: tuple[int, int]) -> int:
    """An upper estimate of the bytes that a whole encode takes in frames of this size."""
    width, height = frame
    rate = width * height * (media.frame_rate or 30.0) * _BITS_PER_PIXEL
    return round(media.duration * rate / 8)


def _render_audio(run: _Render, target: Path) -> RenderResult:
    """A card video of a file without video, or a copy with chapters."""
    media = run.job.media
    reason = "its video is one image" if media.has_video else "it has no video"
    run.note(*media.notes)
    if run.job.is_copy:
        copy = run.folder / f"copy{target.suffix}"
        run.note(*embed_chapters(media, run.job.chapters, copy))
        return RenderResult(copy, "copy", reason, (), 0.0)
    tracks = plan_tracks(media.path)
    run.note(*tracks.notes)
    require_space(target, 2 * (round(media.duration * _CARD_RATE / 8) + media.size_bytes))
    joined, named = run.folder / "joined.mp4", run.folder / "named.mp4"
    report = part_of(run.report, 0.0, 0.92)
    plan = CardPlan(media, tracks, run.job.chapters, run.job.cover, run.ass, run.job.options)
    times = encode_card(plan, joined, report)
    run.embed(joined, named, tracks)
    fault = verify_card(times, named) or verify_audio(media, tracks.audio, named)
    _raise_fault(fault or verify_duration(media, named))
    return RenderResult(named, "card", reason, (), 1.0)
