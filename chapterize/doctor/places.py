"""Folders, the room in them, and the configuration file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chapterize.cache import cache_folder
from chapterize.doctor.check import Check, ok, problem, warning
from chapterize.errors import OutputError
from chapterize.files import refuse_unwritable
from chapterize.remote.identity import STATE_VARIABLE, state_folder

__all__ = ["check_cache", "check_config", "check_space", "check_state", "check_temporary"]

_LEAST_BYTES = 2_000_000_000
"""Room for a speech model and a short video."""


def check_cache(folder: Path | None = None) -> Check:
    """Return whether finished recognitions can be kept, and how much they take."""
    folder = folder or cache_folder()
    if fault := _unwritable(folder):
        return warning(
            "cache",
            f"{folder} cannot be written: {fault}",
            "name another folder in CHAPTERIZE_CACHE; until then nothing is kept for the next run",
        )
    return ok("cache", f"{folder}, {_size(folder) / 1e6:.1f} MB")


def check_state(folder: Path | None = None) -> Check:
    """Return whether the token and the journals of deliveries can be kept."""
    folder = folder or state_folder()
    if fault := _unwritable(folder):
        return warning(
            "state",
            f"{folder} cannot be written: {fault}",
            f"name another folder in {STATE_VARIABLE}; until then nothing can be delivered",
        )
    return ok("state", str(folder))


def check_temporary() -> Check:
    """Return whether there is a temporary folder to write in."""
    try:
        return ok("temporary", tempfile.gettempdir())
    except FileNotFoundError:
        return problem(
            "temporary",
            "no temporary folder can be written",
            "free some space, or name a folder in TMPDIR",
        )


def check_space(folders: Mapping[str, Path], least_bytes: int = _LEAST_BYTES) -> Check:
    """Return how much room there is in `folders`, given by what they are for."""
    free = {name: shutil.disk_usage(_existing(path)).free for name, path in folders.items()}
    shown = ", ".join(f"{name} {room / 1e9:.1f} GB" for name, room in free.items())
    if min(free.values()) < least_bytes:
        return warning(
            "free space", shown, f"keep {least_bytes / 1e9:g} GB free for models and videos"
        )
    return ok("free space", shown)


def check_config(path: Path, fault: str = "", remedy: str = "") -> Check:
    """Return whether the settings could be read; `fault` says why they could not."""
    if fault:
        return problem("settings", fault, remedy or "correct it, or use --no-config")
    return ok("settings", str(path) if path.is_file() else f"{path} does not exist; defaults hold")


def _existing(folder: Path) -> Path:
    """`folder`, or the nearest parent that exists."""
    return next(each for each in (folder, *folder.absolute().parents) if each.exists())


def _unwritable(folder: Path) -> str:
    """Why nothing can be written in `folder`, which may not exist yet; empty when it can."""
    try:
        refuse_unwritable(_existing(folder) / "probe")
    except OutputError as error:
        return error.why
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _size(folder: Path) -> int:
    """Bytes of all files below `folder`."""
    total, left = 0, [folder]
    while left:
        try:
            with os.scandir(left.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        left.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_size
        except OSError:
            # A folder that is not there, or was removed meanwhile, takes no room.
            continue
    return total
