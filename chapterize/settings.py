"""The user's configuration file, which sets defaults for command-line options.

Only the command line reads it; the library does not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from chapterize.errors import FormatError, InputError

__all__ = [
    "CONFIG_VARIABLE",
    "SETTINGS",
    "Value",
    "config_file",
    "parse_toml",
    "read_config",
    "variable",
]

CONFIG_VARIABLE = "CHAPTERIZE_CONFIG"

Value = str | float | bool


@dataclass(frozen=True)
class Setting:
    """The type of a setting, and its allowed values if they are limited to `choices`."""

    kind: type[str] | type[float] | type[bool] = str
    choices: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """A description of the accepted values."""
        if self.choices:
            return " or ".join(f'"{choice}"' for choice in self.choices)
        return {str: "text in quotes", float: "a number", bool: "true or false"}[self.kind]

    def accepts(self, value: object) -> bool:
        """Return whether `value`, as parsed from TOML, is allowed."""
        if self.kind is float:
            return isinstance(value, int | float) and not isinstance(value, bool)
        return isinstance(value, self.kind) and (not self.choices or value in self.choices)


SETTINGS: Mapping[str, Setting] = {
    # No path: a caption file belongs to one video, so it cannot be a default.
    "captions": Setting(choices=("auto", "none")),
    "language": Setting(),
    "model": Setting(),
    "device": Setting(choices=("auto", "cpu", "cuda")),
    "embedder": Setting(),
    "offline": Setting(bool),
    "min_length": Setting(float),
    "per_hour": Setting(float),
    "granularity": Setting(choices=("coarse", "normal", "fine")),
    "slides": Setting(choices=("auto", "on", "off")),
    "titles": Setting(),
    "titles_model": Setting(),
    "titles_from": Setting(),
    "format": Setting(),
    "profile": Setting(),
    "learn": Setting(bool),
}
"""The settings by name; each has a command-line option and an environment variable."""


def variable(name: str) -> str:
    """Return the environment variable of a setting, such as ``CHAPTERIZE_MIN_LENGTH``."""
    return f"CHAPTERIZE_{name.upper()}"


def config_file() -> Path:
    """Return the path of the file, which need not exist.

    It is ``CHAPTERIZE_CONFIG``, else ``config.toml`` in the user's configuration folder.
    """
    if chosen := os.environ.get(CONFIG_VARIABLE):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir("chapterize", appauthor=False)) / "config.toml"


def read_config(path: Path | None = None) -> dict[str, Value]:
    """Return the settings in `path`, by default `config_file()`; {} if the file does not exist.

    Raises
    ------
    InputError : the file cannot be read, or ``CHAPTERIZE_CONFIG`` names one that does not exist.
    FormatError : the file is not TOML, a setting is unknown, or a value is not allowed.
    """
    path = path or config_file()
    text = _read(path)
    found: dict[str, Value] = parse_toml(text, path)
    for key, value in found.items():
        if key not in SETTINGS:
            raise _unknown(key, text, path)
        if not SETTINGS[key].accepts(value):
            raise FormatError(
                f"{path}: {key} has an invalid value",
                why=f"it must be {SETTINGS[key].expected}, not {value!r}",
                hint="correct that line, or remove it to use the built-in default",
                line=_line_of(key, text),
            )
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError) as error:
        if not os.environ.get(CONFIG_VARIABLE):
            return ""
        raise InputError(
            f"cannot read {path}",
            why="it does not exist",
            hint=f"correct the path in {CONFIG_VARIABLE}, or unset it",
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot read {path}",
            why=error.strerror or str(error),
            hint=f"check its permissions, or set {CONFIG_VARIABLE} to another file",
        ) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path} is not valid TOML", why="it is not UTF-8", hint="save it as UTF-8"
        ) from error


def parse_toml(
    text: str, path: Path, hint: str = 'write one setting per line, such as device = "cpu"'
) -> dict[str, Any]:
    """Return the values in `text`, from the file `path`.

    Raises
    ------
    FormatError : it is not TOML; `hint` says what to do.
    """
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # A number of thousands of digits, or deep nesting, raises no error of its own.
        # Before Python 3.14, only the message contains the position.
        why, _, position = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", position)
        raise FormatError(
            f"{path} is not valid TOML",
            why=why[:1].lower() + why[1:],
            hint=hint,
            line=int(line[1]) if line else None,
        ) from error


def _unknown(key: str, text: str, path: Path) -> FormatError:
    similar = get_close_matches(key.lower().replace("-", "_"), SETTINGS, 1)
    known = f"the settings are {', '.join(SETTINGS)}"
    return FormatError(
        f"{path}: there is no setting {key!r}",
        why=f"did you mean {similar[0]!r}?" if similar else known,
        hint="correct that line, or remove it",
        line=_line_of(key, text),
    )


def _line_of(key: str, text: str) -> int | None:
    """The 1-based line that sets `key`, or None if it uses an unusual notation."""
    opening = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if opening.match(line)), None)
