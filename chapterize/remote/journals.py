"""The journals of this user: all of them, or the one that a command means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from chapterize.errors import InputError
from chapterize.files import state_folder
from chapterize.remote.journal import FOLDER, SUFFIX, SessionJournal

__all__ = ["find_journal", "journals"]


def journals(folder: Path | None = None) -> Iterator[SessionJournal]:
    """Yield all journals, the newest first; skip unreadable ones, and those that record nothing.

    A journal has only its first entry if the service could not be reached for a session.
    """
    sessions = (folder or state_folder()) / FOLDER
    for path in sorted(sessions.glob(f"*{SUFFIX}"), reverse=True):
        journal = SessionJournal.read(path)
        with suppress(IndexError, KeyError, TypeError, ValueError, InputError):
            _ = journal.jobs
            if journal.entries[0]["act"] == "begin" and len(journal.entries) > 1:
                yield journal


def find_journal(
    name: str | None, address: str, *, unfinished: bool = False, folder: Path | None = None
) -> SessionJournal:
    """Return the journal called `name`, or the newest one at `address`.

    The beginning of the name is enough. With `unfinished` the newest one with work left to do.

    Raises
    ------
    InputError : there is none, or several names start with `name`.
    """
    known = [each for each in journals(folder) if each.address == address]
    found: Sequence[SessionJournal]
    if name is not None:
        found = [each for each in known if each.name == name] or [
            each for each in known if each.name.startswith(name)
        ]
    else:
        over = "is_ended" if unfinished else "is_given_up"
        found = [each for each in known if not getattr(each, over)][:1]
    if len(found) == 1:
        return found[0]
    what = "there is nothing to resume" if unfinished else "there is no session"
    why = "none was started here"
    if found:
        what, why = f"several sessions start with {name}", "a name must fit one session"
    elif known and name is not None:
        what, why = "there is no such session", f"no name of a session starts with {name}"
    elif known:
        why = "all sessions are finished" if unfinished else "all sessions were given up"
    raise InputError(
        what,
        why=why,
        hint="list them with: chapterize remote sessions"
        if known
        else "start one with: chapterize deliver FILE",
    )
