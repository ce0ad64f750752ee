"""Deliveries that kill themselves: ``python -m tests.remote.killed_runs`` with cases on stdin.

Each line of JSON is a case: ``source``, ``target``, ``state``, an optional ``say`` (an address and
a message sent in place of a delivery), whether it ``exports`` then, and ``kill``, one of

- ``["line", n, "before" | "after"]`` : around the n-th line of the journal, from 1 (0: never);
- ``["uploading" | "downloading" | "rendering", fraction]`` : as soon as that much is done;
- ``["embedding", 0]`` : when the chapters are embedded, but the video does not have its name yet.

Every delivery runs in a process of its own, forked from one that has imported everything, and
ends by SIGKILL. The exit code of each is printed on a line.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import httpx  # noqa: F401 - once for all children

import chapterize.rendering.containers.embed as embedding
from chapterize.data import Chapters
from chapterize.deliver import Choice, Conversation, DeliverOptions, Delivery, Export
from chapterize.journal import Journal
from chapterize.media import open_media
from chapterize.remote.brief import BriefOptions
from chapterize.remote.identity import Identity, service_address
from tests.remote.users import FakeUser

CHAPTERS = Chapters.from_starts([0.0, 2.0, 4.0], ["Opening", "Bees & honey", "“Fin” | 终"], 6.0)


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL cannot be caught")


def die_at_line(number: int, side: str) -> None:
    """Make the `number`-th line of the journal fatal."""
    append, n_lines = Journal.append, 0

    def fatal(self: Journal, entry: Any) -> bool:
        nonlocal n_lines
        n_lines += 1
        if n_lines == number and side == "before":
            die()
        is_written = append(self, entry)
        if n_lines == number:
            die()
        return is_written

    Journal.append = fatal  # type: ignore[method-assign]


def die_when_embedded() -> None:
    """Make embedding chapters fatal, once they are written."""
    write = embedding._write

    def fatal(*arguments: Any) -> NoReturn:
        write(*arguments)
        die()

    embedding._write = fatal  # type: ignore[assignment]


def carry_out(case: dict[str, Any]) -> None:
    """Carry out one delivery or message; die on the way if the case says so."""
    os.environ["CHAPTERIZE_STATE"] = case["state"]
    what, *where = case["kill"]
    if what == "line":
        die_at_line(*where)
    elif what == "embedding":
        die_when_embedded()

    class Mortal(FakeUser):
        def progress(self, stage: str, fraction: float) -> None:
            if stage == what and fraction >= where[0]:
                die()

    user = Mortal()
    if case.get("say"):
        conversation = Conversation(Identity(service_address()), user)
        conversation.upload({}, ["https://example.com/talk.mp4"])
        export = Export(Path(case["target"])) if case.get("exports") else None
        conversation.say(case["say"], export)
        if export is not None:
            conversation.export(export.target)
        return
    options = DeliverOptions(BriefOptions(), where="remote")
    delivery = Delivery(Identity(service_address()), options, user, lambda offer: Choice.SEND)
    targets = delivery.targets(open_media(Path(case["source"])), Path(case["target"]))
    delivery.deliver(targets, CHAPTERS)


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                carry_out(json.loads(line))
                code = 0
            except Exception as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
