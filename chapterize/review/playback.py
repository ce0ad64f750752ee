"""What a browser can play: the file itself, a copy in another container, or a small proxy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from chapterize.data import Media
from chapterize.errors import ToolError
from chapterize.ffmpeg import (
    input_file,
    open_container,
    output_url,
    pick_audio,
    pick_video,
    read_packets,
)
from chapterize.media import open_media
from chapterize.rendering.containers import require_space
from chapterize.rendering.encode import EncodePlan, encode_video
from chapterize.rendering.options import RenderOptions
from chapterize.rendering.program import SOFTWARE, OnFraction, run_with_progress
from chapterize.rendering.streams import plan_tracks, probe_video
from chapterize.review.child import ask_child

__all__ = [
    "Playback",
    "copy_for_browser",
    "make_browser_proxy",
    "plan_playback",
    "tell_fault",
    "tell_plan",
]

# Containers that are served as they are: the video and audio codecs that Chromium, Firefox and
# Safari play in them, and the content type. MOV is served as MP4, because browsers read it as that.
_MP4_VIDEO = frozenset(("h264", "vp9", "av1"))
_MP4_AUDIO = frozenset(("aac", "mp3", "opus", "flac"))
_WEBM_VIDEO = frozenset(("vp8", "vp9", "av1"))
_WEBM_AUDIO = frozenset(("opus", "vorbis"))
_PCM = frozenset(("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"))
_SERVED = {
    "mp4": (_MP4_VIDEO, _MP4_AUDIO, "video/mp4"),
    "mov": (_MP4_VIDEO, _MP4_AUDIO, "video/mp4"),
    "m4a": (frozenset[str](), _MP4_AUDIO, "audio/mp4"),
    "webm": (_WEBM_VIDEO, _WEBM_AUDIO, "video/webm"),
    "mp3": (frozenset[str](), frozenset(("mp3",)), "audio/mpeg"),
    "wav": (frozenset[str](), _PCM, "audio/wav"),
    "ogg": (frozenset[str](), frozenset(("opus", "vorbis", "flac")), "audio/ogg"),
    "flac": (frozenset[str](), frozenset(("flac",)), "audio/flac"),
}
_PIXELS = {
    "h264": ("yuv420p", "yuvj420p"),
    "vp8": ("yuv420p",),
    "vp9": ("yuv420p", "yuv420p10le"),
    "av1": ("yuv420p", "yuv420p10le"),
}
"""Pixel formats that browsers decode."""

_LATE = 0.1
"""Seconds by which a file may start after 0 of its container, where browsers differ."""

_N_PACKETS = 400  # about 10 s of MP3
_SPARE = 1  # byte by which MP3 frames of a constant bit rate differ
_PROXY = RenderOptions(size="480p", preset="veryfast", crf=26, hardware=False)
_AUDIO_RATE = 128_000
_SAME_LENGTH, _SAME_START = 1.0, 0.1
"""Seconds by which a copy may be longer or shorter, and may start elsewhere."""


@dataclass(frozen=True)
class Playback:
    """How a browser gets one media file.

    `kind` is ``video`` or ``audio``. `way` is ``direct`` (the file itself), ``copy``
    (the streams in `container`, MP4 or WebM, with the audio encoded if not `keeps_audio`) or
    ``proxy`` (encoded again, small). `why` says why the file itself is not served. `streams` are
    the indices of the tracks that a player shows.
    """

    kind: str
    way: str
    content_type: str
    container: str = ""
    keeps_audio: bool = True
    why: str = ""
    streams: tuple[int, ...] = ()

    @property
    def proxy(self) -> Playback:
        """The same, with everything encoded."""
        return replace(
            self,
            way="proxy",
            content_type=f"{self.kind}/mp4",
            container="mp4",
            keeps_audio=False,
            why=self.why or "the browser cannot show the video as it is",
        )


def plan_playback(media: Media) -> Playback:
    """Return how a browser gets `media`; reads the start of the file.

    Raises
    ------
    MediaError : the file can no longer be opened, or no frame can be decoded.
    """
    return replace(_planned(media), streams=_indices(media))


def _planned(media: Media) -> Playback:
    kind = "video" if media.has_video else "audio"
    why = _video_obstacle(media)
    if why:
        return Playback(kind, "proxy", "video/mp4", "mp4", keeps_audio=False, why=why)
    videos, audios, content_type = _SERVED.get(media.container, (frozenset(), frozenset(), ""))
    fits = _is_in(media.video_codec, videos) and _is_in(media.audio_codec, audios)
    why = _clock_obstacle(media) if fits else _container_obstacle(media)
    if not why:
        # An Ogg or WebM without video is audio.
        return Playback(kind, "direct", content_type.replace("video/", f"{kind}/"))
    is_webm = _is_in(media.video_codec, _WEBM_VIDEO) and _is_in(media.audio_codec, _WEBM_AUDIO)
    if is_webm and media.container in ("webm", "mkv"):
        return Playback(kind, "copy", f"{kind}/webm", "webm", why=why)
    if media.has_video and media.video_codec not in _MP4_VIDEO:
        return Playback(kind, "proxy", "video/mp4", "mp4", keeps_audio=False, why=why)
    keeps_audio = _is_in(media.audio_codec, _MP4_AUDIO)
    return Playback(kind, "copy", f"{kind}/mp4", "mp4", keeps_audio, why)


def _is_in(codec: str | None, codecs: frozenset[str]) -> bool:
    """Whether a browser plays this codec; without such a track there is nothing to play."""
    return codec is None or codec in codecs


def _video_obstacle(media: Media) -> str:
    """Why the video has to be encoded again; empty if it is shown as it is."""
    if not media.has_video:
        return ""
    codec = media.video_codec or ""
    if codec not in _PIXELS:
        return f"browsers do not show {codec.upper()} video"
    pixels = probe_video(media.path).pix_fmt
    if pixels not in _PIXELS[codec]:
        return f"browsers do not show {codec.upper()} video in {pixels}"
    return ""


def _container_obstacle(media: Media) -> str:
    audio = media.audio_codec
    if audio is not None and audio not in _MP4_AUDIO | _WEBM_AUDIO | _PCM:
        return f"browsers do not play {audio.upper()} audio"
    return f"browsers do not play these tracks in {media.container.upper()}"


def _clock_obstacle(media: Media) -> str:
    """Why a browser would play the file at other times than ours; empty if it would not."""
    if abs(media.origin) > _LATE:
        return "the file does not start at 0"
    with open_container(media.path) as container:
        if container.duration is None:
            return "the file does not state its duration, so browsers cannot seek in it"
        stream = pick_audio(container)
        if stream is not None and stream is not container.streams.audio[0]:
            return "browsers would play another audio track"
        if media.container == "mp3" and stream is not None:
            packets = read_packets(container, stream)
            sizes = [packet.size for _, packet in zip(range(_N_PACKETS), packets, strict=False)]
            # The first frame may be a header of its own.
            if max(sizes[1:], default=0) - min(sizes[1:], default=0) > _SPARE:
                return "browsers seek inaccurately in MP3 of a variable bit rate"
    return ""


def copy_for_browser(media: Media, playback: Playback, target: Path, report: OnFraction) -> None:
    """Copy the streams that a player shows into `target`, on the player's clock.

    Raises
    ------
    OutputError : there is no space left.
    ToolError : ffmpeg failed, or the copy does not have the times of the source.
    """
    import ffmpeg

    require_space(target, media.size_bytes)
    # Packets of AVI have no presentation time.
    source = input_file(media.path, fflags="+genpts", copyts=None, itsoffset=f"{-media.origin:.6f}")
    streams = (source[str(index)] for index in playback.streams)
    options: dict[str, Any] = {"c": "copy", "f": playback.container, "map_metadata": -1,
                               "map_chapters": -1, "progress": "pipe:1"}  # fmt: skip
    if not playback.keeps_audio and media.has_audio:
        # Gaps are filled with silence: an encoder would close them.
        options |= {"c:a": "aac", "b:a": _AUDIO_RATE, "ac": 2, "filter:a": "aresample=async=1"}
    node = ffmpeg.output(*streams, output_url(target), **options).overwrite_output()
    what = f"copying {media.path.name} for the browser"
    run_with_progress(node, report, media.duration * 1e6, what=what, counter="out_time_us")
    _verify(media, target)


def make_browser_proxy(media: Media, playback: Playback, target: Path, report: OnFraction) -> None:
    """Encode `media` as a small MP4 on the player's clock, with a keyframe every two seconds.

    Raises
    ------
    OutputError : there is no space left.
    ToolError : ffmpeg failed, or the proxy does not have the times of the source.
    """
    if not media.has_video:
        copy_for_browser(media, playback, target, report)
        return
    tracks = plan_tracks(media.path)
    shown = tuple(track for track in tracks.audio if track.index in playback.streams)
    tracks = replace(tracks, audio=shown, captions=())
    plan = EncodePlan(
        media=media,
        video=probe_video(media.path),
        tracks=tracks,
        chapters=None,
        n_frames=round(media.duration * (media.frame_rate or 25)),
        overlay=None,
        options=_PROXY,
    )
    encode_video(plan, SOFTWARE, target, report)
    _verify(media, target)


def _indices(media: Media) -> tuple[int, ...]:
    with open_container(media.path) as container:
        streams = (pick_video(container), pick_audio(container))
        wanted = (media.has_video, media.has_audio)
        pairs = zip(streams, wanted, strict=True)
        return tuple(stream.index for stream, is_shown in pairs if is_shown and stream is not None)


def _verify(media: Media, target: Path) -> None:
    """Raise ToolError unless a browser plays `target` at the times of `media`."""
    fault = ask_child("playback", "tell_fault", media, target)
    if fault:
        raise ToolError(f"the copy of {media.path.name} for the browser is wrong", tail=fault)


def tell_plan(media: Media) -> Iterator[bytes]:
    """Yield `plan_playback` as JSON: this runs in a child process."""
    yield json.dumps(asdict(plan_playback(media))).encode()


def tell_fault(media: Media, target: Path) -> Iterator[bytes]:
    """Yield what is wrong with a copy, as JSON; nothing is: an empty string."""
    made, fault = open_media(target), ""
    if (made.has_video, made.has_audio) != (media.has_video, media.has_audio):
        fault = "it has other tracks"
    elif abs(made.duration - media.duration) > _SAME_LENGTH:
        fault = f"it lasts {made.duration:.1f} s instead of {media.duration:.1f} s"
    elif abs(made.origin) > _SAME_START:
        fault = f"it starts at {made.origin:.3f} s"
    elif abs((made.audio_start or 0.0) - (media.audio_start or 0.0)) > _SAME_START:
        fault = f"its audio starts at {made.audio_start:.3f} s"
    yield json.dumps(fault).encode()
