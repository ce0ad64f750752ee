"""Options whose defaults come from the settings file and from environment variables."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass
from typing import Any

import typer

from chapterize.cli.command import Command
from chapterize.errors import ChapterizeError, EngineError, InputError, OptionError
from chapterize.settings import SETTINGS, Value, config_file, read_config, variable

__all__ = ["Current", "Settled", "current_settings", "is_typed"]

# Parameters whose name differs from that of their setting.
_PARAMETERS = {"format": "formats"}


@dataclass(frozen=True)
class Current:
    """The value of a setting; `origin` is ``default``, ``file`` or ``environment``."""

    value: Value | None
    origin: str


class Settled(Command):
    """A command that reads the settings file.

    Options on the command line win, then environment variables, the file, and built-in defaults.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse `args`, with defaults from the settings file."""
        # The help must work even if the file is malformed.
        is_help = not set(args).isdisjoint(ctx.help_option_names) or ctx.resilient_parsing
        if not is_help and not ctx.find_root().params.get("no_config"):
            found = read_config()
            ctx.default_map = {_PARAMETERS.get(name, name): found[name] for name in found}
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            param: Any = error.param
            if param is None or _origin(ctx, param.name) != "ENVIRONMENT":
                raise
            message = f"{error.message}; set in {param.envvar}"
            raise typer.BadParameter(message, ctx, param, error.param_hint) from error

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error about a setting names where the setting comes from."""
        _yield_to_flags(ctx)
        try:
            return super().invoke(ctx)
        except (InputError, EngineError) as error:
            if not (origin := _origin_hint(error, ctx)):
                raise
            hinted = copy(error)
            hinted.hint = f"{error.hint}; {origin}" if error.hint else origin
            raise hinted from error

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the examples, and where defaults can be set."""
        super().format_epilog(ctx, formatter)
        formatter.write_paragraph()
        formatter.write_text(
            "Defaults can be set by file or environment: see chapterize config --help."
        )


def is_typed(ctx: typer.Context, name: str) -> bool:
    """Whether the parameter `name` was given on the command line."""
    return _origin(ctx, name) == "COMMANDLINE"


def _origin(ctx: typer.Context, name: str) -> str:
    source = ctx.get_parameter_source(name)
    return "DEFAULT" if source is None else source.name


def _yield_to_flags(ctx: typer.Context) -> None:
    """Drop settings that contradict an option on the command line.

    Raises InputError if two options contradict each other.
    """
    params = ctx.params

    def is_setting(name: str) -> bool:
        return params.get(name) is not None and not is_typed(ctx, name)

    _keep_strongest(ctx, "count", "per_hour", "granularity")
    numbers = ("count", "per_hour", "granularity")
    if params.get("keep") or params.get("retitle"):
        for name in filter(is_setting, numbers):
            params[name] = None
    if "redraft" in params and any(is_typed(ctx, name) for name in numbers):
        # Another number than the file has was asked for.
        params["redraft"] = True
    if is_setting("profile") and (params.get("like") is not None or params.get("no_profile")):
        params["profile"] = "auto"
    if params.get("titles_from") is not None and is_typed(ctx, "titles"):
        if is_typed(ctx, "titles_from"):
            raise OptionError(
                "--titles and --titles-from together",
                why="both say where the titles come from",
                hint="use --titles alone; it takes the address too",
            )
        params["titles_from"] = None
    asked = params.get("titles_from") or params.get("titles")
    if is_setting("titles_model") and asked in (None, "phrases", "none"):
        params["titles_model"] = None
    if is_setting("offline") and params.get("remote_only"):
        params["offline"] = False
    if is_setting("formats"):
        if params.get("output") is not None:
            # The suffix of the output overrides a general default.
            params["formats"] = None
        elif "out_dir" in params and params["out_dir"] is None:
            params["formats"] = str(params["formats"]).partition(",")[0]


def _keep_strongest(ctx: typer.Context, *names: str) -> None:
    """Of parameters that exclude each other, drop those from a weaker origin than another's."""
    strength = ("DEFAULT", "DEFAULT_MAP", "ENVIRONMENT", "COMMANDLINE")
    given = {name for name in names if ctx.params.get(name) is not None}
    found = {name: strength.index(_origin(ctx, name)) for name in given}
    for name, rank in found.items():
        if rank < max(found.values()):
            ctx.params[name] = None


def _origin_hint(error: ChapterizeError, ctx: typer.Context) -> str:
    """Where the setting that `error` mentions comes from; empty if it was typed."""
    for name in SETTINGS:
        parameter = _PARAMETERS.get(name, name)
        origin = _origin(ctx, parameter)
        value = ctx.params.get(parameter)
        shown = re.escape(f"{value:g}" if isinstance(value, float) else str(value))
        if origin in ("ENVIRONMENT", "DEFAULT_MAP") and re.search(
            rf"(?<![\w/.-]){shown}(?![\w/-])", error.what
        ):
            place = variable(name) if origin == "ENVIRONMENT" else config_file()
            return f"{name} is set in {place}"
    return ""


def current_settings(ctx: typer.Context) -> dict[str, Current]:
    """Every setting by name, with the value that `chapterize draft` would use.

    Raises as `read_config`, and typer.BadParameter if an environment variable has an invalid value.
    """
    root = ctx.find_root()
    group: Any = root.command
    origins = {"ENVIRONMENT": "environment", "DEFAULT_MAP": "file"}
    parameters = {name: _PARAMETERS.get(name, name) for name in SETTINGS}
    with group.commands["draft"].make_context("draft", ["-"], parent=root) as draft:
        return {
            name: Current(draft.params[each], origins.get(_origin(draft, each), "default"))
            for name, each in parameters.items()
        }
