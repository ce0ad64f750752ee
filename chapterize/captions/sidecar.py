"""Find the caption file that belongs to a media file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from chapterize.captions.cues import is_chapter_list, put_in_order
from chapterize.captions.kinds import SHARED_SUFFIXES, SUFFIXES, TRANSCRIPT, kind_of, parse
from chapterize.captions.reading import spoken_cues
from chapterize.captions.rolling import is_rolling
from chapterize.decoding import decode_text
from chapterize.errors import ChapterizeError
from chapterize.language import language_code

__all__ = ["find_sidecar", "is_sidecar"]

_SUFFIXES = (*SUFFIXES, *SHARED_SUFFIXES)
# The other kinds are read as a whole: the head of a file would be damaged JSON or XML.
_BY_LINES = ("", "WebVTT", "SRT", "SBV", "ASS")
_MACHINE_MADE = frozenset(("auto", "asr", "whisper", "orig", "generated", "json3"))
_NEUTRAL = frozenset(
    ("cc", "sdh", "captions", "subtitles", "subs", "transcript", "default", "manual", "human")
)
# Enough to see whether captions roll and have word times; chapter lists are shorter.
_HEAD_BYTES = 262_144


def find_sidecar(
    media_path: Path, *, language: str | None = None, on_note: Callable[[str], None] | None = None
) -> Path | None:
    """The best caption file next to `media_path`, None if there is none.

    It has the name of the media, optionally with a language or a word like ``auto`` before the
    suffix: ``talk.srt``, ``talk.en-US.ttml``, ``talk.whisper.json``. Text and tables count only if
    they clearly are speech with times. Prefers a file in `language`,
    then one written by a person, then one without a language, then English. Ignores chapter lists,
    forced subtitles and files without cues. Only files with a matching name are opened. `on_note`
    receives a message about a matching caption file that cannot be read.
    """
    wanted = language_code(language)
    ranked = []
    for path in _named_like(media_path):
        try:
            rank = _rank(path, media_path, wanted)
        except (ChapterizeError, OSError) as error:
            # A file with a shared suffix may be anything.
            if on_note is not None and path.suffix.lower() in SUFFIXES:
                why = error.strerror if isinstance(error, OSError) else error.why or error.what
                on_note(f"{path.name} is ignored: {why or error}.")
        else:
            ranked += [(rank, path)] if rank is not None else []
    return min(ranked)[1] if ranked else None


def is_sidecar(path: Path, media_path: Path) -> bool:
    """Whether `path` is one of the files among which `find_sidecar` chooses."""
    try:
        return _rank(path, media_path, None) is not None
    except (ChapterizeError, OSError):
        return False


def _named_like(media_path: Path) -> Iterator[Path]:
    # File systems differ in Unicode composition: é may be one character or two.
    stem = unicodedata.normalize("NFC", media_path.stem) + "."
    try:
        siblings = sorted(media_path.parent.iterdir())
    except OSError:
        return
    for path in siblings:
        is_match = unicodedata.normalize("NFC", path.name).startswith(stem)
        if is_match and path.suffix.lower() in _SUFFIXES and path != media_path:
            yield path


def _middle(path: Path, media_path: Path) -> list[str] | None:
    """Name parts between stem and suffix; None if the file belongs to something else."""
    name = unicodedata.normalize("NFC", path.stem)
    stem = unicodedata.normalize("NFC", media_path.stem)
    parts = [part for part in name[len(stem) :].split(".") if part]
    if parts and f".{parts[0]}".lower() == media_path.suffix.lower():
        parts = parts[1:]
    known = _MACHINE_MADE | _NEUTRAL
    if not all(part.casefold() in known or language_code(part) for part in parts):
        return None
    return parts


def _rank(path: Path, media_path: Path, wanted: str | None) -> tuple[int, bool, int, int] | None:
    """Rank by language, author and suffix, the best first; None if the file has no captions."""
    parts = _middle(path, media_path)
    if parts is None:
        return None
    with path.open("rb") as file:
        data = file.read(_HEAD_BYTES)
    text, _ = decode_text(data, path.name, is_head=len(data) == _HEAD_BYTES)
    if len(data) == _HEAD_BYTES and kind_of(text) not in _BY_LINES:
        text, _ = decode_text(path.read_bytes(), path.name)
    parsed = parse(text, path.name, path.suffix.lower())
    cues, _ = put_in_order(spoken_cues(parsed), keeps_order=False)
    if (
        parsed.is_chapters
        or parsed.is_doubtful
        or not cues
        or (not parsed.is_clean and is_chapter_list(cues))
    ):
        return None
    languages = [code for part in parts if (code := language_code(part))]
    words = {word.casefold() for part in parts for word in re.split(r"[-_]", part)}
    is_auto = bool(
        words & _MACHINE_MADE
        or parsed.kind.lower().startswith(("whisper", TRANSCRIPT, "table"))
        or any(cue.words for cue in cues)
        or is_rolling(cues)
    )
    known = languages[0] if languages else language_code(parsed.language)
    match = 0 if wanted is None or known == wanted else 1 if known is None else 2
    usual = 0 if known is None else 1 if known == "en" else 2
    return match, is_auto, usual, _SUFFIXES.index(path.suffix.lower())
