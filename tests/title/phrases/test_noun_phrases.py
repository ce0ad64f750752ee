"""Noun phrases and questions in tagged sentences."""

from __future__ import annotations

from chapterize.title.phrases.noun_phrases import QUESTION, spans_of


def phrases(text: str, tags: str, *, is_asked: bool = False) -> set[str]:
    words = ["" if word == "," else word for word in text.split()]
    return {" ".join(words[a:b]) for a, b, _ in spans_of(tags, words, is_asked=is_asked)}


def test_a_phrase_ends_with_its_noun_and_may_lose_its_first_words() -> None:
    found = phrases("the radial velocity curve bends", "djnnf")
    assert found == {"radial velocity curve", "velocity curve", "curve"}


def test_phrases_are_joined_by_prepositions_and_and() -> None:
    assert "history of the paper" in phrases("history of the paper", "nPdn")
    assert "salt and wealth" in phrases("salt and wealth grow", "ncnf")
    assert "kinds of tools" not in phrases("kinds of tools", "nPn")


def test_a_gerund_takes_its_object() -> None:
    assert "finding a longitude" in phrases("finding a longitude helps", "gdnf")


def test_no_phrase_has_a_verb_a_pronoun_or_a_break() -> None:
    found = phrases("ropes hold , it , boats", "nf.p.n")
    assert found == {"ropes", "boats"}


def test_no_phrase_begins_with_an_adverb() -> None:
    assert "really" not in " ".join(phrases("really old boats sink", "vjnf"))


def test_a_name_inside_a_phrase_is_a_candidate() -> None:
    assert "noam chomsky" in phrases("noam chomsky lecture", "mmn")


def test_questions_are_whole_and_do_not_point_elsewhere() -> None:
    assert "what is a rollup" in phrases("so what is a rollup", "vwfdn", is_asked=True)
    assert not any(p.startswith("what") for p in phrases("what is it", "wfp", is_asked=True))
    kinds = [kind for *_, kind in spans_of("wfdn", ["what", "is", "a", "rollup"])]
    assert QUESTION in kinds


def test_how_to_clauses_end_with_a_noun() -> None:
    assert "how to build a boat" in phrases("learn how to build a boat now", "bwtbdnv")
    assert not any(p.startswith("how") for p in phrases("how to do it", "wtbp"))
