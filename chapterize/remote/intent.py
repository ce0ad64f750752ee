"""What a user's request asks for: one of six actions, found by keywords or by a linear classifier.

The keyword table decides short requests that are about one thing only. A rule matches only if it
knows *every* word of the text. "Export it as mp4, please" consists of words that the export rule
knows. "Add a title that says Export" contains "add", "title" and "says", which that rule does not
know, so no rule matches and the classifier decides. Quoted text is never a keyword.

For the classifier, a text becomes hashed n-grams of its characters and words; one linear layer
turns them into probabilities. models/intent.md says how it was trained.
"""

from __future__ import annotations

import enum
import io
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chapterize.errors import EngineError
from chapterize.weights import artefact

__all__ = [
    "ACTIONS",
    "N_BUCKETS",
    "Action",
    "IntentModel",
    "features",
    "keyword",
    "normalise",
    "route",
    "words",
]

Floats = NDArray[np.float32]


class Action(enum.Enum):
    """What the program does with a request."""

    EXPORT = "export"
    CREDITS = "credits"
    STATE = "state"
    UPLOAD = "upload"
    CHAPTERS = "chapters"
    """Make chapters for a file."""
    EDIT = "edit"
    """Everything else, which is sent to the service's agent."""


ACTIONS = tuple(Action)
"""The columns of the weights."""
N_BUCKETS = 16_384
_CHARACTERS = (1, 2, 3, 4)
_WORDS = (1, 2)
_NAME = "intent.npz"

_MOST_CHARACTERS = 600
"""Characters of a text that are read; a request states its subject within them."""
_MOST_WORDS = 14
"""Maximum number of words in a text that keywords may decide."""

_QUOTED = re.compile(
    r"""„[^“”]*(?:[“”]|$) | “[^”]*(?:”|$) | ‘[^’]*(?:’|$) | "[^"]*(?:"|$) | «[^»]*(?:»|$)
      | 「[^」]*(?:」|$) | 『[^』]*(?:』|$) | 《[^》]*(?:》|$) | `[^`]*(?:`|$)
      | (?<!\w)'[^']*'(?!\w)""",
    re.X,
)
_LINK = re.compile(r"https?://[^\s\u3000-\u9fff]+")
_FILE = re.compile(
    r"[a-z0-9_./\\~()+-]+\.(?:mp4|mov|avi|webm|mkv|m4v|jpe?g|png|gif|webp|mp3|wav|m4a|aac)(?![a-z0-9])"
)
_HAN = r"\u3400-\u9fff"


@dataclass(frozen=True)
class _Rule:
    """One row: a text matches if it has a word of each set in `required`, and only known words.

    `optional` : further words that may occur.
    """

    action: Action
    required: tuple[frozenset[str], ...]
    optional: frozenset[str]

    def matches(self, found: frozenset[str]) -> bool:
        known = self.optional.union(*self.required)
        return found <= known and all(found & group for group in self.required)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_POLITE = _set(
    """please pls now can could would will you i i'd i'll we let's let me us the a an it this that
    these my our your to for and want like need just ok okay so here is are be go ahead
    请 麻烦 帮 我 我们 你 您 一下 把 将 吧 了 吗 呢 啊 现在 可以 能 想 要 给 这 这个 那个 的
    好 就"""
)
_THINGS = _set(
    """video videos movie film clip file files project result everything recording
    视频 影片 成片 文件 项目 作品"""
)
_SOURCES = _THINGS | _set(
    """footage image images picture photo photos audio podcast talk lecture new one another attached
    from use take <file> <link> 素材 图片 照片 音频 用 从 新 一个 我的 附件 链接 讲座 录像 播客"""
)
_RESULTS = _THINGS | _set(
    """final finished done complete whole full edited rendered as in at hd high quality resolution
    mp4 mov h264 1080p 720p start 最终 做好 成 为 到 本地 电脑 高清 格式 出 来 出来 开始 最后"""
)

_TABLE = (
    _Rule(
        Action.EXPORT,
        (_set("export exporting download downloading render 导出 下载 渲染"),),
        # "Is it exported" and "导出完成了吗" ask for the state.
        (_POLITE | _RESULTS) - _set("is are"),
    ),
    _Rule(
        Action.EXPORT,
        (
            _set("send give 发给我 给我 发我"),
            _set("me us 发给我 给我 发我"),
            _THINGS | _set("mp4 mov"),
        ),
        _POLITE | _RESULTS,
    ),
    _Rule(
        Action.CREDITS,
        (_set("credits credit balance 积分 余额"),),
        _POLITE
        | _set(
            """how many much do have left what what's remain remaining available show check see tell
            still account current on get of 还 有 多少 几 个 剩 剩余 剩下 查 查询 查看 看 看看 账户
            账号 我的 显示 是 当前 目前"""
        ),
    ),
    _Rule(
        Action.STATE,
        (_set("status state 状态"),),
        _POLITE | _THINGS | _set("what what's current show check see tell of session get draft")
        | _set("当前 目前 查 查询 查看 看 看看 显示 是 什么 会话 编辑"),
    ),
    _Rule(
        Action.STATE,
        (
            _set("show list print see display what what's 显示 列出 查看 看看 看 有 哪些 什么"),
            _set("tracks track timeline 轨道 时间线 时间轴"),
        ),
        _POLITE | _THINGS | _set("all on in of current summary 所有 全部 当前 上 里 有 哪些 什么"),
    ),
    _Rule(
        Action.UPLOAD,
        (_set("upload uploading import 上传 导入"),),
        _POLITE | _SOURCES,
    ),
    _Rule(Action.UPLOAD, (_set("<file> <link>"),), _POLITE | _SOURCES),
    _Rule(
        Action.CHAPTERS,
        (
            _set("generate make create detect find 生成 制作 做 创建 自动 划分"),
            _set("chapters timestamps 章节 时间戳"),
        ),
        _POLITE | _SOURCES | _set("with titles automatically youtube of in 带 和 与 标题 为 长")
        | _set("automatic podcast interview stream webinar 直播 课程 会议 个 里"),
    ),
)  # fmt: skip

_HAN_WORDS = sorted(
    {
        word
        for rule in _TABLE
        for word in rule.optional.union(*rule.required)
        if re.match(f"[{_HAN}]", word) and len(word) > 1
    },
    key=lambda word: (-len(word), word),
)
_WORD = re.compile(
    rf"<\w+>|{'|'.join(_HAN_WORDS)}|[{_HAN}]|[^\W_{_HAN}]+(?:['-][^\W_{_HAN}]+)*"
)  # fmt: skip


def normalise(text: str) -> str:
    """Return `text` in lower case and on one line, quotes around the whole text removed.

    Quoted parts, links and file names become ``<quote>``, ``<link>`` and ``<file>``.
    """
    text = unicodedata.normalize("NFKC", text.strip()[:_MOST_CHARACTERS]).casefold()
    text = re.sub(r"(?<=\w)[’‘](?=\w)", "'", text)
    if _QUOTED.fullmatch(text):
        text = text[1:-1]
    text = _QUOTED.sub(" <quote> ", text)
    text = _FILE.sub(" <file> ", _LINK.sub(" <link> ", text))
    return " ".join(text.split())


def words(normalised: str) -> list[str]:
    """Return the words of a normalised text; Chinese that the table does not know in characters."""
    return _WORD.findall(normalised)


def keyword(normalised: str, *, has_file: bool = False) -> Action | None:
    """Return the action that a short, unambiguous request asks for, or None.

    `has_file` : a file is attached; a text that asks for nothing else then means its upload.
    """
    found = words(normalised)
    if not found:
        return Action.UPLOAD if has_file else Action.STATE
    if len(found) > _MOST_WORDS:
        return None
    distinct = frozenset(found)
    action = next((rule.action for rule in _TABLE if rule.matches(distinct)), None)
    if action is None and has_file and distinct <= _POLITE | _SOURCES:
        return Action.UPLOAD
    return action


def route(text: str, *, has_file: bool = False) -> Action:
    """Return what `text` asks for.

    English and Chinese work best; German, Spanish, French and Japanese work too. A text without
    words asks for the state, or for the upload of an attached file: neither costs anything.

    Raises
    ------
    EngineError : the classifier is needed, and its file is missing or damaged.
    """
    found = keyword(normalise(text), has_file=has_file)
    if found is not None:
        return found
    # Loading takes 1.5 ms and a command routes one text, so the model is not kept.
    model = IntentModel.load()
    return model.decide(model.probabilities(text))


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
