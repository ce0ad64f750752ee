"""How the person whose video it is cuts: the profile that a draft follows, and what teaches it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from chapterize.data import OnNote
from chapterize.errors import ChapterizeError, OptionError
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline.lists import list_at
from chapterize.pipeline.options import Options
from chapterize.profiles import (
    FILE_NAME,
    Habit,
    KeptList,
    Profile,
    change_profile,
    folder_profile,
    named_profile,
    nearest_profile,
    profile_names,
    read_profile,
    to_learn_in,
)
from chapterize.segment import SegmentOptions
from chapterize.segment.estimates import expected_count, nearest
from chapterize.segment.model import shipped_model

__all__ = [
    "drafted_counts",
    "followed_profile",
    "habit_for",
    "habit_note",
    "learned",
    "read_named",
    "remember",
    "teach",
    "usual_count",
    "with_habit",
    "with_profile",
]

_BRIEF = 1.0
"""Seconds that learning unasked waits for another process."""


def usual_count(options: SegmentOptions | None = None) -> Callable[[float], float]:
    """The number of chapters that people make, by the length in seconds."""
    model = (options or SegmentOptions()).model or shipped_model()
    return lambda duration: expected_count(duration, model.count)


def with_profile(options: Options) -> Options:
    """`options` with the profile itself instead of its name, file or example, read once.

    ``auto`` stays, because it depends on the folder of each file. Errors as `read_profile`.
    """
    if options.like is not None:
        kept = list_at(options.like).kept
        profile = Profile((kept,), path=options.like, is_like=True)
        return replace(options, profile=profile, like=None)
    if isinstance(options.profile, Path):
        return replace(options, profile=read_profile(options.profile))
    if isinstance(options.profile, str) and options.profile != "auto":
        return replace(options, profile=read_named(options.profile))
    return options


def read_named(name: str) -> Profile:
    """The profile `name` in the user's data folder; InputError if there is none."""
    path = named_profile(name)
    if not path.exists():
        known = ", ".join(profile_names())
        raise OptionError(
            f"there is no profile {name!r}",
            why=f"your profiles are: {known}" if known else "you have none yet",
            hint=f"make it: chapterize learn FILE --profile {shlex.quote(name)}",
        )
    return read_profile(path, name)


def followed_profile(media: Path, options: Options) -> Profile | None:
    """The profile that a draft of `media` follows, None without one. Errors as `read_profile`."""
    profile = with_profile(options).profile
    if isinstance(profile, Profile):
        return profile
    path = nearest_profile(media) if profile == "auto" else None
    return None if path is None else read_profile(path)


def habit_for(media: Path, options: Options) -> Habit | None:
    """What the profile of `options` says about `media`; None without a profile, or an empty one.

    The list of `media` itself does not count: it would change the draft of a file by what was kept
    of that very draft.
    """
    profile = followed_profile(media, options)
    if profile is not None and profile.lists and not profile.is_like:
        profile = profile.without((KeptList.id_of(file_fingerprint(media)),))
    if profile is None or not (profile.lists or profile.granularity):
        return None
    return profile.habit(usual_count(options.segment))


def drafted_counts(duration: float, media: Path, options: Options) -> set[int]:
    """The numbers of chapters that a draft of `media` would have, with and without its profile."""
    usual = usual_count(options.segment)(duration)
    habit = habit_for(media, options)
    wanted = {usual} if habit is None else {usual, usual * math.exp(habit.offset)}
    return {nearest(each, (int(each), int(each) + 1)) for each in wanted}


def with_habit(options: SegmentOptions, habit: Habit | None) -> SegmentOptions:
    """`options` with the habit, where they do not say how many chapters there shall be."""
    if habit is None or not options.is_estimated:
        return options
    if habit.lists:
        options = replace(options, offset=habit.offset, spread=habit.spread)
    return replace(options, granularity=options.granularity or habit.granularity)


def habit_note(habit: Habit, media: Path, options: SegmentOptions) -> str | None:
    """A note on where the number of chapters comes from, and how to get the usual one."""
    if not options.is_estimated:
        return None
    if habit.is_like and habit.path is not None:
        return f"The number follows {habit.path.name}; for the usual one, omit --like."
    said = [f"follows {habit.n_lists}"] if habit.lists else []
    if habit.granularity is not None and options.granularity is None:
        said.insert(0, f"is {habit.granularity}, as chosen before,")
    if not said:
        return None
    return (
        f"The number {' and '.join(said)} {_where(habit, media)}; for the usual one: --no-profile."
    )


def _where(habit: Habit, media: Path) -> str:
    if habit.name is not None:
        return f"in the profile {habit.name}"
    assert habit.path is not None
    folder = media.absolute().parent
    if habit.path in (folder / FILE_NAME, folder_profile(folder)):
        place = "in this folder"
    elif habit.path.name == FILE_NAME:
        place = f"in the folder {habit.path.parent.name or habit.path.parent}"
    else:
        place = "in a folder above"
    return f"{place} ({FILE_NAME})" if habit.path.name == FILE_NAME else place


def learned(media: Path, options: Options) -> Path | None:
    """Where a list of `media` is learned unasked; None if these options have no profile."""
    profile = options.profile
    if profile is None and options.like is None:
        return None
    if isinstance(profile, Profile) and not profile.is_like:
        return profile.path
    if isinstance(profile, Path):
        return profile
    if isinstance(profile, str) and profile != "auto":
        return named_profile(profile)
    return to_learn_in([media], asked=False)


def remember(media: Path, granularity: str, options: Options, on_note: OnNote) -> None:
    """Keep a granularity that a person asked for in the profile of `media`, if there is one.

    Nothing is raised: a note says what was changed, or why it could not be.
    """
    try:
        profile = followed_profile(media, options)
        if profile is None or profile.path is None or profile.is_like:
            return
        wanted = None if granularity == "normal" else granularity
        if profile.granularity == wanted:
            return
        change_profile(profile.path, lambda old: replace(old, granularity=wanted), patience=_BRIEF)
        where = f"for later drafts in {profile.name or profile.path}"
        if wanted is None:
            on_note(f"--granularity {profile.granularity} is no longer kept {where}.")
        else:
            on_note(
                f"--granularity {wanted} is kept {where}; to undo it, draft once with "
                "--granularity normal."
            )
    except (ChapterizeError, OSError) as error:
        on_note(f"The granularity was not kept for later drafts: {error}.")


def teach(
    media: Path, lists: Sequence[KeptList], options: Options, on_note: OnNote | None = None
) -> bool:
    """Learn `lists` unasked, in the profile that drafts of `media` follow; whether that was new.

    Nothing is raised: what cannot be learned is a note, because other work is done.
    """
    try:
        path = learned(media, options)
        if path is None or not lists:
            return False
        before: list[Profile] = []

        def add(profile: Profile) -> Profile:
            before.append(profile)
            known = {each.id: each for each in profile.lists}
            return profile.with_lists([each for each in lists if known.get(each.id) != each])

        return change_profile(path, add, patience=_BRIEF) != before[0]
    except (ChapterizeError, OSError) as error:
        if on_note is not None:
            on_note(f"Nothing was learned from the chapters: {error}.")
        return False
