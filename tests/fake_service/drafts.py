"""The timeline as pieces, and as the draft in the state, in three shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

KINDS = {"video": 0, "audio": 1, "text": 7}
"""Track types of the draft, in the order of its tracks."""


@dataclass
class Piece:
    """One segment of a track; times in milliseconds; `text` is the title or the media's name."""

    kind: str
    text: str
    start_ms: int
    length_ms: int
    volume: float | None = None

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.length_ms


def write_draft(pieces: Sequence[Piece], notes: Sequence[str], shape: str) -> dict[str, Any]:
    """The draft: one track per kind, in the order of `KINDS`; kinds without pieces have none.

    Parameters
    ----------
    shape : ``flat``, ``nested`` or ``own``; see `_segment`.
    """
    tracks: list[dict[str, Any]] = []
    for kind, number in KINDS.items():
        mine = sorted((each for each in pieces if each.kind == kind), key=lambda it: it.start_ms)
        if mine:
            segments = [_segment(each, shape, at) for at, each in enumerate(mine)]
            tracks.append({"tt": number, "sg": segments, "m": {"layer": len(tracks)}})
    videos = [each.end_ms for each in pieces if each.kind == "video"]
    length = max(videos or [each.end_ms for each in pieces] or [0])
    meta: dict[str, Any] = {"schema": "4.2"}
    if notes:
        meta["notes"] = list(notes)
    return {"t": tracks, "d": length, "m": meta}


def _segment(piece: Piece, shape: str, at: int) -> dict[str, Any]:
    is_text = piece.kind == "text"
    loud = {} if piece.volume is None else {"volume": piece.volume}
    if shape == "flat":
        named = {"text" if is_text else "name": piece.text}
        return {"st": piece.start_ms, "d": piece.length_ms, "m": named | loud}
    if shape == "nested":
        named = {"content" if is_text else "title": piece.text}
        return {"tr": {"s": piece.start_ms, "d": piece.length_ms}, "m": named | loud}
    span = {"start": piece.start_ms, "duration": piece.length_ms}
    material: dict[str, Any] = {"label": piece.text, "style": {"font": "Inter", "size": 48}}
    return {"id": f"{piece.kind}-{at}", "target_timerange": span, "material": material, **loud}
