"""Pictures made anew for a splice: those under an overlay, and those that only follow them.

What follows a title shows none, but refers to pictures that do, as far as the next key picture. It
is encoded with the least effort, which takes a third to a half of the time and more bytes, and at a
higher crf: still closer to its source than the pictures under the title are (51 dB beside 48 on a
test picture, 65 beside 62 on a recording).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import Media
from chapterize.ffmpeg import input_file, open_container, output_url, read_packets
from chapterize.rendering.frame import Picture, VideoOptions
from chapterize.rendering.h264 import ParameterSets, is_reference, read_record
from chapterize.rendering.progress import OnFraction, run_with_progress
from chapterize.rendering.splice.groups import PictureTable, Run, pictures_of

if TYPE_CHECKING:
    from av.packet import Packet

__all__ = ["PROFILES", "Patch", "SpliceFailed", "Stitch", "lay_over", "make_patches"]

PROFILES = {66: "baseline", 77: "main", 100: "high"}
"""x264's names of the profiles that new pictures can have."""

# Matroska moves everything when a decoding time is negative.
_AHEAD = 10
_LEAST_EFFORT = "ultrafast"
_COARSER = 6
# x264 names the lowest profile that its tools need, and ultrafast has none of these.
_TOOLS = {66: "", 77: ":cabac=1", 100: ":8x8dct=1"}


class SpliceFailed(Exception):
    """The parts do not fit together after all; never leaves `render`."""


@dataclass(frozen=True)
class Stitch:
    """What goes into a splice: the source, its pictures, what to make anew and what to lay over."""

    media: Media
    picture: Picture
    table: PictureTable
    runs: tuple[Run, ...]
    overlay: Path | None
    options: VideoOptions


@dataclass(frozen=True)
class Patch:
    """New pictures of one kind, in one file; they replace `stretches` [first, stop) of the old.

    `set_id` is the number of their parameter sets.
    """

    path: Path
    stretches: tuple[tuple[int, int], ...]
    is_titled: bool
    set_id: int

    @property
    def n_pictures(self) -> int:
        """Pictures in all stretches."""
        return sum(stop - first for first, stop in self.stretches)

    def read_sets(self) -> ParameterSets | None:
        """The parameter sets of the file; None where it has none."""
        with open_container(self.path) as container:
            return read_record(container.streams.video[0].codec_context.extradata)

    def packets(self, table: PictureTable) -> Iterator[tuple[Packet[Any], int]]:
        """Each packet in decoding order, with the time in ticks of the picture that it replaces.

        Raises
        ------
        SpliceFailed : there are more or fewer than were asked for.
        """
        with open_container(self.path) as container:
            made = np.array([packet.pts for packet in pictures_of(container)], np.int64)
        if len(made) != self.n_pictures:
            raise SpliceFailed(f"the encoder made {len(made)} pictures, not {self.n_pictures}")
        times = np.empty(len(made), np.int64)
        at = 0
        for first, stop in self.stretches:
            here = slice(at, at + stop - first)
            # The n-th shown of the new ones is the n-th shown of the old ones.
            times[here][np.argsort(made[here], kind="stable")] = np.sort(table.pts[first:stop])
            at += stop - first
        with open_container(self.path) as container:
            stream = container.streams.video[0]
            for packet, time in zip(read_packets(container, stream), times, strict=True):
                yield packet, int(time)


def make_patches(stitch: Stitch, folder: Path, report: OnFraction) -> tuple[Patch, ...]:
    """Encode the runs of `stitch` into files in `folder`: titled pictures, and the rest if any.

    Raises
    ------
    SpliceFailed : the source leaves no number for new parameter sets.
    ToolError : ffmpeg failed.
    """
    titled = tuple((run.first, run.rest) for run in stitch.runs)
    rests = tuple((run.rest, run.stop) for run in stitch.runs if run.rest < run.stop)
    ids = _free_ids(stitch)
    patches = [Patch(folder / "titled.mkv", titled, True, next(ids))]
    if rests:
        patches.append(Patch(folder / "rest.mkv", rests, False, next(ids)))
    part = folder / "part.mkv"
    _write_part(stitch, part)
    _encode(stitch, part, patches, report)
    part.unlink()
    return tuple(patches)


def _free_ids(stitch: Stitch) -> Iterator[int]:
    record = stitch.picture.record
    assert record is not None
    taken = record.ids | stitch.table.in_band
    yield from (number for number in range(1, 32) if number not in taken)
    raise SpliceFailed("every number of a parameter set is taken")


def _write_part(stitch: Stitch, part: Path) -> None:
    """The groups of pictures that have to be decoded, `_AHEAD` seconds after the player's clock."""
    import av

    table, record = stitch.table, stitch.picture.record
    assert record is not None
    is_needed = bytearray(len(table.pts))
    for run in stitch.runs:
        is_needed[run.start : run.first] = b"\1" * (run.first - run.start)
        is_needed[run.first : run.stop] = b"\2" * (run.stop - run.first)
    shift = _shift(stitch)
    with open_container(stitch.media.path) as container, av.open(str(part), "w") as out:
        packets = pictures_of(container)
        copy = None
        for number, packet in enumerate(packets):
            # Before a run only what others refer to has to be decoded.
            if not is_needed[number] or (
                is_needed[number] == 1 and not is_reference(packet, record.length_bytes)
            ):
                continue
            copy = copy or out.add_stream_from_template(packet.stream)
            packet.pts = int(table.pts[number]) + shift
            packet.dts = int(table.dts[number]) + shift
            packet.stream = copy
            out.mux(packet)


def _shift(stitch: Stitch) -> int:
    """Ticks by which the part lies after its source."""
    return round((_AHEAD - stitch.media.origin) / float(stitch.table.time_base))


def _edges(
    stitch: Stitch, stretches: Sequence[tuple[int, int]]
) -> Iterator[tuple[float, float, list[float]]]:
    """First time, end and key times of each stretch, in seconds, half a millisecond early.

    The part's times are whole milliseconds, so these lie between two of them.
    """
    table, shift = stitch.table, _shift(stitch)
    scale, ticks = 1000 * table.time_base.numerator, table.time_base.denominator

    def before(pts: int) -> float:
        # As Matroska rounds: what lies between two milliseconds goes up.
        milliseconds = (2 * (pts + shift) * scale + ticks) // (2 * ticks)
        return (milliseconds - 1000 * _AHEAD - 0.5) / 1000

    for begin, stop in stretches:
        times = table.pts[begin:stop]
        # What is decoded first is not always shown first, save where decoding can start.
        first = before(int(times.min()))
        keys = times[table.is_start[begin:stop]]
        yield first, before(int(times.max())) + 0.001, [first, *(before(int(k)) for k in keys)]


def _encode(stitch: Stitch, part: Path, patches: Sequence[Patch], report: OnFraction) -> None:
    import ffmpeg

    pictures = input_file(part, copyts=None, itsoffset=-_AHEAD).video
    split = pictures.filter_multi_output("split", len(patches))
    outputs = []
    for number, patch in enumerate(patches):
        edges = list(_edges(stitch, patch.stretches))
        wanted = "+".join(f"between(t,{first:.4f},{end:.4f})" for first, end, _ in edges)
        chosen = split[number].filter("select", wanted)
        if stitch.overlay is not None and patch.is_titled:
            chosen = lay_over(chosen, stitch.overlay)
        # What is asked for lies a little before the picture meant, so each key falls on its own.
        keys = ",".join(f"{key:.4f}" for key in sorted({k for _, _, found in edges for k in found}))
        outputs.append(
            ffmpeg.output(
                chosen,
                output_url(patch.path),
                **_same_kind(stitch, patch),
                **{"force_key_frames": keys, "fps_mode": "passthrough"},
                **{"enc_time_base:v": "1:1000", "avoid_negative_ts": "make_non_negative"},
                f="matroska",
            )
        )
    node = ffmpeg.merge_outputs(*outputs).global_args("-progress", "pipe:1").overwrite_output()
    what = f"encoding parts of {stitch.media.path.name}"
    run_with_progress(node, report, patches[0].n_pictures, what=what)


def lay_over(pictures: Any, overlay: Path) -> Any:
    """The ffmpeg-python stream `pictures` with the ASS file `overlay` drawn on it."""
    return pictures.filter("ass", filename=str(overlay.absolute()))


def _same_kind(stitch: Stitch, patch: Patch) -> dict[str, Any]:
    """Options for pictures that can stand beside the source's own."""
    record, picture, options = stitch.picture.record, stitch.picture, stitch.options
    assert record is not None
    primaries, transfer, matrix, value_range = picture.colours
    delay = stitch.table.reorder
    effort: dict[str, Any] = {"preset": options.preset, "crf": options.crf}
    # As many pictures kept as before: a player may forget those on hold when that number changes.
    inside = f"sps-id={patch.set_id}:dpb-size={max(1, record.n_refs)}:open-gop=0"
    if patch.is_titled:
        inside += f":b-pyramid={'normal' if delay > 1 else 'none'}"
    else:
        effort = {"preset": _LEAST_EFFORT, "crf": options.crf + _COARSER}
        inside += f":no-deblock=0{_TOOLS[record.profile]}"
    return {
        "c:v": "libx264",
        **effort,
        "profile:v": PROFILES[record.profile],
        "level": f"{record.level // 10}.{record.level % 10}",
        "pix_fmt": picture.pix_fmt,
        "x264-params": inside,
        "color_primaries": primaries,
        "color_trc": transfer,
        "colorspace": matrix,
        "color_range": value_range,
    } | ({} if delay else {"bf": 0})
