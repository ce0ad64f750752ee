"""The talks with slides: their text, their times, and what should be found in them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from deck_styles import STYLES
from deck_talk import gold_of, time_talk
from deck_text import read_deck
from make_decks import DECKS, make_deck

NAMES = sorted(path.stem for path in DECKS.glob("*.md"))
DECK = """\
title: Two knots
style: beamer
language: en
size: 640x360
footer: Sea School | Week 1
---
# Two Knots {cover}
Here we go.
== The bowline
# The Bowline
+ A loop
The rabbit comes out of the hole.
+ It holds
It goes around the tree and back again.
# The Bowline (cont.) {cont}
! photo rope
And it is easy to untie.
== Typing
# knots.py {editor}
- import rope
We type it in.
# The Bowline {back}
And that was it.
"""


@pytest.fixture
def deck(tmp_path: Path) -> Path:
    path = tmp_path / "fit-knots.md"
    path.write_text(DECK, encoding="utf-8")
    return path


def test_a_deck_becomes_a_video_with_captions_and_gold(deck: Path, tmp_path: Path) -> None:
    gold = make_deck(deck, tmp_path)
    assert json.loads((tmp_path / "fit-knots.gold.json").read_text(encoding="utf-8")) == gold
    assert "The rabbit comes out" in (tmp_path / "fit-knots.srt").read_text(encoding="utf-8")
    with av.open(str(tmp_path / "fit-knots.mp4")) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    assert len(frames) == pytest.approx(gold["duration"] * 5, abs=1)
    middles = [round(2.5 * (page["start"] + page["end"])) for page in gold["pages"]]
    shown = [frames[middle].astype(int) for middle in middles]
    changes = [np.mean(abs(after - before) > 25) for before, after in pairwise(shown)]
    assert min(changes) > 0.01


def test_the_gold_says_what_is_where(deck: Path) -> None:
    gold = gold_of(time_talk(read_deck(deck)))
    pages = gold["pages"]
    headings = ["Two Knots", "The Bowline", "The Bowline (cont.)", None, "The Bowline"]
    assert [page["heading"] for page in pages] == headings
    assert [page["kind"] for page in pages] == ["slide", "slide", "slide", "screen", "slide"]
    assert pages[1]["topic"] == pages[2]["topic"] == pages[4]["topic"] != pages[3]["topic"]
    assert pages[1]["lines"] == ["A loop", "It holds"]
    assert len(gold["builds"]) == 2
    assert pages[1]["start"] < gold["builds"][0] < gold["builds"][1] < pages[2]["start"]
    assert [chapter["title"] for chapter in gold["chapters"]] == ["The bowline", "Typing"]
    assert {"Sea School", "knots.py", "import rope"} <= set(gold["furniture"])


@pytest.mark.parametrize("name", NAMES)
def test_every_deck_is_complete(name: str) -> None:
    deck = read_deck(DECKS / f"{name}.md")
    assert deck.settings["style"] in STYLES
    deck.settings.pop("voice", None)
    gold = gold_of(time_talk(deck))
    assert 180 <= gold["duration"] <= 1500
    assert len(gold["chapters"]) >= 4
    assert gold["chapters"][0]["start"] < 5


def test_the_halves_share_no_style() -> None:
    used: dict[str, set[str]] = {"fit": set(), "held": set()}
    for name in NAMES:
        used[name.partition("-")[0]].add(read_deck(DECKS / f"{name}.md").settings["style"])
    assert used["fit"].isdisjoint(used["held"])
