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


class Consent:
    """Consent to download models; the user is asked once per run.

    Without a terminal, downloads need no consent.
    """

    def __init__(self) -> None:
        self._answer: bool | None = None

    def at(self, terminal: Terminal) -> Callable[[Download], bool]:
        """The `on_download` of a draft whose progress is shown at `terminal`."""

        def ask(model: Download) -> bool:
            if not can_ask():
                return True
            if self._answer is None:
                terminal.clear()
                self._answer = _ask(model)
            return self._answer

        return ask


def _ask(model: Download) -> bool:
    from chapterize.hub import host

    lines = (
        f"The speech model {model.name} is not on this disk.",
        f"  download:   {model.size} from {host()}, once",
        f"  stored in:  {model.folder}",
        "  without it: chapters come from pauses and slide changes, and titles are numbers",
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
