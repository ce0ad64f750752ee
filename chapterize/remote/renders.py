"""Renders: each is requested once, and found again by its id whatever happens.

Once a render is paid for, no single answer ends it: only one that says that it failed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import dropwhile
from typing import Any

from chapterize.errors import (
    ExportBlocked,
    OutOfCredits,
    RateLimited,
    RemoteError,
    RemoteProtocolError,
    RemoteRefused,
    RemoteUnreachable,
    SessionExpired,
    TokenRefused,
)
from chapterize.remote.answers import Render
from chapterize.remote.journal import Job, Link
from chapterize.remote.session import Reading, read_patiently
from chapterize.remote.spending import charged
from chapterize.remote.timeline import is_exportable

__all__ = ["is_paid", "known_render", "rendered"]

_NOT_FOUND = 404
_N_REFUSALS = 5
"""Refusals in a row, other than those of the contract, that end the waiting for a render."""
_FINAL = (TokenRefused, SessionExpired, OutOfCredits, ExportBlocked)
_CHECK_LATER = "check later with: chapterize remote resume; nothing is rendered twice"


def rendered(link: Link, session_id: str, job: Job | None) -> Render:
    """Return a completed render of the session as it is now; start one if there is none.

    The render of an earlier run is reused, unless its video has been downloaded or a message has
    changed the session since.

    Raises
    ------
    RemoteError : it failed, was refused, or is not done in time.
    """
    known = known_render(link, job)
    if known is None:
        render = _start_render(link, session_id, job)
    else:
        render = _find_render(link, session_id, job, known)
    render = _wait_for(link, render, job)
    if known is None or known["step"] != "done":
        link.journal.note("render", job=job, step="done", render_id=render.id)
    return render


def known_render(link: Link, job: Job | None) -> Mapping[str, Any] | None:
    """Return the latest journal entry of a render that no message has made outdated."""
    known = link.journal.since_session("render", job)
    if not known or known[-1]["step"] not in ("wanted", "begun", "done"):
        return None
    own = (None, job.key if job is not None else None)
    later = dropwhile(lambda entry: entry is not known[-1], link.journal.entries)
    is_stale = any(
        entry["act"] == "message" and entry["step"] == "done" and entry.get("job") in own
        for entry in later
    )
    return None if is_stale else known[-1]


def is_paid(link: Link, job: Job | None) -> bool:
    """Whether the service has accepted a render of this session, and would charge for another."""
    known = known_render(link, job)
    if known is None or known["step"] != "wanted":
        return known is not None
    try:
        link.client.render(known["render_id"])
    except RemoteRefused as error:
        return not _is_unknown(error)
    except RemoteError:
        # Unknown, so it may be.
        return True
    return True


def _find_render(link: Link, session_id: str, job: Job | None, known: Mapping[str, Any]) -> Render:
    try:
        return _asked(link, known["render_id"])
    except RemoteRefused as error:
        if not _is_unknown(error) or known["step"] != "wanted":
            raise
    # The request never arrived; with the same id it cannot be carried out twice.
    return _start_render(link, session_id, job, known["render_id"])


def _start_render(
    link: Link, session_id: str, job: Job | None, wanted: str | None = None
) -> Render:
    """Start a render under the journal's id `wanted`, or a new one; retry once with another id."""
    for is_last in (False, True):
        render_id = wanted or f"render_{time.time_ns() // 1_000_000}"
        if wanted is None:
            link.journal.note("render", job=job, step="wanted", render_id=render_id)
        wanted = None
        try:
            with charged(link, job, "render"):
                return _post_render(link, session_id, job, render_id)
        except RemoteRefused as error:
            link.journal.note(
                "render", job=job, step="refused", render_id=render_id, why=error.what
            )
            if is_last or "duplicate" not in error.why.lower():
                raise
    raise AssertionError("the second round returns or raises")


def _post_render(link: Link, session_id: str, job: Job | None, render_id: str) -> Render:
    reading = read_patiently(link.client, session_id, link.user)
    if not is_exportable(reading.state):
        raise RemoteRefused(
            "there is nothing to render",
            why="the session's tracks are empty",
            hint="show them with: chapterize remote status",
        )
    try:
        render = link.client.start_render(session_id, render_id, reading.state["draft"])
    except (RemoteUnreachable, RemoteProtocolError) as error:
        if isinstance(error, RemoteUnreachable) and not error.was_sent:
            raise
        render = _after_lost_answer(link, session_id, render_id, reading)
    except RemoteRefused as error:
        render = _after_refusal(link, render_id, error)
    link.journal.note("render", job=job, step="begun", render_id=render_id)
    return render


def _after_lost_answer(link: Link, session_id: str, render_id: str, reading: Reading) -> Render:
    """Find the render, or start it with the same id: it cannot be carried out twice."""
    why: RemoteError | None = None
    for is_last in (False, True):
        time.sleep(link.client.waits.again)
        try:
            return _asked(link, render_id)
        except RemoteRefused as error:
            why = error
            if is_last or not _is_unknown(error):
                break
        try:
            return link.client.start_render(session_id, render_id, reading.state["draft"])
        except (RemoteUnreachable, RemoteProtocolError) as error:
            why = error
        except RemoteRefused as error:
            # A duplicate: the first request had arrived after all.
            if "duplicate" not in error.why.lower():
                raise
    # Not a refusal: the render may have started, so its id must be kept.
    raise RemoteUnreachable(
        "the service does not report whether it is rendering", why=str(why), hint=_CHECK_LATER
    ) from why


def _after_refusal(link: Link, render_id: str, refused: RemoteRefused) -> Render:
    """Find the render although its request was refused: it may have been accepted nevertheless.

    Raises
    ------
    RemoteRefused : the refusal is clear, or the service does not know the render.
    RemoteUnreachable : the service does not say, so the id must be kept.
    """
    if isinstance(refused, _FINAL) or "duplicate" in refused.why.lower():
        raise refused
    try:
        return _asked(link, render_id)
    except RemoteRefused as error:
        if _is_unknown(error):
            raise refused from error
    except RemoteUnreachable:
        pass
    raise RemoteUnreachable(
        "the service does not report whether it is rendering", why=refused.why, hint=_CHECK_LATER
    ) from refused


def _asked(
    link: Link, render_id: str, until: float | None = None, *, has_begun: bool = False
) -> Render:
    """Read the state of a render; ask again while the answers cannot be understood.

    Parameters
    ----------
    until : time of the monotonic clock to give up; by default after the longest render.
    has_begun : the service has accepted the render, so that it cannot be unknown there.

    Raises
    ------
    RemoteRefused : the service refuses, as the contract says or several times in a row.
    RemoteUnreachable : there has been no readable answer for as long as a render may take.
    """
    waits = link.client.waits
    until = time.monotonic() + waits.render if until is None else until
    n_refused, has_shown = 0, False
    while True:
        try:
            return link.client.render(render_id)
        except (RemoteUnreachable, RemoteProtocolError, RateLimited) as error:
            if time.monotonic() > until:
                raise RemoteUnreachable(
                    "the state of the render cannot be read", why=str(error), hint=_CHECK_LATER
                ) from error
            problem = error.why
            n_refused = 0
        except RemoteRefused as error:
            n_refused += 1
            is_final = isinstance(error, _FINAL) or (_is_unknown(error) and not has_begun)
            if is_final or n_refused >= _N_REFUSALS:
                raise
            problem = error.why
        if not has_shown:
            link.user.show(f"The state of the render cannot be read ({problem}); asking again.")
        has_shown = True
        time.sleep(waits.poll)


def _is_unknown(error: RemoteRefused) -> bool:
    is_missing = error.code == _NOT_FOUND or "not found" in error.why.lower()
    return is_missing and not isinstance(error, SessionExpired)


def _wait_for(link: Link, render: Render, job: Job | None) -> Render:
    until = time.monotonic() + link.client.waits.render
    while render.status != "completed":
        link.user.progress("rendering", render.progress)
        if render.status in ("failed", "cancelled", "canceled"):
            link.journal.note("render", job=job, step="failed", render_id=render.id)
            raise RemoteRefused(
                "the render failed at the service",
                why=render.error or f"its status is {render.status}",
                hint="render it again with: chapterize remote resume",
            )
        if time.monotonic() > until:
            raise RemoteUnreachable(
                "the render is not finished",
                why=f"it has taken more than {link.client.waits.render / 60:.0f} minutes",
                hint="check later with: chapterize remote resume",
            )
        time.sleep(link.client.waits.poll)
        render = _asked(link, render.id, until, has_begun=True)
    return render
