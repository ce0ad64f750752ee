"""`chapterize ask`: a request in the user's own words, routed to the command that it means."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from chapterize.cli.conversing import (
    Request,
    export_session,
    say_in_session,
    show,
    sources_of,
    upload_files,
)
from chapterize.cli.options import AsJson, Device, Force, Output, Verbose, Yes
from chapterize.cli.remote import Session, balance, refuse_empty, status
from chapterize.errors import InputError
from chapterize.inputs import WebAddress, local_file, source_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ask"]

_LINK = re.compile(r"https?://[^\s\u3000-\u9fff\uff00-\uffef<>]+", re.I)
_VIDEO_HOSTS = ("youtube.com", "youtu.be", "vimeo.com", "bilibili.com", "twitch.tv")


def ask(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you want, in your own words.")],
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE|URL", help="Files, or https addresses, that it is about."),
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
    status and the credits are handled as by `chapterize remote`; with a file, they are about the
    session of that file. Everything else is an edit: its file is uploaded, unless a session holds
    it, and your text is sent to the editing agent. With -o, or if the text ends with a request to
    export, the result is then rendered.

    Uploads, edits and exports may cost credits, and start only after you agree.
    """
    from chapterize.remote.intent import Action, route, without_export

    refuse_empty(text)
    inputs = [source_of(each) for each in files or ()]
    action = route(text, has_file=bool(inputs))
    if action in (Action.UPLOAD, Action.CHAPTERS, Action.EDIT):
        # A link in the text is opened like one after it.
        inputs += _links(text, only_media=action is Action.EDIT)
    request = Request(session, output, yes, as_json, force, verbose, _language(text))
    if action is Action.NOTHING:
        show({"action": "nothing"}, "Nothing was done, and nothing was sent.", as_json=as_json)
    elif action is Action.CREDITS:
        balance(as_json, verbose)
    elif action is Action.STATE:
        status(_session_about(inputs, session), as_json, verbose)
    elif action is Action.EXPORT:
        named = _session_about(inputs, session, is_export=True)
        export_session(replace(request, session=named))
    elif action is Action.CHAPTERS and inputs:
        paths = [each if isinstance(each, Path) else local_file(each.url) for each in inputs]
        _deliver(ctx, request, device, paths)
    elif not inputs and (action is Action.UPLOAD or (action is Action.CHAPTERS and not session)):
        raise InputError(
            "no file is named",
            why="chapters and uploads need one",
            hint=f"chapterize ask {shlex.quote(text)} FILE",
        )
    elif action is Action.UPLOAD:
        upload_files(inputs, request)
    else:
        edit, renders = without_export(text)
        say_in_session(edit, replace(request, renders=renders), inputs)


def _links(text: str, *, only_media: bool) -> list[Path | WebAddress]:
    """The links outside quotes; with `only_media`, those that name a media file."""
    from chapterize.remote.answers import ACCEPTED
    from chapterize.remote.intent_keywords import QUOTED

    # A text that is quoted as a whole has no other words.
    whole = QUOTED.fullmatch(text.strip())
    plain = text.strip()[1:-1] if whole else QUOTED.sub(" ", text)
    found = []
    for link in dict.fromkeys(_LINK.findall(plain)):
        url = link.rstrip(".,;:!?\"')]}*…")
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").lower()
        except ValueError:
            continue
        suffix = PurePosixPath(parts.path).suffix.lower().lstrip(".")
        is_video = any(host == each or host.endswith(f".{each}") for each in _VIDEO_HOSTS)
        if is_video or suffix in ACCEPTED or not only_media:
            found.append(source_of(url))
    return found


def _session_about(
    inputs: Sequence[Path | WebAddress], session: str | None, *, is_export: bool = False
) -> str | None:
    """The name of the session that holds the files, or `session` if no file is given."""
    from chapterize.deliver import require_session_about, require_shown
    from chapterize.remote.identity import Identity, service_address

    if not inputs:
        return session
    sources = sources_of(inputs)
    journal = require_session_about(Identity(service_address()), sources, session)
    if is_export:
        require_shown(journal, sources)
    return journal.name


def _language(text: str) -> str:
    """The language of a sentence, for a new session; "en" if it is unknown."""
    from chapterize.language import guess_language
    from chapterize.remote.intent_keywords import QUOTED

    said = QUOTED.sub(" ", text)
    # A sentence is too short for a guess by its words, but not for one by its script.
    scripts = (("ja", "[\u3040-\u30ff]"), ("zh", "[\u3400-\u9fff]"), ("ko", "[\uac00-\ud7a3]"))
    short = next((code for code, letters in scripts if re.search(letters, said)), "en")
    return guess_language(said) or short


def _deliver(ctx: typer.Context, request: Request, device: str, paths: Sequence[Path]) -> None:
    """Run `chapterize deliver` as if typed, so that the user's defaults apply."""
    flags = {
        "--yes": request.yes,
        "--json": request.as_json,
        "--force": request.force,
        "--verbose": request.verbose,
    }
    typed = [flag for flag, is_on in flags.items() if is_on]
    typed += ["-o", str(request.output)] if request.output else []
    root = ctx.find_root()
    group: Any = root.command
    deliver = group.commands["deliver"]
    arguments = [*typed, "--device", device, "--", *map(str, paths)]
    with deliver.make_context("deliver", arguments, parent=root) as delivery:
        deliver.invoke(delivery)
