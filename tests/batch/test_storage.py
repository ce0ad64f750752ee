from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from chapterize.batch import storage
from chapterize.batch.remote_items import find_remote, remote_folder
from chapterize.batch.storage import (
    is_remote,
    local_copy,
    read_remote,
    remote_file,
    remote_files,
    remove_remote,
    write_remote,
)
from chapterize.errors import InputError, MissingDependency, OutputError


@pytest.fixture
def memory() -> Iterator[Any]:
    import fsspec

    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def put(memory: Any, **contents: bytes) -> None:
    for name, content in contents.items():
        memory.pipe(f"/talks/{name}", content)


@pytest.mark.parametrize(
    "text", ["s3://talks/2024", "gs://a/b.mp4", "S3://A", "local:///tmp", "memory://x"]
)
def test_addresses_of_storage_are_remote(text: str) -> None:
    assert is_remote(text)


@pytest.mark.parametrize(
    "text",
    ["talk.mp4", "/a/s3:/b", "https://a/b.mp4", "file:///a", "zip://a", "C:/s3://x", "s3:/a"],
)
def test_paths_and_web_addresses_are_not(text: str) -> None:
    assert not is_remote(text)


def test_a_folder_is_listed_once_with_sizes_times_and_versions(memory: Any) -> None:
    memory.pipe({"/talks/b.mp4": b"123", "/talks/week 1/ä#?.mp4": b"1"})
    files = remote_files("memory://talks")
    assert [str(file.relative) for file in files] == ["b.mp4", "week 1/ä#?.mp4"]
    assert [file.size_bytes for file in files] == [3, 1]
    assert files[1].url == "memory://talks/week 1/ä#?.mp4"
    assert all(file.mtime_ns > 1e18 for file in files)
    assert [str(file.relative) for file in remote_files("memory://talks/", recursive=False)] == [
        "b.mp4"
    ]


def test_a_missing_folder_has_no_files(memory: Any) -> None:
    assert remote_files("memory://nothing") == []
    assert remote_file("memory://nothing/a.mp4") is None
    assert read_remote("memory://nothing/a.mp4") is None
    remove_remote("memory://nothing/a.mp4")


@pytest.mark.parametrize(
    ("info", "version"),
    [
        ({"size": 3, "ETag": '"abc"', "LastModified": "2024-05-01T00:00:00Z"}, '3:ETag:"abc"'),
        ({"size": 3, "md5Hash": "xyz", "updated": "2024-05-01T00:00:00Z"}, "3:md5Hash:xyz"),
        ({"size": 3, "mtime": 1.5}, "3:at:1500000000"),
        ({"size": None}, "0:at:0"),
    ],
)
def test_the_version_is_the_tag_of_the_storage_or_else_the_time(
    info: dict[str, Any], version: str
) -> None:
    assert storage._file("s3://a/b", PurePosixPath("b"), info).version == version


def test_a_copy_has_its_name_and_its_captions_and_is_deleted(memory: Any, tmp_path: Path) -> None:
    memory.pipe({"/talks/talk.mp4": b"video", "/talks/talk.en.vtt": b"WEBVTT"})
    with local_copy("memory://talks/talk.mp4", ["talk.en.vtt"], folder=tmp_path) as path:
        assert path.name == "talk.mp4"
        assert path.read_bytes() == b"video"
        assert path.with_name("talk.en.vtt").read_bytes() == b"WEBVTT"
    assert [left.name for left in tmp_path.iterdir()] == ["lock"]


def test_a_copy_is_deleted_after_an_error_inside(memory: Any, tmp_path: Path) -> None:
    memory.pipe("/talks/talk.mp4", b"video")
    with pytest.raises(KeyboardInterrupt), local_copy("memory://talks/talk.mp4", folder=tmp_path):
        raise KeyboardInterrupt
    assert [left.name for left in tmp_path.iterdir()] == ["lock"]


def test_a_copy_that_is_cut_off_is_an_error(
    memory: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.pipe("/talks/talk.mp4", b"video")
    cut = lambda self, name, target: Path(target).write_bytes(b"vid")  # noqa: E731
    monkeypatch.setattr(type(memory), "get_file", cut)
    with pytest.raises(InputError) as caught, local_copy("memory://talks/talk.mp4"):
        pass
    assert caught.value.why == "3 bytes of 5 arrived"


def test_a_missing_file_is_an_input_error(memory: Any) -> None:
    with pytest.raises(InputError) as caught, local_copy("memory://talks/talk.mp4"):
        pass
    assert caught.value.what == "cannot read memory://talks/talk.mp4"
    assert caught.value.why == "it does not exist"


def test_what_is_written_can_be_read_and_listed(memory: Any, tmp_path: Path) -> None:
    (tmp_path / "talk.vtt").write_text("WEBVTT")
    written = write_remote(tmp_path / "talk.vtt", "memory://out/week 1/talk.vtt")
    assert read_remote("memory://out/week 1/talk.vtt") == b"WEBVTT"
    (listed,) = remote_files("memory://out")
    assert listed.version == written.version
    remove_remote("memory://out/week 1/talk.vtt")
    assert remote_files("memory://out") == []


def test_where_half_a_file_could_be_seen_a_whole_one_is_renamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talk.vtt").write_text("WEBVTT")
    url = f"local://{tmp_path}/out/talk.vtt"
    write_remote(tmp_path / "talk.vtt", url)
    assert (tmp_path / "out/talk.vtt").read_text() == "WEBVTT"

    def full(self: object, source: str, target: str) -> None:
        Path(target).write_text("WE")
        raise OSError(28, "No space left on device")

    import fsspec

    monkeypatch.setattr(type(fsspec.filesystem("local")), "put_file", full)
    with pytest.raises(OutputError, match="No space left"):
        write_remote(tmp_path / "talk.vtt", url)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["talk.vtt"]
    assert (tmp_path / "out/talk.vtt").read_text() == "WEBVTT"


@pytest.mark.parametrize(
    ("scheme", "module", "install"),
    [
        ("s3", "s3fs", 'pip install "chapterize-video[s3]"'),
        ("gs", "gcsfs", 'pip install "chapterize-video[gcs]"'),
        ("az", "adlfs", "pip install adlfs"),
        ("sftp", "paramiko", "pip install paramiko"),
    ],
)
def test_a_missing_package_is_named(
    scheme: str, module: str, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingDependency) as caught:
        remote_files(f"{scheme}://talks/2024")
    assert caught.value.hint == f"install it: {install}"


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        remote_files("sftp://me:hunter2secret@host/talks")
    assert "password" in caught.value.what
    assert "hunter2secret" not in f"{caught.value} {caught.value.hint}"


def test_chained_addresses_are_refused() -> None:
    with pytest.raises(InputError, match="not an address that can be read"):
        remote_files("memory::file:///etc")


def test_foreign_errors_become_ours(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, *parts: object, **options: object) -> None:
        raise RuntimeError("AccessDenied: token nmv_usr_abcdef123456\nmore")

    monkeypatch.setattr(type(memory), "find", fail)
    with pytest.raises(InputError) as caught:
        remote_files("memory://talks")
    assert caught.value.why == "AccessDenied: token …"


def test_items_are_chosen_as_in_a_local_folder(memory: Any) -> None:
    memory.pipe(
        {
            "/talks/big.mp4": b"1" * 50,
            "/talks/big.en.vtt": b"WEBVTT",
            "/talks/alone.srt": b"1",
            "/talks/notes.pdf": b"1",
            "/talks/.hidden.mp4": b"1",
            "/talks/.chapterize/batch.jsonl": b"1",
            "/talks/week1/small.mov": b"12",
        }
    )
    items = find_remote(["memory://talks"], recursive=True)
    assert [str(item.relative) for item in items] == ["big.mp4", "week1/small.mov", "alone.srt"]
    assert items[0].source == "memory://talks/big.mp4"
    # A changed caption file changes the item.
    assert items[0].size_bytes == 56
    flat = find_remote(["memory://talks/"])
    assert [str(item.relative) for item in flat] == ["big.mp4", "alone.srt"]


def test_a_single_file_is_an_item_with_its_captions(memory: Any) -> None:
    memory.pipe({"/talks/a.mp4": b"1234", "/talks/a.srt": b"12", "/talks/b.mp4": b"1"})
    (item,) = find_remote(["memory://talks/a.mp4"])
    assert (str(item.relative), item.size_bytes) == ("a.mp4", 6)
    assert remote_folder("memory://talks").captions_of("a.mp4") == ("a.srt",)


def test_several_addresses_share_their_lowest_folder(memory: Any) -> None:
    memory.pipe({"/talks/2023/a/x.mp4": b"1", "/talks/2024/a/x.mp4": b"1"})
    items = find_remote(["memory://talks/2023/a", "memory://talks/2024/a/x.mp4"])
    assert [str(item.relative) for item in items] == ["2023/a/x.mp4", "2024/a/x.mp4"]


def test_an_address_with_nothing_is_an_error(memory: Any) -> None:
    with pytest.raises(InputError, match="no file at memory://nothing"):
        find_remote(["memory://nothing"])


def test_a_listing_of_ten_thousand_files_is_quick(memory: Any) -> None:
    import time

    for number in range(10_000):
        memory.store[f"/talks/{number}.mp4"] = type("File", (), {"size": 1, "created": None})()
    from datetime import UTC, datetime

    for file in memory.store.values():
        file.created = datetime(2024, 5, 1, tzinfo=UTC)
    memory.pseudo_dirs.append("/talks")
    began = time.perf_counter()
    assert len(find_remote(["memory://talks"])) == 10_000
    assert time.perf_counter() - began < 5
