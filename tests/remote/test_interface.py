"""What the agent asks its user to do in an editor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapterize.remote.interface import Wish, wishes

EXPORT, STATE, SUMMARY, MOVE = Wish.EXPORT, Wish.STATE, Wish.SUMMARY, Wish.MOVE


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Click Export.", (EXPORT,)),
        ("Just click on the “Export” button in the top right corner.", (EXPORT,)),
        ("tap **Download** when you are ready", (EXPORT,)),
        ("You will find it behind the Export button.", (EXPORT,)),
        ("点击右上角的“导出”按钮", (EXPORT,)),
        ("完成后使用导出按钮", (EXPORT,)),
        ("Open the media panel.", (STATE,)),
        ("opening up your effects sidebar", (STATE,)),
        ("打开左侧的素材面板", (STATE,)),
        ("Preview it in the timeline", (SUMMARY,)),
        ("preview in timeline", (SUMMARY,)),
        ("可以在时间线上预览效果", (SUMMARY,)),
        ("Drag the clip to the end, then drop it onto the timeline.", (MOVE,)),
        ("把片段拖拽到结尾", (MOVE,)),
        ("Open the panel, preview in timeline, then click Export. Click Export.", (
            *(STATE, SUMMARY, EXPORT),
        )),
        ("I exported it.", ()),
        ("I opened the panel for you and clicked Export.", ()),
        ("Do not click Export yet.", ()),
        ("You don't need to open the panel", ()),
        ("no need to click Export", ()),
        ("不要点击导出", ()),
        ('The title now says "click Export".', ()),
        ("标题是「打开面板」", ()),
        ("Exports are rendered in 1080p.", ()),
        ("The dragon drops from the sky.", ()),
        ("", ()),
    ],
)  # fmt: skip
def test_instructions_are_found_once_and_outside_quotes(text: str, found: tuple[Wish, ...]) -> None:
    assert wishes(text) == found


@given(st.text() | st.text('click Export打开面板"“” .', max_size=300))
def test_every_text_has_at_most_one_of_each(text: str) -> None:
    found = wishes(text)
    assert len(set(found)) == len(found)
