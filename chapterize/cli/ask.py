"""`chapterize ask`: a request in the user's own words, routed to the command that it means."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chapterize.cli.options import AsJson, Device, Force, Output, Verbose, Yes
from chapterize.cli.remote import Session, balance, export, refuse_empty, say, status, upload
from chapterize.errors import InputError

__all__ = ["ask"]


def ask(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you want, in your own words.")],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Files that it is about.")
    ] = None,
    output: Output = None,
    session: Session = None,
    device: Device = "auto",
    yes: Yes = False,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Ask in your own words: chapters of a file, an export, an edit.

    Chapters of a file are drafted and delivered as by `chapterize deliver`. Exports, uploads, the
    status and the credits are handled as by `chapterize remote`. Everything else is sent to the
    editing agent, and may cost credits. Files are uploaded only after you agree.
    """
    from chapterize.remote.intent import Action, route

    refuse_empty(text)
    given = files or []
    action = route(text, has_file=bool(given))
    if action is Action.CREDITS:
        balance(as_json, verbose)
    elif action is Action.STATE:
        status(session, as_json, verbose)
    elif action is Action.EXPORT:
        export(output, session, as_json, force, verbose)
    elif action is Action.CHAPTERS and given:
        flags = {"--yes": yes, "--json": as_json, "--force": force, "--verbose": verbose}
        typed = [flag for flag, is_on in flags.items() if is_on]
        typed += ["-o", str(output)] if output else []
        _deliver(ctx, *typed, "--device", device, "--", *map(str, given))
    elif not given and (action is Action.UPLOAD or (action is Action.CHAPTERS and not session)):
        raise InputError(
            "no file is named",
            why="chapters and uploads need one",
            hint=f'chapterize ask "{text}" FILE',
        )
    else:
        if given:
            paths, is_last = [str(path) for path in given], action is Action.UPLOAD
            upload(paths, session, yes=yes, as_json=as_json and is_last, verbose=verbose)
        if action is not Action.UPLOAD:
            say(text, session, as_json, verbose)


def _deliver(ctx: typer.Context, *arguments: str) -> None:
    """Run `chapterize deliver` as if typed, so that the user's defaults apply."""
    root = ctx.find_root()
    group: Any = root.command
    deliver = group.commands["deliver"]
    with deliver.make_context("deliver", [*arguments], parent=root) as delivery:
        deliver.invoke(delivery)
