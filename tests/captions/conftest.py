"""A fixture that writes caption files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.captions.written import Write


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write `content` to a file called `name` in a temporary directory."""

    def write_file(content: str | bytes, name: str = "talk.srt") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file
