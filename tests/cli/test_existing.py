"""Chapters that a file has already, on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chapterize.data import Chapters
from chapterize.media import open_media
from chapterize.rendering.containers import embed_chapters
from tests.cli.program import Configure, Run
from tests.texts import cues, write_srt

STARTS, TITLES = (0.0, 50.0, 90.0), ("Bread", "Sky", "Money")


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    """Captions with a chapter file next to them, as a person wrote it."""
    (tmp_path / "talk 日本.chapters.txt").write_text("0:00 Bread\n0:50 Sky\n", encoding="utf-8")
    return write_srt(tmp_path / "talk 日本.srt", cues())


@pytest.fixture
def chaptered(long_talk: Path) -> Path:
    """Two minutes of video with chapters inside."""
    made = long_talk.with_name("made.mp4")
    chapters = Chapters.from_starts(STARTS, TITLES, open_media(long_talk).duration)
    embed_chapters(long_talk, chapters, made)
    shutil.copy(long_talk.with_suffix(".srt"), made.with_suffix(".srt"))
    return made


def inside(path: Path) -> list[str]:
    return [each.title for each in open_media(path).chapters]


def test_draft_offers_other_chapters_and_keeps_them_if_asked(run: Run, captions: Path) -> None:
    done = run("draft", captions, "--json")
    offer = "There are 2 chapters already in talk 日本.chapters.txt. To keep them: --keep"
    assert offer in done.err
    assert any(note.startswith(offer) for note in json.loads(done.out)["notes"])
    done = run("draft", captions, "--keep")
    assert done.out == "0:00 Bread\n0:50 Sky\n"
    assert "There are" not in done.err
    done = run("draft", captions, "--retitle", "--json")
    assert json.loads(done.out)["duration"] == 119.5
    assert [each["start"] for each in json.loads(done.out)["chapters"]] == [0.0, 50.0]
    done = run("draft", captions, "--hints", "--json")
    assert json.loads(done.out)["count"]["how"] == "from 1 marker"
    assert json.loads(done.out)["chapters"][1]["evidence"]["marker"] == 50.0


def test_draft_says_nothing_about_its_own_earlier_list(run: Run, tmp_path: Path) -> None:
    captions = write_srt(tmp_path / "talk.srt", cues())
    assert run("draft", captions, "--count", "3", "-o", tmp_path / "talk.txt").code == 0
    assert "There are" not in run("draft", captions, "--count", "3").err
    assert "There are 3 chapters already in talk.txt" in run("draft", captions, "--count", "2").err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--keep", "--count", "3"), "--keep cannot be used with --count"),
        (("--keep", "--hints"), "--hints and --keep together"),
        (("--retitle", "--hints"), "--hints and --retitle together"),
    ],
)
def test_what_contradicts_is_refused(
    options: tuple[str, ...], message: str, run: Run, captions: Path
) -> None:
    done = run("draft", captions, *options)
    assert done.code == 2
    assert message in done.err


def test_a_rate_in_the_settings_yields_to_keep(
    run: Run, captions: Path, configure: Configure
) -> None:
    configure("per_hour = 300\n")
    assert run("draft", captions, "--keep").out == "0:00 Bread\n0:50 Sky\n"


@pytest.mark.slow
def test_split_uses_the_chapters_inside_unless_others_are_asked_for(
    run: Run, chaptered: Path, tmp_path: Path
) -> None:
    done = run("split", chaptered, "--out-dir", tmp_path / "a")
    assert [Path(line).stem for line in done.out.split("\n") if line] == [
        "01 Bread",
        "02 Sky",
        "03 Money",
    ]
    assert "The 3 chapters inside the file are kept." in done.err
    assert "--replace" in done.err
    done = run("split", chaptered, "--out-dir", tmp_path / "b", "--count", "2")
    assert len(done.out.splitlines()) == 2
    done = run("split", chaptered, "--out-dir", tmp_path / "c", "--replace")
    assert "01 Bread.mp4" not in done.out
    assert "are kept" not in done.err
    assert run("split", chaptered, "--keep", "--replace").code == 2


@pytest.mark.slow
def test_batch_leaves_chapters_inside_alone_unless_it_is_told(
    run: Run, chaptered: Path, tmp_path: Path
) -> None:
    options = (chaptered, "-j", 1, "--embed", "--no-learn", "--out", tmp_path / "out")
    done = run("batch", *options)
    assert "kept made.mp4: chapters inside a file are never replaced without --replace" in done.err
    assert not (tmp_path / "out" / "made-chapters.mp4").exists()
    assert "done made.mp4: 3 chapters" in run("batch", *options, "--keep").err
    assert inside(tmp_path / "out" / "made-chapters.mp4") == list(TITLES)
    assert "done made.mp4" in run("batch", *options, "--replace").err
    assert inside(tmp_path / "out" / "made-chapters.mp4") != list(TITLES)


@pytest.mark.slow
def test_embed_takes_the_file_next_to_the_media_and_replaces_no_chapters_unasked(
    run: Run, long_talk: Path, tmp_path: Path
) -> None:
    done = run("embed", long_talk)
    assert done.code == 3
    assert "there are no chapters for long.mp4" in done.err
    long_talk.with_name("long.chapters.txt").write_text("0:00 Bread\n0:50 Chapter 2\n")
    assert run("embed", long_talk).code == 0
    made = long_talk.with_name("long-chapters.mp4")
    assert inside(made) == ["Bread", "Chapter 2"]
    done = run("embed", made)
    assert done.code == 3
    assert "long-chapters.mp4 has 2 chapters already" in done.err
    other = tmp_path / "other.txt"
    other.write_text("0:00 Bread\n0:50 Sky\n0:90 Money\n".replace("0:90", "1:30"))
    done = run("embed", made, other, "-o", made, "--force")
    assert done.code == 3
    assert "has 2 other chapters" in done.err
    assert run("embed", made, other, "-o", made, "--force", "--replace").code == 0
    assert inside(made) == ["Bread", "Sky", "Money"]
    assert run("embed", made, other, "-o", made, "--force").code == 0
