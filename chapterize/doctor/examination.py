"""Run all checks in order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from chapterize.cache import cache_folder
from chapterize.doctor.check import Check, Plan, problem, warning
from chapterize.doctor.machine import (
    check_cache,
    check_emoji,
    check_ffmpeg,
    check_fonts,
    check_package,
    check_packages,
    check_python,
    check_space,
    check_state,
    check_temporary,
    check_version,
)
from chapterize.doctor.models import (
    check_artefacts,
    check_default_model,
    check_gpu,
    check_speech_model,
)
from chapterize.doctor.online import check_hub, check_service, check_token
from chapterize.remote.identity import blank_secrets, state_folder

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
    yield "Python", check_python
    yield "chapterize", check_version
    yield "packages", check_packages
    yield "ffmpeg", check_ffmpeg
    yield "fonts", check_fonts
    yield "emoji", check_emoji
    yield "GPU", partial(check_gpu, plan.device)
    needs_sentences = plan.embedder != "static"
    semantic = partial(check_package, "sentence-transformers", "--embedder NAME")
    yield "sentence-transformers", partial(semantic, is_needed=needs_sentences)
    yield "opentimelineio", partial(check_package, "opentimelineio", "--format otio")
    yield "models", check_artefacts
    yield "speech model", partial(check_speech_model, plan)
    if plan.model is not None:
        yield "default model", partial(check_default_model, plan)
    yield "cache", check_cache
    yield "state", check_state
    yield "temporary", check_temporary
    yield "free space", _check_space
    yield "token", check_token
    if online:
        yield "model hub", check_hub
        yield "remote service", check_service


def _check_space() -> Check:
    folders = {"cache": cache_folder(), "state": state_folder()}
    return check_space({**folders, "temporary": Path(tempfile.gettempdir())})


def _one_line(text: str) -> str:
    return blank_secrets(" ".join(text.split()))


def can_draft(checks: Sequence[Check]) -> bool:
    """Return whether no check found a problem."""
    return all(check.status != "problem" for check in checks)
