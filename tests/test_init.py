"""The public names."""

import pytest

import chapterize


def test_every_public_name_is_there() -> None:
    for name in chapterize.__all__:
        assert getattr(chapterize, name).__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="segmentize"):
        chapterize.segmentize  # noqa: B018
