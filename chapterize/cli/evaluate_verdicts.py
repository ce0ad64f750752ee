"""`chapterize evaluate --verdicts`: what people think of the titles of each method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from chapterize.cli.evaluate_table import share
from chapterize.cli.terminal import plain, print_json
from chapterize.compare import PERSON, key_of, read_key, read_verdicts
from chapterize.errors import InputError
from chapterize.evaluate import VERDICTS, count_verdicts

if TYPE_CHECKING:
    from chapterize.evaluate import MethodVerdicts

__all__ = ["count_sheet"]

_NAME = 12
_SHARE = 14


def count_sheet(sheet: Path, *, as_json: bool) -> None:
    """Print the verdicts of a sheet by method.

    Raises
    ------
    InputError : a file cannot be read, or the sheet has no verdict.
    FormatError : a file is malformed.
    """
    known = read_key(key_of(sheet))
    judged = read_verdicts(sheet, known)
    if all(each.verdict is None for each in judged):
        raise InputError(
            f"{sheet} has no verdicts",
            why="no title is judged yet",
            hint=f"write {', '.join(VERDICTS[:-1])} or {VERDICTS[-1]} next to each title",
        )
    # People first, then the methods by name: the key lists them in the order of a shuffled sheet.
    judged = tuple(sorted(judged, key=lambda each: (each.method != PERSON, each.method)))
    methods = count_verdicts(judged)
    if as_json:
        sources = sorted({each.source for each in judged})
        by_source = {
            source: count_verdicts([each for each in judged if each.source == source])
            for source in sources
        }
        report = {
            "schema": "chapterize.verdicts/1",
            "n_chapters": len(known.chapters),
            "methods": _verdicts_json(methods),
            "sources": {source: _verdicts_json(found) for source, found in by_source.items()},
        }
        print_json(report)
    else:
        typer.echo("\n".join(_verdict_table(methods)))


def _verdicts_json(methods: Mapping[str, MethodVerdicts]) -> dict[str, Any]:
    return {name: asdict(found) for name, found in methods.items()}


def _verdict_table(methods: Mapping[str, MethodVerdicts]) -> Iterator[str]:
    width = max(_NAME, *(len(plain(name)) + 2 for name in methods))
    heading = "".join(f"{verdict:>{_SHARE}}" for verdict in VERDICTS)
    yield f"{'':<{width}}{'judged':>7}{heading}{'ROUGE-L':>9}"
    for name, found in methods.items():
        if not found.n or found.rouge is None:
            continue
        shares = "".join(f"{share(found.shares[each]):>{_SHARE}}" for each in VERDICTS)
        yield f"{plain(name):<{width}}{found.n:>7}{shares}{100 * found.rouge:>9.0f}"
    yield ""
    yield "Percent of the judged titles, with 95 % Wilson intervals; ROUGE-L with people's titles."
    if n_open := sum(found.n_open for found in methods.values()):
        yield f"Titles not judged yet: {n_open}."
