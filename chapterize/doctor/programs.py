"""Python, ffmpeg, fonts and optional packages."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path

from chapterize._version import __version__
from chapterize.doctor.check import Check, ok, problem, warning
from chapterize.errors import InputError, MissingDependency, ToolError
from chapterize.ffmpeg import chosen_ffmpeg, ffmpeg_programs

__all__ = [
    "check_emoji",
    "check_ffmpeg",
    "check_fonts",
    "check_package",
    "check_packages",
    "check_python",
    "check_version",
]

_OLDEST_PYTHON = (3, 11)
_REQUIRED = ("numpy", "av", "tokenizers", "faster_whisper")
_SECONDS = 5.0
_EMOJI = "\N{GRINNING FACE}"


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """Return whether Python is new enough."""
    shown = ".".join(map(str, version))
    if version < _OLDEST_PYTHON:
        oldest = ".".join(map(str, _OLDEST_PYTHON))
        return problem(
            "Python", f"{shown} is too old", f"install chapterize with Python {oldest} or newer"
        )
    return ok("Python", f"{shown}, {sys.executable}")


def check_version() -> Check:
    """Return the version of chapterize, and where it is installed."""
    return ok("chapterize", f"{__version__}, {Path(__file__).resolve().parents[1]}")


def check_packages(names: Sequence[str] = _REQUIRED) -> Check:
    """Return whether the packages with compiled parts can be imported."""
    for name in names:
        try:
            import_module(name)
        except ImportError as error:
            return problem(
                "packages",
                f"{name} cannot be imported: {error}",
                "reinstall it: pip install --force-reinstall chapterize",
            )
    return ok("packages", f"{', '.join(names)} can be imported")


def check_ffmpeg() -> Check:
    """Return which ffmpeg is used, and whether it can make videos.

    A draft runs ffmpeg for captions inside a video; `render` also needs libass and x264.
    """
    from chapterize.rendering.program import MAKES_VIDEO, find_program

    try:
        program = next(ffmpeg_programs())
    except MissingDependency as error:
        return problem("ffmpeg", error.what, error.hint)
    version = _ffmpeg_version(program)
    if not version:
        return problem(
            "ffmpeg",
            f"{program} does not start, or is not ffmpeg",
            "correct CHAPTERIZE_FFMPEG, or unset it"
            if chosen_ffmpeg()
            else "reinstall it, or take it off the PATH to use the one from imageio-ffmpeg",
        )
    try:
        able = find_program(*MAKES_VIDEO)
    except ToolError as error:
        return warning("ffmpeg", f"{program}, {version}; no videos: {error.why}", error.hint)
    abilities = "draws titles (libass) and encodes H.264 (x264)"
    if able != program:
        abilities = f"it cannot make videos, but {able} can"
    return ok("ffmpeg", f"{program}, {version}; {abilities}")


def _ffmpeg_version(program: str) -> str:
    """``version 7.1``; empty when `program` does not answer as ffmpeg does."""
    try:
        done = subprocess.run(
            [program, "-hide_banner", "-version"],
            capture_output=True,
            timeout=_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    words = done.stdout.decode("utf-8", "replace").split(maxsplit=3)
    return " ".join(words[1:3]) if words[:2] == ["ffmpeg", "version"] else ""


def check_fonts() -> Check:
    """Return whether titles have a font."""
    from chapterize.rendering.overlay import plan_fonts

    try:
        families = plan_fonts(("Chapter",)).families
    except (AssertionError, InputError, OSError, StopIteration):
        return warning(
            "fonts", "no font for titles was found", "reinstall the font: pip install fontpkg-inter"
        )
    return ok("fonts", f"titles are drawn with {families[0]}")


def check_emoji() -> Check:
    """Return whether a font has emoji in colour."""
    from chapterize.rendering.overlay.emoji import emoji_faces

    if emoji_faces([_EMOJI]):
        return ok("emoji", "a colour font is installed")
    return warning(
        "emoji",
        "no colour font: emoji in titles are drawn without colour, or as a dot",
        "install Noto Color Emoji, if your titles have emoji",
    )


def check_package(package: str, extra: str, purpose: str, *, is_needed: bool = False) -> Check:
    """Return whether an optional `package` is installed; it is not imported."""
    try:
        return ok(package, metadata.version(package))
    except metadata.PackageNotFoundError:
        make = problem if is_needed else warning
        return make(
            package,
            f"not installed; {purpose} needs it",
            f'install it: pip install "chapterize[{extra}]"',
        )
