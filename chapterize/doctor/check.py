"""The result of a check, and the settings that the checks depend on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Check", "Plan", "Status", "ok", "problem", "warning"]

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Check:
    """The result of one check; `detail` and `remedy` are one line each.

    `status` is ``problem`` if drafts fail because of it, ``warning`` if something else fails or
    drafts become slower or worse. `remedy` is empty if `status` is ``ok``.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class Plan:
    """The settings that determine what is needed; `model` None means the default model."""

    model: str | None = None
    device: str = "auto"
    embedder: str = "static"
    offline: bool = False
    slides: str = "auto"


def ok(name: str, detail: str) -> Check:
    """Return a check that passed."""
    return Check(name, "ok", detail)


def warning(name: str, detail: str, remedy: str) -> Check:
    """Return a failed check that does not prevent drafts."""
    return Check(name, "warning", detail, remedy)


def problem(name: str, detail: str, remedy: str) -> Check:
    """Return a failed check that makes drafts fail."""
    return Check(name, "problem", detail, remedy)
