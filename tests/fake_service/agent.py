"""The agent: what a message asks for, and what it does to the timeline."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.fake_service.drafts import Piece

_CLOCK = r"(\d{2,}):(\d{2}):(\d{2})\.(\d{3})"
_TITLE = re.compile(rf"^\d+\. {_CLOCK} -> {_CLOCK} \| (.*)$")
_REMOVAL = re.compile(rf"^- {_CLOCK} \| (.*)$")
_ALONE = re.compile(r"^= (.+)$")
_SECONDS = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:s\b|sec|seg|sek|秒)", re.IGNORECASE)
_MUSIC = re.compile(r"\b(?:music|musik|música|musique|bgm|soundtrack)\b|音乐|配乐", re.IGNORECASE)
_NO_MUSIC = re.compile(
    r"(?:\b(?:no|not|don.t|without|remove|kein\w*|ohne|sin|sans|sem)\b|不|别|删)[^.\n]{0,30}$",
    re.IGNORECASE,
)
DEFAULT_SECONDS = 4.0


@dataclass(frozen=True)
class Title:
    """A title that starts at `start_ms`; its chapter ends at `end_ms`."""

    start_ms: int
    end_ms: int
    text: str


@dataclass(frozen=True)
class Wish:
    """What a message asks for. `note` is its text if it is not a plan; `alone` is the name of
    the only video that the timeline should contain."""

    titles: tuple[Title, ...] = ()
    removals: tuple[tuple[int, str], ...] = ()
    seconds: float = DEFAULT_SECONDS
    wants_music: bool = False
    note: str = ""
    alone: str = ""

    @property
    def is_plan(self) -> bool:
        return bool(self.titles or self.removals)


def read_message(text: str) -> Wish:
    """Read a message: lines of a plan, else music, else nothing visible."""
    titles, removals, rest, alone = [], [], [], ""
    for line in text.splitlines():
        if found := _TITLE.match(line.rstrip("\r")):
            parts = found.groups()
            titles.append(Title(_ms(parts[:4]), _ms(parts[4:8]), parts[8]))
        elif found := _REMOVAL.match(line.rstrip("\r")):
            removals.append((_ms(found.groups()[:4]), found.group(5)))
        elif found := _ALONE.match(line.rstrip("\r")):
            alone = found.group(1)
        else:
            rest.append(line)
    prose = "\n".join(rest)
    said = _SECONDS.search(prose)
    seconds = float(said.group(1).replace(",", ".")) if said else DEFAULT_SECONDS
    if titles or removals:
        return Wish(tuple(titles), tuple(removals), seconds, alone=alone)
    music = _MUSIC.search(prose)
    wants_music = music is not None and not _NO_MUSIC.search(prose[: music.start()])
    return Wish(wants_music=wants_music, note="" if wants_music else text)


def _ms(parts: tuple[str, ...]) -> int:
    hours, minutes, seconds, ms = map(int, parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms


def spoiled(wish: Wish, shift: float, n_missing: int) -> Wish:
    """The same wish as a careless agent reads it: `shift` seconds late, without the last titles."""
    read = wish.titles[: max(0, len(wish.titles) - n_missing)]
    late = round(shift * 1000)
    titles = tuple(Title(max(0, t.start_ms + late), t.end_ms + late, t.text) for t in read)
    return Wish(titles, wish.removals, wish.seconds, alone=wish.alone)


def fulfil(wish: Wish, pieces: list[Piece], notes: list[str]) -> None:
    """Change the timeline in place. An existing title is moved, not added again."""
    for start_ms, text in wish.removals:
        mine = [each for each in pieces if each.kind == "text" and each.text == text]
        if mine:
            pieces.remove(min(mine, key=lambda it: abs(it.start_ms - start_ms)))
    starts = sorted(title.start_ms for title in wish.titles)
    taken: list[int] = []
    for title in wish.titles:
        nexts = [start for start in starts if start > title.start_ms]
        limit = min([title.end_ms, *nexts[:1]])
        length = max(1, min(round(wish.seconds * 1000), limit - title.start_ms))
        fresh = Piece("text", title.text, title.start_ms, length)
        at = _same_title(pieces, title, taken)
        if at is None:
            pieces.append(fresh)
            taken.append(len(pieces) - 1)
        else:
            pieces[at] = fresh
            taken.append(at)
    if wish.wants_music:
        pieces.append(music(pieces))
    if wish.note:
        notes.append(wish.note)


def _same_title(pieces: list[Piece], title: Title, taken: list[int]) -> int | None:
    mine = [
        at
        for at, each in enumerate(pieces)
        if each.kind == "text" and each.text == title.text and at not in taken
    ]
    return min(mine, key=lambda at: abs(pieces[at].start_ms - title.start_ms), default=None)


def music(pieces: list[Piece]) -> Piece:
    """A quiet track under the whole timeline."""
    length = max((each.end_ms for each in pieces), default=10_000)
    return Piece("audio", "Lo-fi", 0, length, volume=0.35)


def unasked(pieces: list[Piece]) -> list[Piece]:
    """What a second stage adds although nobody asked for it."""
    return [music(pieces), Piece("text", "Subscribe for more!", 0, 2000)]
