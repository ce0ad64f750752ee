"""Run a program after each finished file, without a shell."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from chapterize.children import child_environment, stoppable
from chapterize.errors import InputError, OptionError, ToolError
from chapterize.masking import without_secrets

__all__ = ["PLACEHOLDERS", "Command"]

PLACEHOLDERS = {
    "{}": "the finished file, with its folder",
    "{folder}": "its folder",
    "{name}": "its name without the folder",
    "{stem}": "its name without the suffix",
    "{output}": "the first file that was written",
    "{outputs}": "all files that were written, as an argument of its own",
}
"""What `Command` replaces in its arguments, and with what."""

_ALL = "{outputs}"
# The second form stands for the text of the first.
_PLACEHOLDER = re.compile(r"(?<!\{)\{[a-z_]*\}(?!\})|\{(\{[a-z_]*\})\}")
_SHELLS = ("sh", "bash", "dash", "zsh", "ksh", "ash", "fish")
_SCRIPT_OPTION = re.compile(r"-[a-z]*c")
_TAIL_BYTES = 4000
_SHOWN_LINES = 3


@dataclass(frozen=True)
class Command:
    """A program and its arguments, in which placeholders stand for the finished file.

    Every path is absolute and stays one argument, so spaces, quotes and leading dashes are safe.
    """

    words: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Command:
        """The command that `text` spells, with quotes as in a shell, and nothing else of a shell.

        The finished file is the last argument if `text` has no placeholder.

        Raises
        ------
        InputError : a quote is missing, the program does not exist, or a placeholder is unknown.
        """
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise _refused(text, str(error).lower(), "close every quote") from error
        if not words:
            raise _refused(text, "it is empty", "give a program: --exec 'notify-send {}'")
        used = [match[0] for word in words for match in _PLACEHOLDER.finditer(word) if not match[1]]
        for name in used:
            if name not in PLACEHOLDERS:
                known = ", ".join(PLACEHOLDERS)
                hint = f"use {known}; or write {{{name}}} for the text {name}"
                raise _refused(text, f"there is no placeholder {name}", hint)
        if _PLACEHOLDER.search(words[0]):
            raise _refused(text, "its first word must name a program", "see --exec in --help")
        if any(_ALL in word and word != _ALL for word in words):
            hint = "separate it with spaces, or use {output}"
            raise _refused(text, "{outputs} must be an argument of its own", hint)
        if any(_PLACEHOLDER.search(script) for script in _scripts(words)):
            why = "a placeholder inside a script makes names part of the script"
            raise _refused(
                text, why, """write "$1" there, and give the file after it: sh -c '…' sh {}"""
            )
        if os.sep in words[0]:
            # A worker may run in another folder.
            words[0] = str(Path(words[0]).absolute())
        if shutil.which(words[0]) is None:
            why = f"no program {words[0]} was found"
            raise _refused(text, why, "check the name; a line for a shell needs: sh -c '…' sh {}")
        return cls((*words, *([] if used else ["{}"])))

    def arguments(self, source: Path, outputs: Sequence[Path]) -> list[str]:
        """The program and its arguments for one finished file."""
        path = source.absolute()
        written = [str(output.absolute()) for output in outputs]
        values = {
            "{}": str(path),
            "{folder}": str(path.parent),
            "{name}": path.name,
            "{stem}": path.stem,
            "{output}": written[0] if written else str(path),
        }

        def replaced(match: re.Match[str]) -> str:
            return match[1] or values[match[0]]

        result: list[str] = []
        for word in self.words:
            if word == _ALL:
                result += written
                continue
            filled = _PLACEHOLDER.sub(replaced, word)
            # A name such as "-rf.mp4" must not be read as an option.
            is_option = filled.startswith("-") and not word.startswith("-")
            result.append(f"./{filled}" if is_option else filled)
        return result

    def run(self, source: Path, outputs: Sequence[Path]) -> None:
        """Run it for `source` and wait for its end; its output is not shown.

        The environment has no secrets, and stdin is empty. The program is killed if a `Stop` or
        Ctrl-C ends the work.

        Raises
        ------
        ToolError : it did not start, or its exit code is not 0; the reason has its last lines.
        """
        arguments = self.arguments(source, outputs)
        # Output goes to a file: a program that it leaves running would keep a pipe open.
        with tempfile.TemporaryFile() as log:
            try:
                process = subprocess.Popen(
                    arguments,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=child_environment(),
                )
            except (OSError, ValueError) as error:
                why = (error.strerror if isinstance(error, OSError) else None) or str(error)
                raise _failed(arguments, None, why) from error
            with stoppable(process):
                try:
                    returncode = process.wait()
                finally:
                    process.kill()
                    process.wait()
            if returncode != 0:
                raise _failed(arguments, returncode, _tail(log))


def _scripts(words: Sequence[str]) -> Iterator[str]:
    """The arguments that a shell would run as a script."""
    for program, option, script in zip(words, words[1:], words[2:], strict=False):
        if Path(program).name in _SHELLS and _SCRIPT_OPTION.fullmatch(option):
            yield script


def _refused(text: str, why: str, hint: str) -> InputError:
    return OptionError(f"--exec {text!r} cannot be used", why=why, hint=hint)


def _failed(arguments: Sequence[str], returncode: int | None, tail: str) -> ToolError:
    """The error for a command that failed; its reason is one line."""
    program = Path(arguments[0]).name
    error = ToolError(
        f"the command {program} of --exec failed",
        command=arguments,
        returncode=returncode,
        tail=tail,
        hint=f"try it by hand: {shlex.join(arguments)}",
    )
    lines = [line.strip() for line in tail.splitlines() if line.strip()][-_SHOWN_LINES:]
    error.why = ": ".join([_ended(returncode), " | ".join(lines) or "it printed nothing"])
    return error


def _ended(returncode: int | None) -> str:
    if returncode is None:
        return "it did not start"
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return f"ended by {signal.Signals(-returncode).name}"
    except ValueError:
        return f"ended by signal {-returncode}"


def _tail(log: BinaryIO) -> str:
    """The end of what was printed, without secrets and control characters."""
    log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
    text = without_secrets(log.read().decode("utf-8", "replace"))
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
