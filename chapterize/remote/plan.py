"""The plan of a job: the message that asks for it, the check, and at most one correction."""

from __future__ import annotations

from contextlib import suppress

from chapterize.errors import RemoteRefused, RunInterrupted
from chapterize.remote.brief import (
    BriefOptions,
    PlanCheck,
    check_plan,
    write_brief,
    write_correction,
)
from chapterize.remote.interface import Wish
from chapterize.remote.journal import Job, Link
from chapterize.remote.session import Message, Outcome, read_patiently, send_once
from chapterize.remote.spending import balance, price_of, usual_price
from chapterize.remote.timeline import Change, Timeline, changes, summary

__all__ = ["carry_out_plan"]


def carry_out_plan(link: Link, session_id: str, job: Job, send_again: bool) -> tuple[str, ...]:
    """Have the agent carry out the plan, and check the result; return the changes as sentences.

    Raises
    ------
    RemoteRefused : the result differs from the plan, and the user does not accept it.
    """
    turn, is_shared = _turn(link, job)
    text = write_brief(job.chapters, _options(job), alone=job.name if is_shared else "")
    outcome = send_once(link, Message(session_id, job, f"brief{turn}", text), send_again=send_again)
    found = list(outcome.changes)
    check = check_plan(job.chapters, outcome.after.timeline)
    is_accepted = bool(link.journal.since_session("accepted", job))
    unread = _unread(outcome.after.timeline, check)
    if unread:
        link.user.show(
            f"The titles cannot be checked: the timeline gives {unread}. Check the video."
        )
        is_accepted = True
    too_dear = ""
    if not (check.is_right or is_accepted or outcome.question is not None):
        text = write_correction(check, _options(job))
        message = Message(session_id, job, f"correction{turn}", text, is_final=True)
        corrected, too_dear = _corrected(link, message, job, send_again=send_again)
        if corrected is not None:
            outcome = corrected
            found += outcome.changes
            check = check_plan(job.chapters, outcome.after.timeline)
    # The agent's second stage may add something later.
    late = changes(
        outcome.after.timeline, read_patiently(link.client, session_id, link.user).timeline
    )
    # Unique: after a killed run both comparisons include the effect of the second message.
    lines = dict.fromkeys(
        _sentence(change, job, is_late=change in late) for change in (*found, *late)
    )
    for line in lines:
        link.user.show(line)
    # The export follows anyway.
    if {Wish.STATE, Wish.SUMMARY} & set(outcome.wishes):
        link.user.show(summary(outcome.after.timeline))
    if not (check.is_as_planned or is_accepted):
        _have_accepted(link, job, check, outcome.question, too_dear)
        lines[f"differs from the plan: {check.summary}"] = None
    return tuple(lines)


def _unread(timeline: Timeline, check: PlanCheck) -> str:
    """What of the titles cannot be read: the service's format is not public; "" if all can."""
    titles = timeline.titles
    if timeline.tracks and all(track.kind == "other" for track in timeline.tracks):
        return "no kinds of tracks"
    if titles and not any(each.text for each in titles):
        return "no text"
    if check.misplaced and not check.missing and not any(each.is_timed for each in titles):
        return "no times"
    return ""


def _options(job: Job) -> BriefOptions:
    return BriefOptions(job.style, job.seconds, job.aspect, job.language)


def _turn(link: Link, job: Job) -> tuple[str, bool]:
    """The suffix of this turn's messages, and whether the session holds other files of ours.

    A job gets a new turn when another file was worked on since its last one.
    """
    turns = link.journal.turns()
    n = turns.count(job.key) + (turns[-1:] != (job.key,))
    others = [other for other in link.journal.jobs if other.key != job.key]
    is_shared = any(link.journal.since_session("upload", other) for other in others)
    return f"-{n}" if n > 1 else "", is_shared


def _corrected(
    link: Link, message: Message, job: Job, *, send_again: bool
) -> tuple[Outcome | None, str]:
    """The outcome of the one correction, None if unknown; and why it is not sent, if it is not."""
    sent = link.journal.since_session("message", job)
    is_sent = any(entry["kind"] == message.kind for entry in sent)
    if not is_sent:
        why = _too_dear(link, job)
        if why:
            link.user.show(f"The titles are not as planned. No correction is requested: {why}.")
            return None, why
        link.user.show("The titles are not as planned; requesting one correction.")
    # Without an outcome the user decides about the result of the first message.
    with suppress(RunInterrupted):
        return send_once(link, message, send_again=send_again), ""
    return None, ""


def _too_dear(link: Link, job: Job) -> str:
    """Why a correction is not paid for; "" if the balance covers it, and the render too."""
    price = price_of(link.journal, job, "message")
    left = balance(link)
    if price is None or left is None:
        return "its price, or the balance, is not known"
    # A render is unlikely to cost less than a message.
    render = usual_price(link.client.identity.folder, "render")
    needed = price + (price if render is None else render)
    if left < needed:
        return f"it and the render need about {needed:g} credits, and {left:g} are left"
    return ""


def _sentence(change: Change, job: Job, *, is_late: bool) -> str:
    is_ours = change.kind == "text" and any(title in change.text for title in job.chapters.titles)
    is_unrequested = change.verb == "added" and (is_late or change.kind in ("audio", "text"))
    return f"not requested: {change.text}" if is_unrequested and not is_ours else change.text


def _have_accepted(
    link: Link, job: Job, check: PlanCheck, question: str | None, too_dear: str
) -> None:
    """Record that the user accepts the deviations, or raise RemoteRefused.

    `too_dear` : why no correction was requested, if none was.
    """
    link.user.show(f"The result differs from the plan: {check.summary}.")
    if not link.user.accepts(check, question):
        name = link.journal.name
        resume = f"chapterize remote resume {name}"
        hint = f'send instructions: chapterize remote say --session {name} "…"; then: {resume}'
        why = question or check.summary
        if too_dear:
            why = f"{why}; no correction was requested: {too_dear}"
            hint = f"with more credits they are corrected by: {resume}"
        raise RemoteRefused("the service did not carry out the plan", why=why, hint=hint)
    link.journal.note("accepted", job=job)
