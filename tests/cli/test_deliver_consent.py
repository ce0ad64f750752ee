"""`chapterize deliver`: what the user is shown and asked before anything is sent."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.program import Run
from tests.cli.terminal_session import at_terminal
from tests.conftest import MakeMedia
from tests.deliver.scene import made_of, titles_in
from tests.fake_service import FakeService

pytestmark = pytest.mark.slow

TITLES = ["Opening", "Bees & honey", "終わり"]


def test_without_consent_nothing_is_sent_not_even_a_request_for_a_token(
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


def test_at_a_terminal_the_user_sees_the_offer_and_may_say_no(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    code, shown = at_terminal(
        ["deliver", talk, "--chapters", listing], [(QUESTION, "what?"), (QUESTION, "n")]
    )
    assert code == 11
    assert fake.history == []
    assert talk.name in shown
    assert f"{talk.stat().st_size / 1e6:.1f} MB" in shown
    assert f"{fake.base.removeprefix('http://')}, a service on this machine" in shown
    assert "credits" in shown
    assert "a correction of wrong titles may cost a second message" in shown
    assert "100 free" in shown
    assert shown.index("credits") < shown.index(QUESTION)
    assert "nothing was sent" in shown
    assert sorted(talk.parent.iterdir()) == [talk]


def test_at_a_terminal_the_user_may_choose_a_local_result(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    code, _ = at_terminal(["deliver", talk, "--chapters", listing], [(QUESTION, "h")])
    assert (code, fake.history) == (0, [])
    assert titles_in(made_of(talk)) == TITLES


def test_at_a_terminal_yes_sends_and_a_wrong_plan_is_asked_about(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    fake.switches.unasked_tracks = True
    code, shown = at_terminal(
        ["deliver", talk, "--chapters", listing], [(QUESTION, "y"), ("anyway?", "y")]
    )
    assert code == 0
    assert "not requested: Subscribe for more!" in shown
    assert len(fake.renders) == 1
    assert titles_in(made_of(talk)) == TITLES


def test_at_a_terminal_a_proxy_is_offered_for_a_large_file(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    with talk.open("ab") as file:
        file.truncate(501_000_000)
    code, shown = at_terminal(["deliver", talk, "--chapters", listing], [("[s]maller", "s")])
    assert code == 0
    assert "it is 501.0 MB, and the service accepts at most 499.9 MB" in shown
    assert "would have at most" in shown
    (session,) = fake.sessions.values()
    assert session.uploads[0].n_bytes < 5_000_000
    assert titles_in(made_of(talk)) == TITLES


@pytest.mark.parametrize("option", ["--proxy", "--remote-only", "--yes"])
def test_options_decide_about_a_large_file_in_a_script(
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
        assert "Sending a proxy of" in done.err
    else:
        assert "the service accepts at most 0.4 MB" in done.err
        assert "with --proxy" in done.err


def test_dry_run_shows_everything_and_sends_nothing(
    fake: FakeService, run: Run, tmp_path: Path, long_talk: Path
) -> None:
    done = run("deliver", long_talk, "--dry-run", "--rate", 2, "--count", 3)
    assert done.code == 0
    size = long_talk.stat().st_size
    host = f"{fake.base.removeprefix('http://')}, a service on this machine"
    assert f"would upload {long_talk.name} ({size / 1e6:.1f} MB) to {host}\n" in done.out
    assert "at 2 Mbit/s" in done.out
    assert "credits" in done.out
    assert "unclear: check it" in done.out
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


def test_dry_run_says_what_to_change(
    audio_flac: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    done = run("deliver", audio_flac, "--chapters", listing, "--dry-run")
    assert done.code == 0
    assert "MB): the service does not accept FLAC files" in done.out
    assert done.out.startswith("would not upload ")
    assert "to change that: convert it to one of mp4, mov" in done.out
    assert fake.history == []


@pytest.mark.parametrize("option", ["--local-only", "--offline"])
def test_local_only_and_offline_send_nothing(
    option: str,
    talk: Path,
    listing: Path,
    fake: FakeService,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Not even a wrong address is an obstacle.
    monkeypatch.setenv("NEMO_API_URL", "http://far.example")
    done = run("deliver", talk, "--chapters", listing, option)
    assert (done.code, fake.history) == (0, [])
    assert titles_in(made_of(talk)) == TITLES
    assert run("deliver", talk, option, "--remote-only").code == 2


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


@pytest.fixture
def silent(tmp_path: Path, make_media: MakeMedia) -> Path:
    """Two minutes of colour bars that change twice; no captions, no speech."""
    scenes = [f"color=c={colour}:size=160x90:rate=2:duration=40" for colour in ("red", "blue")]
    inputs = [part for scene in scenes for part in ("-f", "lavfi", "-i", scene)]
    joined = ("-filter_complex", "concat=n=2", "-c:v", "libx264", "-preset", "ultrafast")
    video = make_media("silent.mp4", *inputs, *joined, "-pix_fmt", "yuv420p")
    folder = tmp_path / "silent"
    folder.mkdir()
    return Path(shutil.copy(video, folder / "it's silent.mp4"))


def test_with_yes_titles_that_are_only_numbers_are_not_paid_for(
    silent: Path, fake: FakeService, run: Run
) -> None:
    done = run("deliver", silent, "--yes", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert (found["where"], fake.history) == ("local", [])
    assert found["reason"].startswith("its titles would only be numbers")
    assert "--numbered" in found["way_back"]
    done = run("deliver", silent, "--yes", "--remote-only", "--force")
    assert (done.code, fake.history) == (9, [])
    assert "--numbered" in done.err
    offer = run("deliver", silent, "--dry-run")
    assert "titles: only numbers" in offer.out
    assert json.loads(run("deliver", silent, "--dry-run", "--json").out)["is_numbered"] is True


def test_without_a_terminal_numbers_are_not_even_offered(
    silent: Path, fake: FakeService, run: Run
) -> None:
    done = run("deliver", silent, "--json")
    assert (done.code, json.loads(done.out)["where"], fake.history) == (0, "local", [])


def test_with_numbered_or_titles_of_the_user_they_are_sent(
    silent: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    assert run("deliver", silent, "--yes", "--numbered", "--remote-only").code == 0
    own = tmp_path / "own.txt"
    own.write_text("0:00 Chapter 1\n0:40 Chapter 2\n", encoding="utf-8")
    done = run("deliver", silent, "--yes", "--chapters", own, "--remote-only", "--force")
    assert done.code == 0
    assert [each.what for each in fake.charges] == ["edit", "render"] * 2


def test_at_a_terminal_the_offer_says_that_the_titles_are_numbers(
    silent: Path, fake: FakeService
) -> None:
    code, shown = at_terminal(["deliver", silent], [(QUESTION, "n")])
    assert (code, fake.history) == (11, [])
    assert "Its titles are only numbers" in shown
