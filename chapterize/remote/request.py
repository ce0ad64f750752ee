"""One request to the service: what is sent, and how long an answer may take."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from json import dumps
from pathlib import Path
from typing import Any

from chapterize.errors import InputError

__all__ = ["OnBytes", "Request"]

OnBytes = Callable[[int], None]
"""Called with the number of bytes of each piece that was sent."""


@dataclass(frozen=True)
class Request:
    """One request, and how it is sent.

    `path` may be a whole address. `json` or `files`, by name, are the body; `on_bytes` follows
    the files. `silence` replaces the timeout of an answer. `is_safe` : it may be repeated.
    """

    verb: str
    path: str
    json: Mapping[str, Any] | None = None
    files: Mapping[str, Path] = field(default_factory=dict)
    on_bytes: OnBytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    silence: float | None = None
    is_safe: bool = False
    with_token: bool = True

    def body(self, stack: ExitStack) -> dict[str, Any]:
        """The arguments of httpx; opened files are closed by `stack`."""
        if self.files:
            opened = [
                # A name that is not valid UTF-8 could not be sent.
                (name.encode("utf-8", "replace").decode(), _opened(path, self.on_bytes, stack))
                for name, path in self.files.items()
            ]
            return {"files": [("files", each) for each in opened]}
        # A draft is returned as it came, with its NaN and unpaired surrogates.
        return {} if self.json is None else {"content": dumps(self.json).encode()}


class _CountedFile(io.FileIO):
    """A file that reports how much of it has been read."""

    def __init__(self, path: Path, on_bytes: OnBytes | None) -> None:
        super().__init__(path)
        self._on_bytes = on_bytes or (lambda n_bytes: None)

    def read(self, size: int | None = -1) -> bytes:
        """Read the next bytes, at most `size`."""
        piece = super().read(size) or b""
        self._on_bytes(len(piece))
        return piece


def _opened(path: Path, on_bytes: OnBytes | None, stack: ExitStack) -> io.FileIO:
    try:
        return stack.enter_context(_CountedFile(path, on_bytes))
    except OSError as error:
        raise InputError(
            f"cannot read {path}",
            why=error.strerror or str(error),
            hint="check that the file exists and that you may read it",
        ) from error
