"""Run the program inside this process and catch what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Done:
    """How one run ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]
