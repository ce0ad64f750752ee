"""The body of a request: files arrive whole under their names, and JSON unchanged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chapterize.errors import InputError
from tests.fake_service import FakeService
from tests.remote.caller import Caller


@pytest.mark.parametrize(
    "name",
    ['the "best" talk.mp4', "日本語の講義.mp4", "a;b=c.mp4", "señal 100%.mp4", "x\udcff.mp4"],
)
def test_a_file_arrives_under_its_name_and_whole(
    fake: FakeService, caller: Caller, name: str
) -> None:
    pieces: list[int] = []
    caller.client.upload_files(caller.sid, {name: caller.video}, pieces.append)
    taken = fake.sessions[caller.sid].uploads[-1]
    assert taken.filename == name.replace("\udcff", "?")
    assert taken.n_bytes == sum(pieces) == caller.video.stat().st_size


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1\r\n\r\nb.mp4", "a\nb.mp4", "a\0b.mp4"])
def test_a_line_break_in_a_name_breaks_nothing(
    fake: FakeService, caller: Caller, name: str
) -> None:
    caller.client.upload_files(caller.sid, {name: caller.video})
    taken = fake.sessions[caller.sid].uploads[-1]
    assert taken.n_bytes == caller.video.stat().st_size
    assert taken.filename.isprintable()


def test_a_file_that_cannot_be_read_is_an_input_error(caller: Caller, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        caller.client.upload_files(caller.sid, {"a.mp4": tmp_path / "none.mp4"})


def test_a_draft_is_returned_unchanged(fake: FakeService, caller: Caller) -> None:
    odd = json.loads('{"t":[{"sg":[{"x":"\\ud83d","n":NaN,"i":1e999}]}],"ü":1.10,"z":null,"a":[]}')
    caller.client.start_render(caller.sid, "render_odd", odd)
    returned = caller.last("render").body["draft"]
    assert json.dumps(returned) == json.dumps(odd)
