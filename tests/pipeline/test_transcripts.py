"""The transcript of a draft in each format."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from chapterize.captions import read_captions
from chapterize.data import Sentence, Signals, Slide
from chapterize.pipeline import Draft, Engines, Options, make_draft, transcript_text
from chapterize.segment import SegmentOptions
from tests.fakes import ScriptedTranscriber
from tests.texts import TOPICS, cues, write_srt


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    talk = write_srt(tmp_path / "talk.srt", cues())
    return make_draft(talk, Options(segment=SegmentOptions(count=3)))


def test_text_is_under_the_chapter_in_which_it_is_said(draft: Draft) -> None:
    blocks = transcript_text(draft, ".txt").split("\n\n")
    titles = [
        f"{time} {title}"
        for time, title in zip(("0:00", "0:39", "1:19"), draft.chapters.titles, strict=True)
    ]
    assert [block for block in blocks if block in titles] == titles
    for title, topic in zip(titles, TOPICS, strict=True):
        assert blocks[blocks.index(title) + 1].startswith(topic[0])


@pytest.mark.parametrize("suffix", [".srt", ".vtt"])
def test_subtitles_are_read_back_with_the_same_text(
    suffix: str, draft: Draft, tmp_path: Path
) -> None:
    path = tmp_path / f"said{suffix}"
    path.write_text(transcript_text(draft, suffix), encoding="utf-8")
    found = read_captions(path)
    said = " ".join(cue.text for cue in draft.transcript.cues)
    assert " ".join(cue.text for cue in found.cues) == said
    again = make_draft(path, Options(segment=SegmentOptions(count=3)))
    assert again.chapters.starts == pytest.approx(draft.chapters.starts, abs=0.01)


def test_json_holds_the_cues_of_the_source(draft: Draft) -> None:
    value = json.loads(transcript_text(draft, ".json"))
    assert [cue["text"] for cue in value["cues"]] == [cue.text for cue in draft.transcript.cues]
    assert value["source"] == "captions:file"
    assert value["duration"] == 119.5


def test_another_suffix_is_a_key_error(draft: Draft) -> None:
    with pytest.raises(KeyError):
        transcript_text(draft, ".docx")


def test_without_speech_every_format_is_empty(video_mp4: Path) -> None:
    transcriber = ScriptedTranscriber()
    transcriber.enqueue()
    silent = make_draft(video_mp4, engines=Engines(transcriber=transcriber))
    for suffix in (".srt", ".txt", ".md"):
        assert transcript_text(silent, suffix) == ""
    assert transcript_text(silent, ".vtt").startswith("WEBVTT\n")
    assert json.loads(transcript_text(silent, ".json"))["cues"] == []


def test_a_sentence_after_the_last_start_is_in_the_last_chapter(draft: Draft) -> None:
    late = Sentence(119.4, 119.5, "The very end of it all.")
    later = replace(draft, sentences=(*draft.sentences, late))
    assert transcript_text(later, ".txt").endswith("The very end of it all.\n")


def test_sentences_of_overlapping_cues_keep_their_order(draft: Draft) -> None:
    start = draft.chapters.starts[1]
    said = (
        Sentence(0.0, 5.0, "First."),
        Sentence(start + 1.0, start + 5.0, "Second."),
        Sentence(start - 1.0, start + 6.0, "Third."),
    )
    text = transcript_text(replace(draft, sentences=said), ".txt")
    after = text.partition(draft.chapters.titles[1])[2]
    assert after.index("Second.") < after.index("Third.")


def test_markdown_has_the_slide_headings_where_they_are_spoken_to(
    draft: Draft, video_mp4: Path
) -> None:
    first, second, third = draft.chapters.chapters
    pages = (
        Slide(0.0, 20.0, heading="Welcome", topic=0),
        Slide(20.0, 25.0, heading="Welcome", topic=0),
        Slide(25.0, second.start - 4.0, heading="Plan", topic=1),
        # Shown four seconds before the speech turns to it, and still during the third chapter.
        Slide(second.start - 4.0, third.start + 30.0, heading="Buoys", topic=2),
        Slide(third.start + 30.0, 119.5, "screen", topic=3),
    )
    shown = replace(draft, signals=Signals(pages=pages))
    lines = transcript_text(shown, ".md").strip().split("\n\n")
    assert [line for line in lines if line.startswith("#")] == [
        "# talk",
        f"## 0:00 {first.title}",
        "### Welcome",
        "### Plan",
        f"## 0:39 {second.title}",
        "### Buoys",
        f"## 1:19 {third.title}",
        "### Buoys",
    ]
    said = [line for line in lines if not line.startswith("#")]
    assert " ".join(said) == " ".join(each.text for each in draft.sentences)

    titled = replace(third, title="buoys!")
    chapters = replace(draft.chapters, chapters=(first, second, titled))
    media = replace(draft.media, path=video_mp4, has_video=True)
    moved = replace(shown, chapters=chapters, media=media)
    text = transcript_text(moved, ".md", video_mp4.parent / "notes")
    assert f"## [1:19](../{video_mp4.name}#t={third.start:g}) buoys!\n\n{TOPICS[2][0]}" in text
