"""`chapterize render` and `chapterize split`, as typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chapterize.ffmpeg import find_ffmpeg
from chapterize.media import open_media
from chapterize.render.program import find_program
from tests.cli.program import Run
from tests.texts import cues, write_srt

CHAPTERS = "0:00 Opening\n0:02 Bees & {honey} 100%\n"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """Two chapters for the four seconds of the fixtures' videos."""
    path = tmp_path / "chapters.txt"
    path.write_text(CHAPTERS, encoding="utf-8")
    return path


def test_a_video_gets_titles_and_chapters_and_the_source_stays(
    run: Run, video_mp4: Path, listed: Path, tmp_path: Path
) -> None:
    before = video_mp4.read_bytes()
    target = tmp_path / "made 日本.mp4"
    done = run(
        *("render", video_mp4, "--chapters", listed, "-o", target, "--seconds", 0.6, "--json")
    )
    assert done.code == 0, done.err
    report = json.loads(done.out)
    assert report["path"] == str(target)
    assert report["n_chapters"] == 2
    assert report["how"] in ("splice", "encode")
    assert (report["how"] == "splice") == (report["reason"] is None)
    made = open_media(target)
    assert [chapter.title for chapter in made.chapters] == ["Opening", "Bees & {honey} 100%"]
    assert made.duration == pytest.approx(open_media(video_mp4).duration, abs=0.05)
    assert video_mp4.read_bytes() == before


def test_what_exists_is_refused_before_anything_is_drafted(
    run: Run, video_mp4: Path, listed: Path, tmp_path: Path
) -> None:
    target = tmp_path / "made.mp4"
    target.write_bytes(b"mine")
    done = run("render", video_mp4, "--chapters", listed, "-o", target)
    assert done.code == 5
    assert "--force" in done.err
    assert target.read_bytes() == b"mine"


def test_options_that_mean_nothing_are_named(run: Run, video_mp4: Path, listed: Path) -> None:
    for option, value in (
        ("--style", "fancy"),
        ("--size", "12p"),
        ("--aspect", "4:7"),
        ("--fill", "glass"),
        ("--accent", "yellowish"),
        ("--font", "No Such Font Anywhere"),
    ):
        done = run("render", video_mp4, "--chapters", listed, option, value)
        assert done.code in (2, 3), option
        assert value in done.err, option


@pytest.fixture
def poor_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Chosen by the user: it encodes, but draws no titles; what it is asked lies in ``log``."""
    script = tmp_path / "ffmpeg"
    script.write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/log\necho "libx264 AVOptions:"; echo "-fps_mode x"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", str(script))
    find_ffmpeg.cache_clear()
    find_program.cache_clear()
    yield script
    find_ffmpeg.cache_clear()
    find_program.cache_clear()


@pytest.mark.parametrize("preview", [(), ("--preview", "titles.png")])
def test_a_program_that_draws_no_titles_is_told_before_anything_is_drafted(
    run: Run,
    video_mp4: Path,
    poor_ffmpeg: Path,
    monkeypatch: pytest.MonkeyPatch,
    preview: tuple[str],
) -> None:
    monkeypatch.setattr("chapterize.cli.render.chapters_of", lambda *rest: pytest.fail("drafted"))
    monkeypatch.chdir(poor_ffmpeg.parent)
    done = run("render", video_mp4, "-o", "made.mp4", *preview)
    assert done.code == 7
    assert str(poor_ffmpeg) in done.err
    assert "libass" in done.err
    assert "unset CHAPTERIZE_FFMPEG" in done.err


def test_a_draft_starts_no_ffmpeg(run: Run, poor_ffmpeg: Path, tmp_path: Path) -> None:
    assert run("draft", write_srt(tmp_path / "talk.srt", cues())).code == 0
    assert not (tmp_path / "log").exists()


def test_a_preview_is_a_picture_and_no_video(
    run: Run, video_mp4: Path, listed: Path, tmp_path: Path
) -> None:
    target = tmp_path / "preview.png"
    done = run("render", video_mp4, "--chapters", listed, "--preview", target)
    assert done.code == 0, done.err
    assert target.read_bytes().startswith(b"\x89PNG")
    assert list(tmp_path.glob("*.mp4")) == []


def test_each_chapter_becomes_a_file(
    run: Run, video_mp4: Path, listed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "parts"
    done = run("split", video_mp4, "--chapters", listed, "--out-dir", folder, "--json")
    assert done.code == 0, done.err
    made = [Path(path) for path in json.loads(done.out)]
    assert len(made) == 2
    assert all(path.parent == folder for path in made)
    assert sum(open_media(path).duration for path in made) == pytest.approx(4.0, abs=0.5)
