"""Subtitle streams of media files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.captions import embedded_captions
from chapterize.data import Media, SubtitleStream, Transcript
from chapterize.errors import ToolError
from chapterize.ffmpeg import run

SRT = (
    "1\n00:00:01,000 --> 00:00:02,000\nHello <i>there</i>.\n\n"
    "2\n00:00:02,500 --> 00:00:03,500\nMore &amp; {n}.\n"
)
SAID = [(1.0, 2.0, "Hello there."), (2.5, 3.5, "More & {n}.")]
CHAPTER_LIST = "1\n00:00:00,000 --> 00:00:10,000\nOne\n\n2\n00:00:10,000 --> 00:00:20,000\nTwo\n"


def film(
    folder: Path, name: str, *subtitles: tuple[str, str], offset: float = 0.0, late: float = 0.0
) -> Path:
    """``ffmpeg -f lavfi -i color -itsoffset LATE -f lavfi -i sine -i N.srt … -c:s CODEC
    -output_ts_offset OFFSET`` : 4 s of black with a tone and subtitle streams."""
    import ffmpeg

    video = ffmpeg.input("color=size=32x32:rate=10:duration=4", f="lavfi")
    tone = ffmpeg.input("sine=duration=2", f="lavfi", itsoffset=late)
    streams = [video, tone]
    codecs: dict[str, str] = {}
    for number, (content, codec) in enumerate(subtitles):
        source = folder / f"{number}.{'vtt' if content.startswith('WEBVTT') else 'srt'}"
        source.write_text(content, encoding="utf-8")
        streams.append(ffmpeg.input(f"file:{source}"))
        codecs[f"c:s:{number}"] = codec
    target = folder / name
    node = ffmpeg.output(
        *streams, f"file:{target}", vcodec="mpeg4", acodec="aac", output_ts_offset=offset, **codecs
    )
    run(node, what="making a film")
    return target


def media(path: Path, *streams: SubtitleStream, origin: float = 0.0) -> Media:
    return Media(
        path=path,
        container="matroska",
        duration=4.0,
        size_bytes=path.stat().st_size,
        has_video=True,
        origin=origin,
        subtitles=streams,
    )


def said(transcript: Transcript | None) -> list[tuple[float, float, str]]:
    assert transcript is not None
    return [(cue.start, cue.end, cue.text) for cue in transcript.cues]


@pytest.mark.parametrize(
    ("name", "codec"),
    [("talk.mkv", "subrip"), ("talk.mp4", "mov_text"), ("-my 100% 講演.mkv", "ass")],
)
def test_text_streams_of_every_codec_are_read(tmp_path: Path, name: str, codec: str) -> None:
    path = film(tmp_path, name, (SRT, codec))
    found = embedded_captions(media(path, SubtitleStream(2, codec, language="eng")))
    assert said(found) == SAID
    assert found is not None
    assert (found.source, found.language, found.notes) == ("captions:embedded", "en", ())


def test_word_times_of_embedded_webvtt_are_kept(tmp_path: Path) -> None:
    content = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Bob>hello<00:00:01.300><c> there</c>\n"
    path = film(tmp_path, "talk.webm.mkv", (content, "copy"))
    found = embedded_captions(media(path, SubtitleStream(2, "webvtt")))
    assert said(found) == [(1.0, 2.0, "hello there")]
    assert found is not None
    assert [(word.start, word.text) for word in found.cues[0].words] == [
        (1.0, "hello"),
        (1.3, "there"),
    ]


def test_late_audio_and_a_late_start_keep_the_players_clock(tmp_path: Path) -> None:
    path = film(tmp_path, "talk.mkv", (SRT, "subrip"), offset=5.0, late=1.436)
    found = embedded_captions(media(path, SubtitleStream(2, "subrip"), origin=5.0))
    assert said(found) == SAID


def test_the_wanted_language_comes_before_the_default_stream(tmp_path: Path) -> None:
    path = film(tmp_path, "talk.mkv", (SRT, "subrip"), (SRT.replace("Hello", "Hallo"), "subrip"))
    english = SubtitleStream(2, "subrip", language="en")
    german = SubtitleStream(3, "subrip", language="ger", is_default=True)
    both = media(path, english, german)
    assert said(embedded_captions(both))[0][2] == "Hallo there."
    assert said(embedded_captions(both, language="en"))[0][2] == "Hello there."
    assert said(embedded_captions(both, language="de-AT"))[0][2] == "Hallo there."


def test_forced_streams_are_ignored(tmp_path: Path) -> None:
    path = film(tmp_path, "talk.mkv", (SRT, "subrip"))
    forced = SubtitleStream(2, "subrip", is_forced=True)
    assert embedded_captions(media(path, forced)) is None
    found = embedded_captions(media(path, replace(forced, is_forced=False)))
    assert said(found) == SAID
    assert found is not None
    assert found.notes == ()


def test_captions_are_preferred_to_a_chapter_track(tmp_path: Path) -> None:
    path = film(tmp_path, "talk.mkv", (CHAPTER_LIST, "subrip"), (SRT, "subrip"))
    found = embedded_captions(media(path, *(SubtitleStream(i, "subrip") for i in (2, 3))))
    assert said(found) == SAID
    assert found is not None
    assert "stream 2 is ignored: it is a list of chapters" in found.notes[0]


def test_without_streams_there_is_no_transcript(tmp_path: Path) -> None:
    path = film(tmp_path, "talk.mkv")
    assert embedded_captions(media(path)) is None


def test_a_missing_stream_is_a_tool_error_with_a_hint(tmp_path: Path) -> None:
    path = film(tmp_path, "talk.mkv")
    with pytest.raises(ToolError) as caught:
        embedded_captions(media(path, SubtitleStream(7, "subrip")))
    assert "--captions none" in caught.value.hint
    assert caught.value.command
