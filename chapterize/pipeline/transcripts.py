"""Write the transcript of a draft as subtitles, text, Markdown or JSON."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from urllib.parse import quote

from chapterize.captions import Section, to_json, to_markdown, to_srt, to_text, to_webvtt
from chapterize.data import Chapter, Media, Sentence, Slide
from chapterize.pipeline.draft import Draft
from chapterize.sentences import paragraphs, readable_cues
from chapterize.timecode import to_ms

__all__ = ["media_address", "transcript_text"]

_EARLY = 10.0
"""Seconds by which a slide may come before the speech that turns to it."""


def transcript_text(draft: Draft, suffix: str, folder: Path | None = None) -> str:
    """The transcript of a draft by suffix: ``.srt``, ``.vtt``, ``.txt``, ``.md`` or ``.json``.

    Subtitles are made from the sentences and cut for reading. JSON has the cues of the source and
    the times of words. Text has the sentences in paragraphs under the chapter titles; Markdown
    also under the headings of the slides, with links from its times to the media. `folder` is
    where the Markdown file will be, by default next to the media.
    Without speech the result is empty, except for the header of WebVTT and JSON.

    Raises
    ------
    KeyError : any other suffix.
    """
    transcript = draft.transcript
    write = {
        ".srt": lambda: to_srt(readable_cues(transcript)),
        ".vtt": lambda: to_webvtt(readable_cues(transcript), transcript.language),
        ".txt": lambda: to_text([(each, paragraphs(said)) for each, said in _spoken(draft)]),
        ".md": lambda: _markdown(draft, folder),
        ".json": lambda: to_json(transcript, draft.media.duration),
    }
    return write[suffix]()


def media_address(media: Media, folder: Path | None = None) -> str | None:
    """The percent-encoded path of the media from `folder`, by default from its own.

    None for captions alone, which have no media.
    """
    if not (media.has_video or media.has_audio):
        return None
    path = os.path.relpath(media.path, media.path.parent if folder is None else folder)
    return quote(os.fsencode(Path(path).as_posix()))


def _markdown(draft: Draft, folder: Path | None) -> str:
    media = draft.media
    address = media_address(media, folder)
    pages = [page for page in draft.signals.pages if page.heading]
    chapters = [(each, list(_sections(each, said, pages))) for each, said in _spoken(draft)]
    return to_markdown(media.title or media.path.stem, chapters, address)


def _sections(
    chapter: Chapter, said: Sequence[Sentence], pages: Sequence[Slide]
) -> Iterator[Section]:
    """What is said in a chapter, under the heading of each new topic of the slides.

    A heading that is the title of the chapter is left out.
    """
    topic, heading = None, None
    rest = list(said)
    for page in pages:
        is_next = page.start >= chapter.end - _EARLY and page.end > chapter.end + _EARLY
        is_earlier = page.start < chapter.start and page.end <= chapter.start + _EARLY
        is_later = page.start >= chapter.end
        if is_next or is_earlier or is_later or page.topic == topic:
            continue
        topic = page.topic
        if page.heading is None or _bare(page.heading) == _bare(chapter.title):
            continue
        before = [each for each in rest if (each.start + each.end) / 2 < page.start]
        if before:
            yield heading, paragraphs(before)
        heading, rest = page.heading, rest[len(before) :]
    yield heading, paragraphs(rest)


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _spoken(draft: Draft) -> list[tuple[Chapter, list[Sentence]]]:
    """The sentences of each chapter; none without speech."""
    if not draft.transcript.cues:
        return []
    spoken: list[list[Sentence]] = [[] for _ in draft.chapters.chapters]
    starts = [to_ms(start) for start in draft.chapters.starts[1:]]
    # Sentences of overlapping cues keep their order, even if one starts before the one before it.
    latest = accumulate((to_ms(sentence.start) for sentence in draft.sentences), max)
    for sentence, reached in zip(draft.sentences, latest, strict=True):
        spoken[bisect_right(starts, reached)].append(sentence)
    return list(zip(draft.chapters.chapters, spoken, strict=True))
