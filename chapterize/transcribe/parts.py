"""Recognised parts of a file: kept in a journal one by one, put together into a transcript."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from chapterize.data import Cue, Transcript, Word
from chapterize.language import language_name
from chapterize.transcribe.cues import describe_dropped, drop_loops

__all__ = ["Part", "assemble", "resume", "transcript_from_json", "whisper_code"]

Number = TypeVar("Number", int, float)

# Codes that Whisper names in an older way than users do.
_WHISPER_CODES = {"nb": "no", "jv": "jw", "iw": "he", "fil": "tl", "cmn": "zh"}
_ISO_CODES = {"jw": "jv"}

_FEWEST_SECONDS, _SMALLEST_SHARE = 10.0, 0.03
"""Speech in a second language that is worth a note."""


@dataclass(frozen=True)
class Part:
    """The recognised windows of one batch.

    `start`, `end` : samples of the file; the next part begins at `end`. `language` : that of the
    last window, in which the next batch is tried first. `spoken` : seconds of speech by the
    language in which they were recognised; `sounds` : by the language that they clearly sound
    like. `dropped` : numbers of cues by reason.
    """

    start: int
    end: int
    language: str | None
    cues: tuple[Cue, ...]
    spoken: dict[str, float]
    sounds: dict[str, float]
    dropped: dict[str, int]


def whisper_code(language: str | None) -> str | None:
    """``pt-BR`` as Whisper calls it: ``pt``."""
    if not language:
        return None
    code = language.strip().casefold().replace("_", "-").split("-")[0]
    return _WHISPER_CODES.get(code, code)


def assemble(finished: list[Part], source: str, asked: str | None) -> Transcript:
    """The whole transcript, without loops; its notes say what was dropped and which languages.

    `asked` is the language the user named, as written. The language of the transcript is the one
    in which most was said.
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
        notes += (f"This model knows only {_name(main)}, so {_name(wanted)} was not used.",)
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
        f"{_name(wanted)} was asked for, but {sounds[other] / total:.0%} of the speech sounds like "
        f"{_name(other)}. Whisper then translates instead of transcribing: run it again with "
        f"--language {other}, or without --language.",
    )


def _name_languages(spoken: dict[str, float]) -> tuple[str, ...]:
    total = sum(spoken.values())
    heard = sorted(spoken, key=lambda code: -spoken[code])
    others = [
        code for code in heard[1:] if spoken[code] >= max(_FEWEST_SECONDS, _SMALLEST_SHARE * total)
    ]
    if not others:
        return ()
    shares = [f"{_name(code)} ({spoken[code] / total:.0%})" for code in (heard[0], *others)]
    return (
        f"More than one language is spoken: {', '.join(shares)}. "
        f"The titles are in {_name(heard[0])}.",
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
    """The parts among the `entries` of a journal that follow one another from the start."""
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
    """A transcript from the JSON form of `dataclasses.asdict`; None when it is not one."""
    try:
        cues = _cues_from_json(entry["cues"])
        return Transcript(cues, entry["source"], entry["language"], tuple(entry["notes"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
