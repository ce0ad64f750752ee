"""The question before a model is downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from chapterize.cli.interrupts import stop_if_interrupted
from chapterize.cli.terminal import can_ask, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from chapterize.cli.terminal import Terminal
    from chapterize.hub import Download

__all__ = ["Consent"]

_WITHOUT = {
    "speech model": "chapters come from pauses and slide changes, and titles are numbers",
    "title model": "titles are phrases from the transcript",
}


class Consent:
    """Consent to download models; the user is asked once per model and run.

    Without a terminal, downloads need no consent.
    """

    def __init__(self) -> None:
        self._answers: dict[str, bool] = {}

    def at(self, terminal: Terminal) -> Callable[[Download], bool]:
        """The `on_download` of a draft whose progress is shown at `terminal`."""

        def ask(model: Download) -> bool:
            if not can_ask():
                return True
            if model.name not in self._answers:
                terminal.clear()
                self._answers[model.name] = _ask(model)
            return self._answers[model.name]

        return ask


def _ask(model: Download) -> bool:
    from chapterize.hub import host

    licence = f", licence {model.licence}" if model.licence else ""
    lines = (
        f"The {model.kind} {model.name} is not on this disk.",
        f"  download:   {model.size} from {host()}, once{licence}",
        f"  stored in:  {model.folder}",
        f"  without it: {_WITHOUT.get(model.kind, _WITHOUT['speech model'])}",
    )
    for line in lines:
        typer.echo(plain(line), err=True)
    try:
        return typer.confirm("Download it?", default=True, err=True)
    except typer.Abort:
        # Typer raises this for Ctrl-C, which ends the program, and for Ctrl-D, which means no.
        stop_if_interrupted()
        typer.echo("", err=True)
        return False
