"""Stretches of slides in thumbnails."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from chapterize.media import open_media
from chapterize.signals import find_slides
from chapterize.slides import Looks, Stretch, StretchOptions, find_stretches

Thumbnail = NDArray[np.int16]
Scene = tuple[float, Thumbnail]
"""Seconds, and what they show."""


def slide(*boxes: tuple[int, int, int, int]) -> Thumbnail:
    """A white slide with dark bars: first row, last row, first column, last column."""
    thumbnail = np.full((90, 160), 255, np.int16)
    for top, bottom, left, right in boxes:
        thumbnail[top:bottom, left:right] = 40
    return thumbnail


HEADING, OTHER = (6, 14, 10, 90), (6, 14, 30, 150)
BULLETS = [(24 + 10 * n, 28 + 10 * n, 14, 110) for n in range(5)]
ROPES, BOATS = slide(HEADING, *BULLETS[:2]), slide(OTHER, *BULLETS[2:4])


def camera(seed: int) -> Thumbnail:
    """Noise as in a dark room: nothing is flat, everything moves."""
    return np.random.default_rng(seed).integers(20, 120, (90, 160)).astype(np.int16)


def inset(thumbnail: Thumbnail, seed: int) -> Thumbnail:
    """A slide with a camera in its lower right corner."""
    shown = thumbnail.copy()
    shown[65:, 120:] = camera(seed)[65:, 120:]
    return shown


def stretches(
    *scenes: Scene, every: float = 2.0, options: StretchOptions | None = None
) -> tuple[Stretch, ...]:
    """The stretches of `scenes`, one after the other, with a keyframe at each start."""
    looks, start, starts = Looks(options), 0.0, [0.0]
    for seconds, thumbnail in scenes:
        for time in np.arange(start, start + seconds, every):
            looks.add(float(time), thumbnail)
        start += seconds
        starts.append(start)
    changes = [
        time
        for time, ((_, before), (_, after)) in zip(starts[1:], pairwise(scenes), strict=False)
        if np.mean(np.abs(before - after) > 25) >= 0.01
    ]
    return find_stretches(changes, looks, start)


def spans(found: tuple[Stretch, ...]) -> list[tuple[float, float]]:
    return [(each.start, each.end) for each in found]


def test_every_slide_is_a_stretch() -> None:
    found = stretches((20, ROPES), (30, BOATS))
    assert spans(found) == [(0.0, 20.0), (20.0, 50.0)]
    assert [each.kind for each in found] == ["slide", "slide"]
    assert [each.settled for each in found] == [18.0, 48.0]


def test_builds_are_one_stretch_read_at_its_end() -> None:
    steps = [slide(HEADING, *BULLETS[:n]) for n in range(1, 6)]
    found = stretches(*((10, step) for step in steps), (10, BOATS))
    assert spans(found) == [(0.0, 50.0), (50.0, 60.0)]
    assert found[0].settled == 48.0


def test_another_heading_above_more_text_is_no_build() -> None:
    found = stretches((10, slide(HEADING)), (10, slide(OTHER, *BULLETS)))
    assert len(found) == 2


def test_a_slide_shown_again_is_recognised() -> None:
    found = stretches((20, ROPES), (20, BOATS), (20, ROPES), (20, BOATS))
    assert [each.same for each in found] == [0, 1, 0, 1]


def test_a_slide_replaced_by_a_similar_one_is_another() -> None:
    # Too little changes for a slide change.
    similar = slide(HEADING, *BULLETS[:2])
    similar[24:28, 100:110], similar[34:38, 90:110] = 255, 255
    found = stretches((20, ROPES), (20, similar))
    assert np.mean(np.abs(ROPES - similar) > 25) < 0.01
    assert spans(found) == [(0.0, 19.0), (19.0, 40.0)]


def test_a_transition_belongs_to_the_slide_after_it() -> None:
    grey = np.full((90, 160), 128, np.int16)
    grey[:, 80:] = 60
    found = stretches((20, ROPES), (1, grey), (20, BOATS), every=0.5)
    assert spans(found) == [(0.0, 20.0), (20.0, 41.0)]


def test_a_camera_is_not_read() -> None:
    found = stretches(*((2, camera(n)) for n in range(20)), (20, ROPES))
    assert [(each.kind, each.settled) for each in found][-1] == ("slide", 58.0)
    assert {(each.kind, each.settled) for each in found[:-1]} == {("camera", None)}


def test_a_photograph_that_stays_still_is_a_slide() -> None:
    found = stretches((20, ROPES), (20, camera(1)), (20, BOATS))
    assert [(each.kind, each.settled) for each in found][1] == ("slide", 38.0)


def test_a_camera_inset_does_not_hide_the_slide() -> None:
    scenes = [
        (2.0, inset(page, 10 * n + i))
        for n, page in enumerate((ROPES, BOATS, ROPES))
        for i in range(10)
    ]
    looks = Looks()
    for n, (_, thumbnail) in enumerate(scenes):
        looks.add(2.0 * n, thumbnail)
    found = find_stretches([20.0, 40.0], looks, 60.0)
    assert spans(found) == [(0.0, 20.0), (20.0, 40.0), (40.0, 60.0)]
    assert [each.same for each in found] == [0, 1, 0]
    assert all(each.settled is not None for each in found)


def test_a_single_colour_is_no_stretch() -> None:
    black = np.zeros((90, 160), np.int16)
    assert spans(stretches((10, black), (20, ROPES), (10, black))) == [(10.0, 30.0)]
    assert stretches((10, black)) == ()


def test_a_stretch_between_two_keyframes_is_read() -> None:
    looks = Looks()
    for time, thumbnail in ((0.0, ROPES), (10.0, ROPES), (20.0, BOATS), (30.0, BOATS)):
        looks.add(time, thumbnail)
    found = find_stretches([12.0, 16.0], looks, 40.0)
    assert spans(found) == [(0.0, 12.0), (12.0, 16.0), (16.0, 40.0)]
    assert found[1].settled == pytest.approx(15.0)


def test_no_looks_give_no_error() -> None:
    (found,) = find_stretches([], Looks(), 10.0)
    assert (found.start, found.end, found.same) == (0.0, 10.0, 0)


def test_subtitles_burnt_into_a_slide_are_no_changes() -> None:
    rng = np.random.default_rng(1)
    lines = []
    for _ in range(20):
        line = ROPES.copy()
        line[78:84, 20:140] = np.repeat(rng.integers(0, 2, 30) * 255, 4)
        lines.append(line)
    found = stretches(*((4, line) for line in lines), every=1.0)
    assert spans(found) == [(0.0, 80.0)]


def test_only_the_longest_of_many_slides_are_read() -> None:
    options = StretchOptions(most=20)
    rng = np.random.default_rng(7)
    pages = [
        slide(HEADING, *((int(y), int(y) + 3, 10, int(x)) for x, y in rng.integers(30, 80, (4, 2))))
        for _ in range(60)
    ]
    found = stretches(*((4 + n % 10, page) for n, page in enumerate(pages)), options=options)
    assert len(found) > 40
    read = [each for each in found if each.settled is not None]
    assert len({each.same for each in read}) == 20
    shortest = min(each.end - each.start for each in read)
    assert all(each.end - each.start <= shortest for each in found if each.settled is None)


def test_a_thousand_changes_faster_than_reading_are_no_slides() -> None:
    flicker = [(1.0, ROPES if n % 2 else BOATS) for n in range(1000)]
    found = stretches(*flicker, (20, BOATS), every=0.5)
    assert spans(found) == [(1000.0, 1020.0)]


def test_moving_video_takes_bounded_memory() -> None:
    looks = Looks()
    for n in range(2000):
        looks.add(0.5 * n, inset(ROPES, n))
    assert sum(look.thumbnail is not None for look in looks.found) <= 510


def test_the_sample_lecture_has_thirteen_slides() -> None:
    looks = Looks()
    media = open_media(Path(__file__).parents[1] / "data" / "lecture.mp4")
    found = find_stretches(find_slides(media, on_look=looks.add), looks, media.duration)
    assert [each.same for each in found] == list(range(13))
    assert {each.kind for each in found} == {"slide"}
