"""What a user's request asks for: an action, found by keywords or by a linear classifier.

`intent_keywords` decides short requests. For the classifier, a text becomes hashed n-grams of its
characters and words; one linear layer turns them into probabilities. models/intent.md says how it
was trained.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.errors import EngineError
from chapterize.remote.intent_keywords import ACTIONS, QUOTED, Action, keyword, normalise, words
from chapterize.weights import artefact

__all__ = [
    "ACTIONS",
    "N_BUCKETS",
    "Action",
    "IntentModel",
    "features",
    "refuses_export",
    "route",
    "without_export",
]

Floats = NDArray[np.float32]

N_BUCKETS = 16_384
_CHARACTERS = (1, 2, 3, 4)
_WORDS = (1, 2)
_NAME = "intent.npz"

# An export that is refused in a longer text: "do not export it, I still want to change the font".
_REFUSED = re.compile(
    r"""(?<!why\s)\b(?:do\snot|don't|dont|not|never|no|without|instead\sof|before)
      (?!\s(?:forget|hesitate|wait|bad|only|more|further|need|problem))
      \s(?:\w+\s){0,2}?(?:export|download|render|send|save|give)
      |\b(?:nicht|kein\w*|ohne|bevor)\s(?:\w+\s){0,2}?(?:export|herunter|rendern|schick)
      |(?<!\w)(?:no|sin)\s(?:l[oa]s?\s)?(?:export|descarg|renderi|env[ií])
      |(?<!\w)(?:ne\s(?:l[ea]s?\s)?|n'|sans\s)(?:l')?(?:export|télécharg|envo)
      |(?:不要|别(?!忘)|先别|不用(?!再)|不必|不想|暂不|不)[^\s,，。;；!！?？]{0,4}?
      (?:导出|下载|渲染|输出|发给|发我)(?!不)
      |(?:書き出さ|ダウンロードし|エクスポートし)ない""",
    re.X,
)
# A question or a complaint about an export: "how do I export?", "导出好了吗".
_ASKS = re.compile(
    r"""^(?:(?:so|and|hey|please|can|could|would|will|you|i|do|know|wonder|tell|me)[\s,]+)*
      (?:how\s(?:do|does|did|to|will|would|long|exactly|\w+ing)|why(?!\s(?:don't|not|do\snot))
        |when\s(?:is|are|was|will|does|did)|what\s(?:is|are|was|does|did|happens|happened)
        |explain|who|(?:is|are|was|were|did|has)\s(?!there))
      |\b(?:never|didn't|did\snot)\s(?:ask|want|request|order)
      |\btell\sme\s(?:about|more|how|why|when)\b
      |^[¿¡\s]*(?:wie|warum|wieso|wann|comment|pourquoi|quand|cómo|por\squé|cuándo)\b
      |(?:如何|怎样|为什么|为何|什么时候|多久)|怎么(?!把)|(?:好|完|成|成功)了?(?:没有?|吗|嘛)""",
    re.X,
)
# With a file: "generate a tutorial into a 1080p MP4" makes something of it.
_MAKES = re.compile(
    r"""\b(?:make|making|creat(?:e|ing)|generat(?:e|ing)|produc(?:e|ing)|turn(?:ing)?|convert(?:ing)?
      |transform(?:ing)?|build(?:ing)?|cut(?:ting)?|edit(?:ing)?|compil(?:e|ing)|assembl(?:e|ing))\b
      |做成|制作|生成|剪成|变成|转成|转换|\b(?:mach|erstell|schneid)\w*\b|\b(?:haz|crea|convierte)\b
      |\b(?:fais|crée|transforme)\b|作って|作成""",
    re.X,
)

# The end of "trim the start, and then export it": only words that cannot belong to an edit.
_THEN_EXPORT = re.compile(
    r"""[\s,;.]+(?:(?:and|then|afterwards|finally|after\sthat)[\s,]+)+(?:please\s+)?
      (?:export|download|render|(?:send|give)(?:\s(?:me|us))?(?=\s(?:it|the|this|that)\b))
      (?:\s+(?:it|this|that|everything|now|please|out|for\sme|to\sme|in\shd|in\s1080p|in\s4k
        |(?:the|a)\s(?:finished\s|final\s)?(?:video|file|result|movie|clip|mp4)
        |(?:as|to)\s(?:an?\s)?(?:mp4|mov|file)(?:\sfile)?))*[\s.!]*$
      |[\s,，、;；。]*(?:然后|之后|最后|再|并)+(?:请|帮我)*(?:把(?:它|视频|成片|文件))?
      (?:导出|下载|渲染|发给我)(?:来|出来|视频|成片|给我|成?mp4|吧|一下)*[\s。.!！]*$""",
    re.X | re.I,
)

_APPROVED = re.compile(
    r"""\b(?:good|great|fine|nice|perfect|done|happy|ok(?:ay)?|ready|finish(?:ed)?|wrap|no\smore
      |nothing|that's\sit|love)\b|搞定|没问题|可以了|好了|完成|满意|不用""",
    re.X,
)
_SURE = 0.7
"""Probability of an edit from which the text before an export counts as one."""
_JOINING = frozenset(("and", "then", "please", "now"))


def refuses_export(text: str) -> bool:
    """Whether `text` says not to export."""
    return _REFUSED.search(normalise(text)) is not None


def without_export(text: str) -> tuple[str, bool]:
    """Return an edit without a request to export the result at its end, and whether it had one.

    The agent is never asked to export.
    """
    shorter = _THEN_EXPORT.sub("", text.strip())
    has_quotes = len(QUOTED.findall(text)) != len(QUOTED.findall(shorter))
    says_more = not _JOINING.issuperset(words(normalise(shorter)))
    if not says_more or has_quotes or refuses_export(text):
        return text, False
    return shorter, shorter != text.strip()


def route(text: str, *, has_file: bool = False) -> Action:
    """Return what `text` asks for.

    English and Chinese work best; German, Spanish, French and Japanese work too. A text without
    words asks for the state, or for the upload of an attached file: neither costs anything. An
    export is never the answer to a text that refuses one, asks about one, or that makes something
    of a file.

    Raises
    ------
    EngineError : the classifier is needed, and its file is missing or damaged.
    """
    normalised = normalise(text)
    found = keyword(normalised, has_file=has_file)
    if found is None:
        # Loading takes 1.5 ms and a command routes one text, so the model is not kept.
        model = IntentModel.load()
        found = model.decide(model.probabilities(text))
    if found is not Action.EXPORT:
        return found
    if _ASKS.search(normalised):
        return Action.STATE
    is_edit = (
        refuses_export(text)
        or (has_file and _MAKES.search(normalised))
        or _is_edit_before_export(text)
    )
    return Action.EDIT if is_edit else Action.EXPORT


def _is_edit_before_export(text: str) -> bool:
    """Whether `text` is an edit that ends with an export, not an approval: "fine, export it"."""
    edit, has_export = without_export(text)
    if not has_export or _APPROVED.search(normalise(edit)):
        return False
    return bool(IntentModel.load().probabilities(edit)[ACTIONS.index(Action.EDIT)] >= _SURE)


def features(text: str) -> Floats:
    """Return the classifier's input for a text, shape (N_BUCKETS,).

    The character part and the word part each have Euclidean norm 1.0, whatever the text's length.
    """
    plain = re.sub(r"\d", "0", normalise(text))
    row = np.zeros(N_BUCKETS, dtype=np.float32)
    for kind, grams in (
        ("c", _grams(f"^ {plain} $", _CHARACTERS, "")),
        ("w", _grams(["^", *words(plain), "$"], _WORDS, " ")),
    ):
        # Not hash(), which differs from run to run.
        hashed = [zlib.crc32(f"{kind}{gram}".encode("utf-8", "replace")) for gram in grams]
        buckets, counts = np.unique(np.array(hashed) % N_BUCKETS, return_counts=True)
        part = np.log1p(counts)
        row[buckets] += (part / np.linalg.norm(part)).astype(np.float32)
    return row


def _grams(units: Sequence[str], lengths: Sequence[int], separator: str) -> Iterator[str]:
    for length in lengths:
        for i in range(len(units) - length + 1):
            yield separator.join(units[i : i + length])


@dataclass(frozen=True)
class IntentModel:
    """A multinomial logistic regression with quantised weights.

    `weights`, shape (N_BUCKETS, 6), int8, are multiplied by `scales`, shape (6,); `bias`, shape
    (6,), is added. `margin` : the lead in probability that any other action needs over EDIT.
    """

    weights: NDArray[np.int8]
    scales: Floats
    bias: Floats
    margin: float

    def probabilities(self, text: str) -> NDArray[np.float64]:
        """Return the probability of each of ACTIONS, shape (6,); they sum to 1.0."""
        row = features(text)
        used = np.flatnonzero(row)
        scores = row[used].astype(np.float64) @ self.weights[used] * self.scales + self.bias
        exponentials = np.exp(scores - scores.max())
        return np.asarray(exponentials / exponentials.sum())

    def decide(self, probabilities: NDArray[np.float64]) -> Action:
        """Return the most probable action, or EDIT where none leads it by the margin."""
        best = int(probabilities.argmax())
        if probabilities[best] - probabilities[ACTIONS.index(Action.EDIT)] < self.margin:
            return Action.EDIT
        return ACTIONS[best]

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]]) -> IntentModel:
        """Return the classifier stored in `arrays`.

        Raises
        ------
        KeyError, ValueError : the arrays do not belong to a classifier of this version.
        """
        weights, n_actions = arrays["weights"], len(ACTIONS)
        if weights.shape != (N_BUCKETS, n_actions) or weights.dtype != np.int8:
            raise ValueError("it was trained for other features")
        if arrays["scales"].shape != (n_actions,) or arrays["bias"].shape != (n_actions,):
            raise ValueError("it was trained for other actions")
        return cls(weights, arrays["scales"], arrays["bias"], float(arrays["margin"][0]))

    @classmethod
    def load(cls) -> IntentModel:
        """Return the classifier that the program ships.

        Raises
        ------
        EngineError : the file is missing or damaged.
        """
        path = artefact(_NAME)
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                return cls.read(dict(arrays.items()))
        except Exception as error:
            raise EngineError(
                f"cannot read the request classifier {path}",
                why=f"{type(error).__name__}: {error}".splitlines()[0],
                hint="reinstall chapterize",
            ) from error
