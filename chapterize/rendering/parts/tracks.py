"""The packets of a file by track: their times, and the keyframes."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from chapterize.ffmpeg import is_still_picture, open_container, pick_video, read_packets
from chapterize.rendering.h264 import IDR, nal_units, read_record
from chapterize.rendering.splice.groups import delayed, reordering

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["HIDDEN", "KEY", "SAFE", "Track", "cut_pcm", "read_tracks"]

KEY, SAFE, HIDDEN = 1, 2, 4
_ROUNDING = 0.001  # seconds
# Other kinds, of discs, divide their packets in another way.
_PCM = re.compile(r"pcm_(?:[suf](\d+)(?:le|be)|[su]8|alaw|mulaw)")


@dataclass
class Track:
    """The packets of a stream in decoding order; times in ticks of `time_base`.

    `kind` is video, audio, subtitle or cover; `is_main` : the video that a player shows.
    `index` is that of the stream in its file, `number` that in the file that is split. `shift` :
    seconds by which the times are ahead of the player's clock. `flags` : KEY; SAFE for a keyframe
    after which every frame can be decoded; HIDDEN by an edit list. PCM has `rate` and `block`,
    the samples per second and the bytes of one in all channels. `delay` : seconds that a decoder
    drops at the start of the track, of every part too.
    """

    index: int
    number: int
    kind: str
    codec: str
    time_base: Fraction
    shift: float
    is_main: bool = False
    rate: int = 0
    block: int = 0
    delay: float = 0.0
    pts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    dts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    durations: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    flags: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, np.int8))

    @property
    def seconds(self) -> NDArray[Any]:
        """Presentation times on the player's clock."""
        return self.pts * float(self.time_base) - self.shift

    @property
    def is_pcm(self) -> bool:
        """Whether it can be cut between samples."""
        return self.block > 0

    @property
    def is_timed(self) -> bool:
        """Whether it is video or audio with any packets."""
        return self.kind in ("video", "audio") and len(self.pts) > 0

    @property
    def ends(self) -> NDArray[Any]:
        """Times at which the packets end; without a duration, the next packet ends them."""
        following = np.append(self.seconds[1:], self.seconds[-1:])
        lasting = self.seconds + self.durations * float(self.time_base)
        return np.where(self.durations > 0, lasting, following)

    @property
    def end(self) -> float:
        """When its last packet ends that no edit list hides; 0 if there is none."""
        return float(self.ends[~self.has(HIDDEN)].max(initial=0.0))

    def ticks(self, seconds: float) -> int:
        """A time on the player's clock, as stored."""
        return round((seconds + self.shift) / float(self.time_base))

    def has(self, flag: int) -> NDArray[np.bool_]:
        """Whether each packet has a flag: KEY, SAFE or HIDDEN."""
        return (self.flags & flag) > 0


def read_tracks(path: Path, shift: float) -> list[Track]:
    """Read all packets of video, audio and captions, and keep their times."""
    from av.audio.stream import AudioStream

    columns: dict[int, array[int]] = {}
    with open_container(path) as container:
        main = pick_video(container)
        # Of MP3, the number of these samples is not written into parts; MP4 hides them.
        has_delay = container.format.name in ("matroska,webm", "ogg")
        tracks, streams, records = {}, [], {}
        for stream in container.streams:
            context = stream.codec_context
            if context is None or stream.type not in ("video", "audio", "subtitle"):
                continue
            kind = "cover" if is_still_picture(stream) else str(stream.type)
            codec = context.codec.canonical_name
            base = stream.time_base or Fraction(1, 90_000)
            track = Track(stream.index, stream.index, kind, codec, base, shift, stream is main)
            found = _PCM.fullmatch(codec)
            if isinstance(stream, AudioStream) and found:
                track.rate = stream.codec_context.sample_rate
                track.block = stream.codec_context.channels * int(found[1] or 8) // 8
            tracks[stream.index] = track
            columns[stream.index] = array("q")
            streams.append(stream)
            if codec == "h264":
                records[stream.index] = read_record(context.extradata)
        for packet in read_packets(container, *streams):
            track = tracks[packet.stream_index]
            times = (packet.pts, packet.dts) if packet.pts is not None else (packet.dts,) * 2
            if track.kind == "audio" and has_delay and not columns[track.index]:
                track.delay = _delay(packet)
            flags = _flags(track, packet, records.get(track.index))
            columns[track.index].extend(
                (times[0] or 0, times[1] or 0, packet.duration or 0, flags, packet.dts is None)
            )
    for index, track in tracks.items():
        _fill(track, columns[index])
    return list(tracks.values())


def _delay(packet: Any) -> float:
    """Seconds that the decoder drops of the first packet of a track."""
    if not packet.has_sidedata("skip_samples"):
        return 0.0
    skipped = int.from_bytes(bytes(packet.get_sidedata("skip_samples"))[:4], "little")
    return float(skipped / packet.stream.codec_context.sample_rate)


def _fill(track: Track, column: array[int]) -> None:
    rows = np.frombuffer(column, np.int64).reshape(-1, 5)
    track.pts, track.dts, track.durations = (rows[:, n].copy() for n in range(3))
    track.flags = rows[:, 3].astype(np.int8)
    if len(rows) and (rows[:, 4].any() or np.any(np.diff(track.dts) <= 0)):
        # Matroska stores no decoding times.
        is_video = track.kind == "video"
        dts = delayed(track.pts, reordering(track.pts)) if is_video else track.pts
        # Two packets may have the same time, but not decoding time.
        steps = np.arange(len(dts)) * (track.kind != "subtitle")
        track.dts = np.maximum.accumulate(dts - steps) + steps


def _flags(track: Track, packet: Any, record: Any) -> int:
    flags = KEY * packet.is_keyframe + HIDDEN * packet.is_discard
    if track.kind == "video" and packet.is_keyframe:
        if track.codec != "h264":
            flags += SAFE
        elif record is not None:
            units = nal_units(memoryview(packet), record.length_bytes)
            flags += SAFE * any(kind == IDR for kind, _ in units)
    return int(flags)


def cut_pcm(track: Track, n: int, packet: Any, span: tuple[float, float]) -> tuple[Any, int, int]:
    """The samples of packet `n` within `span`, their time and duration in ticks."""
    import av

    tick = float(track.time_base)
    data, at = bytes(packet), round((int(track.pts[n]) * tick - track.shift) * track.rate)
    low, high = (round(time * track.rate) - at for time in span)
    low = max(0, low)
    is_last = n == len(track.pts) - 1 and span[1] >= track.end - _ROUNDING
    data = data[low * track.block : None if is_last else max(low, high) * track.block]
    per_sample = 1 / (track.rate * tick)
    cut = av.Packet(data)
    cut.is_keyframe = True
    pts = int(track.pts[n]) + round(low * per_sample)
    return cut, pts, round(len(data) // track.block * per_sample)
