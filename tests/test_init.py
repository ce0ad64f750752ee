"""The public names of the package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import chapterize
from chapterize import errors

USER = """
from pathlib import Path

import chapterize
from chapterize import Chapters, ChapterizeError, Cue, Draft, Options, SegmentOptions, Transcript


def chapters_of(path: Path) -> Chapters:
    mine = Transcript((Cue(0.0, 2.5, "Hello and welcome."),), language="en")
    options = Options(segment=SegmentOptions(per_hour=8))
    try:
        draft: Draft = chapterize.make_draft(path, options, transcript=mine)
    except chapterize.FormatError as error:
        line: int | None = error.line
        raise SystemExit(f"{error} {line}") from error
    except ChapterizeError as error:
        raise SystemExit(error.exit_code) from error
    fewer = draft.with_count(3)
    for chapter in fewer.chapters.chapters:
        evidence: chapterize.Evidence | None = chapter.evidence
        print(chapter.start, chapter.title, evidence)
    text: str = chapterize.formats.dumps(fewer.chapters, "webvtt")
    print(text, chapterize.__version__)
    chapterize.embed(path, fewer.chapters, path.with_suffix(".chapters.mp4"))
    chapterize.render(path, fewer.chapters, path.with_suffix(".titled.mp4"))
    return fewer.chapters
"""


def test_every_public_name_is_there() -> None:
    for name in set(chapterize.__all__) - {"__version__", "formats"}:
        assert getattr(chapterize, name).__name__ == name
    assert chapterize.formats.__name__ == "chapterize.formats"


def test_all_errors_are_public() -> None:
    assert set(errors.__all__) <= set(chapterize.__all__)


def test_dir_shows_the_public_names_and_nothing_else() -> None:
    assert dir(chapterize) == sorted(chapterize.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="segmentize"):
        chapterize.segmentize  # noqa: B018


@pytest.mark.slow
def test_a_strictly_typed_program_can_use_the_public_names(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(USER, encoding="utf-8")
    wrong = USER + "nothing: int = chapters_of(Path())\n"
    (tmp_path / "wrong.py").write_text(wrong, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "right.py", "wrong.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    faults = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert len(faults) == 1, done.stdout
    assert faults[0].startswith("wrong.py:")
    assert "Incompatible types in assignment" in faults[0]


def test_onnxruntime_sends_nothing_and_keeps_no_identifier(tmp_path: Path) -> None:
    code = "import chapterize, onnxruntime, os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    # Without CI, which switches its telemetry off too.
    environment = {"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "1\n"
    assert list(tmp_path.iterdir()) == []
