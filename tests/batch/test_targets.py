"""Where the results of each file go."""

from __future__ import annotations

from pathlib import Path

from chapterize.batch.items import Folder, find_items
from chapterize.batch.targets import EMBED, Target, Targets


def targets(folder: Path, wanted: Targets) -> dict[str, list[str]]:
    found = find_items([str(folder)], recursive=True)
    placed = {str(item.relative): wanted.of(item, Folder(str(item.path.parent))) for item in found}
    return {name: [str(each.path) for each in row] for name, row in placed.items()}


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_results_go_next_to_the_input(tmp_path: Path) -> None:
    touch(tmp_path, "week1/talk.mp4")
    assert targets(tmp_path, Targets(formats=("youtube", "webvtt"))) == {
        "week1/talk.mp4": [f"{tmp_path}/week1/talk.youtube.txt", f"{tmp_path}/week1/talk.vtt"]
    }


def test_the_input_tree_is_mirrored_in_the_output_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a/talk.mp4", "b/talk.mp4")
    assert targets(tmp_path, Targets(Path("/out"))) == {
        "a/talk.mp4": ["/out/a/talk.youtube.txt"],
        "b/talk.mp4": ["/out/b/talk.youtube.txt"],
    }


def test_inputs_with_the_same_stem_keep_their_suffix(tmp_path: Path) -> None:
    touch(tmp_path, "talk.mp4", "talk.mov", "other.mp4")
    assert targets(tmp_path, Targets(Path("/out"))) == {
        "talk.mp4": ["/out/talk.mp4.youtube.txt"],
        "talk.mov": ["/out/talk.mov.youtube.txt"],
        "other.mp4": ["/out/other.youtube.txt"],
    }


def test_the_folder_decides_about_names_not_the_run(tmp_path: Path) -> None:
    touch(tmp_path, "talk.mp4", "talk.mov", "talk.srt")
    (item,) = find_items([str(tmp_path / "talk.mp4")])
    (captions,) = find_items([str(tmp_path / "talk.srt")])
    folder = Folder(str(tmp_path))
    assert Targets(Path("/out")).of(item, folder)[0].path.name == "talk.mp4.youtube.txt"
    assert Targets(Path("/out")).of(captions, folder)[0].path.name == "talk.srt.youtube.txt"


def test_a_copy_with_chapters_is_written_where_the_container_can_hold_them(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.avi", "c.srt")
    found = targets(tmp_path, Targets(Path("/out"), embed=True))
    assert found["a.mp4"] == ["/out/a.youtube.txt", "/out/a-chapters.mp4"]
    assert [len(found[name]) for name in ("b.avi", "c.srt")] == [1, 1]


def test_the_kind_of_a_copy_is_embed(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4")
    (item,) = find_items([str(tmp_path)])
    made = Targets(Path("/out"), ("webvtt",), embed=True).of(item)
    assert made == (
        Target(Path("/out/a.vtt"), "webvtt"),
        Target(Path("/out/a-chapters.mp4"), EMBED),
    )
