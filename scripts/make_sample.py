#!/usr/bin/env python3
"""Make the sample lecture: ``python scripts/make_sample.py [FOLDER]``.

Reads sample_text.md and writes lecture.mp4 (slides, speech, captions) and lecture.chapters.json
(the true chapters) to FOLDER, by default tests/data. Needs ``pip install -e .[sample]``.
"""

from __future__ import annotations

import argparse
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sample_lecture import Lecture, Slide, caption_cues, read_lecture
from sample_slides import draw_slide
from sample_speech import Speaker

from chapterize.data import Chapters, Cue, Word
from chapterize.ffmpeg import input_file, output_url, run
from chapterize.formats import dumps
from chapterize.timecode import format_clock, format_length, format_timestamp

ROOT = Path(__file__).resolve().parents[1]
FRAME_RATE = 5
KEYFRAME_DISTANCE = 10  # seconds; players need no finer seeking in still images
SIZE_LIMIT_BYTES = 4_000_000
_LEAD_IN, _LEAD_OUT = 0.6, 1.6  # seconds of silence at the start and the end
_SLIDE_AHEAD = 0.3  # seconds from a slide to its first word


@dataclass(frozen=True)
class Recording:
    """The lecture with times in seconds: audio, cues, slide changes and chapters."""

    samples: NDArray[np.int16]
    sample_rate: int
    cues: tuple[Cue, ...]
    slides: tuple[tuple[float, Slide], ...]
    chapters: Chapters


def record(lecture: Lecture) -> Recording:
    """Speak the lecture and record the times of everything."""
    speaker = Speaker()
    blocks, clock = [np.zeros(0, np.int16)], 0.0
    paragraphs: list[list[Word]] = []
    slides: list[tuple[float, Slide]] = []
    chapters: list[tuple[float, str]] = []
    for line in lecture.lines:
        pause = line.pause if slides else _LEAD_IN
        blocks.append(np.zeros(round(pause * speaker.sample_rate), np.int16))
        clock += len(blocks[-1]) / speaker.sample_rate
        if line.slide:
            slides.append((_on_frame(clock - _SLIDE_AHEAD) if slides else 0.0, line.slide))
        if line.chapter:
            chapters.append((clock, line.chapter))
        if line.is_paragraph:
            paragraphs.append([])
        spoken = speaker.say(line.text)
        length = len(spoken.samples) / speaker.sample_rate
        ends = (*spoken.word_starts[1:], length)
        paragraphs[-1] += [
            Word(clock + start, clock + end, text)
            for start, end, text in zip(spoken.word_starts, ends, spoken.words, strict=True)
        ]
        blocks.append(spoken.samples)
        clock += length
    blocks.append(np.zeros(round(_LEAD_OUT * speaker.sample_rate), np.int16))
    samples = np.concatenate(blocks)
    duration = _on_frame(len(samples) / speaker.sample_rate)
    starts, titles = zip(*chapters, strict=True)
    return Recording(
        samples[: round(duration * speaker.sample_rate)],
        speaker.sample_rate,
        tuple(cue for words in paragraphs for cue in caption_cues(words)),
        tuple(slides),
        Chapters.from_starts(starts, titles, duration),
    )


def write_video(recording: Recording, title: str, folder: Path, target: Path) -> None:
    """Encode H.264, AAC and mov_text into `target`; temporary files are in `folder`."""
    import ffmpeg

    duration = recording.chapters.duration
    with wave.open(str(folder / "speech.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(recording.sample_rate)
        file.writeframes(recording.samples.tobytes())
    (folder / "captions.srt").write_text(_srt(recording.cues), encoding="utf-8")
    keyframes = ",".join(f"{start:.3f}" for start, _ in recording.slides)
    images = [
        input_file(path, f="image2", loop=1, framerate=FRAME_RATE, t=f"{length:.3f}")
        for path, length in _draw_all(recording, title, folder)
    ]
    inputs = [
        ffmpeg.concat(*images),
        input_file(folder / "speech.wav", f="wav")["a"],
        input_file(folder / "captions.srt", f="srt")["s"],
    ]
    output = ffmpeg.output(
        *inputs,
        output_url(target),
        **{"c:v": "libx264", "preset": "slow", "crf": 33, "sc_threshold": 0},
        **{"r": FRAME_RATE, "g": FRAME_RATE * KEYFRAME_DISTANCE, "pix_fmt": "yuv420p"},
        **{"force_key_frames": keyframes, "threads": 1, "t": duration},
        **{"c:a": "aac", "b:a": "32k", "c:s": "mov_text", "metadata:s:s:0": "language=eng"},
        **{"metadata:s:a:0": "language=eng", "metadata": f"title={title}", "map_metadata": -1},
        **{"fflags": "+bitexact", "flags:v": "+bitexact", "flags:a": "+bitexact"},
        movflags="+faststart",
        f="mp4",
    ).overwrite_output()
    run(output, what=f"encoding {target.name}")


def main() -> None:
    """Make both files and print a summary."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "tests" / "data")
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    lecture = read_lecture(ROOT / "scripts" / "sample_text.md")
    recording = record(lecture)
    video, gold = folder / "lecture.mp4", folder / "lecture.chapters.json"
    with tempfile.TemporaryDirectory() as parts:
        write_video(recording, lecture.title, Path(parts), video)
    size = video.stat().st_size
    if size > SIZE_LIMIT_BYTES:
        raise SystemExit(f"{video} has {size} bytes, more than {SIZE_LIMIT_BYTES}")
    gold.write_text(dumps(recording.chapters), encoding="utf-8")
    for chapter in recording.chapters.chapters:
        length = format_length(chapter.end - chapter.start)
        print(f"{format_clock(chapter.start):>5}  {chapter.title} ({length})")
    print(f"{len(recording.cues)} cues, {len(recording.slides)} slides, {size} bytes")


def _on_frame(second: float) -> float:
    return int(second * FRAME_RATE) / FRAME_RATE


def _srt(cues: tuple[Cue, ...]) -> str:
    return "\n".join(
        f"{number}\n{format_timestamp(cue.start, separator=',')} --> "
        f"{format_timestamp(cue.end, separator=',')}\n{cue.text}\n"
        for number, cue in enumerate(cues, 1)
    )


def _draw_all(recording: Recording, title: str, folder: Path) -> list[tuple[Path, float]]:
    """Draw the slides into `folder`; returns the path and the duration of each, in seconds."""
    drawn = []
    ends = [*(start for start, _ in recording.slides[1:]), recording.chapters.duration]
    for number, ((start, slide), end) in enumerate(zip(recording.slides, ends, strict=True), 1):
        path = folder / f"slide{number:02d}.png"
        image = draw_slide(slide.heading, slide.lines, slide.figure, footer=title, number=number)
        image.save(path)
        drawn.append((path, end - start))
    return drawn


if __name__ == "__main__":
    main()
