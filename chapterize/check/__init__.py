"""The rules of platforms for chapters: `check` reports broken ones, `fix` corrects them."""

from chapterize.check.fixes import Fixed, fix
from chapterize.check.platforms import PLATFORMS, Platform
from chapterize.check.rules import Finding, check

__all__ = ["PLATFORMS", "Finding", "Fixed", "Platform", "check", "fix"]
