"""Child processes get the environment of this process without its secrets."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

__all__ = ["SECRET_VARIABLES", "child_environment", "output_of"]

SECRET_VARIABLES = ("NEMO_TOKEN", "CHAPTERIZE_TITLES_KEY")


def child_environment() -> dict[str, str]:
    """Return the environment for a child process."""
    # Windows ignores the case of names.
    return {name: text for name, text in os.environ.items() if name.upper() not in SECRET_VARIABLES}


def output_of(command: Sequence[str], *, seconds: float) -> str | None:
    """What a program prints on stdout; None if it cannot be run, fails or takes too long."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=True,
            env=child_environment(),
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return done.stdout.decode("utf-8", "replace")
