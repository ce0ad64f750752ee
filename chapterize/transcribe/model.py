"""Find, download, check and load a Whisper model: the border to faster-whisper.

Nothing of it reaches stdout or stderr, and nothing is downloaded except by `download`.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from chapterize import hub
from chapterize.data import OnProgress
from chapterize.errors import EngineError
from chapterize.transcribe.device import COMPUTE_TYPES, Device, choose_device, preload_cublas
from chapterize.transcribe.engine import FasterWhisper, silence_logs

__all__ = [
    "check_folder",
    "default_model",
    "download",
    "download_size",
    "given_folder",
    "load",
    "model_on_disk",
    "planned_download",
    "silence_logs",
]

_DEFAULTS = {"cuda": "large-v3-turbo", "cpu": "small"}
_MAX_THREADS = 16


def default_model(device: str = "auto") -> str:
    """Return the model to take when none is named: ``large-v3-turbo`` on a GPU, else ``small``."""
    return _DEFAULTS[choose_device(device).name]


def download_size(name: str) -> str:
    """Return how much a download of `name` is, for people: ``487 MB``, ``1.6 GB``."""
    model = hub.known(name)
    if model is None or model.megabytes is None:
        return "of a size that is not known beforehand"
    return hub.size_text(model.megabytes)


def planned_download(name: str) -> hub.Download:
    """Return what a download of the model `name` would mean, for the person who is asked.

    Raises
    ------
    EngineError : the environment forbids downloads.
    """
    return hub.planned(hub.known(name) or hub.Model(name, "speech", name))


def given_folder(name_or_dir: str | Path) -> Path | None:
    """Return the folder when `name_or_dir` is one, None when it can only be a name."""
    return hub.folder_of(name_or_dir)


def model_on_disk(name_or_dir: str | Path) -> Path | None:
    """Return the folder of a model that needs no download, None when it would.

    A folder that was given is returned as it is: `load` says what is missing in it. A download
    that was broken off counts as absent. Never touches the network.

    Raises
    ------
    EngineError : neither a folder nor a name that could be downloaded.
    """
    chosen = hub.choose(name_or_dir, "speech")
    return chosen if isinstance(chosen, Path) else hub.find(chosen)


def download(name: str, *, on_progress: OnProgress | None = None) -> Path:
    """Download a model from the Hugging Face hub into its usual cache; return the folder.

    Raises
    ------
    EngineError : no network, no room, or no such model.
    """
    chosen = hub.choose(name, "speech")
    if isinstance(chosen, Path):
        return chosen
    return hub.download(chosen, on_progress=on_progress)


def load(folder: Path, device: Device) -> FasterWhisper:
    """Load a model; return its recogniser.

    Raises
    ------
    EngineError : files are missing or damaged, or the device has no room for it.
    """
    check_folder(folder)
    silence_logs()
    with hub.quiet():
        import ctranslate2
        import faster_whisper

        ctranslate2.set_log_level(logging.CRITICAL)
        try:
            if device.name == "cuda":
                preload_cublas()
            usable = ctranslate2.get_supported_compute_types(device.name)
            model = faster_whisper.WhisperModel(
                str(folder),
                device=device.name,
                compute_type=device.compute_type
                or next(t for t in COMPUTE_TYPES[device.name] if t in usable),
                cpu_threads=min(_MAX_THREADS, os.cpu_count() or 1),
                local_files_only=True,
            )
        # The tokenizers package raises bare Exception.
        except Exception as error:
            raise _broken(folder, str(error), device) from error
    n_mels = model.feature_extractor.mel_filters.shape[0]
    if n_mels != model.model.n_mels:
        raise _broken(
            folder,
            f"the model hears {model.model.n_mels} bands, preprocessor_config.json says {n_mels}",
        )
    return FasterWhisper(model)


def check_folder(folder: Path) -> None:
    """Raise EngineError when `folder` lacks a file or its settings cannot be read."""
    if missing := hub.missing_files("speech", folder):
        raise _broken(folder, hub.plural_missing(missing))
    for name in ("config.json", "preprocessor_config.json"):
        try:
            settings = json.loads((folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise _broken(folder, f"{name} cannot be read, {error}") from error
        if not isinstance(settings, dict):
            raise _broken(folder, f"{name} holds no settings")
    # CTranslate2 takes an empty list of tokens without a word.
    vocabulary = next(folder / name for name in hub.VOCABULARIES if (folder / name).is_file())
    if b"<|startoftranscript|>" not in vocabulary.read_bytes():
        raise _broken(folder, f"{vocabulary.name} holds no tokens of Whisper")


def _broken(folder: Path, why: str, device: Device | None = None) -> EngineError:
    first = (why.strip().splitlines() or ["no reason given"])[0]
    hint = "give a folder made by CTranslate2's converter for Whisper, or a name such as small"
    if device is not None and device.name == "cuda":
        hint = "try --device cpu, or a smaller model"
    return EngineError(f"cannot load the speech model {folder}", why=first[:300], hint=hint)
