"""`chapterize learn`, and drafts that follow what was learned."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.profiles import FILE_NAME, KeptList, change_profile, named_profile, read_profile
from tests.cli.program import Configure, Run
from tests.texts import cues, write_srt

WORDS = ("Bees", "Honey", "Smoke", "Wax", "Queens", "Swarms", "Winter", "Flowers", "Frost")
TEN = "".join(
    f"{n // 6}:{n * 10 % 60:02} {title}\n"
    for n, title in enumerate(["Introduction", *(f"All About {word}" for word in WORDS)])
)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Three talks of two minutes; two have lists of ten chapters."""
    folder = tmp_path / "course 'x\" 日本語"
    folder.mkdir()
    for number, name in enumerate(("one", "two", "three")):
        write_srt(folder / f"{name}.srt", cues(pause=0.5 + 0.1 * number))
        if name != "three":
            (folder / f"{name}.txt").write_text(TEN, encoding="utf-8")
    return folder


def test_a_draft_is_cut_like_earlier_videos_of_the_folder(course: Path, run: Run) -> None:
    usual = run("draft", course / "three.srt")
    done = run("learn", course / "one.srt", course / "two.srt")
    assert done.code == 0
    assert done.out.startswith("2 lists: you cut ")
    assert done.out.endswith("Title Case; the first is called Introduction.\n")
    assert f"learned in {course / FILE_NAME}" in done.err
    cut = run("draft", course / "three.srt")
    assert cut.out.startswith("0:00 Introduction\n")
    assert len(cut.out.splitlines()) > len(usual.out.splitlines())
    assert "note: The number follows 2 earlier lists in this folder (.chapterize.toml)" in cut.err
    assert run("draft", course / "three.srt", "--no-profile").out == usual.out
    assert run("draft", course / "three.srt", "--profile", "none").out == usual.out


def test_a_folder_is_searched_for_lists(course: Path, run: Run) -> None:
    done = run("learn", course, "--json")
    assert done.code == 0
    shown = json.loads(done.out)
    assert shown["lists"] == 2
    assert shown["title_case"] == "title"
    assert shown["has_introduction"] is True
    found = {Path(row["file"]).name: row["chapters"] for row in shown["files"]}
    assert found == {"one.srt": 10, "two.srt": 10, "three.srt": None}
    deep = run("learn", course.parent, "-r", "--json")
    assert json.loads(deep.out)["lists"] == 2
    assert run("learn", course.parent).code == 3


def test_in_a_folder_the_results_of_a_batch_are_no_lists(course: Path, run: Run) -> None:
    assert run("batch", course, "--format", "youtube,json", "--no-learn").code == 0
    shown = json.loads(run("learn", course, "--json").out)
    found = {Path(row["file"]).name: row["chapters"] for row in shown["files"]}
    assert found == {"one.srt": 10, "two.srt": 10, "three.srt": None}
    (course / "three.youtube.txt").write_text(TEN, encoding="utf-8")
    assert json.loads(run("learn", course, "--json").out)["lists"] == 3


def test_the_same_video_counts_once(course: Path, run: Run) -> None:
    for _ in range(2):
        assert run("learn", course / "one.srt").out.startswith("1 list: ")


def test_a_file_without_chapters_is_reported_and_the_others_are_learned(
    course: Path, run: Run
) -> None:
    done = run("learn", course / "one.srt", course / "three.srt", course / "gone.mp4")
    assert done.code == 12
    assert done.out.startswith("1 list: ")
    assert "three.srt has no chapters to learn from" in done.err
    assert "gone.mp4" in done.err
    alone = run("learn", course / "three.srt")
    assert alone.code == 3
    assert not alone.out


def test_a_profile_can_have_a_name(course: Path, run: Run, tmp_path: Path) -> None:
    assert run("learn", course, "--profile", "talks").code == 0
    assert not (course / FILE_NAME).exists()
    other = write_srt(tmp_path / "other.srt", cues(pause=1.0))
    done = run("draft", other, "--profile", "talks")
    assert "2 earlier lists in the profile talks" in done.err
    assert run("draft", other, "--profile", "unknown").code == 2
    assert run("learn", course, "--profile", "../x").code == 2


def test_a_profile_may_be_a_setting(course: Path, run: Run, configure: Configure) -> None:
    run("learn", course, "--profile", "talks")
    configure('profile = "talks"')
    assert "the profile talks" in run("draft", course / "three.srt").err
    for options in (["--no-profile"], ["--like", course / "one.srt"], ["--profile", "auto"]):
        done = run("draft", course / "three.srt", *options)
        assert (done.code, "the profile talks" in done.err) == (0, False)
    assert "2 lists" in run("learn", "--show").out


def test_a_draft_can_be_cut_like_another_video(course: Path, run: Run) -> None:
    done = run("draft", course / "three.srt", "--like", course / "one.srt", "--json")
    assert done.code == 0
    shown = json.loads(done.out)
    assert shown["profile"]["from"] == str(course / "one.srt")
    assert len(shown["chapters"]) > 3
    like = ("--like", course / "one.srt")
    assert run("draft", course / "three.srt", *like, "--profile", "talks").code == 2
    assert run("draft", course / "three.srt", *like, "--no-profile").code == 2
    assert run("draft", course / "three.srt", "--like", course / "three.srt").code == 3
    alone = course.parent / "alone.txt"
    alone.write_text(TEN, encoding="utf-8")
    lost = run("draft", course / "three.srt", "--like", alone)
    assert (lost.code, "how long the video is" in lost.err) == (3, True)
    listed = alone.with_suffix(".json")
    assert run("draft", course / "two.srt", "--count", 5, "-o", listed).code == 0
    assert "follows alone.json" in run("draft", course / "three.srt", "--like", listed).err


def test_a_list_alone_needs_a_length(tmp_path: Path, run: Run) -> None:
    rows = tmp_path / "list.txt"
    rows.write_text(TEN, encoding="utf-8")
    assert run("learn", rows).code == 3
    done = run("learn", rows, "--duration", "1:00:00")
    assert done.out.startswith("1 list: ")
    assert run("learn", rows, rows, "--duration", "60").code == 2
    assert run("learn", rows, "--duration", "soon").code == 2


def test_a_list_may_come_from_stdin(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    class Stdin:
        buffer = io.BytesIO(TEN.encode())

    monkeypatch.setattr(sys, "stdin", Stdin())
    assert run("learn", "-", "--duration", "1:00:00").out.startswith("1 list: ")
    assert (tmp_path / FILE_NAME).exists()


def test_a_chapter_file_belongs_to_the_video_next_to_it(
    tmp_path: Path, video_mp4: Path, run: Run
) -> None:
    video = tmp_path / "talk.mp4"
    video.write_bytes(video_mp4.read_bytes())
    rows = tmp_path / "talk.youtube.txt"
    rows.write_text("0:00 One\n0:02 Two\n", encoding="utf-8")
    assert run("learn", rows).code == 0
    [kept] = read_profile(tmp_path / FILE_NAME).lists
    assert kept.minutes == pytest.approx(4 / 60, abs=0.01)
    run("learn", rows, "--forget")
    assert not read_profile(tmp_path / FILE_NAME).lists


def test_what_is_known_is_shown(course: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    assert run("learn", "--show").out.startswith("no profile here")
    assert run("learn", "--show", "--json").out == "null\n"
    run("learn", ".")
    assert run("learn", "--show").out.startswith("2 lists: ")
    assert run("learn", "--show", course / "one.srt").out.startswith("2 lists: ")
    assert run("learn", "--show", "--profile", "unknown").code == 2


def test_lists_and_the_profile_can_be_forgotten(
    course: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course)
    assert run("learn", "--forget").code == 3
    run("learn", ".")
    done = run("learn", "one.srt", "--forget")
    assert done.out.startswith("1 list: ")
    assert "forgot 1 list in" in done.err
    assert run("learn", "--forget").out == f"deleted {course / FILE_NAME}\n"
    assert not (course / FILE_NAME).exists()
    assert run("learn", "--show", "--forget").code == 2


def test_nothing_to_learn_from_is_an_error(run: Run) -> None:
    assert run("learn").code == 3


def test_a_broken_profile_is_an_error_that_says_what_to_do(course: Path, run: Run) -> None:
    (course / FILE_NAME).write_text("version = 1\nlists = [{}]\n", encoding="utf-8")
    for arguments in (
        ["learn", course],
        ["draft", course / "three.srt"],
        ["learn", "--show", course],
    ):
        done = run(*arguments)
        assert done.code == 4
        assert str(course / FILE_NAME) in done.err
        assert "delete the file" in done.err
        assert "Traceback" not in done.err
    assert run("draft", course / "three.srt", "--no-profile").code == 0


def test_a_granularity_is_kept_where_a_profile_exists(course: Path, run: Run) -> None:
    talk = course / "three.srt"
    assert "is kept" not in run("draft", talk, "--granularity", "fine").err
    run("learn", course)
    assert "--granularity fine is kept" not in (
        run("draft", talk, "--granularity", "fine", "--no-learn").err
    )
    fine = run("draft", talk, "--granularity", "fine")
    assert "--granularity fine is kept" in fine.err
    again = run("draft", talk)
    assert again.out == fine.out
    assert "The number is fine, as chosen before, and follows" in again.err
    assert "fine, as you chose before" in run("learn", course, "--show").out
    run("draft", talk, "--granularity", "normal")
    assert read_profile(course / FILE_NAME).granularity is None


def test_a_granularity_of_the_settings_is_not_kept(
    course: Path, run: Run, configure: Configure
) -> None:
    run("learn", course)
    configure('granularity = "fine"')
    run("draft", course / "three.srt")
    assert read_profile(course / FILE_NAME).granularity is None


@pytest.mark.parametrize(("words", "said"), [(1, "about 1 word."), (0, "in an hour.")])
def test_habits_are_said_in_words(run: Run, words: int, said: str) -> None:
    kept = KeptList("ab", 9, 60.0, 6.0, words, "mixed", False)
    change_profile(named_profile("talks"), lambda profile: profile.with_lists([kept]))
    done = run("learn", "--show", "--profile", "talks")
    assert done.out.startswith("1 list: you cut as finely as usual: 9 chapters in an hour")
    assert done.out.rstrip().endswith(said)


@pytest.mark.slow
def test_two_runs_at_once_lose_nothing(course: Path) -> None:
    command = [sys.executable, "-m", "chapterize", "learn"]
    running = [
        subprocess.Popen([*command, course / name], stdout=subprocess.DEVNULL)
        for name in ("one.srt", "two.srt")
    ]
    assert [each.wait(60) for each in running] == [0, 0]
    assert len(read_profile(course / FILE_NAME).lists) == 2


@pytest.mark.slow
def test_a_batch_learns_from_the_lists_that_it_kept(course: Path, run: Run) -> None:
    for name in ("one.txt", "two.txt"):
        (course / name).unlink()
    (course / "three.youtube.txt").write_text(TEN, encoding="utf-8")
    assert "learned" not in run("batch", course, "-j", 1, "--no-learn").err
    done = run("batch", course, "-j", 1)
    assert (done.code, "The profile learned from a list that you made" in done.err) == (0, True)
    assert not (course / FILE_NAME).exists()
    again = run("batch", course, "-j", 1)
    assert "2 skipped" in again.err
    assert "learned" not in again.err
