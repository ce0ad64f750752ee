"""Decide whether the user's text is a model folder, a known name, or a repository on the hub."""

from __future__ import annotations

import difflib
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from chapterize.errors import EngineError
from chapterize.hub.registry import MODELS, Model, Purpose, known

__all__ = ["choose", "folder_of", "named"]

_PART = r"\w(?:[\w.-]*\w)?"
_BARE = re.compile(_PART, re.ASCII)
_OWNED = re.compile(f"({_PART})/({_PART})", re.ASCII)
_MOST_CHARACTERS = 96
"""Length of the longest name of a repository on the hub."""
_SHOWN = 60
_DRIVE = re.compile(r"[A-Za-z]:")
_SENTENCE_OWNER = "sentence-transformers"
_OPTION = {"speech": "--model", "sentences": "--embedder", "titles": "--titles-model"}
_EXAMPLES = {
    "speech": "small, medium or large-v3-turbo",
    "sentences": "all-MiniLM-L6-v2 or owner/name",
    "titles": "qwen2.5-1.5b or owner/name",
}


def folder_of(name_or_dir: str | Path) -> Path | None:
    """Return `name_or_dir` as a path if it is an existing folder, else None."""
    folder = Path(name_or_dir).expanduser()
    with suppress(OSError):  # too long for a file, or in a folder that cannot be read
        if str(name_or_dir) and folder.is_dir():
            return folder
    return None


def choose(name_or_dir: str | Path, purpose: Purpose) -> Path | Model:
    """Return the given folder, or the model with the given name.

    Text that looks like a path is never a name. ``owner/name`` is a repository on the hub, unless
    the working directory contains a folder ``owner``.

    Raises
    ------
    EngineError : the folder does not exist, or the name is invalid.
    """
    if folder := folder_of(name_or_dir):
        return folder
    text = str(name_or_dir)
    if isinstance(name_or_dir, Path) or _is_path(text):
        raise _no_such_folder(Path(text), text, purpose)
    if (model := known(text)) and model.purpose == purpose:
        return model
    repository = text
    if purpose == "sentences" and _BARE.fullmatch(text):
        repository = f"{_SENTENCE_OWNER}/{text}"
    why = "it is neither a folder nor the name of a known model"
    if _OWNED.fullmatch(repository):
        if _may_exist(repository):
            return Model(text, purpose, repository)
        why = f"it is not the name of a model: a name has at most {_MOST_CHARACTERS} characters, "
        why += "without -- or .., and does not end in .git"
    raise EngineError(
        f"there is no {Model('', purpose, '').kind} {_shortened(text)!r}",
        why=why,
        hint=_did_you_mean(_similar_folders(Path(text), "") + _similar_names(text, purpose))
        or f"give {_OPTION[purpose]} a folder, or a name such as {_EXAMPLES[purpose]}",
    )


def named(name: str) -> Path | Model:
    """Return the model called `name`, whatever its purpose, or the folder.

    Registered names have priority. Any other ``owner/name`` is a speech model, unless the owner is
    sentence-transformers. Raises as `choose`.
    """
    if model := known(name):
        return model
    return choose(name, "sentences" if name.startswith(f"{_SENTENCE_OWNER}/") else "speech")


def _is_path(text: str) -> bool:
    if text.startswith(("~", ".")) or "\\" in text or _DRIVE.match(text):
        return True
    if "/" not in text:
        return False
    owned = _OWNED.fullmatch(text)
    return owned is None or folder_of(owned[1]) is not None


def _may_exist(repository: str) -> bool:
    """Whether the hub allows this name of a repository."""
    is_odd = "--" in repository or ".." in repository or repository.endswith(".git")
    return len(repository) <= _MOST_CHARACTERS and not is_odd


def _no_such_folder(path: Path, text: str, purpose: Purpose) -> EngineError:
    kind = Model("", purpose, "").kind
    if "://" in text:
        owner_and_name = "/".join(urlsplit(text).path.strip("/").split("/")[:2])
        return EngineError(
            f"{_shortened(text)} is a web address, not a {kind}",
            why="models are named, not addressed",
            hint=f"give its name: {owner_and_name or _EXAMPLES[purpose]}",
        )
    path = path.expanduser()
    try:
        exists, has_parent = path.exists(), path.parent.is_dir()
    except OSError as error:
        return EngineError(
            f"there is no {kind} {_shortened(text)!r}",
            why=f"it is not the name of a model, and not a folder: {error.strerror}",
            hint=f"check {_OPTION[purpose]}, or give a name such as {_EXAMPLES[purpose]}",
        )
    if exists:
        return EngineError(
            f"{text} is not a folder",
            why=f"a {kind} is a folder with several files",
            hint=f"give the folder that contains it: {path.parent}",
        )
    parent = path.parent
    folders, names = _similar_folders(path, text), _similar_names(path.name, purpose)
    if not has_parent:
        why = f"the folder {parent} does not exist either"
    elif folders:
        similar = ", ".join(name.rstrip("/").rpartition("/")[2] for name in folders)
        why = f"{parent} contains {similar}"
    else:
        why = f"{parent} contains no folder with a similar name"
    return EngineError(
        f"the folder {text} does not exist",
        why=why,
        hint=_did_you_mean([*folders, *(f"the model {name}" for name in names[:1])])
        or f"check {_OPTION[purpose]}, or give a name such as {_EXAMPLES[purpose]}",
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _similar_folders(path: Path, text: str) -> list[str]:
    """Sibling folders with a similar name, with the same prefix as `text`."""
    try:
        siblings = [each.name for each in path.parent.iterdir() if each.is_dir()]
    except OSError:
        return []
    similar = difflib.get_close_matches(path.name, siblings, n=3)
    stem = text.rstrip("/\\")
    prefix = stem[: len(stem) - len(path.name)] if stem.endswith(path.name) else ""
    return [f"{prefix or './'}{name}" for name in similar]


def _similar_names(text: str, purpose: Purpose) -> list[str]:
    names = [
        name
        for model in MODELS
        if model.purpose == purpose
        for name in (model.name, *model.aliases)
    ]
    return difflib.get_close_matches(text, names, n=3)


def _did_you_mean(similar: list[str]) -> str:
    return f"did you mean {' or '.join(similar)}?" if similar else ""
