"""`chapterize doctor`: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, fields
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.options import AsJson
from chapterize.cli.settled import current_settings
from chapterize.cli.terminal import plain, print_json
from chapterize.errors import ChapterizeError
from chapterize.settings import config_file

if TYPE_CHECKING:
    from chapterize.doctor import Check, Plan

__all__ = ["doctor"]

CANNOT_DRAFT = 1
"""Exit code when a problem was found that makes drafts fail."""

_STATUS, _NAME = 9, 23

Online = Annotated[
    bool,
    typer.Option("--online", help="Also try to reach the model hub and the remote service."),
]


def doctor(ctx: typer.Context, online: Online = False, as_json: AsJson = False) -> None:
    """Check that this machine has what chapterize needs, and say how to fix what is missing.

    A problem makes drafts fail, and the exit code is 1. With a warning drafts work, but something
    else does not, or not as well. The network is used only with --online; nothing is downloaded.
    """
    from chapterize.doctor import can_draft, examine

    plan, settings = _settings(ctx)
    checks = []
    for check in chain([settings], examine(plan, online=online)):
        checks.append(check)
        if not as_json:
            _show(check)
    if as_json:
        found = [asdict(check) for check in checks]
        print_json(
            {"schema": "chapterize.doctor/1", "can_draft": can_draft(checks), "checks": found}
        )
    if not can_draft(checks):
        raise typer.Exit(CANNOT_DRAFT)


def _settings(ctx: typer.Context) -> tuple[Plan, Check]:
    """What the settings ask for, and whether they could be read; else the built-in ones."""
    from chapterize.doctor import Plan, check_config

    path = config_file()
    try:
        settings = current_settings(ctx)
    except ChapterizeError as error:
        return Plan(), check_config(path, str(error), error.hint)
    except typer.BadParameter as error:
        remedy = "set the variable again, or unset it"
        return Plan(), check_config(path, error.format_message(), remedy)
    wanted: dict[str, Any] = {each.name: settings[each.name].value for each in fields(Plan)}
    return Plan(**wanted), check_config(path)


def _show(check: Check) -> None:
    typer.echo(plain(f"{check.status:<{_STATUS}}{check.name:<{_NAME}}{check.detail}"))
    if check.remedy:
        typer.echo(plain(f"{'':<{_STATUS + _NAME}}→ {check.remedy}"))
