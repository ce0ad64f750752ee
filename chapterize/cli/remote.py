"""`chapterize remote …` and `chapterize ask`: a session at the service, step by step."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.asking import Person, require_consent
from chapterize.cli.deliver import delivered_json, show_delivered
from chapterize.cli.options import AsJson, Device, Force, Output, Verbose, Yes
from chapterize.cli.terminal import Terminal, plain, print_json
from chapterize.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chapterize.deliver import Conversation
    from chapterize.remote.session import Outcome

__all__ = ["app", "ask"]

app = typer.Typer(
    name="remote",
    help="Work with a session at NemoVideo, a cloud service, step by step.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Session = Annotated[
    str | None,
    typer.Option("--session", metavar="NAME", help="Name of the session; the newest by default."),
]


def _conversation(
    terminal: Terminal, session: str | None = None, *, yes: bool = False, verbose: bool = False
) -> Conversation:
    from chapterize.deliver import Conversation
    from chapterize.remote.identity import Identity, service_address

    person = Person(terminal, yes=yes, verbose=verbose)
    return Conversation(Identity(service_address()), person, session)


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

    \b
    Examples:
      chapterize remote status
      chapterize remote status --session 20260301 --json
    """
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
    """Show how many credits are left.

    Asks the service for the balance of the account; costs nothing.

    \b
    Examples:
      chapterize remote credits
      chapterize remote credits --json
    """
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
    is_new: Annotated[bool, typer.Option("--new", help="Upload to a new session.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Upload files to a session.

    Sends the files after you agree; --yes agrees beforehand. The service downloads https addresses
    itself. Without a session, a new one is created.

    \b
    Examples:
      chapterize remote upload talk.mp4
      chapterize remote upload intro.mp4 https://example.com/talk.mp4 --new --yes
    """
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
    """The files by their names at the service; refuse those it does not accept."""
    from chapterize.deliver import MOST_BYTES, upload_name
    from chapterize.errors import FileTooLarge, UnsupportedFile
    from chapterize.ffmpeg import check_file
    from chapterize.media import open_media
    from chapterize.remote.answers import ACCEPTED

    named: dict[str, Path] = {}
    for path in paths:
        size, name = check_file(path), path.name
        if path.suffix.lower().lstrip(".") not in ACCEPTED:
            # Images are recognised by their suffix only.
            name = upload_name(open_media(path)) or ""
        if not name:
            raise UnsupportedFile(
                f"{path} was not sent",
                why="the service does not accept this kind of file",
                hint=f"it accepts {', '.join(ACCEPTED)}",
            )
        if size > MOST_BYTES:
            raise FileTooLarge(
                f"{path} was not sent",
                why=f"it is {size / 1e6:.0f} MB, and the service accepts at most 500 MB",
                hint="trim it, or send a smaller copy with: chapterize deliver --proxy",
            )
        if name in named:
            raise InputError(f"two files are named {name}", hint="upload one of them")
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
    require_consent(f"Upload {', '.join(what)} to {host}?", terminal, yes=yes)


@app.command()
def say(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The message, in your own words.")],
    session: Session = None,
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Send a message to the editing agent. It may cost credits.

    Sends the text as it is, waits until the agent is done, and prints what has changed.

    \b
    Examples:
      chapterize remote say "add quiet music under the whole video"
      chapterize remote say "make the second title larger" --json
    """
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
    """Render a session and download the video. It may cost credits.

    Renders the session as it is now. If the session came from `chapterize deliver`, the chapters
    are embedded in the video.

    \b
    Examples:
      chapterize remote export
      chapterize remote export -o talk-final.mp4 --force
    """
    with Terminal("export") as terminal, _resumable(terminal, "export"):
        made = _conversation(terminal, session, verbose=verbose).export(output, force=force)
        show_delivered(made, terminal, as_json=as_json)


@app.command()
def sessions(as_json: AsJson = False) -> None:
    """List the sessions started here, the newest first.

    Reads only the journals on this machine; sends nothing.

    \b
    Examples:
      chapterize remote sessions
      chapterize remote sessions --json
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
    if as_json:
        print_json(rows)
        return
    for row in rows:
        files = ", ".join(Path(each).name for each in row["files"]) or "no files"
        state = "ended" if row["is_ended"] else f"open, last: {row['last']}"
        typer.echo(plain(f"{row['session']}  {state}  {files}"))
    if not rows:
        typer.echo("no sessions were started here", err=True)


@app.command()
def resume(
    session: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Session; the newest unfinished one by default."),
    ] = None,
    output: Output = None,
    send_again: Annotated[
        bool,
        typer.Option(
            "--send-again",
            help="Send a message again whose outcome is unknown.",
        ),
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
    force: Force = False,
    verbose: Verbose = False,
) -> None:
    """Continue where an earlier run stopped.

    Reads the journal of the session: nothing is uploaded, sent or rendered a second time.

    \b
    Examples:
      chapterize remote resume
      chapterize remote resume 20260301-101500-3f2a -o talk-final.mp4
    """
    with Terminal("resume") as terminal, _resumable(terminal, "resume"):
        conversation = _conversation(terminal, session, yes=yes, verbose=verbose)
        made = conversation.resume(target=output, force=force, send_again=send_again)
        if as_json:
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

    \b
    Examples:
      chapterize remote cancel
      chapterize remote cancel 20260301-101500-3f2a
    """
    with Terminal("cancel") as terminal:
        name = _conversation(terminal, session, verbose=verbose).cancel()
    if as_json:
        print_json({"session": name, "is_ended": True})
    else:
        typer.echo(f"gave up session {name}", err=True)


def ask(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you want, in your own words.")],
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE…", help="Files that it is about.")
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

    \b
    Examples:
      chapterize ask "make chapters for my YouTube video" talk.mp4
      chapterize ask "how many credits do I have left?"
      chapterize ask "add quiet music under the whole video"
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
    """Run `chapterize deliver` as if typed, so that the user's defaults apply."""
    root = ctx.find_root()
    group: Any = root.command
    deliver = group.commands["deliver"]
    with deliver.make_context("deliver", [*arguments], parent=root) as delivery:
        deliver.invoke(delivery)
