"""What a user or an agent names: a file on this machine, or a web address."""

from __future__ import annotations

import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from chapterize.errors import InputError, OptionError

__all__ = [
    "MEDIA_SUFFIXES",
    "STDIN",
    "WebAddress",
    "file_or_stdin",
    "local_file",
    "result_file",
    "source_of",
]

STDIN = Path("-")
"""Standard input, where a command reads it."""

MEDIA_SUFFIXES = frozenset(
    (
        *(".mp4", ".m4v", ".m4a", ".m4b", ".mov", ".qt", ".3gp", ".3g2", ".mkv", ".mka", ".webm"),
        *(".mp3", ".ogg", ".oga", ".ogv", ".opus", ".spx", ".avi", ".wav", ".aac", ".flac"),
        *(".ts", ".mts", ".m2ts", ".mpg", ".mpeg", ".vob", ".flv", ".f4v", ".wmv", ".asf", ".mxf"),
        *(".wma", ".aif", ".aiff", ".caf", ".amr", ".ac3", ".eac3"),
    )
)
"""Suffixes of the files that are taken from a folder; a file that is named may have any other."""

# Two slashes are always an address. With one, the text may be a path: see `_address_in`.
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):/(/?)", re.I)
_NO_SCHEME = re.compile(
    r"(?:www\.[\w-]+(?:\.[\w-]+)+|(?:[\w-]+\.)?(?:youtube\.com|youtu\.be|vimeo\.com|twitch\.tv"
    r"|bilibili\.com|b23\.tv|dailymotion\.com|drive\.google\.com|dropbox\.com))[/?#]",
    re.I,
)
_TEXTS = frozenset(
    (
        *(
            ".srt",
            ".vtt",
            ".ass",
            ".ssa",
            ".sbv",
            ".ttml",
            ".dfxp",
            ".lrc",
            ".json",
            ".json3",
            ".xml",
        ),
        *(".txt", ".md", ".csv", ".tsv", ".cue", ".ffmeta", ".edl", ".jsonl", ".gz", ".toml"),
    )
)
_LOCAL_HOSTS = ("", "localhost")


@dataclass(frozen=True)
class WebAddress:
    """A web address; `url` starts with a scheme in lower case."""

    url: str

    @property
    def is_https(self) -> bool:
        """Whether it is an https address with a host, the only kind that the service downloads."""
        return re.match(r"https://[^/?#\s]", self.url) is not None


def source_of(text: str) -> Path | WebAddress:
    """The file or the web address that `text` names.

    A ``file://`` address is a file. An address may lack ``https://`` or one of its slashes, unless
    a file has that name.

    Raises
    ------
    InputError : a ``file://`` address names another machine.
    """
    bare = text.strip().removeprefix("<").removesuffix(">").strip()
    found = _SCHEME.match(bare)
    if found is not None and found[1].lower() == "file":
        return _file_at(bare, text)
    if found is not None and (found[2] or not os.path.lexists(text)):
        return WebAddress(f"{found[1].lower()}://{bare[found.end() :].lstrip('/')}")
    if _NO_SCHEME.match(bare) and not os.path.lexists(text):
        return WebAddress(f"https://{bare}")
    return Path(text)


def local_file(text: str) -> Path:
    """The file that `text` names; InputError, with the way to download it, if it is an address."""
    source = source_of(_named(text))
    if isinstance(source, Path):
        return source
    raise InputError(
        f"{source.url} is a web address, not a file",
        why="chapterize reads files on this machine",
        hint=f"download it first: {_download(source.url)}",
    )


def file_or_stdin(text: str) -> Path:
    """As `local_file`, or `STDIN`; ``./-`` is a file called ``-``."""
    path = local_file(text)
    return path.absolute() if path == STDIN and text != "-" else path


def result_file(text: str) -> Path:
    """The file to write that `text` names; OptionError if it is an address."""
    source = source_of(_named(text))
    if isinstance(source, Path):
        return source
    raise OptionError(
        f"cannot write to {source.url}",
        why="results are written to files on this machine",
        hint="give the name of a file",
    )


def _download(url: str) -> str:
    """The command that downloads what is at `url`."""
    try:
        name = Path(unquote(urlsplit(url).path)).name
    except ValueError:
        name = ""
    quoted = shlex.quote(url)
    # yt-dlp finds the video on a page; a text is downloaded as it is.
    is_text = Path(name).suffix.lower() in _TEXTS
    return (
        f"curl -L -o {shlex.quote(name)} {quoted}"
        if is_text
        else (f'yt-dlp -o "talk.%(ext)s" {quoted}')
    )


def _named(text: str) -> str:
    if not text.strip():
        raise OptionError(
            "the name of a file is empty",
            why="it would be the current folder",
            hint="give a name; if a script calls chapterize, check the variable",
        )
    return text


def _file_at(address: str, text: str) -> Path:
    """The path of a ``file://`` address."""
    try:
        parts = urlsplit(address)
        host, path = (parts.hostname or "").lower(), parts.path
    except ValueError:
        return Path(text)
    if host not in _LOCAL_HOSTS:
        raise InputError(
            f"{address} is on another machine",
            why="a file address without a host names a file of this one",
            hint="copy the file here, and give its path",
        )
    # A name may contain "?" and "#", which programs that write such addresses do not always escape.
    path += "".join(
        f"{sign}{rest}" for sign, rest in (("?", parts.query), ("#", parts.fragment)) if rest
    )
    decoded = os.fsdecode(unquote_to_bytes(path))
    # file:///C:/talk.mp4
    return Path(re.sub(r"^/+(?=[A-Za-z]:)", "", decoded) if sys.platform == "win32" else decoded)
