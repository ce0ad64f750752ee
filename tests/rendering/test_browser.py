"""A spliced video in a real browser: played over every seam, and sought to both sides of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.media import open_media
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.video import Overlay, RenderJob, render_video
from tests.needs import missing
from tests.rendering.browser import find_browser, watch
from tests.rendering.sources import SOURCES, SPANS, make_source, write_overlay

pytestmark = pytest.mark.slow

NAMES = (
    *("b-frames.mp4", "no-b-frames.mp4", "main-refs.mkv"),
    *("what-follows.mp4", "what-follows.mkv", "what-follows-main.mp4", "what-follows-baseline.mov"),
)
FRAME = 1 / 25
SIZE = (120, 160)


def decoded(path: Path) -> list[Any]:
    """The green channel of every frame, in order."""
    with av.open(str(path)) as container:
        return [f.to_ndarray(format="rgb24")[..., 1].astype(int) for f in container.decode(video=0)]


def seams(before: Path, after: Path) -> list[int]:
    """The frames, in order, at which encoded ones follow copied ones or the other way round."""

    def contents(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            packets = [p for p in container.demux(video=0) if p.size and p.pts is not None]
            return [bytes(p) for p in sorted(packets, key=lambda packet: packet.pts or 0)]

    pairs = zip(contents(before), contents(after), strict=True)
    is_new = [one != other for one, other in pairs]
    return [n for n in range(1, len(is_new)) if is_new[n] != is_new[n - 1]]


def distance(one: Any, other: Any) -> float:
    return float(np.abs(one.astype(int) - other).mean())


@pytest.mark.skipif(find_browser() is None, reason=missing("Chromium"))
@pytest.mark.parametrize("name", NAMES)
def test_a_browser_shows_every_frame_of_a_spliced_video(name: str, tmp_path: Path) -> None:
    source = make_source(next(s for s in SOURCES if s.name == name), tmp_path)
    media, target = open_media(source), tmp_path / "made.mp4"
    chapters = Chapters.from_starts([0, 2.6], ["One", "Two"], media.duration)
    overlay = write_overlay(tmp_path / "overlay.ass")
    made = render_video(
        RenderJob(media, chapters, RenderOptions(hardware=False)), Overlay(overlay, SPANS), target
    )
    assert made.how == "splice"
    cuts = seams(source, target)
    assert len(cuts) == 4
    before, after = decoded(source), decoded(target)
    wanted = [at + by for at in cuts for by in (-2, 1, -1, 0)]
    times = [(frame + 0.5) * FRAME for frame in wanted]
    seen = watch(target, times, tmp_path / "profile", SIZE)
    assert (seen.fault, seen.n_corrupted) == ("", 0)
    assert seen.duration == pytest.approx(media.duration, abs=0.03)
    assert [round(time / FRAME) for time, _ in seen.sought] == wanted
    shown = [round(time / FRAME) for time, _ in seen.played]
    assert shown == sorted(set(shown))
    # A busy machine drops frames; those that it shows must be right.
    assert len(shown) > 50
    for time, image in (*seen.sought, *seen.played):
        frame = round(time / FRAME)
        # A canvas may be drawn when the next frame has already arrived.
        near = after[frame : frame + 2]
        assert min(distance(image, other) for other in near) < 2, f"frame {frame}"
        has_title = any(begin - 0.001 <= time < end - FRAME for begin, end in SPANS)
        is_far = distance(image, before[frame]) > 2 * distance(image, after[frame]) + 3
        assert is_far or not has_title, f"no title in frame {frame}"
