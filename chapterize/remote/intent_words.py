"""The keyword table: short requests that are about one thing and nothing else.

A rule speaks only if it knows *every* word of the text. "Export it as mp4, please" is all words of
an export; "add a title that says Export" holds "add", "title" and "says", which no rule of exports
knows, so the table is silent and the classifier decides. What stands in quotes is never a keyword.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Action", "bare", "keyword", "words"]


class Action(enum.Enum):
    """What is done with what the user says."""

    EXPORT = "export"
    CREDITS = "credits"
    STATE = "state"
    UPLOAD = "upload"
    CHAPTERS = "chapters"
    """Chapters are to be made of a file."""
    EDIT = "edit"
    """Everything else: it is sent to the service's agent."""


_MOST_CHARACTERS = 600
"""What is read of a text; a request tells what it is about before that."""
_MOST_WORDS = 14
"""Longer texts are never decided by keywords."""

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
    """`needs` : of each set one word must be said; `others` : what may be said besides."""

    action: Action
    needs: tuple[frozenset[str], ...]
    others: frozenset[str]

    def fits(self, said: frozenset[str]) -> bool:
        known = self.others.union(*self.needs)
        return said <= known and all(said & need for need in self.needs)


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
        # "Is it exported", "导出完成了吗" ask for the state.
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
        for word in rule.others.union(*rule.needs)
        if re.match(f"[{_HAN}]", word) and len(word) > 1
    },
    key=lambda word: (-len(word), word),
)
_WORD = re.compile(
    rf"<\w+>|{'|'.join(_HAN_WORDS)}|[{_HAN}]|[^\W_{_HAN}]+(?:['-][^\W_{_HAN}]+)*"
)  # fmt: skip


def bare(text: str) -> str:
    """Return `text` folded, without line breaks, and with ``<quote>``, ``<link>``, ``<file>``
    where such stand. Quotes around the whole are dropped.
    """  # fmt: skip
    text = unicodedata.normalize("NFKC", text.strip()[:_MOST_CHARACTERS]).casefold()
    text = re.sub(r"(?<=\w)[’‘](?=\w)", "'", text)
    whole = _QUOTED.fullmatch(text)
    if whole:
        text = text[1:-1]
    text = _QUOTED.sub(" <quote> ", text)
    text = _FILE.sub(" <file> ", _LINK.sub(" <link> ", text))
    return " ".join(text.split())


def words(bare_text: str) -> list[str]:
    """Return the words of a bare text; of Chinese those that the table knows, else single signs."""
    return _WORD.findall(bare_text)


def keyword(bare_text: str, *, has_file: bool = False) -> Action | None:
    """Return what a short request is plainly about, or None.

    `has_file` : a file comes with it; then words that wish for nothing else mean its upload.
    """
    said = words(bare_text)
    if not said:
        return Action.UPLOAD if has_file else Action.STATE
    if len(said) > _MOST_WORDS:
        return None
    found = _first(frozenset(said))
    if found is None and has_file and frozenset(said) <= _POLITE | _SOURCES:
        return Action.UPLOAD
    return found


def _first(said: frozenset[str]) -> Action | None:
    fitting: Iterable[Action] = (rule.action for rule in _TABLE if rule.fits(said))
    return next(iter(fitting), None)
