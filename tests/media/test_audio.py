"""Decoded audio: blocks, gaps, damage, progress and memory."""

from __future__ import annotations

import tracemalloc
import wave
from pathlib import Path

import numpy as np
import pytest

from chapterize.errors import MediaError
from chapterize.media import SAMPLE_RATE, decode_audio, open_media
from tests.conftest import AAC, H264, SINE, TESTSRC, MakeMedia
from tests.media.decoded import FRAME, decoded, onset


def test_blocks_start_at_multiples_of_their_length_and_join_to_the_same_audio(
    late_audio_mp4: Path,
) -> None:
    media = open_media(late_audio_mp4)
    blocks = list(decode_audio(media, block_seconds=1.5))
    assert [len(block) for block in blocks[:-1]] == [24_000] * 3
    assert 0 < len(blocks[-1]) < 24_000
    assert all(block.dtype == np.float32 for block in blocks)
    np.testing.assert_array_equal(np.concatenate(blocks), decoded(media))


@pytest.mark.slow
def test_a_gap_in_the_audio_is_silence(make_media: MakeMedia) -> None:
    gap = ("-af", "aselect='lt(t,1)+gt(t,3)'", "-c:a", "flac")
    media = open_media(make_media("gap.mkv", *SINE, *gap))
    audio = np.abs(decoded(media))
    assert media.duration == pytest.approx(4.0, abs=0.06)
    assert audio[int(0.5 * SAMPLE_RATE) : int(0.9 * SAMPLE_RATE)].max() > 0.05
    assert audio[int(1.2 * SAMPLE_RATE) : int(2.9 * SAMPLE_RATE)].max() == 0.0
    assert onset(audio[int(2.0 * SAMPLE_RATE) :]) == pytest.approx(1.0, abs=0.1)


def test_damaged_packets_keep_the_clock_and_are_reported(
    make_media: MakeMedia, tmp_path: Path
) -> None:
    # A click at 9 s, after the damage, must stay at 9 s.
    click = "aevalsrc='0.1*sin(2000*t)*lt(t,8)+between(t,9,9.5)*sin(3000*t)':s=16000:d=10"
    whole = make_media("click.flac", "-f", "lavfi", "-i", click, "-c:a", "flac")
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path = tmp_path / "damaged.flac"
    path.write_bytes(data)
    notes: list[str] = []
    media = open_media(path)
    audio = np.concatenate(list(decode_audio(media, on_note=notes.append)))
    assert len(audio) == 160_000
    assert 8.0 + onset(audio[128_100:]) == pytest.approx(9.0, abs=0.02)
    assert notes == ["The audio is damaged: 0.2 s are missing. Silence fills the gaps."]


def test_progress_rises_to_one(audio_wav: Path) -> None:
    reported: list[tuple[str, float]] = []
    media = open_media(audio_wav)
    for _ in decode_audio(
        media, block_seconds=1.0, on_progress=lambda stage, x: reported.append((stage, x))
    ):
        pass
    assert reported == [("decoding audio", part / 4) for part in (1, 2, 3, 4)]


@pytest.mark.slow
def test_decoding_holds_one_block_however_long_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        for _ in range(5):
            file.writeframes(bytes(8000 * 2 * 60))
    media = open_media(path)
    assert media.duration == 300.0
    tracemalloc.start()
    n_samples = sum(len(block) for block in decode_audio(media, block_seconds=5.0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert n_samples == 300 * SAMPLE_RATE
    assert peak < 8 * 5 * SAMPLE_RATE * 4


def test_a_video_without_audio_cannot_be_decoded(video_only_mp4: Path) -> None:
    media = open_media(video_only_mp4)
    assert (media.has_audio, media.audio_start) == (False, None)
    with pytest.raises(MediaError, match="has no audio track"):
        decode_audio(media)


LATE = ("-itsoffset", "1.436", *SINE, "-map", "0:v", "-map", "1:a")


@pytest.mark.parametrize("codec", ["libopus", "libmp3lame"])
def test_every_audio_codec_of_an_mp4_plays_at_its_time(codec: str, make_media: MakeMedia) -> None:
    media = open_media(make_media(f"{codec}.mp4", *TESTSRC, *LATE, *H264, "-c:a", codec))
    assert media.audio_start == pytest.approx(1.436, abs=2 * FRAME)
    assert onset(decoded(media)) == pytest.approx(1.436, abs=0.01)


def test_audio_that_ends_before_the_video_is_followed_by_silence(make_media: MakeMedia) -> None:
    early = (*TESTSRC, *SINE, *H264, *AAC, "-af", "atrim=end=2.5")
    audio = decoded(open_media(make_media("ends_early.mp4", *early)))
    assert len(audio) == pytest.approx(4.0 * SAMPLE_RATE, abs=FRAME * SAMPLE_RATE)
    assert np.abs(audio[int(2.3 * SAMPLE_RATE) : int(2.4 * SAMPLE_RATE)]).max() > 0.05
    assert not audio[int(2.6 * SAMPLE_RATE) :].any()


def test_damage_in_the_middle_of_an_mp4_keeps_the_length(
    audio_only_m4a: Path, tmp_path: Path
) -> None:
    data = bytearray(audio_only_m4a.read_bytes())
    middle = data.index(b"mdat") + 12_000
    data[middle : middle + 3000] = bytes(range(250)) * 12
    path = tmp_path / "damaged.m4a"
    path.write_bytes(data)
    notes: list[str] = []
    media = open_media(path)
    n_samples = sum(map(len, decode_audio(media, on_note=notes.append)))
    assert n_samples == round(media.duration * SAMPLE_RATE)
    assert len(notes) == 1
    assert "packets cannot be decoded" in notes[0]


def test_a_file_that_shrinks_while_it_is_read_ends_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "shrinks.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(b"\0\x20" * 16_000 * 60)
    media = open_media(path)
    blocks = decode_audio(media, block_seconds=1.0)
    first = next(blocks)
    with path.open("r+b") as file_on_disk:
        file_on_disk.truncate(500_000)
    rest = np.concatenate(list(blocks))
    assert first.any()
    assert len(rest) == 59 * SAMPLE_RATE
    assert not rest[-SAMPLE_RATE:].any()
