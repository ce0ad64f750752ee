"""`chapterize convert` and `embed`."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from chapterize import formats
from chapterize.errors import FormatError, InputError, OutputError
from chapterize.media import open_media
from tests.cli.program import BAD, LIST, run_app
from tests.conftest import FFMPEG


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """ffmpeg -f lavfi -i anullsrc=r=8000:cl=mono -t 180 -c:a aac talk.m4a."""
    silence = ["-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "180", "-c:a", "aac"]
    path = tmp_path / "-talk.m4a"
    subprocess.run([FFMPEG, "-v", "error", *silence, f"file:{path}"], check=True)
    return path


def give_stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


@pytest.mark.slow
@pytest.mark.parametrize("name", formats.READABLE)
def test_convert_goes_from_every_format_to_every_format(
    name: str, odd_list: Path, tmp_path: Path
) -> None:
    there, back = tmp_path / f"a{formats.SUFFIXES[name]}", tmp_path / "back.txt"
    assert run_app("convert", odd_list, there, "--duration", "3:00") == 0
    assert run_app("convert", there, back, "--duration", "180") == 0
    assert back.read_text() == LIST


def test_convert_reads_stdin_and_writes_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give_stdin(monkeypatch, BAD)
    assert run_app("convert", "-", "-", "--to", "ogm", "--duration", "180") == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("CHAPTER01=00:00:00.000\nCHAPTER01NAME=Intro\n")
    assert "note: the chapters were out of order" in shown.err


def test_convert_overwrites_only_with_force(odd_list: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.vtt"
    target.write_text("precious")
    with pytest.raises(OutputError, match="already exists"):
        run_app("convert", odd_list, target, "--duration", "180")
    assert target.read_text() == "precious"
    assert run_app("convert", odd_list, target, "--duration", "180", "--force") == 0
    assert target.read_text().startswith("WEBVTT")


def test_convert_without_a_duration_says_which_option_is_missing(
    odd_list: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        run_app("convert", odd_list, tmp_path / "x.vtt")
    assert "--duration" in caught.value.hint
    with pytest.raises(InputError, match="--duration: not a time"):
        run_app("convert", odd_list, tmp_path / "x.vtt", "--duration", "long")


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    broken = tmp_path / "x.vtt"
    broken.write_text("WEBVTT\n\n0:00 --> 1\nx\n")
    with pytest.raises(FormatError, match=r"x\.vtt: .*, line 3"):
        run_app("convert", broken, "-")


def test_embed_writes_next_to_the_media_and_reads_every_format(
    odd_list: Path, talk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_app("embed", "--", talk, odd_list) == 0
    made = talk.with_name("-talk-chapters.m4a")
    assert [(c.start, c.title) for c in open_media(made).chapters] == [
        (0.0, "Intro"),
        (60.0, "Middle"),
        (120.0, "End"),
    ]
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"wrote {made} with 3 chapters\n"


def test_embed_reports_as_json_with_notes_on_corrections(
    talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    longer = tmp_path / "c.json"
    longer.write_text(formats.dumps(formats.loads(LIST, duration=200).chapters))
    target = tmp_path / "o.m4a"
    assert run_app("embed", talk, longer, "-o", target, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["output"] == str(target)
    assert report["n_chapters"] == 3
    assert "was shortened to the end" in report["notes"][0]


def test_embed_checks_the_target_before_it_reads_the_chapters(talk: Path, tmp_path: Path) -> None:
    (tmp_path / "-talk-chapters.m4a").write_text("precious")
    with pytest.raises(OutputError, match="already exists"):
        run_app("embed", talk, tmp_path / "none.json")
    assert (tmp_path / "-talk-chapters.m4a").read_text() == "precious"


def test_importing_the_commands_imports_nothing_heavy() -> None:
    code = (
        "import sys, chapterize.cli.chapters as c; "
        "print([m for m in ('av', 'numpy', 'mutagen', 'rich.progress') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_convert_counts_frames_at_the_given_rate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "a.txt", tmp_path / "a.edl"
    source.write_text("0:00 a\n1:00:00 b\n")
    assert run_app("convert", source, target, "--duration", "7200", "--frame-rate", "29.97df") == 0
    assert "02:00:00;00" in target.read_text()
    assert "guess" not in capsys.readouterr().err
    assert run_app("convert", source, target, "--duration", "7200", "--force") == 0
    assert "counted at 30 a second" in capsys.readouterr().err
    with pytest.raises(InputError, match="no editor uses '17'"):
        run_app("convert", source, target, "--duration", "7200", "--force", "--frame-rate", "17")


def test_convert_takes_the_frame_rate_from_a_draft(tmp_path: Path) -> None:
    source, target = tmp_path / "a.json", tmp_path / "a.fcpxml"
    source.write_text(
        '{"schema": "chapterize.draft/1", "media": {"duration": 60, "frame_rate": 23.976},'
        ' "chapters": [{"start": 0, "title": "a"}]}'
    )
    assert run_app("convert", source, target) == 0
    assert 'frameDuration="1001/24000s"' in target.read_text()


def test_a_corrected_or_converted_sheet_names_the_same_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, corrected, markers = (tmp_path / name for name in ("a.cue", "b.cue", "c.edl"))
    tracks = "".join(
        f"  TRACK {n:02d} AUDIO\n    TITLE {t}\n    INDEX 01 0{at}:00:00\n"
        for n, (t, at) in enumerate((("b", 2), ("a", 0), ("c", 4)), 1)
    )
    sheet.write_text(f'FILE "my mix.mp3" MP3\n{tracks}')
    assert run_app("convert", sheet, markers, "--duration", "400", "--frame-rate", "25") == 0
    assert markers.read_text().startswith("TITLE: my mix.mp3\n")
    for target in (corrected, sheet):
        extra = ("-o", corrected) if target is corrected else ("--force",)
        assert run_app("check", sheet, "--duration", "400", "--fix", *extra) == 0
        assert target.read_text().startswith(
            'FILE "my mix.mp3" MP3\n  TRACK 01 AUDIO\n    TITLE "a"'
        )
    assert "audio.wav" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["youtube", "ogm", "vorbis", "podlove", "cue", "show-notes", "edl"]
)
def test_a_format_that_stores_no_end_asks_for_no_duration(
    name: str, odd_list: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / f"x{formats.SUFFIXES[name]}"
    assert run_app("convert", odd_list, target, "--json") == 0
    assert json.loads(capsys.readouterr().out)["duration"] is None
    assert target.read_text()


def test_a_file_that_states_its_length_needs_no_duration(tmp_path: Path) -> None:
    source, target = tmp_path / "x.tsv", tmp_path / "x.vtt"
    source.write_text("0:00\t6:40\tKiln\n6:40\t19:00\tWax\n")
    assert run_app("convert", source, target) == 0
    assert formats.read_chapters(target).chapters.duration == 1140


def test_what_was_guessed_is_noted(
    odd_list: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd_list.write_bytes("0:00 Öfen\n6.40 Wax\n12:05 Größe\n".encode("cp1252"))
    assert run_app("convert", odd_list, "-", "--to", "youtube") == 0
    shown = capsys.readouterr()
    assert shown.out == "0:00 Öfen\n6:40 Wax\n12:05 Größe\n"
    assert "read as cp1252" in shown.err
    assert "line 2: 6.40 was read as 6:40" in shown.err


def test_captions_on_stdin_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    give_stdin(monkeypatch, "[Script Info]\nTitle: x\n")
    with pytest.raises(FormatError, match="these are captions") as caught:
        run_app("convert", "-", "-", "--to", "youtube")
    assert "chapterize draft" in caught.value.hint


def test_an_edl_starts_where_the_option_says_and_is_read_back(
    odd_list: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "x.edl"
    options = ("--frame-rate", "25", "--start-timecode", "10:00:00:00")
    assert run_app("convert", odd_list, target, "--duration", "180", *options) == 0
    assert " 10:00:00:00 10:00:00:01" in target.read_text()
    assert "timecode starts at" not in capsys.readouterr().err
    assert run_app("convert", target, "-", "--to", "youtube", "--duration", "180", *options) == 0
    assert capsys.readouterr().out == LIST
    assert run_app("convert", odd_list, target, "--duration", "180", "--force") == 0
    assert "starts at 01:00:00:00; --start-timecode sets another" in capsys.readouterr().err


@pytest.mark.parametrize(
    "option", [("--start-timecode", "soon"), ("--url", "talk.mp4"), ("--url", "ftp://x/y")]
)
def test_a_wrong_value_of_an_option_is_refused(option: tuple[str, str], odd_list: Path) -> None:
    with pytest.raises(typer.BadParameter):
        run_app("convert", odd_list, "-", "--to", "markdown", "--duration", "180", *option)


def test_markdown_links_to_the_address_of_the_video(
    odd_list: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--to", "markdown", "--duration", "180", "--url", "https://youtu.be/x")
    assert run_app("convert", odd_list, "-", *options) == 0
    assert capsys.readouterr().out.startswith("## [0:00](https://youtu.be/x?t=0s) Intro\n")


def test_titles_of_handbrake_name_the_chapters_inside_the_video(
    talk: Path, odd_list: Path, tmp_path: Path
) -> None:
    chaptered, named, titles = (tmp_path / name for name in ("b.m4a", "c.m4a", "titles.csv"))
    assert run_app("embed", talk, odd_list, "-o", chaptered) == 0
    before = open_media(chaptered).chapters
    titles.write_text("".join(f'{n},"New, {n}"\n' for n in range(1, len(before) + 1)))
    assert run_app("embed", chaptered, titles, "-o", named) == 0
    after = open_media(named).chapters
    assert [each.start for each in after] == [each.start for each in before]
    assert [each.title for each in after] == [f"New, {n}" for n in range(1, len(before) + 1)]
    titles.write_text("".join(f"{n},x\n" for n in range(1, 10)))
    with pytest.raises(InputError, match="9 titles") as caught:
        run_app("embed", chaptered, titles, "-o", named, "--force")
    assert "by their number" in caught.value.why
