"""A title server on loopback, and a list for notes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fake_endpoint import FakeEndpoint, running


@pytest.fixture
def server() -> Iterator[FakeEndpoint]:
    with running() as endpoint:
        yield endpoint


@pytest.fixture
def notes() -> list[str]:
    return []
