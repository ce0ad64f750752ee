"""`chapterize review`: the chapters of a file on a page in the browser."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.drafting import draft_at, offered, with_draft_options
from chapterize.cli.fetching import Consent
from chapterize.cli.options import AsJson, ChapterFile, Learn
from chapterize.cli.terminal import Terminal, print_json
from chapterize.errors import InputError
from chapterize.inputs import local_file

if TYPE_CHECKING:
    from chapterize.formats import Listing
    from chapterize.pipeline import Draft, Options
    from chapterize.review import Instance, Project

__all__ = ["review"]

Source = Annotated[
    Path, typer.Argument(parser=local_file, metavar="FILE", help="Video, audio or caption file.")
]
Port = Annotated[
    int,
    typer.Option(
        min=0, max=65535, metavar="N", help="Port on this machine; by default a free one."
    ),
]
NoBrowser = Annotated[
    bool, typer.Option("--no-browser", help="Print the address of the page, and open nothing.")
]
Drafted = Annotated[int | None, typer.Option(hidden=True, help="An open file with the draft.")]
"""The open file from which `_start_afresh` has the draft read."""

_N_LINKS = 9
"""How often a further `review` of the file can open the page without showing the token."""

_ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}
"""Has threads share memory: one arena for each of them would keep 30 MB more."""

_MANY = 5_000
"""Sentences of a draft that leaves much memory behind."""


@with_draft_options
def review(
    source: Source,
    *,
    drafting: Options,
    chapters: ChapterFile = None,
    port: Port = 0,
    no_browser: NoBrowser = False,
    learn: Learn = True,
    as_json: AsJson = False,
    drafted: Drafted = None,
) -> None:
    """Open a page to see, change and publish the chapters.

    Reads a video, audio or caption file, drafts its chapters and shows them in the browser, with
    the video, the transcript and the reasons. Every change is saved, and later drafts of the file
    keep it. The page is served on this machine only; Ctrl-C ends it.
    """
    from chapterize import formats
    from chapterize.fingerprint import file_fingerprint
    from chapterize.pipeline.edits import edits_file
    from chapterize.review import listen, other_instance, take_link

    file = edits_file(file_fingerprint(source))
    with other_instance(file) as other:
        if other is not None:
            if not other.address:
                raise InputError(
                    f"{source} is under review already",
                    why="another process has it open",
                    hint="use its page, or end that process first",
                )
            typer.echo(f"{source.name} is under review in process {other.pid}", err=True)
            _show(other, as_json=as_json)
            if not no_browser:
                _open(take_link(file, other))
            return
        # What cannot work is reported before the draft, which may take minutes.
        with listen(port) as listening:
            listing = None if chapters is None else formats.read_listing(chapters)
            draft = _read_draft(drafted) if drafted else _draft(source, drafting)
            project = _project(draft, file, drafting, listing)
            del draft
            # Without a profile, nothing is learned.
            options = drafting if learn else replace(drafting, profile=None, like=None)
            _serve(project, listening, options, is_opened=not no_browser, as_json=as_json)


def _draft(source: Path, options: Options) -> Draft:
    with Terminal(source.name) as terminal:
        existing = options.existing
        if existing == "auto":
            existing = "reviewed" if options.edits else "none"
        wanted = replace(options, edits=False, existing=existing, needs_words=True)
        draft = draft_at(terminal, source, wanted, Consent())
        if options.existing == "auto":
            draft = offered(draft, options, terminal)
    _start_afresh(draft)
    return draft


def _start_afresh(draft: Draft) -> None:
    """Replace this process by one that has only the draft, if that is long.

    Models, and memory that Python cannot return, would stay as long as the page is open: 200 MB
    instead of 100 at ten hours. Returns where that is not worth it, or not possible.
    """
    arguments = sys.orig_argv[1:]
    is_program = "review" in arguments and "review" in sys.argv and bool(sys.executable)
    if os.name != "posix" or not is_program or len(draft.sentences) < _MANY:
        return
    with TemporaryFile() as kept:
        # Nobody else can open this file: it has no name.
        pickle.dump(draft, kept)
        kept.seek(0)
        os.set_inheritable(kept.fileno(), True)
        at = arguments.index("review") + 1
        again = [*arguments[:at], f"--drafted={kept.fileno()}", *arguments[at:]]
        sys.stdout.flush()
        sys.stderr.flush()
        os.execve(sys.executable, [sys.executable, *again], {**os.environ, **_ONE_ARENA})  # noqa: S606


def _read_draft(number: int) -> Draft:
    """The draft in the open file `number`."""
    for name in _ONE_ARENA:
        # It has had its effect; ffmpeg is faster without it.
        os.environ.pop(name, None)
    try:
        with os.fdopen(number, "rb") as kept:
            draft: Draft = pickle.load(kept)  # noqa: S301
    except (OSError, EOFError, pickle.UnpicklingError) as error:
        raise InputError("there is no draft", hint="omit --drafted") from error
    return draft


def _project(draft: Draft, file: Path, options: Options, listing: Listing | None) -> Project:
    """The draft under review, from the stored state or the chapters of `listing`."""
    from chapterize import formats
    from chapterize.review import Project

    given = None if options.edits else draft.chapters
    with Terminal(draft.media.path.name) as terminal:
        if listing is not None:
            parsed = formats.tile(listing, draft.media.duration)
            given = parsed.chapters
            for note in parsed.notes:
                terminal.note(note)
        project = Project(draft, file, options.segment, given)
        for note in project.notes:
            terminal.note(note)
    return project


def _serve(
    project: Project, listening: Any, options: Options, *, is_opened: bool, as_json: bool
) -> None:
    from chapterize.review import Instance, announce, assemble, serve
    from chapterize.review.learning import Learning

    learning = Learning(project, options, _note)
    page, port = assemble(project, on_made=learning.keep), listening.getsockname()[1]
    links = tuple(page.link(port) for _ in range(_N_LINKS))
    server = Instance(os.getpid(), page.address(port), links)

    def show() -> None:
        announce(project.file, server)
        _show(server, as_json=as_json)
        typer.echo("the page is open until Ctrl-C; every change is saved", err=True)
        if is_opened:
            # Some browsers do not return before they are closed.
            link = page.link(port)
            threading.Thread(target=_open, args=(link,), name="browser", daemon=True).start()

    serve(page, listening, on_ready=show)
    learning.close()
    typer.echo("closed; your changes are saved", err=True)


def _note(text: str) -> None:
    typer.echo(f"note: {text}", err=True)


def _show(server: Instance, *, as_json: bool) -> None:
    """Print the address of the page alone."""
    if as_json:
        print_json({"address": server.address, "pid": server.pid})
    else:
        typer.echo(server.address)


def _open(link: str) -> None:
    import webbrowser

    try:
        browser = webbrowser.get()
        # One that runs in the terminal would take it, and cannot show the page.
        is_text = type(browser) is webbrowser.GenericBrowser and not os.environ.get("BROWSER")
        is_opened = not is_text and browser.open(link)
    except (webbrowser.Error, OSError):
        is_opened = False
    if not is_opened:
        typer.echo("no browser could be opened; open the address above yourself", err=True)
