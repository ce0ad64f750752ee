from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import chapterize
from chapterize.batch.stored import ShortDraft
from chapterize.pipeline import Draft

LECTURE = Path(__file__).parents[1] / "data" / "lecture.mp4"


@pytest.fixture(scope="module")
def draft() -> Draft:
    """The draft of the sample lecture."""
    return chapterize.make_draft(LECTURE)


def test_the_short_form_comes_back_from_json(draft: Draft) -> None:
    short = ShortDraft.of(draft)
    again = ShortDraft.from_json(short.to_json())
    assert again.row("/in/a.mp4") == short.row("/in/a.mp4")
    assert again.row("/in/a.mp4").thumbnail.startswith("data:image/jpeg;base64,")


def test_the_row_says_where_the_words_come_from(draft: Draft) -> None:
    assert ShortDraft.of(draft).row("/in/a.mp4").words == "captions:embedded"
    silent = replace(draft, transcript=replace(draft.transcript, cues=(), source="whisper:small"))
    assert ShortDraft.of(silent).row("/in/a.mp4").words == "none"


def test_only_what_is_wrong_with_the_file_is_a_fault(draft: Draft) -> None:
    odd = "The header gives 300.4 s, but audio and video end at 300.8 s."
    audio = "The audio is damaged: 3 packets cannot be decoded. Silence fills the gaps."
    other = "These captions seem to belong to another video."
    row = ShortDraft.of(replace(draft, notes=(odd, audio, other, *draft.notes))).row("/in/a.mp4")
    assert row.faults == (audio, other)
    assert row.notes[:3] == (odd, audio, other)


def test_other_counts_are_not_offered_for_each_of_many_files(draft: Draft) -> None:
    assert any("--granularity" in note for note in draft.notes)
    assert not any("--granularity" in note for note in ShortDraft.of(draft).notes)


def test_a_file_that_is_cut_off_has_a_fault(tmp_path: Path) -> None:
    """The first 300,000 bytes of the sample lecture."""
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(LECTURE.read_bytes()[:300_000])
    (fault,) = ShortDraft.of(chapterize.make_draft(cut)).row(str(cut)).faults
    assert fault.endswith("the file is cut off.")
