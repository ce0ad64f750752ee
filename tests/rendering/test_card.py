from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from chapterize.data import Chapters
from chapterize.media import open_media
from chapterize.rendering import RenderOptions, render
from chapterize.rendering import video as rendering_video
from chapterize.rendering.card import (
    TICKS,
    card_ticks,
    write_background,
    write_card,
)
from chapterize.rendering.cover import find_cover
from chapterize.rendering.options import ASPECTS
from chapterize.rendering.overlay import plan_fonts
from chapterize.rendering.streams import CARD, fit
from tests.conftest import AAC, H264, SINE, MakeMedia
from tests.rendering.covers import cover, image
from tests.rendering.frames import draw

SMALL = RenderOptions(size="480p")
ACCENT = (0xFF, 0xCC, 0x00)


def halves(path: Path, titles: tuple[str, str] = ("One", "Two")) -> Chapters:
    duration = open_media(path).duration
    return Chapters.from_starts([0.0, duration / 2], titles, duration)


def colours_at(path: Path, second: float) -> Any:
    """The frame shown at a time, shape (height, width, 3)."""
    with av.open(str(path)) as container:
        times = [f for f in container.decode(video=0) if (f.time or 0.0) <= second]
        return times[-1].to_ndarray(format="rgb24").astype(int)


def n_like(frame: Any, colour: tuple[int, int, int]) -> int:
    return int((np.abs(frame - colour).max(axis=2) < 48).sum())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.mp3", "a.m4a", "a.wav", "a.opus", "a.flac"])
@pytest.mark.parametrize("length", [0.05, 0.4, 2.01, 2.03, 2.05, 2.07])
def test_a_card_has_the_length_of_any_audio(
    length: float, name: str, make_media: MakeMedia, tmp_path: Path
) -> None:
    """-f lavfi -i sine=d=LENGTH:sample_rate=44100"""
    line = ("-f", "lavfi", "-i", f"sine=d={length}:sample_rate=44100")
    source = make_media(f"{length}-{name}", *line)
    made = render(source, halves(source), tmp_path / "o.mp4", SMALL)
    assert made.how == "card"
    assert open_media(made.path).duration == pytest.approx(open_media(source).duration, abs=0.04)


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        ("-f", "lavfi", "-i", "sine=d=2:sample_rate=8000"),
        ("-f", "lavfi", "-i", "sine=d=2:sample_rate=192000"),
        ("-f", "lavfi", "-i", "anoisesrc=d=2,aformat=channel_layouts=5.1"),
        ("-f", "lavfi", "-i", "anoisesrc=d=2,pan=12c|" + "|".join(f"c{n}=c0" for n in range(12))),
        ("-f", "lavfi", "-i", "anullsrc=d=2"),
    ],
    ids=["8 kHz", "192 kHz", "5.1", "12 channels", "silence"],
)
def test_any_rate_and_any_number_of_channels_becomes_a_card(
    line: tuple[str, ...], make_media: MakeMedia, tmp_path: Path
) -> None:
    source = make_media(f"{len(line[-1])}.wav", *line)
    assert render(source, halves(source), tmp_path / "o.mp4", SMALL).how == "card"


@pytest.mark.slow
def test_a_card_shows_each_title_throughout_its_chapter_and_the_progress(
    make_media: MakeMedia, tmp_path: Path
) -> None:
    """sine=d=12, no cover: a waveform shows the progress."""
    source = make_media("12.m4a", "-f", "lavfi", "-i", "sine=d=12", *AAC)
    chapters = Chapters.from_starts([0.0, 5.013, 5.02], ["One", "", "Two"], 12.0)
    notes, options = list[str](), replace(SMALL, seconds=2.0)
    made = render(source, chapters, tmp_path / "o.mp4", options, on_note=notes.append)
    assert any("style and seconds are unused" in note for note in notes)
    frames = {at: colours_at(made.path, at) for at in (0.0, 4.9, 5.013, 8.0, 11.9)}
    titles = {at: frame[:220] for at, frame in frames.items()}
    assert n_like(titles[0.0], (255, 255, 255)) > 200
    assert np.abs(titles[0.0] - titles[4.9]).max() < 40
    # A player that seeks to a chapter shows its title at once.
    assert np.abs(titles[5.013] - titles[11.9]).max() < 40
    assert np.abs(titles[4.9] - titles[5.013]).max() > 200
    played = [n_like(frame, ACCENT) for frame in frames.values()]
    assert played == sorted(set(played))


@pytest.mark.slow
@pytest.mark.parametrize("aspect", [None, *ASPECTS])
@pytest.mark.parametrize("size", ["300x300", "60x600", "900x90"])
def test_a_cover_is_shown_whole_and_apart_from_the_title(
    size: str, aspect: str | None, make_media: MakeMedia, tmp_path: Path
) -> None:
    source = make_media(f"{size}.mp3", *SINE, *cover(size))
    frame = fit(CARD, RenderOptions(size="480p", aspect=aspect))
    write_background(find_cover(source), frame, tmp_path / "b.png")
    with av.open(str(tmp_path / "b.png")) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    rows, columns = np.nonzero(np.abs(shown - (254, 0, 0)).max(axis=2) < 24)
    wide, high = (int(side) for side in size.split("x"))
    found = (columns.max() - columns.min() + 1) / (rows.max() - rows.min() + 1)
    assert found == pytest.approx(wide / high, rel=0.15)
    assert columns.min() >= 0.09 * frame[0]
    assert columns.max() <= 0.91 * frame[0]
    assert rows.max() <= 0.9 * frame[1]


@pytest.mark.slow
@pytest.mark.parametrize("codec", [("-c:v", "mjpeg"), H264])
def test_a_video_of_one_frame_becomes_a_card(
    codec: tuple[str, ...], make_media: MakeMedia, tmp_path: Path
) -> None:
    """SINE, and a red frame as a track of its own: as a video, it would show no later title."""
    source = make_media(f"one-{codec[1]}.mp4", *SINE, *image("320x180", *codec), *AAC)
    assert open_media(source).has_video
    made = render(source, halves(source), tmp_path / "o.mp4", SMALL)
    assert (made.how, made.reason) == ("card", "its video is one image")
    shown = colours_at(made.path, 3.5)
    assert n_like(shown, (254, 0, 0)) > 5000
    assert n_like(shown, (255, 255, 255)) > 100


@pytest.mark.slow
def test_a_copy_with_chapters_looks_for_no_font(
    audio_mp3: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*rest: object) -> None:
        raise AssertionError("fonts were looked for")

    monkeypatch.setattr(rendering_video, "plan_fonts", fail)
    options = RenderOptions(audio_only="chapters")
    titles = ("窯の中", "\U000cf8ff")
    made = render(audio_mp3, halves(audio_mp3, titles), tmp_path / "o.mp3", options)
    assert tuple(chapter.title for chapter in open_media(made.path).chapters) == titles


@pytest.mark.parametrize("duration", [0.01, 0.05, 3.333, 20.03, 600.0, 7200.0])
def test_frames_are_few_and_there_is_one_at_each_chapter(duration: float) -> None:
    starts = [duration * share for share in (0.0, 0.31, 0.3101, 0.9)]
    chapters = (
        Chapters.from_starts(starts, ["A", "B", "C", "D"], duration)
        if duration > 1
        else (Chapters.from_starts([0.0], ["A"], duration))
    )
    step, ticks = card_ticks(chapters, duration, 1920)
    assert list(ticks) == sorted(set(ticks))
    assert ticks[0] == 0
    assert abs((ticks[-1] + 1) / TICKS - duration) <= 0.05
    assert len(ticks) <= max(10 * 60, 2 * duration) + 6
    for start in chapters.starts:
        shown = ticks[ticks <= start * TICKS + 1e-6].max() / TICKS
        assert start - 1 / TICKS < shown + 1e-6
    assert TICKS % step == 0


def test_long_titles_stay_whole_and_inside_the_frame(make_media: MakeMedia, tmp_path: Path) -> None:
    title = "Why glazes craze, and what a slower cooling schedule does about it in practice"
    source = open_media(make_media("s.wav", *SINE))
    chapters = Chapters.from_starts([0.0], [title], source.duration)
    red = np.zeros((300, 300, 3), np.uint8)
    for aspect in ASPECTS:
        size = fit(CARD, RenderOptions(size="480p", aspect=aspect))
        options = RenderOptions(size="480p", aspect=aspect, numbers=True)
        text, notes = write_card(source, chapters, options, size, red, plan_fonts([title]))
        assert notes == ()
        frame = draw(text, tmp_path, *size)
        rows, columns = np.nonzero(frame > 230)
        assert 0.095 * size[0] < columns.min() <= columns.max() < 0.905 * size[0]
        top = {"16:9": 0.1, "9:16": 0.4, "1:1": 0.48}[aspect]
        assert top * size[1] < rows.min() <= rows.max() < 0.9 * size[1]
