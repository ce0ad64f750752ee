"""`chapterize review`: the chapters of a file on a page in the browser."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chapterize.cli.drafting import draft_at, with_draft_options
from chapterize.cli.fetching import Consent
from chapterize.cli.options import AsJson, ChapterFile
from chapterize.cli.terminal import Terminal, print_json
from chapterize.errors import InputError
from chapterize.inputs import local_file

if TYPE_CHECKING:
    from socket import socket

    from chapterize.formats import Listing
    from chapterize.pipeline import Options
    from chapterize.review import Project

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


@with_draft_options
def review(
    source: Source,
    *,
    drafting: Options,
    chapters: ChapterFile = None,
    port: Port = 0,
    no_browser: NoBrowser = False,
    as_json: AsJson = False,
) -> None:
    """Open a page to see, change and publish the chapters.

    Reads a video, audio or caption file, drafts its chapters and shows them in the browser, with
    the video, the transcript and the reasons. Every change is saved, and later drafts of the file
    keep it. The page is served on this machine only; Ctrl-C ends it.
    """
    from chapterize import formats
    from chapterize.fingerprint import file_fingerprint
    from chapterize.pipeline.edits import edits_file
    from chapterize.review import listen, other_instance

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
            _show(other.address, other.pid, is_opened=not no_browser, as_json=as_json)
            return
        # What cannot work is reported before the draft, which may take minutes.
        with listen(port) as listening:
            listing = None if chapters is None else formats.read_listing(chapters)
            project = _project(source, file, drafting, listing)
            _serve(project, listening, is_opened=not no_browser, as_json=as_json)


def _project(source: Path, file: Path, options: Options, listing: Listing | None) -> Project:
    """The draft of `source` under review, from the stored state or the chapters of `listing`."""
    from chapterize import formats
    from chapterize.review import Project

    with Terminal(source.name) as terminal:
        draft = draft_at(terminal, source, replace(options, edits=False), Consent())
        given = None if options.edits else draft.chapters
        if listing is not None:
            parsed = formats.tile(listing, draft.media.duration)
            given = parsed.chapters
            for note in parsed.notes:
                terminal.note(note)
        project = Project(draft, file, options.segment, given)
        for note in project.notes:
            terminal.note(note)
    return project


def _serve(project: Project, listening: socket, *, is_opened: bool, as_json: bool) -> None:
    from chapterize.review import announce, assemble, serve

    page = assemble(project)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/#token={page.keys.token}"

    def show() -> None:
        announce(project.file, address)
        _show(address, os.getpid(), is_opened=is_opened, as_json=as_json)
        typer.echo("the page is open until Ctrl-C; every change is saved", err=True)

    serve(page, listening, on_ready=show)
    typer.echo("closed; your changes are saved", err=True)


def _show(address: str, pid: int, *, is_opened: bool, as_json: bool) -> None:
    """Print the address alone, and open it."""
    if as_json:
        print_json({"address": address, "pid": pid})
    else:
        typer.echo(address)
    if is_opened:
        import webbrowser

        try:
            is_opened = webbrowser.open(address)
        except (webbrowser.Error, OSError):
            is_opened = False
        if not is_opened:
            typer.echo("no browser could be opened; open the address above yourself", err=True)
