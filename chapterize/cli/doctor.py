"""`chapterize doctor`: what works on this machine, and how to fix the rest."""

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
"""Exit code if drafts would fail."""

_STATUS, _NAME = 9, 23

Online = Annotated[
    bool, typer.Option("--online", help="Also contact the model hub and the remote service.")
]


def doctor(ctx: typer.Context, online: Online = False, as_json: AsJson = False) -> None:
    """Check what works on this machine, and how to fix the rest.

    Checks Python, ffmpeg, fonts, the GPU, models, folders, settings, title servers on this machine
    and the token. The exit code is 1 if drafts would fail; a warning concerns something else. The
    network is used only with --online, and nothing is downloaded.
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
    """The settings to check, and whether they could be read; otherwise the built-in ones."""
    from chapterize.doctor import Plan, check_config

    path = config_file()
    try:
        settings = current_settings(ctx)
    except ChapterizeError as error:
        return Plan(), check_config(path, str(error), error.hint)
    except typer.BadParameter as error:
        remedy = "correct the variable, or unset it"
        return Plan(), check_config(path, error.format_message(), remedy)
    wanted: dict[str, Any] = {each.name: settings[each.name].value for each in fields(Plan)}
    return Plan(**wanted), check_config(path)


def _show(check: Check) -> None:
    typer.echo(plain(f"{check.status:<{_STATUS}}{check.name:<{_NAME}}{check.detail}"))
    if check.remedy:
        typer.echo(plain(f"{'':<{_STATUS + _NAME}}→ {check.remedy}"))
