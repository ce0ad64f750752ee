"""Where a line of a title may end, and what it costs to end it there.

Languages with spaces break between words; Japanese, Chinese and Thai break between phrases, which
BudouX finds (Google, 2021). Punctuation is a good place, and what belongs together is no place at
all: "10 %", "§ 5", "3 of 12", an emoji and its word. Only titles that do not fit otherwise are
broken inside words, where the dictionaries of LibreOffice hyphenate them (Pyphen).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from chapterize.rendering.overlay.clusters import clusters, is_colour_emoji

if TYPE_CHECKING:
    from budoux import Parser

__all__ = ["ANYWHERE", "INSIDE_WORDS", "WORDS", "Break", "break_places"]

WORDS, INSIDE_WORDS, ANYWHERE = range(3)
"""How deep breaks go: between words and phrases, inside words, between any characters."""

_INNER, _SPLIT, _ANY = 0.15, 0.3, 1.0  # costs within words and phrases
_ENDS = {**dict.fromkeys(".!?;:…。！？：；|–—", -0.2), **dict.fromkeys(",、，", -0.08)}
_NOT_FIRST = frozenset(
    "、。，．・：；？！）」』】〕〉》ー々〜～ゝヽぁぃぅぇぉっゃゅょァィゥェォッャュョ,.!?:;)]}%…‥”’»"
    "ๆฯะาำๅຳ་"
)
_NOT_LAST = frozenset("（「『【〔〈《([{“‘«¿¡เแโใไເແໂໃໄ")
_WIDE = ("CJK", "HIRAGANA", "KATAKANA", "FULLWIDTH", "IDEOGRAPHIC", "HALFWIDTH")
_SPACELESS = ("THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
_JOINED = ("ARABIC", "SYRIAC", "MONGOLIAN", "NKO")  # letters change their form at a break
_NEVER_FIRST_IN_CHINESE, _WORDS_IN_CHINESE = "的了吗呢吧们着过得地", "和与在是从到对为及或把被让有"
_DASHES = frozenset("-‐–—/")

_UNITS = (
    r"[%‰°€$£¥₹]|°[CF]|[kcmnµ]?m²?|[kmµ]?g|[cm]?l|[mµn]?s|min|h|[kMGT]?Hz|[kMGT]?Wh?|[km]?V|m?A|"
    r"[kKMGT]i?B|[kMGT]?bit(?:/s)?|px|dpi|fps|mph|km/h|m/s|Mio\.?|Mrd\.?|[Mm]illion(?:en|s)?|"
    r"[Bb]illion(?:s)?|[Mm]illiards?|Prozent|percent|EUR|USD|Euro|kcal|dB|MP|[ap]\.?m|Uhr"
)
# Articles, prepositions and conjunctions, which belong to the next word.
_LEADING_WORDS = """
the an of in on at to by for and or vs its his her my our your their der die das dem den des ein
eine im am zu zum zur und von vom mit für auf bei le la les un une de du des et en au aux il lo gli
di da con per el los las del para por com os as um uma do dos het een van met til på av och med det
"""
# The blanks in groups, or the whole match: no line ends there.
_GLUED = [
    re.compile(pattern)
    for pattern in (
        rf"(?<=\d) (?=(?:{_UNITS})(?!\w))",
        r"(?<=\d) (?=\d{3}(?!\d))",
        r"(?<=[§№#¶©$€£¥]) (?=\w)",
        r"(?=\d( )(?:[^\W\d]{1,3}|[-–/×+])( )\d)",
        r"(?<= [&+×]) ",
        r" (?=[-–—|•·/=:;!?»…]+(?: |$))",
        r"(?<=[«]) ",
        r"(?<![\w.])(?:Dr|Mrs?|Ms|Prof|Sra?|St|Nr|No|Art|Abs|Fig|Abb|Vol|Bd|Kap|Ch|pp?|vs|z|ca|bzw)"
        r"\.( )",
        r"(?<![\w.])[^\W\d_]\.( )(?=\w)",
    )
]
_ADDRESS = re.compile(r"[a-z]+://|www\.|\w[/\\_@]\w|\w\.\w|[a-z][A-Z]|\w-\w")
_ADDRESS_PART = re.compile(r"(?<=[/\\._@?&=#-])(?=[^\W_])|(?<=[a-z])(?=[A-Z])")
_COMPOUND, _PART = re.compile(r"[^\W_]{3,}[-‐–—/]\Z"), re.compile(r"[^\W\d_]{3,}")
_HOST = re.compile(r"[a-z]+://[^/]*")
_LONG_WORD = re.compile(r"[^\W\d_]{7,}")
_MARGIN = 3  # letters of a word on either side of a hyphen
# What of an unknown language its letters say, or its length: such words are mostly compounds.
_GERMAN = re.compile(r"[äöüß]|\w{18}", re.IGNORECASE)
_OTHER_SCRIPTS = {"el": "GREEK", **dict.fromkeys(("be", "bg", "mn", "ru", "uk", "sr"), "CYRILLIC")}
_USUAL = {"LATIN": "en", "CYRILLIC": "ru", "GREEK": "el"}
_VOWELS = "aeiouyäöüåæøıáéíóúâêîôûàèìòùãõőű"
_SYLLABLE = re.compile(rf"(?=[^\W\d_{_VOWELS}][{_VOWELS}])", re.IGNORECASE)


class Break(NamedTuple):
    """The index at which a line starts, the cost of a break there, the hyphen before it.

    Costs compare with the sum of squares of the widths of lines, as fractions of the full width.
    """

    at: int
    cost: float
    hyphen: str = ""


def break_places(text: str, language: str | None, depth: int = WORDS) -> list[Break]:
    """The places at which a line of `text` may start, in order, down to `depth`."""
    found = {place.at: place for place in _between_words(text)}
    phrases = _between_phrases(text, language)
    found.update((place.at, place) for place in phrases if place.at not in found)
    if depth >= INSIDE_WORDS:
        for place in (*_inside_words(text, language), *_inside_phrases(text)):
            found.setdefault(place.at, place)
    if depth >= ANYWHERE:
        for place in _anywhere(text):
            found.setdefault(place.at, place)
    glued = _glued(text) if depth < ANYWHERE else set()
    return [found[at] for at in sorted(found) if at not in glued]


def _pairs(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield the index of every cluster but the first, with the cluster before it and itself."""
    pieces = clusters(text)
    for at, (before, after) in zip(accumulate(map(len, pieces)), pairwise(pieces), strict=False):
        yield at, before, after


def _is_allowed(before: str, after: str) -> bool:
    return not (after.isspace() or after[0] in _NOT_FIRST or before[-1] in _NOT_LAST)


def _keeps_emoji(text: str, at: int, after: str) -> bool:
    """Whether a break between characters leaves an emoji with the text that it is next to."""
    return not is_colour_emoji(after) and not all(map(is_colour_emoji, clusters(text[:at])))


def _glued(text: str) -> set[int]:
    """The indices after blanks that join what belongs together."""
    found = {
        match.end(group)
        for pattern in _GLUED
        for match in pattern.finditer(text)
        for group in (range(1, pattern.groups + 1) if pattern.groups else (0,))
    }
    return found | set(_glued_to_emoji(text))


def _glued_to_emoji(text: str) -> Iterator[int]:
    """Yield where an emoji follows its word; at the start and after punctuation it leads one."""
    words = list(re.finditer(r"[^ ]+", text))
    are_emoji = [all(map(is_colour_emoji, clusters(word[0]))) for word in words]
    leads = True
    for (before, word), (was_emoji, is_emoji) in zip(
        pairwise(words), pairwise(are_emoji), strict=True
    ):
        if was_emoji and is_emoji:
            is_glued = not all(are_emoji)
        elif is_emoji:
            leads = before[0][-1] in _ENDS
            is_glued = not leads
        else:
            is_glued = was_emoji and leads
        if is_glued:
            yield word.start()


def _between_words(text: str) -> Iterator[Break]:
    """Yield the places after blanks, dashes in words, and marks that allow a break."""
    for at, before, after in _pairs(text):
        if not _is_allowed(before, after):
            continue
        if before == " " or before[-1] in "\u200b་":
            yield Break(at, _blank_cost(text, at))
        elif before in _DASHES and _is_compound(text, at):
            yield Break(at, 0.05)


def _is_compound(text: str, at: int) -> bool:
    """Whether a line may end after a dash: not in "e-mail", "24/7", "km/h" or an address."""
    is_long = _COMPOUND.search(text, 0, at) and _PART.match(text, at)
    return bool(is_long) and not _is_address(text, at)


def _blank_cost(text: str, at: int) -> float:
    before = text[:at].rstrip().rpartition(" ")[2]
    after = text[at:].partition(" ")[0]
    if not before or not after:
        return 0.0
    cost = -0.2 if before == "-" else _ENDS.get(before[-1], 0.0)
    if after[0] in _NOT_LAST:
        cost -= 0.05
    if before.isdigit() or (after[0].isdigit() and before[-1].isalpha()):
        cost += 0.12 if before[0].isupper() else 0.06  # "Chapter 5", "Python 3.12"; "5 years"
    if before.casefold() in _LEADING_WORDS.split() or (len(before) == 1 and before.isalpha()):
        cost += 0.04
    if _is_spaceless(before[-1]) and _is_spaceless(after[0]):
        cost -= 0.06  # these languages have blanks between clauses
    return cost


def _between_phrases(text: str, language: str | None) -> Iterator[Break]:
    """Yield the places between phrases of text without blanks, and between it and other text."""
    if not any(map(_has_phrases, text)):
        return
    phrases = _parser(_model(text, language)).parse(text)
    ends = dict(zip(accumulate(map(len, phrases)), map(len, phrases), strict=True))
    starts = {end - length: length for end, length in ends.items()}
    for at, before, after in _pairs(text):
        if before.isspace() or not (_has_phrases(before[0]) or _has_phrases(after[0])):
            continue
        is_end = at in ends or before[-1] in _ENDS or is_colour_emoji(before)
        if is_end and _is_allowed(before, after) and _keeps_emoji(text, at, after):
            yield Break(at, _phrase_cost(before, after, (ends.get(at, 2), starts.get(at, 2))))


def _phrase_cost(before: str, after: str, lengths: tuple[int, int]) -> float:
    """Single characters are mostly parts of a word that the model did not know."""
    if before[-1] in _ENDS:
        return _ENDS[before[-1]]
    cost = 0.02
    if after[0] in _NOT_LAST or before[-1] in "」』）】》":
        cost -= 0.04
    cost += 0.06 if lengths[0] == 1 and before not in _WORDS_IN_CHINESE else 0.0
    cost += 0.06 if lengths[1] == 1 and after not in _WORDS_IN_CHINESE else 0.0
    return cost + (0.15 if after[0] in _NEVER_FIRST_IN_CHINESE else 0.0)


def _model(text: str, language: str | None) -> str:
    """The name of the model for `text`: its script decides, for Han characters `language`."""
    names = {unicodedata.name(character, "").partition(" ")[0] for character in text}
    if "THAI" in names:
        return "thai"
    if names & {"HIRAGANA", "KATAKANA"} or language == "ja":
        return "japanese"
    encoded = [len(text.encode(name, "ignore")) for name in ("gb2312", "big5")]
    return "simplified_chinese" if encoded[0] >= encoded[1] else "traditional_chinese"


@cache
def _parser(model: str) -> Parser:
    import budoux

    parser: Parser = getattr(budoux, f"load_default_{model}_parser")()
    return parser


def _inside_words(text: str, language: str | None) -> Iterator[Break]:
    """Yield the places at which addresses, code and long words may be broken."""
    for word in re.finditer(r"[^ \u00a0]+", text):
        start, end = word.span()
        if _ADDRESS.search(word[0]):
            host = _HOST.match(word[0])
            for part in _ADDRESS_PART.finditer(word[0], 0 if host is None else host.end()):
                at = start + part.start()
                if min(at - start, end - at) >= 2:
                    yield Break(at, 0.1 if text[at - 1] in "/?&" else 0.25)
    for word in _LONG_WORD.finditer(text):
        if not _is_address(text, word.start() + 1):
            for at in _hyphens(word[0], language):
                if _MARGIN <= at <= len(word[0]) - _MARGIN:
                    yield Break(word.start() + at, _INNER, "-")


def _is_address(text: str, at: int) -> bool:
    """Whether the word around an index is an address or code, in which a hyphen would mislead."""
    word = text[:at].rpartition(" ")[2] + text[at:].partition(" ")[0]
    return bool(re.search(r"[a-z]+://|www\.|\w[\\_@]\w|\w\.\w", word))


def _hyphens(word: str, language: str | None) -> list[int]:
    """The indices at which `word` may be hyphenated; before syllables without a dictionary."""
    script = unicodedata.name(word[0], "").partition(" ")[0]
    if script not in _USUAL:
        return []
    code = (language or "").replace("_", "-").partition("-")[0].lower()
    if not code and script == "LATIN" and _GERMAN.search(word):
        code = "de"
    if not code or _OTHER_SCRIPTS.get(code, "LATIN") != script:
        code = _USUAL[script]
    dictionary = _dictionary({"no": "nb"}.get(code, code))
    if dictionary is None:
        return [match.start() for match in _SYLLABLE.finditer(word)]
    # A position with data changes the spelling at the break.
    return [int(at) for at in dictionary.positions(word) if at.data is None]


@cache
def _dictionary(code: str) -> Any:
    import pyphen

    if pyphen.language_fallback(code) is None:
        return None
    return pyphen.Pyphen(lang=code)


def _inside_phrases(text: str) -> Iterator[Break]:
    """Yield the places between characters of scripts without blanks, and between emoji."""
    for at, before, after in _pairs(text):
        if before.isspace() or before.isdigit() or not _is_allowed(before, after):
            continue
        is_wide = _is_wide(before[0]) or _is_wide(after[0])
        if is_colour_emoji(before) and is_colour_emoji(after):
            yield Break(at, _INNER)
        elif is_wide and _keeps_emoji(text, at, after):
            yield Break(at, 2 * _SPLIT if _are_katakana(before, after) else _SPLIT)


def _anywhere(text: str) -> Iterator[Break]:
    """Yield the places between all characters, with a hyphen between letters that have one."""
    for at, before, after in _pairs(text):
        if before.isspace() or not _is_allowed(before, after):
            continue
        name = unicodedata.name(before[0], "")
        if name.startswith(_JOINED) or unicodedata.combining(before[-1]) == 9:  # a virama
            continue
        has_hyphen = before.isalnum() and after.isalnum() and not _is_spaceless(before[0])
        hyphen = "-" if has_hyphen and not _is_address(text, at) else ""
        yield Break(at, _ANY, hyphen)


def _is_wide(character: str) -> bool:
    """Whether its script has neither blanks between words nor forms that join them."""
    return unicodedata.name(character, "").partition(" ")[0].startswith(_WIDE)


def _has_phrases(character: str) -> bool:
    """Whether there is a model for its script."""
    return _is_wide(character) or "\u0e01" <= character <= "\u0e5b"


def _is_spaceless(character: str) -> bool:
    return unicodedata.name(character, "").partition(" ")[0].startswith((*_WIDE, *_SPACELESS))


def _are_katakana(before: str, after: str) -> bool:
    """Whether a break is probably inside a loanword."""
    return "\u30a1" <= before[0] <= "\u30fe" and "\u30a1" <= after[0] <= "\u30fe"
