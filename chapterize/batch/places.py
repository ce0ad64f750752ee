"""Where a run reads and writes: folders of this machine, or addresses on other storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chapterize.batch.items import common_root
from chapterize.batch.records import root_of
from chapterize.batch.shadow import Shadow
from chapterize.batch.storage import is_remote
from chapterize.errors import InputError

__all__ = ["Places"]


@dataclass(frozen=True)
class Places:
    """The inputs and the output tree of a run.

    Parameters
    ----------
    named : absolute paths, or addresses, of files and folders.
    base : the folder that `Item.relative` starts at; empty for addresses, which share their own.
    root : the folder of the records: that of the outputs, their shadow, or that of the inputs.
    mirror : the folder in which the input tree is mirrored; None: results go next to the inputs.
    address : of the output tree on other storage; None: it is on this machine.
    """

    named: tuple[str, ...]
    base: str
    root: Path
    mirror: Path | None
    address: str | None = None

    @classmethod
    def of(cls, named: Sequence[str], out: str | Path | None) -> Places:
        """The places for these inputs and this output folder.

        Raises
        ------
        InputError : there are inputs of both kinds; results of inputs on other storage have no
            folder, or one among the inputs.
        """
        n_remote = sum(map(is_remote, named))
        if 0 < n_remote < len(named):
            raise InputError(
                "inputs on this machine and on other storage in one run",
                why="their results could not be placed in one tree",
                hint="start one run for each",
            )
        base = "" if n_remote else common_root(named)
        if isinstance(out, str):
            _refuse_among_inputs(out, named)
            shadow = Shadow(out)
            return cls(tuple(named), base, shadow.root, shadow.root, shadow.address)
        if out is not None:
            return cls(tuple(named), base, out.absolute(), out.absolute())
        if n_remote:
            raise InputError(
                f"no folder for the results of {named[0]}",
                why="they are not written next to inputs on other storage",
                hint="name one with --out, on this machine or there",
            )
        # Next to the inputs, a run may be about a part of what an earlier one was about.
        root = root_of(base)
        return cls(tuple(named), str(root), root, None)

    @property
    def shadow(self) -> Shadow | None:
        """The shadow of the output tree on other storage."""
        return None if self.address is None else Shadow(self.address)

    @property
    def shared(self) -> tuple[str, ...]:
        """The folders that other machines must see to work on the files."""
        outputs = () if self.address is not None else (str(self.root),)
        return tuple(dict.fromkeys((*outputs, *filter(None, (self.base,)))))


def _refuse_among_inputs(out: str, named: Sequence[str]) -> None:
    for each in named:
        if f"{out.rstrip('/')}/".startswith(f"{each.rstrip('/')}/"):
            raise InputError(
                f"the results would be among the inputs in {each}",
                why="the next run would read them as captions",
                hint="choose a folder with --out that is not in an input folder",
            )
