"""`Delivery`: the local fallback, with its reason and the next steps."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from chapterize.errors import (
    ExportBlocked,
    OutOfCredits,
    RemoteError,
    RemoteUnreachable,
    RunInterrupted,
)
from chapterize.remote.spending import Spending
from tests.deliver.scene import CHAPTERS, TITLES, Person, sender, titles_in
from tests.fake_service import FakeService

CREDITS = "not enough credits"


@pytest.mark.parametrize("how", ["http", "sse-error", "sse-text"])
def test_out_of_credits_falls_back_and_shows_how_to_register(
    how: Any, talk: Path, fake: FakeService, person: Person
) -> None:
    fake.switches.out_of_credits = how
    made = sender(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert made.reason.startswith(CREDITS)
    (account,) = fake.accounts
    assert f"https://nemovideo.com/register?bind={account}, then: " in made.next_steps
    assert f"chapterize remote resume {made.session}" in made.next_steps
    assert made.credits == Spending(0.0, 100.0, 100.0)
    assert fake.charges == []
    assert titles_in(made.path) == list(TITLES)


def test_what_was_spent_before_the_fallback_is_reported(
    talk: Path, fake: FakeService, person: Person
) -> None:
    fake.credits = 15
    made = sender(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert made.reason.startswith(CREDITS)
    assert made.credits == Spending(10.0, 15.0, 5.0)


def test_a_registered_user_is_sent_to_top_up(
    talk: Path, fake: FakeService, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", fake.new_token(5))
    made = sender(fake.base, person).deliver(talk, CHAPTERS)
    assert made.next_steps.startswith("top up at https://nemovideo.com, then: ")
    assert "register" not in made.next_steps


def test_a_refused_token_says_what_to_set(
    talk: Path, fake: FakeService, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_TOKEN", fake.new_token())
    fake.expire_tokens()
    made = sender(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert "set NEMO_TOKEN to a new token" in made.next_steps
    assert "chapterize remote resume" in made.next_steps


@pytest.mark.slow
@pytest.mark.parametrize(
    ("switches", "reason"),
    [
        ({"export_blocked": True}, "the plan does not include exports"),
        ({"rate_limited": 99}, "no starter token is available"),
        ({"render_failure": "the GPU fell over"}, "the GPU fell over"),
        ({"unasked_tracks": True}, "the service did not carry out the plan"),
        ({"misplaced_by": 2.5, "stubborn": True}, "titles at the wrong time: 3"),
    ],
)
def test_every_obstacle_leads_to_a_local_video_and_next_steps(
    switches: dict[str, Any], reason: str, talk: Path, fake: FakeService, person: Person
) -> None:
    fake.switches.set(switches)
    made = sender(fake.base, person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert reason in made.reason
    # The local video has the name that the service's would get.
    assert made.next_steps.endswith(f"chapterize remote resume {made.session} --force")
    assert titles_in(made.path) == list(TITLES)
    assert made.listing is not None
    assert made.listing.is_file()
    assert any(reason in line for line in person.shown)
    assert len({(each.session, each.text) for each in fake.messages}) == len(fake.messages)


def test_an_unreachable_service_falls_back(talk: Path, person: Person) -> None:
    made = sender("http://127.0.0.1:1", person).deliver(talk, CHAPTERS)
    assert made.where == "local"
    assert "cannot be reached" in made.reason
    assert made.credits is None


@pytest.mark.parametrize(
    ("switches", "error", "code"),
    [
        ({"out_of_credits": "sse-text"}, OutOfCredits, 9),
        ({"export_blocked": True}, ExportBlocked, 9),
        ({"unasked_tracks": True}, RemoteError, 9),
        ({"cut_stream_at": 20, "cut_keeps_edit": False}, RunInterrupted, 10),
    ],
)
def test_remote_only_makes_no_local_result(
    switches: dict[str, Any],
    error: type[RemoteError],
    code: int,
    talk: Path,
    fake: FakeService,
    person: Person,
) -> None:
    fake.switches.set(switches)
    with pytest.raises(error) as failed:
        sender(fake.base, person, where="remote").deliver(talk, CHAPTERS)
    assert failed.value.exit_code == code
    assert sorted(talk.parent.iterdir()) == [talk]


def test_remote_only_reports_an_unreachable_service(talk: Path, person: Person) -> None:
    with pytest.raises(RemoteUnreachable):
        sender("http://127.0.0.1:1", person, where="remote").deliver(talk, CHAPTERS)
    assert sorted(talk.parent.iterdir()) == [talk]


def test_an_obstacle_for_all_files_stops_further_uploads(
    talk: Path, fake: FakeService, person: Person
) -> None:
    other = Path(shutil.copy(talk, talk.with_name("other.mp4")))
    fake.switches.out_of_credits = "http"
    both = sender(fake.base, person)
    made = [both.deliver(talk, CHAPTERS), both.deliver(other, CHAPTERS)]
    assert [each.where for each in made] == ["local", "local"]
    assert len(fake.calls("upload")) == 1
    assert made[1].reason == CREDITS
    assert any(line.startswith("other.mp4 is not sent either (") for line in person.shown)
    assert "register" in made[1].next_steps
