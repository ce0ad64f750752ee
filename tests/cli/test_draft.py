"""`chapterize draft` from arguments to exit codes."""

from __future__ import annotations

import errno
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chapterize.formats import read_chapters
from tests.cli.program import Run
from tests.conftest import H264, MakeMedia
from tests.fake_endpoint import running, titled
from tests.texts import cues, write_srt

pytestmark = pytest.mark.slow


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return write_srt(tmp_path / "it's 100% “new” 東京.srt", cues())


def test_the_list_goes_to_stdout_and_nothing_else(talk: Path, run: Run) -> None:
    done = run("draft", talk, "--count", 3)
    assert done.code == 0
    lines = done.out.splitlines()
    assert [line.split(" ")[0] for line in lines] == ["0:00", "0:39", "1:19"]
    assert done.err == ""


def test_json_has_every_field(talk: Path, run: Run) -> None:
    draft = json.loads(run("draft", talk, "--count", 3, "--json").out)
    assert draft["schema"] == "chapterize.draft/1"
    assert draft["media"]["duration"] == pytest.approx(119.5)
    assert draft["transcript"] == {
        "source": "captions:file",
        "language": "en",
        "n_sentences": 24,
    }
    assert draft["count"]["chosen"] == 3
    assert draft["count"]["how"] == "set by --count"
    assert (draft["count"]["granularity"], draft["count"]["likely"]) == (None, None)
    divisions = draft["count"]["granularities"]
    assert divisions["normal"] == [chapter["start"] for chapter in draft["chapters"]]
    assert all(starts[0] == 0.0 for starts in divisions.values())
    assert draft["count"]["counts"] == {name: len(starts) for name, starts in divisions.items()}
    assert [set(chapter) for chapter in draft["chapters"]] == [
        {"start", "end", "title", "confidence", "evidence"}
    ] * 3
    assert draft["chapters"][1]["evidence"]["cue_words"]
    assert draft["timings"]["total"] > 0


@pytest.mark.parametrize(
    "suffix", [".vtt", ".ffmeta", ".xml", ".podcast.json", ".ogm.txt", ".json"]
)
def test_the_suffix_of_the_output_sets_the_format(
    suffix: str, talk: Path, tmp_path: Path, run: Run
) -> None:
    target = tmp_path / f"result{suffix}"
    done = run("draft", talk, "--count", 3, "-o", target)
    assert done.code == 0
    assert done.out == ""
    assert len(read_chapters(target, duration=119.5).chapters) == 3


def test_frames_are_counted_at_the_requested_rate(talk: Path, run: Run) -> None:
    whole = ("draft", talk, "--count", 3, "--format", "edl")
    done = run(*whole, "--frame-rate", "29.97df")
    assert done.code == 0
    assert "FCM: DROP FRAME\n" in done.out
    assert "01:00:39;" in done.out
    assert "counted at" not in done.err
    guessed = run(*whole)
    assert "FCM: NON-DROP FRAME\n" in guessed.out
    assert "counted at 30 a second, because the rate is unknown" in guessed.err
    wrong = run(*whole, "--frame-rate", "17")
    assert (wrong.code, wrong.out) == (2, "")
    assert "no editor uses '17'" in wrong.err


def test_a_rate_no_editor_uses_is_reported(talk: Path, make_media: MakeMedia, run: Run) -> None:
    """-f lavfi -i testsrc=size=64x64:rate=12.5:duration=120 H264"""
    source = ("-f", "lavfi", "-i", "testsrc=size=64x64:rate=12.5:duration=120")
    video = make_media("slow.mp4", *source, *H264)
    whole = ("draft", video, "--captions", talk, "--count", 3, "--format", "fcpxml")
    done = run(*whole)
    assert done.code == 0
    assert 'frameDuration="100/3000s"' in done.out
    assert "because no editor uses the 12.5 of the video" in done.err
    asked = run(*whole, "--frame-rate", "25")
    assert 'frameDuration="100/2500s"' in asked.out
    assert "counted at" not in asked.err


def test_several_inputs_and_formats_fill_a_folder(talk: Path, tmp_path: Path, run: Run) -> None:
    other = tmp_path / "lesson two.srt"
    shutil.copy(talk, other)
    folder = tmp_path / "made" / "here"
    done = run("draft", talk, other, "--format", "youtube,vtt", "--out-dir", folder)
    assert done.code == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{path.stem}{suffix}" for path in (talk, other) for suffix in (".vtt", ".youtube.txt")
    )


def test_several_inputs_print_one_json_value_per_line(talk: Path, tmp_path: Path, run: Run) -> None:
    other = tmp_path / "two.srt"
    shutil.copy(talk, other)
    lines = run("draft", talk, other, "--json").out.splitlines()
    assert [Path(json.loads(line)["media"]["path"]) for line in lines] == [talk, other]


def test_one_bad_input_does_not_stop_the_others(talk: Path, tmp_path: Path, run: Run) -> None:
    bad = tmp_path / "empty.srt"
    bad.touch()
    done = run("draft", bad, talk)
    assert done.code == 4
    assert "empty.srt" in done.err
    assert "0:00" in done.out


def test_same_names_from_two_folders_are_refused_before_any_work(
    talk: Path, tmp_path: Path, run: Run
) -> None:
    (tmp_path / "b").mkdir()
    other = tmp_path / "b" / talk.name
    shutil.copy(talk, other)
    done = run("draft", talk, other, "--out-dir", tmp_path / "out")
    assert done.code == 5
    assert "would both be written to" in done.err


def test_a_result_that_exists_is_kept_without_force(talk: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "talk.vtt"
    target.write_text("mine")
    assert run("draft", talk, "-o", target).code == 5
    assert target.read_text() == "mine"
    assert run("draft", talk, "-o", target, "--force").code == 0
    assert target.read_text().startswith("WEBVTT")


def test_results_never_become_captions_of_the_next_run(
    video_mp4: Path, tmp_path: Path, run: Run
) -> None:
    video = tmp_path / "talk.mp4"
    shutil.copy(video_mp4, video)
    write_srt(tmp_path / "spoken.srt", cues(seconds=0.1, pause=0.01))
    first = run("draft", video, "--captions", tmp_path / "spoken.srt", "-o", tmp_path / "talk.vtt")
    assert first.code == 0
    again = json.loads(run("draft", video, "--json", "--offline").out)
    assert again["transcript"]["source"] == "none"


def test_each_granularity_has_the_count_that_the_note_and_the_json_name(
    talk: Path, run: Run
) -> None:
    usual, fine = (
        json.loads(run("draft", talk, "--json", "--granularity", name).out)
        for name in ("normal", "fine")
    )
    counts = usual["count"]["counts"]
    assert fine["count"]["counts"] == counts
    assert (usual["count"]["granularity"], fine["count"]["granularity"]) == ("normal", "fine")
    assert len(fine["chapters"]) == counts["fine"] > len(usual["chapters"]) == counts["normal"]
    assert usual["notes"][0].endswith(f"For {counts['fine']}: --granularity fine.")
    assert fine["notes"][0].endswith(f"For {counts['normal']}: --granularity normal.")
    low, high = usual["count"]["likely"]
    assert low <= counts["normal"] <= high


def test_min_length_is_kept(talk: Path, run: Run) -> None:
    draft = json.loads(run("draft", talk, "--json", "--per-hour", 900, "--min-length", 30).out)
    assert min(c["end"] - c["start"] for c in draft["chapters"]) >= 30.0


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--count", "0"], 2),
        (["--count", "3", "--per-hour", "4"], 2),
        (["--count", "3", "--granularity", "fine"], 2),
        (["--granularity", "fine", "--per-hour", "4"], 2),
        (["--granularity", "medium"], 2),
        (["--count", "500"], 3),
        (["--format", "nonsense"], 2),
        (["--format", "youtube,webvtt"], 2),
        (["--device", "abacus"], 2),
        (["--min-length", "-1"], 2),
        (["-o", "talk.docx"], 2),
        (["--captions", "missing.srt"], 3),
        (["--embedder", "no/such/model", "--offline"], 8),
    ],
)
def test_wrong_options_exit_with_their_documented_code(
    options: list[str], code: int, talk: Path, run: Run, video_mp4: Path
) -> None:
    source = video_mp4 if "--captions" in options else talk
    done = run("draft", source, *options)
    assert done.code == code
    assert done.out == ""
    assert "Traceback" not in done.err


def test_a_closed_pipe_is_not_an_error(talk: Path) -> None:
    done = subprocess.run(
        f'"{sys.executable}" -m chapterize draft "{talk.name}" --count 3 --json | head -c 1',
        shell=True, cwd=talk.parent, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stdout == "{"
    assert done.stderr == ""


def test_ctrl_c_leaves_no_half_written_file(long_speech_wav: Path, tmp_path: Path) -> None:
    target = tmp_path / "talk.vtt"
    process = subprocess.Popen(
        [sys.executable, "-m", "chapterize", "draft", long_speech_wav, "--offline", "-o", target],
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert "For real titles, put" in process.stderr.readline()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_reported_and_nothing_is_left(
    talk: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("chapterize.files.os.fsync", full)
    done = run("draft", talk, "-o", tmp_path / "talk.vtt")
    assert done.code == 5
    assert "the disk is full" in done.err
    assert list(tmp_path.iterdir()) == [talk]


def test_titles_of_a_local_server_are_used_and_what_was_sent_is_reported(
    talk: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPTERIZE_TITLES_KEY", "sk-secret-42")
    with running() as server:
        server.enqueue(*titled(["Kneading good dough", "Planets and stars"]))
        server.enqueue(*titled(["Elon Musk's taxes"] * 2))
        done = run("draft", talk, "--count", 3, "--json", "--titles", server.base)
        request, *others = server.chats
    assert done.code == 0
    draft = json.loads(done.out)
    assert draft["sent"] == {
        "server": server.base,
        "model": "tiny-writer",
        "requests": 4,
        "chapters": 3,
        "characters": sum(len(each.excerpt) for each in (request, *others)),
    }
    titles = [chapter["title"] for chapter in draft["chapters"]]
    assert titles[:2] == ["Kneading good dough", "Planets and stars"]
    assert "Musk" not in titles[2]
    assert "2 of 3 titles are from the server" in done.err
    n_characters = sum(len(each.excerpt) for each in (request, *others[:2]))
    assert f"{n_characters} characters) to the model tiny-writer" in done.err
    assert request.headers["authorization"] == "Bearer sk-secret-42"
    assert "sk-secret-42" not in done.out + done.err


def test_show_prompt_shows_the_whole_request(talk: Path, run: Run) -> None:
    with running() as server:
        done = run("draft", talk, "--titles", server.base, "--titles-model", "mine",
                   "--show-prompt")  # fmt: skip
    bodies = [request.body for request in server.chats]
    shown = [line for line in done.err.splitlines() if "/chat/completions: " in line]
    assert [json.loads(line.split("/chat/completions: ")[1]) for line in shown] == bodies
    assert {body["model"] for body in bodies} == {"mine"}


def test_without_the_option_no_server_is_contacted(talk: Path, run: Run) -> None:
    with running() as server:
        assert json.loads(run("draft", talk, "--json").out)["sent"] is None
    assert server.history == []


def test_an_unreachable_title_server_costs_only_its_titles(talk: Path, run: Run) -> None:
    with running() as server:
        base = server.base
    done = run("draft", talk, "--count", 3, "--titles-from", base)
    assert done.code == 0
    assert done.out == run("draft", talk, "--count", 3).out
    assert "cannot be reached" in done.err


@pytest.mark.parametrize(
    ("options", "code", "why"),
    [
        (["--titles", "http://192.168.0.2/v1"], 3, "another machine"),
        (["--titles-from", "http://192.168.0.2/v1"], 3, "another machine"),
        (["--titles-model", "m"], 2, "need --titles llm or --titles URL"),
        (["--show-prompt", "--titles", "none"], 2, "need --titles llm or --titles URL"),
        (["--titles", "lm"], 2, "there are no titles 'lm'"),
        (["--titles", "llm", "--titles-model", "tiny"], 8, "there is no title model 'tiny'"),
        (["--titles", "llm", "--offline"], 8, "chapterize models pull qwen2.5-1.5b"),
    ],
)
def test_wrong_titles_are_refused_before_any_work(
    options: list[str],
    code: int,
    why: str,
    talk: Path,
    tmp_path: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    done = run("draft", talk, *options)
    assert done.code == code, done.err
    assert why in done.err
    assert done.out == ""


def test_titles_from_is_another_name_for_titles(talk: Path, run: Run) -> None:
    with running() as server:
        server.enqueue(*titled(["Kneading good dough", "Planets and stars", "Your tax return"]))
        done = run("draft", talk, "--count", 3, "--titles-from", server.base)
    assert "0:00 Kneading good dough" in done.out


def test_chapters_without_titles_are_numbered(talk: Path, run: Run) -> None:
    done = run("draft", talk, "--count", 3, "--titles", "none")
    assert [line.partition(" ")[2] for line in done.out.splitlines()] == [
        *("Chapter 1", "Chapter 2", "Chapter 3")
    ]
