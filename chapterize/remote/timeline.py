"""The service's timeline, read from its state as far as it can be, and what two of them differ in.

The inside of a segment is not public, and anything may be missing or of another type: what cannot
be read is skipped, or follows what stands before it. Nothing here raises on any JSON value.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chapterize.remote.wording import printable
from chapterize.timecode import format_clock, to_ms

__all__ = [
    "Change",
    "Segment",
    "Timeline",
    "Track",
    "changes",
    "is_exportable",
    "read_timeline",
    "summary",
    "uploaded",
]

_KINDS = {0: "video", 1: "audio", 7: "text"}
_LABELS = {"video": "Video", "audio": "BGM", "text": "Title", "other": "Other"}
_NOUNS = {"video": "clip", "audio": "sound", "text": "title", "other": "element"}

# In groups: the words themselves, wherever they are, go before names that editors give to pieces.
_WORD_KEYS = (("text", "content", "caption"), ("title", "label", "name"), ("t",))
_NAME_KEYS = (
    ("name", "title", "filename", "file_name", "fileName", "label"),
    ("caption", "text", "t"),
)
_START_KEYS = (
    *("start", "start_ms", "startMs", "start_time", "startTime", "begin", "from"),
    *("st", "s", "b", "offset", "t"),
)
_LENGTH_KEYS = ("duration", "duration_ms", "durationMs", "dur", "length", "len", "d")
_END_KEYS = ("end", "end_ms", "endMs", "end_time", "endTime", "to", "et", "e")
_VOLUME_KEYS = ("volume", "vol")
_TARGETS = ("tr", "target_timerange", "targetTimerange", "target_time_range", "target")
_INNER_TIMES = (
    *("timerange", "timeRange", "time_range", "range", "time"),
    *("m", "metadata", "meta", "data"),
)
_INNER_TEXTS = (
    *("m", "metadata", "meta", "data", "text", "material", "content", "title", "media", "source"),
    *("clip", "props", "payload"),
)
_DEPTH = 3
_MOST_MS = 10**11
_MOST_SHOWN = 8
# Beyond this, which segment became which is told as removed and added.
_MOST_PAIRS = 1_000_000
_DIGITS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Segment:
    """A piece of a track; `text` is the title, or the name of the media.

    `start` and `end` in seconds; `volume` 1.0 for as loud as the source, None where none is given.
    """

    start: float
    end: float
    text: str
    volume: float | None = None


@dataclass(frozen=True)
class Track:
    """`kind` is ``video``, ``audio``, ``text`` or ``other``; segments in the draft's order."""

    kind: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Timeline:
    """The tracks, lowest first."""

    tracks: tuple[Track, ...]


@dataclass(frozen=True)
class Change:
    """`verb` is ``added``, ``removed`` or ``changed``; `text` a plain sentence for the user."""

    verb: str
    kind: str
    text: str


def read_timeline(state: Mapping[str, Any]) -> Timeline:
    """The timeline in the `state` of a session; empty where none can be read."""
    return Timeline(
        tuple(
            Track(_kind(row.get("tt")), tuple(_segments(row, _kind(row.get("tt")))))
            for row in _track_rows(state)
        )
    )


def is_exportable(state: Mapping[str, Any]) -> bool:
    """Whether some track holds something to render."""
    return any(row.get("sg") and isinstance(row["sg"], list | dict) for row in _track_rows(state))


def uploaded(state: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """What was uploaded, as the state lists it."""
    infos = state.get("video_infos")
    rows = infos if isinstance(infos, list | tuple) else ()
    return tuple(row for row in rows if isinstance(row, Mapping) and row)


def summary(timeline: Timeline) -> str:
    """One line, such as ``Timeline (2 tracks): 1. Video: talk.mp4 (0-10s) 2. Title: "A" (0-3s)``.

    Of a track with many segments the first are named, and the rest counted.
    """
    n_tracks = len(timeline.tracks)
    head = f"Timeline ({n_tracks} track{'' if n_tracks == 1 else 's'})"
    rows = [
        f"{number}. {_LABELS.get(track.kind, 'Other')}: {_listed(track)}"
        for number, track in enumerate(timeline.tracks, 1)
    ]
    return f"{head}: {' '.join(rows)}" if rows else head


def changes(before: Timeline, after: Timeline) -> tuple[Change, ...]:
    """What was removed, changed and added, track by track of one kind; in that order.

    A segment counts as changed, and not as removed and added, when its text is still there, or
    when another text begins where it began.
    """
    found: list[Change] = []
    old, new = _by_kind(before), _by_kind(after)
    for kind in dict.fromkeys((*old, *new)):
        gone, come = _without_common(old.get(kind, []), new.get(kind, []))
        pairs = [*_paired(gone, come, by_text=True), *_paired(gone, come, by_text=False)]
        found += (Change("removed", kind, f"Removed {_named(kind, each)}.") for each in gone)
        found += (
            Change("changed", kind, f"Changed {_named(kind, a)}: now {_shown(kind, b)}.")
            for a, b in sorted(pairs, key=lambda pair: pair[0].start)
        )
        found += (Change("added", kind, f"Added {_named(kind, each)}.") for each in come)
    order = ("removed", "changed", "added")
    return tuple(sorted(found, key=lambda change: order.index(change.verb)))


def _track_rows(state: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    draft = state.get("draft")
    tracks = draft.get("t") if isinstance(draft, dict) else None
    for row in _rows(tracks):
        if isinstance(row, dict):
            yield row


def _rows(value: object) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _kind(number: object) -> str:
    # True and False are equal to numbers, and no track types.
    known = () if isinstance(number, bool) else _KINDS.items()
    return next((kind for key, kind in known if number in (key, str(key))), "other")


def _segments(track: Mapping[str, Any], kind: str) -> Iterator[Segment]:
    """The segments of a track; one without a start follows the one before it."""
    at = 0.0
    for row in _rows(track.get("sg")):
        if not isinstance(row, dict):
            continue
        start = _ms(row, _START_KEYS)
        start = at if start is None else start
        length, end = _ms(row, _LENGTH_KEYS), _ms(row, _END_KEYS)
        if length is not None:
            end = start + length
        at = max(start, start if end is None else end)
        keys = _WORD_KEYS if kind == "text" else _NAME_KEYS
        text = next(filter(None, (_text(row, group) for group in keys)), "")
        yield Segment(start / 1000, at / 1000, printable(text), _volume(row))


def _levels(row: Mapping[str, Any], inner_keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The object, and those within it, the nearest first."""
    level: list[Mapping[str, Any]] = [row]
    for _ in range(_DEPTH):
        yield from level
        level = [
            inner
            for each in level
            for key in inner_keys
            if isinstance(inner := each.get(key), dict)
        ]


def _ms(row: Mapping[str, Any], keys: Iterable[str]) -> float | None:
    # Where a segment is on the timeline goes before where it is in its source.
    targets = [inner for key in _TARGETS if isinstance(inner := row.get(key), dict)]
    places = (*targets, *_levels(row, _INNER_TIMES))
    found = (_number(each.get(key)) for each in places for key in keys)
    return next((ms for ms in found if ms is not None and 0 <= ms <= _MOST_MS), None)


def _text(row: Mapping[str, Any], keys: Iterable[str]) -> str:
    found = (each.get(key) for each in _levels(row, _INNER_TEXTS) for key in keys)
    return next((text for text in found if isinstance(text, str) and text.strip()), "")


def _volume(row: Mapping[str, Any]) -> float | None:
    found = (_number(each.get(key)) for each in _levels(row, _INNER_TIMES) for key in _VOLUME_KEYS)
    volume = next((value for value in found if value is not None and value >= 0), None)
    # Some count in percent; nobody plays anything ten times as loud.
    return volume / 100 if volume is not None and volume > 10 else volume


def _number(value: object) -> float | None:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # An integer of JSON may be larger than any float.
    if isinstance(value, int) and abs(value) > 10**15:
        return None
    return float(value) if math.isfinite(value) else None


def _listed(track: Track) -> str:
    shown = [_shown(track.kind, segment) for segment in track.segments[:_MOST_SHOWN]]
    n_more = len(track.segments) - len(shown)
    return ", ".join(shown) + (f" and {n_more} more" if n_more else "") if shown else "empty"


def _shown(kind: str, segment: Segment) -> str:
    text = " ".join(segment.text.split())
    quoted = f'"{text}"' if text and kind == "text" else text or "unnamed"
    loud = "" if segment.volume is None else f", {round(segment.volume * 100)}%"
    return f"{quoted} ({_span(segment)}{loud})"


def _named(kind: str, segment: Segment) -> str:
    return f"the {_NOUNS.get(kind, 'element')} {_shown(kind, segment)}"


def _span(segment: Segment) -> str:
    """``0-10s`` within the first minute, clock times beyond it."""
    if segment.end < 60:
        return f"{segment.start:.6g}-{segment.end:.6g}s"
    return f"{_clock(segment.start)}-{_clock(segment.end)}"


def _clock(seconds: float) -> str:
    ms = to_ms(seconds) % 1000
    return format_clock(seconds) + (f".{ms:03d}".rstrip("0") if ms else "")


def _by_kind(timeline: Timeline) -> dict[str, list[Segment]]:
    kinds: dict[str, list[Segment]] = defaultdict(list)
    for track in timeline.tracks:
        kinds[track.kind] += track.segments
    return kinds


def _without_common(old: list[Segment], new: list[Segment]) -> tuple[list[Segment], list[Segment]]:
    """What only one side has, each as often as it has it more often, in order of start."""
    counts, others = Counter(old), Counter(new)
    return (
        sorted((counts - others).elements(), key=lambda each: each.start),
        sorted((others - counts).elements(), key=lambda each: each.start),
    )


def _paired(
    gone: list[Segment], come: list[Segment], *, by_text: bool
) -> list[tuple[Segment, Segment]]:
    """Take the pairs that are one segment, changed, out of both lists; the nearest are first."""
    if len(gone) * len(come) > _MOST_PAIRS:
        return []
    candidates = sorted(
        (abs(a.start - b.start), i, k)
        for i, a in enumerate(gone)
        for k, b in enumerate(come)
        if (a.text == b.text if by_text else a.start == b.start)
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, k in candidates:
        if i not in partner and k not in taken:
            partner[i] = k
            taken.add(k)
    pairs = [(gone[i], come[k]) for i, k in sorted(partner.items())]
    gone[:] = [each for i, each in enumerate(gone) if i not in partner]
    come[:] = [each for k, each in enumerate(come) if k not in taken]
    return pairs
