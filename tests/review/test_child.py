"""Media are read in a child process, which fails with a reason and ends when asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.data import Media
from chapterize.errors import MediaError
from chapterize.media import open_media
from chapterize.review.child import ask_child, listen_to_child, speak
from chapterize.review.playback import plan_playback
from tests.conftest import MakeMedia


def test_a_child_answers_as_this_process_would(late_audio_mp4: Path) -> None:
    media = open_media(late_audio_mp4)
    answer = ask_child("playback", "tell_plan", media)
    assert answer["why"] == plan_playback(media).why
    assert tuple(answer["streams"]) == plan_playback(media).streams


def test_names_of_any_kind_reach_the_child(video_mp4: Path, tmp_path: Path) -> None:
    odd = tmp_path / 'it\'s a "talk" 日本語 $(x)\udcff.mp4'
    odd.write_bytes(video_mp4.read_bytes())
    assert ask_child("playback", "tell_plan", open_media(odd))["way"] == "direct"


def test_the_error_of_a_child_is_the_reason(video_mp4: Path, tmp_path: Path) -> None:
    gone = replace(open_media(video_mp4), path=tmp_path / "gone.mp4")
    with pytest.raises(MediaError, match=r"gone\.mp4 cannot be read.*no such file"):
        ask_child("playback", "tell_plan", gone)


def test_a_child_ends_when_nobody_reads_on(make_media: MakeMedia) -> None:
    """-f lavfi -i anoisesrc=duration=1200:sample_rate=16000"""
    path = make_media("hour.wav", "-f", "lavfi", "-i", "anoisesrc=duration=1200:sample_rate=16000")
    blocks = listen_to_child("peaks", "measure_peaks", open_media(path))
    assert isinstance(blocks, Iterator)
    assert next(blocks)
    blocks.close()  # type: ignore[attr-defined]


def test_the_child_writes_what_the_function_yields(
    video_mp4: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(media: Media, other: Path) -> Iterator[bytes]:
        yield media.path.name.encode()
        yield str(other).encode()

    monkeypatch.setattr("os.nice", lambda number: None)
    media = open_media(video_mp4)
    values = {"container": "mp4", "duration": 4.0, "size_bytes": 1, "has_video": True}
    speak(told, [json.dumps({**values, "path": str(media.path)}), json.dumps("other")])
    assert capfdbinary.readouterr().out == b"video.mp4other"
