"""What is kept of a list, and what several lists say."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest

from chapterize.data import Chapters
from chapterize.errors import InputError
from chapterize.profiles import KeptList, Profile, habit_of
from chapterize.profiles.habits import MOST_LISTS


def usual(duration: float) -> float:
    return 10.0


def kept(
    n: int = 0, chapters: int = 20, *, introduction: bool = True, case: str = "title"
) -> KeptList:
    return KeptList(f"{n:012x}", chapters, 60.0, 3.0, 4, case, introduction)


def test_a_list_is_kept_as_numbers_only() -> None:
    titles = ["Introduction", "The Secret Merger", "Ask Me Anything Live"]
    chapters = Chapters.from_starts([0, 60, 200], titles, 600)
    found = KeptList.of(chapters, "ab12cd34ef567890")
    assert found == KeptList("ab12cd34ef56", 3, 10.0, 2.333, 3, "title", True)
    text = repr(found)
    assert not any(word in text for title in titles[1:] for word in title.split())
    assert {field.type for field in fields(KeptList)} <= {"str", "int", "float", "bool"}


def test_one_chapter_teaches_nothing() -> None:
    with pytest.raises(InputError, match="only one chapter"):
        KeptList.of(Chapters.from_starts([0], ["All"], 600), "ab")


def test_a_very_short_list_has_lengths_above_zero() -> None:
    found = KeptList.of(Chapters.from_starts([0, 0.002], ["", ""], 0.004), "ab")
    assert found.minutes > 0
    assert found.median_minutes > 0
    assert found.words == 0


def test_without_lists_the_offset_is_zero_and_the_spread_that_of_all_people() -> None:
    offset, spread = habit_of([])
    assert offset == 0.0
    assert spread == pytest.approx(math.hypot(0.30, 0.45))


def test_lists_move_the_offset_towards_their_mean_and_narrow_the_spread() -> None:
    ratio = math.log(2)
    found = [habit_of([ratio] * n) for n in (1, 3, 100)]
    assert [round(offset / ratio, 2) for offset, _ in found] == [0.69, 0.87, 1.0]
    assert [round(spread, 2) for _, spread in found] == [0.39, 0.34, 0.3]


def test_a_profile_compares_each_list_with_the_usual_number() -> None:
    habit = Profile((kept(1, 20), kept(2, 5))).habit(usual)
    assert habit.offset == pytest.approx(0.0)
    assert habit.lists == 2


def test_one_absurd_list_does_not_set_the_number() -> None:
    habit = Profile((kept(1, 100_000),)).habit(usual)
    assert habit.offset < math.log(8)


def test_a_later_list_of_a_video_replaces_the_earlier_one_and_a_chosen_granularity() -> None:
    profile = Profile((kept(1), kept(2)), granularity="fine").with_lists([kept(1, 7)])
    assert [(each.id[-1], each.chapters) for each in profile.lists] == [("2", 20), ("1", 7)]
    assert profile.granularity is None


def test_nothing_new_leaves_a_chosen_granularity() -> None:
    profile = Profile((kept(1),), granularity="fine")
    assert profile.with_lists([]) == profile


def test_only_the_newest_lists_are_kept() -> None:
    profile = Profile().with_lists([kept(n) for n in range(MOST_LISTS + 3)])
    assert len(profile.lists) == MOST_LISTS
    assert profile.lists[0] == kept(3)


def test_lists_can_be_forgotten() -> None:
    assert Profile((kept(1), kept(2))).without([kept(1).id]).lists == (kept(2),)


@pytest.mark.parametrize(
    ("seen", "is_habit"),
    [([True], False), ([True, True], True), ([True, True, False], True), ([True, False], False)],
)
def test_an_introduction_is_a_habit_of_two_lists_and_most_of_all(
    seen: list[bool], is_habit: bool
) -> None:
    lists = tuple(kept(n, introduction=each) for n, each in enumerate(seen))
    assert Profile(lists).habit(usual).has_introduction is is_habit


def test_titles_follow_the_habits() -> None:
    habit = Profile((kept(1), kept(2))).habit(usual)
    titles = ("spring tides", "rope and fish")
    assert habit.titles(titles, "en") == ("Introduction", "Rope and Fish")
    assert habit.titles(titles, "en", are_phrases=False) == ("Introduction", "rope and fish")
    assert habit.titles(titles, "de") == ("Einleitung", "rope and fish")
    assert habit.titles(titles, "eo") == titles
    assert habit.titles(("only one",), "en") == ("Only One",)


def test_the_title_introduction_is_given_once() -> None:
    habit = replace(Profile((kept(1), kept(2))).habit(usual), case=None)
    assert habit.titles(("Rope", "Introduction"), "en") == ("Rope", "Introduction")


def test_without_a_habit_titles_stay() -> None:
    habit = Profile((kept(1),)).habit(usual)
    assert habit.titles(("rope", "fish"), "en") == ("rope", "fish")


def test_a_profile_is_known_by_its_name_and_an_example_by_what_it_says() -> None:
    named = Profile((kept(1),), name="talks")
    assert named.key == replace(named, lists=()).key
    example = Profile((kept(1),), is_like=True)
    assert example.key != replace(example, lists=(kept(1, 3),)).key
