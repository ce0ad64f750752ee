"""Choose the device for recognition without risking a crash of this process."""

from __future__ import annotations

import ctypes
import gc
import importlib.util
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chapterize.children import child_environment
from chapterize.errors import EngineError

__all__ = [
    "COMPUTE_TYPES",
    "Device",
    "choose_device",
    "cuda_problem",
    "free_memory",
    "preload_cublas",
    "run_probe",
]

COMPUTE_TYPES = {
    "cuda": ("float16", "int8_float16", "float32"),
    "cpu": ("int8", "int8_float32", "float32"),
}
"""Compute types by device, best first."""

# cuBLAS 12 in loading order, then the library of the driver.
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

    `note` : why an existing GPU is not used. `compute_type` : one of `COMPUTE_TYPES`; empty selects
    the best that the device supports.
    """

    name: str
    note: str = ""
    compute_type: str = ""


def choose_device(wanted: str = "auto") -> Device:
    """Return the device for ``auto``, ``cpu`` or ``cuda``; the GPU only if a test succeeded.

    Raises
    ------
    EngineError : ``cuda`` was requested and does not work, or `wanted` is unknown.
    """
    if wanted not in ("auto", "cpu", "cuda"):
        raise EngineError(f"there is no device {wanted!r}", hint="use auto, cpu or cuda")
    if wanted == "cpu":
        return Device("cpu")
    problem = cuda_problem()
    if problem is None:
        return Device("cuda")
    if wanted == "cuda":
        raise EngineError(
            "the GPU cannot be used",
            why=problem,
            hint="omit --device, or install nvidia-cublas-cu12 in the environment of chapterize",
        )
    # Most machines have no NVIDIA GPU, which needs no note.
    return Device("cpu", f"The GPU is not used: {problem}." if _has_driver() else "")


# Cached because a draft asks twice, and the test costs at least 0.2 s: the import of ctranslate2.
@cache
def cuda_problem() -> str | None:
    """Return why the GPU cannot be used, or None if a test in a child process succeeded.

    The test runs in a child because a broken CUDA library aborts its process. The project's tests
    script the child, so they do not cover its behaviour on a real GPU.
    """
    if not _has_driver():
        return "there is no NVIDIA driver on this machine"
    return run_probe([sys.executable, "-c", _PROBE, str(Path(__file__).parents[2])])


def run_probe(command: Sequence[str], *, seconds: float = _PROBE_SECONDS) -> str | None:
    """Run a test process; return None if it exited with 0, else what happened, on one line."""
    try:
        child = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
            env=child_environment(),
        )
    except subprocess.TimeoutExpired:
        return f"the test of the GPU did not finish within {seconds:g} s"
    except OSError as error:
        return f"the test of the GPU could not start: {error.strerror or error}"
    if child.returncode == 0:
        return None
    lines = child.stderr.decode("utf-8", "replace").strip().splitlines()
    last = lines[-1].strip() if lines else "no message"
    if child.returncode < 0:
        with suppress(ValueError):
            name = signal.Signals(-child.returncode).name
            last = f"the test of the GPU was killed by {name}: {last}"
    return last.rstrip(".")


def try_cuda() -> None:
    """Use the GPU as recognition does; called only in the child of `cuda_problem`.

    Not yet tested on a real GPU: preloading cuBLAS, creating a handle, counting the devices.
    """
    library = preload_cublas()
    import ctranslate2

    if ctranslate2.get_cuda_device_count() < 1:
        sys.exit("no CUDA device was found")
    handle = ctypes.c_void_p()
    if status := library.cublasCreate_v2(ctypes.byref(handle)):
        sys.exit(f"cuBLAS does not start, status {status}")
    if not set(COMPUTE_TYPES["cuda"]) & ctranslate2.get_supported_compute_types("cuda"):
        sys.exit("the GPU is too old: it supports none of the required compute types")


def _has_driver() -> bool:
    # No library is known for other platforms.
    with suppress(KeyError, OSError):
        ctypes.CDLL(_LIBRARIES[sys.platform][2])
        return True
    return False


def preload_cublas() -> ctypes.CDLL:
    """Load cuBLAS 12 from nvidia-cublas-cu12 if that is installed, else from the system.

    CTranslate2 loads it by its bare name, and then gets the library that is already loaded.
    """
    libraries = _LIBRARIES[sys.platform][:2]
    folders: list[str] = []
    with suppress(ImportError, ValueError):
        spec = importlib.util.find_spec("nvidia.cublas")
        folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in map(Path, folders):
        if all((folder / name).is_file() for name in libraries):
            return [ctypes.CDLL(str(folder / name), ctypes.RTLD_GLOBAL) for name in libraries][-1]
    return ctypes.CDLL(Path(libraries[-1]).name, ctypes.RTLD_GLOBAL)


def free_memory() -> None:
    """Return the memory of deleted models to the system.

    On Linux, the C library keeps most of it otherwise: 0.5 GB of a model with 0.5 GB of weights.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
