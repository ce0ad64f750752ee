"""When everything in a deck is said and shown, and what should be found in it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from deck_screens import FURNITURE, code_line
from deck_text import Deck, Page
from numpy.typing import NDArray
from sample_lecture import caption_cues
from sample_speech import Speaker

from chapterize.data import Cue, Word
from chapterize.timecode import format_timestamp

__all__ = ["State", "Talk", "gold_of", "time_talk", "write_captions"]

_WORDS_PER_SECOND = 2.6
_CHARACTERS_PER_SECOND = 4.6  # of Chinese
_ESPEAK_RATE = 158  # words per minute
_LEAD_OUT = 3.0


@dataclass(frozen=True)
class State:
    """What is on the screen from `start` on; a build is a new state of the same page."""

    start: float
    page: Page
    lines: tuple[str, ...]
    is_build: bool


@dataclass
class Talk:
    """A deck with times in seconds."""

    deck: Deck
    states: list[State] = field(default_factory=list)
    chapters: list[tuple[float, str]] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    samples: list[NDArray[np.int16]] = field(default_factory=list)
    sample_rate: int = 0
    duration: float = 0.0


def time_talk(deck: Deck) -> Talk:
    """Speak the deck, in silence or with espeak, and note when everything happens.

    Pauses do not depend on the slides, and a slide comes up to 0.8 s too early or too late.
    """
    talk, rng = Talk(deck), random.Random(deck.name)
    speaker = None
    if voice := deck.settings.get("voice"):
        speaker = Speaker(voice, round(_ESPEAK_RATE * float(deck.settings.get("pace", 1))))
        talk.sample_rate = speaker.sample_rate
    clock, paragraph = 0.0, list[Word]()
    for kind, what in deck.events():
        if isinstance(what, Page):
            start = clock + rng.uniform(-0.6, 0.8)
            start = max(start, talk.states[-1].start + 1.0) if talk.states else 0.0
            talk.states.append(State(start, what, tuple(what.lines), kind == "build"))
        elif kind == "chapter":
            _flush(talk, paragraph)
            pause = rng.uniform(0.3, 1.4)
            clock += pause
            talk.samples.append(np.zeros(round(pause * talk.sample_rate), np.int16))
            talk.chapters.append((clock, what))
        else:
            clock = _say(what, clock, talk, paragraph, speaker)
            pause = rng.choice((0.25, 0.3, 0.4, 0.5, 0.7, 1.1))
            clock += pause
            talk.samples.append(np.zeros(round(pause * talk.sample_rate), np.int16))
            if pause > 0.6:
                _flush(talk, paragraph)
    _flush(talk, paragraph)
    tail = float(deck.settings.get("tail", _LEAD_OUT))
    talk.samples.append(np.zeros(round(tail * talk.sample_rate), np.int16))
    talk.duration = round(clock + tail, 1)
    return talk


def _say(
    text: str, clock: float, talk: Talk, paragraph: list[Word], speaker: Speaker | None
) -> float:
    """Append the words of a sentence; returns its end."""
    if speaker is not None:
        spoken = speaker.say(text)
        talk.samples.append(spoken.samples)
        length = len(spoken.samples) / speaker.sample_rate
        ends = (*spoken.word_starts[1:], length)
        timed = zip(spoken.word_starts, ends, spoken.words, strict=True)
        paragraph += [Word(clock + start, clock + end, word) for start, end, word in timed]
        return clock + length
    pace = float(talk.deck.settings.get("pace", 1))
    if talk.deck.settings["language"] == "zh":
        length = len(text) / _CHARACTERS_PER_SECOND / pace
        talk.cues.append(Cue(clock, clock + length, text))
        return clock + length
    words = text.split()
    sizes = np.cumsum([0.0, *(0.4 + 0.12 * len(word) for word in words)])
    times = clock + sizes / sizes[-1] * len(words) / _WORDS_PER_SECOND / pace
    paragraph += [
        Word(float(a), float(b), w) for (a, b), w in zip(pairwise(times), words, strict=True)
    ]
    return float(times[-1])


def _flush(talk: Talk, paragraph: list[Word]) -> None:
    if paragraph:
        talk.cues += caption_cues(paragraph)
        paragraph.clear()


def gold_of(talk: Talk) -> dict[str, Any]:
    """What should be found; times in seconds."""
    states = [state for state in talk.states if not state.is_build]
    ends = [*(state.start for state in states[1:]), talk.duration]
    settings = talk.deck.settings
    footers = settings.get("footer", "").split("|") + settings.get("sections", "").split("|")
    screens = [state.page for state in states if state.page.kind == "screen"]
    furniture = [*footers, settings.get("logo", ""), *(page.heading for page in screens)]
    # The headline of a web page is no menu.
    shown = [page.lines["browser" in page.flags :] for page in screens]
    furniture += [code_line(line) for lines in shown for line in lines]
    return {
        "name": talk.deck.name,
        "half": talk.deck.name.partition("-")[0],
        **{key: settings[key] for key in ("title", "language", "style")},
        "duration": talk.duration,
        "pages": [
            {
                "start": round(state.start, 1),
                "end": round(end, 1),
                "kind": state.page.kind,
                "heading": state.page.gold_heading,
                "topic": state.page.topic,
                "is_agenda": "agenda" in state.page.flags,
                "is_section": "section" in state.page.flags,
                "lines": [line for line in state.page.lines if not line.startswith(("!", "|"))],
            }
            for state, end in zip(states, ends, strict=True)
        ],
        "builds": [round(state.start, 1) for state in talk.states if state.is_build],
        "chapters": [{"start": round(start, 2), "title": title} for start, title in talk.chapters],
        "terms": [term.strip() for term in settings.get("terms", "").split(",") if term.strip()],
        "furniture": [text.strip() for text in (*furniture, *FURNITURE) if text.strip()],
        "has_burnt_in_subtitles": "subtitles" in settings,
    }


def write_captions(talk: Talk, target: Path) -> None:
    """Write the words as SubRip."""
    blocks = [
        f"{number}\n{format_timestamp(cue.start, separator=',')} --> "
        f"{format_timestamp(cue.end, separator=',')}\n{cue.text}\n"
        for number, cue in enumerate(talk.cues, 1)
    ]
    target.write_text("\n".join(blocks), encoding="utf-8")
