"""Instructions for an editor are rewritten, and all other text stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapterize.remote.wording import translate


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        (
            "Click the Export button in the top right corner to save your video.",
            "Export the video to save your video.",
        ),
        ('You can click "Export" to save it.', "You can export the video to save it."),
        ("All set! Click **Export** now!", "All set! Export the video now!"),
        ("Try clicking the download icon.", "Try exporting the video."),
        ("Use the export button, please.", "Use the export command, please."),
        (
            "The Export button is at the top right of the screen.",
            "The export is available when you ask.",
        ),
        ("Click on the Split tool to cut it.", "Ask for “Split” to cut it."),
        ("Then click Apply.", "Then ask for “Apply”."),
        ("Click Export Settings first.", "Ask for “Export Settings” first."),
        ("Press the play button.", "Ask for “play”."),
        ("Click the clip to select it.", "Ask for the clip to select it."),
        ("Click here to see it.", "Ask to see it."),
        ("I clicked Save.", "I asked for “Save”."),
        (
            "Open the Media panel on the left to see your clips.",
            "Check the status to see your clips.",
        ),
        ("Try opening the text panel.", "Try checking the status."),
        ("Drag the clip to 0:10.", "Move the clip to 0:10."),
        ("Drag and drop the logo to the end.", "Move the logo to the end."),
        ("I dragged it; dragging trims.", "I moved it; moving trims."),
        ("Drop it onto the timeline.", "Place it onto the timeline."),
        ("You can preview it in the timeline.", "You can see the track summary."),
        ("Preview in timeline", "See the track summary"),
        ("您可以点击右上角的“导出”按钮。", "您可以导出视频。"),
        ("点击导出按钮即可。", "导出视频即可。"),
        ("请用导出按钮。", "请用导出命令。"),
        ("点击“分割”按钮来剪切片段。", "说“分割”来剪切片段。"),
        ("点击播放按钮，观看效果。", "说“播放”，观看效果。"),
        ("点击素材即可选中。", "说明素材即可选中。"),
        ("请打开左侧的媒体面板。", "请查看状态。"),
        ("您可以拖拽片段到结尾。", "您可以移动片段到结尾。"),
        ("把片段拖到开头。", "把片段移到开头。"),
        ("在时间线上预览效果。", "查看轨道摘要。"),
    ],
)
def test_instructions_for_an_editor_are_rewritten(said: str, plain: str) -> None:
    assert translate(said) == plain
    assert translate(plain) == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Done: I added two titles,\r\n  and trimmed 0:10.\n",
        'I added the title "Click the bell" at 0:10.',
        "I added “Open the media panel” and 「点击导出」.",
        "我加了标题“点击关注”和《拖拽》。",
        "I removed the click at 0:12 and a mouse click sound.",
        "The click track is muted; 20 clicks a minute.",
        "The beat drops at 0:30, then I drop the last scene.",
        "I opened with a wide shot. Open with a fade.",
        "The press covered it: press coverage, tap water.",
        "The title stays in the top right corner.",
        "A preview of chapter 2 is on the timeline.",
        "The export is running. Exported 3 chapters.",
        "已打开字幕，导出完成。",
        "It’s the reader’s \u200b choice\u00a0– naïve ☕",
    ],
)
def test_text_without_such_instructions_is_unchanged(text: str) -> None:
    assert translate(text) == text


def test_only_the_instructions_in_a_text_change() -> None:
    said = "  I made 3 titles:\n\n* Intro – 0:00\n\nDrag the clip to 0:05.\t点击导出按钮。 Bye!  \n"
    plain = "  I made 3 titles:\n\n* Intro – 0:00\n\nMove the clip to 0:05.\t导出视频。 Bye!  \n"
    assert translate(said) == plain


PIECES = st.sampled_from(
    [
        *("click", "Click", "clicking", "clicked", "double-click", "tap", "press", "here", "it"),
        *("the", "your", "a", "on", "at", "in", "of", "is", "and", "top right", "corner", "screen"),
        *("Export", "export", "button", "icon", "Split", "Add Title", "panel", "media", "timeline"),
        *("open", "opening", "Open", "drag", "dragging", "dragged", "drop", "preview", "track"),
        *("“", "”", '"', "'", "**", "「", "」", ".", ",", "\n", " ", "，", "。", "说", "的"),
        *("点击", "双击", "右上角的", "导出", "按钮", "打开", "媒体", "面板", "拖拽", "拖到"),
        *("在时间线", "预览"),
    ]
)


@pytest.mark.slow
@given(
    st.text()
    | st.lists(PIECES, max_size=25).map(" ".join)
    | st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join)
)
def test_no_instruction_for_an_editor_is_left(text: str) -> None:
    once = translate(text)
    assert translate(once) == once


@pytest.mark.slow
def test_long_replies_are_rewritten_quickly() -> None:
    started = time.process_time()
    for piece in (
        "click ",
        "open a ",
        "点击",
        "“click ",
        "preview a ",
        "drag",
        "click a" + " " * 50,
    ):
        translate(piece * (20_000 // len(piece)))
    assert time.process_time() - started < 5
