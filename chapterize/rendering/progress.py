"""Running ffmpeg while telling how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chapterize.ffmpeg import read_blocks
from chapterize.rendering.program import MAKES_VIDEO, find_program

__all__ = ["OnFraction", "part_of", "run_with_progress"]

OnFraction = Callable[[float], None]
"""Told what fraction, in [0, 1], of one piece of work is done; never falls."""


def part_of(report: OnFraction, low: float, high: float) -> OnFraction:
    """A listener for one piece of a work, which takes it from `low` to `high`."""
    return lambda done: report(low + (high - low) * min(1.0, max(0.0, done)))


def run_with_progress(node: Any, report: OnFraction, n_pictures: int, *, what: str) -> None:
    """Run an ffmpeg-python output node that has ``progress="pipe:1"`` among its options.

    Raises
    ------
    ToolError : ffmpeg could not start or left with another code than 0.
    """
    rest, done = "", 0
    for block in read_blocks(node, 128, what=what, program=find_program(*MAKES_VIDEO)):
        *lines, rest = (rest + block.decode("ascii", "replace")).split("\n")
        for line in lines:
            name, _, value = line.strip().partition("=")
            if name == "frame" and value.strip().isdigit() and int(value) > done:
                done = int(value)
                report(min(1.0, done / max(1, n_pictures)))
    report(1.0)
