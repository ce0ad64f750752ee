"""Files are written atomically, and inputs are never overwritten."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from chapterize.errors import InputError, OutputError
from chapterize.files import (
    NO_ROOM,
    format_size,
    named_as,
    next_to,
    parse_size,
    printed_no_room,
    refuse_overwrite,
    refuse_sources,
    replacing,
    result_name,
    short_stem,
    state_folder,
    write_text,
)


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


def test_an_input_file_is_recognised_under_any_name(tmp_path: Path) -> None:
    source, link = tmp_path / "a.mp4", tmp_path / "b.mp4"
    source.write_text("mine")
    link.symlink_to(source)
    for target in (source, link, tmp_path / "." / "a.mp4"):
        with pytest.raises(OutputError, match="cannot write"):
            refuse_sources(target, tmp_path / "not there.txt", source)
    refuse_sources(tmp_path / "c.mp4", source, link)


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(OutputError, match="already exists") as caught:
        write_text(target, "new")
    assert "--force" in caught.value.hint
    assert target.read_text() == "old"
    write_text(target, "new", force=True)
    assert target.read_text() == "new"
    assert names(tmp_path) == {"a.txt"}


def test_a_broken_link_counts_as_a_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OutputError, match="already exists"):
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
def test_no_partial_file_stays_after_an_error(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(error):
        fail_halfway(target, error(), force=True)
    assert target.read_text() == "old"
    assert names(tmp_path) == {"a.txt"}


def test_a_file_created_in_the_meantime_is_not_overwritten(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with pytest.raises(OutputError, match="already exists"):
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


def test_a_result_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_text(tmp_path / "a.txt", "new")
    finally:
        os.umask(mask)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    mask = os.umask(0)
    try:
        with replacing(tmp_path / "a.txt", mode=0o600) as temporary:
            assert temporary.stat().st_mode & 0o777 == 0o600
            temporary.write_text("secret")
    finally:
        os.umask(mask)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EDQUOT, "disk is full"),
        (errno.EFBIG, "larger than the disk or a limit of this system"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "no permission"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_disk_failures_are_explained_in_plain_words(tmp_path: Path, code: int, why: str) -> None:
    with pytest.raises(OutputError, match="cannot write") as caught:
        fail_halfway(tmp_path / "a.txt", OSError(code, os.strerror(code)))
    assert why in caught.value.why
    assert isinstance(caught.value.__cause__, OSError)
    assert names(tmp_path) == set()


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("[out#0] Error writing trailer: No space left on device\n", errno.ENOSPC),
        ("av_interleaved_write_frame(): Disk quota exceeded\nConversion failed!\n", errno.EDQUOT),
        ("Error closing file: File too large\n", errno.EFBIG),
        ("Error opening input file:no space left on device.mp4: Invalid data found\n", None),
        ("", None),
    ],
)
def test_a_full_disk_is_read_from_what_a_program_printed(printed: str, number: int | None) -> None:
    assert printed_no_room(printed) == (None if number is None else NO_ROOM[number])


def test_the_workspace_is_created_for_the_temporary_file_and_deleted_with_it(
    tmp_path: Path,
) -> None:
    target, workspace = tmp_path / "talk.mp4", tmp_path / "workspace"
    with replacing(target, workspace=workspace) as temporary:
        assert (temporary.parent, temporary.suffix) == (workspace, ".mp4")
        temporary.write_text("whole")
        (workspace / "stray.txt").write_text("left behind")
    assert names(tmp_path) == {"talk.mp4"}
    with pytest.raises(KeyboardInterrupt), replacing(target, force=True, workspace=workspace):
        raise KeyboardInterrupt
    assert names(tmp_path) == {"talk.mp4"}
    assert target.read_text() == "whole"


def test_a_workspace_that_cannot_be_created_is_explained(tmp_path: Path) -> None:
    workspace = tmp_path / "none" / "workspace"
    with pytest.raises(OutputError), replacing(tmp_path / "none" / "talk.mp4", workspace=workspace):
        pass


@pytest.mark.parametrize(
    ("n_bytes", "plain", "over", "limit"),
    [
        (0, "0.0 MB", "0.0 MB", "0.0 MB"),
        (449_999, "0.4 MB", "0.5 MB", "0.4 MB"),
        (499_934_464, "499.9 MB", "500.0 MB", "499.9 MB"),
        (500_000_000, "500.0 MB", "500.0 MB", "500.0 MB"),
        (500_000_001, "500.0 MB", "500.1 MB", "500.0 MB"),
        (12_345_678_901, "12345.7 MB", "12345.7 MB", "12345.6 MB"),
    ],
)
def test_a_size_over_a_limit_never_reads_like_the_limit(
    n_bytes: int, plain: str, over: str, limit: str
) -> None:
    assert format_size(n_bytes) == plain
    assert format_size(n_bytes, is_over=True) == over
    assert format_size(n_bytes, is_limit=True) == limit


def test_the_state_folder_can_be_overridden(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "mine"))
    assert state_folder() == tmp_path / "mine"
    monkeypatch.delenv("CHAPTERIZE_STATE")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder().is_absolute()
    assert state_folder().name == "chapterize"


def test_a_source_that_is_gone_is_not_taken_for_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught, replacing(tmp_path / "made.mp4"):
        (tmp_path / "talk.mp4").stat()
    assert caught.value.why == f"{tmp_path / 'talk.mp4'} does not exist"
    assert not caught.value.hint


@pytest.mark.parametrize(
    ("text", "n_bytes"),
    [
        ("0", 0),
        ("500", 500),
        ("5GB", 5_000_000_000),
        ("1.5 gb", 1_500_000_000),
        ("2GiB", 2 * 1024**3),
        ("800M", 800_000_000),
        ("3kB", 3000),
    ],
)
def test_a_size_is_read(text: str, n_bytes: int) -> None:
    assert parse_size(text, "--max") == n_bytes


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "5 bananas", "1e9", "5iB", "nan"])
def test_what_is_no_size_is_an_error(text: str) -> None:
    with pytest.raises(InputError, match="is not a size"):
        parse_size(text, "--max")


@pytest.mark.parametrize(
    "stem", ["x" * 246, "\u8b1b" * 83, "e\u0301" * 83, "👨\u200d👩\u200d👧" * 14]
)
def test_a_name_that_would_be_too_long_is_shortened(tmp_path: Path, stem: str) -> None:
    names_of = [result_name(stem, end) for end in ("-chapters.mp4", ".youtube.txt", ".part" * 9)]
    assert all(len(os.fsencode(name)) <= 255 for name in names_of)
    assert names_of[0] == result_name(stem, "-chapters.mp4")
    assert names_of[1] == f"{short_stem(stem)}.youtube.txt"
    assert result_name(f"{stem[:-1]}y", ".youtube.txt") != names_of[1]
    write_text(tmp_path / names_of[0], "")


def test_a_short_name_does_not_depend_on_how_accents_are_composed() -> None:
    assert short_stem("é" * 120) == short_stem("e\u0301" * 120)


def test_a_name_that_fits_stays() -> None:
    assert result_name("x" * 242, "-chapters.mp4") == "x" * 242 + "-chapters.mp4"
    assert next_to(Path("a/talk.mov"), "-chapters.mp4") == Path("a/talk-chapters.mp4")
    assert len(result_name("y" * 251, ".srt")) == 255


def test_a_long_suffix_is_not_part_of_the_temporary_name(tmp_path: Path) -> None:
    target = tmp_path / f"vol. {'x' * 240}"
    write_text(target, "text")
    assert target.read_text() == "text"


def test_a_name_that_a_user_gives_too_long_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write_text(tmp_path / f"{'x' * 300}.txt", "text")
    assert "too long" in caught.value.why.lower()


@pytest.mark.parametrize(
    ("target", "named"),
    [
        ("x.jpg", "x.png"),
        ("my talk", "'my talk.png'"),
        ("it's.jpg", "'it'\"'\"'s.png'"),
        (".png", "talk.png"),
    ],
)
def test_a_suggested_name_can_be_pasted(target: str, named: str) -> None:
    assert named_as(Path(target), ".png") == named
