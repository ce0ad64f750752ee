"""Models from packages of the package index, which are read and never imported."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

__all__ = ["created_once", "packaged_file"]


def packaged_file(package: str, name: str, how: str) -> Path:
    """Return the path of a file of an installed package; SystemExit names `how` to install it."""
    try:
        return Path(str(distribution(package).locate_file(name)))
    except PackageNotFoundError:
        sys.exit(f"{package} is not installed: run {how}")


def created_once(folder: Path, create: Callable[[Path], None]) -> Path:
    """Return `folder`, which `create` fills under a temporary name if it does not exist yet."""
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        create(temporary / folder.name)
        try:
            (temporary / folder.name).rename(folder)
        except OSError:
            # Another process created it meanwhile.
            if not folder.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder
