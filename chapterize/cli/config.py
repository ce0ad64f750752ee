"""`chapterize config`: every setting and where its value comes from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import typer

from chapterize.cli.options import AsJson
from chapterize.cli.settled import current_settings
from chapterize.cli.terminal import plain, print_json
from chapterize.settings import config_file, variable

if TYPE_CHECKING:
    from chapterize.cli.settled import Current

__all__ = ["config"]

_NAME, _VALUE = 14, 28


def config(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Show the settings and where each value comes from.

    Reads the settings file and environment variables. Options on the command line override
    environment variables such as CHAPTERIZE_DEVICE, and these override the file. Write the file
    yourself: it is TOML, with one setting per line, such as device = "cpu".
    """
    path = config_file()
    settings = current_settings(ctx)
    if as_json:
        print_json(
            {
                "schema": "chapterize.config/1",
                "path": str(path),
                "exists": path.is_file(),
                "settings": {
                    name: {
                        "value": _shown(found),
                        "origin": found.origin,
                        "variable": variable(name),
                    }
                    for name, found in settings.items()
                },
            }
        )
        return
    typer.echo(plain(f"{path}{'' if path.is_file() else ' (does not exist)'}") + "\n")
    for name, found in settings.items():
        value = _shown(found)
        shown = str(value).lower() if isinstance(value, bool) else value
        shown = "not set" if value is None else str(shown)
        origin = variable(name) if found.origin == "environment" else found.origin
        typer.echo(plain(f"{name:<{_NAME}}{shown:<{_VALUE}}  {origin}"))


def _shown(found: Current) -> str | float | bool | None:
    """The value, without the user and password of an address."""
    if isinstance(found.value, str):
        return re.sub(r"//[^/@]*@", "//…@", found.value)
    return found.value
