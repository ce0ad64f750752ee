"""Recognised parts of a file: their JSON form, and their assembly into a transcript."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from chapterize.data import Cue, Transcript, Word
from chapterize.language import language_name
from chapterize.transcribe.recognition import describe_dropped, drop_loops

__all__ = ["Part", "assemble", "resume", "transcript_from_json", "whisper_code"]

Number = TypeVar("Number", int, float)

# Codes for which Whisper uses an older or different name.
_WHISPER_CODES = {"nb": "no", "jv": "jw", "iw": "he", "fil": "tl", "cmn": "zh"}
_ISO_CODES = {"jw": "jv"}

_FEWEST_SECONDS, _SMALLEST_SHARE = 10.0, 0.03
"""Minimum speech in a second language that is reported in a note."""


@dataclass(frozen=True)
class Part:
    """The recognised windows of one batch.

    `start`, `end` : samples of the file; the next part starts at `end`. `language` : language of
    the last window, which the next batch tries first. `spoken` : seconds of speech by language of
    recognition. `sounds` : seconds of speech by detected language. `dropped` : number of dropped
    cues by reason.
    """

    start: int
    end: int
    language: str | None
    cues: tuple[Cue, ...]
    spoken: dict[str, float]
    sounds: dict[str, float]
    dropped: dict[str, int]


def whisper_code(language: str | None) -> str | None:
    """Return Whisper's code for a language tag: ``pt`` for ``pt-BR``."""
    if not language:
        return None
    code = language.strip().casefold().replace("_", "-").split("-")[0]
    return _WHISPER_CODES.get(code, code)


def assemble(finished: list[Part], source: str, asked: str | None) -> Transcript:
    """Return the whole transcript without loops; its notes cover dropped cues and languages.

    `asked` : the language that the user set, as written. The transcript's language is the one with
    the most speech.
    """
    dropped = Counter(_sum(part.dropped for part in finished))
    spoken = _sum(part.spoken for part in finished)
    sounds = _sum(part.sounds for part in finished)
    cues = sorted((cue for part in finished for cue in part.cues), key=lambda cue: cue.start)
    kept, n_loops = drop_loops(cues)
    dropped["repeated"] += n_loops
    wanted = whisper_code(asked)
    main = max(spoken, key=lambda code: spoken[code]) if spoken else None
    notes = describe_dropped(dropped)
    if wanted and main and main != wanted:
        notes += (f"This model supports only {_name(main)}, so {_name(wanted)} was not used.",)
    elif wanted:
        notes += _warn_of_translation(wanted, sounds, sum(spoken.values()))
    else:
        notes += _name_languages(spoken)
    language = main or wanted
    return Transcript(kept, source, _ISO_CODES.get(language or "", language), notes)


def _warn_of_translation(wanted: str, sounds: dict[str, float], total: float) -> tuple[str, ...]:
    other = max(sounds, key=lambda code: sounds[code], default=wanted)
    if other == wanted or sounds[other] < total / 2:
        return ()
    return (
        f"The language was set to {_name(wanted)}, but {sounds[other] / total:.0%} of the speech "
        f"sounds like {_name(other)}. In this case Whisper translates instead of transcribing: run "
        f"again with --language {other}, or without --language.",
    )


def _name_languages(spoken: dict[str, float]) -> tuple[str, ...]:
    total = sum(spoken.values())
    codes = sorted(spoken, key=lambda code: -spoken[code])
    fewest = max(_FEWEST_SECONDS, _SMALLEST_SHARE * total)
    others = [code for code in codes[1:] if spoken[code] >= fewest]
    if not others:
        return ()
    shares = [f"{_name(code)} ({spoken[code] / total:.0%})" for code in (codes[0], *others)]
    return (
        f"More than one language is spoken: {', '.join(shares)}. "
        f"The titles are in {_name(codes[0])}.",
    )


def _name(code: str) -> str:
    return language_name(_ISO_CODES.get(code, code))


def _sum(counts: Iterable[dict[str, Number]]) -> dict[str, Number]:
    total: dict[str, Number] = {}
    for each in counts:
        for name, count in each.items():
            total[name] = total.get(name, 0) + count
    return total


def resume(entries: Iterable[Any]) -> list[Part]:
    """Return the parts in the `entries` of a journal that are contiguous from the start."""
    finished: list[Part] = []
    for part in map(_part_from_json, entries):
        if part is not None and part.start == (finished[-1].end if finished else 0):
            finished.append(part)
    return finished


def _part_from_json(entry: Any) -> Part | None:
    try:
        return Part(
            int(entry["start"]),
            int(entry["end"]),
            entry["language"],
            _cues_from_json(entry["cues"]),
            {str(code): float(seconds) for code, seconds in entry["spoken"].items()},
            {str(code): float(seconds) for code, seconds in entry["sounds"].items()},
            {str(reason): int(n) for reason, n in entry["dropped"].items()},
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _cues_from_json(entries: Any) -> tuple[Cue, ...]:
    return tuple(
        Cue(c["start"], c["end"], c["text"], tuple(Word(**word) for word in c["words"]))
        for c in entries
    )


def transcript_from_json(entry: Any) -> Transcript | None:
    """Return the transcript whose `dataclasses.asdict` gave `entry`, or None if it is invalid."""
    try:
        cues = _cues_from_json(entry["cues"])
        return Transcript(cues, entry["source"], entry["language"], tuple(entry["notes"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
