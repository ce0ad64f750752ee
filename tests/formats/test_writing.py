"""`dumps` as a library call: the examples of its documentation, and its limits."""

from __future__ import annotations

import doctest
from types import ModuleType

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import FormatError, InputError
from chapterize.formats import reading, writing

TWO = Chapters.from_starts([0, 61.5], ["One", "Zwei – 二"], 120)


@pytest.mark.parametrize("module", [formats, writing, reading])
def test_the_examples_of_the_documentation_hold(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


def test_format_is_a_name_by_position_or_keyword() -> None:
    text = formats.dumps(TWO, format="webvtt")
    assert text == formats.dumps(TWO, "webvtt")
    assert formats.loads(text, format="webvtt") == formats.loads(text, "webvtt")
    assert formats.loads(text).chapters == TWO


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(InputError, match="no chapter format 'srt'"):
        formats.dumps(TWO, "srt")


def test_a_writer_refuses_what_no_reader_would_take() -> None:
    fat = Chapters.from_starts([0, 5], ["x" * formats.MAX_BYTES, "y"], 10)
    with pytest.raises(FormatError, match="16 MB, line"):
        formats.dumps(fat, "webvtt")
