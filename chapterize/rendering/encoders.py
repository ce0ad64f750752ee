"""Which H.264 encoder makes a whole video: one in hardware that really works here, else x264."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chapterize.rendering.program import MAKES_VIDEO, find_program

__all__ = ["SOFTWARE", "Encoder", "pick_encoder"]

_TRIAL_SECONDS = 20
_RENDER_NODE = Path("/dev/dri/renderD128")


@dataclass(frozen=True)
class Encoder:
    """An encoder of ffmpeg's for pictures in yuv420p: its name, its options, and what it needs.

    `device` are options before the first input, `upload` the filters that bring pictures to it.
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
# Where a forced key picture need not be one to begin at, it is asked for: chapters begin there.
# Each mode keeps the quality, not the rate, and a device without that mode fails the trial.
_HARDWARE = (
    Encoder(
        "h264_nvenc", (("preset", "p5"), ("rc", "vbr"), ("cq", 20), ("b:v", 0), ("forced-idr", 1))
    ),
    Encoder("h264_videotoolbox", (("q:v", 65), ("profile:v", "high"), ("allow_sw", 0))),
    Encoder("h264_qsv", (("preset", "medium"), ("global_quality", 20), ("forced_idr", 1))),
    Encoder(
        "h264_vaapi",
        # Left to itself it would take a mode of some low rate where the driver knows no CQP.
        (("rc_mode", "CQP"), ("qp", 20)),
        device=(("vaapi_device", str(_RENDER_NODE)),),
        upload=(("format", "nv12"), ("hwupload", "")),
    ),
)


@cache
def pick_encoder(*, hardware: bool = True) -> Encoder:
    """The first hardware encoder that encodes a few pictures here and now, else x264.

    That a program lists an encoder says nothing about the machine, so each is tried; the answer
    holds for the process.
    """
    if hardware:
        listed = _listed()
        for encoder in _HARDWARE:
            if encoder.name in listed and _works(encoder):
                return encoder
    return SOFTWARE


def _listed() -> set[str]:
    words = _run("-encoders").split()
    return {word for word in words if word.startswith("h264_")}


def _works(encoder: Encoder) -> bool:
    if encoder.device and not _RENDER_NODE.exists():
        return False
    filters = ",".join(
        f"{name}={value}" if value else name
        for name, value in encoder.upload or (("format", "yuv420p"),)
    )
    quality = [part for name, value in encoder.quality for part in (f"-{name}", str(value))]
    device = [part for name, value in encoder.device for part in (f"-{name}", value)]
    return "frame=5" in _run(
        *device,
        *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-frames:v", "5"),
        *("-vf", filters, "-c:v", encoder.name, *quality),
        *("-f", "null", "-progress", "pipe:1", "-"),
    ).replace(" ", "")


def _run(*arguments: str) -> str:
    """What ffmpeg says to stdout; nothing when it fails or does not come back."""
    program = find_program(*MAKES_VIDEO)
    command = [program, "-hide_banner", "-nostdin", "-loglevel", "error", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TRIAL_SECONDS, check=True)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")
