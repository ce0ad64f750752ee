"""`render` and `embed`, the two public functions."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.errors import OutputError
from chapterize.media import open_media
from chapterize.rendering import RenderOptions, embed, render
from tests.conftest import AAC, H264, SINE
from tests.rendering.copies import ffmpeg


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


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file of this process, nor of those that it starts, may be larger than 200 kB."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noise of 2 s in H.264 and AAC, with a keyframe every 10 frames."""
    target = tmp_path_factory.mktemp("noisy") / "noisy.mp4"
    source = "testsrc2=s=640x360:r=25:d=4,noise=alls=60:allf=t"
    ffmpeg(target, "-f", "lavfi", "-i", source, *SINE, *H264, "-g", "10", *AAC)
    return target


MAKE: dict[str, Callable[[Path, Path], object]] = {
    "splice": lambda source, folder: render(
        source, chapters(), folder / "o.mp4", RenderOptions(seconds=0.4)
    ),
    "encode": lambda source, folder: render(
        source, chapters(), folder / "o.mp4", RenderOptions(aspect="1:1", hardware=False)
    ),
    "card": lambda source, folder: render(source, chapters(), folder / "o.mp4"),
    "copy": lambda source, folder: embed(source, chapters(), folder / "o.mp4"),
    "remux": lambda source, folder: embed(source, chapters(), folder / "o.mkv"),
}


@pytest.mark.slow
@pytest.mark.parametrize("how", MAKE)
def test_a_disk_that_is_full_in_the_middle_is_not_blamed_on_the_source(
    how: str, noisy: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    source = noisy
    if how == "card":
        source = tmp_path / "loud.wav"
        ffmpeg(source, "-f", "lavfi", "-i", "anoisesrc=d=60")
    request.getfixturevalue("small_files")
    folder = tmp_path / "out"
    folder.mkdir()
    with pytest.raises(OutputError, match="limit of this system") as caught:
        MAKE[how](source, folder)
    assert caught.value.exit_code == 5
    assert "damaged" not in str(caught.value)
    assert list(folder.iterdir()) == []


@pytest.mark.slow
def test_a_note_names_the_size_with_which_frames_can_be_copied(tmp_path: Path) -> None:
    line = ("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=4", *H264, "-g", "10")
    source = ffmpeg(tmp_path / "s.mp4", *line)
    small = RenderOptions(size="480p", seconds=0.6, hardware=False)
    made = render(source, chapters(), tmp_path / "a.mp4", small)
    assert any("--size 720p keeps its size and copies" in note for note in made.notes)
    kept = render(source, chapters(), tmp_path / "b.mp4", replace(small, size="720p"))
    assert (kept.how, kept.notes) == ("splice", ())
    square = render(source, chapters(), tmp_path / "c.mp4", replace(small, aspect="1:1"))
    assert not any("--size" in note for note in square.notes)
    longer = replace(small, size="720p", seconds=4.0)
    full = render(source, chapters(), tmp_path / "d.mp4", longer)
    assert (full.how, ["--size" in note for note in full.notes]) == ("encode", [False])
