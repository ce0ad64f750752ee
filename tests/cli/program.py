"""Running the program inside this process, and the chapter lists that the tests give it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chapterize.cli.main import app

LIST = "0:00 Intro\n1:00 Middle\n2:00 End\n"
BAD = "0:05 Intro\n2:00 b\n1:00 c\n2:05 d\n"


@dataclass(frozen=True)
class Done:
    """Exit code, stdout and stderr of one run."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]

Configure = Callable[[str], Path]


def run_app(*arguments: str | Path) -> int:
    """Run the program without its outermost layer: errors are raised."""
    code: Any = app([str(argument) for argument in arguments], standalone_mode=False)
    return code or 0
