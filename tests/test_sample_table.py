"""Long MP4, M4A and MOV read by their ends and tables give what reading them whole gives.

The files here have 100 s and count as long; SMALL stands for
``-f lavfi -i testsrc=size=64x36:rate=30:duration=100`` and TONE for
``-f lavfi -i aevalsrc='0.3*sin(440*2*PI*t*(1+t/100))':s=32000:d=100``.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from chapterize.errors import MediaError
from chapterize.media import (
    decode_audio,
    long_movie,
    long_track,
    open_media,
    packets,
    probe,
    sample_table,
)
from chapterize.media.long_movie import find_long_movie
from chapterize.media.sample_table import Box, RunReader, SampleTable, UnusualFile
from tests.conftest import AAC, CAPTIONS, CHAPTERS, MakeMedia

SMALL = ("-f", "lavfi", "-i", "testsrc=size=64x36:rate=30:duration=100")
TONE = ("-f", "lavfi", "-i", "aevalsrc='0.3*sin(440*2*PI*t*(1+t/100))':s=32000:d=100")
X264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "40")
LATE = ("-itsoffset", "1.436", *TONE, "-map", "0:v", "-map", "1:a")

PLAIN: dict[str, tuple[str, ...]] = {
    "plain.mp4": (*SMALL, *TONE, *X264, *AAC, "-metadata:s:a", "language=eng"),
    "faststart.mp4": (*SMALL, *TONE, *X264, *AAC, "-movflags", "+faststart"),
    "plain.mov": (*SMALL, *TONE, *X264, *AAC),
    "silent.mp4": (*SMALL, *X264),
    "sound.m4a": (*TONE, *AAC, "-metadata", "title=A talk"),
    "fast.m4a": (*TONE, *AAC, "-movflags", "+faststart"),
    "late.mp4": (*SMALL, *LATE, *X264, *AAC),
    "late_alac.mp4": (*SMALL, *LATE, *X264, "-c:a", "alac", "-frame_size", "1024"),
    "late_picture.mp4": ("-itsoffset", "2", *SMALL, *TONE, *X264, *AAC),
    "opus.mp4": (*SMALL, *TONE, *X264, "-c:a", "libopus", "-frame_duration", "40"),
    "mp3.mp4": (*SMALL, *TONE, *X264, "-c:a", "libmp3lame"),
    "vfr.mp4": (
        *(*SMALL, *TONE, "-vf", "select='gt(mod(n,40),2)'", "-fps_mode", "vfr"),
        *(*X264, *AAC),
    ),
    "late_change.mp4": (
        *(*SMALL, *TONE, "-vf", "select='lt(n,1500)+mod(n,7)'", "-fps_mode", "vfr"),
        *(*X264, *AAC),
    ),
    "ends_early.mp4": (*SMALL, *TONE, *X264, *AAC, "-af", "atrim=end=90"),
}
COPIED: dict[str, tuple[str, ...]] = {
    "cut.mp4": ("-ss", "1.3"),
    "moved.mp4": ("-output_ts_offset", "5"),
    "negative.mp4": ("-ss", "0.9", "-avoid_negative_ts", "disabled"),
    "turned.mp4": ("-display_rotation", "90"),
    "ntsc.mp4": ("-video_track_timescale", "90000"),
}


@pytest.fixture(autouse=True)
def _minutes_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_movie, "LONG_SAMPLES", 2000)
    monkeypatch.setattr(long_track, "KEPT_SAMPLES", 430)
    monkeypatch.setattr(long_track, "TAIL_SECONDS", 11.0)
    monkeypatch.setattr(sample_table, "_SAMPLES_PER_READ", 300)
    monkeypatch.setattr(sample_table, "_CHUNKS_PER_READ", 70)
    monkeypatch.setattr(sample_table, "_ENTRIES_PER_READ", 90)


@pytest.fixture
def make_long(
    make_media: MakeMedia, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """ffmpeg's arguments are PLAIN's, or ``<COPIED's> -i plain.mp4 -c copy``."""

    def make(name: str) -> Path:
        if name in PLAIN:
            return make_media(name, *PLAIN[name])
        before, after = COPIED[name], ("-c", "copy")
        plain = ("-i", make_media("plain.mp4", *PLAIN["plain.mp4"]))
        if before[0] in ("-output_ts_offset", "-video_track_timescale"):
            return make_media(name, *plain, *after, *before)
        return make_media(name, *before[:2], *plain, *after, *before[2:])

    return make


@pytest.fixture
def with_extras(make_media: MakeMedia, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """-i plain.mp4 -i captions.srt -f ffmetadata -i chapters.ffmeta -map 0 -map 1
    -map_metadata 2 -map_chapters 2 -c copy -c:s mov_text -metadata:s:s language=eng
    """
    folder = tmp_path_factory.getbasetemp()
    captions, chapters = folder / "extras.srt", folder / "extras.ffmeta"
    captions.write_text(CAPTIONS, encoding="utf-8")
    chapters.write_text(CHAPTERS, encoding="utf-8")
    inputs = ("-i", captions, "-f", "ffmetadata", "-i", chapters, "-map", "0", "-map", "1")
    tags = ("-map_metadata", "2", "-map_chapters", "2", "-metadata:s:s", "language=eng")
    plain = make_media("plain.mp4", *PLAIN["plain.mp4"])
    return make_media("extras.mp4", "-i", plain, *inputs, *tags, "-c", "copy", "-c:s", "mov_text")


def _refuse(*_: object) -> NoReturn:
    raise AssertionError("the file was opened whole")


def _sound(path: Path) -> NDArray[np.float32]:
    media = open_media(path)
    return np.concatenate(list(decode_audio(media))) if media.has_audio else np.empty(0, np.float32)


def _compare(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(long_movie, "LONG_SAMPLES", 1 << 40)
        assert find_long_movie(path) is None
        media, sound = open_media(path), _sound(path)
    assert find_long_movie(path) is not None
    with monkeypatch.context() as patch:
        patch.setattr(probe, "open_container", _refuse)
        patch.setattr(packets, "open_container", _refuse)
        assert open_media(path) == media
        np.testing.assert_array_equal(_sound(path), sound)


@pytest.mark.parametrize("name", [*PLAIN, *COPIED])
def test_a_long_file_gives_what_reading_it_whole_gives(
    name: str, make_long: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _compare(make_long(name), monkeypatch)


def test_chapters_captions_and_tags_of_a_long_file_are_read(
    with_extras: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _compare(with_extras, monkeypatch)
    media = open_media(with_extras)
    assert [chapter.title for chapter in media.chapters] == ["Opening", "Bees & honey"]
    assert [one.codec for one in media.subtitles] == ["mov_text"]
    assert media.title == "A short lecture"


def test_only_the_ends_are_in_the_index(make_long: Callable[[str], Path]) -> None:
    movie = find_long_movie(make_long("plain.mp4"))
    assert movie is not None
    for with_tail, most in ((False, 430), (True, 860 + 40)):
        with movie.open(with_tail=with_tail) as container:
            sizes = [len(stream.index_entries) for stream in container.streams]
        assert all(430 <= size <= most for size in sizes)


def test_the_table_has_the_packets_that_ffmpeg_reads(make_long: Callable[[str], Path]) -> None:
    import av

    for name in ("sound.m4a", "plain.mp4"):
        path = make_long(name)
        movie = find_long_movie(path)
        assert movie is not None
        with av.open(str(path)) as container, path.open("rb") as file:
            stream = container.streams.audio[0]
            expected = [(p.pos, p.size) for p in container.demux(stream) if p.size]
            table = movie.tracks[stream.id].table(file)
            found = [
                pair
                for offsets, sizes in table.samples(0, table.n_samples)
                for pair in zip(offsets.tolist(), sizes.tolist(), strict=True)
            ]
        assert found == expected


def _patched(path: Path, folder: Path, old: bytes, new: bytes, *, last: bool = False) -> Path:
    data = path.read_bytes()
    at = data.rindex(old) if last else data.index(old, data.index(b"moov"))
    target = folder / f"patched_{path.name}"
    target.write_bytes(data[:at] + new + data[at + len(old) :])
    return target


UNUSUAL = {
    "many edits": ("late.mp4", b"\xff\xff\xff\xff\0\1\0\0", b"\0\0\0\0\0\1\0\0"),
    "another speed": ("late.mp4", b"\xff\xff\xff\xff\0\1\0\0", b"\xff\xff\xff\xff\0\2\0\0"),
    "encrypted": ("sound.m4a", b"mp4a", b"enca"),
    "elsewhere": ("sound.m4a", b"url \0\0\0\1", b"url \0\0\0\0"),
    "compressed": ("sound.m4a", b"udta", b"cmov"),
    "partial keys": ("plain.mp4", b"sdtp", b"stps"),
}


@pytest.mark.parametrize("why", UNUSUAL)
def test_an_unusual_file_is_read_as_always(
    why: str, make_long: Callable[[str], Path], tmp_path: Path
) -> None:
    name, old, new = UNUSUAL[why]
    path = make_long(name)
    if old == b"sdtp" and old not in path.read_bytes():
        old, new = b"sbgp", b"stps"
    assert find_long_movie(path) is not None
    assert find_long_movie(_patched(path, tmp_path, old, new)) is None


def test_tables_that_do_not_add_up_are_left_to_ffmpeg(
    make_long: Callable[[str], Path], tmp_path: Path
) -> None:
    path = make_long("sound.m4a")
    data = path.read_bytes()
    for kind, skip in ((b"stsz", 12), (b"stsc", 12), (b"stts", 12)):
        changed = bytearray(data)
        at = data.rindex(kind) + skip
        changed[at : at + 4] = struct.pack(">I", int.from_bytes(data[at : at + 4]) + 1)
        target = tmp_path / f"{kind.decode()}.m4a"
        target.write_bytes(changed)
        assert find_long_movie(target) is None


@pytest.mark.parametrize("edit", [(100_000, 40_000), (40_000, 0), (0, 0)])
def test_an_edit_that_begins_or_ends_in_the_middle_is_left_to_ffmpeg(
    edit: tuple[int, int], make_long: Callable[[str], Path], tmp_path: Path
) -> None:
    data = bytearray(make_long("sound.m4a").read_bytes())
    at = data.rindex(b"elst") + 12
    assert find_long_movie(make_long("sound.m4a")) is not None
    length, start = edit
    data[at : at + 8] = struct.pack(">Ii", length, start * 32)
    path = tmp_path / "edited.m4a"
    path.write_bytes(data)
    assert find_long_movie(path) is None


def test_damage_in_the_middle_is_counted_as_before(
    make_long: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = bytearray(make_long("sound.m4a").read_bytes())
    middle = data.index(b"mdat") + 400_000
    data[middle : middle + 3000] = bytes(range(250)) * 12
    path = tmp_path / "damaged.m4a"
    path.write_bytes(data)
    notes: list[str] = []
    sounds = []
    for long_samples in (2000, 1 << 40):
        monkeypatch.setattr(long_movie, "LONG_SAMPLES", long_samples)
        blocks = decode_audio(open_media(path), on_note=notes.append)
        sounds.append(np.concatenate(list(blocks)))
    np.testing.assert_array_equal(sounds[0], sounds[1])
    assert len(notes) == 2
    assert notes[0] == notes[1]


def test_a_file_that_shrinks_meanwhile_is_a_plain_error(
    make_long: Callable[[str], Path], tmp_path: Path
) -> None:
    path = tmp_path / "shrinks.m4a"
    path.write_bytes(make_long("fast.m4a").read_bytes())
    blocks = decode_audio(open_media(path), block_seconds=1.0)
    next(blocks)
    with path.open("r+b") as file:
        file.truncate(200_000)
    with pytest.raises(MediaError, match="changed meanwhile"):
        list(blocks)


def test_a_long_file_that_is_cut_off_behaves_as_before(
    make_long: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = tmp_path / "short.mp4"
    short.write_bytes(make_long("faststart.mp4").read_bytes()[:-150_000])
    assert find_long_movie(short) is None
    media, sound = open_media(short), _sound(short)
    monkeypatch.setattr(long_movie, "LONG_SAMPLES", 1 << 40)
    assert open_media(short) == media
    np.testing.assert_array_equal(_sound(short), sound)


def test_fragments_raw_sound_and_other_kinds_are_left_to_ffmpeg(
    make_media: MakeMedia, audio_wav: Path, video_webm: Path, video_mov: Path, tmp_path: Path
) -> None:
    fragments = ("-movflags", "frag_keyframe+empty_moov")
    fragmented = make_media("fragments.mp4", *SMALL, *TONE, *X264, *AAC, *fragments)
    text = tmp_path / "text.mp4"
    text.write_text("no box at all")
    for path in (fragmented, audio_wav, video_webm, video_mov, text):
        assert find_long_movie(path) is None


def test_a_view_that_ffmpeg_refuses_is_no_error(
    make_long: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_long("sound.m4a")
    media, sound = open_media(path), _sound(path)

    def refuse(*_: object, **__: object) -> NoReturn:
        raise MediaError("cannot open it", why="a test", hint="none")

    monkeypatch.setattr(long_movie.LongMovie, "open", refuse)
    assert open_media(path) == media
    np.testing.assert_array_equal(_sound(path), sound)


RUNS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 99)), min_size=1, max_size=20)


@given(RUNS, st.lists(st.integers(0, 40), max_size=8), st.integers(1, 5))
def test_runs_are_taken_in_any_pieces(
    runs: list[tuple[int, int]], pieces: list[int], block: int
) -> None:
    def blocks() -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        for at in range(0, len(runs), block):
            counts, values = zip(*runs[at : at + block], strict=True)
            yield np.array(counts), np.array(values)

    whole = [value for count, value in runs for _ in range(count)]
    reader, position = RunReader(blocks()), 0
    for number, piece in enumerate(pieces):
        if position + piece > len(whole):
            with pytest.raises(UnusualFile):
                reader.skip(piece)
            return
        expected = whole[position : position + piece]
        if number % 2:
            assert reader.skip(piece) == sum(expected)
        else:
            assert reader.expand(piece).tolist() == expected
        position += piece


@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.lists(st.integers(0, 70), min_size=1, max_size=400)),
        min_size=1,
        max_size=12,
    ),
    st.integers(0, 500),
    st.integers(0, 500),
)
def test_samples_of_any_layout_are_found(
    chunks: list[tuple[int, list[int]]], first: int, length: int
) -> None:
    expected = [
        (offset + sum(sizes[:at]), size)
        for offset, sizes in chunks
        for at, size in enumerate(sizes)
    ]
    sizes = [size for _, chunk in chunks for size in chunk]
    rows = [(number, len(chunk), 1) for number, (_, chunk) in enumerate(chunks, 1)]
    bodies = {
        b"stsz": struct.pack(f">3I{len(sizes)}I", 0, 0, len(sizes), *sizes),
        b"stco": struct.pack(f">2I{len(chunks)}I", 0, len(chunks), *(one for one, _ in chunks)),
        b"stsc": struct.pack(
            f">2I{3 * len(rows)}I", 0, len(rows), *(n for row in rows for n in row)
        ),
    }
    data, boxes = b"", []
    for kind, body in bodies.items():
        boxes.append(Box(kind, len(data), len(data), len(data) + len(body)))
        data += body
    table = SampleTable(io.BytesIO(data), boxes)
    stop = min(first + length, table.n_samples)
    found = [
        pair
        for offsets, lengths in table.samples(first, stop)
        for pair in zip(offsets.tolist(), lengths.tolist(), strict=True)
    ]
    assert found == (expected[first:stop] if first < stop else [])
