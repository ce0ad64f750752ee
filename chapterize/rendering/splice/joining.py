"""Smart splice: the frames under an overlay are encoded, all others are copied.

New frames use parameter set ids that the source does not use, and the track's configuration record
holds the sets of both. So nothing is written between the frames, copied packets keep every byte,
and a player that reads the record once can decode all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chapterize.data import Media
from chapterize.ffmpeg import open_container, pick_video
from chapterize.rendering.h264 import join_records, read_record
from chapterize.rendering.options import SIZES, RenderOptions
from chapterize.rendering.program import OnFraction, part_of
from chapterize.rendering.splice.groups import FrameTable, Run, shown_packets
from chapterize.rendering.splice.reencode import (
    PROFILES,
    Patch,
    SpliceFailed,
    SplicePlan,
    make_patches,
)
from chapterize.rendering.streams import VideoTrack, fit

__all__ = ["MAX_SHARE", "encoded_share", "size_that_splices", "splice", "splice_obstacle"]

MAX_SHARE = 0.6
"""Fraction of frames to encode above which copying the others is not worth the seams."""

_FORMATS = ("yuv420p", "yuvj420p")
_CONTAINERS = ("mp4", "mov", "mkv")
_MAX_DELAY = 2


def encoded_share(runs: Sequence[Run], table: FrameTable) -> float:
    """The fraction of frames, in [0, 1], that is encoded."""
    return sum(run.stop - run.first for run in runs) / max(1, len(table.pts))


def splice_obstacle(
    media: Media, video: VideoTrack, table: FrameTable, options: RenderOptions
) -> str:
    """Why the frames of a file cannot be copied; empty when they can."""
    wanted = fit(video.shown, options)
    record = video.record
    checks = (
        (video.codec != "h264", f"its video is {video.codec.upper()}, not H.264"),
        (media.container not in _CONTAINERS, f"{media.container.upper()} stores no exact times"),
        (record is None or record.length_bytes != 4, "its frames are packed in a rare way"),
        (video.is_hdr, "it is HDR, which not every screen can show"),
        (video.pix_fmt == "yuv420p10le",
         "it has 10 bits per channel, which not every player can show"),
        (video.pix_fmt not in _FORMATS,
         f"its pixel format is {video.pix_fmt}, which not every player can show"),
        (video.rotation != 0, "it is stored rotated"),
        (video.pixel_aspect != 1, "its pixels are not square"),
        (video.is_interlaced or (record is not None and record.has_fields), "it is interlaced"),
        (wanted != (video.width, video.height),
         f"its size changes from {video.width}x{video.height} to {wanted[0]}x{wanted[1]}"),
        (record is not None and record.profile not in PROFILES, "its H.264 profile is a rare one"),
        (bool(table.fault), table.fault),
        (len(table.pts) > 0 and int(table.pts.min()) < 0, "its first frame has a negative time"),
        (not table.fault and not table.is_start[0], "it does not start with a keyframe"),
        (table.n_keys > 1 and int(table.is_start.sum()) < 2,
         "its GOPs are open: they refer to each other"),
        (table.reorder > _MAX_DELAY, "its frames are reordered in a rare way"),
    )  # fmt: skip
    return next((why for is_so, why in checks if is_so), "")


def size_that_splices(
    media: Media, video: VideoTrack, table: FrameTable, options: RenderOptions
) -> str:
    """The size with which frames can be copied, if only that of `options` prevents it, or ""."""
    if not splice_obstacle(media, video, table, options):
        return ""
    others = (replace(options, size=size) for size in SIZES if size != options.size)
    fit_ones = (other for other in others if not splice_obstacle(media, video, table, other))
    return next((other.size for other in fit_ones), "")


def splice(plan: SplicePlan, folder: Path, target: Path, report: OnFraction) -> None:
    """Write the video alone, on the player's clock, into `target`, an MP4.

    `folder` takes temporary files. Only single packets are held in memory.

    Raises
    ------
    SpliceFailed : the encoder did not do what it was asked to, or the source has changed.
    ToolError : ffmpeg failed.
    """
    patches = make_patches(plan, folder, part_of(report, 0.0, 0.95)) if plan.runs else ()
    _join(plan, patches, target)
    for patch in patches:
        patch.path.unlink()
    report(1.0)


def _join(plan: SplicePlan, patches: Sequence[Patch], target: Path) -> None:
    """Write old and new packets in the order and with the decoding times of the source."""
    import av

    table = plan.table
    shift = round(plan.media.origin / float(table.time_base))
    sources = [patch.packets(table) for patch in patches]
    takes_from = _sources(len(table.pts), patches)
    names = ("video_track_timescale", "movie_timescale")
    options = dict.fromkeys(names, str(table.time_base.denominator))
    with (
        open_container(plan.media.path) as container,
        av.open(str(target), "w", format="mp4", options=options) as out,
    ):
        stream = pick_video(container)
        if stream is None:
            raise SpliceFailed("the video track is gone")
        copy = out.add_stream_from_template(stream, opaque=True)
        copy.codec_context.extradata = _joined_record(plan, patches)
        for number, packet in enumerate(shown_packets(container)):
            pts = int(table.pts[number])
            if takes_from[number]:
                duration, time_base = packet.duration, packet.time_base
                packet, pts = next(sources[takes_from[number] - 1], (None, 0))
                if packet is None:
                    raise SpliceFailed("the encoder dropped frames")
                packet.duration, packet.time_base = duration, time_base
            packet.pts, packet.dts = pts - shift, int(table.dts[number]) - shift
            if packet.dts > packet.pts:
                raise SpliceFailed("a frame would be shown before it is decoded")
            packet.stream = copy
            out.mux(packet)


def _sources(count: int, patches: Sequence[Patch]) -> bytearray:
    """For each of `count` frames, 0 for a copy, or the number of its patch, counted from 1."""
    numbers = bytearray(count)
    for number, patch in enumerate(patches, 1):
        for first, stop in patch.ranges:
            numbers[first:stop] = bytes([number]) * (stop - first)
    return numbers


def _joined_record(plan: SplicePlan, patches: Sequence[Patch]) -> bytes:
    own, joined = plan.video.record, plan.video.extradata
    taken = set(plan.table.in_band) | (own.ids if own else set())
    for patch in patches:
        with open_container(patch.path) as container:
            new = read_record(container.streams.video[0].codec_context.extradata)
        if new is None or own is None or new.ids & taken:
            raise SpliceFailed("the encoder used a parameter set id of the source")
        if (new.profile, new.level) != (own.profile, own.level):
            raise SpliceFailed("the encoder used another profile or level")
        taken |= new.ids
        try:
            joined = join_records(joined, new)
        except ValueError as error:
            raise SpliceFailed(str(error)) from error
    return joined
