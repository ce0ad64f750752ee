"""What one check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Check", "Plan", "Status", "ok", "problem", "warning"]

Status = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Check:
    """One finding; `detail` and `remedy` are one line each.

    `status` is ``problem`` when drafts fail because of it, ``warning`` when something else does
    or a draft is slower or poorer. `remedy` is empty when all is well.
    """

    name: str
    status: Status
    detail: str
    remedy: str = ""


@dataclass(frozen=True)
class Plan:
    """The settings that decide what is needed here; None takes the default model."""

    model: str | None = None
    device: str = "auto"
    embedder: str = "static"
    offline: bool = False


def ok(name: str, detail: str) -> Check:
    """Return a check that passed."""
    return Check(name, "ok", detail)


def warning(name: str, detail: str, remedy: str) -> Check:
    """Return a check after which drafts still work."""
    return Check(name, "warning", detail, remedy)


def problem(name: str, detail: str, remedy: str) -> Check:
    """Return a check after which drafts fail."""
    return Check(name, "problem", detail, remedy)
