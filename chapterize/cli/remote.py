"""`chapterize remote …`: a session at the service, step by step."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.command import App
from chapterize.cli.deliver import show_delivered
from chapterize.cli.options import AsJson, Force, Output, PayAgain, Verbose, Yes
from chapterize.cli.person import Person, require_consent
from chapterize.cli.terminal import Terminal, plain, print_json
from chapterize.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chapterize.deliver import Conversation

__all__ = ["Session", "app", "balance", "export", "say", "status", "upload"]

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


def _conversation(
    terminal: Terminal,
    session: str | None = None,
    *,
    yes: bool = False,
    pay_again: bool = False,
    verbose: bool = False,
) -> Conversation:
    from chapterize.deliver import Conversation
    from chapterize.remote.identity import Identity, service_address

    person = Person(terminal, yes=yes, pay_again=pay_again, verbose=verbose)
    return Conversation(Identity(service_address()), person, session)


def _show(value: Any, *lines: str, as_json: bool, err: bool = False) -> None:
    """Print a result: `value` as JSON, or the lines that say the same, on stderr if `err`."""
    if as_json:
        print_json(value)
        return
    for line in lines:
        typer.echo(plain(line), err=err)


@contextmanager
def _resumable(terminal: Terminal, command: str) -> Iterator[None]:
    """After Ctrl-C, show the command that continues."""
    try:
        yield
    except KeyboardInterrupt:
        terminal.say(f"to continue: chapterize remote {command}")
        raise


@app.command()
def status(session: Session = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """Show the files, tracks and titles of a session.

    Reads the state of the session from the service; changes nothing.
    """
    from dataclasses import asdict

    from chapterize.remote.timeline import is_exportable, summary, uploaded

    with Terminal("status") as terminal:
        name, reading = _conversation(terminal, session, verbose=verbose).state()
    files = [str(info.get("filename", "?")) for info in uploaded(reading.state)]
    _show(
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
        found = _conversation(terminal, verbose=verbose).credits()
    line = f"{found.available:g} available, {found.frozen:g} frozen, {found.total:g} in total"
    _show(vars(found), line, as_json=as_json)


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
    from chapterize.deliver import named_uploads
    from chapterize.files import format_size

    addresses = [each for each in files if each.lower().startswith(("https://", "http://"))]
    paths = [Path(each) for each in files if each not in addresses]
    with Terminal("upload") as terminal:
        named = named_uploads(paths)
        conversation = _conversation(terminal, session, yes=yes, verbose=verbose)
        what = [f"{name} ({format_size(path.stat().st_size)})" for name, path in named.items()]
        what += [f"the address {address}" for address in addresses]
        address = conversation.identity.address
        require_consent(f"upload {', '.join(what)}", address, terminal, yes=yes)
        name, found = conversation.upload(named, addresses, is_new=is_new)
    filenames = [str(info.get("filename", "?")) for info in found]
    line = f"session {name} holds {len(found)} {'file' if len(found) == 1 else 'files'}"
    _show({"session": name, "files": filenames}, line, as_json=as_json, err=True)


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
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Send a message to the editing agent. It may cost credits.

    Sends the text as it is, waits until the agent is done, and prints what has changed.
    """
    from chapterize.remote.timeline import summary

    refuse_empty(text)
    with Terminal("say") as terminal, _resumable(terminal, "resume"):
        name, outcome = _conversation(terminal, session, verbose=verbose).say(text)
    changes = [change.text for change in outcome.changes]
    question = [f"The service asks: {outcome.question}"] if outcome.question else []
    _show(
        {
            "session": name,
            "changes": changes,
            "reply": outcome.reply,
            "question": outcome.question,
            "timeline": summary(outcome.after.timeline),
        },
        *(changes or ["Nothing changed."]),
        *question,
        as_json=as_json,
    )


@app.command()
def export(
    output: Output = None,
    session: Session = None,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Render a session and download the video. It may cost credits.

    Renders the session as it is now. If the session came from `chapterize deliver`, the chapters
    are embedded in the video.
    """
    with Terminal("export") as terminal, _resumable(terminal, "export"):
        made = _conversation(terminal, session, verbose=verbose).export(output, force=force)
        show_delivered(made, terminal, as_json=as_json)


@app.command()
def sessions(as_json: AsJson = False) -> None:
    """List the sessions started here, the newest first.

    Reads only the journals on this machine; sends nothing.
    """
    from chapterize.remote.journal import journals

    rows: list[dict[str, Any]] = [
        {
            "session": journal.name,
            "address": journal.address,
            "is_ended": journal.is_ended,
            "files": [str(job.source) for job in journal.jobs],
            "last": str(journal.entries[-1]["act"]),
        }
        for journal in journals()
    ]
    lines = []
    for row in rows:
        files = ", ".join(Path(each).name for each in row["files"]) or "no files"
        state = "ended" if row["is_ended"] else f"open, last: {row['last']}"
        lines.append(f"{row['session']}  {state}  {files}")
    none = "no sessions were started here"
    _show(rows, *(lines or [none]), as_json=as_json, err=not rows)


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

    Reads the journal of the session: nothing is uploaded, sent or rendered a second time.
    """
    with Terminal("resume") as terminal, _resumable(terminal, "resume"):
        conversation = _conversation(
            terminal, session, yes=yes, pay_again=pay_again, verbose=verbose
        )
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
        name = _conversation(terminal, session, verbose=verbose).cancel()
    found = {"session": name, "is_ended": True}
    _show(found, f"gave up session {name}", as_json=as_json, err=True)
