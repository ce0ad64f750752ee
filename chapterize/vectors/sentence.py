"""Any sentence-transformers model, on the GPU if there is one."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from chapterize import hub
from chapterize.data import FloatArray, OnNote, OnProgress
from chapterize.errors import EngineError, MissingDependency
from chapterize.vectors.rows import STAGE, encodable, one_line, unit

__all__ = ["SentenceEmbedder"]

_BATCH = 32
_BATCHES_PER_REPORT = 16
_NOISY = ("sentence_transformers", "transformers", "huggingface_hub", "httpx")


class SentenceEmbedder:
    """A sentence-transformers model; code that comes with a model is never run.

    Parameters
    ----------
    name : a folder, or a name on the Hugging Face hub; downloaded if it is not on disk.
    device : ``auto`` (the GPU if it works), ``cpu`` or ``cuda``.
    offline : never download; the variable HF_HUB_OFFLINE=1 does the same.
    on_progress, on_note : called during a download; the note announces it.

    Raises
    ------
    EngineError : the model cannot be found, downloaded or loaded, or the device is not available.
    MissingDependency : sentence-transformers is not installed.
    """

    def __init__(
        self,
        name: str | Path,
        *,
        device: str = "auto",
        offline: bool = False,
        on_progress: OnProgress | None = None,
        on_note: OnNote | None = None,
    ) -> None:
        chosen = hub.choose(name, "sentences")
        if device not in ("auto", "cpu", "cuda"):
            raise EngineError(f"there is no device {device!r}", hint="give auto, cpu or cuda")
        with _quiet():
            _require_sentence_transformers()
            where = _choose_device(device)
            folder = _folder(chosen, offline, on_progress, on_note)
            try:
                self._model, self.n_dimensions = _load(folder, where)
            except EngineError:
                if device != "auto" or where == "cpu":
                    raise
                where = "cpu"
                self._model, self.n_dimensions = _load(folder, where)
        self.name = str(name)
        self.device = where

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the weights and their number format, the tokenizer and the pooling."""
        import torch

        digest = hashlib.sha256(str(self._model).encode())
        digest.update(repr(getattr(self._model, "default_prompt_name", None)).encode())
        tokenizer = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if tokenizer is not None:
            digest.update(tokenizer.to_str().encode())
        for key, tensor in sorted(self._model.state_dict().items()):
            digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}".encode())
            plain = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
            digest.update(plain.numpy().tobytes())
        return f"sentence:{digest.hexdigest()[:16]}"

    def embed(self, texts: Sequence[str], *, on_progress: OnProgress | None = None) -> FloatArray:
        """Return one unit row for each text, shape (n_texts, n_dimensions), float32.

        A blank text gives a row of zeros; text beyond the model's window is ignored. EngineError
        if the model fails, for instance because it runs out of memory.
        """
        vectors = np.zeros((len(texts), self.n_dimensions), dtype=np.float32)
        # Sorted by length, so that batches need little padding; the longest come first, so that a
        # lack of memory is noticed at once.
        order = [i for i, text in enumerate(texts) if text.strip()]
        order.sort(key=lambda i: -len(texts[i]))
        step = _BATCH * _BATCHES_PER_REPORT
        with _quiet():
            for start in range(0, len(order), step):
                block = order[start : start + step]
                vectors[block] = _encode(self._model, self.name, [texts[i] for i in block])
                if on_progress:
                    on_progress(STAGE, min(1.0, (start + step) / len(order)))
        return unit(vectors)


def _require_sentence_transformers() -> None:
    try:
        import sentence_transformers  # noqa: F401
    except ImportError as error:
        raise MissingDependency(
            "sentence-transformers",
            install='pip install "chapterize[semantic]"',
            why="" if isinstance(error, ModuleNotFoundError) else one_line(error),
        ) from error


def _choose_device(wanted: str) -> str:
    import torch

    if wanted == "cpu":
        return "cpu"
    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise EngineError(
            "cannot embed on cuda",
            why="torch finds no CUDA device",
            hint="omit --device, or install a torch that is built for your GPU",
        )
    return "cpu"


def _folder(
    chosen: Path | hub.Model, offline: bool, on_progress: OnProgress | None, on_note: OnNote | None
) -> Path:
    """The folder of the model, downloaded if needed.

    A model on disk is used as it is: looking for a newer one would contact the hub.
    """
    if isinstance(chosen, Path):
        return chosen
    if folder := hub.find(chosen):
        return folder
    if offline:
        raise EngineError(
            f"the sentence model {chosen.name} is not on disk",
            why="downloads are off (offline)",
            hint=f"run once: chapterize models pull {chosen.name}; or use --embedder static",
        )
    if on_note is not None:
        on_note(f"Downloading the sentence model {chosen.name}; this happens once.")
    return hub.download(chosen, on_progress=on_progress)


def _load(folder: Path, device: str) -> tuple[Any, int]:
    """Return the model, after one test run, and the length of its vectors."""
    from sentence_transformers import SentenceTransformer

    try:
        with _no_bars(), hub.unplugged():
            model = SentenceTransformer(
                str(folder), device=device, local_files_only=True, trust_remote_code=False
            )
        model.eval()
        if _is_bfloat16_fast(device):
            model.bfloat16()
    except Exception as error:
        raise EngineError(
            f"cannot load the sentence model {folder}",
            why=one_line(error),
            hint="the folder must contain a complete sentence-transformers model",
        ) from error
    return model, int(_encode(model, str(folder), ["one"]).shape[1])


def _is_bfloat16_fast(device: str) -> bool:
    import torch

    if device == "cuda":
        return bool(torch.cuda.get_device_capability() >= (8, 0))
    # Without these, bfloat16 is emulated and slower than float32. An old torch reports neither.
    able: Mapping[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def _encode(model: Any, name: str, texts: list[str]) -> FloatArray:
    try:
        found = model.encode(
            [encodable(text) for text in texts], batch_size=_BATCH, show_progress_bar=False
        )
        vectors = np.asarray(found, dtype=np.float32)
        if vectors.ndim != 2 or not np.isfinite(vectors).all():
            raise ValueError("its vectors are not finite numbers")
    except Exception as error:
        raise EngineError(
            f"the sentence model {name} failed",
            why=one_line(error),
            hint="try --device cpu, another model, or --embedder static",
        ) from error
    return vectors


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress warnings and log lines of the libraries."""
    loggers = [logging.getLogger(name) for name in _NOISY]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def _no_bars() -> Iterator[None]:
    from transformers.utils import logging as bars

    were_on = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if were_on:
            bars.enable_progress_bar()
