"""The help of every command: groups of options, examples, exit codes, width."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from chapterize import errors
from chapterize.cli.examples import EXAMPLES, EXIT_CODES
from chapterize.cli.main import app
from tests.cli.program import Run

PROGRAM: Any = get_command(app)


def _commands(group: Any = PROGRAM, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(_commands())
GROUPS = [PROGRAM, *(each for each in PROGRAM.commands.values() if hasattr(each, "commands"))]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_two_or_three_examples_in_its_help(name: str, run: Run) -> None:
    assert 2 <= len(EXAMPLES[name]) <= 3
    shown = run(*name.split(), "--help")
    assert shown.code == 0
    for purpose, line in EXAMPLES[name]:
        assert f"  {purpose}:\n    {line}\n" in shown.out


def test_there_are_no_examples_of_unknown_commands() -> None:
    assert set(EXAMPLES) == {"", *COMMANDS}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_is_a_valid_command_line(name: str) -> None:
    for _, line in EXAMPLES[name]:
        for part in line.split("|"):
            program, *arguments = shlex.split(part)
            assert program == "chapterize"
            context = PROGRAM.make_context("chapterize", arguments, resilient_parsing=True)
            found, command, rest = PROGRAM.resolve_command(
                context, [*context._protected_args, *context.args]
            )
            if hasattr(command, "commands"):
                context = command.make_context(found, rest, parent=context)
                found, command, rest = command.resolve_command(
                    context, [*context._protected_args, *context.args]
                )
            assert command.parse_args(command.context_class(command, parent=context), rest) == []


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group.name))
def test_no_line_of_a_command_list_is_cut_off(group: Any) -> None:
    for name, command in group.commands.items():
        assert not command.get_short_help_str(60).endswith("..."), name


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_help_fits_eighty_columns(
    name: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert max(map(len, run(*name.split(), "--help").out.splitlines())) <= 80


def test_the_exit_codes_are_those_of_the_errors(run: Run) -> None:
    shown = run("--help").out
    for name in errors.__all__:
        assert getattr(errors, name).exit_code in EXIT_CODES
    for code, text in EXIT_CODES.items():
        assert f"\n  {code:<4} {text}\n" in shown


def test_drafting_options_have_a_group_of_their_own(run: Run) -> None:
    shown = run("render", "--help").out
    own, drafting = shown.split("Drafting options:\n")
    assert "--style" in own
    assert "--titles-from" in drafting
    assert "see chapterize config" in drafting
