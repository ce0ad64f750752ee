"""What each platform asks of chapters: rules with ids, and fixes that never invent anything."""

from chapterize.check.fixes import Fixed, fix
from chapterize.check.platforms import PLATFORMS, Platform
from chapterize.check.rules import Finding, check

__all__ = ["PLATFORMS", "Finding", "Fixed", "Platform", "check", "fix"]
