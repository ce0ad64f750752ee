"""A recogniser that falls back to smaller settings when memory runs out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chapterize.errors import EngineError
from chapterize.transcribe.device import Device
from chapterize.transcribe.engine import Recognised, Recogniser

if TYPE_CHECKING:
    from chapterize.data import FloatArray

__all__ = ["Load", "SteadyRecogniser"]

Load = Callable[[Path, Device], Recogniser]

_BATCH_SIZES = {"cpu": 2, "cuda": 8}
"""Windows per batch. On a CPU, more than two are no faster and cost 85 MB each."""

_SMALLER = "int8_float16"
"""The compute type for a GPU with little memory."""

_OUT_OF_MEMORY = ("out of memory", "alloc_failed", "bad_alloc", "cannot allocate memory")


class SteadyRecogniser:
    """A Recogniser that continues when memory runs out.

    It halves the batch; on a GPU it then lowers the precision, then moves to the CPU. `notes`
    describes each step.

    Parameters
    ----------
    model : name of the model in messages.
    folder : folder of the model.
    device : device to start with.
    load : loads the model for a device.
    batch_size : windows per batch; None selects the default of the device.
    may_leave : whether recognition may move to the CPU.
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
        # After a failed run, its last call may still be active when the next file starts.
        self._one_call = threading.Lock()
        self._reload(device)

    def recognise(
        self, windows: Sequence[FloatArray], *, language: str | None, beam_size: int
    ) -> list[Recognised]:
        """See `Recogniser.recognise`.

        Raises
        ------
        EngineError : the model failed, does not fit into memory, or does not support the language.
        """
        with self._one_call:
            while True:
                if self._recogniser is None:
                    # In an earlier call, the model did not fit into memory.
                    self._reload(self._device)
                try:
                    return self._recognise(windows, language, beam_size)
                except Exception as error:
                    if not _is_out_of_memory(error) or not self._step_down():
                        raise _explain(error, self._model, language) from error

    def _recognise(
        self, windows: Sequence[FloatArray], language: str | None, beam_size: int
    ) -> list[Recognised]:
        assert self._recogniser is not None
        results: list[Recognised] = []
        for i in range(0, len(windows), self._limit):
            group = windows[i : i + self._limit]
            results += self._recogniser.recognise(group, language=language, beam_size=beam_size)
            # The whole batch stays in one language, even if it is split.
            language = language or results[0].language
        return results

    def _step_down(self) -> bool:
        """Use the next smaller settings; return False if there are none."""
        if self._limit > 1:
            self._limit //= 2
            where = "The GPU" if self._device.name == "cuda" else "This machine"
            self.notes.append(
                f"{where} ran out of memory; recognition continues with {self._limit * 30} s of "
                "speech per batch."
            )
            return True
        if self._device.name != "cuda":
            return False
        return self._lower_precision("The GPU ran out of memory")

    def _lower_precision(self, reason: str) -> bool:
        """Switch to 8-bit weights, or to the CPU if they are in use already or fail to load."""
        if self._device.compute_type != _SMALLER:
            self.notes.append(f"{reason}; recognition continues with {_SMALLER} weights.")
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
        # The old weights are released first, to free memory for the new ones.
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
            f"Whisper does not support the language {language!r}",
            hint="use a code such as en, de or ja, or omit --language",
        )
    hint = "try another model with --model"
    if _is_out_of_memory(error) or "CUDA" in why:
        hint = "try a smaller model with --model, or --device cpu; finished parts are not lost"
    return EngineError(f"recognition with the model {model} failed", why=why, hint=hint)
