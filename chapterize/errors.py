"""Every error this package raises on purpose.

::

    ChapterizeError
      InputError            what was given cannot be used
        MediaError          a media file that is missing, empty, damaged or encrypted
        FormatError         a chapter or caption file that breaks its format (names the line)
      OutputError           the result cannot be written: it exists, no room, no permission
      MissingDependency     an optional package is not installed (carries the install line)
      ToolError             ffmpeg failed (command, exit code, last lines)
      EngineError           a transcriber, embedder or titler failed

An error says three things: what failed, why, and what to do next. `exit_code` is what the command
line leaves with; the README lists them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "ChapterizeError",
    "EngineError",
    "FormatError",
    "InputError",
    "MediaError",
    "MissingDependency",
    "OutputError",
    "ToolError",
]


class ChapterizeError(Exception):
    """Root of the tree.

    Parameters
    ----------
    what : one line, what failed, with the file or option concerned.
    why : one line, the cause as far as it is known.
    hint : one line, what the user can do next.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, why: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.what}: {self.why}" if self.why else self.what


class InputError(ChapterizeError):
    """What was given cannot be used."""

    exit_code = 3


class MediaError(InputError):
    """A media file that cannot be opened, or lacks what is needed of it."""


class FormatError(InputError):
    """A chapter or caption file that breaks its format.

    `line` is the 1-based line of the first fault, None where lines mean nothing.
    """

    exit_code = 4

    def __init__(
        self, what: str, *, why: str = "", hint: str = "", line: int | None = None
    ) -> None:
        super().__init__(what if line is None else f"{what}, line {line}", why=why, hint=hint)
        self.line = line


class OutputError(ChapterizeError):
    """The result cannot be written."""

    exit_code = 5


class MissingDependency(ChapterizeError):
    """An optional package is not installed."""

    exit_code = 6

    def __init__(self, package: str, *, install: str, why: str = "") -> None:
        super().__init__(
            f"the package {package} is not installed", why=why, hint=f"install it: {install}"
        )
        self.package = package
        self.install = install


class ToolError(ChapterizeError):
    """An external program failed.

    `command` is its argument list, `returncode` its exit code (None: it never started),
    `tail` the last lines it wrote to stderr.
    """

    exit_code = 7

    def __init__(
        self,
        what: str,
        *,
        command: Sequence[str] = (),
        returncode: int | None = None,
        tail: str = "",
        hint: str = "",
    ) -> None:
        last = tail.strip().splitlines()[-1] if tail.strip() else "no message"
        why = last if returncode is None else f"exit code {returncode}, {last}"
        super().__init__(what, why=why, hint=hint)
        self.command = tuple(command)
        self.returncode = returncode
        self.tail = tail


class EngineError(ChapterizeError):
    """A transcriber, embedder or titler could not be loaded or failed on its input."""

    exit_code = 8
