"""Which words carry a topic: stop words, fillers of speech, and the words left without them."""

from __future__ import annotations

import re
from functools import cache

from chapterize.language.names import normalise_language

__all__ = ["filler_words", "stop_words", "topic_words"]

# fmt: off
_ENGLISH = """
a about above across after again against all almost along already also although always am among an
and another any anybody anyone anything anyway anywhere are around as ask asked asking at away back
be became because become becomes been before began begin being believe below best better between
both bring bringing bunch but by call called came can cannot cause come comes coming could couple
did different do does doing done down during each either else end enough etc even ever every
everybody everyone everything everywhere exactly far feel feels felt few find first for forth found
from full further gave get gets getting give given gives giving go goes going gone good got gotten
great had half happen happened happening happens happy hard has have having he hear heard her here
hers herself him himself his how however i idea if important in instead interested interesting into
is it its itself just keep kind kinds knew know known knows last later least less let lets like
liked likely little long look looked looking looks lot lots love made make makes making many may
maybe me mean means mentioned might mine more most much must my myself near need needed needs
neither never new next nice no nobody none nor not nothing now of off often old on once one ones
only onto or other others ought our ours ourselves out over own part particular people per perhaps
person piece place point possible pretty probably put puts putting question questions quick quickly
quite rather reason really remember right said same saw say saying says second see seeing seem
seemed seems seen several shall she should show showing side since so some somebody someone
something sometimes somewhat somewhere soon sort sorts start started starting starts still stop
stuff such sure take taken takes taking talk talked talking tell tend than thank thanks that the
their theirs them themselves then there therefore these they thing things think thinking this those
though thought three through thus till time times to today together told too took toward towards
tried try trying turn two under until up upon us use used uses using usually various very via want
wanted wants was way ways we well went were what whatever when where whether which while who whole
whom whose why will wish with within without wonder work worked working works would wrong year years
yes yet you your yours yourself yourselves able actual certain four five yesterday tomorrow episode
guess answer example bad big small high low interest wonderful awesome cool fine huge tiny gotta
wanna gonna kinda sorta dunno lemme gimme ain't aint isn't isnt let's y'all
"""
_EN_PRONOUNS = """
i you he she it we they that this there here who what where when why how those these
"""
_EN_NEGATED = """
aren can couldn didn doesn don hadn hasn haven isn mightn mustn needn oughtn shan shouldn wasn weren
won wouldn
"""
# Transcripts lose apostrophes, but without one these are different words.
_EN_REAL_WORDS = frozenset({"hell", "id", "ill", "shed", "shell", "wed", "cant"})

_CONTENT_WORDS = {
    "ru": """белый вечер взгляд вода война глаз голова голос город дверь день деньги дом дорога друг
        душа жена женщина жизнь земля имя книга комната лицо любить машина мать мир мира миллионов
        народ нога ночь отец писать плечо помнить процентов путь работа работать ребенок россия рука
        русский свет семья сидеть сила слово советский стол страна товарищ утро хороший человек
        москва история вопрос""",
    "pt": "apoio conselho corrente estado grupo noite nome povo relação sistema obra",
    "it": "città conclusione consiglio paese press gruppo futuro titolo attesa gente",
    "fr": "parole naturel naturelle naturelles force multiple multiples",
    "de": "ordnung mensch menschen",
    "es": "trabajo estados empleo",
    "zh": "零 日 年 时 月 光 打 区 个别",
    "ko": "영",
}
_MORE_STOP_WORDS = {
    "de": "the a of and mal sehr bereits sowie dabei etwas viel viele mehrere drei vier fünf",
    "fr": "l d j qu n s t m jusqu lorsqu puisqu très peut faut être avoir aller",
    "it": "l d un c dell all nell sull dall quest quell",
    "es": "hacer hace haciendo cómo qué dónde cuándo",
    "ja": """です ます ました でした ません でしょう ください こと もの とき ため よう ところ
        今日 今回""",
    "zh": "的 了 在 是 有 和 我 我们 你 你们 他 会 要 能 说 讲 看 一下 来 去 到 都 也 很",
}
_FILLERS = {
    "en": """um uh uhm umm hmm hm mm mhm ah oh eh er erm huh wow hey hi hello yeah yep yup nah nope
        ok okay alright like literally actually basically honestly obviously totally absolutely
        definitely essentially anyways anyhow well so right guys folks dude man thanks thank please
        sorry welcome bye goodbye cheers really just maybe gonna wanna gotta kinda sorta cause cuz
        cos yes sure crazy super gosh god whoa cool awesome morning afternoon everyone""",
    "de": """äh ähm ähem öh hm hmm mhm ja jaja nee ne nö okay ok also halt eben quasi sozusagen
        irgendwie eigentlich genau naja na gell gut mal doch nun tja ach oh ah klar echt ganz
        einfach natürlich wirklich praktisch hallo danke bitte tschüss super leute so jetzt dann
        schon übrigens jedenfalls glaube sagen sage sagt gesagt machen macht gemacht gibt geht
        sprechen reden kommen schauen sehen gehen beginnen starten fangen thema nächste nächsten
        nächstes heute zuerst zusammen""",
    "es": """eh em este pues bueno vale ok okay o sea sí no verdad digamos entonces así tipo ah oh
        ay mmm hola gracias adiós claro vamos mira oye realmente básicamente literalmente obviamente
        total nada hombre cosa cosas venga bien ahora aquí hablemos hablar pasemos pasar empecemos
        comencemos empezar comenzar veamos ver tema siguiente próximo""",
    "fr": """euh heu hum ben bah bon alors voilà quoi genre donc enfin hein ouais oui non ok okay
        effectivement justement finalement vraiment ah oh eh bonjour salut merci bref écoutez
        carrément franchement basiquement littéralement truc trucs chose choses fait faire ça
        parlons parler passons passer commençons regardons sujet prochain prochaine suivante""",
    "pt": """é hum ahn né tipo então bom bem ok okay sim não assim aí cara gente pois olha olá oi
        obrigado obrigada tchau realmente basicamente literalmente ah oh beleza coisa coisas agora
        falar falemos passar passemos começar comecemos ver tema assunto próximo próxima hoje""",
    "it": """eh ehm mmm beh allora cioè insomma ecco quindi tipo dai ok okay sì no bene praticamente
        diciamo magari vabbè ah oh ciao grazie davvero veramente proprio cosa cose fare fatto
        parliamo parlare passiamo cominciamo iniziamo vediamo andiamo argomento prossimo prossima
        oggi""",
    "nl": """eh uh uhm hm nou ja nee oké ok okay dus zeg maar eigenlijk gewoon toch hè goed even
        best wel zeker hoor ah oh hallo dank bedankt hoi doei natuurlijk ding dingen praten kijken
        beginnen onderwerp volgende vandaag""",
    "ru": """э эм ну вот типа короче так значит это да нет ага угу ладно окей ок просто как бы
        вообще собственно слушай привет спасибо пожалуйста конечно давайте давай сейчас поговорим
        поговорить говорить перейдём перейдем переходим начнём начнем рассмотрим посмотрим тема тему
        следующая следующий следующее""",
    "pl": """yyy eee no tak nie znaczy właśnie więc dobra okej ok jakby po prostu generalnie cześć
        dziękuję hej dzień dobry teraz""",
    "sv": "eh öh hm ja nej jo okej ok alltså liksom typ asså så ju väl nog hej tack bara",
    "tr": "şey yani işte hani ee ıı evet hayır tamam peki hadi merhaba teşekkürler şimdi",
    "ja": """えー えーと えっと あの あのー その そのー まあ まぁ ええ はい うん なんか ちょっと
        やっぱり やはり とりあえず みたいな みなさん 皆さん 皆様 ありがとう こんにちは""",
    "zh": """嗯 呃 啊 哦 噢 那个 这个 就是 然后 其实 所以 对 好 好的 吧 呢 嘛 就是说 反正 大家
        谢谢 你好""",
    "ko": """음 어 아 네 예 그 저 뭐 막 좀 이제 그냥 약간 그니까 그러니까 그래서 여러분
        안녕하세요 감사합니다""",
}
# fmt: on

_SHORTEST = 3
"""Letters of a word in a script with spaces; shorter words are mostly grammar."""

# Typographic, modifier, full-width and prime marks that stand for an apostrophe.
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’‛ʼ＇′´`", "'"))
# \w excludes the vowel signs of Indic scripts and Thai, without which words fall apart.
_LETTER = (
    r"(?:[^\W\d_\u3040-\u30ff\u3400-\u9fff]|[\u0300-\u036f\u05b0-\u05c7\u064b-\u065f\u0670"
    r"\u0900-\u0963\u0981-\u0dff\u0e30-\u0e4e\u0eb0-\u0ece\u102b-\u103e\u17b4-\u17d3])"
)
# Words, or in scripts without spaces runs of characters that are mostly nouns.
_WORD = re.compile(rf"{_LETTER}+(?:'{_LETTER}+)*'?|[\u30a1-\u30ff]{{2,}}|[\u3400-\u9fff]{{2,4}}")
# Not before an English ending: "all's" and "bell's" are not Italian.
_ELIDED = re.compile(
    r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|quelqu|a?gl|degl|[dns]?ell|[dc]?all|coll|sull"
    r"|(?:ness|ciasc|alc)?un|quest|quell|bell|sant|dov|com|anch|neanch)'(?!(?:s|d|m|t|ll|re|ve)$)"
)
_ELIDING = frozenset({"fr", "it", "ca", "oc", "pt", "ga"})
# "Rex's", "they'd've"; in Turkish a case ending follows the apostrophe of a name.
_ENDING = re.compile(r"'(?:s|d|m|ll|re|ve|em)?$")
_TURKISH_ENDING = re.compile(r"'.*$")
_NEGATED = re.compile(r"n't\b")
_EMPTY = frozenset(
    ("o'clock", "ma'am", "y'all", "y'know", "c'mon", "d'you", "d'accord", "aujourd'hui")
)


@cache  # 0.1 ms a call, and called for every sentence
def stop_words(language: str | None) -> frozenset[str]:
    """Lower-case words that carry no topic; empty for a language without a list.

    The English list is our own, because that of stopwordsiso contains "computer", "system", "web"
    and all country domains. From the other lists we remove the nouns we know of.
    """
    code = normalise_language(language)
    if code is None:
        return frozenset()
    if code == "en":
        return _english_stop_words()
    import stopwordsiso

    words = {word.casefold() for word in stopwordsiso.stopwords(code) if word[:1].isalpha()}
    words -= set(_CONTENT_WORDS.get(code, "").split())
    return frozenset(words | set(_MORE_STOP_WORDS.get(code, "").split()))


def _english_stop_words() -> frozenset[str]:
    contracted = {
        f"{p}'{end}" for p in _EN_PRONOUNS.split() for end in ("m", "re", "s", "d", "ll", "ve")
    }
    contracted |= {f"{verb}'t" for verb in _EN_NEGATED.split()}
    bare = {word.replace("'", "") for word in contracted} - _EN_REAL_WORDS
    return frozenset({*_ENGLISH.split(), *contracted, *bare})


def filler_words(language: str | None) -> frozenset[str]:
    """Lower-case filler words of speech ("um", "gonna", "basically"); may be empty."""
    return frozenset(_FILLERS.get(normalise_language(language) or "", "").split())


def topic_words(text: str, language: str | None) -> list[str]:
    """Words of `text` that carry a topic, in lower case and in order.

    Stop words are omitted, also when contracted ("shouldn't") or elided ("c'est"); "l'eau" gives
    "eau" and "Rex's" gives "rex". In Chinese and Japanese a word is a run of characters.
    Apostrophes may be typographic.
    """
    plain = stop_words(language)
    code = normalise_language(language)
    found = []
    for word in _WORD.findall(text.lower().translate(_APOSTROPHES)):
        if "'" in word:
            word = "" if word in plain or word in _EMPTY else _stem(word, code, plain)
        is_long = len(word) >= _SHORTEST or word[:1] >= "\u3040"
        if is_long and word not in plain:
            found.append(word)
    return found


def _stem(word: str, code: str | None, plain: frozenset[str]) -> str:
    """`word` without what an apostrophe attaches to it; empty for negated verbs and "doin'"."""
    if code in _ELIDING or code is None:
        while match := _ELIDED.match(word):
            word = word[match.end() :]
    if code == "tr":
        return _TURKISH_ENDING.sub("", word)
    if code in _ELIDING:
        return word.rstrip("'")
    if code in ("en", None) and _NEGATED.search(word):
        return ""
    if word.endswith("in'") and f"{word[:-1]}g" in plain:
        return ""
    while _ENDING.search(word):
        word = _ENDING.sub("", word)
    return word
