"""What a language model is shown of a video."""

from __future__ import annotations

import re

from chapterize.title.llm.prompt import (
    EXAMPLES,
    EXCERPT_CHARACTERS,
    Prompt,
    excerpts,
    introduction,
)
from tests.texts import BREAD, STARS, TAXES


def test_a_short_chapter_is_shown_whole() -> None:
    first, *_ = excerpts([BREAD, STARS])
    assert first == Prompt(0, " ".join(BREAD))


def test_a_long_chapter_is_shown_from_its_start_and_where_it_differs_from_the_others() -> None:
    filler = ["And so we go on and on, as we always do."] * 30
    telling = "The gluten of rye flour is weak, so the loaf needs sourdough."
    chapters = [[*BREAD, *filler, telling], [*STARS, *filler], [*TAXES, *filler]]
    (prompt, *_) = excerpts(chapters, 600)
    assert prompt.excerpt.startswith(" ".join(BREAD[:4]))
    assert prompt.excerpt.endswith(f"… {telling}")
    assert prompt.excerpt.count("go on and on") <= 1
    assert len(prompt.excerpt) <= 640
    assert len(excerpts(chapters)[0].excerpt) <= EXCERPT_CHARACTERS + 40


def test_sentences_of_few_words_are_left_out() -> None:
    (prompt, *_) = excerpts([["Yeah.", BREAD[0], "Go fishing.", BREAD[1], "Nice."], STARS])
    assert prompt.excerpt == f"{BREAD[0]} {BREAD[1]}"
    assert excerpts([["Yeah.", "Nice."]])[0].excerpt == "Yeah. Nice."


def test_characters_of_scripts_without_spaces_count_as_several() -> None:
    line = "味噌汁に使う出汁の話から始めます。" * 3
    (prompt,) = excerpts([[f"{number}{line}" for number in range(40)]])
    assert 300 < len(prompt.excerpt) <= 490


def test_one_endless_sentence_is_cut() -> None:
    (prompt,) = excerpts([["word " * 2000]])
    assert 100 < len(prompt.excerpt) <= 300


def test_chapters_without_text_are_left_out() -> None:
    assert [prompt.chapter for prompt in excerpts([[""], BREAD, ["  "]])] == [1]
    assert excerpts([]) == ()


def test_the_rules_name_the_language_of_the_transcript() -> None:
    assert "in German" in introduction("de")[0][1]
    assert "2 to 7 words, a phrase" in introduction(None)[0][1]


def test_the_examples_are_turns_of_several_kinds_with_a_question_and_a_name() -> None:
    turns = introduction("en")[1:]
    assert [role for role, _ in turns] == ["user", "assistant"] * 7
    titles = [title for _, title in EXAMPLES]
    assert any(title.endswith("?") for title in titles)
    assert any("Jeanne Baret" in title for title in titles)
    assert all(2 <= len(title.split()) <= 7 for title in titles)


def test_the_rules_ask_for_the_main_point() -> None:
    assert "main point of the whole part, not its first sentence" in introduction("en")[0][1]


def test_some_examples_have_the_slips_of_spoken_language_and_their_titles_do_not() -> None:
    slips = re.compile(r"\b(\w+) \1\b|\b(?:uh|um|mm-hmm)\b", re.IGNORECASE)
    assert sum(bool(slips.search(text)) for text, _ in EXAMPLES) >= 3
    assert not any(slips.search(title) for _, title in EXAMPLES)


def test_an_unwanted_title_is_named_after_the_excerpt() -> None:
    assert Prompt(0, "Text.", "Bread").text == "Text.\n(not: Bread)"


def test_headings_of_slides_come_before_the_excerpt_and_the_rules_name_them() -> None:
    plain = excerpts([["A rope is twisted."], ["A lamp burns."]])
    shown = excerpts([["A rope is twisted."], ["A lamp burns."]], slides=["Nothing but twist", ""])
    assert shown[0].text == "On the slide: Nothing but twist\nA rope is twisted."
    assert shown[1] == plain[1]
    with_slides, without = introduction("en", has_slides=True), introduction("en")
    assert "On the slide:" in with_slides[0][1]
    assert "On the slide:" not in without[0][1]
    assert with_slides[1:] == without[1:]
