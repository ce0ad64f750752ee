"""Where a Whisper model lies, how it is downloaded and loaded: the border to faster-whisper.

Nothing of it reaches stdout or stderr, and nothing is downloaded except by `download`.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path

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
    "silence_logs",
]

# Decimal megabytes as the pages of the repositories give them (Systran/faster-whisper-*,
# mobiuslabsgmbh/faster-whisper-large-v3-turbo; read in 2025). Other names: not known.
_MEGABYTES = {
    **dict.fromkeys(("tiny", "tiny.en"), 78),
    **dict.fromkeys(("base", "base.en"), 148),
    **dict.fromkeys(("small", "small.en"), 487),
    **dict.fromkeys(("medium", "medium.en"), 1530),
    **dict.fromkeys(("large-v1", "large-v2", "large-v3", "large"), 3090),
    **dict.fromkeys(("large-v3-turbo", "turbo"), 1620),
    **dict.fromkeys(("distil-large-v2", "distil-large-v3"), 1510),
}
_DEFAULTS = {"cuda": "large-v3-turbo", "cpu": "small"}
# faster-whisper would fetch a missing tokenizer from the network without asking.
_NEEDED_FILES = ("config.json", "model.bin", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
_MAX_THREADS = 16


def default_model(device: str = "auto") -> str:
    """Return the model to take when none is named: ``large-v3-turbo`` on a GPU, else ``small``."""
    return _DEFAULTS[choose_device(device).name]


def download_size(name: str) -> str:
    """Return how much a download of `name` is, for people: ``487 MB``, ``1.6 GB``."""
    size = _MEGABYTES.get(name)
    if size is None:
        return "of a size that is not known beforehand"
    return f"{size} MB" if size < 1000 else f"{size / 1000:.1f} GB"


def given_folder(name_or_dir: str | Path) -> Path | None:
    """Return the folder when `name_or_dir` is one, None when it can only be a name."""
    folder = Path(name_or_dir).expanduser()
    return folder if folder.is_dir() else None


def model_on_disk(name_or_dir: str | Path) -> Path | None:
    """Return the folder of a model that needs no download, None when it would.

    A folder that was given is returned as it is: `load` says what is missing in it. A download
    that was broken off counts as absent. Never touches the network.

    Raises
    ------
    EngineError : neither a folder nor a name that could be downloaded.
    """
    if folder := given_folder(name_or_dir):
        return folder
    from faster_whisper import available_models, download_model

    name = str(name_or_dir)
    if name not in available_models() and not _HUB_NAME.fullmatch(name):
        raise EngineError(
            f"there is no speech model {name!r}",
            why="it is neither a folder nor the name of a known model",
            hint="give a folder with model.bin, or a name such as small, medium, large-v3-turbo",
        )
    try:
        with _quiet():
            found = Path(download_model(name, local_files_only=True))
    except (OSError, ValueError):
        return None
    return None if _missing_files(found) else found


def download(name: str, *, on_progress: OnProgress | None = None) -> Path:
    """Download a model from the Hugging Face Hub into its usual cache; return the folder.

    Raises
    ------
    EngineError : no network, no room, or no such model.
    """
    from faster_whisper import download_model

    done: Future[str] = Future()

    def fetch() -> None:
        try:
            done.set_result(download_model(name))
        except BaseException as error:
            done.set_exception(error)

    with _quiet():
        # The hub has no call-back; a thread downloads while this one looks how far it is.
        measure = _measure(name)
        worker = threading.Thread(target=fetch, name="download", daemon=True)
        worker.start()
        while worker.is_alive():
            worker.join(0.2)
            if on_progress is not None:
                on_progress("downloading the speech model", measure())
        try:
            folder = Path(done.result())
        except Exception as error:
            raise _explain_download(name, error) from error
    if missing := _missing_files(folder):
        raise EngineError(
            f"the speech model {name} cannot be used",
            why=f"its repository lacks {missing[0]}",
            hint="choose another model with --model",
        )
    return folder


def _measure(name: str) -> Callable[[], float]:
    """A function that tells the fraction of `name` that is downloaded; 0.0 when unknown."""
    from huggingface_hub import constants

    hub = Path(constants.HF_HUB_CACHE)
    total = _MEGABYTES.get(name, 0) * 1_000_000

    def sizes() -> dict[Path, int]:
        found: dict[Path, int] = {}
        for part in hub.glob("models--*/blobs/*.incomplete"):
            with suppress(OSError):
                found[part] = part.stat().st_size
        return found

    # Downloads broken off earlier leave parts behind that do not move any more.
    before = sizes()

    def fraction() -> float:
        moving = sum(size for part, size in sizes().items() if size != before.get(part))
        return min(0.99, moving / total) if total else 0.0

    return fraction


def _explain_download(name: str, error: Exception) -> EngineError:
    what = f"the speech model {name} cannot be downloaded"
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    if any(isinstance(e, OSError) and e.errno in (errno.ENOSPC, errno.EDQUOT) for e in chain):
        return EngineError(
            what, why="the disk is full", hint=f"free {download_size(name)} and a little more"
        )
    if any(type(e).__name__ in ("RepositoryNotFoundError", "GatedRepoError") for e in chain):
        return EngineError(
            what,
            why="the hub has no such model, or does not give it to everyone",
            hint="check the name, or give a folder with --model",
        )
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return EngineError(
        what,
        why=f"no connection to the model hub, {lines[0][:200]}",
        hint="go online once, or give captions, or a model folder with --model",
    )


def load(folder: Path, device: Device) -> FasterWhisper:
    """Load a model; return its recogniser.

    Raises
    ------
    EngineError : files are missing or damaged, or the device has no room for it.
    """
    check_folder(folder)
    with _quiet():
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
    if missing := _missing_files(folder):
        raise _broken(folder, f"{missing[0]} is missing or empty")
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
    vocabulary = next(folder / name for name in _VOCABULARIES if (folder / name).is_file())
    if b"<|startoftranscript|>" not in vocabulary.read_bytes():
        raise _broken(folder, f"{vocabulary.name} holds no tokens of Whisper")


def _missing_files(folder: Path) -> list[str]:
    """Names of the files without which a model folder is of no use."""

    def is_there(name: str) -> bool:
        try:
            return (folder / name).stat().st_size > 0
        except OSError:
            return False

    missing = [name for name in _NEEDED_FILES if not is_there(name)]
    return missing if any(map(is_there, _VOCABULARIES)) else [*missing, _VOCABULARIES[0]]


def _broken(folder: Path, why: str, device: Device | None = None) -> EngineError:
    first = (why.strip().splitlines() or ["no reason given"])[0]
    hint = "give a folder made by CTranslate2's converter for Whisper, or a name such as small"
    if device is not None and device.name == "cuda":
        hint = "try --device cpu, or a smaller model"
    return EngineError(f"cannot load the speech model {folder}", why=first[:300], hint=hint)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep logs, warnings and progress bars of faster-whisper and the hub off the terminal."""
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    silence_logs()
    hub = logging.getLogger("huggingface_hub")
    level, had_bars = hub.level, not are_progress_bars_disabled()
    hub.setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        disable_progress_bars()
        try:
            yield
        finally:
            hub.setLevel(level)
            if had_bars:
                enable_progress_bars()
