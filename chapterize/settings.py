"""The user's configuration file: defaults for the options that people set once.

Only the command line reads it. The library takes what it is given and nothing else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from chapterize.errors import FormatError, InputError

__all__ = ["CONFIG_VARIABLE", "SETTINGS", "Value", "config_file", "read_config", "variable"]

CONFIG_VARIABLE = "CHAPTERIZE_CONFIG"

Value = str | float | bool


@dataclass(frozen=True)
class Setting:
    """What a setting accepts: values of `kind`, and only `choices` if there are any."""

    kind: type[str] | type[float] | type[bool] = str
    choices: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return " or ".join(f'"{choice}"' for choice in self.choices)
        return {str: "text in quotes", float: "a number", bool: "true or false"}[self.kind]

    def accepts(self, value: object) -> bool:
        """Whether `value`, as TOML gives it, is one of those."""
        if self.kind is float:
            return isinstance(value, int | float) and not isinstance(value, bool)
        return isinstance(value, self.kind) and (not self.choices or value in self.choices)


SETTINGS: Mapping[str, Setting] = {
    # A caption file belongs to one video, so it is no default.
    "captions": Setting(choices=("auto", "none")),
    "language": Setting(),
    "model": Setting(),
    "device": Setting(choices=("auto", "cpu", "cuda")),
    "embedder": Setting(),
    "offline": Setting(bool),
    "min_length": Setting(float),
    "per_hour": Setting(float),
    "titles_from": Setting(),
    "titles_model": Setting(),
    "format": Setting(),
}
"""The settings by name. Each has an option and an environment variable of the same name."""


def variable(name: str) -> str:
    """Return the environment variable of a setting: ``CHAPTERIZE_MIN_LENGTH``."""
    return f"CHAPTERIZE_{name.upper()}"


def config_file() -> Path:
    """Return where the file is: ``CHAPTERIZE_CONFIG``, else ``config.toml`` in the user's folder.

    It need not exist.
    """
    if chosen := os.environ.get(CONFIG_VARIABLE):
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_config_dir("chapterize", appauthor=False)) / "config.toml"


def read_config(path: Path | None = None) -> dict[str, Value]:
    """Return the settings in `path`, or in `config_file`; none if there is no such file.

    Raises
    ------
    InputError : the file cannot be read, or ``CHAPTERIZE_CONFIG`` names one that does not exist.
    FormatError : it is not TOML, a setting is unknown, or a value has the wrong type.
    """
    path = path or config_file()
    text = _read(path)
    found = _parse(text, path)
    for key, value in found.items():
        if key not in SETTINGS:
            raise _unknown(key, text, path)
        if not SETTINGS[key].accepts(value):
            raise FormatError(
                f"{path}: {key} has a wrong value",
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
            why="there is no such file",
            hint=f"correct the path in {CONFIG_VARIABLE}, or unset it",
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot read {path}",
            why=error.strerror or str(error),
            hint=f"check its permissions, or name another file in {CONFIG_VARIABLE}",
        ) from error
    except UnicodeDecodeError as error:
        raise FormatError(
            f"{path} is not valid TOML", why="it is not UTF-8", hint="save it as UTF-8"
        ) from error


def _parse(text: str, path: Path) -> dict[str, Value]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Before Python 3.14 the position is only in the message.
        why, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        raise FormatError(
            f"{path} is not valid TOML",
            why=why[:1].lower() + why[1:],
            hint='write one setting a line: device = "cpu"',
            line=int(line[1]) if line else None,
        ) from error


def _unknown(key: str, text: str, path: Path) -> FormatError:
    near = get_close_matches(key.lower().replace("-", "_"), SETTINGS, 1)
    return FormatError(
        f"{path}: there is no setting {key!r}",
        why=f"did you mean {near[0]!r}?" if near else f"the settings are {', '.join(SETTINGS)}",
        hint="correct that line, or remove it",
        line=_line_of(key, text),
    )


def _line_of(key: str, text: str) -> int | None:
    """The 1-based line on which `key` is set, if it is written plainly."""
    opening = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if opening.match(line)), None)
