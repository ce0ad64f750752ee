"""A draft under review, and requests to its server without a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chapterize.data import Chapters
from chapterize.pipeline import Draft, Options, make_draft
from chapterize.pipeline.edits import edits_file
from chapterize.review import Project
from chapterize.review.api import Api
from chapterize.review.server import Review
from chapterize.segment import SegmentOptions
from tests.review.browser_double import Browser
from tests.texts import cues, write_srt

Open = Callable[..., Project]


@pytest.fixture(scope="session")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    """Four minutes, a sentence every ten seconds, divided into six chapters."""
    path = write_srt(tmp_path_factory.mktemp("review") / "talk.srt", cues(seconds=10.0))
    return make_draft(path, Options(segment=SegmentOptions(count=6)))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the edits of the draft are stored."""
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "state"))
    return edits_file("0" * 32)


@pytest.fixture
def open_project(draft: Draft, state: Path) -> Open:
    """Open the project; the state is that of the last one that was opened."""

    def opened(found: Draft = draft, given: Chapters | None = None) -> Project:
        return Project(found, state, given=given)

    return opened


@pytest.fixture
def project(open_project: Open) -> Project:
    return open_project()


@pytest.fixture
def browser(project: Project, tmp_path: Path) -> Browser:
    """The page of the project, as the browser sees it."""
    page = tmp_path / "page"
    (page / "js").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>Review</title>")
    (page / "js" / "main.js").write_text("export {};")
    (page / "notes.md").write_text("not for the browser")
    (tmp_path / "secret.js").write_text("secret")
    return Browser(Review(Api(project), page=page))


def rows(project: Project) -> list[dict[str, Any]]:
    """The chapters as the page sends them back."""
    return [
        {"id": each.id, "start": each.start, "title": each.title, "is_locked": each.is_locked}
        for each in project.chapters
    ]
