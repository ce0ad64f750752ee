"""The parts of a review, put together."""

from __future__ import annotations

from chapterize.review.api import Api
from chapterize.review.project import Project
from chapterize.review.server import Review

__all__ = ["assemble"]


def assemble(project: Project) -> Review:
    """The review of a project, ready to be served."""
    return Review(Api(project))
