"""Find, download, check and load a Whisper model.

Nothing is written to stdout or stderr, and only `download` uses the network.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from chapterize import hub
from chapterize.data import OnProgress
from chapterize.errors import EngineError
from chapterize.transcribe.device import COMPUTE_TYPES, Device, choose_device, preload_cublas
from chapterize.transcribe.engine import FasterWhisper, silence_logs
from chapterize.weights import cpu_threads

__all__ = ["check_folder", "default_model", "download", "load", "model_on_disk", "planned_download"]

_DEFAULTS = {"cuda": "large-v3-turbo", "cpu": "small"}
_MAX_THREADS = 16


def default_model(device: str = "auto") -> str:
    """Return the default model of a device: ``large-v3-turbo`` on a GPU, else ``small``."""
    return _DEFAULTS[choose_device(device).name]


def planned_download(name: str) -> hub.Download:
    """Describe the download of the model `name`, for the user to confirm, as `hub.planned`."""
    return hub.planned(hub.known(name) or hub.Model(name, "speech", name))


def model_on_disk(name_or_dir: str | Path) -> Path | None:
    """Return the folder of a model, or None if it must be downloaded; never uses the network.

    A given folder is returned unchecked: `load` reports missing files. An interrupted download
    counts as absent. Raises EngineError if `name_or_dir` is no folder and no valid name.
    """
    chosen = hub.choose(name_or_dir, "speech")
    return chosen if isinstance(chosen, Path) else hub.find(chosen)


def download(name: str, *, on_progress: OnProgress | None = None) -> Path:
    """Download a model as `hub.download`; return the folder."""
    chosen = hub.choose(name, "speech")
    if isinstance(chosen, Path):
        return chosen
    return hub.download(chosen, on_progress=on_progress)


def load(folder: Path, device: Device) -> FasterWhisper:
    """Load a model; return its recogniser.

    Raises EngineError if files are missing or damaged, or the model does not fit on the device.
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
                cpu_threads=cpu_threads(_MAX_THREADS),
                local_files_only=True,
            )
        # The tokenizers package raises bare Exception.
        except Exception as error:
            raise _broken(folder, str(error), device) from error
    n_mels = model.feature_extractor.mel_filters.shape[0]
    if n_mels != model.model.n_mels:
        raise _broken(
            folder,
            f"it expects {model.model.n_mels} mel bands, preprocessor_config.json has {n_mels}",
        )
    return FasterWhisper(model)


def check_folder(folder: Path) -> None:
    """Raise EngineError if `folder` lacks a file, or its settings cannot be read."""
    if missing := hub.missing_files("speech", folder):
        raise _broken(folder, hub.plural_missing(missing))
    for name in ("config.json", "preprocessor_config.json"):
        try:
            settings = json.loads((folder / name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise _broken(folder, f"{name} cannot be read: {error}") from error
        if not isinstance(settings, dict):
            raise _broken(folder, f"{name} is not a JSON object")
    # CTranslate2 silently accepts an empty list of tokens.
    vocabulary = next(folder / name for name in hub.VOCABULARIES if (folder / name).is_file())
    if b"<|startoftranscript|>" not in vocabulary.read_bytes():
        raise _broken(folder, f"{vocabulary.name} contains no Whisper tokens")


def _broken(folder: Path, why: str, device: Device | None = None) -> EngineError:
    first = (why.strip().splitlines() or ["no reason given"])[0]
    hint = "use a Whisper model converted for CTranslate2, or a name such as small"
    if device is not None and device.name == "cuda":
        hint = "try --device cpu, or a smaller model"
    return EngineError(f"cannot load the speech model {folder}", why=first[:300], hint=hint)
