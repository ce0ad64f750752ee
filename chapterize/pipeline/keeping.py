"""Drafts of a file that has chapters already: they are kept, or are hints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chapterize.data import Chapters, Media, Signals
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline.draft import Draft
from chapterize.pipeline.edits import read_edits
from chapterize.pipeline.existing import (
    LATENESS,
    Existing,
    existing_chapters,
    kept_note,
    live_markers,
)
from chapterize.pipeline.headings import headings_between
from chapterize.pipeline.kept import texts_between
from chapterize.pipeline.run import Run
from chapterize.segment import recount
from chapterize.timecode import format_clock, to_ms
from chapterize.title import entitle, load_titler, numbered_titles

__all__ = ["find_existing", "keep_existing", "markers_note", "with_markers"]


def find_existing(media: Media, run: Run) -> None:
    """Look for the chapters that the draft of `media` shall keep or take as hints."""
    options = run.options
    wanted, reviewed = options.existing, None
    if wanted == "auto":
        wanted = "reviewed" if options.edits else "none"
    if wanted == "reviewed" and options.segment.is_estimated:
        reviewed = read_edits(file_fingerprint(media.path))
    if wanted == "none" or (wanted == "reviewed" and reviewed is None):
        return
    found = existing_chapters(media, files=options.chapter_files, on_note=run.note)
    if reviewed is not None:
        # A person's edits are of these chapters if the review began with them.
        first = [to_ms(each.start) for each in reviewed.first]
        if found is None or first != [to_ms(start) for start in found.chapters.starts]:
            return
        wanted = "keep"
    if found is None:
        run.note(f"{media.path.name} has no chapters yet, so these are drafted.")
        return
    for text in found.notes:
        run.note(text)
    run.existing, run.use = found, wanted


def with_markers(signals: Signals, run: Run) -> Signals:
    """`signals` with the chapters that are hints."""
    if run.existing is None or run.use != "hints":
        return signals
    markers = live_markers(run.existing)
    if not markers:
        run.note(f"The chapters {run.existing.where} are no hints: a program made them.")
    # Titles are written afterwards, with the time of the right moment.
    is_live = run.existing.untitled == len(run.existing.chapters)
    return replace(signals, markers=markers, lateness=LATENESS if is_live else 0.0)


def markers_note(draft: Draft) -> str | None:
    """A note on which markers start a chapter of the draft, None without any."""
    markers = draft.signals.markers
    if not markers:
        return None
    used = {
        each.evidence.marker: each.start
        for each in draft.chapters.chapters
        if each.evidence is not None and each.evidence.marker is not None
    }
    where = ", ".join(
        f"{format_clock(start)} (marker at {format_clock(at)})" for at, start in used.items() if at
    )
    return f"{len(used)} of {len(markers)} markers start a chapter{where and ': '}{where}."


def keep_existing(draft: Draft, run: Run) -> Draft:
    """`draft` with the places of the existing chapters, and with titles where there are none."""
    found = run.existing
    assert found is not None
    chapters, n = found.chapters, len(found.chapters)
    missing = [i for i in range(n) if run.use == "retitle" or not chapters.titles[i]]
    titles = list(chapters.titles)
    if missing:
        new = _titles(draft, found, missing, run)
        for i in missing:
            titles[i] = new[i]
    boundaries = draft.boundaries
    if n in boundaries.solutions:
        language = draft.transcript.language
        boundaries = recount(boundaries, n, draft.sentences, language=language)
    note = kept_note(found, run.use, has_words=bool(draft.transcript.cues))
    run.note(note)
    return replace(
        draft,
        boundaries=replace(boundaries, how=f"the chapters {found.where}", likely=None),
        chapters=Chapters.from_starts(chapters.starts, titles, draft.media.duration),
        kept=found,
    )


def _titles(draft: Draft, found: Existing, missing: Sequence[int], run: Run) -> Sequence[str]:
    """A title for every chapter; only those of the `missing` ones count."""
    language, starts = draft.transcript.language, found.chapters.starts
    if not draft.transcript.cues:
        named = (mark.title for mark in found.marks)
        numbers = numbered_titles(len(starts), language)
        if len(found.marks) == len(starts):
            return [title.strip() or number for title, number in zip(named, numbers, strict=True)]
        return numbers
    with run.stage("load"):
        titler = run.engines.titler or load_titler()
    with run.stage("titles"):
        run.on_progress("finding titles", 0.0)
        texts = texts_between(draft, starts)
        headings = headings_between(draft.signals.pages, starts, draft.media.duration)
        titles, run.sent, _ = entitle(
            titler, texts, language, run.on_progress, run.note, missing, headings
        )
    return titles
