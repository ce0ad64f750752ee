"""The transcript of a draft, in the formats it can be written in."""

from __future__ import annotations

from chapterize.captions import to_json, to_srt, to_text, to_webvtt
from chapterize.data import Chapter, Draft, Sentence
from chapterize.sentences import paragraphs, readable_cues, resentence
from chapterize.timecode import to_ms

__all__ = ["transcript_text"]


def transcript_text(draft: Draft, suffix: str) -> str:
    """What was said, in the format of a file's suffix: ``.srt``, ``.vtt``, ``.txt`` or ``.json``.

    Subtitles are made of the sentences, to be read; JSON has the cues of the source with the times
    of words. Text has the sentences in paragraphs under the titles of the chapters. Where nothing
    was said the result is empty, but for the header that WebVTT and JSON need.

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
    sentences = resentence(draft.transcript)
    if not sentences:
        return []
    spoken: list[list[Sentence]] = [[] for _ in draft.chapters.chapters]
    number = 0
    for sentence in sentences:
        # The last chapter begins before the end, but a sentence may begin after all of them.
        while number + 1 < len(spoken) and _begins(draft.chapters.chapters[number + 1], sentence):
            number += 1
        spoken[number].append(sentence)
    return [
        (chapter, paragraphs(said))
        for chapter, said in zip(draft.chapters.chapters, spoken, strict=True)
    ]


def _begins(chapter: Chapter, sentence: Sentence) -> bool:
    return to_ms(chapter.start) <= to_ms(sentence.start)
