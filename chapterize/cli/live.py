"""Lines at the bottom of a terminal that are drawn again and again."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence

__all__ = ["Line", "LiveLines", "terminal_size"]

Line = tuple[str, int]
"""Text with codes, and its width in cells."""

_ERASE_LINE, _ERASE_BELOW = "\x1b[K", "\x1b[J"


def terminal_size() -> tuple[int, int]:
    """Columns and rows of the terminal on stderr."""
    try:
        size = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):
        size = shutil.get_terminal_size()
    return max(10, size.columns), max(4, size.lines)


class LiveLines:
    """Lines on stderr that replace those drawn before.

    The cursor waits below them and stays visible, so that a killed process leaves nothing to
    repair. Each update is one write.
    """

    def __init__(self) -> None:
        self._widths: list[int] = []  # cells of each line on the terminal
        self._columns = 0
        # Most terminals wrap lines again when they become narrower; these three cut them off.
        of_xterm_or_screen = not os.environ.keys().isdisjoint(("XTERM_VERSION", "STY"))
        cuts_off = of_xterm_or_screen or os.environ.get("TERM") == "linux"
        self._wraps = "TMUX" in os.environ or not cuts_off

    def draw(self, lines: Sequence[Line], above: Sequence[Line] = ()) -> None:
        """Replace the lines; those of `above` are printed before them and stay."""
        if not (self._widths or lines or above):
            return
        columns, _ = terminal_size()
        # Some terminals keep what is erased from their first row on, as if it had scrolled. So each
        # row is written over, unless the rows are no longer where they were.
        start = _ERASE_BELOW if columns != self._columns else ""
        body = "".join(
            # After a full row, some terminals are still on it, and would erase its end.
            f"{text}{_ERASE_LINE if not width or width % columns else ''}\n"
            for text, width in (*above, *lines)
        )
        sys.stderr.write(f"{self._up()}{start}{body}{_ERASE_BELOW}")
        sys.stderr.flush()
        self._columns, self._widths = columns, [width for _, width in lines]

    def clear(self) -> None:
        """Remove the lines."""
        self.draw(())

    def _up(self) -> str:
        """The code that moves the cursor to the first line."""
        if not self._widths:
            return ""
        columns, rows = terminal_size()
        n = len(self._widths)
        if self._wraps:
            n = sum(max(1, -(-width // columns)) for width in self._widths)
        if n < rows:
            return f"\r\x1b[{n}A"
        # The first row that is left is the end of a line that has scrolled away: start a new one.
        return f"\r\x1b[{rows - 1}A{_ERASE_BELOW}\n"
