"""The person at the terminal: consent to what is sent, to wrong results, and to paying again."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from chapterize.cli import person as module
from chapterize.cli.person import Person, require_consent
from chapterize.cli.terminal import Terminal
from chapterize.data import Chapters
from chapterize.errors import Declined, InputError
from chapterize.remote.brief import PlanCheck
from chapterize.remote.timeline import Segment
from tests.cli.program import Run
from tests.cli.terminal_session import at_terminal
from tests.deliver.scene import made_of
from tests.fake_service import FakeService, faults

CHAPTERS = Chapters.from_starts([0.0, 60.0], ["Opening", "Bees"], 120.0).chapters
SURPLUS = PlanCheck((), (), (Segment(0.0, 2.0, "Subscribe!"),))
NEAR = PlanCheck((), ((CHAPTERS[1], 64.0),), ())
FAR = PlanCheck((), ((CHAPTERS[1], 70.0),), ())
MISSING = PlanCheck((CHAPTERS[1],), (), ())
CLOUD = "https://service.example"


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A terminal that answers yes; the questions it was asked."""
    asked: list[str] = []

    def confirm(text: str, **options: object) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(module, "can_ask", lambda: True)
    monkeypatch.setattr(typer, "confirm", confirm)
    return asked


def test_the_consent_names_the_act_the_cloud_and_the_cost(
    questions: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    require_consent("send \x1b[1mthis", CLOUD, Terminal("say"), yes=False)
    assert questions == ["Send it?"]
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "Would send \\x1b[1mthis.",
        "It goes to service.example, the cloud service of NemoVideo (a company's cloud outside "
        "this machine). It may cost credits.",
    ]


def test_a_service_on_this_machine_is_no_cloud(
    questions: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    require_consent("send this", "http://127.0.0.1:8080", Terminal("say"), yes=False)
    assert "It goes to 127.0.0.1:8080, a service on this machine." in capsys.readouterr().err


def test_who_has_agreed_is_not_asked(questions: list[str]) -> None:
    require_consent("send this", CLOUD, Terminal("say"), yes=True)
    assert questions == []


def test_no_is_no(questions: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typer, "confirm", lambda text, **options: False)
    with pytest.raises(Declined, match="nothing was sent"):
        require_consent("send this", CLOUD, Terminal("say"), yes=False)


def test_without_a_terminal_nobody_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_ask", lambda: False)
    with pytest.raises(InputError, match="nothing was sent") as refused:
        require_consent("send this", CLOUD, Terminal("say"), yes=False)
    assert "--yes" in refused.value.hint


@pytest.mark.parametrize(
    ("check", "is_accepted"), [(SURPLUS, True), (NEAR, True), (FAR, False), (MISSING, False)]
)
def test_yes_accepts_a_usable_result_without_a_question(
    check: PlanCheck, is_accepted: bool, questions: list[str]
) -> None:
    assert Person(Terminal("deliver"), yes=True).accepts(check, None) is is_accepted
    assert questions == []


def test_at_a_terminal_every_difference_is_asked_about(
    questions: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    person = Person(Terminal("deliver"), yes=False)
    for check in (SURPLUS, NEAR, MISSING):
        assert person.accepts(check, None)
    assert questions == ["Render it anyway?"] * 3
    shown = capsys.readouterr().err
    assert "  not requested: Subscribe!\n" in shown
    assert "  missing: Bees\n" in shown


def test_paying_again_needs_an_answer_or_its_own_option(
    questions: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal("deliver")
    assert Person(terminal, yes=False).pays_again("it has expired")
    assert questions == ["Start over, and pay again?"]
    # --yes agrees to one payment only.
    assert not Person(terminal, yes=True).pays_again("it has expired")
    assert Person(terminal, yes=True, pay_again=True).pays_again("it has expired")
    monkeypatch.setattr(module, "can_ask", lambda: False)
    assert not Person(terminal, yes=False).pays_again("it has expired")
    assert len(questions) == 1


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "n_edits"), [("y", 2), ("n", 1)])
def test_at_a_terminal_a_session_that_expired_after_a_paid_edit_is_asked_about(
    answer: str, n_edits: int, talk: Path, listing: Path, fake: FakeService
) -> None:
    fake.fail("state", faults.envelope(1002), skip=2)
    code, shown = at_terminal(
        ["deliver", talk, "--chapters", listing], [("[n]o", "y"), ("pay again?", answer)]
    )
    assert code == 0
    assert (
        "has expired at the service, and its edit, which may have been paid for, is lost" in shown
    )
    charges = [each.what for each in fake.charges]
    assert charges.count("edit") == n_edits
    assert charges.count("render") == n_edits - 1
    assert made_of(talk).is_file()


@pytest.mark.slow
def test_in_a_script_a_paid_edit_is_repeated_only_with_pay_again(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.fail("state", faults.envelope(1002), skip=2)
    done = run("deliver", talk, "--chapters", listing, "--yes")
    assert (done.code, [each.what for each in fake.charges]) == (0, ["edit"])
    assert "a paid edit of" in done.err
    (line,) = [line for line in done.err.splitlines() if "--pay-again" in line]
    command = line.rpartition("chapterize ")[2].split()
    fake.lose_sessions()
    without = [word for word in command if word != "--pay-again"]
    assert run(*without, "--yes").code == 9
    assert [each.what for each in fake.charges] == ["edit"]
    assert run(*command, "--yes").code == 0
    assert [each.what for each in fake.charges] == ["edit", "edit", "render"]


@pytest.mark.slow
def test_with_pay_again_a_delivery_starts_over_by_itself(
    talk: Path, listing: Path, fake: FakeService, run: Run
) -> None:
    fake.fail("state", faults.envelope(1002), skip=2)
    done = run("deliver", talk, "--chapters", listing, "--yes", "--pay-again", "--remote-only")
    assert done.code == 0
    assert [each.what for each in fake.charges] == ["edit", "edit", "render"]
