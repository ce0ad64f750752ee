"""What a command line names: files, ``file://`` addresses and web addresses."""

from __future__ import annotations

import inspect
import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chapterize.cli.main import app
from chapterize.cli.models import app as models
from chapterize.cli.remote import app as remote
from chapterize.errors import InputError
from chapterize.inputs import WebAddress, file_or_stdin, local_file, result_file, source_of
from tests.cli.program import Run
from tests.texts import cues, write_srt


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.com/a.mp4", "https://example.com/a.mp4"),
        ("HTTPS://Example.com/A.mp4?x=//y", "https://Example.com/A.mp4?x=//y"),
        ("https:/example.com/a.mp4", "https://example.com/a.mp4"),
        ("http://example.com", "http://example.com"),
        ("www.youtube.com/watch?v=abc", "https://www.youtube.com/watch?v=abc"),
        ("youtu.be/abc", "https://youtu.be/abc"),
        ("youtube.com/watch?v=abc", "https://youtube.com/watch?v=abc"),
        ("<https://example.com/a b.mp4>", "https://example.com/a b.mp4"),
        (" https://example.com/a.mp4\n", "https://example.com/a.mp4"),
        ("s3://bucket/a.mp4", "s3://bucket/a.mp4"),
    ],
)
def test_a_web_address_is_recognised_with_or_without_its_scheme(text: str, url: str) -> None:
    assert source_of(text) == WebAddress(url)
    for reader in (local_file, result_file):
        with pytest.raises(InputError) as refused:
            reader(text)
        assert url in refused.value.what


@pytest.mark.parametrize(
    "text",
    [
        "talk.mp4",
        "C:\\talks\\a.mp4",
        "C:/a.mp4",
        "www.talk.mp4",
        "youtu.be",
        "a:b.mp4",
        "-",
        "http",
    ],
)
def test_other_names_are_files(text: str) -> None:
    assert source_of(text) == local_file(text) == result_file(text) == Path(text)


def test_an_address_without_a_host_is_none_that_the_service_downloads() -> None:
    addresses = ("https://a.example/b.mp4", "https://", "https:///b.mp4", "https://?x=1")
    found = [source_of(text) for text in addresses]
    assert [isinstance(each, WebAddress) and each.is_https for each in found] == [
        *(True, False),
        *(True, False),
    ]


def test_a_file_with_the_name_of_an_address_is_a_file() -> None:
    for name in ("https:/example.com/a.mp4", "youtu.be/abc", "www.example.com/a.mp4"):
        Path(name).parent.mkdir(parents=True)
        Path(name).touch()
        assert source_of(name) == Path(name)
    # Two slashes are always an address: nobody types them for a folder called "https:".
    assert source_of("https://example.com/a.mp4") == WebAddress("https://example.com/a.mp4")


def test_a_file_address_names_a_file_of_this_machine() -> None:
    assert source_of("file:///tmp/a%20b%E6%97%A5.mp4") == Path("/tmp/a b日.mp4")
    assert source_of("FILE://localhost/tmp/is%20it%3F#1.mp4") == Path("/tmp/is it?#1.mp4")
    assert source_of("file:///tmp/why?.mp4") == Path("/tmp/why?.mp4")
    with pytest.raises(InputError, match="on another machine"):
        source_of("file://server/share/a.mp4")


@given(st.text(max_size=60))
def test_the_download_command_quotes_every_address(tail: str) -> None:
    with pytest.raises(InputError) as refused:
        local_file(f"https://example.com/{tail}")
    command = refused.value.hint.removeprefix("download it first: ")
    words = shlex.split(command)
    assert words[:3] == ["yt-dlp", "-o", "talk.%(ext)s"]
    assert len(words) == 4
    assert words[3].startswith("https://example.com/")


def commands() -> Iterator[tuple[str, Any]]:
    groups = [("", app), *((f"{each.info.name} ", each) for each in (remote, models))]
    for prefix, group in groups:
        for each in group.registered_commands:
            assert each.callback is not None
            yield f"{prefix}{each.name or each.callback.__name__}", each.callback


def takes_files() -> Iterator[tuple[str, str, Any]]:
    """Command, parameter and details of every parameter that is a path."""
    for name, function in commands():
        hints = get_type_hints(function, include_extras=True)
        for parameter in inspect.signature(function).parameters:
            hint = hints[parameter]
            if get_origin(hint) is Annotated and "Path" in str(get_args(hint)[0]):
                yield name, parameter, get_args(hint)[1]


def test_every_command_reads_its_files_with_the_one_reader() -> None:
    found = list(takes_files())
    assert {name for name, *_ in found} >= {
        *("draft", "render", "split", "embed", "convert", "check", "evaluate", "deliver"),
        *("remote export", "remote resume"),
    }
    odd = [
        (name, parameter)
        for name, parameter, details in found
        if details.parser not in (local_file, file_or_stdin, result_file)
    ]
    assert not odd


@pytest.mark.parametrize(
    "arguments",
    [
        ("draft", "{}"),
        ("render", "{}"),
        ("split", "{}"),
        ("check", "{}"),
        ("convert", "{}", "out.vtt"),
        ("embed", "{}", "talk.txt"),
        ("embed", "talk.mp4", "{}"),
        ("evaluate", "{}"),
        ("evaluate", "talk.srt", "--chapters", "{}"),
        ("deliver", "{}", "--yes"),
        ("deliver", "talk.mp4", "--chapters", "{}", "--yes"),
        ("draft", "talk.mp4", "--captions", "{}"),
        ("deliver", "talk.mp4", "--captions", "{}", "--yes"),
        ("ask", "make chapters", "{}", "--yes"),
    ],
)
def test_every_command_says_how_to_download_an_address(
    arguments: tuple[str, ...], run: Run
) -> None:
    url = "https://www.youtube.com/watch?v=a&t=$(date)"
    done = run(*(each.format(url) for each in arguments))
    assert done.code == 3
    assert f"next: download it first: yt-dlp -o \"talk.%(ext)s\" '{url}'" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("draft", "talk.mp4", "-o"),
        ("draft", "talk.mp4", "--transcript"),
        ("split", "talk.mp4", "--out-dir"),
        ("convert", "talk.txt"),
        ("remote", "export", "-o"),
    ],
)
def test_no_command_writes_to_an_address(arguments: tuple[str, ...], run: Run) -> None:
    done = run(*arguments, "https://example.com/a.vtt")
    assert done.code == 2
    assert "cannot write to https://example.com/a.vtt" in done.err


LONG = f"{'a' * 300}.mp4"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        *((f"{command} {LONG}", 3) for command in ("draft", "render", "split", "deliver --yes")),
        (f"render {{talk}} --font {LONG}", 2),
        (f"models path {LONG}", 8),
        (f"draft {{talk}} -o {LONG}.vtt", 5),
        (f"split {{talk}} --out-dir {LONG}", 5),
        (f"deliver {{talk}} --yes -o {LONG}", 5),
    ],
)
def test_a_name_that_is_too_long_is_an_error_and_no_crash(
    line: str, code: int, talk: Path, run: Run
) -> None:
    found = run(*({"{talk}": str(talk)}.get(word, word) for word in line.split()))
    assert found.code == code
    assert "error: " in found.err


@pytest.mark.parametrize("stem", ["b" * 246, "b" * 251, "\u8b1b" * 83, "e\u0301" * 83])
@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("draft {source} --format youtube,webvtt --transcript .srt --out-dir out", "out/*.vtt"),
        ("embed {source} list.txt", "*~????????-chapters.mp4"),
        ("render {source} --chapters list.txt", "*~????????-chapters.mp4"),
        ("split {source} --chapters list.txt", "*-chapters/0? *.mp4"),
        ("batch . --embed", "*~????????-chapters.mp4"),
    ],
)
def test_results_of_the_longest_names_are_shortened(
    line: str, made: str, stem: str, talk: Path, tmp_path: Path, run: Run
) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    source = Path(shutil.copy(talk, folder / f"{stem}.mp4"))
    write_srt(folder / f"{stem}.srt", cues())
    (folder / "list.txt").write_text("0:00 Opening\n0:01 Bees\n0:03 Honey\n")
    os.chdir(folder)
    done = run(*(source.name if word == "{source}" else word for word in line.split()))
    assert done.code == 0, done.err
    assert list(folder.glob(made))
    if line.startswith("batch"):
        # The next run knows its results again, and takes none of them for an input.
        again = run(*line.split())
        assert (again.code, "1 skipped" in again.err) == (0, True), again.err


def test_an_empty_name_is_no_folder(run: Run) -> None:
    for arguments in (("draft", ""), ("draft", "talk.mp4", "-o", ""), ("check", " ")):
        done = run(*arguments)
        assert (done.code, "the name of a file is empty" in done.err) == (2, True)


def test_a_text_is_downloaded_with_curl(run: Run) -> None:
    done = run("draft", "talk.mp4", "--captions", "https://example.com/a%20b.srt?x=1&y")
    assert (
        "next: download it first: curl -L -o 'a b.srt' 'https://example.com/a%20b.srt?x=1&y'"
        in (done.err)
    )


def test_a_list_of_inputs_is_not_an_address(run: Run) -> None:
    done = run("batch", "--from-file", "https://example.com/list.txt")
    assert (done.code, "curl -L -o list.txt" in done.err) == (3, True)


def test_a_model_is_named_and_not_addressed(run: Run) -> None:
    done = run("models", "path", "https://huggingface.co/owner/name/tree/main")
    assert (done.code, "next: give its name: owner/name" in done.err) == (8, True)


def test_a_folder_that_is_missing_is_found_before_the_draft(captions: Path, run: Run) -> None:
    done = run("draft", captions, "-o", "no/such/talk.vtt")
    assert (done.code, "no/such does not exist" in done.err) == (5, True)
    assert "chapters" not in done.err
    assert run("draft", captions, "-o", ".").code == 2
    assert "a file has this name" in run("draft", captions, "--out-dir", captions).err
