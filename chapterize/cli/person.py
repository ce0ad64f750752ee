"""The person at the terminal: what is asked before anything is sent or rendered."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

import typer

from chapterize.cli.terminal import Terminal, can_ask, plain
from chapterize.errors import InputError

if TYPE_CHECKING:
    from chapterize.deliver import Choice, Offer
    from chapterize.remote.brief import PlanCheck

__all__ = ["Person", "require_consent"]


@dataclass(frozen=True)
class Person:
    """The `User` at `terminal`.

    Parameters
    ----------
    yes : agree to uploads beforehand, and ask nothing.
    pay_again : agree beforehand to repeat a paid edit whose session has expired.
    is_proxy : send a smaller copy of a file that is too large.
    verbose : show every request.
    """

    terminal: Terminal
    _: KW_ONLY
    yes: bool
    pay_again: bool = False
    is_proxy: bool = False
    verbose: bool = False

    def show(self, text: str) -> None:
        """Show one sentence."""
        self.terminal.say(text)

    def progress(self, stage: str, fraction: float) -> None:
        """Show the progress of a stage."""
        self.terminal.progress(stage, fraction)

    def detail(self, text: str) -> None:
        """Show one request, with ``--verbose``."""
        if self.verbose:
            self.terminal.say(text)

    def accepts(self, check: PlanCheck, question: str | None) -> bool:
        """Ask whether to render although the plan was not carried out as asked.

        With ``--yes`` nothing is asked: a usable result is rendered.
        """
        if self.yes or not can_ask():
            return self.yes and check.is_usable
        self.terminal.clear()
        for line in check.lines:
            typer.echo(plain(f"  {line}"), err=True)
        if question:
            typer.echo(plain(f"The service asks: {question}"), err=True)
        return typer.confirm("Render it anyway?", default=False, err=True)

    def pays_again(self, why: str) -> bool:
        """Ask whether to repeat, and pay for, what was paid for already."""
        if self.pay_again or self.yes or not can_ask():
            return self.pay_again
        self.terminal.clear()
        typer.echo(plain(f"{why[:1].upper()}{why[1:]}."), err=True)
        return typer.confirm("Start over, and pay again?", default=False, err=True)

    def consent(self, offer: Offer) -> Choice:
        """Ask whether to send what `offer` describes."""
        from chapterize.deliver import Choice

        if not self.yes:
            return self._answer(offer)
        if offer.is_accepted:
            return Choice.SEND
        return Choice.PROXY if self.is_proxy else Choice.LOCAL

    def _answer(self, offer: Offer) -> Choice:
        from chapterize.deliver import Choice, consent_lines

        _require_terminal(", --local-only to send nothing, or --dry-run to see what would be sent")
        self.terminal.clear()
        for line in consent_lines(offer):
            typer.echo(plain(line), err=True)
        choices = {"h": Choice.LOCAL, "n": Choice.STOP}
        if offer.is_accepted:
            question = "Send it? [y]es, make the result [h]ere instead, [n]o"
            choices["y"] = Choice.SEND
        elif self.is_proxy:
            question = "Send the smaller proxy? [y]es, make the result [h]ere instead, [n]o"
            choices["y"] = Choice.PROXY
        else:
            question = "Send a [s]maller proxy, make the result [h]ere, [n]o"
            choices["s"] = Choice.PROXY
        while True:
            answer = str(typer.prompt(question, default="n", err=True)).strip().lower()[:1]
            if answer in choices:
                return choices[answer]


def require_consent(what: str, address: str, terminal: Terminal, *, yes: bool) -> None:
    """Return if the user agrees to `what`; every command asks here before it sends or pays.

    Parameters
    ----------
    what : what would happen, to follow "Would", such as ``send this message to the session NAME``.
    address : of the service.
    yes : the user has agreed beforehand; nothing is asked.

    Raises
    ------
    Declined : the user said no.
    InputError : there is no terminal to ask on.
    """
    from chapterize.deliver import service_at
    from chapterize.errors import Declined

    if yes:
        return
    _require_terminal()
    terminal.clear()
    typer.echo(plain(f"Would {what}."), err=True)
    typer.echo(plain(f"It goes to {service_at(address)}. It may cost credits."), err=True)
    if not typer.confirm("Send it?", default=False, err=True):
        raise Declined("nothing was sent", why="you said no")


def _require_terminal(choices: str = "") -> None:
    """InputError, with the other options of the command as `choices`, if nobody can be asked."""
    if not can_ask():
        raise InputError(
            "nothing was sent",
            why="sending needs your consent, and there is no terminal to ask on",
            hint=f"add --yes to agree beforehand{choices}",
        )
