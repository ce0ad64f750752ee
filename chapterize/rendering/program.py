"""Which ffmpeg makes pictures: not every build draws titles, encodes H.264, or is new enough."""

from __future__ import annotations

import subprocess
from functools import cache

from chapterize.errors import ToolError
from chapterize.ffmpeg import chosen_ffmpeg, ffmpeg_programs

__all__ = ["DRAWS_TITLES", "ENCODES", "MAKES_VIDEO", "find_program"]

DRAWS_TITLES = "libass, which draws titles"
ENCODES = "x264, which encodes pictures"
_KEEPS_TIMES = "-fps_mode, which ffmpeg has from 5.1 on"
MAKES_VIDEO = (DRAWS_TITLES, ENCODES, _KEEPS_TIMES)
"""What a program must have for `find_program` to make a whole video with it."""

# How lines of ``ffmpeg -h full`` begin that only a build with it prints.
_SIGNS = {
    DRAWS_TITLES: "ass AVOptions:",
    ENCODES: "libx264 AVOptions:",
    _KEEPS_TIMES: "-fps_mode",
}
_SECONDS = 20


@cache
def find_program(*needs: str) -> str:
    """The first ffmpeg that has all of `needs`; the system's is passed over where it has not.

    Each is asked once a process, which takes a tenth of a second; what CHAPTERIZE_FFMPEG names is
    never passed over.

    Raises
    ------
    ToolError : there is none; it tells what the first one lacks.
    """
    faults = {}
    for program in ffmpeg_programs():
        faults[program] = _fault(program, needs)
        if not faults[program]:
            return program
    program, fault = next(iter(faults.items()))
    raise ToolError(
        f"titles and videos cannot be made with {program}",
        command=(program,),
        tail=fault,
        hint="unset CHAPTERIZE_FFMPEG, or let it name a full build of ffmpeg"
        if chosen_ffmpeg()
        else "install one that can: pip install imageio-ffmpeg",
    )


def _fault(program: str, needs: tuple[str, ...]) -> str:
    """What stands against `program`; empty when nothing does."""
    abilities = _abilities(program)
    if abilities is None:
        return "it does not start, or is no ffmpeg"
    lacking = [need for need in needs if need not in abilities]
    return f"it lacks {'; and '.join(lacking)}" if lacking else ""


@cache
def _abilities(program: str) -> frozenset[str] | None:
    """Those of `_SIGNS` that `program` has; None when it says nothing."""
    command = [program, "-hide_banner", "-nostdin", "-loglevel", "error", "-h", "full"]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_SECONDS, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return frozenset(
        need for need, sign in _SIGNS.items() if any(line.startswith(sign) for line in lines)
    )
