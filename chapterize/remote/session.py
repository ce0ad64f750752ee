"""One message to the agent, and what became of it.

Success is never read off the stream: about a third of all edits end without a word, and a cut
connection looks like an end. So the state is read before and afterwards, until two readings agree,
and what differs is what was done. A message is never sent twice.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chapterize.errors import (
    RemoteError,
    RemoteProtocolError,
    RemoteUnreachable,
    RunInterrupted,
    SessionExpired,
)
from chapterize.remote.answers import is_refusal, refusal
from chapterize.remote.client import Client
from chapterize.remote.events import Answered, Beat, Called, Event, Reply
from chapterize.remote.screen import translate
from chapterize.remote.timeline import Change, Timeline, changes, read_timeline
from chapterize.remote.waits import Waits

__all__ = ["Outcome", "Reading", "await_change", "read_state", "send_message", "settled"]

Tell = Callable[[str], None]

_PARTS = ("draft", "canvas_config", "generated_media")
"""What an edit can change; the rest of a state may differ between two readings of the same one."""


@dataclass(frozen=True)
class Reading:
    """A state: as it came, what it amounts to, and its timeline."""

    state: Mapping[str, Any]
    digest: str
    timeline: Timeline


@dataclass(frozen=True)
class Outcome:
    """What a message led to; `reply` is what the agent said, without talk of a screen."""

    changes: tuple[Change, ...]
    after: Reading
    reply: str = ""
    question: str | None = None


def read_state(client: Client, session_id: str) -> Reading:
    """The state as it is now."""
    state = client.state(session_id)
    text = json.dumps([state.get(part) for part in _PARTS], sort_keys=True)
    digest = hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
    return Reading(state, digest, read_timeline(state))


def send_message(
    client: Client, session_id: str, text: str, before: Reading, tell: Tell, *, is_edit: bool
) -> Outcome:
    """Send `text` once, hear the agent out, and find what changed since `before`.

    `tell` hears what the agent says, and every two minutes that it is still at work. `is_edit` :
    the message must change something, so that an answer that changed nothing is waited upon.

    Raises
    ------
    RemoteRefused : the message was not taken.
    RemoteUnreachable : it was never sent.
    SessionExpired : the session is gone, and with it whatever the message did.
    RunInterrupted : whether it was taken cannot be known.
    """
    reply, is_whole = _heard_out(client, session_id, text, tell)
    with _once_sent():
        after = settled(client, session_id)
    fault = reply.fault
    if after.digest == before.digest:
        if fault is not None and is_refusal(fault.code):
            raise refusal(fault.code or 0, fault.message)
        # Words without tools are an answer; anything else may still be at work.
        is_answer = bool(reply.text) and reply.n_tools == 0 and not is_edit
        is_over = is_whole and fault is None and (is_answer or reply.question is not None)
        if not is_over:
            why = f"it failed: {fault.message}" if fault is not None else ""
            after = await_change(client, session_id, before.digest, tell, why)
    found = changes(before.timeline, after.timeline)
    return Outcome(found, after, translate(reply.text).text, reply.question)


def _heard_out(client: Client, session_id: str, text: str, tell: Tell) -> tuple[Reply, bool]:
    """What the agent said, and whether the stream came to its own end."""
    reply, voice = Reply(), _Voice(lambda line: tell(client.shown(line)))
    clock = _Clock(client.waits, tell)
    try:
        with client.run(session_id, text, clock.watch) as events:
            for event in events:
                clock.heard(is_beat=isinstance(event, Beat))
                voice.hear(reply.hear(event), event)
    except _Stalled:
        tell("The service only says that it is alive; its state is looked at instead.")
    except (RemoteUnreachable, RemoteProtocolError) as error:
        if isinstance(error, RemoteUnreachable) and not error.was_sent:
            raise
        tell("The connection broke. The message is not sent again; the state will tell.")
    else:
        return reply, True
    finally:
        voice.finish()
    return reply, False


@contextmanager
def _once_sent() -> Iterator[None]:
    """A state that cannot be read says nothing of the message that was sent before."""
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
        hint="it is not sent again, as that could edit and cost twice; look later with: "
        "chapterize remote resume",
    )


def await_change(
    client: Client, session_id: str, before: str, tell: Tell, why: str = ""
) -> Reading:
    """Look at the state, further and further apart, until it differs from `before`.

    `why` : what went wrong, if that is known.

    Raises
    ------
    SessionExpired : the session is gone.
    RunInterrupted : it did not: nobody knows whether the message arrived.
    """
    waits = client.waits
    for n in range(waits.n_unchanged):
        time.sleep(waits.broken if n == 0 else waits.unchanged)
        with _once_sent():
            if read_state(client, session_id).digest != before:
                return settled(client, session_id)
        tell(f"Nothing has changed yet (looked {n + 1} of {waits.n_unchanged} times).")
    raise _unknown(why or "its stream ended early, and the state has not changed since")


def settled(client: Client, session_id: str) -> Reading:
    """The state, once two readings of it agree."""
    last = read_state(client, session_id)
    for _ in range(client.waits.n_settle):
        time.sleep(client.waits.settle)
        now = read_state(client, session_id)
        if now.digest == last.digest:
            return now
        last = now
    return last


class _Voice:
    """Tells the agent's words line by line: talk of a screen may come in pieces."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.text = ""

    def hear(self, text: str, event: Event) -> None:
        """The words that `event` brought."""
        self.text += text
        whole, end, rest = self.text.rpartition("\n")
        if isinstance(event, Called | Answered):
            self.finish()
        elif end:
            self.text = whole
            self.finish()
            self.text = rest

    def finish(self) -> None:
        """Nothing more belongs to what came so far."""
        text, self.text = self.text, ""
        for line in translate(text).text.splitlines():
            if line.strip():
                self.tell(line.strip())


class _Stalled(Exception):
    """Heartbeats alone, or the whole run, for too long."""


class _Clock:
    """Our own: heartbeats keep the socket's from running out."""

    def __init__(self, waits: Waits, tell: Tell) -> None:
        self.waits = waits
        self.tell = tell
        self.began = self.worked = self.told = time.monotonic()

    def watch(self) -> None:
        """Called with every piece that arrives, comments too."""
        now = time.monotonic()
        if now - self.worked > self.waits.stall or now - self.began > self.waits.run:
            raise _Stalled
        if now - self.told > self.waits.tell:
            self.told = now
            self.tell(f"Still working ({round(now - self.began)} s).")

    def heard(self, *, is_beat: bool) -> None:
        """Called with every event."""
        if not is_beat:
            self.worked = time.monotonic()
