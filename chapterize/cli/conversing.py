"""A session by hand: what is asked before it costs, what is done, and what is shown of it.

`chapterize ask` and `chapterize remote` share these acts.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chapterize.cli.deliver import show_credits, show_delivered
from chapterize.cli.person import Person, require_consent
from chapterize.cli.terminal import Terminal, plain, print_json
from chapterize.errors import Declined, InputError
from chapterize.inputs import WebAddress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chapterize.deliver import Conversation, Delivered, Export, Said, Source
    from chapterize.remote.journal import SessionJournal

__all__ = [
    "Request",
    "conversation_at",
    "export_session",
    "resumable",
    "say_in_session",
    "show",
    "sources_of",
    "upload_files",
]

# Ingredients of a video: they are added to the current session, while a video starts its own.
_INGREDIENTS = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp3", ".wav", ".m4a", ".aac")


@dataclass(frozen=True)
class Request:
    """The options that these acts share, and the language of a session that is created.

    `renders` : the user asks for an export after the message; an output asks for it too.
    """

    session: str | None = None
    output: Path | None = None
    yes: bool = False
    as_json: bool = False
    force: bool = False
    verbose: bool = False
    language: str = "en"
    pay_again: bool = False
    renders: bool = False


def conversation_at(terminal: Terminal, request: Request) -> Conversation:
    """The session that `request` names, with the user at `terminal`."""
    from chapterize.deliver import Conversation
    from chapterize.remote.identity import Identity, service_address

    person = Person(terminal, yes=request.yes, pay_again=request.pay_again, verbose=request.verbose)
    return Conversation(Identity(service_address()), person, request.session, request.language)


def show(value: Any, *lines: str, as_json: bool, err: bool = False) -> None:
    """Print a result: `value` as JSON, or the lines that say the same, on stderr if `err`."""
    if as_json:
        print_json(value)
        return
    for line in lines:
        typer.echo(plain(line), err=err)


@contextmanager
def resumable(terminal: Terminal, conversation: Conversation) -> Iterator[None]:
    """After Ctrl-C, show the command that continues."""
    from chapterize.deliver import next_command

    try:
        yield
    except KeyboardInterrupt:
        with suppress(InputError):
            if command := next_command(conversation.journal()):
                terminal.say(f"to continue: {command}")
        raise


def sources_of(inputs: Sequence[Path | WebAddress]) -> list[Source]:
    """The inputs as journals record them."""
    from chapterize.deliver import Source

    return [
        Source.of_address(each.url) if isinstance(each, WebAddress) else Source.of_file(each)
        for each in inputs
    ]


def upload_files(
    inputs: Sequence[Path | WebAddress], request: Request, *, is_new: bool = False
) -> None:
    """`chapterize remote upload`: upload files and addresses after consent."""
    with Terminal("upload") as terminal:
        parcel = _Parcel.of(inputs)
        conversation = conversation_at(terminal, request)
        address = conversation.identity.address
        require_consent(f"upload {parcel.described}", address, terminal, yes=request.yes)
        name, found = conversation.upload(parcel.files, parcel.addresses, is_new=is_new)
    filenames = [str(info.get("filename", "?")) for info in found]
    line = f"session {name} holds {len(found)} {'file' if len(found) == 1 else 'files'}"
    show({"session": name, "files": filenames}, line, as_json=request.as_json, err=True)


def export_session(request: Request) -> None:
    """`chapterize remote export`: render and download the session, after consent."""
    with Terminal("export") as terminal:
        conversation = _fixed(conversation_at(terminal, request))
        _agree_to_export(conversation, request, terminal)
        made = _export(conversation, request, terminal)
        show_delivered(made, terminal, as_json=request.as_json)


def say_in_session(text: str, request: Request, inputs: Sequence[Path | WebAddress] = ()) -> None:
    """Send a message after consent, and do what the agent asks for where that was agreed to.

    With `inputs`, the message is about them: they are uploaded first, unless a session holds them.
    If the request says so, the session is rendered afterwards.
    """
    from chapterize.deliver import files_in, refuse_target
    from chapterize.remote.intent import refuses_export
    from chapterize.remote.interface import Wish

    is_refused = refuses_export(text)
    if request.output is not None:
        paths = [each.absolute() for each in inputs if isinstance(each, Path)]
        refuse_target(request.output, *paths, force=request.force)
    with Terminal("say") as terminal:
        conversation, parcel, where = _place(conversation_at(terminal, request), inputs)
        acts = [f"upload {parcel.described} to {where}"] if parcel is not None else []
        acts.append(f"send your message to the editing agent of {where}")
        if request.renders or request.output is not None:
            target = request.output
            if conversation.name is not None:
                target = conversation.export_target(target)
                refuse_target(target, *files_in(conversation.journal()), force=request.force)
            acts.append(f"render the result{f' to {target}' if target is not None else ''}")
        address = conversation.identity.address
        require_consent(_joined(acts), address, terminal, yes=request.yes)
        if parcel is not None:
            is_new = conversation.name is None
            name, _ = conversation.upload(parcel.files, parcel.addresses, is_new=is_new)
            conversation = replace(conversation, name=name)
        with resumable(terminal, conversation):
            said = conversation.say(text, _wished(conversation, request, is_refused=is_refused))
        if is_refused:
            agreed = tuple(each for each in said.outcome.wishes if each is not Wish.EXPORT)
            said = replace(said, outcome=replace(said.outcome, wishes=agreed))
        _show_said(conversation, said, request, terminal)


def _wished(conversation: Conversation, request: Request, *, is_refused: bool) -> Export | None:
    """The export to record with the message: asked for, or one that --yes agrees to."""
    from chapterize.deliver import Export

    is_asked = request.renders or request.output is not None
    if not is_asked and (is_refused or not request.yes):
        return None
    return Export(conversation.export_target(request.output), request.force, is_asked)


@dataclass(frozen=True)
class _Parcel:
    """What is uploaded: files by their names at the service, and addresses."""

    files: Mapping[str, Path]
    addresses: Sequence[str]
    described: str

    @classmethod
    def of(cls, inputs: Sequence[Path | WebAddress]) -> _Parcel:
        """Check the inputs; raises as `named_uploads`, and InputError for a plain http address."""
        from chapterize.deliver import named_uploads
        from chapterize.files import format_size

        addresses = [each for each in inputs if isinstance(each, WebAddress)]
        for each in addresses:
            if not each.is_https:
                raise InputError(
                    f"{each.url} was not sent",
                    why="the service downloads https addresses only",
                    hint="give an https address, or download the file and upload it",
                )
        files = named_uploads([each for each in inputs if not isinstance(each, WebAddress)])
        what = [f"{name} ({format_size(path.stat().st_size)})" for name, path in files.items()]
        what += [f"the address {each.url}" for each in addresses]
        return cls(files, [each.url for each in addresses], _joined(what))


def _place(
    conversation: Conversation, inputs: Sequence[Path | WebAddress]
) -> tuple[Conversation, _Parcel | None, str]:
    """The session of a message, what must be uploaded to it first, and what to call it.

    The conversation has no name if the session is new.
    """
    from chapterize.deliver import session_about

    if not inputs:
        conversation = _current(conversation)
        return conversation, None, _called(conversation.journal())
    known = session_about(conversation.identity, sources_of(inputs), conversation.name)
    if known is not None and known.session_id is not None:
        return replace(conversation, name=known.name), None, _called(known)
    parcel = _Parcel.of(inputs)
    if conversation.name is not None:
        conversation = _fixed(conversation)
    elif _are_ingredients(inputs):
        with suppress(InputError):
            conversation = _fixed(conversation)
    if conversation.name is None:
        return conversation, parcel, "a new session"
    return conversation, parcel, _called(conversation.journal())


def _current(conversation: Conversation) -> Conversation:
    """The session that a message without a file goes to."""
    try:
        return _fixed(conversation)
    except InputError as error:
        if conversation.name is not None:
            raise
        raise InputError(
            "nothing was sent",
            why="a message needs a file or a session to work on, and there is none",
            hint='start with a file: chapterize ask "what you want" FILE',
        ) from error


def _are_ingredients(inputs: Sequence[Path | WebAddress]) -> bool:
    return all(isinstance(each, Path) and each.suffix.lower() in _INGREDIENTS for each in inputs)


def _fixed(conversation: Conversation) -> Conversation:
    """The conversation with the name of its session, so that it stays the one that was shown."""
    return replace(conversation, name=conversation.journal().name)


def _called(journal: SessionJournal) -> str:
    """A session as the user knows it: its name and its files."""
    from chapterize.deliver import files_in

    names = ", ".join(Path(each).name for each in files_in(journal))
    return f"session {journal.name}{f' ({names})' if names else ''}"


def _joined(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])}{',' * (len(parts) > 2)} and {parts[-1]}"


def _agree_to_export(conversation: Conversation, request: Request, terminal: Terminal) -> None:
    """Check the target, then ask; raises as `refuse_target` and `require_consent`."""
    from chapterize.deliver import files_in, refuse_target

    target = conversation.export_target(request.output)
    refuse_target(target, *files_in(conversation.journal()), force=request.force)
    what = f"render {_called(conversation.journal())} to {target}"
    require_consent(what, conversation.identity.address, terminal, yes=request.yes)


def _export(conversation: Conversation, request: Request, terminal: Terminal) -> Delivered:
    with resumable(terminal, conversation):
        return conversation.export(request.output, force=request.force)


def _show_said(
    conversation: Conversation, said: Said, request: Request, terminal: Terminal
) -> None:
    """Show what a message did; then export, if the user agreed to it or the agent asks for it."""
    from dataclasses import asdict

    from chapterize.remote.interface import Wish
    from chapterize.remote.timeline import summary

    outcome = said.outcome
    changes = [change.text for change in outcome.changes]
    lines = changes or ["Nothing changed."]
    if outcome.question:
        lines.append(f"The service asks: {outcome.question}")
    if Wish.STATE in outcome.wishes:
        lines.append(_called(conversation.journal()))
    if {Wish.STATE, Wish.SUMMARY} & set(outcome.wishes):
        lines.append(summary(outcome.after.timeline))
    value = {
        "session": said.session,
        "changes": changes,
        "reply": outcome.reply,
        "question": outcome.question,
        "wishes": [wish.value for wish in outcome.wishes],
        "timeline": summary(outcome.after.timeline),
        "credits": None if said.credits is None else asdict(said.credits),
        "export": None,
    }
    if not request.as_json:
        show(value, *lines, as_json=False)
        show_credits(said.credits, terminal)
    if Wish.MOVE in outcome.wishes:
        terminal.say(
            "The service suggests to move something: send that as a message with "
            "chapterize remote say."
        )
    made = None
    try:
        made = _exported(conversation, said, request, terminal)
    finally:
        # The message is paid for, whatever becomes of the export.
        if request.as_json:
            from chapterize.deliver import delivered_json

            print_json(value | {"export": None if made is None else delivered_json(made)})
    if made is not None and not request.as_json:
        show_delivered(made, terminal, as_json=False)


def _exported(
    conversation: Conversation, said: Said, request: Request, terminal: Terminal
) -> Delivered | None:
    """Export once: to the output that was given, or because the agent suggests it."""
    from chapterize.errors import OutputError
    from chapterize.remote.interface import Wish

    if request.output is None and not request.renders:
        if Wish.EXPORT not in said.outcome.wishes:
            return None
        terminal.say("The service suggests an export.")
        try:
            _agree_to_export(conversation, request, terminal)
        except Declined:
            return None
        except (InputError, OutputError) as error:
            # Nothing is rendered, but the message has succeeded.
            conversation.forgo_export(error.what)
            command = f"chapterize remote export --session {said.session} -o FILE"
            terminal.say(f"Not exported: {error}. To export: {command}")
            return None
    return _export(conversation, request, terminal)
