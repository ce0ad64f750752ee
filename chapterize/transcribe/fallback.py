"""Recognition that survives a GPU without enough memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chapterize.errors import EngineError
from chapterize.transcribe.device import Device
from chapterize.transcribe.engine import Heard, Recogniser

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["Load", "SteadyRecogniser"]

Load = Callable[[Path, Device], Recogniser]

_BATCH_SIZES = {"cpu": 2, "cuda": 8}
"""Windows recognised at once. More than two are no faster on a CPU, and cost 85 MB each."""

_SMALLER = "int8_float16"
"""The number format for a GPU with little memory."""

_OUT_OF_MEMORY = ("out of memory", "alloc_failed", "bad_alloc", "cannot allocate memory")


class SteadyRecogniser:
    """A recogniser that steps down when the GPU runs out of memory.

    It halves the batch, then lowers the precision, then moves to the CPU; `notes` says each step.

    Parameters
    ----------
    model : its name, for messages; `folder` : its files.
    device : where to begin.
    load : loads the model for a device.
    batch_size : windows recognised at once; None takes what suits the device.
    may_leave : whether the CPU may take over.
    """

    def __init__(
        self,
        model: str,
        folder: Path,
        device: Device,
        load: Load,
        *,
        batch_size: int | None,
        may_leave: bool,
    ) -> None:
        self.notes: list[str] = [device.note] if device.note else []
        self.batch_size = batch_size or _BATCH_SIZES[device.name]
        self._model, self._folder, self._load = model, folder, load
        self._may_leave = may_leave
        self._limit = self.batch_size
        self._device = device
        self._recogniser: Recogniser | None = None
        # A run that failed may leave a call behind while the next file begins.
        self._one_call = threading.Lock()
        self._reload(device)

    def hear(
        self, windows: Sequence[FloatArray], *, language: str | None, beam_size: int
    ) -> list[Heard]:
        """As `Recogniser.hear`.

        Raises
        ------
        EngineError : the model failed, there is no room for it, or it does not know the language.
        """
        with self._one_call:
            while True:
                if self._recogniser is None:
                    # An earlier call found no room for it.
                    self._reload(self._device)
                try:
                    return self._hear(windows, language, beam_size)
                except Exception as error:
                    if not _is_out_of_memory(error) or not self._step_down():
                        raise _explain(error, self._model, language) from error

    def _hear(
        self, windows: Sequence[FloatArray], language: str | None, beam_size: int
    ) -> list[Heard]:
        assert self._recogniser is not None
        heard: list[Heard] = []
        for i in range(0, len(windows), self._limit):
            group = windows[i : i + self._limit]
            heard += self._recogniser.hear(group, language=language, beam_size=beam_size)
            # The batch stays in one language, however small its parts had to become.
            language = language or heard[0].language
        return heard

    def _step_down(self) -> bool:
        """Take the next smaller step; False when there is none."""
        if self._device.name != "cuda":
            return False
        if self._limit > 1:
            self._limit //= 2
            self.notes.append(
                f"The GPU ran out of memory; it now recognises {self._limit * 30} s of speech "
                "at a time."
            )
            return True
        return self._lower_precision("The GPU ran out of memory")

    def _lower_precision(self, reason: str) -> bool:
        """Compute in 8 bits, or on the CPU if that was tried already or fails."""
        if self._device.compute_type != _SMALLER:
            self.notes.append(f"{reason}; it now computes in {_SMALLER}.")
            with suppress(EngineError):
                self._reload(Device("cuda", compute_type=_SMALLER))
                return True
        if not self._may_leave:
            return False
        self._move_to_cpu(f"{reason}; recognition continues on the CPU.")
        return True

    def _move_to_cpu(self, note: str) -> None:
        self.notes.append(note)
        self._limit = _BATCH_SIZES["cpu"]
        self._reload(Device("cpu"))

    def _reload(self, device: Device) -> None:
        # The old weights must be gone before there is room for the new ones.
        self._recogniser = None
        self._device = device
        try:
            self._recogniser = self._load(self._folder, device)
        except EngineError as error:
            if device.name == "cpu" or device.compute_type:
                raise
            if _is_out_of_memory(error):
                if not self._lower_precision("The GPU has too little memory for the model"):
                    raise
            elif self._may_leave:
                self._move_to_cpu(f"The GPU is not used: {error.why}.")
            else:
                raise


def _is_out_of_memory(error: BaseException) -> bool:
    text = f"{error} {getattr(error, 'why', '')}".casefold()
    return isinstance(error, MemoryError) or any(sign in text for sign in _OUT_OF_MEMORY)


def _explain(error: Exception, model: str, language: str | None) -> EngineError:
    why = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    if language and "language code" in why:
        return EngineError(
            f"Whisper does not know the language {language!r}",
            hint="give a code such as en, de or ja, or leave --language out",
        )
    hint = "try another model with --model"
    if _is_out_of_memory(error) or "CUDA" in why:
        hint = "try a smaller model with --model, or --device cpu; finished parts are kept"
    return EngineError(f"recognition with the model {model} failed", why=why, hint=hint)
