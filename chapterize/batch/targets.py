"""Where the results of each file go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chapterize.batch.items import Folder, Item
from chapterize.files import result_name
from chapterize.formats import SUFFIXES
from chapterize.rendering.containers import can_hold_chapters

__all__ = ["EMBED", "Target", "Targets"]

EMBED = "embed"
"""The kind of a target that is a copy of the media with chapters inside."""


@dataclass(frozen=True, slots=True)
class Target:
    """A file to write; `kind` is the name of a chapter format, or `EMBED`."""

    path: Path
    kind: str


@dataclass(frozen=True)
class Targets:
    """Where results go, and in which formats.

    Parameters
    ----------
    root : the output folder, in which the input tree is mirrored; None: next to each input.
    formats : names of chapter formats, at least one.
    embed : also write a copy of the media with chapters, ``NAME-chapters.EXT``.
    """

    root: Path | None = None
    formats: tuple[str, ...] = ("youtube",)
    embed: bool = False

    def of(self, item: Item, folder: Folder | None = None) -> tuple[Target, ...]:
        """The files to write for `item`, which is in `folder`: ``talk.vtt`` for ``talk.mp4``.

        If two inputs of a folder have the same stem, both keep their suffix: ``talk.mp4.vtt``. The
        names in that folder alone decide, so that it does not depend on what a run is given.
        """
        name = item.relative.name
        stem, suffix = item.relative.stem, item.relative.suffix
        if folder is not None and folder.is_shared(name):
            stem = name
        if self.root is None:
            place = item.path.parent
        else:
            place = self.root.joinpath(*item.relative.parts[:-1])
        targets = [Target(place / result_name(stem, SUFFIXES[each]), each) for each in self.formats]
        if self.embed and can_hold_chapters(name):
            targets.append(Target(place / result_name(stem, f"-chapters{suffix}"), EMBED))
        return tuple(targets)
