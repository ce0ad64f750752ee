"""`chapterize split`, as typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.program import Run
from tests.conftest import AAC, H264, SINE, TESTSRC, MakeMedia

pytestmark = pytest.mark.slow


@pytest.fixture
def talk(make_media: MakeMedia, tmp_path: Path) -> Path:
    """TESTSRC SINE H264 -g 25 AAC, and a chapter file."""
    source = make_media("talk.mkv", *TESTSRC, *SINE, *H264, "-g", "25", *AAC)
    (tmp_path / "list.txt").write_text("0:00 One\n0:01.52 Two\n0:03 Three\n", encoding="utf-8")
    return Path(shutil.copy(source, tmp_path / "it's a “講義”.mkv"))


def test_notes_say_how_much_earlier_files_start(run: Run, talk: Path) -> None:
    done = run("split", talk, "--chapters", talk.with_name("list.txt"), "--json")
    assert done.code == 0, done.err
    folder = talk.with_name("it's a “講義”-chapters")
    names = ["01 One.mkv", "02 Two.mkv", "03 Three.mkv"]
    assert json.loads(done.out) == [str(folder / name) for name in names]
    assert "before their chapters, at a keyframe: 02 Two.mkv 0.520 s" in done.err
    assert "--exact" in done.err


def test_exact_files_need_no_note_and_nothing_is_overwritten(run: Run, talk: Path) -> None:
    arguments = ("split", talk, "--chapters", talk.with_name("list.txt"))
    done = run(*arguments, "--exact")
    assert done.code == 0
    assert "note" not in done.err
    again = run(*arguments)
    assert again.code == 5
    assert "--force" in again.err
    assert run(*arguments, "--force").code == 0
