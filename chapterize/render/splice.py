"""Smart splice: the pictures under an overlay are encoded, all others are copied as they are.

New pictures call their parameter sets by a number that the source does not use, and both kinds
stand in the track's configuration record. So nothing is written between the pictures, copied
packets keep every byte, and a player that reads the record once is prepared for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import Media
from chapterize.ffmpeg import input_file, open_container, output_url, pick_video, read_packets
from chapterize.render.groups import PictureTable, Run
from chapterize.render.h264 import ParameterSets, join_records, read_record
from chapterize.render.picture import Picture, VideoOptions, fit
from chapterize.render.progress import OnFraction, part_of, run_with_progress

if TYPE_CHECKING:
    from av.video.stream import VideoStream

__all__ = ["MOST_SHARE", "SpliceFailed", "Stitch", "share_of", "splice", "why_not"]

MOST_SHARE = 0.6
"""Of the pictures: where more have to be made anew, copying the rest is not worth a seam."""

_PROFILES = {66: "baseline", 77: "main", 100: "high", 110: "high10"}
_DEPTHS = {"yuv420p": False, "yuvj420p": False, "yuv420p10le": True}
_CONTAINERS = ("mp4", "mov", "mkv")
# Matroska moves everything when a decoding time is negative.
_AHEAD = 10
_MOST_DELAY = 2


class SpliceFailed(Exception):
    """The parts do not fit together after all; never leaves `render`."""


@dataclass(frozen=True)
class Stitch:
    """What goes into a splice: the source, its pictures, what to make anew and what to lay over.

    `fonts_folder` holds fonts that the overlay names, None for the system's alone.
    """

    media: Media
    picture: Picture
    table: PictureTable
    runs: tuple[Run, ...]
    overlay: Path | None
    fonts_folder: Path | None
    options: VideoOptions


def share_of(runs: Sequence[Run], table: PictureTable) -> float:
    """The share of the pictures, in [0, 1], that is made anew."""
    return sum(run.stop - run.first for run in runs) / max(1, len(table.pts))


def why_not(media: Media, picture: Picture, table: PictureTable, options: VideoOptions) -> str:
    """Why the pictures of a file cannot be copied; empty when they can."""
    wanted = fit(picture.shown, options)
    is_deep = _DEPTHS.get(picture.pix_fmt)
    record = picture.record
    checks = (
        (picture.codec != "h264", f"its pictures are {picture.codec.upper()}, not H.264"),
        (media.container not in _CONTAINERS, f"{media.container.upper()} keeps no exact times"),
        (record is None or record.length_bytes != 4, "its pictures are packed in a rare way"),
        (picture.is_hdr, "it is HDR, which not every screen can show"),
        (is_deep is None, f"its pictures are {picture.pix_fmt}, which not every player can show"),
        (bool(is_deep) and not options.keep_depth,
         "its pictures have 10 bits, which not every player can show"),
        (picture.rotation != 0, "it is stored rotated"),
        (picture.pixel_shape != 1, "its pixels are not square"),
        (picture.is_interlaced or (record is not None and record.has_fields), "it is interlaced"),
        (wanted != (picture.width, picture.height),
         f"{picture.width}x{picture.height} becomes {wanted[0]}x{wanted[1]}"),
        (record is not None and record.profile not in _PROFILES, "its H.264 profile is a rare one"),
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
    encoded = None
    if stitch.runs:
        part, encoded = folder / "part.mkv", folder / "encoded.mkv"
        _write_part(stitch, part)
        _encode(stitch, part, encoded, part_of(report, 0.0, 0.9))
        part.unlink()
    _join(stitch, encoded, target)
    if encoded is not None:
        encoded.unlink()
    report(1.0)


def _write_part(stitch: Stitch, part: Path) -> None:
    """The groups of pictures that have to be decoded, `_AHEAD` seconds after the player's clock."""
    import av

    is_needed = _marked(len(stitch.table.pts), [(run.start, run.stop) for run in stitch.runs])
    shift = round((_AHEAD - stitch.media.origin) / float(stitch.table.time_base))
    with open_container(stitch.media.path) as container, av.open(str(part), "w") as out:
        stream = _video(container)
        copy = out.add_stream_from_template(stream)
        for number, packet in _numbered(container, stream):
            if is_needed[number]:
                packet.pts = int(stitch.table.pts[number]) + shift
                packet.dts = int(stitch.table.dts[number]) + shift
                packet.stream = copy
                out.mux(packet)


def _marked(count: int, stretches: Sequence[tuple[int, int]]) -> bytearray:
    """1 for each of `count` pictures that lies in one of `stretches`."""
    marks = bytearray(count)
    for first, stop in stretches:
        marks[first:stop] = b"\1" * (stop - first)
    return marks


def _video(container: Any) -> VideoStream:
    stream = pick_video(container)
    if stream is None:
        raise SpliceFailed("the pictures are gone")
    return stream


def _numbered(container: Any, stream: VideoStream) -> Iterator[tuple[int, Any]]:
    return enumerate(packet for packet in read_packets(container, stream) if not packet.is_discard)


def _edges(stitch: Stitch) -> Iterator[tuple[float, float, list[float]]]:
    """First time, end and key times of each run, in seconds, half a millisecond early.

    The part's times are whole milliseconds, so these lie between two of them.
    """
    table, tick = stitch.table, float(stitch.table.time_base)

    def before(pts: int) -> float:
        return round(pts * tick - stitch.media.origin, 3) - 0.0005

    for run in stitch.runs:
        times = table.pts[run.first : run.stop]
        # What is decoded first is not always shown first, save where decoding can start.
        first = before(int(times.min()))
        keys = times[table.is_start[run.first : run.stop]]
        yield first, before(int(times.max())) + 0.001, [first, *(before(int(k)) for k in keys)]


def _encode(stitch: Stitch, part: Path, encoded: Path, report: OnFraction) -> None:
    import ffmpeg

    edges = list(_edges(stitch))
    wanted = "+".join(f"between(t,{first:.4f},{end:.4f})" for first, end, _ in edges)
    pictures = input_file(part, copyts=None, itsoffset=-_AHEAD).video.filter("select", wanted)
    if stitch.overlay is not None:
        pictures = lay_over(pictures, stitch.overlay, stitch.fonts_folder)
    # What is asked for lies a little before the picture meant, so each key falls on its own.
    keys = ",".join(f"{key:.4f}" for key in sorted({k for _, _, found in edges for k in found}))
    options = {
        **_same_kind(stitch),
        "force_key_frames": keys,
        "fps_mode": "passthrough",
        "enc_time_base:v": "1:1000",
        "avoid_negative_ts": "make_non_negative",
        "f": "matroska",
        "progress": "pipe:1",
    }
    node = ffmpeg.output(pictures, output_url(encoded), **options).overwrite_output()
    n_pictures = sum(run.stop - run.first for run in stitch.runs)
    run_with_progress(node, report, n_pictures, what=f"encoding parts of {stitch.media.path.name}")


def lay_over(pictures: Any, overlay: Path, fonts_folder: Path | None) -> Any:
    """The ffmpeg-python stream `pictures` with the ASS file `overlay` drawn on it."""
    fonts = {} if fonts_folder is None else {"fontsdir": str(fonts_folder.absolute())}
    return pictures.filter("ass", filename=str(overlay.absolute()), **fonts)


def _same_kind(stitch: Stitch) -> dict[str, Any]:
    """Options for pictures that can stand beside the source's own."""
    record, picture = stitch.picture.record, stitch.picture
    assert record is not None
    taken = record.ids | stitch.table.in_band
    free = next((number for number in range(1, 32) if number not in taken), None)
    if free is None:
        raise SpliceFailed("every number of a parameter set is taken")
    primaries, transfer, matrix, value_range = picture.colours
    delay = stitch.table.reorder
    # As many pictures kept as before: a player may forget those on hold when that number changes.
    return {
        "c:v": "libx264",
        "preset": stitch.options.preset,
        "crf": stitch.options.crf,
        "profile:v": _PROFILES[record.profile],
        "level": f"{record.level // 10}.{record.level % 10}",
        "pix_fmt": picture.pix_fmt,
        "x264-params": f"sps-id={free}:dpb-size={max(1, record.n_refs)}:open-gop=0"
        f":b-pyramid={'normal' if delay > 1 else 'none'}",
        "color_primaries": primaries,
        "color_trc": transfer,
        "colorspace": matrix,
        "color_range": value_range,
    } | ({} if delay else {"bf": 0})


def _join(stitch: Stitch, encoded: Path | None, target: Path) -> None:
    """Write the packets of both, in the order and with the decoding times of the source."""
    import av

    table = stitch.table
    shift = round(stitch.media.origin / float(table.time_base))
    source = _new_packets(stitch, encoded)
    is_new = _marked(len(table.pts), [(run.first, run.stop) for run in stitch.runs])
    timescale = str(table.time_base.denominator)
    options = {"video_track_timescale": timescale, "movie_timescale": timescale}
    with (
        open_container(stitch.media.path) as container,
        av.open(str(target), "w", format="mp4", options=options) as out,
    ):
        stream = _video(container)
        copy = out.add_stream_from_template(stream, opaque=True)
        if encoded is not None:
            copy.codec_context.extradata = _joined_record(stitch, encoded)
        for number, packet in _numbered(container, stream):
            pts = int(table.pts[number])
            if is_new[number]:
                duration, time_base = packet.duration, packet.time_base
                packet, pts = next(source, (None, 0))
                if packet is None:
                    raise SpliceFailed("the encoder left pictures out")
                packet.duration, packet.time_base = duration, time_base
            packet.pts, packet.dts = pts - shift, int(table.dts[number]) - shift
            if packet.dts > packet.pts:
                raise SpliceFailed("a picture would be shown before it is decoded")
            packet.stream = copy
            out.mux(packet)
        if next(source, None) is not None:
            raise SpliceFailed("the encoder made more pictures than there were")


def _joined_record(stitch: Stitch, encoded: Path) -> bytes:
    with open_container(encoded) as container:
        new: ParameterSets | None = read_record(_video(container).codec_context.extradata)
    own = stitch.picture.record
    if new is None or own is None or new.ids & (own.ids | stitch.table.in_band):
        raise SpliceFailed("the encoder named its parameter sets as the source does")
    if (new.profile, new.level) != (own.profile, own.level):
        raise SpliceFailed("the encoder made another profile or level")
    try:
        return join_records(stitch.picture.extradata, new)
    except ValueError as error:
        raise SpliceFailed(str(error)) from error


def _new_packets(stitch: Stitch, encoded: Path | None) -> Iterator[tuple[Any, int]]:
    """The new packets in decoding order, each with the time of the picture that it replaces."""
    if encoded is None:
        return
    with open_container(encoded) as container:
        pts = [packet.pts for packet in read_packets(container, _video(container))]
    made = np.array(pts, np.int64)
    if len(made) != sum(run.stop - run.first for run in stitch.runs):
        raise SpliceFailed(f"the encoder made {len(made)} pictures")
    times = np.empty(len(made), np.int64)
    at = 0
    for run in stitch.runs:
        old = stitch.table.pts[run.first : run.stop]
        here = slice(at, at + len(old))
        # The n-th shown of the new ones is the n-th shown of the old ones.
        times[here][np.argsort(made[here], kind="stable")] = np.sort(old)
        at += len(old)
    with open_container(encoded) as container:
        for packet, time in zip(read_packets(container, _video(container)), times, strict=True):
            yield packet, int(time)
