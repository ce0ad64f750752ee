"""One server for each file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chapterize.errors import OutputError
from chapterize.review import Instance, announce, other_instance, take_link

ADDRESS = "http://127.0.0.1:1/#token=secret"
SERVER = Instance(os.getpid(), ADDRESS, ("http://127.0.0.1:1/open/a",))


def test_the_first_has_the_file_and_a_second_finds_its_page(tmp_path: Path) -> None:
    file = tmp_path / "state" / "x.json"
    with other_instance(file) as first:
        assert first is None
        announce(file, SERVER)
        with other_instance(file) as second:
            assert second == SERVER
        with other_instance(file) as third:
            assert third is not None
    with other_instance(file) as after:
        assert after is None


def test_a_server_that_has_not_said_where_it_is_has_no_address(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    with other_instance(file):
        for text in (None, "", "{", "[]", '{"pid": 1}', "null"):
            if text is not None:
                file.with_suffix(".page").write_text(text)
            with other_instance(file) as second:
                assert second == Instance(0, "")


def test_each_link_is_taken_once_and_then_the_address(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    with other_instance(file):
        announce(file, SERVER)
        for expected in (*SERVER.links, ADDRESS, ADDRESS):
            with other_instance(file) as second:
                assert second is not None
                assert take_link(file, second) == expected


def test_an_error_in_the_block_releases_the_file(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    with pytest.raises(KeyError), other_instance(file):
        raise KeyError
    with other_instance(file) as after:
        assert after is None


def test_the_address_is_private_and_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    with other_instance(file):
        announce(file, SERVER)
        page = file.with_suffix(".page")
        assert page.stat().st_mode & 0o077 == 0
    assert not page.exists()
    assert "secret" not in repr(Instance(1, ADDRESS))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with (
        pytest.raises(OutputError, match="cannot create the folder"),
        other_instance(tmp_path / "state" / "x.json"),
    ):
        raise AssertionError
