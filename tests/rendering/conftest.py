from __future__ import annotations

from pathlib import Path

import pytest

from tests.rendering.copies import KINDS, Make, ffmpeg


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """ffmpeg [the options of the kind in KINDS] NAME, made once for each name."""
    folder = tmp_path_factory.mktemp("media")

    def build(kind: str, *options: str, name: str | None = None) -> Path:
        target = folder / (name or f"talk.{kind}")
        if not target.exists():
            ffmpeg(target, *(options or KINDS[kind]))
        return target

    return build
