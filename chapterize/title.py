"""A title for each chapter: what it says that the rest of the video does not.

Candidates are phrases of one to five words that neither begin nor end in a stop word. A phrase is
worth the mean class-based tf-idf of its words (Grootendorst 2022), how early in the chapter it is
said, and whether it stands in a sentence that announces something.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations, pairwise
from typing import Protocol

from chapterize.language import (
    filler_words,
    find_cue_words,
    guess_language,
    has_case,
    has_spaces,
    normalise_language,
    stop_words,
)

__all__ = ["KeyphraseTitler", "Titler", "numbered_titles"]

MAX_CHARACTERS = 60  # YouTube cuts titles in the player at about 50, in the list at 70
MAX_WORDS = 6
_PHRASE_WORDS = 5
_WORD_CHARACTERS = 40  # longer "words" are addresses and noise
_EARLY = 3.0  # sentences after which being early is worth half
_CUED = 12  # an announcement after this many sentences is not the chapter's own

# Fitted by least squares to ROUGE-L against hand-made titles of five kinds of recordings, each
# left out in turn; rounded, because the optimum is flat.
_WEIGHT_TOPIC = 0.175
_WEIGHT_EARLY = 0.10
_WEIGHT_CUE = 0.03
_WEIGHT_NOUN = 0.05
_WEIGHT_REPEATED = 0.005
# Without spaces the longer of two overlapping runs is the more likely to be whole words.
_WEIGHT_LENGTH = 0.15
_COMPANION = 0.8
_COMPANION_WORDS = 5
_LONGER = 0.9
_TRIED = 20

# fmt: off
_NUMBERED = {
    "en": "Chapter {}", "ar": "الفصل {}", "bg": "Глава {}", "ca": "Capítol {}",
    "cs": "Kapitola {}", "da": "Kapitel {}", "de": "Kapitel {}", "el": "Κεφάλαιο {}",
    "es": "Capítulo {}", "fa": "فصل {}", "fi": "Luku {}", "fr": "Chapitre {}", "he": "פרק {}",
    "hi": "अध्याय {}", "hr": "Poglavlje {}", "hu": "{}. fejezet", "id": "Bab {}",
    "it": "Capitolo {}", "ja": "第{}章", "ko": "제{}장", "nl": "Hoofdstuk {}",
    "no": "Kapittel {}", "pl": "Rozdział {}", "pt": "Capítulo {}", "ro": "Capitolul {}",
    "ru": "Глава {}", "sk": "Kapitola {}", "sr": "Поглавље {}", "sv": "Kapitel {}",
    "th": "บทที่ {}", "tr": "Bölüm {}", "uk": "Розділ {}", "vi": "Chương {}", "zh": "第{}章",
}
_AND = {
    "en": "and", "de": "und", "es": "y", "fr": "et", "pt": "e", "it": "e", "nl": "en", "ru": "и",
    "uk": "і", "pl": "i", "sv": "och", "da": "og", "no": "og", "cs": "a", "tr": "ve", "ja": "と",
    "zh": "和", "id": "dan", "fi": "ja", "ro": "și", "hu": "és", "ca": "i", "el": "και",
}
# Stop words that may stand inside a phrase ("history of art"), small in an English title.
_INSIDE = {
    "en": "of the and to in for with on vs versus a an as by from over at into or",
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
# What stands before a noun, and what stands before a verb: a part-of-speech tagger for the poor.
_BEFORE_NOUN = {
    "en": """the a an this these those my your our his her its their some any of in for with on
        about from by no each every""",
    "es": "el la los las un una unos unas este esta estos estas mi su nuestro nuestra de con sobre",
    "fr": "le la les l' un une des du de d' ce cette ces mon ma notre votre leur sur avec",
    "pt": "o os as um uma uns este esta esse essa meu minha nosso nossa do da de com sobre",
    "it": "il lo la i gli le l' un una uno questo questa di del della dei delle con su nostro",
    "nl": "de het een deze dit die mijn onze hun van met over",
}
_BEFORE_VERB = {
    "en": """i you we they he she it to can could will would should must may might not don't didn't
        doesn't can't let's gonna i'll you'll we'll they'll just also never always who please""",
    "es": "yo tú él ella nosotros ellos no que se me te nos",
    "fr": "je j' tu il elle on nous vous ils ne n' se pas",
    "pt": "eu você ele ela nós eles não que se",
    "it": "io tu lui lei noi voi loro non che si",
    "nl": "ik je jij hij zij we wij te niet",
}
_KOREAN_PARTICLES = (
    "에서는", "으로는", "이라는", "에서", "으로", "에게", "까지", "부터", "처럼", "보다", "하고",
    "이나", "라는", "은", "는", "이", "가", "을", "를", "의", "에", "로", "와", "과", "도", "만",
)
# fmt: on

# \w leaves out the vowel signs of Indic scripts and Thai, without which words fall apart.
_LETTER = (
    r"[\w\u0300-\u036f\u05b0-\u05c7\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
    r"\u0e30-\u0e4e\u0eb0-\u0ece\u102b-\u103e\u17b4-\u17d3]"
)
_TOKEN = re.compile(rf"{_LETTER}+(?:[.\-'+#&/\u200c]{_LETTER}+)*[+#]{{0,2}}")
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|(?:d|n|s)?ell|all|un|quest)'", re.I)
_CONTRACTED = re.compile(r"'(?:re|ve|ll|d|m|t)$|^\d+(?:st|nd|rd|th)$")
_JAPANESE_RUN = re.compile(r"[一-鿿々]+|[ァ-ヺー]+|[A-Za-z0-9][A-Za-z0-9.+#-]*")
_MARKS = r"\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc\u0ec6-\u0ece\u102b-\u103e\u17b4-\u17d3"
_SAME_SCRIPT = re.compile(rf"[A-Za-z][A-Za-z0-9.+#-]*|(?:[^\W\dA-Za-z_]|[{_MARKS}])+")
# What cannot be torn apart: in Thai a consonant with the vowels around it, else one character.
_CLUSTER = re.compile(rf"[\u0e40-\u0e44\u0ec0-\u0ec4]?.[{_MARKS}]*")
_LOOSE = {"zh": "是在我你他她它们這这那很就也都和跟与把被着过说要会能有不个一"}
_RUN_CHARACTERS = 12
_RUN_CLUSTERS = {"zh": 6, "ja": 6}


class Titler(Protocol):
    """Names chapters; `fingerprint` changes whenever the titles could."""

    @property
    def fingerprint(self) -> str:
        """Name and version of what makes the titles."""

    def title(
        self, chapters_text: Sequence[Sequence[str]], *, language: str | None
    ) -> tuple[str, ...]:
        """One title for each chapter, given its sentences; `language` as ISO 639-1 or None."""


def numbered_titles(n: int, language: str | None) -> tuple[str, ...]:
    """``Chapter 1`` to ``Chapter n`` in the language, English where we do not know the word."""
    form = _NUMBERED.get(normalise_language(language) or "en", _NUMBERED["en"])
    return tuple(form.format(number) for number in range(1, n + 1))


class KeyphraseTitler:
    """Titles of 2 to 6 words (2 to 12 characters without spaces) out of the transcript itself.

    Deterministic, no two titles alike, at most 60 characters. A chapter that says nothing is
    numbered.
    """

    @property
    def fingerprint(self) -> str:
        """Name and version of what makes the titles."""
        return "keyphrase/1"

    def title(
        self, chapters_text: Sequence[Sequence[str]], *, language: str | None
    ) -> tuple[str, ...]:
        """One title for each chapter, given its sentences; a language of None is guessed."""
        chapters = [[_tidy(sentence) for sentence in chapter] for chapter in chapters_text]
        code = normalise_language(language) or guess_language(" ".join(_first(chapters, 400)))
        grammar = _grammar(code)
        fallback = numbered_titles(len(chapters), code)
        # Reserved, so that a chapter about "Chapter 3" cannot take another one's number.
        taken = {_fold(title.split()) for title in fallback}
        speech = _spaced(chapters, grammar) if grammar.spaced else _unspaced(chapters, grammar)
        weights = _topic_weights([chapter.bag for chapter in speech.chapters])
        titles = []
        for chapter, weight, number in zip(speech.chapters, weights, fallback, strict=True):
            ranked = _rank(chapter.phrases, weight, speech.nouns)
            title = _compose(ranked, speech.spelling, grammar, taken)
            titles.append(title or number)
        return tuple(titles)


@dataclass(frozen=True)
class _Grammar:
    """What the search needs to know of a language; all words in lower case."""

    language: str | None
    edge: frozenset[str]  # never first or last in a title
    inside: frozenset[str]  # of these, what may stand within
    before_noun: frozenset[str]
    before_verb: frozenset[str]

    @cached_property
    def spaced(self) -> bool:
        return has_spaces(self.language)


@dataclass(frozen=True)
class _Chapter:
    """`bag`: the words (or, without spaces, the phrases) that carry topic, each as often as said;
    `phrases`: the candidates.
    """

    bag: list[str]
    phrases: list[_Phrase]


@dataclass(frozen=True)
class _Speech:
    """`spelling`: how a word is written; `nouns`: -1 (verb) to 1 (noun), by its neighbours."""

    chapters: list[_Chapter]
    spelling: dict[str, str]
    nouns: dict[str, float]


@dataclass(slots=True)
class _Phrase:
    """One candidate of one chapter; `first` is the sentence in which it is first said."""

    words: tuple[str, ...]
    first: int
    count: int = 0
    is_announced: bool = False
    fullness: float = 0.0  # without spaces: how near it comes to the longest there may be
    score: float = 0.0


@cache
def _grammar(language: str | None) -> _Grammar:
    code = language or ""
    inside, noun, verb = (
        frozenset(table.get(code, "").split()) for table in (_INSIDE, _BEFORE_NOUN, _BEFORE_VERB)
    )
    return _Grammar(language, stop_words(code) | filler_words(code) | inside, inside, noun, verb)


def _tidy(sentence: str) -> str:
    return unicodedata.normalize("NFC", sentence).replace("’", "'")


def _first(chapters: Iterable[Sequence[str]], n: int) -> list[str]:
    return [sentence for chapter in chapters for sentence in chapter[:n]][:n]


def _fold(words: Iterable[str]) -> tuple[str, ...]:
    """Equal for titles that a reader takes for the same: case, plural s and order aside."""
    return tuple(sorted(w.rstrip("s") if len(w) > 3 else w for w in map(str.casefold, words)))


def _spaced(chapters: Sequence[Sequence[str]], grammar: _Grammar) -> _Speech:
    """Words and phrases of a language with spaces."""
    tokens = [[_tokens(sentence, grammar) for sentence in chapter] for chapter in chapters]
    every = [sentence for chapter in tokens for sentence in chapter]
    spelling = _spelling(every)
    stems = _korean_stems(spelling) if grammar.language == "ko" else {}
    lowered = [[[stems.get(w, w) for w in map(str.lower, s)] for s in c] for c in tokens]
    spelling.update({stem: stem for stem in stems.values()})
    found = [
        _Chapter(
            [w for sentence in chapter for w in sentence if w and w not in grammar.edge],
            _with_noun_last(_spaced_phrases(chapter, sentences, grammar), spelling, grammar),
        )
        for chapter, sentences in zip(lowered, chapters, strict=True)
    ]
    return _Speech(found, spelling, _nouns(lowered, grammar))


def _tokens(sentence: str, grammar: _Grammar) -> list[str]:
    """Words as written, with "" wherever something stands between two that a phrase cannot span."""
    tokens: list[str] = []
    end = None
    for match in _TOKEN.finditer(sentence):
        if end is not None and sentence[end : match.start()].strip():
            tokens.append("")
        end = match.end()
        word = match.group().strip("_")
        article = _ELIDED.match(word) if grammar.language in {"fr", "it", "ca"} else None
        if article and article.end() < len(word):
            tokens.append(article.group())
            word = word[article.end() :]
        tokens.append(word if len(word) <= _WORD_CHARACTERS else "")
    return tokens


def _spelling(sentences: Sequence[Sequence[str]]) -> dict[str, str]:
    """How each word is most often written where a sentence does not make it begin with a capital.

    A transcript in capitals tells nothing, and all its words become small.
    """
    inner: dict[str, Counter[str]] = {}
    outer: dict[str, Counter[str]] = {}
    n_upper = n_cased = 0
    for sentence in sentences:
        previous = ""
        for word in sentence:
            table = inner if previous else outer
            table.setdefault(word.lower(), Counter())[word] += 1
            previous = word
            n_upper += word.isupper() and len(word) > 1
            n_cased += len(word) > 1
    if n_upper > 0.5 * n_cased:
        return {word: word for word in (*inner, *outer)}
    # Only ever first in a sentence: its capital says nothing, those further inside do.
    first = {
        low: low if (seen := max(forms, key=forms.__getitem__)) == low.capitalize() else seen
        for low, forms in outer.items()
    }
    return first | {low: max(forms, key=forms.__getitem__) for low, forms in inner.items()}


def _korean_stems(words: Iterable[str]) -> dict[str, str]:
    """Words without their particle, where the rest is seen alone or with another particle too."""
    known = set(words)
    ends: dict[str, set[str]] = {}
    for word in known:
        for particle in _KOREAN_PARTICLES:
            if word.endswith(particle) and len(word) - len(particle) >= 2:
                ends.setdefault(word[: -len(particle)], set()).add(particle)
    return {
        stem + particle: stem
        for stem, particles in sorted(ends.items(), key=lambda item: -len(item[0]))
        for particle in particles
        if stem in known or len(particles) > 1 or particle in "은는을를"
    }


def _spaced_phrases(
    chapter: Sequence[Sequence[str]], sentences: Sequence[str], grammar: _Grammar
) -> list[_Phrase]:
    """Every run of one to five words that could be a title."""
    phrases: dict[tuple[str, ...], _Phrase] = {}
    for index, words in enumerate(chapter):
        announced = index < _CUED and bool(find_cue_words(sentences[index], grammar.language))
        for run in _runs(words, grammar):
            phrase = phrases.get(run)
            if phrase is None:
                phrase = phrases[run] = _Phrase(run, index)
            phrase.count += 1
            phrase.is_announced |= announced
    return list(phrases.values())


def _with_noun_last(
    phrases: list[_Phrase], spelling: dict[str, str], grammar: _Grammar
) -> list[_Phrase]:
    """German writes its nouns with a capital, and a title ends in one."""
    if grammar.language != "de":
        return phrases
    ended = [phrase for phrase in phrases if spelling[phrase.words[-1]] != phrase.words[-1]]
    return ended or phrases


def _runs(words: Sequence[str], grammar: _Grammar) -> Iterator[tuple[str, ...]]:
    fit = [bool(word) and word not in grammar.edge and _is_fit(word) for word in words]
    for start, is_fit in enumerate(fit):
        if not is_fit or words[start][0].isdigit():
            continue
        for end in range(start, min(len(words), start + _PHRASE_WORDS)):
            if fit[end]:
                if end > start and words[end] in words[start:end]:
                    break
                yield tuple(words[start : end + 1])
            elif words[end] not in grammar.inside:
                break


@cache
def _is_fit(word: str) -> bool:
    """Whether a word may begin or end a title."""
    return len(word) > 1 and word[-1] != "'" and not _CONTRACTED.search(word)


def _nouns(chapters: Sequence[Sequence[Sequence[str]]], grammar: _Grammar) -> dict[str, float]:
    noun: Counter[str] = Counter()
    verb: Counter[str] = Counter()
    for chapter in chapters:
        for words in chapter:
            for before, word in pairwise(words):
                if before in grammar.before_noun:
                    noun[word] += 1
                elif before in grammar.before_verb:
                    verb[word] += 1
    return {
        word: (noun[word] - verb[word]) / (noun[word] + verb[word] + 2) for word in (*noun, *verb)
    }


def _topic_weights(bags: Sequence[Sequence[str]]) -> list[dict[str, float]]:
    """Class-based tf-idf of each chapter's words, its strongest word at 1.0."""
    if not any(bags):
        return [{} for _ in bags]
    import numpy as np
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(analyzer=list, dtype=np.float32)
    counts = counter.fit_transform(bags).tocsr()
    words = counter.get_feature_names_out().tolist()
    total = np.asarray(counts.sum(axis=0)).ravel()
    rarity = np.log1p(counts.sum() / len(bags) / total)
    weights = []
    for row in range(len(bags)):
        span = slice(counts.indptr[row], counts.indptr[row + 1])
        columns = counts.indices[span]
        values = counts.data[span] * rarity[columns]
        values = (values / values.max(initial=1e-9)).tolist()
        weights.append({words[c]: v for c, v in zip(columns.tolist(), values, strict=True)})
    return weights


def _rank(
    phrases: Sequence[_Phrase], weight: dict[str, float], nouns: dict[str, float]
) -> list[_Phrase]:
    for phrase in phrases:
        topical = [weight[word] for word in phrase.words if word in weight]
        telling = [nouns.get(word, 0.0) for word in phrase.words if word in weight]
        phrase.score = (
            _WEIGHT_TOPIC * sum(topical) / len(topical)
            + _WEIGHT_EARLY / (1 + phrase.first / _EARLY)
            + _WEIGHT_CUE * phrase.is_announced
            + _WEIGHT_NOUN * sum(telling) / len(telling)
            + _WEIGHT_REPEATED * (phrase.count > 1)
            + _WEIGHT_LENGTH * phrase.fullness
        )
    return sorted(phrases, key=lambda phrase: (-phrase.score, phrase.first, phrase.words))


def _compose(
    ranked: Sequence[_Phrase],
    spelling: dict[str, str],
    grammar: _Grammar,
    taken: set[tuple[str, ...]],
) -> str | None:
    """The best title still free, marked as taken; None when there is none."""
    for words in _drafts(ranked, grammar):
        key = _fold(words)
        title = _cased(words, spelling, grammar)
        if key not in taken and len(title) <= MAX_CHARACTERS:
            taken.add(key)
            return title
    return None


def _drafts(ranked: Sequence[_Phrase], grammar: _Grammar) -> Iterator[tuple[str, ...]]:
    """Titles from the best on: phrases, then pairs of words, then single words."""
    if not grammar.spaced:
        yield from (phrase.words for phrase in ranked)
        return
    phrases = [phrase for phrase in ranked if len(phrase.words) > 1]
    single = [phrase.words for phrase in ranked if len(phrase.words) == 1][:_TRIED]
    link = (_AND[grammar.language],) if grammar.language in _AND else ()
    for phrase in phrases[:_TRIED]:
        yield _accompanied(_lengthened(phrase, phrases), ranked, link)
    for phrase in phrases:
        yield phrase.words
    for first, second in combinations(single, 2):
        yield (*first, *link, *second)
    yield from single


def _lengthened(phrase: _Phrase, phrases: Sequence[_Phrase]) -> _Phrase:
    """The longest phrase around this one that is worth nearly as much."""
    best = phrase
    for other in phrases[:_TRIED]:
        if other.score < _LONGER * phrase.score:
            break
        n = len(phrase.words)
        if len(other.words) > len(best.words) and any(
            other.words[i : i + n] == phrase.words for i in range(len(other.words) - n + 1)
        ):
            best = other
    return best


def _accompanied(
    phrase: _Phrase, ranked: Sequence[_Phrase], link: tuple[str, ...]
) -> tuple[str, ...]:
    """The phrase, and the next best one that says something else, if it is short and good."""
    if not link:
        return phrase.words
    known = set(_fold(phrase.words))
    for other in ranked:
        if other.score < _COMPANION * phrase.score:
            break
        if known.isdisjoint(_fold(other.words)):
            words = (*phrase.words, *link, *other.words)
            return words if len(words) <= _COMPANION_WORDS else phrase.words
    return phrase.words


def _cased(words: Sequence[str], spelling: dict[str, str], grammar: _Grammar) -> str:
    """English in title case, other languages in sentence case, names as they are written."""
    written = [spelling.get(word, word) for word in words]
    if not grammar.spaced:
        return "".join(written)
    if not has_case(grammar.language):
        return " ".join(written)
    for index, word in enumerate(written):
        is_edge = index in (0, len(written) - 1)
        raise_it = index == 0 or (
            grammar.language == "en" and (is_edge or word.lower() not in grammar.inside)
        )
        if raise_it and word == word.lower():
            written[index] = word[:1].upper() + word[1:]
    return " ".join(written).replace("' ", "'")


def _unspaced(chapters: Sequence[Sequence[str]], grammar: _Grammar) -> _Speech:
    """Phrases of Japanese, Chinese, Thai and others that set no spaces."""
    cut = _japanese_runs if grammar.language == "ja" else _character_runs
    longest = _RUN_CLUSTERS.get(grammar.language or "", 8)
    found = []
    for sentences in chapters:
        phrases: dict[str, _Phrase] = {}
        whole: set[str] = set()
        for index, sentence in enumerate(sentences):
            announced = index < _CUED and bool(find_cue_words(sentence, grammar.language))
            for run, is_whole in cut(sentence, grammar):
                fullness = min(1.0, len(_CLUSTER.findall(run)) / longest)
                phrase = phrases.setdefault(run, _Phrase((run,), index, fullness=fullness))
                phrase.count += 1
                phrase.is_announced |= announced
                if is_whole:
                    whole.add(run)
        kept = [phrases[run] for run in phrases if run in whole] + _unbroken(phrases, whole)
        found.append(_Chapter([p.words[0] for p in kept for _ in range(p.count)], kept))
    return _Speech(found, {}, {})


def _japanese_runs(sentence: str, grammar: _Grammar) -> Iterator[tuple[str, bool]]:
    """Kanji, katakana and Latin runs, and neighbours of them, also across one の.

    Hiragana carries the grammar, so the change of script is where words end.
    """
    runs = list(_JAPANESE_RUN.finditer(sentence))
    for index, first in enumerate(runs):
        if first.group() in grammar.edge:
            continue
        end = first.end()
        for last in runs[index : index + 4]:
            between = sentence[end : last.start()] if last is not first else ""
            if between not in {"", "の"} or last.group() in grammar.edge:
                break
            end = last.end()
            text = sentence[first.start() : end]
            if (
                2 <= len(text) <= _RUN_CHARACTERS
                and not text[0].isdigit()
                and not (len(last.group()) == 1 and between == "の")
            ):
                yield text, True


def _character_runs(sentence: str, grammar: _Grammar) -> Iterator[tuple[str, bool]]:
    """All runs of characters between stop words and marks; True for those that fill the gap."""
    loose = _LOOSE.get(grammar.language or "", "")
    longest = _RUN_CLUSTERS.get(grammar.language or "", 8)
    for piece in _stop_pattern(grammar).split(sentence):
        for match in _SAME_SCRIPT.finditer(piece):
            text = match.group()
            if text[0].isascii():
                yield text, len(text) > 1
                continue
            clusters = _CLUSTER.findall(text)
            for start, first in enumerate(clusters):
                if first in loose:
                    continue
                for end in range(start + 1, min(len(clusters), start + longest)):
                    if clusters[end] not in loose:
                        fills = start == 0 and end == len(clusters) - 1
                        yield "".join(clusters[start : end + 1]), fills


@cache
def _stop_pattern(grammar: _Grammar) -> re.Pattern[str]:
    # Single characters are parts of other words far too often to cut at, but for the plainest.
    shortest = 2 if grammar.language == "zh" else 4
    words = sorted((w for w in grammar.edge if len(w) >= shortest), key=lambda w: (-len(w), w))
    return re.compile(
        rf"(?:{'|'.join([*map(re.escape, words), '[的了吗嗎呢吧啊嘛]'])})(?![{_MARKS}])"
    )


def _unbroken(phrases: dict[str, _Phrase], whole: set[str]) -> list[_Phrase]:
    """Runs said twice or more that are not always part of one and the same longer run."""
    broken: set[str] = set()
    for run, phrase in phrases.items():
        for part in (run[:-1], run[1:]):
            if part in phrases and phrases[part].count == phrase.count:
                broken.add(part)
    return [
        phrase
        for run, phrase in phrases.items()
        if phrase.count > 1 and run not in broken and run not in whole
    ]
