"""The program `chapterize`, also as ``python -m chapterize``."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False  # importing typing would take longer than everything else here
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> NoReturn:
    """Run the program; Ctrl-C during imports ends it without a traceback."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(128 + number))
    from chapterize.cli.interrupts import INTERRUPTED, exit_at_once
    from chapterize.cli.main import main as run

    try:
        run()
    except SystemExit as stopped:
        # If an interrupt passes through `exec`, as in a dataclass, Python kills itself at its end.
        if stopped.code == INTERRUPTED:
            exit_at_once(INTERRUPTED)
        raise


if __name__ == "__main__":
    main()
