"""The frames of a track in decoding order: where it can be cut, and which frames a span needs."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.ffmpeg import open_container, pick_video, read_packets
from chapterize.rendering.h264 import IDR, nal_units, read_record, set_ids

if TYPE_CHECKING:
    from av.container import InputContainer
    from numpy.typing import NDArray

__all__ = [
    "FrameTable",
    "Run",
    "delayed",
    "digest",
    "plan_runs",
    "read_frames",
    "reordering",
    "shown_packets",
]

_SLACK = 0.0005
"""Seconds by which a span is shifted: it ends on whole milliseconds, frames do not."""

_MIN_TAIL = 12
"""Frames: fewer after a title are not worth the keyframe that they would start with."""


@dataclass(frozen=True)
class FrameTable:
    """The video packets in decoding order; times in ticks of `time_base`.

    `pts`, `dts` : int64, shape = (n_frames,). `is_start`, bool : decoding can start here, and no
    frame decoded before is shown after it. `fault` : why the track cannot be cut, or empty.
    `reorder` : by how many places a frame may be decoded before it is shown. `in_band` : the ids
    of parameter sets between the frames. `n_keys` : keyframes according to the container.
    `digests`, uint64, shape = (n_frames,) : hashes of the packets, H.264 only.
    """

    pts: NDArray[np.int64]
    dts: NDArray[np.int64]
    is_start: NDArray[np.bool_]
    time_base: Fraction
    fault: str = ""
    reorder: int = 0
    in_band: frozenset[int] = frozenset()
    n_keys: int = 0
    has_pts: bool = True
    digests: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))


@dataclass(frozen=True)
class Run:
    """Frames [first, stop) in decoding order are encoded; decoding starts at `start`.

    Those from `tail` on show no title, but refer to frames that do.
    """

    start: int
    first: int
    tail: int
    stop: int


@dataclass
class _Columns:
    pts: array[int] = field(default_factory=lambda: array("q"))
    dts: array[int] = field(default_factory=lambda: array("q"))
    is_idr: array[int] = field(default_factory=lambda: array("b"))
    digests: array[int] = field(default_factory=lambda: array("Q"))
    in_band: set[int] = field(default_factory=set)
    n_keys: int = 0
    n_unstamped: int = 0
    n_undated: int = 0
    n_hidden: int = 0


def read_frames(path: Path) -> FrameTable:
    """Read the packets of the video that a player shows, keeping a few bytes of each."""
    columns = _Columns()
    with open_container(path) as container:
        stream = pick_video(container)
        if stream is None:
            return _table(columns, Fraction(1))
        is_h264 = stream.codec_context.codec.canonical_name == "h264"
        record = read_record(stream.codec_context.extradata) if is_h264 else None
        for packet in read_packets(container, stream):
            if packet.is_discard:
                columns.n_hidden += 1
                continue
            columns.n_unstamped += packet.pts is None
            columns.n_undated += packet.dts is None
            columns.pts.append((packet.dts or 0) if packet.pts is None else packet.pts)
            columns.dts.append(packet.dts or 0)
            units = []
            if packet.is_keyframe:
                columns.n_keys += 1
                if record is not None:
                    units = list(nal_units(memoryview(packet), record.length_bytes))
            columns.digests.append(digest(packet) if record is not None else 0)
            columns.is_idr.append(any(kind == IDR for kind, _ in units))
            columns.in_band |= set_ids(tuple(head for kind, head in units if kind in (7, 8)))
        return _table(columns, stream.time_base or Fraction(1))


def digest(packet: Any) -> int:
    """A 64-bit hash of the bytes of a packet."""
    return int.from_bytes(hashlib.blake2b(packet, digest_size=8).digest())


def shown_packets(container: InputContainer) -> Iterator[Any]:
    """Yield the video packets in decoding order, without those that an edit list hides."""
    stream = pick_video(container)
    packets = read_packets(container, stream) if stream is not None else iter(())
    return (packet for packet in packets if not packet.is_discard)


def _table(columns: _Columns, time_base: Fraction) -> FrameTable:
    pts = np.array(columns.pts, np.int64)
    dts = np.array(columns.dts, np.int64)
    is_start = np.array(columns.is_idr, bool) & _cuts(pts)
    faults = (
        (columns.n_hidden > 0, "an edit list hides some of its frames"),
        (columns.n_unstamped > 0, "its frames have no timestamps"),
        (not len(pts), "it has no video"),
        (len(np.unique(pts)) != len(pts), "two of its frames have the same time"),
    )
    fault = next((why for is_so, why in faults if is_so), "")
    reorder = reordering(pts)
    # Matroska stores no decoding times, and those that FFmpeg makes up have gaps.
    if columns.n_undated or np.any(np.diff(dts) <= 0) or np.any(dts > pts):
        dts = delayed(pts, reorder)
    return FrameTable(
        pts, dts, is_start, time_base, fault, reorder, frozenset(columns.in_band), columns.n_keys,
        not columns.n_unstamped, np.array(columns.digests, np.uint64),
    )  # fmt: skip


def _cuts(pts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether every frame decoded before an index is shown before all frames from it on."""
    is_cut = np.ones(len(pts), bool)
    if len(pts) > 1:
        before = np.maximum.accumulate(pts)[:-1]
        after = np.minimum.accumulate(pts[::-1])[::-1][1:]
        is_cut[1:] = before < after
    return is_cut


def reordering(pts: NDArray[np.int64]) -> int:
    """By how many places a frame is decoded before it is shown, at most."""
    rank = np.empty(len(pts), np.int64)
    rank[np.argsort(pts, kind="stable")] = np.arange(len(pts))
    return int(np.max(np.arange(len(pts)) - rank, initial=0))


def delayed(pts: NDArray[np.int64], reorder: int) -> NDArray[np.int64]:
    """Decoding times made from the presentation times, `reorder` frames earlier."""
    shown = np.sort(pts)
    step = max(1, int(shown[1] - shown[0])) if len(shown) > 1 else 1
    early = int(shown[0]) - step * np.arange(reorder, 0, -1) if len(shown) else shown
    return np.concatenate([early, shown])[: len(shown)]


def plan_runs(
    table: FrameTable, spans: Sequence[tuple[float, float]], origin: float
) -> tuple[Run, ...]:
    """Return the frames to encode so that all within `spans` (seconds, player's clock) are.

    A run may start wherever no frame decoded before is shown after: frames that precede it in its
    GOP (group of pictures) never refer to it. It ends where decoding can start again. Runs that
    touch are merged.
    """
    cuts = np.append(np.flatnonzero(_cuts(table.pts)), len(table.pts))
    starts = np.flatnonzero(table.is_start)
    stops = np.append(starts, len(table.pts))
    seconds = table.pts * float(table.time_base) - origin
    runs: list[Run] = []
    for begin, end in sorted(spans):
        touched = np.flatnonzero((seconds >= begin - _SLACK) & (seconds < end - _SLACK))
        if not len(touched):
            continue
        first = int(cuts[np.searchsorted(cuts, touched.min(), "right") - 1])
        tail = int(cuts[np.searchsorted(cuts, touched.max() + 1)])
        stop = int(stops[np.searchsorted(stops, tail)])
        start = int(starts[np.searchsorted(starts, first, "right") - 1])
        if runs and first <= runs[-1].stop:
            before = runs.pop()
            start, first = before.start, before.first
            tail, stop = max(tail, before.tail), max(stop, before.stop)
        runs.append(Run(start, first, tail, stop))
    return tuple(
        run if run.stop - run.tail >= _MIN_TAIL else replace(run, tail=run.stop) for run in runs
    )
