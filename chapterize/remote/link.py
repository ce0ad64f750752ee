"""What every step of a handover needs: the service, the journal, and the user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chapterize.data import OnProgress
from chapterize.remote.brief import PlanCheck
from chapterize.remote.client import Client
from chapterize.remote.journal import Job, SessionJournal

__all__ = ["Link", "Talk"]


@dataclass(frozen=True)
class Talk:
    """How the user is spoken to, and asked.

    `tell` : a sentence. `decide` : whether to render although the plan was not carried out as
    asked; the check, and what the agent asked. `finish` : what is done to the video, at a
    temporary path, before it gets its name; returns notes.
    """

    tell: Callable[[str], None]
    on_progress: OnProgress
    decide: Callable[[PlanCheck, str | None], bool]
    finish: Callable[[Path, Job], Sequence[str]] = lambda path, job: ()


@dataclass(frozen=True)
class Link:
    """One session: the client that speaks to it, its journal, and how the user is spoken to."""

    client: Client
    journal: SessionJournal
    talk: Talk
