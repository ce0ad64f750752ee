"""What there is to do: the media and caption files among the inputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

__all__ = ["Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """A file to draft.

    Parameters
    ----------
    source : absolute path of the file, or its address (``s3://…``).
    relative : where its results go below the output folder, with its own name: ``week1/talk.mp4``.
        It identifies the file in the records.
    size_bytes, mtime_ns : as the file system reports them; -1 if it does not.
    """

    source: str
    relative: PurePosixPath
    size_bytes: int
    mtime_ns: int

    @property
    def path(self) -> Path:
        """The local path of the file."""
        return Path(self.source)
