"""What the server answers: plain functions from a project and a request to JSON values."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import pairwise
from typing import Any

from chapterize.data import Evidence, FloatArray, Slide
from chapterize.errors import InputError
from chapterize.pipeline.edits import Edited
from chapterize.review.images import shown_slides, slide_at
from chapterize.review.listing import format_names, platform_names
from chapterize.review.project import Changed, Project
from chapterize.review.proposals import Proposal, proposals_of, starts_of
from chapterize.review.titling import Titling
from chapterize.segment import divide_around, with_words, word_counts
from chapterize.timecode import to_ms

__all__ = ["Api"]

_AROUND = 3
"""Sentences shown on each side of a boundary."""

_PAUSE = 0.3
"""Seconds between two sentences that are a pause worth snapping to."""


@dataclass
class Api:
    """The answers about one project.

    `parts` : values that other modules add to `project`, such as the state of the media.
    """

    project: Project
    parts: dict[str, Callable[[], Any]] = field(default_factory=dict)

    # What is shown.

    def show(self) -> dict[str, Any]:
        """Everything the page needs first."""
        draft, media = self.project.draft, self.project.draft.media
        boundaries = draft.boundaries
        return {
            "name": _encodable(media.path.name),
            "title": _encodable(media.title or media.path.stem),
            "duration": round(media.duration, 3),
            "has_video": media.has_video,
            "has_audio": media.has_audio,
            "width": media.width,
            "height": media.height,
            "frame_rate": media.frame_rate,
            "language": draft.transcript.language,
            "is_captioned": bool(draft.transcript.cues),
            **self.state(),
            "first": [self._chapter(*each) for each in _ends(self.project.first, media.duration)],
            "count": {
                "chosen": boundaries.chosen,
                "most": max(boundaries.solutions),
                "granularities": dict(boundaries.granularities),
                "likely": boundaries.likely,
            },
            "slides": [round(at, 3) for at in draft.signals.slides],
            "headings": [_encodable(each.heading or "") for each in self._shown],
            "notes": [
                _encodable(note) for note in (*self.project.notes, *draft.notes_beyond_count)
            ],
            "formats": format_names(),
            "platforms": platform_names(),
            **{name: part() for name, part in self.parts.items()},
        }

    def status(self) -> dict[str, Any]:
        """What may change without the page: the version, and the state of the media."""
        return {"version": self.project.version, **{n: part() for n, part in self.parts.items()}}

    def state(self) -> dict[str, Any]:
        """The chapters, their version and what can be undone."""
        project = self.project
        return {
            "version": project.version,
            "can_undo": project.can_undo,
            "can_redo": project.can_redo,
            "n_history": project.n_history,
            "chapters": [
                self._chapter(*each)
                for each in _ends(project.chapters, project.draft.media.duration)
            ],
        }

    def transcript(self) -> dict[str, Any]:
        """All sentences, in whole milliseconds."""
        draft = self.project.draft
        said = draft.sentences if draft.transcript.cues else ()
        return {
            "starts": [to_ms(each.start) for each in said],
            "ends": [to_ms(each.end) for each in said],
            "texts": [_encodable(each.text) for each in said],
        }

    def curve(self) -> dict[str, Any]:
        """How likely a chapter starts at each sentence, 0 to 255, and the pauses to snap to."""
        boundaries = self.project.draft.boundaries
        scores = boundaries.scores.astype(float)
        # A few extreme values would flatten the rest.
        low, high = _quantile(scores[1:], 0.02), _quantile(scores[1:], 0.995)
        scaled = ((scores - low) / max(high - low, 1e-6)).clip(0.0, 1.0) * 255
        if len(scaled):
            scaled[0] = 0.0
        return {
            "starts": [to_ms(at) for at in boundaries.starts.tolist()],
            "scores": [round(each) for each in scaled.tolist()],
            "pauses": self._pauses(),
        }

    def why(self, start: float) -> dict[str, Any]:
        """The evidence for a boundary at `start`, from the nearest sentence."""
        draft, boundaries = self.project.draft, self.project.draft.boundaries
        i = self._nearest(start)
        said = draft.sentences if draft.transcript.cues else ()
        found = self._evidence(i)
        first = bisect_left(boundaries.starts, start - 5e-4) if i else 0
        return {
            "start": round(float(boundaries.starts[i]), 3),
            "before": [_encodable(each.text) for each in said[max(0, first - _AROUND) : first]],
            "after": [_encodable(each.text) for each in said[first : first + _AROUND]],
            "topic_drop": found.topic_drop,
            "pause": found.pause,
            "cue_words": list(found.cue_words),
            "slide": found.slide,
            "image": slide_at(self._shown, start),
            "heading": None if found.heading is None else _encodable(found.heading),
            "marker": found.marker,
            "words_gone": list(found.words_gone),
            "words_new": list(found.words_new),
            "confidence": round(float(boundaries.confidence[i]), 3),
        }

    # Another number of chapters, and titles.

    def count(self, count: int) -> dict[str, Any]:
        """`count` chapters with every locked one; titles that are not known yet are None.

        What else a person moved, retitled or added stays unless there are to be fewer chapters.
        """
        project, draft = self.project, self.project.draft
        if not 1 <= count <= max(draft.boundaries.solutions):
            most = max(draft.boundaries.solutions)
            raise InputError(f"{count} chapters are not possible here", why=f"1 to {most} are")
        locked = [each for each in project.chapters if each.is_locked]
        starts = self._divided(count)
        known = {to_ms(each.start): each for each in (*project.first, *project.chapters)}
        rows = []
        for start, end in pairwise((*starts, draft.media.duration)):
            old = known.get(to_ms(start))
            blank = Edited("", start, "", origin=start)
            row = self._chapter(old or blank, end)
            rows.append(row if old else {**row, "id": None, "title": None})
        return {"chapters": rows, "kept": [each.id for each in locked], "n": len(rows)}

    def _divided(self, count: int) -> tuple[float, ...]:
        """The starts of `count` chapters: what a person did stays, unless there must be fewer."""
        project, now = self.project, self.project.chapters
        moved = [each for each in now if each.is_moved and each.origin is not None]
        divide = partial(
            divide_around,
            project.draft.boundaries,
            count,
            duration=project.draft.media.duration,
            min_length=project.options.least,
        )
        held = [each for each in now if each.is_locked]
        if count >= len(now):
            held = [each for each in now if each.is_changed]
        elif moved:
            # A moved boundary stands for the one that it was.
            found = set(map(to_ms, divide([each.start for each in held])))
            held += [each for each in moved if to_ms(each.origin or 0.0) in found]
        origins = [each.origin or 0.0 for each in moved]
        return divide([each.start for each in held], removed=origins)

    def titles(self, starts: object) -> dict[str, list[str]]:
        """A title from the transcript for each chapter of the division at `starts`."""
        return {"titles": self._titling.titles(starts_of(starts))}

    def suggest(self, start: float, end: float) -> dict[str, list[str]]:
        """Up to five titles for the chapter from `start` to `end`, the best first."""
        others = [each.start for each in self.project.chapters]
        return {"titles": self._titling.suggest(start, end, others)}

    @cached_property
    def _word_counts(self) -> Counter[str]:
        draft = self.project.draft
        return word_counts(draft.sentences, draft.transcript.language)

    @cached_property
    def _shown(self) -> tuple[Slide, ...]:
        return shown_slides(self.project.draft.media, self.project.draft.signals)

    @cached_property
    def _titling(self) -> Titling:
        return Titling(self.project.draft)

    # Changes.

    def put(self, body: Mapping[str, Any], version: int) -> dict[str, Any]:
        """Replace the chapters; those without a title get one from the transcript."""
        proposals = proposals_of(body.get("chapters"), body.get("gesture"))
        if any(each.title is None for each in proposals):
            proposals = self._titled(proposals)
        return self.changed(partial(self.project.put, proposals), version)

    def _titled(self, proposals: Sequence[Proposal]) -> list[Proposal]:
        """`proposals` with titles for those without, if possible ones that no other has."""
        starts = [each.start for each in proposals]
        found = self._titling.titles(starts)
        used = Counter((each.title or "").casefold() for each in proposals)
        ends = [*starts[1:], self.project.draft.media.duration]
        titled = []
        for each, end, title in zip(proposals, ends, found, strict=True):
            if each.title is not None:
                titled.append(each)
                continue
            if used[title.casefold()]:
                others = self._titling.suggest(each.start, end, starts)
                title = next((one for one in others if not used[one.casefold()]), title)
            used[title.casefold()] += 1
            titled.append(replace(each, title=title))
        return titled

    def changed(self, change: Callable[[int], int], version: int) -> dict[str, Any]:
        """The state after a change of the project, such as `Project.undo`."""
        try:
            change(version)
        except Changed as error:
            error.current = self.state()
            raise
        return self.state()

    # Parts of the answers.

    def _chapter(self, each: Edited, end: float) -> dict[str, Any]:
        boundaries = self.project.draft.boundaries
        i = bisect_left(boundaries.starts, each.start - 5e-4)
        is_there = i < len(boundaries.starts) and abs(boundaries.starts[i] - each.start) < 2e-3
        return {
            "id": each.id,
            "start": each.start,
            "end": end,
            "title": each.title,
            "is_locked": each.is_locked,
            "is_moved": each.is_moved,
            "is_retitled": each.is_retitled,
            "is_added": each.is_added,
            "confidence": round(float(boundaries.confidence[i]), 3) if is_there else None,
            "slide": slide_at(self._shown, each.start),
            "sentence": min(i, len(boundaries.starts) - 1)
            if self.project.draft.transcript.cues
            else None,
        }

    def _evidence(self, i: int) -> Evidence:
        """The evidence at sentence i, with its topic words if there are any."""
        draft = self.project.draft
        found = draft.boundaries.evidence[i]
        if i == 0 or found.words_gone or found.words_new or not draft.transcript.cues:
            return found
        counts = self._word_counts
        language = draft.transcript.language
        return with_words(draft.boundaries.evidence, draft.sentences, [i], language, counts)[i]

    def _nearest(self, start: float) -> int:
        starts = self.project.draft.boundaries.starts
        at = bisect_left(starts, start)
        near = [i for i in (at - 1, at) if 0 <= i < len(starts)]
        return min(near, key=lambda i: abs(float(starts[i]) - start))

    def _pauses(self) -> list[list[int]]:
        draft = self.project.draft
        if not draft.transcript.cues:
            return [[to_ms(each.start), to_ms(each.end)] for each in draft.signals.pauses]
        return [
            [to_ms(before.end), to_ms(after.start)]
            for before, after in pairwise(draft.sentences)
            if after.start - before.end >= _PAUSE
        ]


def _ends(state: Sequence[Edited], duration: float) -> list[tuple[Edited, float]]:
    """Each chapter with its end."""
    ends = [*(each.start for each in state[1:]), to_ms(duration) / 1000]
    return list(zip(state, ends, strict=True))


def _quantile(values: FloatArray, share: float) -> float:
    import numpy as np

    return float(np.quantile(values, share)) if len(values) else 0.0


def _encodable(text: str) -> str:
    """`text` without what UTF-8 cannot hold, such as the bytes of an odd file name."""
    return text.encode("utf-8", "replace").decode("utf-8")
