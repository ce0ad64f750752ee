"""Files read as they go out, a piece at a time, with somebody told how far that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from chapterize.errors import InputError

__all__ = ["CountedFile", "OnBytes"]

OnBytes = Callable[[int], None]
"""Called with the number of bytes that went out or came in, for each piece."""


class CountedFile:
    """As much of a binary file as an upload asks for."""

    def __init__(self, file: BinaryIO, on_bytes: OnBytes | None) -> None:
        self._file = file
        self._on_bytes = on_bytes

    @classmethod
    @contextmanager
    def opened(cls, path: Path, on_bytes: OnBytes | None) -> Iterator[CountedFile]:
        """The file at `path`, closed at the end.

        Raises
        ------
        InputError : it cannot be read.
        """
        try:
            file = path.open("rb")
        except OSError as error:
            raise InputError(
                f"cannot read {path}",
                why=error.strerror or str(error),
                hint="check that the file is there and that you may read it",
            ) from error
        with file:
            yield cls(file, on_bytes)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, `size` at the most."""
        piece = self._file.read(size)
        if self._on_bytes is not None:
            self._on_bytes(len(piece))
        return piece

    def fileno(self) -> int:
        """So that the length is known before the first byte goes out."""
        return self._file.fileno()

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go elsewhere in the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where the next byte is read."""
        return self._file.tell()
