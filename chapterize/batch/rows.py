"""What is known about each file of a run: values that cross processes, never a draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from chapterize.errors import ChapterizeError

__all__ = ["ENDED", "STATES", "ChapterRow", "OnRow", "Reason", "Row"]

STATES = ("waiting", "running", "done", "skipped", "kept", "failed")
"""What a row can be; the last four end the work on a file.

``skipped`` : it was done in an earlier run. ``kept`` : an output is a person's, so nothing was
written.
"""

ENDED = frozenset(STATES[2:])


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a file failed or was kept: what, why, and what to do next."""

    what: str
    why: str = ""
    hint: str = ""

    @classmethod
    def of(cls, error: BaseException) -> Reason:
        """The reason in the three parts of our own errors, or the last line of another one."""
        if isinstance(error, ChapterizeError):
            return cls(error.what, error.why, error.hint)
        lines = str(error).strip().splitlines() or [""]
        return cls(f"{type(error).__name__}: {lines[-1]}".rstrip(": "))


@dataclass(frozen=True, slots=True)
class ChapterRow:
    """One chapter; `confidence` is None for the first, and for one that a person placed."""

    start: float
    title: str
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The state of one file.

    Parameters
    ----------
    source : path or address of the file, as `Item.source`.
    state : one of `STATES`.
    stage : what is being done, or what failed.
    fraction : how much of the stage is done, in [0, 1].
    seconds : time spent on the file, even if in an earlier run.
    duration : length of the media in seconds.
    confidence_low : the lowest confidence of a boundary in [0, 1]; None if there is none.
    outputs : the files that hold the result.
    """

    source: str
    state: str
    stage: str = ""
    fraction: float = 0.0
    seconds: float = 0.0
    duration: float = 0.0
    n_chapters: int = 0
    confidence_low: float | None = None
    reason: Reason | None = None
    outputs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    chapters: tuple[ChapterRow, ...] = ()
    language: str | None = None
    words: str = ""
    """Where the words come from, as `Transcript.source`; ``none`` if there are no words."""
    faults: tuple[str, ...] = ()
    """What is wrong with the media file, as far as it could be read: a part of `notes`."""
    thumbnail: str = ""
    """A small JPEG as a ``data:`` address; empty for audio and captions."""

    @property
    def is_ended(self) -> bool:
        """Whether the work on this file is over."""
        return self.state in ENDED

    def to_json(self) -> dict[str, Any]:
        """The JSON form, one object."""
        # `asdict` copies everything, and takes ten times as long.
        value = {name: getattr(self, name) for name in _FIELDS}
        value["chapters"] = [
            {"start": each.start, "title": each.title, "confidence": each.confidence}
            for each in self.chapters
        ]
        value["reason"] = None if self.reason is None else asdict(self.reason)
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Row:
        """The row of a JSON object; TypeError, KeyError or ValueError if it is none."""
        given = dict(value)
        if given.get("state") not in STATES:
            raise ValueError("a row without a known state")
        reason = given.get("reason")
        given["reason"] = None if reason is None else Reason(**reason)
        given["chapters"] = tuple(ChapterRow(**each) for each in given.get("chapters", ()))
        for name in ("outputs", "notes", "faults"):
            given[name] = tuple(map(str, given.get(name, ())))
        return cls(**given)


_FIELDS = tuple(each.name for each in fields(Row))

OnRow = Callable[[Row], None]
"""Called with every new state of a file: often while it runs, once when it has ended."""
