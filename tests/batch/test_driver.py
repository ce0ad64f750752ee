"""Runs over a small tree: what is done again, what is skipped, what is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from chapterize.batch.driver import opened
from chapterize.batch.engine import Intent
from chapterize.errors import OutputError
from chapterize.pipeline import Options
from chapterize.segment import SegmentOptions
from tests.batch.inline_engine import InlineEngine, Trial, talks
from tests.conftest import MakeMedia

THREE = Options(segment=SegmentOptions(3))
FOUR = Options(segment=SegmentOptions(4))


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(talks(tmp_path / "in", "a.srt", "b.srt"), tmp_path / "out")


def test_every_file_is_drafted_once_and_then_skipped(trial: Trial) -> None:
    assert trial() == {"a.srt": "done", "b.srt": "done"}
    assert (trial.out / "a.youtube.txt").read_text().startswith("0:00 ")
    assert trial() == {"a.srt": "skipped", "b.srt": "skipped"}
    assert trial.engine.seen == []
    assert trial.row("a.srt").n_chapters == 1


def test_a_file_that_changed_is_drafted_again(trial: Trial) -> None:
    trial()
    talk = trial.inputs / "a.srt"
    talk.write_text(talk.read_text().replace("Saturn", "Neptune"))
    assert trial() == {"a.srt": "done", "b.srt": "skipped"}


def test_a_new_time_alone_changes_nothing(trial: Trial) -> None:
    trial()
    os.utime(trial.inputs / "a.srt", (1, 1))
    assert trial() == {"a.srt": "skipped", "b.srt": "skipped"}


def test_a_result_that_was_deleted_is_written_again(trial: Trial) -> None:
    trial("youtube", "webvtt")
    (trial.out / "a.vtt").unlink()
    assert trial("youtube", "webvtt") == {"a.srt": "done", "b.srt": "skipped"}
    assert (trial.out / "a.vtt").exists()


def test_media_that_comes_later_takes_over_the_results_of_its_captions(
    trial: Trial, make_media: MakeMedia
) -> None:
    trial()
    clip = make_media("v.mp4", "-f", "lavfi", "-i", "testsrc=size=64x36:rate=5:duration=120")
    shutil.copy(clip, trial.inputs / "a.mp4")
    assert trial() == {"a.mp4": "done", "b.srt": "skipped"}
    assert trial() == {"a.mp4": "skipped", "b.srt": "skipped"}
    (trial.inputs / "a.mp4").rename(trial.inputs / "a.mkv")
    assert trial() == {"a.mkv": "done", "b.srt": "skipped"}
    (trial.out / "a.youtube.txt").write_text("0:00 Mine\n")
    (trial.inputs / "a.mkv").rename(trial.inputs / "a.mov")
    assert trial() == {"a.mov": "kept", "b.srt": "skipped"}


def test_another_format_is_written_without_opening_the_file(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial(options=THREE)

    def no_draft(*_: object, **__: object) -> None:
        raise AssertionError("a draft was made")

    monkeypatch.setattr("chapterize.batch.work.Worker._drafted", no_draft)
    assert trial("webvtt", options=THREE) == {"a.srt": "done", "b.srt": "done"}
    assert "WEBVTT" in (trial.out / "a.vtt").read_text()
    # What was written before is still current.
    assert trial("youtube", "webvtt", options=THREE) == {"a.srt": "skipped", "b.srt": "skipped"}


def test_results_with_other_options_are_not_current(trial: Trial) -> None:
    trial("youtube", "webvtt", options=THREE)
    assert trial("youtube", options=FOUR)["a.srt"] == "done"
    assert trial("webvtt", options=FOUR)["a.srt"] == "done"
    assert (trial.out / "a.vtt").read_text().count("-->") == 4
    assert trial("youtube", "webvtt", options=FOUR)["a.srt"] == "skipped"


def test_what_a_person_changed_is_kept(trial: Trial) -> None:
    trial()
    mine = trial.out / "a.youtube.txt"
    mine.write_text("0:00 My own\n")
    assert trial(options=FOUR) == {"a.srt": "kept", "b.srt": "done"}
    assert mine.read_text() == "0:00 My own\n"
    reason = trial.row("a.srt").reason
    assert reason is not None
    assert "was changed" in reason.what
    assert trial(options=FOUR, replace=True)["a.srt"] == "done"
    assert mine.read_text() != "0:00 My own\n"


def test_what_a_person_wrote_is_kept(trial: Trial) -> None:
    trial.out.mkdir()
    (trial.out / "b.youtube.txt").write_text("0:00 My own\n")
    assert trial() == {"a.srt": "done", "b.srt": "kept"}
    assert trial.engine.seen == ["a.srt"]
    assert (trial.out / "b.youtube.txt").read_text() == "0:00 My own\n"


def test_what_a_person_writes_meanwhile_is_kept(trial: Trial) -> None:
    class Person(InlineEngine):
        def run(self, tasks, plan):  # type: ignore[no-untyped-def]
            events = super().run(tasks, plan)
            event = next(events)
            assert isinstance(event, Intent)
            for path in event.outputs:
                Path(path).write_text("0:00 My own\n")
            answer = yield event
            while True:
                try:
                    answer = yield events.send(answer)
                except StopIteration:
                    return

    trial.engine = Person()
    assert sorted(trial().values()) == ["done", "kept"]
    kept = next(Path(row.source).stem for row in trial.rows if row.state == "kept")
    assert (trial.out / f"{kept}.youtube.txt").read_text() == "0:00 My own\n"
    assert list((trial.out / ".chapterize").glob("work/*")) == []


def test_a_file_that_fails_is_a_row_and_is_tried_again(trial: Trial) -> None:
    (trial.inputs / "bad.mp4").write_text("no video")
    assert trial() == {"a.srt": "done", "b.srt": "done", "bad.mp4": "failed"}
    row = trial.row("bad.mp4")
    assert row.reason is not None
    assert (row.stage, row.reason.hint != "") == ("opening", True)
    assert trial.summary.has_failures
    assert trial() == {"a.srt": "skipped", "b.srt": "skipped", "bad.mp4": "failed"}


def test_redo_drafts_all_again_and_redo_failed_only_what_failed(trial: Trial) -> None:
    (trial.inputs / "bad.mp4").write_text("no video")
    trial()
    assert set(trial(redo=True).values()) == {"done", "failed"}
    trial(redo_failed=True)
    assert trial.engine.seen == ["bad.mp4"]


@pytest.mark.parametrize("limit", [{"fail_fast": True}, {"max_failures": 1}])
def test_a_run_stops_after_the_failures_it_may_have(trial: Trial, limit: dict[str, object]) -> None:
    for name in ("x.mp4", "y.mp4", "z.mp4"):
        (trial.inputs / name).write_text("no video " * 10_000)
    assert list(trial(**limit).values()).count("failed") == 1
    assert trial.summary.is_stopped


def test_a_result_is_not_replaced_by_that_of_another_file(trial: Trial, tmp_path: Path) -> None:
    trial()
    other = Trial(talks(tmp_path / "other", "a.srt"), trial.out)
    before = (trial.out / "a.youtube.txt").read_bytes()
    assert other() == {"a.srt": "failed"}
    reason = other.row("a.srt").reason
    assert reason is not None
    assert "is the result of" in reason.what
    assert (trial.out / "a.youtube.txt").read_bytes() == before


def test_a_tree_that_was_moved_is_still_done(trial: Trial) -> None:
    trial()
    moved = trial.inputs.with_name("moved")
    shutil.move(trial.inputs, moved)
    trial.inputs = moved
    assert trial() == {"a.srt": "skipped", "b.srt": "skipped"}


def test_a_crash_between_result_and_record_costs_nothing(trial: Trial) -> None:
    class Crash(Exception):
        pass

    class Crashing(InlineEngine):
        def run(self, tasks, plan):  # type: ignore[no-untyped-def]
            events = super().run(tasks, plan)
            yield next(events)
            # The result is written, and nobody records it.
            events.send(True)
            raise Crash

    trial.engine = Crashing()
    with pytest.raises(Crash):
        trial()
    assert len(list(trial.out.glob("*.txt"))) == 1
    trial.engine = InlineEngine()
    assert trial() == {"a.srt": "done", "b.srt": "done"}
    assert trial() == {"a.srt": "skipped", "b.srt": "skipped"}


def test_captions_that_arrive_next_to_a_video_are_read(trial: Trial, make_media: MakeMedia) -> None:
    clip = make_media("v.mp4", "-f", "lavfi", "-i", "testsrc=size=64x36:rate=5:duration=120")
    shutil.copy(clip, trial.inputs / "v.mp4")
    options = Options(offline=True)
    assert trial(options=options)["v.mp4"] == "done"
    talks(trial.inputs, "v.en.srt")
    assert trial(options=options)["v.mp4"] == "done"
    assert trial.row("v.mp4").language == "en"
    assert trial(options=options)["v.mp4"] == "skipped"


def test_one_run_at_a_time_works_in_a_tree(tmp_path: Path) -> None:
    with opened(tmp_path):
        code = (
            "import sys; from pathlib import Path; from chapterize.batch.driver import opened\n"
            "from chapterize.errors import OutputError\n"
            "try:\n    opened(Path(sys.argv[1])).__enter__()\n"
            "except OutputError as error: print(error)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
        )
    assert "another batch run works in" in done.stdout
    assert f"process {os.getpid()} on " in done.stdout
    with opened(tmp_path):
        pass


def test_a_tree_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot write in") as raised, opened(tmp_path / "file"):
        pass
    assert "--out" in raised.value.hint


def test_kept_chapters_are_read_and_redone_if_their_file_changes(trial: Trial) -> None:
    options = Options(existing="keep")
    chapters = trial.inputs / "a.chapters.txt"
    chapters.write_text("0:00 Dough\n0:50 Sky\n", encoding="utf-8")
    assert trial(options=options)["a.srt"] == "done"
    assert (trial.out / "a.youtube.txt").read_text() == "0:00 Dough\n0:50 Sky\n"
    assert trial(options=options) == {"a.srt": "skipped", "b.srt": "skipped"}
    chapters.write_text("0:00 Dough\n0:45 Night sky\n", encoding="utf-8")
    assert trial(options=options) == {"a.srt": "done", "b.srt": "skipped"}
    assert (trial.out / "a.youtube.txt").read_text() == "0:00 Dough\n0:45 Night sky\n"
