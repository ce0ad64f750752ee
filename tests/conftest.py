"""Options of the test run, and media fixtures, which ffmpeg makes once a session.

The docstring of a media fixture is its ffmpeg command:
TESTSRC stands for ``-f lavfi -i testsrc=size=320x180:rate=25:duration=4`` and SINE for
``-f lavfi -i sine=frequency=440:sample_rate=44100:duration=4``; H264 for
``-c:v libx264 -preset ultrafast -pix_fmt yuv420p``.
"""

from __future__ import annotations

import itertools
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import imageio_ffmpeg
import pytest

from chapterize import masking
from chapterize.settings import CONFIG_VARIABLE, SETTINGS, variable
from tests.needs import ALLOWED

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
"""Makes the fixtures, so that they do not depend on the ffmpeg that is installed."""

TESTSRC = ("-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=4")
SINE = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=4")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AAC = ("-c:a", "aac", "-b:a", "64k")

_CACHES = itertools.count()

CAPTIONS = """1
00:00:00,500 --> 00:00:01,700
Hello and welcome to the lecture.

2
00:00:02,000 --> 00:00:03,500
Today we talk about bees.
"""

CHAPTERS = """;FFMETADATA1
title=A short lecture
[CHAPTER]
TIMEBASE=1/1000
START=0
END=1500
title=Opening
[CHAPTER]
TIMEBASE=1/1000
START=1500
END=4000
title=Bees & honey
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "fail if a test is skipped for a reason that tests/needs.py does not allow"
    parser.addoption("--no-skips", action="store_true", help=text)


def pytest_configure() -> None:
    # A shell script's background job ignores Ctrl-C, and so would every program the tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not even import a file of slow tests when those are left out."""
    if config.getoption("markexpr") != "not slow" or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    return "\npytestmark = pytest.mark.slow\n" in text or None


def _skips(config: pytest.Config) -> list[tuple[str, str]]:
    """The id and the reason of every skipped test, or file that was skipped whole."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    reports = reporter.stats.get("skipped", []) if reporter else []
    return [(r.nodeid, r.longrepr[2].removeprefix("Skipped: ")) for r in reports]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skips = _skips(config)
    if config.getoption("--no-skips"):
        for name, reason in skips:
            verdict = "allowed" if reason in ALLOWED else "NOT ALLOWED"
            terminalreporter.write_line(f"skipped ({verdict}): {name}: {reason}")
    else:
        for reason, n_tests in Counter(reason for _, reason in skips).items():
            terminalreporter.write_line(f"skipped {n_tests}: {reason}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    config = session.config
    if config.getoption("--no-skips") and {reason for _, reason in _skips(config)} - ALLOWED:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Transcripts and edits kept by one test, or by the person who runs the tests, are no input of
    another. The folders themselves are only created where a test keeps something.
    """
    number = next(_CACHES)
    base = tmp_path_factory.getbasetemp()
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(base / f"c{number}"))
    monkeypatch.setenv("CHAPTERIZE_STATE", str(base / f"s{number}"))


@pytest.fixture(autouse=True)
def _own_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The token of one test is ordinary text in the next."""
    for name in ("_whole", "_spelled", "_pieces", "_seeds", "_short"):
        monkeypatch.setattr(masking, name, set())


@pytest.fixture(autouse=True)
def _no_slide_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether slides are read does not depend on what is installed; tests of it bring a reader."""
    monkeypatch.setattr("chapterize.pipeline.options.is_installed", lambda: False)


@pytest.fixture(scope="session", autouse=True)
def _no_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the settings and the cache of the person who runs the tests out of them."""
    empty = tmp_path_factory.mktemp("config") / "config.toml"
    empty.touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CONFIG_VARIABLE, str(empty))
        patch.setenv("CHAPTERIZE_CACHE", str(empty.with_name("cache")))
        for name in SETTINGS:
            patch.delenv(variable(name), raising=False)
        yield


class MakeMedia(Protocol):
    """Make `name` in a new folder with ``ffmpeg <args> <name>``, once for the same arguments."""

    def __call__(self, name: str, *args: str | Path) -> Path: ...


@pytest.fixture(scope="session")
def make_media(tmp_path_factory: pytest.TempPathFactory) -> MakeMedia:
    """A factory: ``make_media("talk.mp4", *TESTSRC, *H264)``."""
    made: dict[tuple[str, ...], Path] = {}

    def make(name: str, *args: str | Path) -> Path:
        key = (name, *map(str, args))
        if key not in made:
            target = tmp_path_factory.mktemp("media") / name
            command = [FFMPEG, "-nostdin", "-loglevel", "error", "-y", *key[1:]]
            subprocess.run([*command, f"file:{target}"], check=True, timeout=120)
            made[key] = target
        return made[key]

    return make


@pytest.fixture(scope="session")
def video_mp4(make_media: MakeMedia) -> Path:
    """TESTSRC SINE H264 -g 25 -c:a aac -b:a 64k -metadata:s:a language=eng (AAC priming edit)."""
    return make_media(
        "video.mp4", *TESTSRC, *SINE, *H264, "-g", "25", *AAC, "-metadata:s:a", "language=eng"
    )


@pytest.fixture(scope="session")
def video_only_mp4(make_media: MakeMedia) -> Path:
    """TESTSRC H264"""
    return make_media("video_only.mp4", *TESTSRC, *H264)


@pytest.fixture(scope="session")
def audio_only_m4a(make_media: MakeMedia) -> Path:
    """SINE -c:a aac -b:a 64k"""
    return make_media("audio.m4a", *SINE, *AAC)


@pytest.fixture(scope="session")
def late_audio_mp4(make_media: MakeMedia) -> Path:
    """TESTSRC -itsoffset 1.436 SINE -map 0:v -map 1:a H264 -c:a alac

    Lossless, because the priming samples of AAC would start 23 ms before 1.436 s.
    """
    late = ("-itsoffset", "1.436", *SINE, "-map", "0:v", "-map", "1:a")
    return make_media("late.mp4", *TESTSRC, *late, *H264, "-c:a", "alac")


@pytest.fixture(scope="session")
def video_mkv_with_subtitles(
    make_media: MakeMedia, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """TESTSRC SINE -i captions.srt -map 0 -map 1 -map 2 H264 -c:a aac -c:s srt
    -metadata:s:s language=eng -metadata:s:s title=Captions
    """
    captions = tmp_path_factory.mktemp("captions") / "captions.srt"
    captions.write_text(CAPTIONS, encoding="utf-8")
    maps = ("-map", "0", "-map", "1", "-map", "2")
    tags = ("-metadata:s:s", "language=eng", "-metadata:s:s", "title=Captions")
    return make_media(
        *("subtitles.mkv", *TESTSRC, *SINE, "-i", captions, *maps, *H264, *AAC, "-c:s", "srt"),
        *tags,
    )


@pytest.fixture(scope="session")
def video_mp4_with_chapters(
    make_media: MakeMedia, video_mp4: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """-i video.mp4 -f ffmetadata -i chapters.ffmeta -map_metadata 1 -map_chapters 1 -c copy"""
    chapters = tmp_path_factory.mktemp("chapters") / "chapters.ffmeta"
    chapters.write_text(CHAPTERS, encoding="utf-8")
    from_file = ("-f", "ffmetadata", "-i", chapters, "-map_metadata", "1", "-map_chapters", "1")
    return make_media("chapters.mp4", "-i", video_mp4, *from_file, "-map", "0", "-c", "copy")


@pytest.fixture(scope="session")
def video_webm(make_media: MakeMedia) -> Path:
    """TESTSRC SINE -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"""
    vp9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8")
    return make_media("video.webm", *TESTSRC, *SINE, *vp9, "-c:a", "libopus")


@pytest.fixture(scope="session")
def video_mov(make_media: MakeMedia) -> Path:
    """TESTSRC SINE H264 -c:a pcm_s16le"""
    return make_media("video.mov", *TESTSRC, *SINE, *H264, "-c:a", "pcm_s16le")


@pytest.fixture(scope="session")
def video_avi(make_media: MakeMedia) -> Path:
    """TESTSRC SINE -c:v mpeg4 -c:a libmp3lame"""
    return make_media("video.avi", *TESTSRC, *SINE, "-c:v", "mpeg4", "-c:a", "libmp3lame")


@pytest.fixture(scope="session")
def audio_mp3(make_media: MakeMedia) -> Path:
    """SINE -c:a libmp3lame"""
    return make_media("audio.mp3", *SINE, "-c:a", "libmp3lame")


@pytest.fixture(scope="session")
def audio_wav(make_media: MakeMedia) -> Path:
    """SINE"""
    return make_media("audio.wav", *SINE)


@pytest.fixture(scope="session")
def audio_ogg(make_media: MakeMedia) -> Path:
    """SINE -c:a libopus"""
    return make_media("audio.ogg", *SINE, "-c:a", "libopus")


@pytest.fixture(scope="session")
def audio_aac(make_media: MakeMedia) -> Path:
    """SINE -c:a aac -b:a 64k -f adts"""
    return make_media("audio.aac", *SINE, *AAC, "-f", "adts")


@pytest.fixture(scope="session")
def audio_flac(make_media: MakeMedia) -> Path:
    """SINE -c:a flac"""
    return make_media("audio.flac", *SINE, "-c:a", "flac")
