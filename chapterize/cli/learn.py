"""`chapterize learn`: how a person cuts, from lists of chapters that the person made or kept."""

from __future__ import annotations

import hashlib
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chapterize.cli.batch import SOME_FAILED
from chapterize.cli.chapters import Duration, is_dash, read_rows, seconds_of
from chapterize.cli.options import AsJson
from chapterize.cli.terminal import Terminal, print_json, report
from chapterize.errors import ChapterizeError, InputError, OptionError
from chapterize.inputs import local_file
from chapterize.settings import variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chapterize.pipeline.lists import Found
    from chapterize.profiles import KeptList, Profile

__all__ = ["learn"]

Inputs = Annotated[
    list[Path] | None,
    typer.Argument(
        parser=local_file,
        metavar="FILE",
        help="Videos with chapters inside or in a file next to them, chapter files, or folders; "
        "- for stdin.",
        show_default=False,
    ),
]
ProfileName = Annotated[
    str,
    typer.Option(
        "--profile",
        metavar="NAME",
        envvar=variable("profile"),
        show_envvar=False,
        help="Learn in this profile, for --profile NAME, instead of that of the folder.",
    ),
]
Recursive = Annotated[
    bool, typer.Option("--recursive", "-r", help="Also look in the folders below.")
]
Show = Annotated[bool, typer.Option("--show", help="Only show what is known; learn nothing.")]
Forget = Annotated[
    bool,
    typer.Option("--forget", help="Forget these files; without FILE, delete the whole profile."),
]

_HOUR = 3600.0


def learn(
    inputs: Inputs = None,
    *,
    profile: ProfileName = "auto",
    recursive: Recursive = False,
    duration: Duration = None,
    show: Show = False,
    forget: Forget = False,
    as_json: AsJson = False,
) -> None:
    """Learn how you cut, from chapters that you made.

    Reads the chapters of videos, and stores only numbers: how many there are in which length, and
    how titles are written. Later drafts of videos in the same folder, or below it, follow them.
    Each video counts once: its newest list replaces an older one. The profile is .chapterize.toml
    in the folder, or NAME in your own data folder.
    """
    files = list(inputs or ())
    if show and forget:
        raise OptionError("--show and --forget together", hint="use one of them")
    path = _place(files, profile, is_asked=not (show or forget))
    if show:
        _show(path, profile, as_json=as_json)
    elif forget:
        _forget(files, path, recursive=recursive, as_json=as_json)
    else:
        _learn(files, path, seconds_of(duration), recursive=recursive, as_json=as_json)


def _learn(
    files: list[Path], path: Path | None, seconds: float | None, *, recursive: bool, as_json: bool
) -> None:
    from chapterize.profiles import change_profile

    if not files or path is None:
        raise InputError("nothing to learn from", hint="name videos with chapters, or a folder")
    if seconds is not None and (len(files) > 1 or files[0].is_dir()):
        raise OptionError(
            "--duration with several inputs",
            why="one length cannot be that of all of them",
            hint="learn from them one by one",
        )
    rows, lists, errors = _read(files, seconds, recursive=recursive)
    if not lists:
        raise (
            errors[0]
            if errors
            else InputError(
                "no chapters were found",
                why="no video there has chapters inside, next to it, or from the review page",
                hint="name a video with chapters, or a chapter file",
            )
        )
    for error in errors:
        report(error)
    learned = change_profile(path, lambda old: old.with_lists(lists))
    _print(learned, path, rows, as_json=as_json)
    if not as_json:
        typer.echo(f"learned in {path}; to undo it, add --forget to the same command", err=True)
    if errors:
        raise typer.Exit(SOME_FAILED)


def _read(
    files: Sequence[Path], seconds: float | None, *, recursive: bool
) -> tuple[list[dict[str, Any]], list[KeptList], list[ChapterizeError]]:
    """A row for each file, the lists, and what went wrong with the others."""
    from chapterize.pipeline.lists import NoList

    rows: list[dict[str, Any]] = []
    lists: list[KeptList] = []
    errors: list[ChapterizeError] = []
    near = cache(_theirs)
    with Terminal("learn") as terminal:
        for source, is_named in _expanded(files, recursive=recursive):
            terminal.turn_to(source.name)
            terminal.progress("reading", 0.0)
            row: dict[str, Any] = {"file": str(source), "chapters": None, "source": None}
            rows.append({**row, "error": None})
            try:
                found = _list_in(source, seconds, None if is_named else near(source.parent))
            except ChapterizeError as error:
                rows[-1]["error"] = {"what": error.what, "why": error.why, "hint": error.hint}
                # In a folder, videos without chapters are nothing special.
                if is_named or not isinstance(error, NoList):
                    errors.append(error)
                continue
            rows[-1].update(chapters=found.kept.chapters, source=found.source)
            lists.append(found.kept)
    return rows, lists, errors


def _expanded(files: Sequence[Path], *, recursive: bool) -> list[tuple[Path, bool]]:
    """The files, and those in folders; whether each was named."""
    from chapterize.batch.items import find_items

    found: dict[Path, bool] = {}
    for path in files:
        if path.is_dir():
            items = find_items([str(path)], recursive=recursive)
            for source in sorted(item.source for item in items):
                found.setdefault(Path(source), False)
        else:
            found[path] = True
    return list(found.items())


def _theirs(folder: Path) -> list[Path]:
    """The files in a folder without the results of a batch that nobody has changed."""
    from chapterize.batch.records import untouched

    files = sorted(folder.iterdir())
    ours = untouched(files)
    return [path for path in files if path not in ours]


def _list_in(source: Path, seconds: float | None, files: Sequence[Path] | None) -> Found:
    """The list of a video, or in a chapter file; `files` : where chapters may be, None for all."""
    from chapterize import formats
    from chapterize.pipeline.lists import Found, list_at
    from chapterize.profiles import KeptList

    if not is_dash(source):
        return list_at(source, seconds, files=files)
    chapters = formats.tile(read_rows(source, None), seconds).chapters
    content = repr((chapters.starts, chapters.titles, chapters.duration))
    digest = hashlib.blake2b(content.encode("utf-8", "surrogatepass")).hexdigest()
    return Found(KeptList.of(chapters, digest), "file")


def _place(files: Sequence[Path], name: str, *, is_asked: bool) -> Path | None:
    """The profile that is meant; None if there is none yet and none `is_asked` for."""
    from chapterize.profiles import named_profile, nearest_profile, to_learn_in

    if name not in ("auto", "none"):
        return named_profile(name)
    # A folder stands for the files in it.
    inside = [path / "file" if path.is_dir() else path for path in files] or [Path("file")]
    return to_learn_in(inside, asked=True) if is_asked else nearest_profile(inside[0])


def _show(path: Path | None, name: str, *, as_json: bool) -> None:
    from chapterize.pipeline.habits import read_named
    from chapterize.profiles import read_profile

    if path is None:
        if as_json:
            print_json(None)
        else:
            typer.echo("no profile here: you are expected to cut like most people")
        return
    profile = read_named(name) if name not in ("auto", "none") else read_profile(path)
    _print(profile, path, as_json=as_json)
    if not as_json:
        typer.echo(f"in {path}", err=True)


def _forget(files: Sequence[Path], path: Path | None, *, recursive: bool, as_json: bool) -> None:
    from chapterize.fingerprint import file_fingerprint
    from chapterize.pipeline.lists import video_of
    from chapterize.profiles import KeptList, change_profile, delete_profile

    if path is None or not path.exists():
        raise InputError("there is no profile to forget", hint="chapterize learn --show")
    if not files:
        delete_profile(path)
        if as_json:
            print_json({"path": str(path), "deleted": True})
        else:
            typer.echo(f"deleted {path}")
        return
    sources = [source for source, _ in _expanded(files, recursive=recursive)]
    ids = {KeptList.id_of(file_fingerprint(video_of(source))) for source in sources}
    before: list[int] = []

    def without(old: Profile) -> Profile:
        before.append(len(old.lists))
        return old.without(ids)

    left = change_profile(path, without)
    _print(left, path, as_json=as_json)
    if not as_json:
        n = before[0] - len(left.lists)
        typer.echo(f"forgot {n} list{'' if n == 1 else 's'} in {path}", err=True)


def _print(
    profile: Profile, path: Path, rows: Sequence[dict[str, Any]] = (), *, as_json: bool
) -> None:
    from chapterize.pipeline.habits import usual_count

    usual = usual_count()
    habit = profile.habit(usual)
    if not as_json:
        typer.echo(_described(profile))
        return
    print_json(
        {
            "schema": "chapterize.profile/1",
            "path": str(path),
            "lists": len(profile.lists),
            "offset": round(habit.offset, 3),
            "spread": round(habit.spread, 3),
            "per_hour": round(usual(_HOUR) * math.exp(habit.offset)),
            "granularity": profile.granularity,
            "title_words": profile.words,
            "title_case": habit.case,
            "has_introduction": habit.has_introduction,
            "files": list(rows),
        }
    )


def _described(profile: Profile) -> str:
    """What was learned, in words."""
    from chapterize.pipeline.habits import usual_count

    usual = usual_count()
    habit = profile.habit(usual)
    chosen = f"{habit.granularity}, as you chose before" if habit.granularity else ""
    if not profile.lists:
        return f"no lists; {chosen}" if chosen else "no lists: you are expected to cut as usual"
    ratio = math.exp(habit.offset)
    fine = "as finely as usual" if 0.95 <= ratio < 1.05 else f"{ratio:.1f} times as finely as usual"
    said = [
        f"{len(profile.lists)} list{'' if len(profile.lists) == 1 else 's'}: you cut {fine}: "
        f"{round(usual(_HOUR) * ratio)} chapters in an hour"
    ]
    if profile.words:
        words = "1 word" if profile.words == 1 else f"{profile.words} words"
        case = {"title": ", Title Case", "sentence": ", sentence case"}.get(habit.case or "", "")
        said.append(f"titles of about {words}{case}")
    if habit.has_introduction:
        said.append("the first is called Introduction")
    return "; ".join([*said, *filter(None, [chosen])]) + "."
