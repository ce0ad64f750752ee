"""The options of `chapterize evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chapterize.inputs import local_file, result_file

__all__ = [
    "BoundaryFile",
    "CountFrom",
    "Inputs",
    "Lists",
    "Predictions",
    "Reference",
    "Sample",
    "Seed",
    "SheetFile",
    "Split",
    "Titles",
    "TitlesModel",
    "VerdictFile",
]

_TITLES = "Title options"

Inputs = Annotated[
    list[Path] | None,
    typer.Argument(
        parser=local_file,
        metavar="CORPUS",
        help="JSON lines with reference chapters, may be gzipped; or, with --chapters, one caption "
        "file.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        metavar="train|test|all",
        help="Documents to use; by default the test documents, or all if none are marked.",
    ),
]
CountFrom = Annotated[
    str,
    typer.Option(
        metavar="auto|reference", help="Number of chapters: estimated, or that of the reference."
    ),
]
Reference = Annotated[
    Path | None,
    typer.Option(
        parser=local_file,
        metavar="FILE",
        help="Reference chapters for the caption file, in any format.",
    ),
]
Predictions = Annotated[
    Path | None,
    typer.Option(
        parser=result_file,
        metavar="OUT.jsonl",
        help="Write the starts of our chapters, one document per line; with --titles, the titles.",
    ),
]
BoundaryFile = Annotated[
    Path | None,
    typer.Option(
        parser=local_file,
        metavar="FILE.npz",
        help="Boundary model to use instead of the built-in one.",
    ),
]

Titles = Annotated[
    list[str] | None,
    typer.Option(
        metavar="phrases|llm|URL|none|NAME=FILE",
        rich_help_panel=_TITLES,
        help="Compare only titles: those that draft would give, or those of a FILE that "
        "--predictions wrote. Repeat it to compare several.",
    ),
]
TitlesModel = Annotated[
    str | None,
    typer.Option(
        metavar="NAME|DIR",
        rich_help_panel=_TITLES,
        help="Language model of llm, or of the title server.",
    ),
]
SheetFile = Annotated[
    Path | None,
    typer.Option(
        parser=result_file,
        metavar="FILE.md|.csv",
        rich_help_panel=_TITLES,
        help="Write titles to judge, without saying whose they are; SHEET.key.json says it.",
    ),
]
Sample = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="N",
        rich_help_panel=_TITLES,
        help="Number of chapters to draw, evenly over sources and documents; by default 100 for a "
        "sheet, and all without one.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(metavar="N", rich_help_panel=_TITLES, help="Another number draws other chapters."),
]
Lists = Annotated[
    int,
    typer.Option(
        min=0,
        metavar="N",
        rich_help_panel=_TITLES,
        help="Print all chapters of N documents, with people's titles next to ours.",
    ),
]
VerdictFile = Annotated[
    Path | None,
    typer.Option(
        "--verdicts",
        parser=local_file,
        metavar="SHEET",
        rich_help_panel=_TITLES,
        help="Count the verdicts of a sheet.",
    ),
]
