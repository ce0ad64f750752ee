#!/usr/bin/env python3
"""Make talks with slides as material: ``python scripts/make_decks.py FOLDER [DECK...]``.

Reads ``decks/*.md`` and writes for each a video, its captions (.srt) and what should be found
(.gold.json): pages with kind and heading, chapters, and the terms on the slides. Decks named fit-*
are for fitting, decks named held-* only for figures. Needs ``pip install -e .[sample]``.
"""

from __future__ import annotations

import argparse
import json
import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from deck_pages import STYLES, draw_page, face, has_chinese, wrap
from deck_screens import FURNITURE, camera_frames, code_line, draw_screen, montage_frame
from deck_text import Deck, Page, read_deck
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from sample_lecture import caption_cues
from sample_speech import Speaker

from chapterize.data import Cue, Word
from chapterize.timecode import format_timestamp

DECKS = Path(__file__).resolve().parent / "decks"
_FPS = 5
_WORDS_PER_SECOND = 2.6
_CHARACTERS_PER_SECOND = 4.6  # of Chinese
_PIP = (304, 172)  # width and height of the camera in the corner
_LEAD_OUT = 3.0

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]


@dataclass(frozen=True)
class State:
    """What is on the screen from `start` on; a build is a new state of the same page."""

    start: float
    page: Page
    lines: tuple[str, ...]
    is_build: bool


@dataclass
class Talk:
    """A deck with times in seconds."""

    deck: Deck
    states: list[State] = field(default_factory=list)
    chapters: list[tuple[float, str]] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    samples: list[NDArray[np.int16]] = field(default_factory=list)
    sample_rate: int = 0
    duration: float = 0.0


def time_talk(deck: Deck) -> Talk:
    """Speak the deck, in silence or with espeak, and note when everything happens.

    Pauses do not depend on the slides, and a slide comes up to 0.8 s too early or too late.
    """
    talk, rng = Talk(deck), random.Random(deck.name)
    speaker = None
    if voice := deck.settings.get("voice"):
        speaker = Speaker(voice)
        talk.sample_rate = speaker.sample_rate
    clock, paragraph = 0.0, list[Word]()
    for kind, what in deck.events():
        if isinstance(what, Page):
            start = clock + rng.uniform(-0.6, 0.8)
            start = max(start, talk.states[-1].start + 1.0) if talk.states else 0.0
            talk.states.append(State(start, what, tuple(what.lines), kind == "build"))
        elif kind == "chapter":
            _flush(talk, paragraph)
            pause = rng.uniform(0.3, 1.4)
            clock += pause
            talk.samples.append(np.zeros(round(pause * talk.sample_rate), np.int16))
            talk.chapters.append((clock, what))
        else:
            clock = _say(what, clock, talk, paragraph, speaker)
            pause = rng.choice((0.25, 0.3, 0.4, 0.5, 0.7, 1.1))
            clock += pause
            talk.samples.append(np.zeros(round(pause * talk.sample_rate), np.int16))
            if pause > 0.6:
                _flush(talk, paragraph)
    _flush(talk, paragraph)
    talk.samples.append(np.zeros(round(_LEAD_OUT * talk.sample_rate), np.int16))
    talk.duration = round(clock + _LEAD_OUT, 1)
    return talk


def _say(text: str, clock: float, talk: Talk, paragraph: list[Word], speaker: Speaker | None) -> float:
    """Append the words of a sentence; returns its end."""
    if speaker is not None:
        spoken = speaker.say(text)
        talk.samples.append(spoken.samples)
        length = len(spoken.samples) / speaker.sample_rate
        ends = (*spoken.word_starts[1:], length)
        words = zip(spoken.word_starts, ends, spoken.words, strict=True)
        paragraph += [Word(clock + start, clock + end, word) for start, end, word in words]
        return clock + length
    if talk.deck.settings["language"] == "zh":
        length = len(text) / _CHARACTERS_PER_SECOND
        talk.cues.append(Cue(clock, clock + length, text))
        return clock + length
    words = text.split()
    sizes = np.cumsum([0.0, *(0.4 + 0.12 * len(word) for word in words)])
    times = clock + sizes / sizes[-1] * len(words) / _WORDS_PER_SECOND
    paragraph += [Word(float(a), float(b), w) for (a, b), w in zip(pairwise(times), words, strict=True)]
    return float(times[-1])


def _flush(talk: Talk, paragraph: list[Word]) -> None:
    if paragraph:
        talk.cues += caption_cues(paragraph)
        paragraph.clear()


def gold_of(talk: Talk) -> dict[str, Any]:
    """What should be found; times in seconds."""
    states = [state for state in talk.states if not state.is_build]
    ends = [*(state.start for state in states[1:]), talk.duration]
    settings = talk.deck.settings
    footers = settings.get("footer", "").split("|") + settings.get("sections", "").split("|")
    screens = [state.page for state in states if state.page.kind == "screen"]
    furniture = [*footers, settings.get("logo", ""), *(page.heading for page in screens)]
    furniture += [code_line(line) for page in screens for line in page.lines]
    return {
        "name": talk.deck.name,
        "half": talk.deck.name.partition("-")[0],
        **{key: settings[key] for key in ("title", "language", "style")},
        "duration": talk.duration,
        "pages": [
            {
                "start": round(state.start, 1),
                "end": round(end, 1),
                "kind": state.page.kind,
                "heading": state.page.gold_heading,
                "topic": state.page.topic,
                "is_agenda": "agenda" in state.page.flags,
                "is_section": "section" in state.page.flags,
                "lines": [line for line in state.page.lines if not line.startswith(("!", "|"))],
            }
            for state, end in zip(states, ends, strict=True)
        ],
        "builds": [round(state.start, 1) for state in talk.states if state.is_build],
        "chapters": [{"start": round(start, 2), "title": title} for start, title in talk.chapters],
        "terms": [term.strip() for term in settings.get("terms", "").split(",") if term.strip()],
        "furniture": [text.strip() for text in (*furniture, *FURNITURE) if text.strip()],
        "has_burnt_in_subtitles": "subtitles" in settings,
    }


class Screen:
    """Composes the frames of a talk, in YUV 4:2:0, where copying and mixing are cheap."""

    def __init__(self, talk: Talk, clip: Path | None) -> None:
        self._talk, self._settings = talk, talk.deck.settings
        width, height = map(int, self._settings.get("size", "1280x720").split("x"))
        self.size = width, height
        n_pages = sum(not state.is_build for state in talk.states)
        self._settings.setdefault("pages", str(n_pages))
        self._starts = [state.start for state in talk.states]
        self._cue_starts = [cue.start for cue in talk.cues]
        self._drawn: dict[int, Planes] = {}
        self._subtitle: tuple[str, NDArray[np.uint8]] = "", np.zeros((0, 0), np.uint8)
        is_camera = any(state.page.kind == "camera" for state in talk.states)
        self._camera = self._loop(clip, self.size) if is_camera else []
        self._corner = self._loop(clip, _PIP) if "pip" in self._settings else []

    def _loop(self, clip: Path | None, size: tuple[int, int]) -> list[Planes]:
        return [_planes(frame) for frame in camera_frames(self._settings, clip, size)]

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames in order, each of shape (3/2 height, width)."""
        fade = float(self._settings.get("fade", 0.0))
        for number in range(round(self._talk.duration * _FPS)):
            time = number / _FPS
            index = max(0, bisect_right(self._starts, time) - 1)
            planes = self._state(index, number)
            since = time - self._starts[index]
            if index and since < fade:
                share = since / fade
                earlier = self._state(index - 1, number)
                planes = _mix(earlier, planes, share)
            planes = self._overlay(planes, time, number)
            y, u, v = planes
            yield np.concatenate((y, u.reshape(-1, self.size[0]), v.reshape(-1, self.size[0])))

    def _state(self, index: int, number: int) -> Planes:
        state = self._talk.states[index]
        if "montage" in state.page.flags:
            return _planes(np.asarray(montage_frame(number // 2, self.size)))
        if state.page.kind == "camera":
            return self._camera[number % len(self._camera)]
        if index not in self._drawn:
            self._drawn = {key: value for key, value in self._drawn.items() if key >= index - 1}
            page = state.page
            shown = Page(page.heading, page.flags, page.topic, page.number, list(state.lines))
            if page.kind == "screen":
                image = draw_screen(shown, self._settings, self.size)
            else:
                style = STYLES[self._settings["style"]]
                image = draw_page(shown, style, self._settings, self.size)
            self._drawn[index] = _planes(np.asarray(image))
        return self._drawn[index]

    def _overlay(self, planes: Planes, time: float, number: int) -> Planes:
        """Add the camera in the corner and burnt-in subtitles."""
        if self._corner:
            width, height = self.size
            left, top = width - _PIP[0] - 16, height - _PIP[1] - 48
            planes = planes[0].copy(), planes[1].copy(), planes[2].copy()
            for plane, corner, scale in zip(planes, self._corner[number % len(self._corner)], (1, 2, 2), strict=True):
                rows, columns = corner.shape
                plane[top // scale :, left // scale :][:rows, :columns] = corner
        if "subtitles" in self._settings:
            index = bisect_right(self._cue_starts, time) - 1
            if index >= 0 and time < self._talk.cues[index].end:
                planes = self._with_subtitle(planes, self._talk.cues[index].text)
        return planes

    def _with_subtitle(self, planes: Planes, text: str) -> Planes:
        if self._subtitle[0] != text:
            self._subtitle = text, np.asarray(_subtitle(text.replace("\n", " "), self.size))
        image = self._subtitle[1]
        y = np.where(image[..., 1] > 0, image[..., 0], planes[0])
        is_text = image[::2, ::2, 1] > 0
        grey = np.uint8(128)
        return y, np.where(is_text, grey, planes[1]), np.where(is_text, grey, planes[2])


def _subtitle(text: str, size: tuple[int, int]) -> Image.Image:
    image = Image.new("LA", size)
    draw = ImageDraw.Draw(image)
    font = face("sans" if text.isascii() else "chinese", 32)
    lines = wrap(text, font, size[0] * 0.8)
    for row, line in enumerate(lines):
        place = (size[0] / 2, size[1] - 36 - 42 * (len(lines) - 1 - row))
        draw.text(place, line, fill=(235, 255), font=font, anchor="ms", stroke_width=3, stroke_fill=(16, 255))
    return image


def _planes(frame: NDArray[np.uint8]) -> Planes:
    import av

    height, width = frame.shape[:2]
    packed = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")
    array = packed.reformat(format="yuv420p").to_ndarray()
    chroma = array[height:].reshape(2, height // 2, width // 2)
    return array[:height], chroma[0], chroma[1]


def _mix(before: Planes, after: Planes, share: float) -> Planes:
    mixed = [
        (old * (1 - share) + new * share).astype(np.uint8)
        for old, new in zip(before, after, strict=True)
    ]
    return mixed[0], mixed[1], mixed[2]


def write_video(talk: Talk, target: Path, clip: Path | None = None) -> None:
    """Encode the talk as H.264, with AAC if it is narrated.

    The setting ``gop`` is the distance of keyframes in seconds; with ``fixed`` there are no others.
    """
    import av

    screen = Screen(talk, clip)
    settings = talk.deck.settings
    distance, _, is_fixed = settings.get("gop", "10").partition(" ")
    options = {"preset": "superfast", "crf": settings.get("crf", "25"), "threads": "1"}
    options |= {"g": str(_FPS * int(distance))} | ({"sc_threshold": "0"} if is_fixed else {})
    if "bitrate" in settings:
        del options["crf"]
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=_FPS, options=options)
        video.width, video.height = screen.size
        video.pix_fmt = "yuv420p"
        if "bitrate" in settings:
            video.bit_rate = int(settings["bitrate"]) * 1000
        if talk.sample_rate:
            audio = container.add_stream("aac", rate=talk.sample_rate, layout="mono")
            audio.bit_rate = 40_000
            block = av.AudioFrame.from_ndarray(np.concatenate(talk.samples)[None], "s16", "mono")
            block.sample_rate, block.pts, block.time_base = talk.sample_rate, 0, Fraction(1, talk.sample_rate)
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
        for number, pixels in enumerate(screen.frames()):
            frame = av.VideoFrame.from_ndarray(pixels, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, _FPS)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))


def write_captions(talk: Talk, target: Path) -> None:
    """Write the words as SubRip."""
    blocks = [
        f"{number}\n{format_timestamp(cue.start, separator=',')} --> "
        f"{format_timestamp(cue.end, separator=',')}\n{cue.text}\n"
        for number, cue in enumerate(talk.cues, 1)
    ]
    target.write_text("\n".join(blocks), encoding="utf-8")


def make_deck(source: Path, folder: Path, clip: Path | None = None) -> dict[str, Any]:
    """Write video, captions and gold of one deck to `folder`; returns the gold."""
    talk = time_talk(read_deck(source))
    target = folder / f"{source.stem}.mp4"
    write_video(talk, target, clip)
    write_captions(talk, target.with_suffix(".srt"))
    gold = gold_of(talk)
    text = json.dumps(gold, ensure_ascii=False, indent=1)
    target.with_suffix(".gold.json").write_text(text, encoding="utf-8")
    return gold


def main() -> None:
    """Make the decks and print a line for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("decks", nargs="*", help="names without .md; by default all")
    parser.add_argument("--camera", type=Path, help="a video of a person, for the decks that ask")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(DECKS.glob("*.md")):
        if asked.decks and source.stem not in asked.decks:
            continue
        if read_deck(source).settings["language"] == "zh" and not has_chinese():
            print(f"{source.stem}: skipped, no font with Chinese characters is installed")
            continue
        gold = make_deck(source, asked.folder, asked.camera)
        print(f"{source.stem}: {gold['duration']:.0f} s, {len(gold['pages'])} pages, {len(gold['chapters'])} chapters", flush=True)


if __name__ == "__main__":
    main()
