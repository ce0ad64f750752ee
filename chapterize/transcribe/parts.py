"""Recognised chunks: kept in a journal one by one, put together into a transcript."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from chapterize.cache import Journal
from chapterize.data import Cue, Transcript, Word
from chapterize.transcribe.cues import describe_dropped, drop_loops

__all__ = ["Part", "assemble", "resume", "transcript_from_json", "whisper_code"]

# Codes that Whisper names in an older way than users do.
_WHISPER_CODES = {"nb": "no", "jv": "jw", "iw": "he", "fil": "tl", "cmn": "zh"}
_ISO_CODES = {"jw": "jv"}


@dataclass(frozen=True)
class Part:
    """One recognised chunk; `start` and `end` in samples."""

    start: int
    end: int
    language: str | None
    cues: tuple[Cue, ...]
    dropped: dict[str, int]


def whisper_code(language: str | None) -> str | None:
    """``pt-BR`` as Whisper calls it: ``pt``."""
    if not language:
        return None
    code = language.strip().casefold().replace("_", "-").split("-")[0]
    return _WHISPER_CODES.get(code, code)


def assemble(finished: list[Part], source: str, asked: str | None) -> Transcript:
    """The whole transcript, without loops; its notes say what was dropped.

    `asked` is the language the user named, as written.
    """
    dropped: Counter[str] = Counter()
    for part in finished:
        dropped.update(part.dropped)
    cues = sorted((cue for part in finished for cue in part.cues), key=lambda cue: cue.start)
    kept, n_loops = drop_loops(cues)
    dropped["repeated"] += n_loops
    spoken = next((part.language for part in finished if part.language), None)
    notes = describe_dropped(dropped)
    wanted = whisper_code(asked)
    if spoken and wanted and spoken != wanted:
        notes = (*notes, f"This model knows only {spoken!r}, so {asked!r} was not used.")
    language = spoken or wanted
    return Transcript(kept, source, _ISO_CODES.get(language or "", language), notes)


def resume(journal: Journal | None) -> list[Part]:
    """The chunks in the journal that follow one another from the start."""
    finished: list[Part] = []
    for entry in journal.read() if journal else ():
        try:
            part = _part_from_json(entry)
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
        if part.start == (finished[-1].end if finished else 0):
            finished.append(part)
    return finished


def _part_from_json(entry: Any) -> Part:
    return Part(
        int(entry["start"]),
        int(entry["end"]),
        entry["language"],
        _cues_from_json(entry["cues"]),
        {str(reason): int(n) for reason, n in entry["dropped"].items()},
    )


def _cues_from_json(entries: Any) -> tuple[Cue, ...]:
    return tuple(
        Cue(c["start"], c["end"], c["text"], tuple(Word(**word) for word in c["words"]))
        for c in entries
    )


def transcript_from_json(entry: Any) -> Transcript | None:
    """A transcript from the JSON form of `dataclasses.asdict`; None when it is not one."""
    try:
        cues = _cues_from_json(entry["cues"])
        return Transcript(cues, entry["source"], entry["language"], tuple(entry["notes"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
