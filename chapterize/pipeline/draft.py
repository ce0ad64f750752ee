"""The order of stages: media, transcript, sentences, vectors, boundaries, titles."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from chapterize.data import (
    Boundaries,
    Chapters,
    Draft,
    Media,
    OnNote,
    OnProgress,
    Pause,
    Sentence,
    Signals,
    Transcript,
    Vectors,
)
from chapterize.language import guess_language
from chapterize.media import decode_audio
from chapterize.pipeline.options import Engines, OnDownload, Options, embedder_of
from chapterize.pipeline.run import Run
from chapterize.pipeline.words import read
from chapterize.segment import other_divisions, segment, stretches
from chapterize.sentences import resentence
from chapterize.signals import find_pauses, find_slides
from chapterize.title import entitle, load_titler, numbered_titles
from chapterize.vectors import embed_sentences

__all__ = ["make_draft"]


def make_draft(
    path: Path,
    options: Options | None = None,
    *,
    engines: Engines | None = None,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
    on_download: OnDownload | None = None,
) -> Draft:
    """Chapters for one media or caption file.

    `on_note` hears each plain sentence the user should read, at once (before a download begins,
    for one); all of them are in ``Draft.notes`` too. `on_download` is called before a speech model
    is downloaded; if it returns False, the chapters come from pauses. None allows every download.

    Raises
    ------
    InputError : the file, the captions or the options cannot be used.
    EngineError, ToolError, MissingDependency : an engine that was asked for failed.
    """
    options, engines = options or Options(), engines or Engines()
    if options.titles_from is not None and engines.titler is None:
        # At once: a wrong address should not be found after an hour of listening.
        titler = load_titler(options.titles_from, options.titles_model, options.show_prompt)
        engines = replace(engines, titler=titler)
    run = Run(on_progress, on_note, on_download)
    began = time.perf_counter()
    media, transcript = read(path, options, engines, run)
    with run.stage("sentences"):
        sentences = resentence(transcript)
        language = options.language or transcript.language or media.language
        language = language or guess_language(" ".join(s.text for s in sentences[:400]))
        transcript = replace(transcript, language=language)
    signals = _signals(media, transcript, bool(sentences), run)
    if not sentences:
        sentences = stretches(signals, media.duration)
    boundaries = _divide(sentences, transcript, media, signals, options, engines, run)
    if options.segment.is_estimated and (others := other_divisions(boundaries)):
        run.note(others)
    chapters = _entitle(sentences, boundaries, transcript, media, engines, run)
    if not transcript.cues and transcript.source != "none":
        run.note(_nothing_said(media, chapters))
    run.timings["total"] = round(time.perf_counter() - began, 4)
    n_sentences = len(sentences) if transcript.cues else 0
    found = (media, transcript, n_sentences, boundaries, chapters)
    return Draft(*found, run.timings, tuple(run.notes), run.sent)


def _nothing_said(media: Media, chapters: Chapters) -> str:
    if len(chapters) == 1:
        left = "there is one chapter, named after the file"
    else:
        left = "the chapters come from slide changes"
    return f"No speech was found in {media.path.name}: {left}."


def _signals(media: Media, transcript: Transcript, has_text: bool, run: Run) -> Signals:
    pauses: tuple[Pause, ...] = ()
    slides: tuple[float, ...] = ()
    if media.has_video:
        with run.stage("slides"):
            slides = find_slides(media, on_progress=run.on_progress)
    # With words at hand their own times tell the pauses; listening again would cost minutes.
    if not has_text and transcript.source == "none" and media.has_audio:
        with run.stage("pauses"):
            pauses = find_pauses(decode_audio(media, on_progress=run.on_progress, on_note=run.note))
    return Signals(pauses, slides)


def _divide(
    sentences: tuple[Sentence, ...],
    transcript: Transcript,
    media: Media,
    signals: Signals,
    options: Options,
    engines: Engines,
    run: Run,
) -> Boundaries:
    vectors = Vectors(np.zeros((len(sentences), 1), dtype=np.float32))
    if transcript.cues:
        with run.stage("load"):
            embedder = engines.embedder or embedder_of(options, run.note, run.on_progress)
        with run.stage("vectors"):
            texts = [sentence.text for sentence in sentences]
            vectors = embed_sentences(embedder, texts, on_progress=run.on_progress)
    with run.stage("segment"):
        run.on_progress("finding boundaries", 0.0)
        return segment(
            sentences,
            vectors,
            media.duration,
            signals=signals,
            language=transcript.language,
            options=options.segment,
        )


def _entitle(
    sentences: tuple[Sentence, ...],
    boundaries: Boundaries,
    transcript: Transcript,
    media: Media,
    engines: Engines,
    run: Run,
) -> Chapters:
    first = boundaries.solutions[boundaries.chosen]
    starts = [float(boundaries.starts[i]) for i in first]
    if transcript.cues:
        with run.stage("load"):
            titler = engines.titler or load_titler()
        with run.stage("titles"):
            run.on_progress("finding titles", 0.0)
            texts = [
                [sentence.text for sentence in sentences[a:b]]
                for a, b in zip(first, [*first[1:], len(sentences)], strict=True)
            ]
            titles, run.sent = entitle(
                titler, texts, transcript.language, run.on_progress, run.note
            )
    elif len(first) == 1:
        titles = (media.path.stem,)
    else:
        titles = numbered_titles(len(first), transcript.language)
    chapters = Chapters.from_starts(starts, titles, media.duration)
    return replace(
        chapters,
        chapters=tuple(
            replace(
                chapter,
                confidence=round(float(boundaries.confidence[i]), 3),
                evidence=boundaries.evidence[i],
            )
            for chapter, i in zip(chapters.chapters, first, strict=True)
        ),
    )
