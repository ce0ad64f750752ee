"""`chapterize cache`: show what is cached, and delete what is old or too much."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.command import App
from chapterize.cli.options import AsJson
from chapterize.cli.terminal import plain, print_json
from chapterize.errors import OptionError
from chapterize.files import format_size, parse_size

if TYPE_CHECKING:
    from chapterize.cache import Entry

__all__ = ["app"]

app = App(
    name="cache",
    help="Show the cache, and delete what is old.\n\n"
    "The cache has results that later runs use again, such as transcripts. It has no models (see "
    "chapterize models), and nothing of yours: no edits, no sessions, no token.",
    short_help="Show the cache, and delete what is old.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_PURPOSES = {
    "results": "transcripts, drafts, slides and their images, pauses, waveforms",
    "journals": "unfinished speech recognition",
    "playable": "copies of videos for the review page",
    "proxies": "copies of videos for the remote service",
    "leftovers": "what killed runs left behind",
}
_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])", re.IGNORECASE)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}

Older = Annotated[
    str | None,
    typer.Option(metavar="AGE", help="Delete what was not used for this long, such as 30d or 12h."),
]
Max = Annotated[
    str | None,
    typer.Option(
        "--max",
        metavar="SIZE",
        help="Delete the least recently used entries until this much is left, such as 5GB; by "
        "default CHAPTERIZE_CACHE_MAX, or 20GB.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Delete nothing; only show what would be.")]


@app.command()
def show(as_json: AsJson = False) -> None:
    """Show what is in the cache and how much space it takes.

    Old entries are deleted when the cache grows beyond its limit: CHAPTERIZE_CACHE_MAX, or 20GB.
    """
    from chapterize.cache import KINDS, Cache, cache_limit

    cache, limit = Cache(), cache_limit()
    entries = cache.entries()
    by_kind = {kind: [each for each in entries if each.kind == kind] for kind in KINDS}
    if as_json:
        kinds = {kind: _summed(found) for kind, found in by_kind.items()}
        print_json({**_head(cache.folder), "limit": limit, **_summed(entries), "kinds": kinds})
        return
    typer.echo(plain(str(cache.folder)) + "\n")
    rows = [("KIND", "ENTRIES", "SIZE", "LAST USED", "WHAT")]
    for kind, found in by_kind.items():
        rows.append((kind, *_cells(found), _PURPOSES[kind]))
    rows.append(("total", *_cells(entries), f"at most {_size(limit)}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for name, number, size, used, what in rows:
        left, *right = name.ljust(widths[0]), number.rjust(widths[1]), size.rjust(widths[2])
        typer.echo("  ".join((left, *right, used.ljust(widths[3]), what)))


@app.command()
def prune(
    older: Older = None, max_size: Max = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Delete old entries, then the least recently used ones.

    What another process uses at this moment stays. Deleted results are computed again when they
    are needed, which takes minutes per hour of speech for a transcript.
    """
    from chapterize.cache import Cache, cache_limit

    cache = Cache()
    pruned = cache.prune(
        max_bytes=cache_limit() if max_size is None else parse_size(max_size, "--max"),
        older=None if older is None else _parse_age(older),
        is_dry_run=dry_run,
    )
    if as_json:
        print_json(
            {
                **_head(cache.folder),
                "dry_run": dry_run,
                "deleted": _summed(pruned.deleted),
                "kept": _summed(pruned.kept),
                "in_use": [str(entry.path) for entry in pruned.busy],
            }
        )
        return
    freed = _size(_total(pruned.deleted))
    did = "would delete" if dry_run else "deleted"
    n_entries = len(pruned.deleted) + len(pruned.kept)
    typer.echo(
        f"{did} {len(pruned.deleted)} of {n_entries} entries, {freed}; "
        f"{_size(_total(pruned.kept))} left in {plain(str(cache.folder))}",
        err=True,
    )
    for entry in pruned.busy:
        name = plain(str(entry.path.relative_to(cache.folder)))
        typer.echo(f"kept {name}, {_size(entry.size_bytes)}: in use, or used recently", err=True)


def _parse_age(text: str) -> float:
    """Return the seconds of an age such as ``30d``."""
    found = _AGE.fullmatch(text.strip())
    if found is None:
        raise OptionError(
            f"{text!r} is not an age",
            why="--older needs a number and a unit: s, m, h, d or w",
            hint="write it like 30d or 12h",
        )
    return float(found[1]) * _SECONDS[found[2].lower()]


def _head(folder: Any) -> dict[str, Any]:
    return {"schema": "chapterize.cache/1", "path": str(folder)}


def _total(entries: Sequence[Entry]) -> int:
    return sum(entry.size_bytes for entry in entries)


def _summed(entries: Sequence[Entry]) -> dict[str, Any]:
    used = [entry.used for entry in entries]
    return {
        "entries": len(entries),
        "bytes": _total(entries),
        "oldest": min(used, default=None),
        "newest": max(used, default=None),
    }


def _cells(entries: Sequence[Entry]) -> tuple[str, str, str]:
    newest = max((entry.used for entry in entries), default=None)
    return str(len(entries)), _size(_total(entries)), "" if newest is None else _ago(newest)


def _size(n_bytes: int) -> str:
    return format_size(n_bytes) if n_bytes < 1e9 else f"{n_bytes / 1e9:.1f} GB"


def _ago(moment: float) -> str:
    seconds = max(0.0, time.time() - moment)
    for unit, name in (("d", "days"), ("h", "hours"), ("m", "minutes")):
        n_units = int(seconds / _SECONDS[unit])
        if n_units > 0:
            return f"{n_units} {name if n_units > 1 else name[:-1]} ago"
    return "just now"
