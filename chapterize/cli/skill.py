"""`chapterize skill`: the instructions for AI agents."""

from __future__ import annotations

from typing import Annotated

import typer

from chapterize._version import __version__
from chapterize.cli.options import AsJson
from chapterize.cli.terminal import print_json

__all__ = ["skill"]


def skill(
    as_path: Annotated[
        bool, typer.Option("--path", help="Print where the file is, not its text.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print the skill for AI agents (SKILL.md).

    It tells an agent when to draft, when to deliver, and what to ask the user first.
    """
    from chapterize.skill import NAME, skill_file

    path = skill_file()
    if as_json:
        print_json({"name": NAME, "version": __version__, "path": str(path)})
    else:
        typer.echo(path if as_path else path.read_text(encoding="utf-8").rstrip("\n"))
