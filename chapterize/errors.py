"""Every error this package raises on purpose.

::

    ChapterizeError
      InputError            what was given cannot be used
        MediaError          a media file that is missing, empty, damaged or encrypted
        FormatError         a chapter, caption or configuration file with a fault (names the line)
      OutputError           the result cannot be written: it exists, no room, no permission
      MissingDependency     an optional package is not installed (carries the install line)
      ToolError             ffmpeg failed (command, exit code, last lines)
      EngineError           a transcriber, embedder or titler failed
      RemoteError           the remote editing service did not do what was asked
        RemoteUnreachable   no connection, or no answer
        RemoteRefused       it said no
          TokenRefused      the token has expired or is not valid
          SessionExpired    it does not know the session
          OutOfCredits      the credits do not suffice
          ExportBlocked     the plan does not allow an export
          RateLimited       too many requests
          UnsupportedFile   it does not take this kind of file
          FileTooLarge      it does not take a file of this size
        RemoteProtocolError  it answered something that its contract does not have
        RunInterrupted      a message may or may not have arrived: its outcome is unknown
      Declined              the user said no, and nothing was sent

An error says three things: what failed, why, and what to do next. `exit_code` is what the command
line leaves with; the README lists them.
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
    "OutOfCredits",
    "OutputError",
    "RateLimited",
    "RemoteError",
    "RemoteProtocolError",
    "RemoteRefused",
    "RemoteUnreachable",
    "RunInterrupted",
    "SessionExpired",
    "TokenRefused",
    "ToolError",
    "UnsupportedFile",
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
    """A chapter, caption or configuration file that breaks its format.

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


class RemoteError(ChapterizeError):
    """The remote editing service did not do what was asked."""

    exit_code = 9


class RemoteUnreachable(RemoteError):
    """No connection, or no answer.

    `was_sent` : the request may have arrived, and been acted upon.
    """

    def __init__(self, what: str, *, why: str = "", hint: str = "", was_sent: bool = True) -> None:
        super().__init__(what, why=why, hint=hint)
        self.was_sent = was_sent


class RemoteRefused(RemoteError):
    """The service said no; `code` is its own number, or that of HTTP, if it gave one."""

    def __init__(
        self, what: str, *, why: str = "", hint: str = "", code: int | None = None
    ) -> None:
        super().__init__(what, why=why, hint=hint)
        self.code = code


class TokenRefused(RemoteRefused):
    """The token has expired or is not valid."""


class SessionExpired(RemoteRefused):
    """The service does not know the session."""


class OutOfCredits(RemoteRefused):
    """The credits do not suffice."""


class ExportBlocked(RemoteRefused):
    """The plan does not allow an export; this has nothing to do with credits."""


class RateLimited(RemoteRefused):
    """Too many requests; `wait` are the seconds that the service asks to wait, if it says."""

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
    """The service does not take this kind of file."""


class FileTooLarge(RemoteRefused):
    """The service does not take a file of this size."""


class RemoteProtocolError(RemoteError):
    """The service answered something that its contract does not have."""


class RunInterrupted(RemoteError):
    """A message may or may not have arrived: it is not sent again, the state tells what became."""

    exit_code = 10


class Declined(ChapterizeError):
    """The user said no, and nothing was sent."""

    exit_code = 11
