"""`chapterize models`: which models there are, and getting, checking and removing them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.options import AsJson
from chapterize.cli.terminal import Terminal, can_ask, for_each, plain, print_json
from chapterize.errors import ChapterizeError, Declined, EngineError, InputError

if TYPE_CHECKING:
    from chapterize.hub import Model

__all__ = ["app"]

app = typer.Typer(
    name="models",
    help="List, download, check and remove the models that run on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_DAMAGED = 1
_SHORT = 8

Names = Annotated[
    list[str],
    typer.Argument(metavar="NAME…", help="Models: see chapterize models list.", show_default=False),
]
SomeNames = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME…]", help="All on disk if none is named.", show_default=False),
]
Name = Annotated[
    str,
    typer.Argument(metavar="NAME", help="A model: see chapterize models list.", show_default=False),
]
Agreed = Annotated[bool, typer.Option("--yes", "-y", help="Remove without asking.")]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Print every model with its size, and whether it is on disk."""
    from chapterize.hub import MODELS

    if as_json:
        print_json([_described(model) for model in MODELS])
        return
    rows: list[tuple[str, ...]] = [
        ("NAME", "FOR", "SIZE", "MEMORY", "LICENCE", "REVISION", "ON DISK"),
    ]
    rows += [_row(model) for model in MODELS]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


@app.command()
def pull(names: Names, as_json: AsJson = False) -> None:
    """Download models, check every file and load each model once.

    A download that was broken off goes on where it stopped. OWNER/NAME takes another model of the
    Hugging Face hub.
    """

    def pull_one(name: str) -> None:
        with Terminal(name) as terminal:
            try:
                done = _pull(_model(name), terminal)
            except KeyboardInterrupt:
                terminal.say(
                    f"what has arrived is kept: chapterize models pull {name} goes on from there"
                )
                raise
        if as_json:
            print_json(done, is_many=len(names) > 1)
        else:
            typer.echo(done["path"])

    for_each(names, pull_one)


@app.command()
def verify(names: SomeNames = None, as_json: AsJson = False) -> None:
    """Compare every file with the digest it was published with; exit code 1 if one differs."""
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
        typer.echo("no model is on this disk", err=True)
    if any(result["damaged"] for result in results):
        raise typer.Exit(_DAMAGED)


@app.command("path")
def show_path(name: Name, as_json: AsJson = False) -> None:
    """Print the folder of a model that is on disk."""
    from chapterize import hub

    chosen = hub.named(name)
    folder = chosen if isinstance(chosen, Path) else hub.find(chosen)
    if folder is None:
        raise InputError(
            f"the model {name} is not on this disk",
            why=f"{hub.store()} has no complete copy of it",
            hint=f"get it: chapterize models pull {name}",
        )
    if as_json:
        print_json({"name": name, "path": str(folder)})
    else:
        typer.echo(folder)


@app.command()
def remove(names: Names, yes: Agreed = False, as_json: AsJson = False) -> None:
    """Delete models from the cache of the Hugging Face hub; folders of yours are never touched."""
    from chapterize import hub

    models = [_model(name) for name in names]
    if not yes:
        _require_agreement(models)

    def remove_one(model: Model) -> None:
        freed = hub.remove(model)
        if as_json:
            print_json({"name": model.name, "bytes": freed}, is_many=len(models) > 1)
        else:
            typer.echo(f"removed {model.name}, {freed / 1e6:.0f} MB", err=True)

    for_each(models, remove_one)


def _model(name: str) -> Model:
    from chapterize.hub import named

    chosen = named(name)
    if isinstance(chosen, Path):
        raise InputError(
            f"{name} is a folder",
            why="models are managed by their names; folders are yours",
            hint="see the names: chapterize models list",
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
        on_disk = f"in part, {size / 1e6:.0f} MB"
    name = f"{model.name} ({', '.join(model.aliases)})" if model.aliases else model.name
    return (
        name,
        model.purpose,
        hub.size_text(model.megabytes),
        hub.size_text(model.memory_mb) if model.memory_mb else "unknown",
        model.licence or "unknown",
        (model.revision or "main")[:_SHORT],
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
            why=f"not as published: {', '.join(found.damaged)}",
            hint=_get_anew(model),
        )
    is_loaded = _try(model, folder, terminal)
    return {
        "name": model.name,
        "repository": model.repository,
        "revision": folder.name,
        "path": str(folder),
        "bytes": hub.size_on_disk(model),
        "loaded": is_loaded,
    }


def _try(model: Model, folder: Path, terminal: Terminal) -> bool:
    """Load a model once on the CPU; False when the package to load it is not installed."""
    from chapterize.errors import MissingDependency

    try:
        if model.purpose == "speech":
            from chapterize.transcribe.device import Device
            from chapterize.transcribe.model import load

            load(folder, Device("cpu"))
        else:
            from chapterize.vectors import SentenceEmbedder

            SentenceEmbedder(folder, device="cpu", offline=True)
    except MissingDependency as error:
        terminal.note(f"{model.name} was not loaded: {error.what}; {error.hint}")
        return False
    except ChapterizeError as error:
        raise EngineError(
            f"the model {model.name} cannot be loaded", why=error.why, hint=_get_anew(model)
        ) from error
    return True


def _show_verified(model: Model, found: Any) -> None:
    for name in found.damaged:
        typer.echo(plain(f"{model.name}: {name} is damaged"))
    if found.damaged:
        typer.echo(f"  next: {_get_anew(model)}", err=True)
    else:
        unknown = f", {len(found.unknown)} without a known digest" if found.unknown else ""
        typer.echo(f"{model.name}: {found.n_compared} files as published{unknown}")


def _get_anew(model: Model) -> str:
    return f"chapterize models remove {model.name}, then chapterize models pull {model.name}"


def _require_agreement(models: list[Model]) -> None:
    from chapterize import hub

    if not can_ask():
        raise InputError(
            "nothing was removed",
            why="there is no terminal to ask on",
            hint="add --yes to remove without being asked",
        )
    for model in models:
        size = f"{hub.size_on_disk(model) / 1e6:.0f} MB"
        also = "".join(f", also known as {alias}" for alias in model.aliases)
        typer.echo(f"{model.name}{also}: {size} in {hub.store()}", err=True)
    if not typer.confirm("Remove?", default=False, err=True):
        raise Declined("nothing was removed", why="you said no")
