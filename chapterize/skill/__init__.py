"""The skill for AI agents: `SKILL.md` says when and how to use this program."""

from __future__ import annotations

from pathlib import Path

__all__ = ["NAME", "skill_file"]

NAME = "chapter-generator"
"""The name of the skill, which the remote service is sent too."""


def skill_file() -> Path:
    """Return the path of ``SKILL.md``."""
    return Path(__file__).with_name("SKILL.md")
