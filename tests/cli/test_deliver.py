"""`chapterize deliver` as it is typed: what is made, what is said, and the exit code."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from chapterize.media import open_media
from tests.cli.program import Run
from tests.cli.terminal_session import interrupted
from tests.deliver.scene import made_of, titles_in
from tests.fake_service import FakeService
from tests.texts import cues, write_srt

pytestmark = pytest.mark.slow

TITLES = ["Opening", "Bees & honey", "終わり"]


def reads_well(text: str) -> None:
    """What a user sees: no JSON, no traceback, no names of ours."""
    for word in ("Traceback", "{", "None", "nmv_", "Error(", "_sse", "session_id"):
        assert word not in text


def test_the_video_is_made_and_its_path_is_all_that_stdout_has(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    done = run("deliver", talk, "--chapters", listing, "--yes")
    assert done.code == 0
    assert done.out == f"{made_of(talk)}\n"
    assert titles_in(made_of(talk)) == TITLES
    lines = done.err.splitlines()
    assert lines[:2] == ["Connecting…", "Ready."]
    assert 'Added the title "Opening" (0-1s).' in lines
    assert lines[-1] == "credits: 20 spent, 80 left"
    reads_well(done.err)


def test_json_says_where_why_and_what_it_cost(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    done = run("deliver", talk, "--chapters", listing, "--yes", "--json")
    found = json.loads(done.out)
    assert found["where"] == "remote"
    assert found["reason"] is None
    assert found["path"] == str(made_of(talk))
    assert [chapter["title"] for chapter in found["chapters"]] == TITLES
    assert len(found["changes"]) == 3
    assert found["credits"] == {"before": 100.0, "after": 80.0, "spent": 20.0}
    local = run("deliver", talk, "--chapters", listing, "--local-only", "--force", "--json")
    found = json.loads(local.out)
    assert (found["where"], found["changes"], found["credits"]) == ("local", [], None)
    assert found["reason"]
    assert Path(found["listing"]).read_text("utf-8").startswith("0:00 Opening")


@pytest.mark.parametrize(
    ("switches", "says", "way_back"),
    [
        ({"out_of_credits": "sse-text"}, "the credits do not suffice", "/register?bind=anon_"),
        ({"export_blocked": True}, "does not export on this plan", "change the plan at"),
        ({"unasked_tracks": True}, "did not carry out the plan", "chapterize remote resume"),
    ],
)
def test_what_the_service_cannot_do_is_made_here_and_told(
    switches: dict[str, Any],
    says: str,
    way_back: str,
    talk: Path,
    listing: Path,
    fake: FakeService,
    run: Run,
) -> None:
    fake.switches.set(switches)
    done = run("deliver", talk, "--chapters", listing, "--yes")
    assert done.code == 0
    assert done.out == f"{made_of(talk)}\n"
    assert says in done.err
    assert way_back in done.err
    assert "To get the service's video after all: " in done.err
    assert " spent, " in done.err
    reads_well(done.err)
    assert titles_in(made_of(talk)) == TITLES


@pytest.mark.parametrize(
    ("switches", "code"),
    [({"export_blocked": True}, 9), ({"cut_stream_at": 20, "cut_keeps_edit": False}, 10)],
)
def test_remote_only_leaves_with_the_documented_code(
    switches: dict[str, Any], code: int, talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.set(switches)
    done = run("deliver", talk, "--chapters", listing, "--yes", "--remote-only")
    assert (done.code, done.out) == (code, "")
    assert "error: " in done.err
    reads_well(done.err)
    assert sorted(talk.parent.iterdir()) == [talk]


def test_a_result_that_is_there_is_not_overwritten_unasked(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    made_of(talk).write_text("mine")
    done = run("deliver", talk, "--chapters", listing, "--yes")
    assert (done.code, fake.history) == (5, [])
    assert made_of(talk).read_text() == "mine"
    assert run("deliver", talk, "--chapters", listing, "--yes", "--force").code == 0
    assert titles_in(made_of(talk)) == TITLES


def test_captions_alone_make_no_video(tmp_path: Path, fake: FakeService, run: Run) -> None:
    captions = write_srt(tmp_path / "talk.srt", cues())
    done = run("deliver", captions, "--yes")
    assert (done.code, fake.history) == (3, [])
    assert "is a caption file" in done.err
    assert "give the video" in done.err


def test_a_bad_file_of_several_does_not_cost_the_others(
    long_talk: Path, fake: FakeService, run: Run
) -> None:
    bad = long_talk.with_name("bad.mp4")
    bad.write_text("no video at all\n" * 100)
    other = Path(shutil.copy(long_talk, long_talk.with_name("other one.mp4")))
    with other.open("ab") as file:
        file.write(b"\0" * 100)
    shutil.copy(long_talk.with_suffix(".srt"), other.with_suffix(".srt"))
    done = run("deliver", long_talk, bad, other, "--count", 3, "--yes", "--json")
    assert done.code == 3
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [Path(row["path"]).name for row in rows] == [
        "long-chapters.mp4",
        "other one-chapters.mp4",
    ]
    assert [row["where"] for row in rows] == ["remote", "remote"]
    assert (len(fake.sessions), len(fake.renders)) == (1, 2)
    assert "bad.mp4" in done.err
    looked = run("deliver", long_talk, bad, other, "--count", 3, "--dry-run", "--json")
    assert looked.code == 3
    assert [json.loads(line)["is_accepted"] for line in looked.out.splitlines()] == [True, True]


def test_one_output_cannot_be_the_name_of_several(
    talk: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    assert run("deliver", talk, talk, "-o", tmp_path / "x.mp4").code == 3
    assert fake.history == []


@pytest.mark.parametrize("where", ["render", "stream"])
def test_ctrl_c_tells_how_to_go_on_and_resume_brings_the_video(
    where: str, talk: Path, listing: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    if where == "render":
        fake.switches.slow_render = 10**6
    else:
        fake.switches.heartbeats_only = 1e6
    call = "render-status" if where == "render" else "run"
    command = ["deliver", talk, "--chapters", listing, "--yes"]
    code, errors = interrupted(
        command, lambda: bool(fake.calls(call)), signal.SIGINT, tmp_path / "errors"
    )
    assert code == 130
    assert "chapterize remote resume" in errors
    assert "Traceback" not in errors
    assert sorted(talk.parent.iterdir()) == [talk]
    fake.switches.set({"slow_render": 0, "heartbeats_only": 0.0})
    done = run("remote", "resume")
    assert done.code == 0
    assert done.out == f"{made_of(talk)}\n"
    assert titles_in(made_of(talk)) == TITLES
    assert len(fake.calls("upload")) == len(fake.calls("run")) == len(fake.renders) == 1
    assert [each.what for each in fake.charges] == ["edit", "render"]
    assert run("remote", "resume").code == 3


@pytest.mark.parametrize("kind", ["audio_mp3", "audio_wav"])
def test_a_recording_is_delivered_too(
    kind: str,
    request: pytest.FixtureRequest,
    listing: Path,
    fake: FakeService,
    run: Run,
    tmp_path: Path,
) -> None:
    source = Path(shutil.copy(request.getfixturevalue(kind), tmp_path))
    local = run("deliver", source, "--chapters", listing, "--local-only")
    assert local.code == 0
    assert titles_in(Path(local.out.strip())) == TITLES
    done = run("deliver", source, "--chapters", listing, "--yes", "--force")
    assert done.code == 0
    assert open_media(Path(done.out.strip())).has_video


def test_a_service_that_speaks_slowly_and_of_a_screen_is_understood(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.set({"screen_talk": True, "dialect": "mixed", "silent_edits": False})
    done = run("deliver", talk, "--chapters", listing, "--yes")
    assert done.code == 0
    assert "click" not in done.err.lower()
    assert "button" not in done.err.lower()


def test_every_option_has_help_and_no_line_is_cut(run: Run) -> None:
    for command in (("deliver",), ("remote",), ("ask",)):
        done = run(*command, "--help")
        assert done.code == 0
        assert "..." not in done.out.split("\n", 1)[1]
