"""Run all checks in order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from chapterize.cache import cache_folder
from chapterize.doctor import machine, models
from chapterize.doctor import online as net
from chapterize.doctor.check import Check, Plan, problem, warning
from chapterize.files import state_folder
from chapterize.masking import blank_secrets

__all__ = ["can_draft", "examine"]

_ESSENTIAL = frozenset(("Python", "packages", "ffmpeg", "models", "speech model", "temporary"))
"""Checks of what all drafts, or drafts of some files, depend on."""


def examine(plan: Plan, *, online: bool = False) -> Iterator[Check]:
    """Yield the result of each check; the network is used only with `online`."""
    for name, check in _checks(plan, online=online):
        try:
            found = check()
        except Exception as error:
            # A check that raises is reported, and must not hide the others.
            make = problem if name in _ESSENTIAL else warning
            fault = f"the check itself failed, {type(error).__name__}: {error}"
            found = make(name, fault, "please report this")
        yield replace(found, detail=_one_line(found.detail), remedy=_one_line(found.remedy))


def _checks(plan: Plan, *, online: bool) -> Iterator[tuple[str, Callable[[], Check]]]:
    yield "Python", machine.check_python
    yield "chapterize", machine.check_version
    yield "packages", machine.check_packages
    yield "ffmpeg", machine.check_ffmpeg
    yield "fonts", machine.check_fonts
    yield "emoji", machine.check_emoji
    yield "GPU", partial(models.check_gpu, plan.device)
    needs_sentences = plan.embedder not in ("static", "minilm")
    semantic = partial(machine.check_package, "sentence-transformers", "--embedder NAME")
    yield "sentence-transformers", partial(semantic, is_needed=needs_sentences)
    yield "minilm", partial(models.check_minilm, is_needed=plan.embedder == "minilm")
    yield "slides", models.check_slides
    yield "opentimelineio", partial(machine.check_package, "opentimelineio", "--format otio")
    yield "models", models.check_artefacts
    yield "speech model", partial(models.check_speech_model, plan)
    if plan.model is not None:
        yield "default model", partial(models.check_default_model, plan)
    yield "cache", machine.check_cache
    yield "state", machine.check_state
    yield "temporary", machine.check_temporary
    yield "free space", _check_space
    yield "title server", net.check_title_server
    yield "token", net.check_token
    if online:
        yield "model hub", net.check_hub
        yield "remote service", net.check_service


def _check_space() -> Check:
    folders = {"cache": cache_folder(), "state": state_folder()}
    return machine.check_space({**folders, "temporary": Path(tempfile.gettempdir())})


def _one_line(text: str) -> str:
    return blank_secrets(" ".join(text.split()))


def can_draft(checks: Sequence[Check]) -> bool:
    """Return whether no check found a problem."""
    return all(check.status != "problem" for check in checks)
