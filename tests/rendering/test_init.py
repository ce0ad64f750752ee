"""`render` and `embed`, the two public functions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.errors import OutputError
from chapterize.media import open_media
from chapterize.rendering import RenderOptions, embed, render


def chapters(duration: float = 4.0) -> Chapters:
    return Chapters.from_starts([0, 2], ["One", "Two"], duration)


@pytest.mark.slow
@pytest.mark.parametrize("is_open", [False, True])
def test_render_takes_a_path_or_an_open_media(
    is_open: bool, video_mp4: Path, tmp_path: Path
) -> None:
    source = open_media(video_mp4) if is_open else video_mp4
    notes, fractions = list[str](), list[float]()
    made = render(
        source,
        chapters(),
        tmp_path / "o.mp4",
        RenderOptions(seconds=0.6),
        on_progress=lambda stage, done: fractions.append(done),
        on_note=notes.append,
    )
    assert made.path == tmp_path / "o.mp4"
    assert [chapter.title for chapter in open_media(made.path).chapters] == ["One", "Two"]
    assert set(made.notes) <= set(notes)
    assert fractions[-1] == 1.0


@pytest.mark.slow
def test_a_title_on_a_short_chapter_is_reported(video_mp4: Path, tmp_path: Path) -> None:
    short = Chapters.from_starts([0, 3.5], ["One", "Two"], 4.0)
    notes: list[str] = []
    render(str(video_mp4), short, str(tmp_path / "o.mp4"), on_note=notes.append)
    assert any("'Two' is shown for 0.50 s only" in note for note in notes)


def test_an_existing_file_is_replaced_only_with_force(video_mp4: Path, tmp_path: Path) -> None:
    target = tmp_path / "o.mp4"
    target.write_bytes(b"mine")
    for door in (render, embed):
        with pytest.raises(OutputError, match="already exists"):
            door(video_mp4, chapters(), target)
    assert target.read_bytes() == b"mine"
    embed(str(video_mp4), chapters(), str(target), force=True)
    assert len(open_media(target).chapters) == 2


def test_embed_takes_a_path_or_an_open_media_and_reports_its_notes(
    video_mp4: Path, tmp_path: Path
) -> None:
    notes: list[str] = []
    returned = embed(video_mp4, chapters(90.0), tmp_path / "a.mp4", on_note=notes.append)
    assert list(returned) == notes
    assert "the chapters are for 1:30" in notes[0]
    embed(open_media(video_mp4), chapters(90.0), tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, chapterize.rendering; print(*{m.split('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"av", "ffmpeg", "fontTools", "uharfbuzz", "mutagen", "numpy"}
    assert not heavy & set(done.stdout.split())
