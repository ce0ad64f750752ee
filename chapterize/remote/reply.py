"""One run of the agent: send a message and show the reply, until the stream ends or stalls."""

from __future__ import annotations

import time

from chapterize.errors import RemoteProtocolError, RemoteUnreachable
from chapterize.masking import blank_secrets, start_of_secret
from chapterize.remote.client import Client
from chapterize.remote.events import Event, Fault, Heartbeat, Text, ToolCall, ToolResult, Unparsed
from chapterize.remote.journal import User
from chapterize.remote.request import Waits
from chapterize.remote.wording import (
    OUT_OF_CREDITS,
    closing_question,
    may_become_noise,
    out_of_credits,
    translate,
    without_noise,
)

__all__ = ["Reply", "run_agent"]

_SHOWN = 200
_SENTENCE_ENDS = frozenset(".!?…。！？")


def run_agent(client: Client, session_id: str, text: str, user: User) -> tuple[Reply, bool]:
    """Send `text` and show the reply; return it, and whether the stream came to its own end.

    Raises
    ------
    RemoteRefused : the message was not accepted.
    RemoteUnreachable : it was never sent.
    """
    reply, lines = Reply(), _Lines(user)
    clock = _Clock(client.waits, user)
    try:
        with client.run(session_id, text, clock.check) as events:
            for event in events:
                clock.take(event)
                lines.take(reply.take(event), event)
    except _Stalled:
        user.show("The service sends only heartbeats; checking the session's state instead.")
    except (RemoteUnreachable, RemoteProtocolError) as error:
        if isinstance(error, RemoteUnreachable) and not error.was_sent:
            raise
        user.show(
            "The connection broke. The message is not sent again; checking the session's state."
        )
    else:
        return reply, True
    finally:
        lines.take(reply.finish(), Heartbeat())
        lines.finish()
    return reply, False


class Reply:
    """What the agent says in one run, assembled event by event; `n_tools` counts tool calls."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._pending: list[str] = []
        self._faults: list[Fault] = []
        self._is_held = False
        self._is_apart = False
        self._tail = ""
        self.n_tools = 0

    def take(self, event: Event) -> str:
        """Take an event; return the text to show next, appended to what was shown before."""
        if isinstance(event, Text):
            return self._take_text(self._masked(event) if event.is_partial else event)
        if isinstance(event, ToolCall | ToolResult):
            rest = self.finish()
            self._is_apart = True
            self.n_tools += isinstance(event, ToolCall)
            return rest
        if isinstance(event, Fault):
            self._faults.append(event)
        elif isinstance(event, Unparsed) and out_of_credits(event.text):
            self._faults.append(Fault(OUT_OF_CREDITS, event.text))
        return ""

    def finish(self) -> str:
        """Return what was held back of a partial text; nothing completes it now."""
        text, self._tail = blank_secrets(self._tail), ""
        return self._take_text(Text(text, True)) if text else ""

    def _masked(self, event: Text) -> Text:
        """The part of a partial text that no secret can begin in, masked; the rest is held back."""
        run = self._tail + event.text
        end = len(run) - start_of_secret(run)
        self._tail = run[end:]
        return Text(blank_secrets(run[:end]), True)

    @property
    def text(self) -> str:
        """The whole reply, without noise at its end."""
        # The token may have come in several events.
        whole = blank_secrets("".join(self._texts).strip())
        return without_noise(whole) or whole

    @property
    def question(self) -> str | None:
        """The last sentence, if it is a question."""
        return closing_question(self.text)

    @property
    def fault(self) -> Fault | None:
        """Out of credits, however the agent reported it; else the first error."""
        for fault in self._faults:
            if fault.code == OUT_OF_CREDITS:
                return fault
        sentence = out_of_credits("".join(self._texts))
        if sentence is not None:
            return Fault(OUT_OF_CREDITS, blank_secrets(sentence)[:_SHOWN])
        return self._faults[0] if self._faults else None

    def _take_text(self, event: Text) -> str:
        continues = bool(self._pending) and not self._is_held
        if event.is_partial and not event.text:
            return ""
        if event.is_partial:
            self._pending.append(event.text)
            new = self._unheld(event.text)
        else:
            new = self._unshown(event.text)
            continues = continues and new != event.text
            kept = without_noise(new)
            new = kept if kept or self._texts else new
        if not new:
            return ""
        if not continues and self._is_new_line(new):
            new = f"\n{new}"
        self._texts.append(new)
        self._is_apart = False
        return new

    def _unheld(self, piece: str) -> str:
        """The part of the partial texts that can be shown now; possible noise is held back."""
        if self._texts and (self._is_held or len(self._pending) == 1):
            run = "".join(self._pending)
            self._is_held = may_become_noise(run)
            return "" if self._is_held else run
        return piece

    def _unshown(self, full: str) -> str:
        """The part of a full text that its partial texts have not shown."""
        self._tail = ""
        shown = "" if self._is_held else "".join(self._pending)
        self._is_held = False
        self._pending = []
        if not shown:
            return full
        if shown.startswith(full):
            # The full text comes in several parts: the next one continues here.
            self._pending = [shown[len(full) :]] if len(shown) > len(full) else []
            return ""
        if full.startswith(shown):
            return full[len(shown) :]
        # After a tool call, or with trimmed spaces, the full text is the end of what was shown.
        is_known = "".join(shown.split()).endswith("".join(full.split()))
        return "" if is_known else full

    def _is_new_line(self, text: str) -> bool:
        """Whether this text starts a message of its own, rather than continuing one."""
        last = self._texts[-1][-1] if self._texts else "\n"
        if last == "\n" or text.startswith("\n"):
            return False
        starts = text[0].isalpha() and not text[0].islower()
        return self._is_apart or (last in _SENTENCE_ENDS and starts)


class _Lines:
    """Shows the agent's words line by line: what needs translation may come in pieces."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._text = ""

    def take(self, text: str, event: Event) -> None:
        """Take the text that `event` brought."""
        self._text += text
        whole, end, rest = self._text.rpartition("\n")
        if isinstance(event, ToolCall | ToolResult):
            self.finish()
        elif end:
            self._text = whole
            self.finish()
            self._text = rest

    def finish(self) -> None:
        """Show what has come so far; no later text belongs to it."""
        text, self._text = self._text, ""
        for line in translate(text).splitlines():
            if line.strip():
                self._user.show(blank_secrets(line.strip()))


def _spent(seconds: float) -> str:
    return f"{seconds // 60:.0f} min" if seconds >= 60 else f"{seconds:.0f} s"


class _Stalled(Exception):
    """The run has taken too long, or sent nothing but heartbeats for too long."""


class _Clock:
    """Ends a stalled run: the socket's timeout never fires, because heartbeats reset it."""

    def __init__(self, waits: Waits, user: User) -> None:
        self._waits = waits
        self._user = user
        self._started = self._worked = self._reported = time.monotonic()

    def check(self) -> None:
        """Called with every piece that arrives, comments included."""
        now = time.monotonic()
        waits = self._waits
        if now - self._worked > waits.stall or now - self._started > waits.run:
            raise _Stalled
        if now - self._reported > waits.report:
            self._reported = now
            self._user.show(f"⏳ Still working… ({_spent(now - self._started)})")

    def take(self, event: Event) -> None:
        """Take an event: anything but a heartbeat is work."""
        if not isinstance(event, Heartbeat):
            self._worked = time.monotonic()
