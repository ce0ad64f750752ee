"""`chapterize deliver` on the command line: results, output and exit codes."""

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


def check_readable(text: str) -> None:
    """Check that the text has no JSON, no traceback and no internal names."""
    for word in ("Traceback", "{", "None", "nmv_", "Error(", "_sse", "session_id"):
        assert word not in text


def test_stdout_is_the_path_of_the_video(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    done = run("deliver", talk, "--chapters", listing, "--yes")
    assert done.code == 0
    assert done.out == f"{made_of(talk)}\n"
    assert titles_in(made_of(talk)) == TITLES
    lines = done.err.splitlines()
    assert lines[:2] == ["Connecting…", "Ready."]
    assert 'Added the title "Opening" (0-1s).' in lines
    assert lines[-2] == "credits: 20 spent, 80 left"
    assert lines[-1] == f"wrote {made_of(talk).with_suffix('.youtube.txt')}"
    check_readable(done.err)


def test_json_contains_place_reason_and_cost(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    done = run("deliver", talk, "--chapters", listing, "--yes", "--json")
    found = json.loads(done.out)
    assert found["where"] == "remote"
    assert found["reason"] is None
    assert found["path"] == str(made_of(talk))
    assert [chapter["title"] for chapter in found["chapters"]] == TITLES
    assert len(found["changes"]) == 3
    spent = {"before": 100.0, "after": 80.0, "spent": 20.0, "is_exact": True}
    assert found["credits"] == spent
    local = run("deliver", talk, "--chapters", listing, "--local-only", "--force", "--json")
    found = json.loads(local.out)
    assert (found["where"], found["changes"], found["credits"]) == ("local", [], None)
    assert found["reason"]
    assert Path(found["listing"]).read_text("utf-8").startswith("0:00 Opening")


@pytest.mark.parametrize(
    ("switches", "says", "next_steps"),
    [
        ({"out_of_credits": "sse-text"}, "not enough credits", "/register?bind=anon_"),
        ({"export_blocked": True}, "the plan does not include exports", "change the plan at"),
        ({"missing_titles": 1, "stubborn": True}, "missing titles: 1", "chapterize remote resume"),
    ],
)
def test_the_fallback_is_explained(
    switches: dict[str, Any],
    says: str,
    next_steps: str,
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
    assert next_steps in done.err
    assert "To get the service's video: " in done.err
    assert " spent, " in done.err
    check_readable(done.err)
    assert titles_in(made_of(talk)) == TITLES


@pytest.mark.parametrize(
    ("switches", "code"),
    [({"export_blocked": True}, 9), ({"cut_stream_at": 20, "cut_keeps_edit": False}, 10)],
)
def test_remote_only_fails_with_the_documented_exit_code(
    switches: dict[str, Any], code: int, talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.set(switches)
    done = run("deliver", talk, "--chapters", listing, "--yes", "--remote-only")
    assert (done.code, done.out) == (code, "")
    assert "error: " in done.err
    check_readable(done.err)
    assert sorted(talk.parent.iterdir()) == [talk]


def test_an_existing_result_is_not_overwritten_without_force(
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


def test_a_bad_file_does_not_stop_the_others(long_talk: Path, fake: FakeService, run: Run) -> None:
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
    offers = run("deliver", long_talk, bad, other, "--count", 3, "--dry-run", "--json")
    assert offers.code == 3
    assert [json.loads(line)["is_accepted"] for line in offers.out.splitlines()] == [True, True]


def test_one_output_cannot_name_several_results(
    talk: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    assert run("deliver", talk, talk, "-o", tmp_path / "x.mp4").code == 2
    assert fake.history == []


@pytest.mark.parametrize("where", ["render", "stream"])
def test_ctrl_c_says_how_to_continue_and_resume_makes_the_video(
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
    done = run("remote", "resume", "--yes")
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


def test_references_to_a_screen_are_not_shown(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.switches.set({"screen_talk": True, "dialect": "mixed", "silent_edits": False})
    done = run("deliver", talk, "--chapters", listing, "--yes")
    assert done.code == 0
    assert "click" not in done.err.lower()
    assert "button" not in done.err.lower()


def test_no_line_of_the_help_is_cut_off(run: Run) -> None:
    for command in (("deliver",), ("remote",), ("ask",)):
        done = run(*command, "--help")
        assert done.code == 0
        assert "..." not in done.out.split("\n", 1)[1]


def test_a_session_has_the_language_of_the_transcript_or_of_the_titles(
    talk: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    cues = (
        "1\n00:00:00,000 --> 00:00:01,900\n今天我们来谈谈蜜蜂的生活和它们怎样采蜜。\n\n"
        "2\n00:00:02,000 --> 00:00:03,900\n最后我们再看看蜂蜜的味道为什么不一样。\n"
    )
    talk.with_suffix(".srt").write_text(cues, encoding="utf-8")
    assert run("deliver", talk, "--yes").code == 0
    own = tmp_path / "own.txt"
    own.write_text(
        "0:00 蜜蜂的生活和它们怎样采蜜\n0:02 蜂蜜的味道为什么不一样呢\n", encoding="utf-8"
    )
    output = talk.with_name("own.mp4")
    assert run("deliver", talk, "--chapters", own, "--yes", "-o", output).code == 0
    assert [session.language for session in fake.sessions.values()] == ["zh", "zh"]
