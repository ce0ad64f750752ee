"""Slide changes, pauses and embedded captions are found once for each content."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import chapterize.captions.embedded
import chapterize.media.audio
import chapterize.signals.slides
from chapterize.cache import Cache
from chapterize.data import Transcript
from chapterize.media import open_media
from chapterize.pipeline import Engines, Options, make_draft
from chapterize.pipeline.run import Run
from chapterize.pipeline.signals import captions_in, signals_of
from chapterize.segment import SegmentOptions
from tests.conftest import AAC, H264, SINE, MakeMedia
from tests.fakes import ScriptedTitler
from tests.texts import cues, write_srt

NO_WORDS = Transcript((), "none")
DECODERS = (
    (chapterize.signals.slides, "decode"),
    (chapterize.media.audio, "decode"),
    (chapterize.captions.embedded, "read_blocks"),
)


@pytest.fixture
def decodes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The module of every call that decodes video, audio or captions after the file is opened."""
    calls: list[str] = []
    for module, name in DECODERS:
        real = getattr(module, name)

        def counted(
            *given: Any, _real: Any = real, _name: str = module.__name__, **more: Any
        ) -> Any:
            calls.append(_name)
            return _real(*given, **more)

        monkeypatch.setattr(module, name, counted)
    return calls


def run_of(options: Options | None = None) -> Run:
    return Run(options or Options(), Engines())


def slideshow(make_media: MakeMedia) -> Path:
    """-f lavfi -i testsrc2=40 s, black=40 s, testsrc=40 s, one after the other, and SINE"""
    slides = "testsrc2=size=160x90:rate=5:duration=40[a];color=black:size=160x90:rate=5:duration=40"
    slides += "[b];testsrc=size=160x90:rate=5:duration=40[c];[a][b][c]concat=n=3"
    return make_media("slideshow.mp4", "-f", "lavfi", "-i", slides, *SINE, *H264, *AAC)


def test_a_second_draft_with_other_titles_decodes_nothing(
    make_media: MakeMedia, tmp_path: Path, decodes: list[str]
) -> None:
    video = Path(shutil.copy(slideshow(make_media), tmp_path / "talk.mp4"))
    write_srt(tmp_path / "talk.srt", cues())
    first = make_draft(video)
    assert set(decodes) == {"chapterize.signals.slides"}
    assert first.signals.slides
    decodes.clear()
    other = make_draft(
        video,
        Options(segment=SegmentOptions(count=3)),
        engines=Engines(titler=ScriptedTitler()),
    )
    assert decodes == []
    assert other.signals == first.signals
    assert other.chapters.titles == ("T1", "T2", "T3")


def test_a_copy_under_another_name_decodes_nothing(
    make_media: MakeMedia, tmp_path: Path, decodes: list[str]
) -> None:
    video = slideshow(make_media)
    first = signals_of(open_media(video), NO_WORDS, True, run_of())
    decodes.clear()
    copy = Path(shutil.copy(video, tmp_path / "日本語.mp4"))
    assert signals_of(open_media(copy), NO_WORDS, True, run_of()) == first
    assert decodes == []


def test_pauses_are_found_once(make_media: MakeMedia, decodes: list[str]) -> None:
    video = slideshow(make_media)
    first = signals_of(open_media(video), NO_WORDS, False, run_of())
    assert set(decodes) == {"chapterize.signals.slides", "chapterize.media.audio"}
    assert first.pauses
    decodes.clear()
    assert signals_of(open_media(video), NO_WORDS, False, run_of()) == first
    assert decodes == []


def test_a_second_draft_reports_the_same_damage(
    make_media: MakeMedia, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    sound = make_media("tone.mp3", *SINE, "-c:a", "libmp3lame")
    data = bytearray(sound.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    damaged = tmp_path / "damaged.mp3"
    damaged.write_bytes(data)
    notes = [make_draft(damaged, Options(offline=True)).notes for _ in range(2)]
    assert notes[0] == notes[1]
    assert any(note.startswith("The audio is damaged: ") for note in notes[0])


def test_embedded_captions_are_read_once(
    video_mkv_with_subtitles: Path, decodes: list[str]
) -> None:
    media = open_media(video_mkv_with_subtitles)
    first = captions_in(media, run_of())
    assert first is not None
    assert first.cues
    assert decodes == ["chapterize.captions.embedded"]
    assert captions_in(media, run_of()) == first
    assert len(decodes) == 1
    captions_in(media, run_of(Options(language="de")))
    assert len(decodes) == 2


def test_another_content_is_decoded_again(
    make_media: MakeMedia, tmp_path: Path, decodes: list[str]
) -> None:
    video = Path(shutil.copy(slideshow(make_media), tmp_path / "talk.mp4"))
    first = signals_of(open_media(video), NO_WORDS, True, run_of())
    shutil.copy(make_media("plain.mp4", "-f", "lavfi", "-i", "color=d=4:r=5", *H264), video)
    decodes.clear()
    second = signals_of(open_media(video), NO_WORDS, True, run_of())
    assert decodes
    assert second != first


@pytest.mark.parametrize("stored", ["damage", "x", {"starts": [1.0], "ends": [], "notes": []}, [1]])
def test_a_damaged_entry_is_found_again(make_media: MakeMedia, stored: Any) -> None:
    media = open_media(slideshow(make_media))
    first = signals_of(media, NO_WORDS, False, run_of())
    cache = Cache()
    paths = list((cache.folder / "results").iterdir())
    assert len(paths) == 2
    for path in paths:
        if stored == "damage":
            path.write_text(path.read_text("utf-8").replace("0", "1"), "utf-8")
        else:
            cache.put(path.stem, stored)
    assert signals_of(media, NO_WORDS, False, run_of()) == first
    values = [json.loads(path.read_text("utf-8"))["value"] for path in paths]
    assert stored not in values


def test_a_cache_that_cannot_be_written_does_not_stop_a_draft(
    make_media: MakeMedia, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decodes: list[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("CHAPTERIZE_CACHE", str(tmp_path / "file" / "cache"))
    media = open_media(slideshow(make_media))
    first = signals_of(media, NO_WORDS, True, run_of())
    n_decodes = len(decodes)
    assert signals_of(media, NO_WORDS, True, run_of()) == first
    assert len(decodes) == 2 * n_decodes
