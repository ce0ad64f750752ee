"""`chapterize render` and `chapterize split`, as typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chapterize.data import Media
from chapterize.media import open_media
from chapterize.rendering.video import RenderJob
from tests.cli.program import Run
from tests.conftest import MakeMedia
from tests.texts import cues, write_srt

pytestmark = pytest.mark.slow

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


def test_an_existing_target_is_refused_before_drafting(
    run: Run, video_mp4: Path, listed: Path, tmp_path: Path
) -> None:
    target = tmp_path / "made.mp4"
    target.write_bytes(b"mine")
    done = run("render", video_mp4, "--chapters", listed, "-o", target)
    assert done.code == 5
    assert "--force" in done.err
    assert target.read_bytes() == b"mine"


@pytest.fixture
def no_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail when chapters are drafted: what is checked after that comes too late."""
    for command in ("render", "split", "deliver"):
        drafting = f"chapterize.cli.{command}.chapters_of"
        monkeypatch.setattr(drafting, lambda *rest: pytest.fail("drafted"))


@pytest.mark.parametrize("command", [("render",), ("deliver", "--local-only")])
@pytest.mark.parametrize("taken", ["source", "folder", "nowhere"])
def test_a_target_that_cannot_be_written_is_refused_before_drafting(
    taken: str, command: tuple[str, ...], run: Run, video_mp4: Path, tmp_path: Path, no_draft: None
) -> None:
    before = video_mp4.read_bytes()
    places = {"source": video_mp4, "folder": tmp_path, "nowhere": tmp_path / "no" / "made.mp4"}
    done = run(*command, video_mp4, "-o", places[taken], "--force")
    assert done.code == 5
    assert "cannot write" in done.err
    assert video_mp4.read_bytes() == before


@pytest.mark.parametrize("option", ["--audio-only", "--sound-alone"])
def test_an_audio_file_becomes_a_card_or_a_copy_next_to_it(
    option: str, run: Run, audio_mp3: Path, listed: Path, tmp_path: Path
) -> None:
    audio = Path(shutil.copy(audio_mp3, tmp_path / "talk.mp3"))
    done = run("render", audio, "--chapters", listed, option, "chapters", "--json")
    assert (done.code, json.loads(done.out)["how"]) == (0, "copy"), done.err
    assert len(open_media(tmp_path / "talk-chapters.mp3").chapters) == 2
    done = run("render", audio, "--chapters", listed, "--size", "480p", "--json")
    assert (done.code, json.loads(done.out)["how"]) == (0, "card"), done.err
    assert open_media(tmp_path / "talk-chapters.mp4").has_video


def test_another_suffix_than_mp4_is_refused_before_drafting(
    run: Run, video_mp4: Path, tmp_path: Path, no_draft: None
) -> None:
    done = run("render", video_mp4, "-o", tmp_path / "made.avi")
    assert done.code == 2
    assert "made.mp4" in done.err


def test_a_preview_never_overwrites_a_source(
    run: Run, video_mp4: Path, listed: Path, no_draft: None
) -> None:
    before = video_mp4.read_bytes()
    for target in (video_mp4, listed):
        done = run("render", video_mp4, "--chapters", listed, "--preview", target, "--force")
        assert done.code == 5
        assert "input files are never overwritten" in done.err
    assert (video_mp4.read_bytes(), listed.read_text("utf-8")) == (before, CHAPTERS)


def test_a_preview_that_cannot_be_made_is_refused_before_drafting(
    run: Run, video_mp4: Path, audio_mp3: Path, tmp_path: Path, no_draft: None
) -> None:
    done = run("render", video_mp4, "--preview", tmp_path / "sheet.jpg")
    assert done.code == 2
    assert "sheet.png" in done.err
    done = run("render", audio_mp3, "--preview", tmp_path / "sheet.png")
    assert done.code == 3
    assert "has no video" in done.err


@pytest.mark.parametrize("command", ["render", "split", "deliver"])
def test_a_caption_file_is_not_a_video(command: str, run: Run, tmp_path: Path) -> None:
    captions = write_srt(tmp_path / "talk.srt", cues())
    done = run(command, captions, *(["--local-only"] if command == "deliver" else []))
    assert done.code == 3
    assert "is a caption file" in done.err


def test_unknown_values_are_named_before_drafting(
    run: Run, video_mp4: Path, tmp_path: Path, no_draft: None
) -> None:
    for option, value in (
        ("--style", "fancy"),
        ("--size", "12p"),
        ("--aspect", "4:7"),
        ("--fill", "glass"),
        ("--audio-only", "silence"),
        ("--accent", "yellowish"),
        ("--font", "No Such Font Anywhere"),
    ):
        done = run("render", video_mp4, "-o", tmp_path / "made.mp4", option, value)
        assert done.code in (2, 3), option
        assert value in done.err, option


@pytest.fixture
def poor_ffmpeg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ffmpeg chosen by the user that encodes but draws no titles; calls go to ``log``."""
    script = tmp_path / "ffmpeg"
    script.write_text(
        f'#!/bin/sh\necho "$*" >> {tmp_path}/log\necho "libx264 AVOptions:"; echo "-fps_mode x"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("CHAPTERIZE_FFMPEG", str(script))
    return script


@pytest.mark.parametrize("preview", [(), ("--preview", "titles.png")])
def test_a_program_that_draws_no_titles_is_reported_before_drafting(
    run: Run,
    video_mp4: Path,
    poor_ffmpeg: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_draft: None,
    preview: tuple[str],
) -> None:
    monkeypatch.chdir(poor_ffmpeg.parent)
    done = run("render", video_mp4, "-o", "made.mp4", *preview)
    assert done.code == 7
    assert str(poor_ffmpeg) in done.err
    assert "libass" in done.err
    assert "unset CHAPTERIZE_FFMPEG" in done.err


def test_a_draft_of_captions_starts_no_ffmpeg(run: Run, poor_ffmpeg: Path, tmp_path: Path) -> None:
    assert run("draft", write_srt(tmp_path / "talk.srt", cues())).code == 0
    assert not (tmp_path / "log").exists()


def test_a_preview_is_an_image_and_not_a_video(
    run: Run, video_mp4: Path, listed: Path, tmp_path: Path
) -> None:
    target = tmp_path / "preview.png"
    done = run("render", video_mp4, "--chapters", listed, "--preview", target)
    assert done.code == 0, done.err
    assert target.read_bytes().startswith(b"\x89PNG")
    assert list(tmp_path.glob("*.mp4")) == []


def test_numbers_and_the_language_reach_the_titles(
    run: Run, video_mp4: Path, listed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[RenderJob] = []
    record = "chapterize.rendering.preview.make_preview"
    monkeypatch.setattr(record, lambda job, target, force: jobs.append(job))
    asked = ("--preview", tmp_path / "titles.png", "--language", "de")
    for more in ((), ("--numbers",)):
        assert run("render", video_mp4, "--chapters", listed, *asked, *more).code == 0
    assert [job.options.numbers for job in jobs] == [False, True]
    assert jobs[0].options.language == "de"


def test_the_source_is_opened_once(
    run: Run,
    video_mp4: Path,
    listed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[Path] = []

    def count(path: Path) -> Media:
        opened.append(path)
        return open_media(path)

    for module in ("chapterize.media", "chapterize.rendering.containers.embed"):
        monkeypatch.setattr(f"{module}.open_media", count)
    for command in (
        ("render", video_mp4, "--chapters", listed, "-o", tmp_path / "a.mp4"),
        ("split", video_mp4, "--chapters", listed, "--out-dir", tmp_path / "parts"),
        ("embed", video_mp4, listed, "-o", tmp_path / "b.mp4"),
    ):
        opened.clear()
        done = run(*command)
        assert done.code == 0, done.err
        assert opened.count(video_mp4) == 1


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


def test_split_drafts_with_the_given_options(run: Run, long_talk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    for count in (2, 3):
        done = run("split", long_talk, "--count", count, "--out-dir", folder / str(count))
        assert done.code == 0, done.err
        assert len(done.out.splitlines()) == len(list((folder / str(count)).iterdir())) == count


def test_a_chapter_never_takes_the_place_of_the_video_it_is_cut_from(
    run: Run, video_mp4: Path, listed: Path, tmp_path: Path
) -> None:
    source = Path(shutil.copy(video_mp4, tmp_path / "01 Opening.mp4"))
    before = source.read_bytes()
    done = run("split", source, "--chapters", listed, "--out-dir", tmp_path, "--force")
    assert done.code == 5
    assert source.read_bytes() == before
    assert sorted(tmp_path.glob("*.mp4")) == [source]


def test_a_folder_that_cannot_be_created_is_refused_before_drafting(
    run: Run, video_mp4: Path, listed: Path, no_draft: None
) -> None:
    for folder in (listed, listed / "parts"):
        done = run("split", video_mp4, "--out-dir", folder)
        assert done.code == 3
        assert f"{listed} is not a folder" in done.err


def test_chapters_that_do_not_fit_are_explained(
    run: Run, make_media: MakeMedia, tmp_path: Path
) -> None:
    source = ("-f", "lavfi", "-i", "testsrc=size=320x240:rate=10:duration=8")
    whole = make_media("whole.mp4", *source, "-c:v", "libx264", "-movflags", "+faststart")
    video = tmp_path / "cut off.mp4"
    video.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    late = tmp_path / "late.txt"
    late.write_text("0:00 Opening\n0:02 Bees\n0:07 Late\n")
    for command in ("render", "split"):
        done = run(command, video, "--chapters", late)
        assert done.code == 4
        assert "'Late' starts at 0:07, line 3" in done.err
        assert "the file is cut off" in done.err
        assert "--duration" not in done.err
    assert sorted(tmp_path.iterdir()) == [video, late]
