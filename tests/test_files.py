"""Files are written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from chapterize.errors import OutputError
from chapterize.files import refuse_overwrite, refuse_sources, replacing, write_text


def fail_halfway(target: Path, error: BaseException, *, force: bool = False) -> None:
    with replacing(target, force=force) as temporary:
        temporary.write_text("half of the n")
        raise error


def write_too_late(target: Path) -> None:
    with replacing(target) as temporary:
        temporary.write_text("mine")
        target.write_text("theirs")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_text_is_written_as_utf_8_with_plain_line_ends(tmp_path: Path) -> None:
    target = tmp_path / "-a 'b' 100% 日本語.txt"
    write_text(target, "é\nß\n")
    assert target.read_bytes() == "é\nß\n".encode()
    assert names(tmp_path) == {target.name}


def test_a_source_is_known_by_any_name(tmp_path: Path) -> None:
    source, link = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.write_text("mine")
    link.symlink_to(source)
    for target in (source, link, tmp_path / "." / "a.mp4"):
        with pytest.raises(OutputError, match="cannot write"):
            refuse_sources(target, tmp_path / "not there.txt", source)
    refuse_sources(tmp_path / "c.mp4", source, link)


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(OutputError, match="exists already") as caught:
        write_text(target, "new")
    assert "--force" in caught.value.hint
    assert target.read_text() == "old"
    write_text(target, "new", force=True)
    assert target.read_text() == "new"
    assert names(tmp_path) == {"a.txt"}


def test_a_link_to_nowhere_counts_as_a_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="exists already"):
        refuse_overwrite(target, force=False)


def test_a_directory_is_never_replaced(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.mkdir()
    with pytest.raises(OutputError, match="directory"):
        write_text(target, "new", force=True)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="does not exist"):
        write_text(tmp_path / "none" / "a.txt", "new")


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_whatever_happens_no_half_file_stays(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(error):
        fail_halfway(target, error(), force=True)
    assert target.read_text() == "old"
    assert names(tmp_path) == {"a.txt"}


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with pytest.raises(OutputError, match="exists already"):
        write_too_late(target)
    assert target.read_text() == "theirs"
    assert names(tmp_path) == {"a.txt"}


def test_the_temporary_name_keeps_the_suffix_and_the_folder(tmp_path: Path) -> None:
    with replacing(tmp_path / "talk.mkv") as temporary:
        assert (temporary.suffix, temporary.parent) == (".mkv", tmp_path)
        temporary.write_bytes(b"x")


def test_a_name_as_long_as_the_file_system_allows_works(tmp_path: Path) -> None:
    target = tmp_path / ("a" * 251 + ".txt")
    write_text(target, "new")
    assert target.read_text() == "new"


def test_a_result_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "new")
    finally:
        os.umask(mask)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "disk is full"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "no permission"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_failures_of_the_disk_are_told_in_plain_words(tmp_path: Path, code: int, why: str) -> None:
    with pytest.raises(OutputError, match="cannot write") as caught:
        fail_halfway(tmp_path / "a.txt", OSError(code, os.strerror(code)))
    assert why in caught.value.why
    assert isinstance(caught.value.__cause__, OSError)
    assert names(tmp_path) == set()


def test_a_room_is_made_for_the_temporary_file_and_leaves_with_it(tmp_path: Path) -> None:
    target, room = tmp_path / "talk.mp4", tmp_path / "room"
    with replacing(target, room=room) as temporary:
        assert (temporary.parent, temporary.suffix) == (room, ".mp4")
        temporary.write_text("whole")
        (room / "of somebody inside").write_text("left behind")
    assert names(tmp_path) == {"talk.mp4"}
    with pytest.raises(KeyboardInterrupt), replacing(target, force=True, room=room):
        raise KeyboardInterrupt
    assert names(tmp_path) == {"talk.mp4"}
    assert target.read_text() == "whole"


def test_a_room_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    room = tmp_path / "none" / "room"
    with pytest.raises(OutputError), replacing(tmp_path / "none" / "talk.mp4", room=room):
        pass
