"""Generate captions of any length for the benchmark: seeded speech that changes topic."""

from __future__ import annotations

import random
from collections.abc import Iterator

from chapterize.timecode import format_timestamp

__all__ = ["spoken_captions"]

WORDS_PER_MINUTE = 150
_CHAPTER_SECONDS = (120, 540)
_CUE_WORDS = 13

_TOPICS = {
    "bread": "dough yeast flour oven crust gluten starter baker loaf crumb proofing rye salt",
    "volcanoes": "magma crater lava eruption ash vent basalt mantle gas summit caldera tremor",
    "orchestras": "violin conductor score oboe rehearsal tempo string brass hall audience bow",
    "bees": "hive queen worker nectar pollen comb swarm honey brood drone flower beekeeper smoke",
    "railways": "locomotive signal track boiler carriage platform gauge tunnel steam timetable",
    "databases": "index query table transaction row schema replica lock cache backup join storage",
    "tailoring": "fabric seam needle pattern lapel thread wool lining button sleeve stitch collar",
    "glaciers": "ice crevasse moraine meltwater valley snow core climate fjord sediment slope",
    "printing": "type press ink page letter paper block typesetter margin proof edition plate",
    "medicine": "vaccine antibody trial patient dose virus immunity symptom doctor fever cell",
    "gardens": "soil compost seed root pruning hedge rose greenhouse bulb mulch frost orchard",
    "sailing": "sail mast keel wind rudder tack harbour anchor rope hull regatta skipper current",
    "telescopes": "mirror lens galaxy star orbit spectrum dome exposure planet nebula sensor comet",
    "bridges": "arch cable span pier load girder river rivet tower concrete traffic foundation",
    "chess": "opening bishop pawn endgame tempo gambit rook castle sacrifice clock tournament",
    "cheese": "milk rennet curd rind cellar whey goat mould salt press wheel dairy ripening",
}
_TEMPLATES = (
    "What most people never notice about the {0} is how much it depends on the {1}.",
    "If you look closely at the {0}, you will see that the {1} and the {2} belong together.",
    "My grandfather used to say that a good {0} begins with the {1}, and I think he was right.",
    "So we took the {0} apart, measured the {1}, and wrote everything down.",
    "Without the {0} there would be no {1} at all, and the {2} would hardly matter.",
    "The trouble is that every {0} behaves differently once the {1} has changed.",
    "There are three things to remember here: the {0}, the {1}, and above all the {2}.",
    "You can hear it when the {0} meets the {1}.",
    "For a long time nobody knew why the {0} came before the {1}.",
    "I tried it myself last year with an old {0}, and it worked better than I had hoped.",
    "Compare that with the {0}, which needs far less {1} than you would expect.",
    "And that is the moment when the {0} finally gives way to the {1}.",
)
_FILLERS = (
    "That is perhaps the most important point of all.",
    "Let me say that once more, because it surprised me too.",
    "I will come back to this in a minute.",
    "People often ask me whether that is really true.",
    "It took us a while to find out.",
)


def spoken_captions(duration: float, seed: int = 7) -> str:
    """SRT text of about `duration` seconds of speech; the same seed gives the same text."""
    rows = []
    for number, (start, end, text) in enumerate(_cues(duration, random.Random(seed)), 1):
        first, last = (format_timestamp(time, separator=",") for time in (start, end))
        rows.append(f"{number}\n{first} --> {last}\n{text}\n")
    return "\n".join(rows)


def _cues(duration: float, rng: random.Random) -> Iterator[tuple[float, float, str]]:
    clock = 0.0
    while clock < duration:
        topic = _TOPICS[rng.choice(list(_TOPICS))].split()
        chapter_end = clock + rng.uniform(*_CHAPTER_SECONDS)
        while clock < min(chapter_end, duration):
            words = _sentence(topic, rng).split()
            for at in range(0, len(words), _CUE_WORDS):
                piece = words[at : at + _CUE_WORDS]
                spoken = 60.0 * len(piece) / WORDS_PER_MINUTE
                yield clock, clock + 0.95 * spoken, " ".join(piece)
                clock += spoken


def _sentence(topic: list[str], rng: random.Random) -> str:
    if rng.random() < 0.15:
        return rng.choice(_FILLERS)
    return rng.choice(_TEMPLATES).format(*rng.sample(topic, 3))
