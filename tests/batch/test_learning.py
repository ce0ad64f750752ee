"""Lists that a person made, found by a run."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.batch import learning
from chapterize.batch.learning import learn_from
from chapterize.batch.rows import Row
from chapterize.pipeline import Options
from chapterize.profiles import FILE_NAME, Profile, change_profile, folder_profile, read_profile
from tests.batch.inline_engine import Trial, talks

AUTO = Options(profile="auto")
SIX = "".join(f"{n // 6}:{n * 10 % 60:02} Part about {n}\n" for n in range(6))


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(talks(tmp_path / "in", "a.srt", "b.srt"), tmp_path / "out")


def learn(trial: Trial, options: Options = AUTO) -> tuple[int, list[str]]:
    notes: list[str] = []
    kept = [row for row in trial.rows if row.state == "kept"]
    return learn_from(kept, options, notes.append), notes


def change(trial: Trial, text: str) -> None:
    """Run, have a person write a list, and run again."""
    trial(options=AUTO)
    (trial.out / "a.youtube.txt").write_text(text, encoding="utf-8")
    assert trial(options=AUTO)["a.srt"] == "kept"


def test_a_list_that_a_person_changed_is_learned_once(trial: Trial) -> None:
    change(trial, SIX)
    assert learn(trial) == (1, [])
    [kept] = read_profile(folder_profile(trial.inputs)).lists
    assert kept.chapters == 6
    assert learn(trial) == (0, [])
    assert not (trial.inputs / FILE_NAME).exists()


def test_a_list_that_is_changed_again_is_learned_again(trial: Trial) -> None:
    change(trial, SIX)
    learn(trial)
    file = trial.out / "a.youtube.txt"
    file.write_text(SIX.partition("0:50")[0], encoding="utf-8")
    later = folder_profile(trial.inputs).stat().st_mtime + 5
    os.utime(file, (later, later))
    assert learn(trial) == (1, [])
    [kept] = read_profile(folder_profile(trial.inputs)).lists
    assert kept.chapters == 5


def test_a_list_with_the_number_of_a_draft_teaches_nothing(trial: Trial) -> None:
    trial(options=AUTO)
    drafted = (trial.out / "a.youtube.txt").read_text(encoding="utf-8")
    change(trial, drafted.replace(" ", "  x", 1))
    assert learn(trial) == (0, [])


def test_learning_does_not_redo_what_is_done(trial: Trial) -> None:
    change(trial, SIX)
    learn(trial)
    assert trial(options=AUTO) == {"a.srt": "kept", "b.srt": "skipped"}


def test_another_profile_redoes_what_is_done(trial: Trial) -> None:
    trial(options=AUTO)
    assert trial(options=Options()) == {"a.srt": "done", "b.srt": "done"}
    for name, state in (("talks", "done"), ("talks", "skipped"), ("interviews", "done")):
        options = Options(profile=Profile(path=trial.out / "x.toml", name=name))
        assert trial(options=options) == {"a.srt": state, "b.srt": state}


def test_without_a_profile_nothing_is_learned(trial: Trial) -> None:
    change(trial, SIX)
    assert learn(trial, Options()) == (0, [])


def test_what_cannot_be_read_teaches_nothing(trial: Trial) -> None:
    change(trial, "no list at all")
    assert learn(trial) == (0, [])
    rows = [Row("s3://talks/a.mp4", "kept"), Row(str(trial.inputs / "gone.mp4"), "kept")]
    assert learn_from(rows, AUTO, lambda note: None) == 0


def test_a_broken_profile_ends_nothing(trial: Trial) -> None:
    change(trial, SIX)
    (trial.inputs / FILE_NAME).write_text("broken", encoding="utf-8")
    assert learn(trial) == (0, [])


def test_learning_takes_little_time(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    change(trial, SIX)
    monkeypatch.setattr(learning, "_BUDGET", -1.0)
    assert learn(trial) == (0, [])


def test_a_profile_of_the_folder_is_followed_by_a_run(trial: Trial) -> None:
    trial(options=AUTO)
    before = trial.row("b.srt").n_chapters
    change(trial, SIX)
    path = trial.inputs / FILE_NAME
    learn(trial)
    [kept] = read_profile(folder_profile(trial.inputs)).lists
    # The talks have the same words: as a list of another video, it counts for both.
    other = replace(kept, id="0" * 12)
    change_profile(path, lambda profile: profile.with_lists([other]))
    assert trial(options=AUTO, redo=True)["b.srt"] == "done"
    assert trial.row("b.srt").n_chapters > before
    assert [note for note in trial.row("b.srt").notes if "earlier list" in note]
