"""`chapterize describe`: only the list in a description changes."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.cli.program import LIST, Run

OLD = "\ufeffMy talk \r\n\r\n- 00:00 Old\r\n- 00:30 More\r\n\r\n#tag\t"
NEW = "\ufeffMy talk \r\n\r\n- 00:00 Intro\r\n- 01:00 Middle\r\n- 02:00 End\r\n\r\n#tag\t"


@pytest.fixture
def description(tmp_path: Path) -> Path:
    path = tmp_path / "it's the 説明.txt"
    path.write_bytes(OLD.encode())
    path.chmod(0o640)
    return path


def test_the_list_is_replaced_and_the_old_one_is_shown(
    run: Run, odd_list: Path, description: Path
) -> None:
    done = run("describe", odd_list, "--into", description)
    assert (done.code, done.out) == (0, "")
    assert "- - 00:00 Old\n- - 00:30 More\n" in done.err
    assert f"{description}, line 3, were replaced" in done.err
    assert description.read_bytes() == NEW.encode()
    assert description.stat().st_mode & 0o777 == 0o640
    before = description.stat()
    again = run("describe", odd_list, "--into", description)
    assert (again.code, "already" in again.err) == (0, True)
    assert description.stat().st_mtime_ns == before.st_mtime_ns
    assert len(list(description.parent.iterdir())) == 2


def test_a_dry_run_and_stdin_write_no_file(
    run: Run, odd_list: Path, description: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run("describe", odd_list, "--into", description, "--dry-run")
    assert (done.code, done.out) == (0, NEW)
    assert description.read_bytes() == OLD.encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Top\n{chapters}\nEnd\n")))
    done = run("describe", odd_list, "--into", "-")
    assert (done.code, done.out, done.err) == (0, f"Top\n{LIST.strip()}\nEnd\n", "")
    assert run("describe", "-", "--into", "-").code == 2


def test_json_reports_what_was_replaced(run: Run, odd_list: Path, description: Path) -> None:
    done = run("describe", odd_list, "--into", description, "--json")
    report = json.loads(done.out)
    assert (report["is_changed"], report["line"], report["n_chapters"]) == (True, 3, 3)
    assert report["replaced"] == "- 00:00 Old\r\n- 00:30 More"
    assert report["text"] == NEW


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "cp1252"])
def test_the_encoding_stays(run: Run, odd_list: Path, tmp_path: Path, encoding: str) -> None:
    path, mark = tmp_path / "d.txt", "" if encoding == "cp1252" else "\ufeff"
    path.write_bytes(f"{mark}Töpfe\n{{chapters}}\n".encode(encoding))
    assert run("describe", odd_list, "--into", path).code == 0
    assert path.read_bytes().decode(encoding) == f"{mark}Töpfe\n{LIST.strip()}\n"


def test_a_title_that_the_encoding_lacks_is_an_error(run: Run, tmp_path: Path) -> None:
    path, chapters = tmp_path / "d.txt", tmp_path / "talk.txt"
    path.write_bytes("Töpfe\n".encode("cp1252"))
    chapters.write_text("0:00 窯\n1:00 釉薬\n")
    done = run("describe", chapters, "--into", path)
    assert (done.code, "UTF-8" in done.err) == (3, True)
    assert path.read_bytes() == "Töpfe\n".encode("cp1252")


def test_the_chapters_of_a_video_are_not_those_of_its_old_description(
    run: Run, long_talk: Path, video_mp4_with_chapters: Path
) -> None:
    description = long_talk.with_suffix(".description")
    description.write_text("0:00 Old\n0:50 List\n")
    long_talk.with_suffix(".chapters.txt").write_text(LIST.replace("2:00", "1:40"))
    assert run("describe", long_talk, "--into", description).code == 0
    assert description.read_text() == LIST.replace("2:00", "1:40")
    done = run("describe", video_mp4_with_chapters, "--into", description)
    assert (done.code, "Intro" in description.read_text()) == (0, False)


def test_a_link_stays_a_link(run: Run, odd_list: Path, description: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.txt"
    link.symlink_to(description)
    assert run("describe", odd_list, "--into", link).code == 0
    assert link.is_symlink()
    assert description.read_bytes() == NEW.encode()


def test_what_keeps_youtube_from_showing_the_list_is_noted(run: Run, tmp_path: Path) -> None:
    chapters, path = tmp_path / "talk.txt", tmp_path / "d.txt"
    chapters.write_text("0:00 a\n0:05 b\n")
    path.write_text("")
    done = run("describe", chapters, "--into", path)
    assert done.code == 0
    assert "fewer than 3" in done.err
    assert "minimum is 10 s" in done.err


@pytest.mark.parametrize(
    ("text", "code", "what"),
    [
        (None, 3, "cannot read"),
        ("0:00 a\n1:00 b\nx\n\n0:00 c\n1:00 d\n", 4, "2 lists"),
        ("\0\1\2", 3, "is not a text"),
    ],
)
def test_a_description_that_cannot_be_used_stays(
    run: Run, odd_list: Path, tmp_path: Path, text: str | None, code: int, what: str
) -> None:
    path = tmp_path / "d.txt"
    if text is not None:
        path.write_text(text)
    done = run("describe", odd_list, "--into", path)
    assert (done.code, what in done.err, str(path) in done.err) == (code, True, True)
    assert text is None or path.read_text() == text
