"""The keyword table: which action a short request asks for, if it is about one thing only.

A rule matches only if it knows *every* word of the text. "Export it as mp4, please" consists of
words that the export rule knows. "Add a title that says Export" contains "add", "title" and "says",
which that rule does not know, so no rule matches. Quoted text is never a keyword.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass

__all__ = ["ACTIONS", "QUOTED", "Action", "keyword", "normalise", "words"]


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
    NOTHING = "nothing"
    """The request only says what not to do, or nothing that anything could be done about."""


ACTIONS = tuple(action for action in Action if action is not Action.NOTHING)
"""The columns of the weights."""

_MOST_CHARACTERS = 600
"""Characters of a text that are read; a request states its subject within them."""
_MOST_WORDS = 14
"""Maximum number of words in a text that keywords may decide."""

QUOTED = re.compile(
    r"""„[^“”]*(?:[“”]|$) | “[^”]*(?:”|$) | ‘[^’]*(?:’|$) | "[^"]*(?:"|$) | «[^»]*(?:»|$)
      | 「[^」]*(?:」|$) | 『[^』]*(?:』|$) | 《[^》]*(?:》|$) | `[^`]*(?:`|$)
      | (?<!\w)'[^']*'(?!\w)""",
    re.X,
)
"""Quoted text; a quotation mark that is never closed quotes the rest."""
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
    # First: "do not send me the video" has every word of an export.
    _Rule(
        Action.NOTHING,
        (
            _set(
                """not don't dont never no nothing 不要 不用 不必 不想 先别 别 暂不 nicht kein keine
                keinen nichts nada pas rien さないで"""
            ),
            _set(
                """export exporting download downloading render rendering send give save upload
                uploading 导出 下载 渲染 输出 保存 上传 发给我 发我 发 exportieren rendern
                exportiere herunterladen hochladen exportes exportar descargues descargar subas
                exporte exporter n'exporte n'exportez télécharge télécharger
                書"""
            ),
        ),
        (_POLITE | _RESULTS)
        | _set(
            """do yet any anything still later today mind actually anymore 先 还 暂时 千万 bitte
            noch das video jetzt den film todavía aún por favor el ne la vidéo encore pas まだ き"""
        ),
    ),
    _Rule(
        Action.NOTHING,
        (
            _set(
                """thanks thank cheers hello hi hey help cancel stop abort bye goodbye 谢谢 你好
                您好 帮助 取消 停止 再见 danke hallo hilfe abbrechen stopp merci bonjour annuler
                gracias hola cancelar ありがとう こんにちは"""
            ),
        ),
        _POLITE | _set("very much there everything all again that's great good nice bitte 很 非常"),
    ),
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
        (_set("upload uploading import lade hochladen 上传 导入"),),
        _POLITE | _SOURCES | _set("das die den es datei bitte hoch mal"),
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
    if QUOTED.fullmatch(text):
        text = text[1:-1]
    text = QUOTED.sub(" <quote> ", text)
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
