"""Where a track is cut, which frames are encoded, and how they are encoded."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from chapterize.media import open_media
from chapterize.rendering.h264 import join_records, read_record
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.splice import reencode
from chapterize.rendering.splice.groups import FrameTable, Run, plan_runs, read_frames
from chapterize.rendering.splice.joining import encoded_share, splice, splice_obstacle
from chapterize.rendering.splice.reencode import SplicePlan
from chapterize.rendering.streams import probe_video
from tests.conftest import H264, TESTSRC, MakeMedia
from tests.rendering.sources import write_overlay


def table(pts: list[int], starts: list[int]) -> FrameTable:
    is_start = np.isin(np.arange(len(pts)), starts)
    times = np.array(pts, np.int64)
    return FrameTable(times, np.sort(times) - 2, is_start, Fraction(1, 10))


def test_a_run_extends_from_a_cut_to_the_next_start() -> None:
    frames = table(list(range(40)), [0, 10, 20, 30])
    assert plan_runs(frames, [(1.3, 1.5)], 0.0) == (Run(10, 13, 20, 20),)
    assert plan_runs(frames, [(1.0, 2.0)], 0.0) == (Run(10, 10, 20, 20),)
    assert plan_runs(frames, [(3.95, 9.0), (1.3, 1.31)], 0.0) == (Run(10, 13, 20, 20),)
    assert plan_runs(frames, [(3.5, 9.0)], 0.0) == (Run(30, 35, 40, 40),)


def test_a_run_never_starts_between_reordered_frames() -> None:
    # Decoded 0 3 1 2 6 4 5: the frame decoded third is shown before the second.
    frames = table([0, 3, 1, 2, 6, 4, 5, 7], [0, 7])
    assert plan_runs(frames, [(0.2, 0.21)], 0.0) == (Run(0, 1, 7, 7),)
    assert plan_runs(frames, [(0.5, 0.51)], 0.0) == (Run(0, 4, 7, 7),)


def test_runs_that_touch_are_merged_and_spans_are_on_the_players_clock() -> None:
    frames = table(list(range(40)), [0, 10, 20, 30])
    runs = plan_runs(frames, [(0.5, 0.6), (1.2, 1.4), (3.2, 3.3)], 0.0)
    assert runs == (Run(0, 5, 10, 10), Run(10, 12, 20, 20), Run(30, 32, 40, 40))
    assert encoded_share(runs, frames) == pytest.approx(0.525)
    assert plan_runs(frames, [(0.5, 0.6), (1.0, 1.4)], 0.0) == (Run(0, 5, 20, 20),)
    assert plan_runs(frames, [(0.5, 0.6)], 1.0) == (Run(10, 15, 20, 20),)


def test_frames_after_a_title_are_a_tail_where_they_are_worth_a_keyframe() -> None:
    frames = table(list(range(60)), [0, 30])
    assert plan_runs(frames, [(0.5, 1.0)], 0.0) == (Run(0, 5, 10, 30),)
    assert plan_runs(frames, [(0.5, 2.0)], 0.0) == (Run(0, 5, 30, 30),)
    assert plan_runs(frames, [(0.5, 1.0), (1.4, 1.6)], 0.0) == (Run(0, 5, 16, 30),)
    assert plan_runs(frames, [(4.0, 4.5)], 0.0) == (Run(30, 40, 45, 60),)
    # Decoded 0 3 1 2 6 4 5 …: the tail starts where no earlier frame is left to decode.
    order = [0, *(n + m for n in range(0, 57, 3) for m in (3, 1, 2))]
    assert plan_runs(table(order, [0]), [(0.2, 0.5)], 0.0) == (Run(0, 1, 7, 58),)


def test_open_gops_are_not_starts(make_media: MakeMedia) -> None:
    """TESTSRC H264 -bf 2 -g 10, and the same with -x264-params open-gop=1."""
    options = (*TESTSRC, *H264, "-bf", "2", "-g", "10", "-sc_threshold", "0")
    closed = read_frames(make_media("closed.mp4", *options))
    opened = read_frames(make_media("open.mp4", *options, "-x264-params", "open-gop=1"))
    assert int(closed.is_start.sum()) == closed.n_keys == 10
    assert int(opened.is_start.sum()) == 1 < opened.n_keys


def test_decoding_times_that_matroska_lacks_are_computed(make_media: MakeMedia) -> None:
    frames = read_frames(make_media("b.mkv", *TESTSRC, *H264, "-bf", "3", "-g", "25"))
    assert frames.fault == ""
    assert np.all(np.diff(frames.dts) > 0)
    assert np.all(frames.dts <= frames.pts)


def test_encoded_frames_have_the_profile_level_and_colours_of_the_source(
    make_media: MakeMedia, tmp_path: Path
) -> None:
    colours = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    source = make_media(
        "main.mp4", *TESTSRC, *H264, "-profile:v", "main", "-level", "4.0", "-bf", "0",
        "-refs", "3", "-g", "10", "-vf", colours, "-preset", "veryfast",
    )  # fmt: skip
    media, video, frames = open_media(source), probe_video(source), read_frames(source)
    assert splice_obstacle(media, video, frames, RenderOptions()) == ""
    runs = plan_runs(frames, [(1.0, 1.2)], media.origin)
    overlay = write_overlay(tmp_path / "o.ass")
    plan = SplicePlan(media, video, frames, runs, overlay, RenderOptions())
    splice(plan, tmp_path, tmp_path / "p.mp4", lambda done: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.ass", "p.mp4"]
    new = probe_video(tmp_path / "p.mp4")
    assert video.record is not None
    assert new.record is not None
    assert (new.record.profile, new.record.level, new.colours) == (77, 40, video.colours)
    assert new.time_base == video.time_base
    assert len(new.record.sequence) == 2
    assert video.colours[:3] == (1, 1, 1)
    # The number of frames that a player has to hold does not change at a seam.
    old, made = (read_record(_alone(new.extradata, number)) for number in (0, 1))
    assert old is not None
    assert made is not None
    assert (old.n_refs, made.n_refs) == (3, 3)
    assert not old.ids & made.ids
    with av.open(str(tmp_path / "p.mp4")) as container:
        decoded = list(container.decode(video=0))
    assert [frame.pts for frame in decoded] == sorted(frames.pts.tolist())
    assert not any(frame.is_corrupt for frame in decoded)


def _alone(record: bytes, number: int) -> bytes:
    """A record with one parameter set of each kind."""
    sets = read_record(record)
    assert sets is not None
    sequence, picture = sets.sequence[number], sets.picture[number]
    return (
        record[:5]
        + b"\xe1" + len(sequence).to_bytes(2) + sequence
        + b"\x01" + len(picture).to_bytes(2) + picture
    )  # fmt: skip


def test_times_between_two_milliseconds_are_rounded_as_in_the_part(
    make_media: MakeMedia, tmp_path: Path
) -> None:
    """TESTSRC H264 -bf 0, 16 ticks per ms; a changed table moves all times by half a ms."""
    scale = ("-video_track_timescale", "16000")
    source = make_media("halves.mp4", *TESTSRC, *H264, "-bf", "0", "-g", "10", *scale)
    frames = read_frames(source)
    halves = np.arange(len(frames.pts), dtype=np.int64) * 656 + 8
    moved = replace(frames, pts=halves, dts=halves)
    assert moved.time_base == Fraction(1, 16000)
    runs = (Run(0, 0, len(halves), len(halves)),)
    plan = SplicePlan(open_media(source), probe_video(source), moved, runs, None, RenderOptions())
    reencode._write_part(plan, tmp_path / "part.mkv")
    with av.open(str(tmp_path / "part.mkv")) as container:
        packets = [p for p in container.demux(video=0) if p.pts is not None]
        written = [float((p.pts or 0) * p.time_base) for p in packets]
    edges = list(reencode._edges(plan, [(n, n + 1) for n in range(len(halves))]))
    assert len(written) == len(edges) == 100
    for time, (first, end, _) in zip(written, edges, strict=True):
        assert first == pytest.approx(time - 10 - 0.0005, abs=1e-6)
        assert end == pytest.approx(time - 10 + 0.0005, abs=1e-6)


def test_invalid_records_are_not_parsed(make_media: MakeMedia) -> None:
    record = probe_video(make_media("r.mp4", *TESTSRC, *H264)).extradata
    sets = read_record(record)
    assert sets is not None
    assert (sets.length_bytes, sets.has_fields, sets.ids) == (4, False, frozenset((0,)))
    twice = read_record(join_records(record, sets))
    assert twice is not None
    assert twice.sequence == sets.sequence * 2
    for broken in (None, b"", b"\0\0\0\1" + record[8:], record[:9], record[:6] + b"\xff\xff"):
        assert read_record(broken) is None
