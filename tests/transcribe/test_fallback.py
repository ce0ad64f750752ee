"""Falling back to smaller batches, 8-bit weights and the CPU."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chapterize.errors import EngineError
from chapterize.transcribe import Device
from chapterize.transcribe.fallback import SteadyRecogniser
from tests.synthetic_audio import Audio, noise
from tests.transcribe.scripted import ScriptedRecogniser, say

FOLDER = Path("model")
FULL = "CUDA failed with error out of memory\nat x.cc:1"


class Machine:
    """A GPU that fits a given number of windows per compute type, and a CPU without a limit.

    `loads` : the devices for which a model was loaded. `sizes` : the batch sizes that were tried.
    """

    def __init__(self, **room: int) -> None:
        self.room = room
        self.loads: list[str] = []
        self.sizes: list[int] = []
        self.can_load: Callable[[Device], EngineError | None] = lambda device: None

    def load(self, folder: Path, device: Device) -> ScriptedRecogniser:
        assert folder == FOLDER
        where = device.compute_type or ("float16" if device.name == "cuda" else "cpu")
        self.loads.append(where)
        if error := self.can_load(device):
            raise error
        recogniser = ScriptedRecogniser()
        recogniser.answer = lambda window: say(where, 0.0, 1.0)

        def check(call: int) -> None:
            n_windows = len(recogniser.history[-1].windows)
            self.sizes.append(n_windows)
            if n_windows > self.room.get(where, 99):
                raise RuntimeError(FULL)

        recogniser.before = check
        return recogniser

    def recogniser(
        self, *, device: str = "cuda", may_leave: bool = True, batch_size: int | None = None
    ) -> SteadyRecogniser:
        return SteadyRecogniser(
            "large", FOLDER, Device(device), self.load, batch_size=batch_size, may_leave=may_leave
        )


def _windows(n: int) -> list[Audio]:
    return [noise(1.0, seed=i) for i in range(n)]


def _recognise(recogniser: SteadyRecogniser, n: int, language: str | None = "en") -> list[str]:
    results = recogniser.recognise(_windows(n), language=language, beam_size=5)
    return [answer.words[0].text.strip() for answer in results]


def test_the_batch_size_depends_on_the_device_unless_it_is_given() -> None:
    assert Machine().recogniser().batch_size == 8
    assert Machine().recogniser(device="cpu").batch_size == 2
    assert Machine().recogniser(batch_size=5).batch_size == 5


def test_with_enough_memory_nothing_changes_and_there_are_no_notes() -> None:
    machine = Machine()
    recogniser = machine.recogniser()
    assert _recognise(recogniser, 8) == ["float16"] * 8
    assert (machine.sizes, recogniser.notes) == ([8], [])


def test_the_note_of_the_device_is_included() -> None:
    device = Device("cpu", "The GPU is not used: it is too old.")
    recogniser = SteadyRecogniser(
        "small", FOLDER, device, Machine().load, batch_size=None, may_leave=True
    )
    assert recogniser.notes == ["The GPU is not used: it is too old."]


def test_out_of_memory_halves_the_batch_permanently() -> None:
    machine = Machine(float16=2)
    recogniser = machine.recogniser()
    assert _recognise(recogniser, 8) == ["float16"] * 8
    assert machine.sizes == [8, 4, 2, 2, 2, 2]
    assert len(recogniser.notes) == 2
    assert "120 s" in recogniser.notes[0]
    assert "60 s" in recogniser.notes[1]
    machine.sizes.clear()
    _recognise(recogniser, 5)
    assert machine.sizes == [2, 2, 1]
    assert len(recogniser.notes) == 2


def test_parts_of_a_batch_stay_in_the_language_of_the_first() -> None:
    machine = Machine(float16=1)
    recogniser = machine.recogniser(batch_size=2)
    recogniser.recognise(_windows(2), language=None, beam_size=5)
    assert recogniser._recogniser is not None
    asked = recogniser._recogniser.history[1:]  # type: ignore[attr-defined]
    assert [call.language for call in asked] == [None, "en"]


def test_after_that_the_precision_is_lowered() -> None:
    machine = Machine(float16=0, int8_float16=1)
    recogniser = machine.recogniser(batch_size=2)
    assert _recognise(recogniser, 2) == ["int8_float16"] * 2
    assert machine.loads == ["float16", "int8_float16"]
    assert machine.sizes == [2, 1, 1, 1]
    assert "30 s" in recogniser.notes[0]
    assert recogniser.notes[1] == (
        "The GPU ran out of memory; recognition continues with int8_float16 weights."
    )


def test_after_that_the_cpu_is_used() -> None:
    machine = Machine(float16=0, int8_float16=0)
    recogniser = machine.recogniser(batch_size=4)
    assert _recognise(recogniser, 4) == ["cpu"] * 4
    assert machine.loads == ["float16", "int8_float16", "cpu"]
    assert machine.sizes == [4, 2, 1, 1, 2, 2]
    assert len(recogniser.notes) == 4
    assert recogniser.notes[-1] == "The GPU ran out of memory; recognition continues on the CPU."


def test_the_old_model_is_released_before_the_new_one_is_loaded() -> None:
    machine = Machine(float16=0)
    recogniser = machine.recogniser(batch_size=1)
    held: list[object] = []

    def look(device: Device) -> EngineError | None:
        held.append(recogniser._recogniser)
        return None

    machine.can_load = look
    _recognise(recogniser, 1)
    assert held == [None]


def test_a_requested_gpu_is_never_replaced_by_the_cpu() -> None:
    machine = Machine(float16=0, int8_float16=0)
    recogniser = machine.recogniser(batch_size=2, may_leave=False)
    with pytest.raises(EngineError, match="recognition with the model large failed") as caught:
        _recognise(recogniser, 2)
    assert "cpu" not in machine.loads
    assert "smaller model" in caught.value.hint
    assert "--device cpu" in caught.value.hint


def test_a_model_that_does_not_fit_on_the_gpu_is_loaded_smaller_then_on_the_cpu() -> None:
    machine = Machine()
    machine.can_load = lambda device: (
        EngineError("cannot load", why=FULL) if device.name == "cuda" else None
    )
    recogniser = machine.recogniser()
    assert machine.loads == ["float16", "int8_float16", "cpu"]
    assert len(recogniser.notes) == 2
    assert "too little memory for the model" in recogniser.notes[0]
    assert "recognition continues on the CPU" in recogniser.notes[1]
    assert _recognise(recogniser, 3) == ["cpu"] * 3
    with pytest.raises(EngineError, match="cannot load"):
        machine.recogniser(may_leave=False)


def test_if_loading_on_the_gpu_fails_the_cpu_is_used() -> None:
    machine = Machine()
    machine.can_load = lambda device: (
        EngineError("cannot load", why="no such library") if device.name == "cuda" else None
    )
    assert machine.recogniser().notes == ["The GPU is not used: no such library."]
    assert machine.loads == ["float16", "cpu"]
    with pytest.raises(EngineError, match="cannot load"):
        machine.recogniser(may_leave=False)
    assert machine.loads[2:] == ["float16"]


def test_failing_to_load_on_the_cpu_is_an_error() -> None:
    machine = Machine()
    machine.can_load = lambda device: EngineError("cannot load", why="damaged")
    with pytest.raises(EngineError, match="cannot load"):
        machine.recogniser()
    with pytest.raises(EngineError, match="cannot load"):
        machine.recogniser(device="cpu")


def test_after_a_failure_the_next_file_loads_the_model_again() -> None:
    machine = Machine(float16=0)
    machine.can_load = lambda device: (
        EngineError("cannot load", why=FULL) if device.compute_type else None
    )
    recogniser = machine.recogniser(may_leave=False)
    with pytest.raises(EngineError, match="recognition with the model"):
        _recognise(recogniser, 8)
    with pytest.raises(EngineError, match="cannot load"):
        _recognise(recogniser, 8)
    machine.can_load = lambda device: None
    assert _recognise(recogniser, 8) == ["int8_float16"] * 8


def test_out_of_memory_on_the_cpu_halves_the_batch() -> None:
    machine = Machine()
    recogniser = machine.recogniser(device="cpu")
    machine.room["cpu"] = 1
    assert len(_recognise(recogniser, 2)) == 2
    assert machine.sizes == [2, 1, 1]
    assert recogniser.notes == [
        "This machine ran out of memory; recognition continues with 30 s of speech per batch."
    ]


def test_out_of_memory_on_the_cpu_is_an_error() -> None:
    machine = Machine()
    recogniser = machine.recogniser(device="cpu")
    machine.room["cpu"] = 0
    with pytest.raises(EngineError) as caught:
        _recognise(recogniser, 2)
    # It halves the batch, and gives up with one window.
    assert machine.sizes == [2, 1]
    assert "smaller model" in caught.value.hint


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (RuntimeError(FULL), "--device cpu"),
        (RuntimeError("CUDA error: no kernel image\nis available"), "--device cpu"),
        (RuntimeError("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"), "smaller model"),
        (RuntimeError("std::bad_alloc"), "smaller model"),
        (MemoryError(), "smaller model"),
        (IndexError("list index out of range"), "another model"),
    ],
)
def test_exceptions_of_the_model_become_errors_with_a_hint(error: Exception, hint: str) -> None:
    recogniser = Machine().recogniser(device="cpu")

    def fail(call: int) -> None:
        raise error

    recogniser._recogniser.before = fail  # type: ignore[union-attr]
    with pytest.raises(EngineError, match="recognition with the model large failed") as caught:
        _recognise(recogniser, 1)
    assert hint in caught.value.hint
    assert caught.value.why
    assert "\n" not in caught.value.why
    assert caught.value.__cause__ is error


def test_an_unsupported_language_is_named() -> None:
    recogniser = Machine().recogniser(device="cpu")

    def fail(call: int) -> None:
        raise ValueError("'xx' is not a valid language code (accepted language codes: af, am)")

    recogniser._recogniser.before = fail  # type: ignore[union-attr]
    with pytest.raises(EngineError, match="'xx'") as caught:
        _recognise(recogniser, 1, "xx")
    assert "--language" in caught.value.hint


def test_concurrent_calls_wait_for_one_another() -> None:
    machine = Machine()
    recogniser = machine.recogniser(device="cpu")
    n_inside, most = 0, 0

    def count(call: int) -> None:
        nonlocal n_inside, most
        n_inside += 1
        most = max(most, n_inside)
        time.sleep(0.1)
        n_inside -= 1

    recogniser._recogniser.before = count  # type: ignore[union-attr]
    threads = [threading.Thread(target=_recognise, args=(recogniser, 1)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
