"""Telling folders from names: nothing that looks like a path reaches the hub."""

from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.errors import EngineError
from chapterize.hub import Model, Purpose, choose, known, named


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with one model in ``models``."""
    folder = tmp_path / "here"
    (folder / "models" / "small").mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path))
    return folder


def test_an_existing_folder_is_returned(here: Path) -> None:
    assert choose("models/small", "speech") == Path("models/small")
    assert choose("./models/small/", "speech") == Path("models/small")
    assert choose(here / "models" / "small", "sentences") == here / "models" / "small"


def test_a_registered_name_is_a_model() -> None:
    assert choose("small", "speech") == known("small")
    assert choose("turbo", "speech") == known("large-v3-turbo")
    assert choose("Systran/faster-whisper-small", "speech") == known("small")


def test_a_registered_name_is_not_a_model_for_another_purpose() -> None:
    with pytest.raises(EngineError, match="there is no speech model 'all-MiniLM-L6-v2'"):
        choose("all-MiniLM-L6-v2", "speech")


def test_an_unregistered_repository_is_a_model_without_details() -> None:
    model = choose("someone/some-model", "speech")
    assert model == Model("someone/some-model", "speech", "someone/some-model")
    short = choose("all-mpnet-base-v2", "sentences")
    assert isinstance(short, Model)
    assert short.repository == "sentence-transformers/all-mpnet-base-v2"


@pytest.mark.parametrize(
    "text",
    [
        *("./models/smal", "models/smal", "models/smal/", "~/x", "/no/such", "a/b/c", "a/b/"),
        *("a\\b", "C:\\models\\small", "C:/models", "../models", ".", "./", "//a/b", "a//b"),
    ],
)
@pytest.mark.parametrize("purpose", ["speech", "sentences"])
def test_what_looks_like_a_path_is_never_a_name(text: str, purpose: Purpose, here: Path) -> None:
    if Path(text).is_dir():
        assert choose(text, purpose) == Path(text)
        return
    with pytest.raises(EngineError, match="does not exist") as caught:
        choose(text, purpose)
    assert text in caught.value.what
    assert caught.value.why
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "similar"),
    [
        ("./models/smal", "./models/small"),
        ("models/smal", "models/small"),
        ("models/smal/", "models/small"),
        ("./smal", "small"),
        ("~/heer", "~/here"),
    ],
)
def test_a_mistyped_folder_suggests_similar_ones(text: str, similar: str) -> None:
    with pytest.raises(EngineError) as caught:
        choose(text, "speech")
    assert caught.value.hint.startswith("did you mean ")
    assert similar in caught.value.hint.rstrip("?").split()


def test_a_missing_parent_folder_is_reported() -> None:
    with pytest.raises(EngineError, match="the folder nowhere/at does not exist either"):
        choose("nowhere/at/all", "speech")


def test_owner_and_name_is_a_path_if_the_owner_is_a_folder(here: Path) -> None:
    assert isinstance(choose("owner/model", "speech"), Model)
    (here / "owner").mkdir()
    with pytest.raises(EngineError, match="the folder owner/model does not exist"):
        choose("owner/model", "speech")


def test_a_file_is_not_a_folder(here: Path) -> None:
    file = here / "models" / "small" / "model.bin"
    file.touch()
    with pytest.raises(EngineError, match="is not a folder") as caught:
        choose(str(file), "speech")
    assert str(file.parent) in caught.value.hint


@pytest.mark.parametrize(
    ("text", "similar"),
    [("smal", "small"), ("large-v3-trubo", "large-v3-turbo"), ("modles", "models")],
)
def test_a_mistyped_name_suggests_similar_ones(text: str, similar: str) -> None:
    with pytest.raises(EngineError, match="there is no speech model") as caught:
        choose(text, "speech")
    assert similar in caught.value.hint


@pytest.mark.parametrize("text", ["", "--", "a b", "qqqqqqqq"])
def test_an_invalid_name_gets_examples(text: str) -> None:
    with pytest.raises(EngineError, match="there is no speech model") as caught:
        choose(text, "speech")
    assert "small, medium" in caught.value.hint


def test_a_path_object_is_never_a_name() -> None:
    with pytest.raises(EngineError, match="the folder small does not exist"):
        choose(Path("small"), "speech")


def test_the_purpose_of_a_name_is_inferred(here: Path) -> None:
    for name, purpose in {
        "small": "speech",
        "all-MiniLM-L6-v2": "sentences",
        "sentence-transformers/other": "sentences",
        "someone/other": "speech",
    }.items():
        model = named(name)
        assert isinstance(model, Model)
        assert model.purpose == purpose
    assert named("models/small") == Path("models/small")


@pytest.mark.parametrize("purpose", ["speech", "sentences"])
@pytest.mark.parametrize(
    "text",
    [
        "a" * 300,
        "a" * 300 + "/b",
        "./" + "a" * 300,
        "é" * 200 + "/x",
        "a/" * 3000,
        "a--b/c",
        "a/b.git",
    ],
)
def test_an_impossible_name_is_no_name_of_a_model(text: str, purpose: Purpose) -> None:
    with pytest.raises(EngineError) as caught:
        choose(text, purpose)
    assert "name of a" in caught.value.why
    assert len(caught.value.what) < 100
