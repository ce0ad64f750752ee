"""Parts: their JSON form, their assembly, and the notes of a transcript."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest

from chapterize.data import Cue, Transcript, Word
from chapterize.transcribe.parts import (
    Part,
    assemble,
    resume,
    transcript_from_json,
    whisper_code,
)

CUE = Cue(1.0, 2.5, "über 日本", (Word(1.0, 1.5, "über"), Word(1.5, 2.5, "日本")))
PART = Part(0, 16_000, "de", (CUE,), {"de": 30.0}, {"de": 30.0}, {"late": 1})


def _part(
    spoken: dict[str, float],
    sounds: dict[str, float] | None = None,
    *,
    texts: tuple[str, ...] = ("a line",),
    dropped: dict[str, int] | None = None,
    start: int = 0,
) -> Part:
    cues = tuple(Cue(start + i, start + i + 1, text) for i, text in enumerate(texts))
    language = next(iter(spoken), None)
    sounds = spoken if sounds is None else sounds
    return Part(start, start + 10, language, cues, spoken, sounds, dropped or {})


def test_the_language_of_the_transcript_is_the_one_with_the_most_speech() -> None:
    parts = [_part({"en": 60.0}), _part({"de": 90.0, "en": 10.0}), _part({"de": 5.0})]
    assert assemble(parts, "whisper:small", None).language == "de"


def test_several_languages_are_listed_with_their_shares() -> None:
    (note,) = assemble([_part({"en": 250.0}), _part({"de": 750.0})], "s", None).notes
    assert "German (75%), English (25%)" in note
    assert "(75%)" in note
    assert "(25%)" in note
    assert note.index("75%") < note.index("25%")


@pytest.mark.parametrize("second", [9.0, 29.0])
def test_a_few_words_in_a_second_language_need_no_note(second: float) -> None:
    # Less than ten seconds, and less than 3 %.
    assert assemble([_part({"en": 1000.0, "fr": second})], "s", None).notes == ()
    assert assemble([_part({"en": 1000.0, "fr": 40.0})], "s", None).notes != ()


def test_one_language_needs_no_note() -> None:
    transcript = assemble([_part({"en": 300.0})], "whisper:small", None)
    assert (transcript.notes, transcript.source) == ((), "whisper:small")


def test_a_set_language_that_differs_from_the_detected_one_gives_a_note() -> None:
    part = _part({"en": 100.0}, {"de": 80.0, "en": 20.0})
    (note,) = assemble([part], "s", "en").notes
    assert "80%" in note
    assert "--language de" in note
    assert assemble([part], "s", None).notes == ()


def test_a_set_language_that_is_detected_needs_no_note() -> None:
    assert assemble([_part({"en": 100.0}, {"de": 40.0, "en": 60.0})], "s", "en").notes == ()
    assert assemble([_part({"en": 100.0})], "s", "en-GB").notes == ()
    assert assemble([_part({"no": 100.0})], "s", "nb").notes == ()


def test_an_english_only_model_gives_a_note() -> None:
    transcript = assemble([_part({"en": 100.0})], "s", "de")
    assert transcript.language == "en"
    (note,) = transcript.notes
    assert note.startswith("This model supports only ")
    assert "was not used" in note


@pytest.mark.parametrize(
    ("asked", "detected", "language"),
    [("de-AT", None, "de"), (None, None, None), ("jv", "jw", "jv"), (None, "jw", "jv")],
)
def test_the_language_of_a_transcript_is_an_iso_639_code(
    asked: str | None, detected: str | None, language: str | None
) -> None:
    parts = [_part({detected: 1.0} if detected else {}, texts=())]
    assert assemble(parts, "s", asked).language == language


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("pt-BR", "pt"),
        ("EN", "en"),
        ("jv", "jw"),
        ("nb_NO", "no"),
        ("cmn-Hans", "zh"),
        ("", None),
        (None, None),
    ],
)
def test_language_tags_become_whispers_codes(tag: str | None, code: str | None) -> None:
    assert whisper_code(tag) == code


def test_cues_are_sorted_and_loops_across_parts_are_dropped() -> None:
    parts = [
        _part({"en": 1.0}, texts=("so", "Thank you.", "thank you"), dropped={"late": 1}),
        _part({"en": 1.0}, texts=("Thank you!", "on we go"), start=10, dropped={"repeated": 1}),
    ]
    transcript = assemble(parts, "s", None)
    assert [cue.text for cue in transcript.cues] == ["so", "Thank you.", "on we go"]
    assert transcript.notes == (
        "Dropped 1 recognised line after the end of the audio.",
        "Dropped 3 recognised lines that only repeated earlier text.",
    )
    swapped = [_part({}, texts=("later",), start=10), _part({}, texts=("earlier",))]
    assert [cue.text for cue in assemble(swapped, "s", None).cues] == ["earlier", "later"]


def test_without_parts_the_transcript_is_empty() -> None:
    assert assemble([], "s", None) == Transcript((), "s", None)


def test_parts_survive_a_round_trip_through_json() -> None:
    second = replace(PART, start=16_000, end=32_000, language=None, cues=(), spoken={}, dropped={})
    entries = json.loads(json.dumps([asdict(PART), asdict(second)]))
    assert resume(entries) == [PART, second]


def test_a_transcript_survives_a_round_trip_through_json() -> None:
    transcript = Transcript((CUE,), "whisper:small", "de", ("a note",))
    assert transcript_from_json(json.loads(json.dumps(asdict(transcript)))) == transcript


DAMAGE: list[Any] = [
    None,
    5,
    [],
    "text",
    {},
    {"start": 0},
    {**asdict(PART), "start": "x"},
    {**asdict(PART), "spoken": None},
    {**asdict(PART), "dropped": {"late": "x"}},
    {**asdict(PART), "cues": [{"start": 0.0}]},
    {**asdict(PART), "cues": [{**asdict(CUE), "words": [{"begin": 0.0}]}]},
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_entry_is_ignored(damage: Any) -> None:
    assert resume([damage, asdict(PART), damage]) == [PART]


def test_parts_that_are_not_contiguous_are_ignored() -> None:
    gap, again = replace(PART, start=20_000, end=40_000), replace(PART, end=99)
    assert resume([asdict(gap), asdict(PART), asdict(again), asdict(gap)]) == [PART]


@pytest.mark.parametrize("damage", [None, 5, [], {}, {"cues": []}, {"cues": 5, "source": "s"}])
def test_a_damaged_transcript_is_none(damage: Any) -> None:
    assert transcript_from_json(damage) is None
