"""Encode frames for a splice: those under an overlay, and those that follow up to a keyframe.

Frames after a title show none, but refer to frames that do, up to the next keyframe. They are
encoded with the fastest preset, which takes a third to a half of the time and more bytes, and a
higher crf. They still are closer to the source than the frames under the title (51 dB against 48 on
a test pattern, 65 against 62 on a recording).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.data import Media
from chapterize.ffmpeg import input_file, open_container, output_url, read_packets
from chapterize.rendering.h264 import is_reference
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.program import OnFraction, run_with_progress
from chapterize.rendering.splice.groups import FrameTable, Run, shown_packets
from chapterize.rendering.streams import VideoTrack

if TYPE_CHECKING:
    from av.packet import Packet

__all__ = ["PROFILES", "Patch", "SpliceFailed", "SplicePlan", "draw_overlay", "make_patches"]

PROFILES = {66: "baseline", 77: "main", 100: "high"}
"""x264's names of the profiles that new frames can have."""

# Matroska shifts everything when a decoding time is negative.
_AHEAD = 10  # seconds
_FAST_PRESET = "ultrafast"
_EXTRA_CRF = 6
# x264 writes the lowest profile that its tools need; ultrafast switches these tools off.
_TOOLS = {66: "", 77: ":cabac=1", 100: ":8x8dct=1"}


class SpliceFailed(Exception):
    """The parts cannot be joined; never leaves this package."""


@dataclass(frozen=True)
class SplicePlan:
    """What to splice: the source, its frames, the runs to encode and the overlay to draw.

    `keys` are times in ticks of frames in `runs` that become keyframes.
    """

    media: Media
    video: VideoTrack
    table: FrameTable
    runs: tuple[Run, ...]
    overlay: Path | None
    options: RenderOptions
    keys: tuple[int, ...] = ()


@dataclass(frozen=True)
class Patch:
    """A file with encoded frames; they replace the `ranges` [first, stop) of the source.

    `set_id` is the id of their parameter sets.
    """

    path: Path
    ranges: tuple[tuple[int, int], ...]
    is_titled: bool
    set_id: int

    @property
    def n_frames(self) -> int:
        """Frames in all ranges."""
        return sum(stop - first for first, stop in self.ranges)

    def packets(self, table: FrameTable) -> Iterator[tuple[Packet[Any], int]]:
        """Yield each packet in decoding order, with the time in ticks of the frame it replaces.

        Raises SpliceFailed unless the number of frames is the one asked for.
        """
        with open_container(self.path) as container:
            made = np.array([packet.pts for packet in shown_packets(container)], np.int64)
        if len(made) != self.n_frames:
            raise SpliceFailed(f"the encoder wrote {len(made)} frames instead of {self.n_frames}")
        times = np.empty(len(made), np.int64)
        at = 0
        for first, stop in self.ranges:
            here = slice(at, at + stop - first)
            # The n-th new frame shown replaces the n-th old frame shown.
            times[here][np.argsort(made[here], kind="stable")] = np.sort(table.pts[first:stop])
            at += stop - first
        with open_container(self.path) as container:
            stream = container.streams.video[0]
            for packet, time in zip(read_packets(container, stream), times, strict=True):
                yield packet, int(time)


def make_patches(plan: SplicePlan, folder: Path, report: OnFraction) -> tuple[Patch, ...]:
    """Encode the runs of `plan` into files in `folder`: titled frames, and the tails if any.

    Raises SpliceFailed if the source uses every id that new parameter sets could have.
    """
    titled = tuple((run.first, run.tail) for run in plan.runs)
    tails = tuple((run.tail, run.stop) for run in plan.runs if run.tail < run.stop)
    ids = _free_ids(plan)
    patches = [Patch(folder / "titled.mkv", titled, True, next(ids))]
    if tails:
        patches.append(Patch(folder / "tails.mkv", tails, False, next(ids)))
    part = folder / "part.mkv"
    _write_part(plan, part)
    _encode(plan, part, patches, report)
    part.unlink()
    return tuple(patches)


def _free_ids(plan: SplicePlan) -> Iterator[int]:
    record = plan.video.record
    assert record is not None
    taken = record.ids | plan.table.in_band
    yield from (number for number in range(1, 32) if number not in taken)
    raise SpliceFailed("every parameter set id is taken")


def _write_part(plan: SplicePlan, part: Path) -> None:
    """Write the GOPs that have to be decoded, `_AHEAD` seconds later than the player's clock."""
    import av

    table, record = plan.table, plan.video.record
    assert record is not None
    is_needed = bytearray(len(table.pts))
    for run in plan.runs:
        is_needed[run.start : run.first] = b"\1" * (run.first - run.start)
        is_needed[run.first : run.stop] = b"\2" * (run.stop - run.first)
    shift = _shift(plan)
    with open_container(plan.media.path) as container, av.open(str(part), "w") as out:
        copy = None
        for number, packet in enumerate(shown_packets(container)):
            # Before a run, only frames that others refer to have to be decoded.
            if not is_needed[number] or (
                is_needed[number] == 1 and not is_reference(packet, record.length_bytes)
            ):
                continue
            copy = copy or out.add_stream_from_template(packet.stream)
            packet.pts = int(table.pts[number]) + shift
            packet.dts = int(table.dts[number]) + shift
            packet.stream = copy
            out.mux(packet)


def _shift(plan: SplicePlan) -> int:
    """Ticks by which the part is later than its source."""
    return round((_AHEAD - plan.media.origin) / float(plan.table.time_base))


def _edges(
    plan: SplicePlan, ranges: Sequence[tuple[int, int]]
) -> Iterator[tuple[float, float, list[float]]]:
    """Yield first time, end and keyframe times of each range, in seconds, 0.5 ms early.

    The times in the part are whole milliseconds, so these are between two of them.
    """
    table, shift = plan.table, _shift(plan)
    scale, ticks = 1000 * table.time_base.numerator, table.time_base.denominator

    def before(pts: int) -> float:
        # Matroska rounds halves up.
        milliseconds = (2 * (pts + shift) * scale + ticks) // (2 * ticks)
        return (milliseconds - 1000 * _AHEAD - 0.5) / 1000

    for begin, stop in ranges:
        times = table.pts[begin:stop]
        # The frame decoded first need not be the one shown first, unless decoding can start there.
        first = before(int(times.min()))
        keys = times[table.is_start[begin:stop] | np.isin(times, plan.keys)]
        yield first, before(int(times.max())) + 0.001, [first, *(before(int(k)) for k in keys)]


def _encode(plan: SplicePlan, part: Path, patches: Sequence[Patch], report: OnFraction) -> None:
    import ffmpeg

    frames = input_file(part, copyts=None, itsoffset=-_AHEAD).video
    split = frames.filter_multi_output("split", len(patches))
    outputs = []
    for number, patch in enumerate(patches):
        edges = list(_edges(plan, patch.ranges))
        wanted = "+".join(f"between(t,{first:.4f},{end:.4f})" for first, end, _ in edges)
        chosen = split[number].filter("select", wanted)
        if patch.is_titled:
            chosen = draw_overlay(chosen, plan.overlay)
        # Each requested time is just before its frame, so each keyframe falls on the right one.
        keys = ",".join(f"{key:.4f}" for key in sorted({k for _, _, found in edges for k in found}))
        options = _same_kind(plan, patch) | {
            **{"f": "matroska", "force_key_frames": keys, "fps_mode": "passthrough"},
            **{"enc_time_base:v": "1:1000", "avoid_negative_ts": "make_non_negative"},
        }
        outputs.append(ffmpeg.output(chosen, output_url(patch.path), **options))
    node = ffmpeg.merge_outputs(*outputs).global_args("-progress", "pipe:1").overwrite_output()
    what = f"encoding parts of {plan.media.path.name}"
    run_with_progress(node, report, patches[0].n_frames, what=what)


def draw_overlay(frames: Any, overlay: Path | None) -> Any:
    """Return the ffmpeg-python stream `frames` with the ASS file `overlay`, if any, drawn on it."""
    if overlay is None:
        return frames
    # No filter takes forward slashes for escapes; ffmpeg-python quotes the rest.
    return frames.filter("ass", filename=overlay.absolute().as_posix())


def _same_kind(plan: SplicePlan, patch: Patch) -> dict[str, Any]:
    """Options for frames that can be joined with those of the source."""
    record, video, options = plan.video.record, plan.video, plan.options
    assert record is not None
    names = ("color_primaries", "color_trc", "colorspace", "color_range")
    delay = plan.table.reorder
    effort: dict[str, Any] = {"preset": options.preset, "crf": options.crf}
    # Keep the number of reference frames: a player may drop frames on hold when it changes.
    x264 = f"sps-id={patch.set_id}:dpb-size={max(1, record.n_refs)}:open-gop=0"
    if patch.is_titled:
        x264 += f":b-pyramid={'normal' if delay > 1 else 'none'}"
    else:
        effort = {"preset": _FAST_PRESET, "crf": options.crf + _EXTRA_CRF}
        x264 += f":no-deblock=0{_TOOLS[record.profile]}"
    return {
        "c:v": "libx264",
        **effort,
        "profile:v": PROFILES[record.profile],
        "level": f"{record.level // 10}.{record.level % 10}",
        "pix_fmt": video.pix_fmt,
        "x264-params": x264,
        **dict(zip(names, video.colours, strict=True)),
    } | ({} if delay else {"bf": 0})
