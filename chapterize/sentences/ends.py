"""Find the ends of sentences in punctuated text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chapterize.sentences.tokens import CLOSERS, Token

__all__ = ["sentence_ends"]

_MARKS = ".!?…。！？｡؟۔।॥։።។"
_LAST = frozenset(_MARKS + CLOSERS)
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]?")
_OPENERS = "\"'“‘„«‹([{¿¡「『（【〈《-–—"
_ORDINAL = re.compile(r"\d{1,2}")
_LIST_NUMBER = re.compile(r"\d{1,2}|[^\W\d_]")
# fmt: off
# Titles and other abbreviations that never end a sentence.
_NEVER_LAST = frozenset("""
dr mr mrs ms prof st mt ft vs cf fig figs vol pp approx dept est gen col capt lt sgt maj sen rep gov
rev hon pres supt cmdr hr fr frl dipl ing bzw ca evtl ggf sog vgl bspw zzgl inkl abb nr str geb
sr sra srta dra lic ud uds pág núm art aprox mme mlle mgr env sig sigg dott ecc av tel
jan feb mar apr jun jul aug sep sept oct nov dec viz al no z.b d.h u.a i.d.r e.g i.e p.ej p.ex
""".split())  # noqa: SIM905
# Abbreviations that may end a sentence: the next word decides.
_SELDOM_LAST = frozenset("""
inc ltd co corp bros jr etc usw u.s u.k e.u u.n a.m p.m ph.d b.c a.d d.c
""".split())  # noqa: SIM905
_LIKELY_FIRST = frozenset("""
the a an i we you he she it they this that these those there here so and but now then what when
where why how if in on at as for because my our your his her its their one some well okay ok yes no
der die das ein eine ich wir es sie und aber also dann jetzt was wenn el la los las un una yo es y
pero entonces le les il elle on nous vous je ce c'est et mais donc alors
""".split())  # noqa: SIM905
_MONTHS = frozenset("""
januar februar märz april mai juni juli august september oktober november dezember jahrhundert
""".split())  # noqa: SIM905
# fmt: on


def sentence_ends(tokens: Sequence[Token]) -> list[int]:
    """Indices of the tokens that follow the end of a sentence, except the end of the text."""
    following: dict[int, int] = {}
    for index, token in enumerate(tokens[:-1]):
        if token.text[-1] not in _LAST:
            continue
        body = token.text.rstrip(CLOSERS)
        if body and body[-1] in _MARKS:
            following[index] = index + 1
        elif not body and following.get(index - 1) == index:
            following[index - 1] = index + 1  # a separate closing quote, as in French
    # If sentences start in lower case, the case after a mark means nothing.
    lower = sum(tokens[index].text.lstrip(_OPENERS)[:1].islower() for index in following.values())
    has_case = lower * 2 <= len(following)
    ends: list[int] = []
    first = 0
    for index, after in following.items():
        text, next_text = tokens[index].text, tokens[after].text
        if _is_end(text, next_text, is_first=index == first, has_case=has_case):
            ends.append(after)
            first = after
    return ends


def _is_end(text: str, following: str, *, is_first: bool, has_case: bool) -> bool:
    """Whether a token with a terminal mark ends the sentence."""
    body = text.rstrip(CLOSERS)
    after = following.lstrip(_OPENERS)
    if body[-1] not in ".…!?":
        return True
    if has_case and after[:1].islower():
        return False
    if body[-1] != "." or body.endswith(".."):
        return True
    bare = body[:-1].lstrip(_OPENERS)
    word = bare.casefold()
    if word in _NEVER_LAST or (is_first and _LIST_NUMBER.fullmatch(bare)):
        return False
    if word in _SELDOM_LAST or ("." in bare and _DOTTED.fullmatch(bare)):
        return after.rstrip(".,").casefold() in _LIKELY_FIRST
    if len(bare) == 1 and bare.isupper():
        return False
    return not (_ORDINAL.fullmatch(bare) and after.rstrip(".,").casefold() in _MONTHS)
