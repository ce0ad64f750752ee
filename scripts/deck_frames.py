"""The frames of a talk, and its video."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from deck_pages import draw_page
from deck_screens import camera_frames, draw_screen, montage_frame
from deck_styles import STYLES, face, wrap
from deck_talk import Talk
from deck_text import Page
from numpy.typing import NDArray
from PIL import Image, ImageDraw

__all__ = ["write_video"]

_SCENE = 6  # frames of each scene of a montage
_PIP = (304, 172)  # width and height of the camera in the corner

Planes = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]


def frame_rate(settings: dict[str, str]) -> int:
    """Frames per second."""
    return int(settings.get("fps", "5"))


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
        empty = np.zeros((0, 0), np.uint8)
        self._scene: tuple[int, Planes] = -1, (empty, empty, empty)
        self._subtitle: tuple[str, NDArray[np.uint8]] = "", empty
        is_camera = any(state.page.kind == "camera" for state in talk.states)
        self._camera = self._loop(clip, self.size) if is_camera else []
        self._corner = self._loop(clip, _PIP) if "pip" in self._settings else []

    def _loop(self, clip: Path | None, size: tuple[int, int]) -> list[Planes]:
        return [_planes(frame) for frame in camera_frames(self._settings, clip, size)]

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames in order, each of shape (3/2 height, width)."""
        fade = float(self._settings.get("fade", 0.0))
        fps = frame_rate(self._settings)
        for number in range(round(self._talk.duration * fps)):
            time = number / fps
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
            scene = number // _SCENE
            if scene != self._scene[0]:
                self._scene = scene, _planes(np.asarray(montage_frame(scene, self.size)))
            return self._scene[1]
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
            for plane, corner, scale in zip(
                planes, self._corner[number % len(self._corner)], (1, 2, 2), strict=True
            ):
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
        y, u, v = planes[0].copy(), planes[1].copy(), planes[2].copy()
        is_text = image[..., 1] > 0
        y[is_text] = image[..., 0][is_text]
        u[is_text[::2, ::2]] = v[is_text[::2, ::2]] = 128
        return y, u, v


def _subtitle(text: str, size: tuple[int, int]) -> Image.Image:
    image = Image.new("LA", size)
    draw = ImageDraw.Draw(image)
    font = face("sans" if text.isascii() else "chinese", 32)
    lines = wrap(text, font, size[0] * 0.8)
    for row, line in enumerate(lines):
        place = (size[0] / 2, size[1] - 36 - 42 * (len(lines) - 1 - row))
        draw.text(
            place,
            line,
            fill=(235, 255),
            font=font,
            anchor="ms",
            stroke_width=3,
            stroke_fill=(16, 255),
        )
    return image


def _planes(frame: NDArray[np.uint8]) -> Planes:
    import av

    height, width = frame.shape[:2]
    packed = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), "rgb24")
    array = packed.reformat(format="yuv420p").to_ndarray().astype(np.uint8, copy=False)
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
    fps = frame_rate(settings)
    options |= {"g": str(fps * int(distance))} | ({"sc_threshold": "0"} if is_fixed else {})
    if "bitrate" in settings:
        del options["crf"]
    with av.open(str(target), "w", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=fps, options=options)
        video.width, video.height = screen.size
        video.pix_fmt = "yuv420p"
        if "bitrate" in settings:
            video.bit_rate = int(settings["bitrate"]) * 1000
        if talk.sample_rate:
            audio = container.add_stream("aac", rate=talk.sample_rate, layout="mono")
            audio.bit_rate = 40_000
            block = av.AudioFrame.from_ndarray(np.concatenate(talk.samples)[None], "s16", "mono")
            block.sample_rate, block.pts, block.time_base = (
                talk.sample_rate,
                0,
                Fraction(1, talk.sample_rate),
            )
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
        for number, pixels in enumerate(screen.frames()):
            frame = av.VideoFrame.from_ndarray(pixels, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
