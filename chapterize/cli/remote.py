"""`chapterize remote …` and `chapterize ask`: the session at the service, by hand."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.asking import make_user, require_consent
from chapterize.cli.command import App
from chapterize.cli.deliver import delivered_json, show_delivered
from chapterize.cli.options import AsJson, Device, Force, Output, Verbose, Yes
from chapterize.cli.terminal import Terminal, plain, print_json
from chapterize.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chapterize.deliver import Conversation
    from chapterize.remote.session import Outcome

__all__ = ["app", "ask"]

app = App(
    name="remote",
    help="The session at the remote editing service, step by step.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Session = Annotated[
    str | None,
    typer.Option("--session", metavar="NAME", help="Which session; the newest unless told."),
]


def _conversation(
    terminal: Terminal, session: str | None = None, *, yes: bool = False, verbose: bool = False
) -> Conversation:
    from chapterize.deliver import Conversation
    from chapterize.remote.identity import Identity, service_address

    user = make_user(terminal, yes=yes, verbose=verbose)
    return Conversation(Identity(service_address()), user, session)


@contextmanager
def _resumable(terminal: Terminal, command: str) -> Iterator[None]:
    """After Ctrl-C, tell the command that goes on."""
    try:
        yield
    except KeyboardInterrupt:
        terminal.say(f"chapterize remote {command} goes on where this stopped")
        raise


@app.command()
def status(session: Session = None, as_json: AsJson = False, verbose: Verbose = False) -> None:
    """What the session holds: files, tracks, titles."""
    from dataclasses import asdict

    from chapterize.remote.timeline import is_exportable, summary, uploaded

    with Terminal("status") as terminal:
        name, reading = _conversation(terminal, session, verbose=verbose).state()
    files = [str(info.get("filename", "?")) for info in uploaded(reading.state)]
    if as_json:
        print_json(
            {
                "session": name,
                "files": files,
                "is_exportable": is_exportable(reading.state),
                "tracks": asdict(reading.timeline)["tracks"],
            }
        )
        return
    typer.echo(plain(f"session {name}; files: {', '.join(files) or 'none'}"))
    typer.echo(plain(summary(reading.timeline)))


@app.command("credits")
def balance(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """How many credits are left."""
    with Terminal("credits") as terminal:
        found = _conversation(terminal, verbose=verbose).credits()
    if as_json:
        print_json({"available": found.available, "frozen": found.frozen, "total": found.total})
    else:
        typer.echo(
            f"{found.available:g} available, {found.frozen:g} frozen, {found.total:g} in all"
        )


@app.command()
def upload(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE|URL…", help="Files, or https addresses.", show_default=False),
    ],
    session: Session = None,
    is_new: Annotated[bool, typer.Option("--new", help="Into a new session.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Bring files into the session. Addresses are fetched by the service itself."""
    addresses = [each for each in files if each.lower().startswith(("https://", "http://"))]
    paths = [Path(each) for each in files if each not in addresses]
    with Terminal("upload") as terminal:
        named = _uploads(paths)
        conversation = _conversation(terminal, session, yes=yes, verbose=verbose)
        _agree_to_upload(named, addresses, conversation, terminal, yes=yes)
        name, found = conversation.upload(named, addresses, is_new=is_new)
    if as_json:
        print_json({"session": name, "files": [str(info.get("filename", "?")) for info in found]})
    else:
        noun = "file" if len(found) == 1 else "files"
        typer.echo(f"session {name} holds {len(found)} {noun}", err=True)


def _uploads(paths: Sequence[Path]) -> dict[str, Path]:
    """Files by the names they are to have there; those that would not be taken are refused."""
    from chapterize.deliver import MOST_BYTES, upload_name
    from chapterize.errors import FileTooLarge, UnsupportedFile
    from chapterize.ffmpeg import check_file
    from chapterize.media import open_media
    from chapterize.remote.answers import ACCEPTED

    named: dict[str, Path] = {}
    for path in paths:
        size, name = check_file(path), path.name
        if path.suffix.lower().lstrip(".") not in ACCEPTED:
            # Pictures are known by their suffix alone.
            name = upload_name(open_media(path)) or ""
        if not name:
            raise UnsupportedFile(
                f"{path} was not sent",
                why="the service does not take this kind of file",
                hint=f"it takes {', '.join(ACCEPTED)}",
            )
        if size > MOST_BYTES:
            raise FileTooLarge(
                f"{path} was not sent",
                why=f"it is {size / 1e6:.0f} MB, and the service takes 500 MB at most",
                hint="trim it, or send a smaller stand-in: chapterize deliver --proxy",
            )
        if name in named:
            raise InputError(f"two files are called {name}", hint="send one of them")
        named[name] = path
    return named


def _agree_to_upload(
    named: Mapping[str, Path],
    addresses: Sequence[str],
    conversation: Conversation,
    terminal: Terminal,
    *,
    yes: bool,
) -> None:
    from urllib.parse import urlsplit

    host = urlsplit(conversation.identity.address).netloc
    what = [f"{name} ({path.stat().st_size / 1e6:.1f} MB)" for name, path in named.items()]
    what += [f"the address {address}" for address in addresses]
    require_consent(f"Send {', '.join(what)} to {host}?", terminal, yes=yes)


@app.command()
def say(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What to tell the service.")],
    session: Session = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Tell the editing agent what to change. It may cost credits."""
    with Terminal("say") as terminal, _resumable(terminal, "resume"):
        name, outcome = _conversation(terminal, session, verbose=verbose).say(text)
    _show_outcome(name, outcome, as_json=as_json)


def _show_outcome(name: str, outcome: Outcome, *, as_json: bool) -> None:
    from chapterize.remote.timeline import summary

    changes = [change.text for change in outcome.changes]
    if as_json:
        print_json(
            {
                "session": name,
                "changes": changes,
                "reply": outcome.reply,
                "question": outcome.question,
                "timeline": summary(outcome.after.timeline),
            }
        )
        return
    for line in changes or ["Nothing changed."]:
        typer.echo(plain(line))
    if outcome.question:
        typer.echo(plain(f"The service asks: {outcome.question}"))


@app.command()
def export(
    output: Output = None,
    session: Session = None,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Render the session as it is, and fetch the video. It may cost credits."""
    with Terminal("export") as terminal, _resumable(terminal, "export"):
        made = _conversation(terminal, session, verbose=verbose).export(output, force=force)
        show_delivered(made, terminal, as_json=as_json)


@app.command()
def sessions(as_json: AsJson = False) -> None:
    """List the sessions begun here. The newest comes first; nobody is asked."""
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
    if as_json:
        print_json(rows)
        return
    for row in rows:
        files = ", ".join(Path(each).name for each in row["files"]) or "no files"
        state = "ended" if row["is_ended"] else f"open, last: {row['last']}"
        typer.echo(plain(f"{row['session']}  {state}  {files}"))
    if not rows:
        typer.echo("no session was begun here", err=True)


@app.command()
def resume(
    session: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Which; the newest unfinished unless told."),
    ] = None,
    output: Output = None,
    send_again: Annotated[
        bool,
        typer.Option(
            "--send-again",
            help="Send the message of which nobody knows whether it arrived once more.",
        ),
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Go on where a run stopped. What was uploaded, said or rendered is not done again."""
    with Terminal("resume") as terminal, _resumable(terminal, "resume"):
        conversation = _conversation(terminal, session, yes=yes, verbose=verbose)
        made = conversation.resume(target=output, force=force, send_again=send_again)
        if as_json:
            print_json([delivered_json(each) for each in made])
            return
        for each in made:
            show_delivered(each, terminal, as_json=False)
        if not made:
            terminal.say("Nothing more is to be done.")


@app.command()
def cancel(
    session: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Which; the newest unless told.")
    ] = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Stop a render under way, and give the session up."""
    with Terminal("cancel") as terminal:
        name = _conversation(terminal, session, verbose=verbose).cancel()
    if as_json:
        print_json({"session": name, "is_ended": True})
    else:
        typer.echo(f"gave up session {name}", err=True)


def ask(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you want, in your words.")],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="Files it is about.")
    ] = None,
    output: Output = None,
    session: Session = None,
    device: Device = "auto",
    yes: Yes = False,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Say what you want: chapters of a file, an export, the credits, an edit …

    What is no export, upload, status or question of credits goes to the editing agent, and may
    cost credits.
    """
    from chapterize.remote.intent import Action, route

    given = files or []
    action = route(text, has_file=bool(given)).action
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
        raise InputError("which file is it about?", hint=f'chapterize ask "{text}" FILE')
    else:
        if given:
            paths, is_last = [str(path) for path in given], action is Action.UPLOAD
            upload(paths, session, yes=yes, as_json=as_json and is_last, verbose=verbose)
        if action is not Action.UPLOAD:
            say(text, session, as_json, verbose)


def _deliver(ctx: typer.Context, *arguments: str) -> None:
    """Run `chapterize deliver` as if typed, so that the user's defaults hold there too."""
    root = ctx.find_root()
    group: Any = root.command
    deliver = group.commands["deliver"]
    with deliver.make_context("deliver", [*arguments], parent=root) as delivery:
        deliver.invoke(delivery)
