"""Messages to the agent, each sent once and for all, whatever becomes of the run that sent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chapterize.errors import RemoteRefused, RemoteUnreachable, RunInterrupted
from chapterize.remote.journal import Job
from chapterize.remote.link import Link
from chapterize.remote.session import (
    Outcome,
    Reading,
    await_change,
    read_state,
    send_message,
    settled,
)
from chapterize.remote.timeline import Change, Segment, Timeline, Track, changes

__all__ = ["message"]


def message(
    link: Link, session_id: str, job: Job | None, kind: str, text: str, *, send_again: bool = False
) -> Outcome:
    """Send a message once and for all: one that was sent in an earlier run is only looked after.

    `kind` tells the messages of a job apart.
    """
    known = [e for e in link.journal.since_session("message", job) if e["kind"] == kind]
    step = known[-1]["step"] if known else ""
    if step == "done":
        after = read_state(link.client, session_id)
        return Outcome(_found(known, after), after, "", known[-1].get("question"))
    if step in ("wanted", "unknown"):
        return _look_after(link, session_id, job, kind, text, known, send_again)
    return _send(link, session_id, job, kind, text)


def _look_after(
    link: Link,
    session_id: str,
    job: Job | None,
    kind: str,
    text: str,
    known: Sequence[Mapping[str, Any]],
    send_again: bool,
) -> Outcome:
    wanted = [entry for entry in known if entry["step"] == "wanted"][-1]
    after = settled(link.client, session_id)
    if after.digest == wanted["before"]:
        if send_again:
            return _send(link, session_id, job, kind, text)
        link.talk.tell("A message was under way when the last run ended; looking for its work.")
        after = await_change(link.client, session_id, wanted["before"], link.talk.tell)
    outcome = Outcome(_found(known, after), after)
    _note_done(link, job, kind, outcome)
    return outcome


def _found(known: Sequence[Mapping[str, Any]], after: Reading) -> tuple[Change, ...]:
    """What differs from the timeline that was there when the message was sent."""
    wanted = [entry for entry in known if entry["step"] == "wanted"][-1]
    return changes(_timeline(wanted["timeline"]), after.timeline)


def _send(link: Link, session_id: str, job: Job | None, kind: str, text: str) -> Outcome:
    before = read_state(link.client, session_id)
    link.journal.note(
        "message",
        job=job,
        kind=kind,
        step="wanted",
        before=before.digest,
        timeline=_rows(before.timeline),
    )
    try:
        outcome = send_message(
            link.client,
            session_id,
            text,
            before,
            link.talk.tell,
            is_edit=job is not None,
        )
    except RunInterrupted:
        link.journal.note("message", job=job, kind=kind, step="unknown")
        raise
    except (RemoteRefused, RemoteUnreachable) as error:
        # Whatever goes wrong once it was sent is a `RunInterrupted`.
        link.journal.note("message", job=job, kind=kind, step="refused", why=error.what)
        raise
    _note_done(link, job, kind, outcome)
    return outcome


def _note_done(link: Link, job: Job | None, kind: str, outcome: Outcome) -> None:
    link.journal.note("message", job=job, kind=kind, step="done", question=outcome.question)


def _rows(timeline: Timeline) -> list[Any]:
    return [
        [track.kind, [[each.start, each.end, each.text, each.volume] for each in track.segments]]
        for track in timeline.tracks
    ]


def _timeline(rows: Sequence[Any]) -> Timeline:
    return Timeline(
        tuple(Track(kind, tuple(Segment(*each) for each in segments)) for kind, segments in rows)
    )
