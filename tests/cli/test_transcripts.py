"""`chapterize draft --transcript` as it is typed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chapterize.captions import read_captions
from tests.cli.program import Run
from tests.fake_hub import use_store
from tests.texts import TOPICS, cues, write_srt

SAID = " ".join(line for topic in TOPICS for line in topic)


@pytest.fixture
def captions(tmp_path: Path) -> Path:
    return write_srt(tmp_path / "it's “said”.srt", cues())


@pytest.fixture
def video(tmp_path: Path, video_mp4: Path) -> Path:
    folder = tmp_path / "videos"
    folder.mkdir()
    return Path(shutil.copy(video_mp4, folder / "talk.mp4"))


@pytest.mark.parametrize("suffix", [".srt", ".vtt", ".json"])
def test_the_suffix_tells_the_format_and_the_chapters_stay_on_stdout(
    suffix: str, captions: Path, tmp_path: Path, run: Run
) -> None:
    target = tmp_path / f"out{suffix}"
    done = run("draft", captions, "--count", 3, "--transcript", target)
    assert (done.code, len(done.out.splitlines())) == (0, 3)
    assert done.err == f"wrote {target}\n"
    assert " ".join(cue.text for cue in read_captions(target).cues) == SAID


def test_text_has_the_chapters(captions: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out.TXT"
    done = run("draft", captions, "--count", 3, "--transcript", target)
    titles = done.out.splitlines()
    assert [line for line in target.read_text("utf-8").splitlines() if line in titles] == titles


def test_a_dash_prints_the_text_when_the_chapters_have_a_file(
    captions: Path, tmp_path: Path, run: Run
) -> None:
    done = run("draft", captions, "--count", 3, "--transcript", "-", "-o", tmp_path / "c.vtt")
    assert done.code == 0
    assert done.out.startswith("0:00 ")
    assert done.out.endswith(f"{TOPICS[-1][-1]}\n")
    assert (tmp_path / "c.vtt").exists()


@pytest.mark.parametrize("more", [[], ["--json"], ["--json", "-o", "c.vtt"]])
def test_two_results_on_stdout_are_refused(
    more: list[str], captions: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(captions.parent)
    done = run("draft", captions, "--transcript", "-", *more)
    assert (done.code, done.out) == (2, "")
    assert "cannot both go to standard output" in done.err
    assert "next: name a file" in done.err


def test_a_suffix_alone_writes_one_file_for_each_input(
    captions: Path, tmp_path: Path, run: Run
) -> None:
    other = Path(shutil.copy(captions, tmp_path / "two.srt"))
    folder = tmp_path / "out"
    done = run("draft", captions, other, "--transcript", ".en.srt", "--out-dir", folder)
    assert done.code == 0
    assert sorted(path.name for path in folder.glob("*.srt")) == [
        f"{captions.stem}.en.srt",
        "two.en.srt",
    ]


@pytest.mark.parametrize(
    ("options", "code", "what"),
    [
        (["--transcript", "out.docx"], 2, "unknown transcript format: out.docx"),
        (["--transcript", "out"], 2, "unknown transcript format: out"),
        (["--transcript", ""], 2, "the name of a file is empty"),
        (["--transcript", ".srt"], 2, "add --out-dir FOLDER, or give a name such as talk.srt"),
        (["--transcript", ".docx", "--out-dir", "o"], 2, "unknown transcript format"),
        (["--transcript", "nowhere/out.srt"], 5, "the folder nowhere does not exist"),
        (
            ["--transcript", "a.vtt", "-o", "./a.vtt"],
            5,
            "chapters and the transcript would both",
        ),
        (["--transcript", ".vtt", "--format", "vtt", "--out-dir", "o"], 5, ".transcript.vtt"),
        (["--transcript", f"{'n' * 300}.srt"], 5, "choose another name with --transcript"),
        (["--transcript", "there.srt"], 5, "add --force, or choose another name with --transcript"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(
    options: list[str], code: int, what: str, video: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(video.parent)
    Path("there.srt").write_text("mine")
    monkeypatch.setattr("chapterize.pipeline.drafting.read", lambda *_: pytest.fail("started"))
    done = run("draft", video, *options)
    assert (done.code, done.out) == (code, "")
    assert what in done.err
    assert Path("there.srt").read_text() == "mine"


@pytest.mark.parametrize("name", ["out.srt", "-"])
def test_one_name_for_several_inputs_is_refused(
    name: str, captions: Path, video: Path, tmp_path: Path, run: Run
) -> None:
    done = run("draft", captions, video, "--transcript", name, "--out-dir", tmp_path / "out")
    assert done.code == 2
    assert "use --transcript .srt with --out-dir FOLDER" in done.err


def test_an_existing_file_is_replaced_with_force(captions: Path, tmp_path: Path, run: Run) -> None:
    target = tmp_path / "out.srt"
    target.write_text("mine")
    assert run("draft", captions, "--transcript", target, "--force").code == 0
    assert target.read_text("utf-8").startswith("1\n00:00:00,000 -->")


def test_neither_inputs_nor_captions_in_use_are_overwritten(
    captions: Path, video: Path, run: Run
) -> None:
    sidecar = Path(shutil.copy(captions, video.with_suffix(".srt")))
    before = sidecar.read_bytes()
    for source, more in ((captions, []), (video, []), (video, ["--captions", sidecar])):
        target = captions if source == captions else sidecar
        done = run("draft", source, "--transcript", target, "--force", *more)
        assert done.code == 5
        assert "input files are never overwritten" in done.err
        assert "next: choose another name with --transcript" in done.err
    assert sidecar.read_bytes() == before == captions.read_bytes()


@pytest.mark.slow
def test_a_note_says_that_a_transcript_next_to_the_video_becomes_its_captions(
    captions: Path, video: Path, run: Run
) -> None:
    short = write_srt(captions, cues(seconds=0.15, pause=0.01))
    target = video.with_suffix(".srt")
    done = run("draft", video, "--captions", short, "--transcript", target)
    assert "note: The next draft of talk.mp4 will read talk.srt as captions" in done.err
    again = json.loads(run("draft", video, "--json").out)
    assert again["transcript"]["source"] == "captions:sidecar"
    elsewhere = run("draft", video, "--transcript", captions.with_name("else.srt"))
    assert "The next draft" not in elsewhere.err


@pytest.mark.slow
def test_an_empty_transcript_is_written_and_a_note_says_why(
    video: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_store(tmp_path / "hub", monkeypatch)
    target = tmp_path / "out.srt"
    done = run("draft", video, "--offline", "--transcript", target)
    assert done.code == 0
    assert done.err.startswith("note: The chapters come from ")
    assert "note: out.srt is empty: no captions, and no speech recognition." in done.err
    assert target.read_text() == ""
