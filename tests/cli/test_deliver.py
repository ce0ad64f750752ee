"""`chapterize deliver` as it is typed."""

from __future__ import annotations

import json
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from chapterize.media import open_media
from tests.cli.program import Run
from tests.cli.terminal_session import at_terminal, interrupted
from tests.conftest import MakeMedia
from tests.fake_service import FakeService
from tests.texts import cues, write_srt

TITLES = ["Opening", "Bees & honey", "終わり"]


def titles_in(video: Path) -> list[str]:
    return [chapter.title for chapter in open_media(video).chapters]


def made_of(talk: Path) -> Path:
    return talk.with_name(f"{talk.stem}-chapters.mp4")


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


def test_without_consent_nothing_leaves_not_even_a_request_for_a_token(
    talk: Path, listing: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    done = run("deliver", talk, "--chapters", listing)
    assert done.code == 3
    assert done.out == ""
    assert done.err.splitlines()[0] == "error: nothing was sent"
    assert "--yes" in done.err
    assert "--local-only" in done.err
    assert fake.history == []
    assert not (tmp_path / "state").exists()
    assert sorted(talk.parent.iterdir()) == [talk]


QUESTION = "[n]o"


def test_at_a_terminal_the_user_reads_first_and_may_say_no(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    code, shown = at_terminal(
        ["deliver", talk, "--chapters", listing], [(QUESTION, "what?"), (QUESTION, "n")]
    )
    assert code == 11
    assert fake.history == []
    assert talk.name in shown
    assert f"{talk.stat().st_size / 1e6:.1f} MB" in shown
    assert fake.base.removeprefix("http://") in shown
    assert "credits" in shown
    assert "100 free" in shown
    assert shown.index("credits") < shown.index(QUESTION)
    assert "nothing was sent" in shown
    assert sorted(talk.parent.iterdir()) == [talk]


def test_at_a_terminal_here_is_here(talk: Path, listing: Path, fake: FakeService) -> None:
    code, _ = at_terminal(["deliver", talk, "--chapters", listing], [(QUESTION, "h")])
    assert (code, fake.history) == (0, [])
    assert titles_in(made_of(talk)) == TITLES


def test_at_a_terminal_yes_sends_and_a_wrong_plan_is_asked_about(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    fake.switches.unasked_tracks = True
    code, shown = at_terminal(
        ["deliver", talk, "--chapters", listing], [(QUESTION, "y"), ("all the same?", "y")]
    )
    assert code == 0
    assert "not asked for: Subscribe for more!" in shown
    assert len(fake.renders) == 1
    assert titles_in(made_of(talk)) == TITLES


def test_at_a_terminal_a_large_file_is_offered_smaller(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    with talk.open("ab") as file:
        file.truncate(501_000_000)
    code, shown = at_terminal(["deliver", talk, "--chapters", listing], [("[s]maller", "s")])
    assert code == 0
    assert "it is 501 MB, and the service takes 500 MB at most" in shown
    assert "would have at most" in shown
    (session,) = fake.sessions.values()
    assert session.uploads[0].n_bytes < 5_000_000
    assert titles_in(made_of(talk)) == TITLES


@pytest.mark.parametrize("option", ["--proxy", "--remote-only", "--yes"])
def test_a_script_gets_what_it_asked_for_with_a_large_file(
    option: str,
    talk: Path,
    listing: Path,
    fake: FakeService,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chapterize.deliver.offer.MOST_BYTES", 400_000)
    with talk.open("ab") as file:
        file.truncate(450_000)
    done = run("deliver", talk, "--chapters", listing, "--yes", option)
    assert done.code == (9 if option == "--remote-only" else 0)
    assert made_of(talk).exists() is (option != "--remote-only")
    assert bool(fake.history) is (option == "--proxy")
    if option == "--proxy":
        assert "stand-in" in done.err
    else:
        assert "the service takes 500 MB at most" in done.err
        assert "with --proxy" in done.err


def test_dry_run_tells_everything_and_sends_nothing(
    fake: FakeService, run: Run, tmp_path: Path, long_talk: Path
) -> None:
    done = run("deliver", long_talk, "--dry-run", "--rate", 2, "--count", 3)
    assert done.code == 0
    size = long_talk.stat().st_size
    assert f"{size / 1e6:.1f} MB" in done.out
    assert "taken as" in done.out
    assert "at 2 Mbit/s" in done.out
    assert "credits" in done.out
    assert "weak: look at it" in done.out
    assert "of 2 transitions are clear" in done.out
    assert done.out.count(" -> ") == 3
    assert "Do not add music" in done.out
    assert done.out.endswith("nothing was sent\n")
    assert fake.history == []
    assert not (tmp_path / "state").exists()
    found = json.loads(run("deliver", long_talk, "--dry-run", "--count", 3, "--json").out)
    assert found["upload_seconds"] == pytest.approx(size * 8 / 10e6, abs=0.06)
    assert [row["is_weak"] for row in found["chapters"]].count(True) >= 1
    assert fake.history == []


@pytest.fixture
def long_talk(make_media: MakeMedia, tmp_path: Path) -> Path:
    """Two minutes of a test picture, with captions beside it."""
    source = ("-f", "lavfi", "-i", "testsrc=size=160x90:rate=2:duration=120")
    video = make_media("long.mp4", *source, "-c:v", "libx264", "-preset", "ultrafast")
    folder = tmp_path / "long"
    folder.mkdir()
    write_srt(folder / "long.srt", cues())
    return Path(shutil.copy(video, folder))


def test_dry_run_says_what_would_have_to_change(
    audio_flac: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    done = run("deliver", audio_flac, "--chapters", listing, "--dry-run")
    assert done.code == 0
    assert "not taken: the service does not take FLAC files" in done.out
    assert "to change that: convert it to one of mp4, mov" in done.out
    assert fake.history == []


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


@pytest.mark.parametrize("option", ["--local-only", "--offline"])
def test_staying_here_speaks_to_nobody(
    option: str,
    talk: Path,
    listing: Path,
    fake: FakeService,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Not even a wrong address is looked at.
    monkeypatch.setenv("NEMO_API_URL", "http://far.example")
    done = run("deliver", talk, "--chapters", listing, option)
    assert (done.code, fake.history) == (0, [])
    assert titles_in(made_of(talk)) == TITLES
    assert run("deliver", talk, option, "--remote-only").code == 3


@pytest.mark.parametrize(
    "address", ["http://far.example", "ftp://far.example", "far.example", "https://a:b@far.example"]
)
def test_a_bad_address_is_refused_before_anything_is_sent(
    address: str,
    talk: Path,
    listing: Path,
    fake: FakeService,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEMO_API_URL", address)
    for command in (
        ("deliver", talk, "--chapters", listing, "--yes"),
        ("deliver", talk, "--chapters", listing, "--dry-run"),
        ("remote", "credits"),
        ("ask", "credits"),
    ):
        done = run(*command)
        assert done.code == 3
        assert "NEMO_API_URL" in done.err
    assert fake.history == []


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
