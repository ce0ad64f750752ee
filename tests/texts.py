"""Text on several topics, for tests that need real text to segment."""

from __future__ import annotations

from pathlib import Path

from chapterize.data import Cue
from chapterize.timecode import format_timestamp

BREAD = [
    "Good bread starts with flour, water, salt and a little yeast.",
    "Mix the dough until no dry flour is left in the bowl.",
    "Let the dough rest for half an hour before you start kneading.",
    "Kneading builds the gluten that lets the loaf rise in the oven.",
    "When the dough has doubled, shape it and let it proof again.",
    "Bake the loaf in a very hot oven, with steam for the crust.",
    "The crust should be dark brown and the loaf should sound hollow.",
    "Let the bread cool on a rack before you slice the crumb.",
]
STARS = [
    "Now let's talk about the night sky and what you can see without a telescope.",
    "The brightest point after the moon is often the planet Venus.",
    "Planets do not twinkle, because they are discs and not points of light.",
    "Stars twinkle as their light crosses the moving air of the atmosphere.",
    "With binoculars you can see the four large moons of Jupiter.",
    "The band of the Milky Way is our own galaxy seen from within.",
    "A dark sky far from the city shows several thousand stars.",
    "A telescope gathers light and shows the rings of Saturn.",
]
TAXES = [
    "Next, a few words about your tax return and its deadlines.",
    "Keep the receipts of everything you want to deduct from your income.",
    "The tax office accepts the return on paper or through its portal.",
    "If you miss the deadline, you pay a fee for every month of delay.",
    "Freelancers pay their income tax in advance, every quarter.",
    "An accountant costs money, but the fee can be deducted as well.",
    "Check the notice from the tax office and object within a month.",
    "A refund usually arrives on your bank account after some weeks.",
]
TOPICS = (BREAD, STARS, TAXES)


def cues(*, seconds: float = 5.0, pause: float = 0.5) -> tuple[Cue, ...]:
    """One cue per sentence, `seconds` apart, each ending `pause` seconds before the next."""
    sentences = [sentence for topic in TOPICS for sentence in topic]
    return tuple(
        Cue(i * seconds, (i + 1) * seconds - pause, text) for i, text in enumerate(sentences)
    )


def write_srt(path: Path, spoken: tuple[Cue, ...]) -> Path:
    """Write `spoken` as a SubRip file."""
    blocks = [
        f"{number}\n{format_timestamp(cue.start, separator=',')} --> "
        f"{format_timestamp(cue.end, separator=',')}\n{cue.text}\n"
        for number, cue in enumerate(spoken, 1)
    ]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path
