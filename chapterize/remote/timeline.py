"""Read the timeline from the service's state, and compare two timelines.

The format of a segment is not public, and any field may be missing or have another type. A field
that cannot be read is skipped; a segment without a start follows the one before it. No JSON value
makes these functions raise.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
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
    "pair_nearest",
    "read_timeline",
    "summary",
    "uploaded",
]

_KINDS = {0: "video", 1: "audio", 7: "text"}
_LABELS = {"video": "Video", "audio": "BGM", "text": "Title", "other": "Other"}
_NOUNS = {"video": "clip", "audio": "audio clip", "text": "title", "other": "element"}

# Groups in order of priority: the text itself, at any depth, precedes names that editors assign.
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
# With more candidate pairs, changed segments are reported as removed and added.
_MOST_PAIRS = 1_000_000
_DIGITS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True)
class Segment:
    """A piece of a track; `text` is the title, or the name of the media.

    `start` and `end` in seconds; `volume` relative to the source, None if not given. Unless it
    `is_timed`, no start is given: it follows the segment before it.
    """

    start: float
    end: float
    text: str
    volume: float | None = None
    is_timed: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class Track:
    """A track; `kind` is ``video``, ``audio``, ``text`` or ``other``, segments in state order."""

    kind: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Timeline:
    """The tracks of a session, lowest first."""

    tracks: tuple[Track, ...]

    @property
    def titles(self) -> list[Segment]:
        """The segments of all text tracks."""
        return [each for track in self.tracks if track.kind == "text" for each in track.segments]


@dataclass(frozen=True)
class Change:
    """A difference; `verb` is ``added``, ``removed`` or ``changed``, `text` a full sentence."""

    verb: str
    kind: str
    text: str


def read_timeline(state: Mapping[str, Any]) -> Timeline:
    """Return the timeline in the `state` of a session; empty if none can be read."""
    rows = [(row, _kind(row.get("tt"))) for row in _track_rows(state)]
    return Timeline(tuple(Track(kind, tuple(_segments(row, kind))) for row, kind in rows))


def is_exportable(state: Mapping[str, Any]) -> bool:
    """Return whether any track contains something to render."""
    return any(row.get("sg") and isinstance(row["sg"], list | dict) for row in _track_rows(state))


def uploaded(state: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Return the uploads that the state lists."""
    infos = state.get("video_infos")
    rows = infos if isinstance(infos, list | tuple) else ()
    return tuple(row for row in rows if isinstance(row, Mapping) and row)


def summary(timeline: Timeline) -> str:
    """Return ``Timeline (2 tracks): 1. Video: talk.mp4 (0-10s) 2. Title: "A" (0-3s)``.

    The first eight segments of a track are listed, the others counted.
    """
    n_tracks = len(timeline.tracks)
    head = f"Timeline ({n_tracks} track{'' if n_tracks == 1 else 's'})"
    rows = [
        f"{number}. {_LABELS.get(track.kind, 'Other')}: {_listed(track)}"
        for number, track in enumerate(timeline.tracks, 1)
    ]
    return f"{head}: {' '.join(rows)}" if rows else head


def changes(before: Timeline, after: Timeline) -> tuple[Change, ...]:
    """Return the differences between two timelines: removed, changed, added, each by kind of track.

    A segment counts as changed, not as removed and added, if its text still occurs, or if another
    text starts at the same time.
    """
    found: list[Change] = []
    old, new = _by_kind(before), _by_kind(after)
    for kind in dict.fromkeys((*old, *new)):
        here, there = old.get(kind, []), new.get(kind, [])
        removed, added = _without(here, there), _without(there, here)
        pairs = [*_take_pairs(removed, added, "text"), *_take_pairs(removed, added, "start")]
        found += (Change("removed", kind, f"Removed {_named(kind, each)}.") for each in removed)
        found += (
            Change("changed", kind, f"Changed {_named(kind, a)}: now {_shown(kind, b)}.")
            for a, b in sorted(pairs, key=lambda pair: pair[0].start)
        )
        found += (Change("added", kind, f"Added {_named(kind, each)}.") for each in added)
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
    # True and False equal 1 and 0, but are not track types.
    known = () if isinstance(number, bool) else _KINDS.items()
    return next((kind for key, kind in known if number in (key, str(key))), "other")


def _segments(track: Mapping[str, Any], kind: str) -> Iterator[Segment]:
    """The segments of a track; one without a start follows the one before it."""
    end_ms = 0.0
    for row in _rows(track.get("sg")):
        if not isinstance(row, dict):
            continue
        given = _ms(row, _START_KEYS)
        start = end_ms if given is None else given
        length, end = _ms(row, _LENGTH_KEYS), _ms(row, _END_KEYS)
        if length is not None:
            end = start + length
        end_ms = max(start, start if end is None else end)
        keys = _WORD_KEYS if kind == "text" else _NAME_KEYS
        text = next(filter(None, (_text(row, group) for group in keys)), "")
        seconds = (start / 1000, end_ms / 1000)
        yield Segment(*seconds, printable(text), _volume(row), is_timed=given is not None)


def _levels(row: Mapping[str, Any], inner_keys: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The object and those nested in it under `inner_keys`, outermost first."""
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
    # The position on the timeline has priority over the position in the source.
    targets = [inner for key in _TARGETS if isinstance(inner := row.get(key), dict)]
    levels = (*targets, *_levels(row, _INNER_TIMES))
    found = (_number(each.get(key)) for each in levels for key in keys)
    return next((ms for ms in found if ms is not None and 0 <= ms <= _MOST_MS), None)


def _text(row: Mapping[str, Any], keys: Iterable[str]) -> str:
    found = (each.get(key) for each in _levels(row, _INNER_TEXTS) for key in keys)
    return next((text for text in found if isinstance(text, str) and text.strip()), "")


def _volume(row: Mapping[str, Any]) -> float | None:
    found = (_number(each.get(key)) for each in _levels(row, _INNER_TIMES) for key in _VOLUME_KEYS)
    volume = next((value for value in found if value is not None and value >= 0), None)
    # Values above 10 are percentages: no one amplifies audio tenfold.
    return volume / 100 if volume is not None and volume > 10 else volume


def _number(value: object) -> float | None:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # A JSON integer may be larger than any float.
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
    volume = "" if segment.volume is None else f", {round(segment.volume * 100)}%"
    return f"{quoted} ({_span(segment)}{volume})"


def _named(kind: str, segment: Segment) -> str:
    return f"the {_NOUNS.get(kind, 'element')} {_shown(kind, segment)}"


def _span(segment: Segment) -> str:
    """``0-10s`` if it ends within the first minute, else clock times."""
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


def _without(these: list[Segment], others: list[Segment]) -> list[Segment]:
    """The multiset difference, sorted by start."""
    return sorted((Counter(these) - Counter(others)).elements(), key=attrgetter("start"))


def _take_pairs(
    removed: list[Segment], added: list[Segment], field: str
) -> list[tuple[Segment, Segment]]:
    """Remove pairs with an equal `field` from both lists and return them; closest starts first."""
    if len(removed) * len(added) > _MOST_PAIRS:
        return []
    key = attrgetter(field, "start")
    partner = pair_nearest([key(each) for each in removed], [key(each) for each in added])
    pairs = [(removed[i], added[k]) for i, k in sorted(partner.items())]
    taken = set(partner.values())
    removed[:] = [each for i, each in enumerate(removed) if i not in partner]
    added[:] = [each for k, each in enumerate(added) if k not in taken]
    return pairs


def pair_nearest(
    left: Sequence[tuple[Hashable, float]], right: Sequence[tuple[Hashable, float]]
) -> dict[int, int]:
    """Pair items (key, time) with equal keys, the closest times first; each is used once.

    Returns the index into `right` for each index into `left` that has a partner.
    """
    by_key: dict[Hashable, list[int]] = defaultdict(list)
    for k, (key, _) in enumerate(right):
        by_key[key].append(k)
    candidates = sorted(
        (abs(time - right[k][1]), i, k)
        for i, (key, time) in enumerate(left)
        for k in by_key.get(key, ())
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, k in candidates:
        if i not in partner and k not in taken:
            partner[i] = k
            taken.add(k)
    return partner
