"""The table of known models."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from chapterize.hub import MODELS, Purpose, how_to_get, known, size_text


def test_every_name_of_faster_whisper_is_known_with_its_repository() -> None:
    from faster_whisper import available_models
    from faster_whisper.utils import _MODELS

    for name in available_models():
        model = known(name)
        assert model is not None, name
        assert model.purpose == "speech"
        assert model.repository == _MODELS[name]


def test_every_model_is_pinned_to_a_whole_commit() -> None:
    for model in MODELS:
        assert model.revision is not None
        assert re.fullmatch("[0-9a-f]{40}", model.revision)
        assert model.purpose in get_args(Purpose)


def test_names_and_repositories_are_unambiguous() -> None:
    names = [name for model in MODELS for name in (model.name, *model.aliases)]
    assert len(set(names)) == len(names)
    assert len({model.repository for model in MODELS}) == len(MODELS)
    assert len({model.revision for model in MODELS}) == len(MODELS)


def test_an_alias_and_a_repository_name_the_same_model() -> None:
    turbo = known("large-v3-turbo")
    assert turbo is not None
    assert known("turbo") == known(turbo.repository) == turbo
    assert known("smal") is None


@pytest.mark.parametrize(
    ("megabytes", "text"), [(487, "487 MB"), (1622, "1.6 GB"), (None, "unknown size")]
)
def test_sizes_are_shown_in_the_larger_unit(megabytes: int | None, text: str) -> None:
    assert size_text(megabytes) == text


def test_the_instruction_to_download_names_the_command_and_the_size() -> None:
    assert how_to_get("small") == 'run "chapterize models pull small" (487 MB)'
    assert how_to_get("a/b") == 'run "chapterize models pull a/b"'


def test_the_language_models_have_a_size_and_a_licence_that_allows_any_use() -> None:
    models = [model for model in MODELS if model.purpose == "titles"]
    assert [model.name for model in models] == ["qwen2.5-1.5b", "qwen2.5-0.5b"]
    assert all(model.licence == "Apache-2.0" and model.megabytes for model in models)
    assert models[0].kind == "title model"
