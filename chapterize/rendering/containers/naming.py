"""What a copy with chapters can be named: its suffix decides, or confirms, the container."""

from __future__ import annotations

from pathlib import Path

from chapterize.data import Media
from chapterize.errors import InputError, OptionError
from chapterize.files import named_as, next_to

__all__ = [
    "FAMILIES",
    "can_hold_chapters",
    "default_target",
    "refuse_target",
    "target_family",
]

FAMILIES = {
    **dict.fromkeys(("mp4", "mov", "m4a"), "mp4"),
    **dict.fromkeys(("mkv", "webm"), "matroska"),
    **{"mp3": "mp3", "ogg": "ogg", "flac": "flac"},
}
"""The writer of each container, as in ``Media.container``."""

_SUFFIXES = {
    **dict.fromkeys((".mp4", ".m4v", ".m4a", ".m4b", ".mov", ".qt", ".3gp", ".3g2"), "mp4"),
    **dict.fromkeys((".mkv", ".mka", ".webm"), "matroska"),
    ".mp3": "mp3",
    **dict.fromkeys((".ogg", ".oga", ".ogv", ".opus", ".spx"), "ogg"),
    ".flac": "flac",
}


def can_hold_chapters(name: str) -> bool:
    """Whether a media file whose name ends like this can hold chapters, if its suffix is right."""
    return Path(name).suffix.lower() in _SUFFIXES


def default_target(source: Path, media: Media) -> Path:
    """``talk-chapters.mp4`` next to ``talk.mp4``; a suffix that is wrong is corrected.

    Raises
    ------
    InputError : the container cannot hold chapters.
    """
    family = _family(media, source)
    suffix = source.suffix
    if _SUFFIXES.get(suffix.lower()) != family:
        suffix = f".{media.container}"
    return next_to(source, f"-chapters{suffix}")


def _family(media: Media, source: Path) -> str:
    try:
        return FAMILIES[media.container]
    except KeyError as error:
        raise InputError(
            f"{source} cannot hold chapters",
            why=f"{media.container.upper()} has no chapters that players show",
            hint=f"write an MKV with -o {named_as(source, '.mkv')}; or a sidecar: "
            f"chapterize convert CHAPTERS {named_as(source, '.vtt')}",
        ) from error


def refuse_target(media: Media, target: Path) -> None:
    """Raise InputError if a copy of `media` with chapters cannot be named `target`."""
    target_family(media, target)


def target_family(media: Media, target: Path) -> str:
    """Return the writer of a copy of `media` named `target`; raises as `refuse_target`."""
    suffix = target.suffix.lower()
    wanted = _SUFFIXES.get(suffix)
    if wanted == "matroska" and suffix != ".webm":
        return wanted
    own = _family(media, media.path)
    # A file of an unusual name may be edited in place.
    is_same = target.exists() and target.samefile(media.path)
    if (wanted == own and (suffix != ".webm" or media.container == "webm")) or is_same:
        return own
    fitting = [name for name, family in _SUFFIXES.items() if family == own and name != ".webm"]
    if media.container == "webm":
        fitting = [".webm"]
    names = ", ".join(dict.fromkeys((*fitting, ".mkv", ".mka")))
    if wanted is None:
        raise OptionError(
            f"{target.name} is not a name for a file with chapters",
            why=f"{media.container.upper()} copies may end in {names}",
            hint=f"name it {named_as(target, f'.{media.container}')}",
        )
    raise OptionError(
        f"{target.name} is the name of another container than {media.path}",
        why=f"the streams of the {media.container.upper()} are copied, and may not fit there",
        hint=f"end the name in one of {names}; Matroska holds all streams",
    )
