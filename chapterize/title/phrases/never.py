"""What may never be a title in English, and which words make a question."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

__all__ = [
    *("ASKING", "EMPTY", "LIGHT", "OWN", "POINTING", "VERBS"),
    *("asks_well", "is_broken", "is_title", "may_stand_alone"),
]

COMMON = 7.4
"""Logarithm of the rank of a word among the pieces of the static table, whose first thousand are
letters and signs: a single word that is more common ("world", "system") is no title.
"""
_SHORT = 8.0
"""The same for a name of two letters."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# fmt: off
# Heads that say nothing before "of": "kinds of tools" becomes "tools".
LIGHT = _words("""cent percent kind kinds sort sorts lot lots bunch couple number type types piece
    pieces part parts way ways example examples thing things bit bits amount set series case cases
    form forms level levels point points side sides end middle rest top bottom one ones pair
    variety range majority half list group groups version versions ton tons plenty loads dozens
    hundreds thousands millions billions bytes kilobytes megabytes gigabytes terabytes instance
    instances concept notion notions permutation permutations""")
# Words before a preposition that speak about the video or the speaker.
OWN = _words("""podcast episode video show talk fan fans critique experience time life day version
    versions""")
# Last words of no title.
EMPTY = _words("""kind kinds sort sorts lot lots bunch couple part parts way ways example examples
    thing things bit bits amount rest middle bottom one ones variety majority half ton tons plenty
    loads stuff guy guys people person man men woman day days time times year years moment minute
    minutes second seconds hour hours week weeks month months question questions answer answers
    fact facts reason reasons idea ideas sense place places beginning start word words somebody
    everybody thank thanks today yesterday tomorrow night tonight morning afternoon evening
    episode episodes video videos podcast show talk lecture slide slides section chapter next
    first last same other others many much whole hand hands pretty good great nice bad big little
    new old really sure different important interesting cool matter matters chance course god gosh
    dude folks mind yep nope ya em kinda sorta cause plus anyways anyway something anything
    everything everyone job cup gentleman lady gentlemen ladies sir madam chair friend friends
    colleague colleagues hon mr mrs ms dr area areas topic topics subject aspect aspects regard
    respect terms term kid kids buddy awesome fun luck pleasure honour honor round while favor
    favour bye sake direction opinion extent degree sentence past purposes pun puns suggestion
    suggestions difference look feel situation comment comments huh wow yeah ability purpose
    introduction conclusion mmm percent bucks minister ministers speaker speakers thoughts dollars
    euro euros cent cents pounds""")
# First words that point outside the title or only fill it, next to those of `small_words`.
_VAGUE = _words("""first second single bigger biggest bit entire additional specific real funny
    favourite favorite lovely weird amazing honourable hon dear half former latter previous
    following upcoming recent similar obvious basic simple nasty dumb stupid silly worst glad
    afraid excited fantastic easy slow minded serious clear including regarding according
    depending concerning considering referring speaking sitting waiting pending resulting
    remaining underlying existing current multiple overall limited brief typical ideal potential
    usual earlier increasing one add remove create encode decode consume choose introducing
    explaining wondering realizing realising knowing meaning consuming switching""")
_PROFANE = _words("""shit shitty fuck fucks fucked fucking fucker motherfucker damn damned goddamn
    ass asses asshole bullshit crap crappy hell bitch bitches piss pissed dick dicks bastard wtf
    cunt""")
ASKING = ("what", "how", "why", "when", "where", "who", "which", "whose",
          "what's", "how's", "who's", "where's")
VERBS = ("is", "are", "do", "does", "did", "can", "could", "should", "would", "will", "was",
         "were", "has", "have", "isn't", "aren't", "don't", "doesn't", "didn't", "can't")
_SUBJECTS = _words("""i you we he she it they there this that these those the a an my your our his
    her their its any anybody anyone people some all""")
_AGENTS = ("who", "what", "which")
# Words anywhere in a phrase that say nothing without their sentence.
_NOWHERE = _words("""every each single multiple several various certain other others same such own
    whole entire everybody everyone somebody someone anybody anyone something anything madam
    mister mr mrs ms honourable chairman chairwoman chairperson""")
_NEVER_ALONE = _words("""number numbers feature features detail details situation situations
    perspective perspectives scratch archive aside highlights expert junior senior attitude alice
    bob carol dave step steps option options tool tools edit choice choices weekend track""")
# "Part 2" and "user 3" count; "Windows 11" and "51 Pegasus" are names.
_COUNTED = _words("""user step part phase chapter number figure slide day line page section
    question item round option case example point node block week year hour minute attack team
    player person episode lesson lecture meeting exercise party""")
_NUMBERS = _words("one two three four five six seven eight nine ten")
_SIGNS = frozenset({"dot", "slash", "dash", "hash", "underscore", "colon", "comma"})
_LINKING = _words("""of for in with to on between without against and or vs versus the a an""")
# What is left of a contraction that was cut in half.
_SCRAPS = frozenset({"s", "t", "m", "d", "re", "ve", "ll"})
_SOUNDS = frozenset({"um", "uh", "er", "ah", "hmm", "mm", "mhm"})
POINTING = _words("""this that these those it he she they him her them there here me us else then
    so i we my our i'm i'll you're we're we'll his hers theirs""")
_LOOSE_ENDS = _words("""and or but so like right know yeah huh okay ok then though the a an is are
    of my your our its their very really just to mean think say saying""")
# fmt: on


def may_stand_alone(word: str, tag: str, commonness: float) -> bool:
    """Whether a single word may be a title: a name, or a word that is not too common."""
    if len(word) < 2 or not word.isascii() or word in _NEVER_ALONE:
        return False
    if len(word) == 2:  # "AI"
        return tag == "m" and commonness >= _SHORT
    return tag == "m" or commonness >= COMMON


def is_title(words: Sequence[str], tags: str) -> bool:
    """Whether a phrase may be a title at all, given its words in lower case and their tags."""
    if not (_PROFANE | _SCRAPS).isdisjoint(words):
        return False
    if is_broken([word for word in words if word not in _LINKING]):
        return False
    if words[0] in _VAGUE or not words[0][0].isalnum():
        return False
    # "kinds of tools" and "level", but not "type system"
    if words[0] in LIGHT and (len(words) == 1 or words[1] == "of"):
        return False
    # "r_0", from a formula; "sapper dot dev", from an address
    if any(word[1:2] == "_" for word in words) or not _SIGNS.isdisjoint(words[1:]):
        return False
    if words[-1].endswith("'s") or not (words[-1][-1].isalnum() or words[-1][-1] in "+#"):
        return False
    if not _NOWHERE.isdisjoint(words) or _counts(words, tags):
        return False
    return words[-1] not in EMPTY or (tags[-1] == "m" and len(words) > 1)


def is_broken(words: Sequence[str]) -> bool:
    """Whether a word is said twice, or cut off and said again ("cri criteria"), in any language.

    `words` are without prepositions and articles, which many words begin like.
    """
    if len({word.rstrip("s") for word in words}) < len(words):
        return True
    return any(after.startswith(word) for word, after in pairwise(words))


def _counts(words: Sequence[str], tags: str) -> bool:
    """Whether a number in the phrase only counts or numbers something: "two wallets", "user 3"."""
    if words[0][0].isdigit() and (len(words) == 1 or tags[1] not in "m"):
        return True
    is_part = "of" in words  # "four stages of sleep"
    for (word, after), tag in zip(pairwise(words), tags, strict=False):
        if after.isdigit() and (tag == "n" or word in _COUNTED):
            return True
        if word in _COUNTED and after in _NUMBERS:
            return True
        is_number = word.isdigit() or (word in _NUMBERS and not is_part)
        if is_number and "m" not in tags and "s" in (after[-1], words[-1][-1]):
            return True
    return False


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
