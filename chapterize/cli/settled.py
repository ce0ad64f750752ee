"""Options with defaults from the user's configuration file and from environment variables."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import typer
from typer.core import TyperCommand

from chapterize.errors import ChapterizeError, EngineError, InputError
from chapterize.settings import SETTINGS, Value, config_file, read_config, variable

__all__ = ["Current", "Settled", "current_settings", "is_typed"]

# Parameters that are called otherwise than their option.
_PARAMETERS = {"format": "formats"}


@dataclass(frozen=True)
class Current:
    """A setting as it stands; `origin` is ``default``, ``file`` or ``environment``."""

    value: Value | None
    origin: str


class Settled(TyperCommand):
    """A command that takes defaults from the configuration file.

    Flags come first, then environment variables, the file, and the built-in defaults.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse `args`; what they leave open comes from the environment or the file."""
        # A broken file must not keep anyone from reading the help.
        is_reading = bool(set(args) & set(ctx.help_option_names)) or ctx.resilient_parsing
        if not is_reading and not ctx.find_root().params.get("no_config"):
            found = read_config()
            ctx.default_map = {_PARAMETERS.get(name, name): found[name] for name in found}
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            # Typer names the variable whether it was used or not, or in older releases never.
            param: Any = error.param
            if param is not None and _origin(ctx, param.name) == "ENVIRONMENT":
                error.message += f"; set in {param.envvar}"
            raise

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error about a value that was not typed says who set it."""
        _yield_to_flags(ctx)
        try:
            return super().invoke(ctx)
        except (InputError, EngineError) as error:
            error.hint = "; ".join(filter(None, (error.hint, _blamed(error, ctx))))
            raise


def is_typed(ctx: typer.Context, name: str) -> bool:
    """Whether the parameter `name` was given on the command line."""
    return _origin(ctx, name) == "COMMANDLINE"


def _origin(ctx: typer.Context, name: str) -> str:
    source = ctx.get_parameter_source(name)
    return "DEFAULT" if source is None else source.name


def _yield_to_flags(ctx: typer.Context) -> None:
    """Drop settings that contradict what was typed, instead of refusing both."""
    params = ctx.params

    def is_open(name: str) -> bool:
        return params.get(name) is not None and not is_typed(ctx, name)

    if is_open("per_hour") and params.get("count") is not None:
        params["per_hour"] = None
    if is_open("titles_model") and params.get("titles_from") is None:
        params["titles_model"] = None
    if is_open("offline") and params.get("remote_only"):
        params["offline"] = False
    if is_open("formats"):
        if params.get("output") is not None:
            # The suffix of the file says more about it than a general default.
            params["formats"] = None
        elif params.get("out_dir") is None:
            params["formats"] = str(params["formats"]).partition(",")[0]


def _blamed(error: ChapterizeError, ctx: typer.Context) -> str:
    """Who set the value that `error` complains about; empty if it was typed or is none of ours."""
    for name in SETTINGS:
        parameter = _PARAMETERS.get(name, name)
        origin = _origin(ctx, parameter)
        value = re.escape(str(ctx.params.get(parameter)))
        if origin in ("ENVIRONMENT", "DEFAULT_MAP") and re.search(
            rf"(?<![\w/.-]){value}(?![\w/-])", error.what
        ):
            by = variable(name) if origin == "ENVIRONMENT" else config_file()
            return f"{name} is set in {by}"
    return ""


def current_settings(ctx: typer.Context) -> dict[str, Current]:
    """Return every setting by name, as `chapterize draft` would take it.

    Raises
    ------
    InputError, FormatError : as `read_config`.
    typer.BadParameter : an environment variable has a wrong value.
    """
    root = ctx.find_root()
    group: Any = root.command
    origins = {"ENVIRONMENT": "environment", "DEFAULT_MAP": "file"}
    with group.commands["draft"].make_context("draft", ["-"], parent=root) as draft:
        return {
            name: Current(
                draft.params[_PARAMETERS.get(name, name)],
                origins.get(_origin(draft, _PARAMETERS.get(name, name)), "default"),
            )
            for name in SETTINGS
        }
