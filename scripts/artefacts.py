"""Write the files of models/: reproducible .npz files, and the list of their digests."""

from __future__ import annotations

import argparse
import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.weights import MANIFEST

__all__ = ["add_corpora", "check_output", "write_manifest", "write_npz"]


def add_corpora(parser: argparse.ArgumentParser) -> None:
    """Add the option for the corpora that a model is trained on."""
    parser.add_argument(
        "--corpus",
        type=Path,
        action="append",
        required=True,
        help="a .jsonl.gz to train on; repeatable",
    )


def check_output(path: Path) -> None:
    """Raise OSError before training if `path` cannot be written because its folder is missing."""
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} of the output does not exist")


def write_npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return an uncompressed .npz whose bytes depend only on `arrays`, not on the time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            archive.writestr(info, member.getvalue())
    return buffer.getvalue()


def write_manifest(folder: Path) -> None:
    """Write the list of the .npz and .safetensors files in `folder` with their digests."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
        if path.suffix in {".npz", ".safetensors"}
    ]
    (folder / MANIFEST).write_text("".join(lines), encoding="utf-8", newline="\n")
