"""A session at the service: its state, and messages whose outcome is read off the state.

Success is never read off the stream: about a third of all edits end without any text, and a broken
connection looks like an end. So the state is read before a message and afterwards, until two
readings agree, and the difference is what the message did. A message is never sent twice.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chapterize.errors import (
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    RunInterrupted,
    SessionExpired,
)
from chapterize.remote.answers import is_refusal, refusal
from chapterize.remote.client import Client
from chapterize.remote.interface import Wish, wishes
from chapterize.remote.journal import Job, Link, User
from chapterize.remote.reply import Reply, run_agent
from chapterize.remote.spending import charged
from chapterize.remote.timeline import Change, Segment, Timeline, Track, changes, read_timeline
from chapterize.remote.wording import translate

__all__ = [
    "Message",
    "Outcome",
    "Reading",
    "await_change",
    "read_outcome",
    "read_patiently",
    "read_state",
    "send_once",
    "settled",
]

_PARTS = ("draft", "canvas_config", "generated_media")
"""The parts that an edit can change; others may differ between two readings of the same state."""
_PASSING = (RemoteUnreachable, RemoteProtocolError, RateLimited)
"""Failures of a reading that say nothing about the session."""


@dataclass(frozen=True)
class Reading:
    """A state as it came, a digest of its `_PARTS`, and its timeline."""

    state: Mapping[str, Any]
    digest: str
    timeline: Timeline


@dataclass(frozen=True)
class Message:
    """A message to the agent; `kind` tells the messages of one job apart.

    `job` is None for a message in the user's own words; that of a job must change something. The
    end of an `is_final` message's stream is its end, even if nothing has changed.
    """

    session_id: str
    job: Job | None
    kind: str
    text: str
    is_final: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a message did; `reply` is what the agent said, without references to a screen.

    `wishes` are those references: what the agent asks the user to do in an editor.
    """

    changes: tuple[Change, ...]
    after: Reading
    reply: str = ""
    question: str | None = None
    wishes: tuple[Wish, ...] = ()


def read_state(client: Client, session_id: str) -> Reading:
    """Read the state once."""
    state = client.state(session_id)
    text = json.dumps([state.get(part) for part in _PARTS], sort_keys=True)
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return Reading(state, digest, read_timeline(state))


def settled(client: Client, session_id: str) -> Reading:
    """Read the state until two readings agree."""
    last = read_state(client, session_id)
    for _ in range(client.waits.n_settle):
        time.sleep(client.waits.settle)
        now = read_state(client, session_id)
        if now.digest == last.digest:
            return now
        last = now
    return last


def read_patiently(client: Client, session_id: str, user: User) -> Reading:
    """Read the state once; while that fails, try again for as long as for a change.

    For a session in which something has been paid for: a state that cannot be read now may be
    readable in a minute.

    Raises
    ------
    RemoteError : the service refuses, or the state stays unreadable.
    """
    waits = client.waits
    for n in range(waits.n_unchanged):
        try:
            return read_state(client, session_id)
        except _PASSING as error:
            user.show(f"The state cannot be read ({error.why}); trying again.")
        time.sleep(waits.broken if n == 0 else waits.unchanged)
    return read_state(client, session_id)


def _settled_patiently(client: Client, session_id: str, user: User) -> Reading:
    try:
        return settled(client, session_id)
    except _PASSING:
        read_patiently(client, session_id, user)
        return settled(client, session_id)


def await_change(
    client: Client, session_id: str, before: str, user: User, why: str = ""
) -> Reading:
    """Read the state at growing intervals until its digest differs from `before`.

    A state that cannot be read may be readable at the next interval.

    Parameters
    ----------
    why : what went wrong, if known.

    Raises
    ------
    SessionExpired : the session no longer exists.
    RunInterrupted : the state did not change, so it is unknown whether the message arrived.
    """
    waits = client.waits
    for n in range(waits.n_unchanged):
        time.sleep(waits.broken if n == 0 else waits.unchanged)
        found = "Nothing has changed yet"
        with _after_sending():
            try:
                if read_state(client, session_id).digest != before:
                    return settled(client, session_id)
            except _PASSING as error:
                why, found = f"the state cannot be read: {error}", "The state cannot be read"
        user.show(f"{found} (check {n + 1} of {waits.n_unchanged}).")
    raise _unknown(why or "its stream ended early, and the state has not changed since")


@contextmanager
def _after_sending() -> Iterator[None]:
    """Turn the failure to read a state into an unknown outcome of the message sent before it."""
    try:
        yield
    except (SessionExpired, RunInterrupted):
        raise
    except RemoteError as error:
        raise _unknown(f"the state cannot be read: {error}") from error


def _unknown(why: str) -> RunInterrupted:
    return RunInterrupted(
        "the outcome of the message is unknown",
        why=why,
        hint="it is not sent again, which could edit and cost twice; check later with: "
        "chapterize remote resume",
    )


def read_outcome(
    client: Client, message: Message, answer: tuple[Reply, bool], before: Reading, user: User
) -> Outcome:
    """Return what a message has changed since `before`.

    Parameters
    ----------
    answer : the reply, and whether its stream came to its own end.

    Raises
    ------
    RemoteRefused : the reply says that the message was not accepted.
    SessionExpired : the session no longer exists, nor does anything the message did.
    RunInterrupted : it is unknown whether it was accepted.
    """
    reply, is_whole = answer
    session_id = message.session_id
    with _after_sending():
        after = _settled_patiently(client, session_id, user)
    fault = reply.fault
    if after.digest == before.digest:
        if fault is not None and is_refusal(fault.code):
            raise refusal(fault.code or 0, fault.message)
        # A reply without tool calls is an answer; anything else may still be at work.
        is_answer = bool(reply.text) and reply.n_tools == 0 and message.job is None
        is_over = is_answer or reply.question is not None or message.is_final
        is_over = is_over and is_whole and fault is None
        if not is_over:
            why = f"it failed: {fault.message}" if fault is not None else ""
            after = await_change(client, session_id, before.digest, user, why)
    found = changes(before.timeline, after.timeline)
    return Outcome(found, after, translate(reply.text), reply.question, wishes(reply.text))


def send_once(link: Link, message: Message, *, send_again: bool = False) -> Outcome:
    """Send a message unless an earlier run has sent it; then return what it did.

    With `send_again`, one whose outcome is unknown is sent again if nothing has changed.
    """
    sent = link.journal.since_session("message", message.job)
    known = [entry for entry in sent if entry["kind"] == message.kind]
    step = known[-1]["step"] if known else ""
    if step == "done":
        after = read_patiently(link.client, message.session_id, link.user)
        return Outcome(_changes_since(known, after), after, "", known[-1].get("question"))
    if step in ("wanted", "unknown"):
        return _recover(link, message, known, send_again=send_again)
    return _send(link, message)


def _recover(
    link: Link, message: Message, known: Sequence[Mapping[str, Any]], *, send_again: bool
) -> Outcome:
    """Find out what a message did whose run was interrupted."""
    before = _wanted(known)["before"]
    after = settled(link.client, message.session_id)
    if after.digest == before:
        if send_again:
            return _send(link, message)
        link.user.show("The last run ended while a message was being sent; checking what it did.")
        after = await_change(link.client, message.session_id, before, link.user)
    outcome = Outcome(_changes_since(known, after), after)
    _note(link, message, "done", question=None)
    return outcome


def _wanted(known: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return [entry for entry in known if entry["step"] == "wanted"][-1]


def _changes_since(known: Sequence[Mapping[str, Any]], after: Reading) -> tuple[Change, ...]:
    """What differs from the timeline just before the message was sent."""
    return changes(_read_rows(_wanted(known)["timeline"]), after.timeline)


def _send(link: Link, message: Message) -> Outcome:
    before = read_state(link.client, message.session_id)
    with charged(link, message.job, "message"):
        _note(link, message, "wanted", before=before.digest, timeline=_rows(before.timeline))
        try:
            answer = run_agent(link.client, message.session_id, message.text, link.user)
        except (RemoteRefused, RemoteUnreachable) as error:
            _note(link, message, "refused", why=error.what)
            raise
        try:
            outcome = read_outcome(link.client, message, answer, before, link.user)
        except (RunInterrupted, SessionExpired):
            # It was sent, and may have been paid for.
            _note(link, message, "unknown")
            raise
        except RemoteRefused as error:
            _note(link, message, "refused", why=error.what)
            raise
        wanted = [wish.value for wish in outcome.wishes]
        _note(link, message, "done", question=outcome.question, wishes=wanted)
    return outcome


def _note(link: Link, message: Message, step: str, **what: Any) -> None:
    link.journal.note("message", job=message.job, kind=message.kind, step=step, **what)


def _rows(timeline: Timeline) -> list[Any]:
    """The timeline as JSON."""
    return [
        [track.kind, [[each.start, each.end, each.text, each.volume] for each in track.segments]]
        for track in timeline.tracks
    ]


def _read_rows(rows: Sequence[Any]) -> Timeline:
    return Timeline(
        tuple(Track(kind, tuple(Segment(*each) for each in segments)) for kind, segments in rows)
    )
