"""The papers at the top: what they show can be run, and what they link to exists."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import chapterize

ROOT = Path(chapterize.__file__).resolve().parents[1]
PAPERS = [
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "chapterize/README.md"),
    *("chapterize/cli/README.md", "scripts/BENCHMARKS.md", "models/LICENSES.md"),
]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(#[^)]*)?\)")


@pytest.mark.slow
def test_the_lines_of_python_in_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.S)
    shutil.copy(ROOT / "tests" / "data" / "lecture.mp4", tmp_path / "talk.mp4")
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert len(re.findall(r"^\d+:\d\d \S", out, re.M)) == 4
    for name in ("talk-chapters.mp4", "talk-titles.mp4"):
        assert len(chapterize.open_media(tmp_path / name).chapters) == 4


def test_the_readme_is_short() -> None:
    assert 120 <= len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 200


@pytest.mark.parametrize("paper", PAPERS)
def test_links_between_papers_lead_somewhere(paper: str) -> None:
    text = (ROOT / paper).read_text(encoding="utf-8")
    for target, anchor in LINK.findall(text):
        file = (ROOT / paper).parent / target if target else ROOT / paper
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), re.M)
            slugs = {re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in headings}
            assert anchor[1:] in slugs, anchor
