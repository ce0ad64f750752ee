"""`chapterize draft -`, and the captions that a draft reads or refuses."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.program import Done, Run
from tests.conftest import H264, MakeMedia
from tests.texts import cues, write_srt

pytestmark = pytest.mark.slow

Pipe = Callable[..., Done]
CHAPTERS = "0:00 Intro\n5:00 Salt\n12:00 The oven\n"


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    return write_srt(tmp_path / "talk.srt", cues())


@pytest.fixture
def pipe(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Pipe:
    """Run the program with bytes on standard input, in an empty folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def call(data: bytes, *arguments: object) -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return run(*arguments)

    return call


def ttml(path: Path) -> bytes:
    body = "".join(f'<p begin="{c.start}s" end="{c.end}s">{c.text}</p>' for c in cues())
    content = f'<tt xmlns="http://www.w3.org/ns/ttml"><body><div>{body}</div></body></tt>'
    path.write_text(content, encoding="utf-8")
    return content.encode()


def test_captions_from_standard_input_give_what_the_file_gives(
    talk: Path, pipe: Pipe, run: Run, tmp_path: Path
) -> None:
    expected = run("draft", talk, "--count", 3).out
    found = pipe(talk.read_bytes(), "draft", "-", "--count", 3)
    assert (found.code, found.out) == (0, expected)
    assert pipe(ttml(tmp_path / "t.xml"), "draft", "-", "--count", 3).out == expected
    wide = talk.read_text(encoding="utf-8").encode("utf-16")
    assert pipe(wide, "draft", "-", "--count", 3).out == expected


def test_the_json_names_standard_input(talk: Path, pipe: Pipe) -> None:
    made = json.loads(pipe(talk.read_bytes(), "draft", "-", "--json").out)
    assert made["media"]["path"] == "-"
    assert made["transcript"]["source"] == "captions:file"


def test_results_go_to_the_files_that_are_named_and_nowhere_else(talk: Path, pipe: Pipe) -> None:
    options = ("-o", "talk.ffmeta", "--transcript", "talk.vtt")
    assert pipe(talk.read_bytes(), "draft", "-", *options).code == 0
    assert sorted(path.name for path in Path().iterdir()) == ["talk.ffmeta", "talk.vtt"]


def test_a_file_called_dash_is_still_a_file(talk: Path, pipe: Pipe) -> None:
    Path("-").write_bytes(talk.read_bytes())
    assert pipe(b"", "draft", "./-", "--count", 3).out.count("\n") == 3
    assert pipe(b"", "draft", "-").code == 3


@pytest.mark.parametrize(
    ("data", "arguments", "code", "said"),
    [
        (b"", (), 3, "it is empty"),
        (b" \n\n", (), 3, "it is empty"),
        (b"\0\1\2\xff" * 90_000, (), 4, "not text"),
        (b"only notes\n", (), 4, "no caption format"),
        (CHAPTERS.encode(), (), 4, "chapterize convert"),
        (b"", ("other.srt",), 2, "- with other inputs"),
        (b"", ("--out-dir", "folder"), 2, "no name"),
        (b"", ("--captions", "other.srt"), 2, "leave one of them out"),
    ],
)
def test_what_cannot_be_read_says_why(
    pipe: Pipe, data: bytes, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = pipe(data, "draft", "-", *arguments)
    assert (done.code, done.out) == (code, "")
    assert said in done.err


def test_a_terminal_is_not_waited_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", stdin)
    done = run("draft", "-")
    assert done.code == 3
    assert "it is a terminal" in done.err


def test_every_kind_of_captions_is_read_alone_with_and_next_to_a_video(
    make_media: MakeMedia, run: Run, tmp_path: Path
) -> None:
    video = make_media("talk.mp4", "-f", "lavfi", "-i", "color=c=gray:s=160x90:d=20", *H264)
    lines = [
        *("The oven must be hot before the bread goes in.", "Put the stone on the lowest shelf."),
        *("A wet dough sticks, so flour the board well.", "Weigh it, and never guess."),
        "Salt slows it all down.",
    ]
    forms = {
        "talk.sbv": "0:00:0{n}.000,0:00:0{n}.900\n{line}\n\n",
        "talk.tsv": "{n}000\t{n}900\t{line}\n",
        "talk.txt": "0:0{n}\n{line}\n",
        "talk.sub": "{{{n}0}}{{{n}9}}{line}\n",
    }
    for name, form in forms.items():
        head = {"talk.tsv": "start\tend\ttext\n", "talk.sub": "{1}{1}10\n"}.get(name, "")
        path = tmp_path / "other" / name
        path.parent.mkdir(exist_ok=True)
        rows = (form.format(n=n, line=line) for n, line in enumerate(lines))
        path.write_text(head + "".join(rows), encoding="utf-8")
        alone = json.loads(run("draft", path, "--json").out)
        given = json.loads(run("draft", video, "--captions", path, "--json").out)
        path.rename(video.parent / name)
        found = json.loads(run("draft", video, "--json").out)
        (video.parent / name).unlink()
        sources = ("captions:file", "captions:file", "captions:sidecar")
        for each, source in zip((alone, given, found), sources, strict=True):
            assert each["transcript"] == {"source": source, "language": "en", "n_sentences": 5}


@pytest.mark.parametrize("name", ["talk.txt", "talk.xml", "talk.srv3", "talk.list"])
def test_unknown_text_is_told_the_caption_formats_and_never_a_playlist(
    name: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / name).write_text('<?xml version="1.0"?>\n<notes>x</notes>\n', encoding="utf-8")
    done = run("draft", tmp_path / name)
    assert done.code == 4
    assert "playlist" not in done.err
    assert "TTML" in done.err


def test_a_playlist_is_still_called_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "talks.m3u").write_text("#EXTM3U\na.mp4\n", encoding="utf-8")
    assert "it is a playlist" in run("draft", tmp_path / "talks.m3u").err


def test_a_list_of_chapters_is_refused_with_the_command_that_reads_it(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_text(CHAPTERS, encoding="utf-8")
    done = run("draft", tmp_path / "list.txt")
    assert done.code == 4
    assert "chapterize convert" in done.err
