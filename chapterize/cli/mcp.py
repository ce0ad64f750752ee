"""`chapterize mcp`: the server for AI agents."""

from __future__ import annotations

import typer

from chapterize.cli.interrupts import exit_at_once
from chapterize.cli.terminal import can_ask

__all__ = ["mcp"]


def mcp() -> None:
    """Serve AI agents over MCP, on stdin and stdout.

    An agent's program starts it, and calls its tools: draft, check, convert, embed and deliver.
    deliver sends nothing until it is called with confirmed: true. Needs the package mcp.
    """
    from chapterize.mcp import serve

    if can_ask():
        typer.echo("waiting for an agent's program on stdin; Ctrl-C ends the server", err=True)
    serve(exit_at_once)
