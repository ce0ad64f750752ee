"""The tree of errors and what each one tells."""

from __future__ import annotations

import inspect
import re

import pytest

from chapterize import errors
from chapterize.errors import (
    ChapterizeError,
    FormatError,
    InputError,
    MediaError,
    MissingDependency,
    OutputError,
    ToolError,
)

TREE = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, ChapterizeError)
]


def test_every_error_is_public_and_in_the_tree_of_the_docstring() -> None:
    drawn = re.findall(r"^ {4,}(\w+)(?:  |$)", errors.__doc__ or "", re.MULTILINE)
    assert set(drawn) == set(errors.__all__) == {error.__name__ for error in TREE}


def test_the_tree_of_the_docstring_is_that_of_the_classes() -> None:
    above: list[tuple[int, str]] = []
    for line in re.findall(r"^ {4,}\w+.*$", errors.__doc__ or "", re.MULTILINE):
        depth, name = len(line) - len(line.lstrip()), line.split()[0]
        above = [entry for entry in above if entry[0] < depth]
        if above:
            assert getattr(errors, name).__mro__[1].__name__ == above[-1][1]
        above.append((depth, name))


def test_exit_codes_are_neither_success_nor_those_of_the_shell() -> None:
    # 2 is what the command line itself leaves with when it is used wrongly.
    assert all(error.exit_code in range(1, 64) for error in TREE)
    assert [error.__name__ for error in TREE if error.exit_code == 2] == ["OptionError"]
    assert {
        error.__name__: error.exit_code for error in (InputError, FormatError, OutputError)
    } == {
        "InputError": 3,
        "FormatError": 4,
        "OutputError": 5,
    }
    assert MediaError.exit_code == InputError.exit_code


def test_an_error_says_what_why_and_what_next() -> None:
    error = MediaError("cannot open a.mp4", why="it is empty", hint="copy it again")
    assert str(error) == "cannot open a.mp4: it is empty"
    assert (error.what, error.why, error.hint) == (
        "cannot open a.mp4",
        "it is empty",
        "copy it again",
    )
    assert str(InputError("just this")) == "just this"


def test_a_format_error_names_the_line() -> None:
    error = FormatError("a.srt is broken", why="no time", line=7)
    assert (str(error), error.line) == ("a.srt is broken, line 7: no time", 7)
    assert FormatError("a.srt is broken").line is None


def test_a_missing_package_comes_with_its_install_line() -> None:
    error = MissingDependency("ray", install="pip install ray")
    assert "pip install ray" in error.hint
    assert (error.package, error.install) == ("ray", "pip install ray")


def test_a_tool_error_keeps_command_code_and_last_lines() -> None:
    error = ToolError(
        "embedding failed", command=["ffmpeg", "-i"], returncode=1, tail="first\nlast\n\n"
    )
    assert (error.command, error.returncode) == (("ffmpeg", "-i"), 1)
    assert error.why == "exit code 1, last"
    assert "no message" in ToolError("embedding failed", returncode=None).why


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
def test_every_error_is_documented(error: type[ChapterizeError]) -> None:
    assert error.__doc__
