"""Edits that were paid for and are lost: they are repeated only if the user agrees to pay again."""

from __future__ import annotations

from chapterize.errors import SessionExpired
from chapterize.remote.journal import Job, Link

__all__ = ["agree_to_pay_again"]


def agree_to_pay_again(link: Link, job: Job, *, is_expired: bool = False) -> None:
    """Return if no paid edit of `job` is lost, or if the user agrees to repeat it.

    An edit is lost with its session, or when another file takes its place on the timeline. One
    whose outcome is unknown counts as paid.

    Parameters
    ----------
    is_expired : the current session has just turned out to be lost.

    Raises
    ------
    SessionExpired : the user does not agree; the error names the command that starts over.
    """
    why = _lost_edit(link, job, is_expired=is_expired)
    if not why:
        return
    loss = f"{why}, and its edit, which may have been paid for, is lost"
    if not link.user.pays_again(f"{loss}; starting over sends and pays for it again"):
        raise SessionExpired(
            f"a paid edit of {job.source.name} is lost",
            why=f"{why}, and starting over would pay for it again",
            hint=f"start over with: chapterize remote resume {link.journal.name} --pay-again",
        )
    link.journal.note("again", job=job)


def _lost_edit(link: Link, job: Job, *, is_expired: bool) -> str:
    """Why a paid edit of `job` is lost; "" if none is, or the user has agreed to repeat it."""
    steps: dict[str, str] = {}
    why = ""

    def lose(reason: str) -> None:
        nonlocal why
        if any(step != "refused" for step in steps.values()):
            why = reason
        steps.clear()

    expired = f"the session of {job.source.name} has expired at the service"
    for entry in link.journal.entries:
        is_own = entry.get("job") == job.key
        if entry["act"] == "session":
            lose(expired)
        elif entry["act"] == "again" and is_own:
            steps.clear()
            why = ""
        elif entry["act"] == "message" and is_own:
            steps[entry["kind"]] = entry["step"]
            why = ""
        elif entry["act"] == "message" and "job" in entry and entry["step"] != "refused":
            lose(f"another file has replaced {job.source.name} on the timeline")
    if is_expired:
        lose(expired)
    return why
