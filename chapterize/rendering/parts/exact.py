"""Make a keyframe of the first frame of every chapter, so that parts can be copied exactly.

Only the frames from there to the next keyframe are encoded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chapterize.data import Media
from chapterize.errors import ToolError
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.program import OnFraction
from chapterize.rendering.splice.groups import plan_runs, read_frames
from chapterize.rendering.splice.joining import splice, splice_obstacle
from chapterize.rendering.splice.reencode import SpliceFailed, SplicePlan
from chapterize.rendering.streams import probe_video
from chapterize.rendering.verify import verify_frames, verify_splice

__all__ = ["encode_edges"]

_LARGEST = "2160p"
_MOMENT = 0.001  # seconds; less than a frame


def encode_edges(
    media: Media, firsts: Sequence[int], folder: Path, report: OnFraction
) -> tuple[Path | None, str]:
    """Write the video alone, on the player's clock; `firsts` become keyframes.

    They are numbers of its packets in decoding order.

    Returns
    -------
    (file in `folder`, or None where nothing has to be encoded or the edges cannot be; why not)
    """
    table, video = read_frames(media.path), probe_video(media.path)
    options = RenderOptions(size=_LARGEST)
    reason = splice_obstacle(media, video, table, options)
    if reason:
        return None, reason
    times = table.pts[[n for n in firsts if not table.is_start[n]]]
    seconds = times * float(table.time_base) - media.origin
    spans = [(second, second + _MOMENT) for second in seconds.tolist()]
    # What follows a title may have a lower quality than it; here that would be seen.
    runs = tuple(replace(run, tail=run.stop) for run in plan_runs(table, spans, media.origin))
    if not runs:
        return None, ""
    made = folder / "edges.mp4"
    plan = SplicePlan(media, video, table, runs, None, options, tuple(times.tolist()))
    try:
        splice(plan, folder, made, report)
    except (SpliceFailed, ToolError) as error:
        return None, str(error)
    fault = verify_splice(media, table, runs, made) or verify_frames(media, table, runs, (), made)
    return (None, fault) if fault else (made, "")
