"""The result of a run of the program inside this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Done:
    """Exit code, stdout and stderr of one run."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]

Configure = Callable[[str], Path]
