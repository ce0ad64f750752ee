"""What the user typed: the folder of a model, or a name on the hub."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from chapterize.errors import EngineError
from chapterize.hub.registry import MODELS, Model, Purpose, known

__all__ = ["choose", "folder_of", "named"]

_PART = r"\w(?:[\w.-]*\w)?"
_BARE = re.compile(_PART, re.ASCII)
_OWNED = re.compile(f"({_PART})/({_PART})", re.ASCII)
_DRIVE = re.compile(r"[A-Za-z]:")
_SENTENCE_OWNER = "sentence-transformers"
_OPTION = {"speech": "--model", "sentences": "--embedder"}
_EXAMPLES = {
    "speech": "small, medium or large-v3-turbo",
    "sentences": "all-MiniLM-L6-v2 or owner/name",
}


def folder_of(name_or_dir: str | Path) -> Path | None:
    """Return the folder when `name_or_dir` is one, None when it can only be a name."""
    folder = Path(name_or_dir).expanduser()
    return folder if str(name_or_dir) and folder.is_dir() else None


def choose(name_or_dir: str | Path, purpose: Purpose) -> Path | Model:
    """Return the folder that was given, or the model that a name stands for.

    Nothing that looks like a path is taken for a name on the hub. ``owner/name`` is a name there
    unless a folder ``owner`` is in the working directory.

    Raises
    ------
    EngineError : a folder that does not exist, or a name that cannot be one.
    """
    if folder := folder_of(name_or_dir):
        return folder
    text = str(name_or_dir)
    if isinstance(name_or_dir, Path) or _is_path(text):
        raise _no_such_folder(Path(text), text, purpose)
    if (model := known(text)) and model.purpose == purpose:
        return model
    if _OWNED.fullmatch(text):
        return Model(text, purpose, text)
    if purpose == "sentences" and _BARE.fullmatch(text):
        return Model(text, purpose, f"{_SENTENCE_OWNER}/{text}")
    raise EngineError(
        f"there is no {Model('', purpose, '').kind} {text!r}",
        why="it is neither a folder nor the name of a known model",
        hint=_did_you_mean(_near_folders(Path(text), "") + _near_names(text, purpose))
        or f"give {_OPTION[purpose]} a folder, or a name such as {_EXAMPLES[purpose]}",
    )


def named(name: str) -> Path | Model:
    """Return the model called `name`, of any purpose, or the folder.

    Names of the registry come first. Another ``owner/name`` is a speech model, except those of
    sentence-transformers.

    Raises
    ------
    EngineError : as `choose`.
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
    return owned is None or Path(owned[1]).is_dir()


def _no_such_folder(path: Path, text: str, purpose: Purpose) -> EngineError:
    kind = Model("", purpose, "").kind
    place = path.expanduser()
    if place.exists():
        return EngineError(
            f"{text} is no folder",
            why=f"a {kind} is a folder with several files",
            hint=f"give the folder that holds it: {place.parent}",
        )
    parent = place.parent
    if not parent.is_dir():
        why = f"there is no folder {parent} either"
    elif near := _near_folders(place, text):
        why = f"{parent} holds {', '.join(name.rstrip('/').rpartition('/')[2] for name in near)}"
    else:
        why = f"{parent} holds no folder of a similar name"
    folders, names = _near_folders(place, text), _near_names(place.name, purpose)
    near = [*folders, *(f"the model {name}" for name in names[:1])]
    return EngineError(
        f"the folder {text} does not exist",
        why=why,
        hint=_did_you_mean(near)
        or f"check {_OPTION[purpose]}, or give a name such as {_EXAMPLES[purpose]}",
    )


def _near_folders(place: Path, text: str) -> list[str]:
    """Sibling folders with a similar name, written as `text` is."""
    try:
        siblings = [each.name for each in place.parent.iterdir() if each.is_dir()]
    except OSError:
        return []
    near = difflib.get_close_matches(place.name, siblings, n=3)
    stem = text.rstrip("/\\")
    before = stem[: len(stem) - len(place.name)] if stem.endswith(place.name) else ""
    return [f"{before or './'}{name}" for name in near]


def _near_names(text: str, purpose: Purpose) -> list[str]:
    names = [
        name
        for model in MODELS
        if model.purpose == purpose
        for name in (model.name, *model.aliases)
    ]
    return difflib.get_close_matches(text, names, n=3)


def _did_you_mean(near: list[str]) -> str:
    return f"did you mean {' or '.join(near)}?" if near else ""
