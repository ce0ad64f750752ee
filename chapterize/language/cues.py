"""Phrases that announce a new topic.

The English phrases were counted at chapter starts in five kinds of recordings. Those kept are at
least three times as frequent there as elsewhere, in at least half of the kinds they occur in, or
are variants of such a phrase. The phrases in other languages are their counterparts.
"""

from __future__ import annotations

import re
from functools import cache

from chapterize.language.names import has_spaces, normalise_language
from chapterize.language.words import filler_words

__all__ = ["find_cue_words"]

_CUE_WORDS = 8  # words at the start of a sentence that can announce a topic
_CUE_CHARACTERS = 24  # the same for scripts without spaces
_HEAD = 200  # characters that always contain these words

# fmt: off
# "^" = only at the start of a sentence, after fillers.
_CUES = {
    "en": """let's talk about; let's talk; let's get into; let's get started; let's get to; let's
        start; let's begin; let's move on; let's move; let's look at; let's take a look; let's go
        to; let's go on; let's dive; let's switch; let's discuss; let's continue; ^now let's; on to
        the next; move on to; moving on; going to talk about; gonna talk about; want to talk about;
        wanted to talk about; like to talk about; talk a little bit about; the next thing; the next
        topic; the next question; the next one; ^next up; ^next one; ^next question; ^next we; ^next
        is; ^next topic; ^next thing; ^the next; ^next; another thing that; ^another question;
        ^another thing; ^first up; ^first question; ^first off; ^the first thing; ^so the first;
        ^the last thing; ^last thing; ^last question; ^last one; ^lastly; ^finally; ^before we; ^in
        summary; ^in conclusion; ^to summarize; ^to conclude; ^to wrap up; that brings us to; brings
        me to; ^going back to; switch gears; switching gears; jump into; ^so what is; ^now we're;
        ^all right so; ^speaking of; one more thing; ^good morning; ^thank you very much; question
        is from""",
    "de": """sprechen wir über; reden wir über; sprechen über; kommen wir zu; kommen wir zum; kommen
        wir jetzt; kommen wir nun; kommen wir zur; gehen wir weiter; weiter geht's; machen wir
        weiter; schauen wir uns; sehen wir uns; fangen wir an; beginnen wir; starten wir; ^als
        nächstes; das nächste thema; der nächste punkt; zum nächsten; die nächste frage; zum thema;
        ^zunächst; ^zuerst; ^als erstes; ^erstens; ^zum schluss; ^zum abschluss; ^abschließend;
        ^zusammenfassend; ^schließlich; ^herzlich willkommen; ^willkommen zurück; ein anderes thema;
        ^bevor wir""",
    "es": """hablemos de; hablemos sobre; vamos a hablar; quiero hablar; pasemos a; vamos a pasar;
        pasamos a; empecemos; vamos a empezar; comencemos; vamos a comenzar; vamos a ver; veamos; ^a
        continuación; el siguiente tema; la siguiente pregunta; el siguiente punto; el próximo tema;
        ^lo siguiente; ^en primer lugar; ^primero que nada; ^para empezar; ^por último; ^finalmente;
        ^para terminar; ^en resumen; ^en conclusión; ^bienvenidos; ^ahora vamos; otro tema; ^antes
        de empezar; cambiando de tema""",
    "fr": """parlons de; parlons du; parlons maintenant; on va parler; nous allons parler; je vais
        vous parler; passons à; passons au; on passe à; on va passer; commençons; on va commencer;
        on commence par; regardons; ^ensuite on; ^la suite; prochain sujet; prochaine question;
        question suivante; point suivant; ^tout d'abord; ^premièrement; ^pour commencer; ^enfin;
        ^pour finir; ^pour conclure; ^en résumé; ^en conclusion; ^bienvenue; ^bonjour à tous; autre
        sujet; ^avant de""",
    "pt": """vamos falar; quero falar; falemos; vamos passar; passemos; vamos começar; comecemos;
        vamos ver; ^a seguir; o próximo tema; a próxima pergunta; o próximo ponto; o próximo tópico;
        ^em primeiro lugar; ^primeiramente; ^para começar; ^por último; ^por fim; ^finalmente; ^para
        terminar; ^em resumo; ^resumindo; ^em conclusão; ^bem-vindos; ^agora vamos; outro assunto;
        mudando de assunto; ^antes de começar""",
    "it": """parliamo di; parliamo del; parliamo adesso; parliamo ora; vorrei parlare; passiamo a;
        passiamo al; passiamo alla; cominciamo; iniziamo; vediamo; andiamo avanti; ^il prossimo;
        prossimo argomento; prossima domanda; ^innanzitutto; ^prima di tutto; ^per cominciare;
        ^infine; ^per finire; ^per concludere; ^in sintesi; ^riassumendo; ^in conclusione;
        ^benvenuti; un altro tema; ^prima di""",
    "nl": """laten we het hebben over; laten we beginnen; we gaan het hebben; we gaan beginnen;
        laten we kijken; laten we verder; ^vervolgens; het volgende onderwerp; volgende vraag; ^ten
        eerste; ^allereerst; ^tot slot; ^ten slotte; ^samenvattend; ^welkom; ^voordat we""",
    "ru": """давайте поговорим; поговорим о; поговорим про; хочу поговорить; перейдём к; перейдем к;
        переходим к; начнём с; начнем с; давайте начнём; давайте начнем; давайте посмотрим;
        рассмотрим; следующая тема; следующий вопрос; ^следующий; ^следующее; ^во-первых; ^прежде
        всего; ^для начала; ^наконец; ^в заключение; ^подведём итоги; ^подведем итоги; ^итак; ^добро
        пожаловать; другая тема; ^прежде чем""",
    "pl": """porozmawiajmy o; przejdźmy do; przechodzimy do; zacznijmy; zaczynamy; zobaczmy;
        następny temat; kolejny temat; następne pytanie; ^po pierwsze; ^na początek; ^na koniec;
        ^podsumowując; ^witam; ^witajcie; ^zanim""",
    "ja": """について話; についてお話; についてご説明; について説明; についてご紹介;
        について紹介; に移ります; に移りたい; に入ります; 見ていきましょう; 見ていきたい;
        始めましょう; 始めていき; 次に; 続いて; 続きまして; それでは; では次; 次のテーマ;
        次の話題; 次の質問; まず最初に; まずは; 最後に; まとめると; まとめます; 話は変わ""",
    "zh": """我们来谈; 我们来聊; 来聊聊; 来谈谈; 来讲讲; 我们来讲; 我们来看; 来看一下; 接下来;
        下一个话题; 下一个问题; 下一个; 下面我们; 那么我们; 首先; 最后; 总结一下; 总之;
        总的来说; 換個話題; 换个话题; 我們來談; 我們來看; 接下來; 下一個; 下面我們; 最後;
        總結一下; 欢迎来到; 歡迎來到; 我们开始""",
    "ko": """에 대해 이야기; 에 대해서 이야기; 에 대해 알아; 에 대해 말씀; 살펴보겠습니다;
        알아보겠습니다; 시작하겠습니다; 시작해 보; 넘어가겠습니다; 넘어가서; 다음으로; 다음
        주제; 다음 질문; 우선; 먼저; 마지막으로; 정리하자면; 결론적으로""",
    "tr": """hakkında konuşalım; hakkında konuşacağız; bahsedelim; geçelim; başlayalım; bakalım; bir
        sonraki konu; sıradaki; ^öncelikle; ^ilk olarak; ^son olarak; ^özetle; ^sonuç olarak""",
}
_LEADS = {  # words allowed before a "^" phrase
    "en": "and but so then now oh because", "de": "und aber so dann jetzt nun",
    "es": "y pero ahora", "fr": "et mais alors maintenant", "pt": "e mas agora",
    "it": "e ma ora adesso", "ru": "и а но", "nl": "en maar nu", "pl": "a i ale teraz",
    "tr": "ve şimdi",
}
# fmt: on


def find_cue_words(text: str, language: str | None) -> tuple[str, ...]:
    """Lower-case phrases among the first eight words of a sentence that announce a new topic.

    Without a language, the phrases of all languages are tried.
    """
    code = normalise_language(language)
    codes = [code] if code in _CUES else [] if code else list(_CUES)
    words = re.findall(r"[\w'-]+", text[:_HEAD].lower().replace("’", "'"))
    head = " ".join(words[:_CUE_WORDS])
    found: dict[str, None] = {}
    for each in codes:
        part = head if has_spaces(each) else "".join(words)[:_CUE_CHARACTERS]
        for match in _cue_pattern(each).finditer(part):
            found[match.group("any") or match.group("first")] = None
    return tuple(found)


@cache  # 0.7 ms a call, and called for every sentence
def _cue_pattern(code: str) -> re.Pattern[str]:
    phrases = sorted((" ".join(p.split()) for p in _CUES[code].split(";")), key=len, reverse=True)
    first = "|".join(re.escape(p[1:]) for p in phrases if p.startswith("^"))
    anywhere = "|".join(re.escape(p) for p in phrases if not p.startswith("^"))
    if code == "ko" or not has_spaces(code):
        return re.compile(f"(?P<any>{anywhere})|(?P<first>(?!))")
    # Fillers before a phrase do not count: "okay, so, finally".
    openers = {*filler_words(code), *_LEADS.get(code, "").split()}
    lead = "|".join(map(re.escape, sorted(openers, key=len, reverse=True)))
    return re.compile(
        rf"(?<!\S)(?P<any>{anywhere})(?!\S)|^(?:(?:{lead}) )*(?P<first>{first})(?!\S)"
    )
