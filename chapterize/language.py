"""What the stages need to know of a language: its name, stop words, fillers and announcing phrases.

Languages are named by ISO 639-1 codes. Transcripts are speech, so the lists know "gonna" and "um".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

__all__ = [
    "filler_words",
    "find_cue_words",
    "guess_language",
    "has_case",
    "has_spaces",
    "normalise_language",
    "stop_words",
]

_SAMPLE = 12_000  # characters looked at when guessing
_CUE_WORDS = 8  # words of a sentence in which it can announce something
_CUE_CHARACTERS = 24  # the same for scripts without spaces

# fmt: off
_CODES = {
    "ara": "ar", "bul": "bg", "cat": "ca", "ces": "cs", "chi": "zh", "cmn": "zh", "cze": "cs",
    "dan": "da", "deu": "de", "dut": "nl", "ell": "el", "eng": "en", "est": "et", "fas": "fa",
    "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de", "gre": "el", "heb": "he", "hin": "hi",
    "hrv": "hr", "hun": "hu", "in": "id", "ind": "id", "ita": "it", "iw": "he", "jpn": "ja",
    "kor": "ko", "may": "ms", "msa": "ms", "nb": "no", "nld": "nl", "nn": "no", "nob": "no",
    "nor": "no", "per": "fa", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru",
    "slk": "sk", "slo": "sk", "slv": "sl", "spa": "es", "srp": "sr", "swe": "sv", "tha": "th",
    "tur": "tr", "ukr": "uk", "vie": "vi", "yue": "zh", "zho": "zh",
}
_WITHOUT_SPACES = frozenset({"ja", "zh", "th", "lo", "km", "my"})
_WITHOUT_CASE = frozenset({"ka", "ar", "fa", "ur", "he", "hi", "bn", "ta", "te", "ko"})

# Most telling first: kana decides against Han, and a script of one language needs no word list.
_SCRIPTS = {
    "kana": "぀-ヿ", "ko": "가-힣ᄀ-ᇿ", "han": "一-鿿", "cyrillic": "Ѐ-ӿ", "el": "Ͱ-Ͽ",
    "arabic": "؀-ۿ", "he": "֐-׿", "th": "฀-๿", "hi": "ऀ-ॿ", "bn": "ঀ-৿", "gu": "઀-૿",
    "ta": "஀-௿", "te": "ఀ-౿", "kn": "ಀ-೿", "ml": "ഀ-ൿ", "si": "඀-෿", "lo": "຀-໿", "my": "က-႟",
    "km": "ក-៿", "ka": "Ⴀ-ჿ", "hy": "԰-֏", "am": "ሀ-፿", "latin": "A-Za-zÀ-ɏḀ-ỿ",
}
_FUNCTION_WORDS = {
    "latin": {
        "en": "the and of to is that it you was for are with this have they be on not but what",
        "de": """der die und das ist nicht ich ein zu es wir auch mit den sich auf sie eine dass
            wie""",
        "fr": "le la les et est que des un une pas dans vous je qui pour ce sur nous plus avec c",
        "es": "el la que y los es en un una las por con no se para lo como más pero del esto muy",
        "pt": """o que e a não do da um uma os com para é isso mas em você ele mais no na são
            muito""",
        "it": """il che di è e la non un per una sono gli del con questo ma come della anche più
            ho""",
        "nl": """de het een en van ik dat niet is zijn je we op met voor wat maar ook er aan te
            dit""",
        "sv": "och det att är jag en som inte på för med vi har du den ett av så men om till kan",
        "da": "og det er jeg at en ikke på for med vi har du den et af så men om til de kan hvad",
        "no": "og det er jeg at en ikke på for med vi har du den et av så men om til de kan hva",
        "fi": "ja on ei että se hän oli niin minä mutta kun ovat tämä mitä sen ole myös sitä jos",
        "pl": """nie to się i w na że jest z do co jak ale tak o jestem są tego czy dla już
            przez był""",
        "cs": "je se to na že v a jsem co ale tak jako by si jsou pro které byl jak ve být když",
        "sk": "je sa to na že v a som čo ale tak ako by si sú pre ktoré bol keď vo byť nie aj",
        "hu": "a az és hogy nem egy is ez de van csak meg már volt azt mint vagy én ha még el",
        "ro": "și este nu că o de la un cu pe mai în ce să se sunt din pentru care am dar fi",
        "tr": "bir ve bu da de için ne çok mi ben var değil gibi o daha ama olarak şey her kadar",
        "id": """yang dan di itu ini tidak dengan untuk saya dari kita ada akan ke apa bisa juga
            kami""",
        "vi": """và là của không có một được cho người trong các này với tôi những đã để khi bạn
            thì""",
        "hr": "je i da se u na to ne su za što od ja kao ali sam bi smo sve kako koji nije jer",
        "sl": "je in da se v na to ne so za kaj od jaz kot ampak sem bi smo ki pa ni kako tudi",
        "ca": """el la que i els és en un una les per amb no es del aquest com més però molt hi
            això""",
        "et": "ja on ei et see ta oli ka kui ma mis aga siis oma ning nii seda mida ole nagu",
        "sw": "ya na kwa ni wa katika la hii kuwa za sana kama yake watu hiyo lakini yao ambayo",
    },
    "cyrillic": {
        "ru": """и в не на что я с это как а по но он мы так вы все у его только было очень если
            что""",
        "uk": """і в не на що я з це як та але він ми так ви у його було дуже якщо або є цей до
            про""",
        "bg": "и в не на че да с това как са но той ние така вие за от се ще е много ако или по",
        "sr": "и у не на да је се то што су за од ја као али сам би смо све како који није јер",
        "be": "і ў не на што я з гэта як але ён мы так вы у яго было вельмі калі або ёсць да пра",
        "mk": "и во не на што да се тоа како сум но ние за од ќе е многу ако или по ги оваа со",
    },
    "arabic": {
        "ar": "في من على أن إلى هذا التي ما لا هو عن كان هذه مع الذي ذلك كل يعني هل قد",
        "fa": "در از به که این را با است برای آن یک می ما هم من و های خود تا شما",
        "ur": "کے کی میں ہے اور سے کا کو ہیں نے یہ کہ پر بھی وہ ہم نہیں اس تو ایک",
    },
    "han": {"zh": ""}, "kana": {"ja": ""},
}

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
whom whose why will wish with within without wonder work worked working works would wrong year
years yes yet you your yours yourself yourselves able actual certain four five yesterday tomorrow
episode guess answer example bad big small high low interest wonderful awesome cool fine huge tiny
gotta wanna gonna kinda sorta dunno lemme gimme cause ain't aint isn't isnt let's y'all
"""
_EN_PRONOUNS = """
i you he she it we they that this there here who what where when why how those these
"""
_EN_NEGATED = """
aren can couldn didn doesn don hadn hasn haven isn mightn mustn needn oughtn shan shouldn wasn
weren won wouldn
"""
# Apostrophes get lost in transcripts, but these are words of their own without one.
_EN_REAL_WORDS = frozenset({"hell", "id", "ill", "shed", "shell", "wed", "cant"})

_CONTENT_WORDS = {
    "ru": """белый вечер взгляд вода война глаз голова голос город дверь день деньги дом дорога
        друг душа жена женщина жизнь земля имя книга комната лицо любить машина мать мир мира
        миллионов народ нога ночь отец писать плечо помнить процентов путь работа работать
        ребенок россия рука русский свет семья сидеть сила слово советский стол страна товарищ
        утро хороший человек москва история вопрос""",
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
    "en": """um uh uhm umm hmm hm mm mhm ah oh eh er erm huh wow hey hi hello yeah yep yup nah
        nope ok okay alright like literally actually basically honestly obviously totally
        absolutely definitely essentially anyways anyhow well so right guys folks dude man
        thanks thank please sorry welcome bye goodbye cheers really just maybe gonna wanna gotta
        kinda sorta cause cuz cos yes sure crazy super gosh god whoa cool awesome morning
        afternoon everyone""",
    "de": """äh ähm ähem öh hm hmm mhm ja jaja nee ne nö okay ok also halt eben quasi sozusagen
        irgendwie eigentlich genau naja na gell gut mal doch nun tja ach oh ah klar echt ganz
        einfach natürlich wirklich praktisch hallo danke bitte tschüss super leute so jetzt dann
        schon übrigens jedenfalls glaube sagen sage sagt gesagt machen macht gemacht gibt geht
        sprechen reden kommen schauen sehen gehen beginnen starten fangen thema nächste
        nächsten nächstes heute zuerst zusammen""",
    "es": """eh em este pues bueno vale ok okay o sea sí no verdad digamos entonces así tipo ah
        oh ay mmm hola gracias adiós claro vamos mira oye realmente básicamente literalmente
        obviamente total nada hombre cosa cosas venga bien ahora aquí
        hablemos hablar pasemos pasar empecemos comencemos empezar comenzar veamos ver
        tema siguiente próximo""",
    "fr": """euh heu hum ben bah bon alors voilà quoi genre donc enfin hein ouais oui non ok
        okay effectivement justement finalement vraiment ah oh eh bonjour salut merci bref
        écoutez carrément franchement basiquement littéralement truc trucs chose choses fait
        faire ça
        parlons parler passons passer commençons regardons sujet prochain prochaine
        suivante""",
    "pt": """é hum ahn né tipo então bom bem ok okay sim não assim aí cara gente pois olha olá
        oi obrigado obrigada tchau realmente basicamente literalmente ah oh beleza coisa coisas
        agora
        falar falemos passar passemos começar comecemos ver tema assunto próximo próxima
        hoje""",
    "it": """eh ehm mmm beh allora cioè insomma ecco quindi tipo dai ok okay sì no bene
        praticamente diciamo magari vabbè ah oh ciao grazie davvero veramente proprio cosa cose
        fare fatto
        parliamo parlare passiamo cominciamo iniziamo vediamo andiamo argomento prossimo
        prossima oggi""",
    "nl": """eh uh uhm hm nou ja nee oké ok okay dus zeg maar eigenlijk gewoon toch hè goed even
        best wel zeker hoor ah oh hallo dank bedankt hoi doei natuurlijk ding dingen
        praten kijken beginnen onderwerp volgende vandaag""",
    "ru": """э эм ну вот типа короче так значит это да нет ага угу ладно окей ок просто как бы
        вообще собственно слушай привет спасибо пожалуйста короче конечно давайте давай сейчас
        поговорим поговорить говорить перейдём перейдем переходим начнём начнем рассмотрим
        посмотрим тема тему следующая следующий следующее""",
    "pl": """yyy eee no tak nie znaczy właśnie więc dobra okej ok jakby po prostu generalnie
        cześć dziękuję hej dzień dobry teraz""",
    "sv": "eh öh hm ja nej jo okej ok alltså liksom typ asså så ju väl nog hej tack bara",
    "tr": "şey yani işte hani ee ıı evet hayır tamam peki hadi merhaba teşekkürler şimdi",
    "ja": """えー えーと えっと あの あのー その そのー まあ まぁ ええ はい うん なんか ちょっと
        やっぱり やはり とりあえず みたいな みなさん 皆さん 皆様 ありがとう こんにちは""",
    "zh": """嗯 呃 啊 哦 噢 那个 这个 就是 然后 其实 所以 对 好 好的 吧 呢 嘛 就是说 反正 大家
        谢谢 你好""",
    "ko": """음 어 아 네 예 그 저 뭐 막 좀 이제 그냥 약간 그니까 그러니까 그래서 여러분
        안녕하세요 감사합니다""",
}

# Openings that announce a new topic. "^" = only first in the sentence, fillers aside.
_CUES = {
    "en": """let's talk about; let's talk; let's get into; let's get started; let's get to;
        let's start; let's begin; let's move on; let's move; let's look at; let's take a look;
        let's go to; let's go on; let's dive; let's switch; let's discuss; let's continue; ^now
        let's; on to the next; move on to; moving on; going to talk about; gonna talk about;
        want to talk about; wanted to talk about; like to talk about; talk a little bit about;
        the next thing; the next topic; the next question; the next one; ^next up; ^next one;
        ^next question; ^next we; ^next is; ^next topic; ^next thing; ^the next; ^next; another
        thing that; ^another question; ^another thing; ^first up; ^first question; ^first off;
        ^the first thing; ^so the first; ^the last thing; ^last thing; ^last question; ^last
        one; ^lastly; ^finally; ^before we; ^in summary; ^in conclusion; ^to summarize; ^to
        conclude; ^to wrap up; that brings us to; brings me to; ^going back to; switch gears;
        switching gears; jump into; ^so what is; ^now we're; ^all right so; ^speaking of; one
        more thing; ^good morning; ^thank you very much; question is from""",
    "de": """sprechen wir über; reden wir über; sprechen über; kommen wir zu; kommen wir zum;
        kommen wir jetzt; kommen wir nun; kommen wir zur; gehen wir weiter; weiter geht's;
        machen wir weiter; schauen wir uns; sehen wir uns; fangen wir an; beginnen wir; starten
        wir; ^als nächstes; das nächste thema; der nächste punkt; zum nächsten; die nächste
        frage; zum thema; ^zunächst; ^zuerst; ^als erstes; ^erstens; ^zum schluss; ^zum
        abschluss; ^abschließend; ^zusammenfassend; ^schließlich; ^herzlich willkommen;
        ^willkommen zurück; ein anderes thema; ^bevor wir""",
    "es": """hablemos de; hablemos sobre; vamos a hablar; quiero hablar; pasemos a; vamos a
        pasar; pasamos a; empecemos; vamos a empezar; comencemos; vamos a comenzar; vamos a ver;
        veamos; ^a continuación; el siguiente tema; la siguiente pregunta; el siguiente punto;
        el próximo tema; ^lo siguiente; ^en primer lugar; ^primero que nada; ^para empezar; ^por
        último; ^finalmente; ^para terminar; ^en resumen; ^en conclusión; ^bienvenidos; ^ahora
        vamos; otro tema; ^antes de empezar; cambiando de tema""",
    "fr": """parlons de; parlons du; parlons maintenant; on va parler; nous allons parler; je
        vais vous parler; passons à; passons au; on passe à; on va passer; commençons; on va
        commencer; on commence par; regardons; ^ensuite on; ^la suite; prochain sujet; prochaine
        question; question suivante; point suivant; ^tout d'abord; ^premièrement; ^pour
        commencer; ^enfin; ^pour finir; ^pour conclure; ^en résumé; ^en conclusion; ^bienvenue;
        ^bonjour à tous; autre sujet; ^avant de""",
    "pt": """vamos falar; quero falar; falemos; vamos passar; passemos; vamos começar;
        comecemos; vamos ver; ^a seguir; o próximo tema; a próxima pergunta; o próximo ponto; o
        próximo tópico; ^em primeiro lugar; ^primeiramente; ^para começar; ^por último; ^por
        fim; ^finalmente; ^para terminar; ^em resumo; ^resumindo; ^em conclusão; ^bem-vindos;
        ^agora vamos; outro assunto; mudando de assunto; ^antes de começar""",
    "it": """parliamo di; parliamo del; parliamo adesso; parliamo ora; vorrei parlare; passiamo
        a; passiamo al; passiamo alla; cominciamo; iniziamo; vediamo; andiamo avanti; ^il
        prossimo; prossimo argomento; prossima domanda; ^innanzitutto; ^prima di tutto; ^per
        cominciare; ^infine; ^per finire; ^per concludere; ^in sintesi; ^riassumendo; ^in
        conclusione; ^benvenuti; un altro tema; ^prima di""",
    "nl": """laten we het hebben over; laten we beginnen; we gaan het hebben; we gaan beginnen;
        laten we kijken; laten we verder; ^vervolgens; het volgende onderwerp; volgende vraag;
        ^ten eerste; ^allereerst; ^tot slot; ^ten slotte; ^samenvattend; ^welkom; ^voordat we""",
    "ru": """давайте поговорим; поговорим о; поговорим про; хочу поговорить; перейдём к;
        перейдем к; переходим к; начнём с; начнем с; давайте начнём; давайте начнем; давайте
        посмотрим; рассмотрим; следующая тема; следующий вопрос; ^следующий; ^следующее;
        ^во-первых; ^прежде всего; ^для начала; ^наконец; ^в заключение; ^подведём итоги;
        ^подведем итоги; ^итак; ^добро пожаловать; другая тема; ^прежде чем""",
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
    "tr": """hakkında konuşalım; hakkında konuşacağız; bahsedelim; geçelim; başlayalım; bakalım;
        bir sonraki konu; sıradaki; ^öncelikle; ^ilk olarak; ^son olarak; ^özetle; ^sonuç olarak
        """,
}
_LEADS = {  # words that may stand before an opening
    "en": "and but so then now oh because", "de": "und aber so dann jetzt nun",
    "es": "y pero ahora", "fr": "et mais alors maintenant", "pt": "e mas agora",
    "it": "e ma ora adesso", "ru": "и а но", "nl": "en maar nu", "pl": "a i ale teraz",
    "tr": "ve şimdi",
}
# fmt: on


def normalise_language(code: str | None) -> str | None:
    """ISO 639-1 code from a tag such as ``pt-BR``, ``zh_Hans``, ``eng`` or ``EN``; None if none."""
    if not code:
        return None
    primary = re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    primary = _CODES.get(primary, primary)
    return primary if len(primary) == 2 and primary.isalpha() else None


def has_spaces(language: str | None) -> bool:
    """Whether words are set apart by spaces; True when the language is unknown."""
    return normalise_language(language) not in _WITHOUT_SPACES


def has_case(language: str | None) -> bool:
    """Whether the script has capital letters; True when the language is unknown."""
    code = normalise_language(language)
    return code not in _WITHOUT_SPACES and code not in _WITHOUT_CASE


@cache
def stop_words(language: str | None) -> frozenset[str]:
    """Words that carry no topic, in lower case; empty for a language without a list.

    English is our own list: the package's holds "computer", "system" and "web" as well as every
    country domain. In the other languages its nouns are taken out where we know them.
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


@cache
def filler_words(language: str | None) -> frozenset[str]:
    """Words of speech that say nothing ("um", "gonna", "basically"), lower case; may be empty."""
    return frozenset(_FILLERS.get(normalise_language(language) or "", "").split())


def guess_language(text: str) -> str | None:
    """ISO 639-1 code of the language a text is written in, None when unsure; under 50 ms.

    The script decides first; scripts of several languages are told apart by function words.
    """
    sample = _sample(text)
    letters = {name: len(found) for name, found in _letters(sample).items()}
    total = sum(letters.values())
    if total < 20:
        return None
    # Japanese is mostly Han with some kana, Chinese has none; both may quote plenty of Latin.
    if letters["kana"] + letters["han"] > 0.3 * total:
        return "ja" if letters["kana"] > 0.1 * (letters["kana"] + letters["han"]) else "zh"
    script = max(letters, key=lambda name: letters[name])
    if letters[script] < 0.5 * total:
        return None
    return _by_function_words(sample, script) if script in _FUNCTION_WORDS else script


def _sample(text: str) -> str:
    """Beginning, middle and end: a talk may open in another language than it is held in."""
    if len(text) <= _SAMPLE:
        return text
    third = _SAMPLE // 3
    middle = len(text) // 2
    return " ".join((text[:third], text[middle : middle + third], text[-third:]))


def _letters(sample: str) -> dict[str, list[str]]:
    return {name: re.findall(f"[{ranges}]", sample) for name, ranges in _SCRIPTS.items()}


def _by_function_words(sample: str, script: str) -> str | None:
    """The language whose function words are frequent, and clearly more so than the next one's."""
    counts = Counter(re.findall(r"[^\W\d_]+", sample.lower()))
    total = sum(counts.values())
    lists = {code: set(words.split()) for code, words in _FUNCTION_WORDS[script].items()}
    shared = Counter(word for words in lists.values() for word in words)
    scores = {
        code: sum(counts[word] / shared[word] for word in words) / total
        for code, words in lists.items()
    }
    best, second = sorted(scores, key=lambda code: -scores[code])[:2]
    hits = sum(counts[word] for word in lists[best])
    clear = scores[best] > 1.25 * scores[second]
    return best if clear and hits >= 4 and hits > 0.08 * total else None


def find_cue_words(text: str, language: str | None) -> tuple[str, ...]:
    """Phrases at the beginning of a sentence that announce a new topic, in lower case.

    Looks at the first eight words; every phrase was kept only where it is far more frequent at
    the beginning of chapters. Without a language all languages' phrases are tried.
    """
    code = normalise_language(language)
    codes = [code] if code else list(_CUES)
    head = _plain(text)
    return tuple(dict.fromkeys(phrase for each in codes for phrase in _cues_in(head, each)))


def _plain(text: str) -> str:
    words = re.findall(r"[\w'-]+", text[:200].lower().replace("’", "'"))
    return " ".join(words[:_CUE_WORDS])


def _cues_in(head: str, code: str) -> Iterable[str]:
    if code not in _CUES:
        return ()
    pattern = _cue_pattern(code)
    return (match.group("any") or match.group("first") for match in pattern.finditer(head))


@cache
def _cue_pattern(code: str) -> re.Pattern[str]:
    phrases = sorted((" ".join(p.split()) for p in _CUES[code].split(";")), key=len, reverse=True)
    first = "|".join(re.escape(p[1:]) for p in phrases if p.startswith("^"))
    anywhere = "|".join(re.escape(p) for p in phrases if not p.startswith("^"))
    if code in _WITHOUT_SPACES or code == "ko":
        return re.compile(f"(?P<any>{anywhere})|(?P<first>(?!))")
    # Small words before an opening do not move it: "okay, so, finally".
    lead = "|".join(map(re.escape, sorted(_openers(code), key=len, reverse=True)))
    return re.compile(
        rf"(?<!\S)(?P<any>{anywhere})(?!\S)|^(?:(?:{lead}) )*(?P<first>{first})(?!\S)"
    )


def _openers(code: str) -> set[str]:
    return {*filler_words(code), *_LEADS.get(code, "").split()}
