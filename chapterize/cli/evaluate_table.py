"""Comparisons of chapters and of titles, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from chapterize.cli.terminal import plain
from chapterize.compare import EARLIER, ONE_CLICK, OURS, PERSON, refused_by_method, rouge_by_method
from chapterize.evaluate import MEASURES
from chapterize.timecode import format_clock

if TYPE_CHECKING:
    from chapterize.compare import Comparison, Sheet, TitledDocument
    from chapterize.evaluate import Figure, Measure, Reliability, Table

__all__ = [
    "FoundTitles",
    "comparison_json",
    "comparison_text",
    "share",
    "titles_json",
    "titles_text",
]

# Widths of columns, in characters.
_NAME = 14
_SHARE = 10
_RATIO = 16
_SOURCE = 19
_BIN = 7

_AHEAD, _BEHIND = "*", "!"
_TITLES = ("title_rouge_reference", "title_rouge")

_UNSHOWN = ("window_diff", "f1_5", *_TITLES)
"""Measures for which the table has no room; --json has all."""

_LEGEND = (
    f"Percent, with 95 % intervals over documents. {_AHEAD}, {_BEHIND}: ours is better, or worse,",
    "than this method, beyond the 95 % interval of the difference.",
    "Pk: error at the boundaries, lower is better. B: boundary similarity. F1@3s: starts within",
    "3 seconds. F1/6s: 6-second chunks with a start, as chunkseg counts. tIoU-F1: whole chapters.",
    "count: found over reference chapters, median. WindowDiff and F1@5s are in --json.",
)
_LEGEND_OF_COUNTS = {
    "1 earlier": "N earlier: ours, with a profile of N other documents of the source.",
    ONE_CLICK: "one click: ours, coarse, normal or fine, whichever is nearest to the reference.",
}


def comparison_text(made: Comparison) -> str:
    """Tables of at most 100 columns: each source, their mean, the calibration of confidence."""
    is_estimated = made.count == "auto"
    count = "estimated; the baselines get the same" if is_estimated else "from the reference"
    lines = [f"number of chapters: {count}", ""]
    tables = {f"source {_plain(name)}": table for name, table in made.tables.items()}
    if len(tables) > 1:
        tables[f"mean of {len(tables)} sources"] = made.macro
    for name, table in tables.items():
        lines += [*_table(name, table), ""]
    if len(made.lengths) > 1:
        lines += [*_lengths(made.lengths), ""]
    lines += [line for name, line in _LEGEND_OF_COUNTS.items() if name in made.macro.figures]
    return "\n".join([*lines, *_LEGEND, "", *_confidence(made.calibration)])


def comparison_json(made: Comparison) -> dict[str, Any]:
    """The comparison as JSON of ``chapterize.evaluation/1``; shares are in [0, 1], not percent."""
    return {
        "schema": "chapterize.evaluation/1",
        "count": made.count,
        "embedder": made.embedder,
        "titler": made.titler,
        "sources": {name: asdict(table) for name, table in made.tables.items()},
        "macro": asdict(made.macro),
        "lengths": {name: asdict(table) for name, table in made.lengths.items()},
        "calibration": {name: asdict(found) for name, found in made.calibration.items()},
        "documents": [asdict(found) for found in made.predictions],
    }


def _table(name: str, table: Table) -> Iterator[str]:
    shown = _shown(table)
    yield f"{name}: {_documents(table.n_documents)}{_timed(table)}"
    yield _line("", shown, [f"{measure.label} " for measure in shown])
    for method in table.figures:
        yield _line(method, shown, _cells(table, method, shown))
    if titles := _titles(table.figures[OURS]):
        yield titles
    for method in EARLIER:
        figure = table.figures.get(method, {}).get("count_ratio")
        if figure and figure.n < table.n_documents:
            yield f"{method}: only {_documents(figure.n)}, the others have too few of their source"


def _lengths(lengths: Mapping[str, Table]) -> Iterator[str]:
    shown = max((_shown(table) for table in lengths.values()), key=len)
    yield "ours by length, all sources together: minutes (documents)"
    yield _line("", shown, [f"{measure.label} " for measure in shown])
    for name, table in lengths.items():
        yield _line(f"{name} ({table.n_documents})", shown, _cells(table, OURS, shown))


def _shown(table: Table) -> list[Measure]:
    names = table.figures[OURS].keys() - _UNSHOWN
    return [measure for measure in MEASURES if measure.name in names]


def _cells(table: Table, method: str, shown: Sequence[Measure]) -> list[str]:
    figures, leads = table.figures[method], table.leads.get(method, {})
    return [
        _cell(figures[each.name], is_share=each.is_share) + _marker(leads.get(each.name))
        if each.name in figures
        else ""
        for each in shown
    ]


def _documents(n: int) -> str:
    return "1 document" if n == 1 else f"{n} documents"


def _line(name: str, measures: Sequence[Measure], cells: Sequence[str]) -> str:
    widths = [_SHARE if measure.is_share else _RATIO for measure in measures]
    padded = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
    return f"{name:<{_NAME}}{''.join(padded)}".rstrip()


def _timed(table: Table) -> str:
    figure = table.figures[OURS].get("tiou_f1")
    n_timed = figure.n if figure else 0
    if n_timed == table.n_documents:
        return ""
    return f", {n_timed} of them with times" if n_timed else ", without times"


def share(figure: Figure) -> str:
    """``25 17–34``: a share and its interval in percent."""
    return _cell(figure, is_share=True)


def _cell(figure: Figure, *, is_share: bool) -> str:
    scale, digits = (100, 0) if is_share else (1, 2)
    value = f"{scale * figure.value:.{digits}f}"
    if figure.low is None or figure.high is None:
        return value
    return f"{value} {scale * figure.low:.{digits}f}–{scale * figure.high:.{digits}f}"


def _marker(lead: Figure | None) -> str:
    if lead is None or lead.low is None or lead.high is None:
        return " "
    return _AHEAD if lead.low > 0 else _BEHIND if lead.high < 0 else " "


def _titles(figures: Mapping[str, Figure]) -> str:
    places = ("for reference chapters", "for ours")
    scores = [
        f"{share(figures[name])} {place}"
        for name, place in zip(_TITLES, places, strict=True)
        if name in figures
    ]
    return f"titles (ROUGE-L): {', '.join(scores)}" if scores else ""


def _confidence(calibration: Mapping[str, Reliability]) -> Iterator[str]:
    yield "Confidence of our boundaries, in percent: share that is correct / number of boundaries."
    edges = [f"{10 * number}–" for number in range(10)]
    yield f"{'':<{_SOURCE}}{'error':>6} " + _row(edges)
    for source, found in calibration.items():
        name = _plain(source)
        name = name if len(name) < _SOURCE else f"{name[: _SOURCE - 2]}…"
        error = "" if found.error is None else f"{100 * found.error:.0f}"
        cells = [
            "" if each.hits is None else f"{100 * each.hits:.0f}/{each.n}" for each in found.bins
        ]
        yield (f"{name:<{_SOURCE}}{error:>6} " + _row(cells)).rstrip()


def _row(cells: Sequence[str]) -> str:
    return "".join(f"{cell:>{_BIN}}" for cell in cells)


def _plain(name: str) -> str:
    """`name` without line breaks and escape codes, which names in files can hold."""
    return "".join(c if c.isprintable() else "?" for c in name)


@dataclass(frozen=True)
class FoundTitles:
    """Titles of every method; `listed` : the ids of documents to show whole."""

    titled: Sequence[TitledDocument]
    listed: Sequence[str] = ()
    sheet: Sheet | None = None

    @property
    def lists(self) -> list[TitledDocument]:
        """The documents to show whole."""
        by_id = {each.document.id: each for each in self.titled}
        return [by_id[name] for name in self.listed]

    @property
    def n_chapters(self) -> int:
        """The number of chapters that both people and the methods gave a title."""
        pairs = (
            zip(each.document.titles, next(iter(each.titles.values())), strict=True)
            for each in self.titled
        )
        return sum(None not in pair for document in pairs for pair in document)


def titles_json(found: FoundTitles) -> dict[str, Any]:
    """The titles as JSON of ``chapterize.titles/1``; shares are in [0, 1], not percent."""
    return {
        "schema": "chapterize.titles/1",
        "n_documents": len(found.titled),
        "n_chapters": found.n_chapters,
        "n_drawn": None if found.sheet is None else len(found.sheet.chapters),
        "rouge": {name: asdict(figure) for name, figure in rouge_by_method(found.titled).items()},
        "refused": refused_by_method(found.titled),
        "lists": [_list_json(each) for each in found.lists],
    }


def titles_text(found: FoundTitles) -> str:
    """The documents to show whole, the scores of every method, and what there is to judge."""
    lines = [line for each in found.lists for line in (*_list(each), "")]
    documents = _documents(len(found.titled))
    lines.append(f"ROUGE-L with people's titles: {found.n_chapters} chapters of {documents}")
    for name, figure in rouge_by_method(found.titled).items():
        lines.append(f"  {plain(name):<12}{share(figure):>14}")
    for name, reasons in refused_by_method(found.titled).items():
        why = plain(", ".join(f"{n} {reason}" for reason, n in reasons.items()))
        lines.append(f"{plain(name)}: {sum(reasons.values())} titles are phrases instead: {why}")
    if found.sheet is not None:
        n_rows = sum(len(chapter.rows) for chapter in found.sheet.chapters)
        lines.append(f"sheet: {len(found.sheet.chapters)} chapters, {n_rows} titles to judge")
    return "\n".join(lines)


def _list_json(each: TitledDocument) -> dict[str, Any]:
    document = each.document
    return {
        "id": document.id,
        "source": document.source,
        "title": document.title,
        "starts": document.starts,
        "titles": {PERSON: document.titles, **each.titles},
    }


def _list(each: TitledDocument) -> Iterator[str]:
    """The chapters of a document, a line each: start, people's title, and that of each method."""
    document = each.document
    clock = "" if document.is_timed else ", times from an assumed pace"
    yield f"{plain(document.title)} ({plain(document.id)}{clock})"
    columns = [
        ["", *map(format_clock, document.starts)],
        [PERSON, *(plain(title or "–") for title in document.titles)],
        *([name, *(title or "–" for title in titles)] for name, titles in each.titles.items()),
    ]
    widths = [max(map(len, column)) for column in columns]
    for cells in zip(*columns, strict=True):
        padded = [
            f"{cell:>{width}}" if number == 0 else f"{cell:<{width}}"
            for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield "  ".join(padded).rstrip()
