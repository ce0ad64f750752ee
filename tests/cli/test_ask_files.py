"""`chapterize ask` with files and links: it acts on that file and on no other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from chapterize.files import state_folder
from chapterize.media import open_media
from tests.cli.program import Run
from tests.cli.terminal_session import at_terminal
from tests.fake_service import FakeService

pytestmark = pytest.mark.slow

MAKE = "generate a 45-minute tutorial video recording into a 1080p MP4"
CHAPTERS = (
    "generate chapters with timestamps and titles for my YouTube video",
    "adding timestamped chapters to long YouTube or course videos for YouTubers and course "
    "creators",
)
LINK = "https://example.com/talk.mp4?key=secret"


@pytest.fixture
def second(talk: Path, video_only_mp4: Path) -> Path:
    """Another video next to the talk."""
    return Path(shutil.copy(video_only_mp4, talk.with_name("second  $(1).mp4")))


def uploads(fake: FakeService) -> list[list[str]]:
    """The file names in each session."""
    return [[each.filename for each in session.uploads] for session in fake.sessions.values()]


def calls(fake: FakeService) -> list[str]:
    return [each.call for each in fake.history]


def test_making_a_video_of_a_file_uploads_edits_and_renders_that_file(
    talk: Path, second: Path, fake: FakeService, run: Run
) -> None:
    run("ask", "upload this", talk, "--yes")
    target = talk.with_name("result.mp4")
    refused = run("ask", MAKE, second, "-o", target)
    assert (refused.code, len(fake.sessions)) == (3, 1)
    done = run("ask", MAKE, second, "--yes", "-o", target)
    assert (done.code, done.out.splitlines()[-1]) == (0, str(target))
    assert uploads(fake) == [[talk.name], [second.name]]
    assert [each.text for each in fake.messages] == [MAKE]
    (render,) = fake.renders.values()
    assert render.session.id == list(fake.sessions)[1]
    assert not open_media(target).has_audio, "it is the second video, which has no audio"


def test_making_a_video_without_a_file_or_a_session_sends_nothing(
    fake: FakeService, run: Run, tmp_path: Path
) -> None:
    for text in (MAKE, "make the intro snappier"):
        for flags in ((), ("--yes",)):
            done = run("ask", text, *flags)
            assert (done.code, fake.history) == (3, [])
            assert 'start with a file: chapterize ask "what you want" FILE' in done.err
    done = run("remote", "say", "make the intro snappier", "--yes")
    assert (done.code, fake.history) == (3, [])
    assert not (tmp_path / "state" / "token.json").exists()
    assert json.loads(run("remote", "sessions", "--json").out) == []


def test_making_a_video_without_a_file_goes_to_the_session_after_consent(
    talk: Path, fake: FakeService, run: Run
) -> None:
    run("ask", "upload this", talk, "--yes")
    n_calls = len(fake.history)
    assert run("ask", MAKE).code == 3
    assert len(fake.history) == n_calls
    assert run("ask", MAKE, "--yes").code == 0
    assert len(fake.messages) == 1


@pytest.mark.parametrize("text", CHAPTERS)
def test_the_examples_about_chapters_deliver_the_file_or_ask_for_one(
    text: str, long_talk: Path, fake: FakeService, run: Run
) -> None:
    without = run("ask", text, "--yes")
    assert (without.code, fake.history) == (3, [])
    assert "no file is named" in without.err
    done = run("ask", text, long_talk, "--yes", "--json")
    assert json.loads(done.out)["where"] == "remote"
    assert text not in fake.messages[0].text


def test_an_output_that_exists_or_is_the_source_is_refused_before_anything_is_sent(
    talk: Path, second: Path, fake: FakeService, run: Run
) -> None:
    for flags in ((talk, "-o", second), (talk, "-o", talk, "--force")):
        done = run("ask", MAKE, *flags, "--yes")
        assert (done.code, fake.history) == (5, [])
    run("ask", "upload this", talk, "--yes")
    n_calls = len(fake.history)
    for command in (("remote", "export"), ("ask", "export"), ("ask", MAKE)):
        done = run(*command, "-o", talk, "--force", "--yes")
        assert (done.code, len(fake.history)) == (5, n_calls)
        assert "it is an input file" in done.err


@pytest.mark.parametrize("text", ["export", "导出", "send me the video", "download it as mp4"])
def test_an_export_of_a_file_without_a_session_sends_nothing(
    text: str, talk: Path, second: Path, fake: FakeService, run: Run
) -> None:
    run("ask", "upload this", talk, "--yes")
    fake.history.clear()
    target = talk.with_name("result.mp4")
    done = run("ask", text, second, "--yes", "-o", target)
    assert (done.code, fake.history) == (3, [])
    assert f"there is no session with {second.name}" in done.err
    assert not target.exists()


def test_an_export_and_a_state_with_a_file_are_those_of_its_session(
    talk: Path, second: Path, fake: FakeService, run: Run
) -> None:
    run("ask", "upload this", talk, "--yes")
    run("remote", "upload", second, "--new", "--yes")
    first, other = fake.sessions
    # The same content under another name, and the newest session is another one.
    copy = Path(shutil.copy(talk, talk.with_name("copy.mp4")))
    found = json.loads(run("ask", "show tracks", copy, "--json").out)
    assert found["files"] == [talk.name]
    target = talk.with_name("result.mp4")
    assert run("ask", "export", copy, "--yes", "-o", target).code == 0
    assert [each.session.id for each in fake.renders.values()] == [first]
    assert open_media(target).has_audio
    name = json.loads(run("ask", "status", second, "--json").out)["session"]
    wrong = run("ask", "export", talk, "--session", name, "--yes", "-o", target, "--force")
    assert wrong.code == 3
    assert len(fake.renders) == 1
    assert other != first


def test_a_file_that_changed_since_its_upload_is_not_exported(
    talk: Path, second: Path, fake: FakeService, run: Run
) -> None:
    run("ask", "upload this", talk, "--yes")
    shutil.copy(second, talk)
    done = run("ask", "export", talk, "--yes", "-o", talk.with_name("result.mp4"))
    assert done.code == 3
    assert "has changed since it was uploaded" in done.err
    assert fake.renders == {}


def test_a_file_of_a_shared_session_is_exported_only_while_the_timeline_holds_it(
    talk: Path, second: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    for each in (talk, second):
        each.with_suffix(".srt").write_text(
            "1\n00:00:00,000 --> 00:00:01,500\nHello bees.\n\n"
            "2\n00:00:02,000 --> 00:00:03,500\nGoodbye honey.\n",
            encoding="utf-8",
        )
    assert run("deliver", talk, second, "--yes").code == 0
    target = talk.with_name("result.mp4")
    done = run("ask", "export", talk, "--yes", "-o", target)
    assert done.code == 3
    assert f"its timeline now holds {second.name}" in done.err
    assert run("ask", "export", second, "--yes", "-o", target).code == 0


def test_an_edit_of_a_file_that_a_session_holds_uploads_nothing(
    talk: Path, second: Path, fake: FakeService, run: Run
) -> None:
    run("ask", "upload this", talk, "--yes")
    run("remote", "upload", second, "--new", "--yes")
    assert run("ask", "put some quiet music under this clip", talk, "--yes").code == 0
    assert uploads(fake) == [[talk.name], [second.name]]
    assert [each.session for each in fake.messages] == [next(iter(fake.sessions))]


def test_an_ingredient_is_added_to_the_session(
    talk: Path, fake: FakeService, run: Run, tmp_path: Path
) -> None:
    run("ask", "upload this", talk, "--yes")
    logo = tmp_path / "logo.png"
    logo.write_bytes(b"\x89PNG\r\n\x1a\n0000")
    assert run("ask", "use this logo as a watermark", logo, "--yes").code == 0
    assert uploads(fake) == [[talk.name, "logo.png"]]


def test_a_talk_is_put_into_the_session_without_a_message(
    talk: Path, fake: FakeService, run: Run
) -> None:
    assert run("ask", "here's my webinar, stick it in the session", talk, "--yes").code == 0
    assert uploads(fake) == [[talk.name]]
    assert fake.messages == []


@pytest.mark.parametrize("text", ["do not send me the video", "先别导出", "don't upload this"])
def test_a_refusal_does_nothing(text: str, talk: Path, fake: FakeService, run: Run) -> None:
    done = run("ask", text, talk, "--yes")
    assert (done.code, done.out, fake.history) == (
        0,
        "Nothing was done, and nothing was sent.\n",
        [],
    )
    assert json.loads(run("ask", text, "--yes", "--json").out) == {"action": "nothing"}


def test_a_complaint_about_an_export_reads_the_state(
    talk: Path, fake: FakeService, run: Run
) -> None:
    run("ask", "upload this", talk, "--yes")
    done = run("ask", "why did the export fail?")
    assert (done.code, fake.renders, fake.messages) == (0, {}, [])
    assert talk.name in done.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("upload", LINK),
        ("upload", LINK.replace("https", "HTTPS")),
        (f"upload {LINK}",),
        (f"please import {LINK}.",),
        ("upload this", LINK.removeprefix("https://").join(["https:/", ""])),
    ],
)
def test_an_address_is_uploaded_from_its_place_on_the_line_or_in_the_sentence(
    arguments: tuple[str, ...], fake: FakeService, run: Run, tmp_path: Path
) -> None:
    assert run("ask", *arguments, "--yes").code == 0
    ((name,),) = uploads(fake)
    assert name == "talk.mp4"
    (sent,) = fake.calls("upload")
    assert sent.body["urls"] == [LINK]
    # The key in the address stays out of the journal, and the address is found again.
    (journal,) = (state_folder() / "sessions").glob("*.jsonl")
    assert "secret" not in journal.read_text(encoding="utf-8")
    assert run("ask", "export", LINK, "--yes", "-o", tmp_path / "made.mp4").code == 0


def test_a_link_to_a_video_in_an_edit_is_uploaded_and_others_are_text(
    fake: FakeService, run: Run
) -> None:
    assert run("ask", f"cut the first ten seconds of {LINK}", "--yes").code == 0
    assert uploads(fake) == [["talk.mp4"]]
    assert run("ask", "write https://example.com in the lower third", "--yes").code == 0
    assert run("ask", f'add the title "{LINK}"', "--yes").code == 0
    assert uploads(fake) == [["talk.mp4"]]
    assert len(fake.messages) == 3


def test_chapters_of_an_address_say_how_to_download_it(fake: FakeService, run: Run) -> None:
    for arguments in ((f"make chapters for {LINK}",), ("make chapters", LINK)):
        done = run("ask", *arguments, "--yes")
        assert (done.code, fake.history) == (3, [])
        assert f"yt-dlp -o \"talk.%(ext)s\" '{LINK}'" in done.err


@pytest.mark.parametrize("command", [("ask", "upload"), ("remote", "upload")])
def test_a_plain_http_address_is_not_uploaded(
    command: tuple[str, ...], fake: FakeService, run: Run
) -> None:
    done = run(*command, "http://example.com/a.mp4", "--yes")
    assert (done.code, fake.history) == (3, [])
    assert "https addresses only" in done.err


def test_the_language_of_a_new_session_is_that_of_the_sentence(
    talk: Path, second: Path, fake: FakeService, run: Run
) -> None:
    assert run("ask", "把片头做得更有活力", talk, "--yes").code == 0
    assert run("ask", "make the intro snappier", second, "--yes").code == 0
    assert [session.language for session in fake.sessions.values()] == ["zh", "en"]


def test_the_question_names_the_file_the_cloud_and_the_cost(talk: Path, fake: FakeService) -> None:
    code, shown = at_terminal(
        ["ask", MAKE, talk, "-o", talk.with_name("result.mp4")], [("[y/N]", "n")]
    )
    assert (code, fake.history) == (11, [])
    joined = " ".join(shown.split())
    assert f"Would upload {talk.name} (" in joined
    assert "to a new session, send your message" in joined
    assert "and render the result to" in joined
    assert "It may cost credits" in joined


def test_an_edit_that_ends_with_an_export_is_sent_without_it_and_then_rendered(
    talk: Path, fake: FakeService, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "put some quiet music under this clip and then export it"
    assert run("ask", text, talk).code == 3
    assert fake.history == []
    done = run("ask", text, talk, "--yes")
    assert done.code == 0
    assert [each.text for each in fake.messages] == ["put some quiet music under this clip"]
    assert open_media(Path(done.out.splitlines()[-1])).has_video
    # The second result would replace the first: nothing is paid.
    n_charges = len(fake.charges)
    assert run("ask", "make it shorter and then export", talk, "--yes").code == 5
    assert len(fake.charges) == n_charges


def test_a_session_that_has_expired_is_not_used_again(
    talk: Path, fake: FakeService, run: Run
) -> None:
    run("ask", "upload this", talk, "--yes")
    fake.switches.lost_sessions = True
    lost = run("ask", "make the intro snappier", talk, "--yes")
    assert lost.code == 9
    assert "chapterize remote upload FILE" in lost.err
    done = run("ask", "make the intro snappier", "--yes")
    assert (done.code, fake.messages) == (3, [])
    # The file is uploaded again, to a new session.
    assert run("ask", "make the intro snappier", talk, "--yes").code == 0
    assert len(fake.messages) == 1
    assert uploads(fake) == [[talk.name], [talk.name]]
