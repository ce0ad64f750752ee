"""`chapterize review`, and what later drafts keep of it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import chapterize.review
from chapterize.cli import review as module
from chapterize.fingerprint import file_fingerprint
from chapterize.pipeline.edits import edits_file
from chapterize.profiles import folder_profile, named_profile, read_profile
from chapterize.review import Instance
from chapterize.review.api import Api
from chapterize.review.project import Project
from chapterize.review.proposals import Proposal
from chapterize.review.server import Review
from tests.cli.program import Run

Change = Callable[[Project], None]


class Browser:
    """Remembers the addresses that it was asked to open."""

    def __init__(self) -> None:
        self.history: list[str] = []
        self.works = True

    def open(self, address: str) -> bool:
        self.history.append(address)
        return self.works

    def seen(self) -> list[str]:
        """What was opened, which may happen in the background."""
        deadline = time.monotonic() + 10
        while not self.history and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.history


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """The browser of the user."""
    browser = Browser()
    monkeypatch.setattr(webbrowser, "get", lambda: browser)
    return browser


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch, opened: Browser) -> Callable[[Change], None]:
    """Have the server make one change and end, instead of waiting for requests."""

    def instead(change: Change) -> None:
        def serve(page: Review, listening: Any, *, on_ready: Callable[[], None]) -> None:
            on_ready()
            change(page.api.project)
            listening.close()

        monkeypatch.setattr(chapterize.review, "serve", serve)

        # Without the media, which would be prepared in the background.
        def assemble(project: Project, **_: object) -> Review:
            return Review(Api(project))

        monkeypatch.setattr(chapterize.review, "assemble", assemble)

    instead(lambda project: None)
    return instead


def retitle(project: Project, title: str = "Mine") -> None:
    rows = [Proposal(e.start, e.title, e.is_locked, e.id) for e in project.chapters]
    project.put([replace(rows[0], title=title), *rows[1:]], project.version)


def wait_for_browser() -> None:
    """Until no browser is being opened in the background."""
    for thread in threading.enumerate():
        if thread.name == "browser":
            thread.join(10)


def test_the_page_is_opened_and_its_address_printed(
    captions: Path, run: Run, serving: object, opened: Browser
) -> None:
    done = run("review", captions)
    assert done.code == 0
    assert done.out.startswith("http://127.0.0.1:")
    assert "/#token=" in done.out
    assert "until Ctrl-C" in done.err
    assert "your changes are saved" in done.err
    (link,) = opened.seen()
    assert link.startswith(done.out.partition("#")[0] + "open/")


def test_the_browser_does_not_get_the_token_as_an_argument(
    captions: Path, run: Run, serving: object, opened: Browser
) -> None:
    token = run("review", captions).out.strip().partition("#token=")[2]
    assert token
    assert all(token not in link for link in opened.seen())


def test_without_a_browser_the_address_is_only_printed(
    captions: Path, run: Run, serving: object, opened: Browser
) -> None:
    assert run("review", captions, "--no-browser").out.startswith("http://127.0.0.1:")
    assert opened.history == []


def test_a_browser_that_cannot_be_opened_is_no_failure(
    captions: Path,
    run: Run,
    serving: Callable[[Change], None],
    opened: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail() -> None:
        raise webbrowser.Error("no browser")

    serving(lambda project: wait_for_browser())
    opened.works = False
    text_mode = webbrowser.GenericBrowser("true")
    monkeypatch.delenv("BROWSER", raising=False)
    for get in (lambda: opened, fail, lambda: text_mode):
        monkeypatch.setattr(webbrowser, "get", get)
        done = run("review", captions)
        assert done.code == 0
        assert done.out.startswith("http://127.0.0.1:")
        assert "no browser could be opened" in done.err


def test_a_second_review_opens_the_page_of_the_first_with_a_link_of_its_own(
    captions: Path, run: Run, serving: object, opened: Browser
) -> None:
    file = edits_file(file_fingerprint(captions))
    with chapterize.review.other_instance(file):
        first = Instance(7, "http://127.0.0.1:1/#token=x", ("http://a", "http://b"))
        chapterize.review.announce(file, first)
        for expected in ("http://a", "http://b", first.address):
            done = run("review", captions)
            assert (done.code, done.out) == (0, f"{first.address}\n")
            assert "process 7" in done.err
            assert opened.history.pop() == expected


def test_json_has_the_address_and_the_process(captions: Path, run: Run, serving: object) -> None:
    found = json.loads(run("review", captions, "--json").out)
    assert set(found) == {"address", "pid"}


def test_options_of_a_draft_hold_on_the_page(
    captions: Path, run: Run, serving: Callable[[Change], None]
) -> None:
    seen: list[int] = []
    serving(lambda project: seen.append(len(project.chapters)))
    assert run("review", captions, "--count", 4).code == 0
    assert seen == [4]


def test_the_page_may_start_from_chapters_of_ones_own(
    captions: Path, run: Run, serving: Callable[[Change], None], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("0:00 A\n0:03 B\n0:05 C\n")
    seen: list[Any] = []
    serving(lambda project: seen.extend((e.start, e.title) for e in project.chapters))
    assert run("review", captions, "--chapters", mine).code == 0
    assert seen == [(0, "A"), (3, "B"), (5, "C")]
    late = tmp_path / "late.txt"
    late.write_text("0:00 A\n99:00 B\n")
    assert run("review", captions, "--chapters", late).code == 4


def test_a_second_run_continues_and_no_edits_starts_from_the_draft(
    captions: Path, run: Run, serving: Callable[[Change], None]
) -> None:
    serving(retitle)
    run("review", captions)
    seen: list[tuple[str, bool]] = []
    serving(lambda project: seen.append((project.chapters[0].title, project.can_undo)))
    run("review", captions)
    run("review", captions, "--no-edits")
    assert seen[0] == ("Mine", True)
    assert seen[1][0] != "Mine"
    assert seen[1][1] is True


def test_a_later_draft_keeps_the_edits_unless_told_otherwise(
    captions: Path, run: Run, serving: Callable[[Change], None], tmp_path: Path
) -> None:
    serving(retitle)
    run("review", captions)
    kept = run("draft", captions)
    assert kept.out.startswith("0:00 Mine\n")
    assert "1 retitled" in kept.err
    assert "--no-edits" in kept.err
    alone = run("draft", captions, "--no-edits")
    assert "Mine" not in alone.out
    assert "retitled" not in alone.err
    two = run("draft", captions, "--count", 2)
    assert two.out.startswith("0:00 Mine\n")
    assert len(two.out.splitlines()) == 2
    run("draft", captions, "-o", tmp_path / "a.json")
    assert "Mine" in (tmp_path / "a.json").read_text()


def test_a_title_that_youtube_refuses_is_to_be_changed_where_it_was_written(
    captions: Path, run: Run, serving: Callable[[Change], None]
) -> None:
    serving(lambda project: retitle(project, "a < b"))
    run("review", captions)
    done = run("draft", captions)
    assert done.code == 4
    assert "'a < b' holds < or >" in done.err
    assert "next: change the title on the page of chapterize review" in done.err
    assert run("draft", captions, "--format", "webvtt").code == 0


@pytest.mark.slow
def test_a_split_keeps_the_edits_too(
    long_talk: Path, run: Run, serving: Callable[[Change], None]
) -> None:
    serving(retitle)
    run("review", long_talk)
    assert run("split", long_talk).code == 0
    assert any("Mine" in path.name for path in (long_talk.parent / "long-chapters").iterdir())


def test_a_damaged_state_is_noted(
    captions: Path, run: Run, serving: Callable[[Change], None]
) -> None:
    file = edits_file(file_fingerprint(captions))
    file.parent.mkdir(parents=True)
    file.write_text("{")
    assert run("draft", captions).code == 0
    done = run("review", captions)
    assert done.code == 0
    assert "note: The stored edits could not be read" in done.err


def test_a_file_that_another_process_is_opening_is_not_opened_twice(
    captions: Path, run: Run, serving: object
) -> None:
    with chapterize.review.other_instance(edits_file(file_fingerprint(captions))):
        done = run("review", captions)
    assert done.code == 3
    assert "another process has it open" in done.err


def test_a_file_that_does_not_exist_is_an_error(tmp_path: Path, run: Run) -> None:
    done = run("review", tmp_path / "none.mp4")
    assert done.code == 3
    assert "none.mp4" in done.err
    assert not (tmp_path / "s").exists()


def test_after_a_long_draft_the_server_starts_afresh_with_only_the_draft(
    captions: Path,
    run: Run,
    serving: Callable[[Change], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[list[str]] = []
    kept: list[int] = []

    def execute(program: str, arguments: list[str], variables: dict[str, str]) -> None:
        begun.append(arguments)
        assert variables.items() > dict(os.environ).items()
        [option] = [each for each in arguments if each.startswith("--drafted=")]
        kept.append(os.dup(int(option.partition("=")[2])))

    seen: list[int] = []
    line = ["python", "-m", "chapterize", "review", "--", str(captions)]
    monkeypatch.setattr(sys, "orig_argv", line)
    monkeypatch.setattr(sys, "argv", ["chapterize", *line[3:]])
    monkeypatch.setattr(os, "execve", execute)
    monkeypatch.setattr(module, "_MANY", 1)
    serving(lambda project: seen.append(len(project.draft.sentences)))
    assert run("review", captions).code == 0
    assert begun[0][1:4] == line[1:4]
    assert begun[0][5:] == line[4:]
    done = run("review", f"--drafted={kept[0]}", captions)
    assert done.code == 0
    assert "drafting" not in done.err
    assert len(set(seen)) == 1


def test_without_a_draft_there_is_nothing_to_start_from(captions: Path, run: Run) -> None:
    assert run("review", captions, "--drafted=999").code == 3


def test_the_profile_learns_from_a_changed_list_when_the_page_is_closed(
    captions: Path, run: Run, serving: Callable[[Change], None]
) -> None:
    stored = folder_profile(captions.parent)
    assert "learned" not in run("review", captions, "--count", 3).err
    serving(lambda project: retitle(project, "Introduction"))
    assert "learned" not in run("review", captions, "--count", 3, "--no-learn").err
    assert "learned" not in run("review", captions, "--count", 3, "--no-profile").err
    assert not stored.exists()
    serving(lambda project: retitle(project, "Intro"))
    assert "The profile learned from your chapters" in run("review", captions, "--count", 3).err
    [learned] = read_profile(stored).lists
    assert learned.introduction
    # Nothing was changed this time.
    serving(lambda project: None)
    assert "learned" not in run("review", captions, "--count", 3).err


def test_a_named_profile_learns_from_the_page(
    captions: Path, run: Run, serving: Callable[[Change], None]
) -> None:
    run("learn", captions, "--profile", "talks")
    captions.with_suffix(".txt").write_text("0:00 a\n0:40 b\n1:20 c\n", encoding="utf-8")
    assert run("learn", captions, "--profile", "talks").code == 0
    captions.with_suffix(".txt").unlink()
    serving(retitle)
    assert "learned" in run("review", captions, "--count", 3, "--profile", "talks").err
    assert len(read_profile(named_profile("talks")).lists) == 1
    assert not folder_profile(captions.parent).exists()
