"""What a terminal shows after a program has written to it."""

from __future__ import annotations

import re
import unicodedata

_PARTS = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Screen:
    """A terminal of some columns that wraps long lines, again after a resize, and scrolls.

    It knows the codes that a live table needs, and fails on any other.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._lines: list[list[str]] = [[]]  # as written, before they are wrapped
        self._row, self._column = 0, 0  # the row counts wrapped rows

    def write(self, text: str) -> None:
        """Show `text`; a code that is cut off at its end is not supported."""
        assert "".join(found[0] for found in _PARTS.finditer(text)) == text, repr(text)
        for found in _PARTS.finditer(text):
            number, code, control, plain = found.groups()
            if control == "\r":
                self._column = 0
            elif control == "\n":
                self._row, self._column = self._row + 1, 0
                if self._row == self._n_rows():
                    self._lines.append([])
            elif plain is not None:
                for sign in plain:
                    self._put(sign)
            elif code == "A":
                self._row = max(0, self._row - int(number or 1))
            elif code == "K":
                line, start = self._place()
                del self._lines[line][start + self._column :]
            elif code == "J":
                line, start = self._place()
                del self._lines[line + 1 :]
                del self._lines[line][start + self._column :]
            else:
                assert code == "m", f"an unknown code: {found[0]!r}"

    def resize(self, columns: int) -> None:
        """Wrap all lines again; the cursor stays at its place in the text."""
        line, start = self._place()
        at = start + self._column
        self.columns = columns
        self._row = sum(self._rows_of(each) for each in self._lines[:line]) + at // columns
        self._column = at % columns

    @property
    def text(self) -> str:
        """All lines, wrapped, without spaces at their ends."""
        rows = []
        for line in self._lines:
            for at in range(0, max(1, len(line)), self.columns):
                rows.append("".join(line[at : at + self.columns]).rstrip())
        return "\n".join(rows).rstrip("\n")

    def _rows_of(self, line: list[str]) -> int:
        return max(1, -(-len(line) // self.columns))

    def _n_rows(self) -> int:
        return sum(map(self._rows_of, self._lines))

    def _place(self) -> tuple[int, int]:
        """The line of the cursor, and the cell in it at which its row starts."""
        row = self._row
        for number, line in enumerate(self._lines):
            if row < self._rows_of(line):
                return number, row * self.columns
            row -= self._rows_of(line)
        raise AssertionError("the cursor is below the last line")

    def _put(self, sign: str) -> None:
        width = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        line, start = self._place()
        cells = self._lines[line]
        at = start + self._column
        cells.extend(" " * (at + width - len(cells)))
        cells[at : at + width] = [sign, *[""] * (width - 1)]
        self._column += width
        if self._column >= self.columns:
            self._row, self._column = self._row + self._column // self.columns, 0
            if self._row == self._n_rows():
                # Where the next sign goes; it belongs to the same line.
                cells.append("")
