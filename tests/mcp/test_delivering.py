"""The tool deliver: nothing is sent until the user's agreement is stated."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from tests.deliver.scene import PROGRAM, titles_in
from tests.fake_service import FakeService
from tests.mcp.agent import agent, failed, files_in, made

pytestmark = pytest.mark.slow

TALK = {"source": "talk.mp4", "chapters": "talk.txt"}
TITLES = ["Opening", "Bees", "End"]


async def test_without_the_confirmation_the_offer_is_shown_and_nothing_is_sent(
    folder: Path, fake: FakeService, tmp_path: Path
) -> None:
    before = files_in(folder)
    async with agent(folder) as client:
        for arguments in (TALK, {**TALK, "confirmed": False}, {**TALK, "confirm": True}):
            found = made(await client.call_tool("deliver", arguments))
            assert found["sent"] is False
            assert "only after the user has agreed" in found["next"]
    offer = found["offer"]
    assert offer["source"] == str(folder / "talk.mp4")
    assert offer["size_bytes"] == (folder / "talk.mp4").stat().st_size
    assert offer["host"] == fake.base.removeprefix("http://")
    assert offer["service"].endswith("a service on this machine")
    assert "credits" in offer["cost"]
    assert [each["title"] for each in offer["chapters"]] == TITLES
    assert fake.history == []
    assert not (tmp_path / "state").exists()
    assert files_in(folder) == before


async def test_with_the_confirmation_the_service_makes_the_video(
    folder: Path, fake: FakeService
) -> None:
    messages: list[str | None] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        messages.append(message)

    async with agent(folder) as client:
        arguments = {**TALK, "confirmed": True, "output": "done.mp4"}
        found = made(await client.call_tool("deliver", arguments, None, on_progress))
    assert (found["sent"], found["where"]) == (True, "remote")
    assert Path(found["path"]) == folder / "done.mp4"
    assert found["credits"]["spent"] == 20
    assert titles_in(folder / "done.mp4") == TITLES
    assert len(fake.messages) == len(fake.renders) == 1
    assert messages
    (token,) = fake.tokens
    assert token not in str(found)


@pytest.mark.parametrize(
    ("given", "titles", "start"),
    [
        ({}, ["开场白与今天的内容", "蜜蜂是怎样跳舞的", "总结与提问"], "请"),
        ({"language": "de"}, TITLES, "Bitte"),
    ],
)
async def test_the_offer_shows_the_message_that_is_sent_in_the_language_of_the_titles(
    given: dict[str, str], titles: list[str], start: str, folder: Path, fake: FakeService
) -> None:
    rows = "".join(f"0:0{n} {title}\n" for n, title in enumerate(titles))
    (folder / "talk.txt").write_text(rows, encoding="utf-8")
    async with agent(folder) as client:
        offer = made(await client.call_tool("deliver", {**TALK, **given}))["offer"]
        made(await client.call_tool("deliver", {**TALK, **given, "confirmed": True}))
    assert offer["message"].startswith(start)
    assert [each.text for each in fake.messages] == [offer["message"]]


async def test_a_failing_service_leads_to_a_local_result_with_the_reason(
    folder: Path, fake: FakeService
) -> None:
    fake.switches.export_blocked = True
    async with agent(folder) as client:
        found = made(await client.call_tool("deliver", {**TALK, "confirmed": True}))
        assert (found["sent"], found["where"]) == (True, "local")
        assert "the plan does not include exports" in found["reason"]
        assert "chapterize remote resume" in found["way_back"]
        assert titles_in(Path(found["path"])) == TITLES
        arguments = {**TALK, "confirmed": True, "where": "remote", "output": "other.mp4"}
        error = failed(await client.call_tool("deliver", arguments))
        assert error["exit_code"] == 9
    assert "other.mp4" not in files_in(folder)


async def test_a_delivery_that_was_cancelled_is_not_paid_for_a_second_time(
    folder: Path, fake: FakeService
) -> None:
    fake.switches.heartbeats_only, fake.switches.edit_moment = 3.0, "before"
    arguments = {**TALK, "confirmed": True}
    async with agent(folder) as client:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "deliver", arguments)
            while not fake.messages:
                await anyio.sleep(0.05)
            group.cancel_scope.cancel()
        again = failed(await client.call_tool("deliver", {**arguments, "force": True}))
        assert "chapterize remote resume" in again["next"]
        assert len(fake.messages) == 1
    done = await anyio.run_process([*PROGRAM, "remote", "resume", "--yes"], cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    assert len(fake.messages) == len(fake.renders) == 1
    assert titles_in(folder / "talk-chapters.mp4") == TITLES


async def test_a_local_result_needs_no_confirmation(folder: Path, fake: FakeService) -> None:
    async with agent(folder) as client:
        found = made(await client.call_tool("deliver", {**TALK, "where": "local"}))
        assert (found["sent"], found["where"]) == (False, "local")
        again = failed(await client.call_tool("deliver", {**TALK, "confirmed": True}))
        assert again["exit_code"] == 5
    assert titles_in(Path(found["path"])) == TITLES
    assert fake.history == []


async def test_a_file_that_is_too_large_is_only_sent_as_a_proxy_if_that_was_asked_for(
    folder: Path, fake: FakeService
) -> None:
    with (folder / "talk.mp4").open("ab") as file:
        file.truncate(501_000_000)
    async with agent(folder) as client:
        found = made(await client.call_tool("deliver", TALK))
        assert found["offer"]["is_accepted"] is False
        assert found["offer"]["proxy"]["height"] > 0
        found = made(await client.call_tool("deliver", {**TALK, "confirmed": True}))
        assert (found["sent"], found["where"]) == (False, "local")
        assert fake.history == []
        arguments = {**TALK, "confirmed": True, "proxy": True, "force": True}
        found = made(await client.call_tool("deliver", arguments))
    assert (found["sent"], found["where"]) == (True, "remote")
