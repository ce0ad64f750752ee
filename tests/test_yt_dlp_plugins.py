"""The post-processor that yt-dlp loads from an installed chapterize."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chapterize import formats
from chapterize.media import open_media

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"
LECTURE = ROOT / "tests" / "data" / "lecture.mp4"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the sample lecture, on a server of this machine."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(LECTURE, folder / "talk.mp4")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/talk.mp4"
    server.shutdown()
    server.server_close()


def download(
    folder: Path, address: str, arguments: str, *more: str
) -> subprocess.CompletedProcess[str]:
    """Run yt-dlp with the post-processor and its `arguments`."""
    name = 'it\'s "a" talk; & more.%(ext)s'
    return subprocess.run(
        [
            *(sys.executable, "-m", "yt_dlp", "--ignore-config", "--no-progress"),
            *("-P", str(folder), "-o", name, *more),
            *("--use-postprocessor", f"Chapterize:when=after_move{arguments}", address),
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [str(SCRIPTS), *sys.path]))},
        capture_output=True,
        text=True,
        check=False,
    )


def written(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir())


@pytest.mark.slow
def test_chapter_files_are_written_once_and_kept(tmp_path: Path, address: str) -> None:
    arguments = ";format=youtube,webvtt;count=5;offline=true"
    done = download(tmp_path, address, arguments)
    assert done.returncode == 0, done.stderr
    assert written(tmp_path) == [".mp4", ".txt", ".vtt"]
    (listed,) = tmp_path.glob("*.youtube.txt")
    assert len(formats.read_listing(listed).marks) == 5
    listed.write_text("0:00 Mine\n")
    again = download(tmp_path, address, arguments)
    assert again.returncode == 0
    assert "exist already, and are kept" in again.stdout
    assert listed.read_text() == "0:00 Mine\n"
    replaced = download(tmp_path, address, f"{arguments};replace=true")
    assert replaced.returncode == 0
    assert len(formats.read_listing(listed).marks) == 5


@pytest.mark.slow
def test_chapters_are_embedded_once(tmp_path: Path, address: str) -> None:
    done = download(tmp_path, address, ";embed=true;offline=true")
    assert done.returncode == 0, done.stderr
    assert written(tmp_path) == [".mp4"]
    (path,) = tmp_path.iterdir()
    chapters = open_media(path).chapters
    assert chapters is not None
    assert len(chapters) >= 3
    before = path.stat().st_mtime_ns
    again = download(tmp_path, address, ";embed=true;offline=true")
    assert "kept as it is" in again.stdout
    assert path.stat().st_mtime_ns == before


@pytest.mark.slow
def test_chapters_of_the_site_are_kept(tmp_path: Path, address: str) -> None:
    info = tmp_path / "talk.info.json"
    got = subprocess.run(
        [sys.executable, "-m", "yt_dlp", "--ignore-config", "-J", address],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    chapters = '"chapters": [{"start_time": 0, "end_time": 9, "title": "Theirs"}], '
    info.write_text(got.stdout.replace("{", "{" + chapters, 1))
    done = download(tmp_path / "out", address, ";offline=true", "--load-info-json", str(info))
    assert done.returncode == 0, done.stderr
    assert "has 1 chapters of its own, which are kept" in done.stdout
    assert written(tmp_path / "out") == [".mp4"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (";cuont=5", "No such option: --cuont"),
        (";embed=perhaps", "use embed=true or embed=false"),
        (";output=x.txt", "output cannot be set"),
        (";format=mp3;offline=true", "no chapter format 'mp3'"),
    ],
)
def test_what_goes_wrong_is_an_error_of_yt_dlp(
    tmp_path: Path, address: str, arguments: str, message: str
) -> None:
    done = download(tmp_path, address, arguments)
    assert done.returncode != 0
    assert message in done.stderr
    assert written(tmp_path) in ([".mp4"], [])
