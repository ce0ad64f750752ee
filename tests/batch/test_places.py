from __future__ import annotations

from pathlib import Path

import pytest

from chapterize.batch.places import Places
from chapterize.errors import InputError


def test_results_go_next_to_inputs_of_this_machine(tmp_path: Path) -> None:
    places = Places.of([str(tmp_path)], None)
    assert (places.root, places.mirror, places.address) == (tmp_path, None, None)
    assert places.base == str(tmp_path)
    assert places.shared == (str(tmp_path),)


def test_a_run_next_to_the_inputs_uses_the_records_of_a_folder_above(tmp_path: Path) -> None:
    (tmp_path / ".chapterize").mkdir()
    (tmp_path / ".chapterize/batch.jsonl").touch()
    (tmp_path / "week1").mkdir()
    places = Places.of([str(tmp_path / "week1")], None)
    assert places.root == tmp_path
    assert places.base == str(tmp_path)


def test_the_input_tree_is_mirrored_in_the_output_folder(tmp_path: Path) -> None:
    places = Places.of([str(tmp_path)], tmp_path / "out")
    assert (places.root, places.mirror) == (tmp_path / "out", tmp_path / "out")
    assert places.shared == (str(tmp_path / "out"), str(tmp_path))


def test_results_on_other_storage_have_a_shadow_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAPTERIZE_STATE", str(tmp_path / "state"))
    one = Places.of(["s3://talks"], "s3://results/2024/")
    other = Places.of(["s3://talks"], "s3://results/2025")
    assert one.address == "s3://results/2024"
    assert one.root != other.root
    assert tmp_path / "state" in one.root.parents
    assert one.mirror == one.root
    assert one.base == ""
    # Other machines need no folder of this one.
    assert one.shared == ()


def test_inputs_on_other_storage_may_have_results_here(tmp_path: Path) -> None:
    places = Places.of(["s3://talks"], tmp_path)
    assert (places.root, places.base, places.address) == (tmp_path, "", None)
    assert places.shared == (str(tmp_path),)


def test_inputs_of_both_kinds_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="on this machine and on other storage"):
        Places.of([str(tmp_path), "s3://talks"], tmp_path)


def test_results_next_to_inputs_on_other_storage_are_refused() -> None:
    with pytest.raises(InputError, match="no folder for the results of s3://talks"):
        Places.of(["s3://talks"], None)


@pytest.mark.parametrize("out", ["s3://talks", "s3://talks/", "s3://talks/chapters"])
def test_results_among_the_inputs_are_refused(out: str) -> None:
    with pytest.raises(InputError, match="among the inputs"):
        Places.of(["s3://talks"], out)


@pytest.mark.parametrize("out", ["s3://talks-chapters", "s3://results/talks"])
def test_results_in_another_folder_are_not(out: str) -> None:
    assert Places.of(["s3://talks"], out).address == out
