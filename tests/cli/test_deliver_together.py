"""Two real processes deliver at once: to one file, or with one account."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from chapterize.remote.journals import journals
from tests.deliver.scene import PROGRAM, made_of
from tests.fake_service import FakeService

pytestmark = pytest.mark.slow

N_ROUNDS = max(1, int(os.environ.get("CHAPTERIZE_TEST_ROUNDS", "6")) // 3)


def deliver_at_once(commands: Sequence[Sequence[object]]) -> list[tuple[int, str, str]]:
    """Run `chapterize deliver` several times at once; return exit codes and outputs."""
    children = [
        subprocess.Popen(
            [*PROGRAM, "deliver", *map(str, command), "--yes", "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    ends = [child.communicate(timeout=120) for child in children]
    return [(child.returncode, *end) for child, end in zip(children, ends, strict=True)]


def test_each_of_two_deliveries_reports_what_it_spent_itself(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    fake.switches.set({"pace": 0.1, "slow_render": 2, "edit_cost": 7, "render_cost": 5})
    other = Path(shutil.copy(talk, talk.with_name("other.mp4")))
    with other.open("ab") as file:
        file.write(b"\0" * 100)
    ends = deliver_at_once([(each, "--chapters", listing) for each in (talk, other)])
    assert [code for code, _, _ in ends] == [0, 0], ends
    for _, out, _ in ends:
        found = json.loads(out)
        assert found["where"] == "remote"
        assert found["credits"]["spent"] == 12.0
        assert found["credits"]["is_exact"] is True
    assert fake.credits == 100 - 24
    # They did overlap: otherwise the test shows nothing.
    acts = [(entry["at"], n) for n, each in enumerate(journals()) for entry in each.entries]
    order = [n for _, n in sorted(acts)]
    assert order != sorted(order)
    assert order != sorted(order, reverse=True)


def test_of_two_deliveries_to_one_file_only_one_pays(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    fake.switches.set({"pace": 0.01, "slow_render": 1})
    fake.credits = 10_000
    other = Path(shutil.copy(talk, talk.with_name("other.mp4")))
    with other.open("ab") as file:
        file.write(b"\0" * 100)
    for n in range(N_ROUNDS):
        target = talk.with_name(f"made-{n}.mp4")
        commands = [(each, "--chapters", listing, "-o", target) for each in (talk, other)]
        first, second = sorted(deliver_at_once(commands), key=lambda end: end[0])
        assert first[0] == 0, first
        assert second[0] == 5, second
        assert "has the same target" in second[2] or "already exists" in second[2]
        assert [each.what for each in fake.charges] == ["edit", "render"] * (n + 1)
        assert target.is_file()


def test_a_second_delivery_to_one_file_is_refused_until_the_first_is_given_up(
    talk: Path, listing: Path, fake: FakeService
) -> None:
    fake.switches.export_blocked = True
    command = (talk, "--chapters", listing)
    ((code, out, _),) = deliver_at_once([command])
    assert code == 0
    assert json.loads(out)["where"] == "local"
    n_requests = len(fake.history)
    ((code, _, errors),) = deliver_at_once([(*command, "--force")])
    assert code == 5
    assert "has the same target" in errors
    assert len(fake.history) == n_requests
    # The commands that the error names work.
    resume, cancel = re.findall(r"chapterize (remote (?:resume|cancel)[^;]*);", errors)
    fake.switches.export_blocked = False
    for named in (f"{resume} --yes", cancel):
        done = subprocess.run([*PROGRAM, *named.split()], capture_output=True, check=False)
        assert done.returncode == 0, (named, done.stderr)
    assert [each.what for each in fake.charges] == ["edit", "render"]
    assert made_of(talk).is_file()
