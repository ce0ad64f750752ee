"""Smart splice: the pictures under an overlay are encoded, all others are copied as they are.

New pictures call their parameter sets by numbers that the source does not use, and all sets stand
in the track's configuration record. So nothing is written between the pictures, copied packets keep
every byte, and a player that reads the record once is prepared for all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chapterize.data import Media
from chapterize.ffmpeg import open_container, pick_video
from chapterize.rendering.frame import Picture, VideoOptions, fit
from chapterize.rendering.h264 import join_records
from chapterize.rendering.progress import OnFraction, part_of
from chapterize.rendering.splice.groups import PictureTable, Run, pictures_of
from chapterize.rendering.splice.reencode import PROFILES, Patch, SpliceFailed, Stitch, make_patches

__all__ = ["MOST_SHARE", "share_of", "splice", "why_not"]

MOST_SHARE = 0.6
"""Of the pictures: where more have to be made anew, copying the rest is not worth a seam."""

_FORMATS = ("yuv420p", "yuvj420p")
_CONTAINERS = ("mp4", "mov", "mkv")
_MOST_DELAY = 2


def share_of(runs: Sequence[Run], table: PictureTable) -> float:
    """The share of the pictures, in [0, 1], that is made anew."""
    return sum(run.stop - run.first for run in runs) / max(1, len(table.pts))


def why_not(media: Media, picture: Picture, table: PictureTable, options: VideoOptions) -> str:
    """Why the pictures of a file cannot be copied; empty when they can."""
    wanted = fit(picture.shown, options)
    record = picture.record
    checks = (
        (picture.codec != "h264", f"its pictures are {picture.codec.upper()}, not H.264"),
        (media.container not in _CONTAINERS, f"{media.container.upper()} keeps no exact times"),
        (record is None or record.length_bytes != 4, "its pictures are packed in a rare way"),
        (picture.is_hdr, "it is HDR, which not every screen can show"),
        (picture.pix_fmt == "yuv420p10le",
         "its pictures have 10 bits, which not every player can show"),
        (picture.pix_fmt not in _FORMATS,
         f"its pictures are {picture.pix_fmt}, which not every player can show"),
        (picture.rotation != 0, "it is stored rotated"),
        (picture.pixel_shape != 1, "its pixels are not square"),
        (picture.is_interlaced or (record is not None and record.has_fields), "it is interlaced"),
        (wanted != (picture.width, picture.height),
         f"{picture.width}x{picture.height} becomes {wanted[0]}x{wanted[1]}"),
        (record is not None and record.profile not in PROFILES, "its H.264 profile is a rare one"),
        (bool(table.fault), table.fault),
        (len(table.pts) > 0 and int(table.pts.min()) < 0, "its first picture has a negative time"),
        (not table.fault and not table.is_start[0], "it does not begin with a key picture"),
        (table.n_keys > 1 and int(table.is_start.sum()) < 2,
         "its groups of pictures are open: they refer to each other"),
        (table.reorder > _MOST_DELAY, "its pictures are reordered in a rare way"),
    )  # fmt: skip
    return next((why for is_so, why in checks if is_so), "")


def splice(stitch: Stitch, folder: Path, target: Path, report: OnFraction) -> None:
    """Write the pictures alone, on the player's clock, into `target`, an MP4.

    `folder` takes what lies between. No more than single packets are held in memory.

    Raises
    ------
    SpliceFailed : the encoder did not make what was asked, or the source does not hold it.
    ToolError : ffmpeg failed.
    """
    patches: tuple[Patch, ...] = ()
    if stitch.runs:
        patches = make_patches(stitch, folder, part_of(report, 0.0, 0.95))
    _join(stitch, patches, target)
    for patch in patches:
        patch.path.unlink()
    report(1.0)


def _join(stitch: Stitch, patches: Sequence[Patch], target: Path) -> None:
    """Write the packets of all, in the order and with the decoding times of the source."""
    import av

    table = stitch.table
    shift = round(stitch.media.origin / float(table.time_base))
    sources = [patch.packets(table) for patch in patches]
    takes_from = _sources(len(table.pts), patches)
    timescale = str(table.time_base.denominator)
    options = {"video_track_timescale": timescale, "movie_timescale": timescale}
    with (
        open_container(stitch.media.path) as container,
        av.open(str(target), "w", format="mp4", options=options) as out,
    ):
        stream = pick_video(container)
        if stream is None:
            raise SpliceFailed("the pictures are gone")
        copy = out.add_stream_from_template(stream, opaque=True)
        copy.codec_context.extradata = _joined_record(stitch, patches)
        for number, packet in enumerate(pictures_of(container)):
            pts = int(table.pts[number])
            if takes_from[number]:
                duration, time_base = packet.duration, packet.time_base
                packet, pts = next(sources[takes_from[number] - 1], (None, 0))
                if packet is None:
                    raise SpliceFailed("the encoder left pictures out")
                packet.duration, packet.time_base = duration, time_base
            packet.pts, packet.dts = pts - shift, int(table.dts[number]) - shift
            if packet.dts > packet.pts:
                raise SpliceFailed("a picture would be shown before it is decoded")
            packet.stream = copy
            out.mux(packet)


def _sources(count: int, patches: Sequence[Patch]) -> bytearray:
    """For each of `count` pictures 0, or which of `patches` it comes from, the first being 1."""
    numbers = bytearray(count)
    for number, patch in enumerate(patches, 1):
        for first, stop in patch.stretches:
            numbers[first:stop] = bytes([number]) * (stop - first)
    return numbers


def _joined_record(stitch: Stitch, patches: Sequence[Patch]) -> bytes:
    own, joined = stitch.picture.record, stitch.picture.extradata
    taken = set(stitch.table.in_band) | (own.ids if own else set())
    for patch in patches:
        new = patch.read_sets()
        if new is None or own is None or new.ids & taken:
            raise SpliceFailed("the encoder named its parameter sets as the source does")
        if (new.profile, new.level) != (own.profile, own.level):
            raise SpliceFailed("the encoder made another profile or level")
        taken |= new.ids
        try:
            joined = join_records(joined, new)
        except ValueError as error:
            raise SpliceFailed(str(error)) from error
    return joined
