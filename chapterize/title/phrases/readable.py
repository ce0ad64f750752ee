"""Which English phrases and questions read like titles, and which words look alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["ASKING", "VERBS", "asks_well", "is_loose", "rough_stems"]

# fmt: off
ASKING = ("what", "how", "why", "when", "where", "who", "which", "whose",
          "what's", "how's", "who's", "where's")
VERBS = ("is", "are", "do", "does", "did", "can", "could", "should", "would", "will", "was",
         "were", "has", "have", "isn't", "aren't", "don't", "doesn't", "didn't", "can't")
_SUBJECTS = frozenset("""i you we he she it they there this that these those the a an my your our
    his her their its any anybody anyone people some all""".split())  # noqa: SIM905
_AGENTS = ("who", "what", "which")
_SOUNDS = frozenset({"um", "uh", "er", "ah", "hmm", "mm", "mhm"})
_LOOSE_ENDS = frozenset("""and or but so like right know yeah huh okay ok then though the a an is
    are of my your our its their very really just to""".split())  # noqa: SIM905
_LOOSE = frozenset("""straight okay ok yeah pretty super fairly else ahead forward besides plus
    aside alike apart alright oh wow hey hi hello gosh dude sorry please anymore twice once
    elsewhere instead otherwise meanwhile nowadays tonight etc gonna regardless somehow afterwards
    beforehand therefore hence thus furthermore moreover nevertheless whatsoever indeed welcome
    congrats congratulations right sort kind bit lot""".split())  # noqa: SIM905
# Words that end like an adverb but are none, or can also precede nouns.
_NO_ADVERBS = frozenset("""family assembly reply supply apply anomaly italy july monopoly daily
    weekly monthly hourly yearly early friendly elderly butterfly multiply rally jelly belly ally
    bully lily emily kelly sally billy molly costly deadly lovely lonely holy curly poly silly
    ugly fly rely comply imply grizzly firefly quarterly nightly melancholy duopoly
    disassembly shapely likely timely user-friendly""".split())  # noqa: SIM905
# fmt: on


def is_loose(word: str) -> bool:
    """Whether a word is an adverb or a filler, which cannot begin or end a title."""
    return word in _LOOSE or (len(word) > 4 and word.endswith("ly") and word not in _NO_ADVERBS)


def asks_well(words: Sequence[str]) -> bool:
    """Whether lower-case words are a complete question: a question word first, and a verb."""
    first, rest = words[0], words[1:]
    if not rest or set(rest) & set(ASKING) or words[-1] in _LOOSE_ENDS or _SOUNDS & set(words):
        return False
    if any(one == other for one, other in zip(words, rest, strict=False)):
        return False
    if first in VERBS:
        return rest[0] in _SUBJECTS and len(rest) > 1
    if first.endswith("'s"):
        return rest[0] not in VERBS
    if rest[0] in VERBS:
        return len(rest) > 1 and rest[1] not in VERBS
    # "how often do we see", "which wallet is best", "who uses it"
    return any(word in VERBS for word in rest[1:4]) or (first in _AGENTS and rest[0][-1:] == "s")


def rough_stems(words: Iterable[str]) -> set[str]:
    """Stems, equal for most inflections; "multisig" and "multisignature" share one."""
    return {word[:5].rstrip("s") if len(word) > 3 else word for word in words}
