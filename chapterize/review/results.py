"""What the page can have made: an export, a copy with chapters, a video, parts, or a delivery.

The program names every file; the page only chooses among options. Nothing is overwritten unless
the page says that it may be replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from os.path import lexists
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from chapterize import formats
from chapterize.data import Chapters, Media
from chapterize.errors import InputError
from chapterize.files import next_to, refuse_sources, refuse_unwritable, write_text
from chapterize.review.answers import Conflict
from chapterize.review.listing import writing_options

if TYPE_CHECKING:
    from chapterize.deliver import Choice, DeliverOptions, Offer
    from chapterize.remote.journal import User

    class Person(User, Protocol):
        """Who sees the progress and the notes, and answers questions."""

        def note(self, text: str) -> None:
            """Keep one sentence for the user."""

        def consent(self, offer: Offer) -> Choice:
            """Whether to send what `offer` describes."""


__all__ = ["KINDS", "Exists", "Made", "Source", "Wish", "find_existing", "make", "wish"]


class Exists(Conflict):
    """Files that would be made exist; `names` are theirs."""

    def __init__(self, names: list[str]) -> None:
        some = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
        verb = "exists" if len(names) == 1 else "exist"
        super().__init__(f"{some} already {verb}", hint="replace it, or move it away first")
        self.names = names


@dataclass(frozen=True)
class Source:
    """The file under review, and what is known about its words.

    `numbers` : titles that are only numbers, or the file's name; empty where there were words.
    """

    media: Media
    language: str | None = None
    numbers: frozenset[str] = frozenset()

    def beside(self, suffix: str) -> Path:
        """Return ``talk-chapters`` and `suffix`, next to ``talk.mp4``."""
        return next_to(self.media.path, f"-chapters{suffix}")

    def refuse(self, target: Path) -> None:
        """Raise OutputError if `target` is the media itself, or cannot be written."""
        refuse_sources(target, self.media.path)
        refuse_unwritable(target)


@dataclass(frozen=True)
class Made:
    """The files that were made, by their names next to the media, and a hint on what to do next."""

    files: tuple[str, ...]
    next: str = ""


@dataclass(frozen=True)
class Wish:
    """What the page asked for: one of `KINDS`, with its checked options.

    `replaces` : existing files of these names may be replaced.
    """

    kind: str
    options: Mapping[str, Any] = field(default_factory=dict)
    replaces: bool = False


@dataclass(frozen=True)
class _Kind:
    """The options a page may give, with the type of each, and the two steps."""

    options: Mapping[str, type | tuple[type, ...]]
    targets: Callable[[Source, Wish, Chapters], tuple[Path, ...]]
    make: Callable[[Source, Wish, Chapters, Person], Made]


def wish(kind: object, options: object) -> Wish:
    """Check what a page asks for.

    Raises
    ------
    InputError : there is no such kind or option, or a value has another type.
    """
    if not isinstance(kind, str) or kind not in KINDS:
        hint = f"choose one of {', '.join(KINDS)}"
        raise InputError(f"unknown kind of task: {str(kind)[:40]!r}", hint=hint)
    if not isinstance(options, Mapping):
        raise InputError("the options of a task are an object")
    known = {"replace": bool, **KINDS[kind].options}
    for name, value in options.items():
        is_truth = isinstance(value, bool) and known.get(name) is not bool
        if name not in known or is_truth or not isinstance(value, known[name]):
            hint = f"{kind} takes {', '.join(known)}"
            raise InputError(f"unknown option or value: {str(name)[:40]!r}", hint=hint)
    chosen = {name: value for name, value in options.items() if name != "replace"}
    return Wish(kind, chosen, bool(options.get("replace", False)))


def find_existing(source: Source, asked: Wish, chapters: Chapters) -> None:
    """Raise what `make` would raise at once, before anything is started.

    Raises
    ------
    Exists : files would be replaced, and the page did not say that they may be.
    InputError, OutputError, MissingDependency : the wish cannot be fulfilled.
    """
    if asked.kind != "export" and not (source.media.has_video or source.media.has_audio):
        why = "only captions were given"
        raise InputError(f"there is no media to {asked.kind}", why=why)
    targets = KINDS[asked.kind].targets(source, asked, chapters)
    existing = [_name(source, path) for path in targets if lexists(path)]
    if existing and not asked.replaces:
        raise Exists(existing)


def make(source: Source, asked: Wish, chapters: Chapters, person: Person) -> Made:
    """Fulfil a wish; raises as the functions of the library do.

    No partial file is left behind, whatever is raised.
    """
    return KINDS[asked.kind].make(source, asked, chapters, person)


def _name(source: Source, path: Path) -> str:
    """The name of a result next to the media, or the folder and name of a part."""
    folder = source.media.path.parent
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name


def _export_target(source: Source, asked: Wish, chapters: Chapters) -> tuple[Path, ...]:
    name = formats.check(asked.options.get("format", "youtube")).name
    target = source.beside(formats.SUFFIXES[name])
    source.refuse(target)
    return (target,)


def _export(source: Source, asked: Wish, chapters: Chapters, person: Person) -> Made:
    [target] = _export_target(source, asked, chapters)
    media, name = source.media, asked.options.get("format", "youtube")
    options = writing_options(media)
    text = formats.dumps(chapters, name, **options)
    for note in formats.changes(chapters, name, stated_rate=media.frame_rate, **options):
        person.note(note)
    write_text(target, text, force=asked.replaces)
    return Made((target.name,))


def _embed_target(source: Source, asked: Wish, chapters: Chapters) -> tuple[Path, ...]:
    from chapterize.rendering.containers import default_target

    try:
        target = default_target(source.media.path, source.media)
    except InputError:
        # AVI and WAV cannot hold chapters; Matroska holds anything.
        target = source.beside(".mkv")
    source.refuse(target)
    return (target,)


def _embed(source: Source, asked: Wish, chapters: Chapters, person: Person) -> Made:
    from chapterize.rendering import embed

    [target] = _embed_target(source, asked, chapters)
    embed(
        source.media,
        chapters,
        target,
        force=asked.replaces,
        on_progress=person.progress,
        on_note=person.note,
    )
    return Made((target.name,))


def _render_target(source: Source, asked: Wish, chapters: Chapters) -> tuple[Path, ...]:
    from chapterize.rendering import RenderOptions
    from chapterize.rendering.video import check_target, default_video

    options = RenderOptions(**asked.options)
    target = default_video(source.media, options)
    source.refuse(target)
    check_target(source.media, target, options)
    return (target,)


def _render(source: Source, asked: Wish, chapters: Chapters, person: Person) -> Made:
    from chapterize.rendering import RenderOptions, render

    [target] = _render_target(source, asked, chapters)
    render(
        source.media,
        chapters,
        target,
        RenderOptions(**asked.options, language=source.language),
        force=asked.replaces,
        on_progress=person.progress,
        on_note=person.note,
    )
    return Made((target.name,))


def _split_targets(source: Source, asked: Wish, chapters: Chapters) -> tuple[Path, ...]:
    from chapterize.rendering.split import split_targets

    folder = source.beside("")
    targets = split_targets(source.media, chapters, folder)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder.name} is not a folder", why="a file has this name")
    refuse_unwritable(folder if not folder.is_dir() else targets[0])
    return targets


def _split(source: Source, asked: Wish, chapters: Chapters, person: Person) -> Made:
    from chapterize.rendering.split import split_video

    folder = source.beside("")
    made = split_video(
        source.media,
        chapters,
        folder,
        force=asked.replaces,
        on_progress=person.progress,
        on_note=person.note,
    )
    return Made(tuple(_name(source, path) for path in made))


def _send_targets(source: Source, asked: Wish, chapters: Chapters) -> tuple[Path, ...]:
    from chapterize.deliver.results import listing_path, local_target

    options, target = _send_options(asked), source.beside(".mp4")
    local = local_target(source.media, target, options.looks)
    source.refuse(target)
    return tuple(dict.fromkeys((target, local, listing_path(target), listing_path(local))))


def _send_options(asked: Wish) -> DeliverOptions:
    """Only the service's video is wanted: `render` makes a local one."""
    from chapterize.deliver import DeliverOptions
    from chapterize.remote.brief import BriefOptions

    options = DeliverOptions.of(BriefOptions(**asked.options), "remote", force=asked.replaces)
    # The consent says that titles are only numbers.
    return replace(options, sends_numbers=True)


def _send(source: Source, asked: Wish, chapters: Chapters, person: Person) -> Made:
    from chapterize.deliver import Delivery
    from chapterize.remote.identity import Identity, service_address

    options = _send_options(asked)
    delivery = Delivery(Identity(service_address()), options, person, person.consent)
    targets = delivery.targets(source.media)
    is_numbered = source.numbers.issuperset(chapters.titles)
    try:
        made = delivery.deliver(
            targets, chapters, language=source.language, is_numbered=is_numbered
        )
    except KeyboardInterrupt:
        if delivery.journal is not None:
            person.note(f"To continue: chapterize remote resume {delivery.journal.name}")
        raise
    for note in (*made.changes, *made.notes):
        person.note(note)
    if made.credits is not None:
        exact = "" if made.credits.is_exact else "at most "
        person.note(f"Credits: {exact}{made.credits.spent:g} spent, {made.credits.after:g} left.")
    files = [made.path, *filter(None, [made.listing])]
    return Made(tuple(_name(source, path) for path in files), made.next_steps)


_NUMBER = (int, float)
KINDS: Mapping[str, _Kind] = {
    "export": _Kind({"format": str}, _export_target, _export),
    "embed": _Kind({}, _embed_target, _embed),
    "render": _Kind(
        # No font: it may be a path.
        {
            **dict.fromkeys(("style", "accent", "size", "fill", "audio_only"), str),
            **{"aspect": (str, type(None)), "seconds": _NUMBER, "numbers": bool},
        },
        _render_target,
        _render,
    ),
    "split": _Kind({}, _split_targets, _split),
    "send": _Kind({"style": str, "seconds": _NUMBER, "aspect": str}, _send_targets, _send),
}
"""What a page may ask for."""
