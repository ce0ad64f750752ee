"""Check the GPU, the models included in the package, and speech models on disk."""

from __future__ import annotations

from pathlib import Path

from chapterize import hub, weights
from chapterize.doctor.check import Check, Plan, ok, problem, warning
from chapterize.errors import EngineError, MissingDependency

__all__ = [
    "check_artefacts",
    "check_default_model",
    "check_gpu",
    "check_minilm",
    "check_slides",
    "check_speech_model",
]


def check_gpu(device: str = "auto") -> Check:
    """Check whether recognition can use the GPU, with a trial in a child process."""
    from chapterize.transcribe.device import cuda_problem

    if device == "cpu":
        return ok("GPU", "not used, because device is cpu")
    fault = cuda_problem()
    if fault is None:
        return ok("GPU", "CUDA works: driver, cuBLAS and a trial run")
    if device == "cuda":
        return problem("GPU", fault, "use --device auto or cpu, or repair the CUDA installation")
    if "driver" in fault:
        remedy = "nothing to do without an NVIDIA GPU; otherwise install its driver"
    else:
        remedy = "install nvidia-cublas-cu12 in the environment of chapterize"
    return warning("GPU", f"recognition runs on the CPU: {fault}", remedy)


def check_artefacts(folder: Path | None = None) -> Check:
    """Compare the trained models in `folder` with their published SHA-256 digests."""
    try:
        folder = folder or weights.folder()
        names = [weights.artefact(name, folder).name for name in weights.digests(folder)]
    except EngineError as error:
        return problem("models", str(error), error.hint)
    return ok("models", f"{len(names)} files in {folder}, checksums match")


def check_minilm(*, is_needed: bool = False) -> Check:
    """Check that the weights of ``--embedder minilm`` are installed, and their digest."""
    from chapterize.vectors import minilm_weights

    make = problem if is_needed else warning
    try:
        return ok("minilm", f"{minilm_weights()}, checksum matches")
    except MissingDependency as error:
        return make(
            "minilm",
            f"{error.package} is not installed; --embedder minilm needs it",
            error.hint,
        )
    except EngineError as error:
        return make("minilm", str(error), error.hint)


def check_slides() -> Check:
    """Check that the extra ``slides`` is installed, and the digests of its weights."""
    from chapterize.slides import reader_weights

    try:
        return ok("slides", f"{reader_weights()[0].parent}, checksums match")
    except MissingDependency as error:
        return warning(
            "slides",
            f"{error.package} is not installed; with it, headings on slides would become "
            "evidence and titles of chapters",
            error.hint,
        )
    except EngineError as error:
        return problem("slides", str(error), error.hint)


def check_speech_model(plan: Plan) -> Check:
    """Check that the speech model of `plan` is on disk.

    Drafts of files with captions work without one.
    """
    from chapterize.transcribe.model import check_folder, model_on_disk

    name = plan.model or _default_model(plan.device)
    try:
        folder = model_on_disk(name)
        if folder is not None:
            check_folder(folder)
            return ok("speech model", f"{name}, {folder}")
    except EngineError as error:
        return problem("speech model", str(error), error.hint)
    detail = f"{name} is not on this disk"
    if plan.offline:
        return warning(
            "speech model",
            f"{detail}, and offline mode prevents its download",
            "draft a file without captions once with --no-offline, or pass a folder with --model",
        )
    model = hub.known(name)
    size = hub.size_text(model.megabytes if model else None)
    return warning(
        "speech model", detail, f"nothing to do: it is downloaded when a draft needs it ({size})"
    )


def check_default_model(plan: Plan) -> Check:
    """Report whether the default speech model is on disk, for a `plan` that names another one."""
    from chapterize.transcribe.model import model_on_disk

    name = _default_model(plan.device)
    where = "not on this disk" if model_on_disk(name) is None else "on this disk"
    return ok("default model", f"{name} is {where}; not needed while the model is {plan.model}")


def _default_model(device: str) -> str:
    from chapterize.transcribe.model import default_model

    try:
        return default_model(device)
    except EngineError:
        # The GPU check reports a device that does not work.
        return default_model("cpu")
