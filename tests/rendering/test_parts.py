"""Parts joined give the source: every frame, all audio, and captions at their times.

SOURCE stands for ``-f lavfi -i testsrc2=s=160x120:r=25:d=8`` and a sine that rises, 8 s long,
X264 for ``-c:v libx264 -preset veryfast -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0``.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from chapterize.data import Chapters, Media
from chapterize.media import open_media
from chapterize.rendering.containers.mp4.edits import trim_edits
from chapterize.rendering.parts.keyframes import finding_keys
from chapterize.rendering.parts.mp3 import carrier
from chapterize.rendering.parts.planning import plan_parts
from chapterize.rendering.parts.tracks import read_tracks
from chapterize.rendering.parts.verifying import verify_part
from chapterize.rendering.parts.writing import PartFile, Source, write_parts
from chapterize.rendering.split import split_video
from tests.conftest import MakeMedia
from tests.rendering.frames import decoded

STARTS = (0.0, 2.51, 6.01)
CHIRP = "0.4*sin(2*PI*(100*t+140*t*t))"
SOURCE = ("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=8",
          "-f", "lavfi", "-i", f"aevalsrc={CHIRP}:s=48000:d=8")  # fmt: skip
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "50",
        "-keyint_min", "50", "-sc_threshold", "0")  # fmt: skip
AAC = ("-c:a", "aac")
OPEN = ("-bf", "3", "-x264-params", "open-gop=1:b-pyramid=normal", "-keyint_min", "25")
REFRESH = ("-x264-params", "intra-refresh=1")
HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-g", "50")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "50")
AV1 = ("-c:v", "libsvtav1", "-preset", "12", "-g", "50", "-svtav1-params", "lp=1")
LATE = ("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=8", "-itsoffset", "0.7",
        "-f", "lavfi", "-i", f"aevalsrc={CHIRP}:s=48000:d=7")  # fmt: skip

VIDEOS = {
    "b-frames.mp4": (*SOURCE, *X264, "-bf", "2", *AAC),
    "b-frames.mov": (*SOURCE, *X264, "-bf", "2", "-c:a", "pcm_s16le"),
    "b-frames.mkv": (*SOURCE, *X264, "-bf", "2", *AAC),
    "pcm.mkv": (*SOURCE, *X264, "-bf", "0", "-c:a", "pcm_s24le"),
    "open.mp4": (*SOURCE, *X264, *OPEN, *AAC),
    "open.mkv": (*SOURCE, *X264, *OPEN, *AAC),
    "refresh.mp4": (*SOURCE, *X264, *REFRESH, *AAC),
    "refresh.mkv": (*SOURCE, *X264, *REFRESH, *AAC),
    "hevc.mp4": (*SOURCE, *HEVC, *AAC),
    "hevc.mkv": (*SOURCE, *HEVC, *AAC),
    "vp9.webm": (*SOURCE, *VP9, "-c:a", "libopus"),
    "av1.mp4": (*SOURCE, *AV1, *AAC),
    "late-audio.mp4": (*LATE, *X264, *AAC),
    "late-audio.mkv": (*LATE, *X264, *AAC),
}


def chapters(media: Media, starts: tuple[float, ...] = STARTS) -> Chapters:
    return Chapters.from_starts(starts, [f"Part {n}" for n in range(len(starts))], media.duration)


def samples(path: Path) -> tuple[float, Any]:
    """Time of the first sample heard, and all of the first channel."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
    blocks = [frame.to_ndarray()[:1, :: _step(frame)].astype(float) for frame in frames]
    scale = 1.0 if frames[0].format.name.startswith("flt") else 2.0 ** (8 * frames[0].format.bytes)
    return float(frames[0].time or 0.0), np.concatenate(blocks, axis=1)[0] / scale


def _step(frame: Any) -> int:
    return 1 if frame.format.is_planar else len(frame.layout.channels)


def captions(path: Path) -> list[tuple[float, float, str]]:
    """Start, duration and text of all cues."""
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        assert stream.time_base is not None
        base = float(stream.time_base)
        rows = [(p.pts, p.duration, bytes(p)) for p in container.demux(stream) if p.size > 2]
    return [
        (round((pts or 0) * base, 2), round((length or 0) * base, 2), text[-3:].decode())
        for pts, length, text in rows
    ]


def run_of(part: list[tuple[float, Any]], source: list[tuple[float, Any]]) -> int:
    """The index in `source` of the first frame of `part`, whose frames follow each other there."""
    keys = [plane.tobytes() for _, plane in source]
    first = keys.index(part[0][1].tobytes())
    assert [plane.tobytes() for _, plane in part] == keys[first : first + len(part)]
    return first


@pytest.mark.slow
@pytest.mark.parametrize("name", VIDEOS)
def test_parts_joined_give_the_source(name: str, make_media: MakeMedia, tmp_path: Path) -> None:
    """One of VIDEOS."""
    media = open_media(make_media(name, *VIDEOS[name]))
    notes: list[str] = []
    made = split_video(media, chapters(media), tmp_path / "parts", on_note=notes.append)
    source = [(time - media.origin, plane) for time, plane in decoded(media.path)]
    heard_at, heard = samples(media.path)
    at = 0
    for path, start in zip(made, STARTS, strict=True):
        frames = decoded(path)
        n_late = _late(notes, path.name)
        first = run_of(frames[: len(frames) - n_late], source)
        wanted = next(n for n, (time, _) in enumerate(source) if time >= start - 0.001)
        zero = source[first][0] - frames[0][0]
        if path.suffix in (".mp4", ".mov"):
            assert first == wanted == at
            assert not n_late
            assert frames[0][0] == pytest.approx(0.0, abs=0.001)
        else:
            early = _early(notes, path.name)
            assert first <= wanted
            assert source[wanted][0] - zero == pytest.approx(early, abs=0.002)
            assert frames[0][0] < 0.03
        assert [t for t, _ in frames] == pytest.approx(
            [t - zero for t, _ in source[first : first + len(frames)]], abs=0.03
        )
        at = first + len(frames) - n_late
        assert_heard(path, heard, zero - (heard_at - media.origin))
    assert at == len(source)


def _early(notes: list[str], name: str) -> float:
    found = [note.split(f"{name} ")[1].split(" s")[0] for note in notes if "before" in note
             and name in note]  # fmt: skip
    return float(found[0]) if found else 0.0


def _late(notes: list[str], name: str) -> int:
    found = [note.split(f"{name} ")[1].split(",")[0] for note in notes if "at their end" in note
             and name in note]  # fmt: skip
    return int(found[0]) if found else 0


def assert_heard(path: Path, source: Any, zero: float) -> None:
    """The part has the samples of `source`, which starts `zero` seconds before it, in sync."""
    at, heard = samples(path)
    first = round((at + zero) * 48_000)
    # Matroska rounds times to milliseconds, and Opus takes 0.1 s to be the same to the last bit.
    shifts = range(-50, 51)
    skipped = 6000
    block = heard[skipped : skipped + 8000]
    errors = [
        float(np.abs(block - source[first + skipped + k : first + skipped + k + len(block)]).max())
        for k in shifts
    ]
    assert min(errors) < 0.02


CUES = "".join(
    f"{n}\n00:00:{start:02d},000 --> 00:00:{end:02d},000\n{text}\n\n"
    for n, (start, end, text) in enumerate([(1, 2, "one"), (3, 5, "two"), (7, 8, "six")], 1)
)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "mov_text"), ("a.mkv", "srt"), ("a.mkv", "ass"), ("a.webm", "webvtt")],
)
def test_captions_keep_their_times(
    name: str, codec: str, make_media: MakeMedia, tmp_path: Path
) -> None:
    """SOURCE -i cues.srt -map 0:v -map 2 X264 -g 25 (VP9 in WebM) -c:s CODEC"""
    cues = tmp_path / "cues.srt"
    cues.write_text(CUES, encoding="utf-8")
    video = VP9 if name.endswith("webm") else X264
    options = ("-map", "0:v", "-map", "2", *video, "-g", "25", "-keyint_min", "25", "-c:s", codec)
    media = open_media(make_media(name, *SOURCE, "-i", cues, *options))
    made = split_video(media, chapters(media, (0.0, 4.0, 6.0)), tmp_path / "parts")
    assert [captions(path) for path in made] == [
        [(1.0, 1.0, "one"), (3.0, 1.0, "two")],
        [(0.0, 1.0, "two")],
        [(1.0, 1.0, "six")],
    ]


@pytest.mark.parametrize("name", ["b-frames.mp4", "b-frames.mkv"])
def test_exact_parts_start_and_end_with_their_frames(
    name: str, make_media: MakeMedia, tmp_path: Path
) -> None:
    """One of VIDEOS."""
    media = open_media(make_media(name, *VIDEOS[name]))
    notes: list[str] = []
    made = split_video(media, chapters(media), tmp_path / "x", exact=True, on_note=notes.append)
    assert not notes
    frames = [frame for path in made for frame in decoded(path)]
    source = decoded(media.path)
    assert [len(decoded(path)) for path in made] == [63, 88, 49]
    assert all(
        np.abs(plane.astype(int) - wanted).mean() < 4
        for (_, plane), (_, wanted) in zip(frames, source, strict=True)
    )
    for path in made:
        with av.open(str(path)) as container:
            first = next(container.demux(video=0))
            assert first.is_keyframe
            assert not first.is_discard
            assert first.pts == 0


def test_exact_says_why_it_has_no_effect(make_media: MakeMedia, tmp_path: Path) -> None:
    """SOURCE VP9 -c:a libopus"""
    media = open_media(make_media("vp9.webm", *VIDEOS["vp9.webm"]))
    notes: list[str] = []
    split_video(media, chapters(media), tmp_path / "x", exact=True, on_note=notes.append)
    assert notes[0].startswith("--exact had no effect")
    assert notes[0].endswith("VP9, not H.264")


_SETTLED = 6000  # samples; Opus is the same to the last bit only then
AUDIO = ("-f", "lavfi", "-i", f"aevalsrc={CHIRP}:s=48000:d=8")
AUDIOS = {
    "a.mp3": ("-c:a", "libmp3lame", "-b:a", "64k"),
    "vbr.mp3": ("-c:a", "libmp3lame", "-q:a", "2"),
    "a.m4a": AAC,
    "lossless.m4a": ("-c:a", "alac"),
    "a.flac": ("-c:a", "flac"),
    "a.wav": (),
    "a.aac": (*AAC, "-f", "adts"),
    "a.ogg": ("-c:a", "libopus"),
    "vorbis.ogg": ("-c:a", "libvorbis"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", AUDIOS)
def test_audio_has_no_gap_and_no_repeat(name: str, make_media: MakeMedia, tmp_path: Path) -> None:
    """AUDIO and one of AUDIOS."""
    media = open_media(make_media(name, *AUDIO, *AUDIOS[name]))
    made = split_video(media, chapters(media), tmp_path / "parts")
    _, source = samples(media.path)
    edges = []
    for path in made:
        _, heard = samples(path)
        places = np.lib.stride_tricks.sliding_window_view(source, 4000)
        block = heard[_SETTLED : _SETTLED + 4000]
        at = int(np.abs(places[:, ::50] - block[::50]).sum(axis=1).argmin())
        assert np.abs(block - source[at : at + 4000]).max() < 0.02
        edges.append((at - _SETTLED, at - _SETTLED + len(heard)))
    assert edges[0][0] == 0
    assert edges[-1][1] == len(source)
    for (first, _), start in zip(edges, STARTS, strict=True):
        assert first / 48_000 == pytest.approx(start, abs=0.03)
    # An edit list ends with a sample; FFmpeg ends with the packet.
    frame = {"alac": 4096, "wav": 0, "flac": 0, "mp3": 0}.get(media.audio_codec or "", 1024)
    for (_, end), (first, _) in pairwise(edges):
        assert abs(end - first) <= frame


def test_faults_of_a_part_are_found(video_mp4: Path, tmp_path: Path) -> None:
    media = open_media(video_mp4)
    tracks = read_tracks(media.path, media.origin)
    parts = plan_parts(media, tracks, chapters(media, (0.0, 1.52)), finding_keys(media.path))
    files = [PartFile(part, tmp_path / f"{n}.mp4", {}) for n, part in enumerate(parts)]
    write_parts([Source(media.path, tracks)], files, lambda done: None)
    for file in files:
        assert verify_part(tracks, file) in ("", "it lasts 1.541 s instead of 1.520 s")
        trim_edits(file.path, file.part.end - file.part.base)
        assert verify_part(tracks, file) == ""
    trim_edits(files[1].path, 1.0)
    assert "packets instead of" in verify_part(tracks, files[1])
    files[0].copied[0].times[3] += 0.02
    assert "has another time in track 1 (video)" in verify_part(tracks, files[0])
    files[0].copied[1].sums[3] ^= 1
    files[0].copied[0].times[3] -= 0.02
    assert verify_part(tracks, files[0]) == "packets differ from the source in track 2 (audio)"
    assert verify_part(tracks[:1], files[0]) == "it has 2 of 1 tracks"


@pytest.mark.parametrize("n_bytes", [0, 300, 511])
def test_a_carrier_frame_holds_what_mp3_frames_borrow(n_bytes: int) -> None:
    # MPEG-1 layer III, 64 kbit/s, 48 kHz, mono: 21 bytes of header and side information.
    like = bytes([0xFF, 0xFB, 0x54, 0xC4]) + bytes(188)
    frames = [like[:21] + bytes([n % 256]) * 30 for n in range(n_bytes // 30 + 1)]
    held = b"".join(frame[21:] for frame in frames)[-511:]
    made = carrier(frames, like)
    assert made is not None
    assert made.endswith(held)
    assert made[4:21] == bytes(17)
    assert carrier(frames, b"\xff\xfd\x54\xc4") is None  # layer II
