"""Reports as pages of a browser; an error or a violation of the page's policy fails the test."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from chapterize.batch.report import Report
from chapterize.batch.rows import Row

# The browser and its pages are those of the review page.
from tests.review.browser.conftest import OpenPage, browser, chromium, open_page

__all__ = ["ShowReport", "browser", "chromium", "open_page", "show_report"]

ShowReport = Callable[..., Page]
"""``show_report(rows, size=…, **options)`` opens the page of a report."""


@pytest.fixture
def show_report(open_page: OpenPage, tmp_path: Path) -> ShowReport:
    """Write a report and open it as a file."""

    def show(rows: Iterable[Row], **options: object) -> Page:
        with Report(tmp_path) as report:
            for row in rows:
                report.add(row)
            report.write()
        return open_page(report.target.as_uri(), **options)  # type: ignore[arg-type]

    return show
