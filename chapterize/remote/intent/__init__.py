"""What a user's request asks for: one of six actions, found by keywords or by a small model."""

from chapterize.remote.intent.keywords import Action
from chapterize.remote.intent.model import Intent, route

__all__ = ["Action", "Intent", "route"]
