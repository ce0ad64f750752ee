"""`chapterize remote …`: a session at the service, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chapterize.cli.command import App
from chapterize.cli.conversing import (
    Request,
    conversation_at,
    export_session,
    resumable,
    say_in_session,
    show,
    upload_files,
)
from chapterize.cli.deliver import show_delivered
from chapterize.cli.options import AsJson, Force, Output, PayAgain, Verbose, Yes
from chapterize.cli.person import require_consent
from chapterize.cli.terminal import Terminal, print_json
from chapterize.errors import InputError
from chapterize.inputs import source_of

__all__ = ["Session", "app", "balance", "refuse_empty", "status"]

app = App(
    name="remote",
    help="Work with a session of the NemoVideo cloud service.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Session = Annotated[
    str | None,
    typer.Option("--session", metavar="NAME", help="Name of the session; the newest by default."),
]


@app.command()
def status(session: Session = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Show the files, tracks and titles of a session.

    Reads the state of the session from the service; changes nothing.
    """
    from dataclasses import asdict

    from chapterize.remote.timeline import is_exportable, summary, uploaded

    with Terminal("status") as terminal:
        request = Request(session, verbose=verbose)
        name, reading = conversation_at(terminal, request).state()
    files = [str(info.get("filename", "?")) for info in uploaded(reading.state)]
    show(
        {
            "session": name,
            "files": files,
            "is_exportable": is_exportable(reading.state),
            **asdict(reading.timeline),
        },
        f"session {name}; files: {', '.join(files) or 'none'}",
        summary(reading.timeline),
        as_json=as_json,
    )


@app.command("credits")
def balance(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Show how many credits are left.

    Asks the service for the balance of the account; costs nothing.
    """
    with Terminal("credits") as terminal:
        found = conversation_at(terminal, Request(verbose=verbose)).credits()
    line = f"{found.available:g} available, {found.frozen:g} frozen, {found.total:g} in total"
    show(vars(found), line, as_json=as_json)


@app.command()
def upload(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE|URL", help="Files, or https addresses.")
    ],
    session: Session = None,
    is_new: Annotated[bool, typer.Option("--new", help="Upload to a new session.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Upload files to a session.

    Sends the files after you agree; --yes agrees beforehand. The service downloads https addresses
    itself. Without a session, a new one is created.
    """
    request = Request(session, yes=yes, as_json=as_json, verbose=verbose)
    upload_files([source_of(each) for each in files], request, is_new=is_new)


def refuse_empty(text: str) -> None:
    """Raise InputError if `text` is blank: even an empty message might cost credits."""
    if not text.strip():
        raise InputError(
            "nothing was sent", why="the message is empty", hint="say what you want in words"
        )


@app.command()
def say(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The message, in your own words.")],
    session: Session = None,
    yes: Yes = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Send a message to the editing agent. It may cost credits.

    Sends the text as it is after you agree, waits until the agent is done, and prints what has
    changed. If the agent suggests an export, you are asked again; --yes agrees to both.
    """
    refuse_empty(text)
    say_in_session(text, Request(session, yes=yes, as_json=as_json, verbose=verbose))


@app.command()
def export(
    output: Output = None,
    session: Session = None,
    yes: Yes = False,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Render a session and download the video. It may cost credits.

    Renders the session as it is now, after you agree. If the session came from `chapterize
    deliver`, the chapters are embedded in the video. After a failure, the same command continues.
    """
    export_session(Request(session, output, yes, as_json, force, verbose))


@app.command()
def sessions(as_json: AsJson = False) -> None:
    """List the sessions started here, the newest first.

    Shows what is left to do, and the command that does it. Reads only the journals on this machine;
    sends nothing.
    """
    from chapterize.deliver import files_in, next_command, state_of
    from chapterize.remote.journals import journals

    rows, lines = [], []
    for journal in journals():
        state, command = state_of(journal), next_command(journal)
        row: dict[str, Any] = {
            "session": journal.name,
            "address": journal.address,
            "is_ended": state in ("ended", "given up"),
            "state": state,
            "files": list(files_in(journal)),
            "last": str(journal.entries[-1]["act"]),
            "next": command or None,
        }
        rows.append(row)
        files = ", ".join(Path(each).name for each in row["files"]) or "no files"
        lines.append(f"{journal.name}  {state}  {files}{f'  next: {command}' if command else ''}")
    none = "no sessions were started here"
    show(rows, *(lines or [none]), as_json=as_json, err=not rows)


@app.command()
def resume(
    session: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Session; the newest unfinished one by default."),
    ] = None,
    output: Output = None,
    send_again: Annotated[
        bool, typer.Option("--send-again", help="Send a message again whose outcome is unknown.")
    ] = False,
    pay_again: PayAgain = False,
    yes: Yes = False,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Continue where an earlier run stopped.

    Reads the journal of the session: nothing is uploaded, sent or rendered a second time. Asks
    before anything that may still cost credits; --yes agrees beforehand.
    """
    from dataclasses import replace

    from chapterize.deliver import files_in, has_costs_left, unfinished_jobs

    request = Request(session, output, yes, as_json, force, verbose, pay_again=pay_again)
    with Terminal("resume") as terminal:
        conversation = conversation_at(terminal, request)
        journal = conversation.journal(unfinished=True)
        unfinished_jobs(journal, output, force=force)
        if has_costs_left(journal, send_again=send_again):
            files = ", ".join(Path(each).name for each in files_in(journal)) or "no files"
            what = f"complete session {journal.name} ({files}), without repeating what is done"
            if export := journal.open_export():
                what += f", and render it to {output or export['target']}"
            require_consent(what, conversation.identity.address, terminal, yes=yes)
        conversation = replace(conversation, name=journal.name)
        with resumable(terminal, conversation):
            made = conversation.resume(target=output, force=force, send_again=send_again)
        if as_json:
            from chapterize.deliver import delivered_json

            print_json([delivered_json(each) for each in made])
            return
        for each in made:
            show_delivered(each, terminal, as_json=False)
        if not made:
            terminal.say("Nothing is left to do.")


@app.command()
def cancel(
    session: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Session; the newest one by default.")
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Cancel a render in progress, and give the session up.

    Asks the service to stop the render. The session can still be read by its name.
    """
    with Terminal("cancel") as terminal:
        name = conversation_at(terminal, Request(session, verbose=verbose)).cancel()
    found = {"session": name, "is_ended": True}
    show(found, f"gave up session {name}", as_json=as_json, err=True)
