"""Write the transcript of a draft as subtitles, text or JSON."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

from chapterize.captions import to_json, to_srt, to_text, to_webvtt
from chapterize.data import Chapter, Sentence
from chapterize.pipeline.draft import Draft
from chapterize.sentences import paragraphs, readable_cues
from chapterize.timecode import to_ms

__all__ = ["transcript_text"]


def transcript_text(draft: Draft, suffix: str) -> str:
    """The transcript of a draft in the format of a suffix: ``.srt``, ``.vtt``, ``.txt``, ``.json``.

    Subtitles are made from the sentences and cut for reading. JSON has the cues of the source and
    the times of words. Text has the sentences in paragraphs under the chapter titles. Without
    speech the result is empty, except for the header of WebVTT and JSON.

    Raises
    ------
    KeyError : any other suffix.
    """
    transcript = draft.transcript
    write = {
        ".srt": lambda: to_srt(readable_cues(transcript)),
        ".vtt": lambda: to_webvtt(readable_cues(transcript), transcript.language),
        ".txt": lambda: to_text(_chapters(draft)),
        ".json": lambda: to_json(transcript, draft.media.duration),
    }
    return write[suffix]()


def _chapters(draft: Draft) -> list[tuple[Chapter, list[str]]]:
    if not draft.transcript.cues:
        return []
    spoken: list[list[Sentence]] = [[] for _ in draft.chapters.chapters]
    starts = [to_ms(start) for start in draft.chapters.starts[1:]]
    # Sentences of overlapping cues keep their order, even if one starts before the one before it.
    latest = accumulate((to_ms(sentence.start) for sentence in draft.sentences), max)
    for sentence, reached in zip(draft.sentences, latest, strict=True):
        spoken[bisect_right(starts, reached)].append(sentence)
    return [
        (chapter, paragraphs(said))
        for chapter, said in zip(draft.chapters.chapters, spoken, strict=True)
    ]
