"""The committed sample lecture has the properties that the demo relies on."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from chapterize.data import Chapters, Word
from chapterize.formats import read_chapters

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "tests" / "data" / "lecture.mp4"


@pytest.fixture(scope="module")
def gold() -> Chapters:
    return read_chapters(SAMPLE.with_suffix(".chapters.json")).chapters


@pytest.fixture
def _scripts_importable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    yield
    for name in set(sys.modules) - before:
        if name.startswith("sample_"):
            del sys.modules[name]


def _captions() -> list[tuple[float, str]]:
    """Start and text of every caption of the sample."""
    with av.open(str(SAMPLE)) as container:
        stream = container.streams.subtitles[0]
        return [
            (float(packet.pts * packet.time_base), bytes(packet)[2:].decode())
            for packet in container.demux(stream)
            if packet.pts is not None and packet.size > 2
        ]


def test_the_lecture_is_long_enough_and_small_enough() -> None:
    assert SAMPLE.stat().st_size <= 4_000_000
    with av.open(str(SAMPLE)) as container:
        assert container.duration is not None
        assert container.duration / av.time_base >= 360


def test_the_lecture_has_video_speech_and_english_captions() -> None:
    with av.open(str(SAMPLE)) as container:
        codecs = [stream.codec_context.name for stream in container.streams]
        assert codecs == ["h264", "aac", "mov_text"]
        assert container.streams.subtitles[0].language == "eng"
        assert container.streams.audio[0].codec_context.channels == 1
        # The true chapters are in another file: in this one, a draft could read them.
        assert container.chapters() == []


def test_the_true_chapters_tile_the_lecture(gold: Chapters) -> None:
    with av.open(str(SAMPLE)) as container:
        assert container.duration is not None
        assert gold.duration == pytest.approx(container.duration / av.time_base, abs=0.05)
    assert gold.starts[0] == 0.0
    assert gold.chapters[-1].end == gold.duration
    assert all(before.end == after.start for before, after in pairwise(gold.chapters))


def test_the_chapters_are_many_and_differ_in_length(gold: Chapters) -> None:
    lengths = [chapter.end - chapter.start for chapter in gold.chapters]
    assert 6 <= len(lengths) <= 8
    assert all(30 <= length <= 110 for length in lengths)
    assert max(lengths) > 2 * min(lengths)


def test_the_captions_are_the_text_of_the_lecture() -> None:
    text = re.sub(
        r"<!--.*?-->", "", (ROOT / "scripts" / "sample_text.md").read_text("utf-8"), flags=re.S
    )
    spoken = [row for row in text.splitlines() if row and not row.startswith(("#", "- "))]
    captions = " ".join(caption for _, caption in _captions())
    assert captions.split() == " ".join(spoken).split()
    assert len(captions.split()) >= 800


def test_captions_have_at_most_two_lines_of_42_characters() -> None:
    rows = [caption.split("\n") for _, caption in _captions()]
    assert max(len(lines) for lines in rows) == 2
    assert max(len(line) for lines in rows for line in lines) <= 42


def test_every_chapter_starts_with_a_caption(gold: Chapters) -> None:
    starts = np.array([start for start, _ in _captions()])
    for start in gold.starts[1:]:
        assert np.abs(starts - start).min() < 0.01


def test_keyframes_are_at_most_ten_seconds_apart() -> None:
    with av.open(str(SAMPLE)) as container:
        stream = container.streams.video[0]
        keys = [
            float(packet.pts * packet.time_base)
            for packet in container.demux(stream)
            if packet.is_keyframe and packet.pts is not None
        ]
    assert keys[0] == 0.0
    assert max(after - before for before, after in pairwise(keys)) <= 10.001


def test_some_slides_change_within_a_chapter_and_one_changes_late(gold: Chapters) -> None:
    with av.open(str(SAMPLE)) as container:
        stream = container.streams.video[0]
        stream.codec_context.skip_frame = "NONKEY"
        changes, before = [], None
        for frame in container.decode(stream):
            image = frame.to_ndarray(format="gray").astype(np.int16)
            if before is not None and (np.abs(image - before) > 25).mean() > 0.01:
                changes.append(frame.time)
            before = image
    assert len(changes) == 12
    near = [min(abs(time - start) for start in gold.starts) for time in changes]
    assert sum(distance > 10 for distance in near) >= 5
    assert any(1 < distance < 10 for distance in near)


@pytest.mark.usefixtures("_scripts_importable")
def test_a_paragraph_is_split_into_cues_at_its_sentences() -> None:
    from sample_lecture import caption_cues

    text = "Good night. Mind the steps, they are slippery, and the water is coming in. Thank you."
    words = [Word(float(i), i + 0.9, word) for i, word in enumerate(text.split())]
    cues = caption_cues(words)
    assert " ".join(cue.text for cue in cues).split() == text.split()
    assert [cue.start for cue in cues] == [
        float(i) for i in _first_words([cue.text for cue in cues])
    ]
    assert cues[-1].end == words[-1].end
    assert all(cue.text[-1] in ".," for cue in cues)


def _first_words(texts: list[str]) -> list[int]:
    """Index of the first word of each text among the words of all texts."""
    counts = [len(text.split()) for text in texts]
    return [sum(counts[:index]) for index in range(len(counts))]


@pytest.mark.usefixtures("_scripts_importable")
def test_a_text_without_a_title_is_refused(tmp_path: Path) -> None:
    from sample_lecture import read_lecture

    script = tmp_path / "text.md"
    script.write_text("Only words.\n", "utf-8")
    with pytest.raises(ValueError, match="no title"):
        read_lecture(script)
