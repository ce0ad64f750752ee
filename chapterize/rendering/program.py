"""The ffmpeg that makes videos and the H.264 encoder it uses.

Not every build of ffmpeg draws titles, encodes H.264, or is new enough, and not every encoder that
it lists works on this machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chapterize.children import output_of
from chapterize.errors import ToolError
from chapterize.ffmpeg import chosen_ffmpeg, ffmpeg_programs, read_blocks

__all__ = [
    "DRAWS_TITLES",
    "ENCODES",
    "MAKES_VIDEO",
    "SOFTWARE",
    "Encoder",
    "OnFraction",
    "find_program",
    "part_of",
    "pick_encoder",
    "run_with_progress",
]

DRAWS_TITLES = "libass, which draws titles"
ENCODES = "x264, which encodes video"
_KEEPS_TIMES = "-fps_mode, which ffmpeg has since 5.1"
MAKES_VIDEO = (DRAWS_TITLES, ENCODES, _KEEPS_TIMES)
"""What a program needs to make a whole video."""

# Lines of ``ffmpeg -h full`` that only a build with the feature prints start with these.
_SIGNS = {DRAWS_TITLES: "ass AVOptions:", ENCODES: "libx264 AVOptions:", _KEEPS_TIMES: "-fps_mode"}
_TIMEOUT = 20
_RENDER_NODE = Path("/dev/dri/renderD128")

OnFraction = Callable[[float], None]
"""Called with the fraction, in [0, 1], of one step that is done; the fraction never falls."""


def find_program(*needs: str) -> str:
    """Return the first ffmpeg that has all of `needs`, `MAKES_VIDEO` by default.

    A system ffmpeg that lacks one is skipped; the one that CHAPTERIZE_FFMPEG names is never
    skipped.

    Raises
    ------
    ToolError : there is none. The error names what the first one lacks.
    """
    faults = {}
    for program in ffmpeg_programs():
        faults[program] = _fault(program, needs or MAKES_VIDEO)
        if not faults[program]:
            return program
    program, fault = next(iter(faults.items()))
    raise ToolError(
        f"{program} cannot make videos with titles",
        command=(program,),
        tail=fault,
        hint="unset CHAPTERIZE_FFMPEG, or set it to a full build of ffmpeg"
        if chosen_ffmpeg()
        else "install a full build: pip install imageio-ffmpeg",
    )


def _fault(program: str, needs: tuple[str, ...]) -> str:
    """Why `program` cannot be used; empty when it can."""
    features = _features(program)
    if features is None:
        return "it does not start, or is not ffmpeg"
    missing = [need for need in needs if need not in features]
    return f"it lacks {'; and '.join(missing)}" if missing else ""


@cache  # 0.05 s per call, and a render needs the answer five times
def _features(program: str) -> frozenset[str] | None:
    """Those of `_SIGNS` that `program` has; None when it cannot be run."""
    help_text = _output(program, "-h", "full")
    if help_text is None:
        return None
    lines = help_text.splitlines()
    return frozenset(
        need for need, sign in _SIGNS.items() if any(line.startswith(sign) for line in lines)
    )


def _output(program: str, *arguments: str) -> str | None:
    """What ffmpeg prints to stdout; None when it fails or times out."""
    command = [program, "-hide_banner", "-nostdin", "-loglevel", "error", *arguments]
    return output_of(command, seconds=_TIMEOUT)


@dataclass(frozen=True)
class Encoder:
    """An encoder of ffmpeg for yuv420p frames: its name and its options.

    `device` holds options before the first input, `upload` the filters that move frames to the
    device.
    """

    name: str
    quality: tuple[tuple[str, Any], ...] = ()
    device: tuple[tuple[str, str], ...] = ()
    upload: tuple[tuple[str, str], ...] = ()

    @property
    def is_hardware(self) -> bool:
        """Whether it is not x264, which takes `preset` and `crf`."""
        return self.name != "libx264"


SOFTWARE = Encoder("libx264")
# Chapters start at forced keyframes, so these must be IDR frames; some encoders need an option for
# that. Each mode holds the quality, not the bit rate; a device without that mode fails the trial.
_HARDWARE = (
    Encoder(
        "h264_nvenc", (("preset", "p5"), ("rc", "vbr"), ("cq", 20), ("b:v", 0), ("forced-idr", 1))
    ),
    Encoder("h264_videotoolbox", (("q:v", 65), ("profile:v", "high"), ("allow_sw", 0))),
    Encoder("h264_qsv", (("preset", "medium"), ("global_quality", 20), ("forced_idr", 1))),
    Encoder(
        "h264_vaapi",
        # Without an explicit mode, a driver without CQP picks a low bit rate.
        (("rc_mode", "CQP"), ("qp", 20)),
        device=(("vaapi_device", str(_RENDER_NODE)),),
        upload=(("format", "nv12"), ("hwupload", "")),
    ),
)


def pick_encoder(*, hardware: bool = True) -> Encoder:
    """Return the first hardware encoder that encodes a few frames on this machine, else x264."""
    program = find_program()
    words = (_output(program, "-encoders") or "").split() if hardware else ()
    for encoder in _HARDWARE:
        if encoder.name in words and _works(program, encoder):
            return encoder
    return SOFTWARE


def _works(program: str, encoder: Encoder) -> bool:
    if encoder.device and not _RENDER_NODE.exists():
        return False
    filters = ",".join(
        f"{name}={value}" if value else name
        for name, value in encoder.upload or (("format", "yuv420p"),)
    )
    quality = [part for name, value in encoder.quality for part in (f"-{name}", str(value))]
    device = [part for name, value in encoder.device for part in (f"-{name}", value)]
    progress = _output(
        program,
        *device,
        *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-frames:v", "5"),
        *("-vf", filters, "-c:v", encoder.name, *quality),
        *("-f", "null", "-progress", "pipe:1", "-"),
    )
    return "frame=5" in (progress or "").replace(" ", "")


def part_of(report: OnFraction, low: float, high: float) -> OnFraction:
    """Return a callback for one step, whose progress runs from `low` to `high` of the whole."""
    return lambda done: report(low + (high - low) * min(1.0, max(0.0, done)))


def run_with_progress(
    node: Any,
    report: OnFraction,
    total: float,
    *,
    what: str,
    counter: str = "frame",
    needs: tuple[str, ...] = (),
) -> None:
    """Run an ffmpeg-python output node that has the option ``progress="pipe:1"``.

    `counter` names the line of the progress report that counts up to `total`: ``frame``, or
    ``out_time_us`` in microseconds. `needs` are those of `find_program`.

    Raises
    ------
    ToolError : ffmpeg could not start or exited with a code other than 0.
    """
    rest, done = "", 0
    for block in read_blocks(node, 128, what=what, program=find_program(*needs)):
        *lines, rest = (rest + block.decode("ascii", "replace")).split("\n")
        for line in lines:
            name, _, value = line.strip().partition("=")
            if name == counter and value.strip().isdigit() and int(value) > done:
                done = int(value)
                report(min(1.0, done / max(1, total)))
    report(1.0)
