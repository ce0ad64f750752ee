"""Stretches of video that show one slide, and the time at which each slide is complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from chapterize.data import SlideKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Thumbnail = NDArray[np.int16]
    Mask = NDArray[np.bool_]

__all__ = ["Looks", "Stretch", "StretchOptions", "find_stretches"]

_KEEP_EVERY = 2.0  # minimum seconds between two thumbnails kept: bounds the memory for moving video
_SUBTITLES = 65  # first row of a thumbnail in which subtitles are burnt in


@dataclass(frozen=True)
class StretchOptions:
    """What counts as a slide, and as the same slide. All shares are of the pixels of a thumbnail.

    A pixel is flat if its neighbours differ by at most one grey level; moving video with less than
    `flat_share` of them is that of a camera (measured: slides 0.81 to 0.99). Two thumbnails show
    the same slide if at most `same_share` of the pixels differ by more than `same_step` of 255. A
    slide was added to, not replaced, if at most `lost_share` changed by more than `added_step`
    where it had anything but background, and at most `added_share` in all. A pixel of a camera
    inset differs in `moving_share` of the pairs of neighbouring thumbnails. Stretches shorter than
    `min_length` seconds are transitions; `longest_transition` seconds of them belong to the next
    slide. At most `most` slides are to be read.
    """

    flat_share: float = 0.3
    same_step: int = 10
    same_share: float = 0.003
    added_step: int = 25
    added_share: float = 0.4
    lost_share: float = 0.0025
    moving_share: float = 0.25
    min_length: float = 1.5
    longest_transition: float = 3.0
    most: int = 200


@dataclass(frozen=True)
class Stretch:
    """A stretch of video between two changes, in seconds.

    `kind` : ``camera`` if it never stays still, though a slide may contain a camera inset.
    `settled` : time of the last frame that shows it complete; None if there is nothing to read.
    `same` : index of the first stretch that shows the same slide, often its own.
    """

    start: float
    end: float
    kind: SlideKind
    settled: float | None
    same: int


@dataclass
class _Look:
    """Thumbnails that do not differ, from `time` until `until`; None if they are not needed."""

    time: float
    until: float
    flat: float
    thumbnail: NDArray[np.uint8] | None


class Looks:
    """The thumbnails of one video, collected while slide changes are searched."""

    def __init__(self, options: StretchOptions | None = None) -> None:
        self.options = options or StretchOptions()
        self.found: list[_Look] = []
        self._last: Thumbnail | None = None

    def add(self, time: float, thumbnail: Thumbnail) -> None:
        """Add the grey levels of a frame, int16 in [0, 255], shape (90, 160); times ascend."""
        options, before = self.options, self._last
        self._last = thumbnail
        if before is not None and _share(before, thumbnail, options.same_step) < options.same_share:
            self.found[-1].until = time
            return
        flat = float(np.mean(_contrast(thumbnail) <= 1))
        look = _Look(time, time, flat, thumbnail.astype(np.uint8))
        if self.found:
            last = self.found[-1]
            is_moving = last.until == last.time
            if is_moving and max(last.flat, flat) < options.flat_share:
                last.thumbnail = None
            elif is_moving and last.thumbnail is not None and time - last.time < _KEEP_EVERY:
                self.found.pop()
        self.found.append(look)


def find_stretches(changes: Sequence[float], looks: Looks, duration: float) -> tuple[Stretch, ...]:
    """The stretches between `changes`, in order, with the builds of one slide as one stretch.

    `changes` are times of slide changes in (0, duration), in ascending order, `looks` the
    thumbnails of the same video. Nothing is decoded. Stretches of a single colour, and changes
    that follow one another faster than anyone can read, are left out.
    """
    options = looks.options
    groups: list[_Group] = []
    edges = [0.0, *changes, duration]
    moving = _moving(edges, looks)
    edges = sorted({*edges, *_replaced(looks, edges, moving)})
    since = None  # start of the transition into the next slide
    for start, end in pairwise(edges):
        if end - start < options.min_length and end < duration:
            since = start if since is None else since
            continue
        begins = start
        if since is not None and start - since <= options.longest_transition:
            begins = since
        since = None
        group = _group(begins, start, end, looks)
        if group is None:
            continue
        is_next = bool(groups) and groups[-1].end == group.start
        if is_next and groups[-1].is_built_by(group, moving, options):
            group.start = groups[-1].start
            groups.pop()
        groups.append(group)
    return _bounded(_numbered(groups, moving, options), options.most)


def _bounded(stretches: list[Stretch], most: int) -> tuple[Stretch, ...]:
    """`stretches`; only the `most` slides that are shown longest are to be read."""
    seconds: dict[int, float] = {}
    for each in stretches:
        if each.settled is not None:
            seconds[each.same] = seconds.get(each.same, 0.0) + each.end - each.start
    chosen = set(sorted(seconds, key=lambda same: -seconds[same])[:most])
    return tuple(each if each.same in chosen else replace(each, settled=None) for each in stretches)


@dataclass
class _Group:
    """A stretch in the making; `thumbnail` is that of its settled frame, if there is one."""

    start: float
    end: float
    settled: float | None
    thumbnail: Thumbnail | None
    is_still: bool = True

    def is_built_by(self, after: _Group, moving: Mask, options: StretchOptions) -> bool:
        """Whether the slide is still complete in `after`, with something added."""
        if self.thumbnail is None or after.thumbnail is None:
            return False
        changed = np.abs(after.thumbnail - self.thumbnail) > options.added_step
        changed &= ~moving
        usual = np.bincount(self.thumbnail.ravel(), minlength=256).argmax()
        is_drawn = _contrast(self.thumbnail) > options.same_step
        is_drawn |= np.abs(self.thumbnail - usual) > options.added_step
        lost = changed & is_drawn
        return bool(changed.mean() <= options.added_share and lost.mean() <= options.lost_share)

    def is_same(self, other: _Group, moving: Mask, options: StretchOptions) -> bool:
        """Whether both show the same slide."""
        if self.thumbnail is None or other.thumbnail is None:
            return False
        changed = np.abs(self.thumbnail - other.thumbnail) > options.same_step
        return bool((changed & ~moving).mean() < options.same_share)


def _group(begins: float, start: float, end: float, looks: Looks) -> _Group | None:
    """The stretch from `begins` to `end`, whose slide is complete at some time after `start`.

    None if it has a single colour.
    """
    inside = [look for look in looks.found if start - 0.05 <= look.time < end - 0.05]
    if not inside:
        # No frame between two keyframes was compared: it is decoded where it has long settled.
        return _Group(begins, end, start + 0.75 * (end - start), None)
    is_still = len(inside) == 1 or any(look.until > look.time for look in inside)
    flats = sorted(look.flat for look in inside)
    flat = flats[len(flats) // 2]
    if flat < looks.options.flat_share and not any(look.until > look.time for look in inside):
        return _Group(begins, end, None, None, is_still=False)
    kept = [look for look in inside if look.thumbnail is not None]
    # A frame that is not shown again may be part of the transition to the next slide.
    last = next((look for look in reversed(kept) if look.until > look.time), kept[-1])
    if last.thumbnail is None or np.ptp(last.thumbnail) < looks.options.same_step:
        return None
    settled = last.until if last.until < end - 0.05 else last.time
    return _Group(begins, end, settled, last.thumbnail.astype(np.int16), is_still)


def _numbered(groups: list[_Group], moving: Mask, options: StretchOptions) -> list[Stretch]:
    stretches: list[Stretch] = []
    firsts: list[int] = []
    for index, group in enumerate(groups):
        same = next((i for i in firsts if groups[i].is_same(group, moving, options)), index)
        if same == index:
            firsts.append(index)
        kind: SlideKind = "slide" if group.is_still else "camera"
        stretches.append(Stretch(group.start, group.end, kind, group.settled, same))
    return stretches


def _moving(edges: Sequence[float], looks: Looks) -> Mask:
    """The pixels that move within slides: those of a camera inset, and of burnt-in subtitles."""
    options, marks = looks.options, np.array(edges)
    n_changed, n_pairs = np.zeros((90, 160), np.int32), 0
    n_lines, n_all = 0, 0
    for before, after in pairwise(looks.found):
        if before.thumbnail is None or after.thumbnail is None:
            continue
        changed = np.abs(after.thumbnail.astype(np.int16) - before.thumbnail) > options.same_step
        n_all += 1
        n_lines += bool(changed[_SUBTITLES:].any() and changed[:_SUBTITLES].mean() < 0.001)
        if np.searchsorted(marks, before.time + 0.05) == np.searchsorted(marks, after.time + 0.05):
            n_changed += changed
            n_pairs += 1
    moving = n_changed > options.moving_share * max(n_pairs, 8)
    # Around a moving pixel others move, less often.
    spread = moving.copy()
    for axis in (0, 1):
        for shift in (-1, 1):
            spread |= np.roll(moving, shift, axis)
    if n_lines >= max(8, 0.5 * n_all):
        spread[_SUBTITLES:] = True
    return spread


def _replaced(looks: Looks, edges: Sequence[float], moving: Mask) -> list[float]:
    """Times at which a slide was replaced by a similar one, so that nothing was found between.

    They are only known to lie between two keyframes.
    """
    options, times = looks.options, []
    still = [look for look in looks.found if look.until > look.time and look.thumbnail is not None]
    groups = [_Group(look.time, look.until, look.until, _grey(look)) for look in still]
    for before, after in pairwise(groups):
        is_known = any(before.end < edge <= after.start for edge in edges)
        if is_known or before.is_same(after, moving, options):
            continue
        if not before.is_built_by(after, moving, options):
            times.append((before.end + after.start) / 2)
    return times


def _grey(look: _Look) -> Thumbnail | None:
    return None if look.thumbnail is None else look.thumbnail.astype(np.int16)


def _share(before: Thumbnail, after: Thumbnail, step: int) -> float:
    return float(np.mean(np.abs(after - before) > step))


def _contrast(thumbnail: Thumbnail) -> Thumbnail:
    """The largest difference of each pixel from the one to its right, and the one below it."""
    across = np.abs(np.diff(thumbnail, axis=1, append=thumbnail[:, -1:]))
    down = np.abs(np.diff(thumbnail, axis=0, append=thumbnail[-1:]))
    larger: Thumbnail = np.maximum(across, down)
    return larger
