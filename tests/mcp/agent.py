"""An agent's program: the package's own client, and the server as a real process."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult

ROOT = Path(__file__).parents[2]
COMMAND = ("-m", "chapterize", "mcp")

# The server, with a draft that takes a minute, prints, and leaves a temporary file if it is killed.
SLOW = """
import os, sys, time
from pathlib import Path
import chapterize.pipeline
from chapterize.files import replacing
from chapterize.__main__ import main

def make_draft(path, options, *, on_progress, on_note):
    Path("pid").write_text(str(os.getpid()))
    print("printed by a library")
    os.system("echo printed by a child")
    with replacing(Path("made")) as temporary:
        for n in range(1200):
            on_progress("reading", n / 1200)
            temporary.write_text("half")
            time.sleep(0.05)

chapterize.pipeline.make_draft = make_draft
main()
"""


@asynccontextmanager
async def agent(
    folder: Path, *, mode: str = "auto", program: tuple[str, ...] = COMMAND, **variables: str
) -> AsyncIterator[Client]:
    """A client of a server that was started in `folder`, with more environment variables."""
    passed = ("CHAPTERIZE_", "NEMO_", "LANG", "LC_", "HF_")
    environment = {key: value for key, value in os.environ.items() if key.startswith(passed)}
    server = StdioServerParameters(
        command=sys.executable,
        args=list(program),
        env={**environment, **variables, "PYTHONPATH": str(ROOT)},
        cwd=folder,
    )
    async with Client(server, mode=mode) as client:
        yield client


def made(result: CallToolResult) -> dict[str, Any]:
    """The structured result of a call that succeeded."""
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def failed(result: CallToolResult) -> dict[str, Any]:
    """The structured error of a call that failed."""
    assert result.is_error
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())
