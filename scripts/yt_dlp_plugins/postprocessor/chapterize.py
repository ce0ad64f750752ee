"""A post-processor of yt-dlp that finds chapters in what was downloaded.

yt-dlp finds it wherever chapterize is installed for the same Python::

    yt-dlp --use-postprocessor "Chapterize:when=after_move" URL
    yt-dlp --use-postprocessor "Chapterize:when=after_move;format=webvtt,youtube;count=8" URL
    yt-dlp --use-postprocessor "Chapterize:when=after_move;embed=true" URL

`format` names the files to write next to the video, ``youtube`` by default. With ``embed=true``,
the chapters are written into the video itself, and files only for a given `format`. A video that
has chapters of its own, and chapter files that exist, are kept, unless ``replace=true`` is given.
All else is an option of ``chapterize draft`` with its value: ``language=de``, ``per_hour=6``,
``offline=true``. Without the last, a speech model is downloaded if a video has no captions.

chapterize runs in a process of its own. So the file also works in the plug-in folder of a
standalone yt-dlp, which cannot import chapterize, if the command ``chapterize`` is on the PATH.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from yt_dlp.postprocessor.common import PostProcessor
from yt_dlp.utils import PostProcessingError

__all__ = ["ChapterizePP"]

_FLAGS = {"true": True, "yes": True, "1": True, "": True, "false": False, "no": False, "0": False}
_DRAFT_FLAGS = ("offline", "edits", "show_prompt")
_TAKEN = ("json", "output", "out_dir", "transcript", "force")
_SECRETS = ("NEMO_TOKEN",)
_OUTPUT_FAILED = 5
_LAST_LINES = 3
_ERROR = ("error:", "  why:", "  next:")
"""How the lines of an error start, which yt-dlp shows."""


class ChapterizePP(PostProcessor):  # type: ignore[misc]
    """Draft chapters for a downloaded file; yt-dlp passes every argument as text."""

    def __init__(self, downloader: Any = None, **arguments: str) -> None:
        super().__init__(downloader)
        self._embed = _flag("embed", arguments.pop("embed", "false"))
        self._replace = _flag("replace", arguments.pop("replace", "false"))
        formats = arguments.pop("format", "" if self._embed else "youtube")
        self._formats = [name.strip() for name in formats.split(",") if name.strip()]
        self._options = list(_options(arguments))

    def run(self, information: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
        """Draft chapters for ``filepath`` and put them into `information`; delete nothing."""
        name = information.get("filepath")
        if not name or information.get("_type", "video") != "video":
            self.report_warning("there is no file yet; use Chapterize:when=after_move")
            return [], information
        path = Path(name).absolute()
        if (known := information.get("chapters")) and not self._replace:
            self.to_screen(f"{path.name} has {len(known)} chapters of its own, which are kept")
            return [], information
        if self._embed and not self._replace and not information.get("__real_download", True):
            self.to_screen(f"{path.name} was downloaded before, so it is kept as it is")
            return [], information
        self.to_screen(f"Finding chapters in {path.name}")
        with tempfile.TemporaryDirectory() as folder:
            drafted = Path(folder) / "chapters.json"
            if not self._draft(path, drafted):
                return [], information
            if self._embed:
                given = ["--from", "json", "-o", str(path), "--force"]
                given += ["--replace"] if self._replace else []
                self._call("embed", path, str(drafted), *given)
            found = json.loads(drafted.read_text(encoding="utf-8"))["chapters"]
        information["chapters"] = [
            {"start_time": each["start"], "end_time": each["end"], "title": each["title"]}
            for each in found
        ]
        return [], information

    def _draft(self, path: Path, target: Path) -> bool:
        """Write the draft as JSON to `target`; False if a file to write exists already."""
        where: list[str | Path] = ["--format", ",".join(self._formats), "--out-dir", path.parent]
        if self._replace:
            where.append("--force")
        arguments = [*self._options, *(where if self._formats else []), "--json"]
        with target.open("wb") as stdout:
            code, lines = self._start(["draft", path, *arguments], stdout)
        if code == _OUTPUT_FAILED and any("already exists" in line for line in lines):
            self.to_screen(f"The chapters of {path.name} exist already, and are kept")
            return False
        _check(code, lines)
        return True

    def _call(self, *arguments: str | Path) -> None:
        _check(*self._start(arguments, subprocess.DEVNULL))

    def _start(self, arguments: Sequence[str | Path], stdout: Any) -> tuple[int, Sequence[str]]:
        """Run chapterize, showing its messages; its exit code and last messages."""
        lines: deque[str] = deque(maxlen=_LAST_LINES)
        with subprocess.Popen(
            [*_program(), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env={name: text for name, text in os.environ.items() if name not in _SECRETS},
        ) as process:
            assert process.stderr is not None
            try:
                for line in process.stderr:
                    lines.append(line.strip())
                    if not line.startswith(_ERROR):
                        self.to_screen(line.rstrip())
            except BaseException:
                process.kill()
                raise
        return process.returncode, lines


def _flag(name: str, value: str) -> bool:
    try:
        return _FLAGS[value.strip().lower()]
    except KeyError:
        raise PostProcessingError(f"{name}={value}: use {name}=true or {name}=false") from None


def _options(arguments: dict[str, str]) -> Iterator[str]:
    """The options of ``chapterize draft`` that `arguments` stand for."""
    for name, value in arguments.items():
        if name in _TAKEN:
            raise PostProcessingError(f"{name} cannot be set; use format, embed and replace")
        option = name.replace("_", "-")
        if name in _DRAFT_FLAGS:
            yield f"--{option}" if _flag(name, value) else f"--no-{option}"
        else:
            yield f"--{option}={value}"


def _program() -> list[str]:
    """How to start chapterize: with this Python if it is installed for it, else by its name."""
    if not getattr(sys, "frozen", False) and find_spec("chapterize") is not None:
        return [sys.executable, "-P", "-m", "chapterize"]
    found = shutil.which("chapterize")
    if found is None:
        raise PostProcessingError("the command chapterize was not found; install it, see README")
    return [found]


def _check(code: int, lines: Sequence[str]) -> None:
    if code != 0:
        raise PostProcessingError(f"chapterize failed with exit code {code}: {' '.join(lines)}")
