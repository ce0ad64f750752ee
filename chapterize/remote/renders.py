"""Renders: each is requested once, and found again by its id whatever happens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from chapterize.errors import RemoteProtocolError, RemoteRefused, RemoteUnreachable, SessionExpired
from chapterize.remote.answers import Render
from chapterize.remote.journal import Job, Link
from chapterize.remote.session import Reading, read_state
from chapterize.remote.timeline import is_exportable

__all__ = ["is_paid", "known_render", "rendered"]

_NOT_FOUND = 404


def rendered(link: Link, session_id: str, job: Job | None) -> Render:
    """Return a completed render of the session as it is now; start one if there is none.

    The render of an earlier run is reused, unless its video has been downloaded or a message has
    changed the session since.

    Raises
    ------
    RemoteError : it failed, was refused, or is not done in time.
    """
    known = known_render(link, job)
    step = known["step"] if known is not None else ""
    if known is not None:
        render = _find_render(link, session_id, job, known["render_id"], step)
    else:
        render = _start_render(link, session_id, job)
    render = _wait_for(link, render, job)
    if step != "done":
        link.journal.note("render", job=job, step="done", render_id=render.id)
    return render


def known_render(link: Link, job: Job | None) -> Mapping[str, Any] | None:
    """Return the latest journal entry of a render that no message has made outdated."""
    known = link.journal.since_session("render", job)
    if not known or known[-1]["step"] not in ("wanted", "begun", "done"):
        return None
    own = (None, job.key if job is not None else None)
    at = max(n for n, entry in enumerate(link.journal.entries) if entry is known[-1])
    is_stale = any(
        entry["act"] == "message" and entry["step"] == "done" and entry.get("job") in own
        for entry in link.journal.entries[at:]
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
    return True


def _find_render(link: Link, session_id: str, job: Job | None, render_id: str, step: str) -> Render:
    try:
        return link.client.render(render_id)
    except RemoteRefused as error:
        if not _is_unknown(error) or step != "wanted":
            raise
    # The request never arrived; with the same id it cannot be carried out twice.
    return _start_render(link, session_id, job, render_id)


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
            return _post_render(link, session_id, job, render_id)
        except RemoteRefused as error:
            link.journal.note(
                "render", job=job, step="refused", render_id=render_id, why=error.what
            )
            if is_last or not _is_duplicate(error):
                raise
    raise AssertionError("the second round returns or raises")


def _post_render(link: Link, session_id: str, job: Job | None, render_id: str) -> Render:
    reading = read_state(link.client, session_id)
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
    link.journal.note("render", job=job, step="begun", render_id=render_id)
    return render


def _after_lost_answer(link: Link, session_id: str, render_id: str, reading: Reading) -> Render:
    time.sleep(link.client.waits.again)
    try:
        return link.client.render(render_id)
    except RemoteRefused as error:
        if not _is_unknown(error):
            raise _unknown_state(error) from error
    try:
        return link.client.start_render(session_id, render_id, reading.state["draft"])
    except RemoteRefused as error:
        if not _is_duplicate(error):
            raise
    # The first request had arrived after all.
    try:
        return link.client.render(render_id)
    except RemoteRefused as error:
        raise _unknown_state(error) from error


def _unknown_state(error: RemoteRefused) -> RemoteUnreachable:
    # Not a refusal: the render may have started, so its id must be kept.
    return RemoteUnreachable(
        "the service does not report whether it is rendering",
        why=str(error),
        hint="check later with: chapterize remote resume; nothing is rendered twice",
    )


def _is_duplicate(error: RemoteRefused) -> bool:
    return "duplicate" in error.why.lower()


def _is_unknown(error: RemoteRefused) -> bool:
    if isinstance(error, SessionExpired):
        return False
    return error.code == _NOT_FOUND or "not found" in error.why.lower()


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
        render = link.client.render(render.id)
    return render
