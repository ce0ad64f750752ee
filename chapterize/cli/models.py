"""`chapterize models`: list, download, verify and delete models."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.command import App
from chapterize.cli.options import AsJson
from chapterize.cli.terminal import Terminal, can_ask, for_each, plain, print_json
from chapterize.errors import ChapterizeError, Declined, EngineError, InputError

if TYPE_CHECKING:
    from chapterize.hub import Model

__all__ = ["app"]

app = App(
    name="models",
    help="List, download, verify and delete models.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_DAMAGED = 1  # exit code
_REVISION_LENGTH = 8
_LIST = "list the names: chapterize models list"

_NAMES = "Models; see chapterize models list."
Names = Annotated[list[str], typer.Argument(metavar="NAME", help=_NAMES)]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Model; see chapterize models list.")]
SomeNames = Annotated[
    list[str] | None, typer.Argument(metavar="NAME", help="Models; by default all on disk.")
]
Agreed = Annotated[bool, typer.Option("--yes", "-y", help="Delete without asking.")]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models, and which ones are on disk."""
    from chapterize.hub import MODELS

    if as_json:
        print_json([_described(model) for model in MODELS])
        return
    header = ("NAME", "FOR", "SIZE", "MEMORY", "LICENCE", "REVISION", "ON DISK")
    rows = [header, *map(_row, MODELS)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


@app.command()
def pull(names: Names, as_json: AsJson = False) -> None:
    """Download models, verify every file and load each model once.

    An interrupted download continues where it stopped. OWNER/NAME downloads another model of the
    Hugging Face hub.
    """

    def pull_one(name: str) -> None:
        with Terminal(name) as terminal:
            try:
                done = _pull(_model(name), terminal)
            except KeyboardInterrupt:
                terminal.say(f"the download is kept: chapterize models pull {name} continues it")
                raise
        if as_json:
            print_json(done, is_many=len(names) > 1)
        else:
            typer.echo(done["path"])

    for_each(names, pull_one)


@app.command()
def verify(names: SomeNames = None, as_json: AsJson = False) -> None:
    """Compare every file with its published digest.

    The exit code is 1 if a file differs.
    """
    from chapterize import hub

    models = [_model(name) for name in names or ()]
    if not names:
        models = [model for model in hub.MODELS if hub.find(model)]
    results = []
    with Terminal("verify") as terminal:
        for model in models:
            result = hub.verify(model, on_progress=terminal.progress)
            results.append({"name": model.name, **asdict(result)})
            if not as_json:
                terminal.clear()
                _show_verified(model, result)
    if as_json:
        print_json(results)
    elif not models:
        typer.echo("no models on this disk", err=True)
    if any(result["damaged"] for result in results):
        raise typer.Exit(_DAMAGED)


@app.command("path")
def show_path(name: Name, as_json: AsJson = False) -> None:
    """Print the folder of a model on disk."""
    from chapterize import hub

    chosen = _named(name)
    folder = chosen if isinstance(chosen, Path) else hub.require(chosen)
    if as_json:
        print_json({"name": name, "path": str(folder)})
    else:
        typer.echo(folder)


@app.command()
def remove(names: Names, yes: Agreed = False, as_json: AsJson = False) -> None:
    """Delete models from the Hugging Face cache.

    Folders of your own are never deleted.
    """
    from chapterize import hub

    models = [_model(name) for name in names]
    if not yes:
        _require_agreement(models)

    def remove_one(model: Model) -> None:
        freed = hub.remove(model)
        if as_json:
            print_json({"name": model.name, "bytes": freed}, is_many=len(models) > 1)
        else:
            typer.echo(f"deleted {model.name}, {freed / 1e6:.0f} MB", err=True)

    for_each(models, remove_one)


def _named(name: str) -> Path | Model:
    from chapterize.hub import named

    try:
        return named(name)
    except EngineError as error:
        # The hint may name options that these commands lack.
        hint = error.hint if error.hint.startswith(("did you mean", "give its name")) else _LIST
        raise EngineError(error.what, why=error.why, hint=hint) from error


def _model(name: str) -> Model:
    chosen = _named(name)
    if isinstance(chosen, Path):
        raise InputError(
            f"{name} is a folder",
            why="this command works on models by name, not on your own folders",
            hint=_LIST,
        )
    return chosen


def _described(model: Model) -> dict[str, Any]:
    from chapterize import hub

    folder = hub.find(model)
    return {
        **asdict(model),
        "path": str(folder) if folder else None,
        "bytes": hub.size_on_disk(model),
    }


def _row(model: Model) -> tuple[str, ...]:
    from chapterize import hub

    size = hub.size_on_disk(model)
    on_disk = f"{size / 1e6:.0f} MB" if hub.find(model) else "no"
    if size and on_disk == "no":
        on_disk = f"partly, {size / 1e6:.0f} MB"
    name = f"{model.name} ({', '.join(model.aliases)})" if model.aliases else model.name
    return (
        name,
        model.purpose,
        hub.size_text(model.megabytes),
        hub.size_text(model.memory_mb) if model.memory_mb else "unknown",
        model.licence or "unknown",
        (model.revision or "main")[:_REVISION_LENGTH],
        on_disk,
    )


def _pull(model: Model, terminal: Terminal) -> dict[str, Any]:
    from chapterize import hub

    folder = hub.find(model)
    if folder is None:
        terminal.say(f"downloading {model.name}, {hub.size_text(model.megabytes)}")
        folder = hub.download(model, on_progress=terminal.progress)
    found = hub.verify(model, on_progress=terminal.progress)
    terminal.clear()
    if found.damaged:
        raise EngineError(
            f"the model {model.name} is damaged",
            why=f"files differ from the published ones: {', '.join(found.damaged)}",
            hint=_how_to_replace(model),
        )
    is_loaded = _try_loading(model, folder, terminal)
    return {
        "name": model.name,
        "repository": model.repository,
        "revision": folder.name,
        "path": str(folder),
        "bytes": hub.size_on_disk(model),
        "loaded": is_loaded,
    }


def _try_loading(model: Model, folder: Path, terminal: Terminal) -> bool:
    """Load a model once on the CPU; False if the package that loads it is not installed."""
    from chapterize.errors import MissingDependency

    try:
        if model.purpose == "speech":
            from chapterize.transcribe.device import Device
            from chapterize.transcribe.model import load

            load(folder, Device("cpu"))
        elif model.purpose == "titles":
            from chapterize.title.llm.generator import opened

            with opened(folder, (), "cpu"):
                pass
        else:
            from chapterize.vectors import SentenceEmbedder

            SentenceEmbedder(folder, device="cpu", offline=True)
    except MissingDependency as error:
        terminal.note(f"{model.name} was not loaded: {error.what}; {error.hint}")
        return False
    except ChapterizeError as error:
        raise EngineError(
            f"the model {model.name} cannot be loaded", why=error.why, hint=_how_to_replace(model)
        ) from error
    return True


def _show_verified(model: Model, found: Any) -> None:
    for name in found.damaged:
        typer.echo(plain(f"{model.name}: {name} is damaged"))
    if found.damaged:
        typer.echo(f"  next: {_how_to_replace(model)}", err=True)
    else:
        unknown = f", {len(found.unknown)} without a known digest" if found.unknown else ""
        typer.echo(f"{model.name}: {found.n_compared} files match{unknown}")


def _how_to_replace(model: Model) -> str:
    return f"chapterize models remove {model.name}, then chapterize models pull {model.name}"


def _require_agreement(models: list[Model]) -> None:
    from chapterize import hub

    if not can_ask():
        raise InputError(
            "nothing was deleted",
            why="deleting needs your consent, and there is no terminal",
            hint="add --yes to delete without a question",
        )
    for model in models:
        size = f"{hub.size_on_disk(model) / 1e6:.0f} MB"
        also = "".join(f", also known as {alias}" for alias in model.aliases)
        typer.echo(f"{model.name}{also}: {size} in {hub.store()}", err=True)
    if not typer.confirm("Delete?", default=False, err=True):
        raise Declined("nothing was deleted", why="you declined")
