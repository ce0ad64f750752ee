"""Texts that report a lack of credits, texts that only mention one, and closing questions."""

from __future__ import annotations

import pytest

from chapterize.remote.wording import (
    closing_question,
    may_become_noise,
    out_of_credits,
    service_code,
    without_noise,
)


@pytest.mark.parametrize(
    "text",
    [
        "Error 2001: insufficient credits",
        "Error 2001: insufficient credits. Please top up to continue.",
        "error code: 2001",
        "[ERROR] code=2001",
        '{"code":2001,"message":"insufficient credits"}',
        'The service answered: {"code": "2001", "message": "no", "data": null}',
        '{"error": {"code": 2001}}',
        "积分不足 (2001)",
        "积分不足，请充值后再试。",
        "抱歉，您的积分已用完。",
        "错误代码：2001",
        "Let me look at it. Error 2001: insufficient credits",
        "You are out of credits.",
        "You've run out of credits. Please top up.",
        "Sorry, you don't have enough credits.",
        "Not enough credits (2001).",
        "I couldn't add the titles: insufficient credits (2001).",
        "I could not add chapter 3 because the account has insufficient credits.",
        'The service returned "Error 2001: insufficient credits".',
        "渲染失败：积分不足",
    ],
)
def test_a_lack_of_credits_is_found_in_prose(text: str) -> None:
    assert out_of_credits(text)
    assert out_of_credits(f"Let me look at your video.\n{text}")


def test_a_quotation_counts_when_it_is_the_whole_text() -> None:
    quoted = '"Error 2001: insufficient credits"'
    assert out_of_credits(quoted)
    assert out_of_credits(f"Done.\n{quoted}") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        'Added the title "Top 10 hits of 2001".',
        "Added the title Top 10 hits of 2001.",
        "2001: A Space Odyssey starts at 0:00.",
        "The year 2001 is mentioned twice.",
        "出现错误是在2001年。",
        'Added the title "Error 2001: insufficient credits" at 0:30.',
        "Added the title Error 2001: insufficient credits.",
        "Added the title “Insufficient credits” (0-4s).",
        "已添加标题《积分不足》。",
        "已添加标题：积分不足 (2001)",
        "I added 3 chapters: Out of credits, How banks score you, Closing words.",
        "Here is the list:\n1. Intro\n2. Error 2001: insufficient credits\n3. End",
        "3. 00:01:00.000 -> 00:02:00.000 | Error 2001: insufficient credits",
        'Timeline (2 tracks): 1. Video: talk (0-10s) 2. Title: "Not enough credits" (0-3s)',
        "The end credits are a bit longer now.",
        "This used 3 credits; you have 97 credits left.",
        "If you run out of credits, top up in your account.",
        "This section explains what happens when a bank has insufficient credits in the 2010s.",
        'Added title "He said "Error 2001" loudly".',
    ],
)
def test_years_titles_and_chapters_about_credits_do_not_report_a_lack(text: str) -> None:
    assert out_of_credits(text) is None
    assert out_of_credits(f"Done.\n{text}") is None


@pytest.mark.parametrize(
    ("code", "message", "meant"),
    [
        (None, "2001: insufficient credits", 2001),
        (None, "Error 1001: expired", 1001),
        (None, "积分不足", 2001),
        (None, "session (1002)", 1002),
        (500, "Error 2001", 2001),
        (1002, "Error 2001", 1002),
        (500, "busy", 500),
        (None, "Error 1234", None),
        (None, "4001 x 2001 pixels", 4001),
        (None, "clip of 2001 frames", None),
    ],
)
def test_a_message_names_its_code(code: int | None, message: str, meant: int | None) -> None:
    assert service_code(code, message) == meant


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("", None),
        ("Done.", None),
        ("Is it? Yes.", None),
        ("Done. Shall I add music?", "Shall I add music?"),
        ("Done.\nShall I start at 3.5 s?\n\n", "Shall I start at 3.5 s?"),
        ("已完成。要加音乐吗？", "要加音乐吗？"),
        ("已完成！要加“片头”吗？🙂", "要加“片头”吗？🙂"),
        ("Done. Like it? 🙂", "Like it? 🙂"),
        ('Done. Shall I write "Intro?"', 'Shall I write "Intro?"'),
        ("Fine. **Shall I go on?**", "**Shall I go on?**"),
        ("???", None),
    ],
)
def test_a_closing_question_is_the_last_sentence(text: str, question: str | None) -> None:
    assert closing_question(text) == question


def test_a_spurious_error_is_removed_only_at_the_end() -> None:
    noise = "I encountered a temporary issue. Please try again."
    assert without_noise(f"Done. {noise}\n") == "Done."
    assert without_noise(f"{noise}\nDone.") == f"{noise}\nDone."
    assert without_noise("a" * 5000 + f". {noise}") == "a" * 5000 + "."
    assert without_noise(noise) == ""
    asking = "Done. I encountered a temporary issue with the music. Shall I try again?"
    assert without_noise(asking) == asking
    assert all(may_become_noise(noise[:n]) for n in range(len(noise)))
    assert not may_become_noise("I encountered no problem")
