"""The errors that this package raises.

::

    ChapterizeError
      InputError            the input or an option cannot be used
        OptionError         an option has a value that it does not take, or excludes another one
        MediaError          a media file is missing, empty, damaged or encrypted
        FormatError         a chapter, caption or settings file is malformed (names the line)
      OutputError           the result cannot be written: it exists, disk full, no permission
      MissingDependency     an optional package is not installed (has the install command)
      ToolError             ffmpeg failed (command, exit code, last lines of output)
      EngineError           a transcriber, embedder or titler failed
      RemoteError           the remote editing service did not do what was asked
        RemoteUnreachable   no connection, or no response
        RemoteRefused       the service refused the request
          TokenRefused      the token has expired or is invalid
          SessionExpired    the service no longer knows the session
          OutOfCredits      not enough credits
          ExportBlocked     the plan does not include exports
          RateLimited       too many requests
          UnsupportedFile   the service does not accept this kind of file
          FileTooLarge      the service does not accept a file of this size
        RemoteProtocolError  the response does not follow the service's contract
        RunInterrupted      a message may or may not have arrived; its outcome is unknown
      Declined              the user declined, and nothing was sent
      SessionInUse          another process works on the remote session

An error has three parts: what failed, why, and what to do next. `exit_code` is the exit code of
the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "ChapterizeError",
    "Declined",
    "EngineError",
    "ExportBlocked",
    "FileTooLarge",
    "FormatError",
    "InputError",
    "MediaError",
    "MissingDependency",
    "OptionError",
    "OutOfCredits",
    "OutputError",
    "RateLimited",
    "RemoteError",
    "RemoteProtocolError",
    "RemoteRefused",
    "RemoteUnreachable",
    "RunInterrupted",
    "SessionExpired",
    "SessionInUse",
    "TokenRefused",
    "ToolError",
    "UnsupportedFile",
]


class ChapterizeError(Exception):
    """The base class of all errors.

    Parameters
    ----------
    what : one line: what failed, with the file or option concerned.
    why : one line: the cause, if known.
    hint : one line: what the user can do next.
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
    """The input or an option cannot be used."""

    exit_code = 3


class OptionError(InputError):
    """An option has a value that it does not take, or two options exclude each other."""

    exit_code = 2


class MediaError(InputError):
    """A media file cannot be opened, or lacks a stream that is needed."""


class FormatError(InputError):
    """A chapter, caption or settings file is malformed.

    `line` is the 1-based line of the first error, or None for formats without lines.
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

    `command` is its argument list, `returncode` its exit code (None if it did not start), `tail`
    the last lines of its stderr.
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
    """A transcriber, embedder or titler could not be loaded, or failed on its input."""

    exit_code = 8


class RemoteError(ChapterizeError):
    """The remote editing service did not do what was asked."""

    exit_code = 9


class RemoteUnreachable(RemoteError):
    """No connection, or no response.

    `was_sent` : the request may have arrived and been acted on.
    """

    def __init__(self, what: str, *, why: str = "", hint: str = "", was_sent: bool = True) -> None:
        super().__init__(what, why=why, hint=hint)
        self.was_sent = was_sent


class RemoteRefused(RemoteError):
    """The service refused the request; `code` is its own error code or the HTTP status."""

    def __init__(
        self, what: str, *, why: str = "", hint: str = "", code: int | None = None
    ) -> None:
        super().__init__(what, why=why, hint=hint)
        self.code = code


class TokenRefused(RemoteRefused):
    """The token has expired or is invalid."""


class SessionExpired(RemoteRefused):
    """The service no longer knows the session."""


class OutOfCredits(RemoteRefused):
    """Not enough credits."""


class ExportBlocked(RemoteRefused):
    """The plan does not include exports; more credits would not help."""


class RateLimited(RemoteRefused):
    """Too many requests; `wait` is the wait in seconds that the service asked for, or None."""

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        hint: str = "",
        code: int | None = None,
        wait: float | None = None,
    ) -> None:
        super().__init__(what, why=why, hint=hint, code=code)
        self.wait = wait


class UnsupportedFile(RemoteRefused):
    """The service does not accept this kind of file."""


class FileTooLarge(RemoteRefused):
    """The service does not accept a file of this size."""


class RemoteProtocolError(RemoteError):
    """The response does not follow the service's contract."""


class RunInterrupted(RemoteError):
    """A message may or may not have arrived; read the session's state instead of resending it."""

    exit_code = 10


class Declined(ChapterizeError):
    """The user declined, and nothing was sent."""

    exit_code = 11


class SessionInUse(ChapterizeError):
    """Another process works on the remote session; only one may write its journal."""

    exit_code = 12
