"""Profiles: how a person cuts, as numbers learned from lists of chapters that the person kept.

How finely people cut is a habit that the words do not tell: at the same length, sources differ by
45 % in their number of chapters, and the videos of one source by 30 %. A few earlier lists
therefore say more about the next number than the video itself (models/boundary.md).
"""

from chapterize.profiles.habits import Habit, KeptList, Profile, habit_of
from chapterize.profiles.places import (
    FILE_NAME,
    folder_profile,
    named_profile,
    nearest_profile,
    profile_names,
    to_learn_in,
)
from chapterize.profiles.storage import change_profile, delete_profile, read_profile

__all__ = [
    "FILE_NAME",
    "Habit",
    "KeptList",
    "Profile",
    "change_profile",
    "delete_profile",
    "folder_profile",
    "habit_of",
    "named_profile",
    "nearest_profile",
    "profile_names",
    "read_profile",
    "to_learn_in",
]
