"""Check Python, ffmpeg, fonts, optional packages, folders, disk space and the settings."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path

from chapterize._version import __version__
from chapterize.cache import cache_folder
from chapterize.children import output_of
from chapterize.doctor.check import Check, ok, problem, warning
from chapterize.errors import InputError, MissingDependency, OutputError, ToolError
from chapterize.ffmpeg import chosen_ffmpeg, ffmpeg_programs
from chapterize.files import STATE_VARIABLE, refuse_unwritable, state_folder

__all__ = [
    "check_cache",
    "check_config",
    "check_emoji",
    "check_ffmpeg",
    "check_fonts",
    "check_package",
    "check_packages",
    "check_python",
    "check_space",
    "check_state",
    "check_temporary",
    "check_version",
]

_OLDEST_PYTHON = (3, 11)
_REQUIRED = ("numpy", "av", "tokenizers", "faster_whisper")
_TIMEOUT = 5.0
_EMOJI = "\N{GRINNING FACE}"
_LEAST_BYTES = 2_000_000_000
"""Space for a speech model and a short video."""


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """Check that Python is recent enough."""
    shown = ".".join(map(str, version))
    if version < _OLDEST_PYTHON:
        oldest = ".".join(map(str, _OLDEST_PYTHON))
        return problem(
            "Python", f"{shown} is too old", f"install chapterize with Python {oldest} or newer"
        )
    return ok("Python", f"{shown}, {sys.executable}")


def check_version() -> Check:
    """Report the version of chapterize, and where it is installed."""
    return ok("chapterize", f"{__version__}, {Path(__file__).resolve().parents[1]}")


def check_packages(names: Sequence[str] = _REQUIRED) -> Check:
    """Check that the packages with compiled extensions can be imported."""
    for name in names:
        try:
            import_module(name)
        except ImportError as error:
            return problem(
                "packages",
                f"{name} cannot be imported: {error}",
                f"reinstall it: pip install --force-reinstall {name.replace('_', '-')}",
            )
    return ok("packages", f"{', '.join(names)} can be imported")


def check_ffmpeg() -> Check:
    """Report which ffmpeg is used, and check that it can render videos.

    A draft needs ffmpeg for embedded captions; `render` also needs libass and x264.
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
            else "reinstall it, or remove it from PATH to use the one of imageio-ffmpeg",
        )
    try:
        able = find_program(*MAKES_VIDEO)
    except ToolError as error:
        return warning("ffmpeg", f"{program}, {version}; cannot render: {error.why}", error.hint)
    abilities = "can draw titles (libass) and encode H.264 (x264)"
    if able != program:
        abilities = f"cannot render videos, but {able} can"
    return ok("ffmpeg", f"{program}, {version}; {abilities}")


def _ffmpeg_version(program: str) -> str:
    """``version 7.1``, or "" if `program` does not respond like ffmpeg."""
    printed = output_of([program, "-hide_banner", "-version"], seconds=_TIMEOUT) or ""
    words = printed.split(maxsplit=3)
    return " ".join(words[1:3]) if words[:2] == ["ffmpeg", "version"] else ""


def check_fonts() -> Check:
    """Check that a font for titles is available."""
    from chapterize.rendering.overlay import plan_fonts

    try:
        families = plan_fonts(("Chapter",)).families
    except (AssertionError, InputError, OSError, StopIteration):
        return warning(
            "fonts", "no font for titles was found", "reinstall the font: pip install fontpkg-inter"
        )
    return ok("fonts", f"titles use {families[0]}")


def check_emoji() -> Check:
    """Check that a colour emoji font is installed."""
    from chapterize.rendering.overlay.emoji import emoji_faces

    if emoji_faces([_EMOJI]):
        return ok("emoji", "a colour emoji font is installed")
    return warning(
        "emoji",
        "no colour emoji font: emoji in titles are drawn without colour, or as a dot",
        "install Noto Color Emoji if your titles contain emoji",
    )


def check_package(package: str, purpose: str, *, is_needed: bool = False) -> Check:
    """Check that an optional `package` is installed, without importing it."""
    try:
        return ok(package, metadata.version(package))
    except metadata.PackageNotFoundError:
        make = problem if is_needed else warning
        return make(
            package, f"not installed; {purpose} needs it", f"install it: pip install {package}"
        )


def check_cache(folder: Path | None = None) -> Check:
    """Check that results can be cached, and report how much space they take."""
    folder = folder or cache_folder()
    remedy = "set CHAPTERIZE_CACHE to another folder; until then nothing is kept for the next run"
    if fault := _unwritable(folder):
        return warning("cache", f"{folder} is not writable: {fault}", remedy)
    return ok("cache", f"{folder}, {_size(folder) / 1e6:.1f} MB")


def check_state(folder: Path | None = None) -> Check:
    """Check that the token and the journals of deliveries can be stored."""
    folder = folder or state_folder()
    remedy = f"set {STATE_VARIABLE} to another folder; until then nothing can be delivered"
    if fault := _unwritable(folder):
        return warning("state", f"{folder} is not writable: {fault}", remedy)
    return ok("state", str(folder))


def check_temporary() -> Check:
    """Check that there is a writable temporary folder."""
    try:
        return ok("temporary", tempfile.gettempdir())
    except FileNotFoundError:
        return problem(
            "temporary",
            "no temporary folder is writable",
            "free some space, or set TMPDIR to a folder",
        )


def check_space(folders: Mapping[str, Path], least_bytes: int = _LEAST_BYTES) -> Check:
    """Check the free space of `folders`, a mapping from their purpose."""
    free = {name: shutil.disk_usage(_existing(path)).free for name, path in folders.items()}
    shown = ", ".join(f"{name} {size / 1e9:.1f} GB" for name, size in free.items())
    if min(free.values()) < least_bytes:
        return warning(
            "free space", shown, f"keep {least_bytes / 1e9:g} GB free for models and videos"
        )
    return ok("free space", shown)


def check_config(path: Path, fault: str = "", remedy: str = "") -> Check:
    """Report whether the settings could be read; `fault` is the reason if they could not."""
    if fault:
        return problem("settings", fault, remedy or "correct it, or use --no-config")
    shown = str(path) if path.is_file() else f"{path} does not exist; using defaults"
    return ok("settings", shown)


def _existing(folder: Path) -> Path:
    """`folder`, or the nearest parent that exists."""
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())


def _unwritable(folder: Path) -> str:
    """Why `folder`, which may not exist yet, is not writable; "" if it is."""
    try:
        refuse_unwritable(_existing(folder) / "probe")
    except OutputError as error:
        return error.why
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _size(folder: Path) -> int:
    """Total size of all files below `folder` in bytes."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            # A file may be deleted meanwhile.
            with suppress(OSError):
                total += Path(parent, name).lstat().st_size
    return total
