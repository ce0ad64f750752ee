"""``kill -9`` at any point: `chapterize remote resume` makes the video, and nothing is paid twice.

The deliveries are real processes that kill themselves (see `killed_runs`); the program itself
resumes them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chapterize.deliver import Conversation
from chapterize.errors import InputError
from chapterize.media import open_media
from chapterize.remote.identity import Identity
from chapterize.remote.journal import SessionJournal
from chapterize.remote.journals import journals
from tests.conftest import MakeMedia
from tests.fake_service import FakeService, faults, running_service
from tests.remote.killed_runs import CHAPTERS
from tests.remote.users import FakeUser

FEW_ROUNDS = 6
N_ROUNDS = int(os.environ.get("CHAPTERIZE_TEST_ROUNDS", FEW_ROUNDS))
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ACTS = ("begin", "job", "session", "upload", "message", "render", "download", "end")


@dataclass(frozen=True)
class Case:
    """One delivery to be killed, and what is left of it."""

    fake: FakeService
    source: Path
    folder: Path
    kill: tuple[Any, ...]
    say: str = ""
    exports: bool = False

    @property
    def target(self) -> Path:
        return self.folder / "talk-chapters.mp4"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def journal(self) -> SessionJournal | None:
        return next(journals(self.state), None)

    def order(self) -> str:
        """The line that `killed_runs` reads."""
        self.folder.mkdir()
        names = ("source", "target", "state", "say")
        own = {name: str(getattr(self, name)) for name in names}
        return json.dumps(own | {"kill": self.kill, "exports": self.exports})

    def resume(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = ["-m", "chapterize", "remote", "resume", "--yes", "--json", *options]
        return run_python(self.fake, command, state=self.state)

    def counts(self) -> dict[str, int]:
        """What the service has accepted from this user."""
        kept = self.state / "token.json"
        token = json.loads(kept.read_text())["token"] if kept.is_file() else None
        with self.fake.lock:
            owner = self.fake.tokens[token].account if token else None
            mine = [each for each in self.fake.sessions.values() if each.owner is owner]
            ids = {each.id for each in mine}
            charges = [each.what for each in self.fake.charges if each.session in ids]
            return {
                "uploads": sum(len(each.uploads) for each in mine),
                "messages": sum(each.session in ids for each in self.fake.messages),
                "renders": charges.count("render"),
            }

    def leftovers(self) -> list[str]:
        return [path.name for path in self.folder.rglob(".chapterize-*")]

    def check_done(self) -> None:
        """The video exists with its chapters, was paid for once, and nothing is left to do."""
        media = open_media(self.target)
        assert media.has_video
        assert [c.title for c in media.chapters] == list(CHAPTERS.titles), self.kill
        assert [c.start for c in media.chapters] == pytest.approx(CHAPTERS.starts, abs=0.05)
        assert self.counts() == {"uploads": 1, "messages": 1, "renders": 1}, self.kill
        assert self.leftovers() == [], self.kill
        assert self.is_over()

    def is_over(self) -> bool:
        """Whether `resume` finds nothing to do."""
        with pytest.raises(InputError) as nothing:
            Conversation(Identity(self.fake.base, self.state), FakeUser()).resume()
        return nothing.value.exit_code == 3


def run_python(
    fake: FakeService, command: Sequence[str], *, state: Path, words: str = ""
) -> subprocess.CompletedProcess[str]:
    own = {"NEMO_API_URL": fake.base, "CHAPTERIZE_PACE": "0.004", "CHAPTERIZE_STATE": str(state)}
    env = {name: value for name, value in os.environ.items() if name != "NEMO_TOKEN"} | own
    return subprocess.run(
        [sys.executable, *command],
        env=env,
        cwd=ROOT,
        input=words,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run_killed(cases: Sequence[Case]) -> list[int]:
    """Run the deliveries in turn; return the exit code of each (-9: SIGKILL)."""
    orders = "".join(f"{case.order()}\n" for case in cases)
    command = ["-m", "tests.remote.killed_runs"]
    done = run_python(cases[0].fake, command, state=cases[0].state, words=orders)
    codes = [int(line) for line in done.stdout.split()]
    assert len(codes) == len(cases), done.stderr
    return codes


@pytest.fixture(scope="module")
def source(make_media: MakeMedia) -> Path:
    """Six seconds of noise and a tone: some hundred kilobytes, sent in several pieces."""
    video = ("-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=6,noise=alls=40:allf=t")
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=6")
    h264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-crf", "35")
    return make_media("talk.mp4", *video, *tone, *h264, "-c:a", "aac", "-b:a", "64k")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeService]:
    """One service for all cases; each case is a user of its own."""
    with running_service(tmp_path_factory.mktemp("service")) as fake:
        yield fake
        assert fake.complaints == []


def make_case(fake: FakeService, source: Path, folder: Path, *kill: Any) -> Case:
    name = "-".join(str(part) for part in kill)
    return Case(fake, source, folder / name, kill)


def check_resumed(case: Case) -> str:
    """Resume a killed delivery; return how that went."""
    journal, before = case.journal, case.counts()
    acts = [entry["act"] for entry in journal.entries] if journal else []
    done = case.resume()
    if "job" not in acts:
        # Nothing was recorded, and nothing was sent.
        assert done.returncode == 3, (case.kill, done.stderr)
        assert case.counts() == {"uploads": 0, "messages": 0, "renders": 0}
        return "nothing"
    if acts[-1] == "message" and before["messages"] == 0:
        assert done.returncode == 10, (case.kill, done.stderr)
        assert "outcome of the message is unknown" in done.stderr
        assert case.counts()["messages"] == 0
        done = case.resume("--send-again")
        how = "sent again"
    else:
        how = "resumed"
    assert done.returncode == 0, (case.kill, done.stderr)
    (made,) = json.loads(done.stdout)
    assert made["where"] == "remote"
    assert Path(made["path"]) == case.target
    case.check_done()
    return how


def test_a_kill_around_any_line_of_the_journal(
    shared: FakeService, source: Path, tmp_path: Path
) -> None:
    whole = make_case(shared, source, tmp_path, "line", 0, "never")
    assert run_killed([whole]) == [0]
    whole.check_done()
    assert whole.journal is not None
    acts = [entry["act"] for entry in whole.journal.entries]
    assert set(ACTS) <= set(acts)
    cases = [
        make_case(shared, source, tmp_path, "line", number, side)
        for number in range(1, len(acts) + 1)
        for side in ("before", "after")
        # After the last line everything is done.
        if (number, side) != (len(acts), "after")
    ]
    with ThreadPoolExecutor(2) as pool:
        codes = [code for part in pool.map(run_killed, (cases[::2], cases[1::2])) for code in part]
        assert codes == [-signal.SIGKILL] * len(cases)
        ends = list(pool.map(check_resumed, cases))
    assert ends.count("sent again") == 1
    assert ends.count("nothing") == 3
    assert ends.count("resumed") == len(cases) - 4


MIDDLES: tuple[tuple[str, float], ...] = (
    *(("uploading", part) for part in (0.01, 0.6, 1.0)),
    ("rendering", 0.0),
    *(("downloading", part) for part in (0.01, 0.6)),
    ("embedding", 0),
)


def test_a_kill_in_the_middle_of_an_act(shared: FakeService, source: Path, tmp_path: Path) -> None:
    shared.switches.slow_render = 2
    cases = [make_case(shared, source, tmp_path, *kill) for kill in MIDDLES]
    assert run_killed(cases) == [-signal.SIGKILL] * len(cases)
    assert cases[1].leftovers() == []
    assert cases[-1].leftovers() != []
    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(check_resumed, cases)) == {"resumed"}


SAID = (
    (5, "before", 3, 0),  # it was not recorded yet
    (5, "after", 0, 1),  # the message was recorded, but not sent
    (7, "after", 10, 0),  # its outcome is unknown
    (8, "before", 0, 1),  # sent, and its effect shows
    (8, "after", 3, 1),  # all was done
)
"""Line and side of the kill, exit code of `resume`, and messages at the service."""


def test_a_kill_while_a_message_is_sent(shared: FakeService, source: Path, tmp_path: Path) -> None:
    cases = [
        Case(shared, source, tmp_path / f"{n}-{side}", ("line", n, side), "more light, please")
        for n, side, _, _ in SAID
    ]
    assert run_killed(cases) == [-signal.SIGKILL] * len(cases)
    for case, (number, side, code, n_messages) in zip(cases, SAID, strict=True):
        assert case.resume().returncode == code, (number, side)
        assert case.counts()["messages"] == n_messages, (number, side)
        if code == 10:
            assert case.resume("--send-again").returncode == 0
            assert case.counts()["messages"] == 1
        assert case.is_over()


def test_a_kill_before_the_export_that_a_message_asked_for(
    shared: FakeService, source: Path, tmp_path: Path
) -> None:
    # From the line of the message to that of the finished export.
    kills = [(n, side) for n in range(5, 20) for side in ("before", "after")]
    if N_ROUNDS == FEW_ROUNDS:
        # Both sides of every third line: each run starts three processes.
        kills = [*kills[:-1:3], kills[-1]]
    cases = [
        Case(shared, source, tmp_path / f"{n}-{side}", ("line", n, side), "more light", True)
        for n, side in kills
    ]
    assert run_killed(cases) == [-signal.SIGKILL] * len(cases)
    for case in cases[1:-1]:
        assert case.journal is not None
        assert case.journal.open_export() is not None or case.journal.pending_message()
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda case: case.resume("--send-again").returncode, cases))
    # Nothing was recorded before the first; the last was finished.
    assert codes == [3, *[0] * (len(cases) - 2), 3]
    for case in cases[1:]:
        assert open_media(case.target).has_video
        assert case.counts() == {"uploads": 1, "messages": 1, "renders": 1}, case.kill
        assert case.leftovers() == []
        assert case.is_over()


def test_two_resumes_at_once_pay_once(shared: FakeService, source: Path, tmp_path: Path) -> None:
    shared.switches.slow_render = 2
    line = ("line", 6, "after")  # the upload is done, the message is not sent
    cases = [make_case(shared, source, tmp_path / str(n), *line) for n in range(N_ROUNDS)]
    for case in cases:
        case.folder.parent.mkdir()
    assert run_killed(cases) == [-signal.SIGKILL] * N_ROUNDS
    seen = set()
    for case in cases:
        assert case.counts() == {"uploads": 1, "messages": 0, "renders": 0}
        with ThreadPoolExecutor(2) as pool:
            first, second = sorted(
                pool.map(lambda case: case.resume(), [case] * 2), key=lambda done: done.returncode
            )
        assert first.returncode == 0, first.stderr
        # The second is refused; or it starts after the first has ended, and finds nothing to do.
        assert second.returncode in (3, 12), second.stderr
        seen.add(second.returncode)
        if second.returncode == 12:
            assert "is in use" in second.stderr
            assert "chapterize remote resume, process " in second.stderr
        case.check_done()
        lines = next((case.state / "sessions").glob("*.jsonl")).read_text().splitlines()
        assert all(isinstance(json.loads(line), dict) for line in lines)
    assert 12 in seen


def test_two_first_runs_fetch_one_starter_token(
    shared: FakeService, source: Path, tmp_path: Path
) -> None:
    command = ["-m", "chapterize", "remote", "credits", "--json"]
    before = len(shared.tokens)
    # The first request takes long: without a lock, the other processes fetch tokens meanwhile.
    shared.fail("anonymous-token", faults.timeout(1.5))
    with ThreadPoolExecutor(3) as pool:
        runs = [pool.submit(run_python, shared, command, state=tmp_path) for _ in range(3)]
    assert [run.result().returncode for run in runs] == [0, 0, 0]
    waits = "Another command is fetching a token; waiting."
    assert sum(waits in run.result().stderr for run in runs) == 2
    assert len(shared.tokens) == before + 1
