"""Grammar tables of languages other than English, by ISO 639-1 code, for finding titles.

A language may be missing in any of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from chapterize.language import filler_words, has_spaces, stop_words

__all__ = ["Grammar", "grammar_of"]

# fmt: off
# Stop words allowed inside a phrase ("history of art").
_INSIDE = {
    "de": "der die das des dem den und für von vom in im mit zum zur auf als ohne gegen",
    "es": "de del la las los el y en con para por sin a al",
    "fr": "de du des la le les l' d' et en à au aux pour sur avec sans",
    "pt": "de do da dos das e em no na com para por sem a o os as",
    "it": "di del della dei delle dell' e in con per il la i le l' d' da al alla senza",
    "nl": "van de het een en in met voor op zonder",
    "ru": "и в на для с по о из от без", "uk": "і та в на для з по про від без",
    "pl": "i w na dla z do o od bez", "sv": "och i på för med av till utan",
    "da": "og i på for med af til uden", "no": "og i på for med av til uten",
}
# Words before a noun, and before a verb: a rough part-of-speech tagger.
_BEFORE_NOUN = {
    "es": "el la los las un una unos unas este esta estos estas mi su nuestro nuestra de con sobre",
    "fr": "le la les l' un une des du de d' ce cette ces mon ma notre votre leur sur avec",
    "pt": "o os as um uma uns este esta esse essa meu minha nosso nossa do da de com sobre",
    "it": "il lo la i gli le l' un una uno questo questa di del della dei delle con su nostro",
    "nl": "de het een deze dit die mijn onze hun van met over",
}
_BEFORE_VERB = {
    "es": "yo tú él ella nosotros ellos no que se me te nos",
    "fr": "je j' tu il elle on nous vous ils ne n' se pas",
    "pt": "eu você ele ela nós eles não que se",
    "it": "io tu lui lei noi voi loro non che si",
    "nl": "ik je jij hij zij we wij te niet",
}
# fmt: on


@dataclass(frozen=True)
class Grammar:
    """The word lists of a language; all words are in lower case."""

    language: str | None
    edge: frozenset[str]  # never the first or last word of a title
    inside: frozenset[str]  # those of them that may be inside
    before_noun: frozenset[str]
    before_verb: frozenset[str]

    @cached_property
    def spaced(self) -> bool:
        """Whether words are separated by spaces."""
        return has_spaces(self.language)


def grammar_of(language: str | None) -> Grammar:
    """The grammar of a language; nearly empty for None and for languages without lists."""
    code = language or ""
    inside, noun, verb = (
        frozenset(table.get(code, "").split()) for table in (_INSIDE, _BEFORE_NOUN, _BEFORE_VERB)
    )
    return Grammar(language, stop_words(code) | filler_words(code) | inside, inside, noun, verb)
