"""Which files of a repository make a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from chapterize.hub.registry import Purpose

__all__ = ["VOCABULARIES", "missing_files", "plural_missing", "wanted_files"]

# faster-whisper fetches a missing tokenizer from the network without asking.
_SPEECH = ("config.json", "model.bin", "tokenizer.json")
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_SPEECH_EXTRA = ("preprocessor_config.json",)

_WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
_SENTENCES = (*_WEIGHTS, "*.json", "*.txt", "*.model")
# The same weights for other runtimes.
_OTHER_RUNTIMES = ("onnx", "openvino")


def wanted_files(purpose: Purpose, names: Iterable[str]) -> list[str]:
    """Return those of a repository's files that are downloaded, sorted.

    Code that comes with a model is left out, and so are weights in a second format.
    """
    if purpose == "speech":
        wanted = (*_SPEECH, *VOCABULARIES, *_SPEECH_EXTRA)
        return sorted(name for name in names if name in wanted)
    found = sorted(name for name in names if _is_part_of_sentence_model(name))
    safe = {str(PurePosixPath(name).parent) for name in found if name.endswith(".safetensors")}
    return [
        name
        for name in found
        if not (name.endswith(".bin") and str(PurePosixPath(name).parent) in safe)
    ]


def _is_part_of_sentence_model(name: str) -> bool:
    path = PurePosixPath(name)
    if path.parts[0] in _OTHER_RUNTIMES:
        return False
    return any(fnmatch(path.name, pattern) for pattern in _SENTENCES)


def missing_files(purpose: Purpose, folder: Path) -> list[str]:
    """Return the names of all files without which `folder` is no such model."""
    if purpose == "speech":
        missing = [name for name in _SPEECH if not _has_content(folder / name)]
        if not any(_has_content(folder / name) for name in VOCABULARIES):
            missing.append(VOCABULARIES[0])
        return missing
    missing = []
    if not any(_has_content(folder / name) for name in ("modules.json", "config.json")):
        missing.append("modules.json")
    weights = (path for pattern in _WEIGHTS for path in folder.rglob(pattern))
    if not any(map(_has_content, weights)):
        missing.append("model.safetensors")
    return missing


def plural_missing(names: Sequence[str]) -> str:
    """Return ``a is missing or empty`` or ``a, b are missing or empty``."""
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} missing or empty"


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False
