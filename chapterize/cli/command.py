"""Commands whose help has option groups, examples and exit codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from chapterize.cli.examples import EXAMPLES, EXIT_CODES

__all__ = ["App", "Command", "Group"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Command(TyperCommand):
    """A command whose help lists the options in groups and ends with examples."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The arguments of the usage line, without the braces of click: ``FILE...``."""
        return [
            piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)
        ]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, then each group of options under its own heading."""
        groups: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is None:
                continue
            if parameter.param_type_name == "argument":
                # Typer adds the Python type of the argument to its name.
                record = (str(getattr(parameter, "metavar", None) or record[0]), record[1])
                groups["Arguments"].append(record)
            else:
                heading = getattr(parameter, "rich_help_panel", None) or "Options"
                groups.setdefault(heading, []).append(record)
        for heading, rows in groups.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples of this command."""
        # ``models pull`` for that command, and ``chapterize`` for the program itself.
        name = ctx.command_path.partition(" ")[2] or "chapterize"
        if examples := EXAMPLES.get(name):
            with formatter.section("Examples"):
                for purpose, line in examples:
                    pad = " " * formatter.current_indent
                    formatter.write(f"{pad}{purpose}:\n{pad}  {line}\n")


class Group(TyperGroup):
    """The program; its help ends with examples and the exit codes."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples and the exit codes."""
        Command.format_epilog(self, ctx, formatter)  # type: ignore[arg-type]
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in EXIT_CODES.items()])


class App(typer.Typer):
    """A group of `Command`."""

    def command(self, name: str | None = None, **settings: Any) -> Callable[[_Function], _Function]:
        """As `typer.Typer.command`, for commands of the class `Command`."""
        settings.setdefault("cls", Command)
        decorator: Callable[[_Function], _Function] = super().command(name, **settings)
        return decorator
