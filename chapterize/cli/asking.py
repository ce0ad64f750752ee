"""What the user is asked before anything leaves the machine, and how the service's words appear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from chapterize.cli.terminal import Terminal, can_ask, plain
from chapterize.errors import InputError

if TYPE_CHECKING:
    from chapterize.deliver import Choice, Offer, User
    from chapterize.remote.brief import PlanCheck

__all__ = ["make_user", "require_consent"]


def make_user(
    terminal: Terminal, *, yes: bool, is_proxy: bool = False, verbose: bool = False
) -> User:
    """The person at the terminal; with `yes` nobody is asked."""
    from chapterize.deliver import Choice, User

    def consent(offer: Offer) -> Choice:
        if not yes:
            return _ask(offer, terminal, is_proxy=is_proxy)
        if offer.is_accepted:
            return Choice.SEND
        return Choice.PROXY if is_proxy else Choice.LOCAL

    def decide(check: PlanCheck, question: str | None) -> bool:
        return not yes and can_ask() and _decide(check, question, terminal)

    return User(
        consent=consent,
        decide=decide,
        tell=terminal.say,
        on_progress=terminal.progress,
        on_detail=terminal.say if verbose else None,
    )


def require_consent(question: str, terminal: Terminal, *, yes: bool) -> None:
    """Return when the user agrees to `question`.

    Raises
    ------
    Declined : the user said no.
    InputError : there is nobody to ask.
    """
    from chapterize.errors import Declined

    if yes:
        return
    _require_terminal()
    terminal.clear()
    if not typer.confirm(plain(question), default=False, err=True):
        raise Declined("nothing was sent", why="you said no")


def _require_terminal() -> None:
    if not can_ask():
        raise InputError(
            "nothing was sent",
            why="it needs your consent, and there is no terminal to ask on",
            hint="add --yes to agree beforehand, --local-only to stay here, or --dry-run to look",
        )


def _ask(offer: Offer, terminal: Terminal, *, is_proxy: bool) -> Choice:
    from chapterize.deliver import Choice

    _require_terminal()
    terminal.clear()
    for line in _described(offer):
        typer.echo(plain(line), err=True)
    choices = {"h": Choice.LOCAL, "n": Choice.STOP}
    if offer.is_accepted:
        question = "Send it? [y]es, make the result [h]ere instead, [n]o"
        choices["y"] = Choice.SEND
    elif is_proxy:
        question = "Make the smaller stand-in and send it? [y]es, make the result [h]ere, [n]o"
        choices["y"] = Choice.PROXY
    else:
        question = "Send a [s]maller stand-in, make the result [h]ere, [n]o"
        choices["s"] = Choice.PROXY
    return choices[_letter(question, choices)]


def _letter(question: str, choices: dict[str, Choice]) -> str:
    while True:
        said = str(typer.prompt(question, default="n", err=True)).strip().lower()[:1]
        if said in choices:
            return said


def _described(offer: Offer) -> list[str]:
    size = f"{offer.size_bytes / 1e6:.1f} MB"
    lines = [
        f"{offer.source} ({size}), and the times and titles of its {len(offer.chapters)} "
        f"chapters, would go to {offer.host}.",
        f"It may cost {offer.cost}.",
    ]
    if offer.obstacle:
        lines.insert(1, f"As it is, the service would not take it: {offer.obstacle}.")
    if offer.proxy is not None:
        lines.append(
            f"A stand-in of {offer.proxy.height} lines would have at most "
            f"{offer.proxy.size_bytes / 1e6:.0f} MB."
        )
    return lines


def _decide(check: PlanCheck, question: str | None, terminal: Terminal) -> bool:
    terminal.clear()
    wrong = [("missing", chapter.title) for chapter in check.missing]
    wrong += [("at the wrong time", chapter.title) for chapter, _ in check.misplaced]
    wrong += [("not asked for", segment.text) for segment in check.surplus]
    for what, title in wrong:
        typer.echo(plain(f"  {what}: {title}"), err=True)
    if question:
        typer.echo(plain(f"The service asks: {question}"), err=True)
    return typer.confirm("Render it all the same?", default=False, err=True)
