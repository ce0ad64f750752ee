"""`chapterize check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chapterize import formats
from chapterize.data import Chapters
from chapterize.errors import InputError, OutputError
from tests.cli.program import BAD, LIST, run_app


def test_check_accepts_a_good_list(odd_list: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_app("check", odd_list, "--for", "youtube", "--duration", "180") == 0
    assert capsys.readouterr().out == "ok: no rule of youtube is broken\n"


def test_check_prints_rule_line_and_fix_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text(BAD)
    assert run_app("check", bad, "--duration", "180") == 1
    rows = capsys.readouterr().out.splitlines()
    assert [row.split(":")[0] for row in rows] == [
        "problem youtube-first-at-zero",
        "problem youtube-min-length",
        "problem youtube-ascending",
    ]
    assert "chapter 1 (line 1)" in rows[0]
    assert rows[0].endswith("move it to 0:00")
    assert run_app("check", bad, "--duration", "180", "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["is_ok"] is False
    assert report["findings"][0]["rule"] == "youtube-first-at-zero"


def test_warnings_alone_exit_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wide = tmp_path / "wide.txt"
    wide.write_text(LIST.replace("Middle", "m" * 60))
    assert run_app("check", wide, "--duration", "180") == 0
    assert "warning youtube-title-49" in capsys.readouterr().out


def test_fix_writes_a_list_that_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = tmp_path / "bad.txt", tmp_path / "good.txt"
    bad.write_text(BAD)
    assert run_app("check", bad, "--duration", "180", "--fix", "-o", good) == 0
    assert good.read_text() == "0:00 Intro\n1:00 c\n2:05 d\n"
    assert "fixed: the chapters were sorted" in capsys.readouterr().out
    assert run_app("check", good, "--duration", "180") == 0
    assert bad.read_text() == BAD


def test_corrected_markers_count_frames_at_the_rate_of_the_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listing, markers = tmp_path / "talk.json", tmp_path / "talk.edl"
    chapters = [{"start": 60.0 * n, "title": title} for n, title in enumerate("abc")]
    media = {"duration": 180, "frame_rate": 25.0}
    draft = {"schema": "chapterize.draft/1", "media": media, "chapters": chapters}
    listing.write_text(json.dumps(draft))
    assert run_app("check", listing, "--fix", "-o", markers) == 0
    assert run_app("convert", listing, tmp_path / "same.edl") == 0
    assert markers.read_text() == (tmp_path / "same.edl").read_text()
    assert "30" not in capsys.readouterr().err


def test_fix_changes_the_file_itself_only_with_force(tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text(BAD)
    with pytest.raises(InputError, match="nowhere to write"):
        run_app("check", bad, "--duration", "180", "--fix")
    with pytest.raises(OutputError, match="already exists"):
        run_app("check", bad, "--duration", "180", "--fix", "-o", bad)
    assert run_app("check", bad, "--duration", "180", "--fix", "--force") == 0
    assert bad.read_text() == "0:00 Intro\n1:00 c\n2:05 d\n"


def test_an_output_without_fix_is_refused(tmp_path: Path) -> None:
    bad, out = tmp_path / "bad.txt", tmp_path / "out.txt"
    bad.write_text(BAD)
    with pytest.raises(InputError, match="-o has nothing to write"):
        run_app("check", bad, "-o", out)
    assert not out.exists()


def test_fix_never_overwrites_a_file_that_holds_more_than_chapters(tmp_path: Path) -> None:
    description, draft = tmp_path / "d.txt", tmp_path / "draft.json"
    description.write_text("Buy my book!\n" + BAD)
    draft.write_text(
        '{"schema": "chapterize.draft/1", "media": {"duration": 180}, "timings": {"all": 1},'
        ' "chapters": [{"start": 0, "end": 180, "title": "a"}]}'
    )
    for path in (description, draft):
        before = path.read_text()
        with pytest.raises(InputError, match="more than chapters"):
            run_app("check", path, "--duration", "180", "--fix", "--force")
        assert path.read_text() == before


def test_fix_asks_for_no_duration_if_the_result_stores_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = tmp_path / "bad.txt", tmp_path / "good.txt"
    bad.write_text("0:05 Intro\n2:00 b\n1:00 c\n3:05 d\n")
    assert run_app("check", bad, "--fix", "-o", good) == 0
    assert good.read_text() == "0:00 Intro\n1:00 c\n2:00 b\n3:05 d\n"
    with pytest.raises(InputError, match="duration of the media is unknown"):
        run_app("check", bad, "--fix", "-o", tmp_path / "good.vtt")
    bad.write_text("0:05 Intro\n2:00 b\n3.05 d\n")
    assert run_app("check", bad, "--fix", "--force") == 0
    assert bad.read_text() == "0:00 Intro\n2:00 b\n3:05 d\n"
    assert "note: line 3: 3.05 was read as 3:05" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["edl", "fcpxml", "premiere", "otio", "markdown", "ffprobe"])
def test_a_project_is_not_replaced_by_its_chapters(name: str, tmp_path: Path) -> None:
    if name == "ffprobe":
        rows = [{"start_time": str(n), "end_time": str(n + 9), "tags": {}} for n in (5, 9)]
        source = tmp_path / "talk.json"
        source.write_text(json.dumps({"format": {}, "chapters": rows}))
    else:
        source = tmp_path / f"talk{formats.SUFFIXES[name]}"
        chapters = Chapters.from_starts([0, 2, 60], ["a", "b", "c"], 180)
        source.write_text(formats.dumps(chapters, name), encoding="utf-8")
    before = source.read_bytes()
    with pytest.raises(InputError, match="holds more than chapters"):
        run_app("check", source, "--duration", "3:00", "--fix", "--force")
    assert source.read_bytes() == before


def test_html_in_the_titles_of_a_list_is_a_problem_for_spotify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "list.txt"
    source.write_text("0:00 <b>Kiln</b>\n6:40 Wax &amp; resist\n12:00 Firing\n")
    assert run_app("check", source, "--for", "spotify", "--duration", "1140") == 1
    found = [row.split(":")[0] for row in capsys.readouterr().out.splitlines()]
    assert found.count("problem spotify-title-html") == 2
