"""What a run does with every file, as one value that workers receive."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from chapterize import weights
from chapterize._version import __version__
from chapterize.batch.targets import Targets
from chapterize.fingerprint import file_fingerprint
from chapterize.formats import FrameRate
from chapterize.pipeline import Options
from chapterize.profiles import Profile
from chapterize.slides import SlideReader, is_installed

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """The options of a run; it can be sent to another process or machine.

    Parameters
    ----------
    options : how chapters are drafted. `on_download` is not kept: see `may_download`.
    targets : where results go.
    root : the folder of the records and of the lock: that of the outputs, or of the inputs.
    address : of the output tree on other storage; `root` is its shadow then. None: it is local.
    redo : draft again what is done. redo_failed : only what failed in the last run.
    replace : replace outputs that a person made or changed.
    timeout : seconds that one file may take; None: any time.
    max_failures : stop after this many failed files; None: never. fail_fast : stop after the first.
    exec_command : a command to run after each finished file.
    frame_rate : for formats that count frames.
    may_download : whether a missing model may be downloaded.
    """

    options: Options = field(default_factory=Options)
    targets: Targets = field(default_factory=Targets)
    root: Path = field(default_factory=Path)
    address: str | None = None
    redo: bool = False
    redo_failed: bool = False
    replace: bool = False
    timeout: float | None = None
    max_failures: int | None = None
    fail_fast: bool = False
    exec_command: str | None = None
    frame_rate: FrameRate | None = None
    may_download: bool = True

    def __post_init__(self) -> None:
        # A callback cannot be sent to another process.
        object.__setattr__(self, "options", replace(self.options, on_download=None))

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """What the result depends on besides the file, by what it changes.

        ``words``, ``boundaries`` and ``titles`` are digests of options, of the version and of the
        built-in models; ``outputs`` of how files are written.
        """
        options = self.options
        captions = options.captions
        if isinstance(captions, Path):
            captions = file_fingerprint(captions)
        segment = options.segment
        models = weights.digests()
        reads = options.slides != "off" and is_installed()
        # A profile that has learned more does not redo what is done.
        profile = options.profile.key if isinstance(options.profile, Profile) else options.profile
        return {
            "words": _digest(captions, options.language, options.model),
            "boundaries": _digest(
                *(options.embedder, segment, options.edits, options.existing),
                *(__version__, sorted(models.items()), profile),
                SlideReader.fingerprint if reads else None,
            ),
            "titles": _digest(options.titles, options.titles_model),
            "outputs": _digest(self.frame_rate),
        }

    @cached_property
    def has_speech_model(self) -> bool:
        """Whether the speech model of the options is on this disk."""
        from chapterize.transcribe import WhisperTranscriber, model_on_disk

        wanted = WhisperTranscriber(self.options.model, device=self.options.device)
        return model_on_disk(wanted.model) is not None


def _digest(*parts: object) -> str:
    text = json.dumps([str(part) for part in parts])
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
