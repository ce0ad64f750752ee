"""Writing what goes into models/: arrays whose bytes depend on nothing else, and their digests."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.weights import MANIFEST

__all__ = ["write_manifest", "write_npz"]


def write_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return an uncompressed .npz whose bytes depend on `arrays` alone, not on the clock."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(info, member.getvalue())
    return buffer.getvalue()


def write_manifest(folder: Path) -> None:
    """List every .npz and .safetensors file of `folder` with its digest."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
        if path.suffix in {".npz", ".safetensors"}
    ]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8", newline="\n")
