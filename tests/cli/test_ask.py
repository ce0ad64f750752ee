"""`chapterize ask`: each request is routed to its command, and few cost credits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chapterize.media import open_media
from tests.cli.program import Run
from tests.fake_service import FakeService

pytestmark = pytest.mark.slow

CHAPTERS_PLEASE = "generate chapters with timestamps and titles for my YouTube video"


def calls(fake: FakeService) -> set[str]:
    return {each.call for each in fake.history}


def test_chapters_of_a_file_are_a_delivery(long_talk: Path, fake: FakeService, run: Run) -> None:
    without = run("ask", CHAPTERS_PLEASE, long_talk)
    assert (without.code, fake.history) == (3, [])
    done = run("ask", CHAPTERS_PLEASE, long_talk, "--yes", "--json")
    assert done.code == 0
    found = json.loads(done.out)
    assert (found["where"], len(found["chapters"])) == ("remote", len(found["changes"]))
    assert len(open_media(Path(found["path"])).chapters) == len(found["chapters"])
    # The agent gets the plan, not the request.
    assert CHAPTERS_PLEASE not in fake.messages[0].text


def test_chapters_without_a_file_are_an_error(fake: FakeService, run: Run) -> None:
    done = run("ask", CHAPTERS_PLEASE)
    assert (done.code, fake.history) == (3, [])
    assert "no file is named" in done.err


@pytest.mark.parametrize("text", ["余额", "credits", "how many credits do I have left?"])
def test_a_question_about_credits_prints_the_balance(
    text: str, fake: FakeService, run: Run
) -> None:
    done = run("ask", text)
    assert (done.code, done.out) == (0, "100 available, 0 frozen, 100 in total\n")
    assert calls(fake) == {"anonymous-token", "credits"}


@pytest.mark.parametrize("text", ["export", "导出", "send me the video"])
def test_an_export_never_touches_the_agent(
    text: str, talk: Path, fake: FakeService, run: Run
) -> None:
    assert run("ask", "upload this", talk, "--yes").code == 0
    target = talk.with_name("made.mp4")
    done = run("ask", text, "-o", target, "--yes")
    assert (done.code, done.out) == (0, f"{target}\n")
    assert open_media(target).has_video
    assert "run" not in calls(fake)


def test_an_export_without_a_session_sends_nothing(fake: FakeService, run: Run) -> None:
    assert run("ask", "export").code == 3
    assert fake.history == []


@pytest.mark.parametrize("text", ["status", "状态", "show tracks"])
def test_a_question_about_the_state_prints_it(
    text: str, talk: Path, fake: FakeService, run: Run
) -> None:
    run("ask", "upload this", talk, "--yes")
    done = run("ask", text)
    assert done.code == 0
    assert talk.name in done.out
    assert "Timeline (1 tracks)" in done.out or "Timeline (1 track)" in done.out
    assert "run" not in calls(fake)


def test_an_upload_needs_a_file_and_consent(talk: Path, fake: FakeService, run: Run) -> None:
    done = run("ask", "upload")
    assert (done.code, fake.history) == (3, [])
    assert "no file is named" in done.err
    assert run("ask", "upload", talk).code == 3
    assert fake.history == []
    found = json.loads(run("ask", "上传", talk, "--yes", "--json").out)
    assert found["files"] == [talk.name]
    assert "run" not in calls(fake)


def test_an_edit_goes_to_the_agent(talk: Path, fake: FakeService, run: Run) -> None:
    run("ask", "upload", talk, "--yes")
    done = run("ask", "add some quiet music under the whole video", "--yes")
    assert done.code == 0
    assert done.out.startswith("Added the audio clip Lo-fi")
    assert len(fake.messages) == 1


def test_an_edit_with_a_file_uploads_it_first_and_prints_one_value(
    talk: Path, fake: FakeService, run: Run
) -> None:
    text = "put some quiet music under this clip"
    refused = run("ask", text, talk)
    assert (refused.code, fake.history) == (3, [])
    done = run("ask", text, talk, "--yes", "--json")
    assert done.code == 0
    assert len(json.loads(done.out)["changes"]) >= 1
    order = [each.call for each in fake.history if each.call in ("upload", "run")]
    assert order == ["upload", "run"]


def test_a_title_about_an_export_is_an_edit(talk: Path, fake: FakeService, run: Run) -> None:
    run("ask", "upload", talk, "--yes")
    run("ask", 'change the first title to "Credits and balance"', "--yes")
    assert len(fake.messages) == 1
    assert fake.renders == {}
