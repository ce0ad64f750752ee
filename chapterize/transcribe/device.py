"""Which device recognition runs on, found out without risk to this process."""

from __future__ import annotations

import ctypes
import importlib.util
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chapterize.errors import EngineError

__all__ = [
    "COMPUTE_TYPES",
    "Device",
    "choose_device",
    "cuda_problem",
    "preload_cublas",
    "run_probe",
]

COMPUTE_TYPES = {
    "cuda": ("float16", "int8_float16", "float32"),
    "cpu": ("int8", "int8_float32", "float32"),
}
"""Number formats by device, best first."""

# cuBLAS 12 in the order of loading, then the library of the driver.
_LIBRARIES = {
    "linux": ("lib/libcublasLt.so.12", "lib/libcublas.so.12", "libcuda.so.1"),
    "win32": ("bin/cublasLt64_12.dll", "bin/cublas64_12.dll", "nvcuda.dll"),
}
_PROBE = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from chapterize.transcribe.device import try_cuda; try_cuda()"
)
_PROBE_SECONDS = 60.0


@dataclass(frozen=True)
class Device:
    """Where recognition runs, ``cpu`` or ``cuda``.

    `note` says why it is not the GPU, where one would expect it. `compute_type` is one of
    `COMPUTE_TYPES`; empty takes the best that the device knows.
    """

    name: str
    note: str = ""
    compute_type: str = ""


def choose_device(wanted: str = "auto") -> Device:
    """Return the device for ``auto``, ``cpu`` or ``cuda``; the GPU only if it was seen to work.

    Raises
    ------
    EngineError : ``cuda`` was asked for and does not work, or `wanted` is no device.
    """
    if wanted not in ("auto", "cpu", "cuda"):
        raise EngineError(f"no device is called {wanted!r}", hint="give auto, cpu or cuda")
    if wanted == "cpu":
        return Device("cpu")
    problem = cuda_problem()
    if problem is None:
        return Device("cuda")
    if wanted == "cuda":
        raise EngineError(
            "the GPU cannot be used",
            why=problem,
            hint="leave --device out, or install nvidia-cublas-cu12 beside chapterize",
        )
    # Most machines have no NVIDIA card at all: that needs no word.
    return Device("cpu", f"The GPU is not used: {problem}." if _has_driver() else "")


@cache
def cuda_problem() -> str | None:
    """Return why the GPU cannot be used, or None when a trial in a child process succeeded.

    The trial runs in a child since a broken CUDA library aborts its process. What it does on a
    machine with a GPU is not covered by the tests: they script the child.
    """
    if not _has_driver():
        return "there is no NVIDIA driver on this machine"
    return run_probe([sys.executable, "-c", _PROBE, str(Path(__file__).parents[2])])


def run_probe(command: Sequence[str], *, seconds: float = _PROBE_SECONDS) -> str | None:
    """Run a trial process; None when it left with 0, else one line that says what happened."""
    try:
        trial = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        return f"the trial did not end within {seconds:g} s"
    except OSError as error:
        return f"the trial did not start, {error.strerror or error}"
    if trial.returncode == 0:
        return None
    lines = trial.stderr.decode("utf-8", "replace").strip().splitlines()
    last = lines[-1].strip() if lines else "no message"
    if trial.returncode < 0:
        with suppress(ValueError):
            last = f"the trial was ended by {signal.Signals(-trial.returncode).name}, {last}"
    return last.rstrip(".")


def try_cuda() -> None:
    """Use the GPU as recognition will; runs in the child of `cuda_problem` only.

    Untested on a real GPU so far: preloading cuBLAS, making a handle, counting the devices.
    """
    library = preload_cublas()
    import ctranslate2

    if ctranslate2.get_cuda_device_count() < 1:
        sys.exit("no CUDA device was found")
    handle = ctypes.c_void_p()
    if status := library.cublasCreate_v2(ctypes.byref(handle)):
        sys.exit(f"cuBLAS does not start, status {status}")
    if not set(COMPUTE_TYPES["cuda"]) & ctranslate2.get_supported_compute_types("cuda"):
        sys.exit("the GPU is too old, it knows none of the number formats needed")


def _has_driver() -> bool:
    names = _LIBRARIES.get(sys.platform)
    if names is None:
        return False
    try:
        ctypes.CDLL(names[2])
    except OSError:
        return False
    return True


def preload_cublas() -> ctypes.CDLL:
    """Load cuBLAS 12 from nvidia-cublas-cu12 when that is installed, else the system's.

    CTranslate2 asks for it by its bare name and then finds the one already loaded.
    """
    wanted = _LIBRARIES[sys.platform][:2]
    places: list[str] = []
    with suppress(ImportError, ValueError):
        spec = importlib.util.find_spec("nvidia.cublas")
        places = list(spec.submodule_search_locations or []) if spec else []
    for place in map(Path, places):
        if all((place / name).is_file() for name in wanted):
            return [ctypes.CDLL(str(place / name), ctypes.RTLD_GLOBAL) for name in wanted][-1]
    return ctypes.CDLL(Path(wanted[-1]).name, ctypes.RTLD_GLOBAL)
