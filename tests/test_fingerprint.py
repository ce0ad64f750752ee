"""Media files are identified by their content."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chapterize.errors import InputError
from chapterize.fingerprint import _samples, file_fingerprint

MIB = 1024 * 1024


def _big(path: Path, size: int) -> Path:
    """A sparse file with a number at every mebibyte."""
    with path.open("wb") as file:
        for start in range(0, size, MIB):
            file.seek(start)
            file.write(start.to_bytes(8, "big"))
        file.truncate(size)
    return path


def test_the_same_content_has_the_same_fingerprint_under_any_name(tmp_path: Path) -> None:
    first, second = _big(tmp_path / "a.mp4", 9 * MIB), _big(tmp_path / "-b 日本.mkv", 9 * MIB)
    os.utime(second, (1, 1))
    assert file_fingerprint(first) == file_fingerprint(second)
    assert len(file_fingerprint(first)) == 32


@pytest.mark.parametrize("where", [0, 100_000, 9 * MIB - 1])
def test_a_change_at_either_end_changes_the_fingerprint(tmp_path: Path, where: int) -> None:
    path = _big(tmp_path / "a.mp4", 9 * MIB)
    before = file_fingerprint(path)
    with path.open("r+b") as file:
        file.seek(where)
        file.write(b"!")
    assert file_fingerprint(path) != before


def test_another_middle_changes_the_fingerprint(tmp_path: Path) -> None:
    path = _big(tmp_path / "a.mp4", 64 * MIB)
    before = file_fingerprint(path)
    with path.open("r+b") as file:
        file.seek(20 * MIB)
        file.write(os.urandom(8 * MIB))
    assert file_fingerprint(path) != before


def test_a_longer_file_has_another_fingerprint(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(9 * MIB))
    before = file_fingerprint(path)
    path.write_bytes(bytes(9 * MIB + 1))
    assert file_fingerprint(path) != before


@pytest.mark.parametrize("where", range(0, MIB + 1, MIB // 8))
def test_a_small_file_is_read_completely(tmp_path: Path, where: int) -> None:
    content = bytearray(MIB + 1)
    (tmp_path / "a").write_bytes(content)
    content[where] = 1
    (tmp_path / "b").write_bytes(content)
    assert file_fingerprint(tmp_path / "a") != file_fingerprint(tmp_path / "b")


def test_less_than_two_megabytes_of_a_ten_gigabyte_file_are_read(tmp_path: Path) -> None:
    long = tmp_path / "long.mkv"
    with long.open("wb") as file:
        file.truncate(10_000 * MIB)
    before = file_fingerprint(long)
    blocks = _samples(10_000 * MIB)
    assert sum(length for _, length in blocks) < 2 * MIB
    with long.open("rb+") as file:
        file.seek(blocks[9][0])
        file.write(b"!")
    assert file_fingerprint(long) != before


def test_an_empty_file_has_a_fingerprint_and_a_missing_one_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert len(file_fingerprint(tmp_path / "empty")) == 32
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(InputError, match="cannot read"):
            file_fingerprint(path)
