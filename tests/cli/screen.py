"""What a terminal shows after a program has written to it."""

from __future__ import annotations

import re
import unicodedata

_PARTS = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Screen:
    """A terminal of some columns, without an upper end, that wraps lines again after a resize.

    It knows the codes that a live table needs, and fails on any other.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._rows: list[list[str]] = [[]]
        self._continues = [False]  # whether the line of a row goes on in the next row
        self._row, self._column = 0, 0

    def write(self, text: str) -> None:
        """Show `text`; a code that is cut off at its end is not supported."""
        assert "".join(found[0] for found in _PARTS.finditer(text)) == text, repr(text)
        for found in _PARTS.finditer(text):
            number, code, control, plain = found.groups()
            if control == "\r":
                self._column = 0
            elif control == "\n":
                self._next_row()
            elif plain is not None:
                for sign in plain:
                    self._put(sign)
            elif code == "A":
                self._row = max(0, self._row - int(number or 1))
            elif code in ("K", "J"):
                # After a full row, the cursor is still in its last column.
                del self._rows[self._row][min(self._column, self.columns - 1) :]
                self._continues[self._row] = False
                if code == "J":
                    del self._rows[self._row + 1 :]
                    del self._continues[self._row + 1 :]
            else:
                assert code == "m", f"an unknown code: {found[0]!r}"

    def resize(self, columns: int) -> None:
        """Wrap all lines again; the cursor stays at its place in the text."""
        rows, flags, place = self._rows, self._continues, self._row
        self.columns, self._rows, self._continues = columns, [], []
        start = 0
        for end, goes_on in enumerate(flags):
            if goes_on and end + 1 < len(rows):
                continue
            line = [cell for row in rows[start : end + 1] for cell in row]
            if start <= place <= end:
                at = sum(map(len, rows[start:place])) + self._column
                self._row, self._column = len(self._rows) + at // columns, at % columns
            parts = [line[at : at + columns] for at in range(0, max(1, len(line)), columns)]
            self._rows += parts
            self._continues += [True] * (len(parts) - 1) + [False]
            start = end + 1

    @property
    def text(self) -> str:
        """All rows, without spaces at their ends."""
        return "\n".join("".join(row).rstrip() for row in self._rows).rstrip("\n")

    def _next_row(self) -> None:
        self._row, self._column = self._row + 1, 0
        if self._row == len(self._rows):
            self._rows.append([])
            self._continues.append(False)

    def _put(self, sign: str) -> None:
        width = 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if self._column + width > self.columns:
            self._continues[self._row] = True
            self._next_row()
        cells = self._rows[self._row]
        cells.extend(" " * (self._column + width - len(cells)))
        cells[self._column : self._column + width] = [sign, *[""] * (width - 1)]
        self._column += width
