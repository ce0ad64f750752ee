"""What there is to do among the inputs."""

from __future__ import annotations

import io
import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from chapterize.batch.items import Folder, common_root, existing, find_items, listed_in
from chapterize.errors import InputError


def tree(folder: Path, *names: str) -> Path:
    for size, name in enumerate(names, 1):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)
    return folder


def names(folder: Path, **options: object) -> list[str]:
    found = find_items([str(folder)], **options)  # type: ignore[arg-type]
    return sorted(str(item.relative) for item in found)


def test_media_and_lone_captions_of_a_folder_are_inputs(tmp_path: Path) -> None:
    tree(tmp_path, "a.mp4", "a.srt", "a.en.vtt", "b.srt", "c.MKV", "notes.txt", "d.json", "e.m4a")
    assert names(tmp_path) == ["a.mp4", "b.srt", "c.MKV", "e.m4a"]


SPOKEN = "".join(
    f"0:{4 * n:02d}\nThe oven must be hot before the bread goes in.\n" for n in range(6)
)


def test_rarer_captions_are_inputs_too_but_not_text(tmp_path: Path) -> None:
    tree(tmp_path, "a.mp4", "a.sbv", "b.sbv", "c.en.ttml", "d.srv3", "e.lrc", "f.dfxp", "g.tsv")
    (tmp_path / "h.txt").write_text(SPOKEN)
    assert names(tmp_path) == ["a.mp4", "b.sbv", "c.en.ttml", "d.srv3", "e.lrc", "f.dfxp"]


def test_text_and_tables_belong_to_media_if_they_are_what_is_said(tmp_path: Path) -> None:
    tree(tmp_path, "a.mp4", "a.en.ttml", "b.mp4", "b.json", "c.mp4", "c.md")
    (tmp_path / "a.txt").write_text(SPOKEN)
    (tmp_path / "b.txt").write_text("0:00 Bread\n5:00 Salt\n12:00 Oven\n")
    (tmp_path / "c.tsv").write_text("start\tend\ttext\n0\t1000\tHello.\n")
    folder = Folder(str(tmp_path))
    assert [folder.captions_of(f"{stem}.mp4") for stem in "abc"] == [
        *(("a.en.ttml", "a.txt"), (), ("c.tsv",)),
    ]


def test_nothing_is_read_in_a_folder_elsewhere(tmp_path: Path) -> None:
    folder = Folder("s3://talks", listed=["a.mp4", "a.txt", "a.ttml", "a.json"])
    assert folder.captions_of("a.mp4") == ("a.ttml",)


def test_hidden_files_and_our_results_are_no_inputs(tmp_path: Path) -> None:
    tree(tmp_path, "a.mp4", "a-chapters.mp4", ".hidden.mp4", ".chapterize/work/x.mp4")
    tree(tmp_path, "a-chapters/01 Intro.mp4", ".chapterize-x1.mp4")
    assert names(tmp_path, recursive=True) == ["a.mp4"]


def test_a_name_that_only_looks_like_a_result_is_an_input(tmp_path: Path) -> None:
    tree(tmp_path, "book-chapters.mp4")
    assert names(tmp_path) == ["book-chapters.mp4"]


def test_results_of_earlier_runs_are_no_inputs(tmp_path: Path) -> None:
    tree(tmp_path, "a.srt", "a.vtt", "out/b.mp4")
    own = {str(tmp_path / "a.vtt"), str(tmp_path / "out")}
    assert names(tmp_path, recursive=True, own=own) == ["a.srt"]


def test_folders_below_count_only_if_asked_for(tmp_path: Path) -> None:
    tree(tmp_path, "a.mp4", "week1/b.mp4", "week1/more/c.mp4")
    assert names(tmp_path) == ["a.mp4"]
    assert names(tmp_path, recursive=True) == ["a.mp4", "week1/b.mp4", "week1/more/c.mp4"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    tree(tmp_path, "week1/a.mp4")
    (tmp_path / "week1" / "loop").symlink_to(tmp_path)
    assert names(tmp_path, recursive=True) == ["week1/a.mp4"]


def test_the_largest_file_comes_first(tmp_path: Path) -> None:
    tree(tmp_path, "small.mp4", "middle.mp4", "large.mp4")
    found = find_items([str(tmp_path)])
    assert [item.relative.name for item in found] == ["large.mp4", "middle.mp4", "small.mp4"]
    assert [item.size_bytes for item in found] == [3, 2, 1]


def test_same_names_in_different_folders_stay_apart(tmp_path: Path) -> None:
    tree(tmp_path, "a/talk.mp4", "b/talk.mp4")
    found = find_items([str(tmp_path / "a" / "talk.mp4"), str(tmp_path / "b")])
    assert sorted(str(item.relative) for item in found) == ["a/talk.mp4", "b/talk.mp4"]


def test_a_file_that_is_named_twice_is_done_once(tmp_path: Path) -> None:
    tree(tmp_path, "a.mp4")
    assert len(find_items([str(tmp_path), str(tmp_path / "a.mp4")])) == 1


def test_a_file_that_is_named_may_have_any_suffix(tmp_path: Path) -> None:
    tree(tmp_path, "a.mp4", "a.srt", "b.recording")
    found = find_items([str(tmp_path / "a.srt"), str(tmp_path / "b.recording")])
    assert sorted(item.relative.name for item in found) == ["a.srt", "b.recording"]


def test_an_input_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot open"):
        existing(str(tmp_path / "missing.mp4"))


def test_a_listed_file_that_does_not_exist_is_left_to_the_draft(tmp_path: Path) -> None:
    (item,) = find_items([str(tmp_path / "missing.mp4")])
    assert item.size_bytes == -1


def test_a_link_to_a_missing_file_is_left_to_the_draft(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to(tmp_path / "gone.mp4")
    assert names(tmp_path) == ["a.mp4"]


def test_a_name_that_is_not_utf8_is_an_input(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.mp4"
    Path(os.fsdecode(path)).write_bytes(b"x")
    assert [os.fsencode(item.source) for item in find_items([str(tmp_path)])] == [path]


def test_a_list_is_relative_to_its_folder_and_has_comments(tmp_path: Path) -> None:
    listing = tmp_path / "list.txt"
    listing.write_text("\ufeff# talks\n\na.mp4\nweek 1/b.mp4  \r\n/elsewhere/c.mp4\n")
    assert listed_in(str(listing)) == [
        str(tmp_path / "a.mp4"),
        str(tmp_path / "week 1" / "b.mp4"),
        "/elsewhere/c.mp4",
    ]


def test_a_list_on_stdin_is_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a.mp4\n")))
    assert listed_in("-") == [str(tmp_path / "a.mp4")]


def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read the list"):
        listed_in(str(tmp_path / "missing.txt"))


def test_one_folder_is_its_own_root(tmp_path: Path) -> None:
    tree(tmp_path, "a/x.mp4", "b/y.mp4")
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    assert common_root([a]) == a
    assert common_root([a, b]) == str(tmp_path)
    assert common_root([f"{a}/x.mp4"]) == a


def test_names_are_compared_without_case_and_composition(tmp_path: Path) -> None:
    tree(tmp_path, "Cafe\u0301.mp4", "café.srt", "talk.MOV", "Talk.mp4")
    folder = Folder(str(tmp_path))
    assert sorted(folder.inputs) == ["Cafe\u0301.mp4", "Talk.mp4", "talk.MOV"]
    assert folder.captions_of("Cafe\u0301.mp4") == ("café.srt",)
    assert folder.is_shared("talk.MOV")


def test_ten_thousand_files_are_found_within_seconds(tmp_path: Path) -> None:
    for number in range(10_000):
        (tmp_path / f"{number}.srt").touch()
    began = time.perf_counter()
    assert len(find_items([str(tmp_path)])) == 10_000
    # 0.2 s on an idle machine.
    assert time.perf_counter() - began < 5
