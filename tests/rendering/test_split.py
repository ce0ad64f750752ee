"""Splitting: all video and audio of a chapter in its file, under a valid name."""

from __future__ import annotations

import resource
import shutil
from pathlib import Path

import pytest
from av.stream import Disposition

from chapterize.data import Chapters
from chapterize.errors import InputError, OutputError
from chapterize.ffmpeg import is_still_picture, open_container
from chapterize.media import open_media
from chapterize.rendering.split import file_names, split_video
from tests.conftest import AAC, H264, SINE, TESTSRC, MakeMedia
from tests.rendering.frames import decoded


def chapters(duration: float = 4.0) -> Chapters:
    return Chapters.from_starts([0, 1.52, 3.04], ["One", "Two / too", "Three"], duration)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "suffix"), [("mp4", "mp4"), ("mov", "mov"), ("mkv", "mkv"), ("ts", "mkv")]
)
def test_each_chapter_becomes_a_file_that_starts_where_it_should(
    kind: str, suffix: str, make_media: MakeMedia, tmp_path: Path
) -> None:
    """TESTSRC SINE H264 -g 25 AAC."""
    media = open_media(make_media(f"talk.{kind}", *TESTSRC, *SINE, *H264, "-g", "25", *AAC))
    made = split_video(media, chapters(), tmp_path / "new" / "parts")
    assert [path.name for path in made] == [
        f"01 One.{suffix}", f"02 Two - too.{suffix}", f"03 Three.{suffix}"
    ]  # fmt: skip
    assert sorted(path.name for path in made[0].parent.iterdir()) == [p.name for p in made]
    parts = [open_media(path) for path in made]
    assert [part.title for part in parts] == ["One", "Two / too", "Three"]
    assert all(part.has_audio and not part.chapters for part in parts)
    # Matroska has no edit lists: the second file starts at the keyframe, half a second early.
    early = 0.52 if suffix == "mkv" else 0.0
    lengths = [part.duration for part in parts]
    assert lengths == pytest.approx([1.52, 1.52 + early, 1.0], abs=0.09)
    with open_container(made[1]) as container, open_container(media.path) as source:
        first = next(container.decode(video=0)).to_ndarray()
        wanted = next(
            frame.to_ndarray()
            for frame in source.decode(video=0)
            if frame.time is not None and frame.time >= media.origin + 1.519 - early
        )
        assert (first == wanted).all()


def frame_counts(made: tuple[Path, ...]) -> list[int]:
    return [len(decoded(path)) for path in made]


def test_chapters_of_a_moment_and_in_the_last_frame(video_mp4: Path, tmp_path: Path) -> None:
    media = open_media(video_mp4)
    starts = [0, 1.52, 1.53, 1.535, 3.99]
    tiny = Chapters.from_starts(starts, list("abcde"), media.duration)
    made = split_video(media, tiny, tmp_path)
    assert frame_counts(made) == [38, 1, 1, 61, 1]
    lengths = [open_media(path).duration for path in made[1:4]]
    assert lengths == pytest.approx([0.01, 0.03, 2.43], abs=0.011)


def test_a_part_can_be_split_again(make_media: MakeMedia, tmp_path: Path) -> None:
    """TESTSRC SINE H264 -bf 2 -g 50 AAC: the second part has edit lists at both ends."""
    media = open_media(make_media("b.mp4", *TESTSRC, *SINE, *H264, "-bf", "2", "-g", "50", *AAC))
    part = split_video(media, chapters(), tmp_path / "once")[1]
    halves = Chapters.from_starts([0, 0.7], ["a", "b"], open_media(part).duration)
    made = split_video(open_media(part), halves, tmp_path / "twice")
    source = [plane for time, plane in decoded(media.path)][38:76]
    frames = [plane for path in made for _, plane in decoded(path)]
    assert len(frames) == len(source)
    assert all((one == other).all() for one, other in zip(frames, source, strict=True))


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_slide_on_screen_starts_its_chapter(
    suffix: str, make_media: MakeMedia, tmp_path: Path
) -> None:
    """TESTSRC -vf select='not(between(t,1,3))' H264 -fps_mode vfr"""
    select = ("-vf", "select='not(between(t,1,3))'", *H264, "-g", "5", "-fps_mode", "vfr")
    media = open_media(make_media(f"slides.{suffix}", *TESTSRC, *select))
    two = Chapters.from_starts([0, 2.0], ["One", "Two"], media.duration)
    one, other = (decoded(path) for path in split_video(media, two, tmp_path))
    source = decoded(media.path)
    on_screen = next(plane for time, plane in reversed(source) if time < 2.0)
    nearest = next(plane for time, plane in other)
    assert (one[-1][1] == on_screen).all()
    assert len(one) + len(other) >= len(source)
    if suffix == "mp4":
        assert (nearest == on_screen).all()
        assert other[1][0] == pytest.approx(1.04, abs=0.001)
        assert open_media(tmp_path / "01 One.mp4").duration == pytest.approx(2.0, abs=0.001)


def test_audio_after_the_last_frame_has_that_frame(make_media: MakeMedia, tmp_path: Path) -> None:
    """TESTSRC for two seconds, SINE for four, H264 AAC"""
    short = (*TESTSRC[:-1], f"{TESTSRC[-1].rpartition('=')[0]}=2")
    media = open_media(make_media("short.mp4", *short, *SINE, *H264, "-g", "25", *AAC))
    made = split_video(media, chapters(), tmp_path)
    assert frame_counts(made) == [38, 12, 1]
    assert open_media(made[2]).duration == pytest.approx(media.duration - 3.04, abs=0.03)


def test_tracks_keep_their_titles_and_lose_statistics_of_the_whole(
    make_media: MakeMedia, tmp_path: Path
) -> None:
    """TESTSRC SINE SINE -map 0 -map 1 -map 2 H264 AAC, with tags of tracks"""
    maps = ("-map", "0", "-map", "1", "-map", "2", *H264, *AAC)
    tags = ("-metadata:s:a:1", "title=Commentary", "-metadata:s:a:1", "language=fra",
            "-disposition:a:1", "comment", "-metadata:s:v", "NUMBER_OF_FRAMES=100")  # fmt: skip
    for suffix in ("mp4", "mkv"):
        source = make_media(f"two.{suffix}", *TESTSRC, *SINE, *SINE, *maps, *tags)
        made = split_video(open_media(source), chapters(), tmp_path / suffix)
        for path in made:
            with open_container(path) as container:
                second = container.streams.audio[1]
                kept = dict(second.metadata)
                assert kept.get("title", kept.get("name")) == "Commentary"
                assert kept["language"] == "fra"
                assert second.disposition & Disposition.comment
                assert "NUMBER_OF_FRAMES" not in container.streams.video[0].metadata


def test_parts_of_music_keep_the_cover(make_media: MakeMedia, tmp_path: Path) -> None:
    """SINE and an image, as cover art"""
    image = make_media("cover.png", *TESTSRC, "-frames:v", "1")
    cover = ("-i", image, "-map", "0", "-map", "1", "-c:v", "copy")
    for name, codec in (("a.m4a", AAC), ("a.mp3", ("-c:a", "libmp3lame")), ("a.flac", ())):
        options = (*SINE, *cover, *codec, "-disposition:v", "attached_pic")
        made = split_video(open_media(make_media(name, *options)), chapters(), tmp_path / name)
        for path in made:
            with open_container(path) as container:
                assert [is_still_picture(stream) for stream in container.streams.video] == [True]


def test_parts_of_flac_have_their_own_length(make_media: MakeMedia, tmp_path: Path) -> None:
    """SINE -c:a flac -frame_size 4469: three samples of a block are left at the second part."""
    source = make_media("blocks.flac", *SINE, "-c:a", "flac", "-frame_size", "4469")
    made = split_video(open_media(source), chapters(), tmp_path)
    for path, length in zip(made, (1.52, 1.52, 0.96), strict=True):
        media = open_media(path)
        assert media.duration == pytest.approx(length, abs=0.001)
        assert media.origin == 0.0


def test_a_full_disk_is_no_fault_of_the_source(video_mp4: Path, tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(OutputError) as caught:
            split_video(open_media(video_mp4), chapters(), tmp_path / "parts")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.exit_code == 5
    assert "limit" in caught.value.why
    assert not (tmp_path / "parts").exists()


def test_nothing_is_overwritten_without_force(video_mp4: Path, tmp_path: Path) -> None:
    media = open_media(video_mp4)
    (tmp_path / "02 Two - too.mp4").write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        split_video(media, chapters(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["02 Two - too.mp4"]
    assert len(split_video(media, chapters(), tmp_path, force=True)) == 3


@pytest.mark.parametrize("at", [0.0, 0.5])
def test_ctrl_c_leaves_no_files(at: float, video_mp4: Path, tmp_path: Path) -> None:
    def interrupt(stage: str, done: float) -> None:
        if done >= at:
            raise KeyboardInterrupt

    for folder in (tmp_path / "new", tmp_path):
        with pytest.raises(KeyboardInterrupt):
            split_video(open_media(video_mp4), chapters(), folder, on_progress=interrupt)
        assert list(tmp_path.iterdir()) == []


def test_a_chapter_never_takes_the_place_of_the_source(video_mp4: Path, tmp_path: Path) -> None:
    source = Path(shutil.copy(video_mp4, tmp_path / "01 One.mp4"))
    before = source.read_bytes()
    only = Chapters.from_starts([0, 2], ["One", "Two"], 4)
    with pytest.raises(OutputError, match="input files are never overwritten"):
        split_video(open_media(source), only, tmp_path, force=True)
    assert source.read_bytes() == before
    assert list(tmp_path.iterdir()) == [source]


def test_a_chapter_past_the_end_is_refused(video_mp4: Path, tmp_path: Path) -> None:
    late = Chapters.from_starts([0, 90], ["a", "b"], 100)
    with pytest.raises(InputError, match="'b' starts at"):
        split_video(open_media(video_mp4), late, tmp_path)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("a/b\\c", "01 a-b-c"),
        ("What? Why: “so” <x>|*", "01 What- Why- “so” -x-"),
        ("ends. . .", "01 ends"),
        ("two\nlines\tof\x00 it", "01 two lines of it"),
        ("..", "01"),
        ("CON", "01 _CON"),
        ("lpt1.txt", "01 _lpt1.txt"),
        ("e\u0301te\u0301", "01 \u00e9t\u00e9"),
        ("right\u202eleft", "01 rightleft"),
    ],
)
def test_titles_become_names_that_are_valid_on_every_system(title: str, name: str) -> None:
    assert file_names([title]) == (name,)


def test_names_keep_the_joiners_that_an_emoji_and_a_script_need() -> None:
    family, wish = "👨\u200d👩\u200d👧", "می\u200cخواهم"
    titles = [f"{family} {wish}", f"{'x' * 110}{family}", "a\u202eb\u200bc"]
    assert file_names(titles) == (f"01 {family} {wish}", f"02 {'x' * 110}", "03 abc")


def test_long_titles_are_cut_between_letters_and_equal_ones_differ() -> None:
    names = file_names(["数" * 200, "same", "same", "x\u0323" * 200])
    assert len(set(names)) == 4
    assert all(len(name.encode()) <= 124 for name in names)
    assert names[0] == "01 " + "数" * 40
    assert names[3].endswith("x\u0323")
    assert len(file_names(["t"] * 120)[0].split()[0]) == 3


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("talk.wmv", ("-c:v", "wmv2", "-c:a", "wmav2", "-metadata:s:a", "language=deu")),
        ("talk.flv", ("-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100")),
    ],
)
def test_codecs_without_a_name_of_their_own_in_matroska(
    name: str, codecs: tuple[str, ...], make_media: MakeMedia, tmp_path: Path
) -> None:
    """TESTSRC SINE -g 25 -c:v wmv2 -c:a wmav2, and -c:v flv"""
    source = make_media(name, *TESTSRC, *SINE, "-g", "25", *codecs)
    made = split_video(open_media(source), chapters(), tmp_path)
    assert [path.name for path in made] == ["01 One.mkv", "02 Two - too.mkv", "03 Three.mkv"]
    assert sorted(made) == sorted(tmp_path.iterdir())
    assert sum(frame_counts(made)) >= 100
    for path, title in zip(made, chapters().titles, strict=True):
        media = open_media(path)
        assert media.title == title
        with open_container(path) as container:
            names = [stream.codec_context.name for stream in container.streams]
            assert codecs[1] in names
            assert len(list(container.decode(audio=0))) > 10
            if "language=deu" in codecs:
                assert container.streams.audio[0].metadata["language"] == "ger"
